"""Rules that move: what explains a decision today does not explain it tomorrow, under a policy that keeps a promise.

D'Amour et al., "Fairness is not static", FAT* 2020, section 4.1, simulate a bank that lends so that, at every step,
would-be repayers of both groups have the same chance of a loan (*equal opportunity*), and one that lends where a loan
pays (*max reward*). Loans move the borrowers' scores, so that the people change under both. Here the decisions of both
banks are explained at steps 0, 5,000 and 20,000, for everybody whom the world can show: seven scores in two groups. A
rule is exact, because the people of the moment can be counted: its precision is the share of those whom it covers who
get that decision.

The story: to keep the chances equal while the groups change, the bank has to change its rule. At first it lends to the
disadvantaged of score 2 and not to the advantaged of score 2, and the rules that explain this name the group. By step
5,000 it has taken that back: of the people whom the rule covers a quarter are decided on otherwise, and at step 20,000
nearly half. The rules of everybody else last. Under max reward the bank's threshold never moves and no rule of the
first decision becomes wrong. Still rules move, because a rule may be wrong about one person in twenty: as most come to
live just below the threshold, a rule that includes some above it becomes precise enough. So a rule that moves does not
prove that the policy has; an old rule that is wrong about the same people does. The paper has thresholds but no
explanations: claims about rules are ours.
"""

from __future__ import annotations

from fairgym.result import Result
from fairgym.scenarios.base import Running, Scenario, Settings
from fairgym.scenarios.rules_that_move.claims import CLAIMS
from fairgym.scenarios.rules_that_move.explaining import explain_arms
from fairgym.scenarios.rules_that_move.figures import figures
from fairgym.scenarios.rules_that_move.names import PAPER, Options
from fairgym.scenarios.rules_that_move.tables import tables


def compute(settings: Settings, running: Running) -> Result:
    """Return the decision on everybody, and the rule that explains it, under both policies at every moment."""
    return explain_arms(settings, SCENARIO.chosen(settings), running)


SCENARIO = Scenario(
    name="rules-that-move",
    title="A rule that explains decisions expires under equal opportunity, which has to follow the people.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    compute=compute,
    lanes=20,
    options=Options,
    tables=tables,
)
