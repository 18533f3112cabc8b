"""Ball: the moves that cost no more than a budget, for costs that count every unit alike, and the way back into it.

Moves are measured in what they cost, feature by feature (*steps*): a unit of a step is a unit of cost. What may be
moved by any amount is moved; whole numbers and one-hot groups stay where they are, and what they cost counts towards
the budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.costs import EUCLIDEAN, MAXIMUM, FittedCost, Floats
from fairgym.robustness.reach import Bools, Reach

HALVINGS = 40
SPARSE = 10
"""Under a sum, one in so many features moves in one step of the ascent."""


@dataclass(frozen=True)
class Ball:
    """What a person n may do about D features that can be moved by any amount; rows are people."""

    cost: FittedCost
    unit: Floats  # (D,), steps per unit of the feature
    counts: Bools  # (D,), whether a step costs anything
    fall: Floats  # (n, D), how far down steps may go
    rise: Floats  # (n, D), how far up

    @classmethod
    def of(cls, reach: Reach, people: Floats) -> Ball:
        """Return the ball around people (n, D)."""
        per_unit = reach.per_unit
        assert per_unit is not None
        spread = reach.background.std(axis=0)
        unit = np.where(per_unit > 0, per_unit, 1 / np.where(spread > 0, spread, 1.0))
        fall, rise = (np.where(reach.numeric, room, 0.0) * unit for room in reach.room(people))
        return cls(reach.cost, unit, per_unit > 0, fall, rise)

    def only(self, rows: NDArray[Any]) -> Ball:
        """Return the ball of some of the people."""
        return Ball(self.cost, self.unit, self.counts, self.fall[rows], self.rise[rows])

    def left(self, budget: Floats, spent: Floats) -> Floats:
        """Return what of a budget (n,) is left for steps, where ``spent`` (n,) is spent already; NaN for nothing."""
        with np.errstate(invalid="ignore"):
            if self.cost.combine == EUCLIDEAN:
                return np.asarray(np.sqrt(budget**2 - spent**2))
            return np.where(spent <= budget, budget if self.cost.combine == MAXIMUM else budget - spent, np.nan)

    def project(self, steps: Floats, budget: Floats) -> Floats:
        """Return steps (n, D) cut off where the room ends, then brought to the nearest ones within the budget (n,)."""
        steps = np.clip(steps, -self.fall, self.rise)
        if self.cost.combine == MAXIMUM:
            return np.where(self.counts, np.clip(steps, -budget[:, None], budget[:, None]), steps)
        over = np.flatnonzero(self.length(steps) > budget)
        if len(over):
            steps[over] = self._shrunk(steps[over], budget[over])
        return steps

    def length(self, steps: Floats) -> Floats:
        """Return what steps (n, D) cost, (n,)."""
        return self.cost.combined(np.where(self.counts, np.abs(steps), 0.0))

    def scaled(self, steps: Floats, budget: Floats) -> Floats:
        """Return steps (n, D) in the same direction within the room, and scaled down to the budget (n,)."""
        steps = np.clip(steps, -self.fall, self.rise)
        length = self.length(steps)
        return np.asarray(steps * np.minimum(1.0, budget / np.where(length > 0, length, 1.0))[:, None])

    def _shrunk(self, steps: Floats, budget: Floats) -> Floats:
        """Return the nearest steps that cost the budget, of such as cost more: shorter by a factor, or by an amount."""
        if self.cost.combine == EUCLIDEAN:
            share = budget / self.length(steps)
            return np.where(self.counts, steps * share[:, None], steps)
        low, high = np.zeros(len(steps)), np.abs(steps).max(axis=1)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            dear = self.length(_less(steps, middle)) > budget
            low, high = np.where(dear, middle, low), np.where(dear, high, middle)
        return np.where(self.counts, _less(steps, high), steps)

    def uphill(self, slope: Floats, steps: Floats) -> Floats:
        """Return the steepest steps of length 1 (n, D) along a slope (n, D); 0 where ``steps`` leave no room."""
        slope = np.where(slope > 0, np.where(steps < self.rise, slope, 0.0), np.where(-steps < self.fall, slope, 0.0))
        if self.cost.combine == MAXIMUM:
            return np.asarray(np.sign(slope))
        if self.cost.combine == EUCLIDEAN:
            length = np.sqrt((slope**2).sum(axis=1, keepdims=True))
            return slope / np.where(length > 0, length, 1.0)
        count = -(-slope.shape[1] // SPARSE)
        bar = np.partition(np.abs(slope), -count, axis=1)[:, [-count]]
        return np.asarray(np.where(np.abs(slope) >= bar, np.sign(slope), 0.0) / count)


def _less(steps: Floats, amount: Floats) -> Floats:
    """Return steps (n, D) that are shorter by an amount (n,), or 0."""
    return np.sign(steps) * np.maximum(np.abs(steps) - amount[:, None], 0.0)
