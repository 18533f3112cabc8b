"""Observations of many lanes as rows of numbers, as ``gymnasium.spaces.flatten`` does for one."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from fairgym.agents.base import Arrays
from fairgym.batch import Array, Numbers
from fairgym.checks import InputError


def flatten_lanes(space: spaces.Dict, observation: Arrays) -> Numbers:
    """Return one row per lane, (n, flatdim(space)): the keys in the order of ``space``, categories one-hot.

    ``space`` is that of one lane; row i equals ``gymnasium.spaces.flatten(space, observation of lane i)``.
    """
    parts = [_flat(key, part, np.asarray(observation[key])) for key, part in space.spaces.items()]
    return np.concatenate(parts, axis=1, dtype=np.float64)


def _flat(key: str, space: spaces.Space[Any], values: Array) -> Array:
    rows = len(values)
    if isinstance(space, (spaces.Box, spaces.MultiBinary)):
        return values.reshape(rows, -1)
    if isinstance(space, spaces.Discrete):
        return _one_hot(values - space.start, int(space.n))
    if isinstance(space, spaces.MultiDiscrete):
        columns, sizes = (values - space.start).reshape(rows, -1), space.nvec.ravel()
        return np.concatenate([_one_hot(columns[:, i], int(size)) for i, size in enumerate(sizes)], axis=1)
    raise InputError(
        f"observation {key!r} is a {type(space).__name__}, which has no flat form here: leave it out of `features`."
    )


def _one_hot(categories: Array, size: int) -> Array:
    return np.equal(categories[:, None], np.arange(size))
