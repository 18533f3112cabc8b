"""The rules that are compared, and what is tracked of each."""

from __future__ import annotations

from fairgym.agents import Agent, RecourseLender
from fairgym.metrics import (
    DefaultRateAfterRecourse,
    EffortPerPerson,
    Funnel,
    MeanOfferCost,
    NeverServed,
    OfferRate,
    Overall,
    PromiseKeptRate,
    TimeToRecourse,
    Tracker,
    TrueImprovement,
    Utility,
)
from fairgym.scenarios.a_way_up.trackers import DefaultRateAtOnce, EffortOfServed, WaitOfServed
from fairgym.scenarios.recourse_over_time.rules import ACCURATE as ACCURATE
from fairgym.scenarios.recourse_over_time.rules import AWARE as AWARE
from fairgym.scenarios.recourse_over_time.rules import NO_OFFERS as NO_OFFERS
from fairgym.scenarios.recourse_over_time.rules import RECOURSE_WEIGHT, lender, tree
from fairgym.scenarios.recourse_over_time.rules import aiming as aiming

AWARE_SILENT = f"{AWARE}, no offers"
RANDOM, HONOURED = "random offers", "random offers, honoured"
AIM = 0.7
"""Share of repaying of the leaves to which offers lead at the least, where they aim above the bar."""
WEIGHTS = (1.5, 2.0, 3.0, 4.0, 6.0)
"""What rejecting one who would repay weighs in the training of laxer trees, against accepting one who would not."""


def laxer(weight: float) -> str:
    """Return the name of the rule with a laxer bar and no offers."""
    return f"no offers, laxer by {weight:g}"


def lax_lender(weight: float) -> RecourseLender:
    """Return a lender whose tree minds rejecting one who would repay so many times as much as the other error."""
    return RecourseLender(tree().set_params(class_weight={0: 1.0, 1: weight}))


RULES: dict[str, Agent] = {
    NO_OFFERS: lender(offers=None),
    AWARE_SILENT: lender(RECOURSE_WEIGHT, offers=None),
    ACCURATE: lender(),
    AWARE: lender(RECOURSE_WEIGHT),
    aiming(ACCURATE, AIM): lender(aim=AIM),
    aiming(AWARE, AIM): lender(RECOURSE_WEIGHT, aim=AIM),
    RANDOM: lender(offers="random", promises="forget"),
    HONOURED: lender(offers="random"),
    **{laxer(weight): lax_lender(weight) for weight in WEIGHTS},
}
"""All rules; those with offers have the same budget."""
CHEAPEST = tuple(name for name in RULES if name.startswith((ACCURATE, AWARE)) and name != AWARE_SILENT)
"""The rules that tell the rejected the cheapest way to a loan."""

PROFIT, NEVER, TIME, FUNNEL = "profit", "never_served", "time", "funnel"
NEVER_ALL, OFFERED, OFFER_COST = "never_served_all", "offered", "offer_cost"
AT_ONCE, AFTER = "default_at_once", "default_after_recourse"
WAIT, EFFORT, EFFORT_EACH = "wait_of_served", "effort_of_served", "effort_per_person"
KEPT, IMPROVED = "promise_kept", "improvement"
HORIZON = 20
"""Periods over which waits are followed."""


def tracked() -> dict[str, Tracker]:
    """Return what is tracked of each rule."""
    return {
        PROFIT: Utility(),
        NEVER: NeverServed(),
        NEVER_ALL: Overall(NeverServed()),
        OFFERED: Overall(OfferRate()),
        OFFER_COST: Overall(MeanOfferCost()),
        AT_ONCE: Overall(DefaultRateAtOnce()),
        AFTER: Overall(DefaultRateAfterRecourse()),
        WAIT: Overall(WaitOfServed()),
        EFFORT: Overall(EffortOfServed()),
        EFFORT_EACH: EffortPerPerson(),
        KEPT: Overall(PromiseKeptRate()),
        IMPROVED: Overall(TrueImprovement()),
        TIME: TimeToRecourse(HORIZON, within=(1, 2, 5, 10, 20), restricted_to=HORIZON, curve=True),
        FUNNEL: Funnel(),
    }
