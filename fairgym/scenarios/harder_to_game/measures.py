"""How the numbers of the claims are measured; without a step they are means over the last fifth of the retrainings."""

from __future__ import annotations

from functools import partial

import numpy as np

from fairgym.result import Numbers, Result
from fairgym.scenarios.base import Measurement
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.harder_to_game.names import (
    ACCURACY,
    BAR,
    BURDEN,
    EXPECTED,
    FORESEEING,
    GAMING,
    GROUPS,
    LARGER,
    LENDERS,
    PLAIN,
    RAISED,
    RETRAINED,
    ROBUST,
    SHUT_OUT,
    SMALLER,
    late,
    values,
)


def budget_of(result: Result, group: str) -> float:
    """Return what people of a group can spend."""
    return float(result.config["options"]["budgets"][GROUPS.index(group)])


def more(result: Result, metric: str, lender: str, other: str, group: str = "", step: int | None = None) -> Measurement:
    """Return by how much a metric is higher under a lender than under another, paired."""
    return over_lanes(values(result, metric, lender, group, step) - values(result, metric, other, group, step))


def least_more(result: Result, metric: str, lender: str, other: str, step: int | None = None) -> Measurement:
    """Return the same in the group in which it is least."""
    return Measurement.least([more(result, metric, lender, other, group, step) for group in GROUPS])


def most_more(result: Result, metric: str, lender: str, other: str, step: int | None = None) -> Measurement:
    """Return the same in the group in which it is most."""
    return Measurement.greatest([more(result, metric, lender, other, group, step) for group in GROUPS])


def gap(result: Result, metric: str, lender: str) -> Numbers:
    """Return a metric of the group with the smaller budget minus that of the other, in each lane, (n,)."""
    return values(result, metric, lender, SMALLER) - values(result, metric, lender, LARGER)


def wider_gap(result: Result, metric: str, lender: str, other: str) -> Measurement:
    """Return by how much the gap is wider under a lender than under another, paired."""
    return over_lanes(gap(result, metric, lender) - gap(result, metric, other))


def unequal_rise(result: Result) -> Measurement:
    """Return by how much more the burden rises for the smaller budget, each in shares of the own budget."""
    rises = {
        group: (values(result, BURDEN, RAISED, group) - values(result, BURDEN, PLAIN, group)) / budget_of(result, group)
        for group in GROUPS
    }
    return over_lanes(rises[SMALLER] - rises[LARGER])


def excluded(result: Result) -> Measurement:
    """Return the gap in qualified people who are shut out, the lesser of the two lenders that foresee moves."""
    return Measurement.least([over_lanes(gap(result, SHUT_OUT, lender)) for lender in FORESEEING])


def admitted(result: Result) -> Measurement:
    """Return by how many more of the unqualified with the larger budget are accepted, the same way."""
    return Measurement.least([over_lanes(-gap(result, GAMING, lender)) for lender in FORESEEING])


def drift(result: Result) -> Measurement:
    """Return how far the bar moves from the fifth before the last to the last one, of the lender where it is furthest.

    In standard deviations of the bar of one rule that is trained on people who know of none: what sampling alone does.
    """
    drifts = [_drift(result, lender) for lender in RETRAINED]
    return max(drifts, key=lambda one: abs(one.value))


def _drift(result: Result, lender: str) -> Measurement:
    table = result.table(BAR, experiment=lender, group="")
    steps = [int(step) for step in table.columns]
    last = late(steps)
    before = [step - len(last) for step in last if step > len(last)]
    if not before or len(table) < 2:
        return Measurement.exact(np.nan)
    noise = table[steps[0]].to_numpy(dtype=np.float64).std(ddof=1)
    moved = table[last].to_numpy(dtype=np.float64).mean(axis=1) - table[before].to_numpy(dtype=np.float64).mean(axis=1)
    return over_lanes(moved / noise)


def over_time(result: Result, metric: str, lender: str, group: str = "") -> Measurement:
    """Return by how much a metric of a lender is higher after retraining than under its first rule, paired."""
    return over_lanes(values(result, metric, lender, group) - values(result, metric, lender, group, step=0))


def least_over_time(result: Result, metric: str, lender: str) -> Measurement:
    """Return the same in the group in which it is least."""
    return Measurement.least([over_time(result, metric, lender, group) for group in GROUPS])


def strategic_minus_robust(result: Result) -> Measurement:
    """Return the smallest accuracy under gaming minus that under attack, of any lender, group, round and lane."""
    lowest = [
        (_table(result, ACCURACY, lender, group) - _table(result, ROBUST, lender, group)).min()
        for lender in LENDERS
        for group in GROUPS
    ]
    return Measurement.exact(float(min(lowest)))


def _table(result: Result, metric: str, lender: str, group: str) -> Numbers:
    return result.table(metric, experiment=lender, group=group).to_numpy(dtype=np.float64)


def from_calculation(result: Result) -> Measurement:
    """Return the largest distance of a measured number from the calculated one, at first or at last.

    In standard errors of the mean over lanes; for every lender, group and metric that is calculated.
    """
    distances = []
    for lender in LENDERS:
        for group in GROUPS:
            for metric in EXPECTED:
                for step in (0, None):
                    read = partial(values, result, lender=lender, group=group, step=step)
                    off = read(metric=metric) - read(metric=f"expected.{metric}")
                    distances.append(
                        abs(off.mean()) / (off.std(ddof=1) / np.sqrt(len(off))) if len(off) > 1 else np.nan
                    )
    return Measurement.exact(float(np.max(distances)))
