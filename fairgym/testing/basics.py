"""What all checks share: a law and its sentence, sameness bit for bit, copies that cannot be written into."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from fairgym.batch import Array
from fairgym.envs.dynamics import Dynamics

AnyDynamics = Dynamics[Any, Any, Any]
Arrays = dict[str, Array]


def law(holds: bool, sentence: str) -> None:
    """Raise ``AssertionError(sentence)`` unless the law holds."""
    if not holds:
        raise AssertionError(sentence)


def same(left: Array, right: Array) -> bool:
    """Return whether two arrays are the same bit for bit, dtype and shape included."""
    left, right = np.asarray(left), np.asarray(right)
    return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()


def difference(left: Mapping[str, Array], right: Mapping[str, Array]) -> str | None:
    """Return the first key under which two sets of arrays are not the same, or None."""
    keys = [*left, *(key for key in right if key not in left)]
    return next((key for key in keys if key not in left or key not in right or not same(left[key], right[key])), None)


def flat(value: Any, name: str = "") -> Arrays:
    """Return everything that ``reset`` or ``step`` returned as arrays, each under the path to it."""
    if isinstance(value, tuple):
        parts = ("observation", "reward", "terminated", "truncated", "info")
        value = dict(zip(parts if len(value) == len(parts) else (parts[0], parts[-1]), value, strict=True))
    elif isinstance(value, np.ndarray) and value.dtype == object:
        value = {str(lane): one for lane, one in enumerate(value) if one is not None}
    if isinstance(value, Mapping):
        items = [flat(one, f"{name} {key}".strip()) for key, one in value.items()]
        return {path: array for item in items for path, array in item.items()}
    return {name: np.asarray(value)}


def frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return copies that refuse to be written into; numbers stay numbers."""
    copies = {key: value.copy() if isinstance(value, np.ndarray) else value for key, value in values.items()}
    for value in copies.values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return copies


def random_actions(space: spaces.Space[Any], seeds: list[int], steps: int) -> Array:
    """Return ``steps`` random actions for each lane, (steps, n, ...); those of a lane depend on its seed alone."""
    lanes = []
    for seed in seeds:
        own = copy.deepcopy(space)
        own.seed(seed)
        lanes.append([own.sample() for _ in range(steps)])
    return np.stack([np.asarray(lane) for lane in lanes], axis=1)


def law_of(env_id: str) -> AnyDynamics:
    """Return the law behind a registered id, with its default parameters."""
    dynamics = getattr(gym.make(env_id).unwrapped, "dynamics", None)
    law(isinstance(dynamics, Dynamics), f"{env_id} has no law: its class must be a FairEnv with a dynamics_type.")
    assert isinstance(dynamics, Dynamics)
    return dynamics
