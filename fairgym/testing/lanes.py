"""check_lanes: a lane of a vector environment is the single environment under its seed, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.vector import SyncVectorEnv, VectorEnv

from fairgym.batch import Array, Mask
from fairgym.envs.autoreset import AutoresetMode
from fairgym.testing.basics import difference, flat, law, law_of, random_actions


class Ends(NamedTuple):
    """How many episodes of a run ended, and how."""

    terminated: int
    truncated: int


def check_lanes(
    env_id: str,
    *,
    num_envs: int = 7,
    seed: int = 0,
    autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP,
    steps: int = 100,
    max_episode_steps: int = 25,
    **params: Any,
) -> Ends:
    """Check that lane i of the vector environment is the single environment under seed s + i, bit for bit.

    The native vector environment is compared with ``SyncVectorEnv``, and three of its lanes with single environments:
    observations, rewards, flags, infos and their masks. Without ``params`` the world runs with its ``short_episode``.
    Returns how many episodes ended.
    """
    params = params or dict(law_of(env_id).short_episode)
    make: dict[str, Any] = {"id": env_id, "max_episode_steps": max_episode_steps, **params}
    native = gym.make_vec(num_envs=num_envs, autoreset_mode=autoreset_mode, **make)
    sync = SyncVectorEnv([lambda: gym.make(**make)] * num_envs, autoreset_mode=autoreset_mode)
    seeds = [seed + lane for lane in range(num_envs)]
    actions = random_actions(native.single_action_space, seeds, steps)
    run = list(_vector_run(native, seed, actions))
    for index, (ours, theirs) in enumerate(zip(run, _vector_run(sync, seed, actions), strict=True)):
        wrong = difference(flat(ours.returned), flat(theirs.returned))
        law(wrong is None, f"{wrong} of the native vector environment is not that of SyncVectorEnv in call {index}.")
    for lane in sorted({0, num_envs // 3, num_envs - 1}):
        rows = [flat(_row(call.returned, lane)) for call in run if call.lanes[lane]]
        single = _single_run(gym.make(**make), seeds[lane], actions[:, lane], autoreset_mode)
        for index, (ours_, alone) in enumerate(zip(rows, single, strict=True)):
            wrong = difference(ours_, flat(alone))
            law(wrong is None, f"{wrong} of lane {lane} is not that of the single environment in call {index}.")
    native.close()
    sync.close()
    over = np.array([[call.returned[2].sum(), call.returned[3].sum()] for call in run]).sum(axis=0)
    return Ends(int(over[0]), int(over[1]))


Returned = tuple[Any, Any, Any, Any, dict[str, Any]]
"""Observation, reward, terminated, truncated and info, of a single or of a vector environment."""


class Call(NamedTuple):
    """What a call of ``reset`` or ``step`` returned, and the lanes that it was about."""

    returned: Returned
    lanes: Mask


def _vector_run(env: VectorEnv[Any, Any, Any], seed: int, actions: Array) -> Iterator[Call]:
    """Run a vector environment under any autoreset mode, handing it the same buffer of actions in every step."""
    everybody = np.ones(env.num_envs, dtype=np.bool_)
    nothing = np.zeros(env.num_envs), ~everybody, ~everybody
    buffer = np.empty_like(actions[0])
    observation, info = env.reset(seed=seed)
    yield Call((observation, *nothing, info), everybody)
    for action in actions:
        buffer[...] = action
        returned = env.step(buffer)
        yield Call(returned, everybody)
        over = returned[2] | returned[3]
        if env.metadata["autoreset_mode"] is AutoresetMode.DISABLED and over.any():
            observation, info = env.reset(options={"reset_mask": over.copy()})
            yield Call((observation, *nothing, info), over)


def _single_run(env: gym.Env[Any, Any], seed: int, actions: Array, mode: AutoresetMode) -> Iterator[Returned]:
    """Run a single environment the way that a vector environment runs each of its lanes."""
    observation, info = env.reset(seed=seed)
    yield observation, 0.0, False, False, info
    over = False
    for action in actions:
        if over and mode is AutoresetMode.NEXT_STEP:
            observation, info = env.reset()
            yield observation, 0.0, False, False, info
            over = False
            continue
        observation, reward, terminated, truncated, info = env.step(action.item() if action.ndim == 0 else action)
        over = terminated or truncated
        if over and mode is AutoresetMode.SAME_STEP:
            ended = {"final_obs": observation, "final_info": info}
            observation, info = env.reset()
            info = info | ended
        yield observation, reward, terminated, truncated, info
        if over and mode is AutoresetMode.DISABLED:
            observation, info = env.reset()
            yield observation, 0.0, False, False, info


def _row(returned: Returned, lane: int) -> Returned:
    """Return one lane of what a vector environment returned, as a single environment would have."""
    observation, *numbers, info = returned
    reward, terminated, truncated = (number[lane] for number in numbers)
    return (
        {key: value[lane] for key, value in observation.items()},
        reward,
        terminated,
        truncated,
        _info_row(info, lane),
    )


def _info_row(info: Mapping[str, Any], lane: int) -> dict[str, Any]:
    keys = [key for key in info if not key.startswith("_") and info[f"_{key}"][lane]]
    return {key: _info_row(info[key], lane) if isinstance(info[key], dict) else info[key][lane] for key in keys}
