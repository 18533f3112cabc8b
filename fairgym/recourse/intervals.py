"""Statistics of a sample of people with their confidence intervals, and the difference between two samples.

Wilson's score interval for shares (Wilson, JASA 22:209, 1927), the bootstrap over people for means, the exact interval
from order statistics for medians. The interval of a difference comes from those of both samples by squaring and adding:
Newcombe, Statistics in Medicine 17:873 (1998), method 10, for shares; Zou and Donner, Statistics in Medicine 27:1693
(2008), for other statistics.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float, float]
"""A value with the ends of its interval."""
UNDEFINED: Interval = (np.nan, np.nan, np.nan)
RESAMPLES = 2000
BLOCK = 10**7
"""Numbers that the bootstrap draws at a time."""


def share(values: Floats, confidence: float) -> Interval:
    """Return the share of ones with Wilson's interval; NaN of nobody."""
    from scipy.stats import binomtest

    if not len(values):
        return UNDEFINED
    low, high = binomtest(int(values.sum()), len(values)).proportion_ci(confidence, method="wilson")
    return float(values.mean()), float(low), float(high)


def mean(values: Floats, confidence: float) -> Interval:
    """Return the mean with its bootstrap interval, which one value alone does not have; NaN of nobody."""
    from scipy.stats import bootstrap

    if not len(values):
        return UNDEFINED
    middle = float(values.mean())
    if len(values) == 1:
        return middle, np.nan, np.nan
    ends = bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=max(1, BLOCK // len(values)),
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return middle, float(ends.low), float(ends.high)


def median(values: Floats, confidence: float) -> Interval:
    """Return the median with its exact interval, whose ends are NaN where too few values give one; NaN of nobody."""
    return quantile(values, confidence, 0.5)


def quantile(values: Floats, confidence: float, share: float) -> Interval:
    """Return a quantile, a value of the sample but for the median, with its exact interval; values may be infinite."""
    from scipy.stats import quantile_test

    if not len(values):
        return UNDEFINED
    ends = quantile_test(values, p=share).confidence_interval(confidence)
    middle = np.median(values) if share == 0.5 else np.quantile(values, share, method="inverted_cdf")
    return float(middle), float(ends.low), float(ends.high)


def difference(here: Interval, there: Interval) -> Interval:
    """Return the difference of two independent values with its interval, made of theirs by squaring and adding."""
    gap = here[0] - there[0]
    low = gap - np.hypot(here[0] - here[1], there[2] - there[0])
    high = gap + np.hypot(here[2] - here[0], there[0] - there[1])
    return gap, float(low), float(high)
