"""The loop that a user would write by hand, on a single or a vector environment."""

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import numpy as np

import fairgym  # noqa: F401 - registers the worlds
from fairgym.agents import Agent, Transition
from fairgym.batch import Array
from fairgym.outcome import lane_view, transition_view

Info = Mapping[str, Any]


def unchanged(info: Info) -> Info:
    return info


def play(
    env: Any,
    agent: Agent,
    steps: int,
    seed: int = 0,
    *,
    shown: Callable[[Info], Info] = unchanged,
    told: Callable[[Info], Info] = unchanged,
) -> list[dict[str, Array]]:
    """Play and return what happened to the people of each step, arrays (n,), with ``live``, ``reward``, ``action``.

    ``shown`` changes the info that the agent acts on, ``told`` the outcome that it learns from.
    """
    observation, info = env.reset(seed=seed)
    agent.reset(env, seed)
    lanes = agent.num_envs
    happened = []
    for _ in range(steps):
        action = agent.act(observation, shown(info))
        seen = observation
        observation, reward, terminated, truncated, info = env.step(action)
        outcome, live = transition_view(info, lanes)
        transition = Transition(
            lane_view(seen, lanes),
            np.atleast_1d(action),
            np.atleast_1d(reward),
            lane_view(observation, lanes),
            dict(told(outcome)),
            live,
            np.atleast_1d(terminated),
        )
        agent.learn(transition)
        of_people = {key: value for key, value in outcome.items() if value.ndim == 1}
        happened.append(of_people | {"live": live, "reward": transition.reward, "action": transition.action})
        if lanes is None and (terminated or truncated):
            break
    return happened


def lending(num_envs: int | None = None, **params: Any) -> Any:
    """Return the lending world, single or native vector."""
    if num_envs is None:
        return gym.make("LendingEnv-v0", **params)
    return gym.make_vec("LendingEnv-v0", num_envs=num_envs, vectorization_mode="vector_entry_point", **params)


def features(num_envs: int | None = None, **params: Any) -> Any:
    """Return the feature world, single or native vector."""
    if num_envs is None:
        return gym.make("FeatureLendingEnv-v0", **params)
    return gym.make_vec("FeatureLendingEnv-v0", num_envs=num_envs, vectorization_mode="vector_entry_point", **params)


def decisions(happened: list[dict[str, Array]]) -> Array:
    """Return the actions, (steps, n)."""
    return np.stack([step["action"] for step in happened])


def by_group(happened: list[dict[str, Array]], what: Callable[[dict[str, Array]], Array]) -> Array:
    """Return the sum over steps of ``what`` (n,) by lane and group, (n, 2)."""
    return sum(
        np.where((step["group"][:, None] == np.arange(2)) & step["live"][:, None], what(step)[:, None], 0.0)
        for step in happened
    )
