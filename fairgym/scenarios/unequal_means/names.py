"""Names of the experiments, the groups' means in each of them, and the metrics that are recorded."""

from __future__ import annotations

ALIKE = {"kind": "applicants", "gap": 0.0}
"""A population whose groups do not differ in anything that a lender, or repayment, can see."""
MEAN, LOWER_MEAN = 0.3, 0.1
"""Cost at which 1 in e follow, in the group with resources and in the one with fewer."""
SWEPT = (0.15, 0.2)
"""Means of the second group in between."""

NO_OFFERS, ACCURATE, AWARE = "no offers", "accurate tree", "recourse-aware tree"
STRONGER = "weights .05 and .5"
SAME_TOTAL = "equal weights, same total"
WITHIN_REACH, REACH_AND_WEIGHT = "ways up within reach", "ways up within reach, same total"
CONTROL = f"{AWARE}, equal means"

ACCEPT, OFFER, COST = "first_accept", "first_offer", "first_cost"
ON_PAPER = (ACCEPT, OFFER, COST)
"""What an audit of first applications measures."""
FOLLOW, WITHIN_5, WITHIN_10, MEAN_TIME, NEVER = (
    "follow",
    "time.within_5",
    "time.within_10",
    "time.restricted_mean",
    "never",
)
IN_TIME = (FOLLOW, WITHIN_5, WITHIN_10, NEVER)
"""What becomes of people."""
EVERY_COST, EFFORT, DEFAULT, PROFIT = "cost", "effort_per_served", "default", "profit"
ASKS_GROUP = "agent.asks_group"


def with_mean(mean: float) -> str:
    """Return the experiment of the recourse-aware tree in which the second group has this mean."""
    return {MEAN: CONTROL, LOWER_MEAN: AWARE}.get(mean, f"{AWARE}, mean {mean:g}")
