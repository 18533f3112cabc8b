"""DemographicParity: most money under equal acceptance rates."""

from __future__ import annotations

from fairgym.agents.belief_agent import CommonRateAgent
from fairgym.agents.beliefs import Beliefs
from fairgym.agents.common_rate import common_rate
from fairgym.agents.policy import Policy


class DemographicParity(CommonRateAgent):
    """Accepts the same share of each group, at the share with which the bank earns most.

    It is the most among policies that accept from the highest score down (``common_rate``). Where repayment falls
    with the score somewhere, a policy that skips those scores may earn more.
    Between two scores it randomises. Rates are equal at every step, by the bank's beliefs at that step.
    ``target_rate`` is the common acceptance rate.
    """

    def policy(self, beliefs: Beliefs) -> Policy:
        """Return the exact optimum of each lane."""
        return common_rate(beliefs, *self.payoff, among_qualified=False)
