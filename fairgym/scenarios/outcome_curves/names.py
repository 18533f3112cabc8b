"""Names that the parts of the scenario share, and how its numbers are read."""

from __future__ import annotations

from fairgym.result import Numbers, Result
from fairgym.scenarios.outcome_curves.model import MAX_UTILITY, regime

PAPER = "Liu et al., Delayed impact of fair machine learning, ICML 2018"
CURVE = "outcome curve"
WHITE, BLACK = "white", "black"
TWO_GROUPS = (WHITE, BLACK)
LOSSES = (4, 10)
"""What a default costs the bank, per unit that a repaid loan earns."""


def experiment(policy: str, loss: float, groups: int = 2) -> str:
    """Return the name of one operating point: a policy of a bank with so many groups of applicants."""
    return f"{policy}, loss {loss:g}, {groups} groups"


def outcome(
    result: Result, policy: str, loss: float, group: str, groups: int = 2, metric: str = "score_change"
) -> float:
    """Return one number of an operating point, the expected change of a group's mean score by default."""
    return float(result.values(metric, experiment=experiment(policy, loss, groups), group=group).iloc[0])


def regime_of(result: Result, policy: str, loss: float, group: str, groups: int = 2) -> str:
    """Return the regime that a policy puts a group in."""
    change, reference = (outcome(result, one, loss, group, groups) for one in (policy, MAX_UTILITY))
    return regime(change, reference)


def curve(result: Result, group: str) -> tuple[Numbers, Numbers]:
    """Return a group's outcome curve: acceptance rates and expected changes of its mean score, two (C + 1,)."""
    parts = (result.table(metric, experiment=CURVE, group=group) for metric in ("acceptance_rate", "score_change"))
    rates, changes = (part.to_numpy(dtype=float)[0] for part in parts)
    return rates, changes


def groups_of(result: Result) -> list[str]:
    """Return the names of all groups."""
    return list(dict.fromkeys(result.frame.loc[result.frame["experiment"] == CURVE, "group"]))
