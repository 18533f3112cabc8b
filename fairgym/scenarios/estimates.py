"""Measurements made of one number per lane: their mean, and the ratio of two means."""

from __future__ import annotations

import numpy as np

from fairgym.result import Numbers, estimate
from fairgym.scenarios.base import Measurement


def over_lanes(values: Numbers) -> Measurement:
    """Return the mean of one number per lane, (n,), with its interval; undefined lanes are left out."""
    return Measurement.of(estimate(values))


def quotient(above: Numbers, below: Numbers) -> Measurement:
    """Return the ratio of two means over lanes, (n,) each, with the interval of its linear approximation.

    So the error of the mean below the line counts as well. Lanes in which one of the two is undefined are left out; NaN
    where the mean below the line is 0 or nothing is known.
    """
    known = ~(np.isnan(above) | np.isnan(below))
    above, below = above[known], below[known]
    if not known.any() or below.mean() == 0:
        return Measurement.exact(np.nan)
    ratio = above.mean() / below.mean()
    return over_lanes(ratio + (above - ratio * below) / below.mean())
