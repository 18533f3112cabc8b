"""What this scenario measures beside the trackers of the package: first applications, and effort per person served."""

from __future__ import annotations

from collections.abc import Mapping

from fairgym.batch import Array, Mask
from fairgym.metrics import (
    AcceptanceRate,
    DefaultRate,
    FollowRate,
    Funnel,
    MeanOfferCost,
    NeverServed,
    OfferRate,
    TimeToRecourse,
    Utility,
)
from fairgym.metrics.base import GroupRate, Tracker, Values
from fairgym.scenarios.unequal_means.names import (
    ACCEPT,
    COST,
    DEFAULT,
    EFFORT,
    EVERY_COST,
    FOLLOW,
    NEVER,
    OFFER,
    PROFIT,
)


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


class EffortPerServed(GroupRate):
    """Mean effort of those served after a rejection, who may have waited only; (n, G), in units of cost."""

    requires = ("group", "applied", "decision", "tries", "effort_spent")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return the effort of those served after a rejection over their number."""
        served = outcome["decision"] * (outcome["tries"] > 1)
        return served * outcome["effort_spent"], served


def trackers() -> dict[str, Tracker]:
    """Return everything that is measured, by name."""
    return {
        ACCEPT: AtFirst(AcceptanceRate()),
        OFFER: AtFirst(OfferRate()),
        COST: AtFirst(MeanOfferCost()),
        FOLLOW: FollowRate(),
        "time": TimeToRecourse(horizon=20, within=(5, 10), restricted_to=10, curve=True),
        NEVER: NeverServed(),
        EVERY_COST: MeanOfferCost(),
        EFFORT: EffortPerServed(),
        DEFAULT: DefaultRate(),
        PROFIT: Utility(),
        "funnel": Funnel(),
    }
