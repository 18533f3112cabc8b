"""Differences between two measurements of the same people, with bootstrap intervals over people."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fairgym.recourse.costs import Floats
from fairgym.recourse.intervals import BLOCK, RESAMPLES, UNDEFINED, Interval

Reduce = Callable[..., Floats]
"""Such as ``np.mean`` or ``np.median``: takes an array and an axis."""


def paired_difference(here: Floats, there: Floats, reduce: Reduce, confidence: float) -> Interval:
    """Return ``reduce(here) - reduce(there)`` of the same people (n,), with its bootstrap interval.

    The same people are drawn for both, so that what they have in common cancels out. Values may be infinite; the ends
    are NaN where a resample's difference is undefined, and for one person alone.
    """
    if not len(here):
        return UNDEFINED
    with np.errstate(invalid="ignore"):
        gap = float(reduce(here, axis=0) - reduce(there, axis=0))
    if len(here) == 1:
        return gap, np.nan, np.nan
    rng, parts = np.random.default_rng(0), []
    step = max(1, BLOCK // len(here))
    for start in range(0, RESAMPLES, step):
        drawn = rng.integers(0, len(here), (min(step, RESAMPLES - start), len(here)))
        with np.errstate(invalid="ignore"):
            parts.append(reduce(here[drawn], axis=1) - reduce(there[drawn], axis=1))
    gaps = np.concatenate(parts)
    if np.isnan(gaps).any():
        return gap, np.nan, np.nan
    tail = (1 - confidence) / 2
    low, high = (np.quantile(gaps, share, method="inverted_cdf") for share in (tail, 1 - tail))
    return gap, float(low), float(high)
