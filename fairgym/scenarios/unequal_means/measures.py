"""How the numbers of the claims are measured.

A gap is that of the second group, the one with fewer resources, minus the first, lane by lane and signed, so that luck
averages out. A *relative* gap is divided by the mean of the first group.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fairgym.metrics.base import ratio
from fairgym.result import Numbers, Result, estimate
from fairgym.scenarios.base import Measurement
from fairgym.scenarios.estimates import quotient
from fairgym.scenarios.recourse_over_time.measures import gaps, values, wider
from fairgym.scenarios.unequal_means.names import (
    ASKS_GROUP,
    AWARE,
    CONTROL,
    FOLLOW,
    LOWER_MEAN,
    MEAN,
    ON_PAPER,
    SWEPT,
    with_mean,
)


def oriented(numbers: Numbers) -> Numbers:
    """Return numbers with the sign that makes their mean over lanes positive, (n,): a unit to measure in."""
    turned: Numbers = numbers * np.sign(estimate(numbers).mean)
    return turned


def relative_gaps(result: Result, metric: str, experiment: str) -> Numbers:
    """Return the gap in each lane as a share of the first group's mean over lanes, (n,)."""
    first = values(result, metric, experiment, result.groups[0])
    return ratio(gaps(result, metric, experiment), np.asarray(estimate(first).mean))


def against_following(result: Result, metric: str, experiment: str = AWARE) -> Measurement:
    """Return a relative gap in units of the size of the relative gap in following."""
    return quotient(relative_gaps(result, metric, experiment), oriented(relative_gaps(result, FOLLOW, experiment)))


def against_unequal(result: Result, metric: str, experiment: str) -> Measurement:
    """Return the gap in one experiment in units of the size of the gap of the recourse-aware tree on unequal means."""
    return quotient(gaps(result, metric, experiment), oriented(gaps(result, metric, AWARE)))


def made_by_means(result: Result, metric: str) -> Measurement:
    """Return the gap with unequal means minus that with equal ones, under the same rule and newcomers."""
    return wider(result, metric, AWARE, CONTROL)


def wider_as_share(result: Result, metric: str, one: str, other: str) -> Measurement:
    """Return the signed gap of one experiment minus that of another, as a share of the size of the other's gap."""
    difference = gaps(result, metric, one) - gaps(result, metric, other)
    return quotient(difference, oriented(gaps(result, metric, other)))


def difference_on_paper(result: Result) -> Measurement:
    """Return the largest difference that first applications show, any lane and group, between both worlds."""
    return Measurement.exact(
        float(
            np.max(
                [
                    np.abs(values(result, metric, AWARE, group) - values(result, metric, CONTROL, group))
                    for metric in ON_PAPER
                    for group in result.groups
                ]
            )
        )
    )


def most_asked(result: Result, experiment: str) -> Measurement:
    """Return the largest share, of any lane, whose decision would be another one in the other group."""
    return Measurement.exact(float(values(result, ASKS_GROUP, experiment).max()))


def least_step(result: Result, metric: str) -> Measurement:
    """Return the smallest growth of a gap from one mean of the second group to the next lower one."""
    means = sorted((LOWER_MEAN, *SWEPT, MEAN))
    return Measurement.least(
        [wider(result, metric, with_mean(lower), with_mean(higher)) for lower, higher in pairwise(means)]
    )
