"""How the quantities of the claims are measured, and the difference to no offers that the picture shows."""

from __future__ import annotations

import numpy as np

from fairgym.result import Numbers, Result
from fairgym.scenarios.a_way_up.names import (
    ACCURATE,
    AFTER,
    AT_ONCE,
    AWARE,
    AWARE_SILENT,
    NEVER,
    NEVER_ALL,
    NO_OFFERS,
    PROFIT,
    WEIGHTS,
    laxer,
)
from fairgym.scenarios.base import Measurement
from fairgym.scenarios.estimates import over_lanes, quotient
from fairgym.scenarios.recourse_over_time.measures import break_even, difference, values


def in_every_group(result: Result, metric: str, one: str, other: str) -> Measurement:
    """Return by how much a metric is higher under one rule than under another, in the group where it is so least."""
    return Measurement.least([difference(result, metric, one, other, group) for group in result.groups])


def defaults_above_break_even(result: Result, rules: tuple[str, ...]) -> Measurement:
    """Return the default rate after recourse minus that at which a loan earns nothing, where it is lowest."""
    return defaults_above(result, rules, 1 - break_even(result))


def defaults_below_break_even(result: Result, rules: tuple[str, ...]) -> Measurement:
    """Return the default rate at which a loan earns nothing minus that after recourse, where that is highest."""
    return defaults_below(result, rules, 1 - break_even(result))


def defaults_above(result: Result, rules: tuple[str, ...], rate: float) -> Measurement:
    """Return the default rate after recourse minus a rate, under the rule where it is lowest."""
    return Measurement.least([over_lanes(values(result, AFTER, rule) - rate) for rule in rules])


def defaults_below(result: Result, rules: tuple[str, ...], rate: float) -> Measurement:
    """Return a rate minus the default rate after recourse, under the rule where that is highest."""
    return Measurement.least([over_lanes(rate - values(result, AFTER, rule)) for rule in rules])


def extra_defaults(result: Result, rules: tuple[str, ...]) -> Measurement:
    """Return the default rate after recourse minus that of loans at once, under the rule where that is least."""
    found = [over_lanes(values(result, AFTER, rule) - values(result, AT_ONCE, rule)) for rule in rules]
    return Measurement.least(found)


def extra_brought_up(result: Result) -> Measurement:
    """Return by how much more offers lower the share never served with the recourse-aware than the accurate tree."""
    trees = ((AWARE_SILENT, AWARE), (NO_OFFERS, ACCURATE))
    aware, accurate = (values(result, NEVER_ALL, silent) - values(result, NEVER_ALL, rule) for silent, rule in trees)
    return over_lanes(aware - accurate)


def cost_of_acting(result: Result) -> Measurement:
    """Return what offers cost the recourse-aware tree minus what that tree itself costs against the accurate one."""
    accurate, silent, aware = (values(result, PROFIT, rule) for rule in (NO_OFFERS, AWARE_SILENT, AWARE))
    return over_lanes((silent - aware) - (accurate - silent))


def extra_share(result: Result, one: str, other: str) -> Measurement:
    """Return the profit of one rule minus that of another, as a share of the profit without offers."""
    return quotient(values(result, PROFIT, one) - values(result, PROFIT, other), values(result, PROFIT, NO_OFFERS))


def share_beyond_laxer_bar(result: Result, rule: str) -> Measurement:
    """Return what a rule earns more than a laxer bar, as a share of the profit without offers."""
    return quotient(beyond_laxer_bar(result, rule), values(result, PROFIT, NO_OFFERS))


def profit_beyond_laxer_bar(result: Result, rule: str) -> Measurement:
    """Return what a rule earns more than a laxer bar that leaves as many unserved, see ``beyond_laxer_bar``."""
    return over_lanes(beyond_laxer_bar(result, rule))


def beyond_laxer_bar(result: Result, rule: str) -> Numbers:
    """Return in each lane the profit of a rule minus that of a laxer bar that leaves as many never served, (n,).

    The laxer bars of a lane are joined by straight lines; NaN where a rule leaves more or fewer than any of them.
    """
    bars = [NO_OFFERS, *(laxer(weight) for weight in WEIGHTS)]
    unserved, profit = (np.stack([values(result, name, bar) for bar in bars]) for name in (NEVER_ALL, PROFIT))
    order = unserved.argsort(axis=0, kind="stable")
    unserved, profit = (np.take_along_axis(each, order, axis=0) for each in (unserved, profit))
    mine = values(result, NEVER_ALL, rule)
    at = [
        np.interp(mine[lane], unserved[:, lane], profit[:, lane], left=np.nan, right=np.nan)
        for lane in range(len(mine))
    ]
    difference_by_lane: Numbers = values(result, PROFIT, rule) - np.array(at)
    return difference_by_lane


def rise_of_ratio(result: Result, one: str, other: str) -> Measurement:
    """Return by how much the ratio of the groups' shares of never served is higher under one rule than another."""
    first, last = result.groups[0], result.groups[-1]
    ratios = []
    for rule in (one, other):
        above, below = values(result, NEVER, rule, last), values(result, NEVER, rule, first)
        ratios.append(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))
    return over_lanes(ratios[0] - ratios[1])
