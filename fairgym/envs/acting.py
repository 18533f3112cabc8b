"""Acting: what people do who are told how to be accepted, batch-first over people.

A person follows an offer with probability exp(-cost / mean), where the mean, the cost at which 1 in e follow, stands
for the resources of her group. (Fonseca et al. 2023 give every agent a probability of her own; that it falls
exponentially with the cost is ours.) Acting takes time in proportion to its cost, and may stop on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Mask, Numbers
from fairgym.populations.credit_people import single_precision

if TYPE_CHECKING:
    from fairgym.recourse.actions import Actions

SLACK = 1e-9
"""What a cost may exceed a whole number of periods by, so that rounding takes nobody a period more."""
NEVER = 2.0**53
"""Periods that work takes at most: more than any run has."""


def follow_probability(cost: Numbers, mean: Numbers) -> Numbers:
    """Return the probability that people follow offers of this cost; 0 where it is NaN, as nobody can do it."""
    with np.errstate(over="ignore"):  # a mean near 0 makes it infinite: nobody follows
        times_the_mean = np.where(np.isnan(cost), np.inf, cost) / mean
    probability: Numbers = np.exp(-times_the_mean)
    return probability


def periods_of_work(cost: Numbers, speed: float) -> NDArray[np.int64]:
    """Return how many periods actions of this cost take, at least one."""
    with np.errstate(over="ignore"):  # a speed near 0 makes it infinite: nobody is ever done
        periods = np.ceil(np.asarray(cost) / speed - SLACK)
    return np.clip(periods, 1, NEVER).astype(np.int64)


def carried_out(before: Numbers, target: Numbers, share: Numbers, actions: Actions) -> Numbers:
    """Return where people (k, D) get who go a share (k,) of the way to a target (k, D); all the way at 1.

    On the way whole numbers are rounded down towards the start, and what is either 0 or 1 changes at the end only.
    """
    way = before + share[:, None] * (target - before)
    whole = np.where(target >= before, np.floor(way), np.ceil(way))
    landing = np.where(actions.binary, before, single_precision(np.where(actions.integer, whole, way)))
    everything: Mask = share >= 1
    return np.where(everything[:, None], target, landing)
