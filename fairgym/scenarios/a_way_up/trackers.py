"""What is tracked here and nowhere else: loans at once, and what those who are served after acting went through."""

from __future__ import annotations

from collections.abc import Mapping

from fairgym.batch import Array
from fairgym.metrics.base import GroupRate


class DefaultRateAtOnce(GroupRate):
    """Share of the loans to people who are not back from an action that were not repaid; (n, G)."""

    requires = ("group", "applied", "decision", "returned", "repaid")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return accepted without an action and defaulted over accepted without an action."""
        at_once = outcome["decision"] * (1 - outcome["returned"])
        return at_once * (outcome["repaid"] == 0), at_once


class WaitOfServed(GroupRate):
    """Mean periods from the first application to the loan of those who got it back from an action; (n, G)."""

    requires = ("group", "applied", "decision", "returned", "waited")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return periods waited over accepted after an action."""
        served = outcome["decision"] * outcome["returned"]
        return served * outcome["waited"], served


class EffortOfServed(GroupRate):
    """Mean effort, in units of cost, of those who got a loan back from an action; (n, G)."""

    requires = ("group", "applied", "decision", "returned", "effort_spent")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return effort spent over accepted after an action."""
        served = outcome["decision"] * outcome["returned"]
        return served * outcome["effort_spent"], served
