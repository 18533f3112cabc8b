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
with m_t = (R_at + R_bt) / 2. So is the error of the within part, whose weights w_t = (pi_at + pi_bt) / 2 are taken as
given: its variance is the sum of w_t^2 v_t over the periods with both groups, with v_t = p_t (1 - p_t) (1 / N_at +
1 / N_bt) the variance of d_t were both rates the pooled rate p_t of the period.

The flag says that the aggregate gap misleads: see ``decompose`` for the rule and for how often it errs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import InputError, numbers_array, require, whole_number
from fairgym.metrics.base import GroupRate, Tracker, ratio
from fairgym.metrics.combine import check_group_pair, copy_of, group_pair
from fairgym.metrics.rates import TruePositiveRate

LEVEL = 0.05
"""Two-sided error probability of the flag's tests; one test at this level has the critical value 1.96."""

EXACT = 1e-12
"""A gap of at most this size is a rounding error and counts as zero."""


class PeriodSums(NamedTuple):
    """What is kept of any number of periods, for n lanes or for one table; ``...`` is (n,) or ()."""

    terms: Numbers
    """Sums over periods of numerator, N_gt, N_gt d_t, N_gt m_t and N_gt^2 v_t, for groups a and b; (..., 5, 2)."""
    shared: Numbers
    """Sum over periods of N_at N_bt v_t; (...)."""
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
    variance = np.where(compared, gap_variance(numerator, denominator), 0.0)
    terms = [numerator, denominator, denominator * gap, denominator * middle, denominator**2 * variance[..., None]]
    shared = denominator.prod(axis=-1) * variance
    return PeriodSums(np.stack(terms, axis=-2), shared, compared.astype(np.int64), z)


def gap_variance(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Return the variance of the gap between groups a and b were both rates the pooled one, (..., 2) -> (...).

    NaN where a group has nobody or a rate is not a proportion.
    """
    rate = ratio(numerator, denominator)
    impossible = ((rate < -EXACT) | (rate > 1 + EXACT)).any(axis=-1)
    pooled = np.where(impossible, np.nan, ratio(numerator.sum(axis=-1), denominator.sum(axis=-1)))
    variance: Numbers = np.maximum(pooled * (1 - pooled), 0.0) * ratio(np.ones(2), denominator).sum(axis=-1)
    return variance


def two_proportion_z(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Return the pooled two-proportion z of the gap between groups a and b, (..., 2) -> (...).

    0 where there is no gap; NaN where a group has nobody or a rate is not a proportion. A normal approximation, rough
    below some ten people a group, that takes people as independent.
    """
    rate = ratio(numerator, denominator)
    return in_errors(rate[..., 0] - rate[..., 1], gap_variance(numerator, denominator))


def in_errors(gap: Numbers, variance: Numbers) -> Numbers:
    """Return a gap in units of its standard error, 0 where there is no gap, NaN where the variance is."""
    return np.where((np.abs(gap) <= EXACT) & ~np.isnan(variance), 0.0, ratio(gap, np.sqrt(variance)))


def critical_z(tests: Array) -> Numbers:
    """Return the |z| that none of so many true-zero gaps exceeds with probability at least 95 % (Bonferroni)."""
    from scipy.special import ndtri  # slow to import, and needed only here

    value: Numbers = ndtri(1 - LEVEL / 2 / np.maximum(tests, 1))
    return value


def decompose(sums: PeriodSums, proportion: bool = True, *, sampled: bool = True) -> dict[str, Numbers]:
    """Return the decomposition of the aggregate gap from the sums over all periods, each value (...).

    ``aggregate, within, composition``: see the module; NaN where a group has nobody. ``aggregate_z``, ``within_z``: the
    two in units of their standard errors. ``largest_period_z``: largest |z| of a period's gap. ``flag``: 1 where the
    aggregate gap misleads, because

    - it and the within part differ in sign, both beyond their errors (|z| > 1.96); the signs alone decide where the
      people are not a sample (``sampled=False``), or the rate is not a proportion, so that no error is known, or
    - it is beyond its error (|z| > 1.96) and the gaps inside periods are not: neither any single one (|z| at most the
      Bonferroni value for the number of periods) nor all together (within part, |z| <= 1.96);

    0 where neither; NaN where it cannot be said, as no period has both groups or as the rate is not a proportion.

    False alarms in 4,000 runs of 200 periods with some 50 people a group (``tests/metrics/test_simpson.py``,
    ``test_false_alarms``): a gap of .1 in every period, 0; no gap, periods of equal size, 0; no gap, a rate that drifts
    from .2 to .8 and periods of random size, 1.4 %; the same with a gap of .01, about the most, 3.9 %.
    """
    numerator, denominator, gaps, middles, _ = np.moveaxis(sums.terms, -2, 0)
    rate, middle = ratio(numerator, denominator), ratio(middles, denominator)
    aggregate = rate[..., 0] - rate[..., 1]
    within = ratio(gaps, 2 * denominator).sum(axis=-1)
    aggregate_z = np.where(proportion, two_proportion_z(numerator, denominator), np.nan)
    testable = (sums.compared > 0) & ~np.isnan(aggregate_z)
    within_z = np.where(testable, in_errors(within, within_variance(sums)), np.nan)
    largest_z = np.where(testable, sums.largest_z, np.nan)
    beyond, within_beyond = (np.abs(z) > critical_z(np.ones(())) for z in (aggregate_z, within_z))
    hidden = beyond & ~within_beyond & (largest_z <= critical_z(sums.compared))
    if not (proportion and sampled):
        beyond, within_beyond = np.abs(aggregate) > EXACT, np.abs(within) > EXACT
    opposed = beyond & within_beyond & (aggregate * within < 0)
    return {
        "aggregate": aggregate,
        "within": within,
        "composition": middle[..., 0] - middle[..., 1],
        "flag": np.where(opposed, 1.0, np.where(testable, hidden, np.nan)),
        "aggregate_z": aggregate_z,
        "within_z": within_z,
        "largest_period_z": largest_z,
    }


def within_variance(sums: PeriodSums) -> Numbers:
    """Return the variance of the within part, from its sums over periods; (...)."""
    people, own = sums.terms[..., 1, :], sums.terms[..., 4, :]
    both = 2 * ratio(sums.shared, people.prod(axis=-1))
    variance: Numbers = (ratio(own, people**2).sum(axis=-1) + both) / 4
    return variance


def simpson_decomposition(
    numerators: object,
    denominators: object,
    groups: tuple[int, int] = (0, 1),
    *,
    proportion: bool = True,
    sampled: bool = False,
) -> dict[str, float]:
    """Return the decomposition of a table: counts above and below the line, each (periods, groups).

    A table is taken as the whole of what happened, so that two signs that differ raise the flag whatever their errors;
    ``sampled=True`` takes it as a sample, as the tracker takes a run. The counts may be expected counts, not whole
    numbers. Those above the line are among those below it, unless ``proportion=False`` says that they are amounts.
    Keys and meaning are those of ``decompose``.
    """
    above, below = numbers_array("numerators", numerators), numbers_array("denominators", denominators)
    require(
        above.ndim == 2 and above.shape == below.shape and len(above) > 0,
        f"numerators have shape {above.shape} and denominators {below.shape}: give two tables (periods, groups).",
    )
    require(below.min() >= 0, f"denominators hold {below.min():g}: counts of people cannot be negative.")
    if proportion and ((above < -EXACT) | (above > below * (1 + EXACT) + EXACT)).any():
        raise InputError(
            "numerators hold a count below 0 or above its denominator: give counts of some of those people, or say "
            "proportion=False where they are amounts."
        )
    pair = group_pair("simpson_decomposition", groups)
    check_group_pair("simpson_decomposition", pair, above.shape[1])
    periods = one_period(above[:, pair], below[:, pair])
    terms, shared, compared, z = periods
    sums = PeriodSums(terms.sum(axis=0), shared.sum(axis=0), compared.sum(axis=0), z.max(axis=0))
    return {name: float(value) for name, value in decompose(sums, proportion, sampled=sampled).items()}


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
        self.finished = PeriodSums(
            np.zeros((num_envs, 5, 2)), np.zeros(num_envs), np.zeros(num_envs, np.int64), np.zeros(num_envs)
        )
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
            self.finished.shared + current.shared,
            self.finished.compared + current.compared,
            np.maximum(self.finished.largest_z, current.largest_z),
        )

    def compute(self) -> dict[str, Numbers]:
        """Return the decomposition so far, each value (n,); see ``decompose``."""
        return decompose(self._all_periods(), self.rate.proportion)
