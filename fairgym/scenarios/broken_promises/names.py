"""Names that the parts of the scenario share, and how their numbers are found in a result."""

from __future__ import annotations

import numpy as np

from fairgym.result import Numbers, Result

REFIT = 5
"""Periods after which the retrained rule is fitted anew."""
LATELY = 5
"""Periods over which a running rate goes back."""
HORIZON = 20
"""Periods for which those whose promise was broken are followed."""
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
BOTH = f"{TIGHT} loans, retrained"
HONOURED = f"{BOTH}, promises honoured"

KEPT, LATELY_KEPT, FUNNEL, MONEY, DEFAULTS = "kept", "kept_lately", "funnel", "money", "defaults"
NEVER, AT_ONCE, REFUSED, BAR = "never_served", "served_at_once", "refused", "bar"
SHOWN, COST = "shown", "offer_cost"
ACCEPTS = "agent.accepts"
ACCEPTED = "share of the same 1,000 first applicants whom the rule would accept"
"""What that is, in words."""


def limited(capacity: int) -> str:
    """Return the name of the experiment with a fixed rule and so many loans a period."""
    return f"{capacity} loans"


def bar_late(result: Result, name: str, metric: str = ACCEPTS) -> Numbers:
    """Return a measure of the bar in the last periods, the mean of each lane, (n,)."""
    table = result.table(metric, experiment=name)
    recorded = [int(step) for step in table.columns]
    steps = [step for step in recorded if recorded[-1] - LATE < step]
    return np.asarray(table[steps].to_numpy(dtype=np.float64).mean(axis=1))


def bar_first(result: Result, name: str, metric: str = ACCEPTS) -> Numbers:
    """Return the same in the first period, in which all applicants are new, (n,)."""
    return result.values(metric, experiment=name, step=1).to_numpy(dtype=np.float64)
