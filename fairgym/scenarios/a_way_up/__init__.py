"""A way up: who gets a loan in the end, when, at what effort, and at what cost to the lender, if acting is real.

Fifty periods at causal share 1: whoever acts on an offer truly repays more often. The lender has either the *accurate*
tree or the *recourse-aware* one of Kanamori et al., "Learning decision trees and forests with algorithmic recourse",
ICML 2024, trained so that the rejected have an action within the budget. Both tell the rejected the cheapest one. Time
and effort to recourse are measures of Bell et al., "Fairness in algorithmic recourse through the lens of substantive
equality of opportunity", 2024. Neither paper follows the lender's money; the claims about it are ours.

The cheapest action brings people just over the bar, where a loan earns nothing, and those who have just got there repay
less often than the others of their leaf: so offers cost the lender, although people who act improve on average. To the
lender they are a laxer bar by another name. Three controls tell what is due to what: *aiming* offers, which lead to
leaves with a share of repaying of .7 at least; *random offers* of the same budget, after which the tree decides anew,
or which are honoured whatever they did; and *laxer bars*, trees without offers that would rather lend: the plain way
to serve more people for less profit.

Training for recourse gives more people an action, not a cheaper one (claims W5a to W6): who gets a loan by
acting waits as long and works as hard.

All rules have the same archives and the same luck, lane by lane, and are compared so.
"""

from __future__ import annotations

from fairgym.experiment import Experiment
from fairgym.scenarios.a_way_up.claims import CLAIMS
from fairgym.scenarios.a_way_up.figures import figures
from fairgym.scenarios.a_way_up.names import RULES, tracked
from fairgym.scenarios.base import Scenario, Settings
from fairgym.scenarios.recourse_over_time.rules import LANES, PERIODS, experiment
from fairgym.scenarios.recourse_over_time.sources import KANAMORI


def experiments(settings: Settings) -> list[Experiment]:
    """Return all rules, on the same luck, in a world in which acting is improving."""
    return [experiment(name, agent, tracked(), settings, causal_share=1.0) for name, agent in RULES.items()]


SCENARIO = Scenario(
    name="a-way-up",
    title="More people get a loan from a tree trained for recourse; the lender pays, less if offers aim higher.",
    paper=KANAMORI,
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=LANES,
    steps=PERIODS,
)
