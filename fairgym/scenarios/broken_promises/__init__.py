"""Broken promises: competition and retraining move the bar while people work on what they were told.

Fonseca, Bell, Abrate, Bonchi and Stoyanovich, "Setting the right expectations: algorithmic recourse over time", 2023;
Altmeyer, Angela, Buszydlik, Dobiczek, van Deursen and Liem, "Endogenous macrodynamics in algorithmic recourse", 2023.

A lender with a decision tree tells the rejected the cheapest change after which it would have served them *today*. Some
of them do it, wholly, and come back. Is the promise kept? With a fixed rule and money for all, always. With k loans a
period the best are served, so the bar is where the k-th of them stands, and what was enough then may not be now. With
a rule that is fitted anew every five periods, to an archive and to the loans granted since, what was enough is simply
another thing.

What retraining and competition do to the bar is told apart from what recourse does to it: beside them stand rules that
are retrained as often, or have as few loans, and offer nothing. In Altmeyer et al. the boundary moves into the rejected
class, because who acted is booked with the label of the accepted; here there is such a lender, too (``trusting.py``),
beside those who learn from what became of their loans. The first does what the paper says: it accepts more, its offers
get cheaper, more of its loans default, and it earns less. The others do not: who lands just above a threshold defaults
more often than the rule expects, the rule learns it, and one promise in six is broken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairgym.agents import RecourseLender
from fairgym.checks import require
from fairgym.experiment import Experiment
from fairgym.metrics import BarDrift, DefaultRate, Funnel, MeanOfferCost, NeverServed, Overall, PromiseKeptRate, Utility
from fairgym.metrics.base import Tracker
from fairgym.scenarios.base import Scenario, Settings
from fairgym.scenarios.broken_promises.claims import CLAIMS
from fairgym.scenarios.broken_promises.figures import OVER_TIME, figures
from fairgym.scenarios.broken_promises.names import (
    AT_ONCE,
    BAR,
    BOTH,
    CAPACITIES,
    COST,
    DEFAULTS,
    FIXED,
    FUNNEL,
    HONOURED,
    HORIZON,
    KEPT,
    LATE,
    LATELY_KEPT,
    MONEY,
    NEVER,
    REFIT,
    REFITTED,
    REFITTED_SILENT,
    REFUSED,
    SHOWN,
    SILENT,
    TIGHT,
    TIGHT_SILENT,
    TRUSTING,
    limited,
)
from fairgym.scenarios.broken_promises.trackers import AfterBrokenPromise, Lately, ShownChance
from fairgym.scenarios.broken_promises.trusting import TrustingLender
from fairgym.scenarios.recourse_over_time.rules import LANES, PERIODS, experiment, lender, tree
from fairgym.scenarios.recourse_over_time.sources import ALTMEYER, FONSECA
from fairgym.scenarios.recourse_over_time.trackers import ServedAtOnce

Arm = tuple[RecourseLender, dict[str, Any]]
"""A rule, and what is particular about its world."""


def arms() -> dict[str, Arm]:
    """Return the rules, all with the accurate tree, by name."""
    fixed, silent = lender(promises="forget"), lender(offers=None)
    refitted = lender(promises="forget", refit_every=REFIT)
    trusting = TrustingLender(tree(), offers="cheapest", promises="forget", refit_every=REFIT)
    honest = lender(promises="honour", refit_every=REFIT)
    return {
        FIXED: (fixed, {"causal_share": 1.0}),
        SILENT: (silent, {"causal_share": 1.0}),
        **{limited(most): (fixed, {"causal_share": 1.0, "capacity": most}) for most in CAPACITIES},
        TIGHT_SILENT: (silent, {"causal_share": 1.0, "capacity": TIGHT}),
        **{name: (refitted, {"causal_share": float(share)}) for share, name in REFITTED.items()},
        REFITTED_SILENT: (lender(offers=None, refit_every=REFIT), {"causal_share": 1.0}),
        TRUSTING: (trusting, {"causal_share": 1.0}),
        BOTH: (refitted, {"causal_share": 1.0, "capacity": TIGHT}),
        HONOURED: (honest, {"causal_share": 1.0, "capacity": TIGHT}),
    }


def trackers() -> Mapping[str, Tracker]:
    """Return what is recorded."""
    return {
        KEPT: Overall(PromiseKeptRate()),
        LATELY_KEPT: Lately(PromiseKeptRate()),
        FUNNEL: Funnel(),
        MONEY: Utility(),
        DEFAULTS: Overall(DefaultRate()),
        NEVER: Overall(NeverServed()),
        AT_ONCE: Overall(ServedAtOnce()),
        SHOWN: Lately(ShownChance()),
        COST: Lately(MeanOfferCost()),
        REFUSED: AfterBrokenPromise(HORIZON, within=(HORIZON,), restricted_to=HORIZON, curve=True),
        BAR: BarDrift(),
    }


def experiments(settings: Settings) -> list[Experiment]:
    """Return the rules, on the same newcomers and luck; what no picture shows over time records its ends only."""
    require("capacity" not in settings.env_params, "the rules differ in their capacity: leave it out.")
    ends = [1, *range(max(2, settings.steps - LATE + 1), settings.steps + 1)]
    return [
        experiment(name, rule, trackers(), settings, every=1 if name in OVER_TIME else ends, **world)
        for name, (rule, world) in arms().items()
    ]


SCENARIO = Scenario(
    name="broken-promises",
    title="Who does what she was told may be refused: competition and retraining move the bar meanwhile.",
    paper=f"{FONSECA}; {ALTMEYER}",
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=LANES,
    steps=PERIODS,
)
