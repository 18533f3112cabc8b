"""check_agent: the laws that a decision rule must keep."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import numpy as np

from fairgym.agents.base import Agent, Transition
from fairgym.batch import Array
from fairgym.checks import InputError
from fairgym.envs.actions import check_actions
from fairgym.outcome import HIDDEN, lane_view, transition_view
from fairgym.testing.basics import frozen, law, same

OPEN_KEYS = ("group", "observed_score", "decision")
"""Keys of the info that are no secret: the decision maker saw them or did them. The utility of each person or site is
not among them, since some worlds pay for what nobody sees, such as missed incidents; the reward is for all to know."""
TOLD_KEYS = ("qualified", "outcome_repaid")
"""Keys of the info that the decision maker learns about the people it accepted, and about nobody else."""

View = Callable[[Mapping[str, Any]], dict[str, Any]]
"""What an agent gets to see of an info."""


def check_agent(
    agent: Agent, env_id: str, *, num_envs: int = 5, steps: int = 300, seed: int = 0, **params: Any
) -> None:
    """Check a decision rule in a registered world; ``params`` are those of the world.

    The run should be long enough for the rule to leave its burn-in. The agent itself is not changed: copies run.
    """
    name = type(agent).__name__

    def decisions(lanes: int | None, first: int = 0, view: View = dict, warmed: bool = False) -> Array:
        own = copy.deepcopy(agent)
        if warmed:
            _play(own, _make(env_id, lanes, params), seed + first + 1, steps, view)
        return _play(own, _make(env_id, lanes, params), seed + first, steps, view)

    together, alone = decisions(num_envs), decisions(1)
    law(same(together, decisions(num_envs)), f"{name} decides differently under the same seed: draw from luck() only.")
    law(same(together, decisions(num_envs, warmed=True)), f"{name}.reset() does not forget the run before.")
    law(same(alone, decisions(None)), f"{name} decides differently in a single environment than in a vector of one.")
    for lane in range(0 if agent.lanes_share else num_envs):
        law(
            same(together[:, lane : lane + 1], decisions(1, lane)),
            f"{name}: the decisions of lane {lane} depend on the other lanes: keep one memory per lane, or declare "
            f"lanes_share = True.",
        )
    for view in () if agent.oracle else (without_truth, with_false_truth):
        try:
            honest = same(together, decisions(num_envs, view=view))
        except (KeyError, InputError) as error:
            raise AssertionError(f"{name} reads hidden truth from info ({error}): declare oracle = True.") from error
        law(honest, f"{name} decides differently where the hidden truth in info is another: declare oracle = True.")


def without_truth(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return an info without what the decision maker cannot know."""
    known = {key: value for key, value in info.items() if key[0] == "_" or key in OPEN_KEYS}
    return known | _told(info, lambda truth: np.full_like(truth, HIDDEN))


def with_false_truth(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return an info in which the decision maker is told nonsense about what it cannot know."""
    nonsense = {key: 1 - np.flip(truth, axis=-1) for key, truth in info.items() if key[0] != "_" and np.ndim(truth)}
    return nonsense | without_truth(info) | _told(info, lambda truth: 1 - truth)


def _told(info: Mapping[str, Any], of_rejected: Callable[[Array], Array]) -> dict[str, Any]:
    """Return what is told about the people: the truth about the accepted, something else about the rejected."""
    return {
        key: np.where(np.asarray(info["decision"]) == 1, info[key], of_rejected(np.asarray(info[key])))
        for key in TOLD_KEYS
        if key in info
    }


def _make(env_id: str, lanes: int | None, params: Mapping[str, Any]) -> Any:
    return gym.make(env_id, **params) if lanes is None else gym.make_vec(env_id, num_envs=lanes, **params)


def _play(agent: Agent, env: Any, seed: int, steps: int, view: View) -> Array:
    """Run one episode per lane on read-only copies and return the decisions, (steps, n, ...), 0 after the end.

    The agent is called as ``fairgym.experiment.rollout`` calls it, but a single environment will do too.
    """
    observation, info = env.reset(seed=seed)
    agent.reset(env, seed)
    made = np.zeros((steps, agent.lanes, *agent.action_space.shape), dtype=agent.action_space.dtype)
    unfinished = np.ones(agent.lanes, dtype=np.bool_)
    for decisions in made:
        action = _unwritten(agent, agent.act, frozen(observation), frozen(view(info)))
        actions, seen = _checked(agent, action), observation
        observation, reward, terminated, truncated, info = env.step(action)
        outcome, live = transition_view(info, agent.num_envs)
        live = live & unfinished
        if live.any():
            decisions[live] = actions[live]
            before, after = (frozen(lane_view(one, agent.num_envs)) for one in (seen, observation))
            rewards = np.asarray(reward, dtype=np.float64).reshape(agent.lanes)
            ended = np.asarray(terminated, dtype=np.bool_).reshape(agent.lanes)
            what = Transition(before, actions, rewards, after, frozen(view(outcome)), live, ended)
            _unwritten(agent, agent.learn, what)
        _check_diagnostics(agent)
        unfinished &= ~np.logical_or(terminated, truncated)
        if not unfinished.any():
            break
    env.close()
    return made


def _unwritten(agent: Agent, call: Callable[..., Any], *given: Any) -> Any:
    """Call the agent with arrays that refuse to be written into."""
    try:
        return call(*given)
    except ValueError as error:
        law("read-only" not in str(error), f"{type(agent).__name__} writes into what it is given: work on copies.")
        raise


def _checked(agent: Agent, action: Any) -> Array:
    try:
        return check_actions(agent.action_space, [action] if agent.num_envs is None else action, agent.lanes)
    except InputError as error:
        raise AssertionError(f"{type(agent).__name__} acts outside of the action space: {error}") from error


def _check_diagnostics(agent: Agent) -> None:
    for key, values in agent.diagnostics().items():
        law(
            np.ndim(values) in (1, 2) and len(values) == agent.lanes,
            f"diagnostic {key!r} of {type(agent).__name__} has shape {np.shape(values)}: it must be (n,) or (n, G).",
        )
