"""How the numbers of the claims are measured."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairgym.plots import crossings
from fairgym.result import Numbers, Result, estimate
from fairgym.scenarios.base import Measurement
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.gaming.names import (
    ACCURATE,
    AFTER,
    AIM,
    AIMS,
    AT_ONCE,
    AWARE,
    BAR,
    FUNNEL,
    GAME,
    NO_OFFERS,
    REAL,
    REPAID,
    SHARES,
    aiming,
    real,
)
from fairgym.scenarios.gaming.trackers import part
from fairgym.scenarios.recourse_over_time.measures import values


def swept(result: Result, name: str, rule: str, share: float) -> Numbers:
    """Return repayment ("repaid") or profit ("profit") of the loans after recourse at a share, in each lane, (n,)."""
    return values(result, f"{AFTER}.{part(name, share)}", rule)


def by_share(result: Result, name: str, rule: str) -> pd.DataFrame:
    """Return repayment or profit after recourse of a rule by causal share: mean, low and high."""
    return _curve({share: swept(result, name, rule, share) for share in SHARES})


def by_aim(result: Result, name: str, share: float) -> pd.DataFrame:
    """Return repayment or profit after recourse of the accurate tree by the aim of its offers: mean, low and high."""
    rules = {BAR if aim is None else aim: aiming(ACCURATE, aim) for aim in (None, *AIMS)}
    return _curve({aim: swept(result, name, rule, share) for aim, rule in rules.items()})


def _curve(lanes: Mapping[float, Numbers]) -> pd.DataFrame:
    """Return mean, low and high over lanes of one number per lane at each place."""
    found = {place: estimate(numbers) for place, numbers in lanes.items()}
    parts = {place: (one.mean, one.low, one.high) for place, one in found.items()}
    return pd.DataFrame.from_dict(parts, orient="index", columns=["mean", "low", "high"])


def pays_from(profit: pd.DataFrame) -> Measurement:
    """Return the lowest place at which a rising profit passes through zero; NaN where it does not.

    The interval goes from where the upper end of the profit's 95 % interval passes through zero to where the lower end
    does: the places at which a profit of zero cannot be ruled out. It is undefined where one of the two never does.
    """
    places = [crossings(profit.index.tolist(), profit[line].tolist()) for line in ("mean", "high", "low")]
    return Measurement(*(found[0] if found else np.nan for found in places))


def most_moved_by_share(result: Result) -> Measurement:
    """Return the largest difference of any count up to the loan, in any lane and group, between shares 0 and 1."""
    stages = [f"{FUNNEL}.{stage}" for stage in ("rejected", "offered", "followed", "returned", "approved")]
    each = [
        values(result, stage, ACCURATE, group) - values(result, stage, real(ACCURATE), group)
        for stage in stages
        for group in result.groups
    ]
    return Measurement.exact(float(np.abs(each).max()))


def other_loans_moved(result: Result) -> Measurement:
    """Return the largest difference in any lane that offers make to the loans of those who are not back from acting."""
    moved = [values(result, AT_ONCE, rule) - values(result, AT_ONCE, NO_OFFERS) for rule in _accurate_rules(result)]
    return Measurement.exact(float(np.abs(moved).max()))


def _accurate_rules(result: Result) -> list[str]:
    """Return the rules with the same tree as the one without offers."""
    return [rule for rule in result.experiments if rule.startswith(ACCURATE)]


def loss_to_gaming(result: Result, rule: str) -> Numbers:
    """Return what the lender would earn more in each lane if acting were real, from the same loans, (n,)."""
    return swept(result, "profit", rule, REAL) - swept(result, "profit", rule, GAME)


def aim_beyond_share(result: Result) -> Measurement:
    """Return how much more repayment rises when offers aim higher than when acting becomes real."""
    at_bar, at_aim = (swept(result, "repaid", aiming(ACCURATE, aim), GAME) for aim in (None, AIM))
    return over_lanes((at_aim - at_bar) - (swept(result, "repaid", ACCURATE, REAL) - at_bar))


def more_lost_by_aware(result: Result) -> Measurement:
    """Return how much more the recourse-aware tree loses to gaming than the accurate one."""
    return over_lanes(loss_to_gaming(result, AWARE) - loss_to_gaming(result, ACCURATE))


def simulated_rise(result: Result) -> Measurement:
    """Return how much more of the loans after recourse are really repaid at share 1 than at share 0, paired."""
    return over_lanes(values(result, REPAID, real(ACCURATE)) - values(result, REPAID, ACCURATE))


def aim_above_bar(result: Result, share: float) -> Measurement:
    """Return by how much the lowest aim that pays lies above the bar."""
    found = pays_from(by_aim(result, "profit", share))
    return Measurement(found.value - BAR, found.low - BAR, found.high - BAR)
