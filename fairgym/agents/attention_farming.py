"""FarmingAttention: a rule that earns by letting incidents grow. A warning, not a proposal."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgym.agents.attention import RateAttention, proportions
from fairgym.agents.base import Arrays
from fairgym.batch import Array, Numbers
from fairgym.checks import number, whole_number
from fairgym.noise import Uniforms


class FarmingAttention(RateAttention):
    """Lets incidents grow until they are worth harvesting.

    While the rates of all sites sum to less than ``threshold`` incidents a step, every unit goes to the quietest site
    (the first of several), so that the others grow. Otherwise they are dealt in proportion to the rates. Where a reward
    counts discoveries, this one-parameter rule earns more than a rule that removes the incidents. By default it farms
    by estimated rates, with ``oracle=True`` by the true ones. For the first ``honest_steps`` steps it only shares out
    in proportion.
    """

    def __init__(self, threshold: float = 4.0, honest_steps: int = 0, **rates: Any) -> None:
        """Set up the rule; ``rates`` are the settings of ``RateAttention``."""
        super().__init__(**rates)
        self.threshold = number("threshold", threshold, at_least=0)
        self.honest_steps = whole_number("honest_steps", honest_steps, at_least=0)

    def start(self) -> None:
        """Know nothing, and begin honestly if so told."""
        self._decisions = 0
        super().start()

    def plan(self, rates: Numbers) -> Numbers:
        """Return all units on the quietest site, or in proportion; (m, K)."""
        harvest = rates.sum(axis=1, keepdims=True) >= self.threshold
        quietest = np.arange(self._sites) == rates.argmin(axis=1)[:, None]
        honest = self._decisions <= self.honest_steps
        return self._units * np.where(harvest | honest, proportions(rates), quietest)

    def units(self, luck: Uniforms, observation: Arrays, info: Arrays) -> Array:
        """Return the units of the plan, (n, K)."""
        self._decisions += 1
        if self._decisions == self.honest_steps + 1:
            self.refit(np.flatnonzero(~np.isnan(self._rates).any(axis=1)))
        return super().units(luck, observation, info)
