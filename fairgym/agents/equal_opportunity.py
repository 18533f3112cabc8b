"""EqualOpportunity: most money under equal true positive rates (Hardt, Price and Srebro, NeurIPS 2016)."""

from __future__ import annotations

from fairgym.agents.belief_agent import CommonRateAgent
from fairgym.agents.beliefs import Beliefs
from fairgym.agents.common_rate import common_rate
from fairgym.agents.policy import Policy


class EqualOpportunity(CommonRateAgent):
    """Accepts so that the same share of each group's qualified people gets a loan, and the bank earns most.

    It is the most among policies that accept from the highest score down (``common_rate``). Where repayment falls
    with the score somewhere, a policy that skips those scores may earn more.
    Between two scores it randomises. Rates are equal at every step, by the bank's beliefs at that step. A group
    believed to have no qualified member is served for reward alone. ``target_rate`` is the common true positive rate.
    """

    def policy(self, beliefs: Beliefs) -> Policy:
        """Return the exact optimum of each lane."""
        return common_rate(beliefs, *self.payoff, among_qualified=True)
