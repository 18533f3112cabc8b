"""What acting on an offer costs people, and what it is worth: true improvement against gaming.

When somebody is back from an action, her true chance of repaying has risen by the *true* change, and looks from her
features as if it had risen by the *shown* change. The difference is gaming: it moves the decision, not the repayment
(Miller, Milli and Hardt 2020, "Strategic classification is causal modeling in disguise").
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.batch import Array
from fairgym.metrics.base import GroupRate


class MeanOfferCost(GroupRate):
    """Mean cost of an offer that the person could follow, in units of the cost of the world; (n, G).

    Impossible offers have no cost and are left out: ``ImpossibleOffers`` is their share.
    """

    requires = ("group", "applied", "offered", "offer_cost")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return the cost of possible offers over possible offers."""
        possible = (outcome["offered"] == 1) & ~np.isnan(outcome["offer_cost"])
        return np.where(possible, outcome["offer_cost"], 0.0), possible


class ImpossibleOffers(GroupRate):
    """Share of the offers to a group that nobody in that position could follow; (n, G)."""

    requires = ("group", "applied", "offered", "offer_cost")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return impossible offers over offers."""
        return outcome["offered"] * np.isnan(outcome["offer_cost"]), outcome["offered"]


class EffortPerPerson(GroupRate):
    """Effort of the people of a group so far over the number of them who ever applied; (n, G), in units of cost.

    A ratio of running totals: effort counts when the person is back from it. It mixes who never had to act with who
    tried in vain; ``EffortToRecourse`` is about the rejected alone.
    """

    requires = ("group", "applied", "effort", "tries")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return effort over first applications."""
        return outcome["effort"], outcome["tries"] == 1


class TrueImprovement(GroupRate):
    """Mean rise in the true chance of repaying of people back from an action; (n, G)."""

    requires = ("group", "applied", "returned", "true_score_change")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return the true change over returned."""
        return of_returned(outcome, outcome["true_score_change"]), outcome["returned"]


class Gaming(GroupRate):
    """Mean part of the shown rise in the chance of repaying that is not real, of people back from an action; (n, G)."""

    requires = ("group", "applied", "returned", "true_score_change", "shown_score_change")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return shown minus true change over returned."""
        unreal = outcome["shown_score_change"] - outcome["true_score_change"]
        return of_returned(outcome, unreal), outcome["returned"]


class GamingShare(GroupRate):
    """Part of the summed shown rise of people back from an action that is not real; (n, G), NaN where nothing shows.

    0: all that acting shows is true; 1: none of it is. Outside of that only where acting lowers one of the two.
    """

    requires = ("group", "applied", "returned", "true_score_change", "shown_score_change")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return shown minus true change over the shown change."""
        shown = of_returned(outcome, outcome["shown_score_change"])
        return shown - of_returned(outcome, outcome["true_score_change"]), shown


def of_returned(outcome: Mapping[str, Array], change: Array) -> Array:
    """Return the change of who is back from an action, 0 for the others; of the shape of ``group``."""
    return np.where(outcome["returned"] == 1, change, 0.0)
