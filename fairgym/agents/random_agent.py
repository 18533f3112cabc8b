"""RandomAgent: a coin decides."""

from __future__ import annotations

import numpy as np

from fairgym.agents.base import AcceptRejectAgent, Arrays
from fairgym.batch import Array
from fairgym.checks import number


class RandomAgent(AcceptRejectAgent):
    """Accepts everybody with the same probability ``rate``, blind to who they are."""

    def __init__(self, rate: float = 0.5) -> None:
        self.rate = number("rate", rate, at_least=0, at_most=1)

    def acceptance(self, observation: Arrays, info: Arrays) -> Array:
        """Return the rate for every lane."""
        return np.full(self.lanes, self.rate)
