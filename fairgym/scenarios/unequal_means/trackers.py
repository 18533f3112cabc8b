"""What this scenario measures, and of that what is no tracker of the package: effort per person served."""

from __future__ import annotations

from collections.abc import Mapping

from fairgym.batch import Array
from fairgym.metrics import (
    DefaultRate,
    FollowRate,
    Funnel,
    MeanOfferCost,
    NeverServed,
    OfferRate,
    TimeToRecourse,
    Utility,
)
from fairgym.metrics.base import GroupRate, Tracker
from fairgym.scenarios.recourse_over_time.trackers import AtFirst, ServedAtOnce
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
        ACCEPT: ServedAtOnce(),
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
