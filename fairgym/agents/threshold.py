"""ThresholdAgent: accept from a fixed score up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairgym.agents.base import AcceptRejectAgent, Agent, Arrays
from fairgym.batch import Array
from fairgym.checks import InputError, whole_number


class ThresholdAgent(AcceptRejectAgent):
    """Accepts scores at or above a threshold, one for all groups or one for each.

    Thresholds are score levels, 0 .. C: 0 accepts everybody, C nobody.
    """

    requires = ("score",)

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return the myopic optimum of the two groups of "Fairness is not static", and two that look further."""
        return {f"ThresholdAgent({shown})": cls(shown) for shown in (3, 2, [2, 1])}

    def __init__(self, thresholds: int | Sequence[int]) -> None:
        if isinstance(thresholds, np.ndarray) and thresholds.ndim == 0:
            thresholds = thresholds[()]
        if isinstance(thresholds, (Sequence, np.ndarray)) and not isinstance(thresholds, str):
            self.thresholds: int | tuple[int, ...] = tuple(
                whole_number(f"thresholds[{index}]", each, at_least=0) for index, each in enumerate(thresholds)
            )
        else:
            self.thresholds = whole_number("thresholds", thresholds, at_least=0)

    def start(self) -> None:
        """Fit the thresholds to the groups and score levels of the world."""
        levels = self.categories("score")
        if np.max(self.thresholds, initial=0) > levels:
            raise InputError(f"thresholds={self.thresholds} is beyond the {levels} score levels: give 0 to {levels}.")
        if isinstance(self.thresholds, tuple) and len(self.thresholds) != self.categories("group"):
            raise InputError(
                f"thresholds={self.thresholds} has {len(self.thresholds)} entries for {self.categories('group')} "
                f"groups: give one per group, or one number for all."
            )
        self._thresholds = np.asarray(self.thresholds)

    def acceptance(self, observation: Arrays, info: Arrays) -> Array:
        """Return 1 where the score reaches the threshold, else 0; (n,)."""
        threshold = self._thresholds if self._thresholds.ndim == 0 else self._thresholds[observation["group"]]
        return (observation["score"] >= threshold).astype(np.float64)

    def diagnostics(self) -> dict[str, Array]:
        """Return the threshold of each lane, (n,), or of each lane and group, (n, G)."""
        return {"threshold": np.broadcast_to(self._thresholds, (self.lanes, *self._thresholds.shape)).astype(float)}
