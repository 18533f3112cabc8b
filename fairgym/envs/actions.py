"""Actions are checked at the door: shape, dtype and range, for n lanes at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from fairgym.batch import Array
from fairgym.checks import InputError


def check_actions(space: spaces.Space[Any], actions: object, num_envs: int) -> Array:
    """Return the actions of n lanes as one array of the space's dtype, or refuse them.

    ``space`` is the action space of one lane. Shape (n, 1) is accepted for a Discrete space, because some RL
    libraries send it. Nothing is clipped or rounded.
    """
    array = np.asarray(actions)
    if isinstance(space, spaces.Discrete):
        if array.shape == (num_envs, 1):
            array = array[:, 0]
        low, high = int(space.start), int(space.start + space.n - 1)
        return _whole(array, (num_envs,), low, high, f"Discrete({space.n}): whole numbers {low} to {high}")
    if isinstance(space, spaces.MultiDiscrete):
        low_each, high_each = space.start, space.start + space.nvec - 1
        return _whole(array, (num_envs, *space.shape), low_each, high_each, f"{space}: whole numbers")
    if isinstance(space, spaces.MultiBinary):
        return _whole(array, (num_envs, *space.shape), 0, 1, f"{space}: zeros and ones")
    assert isinstance(space, spaces.Box)
    return _real(array, (num_envs, *space.shape), space)


def _whole(array: Array, shape: tuple[int, ...], low: Any, high: Any, wanted: str) -> Array:
    _check_shape(array, shape)
    if array.dtype.kind not in "iu":
        raise InputError(f"actions have dtype {array.dtype}, but the space is {wanted}: give an integer dtype.")
    outside = (array < low) | (array > high)
    if outside.any():
        raise InputError(f"action {array[outside][0]} is outside the action space {wanted}.")
    return array.astype(np.int64, copy=False)


def _real(array: Array, shape: tuple[int, ...], space: spaces.Box) -> Array:
    _check_shape(array, shape)
    if array.dtype.kind not in "fiu":
        raise InputError(f"actions have dtype {array.dtype}, but the space is {space}: give real numbers.")
    outside = ~((array >= space.low) & (array <= space.high))
    if outside.any():
        raise InputError(f"action {array[outside][0]} is outside the action space {space}.")
    return array.astype(space.dtype, copy=False)


def _check_shape(array: Array, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise InputError(f"actions have shape {array.shape}, but {shape} is needed: one action per lane.")
