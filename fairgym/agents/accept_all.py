"""AcceptAll: everybody gets the good thing."""

from __future__ import annotations

import numpy as np

from fairgym.agents.base import AcceptRejectAgent, Arrays
from fairgym.batch import Array


class AcceptAll(AcceptRejectAgent):
    """Accepts everybody: the end of the scale against which other rules are read."""

    def acceptance(self, observation: Arrays, info: Arrays) -> Array:
        """Return 1 for every lane."""
        return np.ones(self.lanes)
