"""Isotonic regression of many short columns at once: pool adjacent violators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Numbers


def isotonic(values: Numbers, weights: Numbers) -> Numbers:
    """Return the numbers nearest to ``values`` in weighted squares that do not fall along axis 0; shapes (C, ...).

    Where a column falls, neighbours are pooled into blocks that share their weighted mean. Seen as slopes, these are
    the edges of the convex hull of the column's cumulative sums: with ``values`` the repayment by score and
    ``weights`` the people, the hull of the ROC curve. A column that does not fall stays as it is. Entries of weight
    zero count as infinitely light.
    """
    falls = values[1:] < values[:-1]
    if not falls.any():
        return values
    falling = falls.any(axis=0)
    result = values.copy()
    result[:, falling] = _pooled(values[:, falling], weights[:, falling])
    return result


def _pooled(values: Numbers, weights: Numbers) -> Numbers:
    """Pool adjacent violators in every column, from the first entry to the last; (C, k).

    At entry c, row c holds the block that ends there and ``before[c]`` the last entry of the block before it (-1:
    none). As long as that block's mean is higher, the two become one. Source: Barlow, Bartholomew, Bremner and Brunk,
    "Statistical inference under order restrictions" (1972).
    """
    entries, columns = values.shape
    sums = np.stack([weights * values, weights, values, np.ones_like(values)])
    mean = values.copy()
    before = np.repeat(np.arange(-1, entries - 1)[:, None], columns, axis=1)
    for entry in range(1, entries):
        column = np.arange(columns)
        while True:
            previous = before[entry, column]
            violating = (previous >= 0) & (mean[previous, column] > mean[entry, column])
            if not violating.any():
                break
            column, previous = column[violating], previous[violating]
            sums[:, entry, column] += sums[:, previous, column]
            mean[entry, column] = _mean(sums[:, entry, column])
            before[entry, column] = before[previous, column]
    return _spread(mean, before)


def _mean(sums: Numbers) -> Numbers:
    """Return the weighted mean, or the plain one where there is no weight, from the sums of a block; (k,)."""
    weighted, weight, plain, count = sums
    mean: Numbers = np.divide(weighted, weight, out=plain / count, where=weight > 0)
    return mean


def _spread(mean: Numbers, before: NDArray[np.intp]) -> Numbers:
    """Return for every entry the mean of its block; (C, k)."""
    result = np.empty_like(mean)
    column = np.arange(mean.shape[1])
    last = np.full(mean.shape[1], len(mean) - 1)
    for entry in reversed(range(len(mean))):
        result[entry] = mean[last, column]
        last = np.where(before[last, column] == entry - 1, entry - 1, last)
    return result
