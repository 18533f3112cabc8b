"""Unequal means: two groups that are told the same, and of which one can do less about it.

After Bell, Fonseca, Abrate, Bonchi and Stoyanovich, "Fairness in algorithmic recourse through the lens of substantive
equality of opportunity", 2024, who measure recourse by the time and the effort that it takes each group. There the
groups start with different features; here they differ in nothing but their means, the cost at which 1 in e follow what
they are told: .3 in one group, .1 in the other. Features, repayment and everything that a lender can see are alike.

The story: an audit of first applications finds recourse equal, and could not find otherwise. In time half as many of
the group with fewer resources follow, fewer are served, and more are never served. Recourse weights that are higher for
that group serve more of it, and as many more of the other: groups of equal features leave a tree no reason to ask for
the group, so that the new ways up are open to everybody, and those with resources take them. The gap in time widens.
What narrows it is a rule trained for ways up that are cheap, the same for everybody. All claims are ours: no paper has
this world.
"""

from __future__ import annotations

from fairgym.scenarios.base import Scenario
from fairgym.scenarios.recourse_over_time.rules import LANES, PERIODS
from fairgym.scenarios.recourse_over_time.sources import BELL
from fairgym.scenarios.unequal_means.arms import experiments
from fairgym.scenarios.unequal_means.claims import CLAIMS
from fairgym.scenarios.unequal_means.figures import figures

SCENARIO = Scenario(
    name="unequal-means",
    title="Recourse that is equal on paper is unequal in time where one group has fewer resources.",
    paper=BELL,
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=LANES,
    steps=PERIODS,
)
