"""Trackers that more than one scenario needs: what happens at first applications, as an audit of newcomers sees it."""

from __future__ import annotations

from collections.abc import Mapping

from fairgym.batch import Array, Mask
from fairgym.metrics.base import GroupRate, Tracker, Values


class AtFirst(Tracker):
    """Another tracker that sees first applications alone, as an audit of newcomers does; shaped as that one is.

    Later applications are a selection: whoever was told something cheap has followed it and is gone.
    """

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.requires = (*tracker.requires, "applied", "tries")

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.tracker.reset(num_envs, num_groups)

    def begin(self, outcome: Mapping[str, Array], lanes: Mask | None = None) -> None:
        """Pass on what the first state shows."""
        self.tracker.begin(outcome, lanes)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Pass on one step in which nobody but those at their first application applies."""
        self.tracker.update({**outcome, "applied": outcome["applied"] * (outcome["tries"] == 1)}, live)

    def compute(self) -> Values:
        """Return what the other tracker does."""
        return self.tracker.compute()


class ServedAtOnce(GroupRate):
    """Share of the first applications that are accepted: how the rule treats newcomers; (n, G)."""

    requires = ("group", "applied", "decision", "tries")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return accepted at the first application over first applications."""
        first = outcome["tries"] == 1
        return outcome["decision"] * first, first
