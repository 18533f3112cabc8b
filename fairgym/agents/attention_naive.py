"""NaiveMatching: attention in proportion to the incidents discovered, which its own attention made."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from fairgym.agents.attention import AttentionAgent, newest
from fairgym.agents.base import Arrays
from fairgym.batch import Array
from fairgym.checks import number
from fairgym.noise import Uniforms


class NaiveMatching(AttentionAgent):
    """Believes what it saw: draws sites in proportion to the incidents that it remembers having discovered there.

    Each remembered incident is forgotten in a step with probability ``decay``. Nothing corrects for where it looked,
    so attention begets discoveries and these beget attention: the runaway feedback loop of Ensign et al., "Runaway
    feedback loops in predictive policing" (FAT* 2018). While it remembers none it draws sites blindly.
    """

    def __init__(self, decay: float = 0.01) -> None:
        self.decay = number("decay", decay, at_least=0, at_most=1)

    def start(self) -> None:
        """Remember nothing."""
        self._remembered = np.zeros((self.lanes, self._sites), dtype=np.int64)

    def units(self, luck: Uniforms, observation: Arrays, info: Arrays) -> Array:
        """Return units drawn by what is remembered, (n, K)."""
        forgotten = np.maximum(binom.ppf(luck[:, -self._sites :], self._remembered, self.decay), 0).astype(np.int64)
        self._remembered += newest(observation, "discovered", self._sites) - forgotten
        nothing = self._remembered.sum(axis=1, keepdims=True) == 0
        return self.drawn(luck, np.where(nothing, 1.0, self._remembered))

    def diagnostics(self) -> dict[str, Array]:
        """Return the incidents remembered at each site, (n, K)."""
        return {"remembered": self._remembered.astype(np.float64)}
