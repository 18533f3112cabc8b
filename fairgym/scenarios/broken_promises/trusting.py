"""TrustingLender: a lender that takes for granted that whoever did what it told her repays, and learns from that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fairgym.agents import RecourseLender
from fairgym.agents.base import Transition


class TrustingLender(RecourseLender):
    """A ``RecourseLender`` in whose books all loans to people who did wholly what they were told are repaid.

    So are the data of Altmeyer et al. 2023 made on which models are retrained: who acts on recourse gets the label of
    the target class, whatever would have become of her.
    """

    def learn(self, transition: Transition) -> None:
        """Learn from the loans as they are booked."""
        label = transition.reported("qualified")
        acted = (transition.observation["promised"] == 1) & (label >= 0)
        booked = {**transition.outcome, "qualified": np.where(acted, 1, label)}
        super().learn(replace(transition, outcome=booked))
