"""Trackers of what wrappers report: who moved, what that cost, and who stood out, by group.

They stand here and not in ``fairgym.metrics`` because no world reports these keys by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.batch import Array
from fairgym.metrics.base import GroupRate


class FlaggedRate(GroupRate):
    """Share of all people who were flagged by an ``AnomalyGuard``."""

    requires = ("group", "flagged")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return flagged over everybody."""
        return outcome["flagged"], np.ones_like(outcome["flagged"])


class MovedRate(GroupRate):
    """Share of all people who moved before they were decided on: by themselves, or by an attack."""

    requires = ("group", "was_moved")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return moved over everybody."""
        return outcome["was_moved"], np.ones_like(outcome["was_moved"])


class MeanMoveCost(GroupRate):
    """Mean cost of the moves of those who moved."""

    requires = ("group", "was_moved", "move_cost")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return the cost over who moved."""
        return outcome["move_cost"], outcome["was_moved"]
