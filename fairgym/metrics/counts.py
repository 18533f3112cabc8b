"""Counts of people by group, since the start."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.batch import Array, Numbers
from fairgym.metrics.base import GroupSums, GroupTotal
from fairgym.metrics.rates import known_qualified


class ConfusionCounts(GroupSums):
    """People accepted or rejected, rightly or wrongly, so far.

    Where selective labels hide the truth about a rejected person, ``tn`` and ``fn`` of that group are NaN from then
    on; ``tp`` and ``fp`` stay known.
    """

    requires = ("group", "decision", "qualified")
    at_start = 0.0
    num_parts = 4

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, ...]:
        """Return accepted qualified, accepted unqualified, rejected unqualified, rejected qualified."""
        accepted, qualified = outcome["decision"] == 1, known_qualified(outcome)
        unqualified = 1 - qualified
        return (
            np.where(accepted, qualified, 0.0),
            np.where(accepted, unqualified, 0.0),
            np.where(accepted, 0.0, unqualified),
            np.where(accepted, 0.0, qualified),
        )

    def compute(self) -> dict[str, Numbers]:
        """Return ``tp, fp, tn, fn``, each (n, G)."""
        return dict(zip(("tp", "fp", "tn", "fn"), self.sums.copy(), strict=True))


class CumulativeDecisions(GroupTotal):
    """People accepted so far: in lending, the loans granted."""

    requires = ("group", "decision")
    key = "decision"
