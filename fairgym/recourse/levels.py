"""Levels: the distinct values of a column, and which of them everybody has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NARROW = 4
"""A column of whole numbers is counted instead of sorted if they lie within so many times its length."""


class Levels(NamedTuple):
    """A column (n,) as distinct values and places among them."""

    values: NDArray[np.float64]  # distinct, ascending
    code: NDArray[np.int32]  # (n,), the place of everybody's value


def levels_of(column: NDArray[np.float64]) -> Levels:
    """Return the distinct values of a column (n,), ascending, and the place among them of every entry, (n,)."""
    column = np.ascontiguousarray(column)
    lowest, highest = column.min(), column.max()
    if float(highest) - float(lowest) <= NARROW * len(column):
        step = (column - lowest).astype(np.int64)
        if (step + lowest == column).all():
            counts = np.bincount(step)
            place = np.cumsum(counts > 0, dtype=np.int32) - np.int32(1)
            return Levels(np.flatnonzero(counts) + lowest, place[step])
    levels, code = np.unique(column, return_inverse=True)
    return Levels(levels, code.astype(np.int32))
