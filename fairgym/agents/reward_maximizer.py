"""RewardMaximizer: every applicant from whom money is expected, whatever the group gets."""

from __future__ import annotations

import numpy as np

from fairgym.agents.belief_agent import BeliefAgent
from fairgym.agents.beliefs import Beliefs
from fairgym.agents.payoff import worth
from fairgym.agents.policy import Policy


class RewardMaximizer(BeliefAgent):
    """Accepts an applicant if and only if the expected money is positive: the most that one step can earn.

    The money is that of its ``gain`` and ``loss``. It takes every score by itself: where repayment falls with the
    score, it may accept a score and reject a higher one.
    It looks no further than the step: where scores move, a bank that plans ahead can earn more.
    """

    def policy(self, beliefs: Beliefs) -> Policy:
        """Return 1 where a loan is worth more than nothing, 0 elsewhere."""
        return Policy((worth(beliefs.repayment, *self.payoff) > 0).astype(np.float64))
