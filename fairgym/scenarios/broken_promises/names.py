"""Names that the parts of the scenario share, and how their numbers are found in a result."""

from __future__ import annotations

import numpy as np

from fairgym.result import Numbers, Result

FONSECA = "Fonseca et al., Setting the right expectations: algorithmic recourse over time, 2023"
ALTMEYER = "Altmeyer et al., Endogenous macrodynamics in algorithmic recourse, 2023"
LIU = "Liu et al., Understanding endogenous data drift in adaptive models with recourse-seeking users, 2025"
REFIT = 5
"""Periods after which the retrained rule is fitted anew."""
LATELY = 5
"""Periods over which a running rate goes back."""
LATE = 10
"""The last periods, in which the bar is measured."""
CAPACITIES = (90, 60, 40, 20)
"""Loans a period, from loose to tight; without a limit about 75 are granted."""
TIGHT = 40
"""The capacity at which competition is joined with retraining."""

FIXED = "fixed rule"
SILENT = "fixed rule, no offers"
TIGHT_SILENT = f"{TIGHT} loans, no offers"
REFITTED = {1: "retrained, causal share 1", 0: "retrained, causal share 0"}
REFITTED_SILENT = "retrained, no offers"
TRUSTING = "retrained, who acted is booked as repaying"
BOTH = {1: f"{TIGHT} loans, retrained, causal share 1", 0: f"{TIGHT} loans, retrained, causal share 0"}
HONOURED = f"{TIGHT} loans, retrained, causal share 0, promises honoured"

KEPT, LATELY_KEPT, FUNNEL, MONEY, DEFAULTS = "kept", "kept_lately", "funnel", "money", "defaults"
NEVER, AT_ONCE, REFUSED, BAR = "never_served", "served_at_once", "refused", "bar"
SHOWN, COST = "shown", "offer_cost"
ACCEPTS = "agent.accepts"


def limited(capacity: int) -> str:
    """Return the name of the experiment with a fixed rule and so many loans a period."""
    return f"{capacity} loans"


def bar_late(result: Result, name: str, metric: str = ACCEPTS) -> Numbers:
    """Return a measure of the bar in the last periods, the mean of each lane, (n,).

    Periods in which the rule is fitted anew are left out: there the agent already has its next rule.
    """
    table = result.table(metric, experiment=name)
    recorded = [int(step) for step in table.columns]
    steps = [step for step in recorded if recorded[-1] - LATE < step and step % REFIT]
    return np.asarray(table[steps].to_numpy(dtype=np.float64).mean(axis=1))


def bar_first(result: Result, name: str, metric: str = ACCEPTS) -> Numbers:
    """Return the same in the first period, in which all applicants are new, (n,)."""
    return result.values(metric, experiment=name, step=1).to_numpy(dtype=np.float64)
