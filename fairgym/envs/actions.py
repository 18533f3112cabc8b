"""Actions are checked at the door: shape, dtype and range, for n lanes at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from fairgym.batch import Array
from fairgym.checks import InputError


def check_actions(space: spaces.Space[Any], actions: object, num_envs: int) -> Array:
    """Return the actions of n lanes as one new array of the space's dtype, or refuse them.

    ``space`` is the action space of one lane. Shape (n, 1) is accepted for a Discrete space, because some RL
    libraries send it, and so are zeros and ones in single precision for a MultiBinary one: Stable-Baselines3 draws
    those as float32. Other floats are refused, even 1.0 in double precision: no library sends them, so they are likely
    to be something else, such as probabilities. Nothing is clipped or rounded. The array is a copy, so that a caller
    who reuses a buffer of actions does not change what was reported about the steps before.
    """
    try:
        array = np.asarray(actions)
    except ValueError as error:  # rows of unequal length
        raise InputError(f"actions are not one array of numbers: give one action of {space} per lane.") from error
    if isinstance(space, spaces.Discrete):
        if array.shape == (num_envs, 1):
            array = array[:, 0]
        return _whole(array, (num_envs,), space.start, space.start + space.n - 1, space)
    if isinstance(space, spaces.MultiDiscrete):
        return _whole(array, (num_envs, *space.shape), space.start, space.start + space.nvec - 1, space)
    if isinstance(space, spaces.MultiBinary):
        if array.dtype == np.float32 and ((array == 0) | (array == 1)).all():
            array = array.astype(np.int8)
        return _whole(array, (num_envs, *space.shape), 0, 1, space)
    assert isinstance(space, spaces.Box)
    return _real(array, (num_envs, *space.shape), space)


def check_action(space: spaces.Space[Any], action: object) -> Array:
    """Return the action of a single environment as a batch of one, or refuse it."""
    if isinstance(space, spaces.Discrete) and type(action) is int and 0 <= action - space.start < space.n:
        return np.array([action])  # the common case, without the detour over arrays
    return check_actions(space, [action], 1)


def _whole(array: Array, shape: tuple[int, ...], low: Any, high: Any, space: spaces.Space[Any]) -> Array:
    _check_shape(array, shape)
    if array.dtype.kind not in "iu":
        raise InputError(f"actions have dtype {array.dtype}, but the space is {_wanted(space)}: give an integer dtype.")
    outside = (array < low) | (array > high)
    if outside.any():
        raise InputError(f"action {array[outside][0]} is outside the action space {_wanted(space)}.")
    return array.astype(np.int64)


def _real(array: Array, shape: tuple[int, ...], space: spaces.Box) -> Array:
    _check_shape(array, shape)
    if array.dtype.kind not in "fiu":
        raise InputError(f"actions have dtype {array.dtype}, but the space is {space}: give real numbers.")
    outside = ~((array >= space.low) & (array <= space.high))
    if outside.any():
        raise InputError(f"action {array[outside][0]} is outside the action space {space}.")
    return array.astype(space.dtype)


def _check_shape(array: Array, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise InputError(f"actions have shape {array.shape}, but {shape} is needed: one action per lane.")


def _wanted(space: spaces.Space[Any]) -> str:
    """Return what a space of whole numbers takes, in words; only a refusal pays for it."""
    if isinstance(space, spaces.Discrete):
        return f"Discrete({space.n}): whole numbers {space.start} to {space.start + space.n - 1}"
    return f"{space}: {'zeros and ones' if isinstance(space, spaces.MultiBinary) else 'whole numbers'}"
