"""The rules that are compared, in which world each runs, and what is tracked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairgym.agents import Agent
from fairgym.envs.dynamics import make_params
from fairgym.envs.reapplication import ReapplicationParams
from fairgym.metrics import (
    Funnel,
    GamingShare,
    OfferRate,
    Overall,
    RepaymentAfterRecourse,
    TimeToRecourse,
    Tracker,
    TrueImprovement,
    Utility,
)
from fairgym.populations.applicants import JOBS, SyntheticPeople
from fairgym.scenarios.gaming.trackers import LoansAtOnce, RecourseAtShares
from fairgym.scenarios.recourse_over_time.rules import ACCURATE as ACCURATE
from fairgym.scenarios.recourse_over_time.rules import AWARE as AWARE
from fairgym.scenarios.recourse_over_time.rules import NO_OFFERS as NO_OFFERS
from fairgym.scenarios.recourse_over_time.rules import RECOURSE_WEIGHT, lender
from fairgym.scenarios.recourse_over_time.rules import aiming as aiming

SHARES = tuple(percent / 100 for percent in range(0, 101, 10))
"""Causal shares of the sweep."""
GAME, REAL = 0.0, 1.0
"""Acting changes nothing but the looks; all of it is real."""

BAR = 0.5
"""Share of repaying above which a leaf accepts, to which the cheapest offers lead."""
AIMS = (0.55, 0.6, 0.65, 0.7, 0.75)
"""Shares of repaying of the leaves to which offers lead at the least, where they aim higher."""
LOW_AIM, AIM = 0.6, 0.7
"""Those that claims are about."""
MIXED, CAUSAL_ONLY = "accurate, own shares", "accurate, own shares, causal features only"
MOSTLY_CAUSAL = 0.5
"""Causal share from which on a feature counts as causal."""

PROFIT, REPAID, IMPROVED, GAMED = "profit", "repaid_after_recourse", "improvement", "gaming_share"
FUNNEL, OFFERED, AT_ONCE, AFTER = "funnel", "offered", "loans_at_once", "recourse"
TIME, HORIZON = "time", 20
"""Where the time to a loan is tracked, and for how many periods."""


def real(rule: str) -> str:
    """Return the name of the run of a rule at causal share 1; without it the share is 0."""
    return f"{rule}, causal share 1"


def causal_columns() -> tuple[str, ...]:
    """Return what people can change of which at least half of the effect is real, as columns."""
    people = SyntheticPeople()
    of_factor = {"job": JOBS[0]}  # one column of a one-hot group stands for the group
    pairs = zip(people.factors, people.causal, strict=True)
    return tuple(of_factor.get(factor, factor) for factor, share in pairs if share >= MOSTLY_CAUSAL)


SWEPT: dict[str, Agent] = {
    aiming(rule, aim): lender(weight, aim=aim)
    for rule, weight, aims in ((ACCURATE, 0.0, (None, *AIMS)), (AWARE, RECOURSE_WEIGHT, (None,)))
    for aim in aims
}
"""The rules with offers that one run at share 0 tells everything about."""
RUNS: dict[str, tuple[Agent, float | None]] = {
    NO_OFFERS: (lender(offers=None), GAME),
    **{name: (agent, GAME) for name, agent in SWEPT.items()},
    real(ACCURATE): (lender(), REAL),
    MIXED: (lender(), None),
    CAUSAL_ONLY: (lender(only=causal_columns()), None),
}
"""Every rule with its causal share, None being the population's own shares."""


def trackers(name: str, params: ReapplicationParams) -> dict[str, Tracker]:
    """Return what is tracked of a rule."""
    swept = {AFTER: RecourseAtShares(SHARES, params.interest, params.default_loss)} if name in SWEPT else {}
    return {
        PROFIT: Utility(),
        REPAID: Overall(RepaymentAfterRecourse()),
        IMPROVED: Overall(TrueImprovement()),
        GAMED: Overall(GamingShare()),
        OFFERED: Overall(OfferRate()),
        AT_ONCE: LoansAtOnce(),
        FUNNEL: Funnel(),
        TIME: TimeToRecourse(HORIZON, within=(5, HORIZON), restricted_to=HORIZON, curve=True),
        **swept,
    }


def params_of(env_params: Mapping[str, Any]) -> ReapplicationParams:
    """Return the terms of the world, as changed."""
    params: ReapplicationParams = make_params(ReapplicationParams, dict(env_params))
    return params
