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
    Tracker,
    TrueImprovement,
    Utility,
)
from fairgym.populations.applicants import JOBS, SyntheticPeople
from fairgym.result import Result
from fairgym.scenarios.gaming.trackers import LoansAtOnce, RecourseAtShares
from fairgym.scenarios.recourse_over_time.rules import RECOURSE_WEIGHT, lender

MILLER = "Miller, Milli and Hardt, Strategic classification is causal modeling in disguise, ICML 2020"
KANAMORI = "Kanamori et al., Learning decision trees and forests with algorithmic recourse, ICML 2024"
ALTMEYER = "Altmeyer et al., Endogenous macrodynamics in algorithmic recourse, SaTML 2023"

SHARES = tuple(percent / 100 for percent in range(0, 101, 10))
"""Causal shares of the sweep."""
GAME, REAL = 0.0, 1.0
"""Acting changes nothing but the looks; all of it is real."""

NO_OFFERS, ACCURATE, AWARE = "no offers", "accurate", "recourse-aware"
BAR = 0.5
"""Share of repaying above which a leaf accepts, to which the cheapest offers lead."""
AIMS = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
"""Shares of repaying of the leaves to which offers lead at the least, where they aim higher."""
LOW_AIM, AIM = 0.6, 0.7
"""Those that claims are about."""
MIXED, CAUSAL_ONLY = "accurate, own shares", "accurate, own shares, causal features only"
REFIT_EVERY = 5
"""Periods between two fits, where a rule is fitted anew."""
MOSTLY_CAUSAL = 0.5
"""Causal share from which on a feature counts as causal."""

PROFIT, REPAID, IMPROVED, GAMED = "profit", "repaid_after_recourse", "improvement", "gaming_share"
FUNNEL, OFFERED, AT_ONCE, AFTER = "funnel", "offered", "loans_at_once", "recourse"


def aiming(rule: str, aim: float | None) -> str:
    """Return the name of a rule whose offers aim higher, or just at the bar."""
    return rule if aim is None else f"{rule}, aim {aim:g}"


def real(rule: str) -> str:
    """Return the name of the run of a rule at causal share 1; without it the share is 0."""
    return f"{rule}, causal share 1"


def refitted(share: float) -> str:
    """Return the name of the run in which the accurate rule is fitted anew."""
    return f"{ACCURATE}, refitted, causal share {share:g}"


def causal_columns() -> tuple[str, ...]:
    """Return what people can change of which at least half of the effect is real, as columns."""
    people = SyntheticPeople()
    of_factor = {"job": JOBS[0]}  # one column of a one-hot group stands for the group
    pairs = zip(people.factors, people.causal, strict=True)
    return tuple(of_factor.get(factor, factor) for factor, share in pairs if share >= MOSTLY_CAUSAL)


SWEPT: dict[str, Agent] = {
    aiming(rule, aim): lender(weight, aim=aim)
    for rule, weight, aims in ((ACCURATE, 0.0, AIMS), (AWARE, RECOURSE_WEIGHT, (AIM,)))
    for aim in (None, *aims)
}
"""The rules with offers that are never fitted anew, which one run at share 0 tells everything about."""
RUNS: dict[str, tuple[Agent, float | None]] = {
    NO_OFFERS: (lender(offers=None), GAME),
    **{name: (agent, GAME) for name, agent in SWEPT.items()},
    real(ACCURATE): (lender(), REAL),
    MIXED: (lender(), None),
    CAUSAL_ONLY: (lender(only=causal_columns()), None),
    **{refitted(share): (lender(refit_every=REFIT_EVERY), share) for share in (GAME, REAL)},
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
        **swept,
    }


def params_of(env_params: Mapping[str, Any]) -> ReapplicationParams:
    """Return the terms of the world, as changed."""
    params: ReapplicationParams = make_params(ReapplicationParams, dict(env_params))
    return params


def break_even(result: Result) -> float:
    """Return the share of loans that have to be repaid so that they cost nothing, in the world that was run."""
    params = params_of(result.config["experiments"][0]["env_params"])
    return params.default_loss / (params.interest + params.default_loss)
