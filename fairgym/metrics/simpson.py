"""Simpson's paradox in a run: splits a gap between two groups into gaps inside periods and who came when.

A run is cut into periods t. Group g has N_gt people in period t (in the rate's denominator), N_g in all, the share
pi_gt = N_gt / N_g, and the rate R_gt. The aggregate gap splits exactly, by the symmetric decomposition of Kitagawa
("Components of a difference between two rates", JASA 1955):

    R_a - R_b   = within + composition
    within      = sum_t (pi_at + pi_bt) / 2 * (R_at - R_bt)        gaps inside periods
    composition = sum_t (pi_at - pi_bt) * (R_at + R_bt) / 2        the groups' people fall into different periods

Convention: in a period in which one group has nobody its rate is undefined, and the other group's rate stands in for
it, so that only the composition part sees that period. A period without anybody adds nothing.

Only sums over periods are kept, so the run can be as long as it likes: within = (sum_t N_at d_t) / (2 N_a) +
(sum_t N_bt d_t) / (2 N_b) with d_t = R_at - R_bt, and composition = (sum_t N_at m_t) / N_a - (sum_t N_bt m_t) / N_b
with m_t = (R_at + R_bt) / 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fairgym.batch import Array, Mask
from fairgym.checks import numbers_array, require, whole_number
from fairgym.metrics.base import GroupRate, Numbers, Tracker, ratio
from fairgym.metrics.combine import check_group_pair, copy_of, group_pair
from fairgym.metrics.rates import TruePositiveRate

LEVEL = 0.05
"""Two-sided error probability of the flag's tests; one test at this level has the critical value 1.96."""

EXACT = 1e-12
"""A gap of at most this size is a rounding error and counts as zero."""


class PeriodSums(NamedTuple):
    """What is kept of any number of periods, for n lanes or for one table; ``...`` is (n,) or ()."""

    terms: Numbers
    """Sums over periods of numerator, N_gt, N_gt d_t and N_gt m_t, for groups a and b; (..., 4, 2)."""
    compared: Array
    """Periods in which both groups had somebody; (...)."""
    largest_z: Numbers
    """Largest |z| of the gap in such a period, 0 where there was none; (...)."""


def one_period(numerator: Numbers, denominator: Numbers) -> PeriodSums:
    """Return the sums of single periods from the counts of groups a and b, each (..., 2)."""
    rate = ratio(numerator, denominator)
    rate = np.where(denominator == 0, rate[..., ::-1], rate)
    rate = np.where((denominator == 0).all(axis=-1, keepdims=True), 0.0, rate)
    gap = rate[..., :1] - rate[..., 1:]
    middle = rate.mean(axis=-1, keepdims=True)
    compared = np.asarray((denominator > 0).all(axis=-1))
    z = np.where(compared, np.abs(two_proportion_z(numerator, denominator)), 0.0)
    terms = np.stack([numerator, denominator, denominator * gap, denominator * middle], axis=-2)
    return PeriodSums(terms, compared.astype(np.int64), z)


def two_proportion_z(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Return the pooled two-proportion z of the gap between groups a and b, (..., 2) -> (...).

    0 where there is no gap; NaN where a group has nobody or a rate is not a proportion. A normal approximation, rough
    below some ten people a group, that takes people as independent.
    """
    rate = ratio(numerator, denominator)
    rate = np.where((rate < -EXACT) | (rate > 1 + EXACT), np.nan, rate)
    gap = rate[..., 0] - rate[..., 1]
    pooled = ratio(numerator.sum(axis=-1), denominator.sum(axis=-1))
    variance = np.maximum(pooled * (1 - pooled), 0.0) * ratio(np.ones(2), denominator).sum(axis=-1)
    return np.where(np.abs(gap) <= EXACT, 0.0, ratio(gap, np.sqrt(variance)))


def critical_z(tests: Array) -> Numbers:
    """Return the |z| that none of so many true-zero gaps exceeds with probability at least 95 % (Bonferroni)."""
    from scipy.special import ndtri  # slow to import, and needed only here

    value: Numbers = ndtri(1 - LEVEL / 2 / np.maximum(tests, 1))
    return value


def decompose(sums: PeriodSums, proportion: bool = True) -> dict[str, Numbers]:
    """Return the decomposition of the aggregate gap from the sums over all periods, each value (...).

    ``aggregate, within, composition``: see the module; NaN where a group has nobody. ``flag``: 1 where the aggregate
    gap misleads, because it and the within part differ in sign, or because the gap of every single period is within
    its error of zero (|z| at most the Bonferroni value for the number of periods) and the aggregate's is not
    (|z| > 1.96); 0 where neither; NaN where it cannot be said, as no period has both groups or as the rate is not a
    proportion. ``aggregate_z``: z of the aggregate gap, signed. ``largest_period_z``: largest |z| of a period's gap.
    """
    numerator, denominator, gaps, middles = np.moveaxis(sums.terms, -2, 0)
    rate, middle = ratio(numerator, denominator), ratio(middles, denominator)
    aggregate = rate[..., 0] - rate[..., 1]
    within = ratio(gaps, 2 * denominator).sum(axis=-1)
    aggregate_z = two_proportion_z(numerator, denominator) if proportion else np.full(aggregate.shape, np.nan)
    largest_z = np.where((sums.compared > 0) & ~np.isnan(aggregate_z), sums.largest_z, np.nan)
    opposed = (np.minimum(np.abs(aggregate), np.abs(within)) > EXACT) & (aggregate * within < 0)
    hidden = (largest_z <= critical_z(sums.compared)) & (np.abs(aggregate_z) > critical_z(np.ones(())))
    return {
        "aggregate": aggregate,
        "within": within,
        "composition": middle[..., 0] - middle[..., 1],
        "flag": np.where(opposed, 1.0, np.where(np.isnan(largest_z), np.nan, hidden)),
        "aggregate_z": aggregate_z,
        "largest_period_z": largest_z,
    }


def simpson_decomposition(
    numerators: object,
    denominators: object,
    groups: tuple[int, int] = (0, 1),
) -> dict[str, float]:
    """Return the decomposition of a table: counts above and below the line, each (periods, groups).

    The counts may be expected counts, not whole numbers. Keys and meaning are those of ``decompose``.
    """
    above, below = numbers_array("numerators", numerators), numbers_array("denominators", denominators)
    require(
        above.ndim == 2 and above.shape == below.shape and len(above) > 0,
        f"numerators have shape {above.shape} and denominators {below.shape}: give two tables (periods, groups).",
    )
    require(below.min() >= 0, f"denominators hold {below.min():g}: counts of people cannot be negative.")
    pair = group_pair("simpson_decomposition", groups)
    check_group_pair("simpson_decomposition", pair, above.shape[1])
    periods = one_period(above[:, pair], below[:, pair])
    sums = PeriodSums(periods.terms.sum(axis=0), periods.compared.sum(axis=0), periods.largest_z.max(axis=0))
    return {name: float(value) for name, value in decompose(sums).items()}


class SimpsonDecomposition(Tracker):
    """The aggregate gap of a rate between two groups, split into *within* and *composition*; see the module.

    A period is ``period`` steps of a lane, reset steps not counted; the unfinished one counts as a period too.
    ``groups`` are the indices of groups a and b.
    """

    def __init__(self, period: int, rate: GroupRate | None = None, groups: tuple[int, int] = (0, 1)) -> None:
        name = type(self).__name__
        self.period = whole_number(f"period of {name}", period, at_least=1)
        self.rate: GroupRate = copy_of(self, TruePositiveRate() if rate is None else rate, GroupRate)
        self.groups = group_pair(name, groups)
        self.requires = self.rate.requires

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        check_group_pair(type(self).__name__, self.groups, num_groups)
        super().reset(num_envs, num_groups)
        self.rate.reset(num_envs, num_groups)
        self.finished = PeriodSums(np.zeros((num_envs, 4, 2)), np.zeros(num_envs, np.int64), np.zeros(num_envs))
        self.current = np.zeros((2, num_envs, 2))
        self.steps = np.zeros(num_envs, dtype=np.int64)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add one step to the current period, and the period to the sums where it is over."""
        self.current += self.rate.step_sums(outcome, live)[:, :, self.groups]
        self.steps += live
        over = self.steps == self.period
        if over.any():
            for kept, new in zip(self.finished, self._all_periods(), strict=True):
                kept[over] = new[over]
            self.current[:, over] = 0.0
            self.steps[over] = 0

    def _all_periods(self) -> PeriodSums:
        """Return the sums over the finished periods and the current one."""
        current = one_period(*self.current)
        return PeriodSums(
            self.finished.terms + current.terms,
            self.finished.compared + current.compared,
            np.maximum(self.finished.largest_z, current.largest_z),
        )

    def compute(self) -> dict[str, Numbers]:
        """Return the decomposition so far, each value (n,); see ``decompose``."""
        return decompose(self._all_periods(), self.rate.proportion)
