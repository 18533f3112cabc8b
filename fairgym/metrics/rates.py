"""The textbook rates by group: one line of arithmetic each, every one of shape (n, G), NaN where undefined.

Where selective labels hide whether a rejected person is qualified, a rate that needs to know it becomes NaN for that
group from then on; a rate that only needs the truth about accepted people (``Precision``) is not affected.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.batch import Array, Numbers
from fairgym.metrics.base import GroupRate
from fairgym.outcome import HIDDEN


def known_qualified(outcome: Mapping[str, Array]) -> Numbers:
    """Return 1 for qualified, 0 for not, NaN for hidden; (n,) or (n, m)."""
    return np.where(outcome["qualified"] == HIDDEN, np.nan, outcome["qualified"])


class AcceptanceRate(GroupRate):
    """Share of all people who were accepted: what demographic parity equalises."""

    requires = ("group", "decision")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return accepted over everybody."""
        return outcome["decision"], np.ones_like(outcome["decision"])


class TruePositiveRate(GroupRate):
    """Share of the qualified who were accepted: what equal opportunity equalises."""

    requires = ("group", "decision", "qualified")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return accepted and qualified over qualified."""
        qualified = known_qualified(outcome)
        return outcome["decision"] * qualified, qualified


class FalsePositiveRate(GroupRate):
    """Share of the unqualified who were accepted."""

    requires = ("group", "decision", "qualified")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return accepted and unqualified over unqualified."""
        unqualified = 1 - known_qualified(outcome)
        return outcome["decision"] * unqualified, unqualified


class FalseNegativeRate(GroupRate):
    """Share of the qualified who were rejected."""

    requires = ("group", "decision", "qualified")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return rejected and qualified over qualified."""
        qualified = known_qualified(outcome)
        return (1 - outcome["decision"]) * qualified, qualified


class Precision(GroupRate):
    """Share of the accepted who were qualified: what predictive parity equalises."""

    requires = ("group", "decision", "qualified")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return accepted and qualified over accepted; the truth about the rejected is not needed."""
        return np.where(outcome["decision"] == 1, known_qualified(outcome), 0.0), outcome["decision"]


class Accuracy(GroupRate):
    """Share of all people whose decision was right: qualified and accepted, or unqualified and rejected."""

    requires = ("group", "decision", "qualified")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return rightly decided over everybody."""
        return 1 - np.abs(outcome["decision"] - known_qualified(outcome)), np.ones_like(outcome["decision"])
