"""Ladder: the thresholds that a model puts on one feature, and what it takes a person to get across each.

The one place that says where a change lands and what it costs. Training asks which thresholds a person can get across
within the budget; the search for an action asks, of each interval between thresholds (*rung*), for the nearest point
and its price. Rung j holds the values above threshold j - 1 up to, and with, threshold j; there are m + 1 rungs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.actions import Actions
from fairgym.recourse.costs import SLACK, FittedCost, Floats, Position

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Ladder:
    """The thresholds of one feature, ascending, and the nearest values to move to on either side of each, all (m,).

    Limits bind in the direction of a move: nobody rises above the highest value or falls under the lowest.
    """

    thresholds: Floats  # as the highest number at or under each that the feature can take: where falling people land
    up: Floats  # lowest number above each threshold: where rising people land
    down_position: Floats  # where the cost sees ``thresholds``; -inf where nobody may fall to
    up_position: Floats  # where the cost sees ``up``; +inf where nobody may rise to
    position: Position
    integer: bool
    precision: type

    @classmethod
    def of(
        cls, thresholds: Floats, actions: Actions, cost: FittedCost, place: int, precision: type = np.float64
    ) -> Ladder:
        """Return the ladder of the feature at ``place`` for a model that compares numbers of ``precision``.

        Thresholds between which the feature has no value are one.
        """
        integer, position = bool(actions.integer[place]), cost.positions[place]
        down = np.unique(_at_or_under(np.asarray(thresholds, dtype=float), integer, precision))
        up = _above(down, integer, precision)
        may_fall = actions.can_fall[place] & (down >= actions.low[place])
        may_rise = actions.can_rise[place] & (up <= actions.high[place])
        return cls(
            thresholds=down,
            up=up,
            down_position=np.where(may_fall, position(down), -np.inf),
            up_position=np.where(may_rise, position(up), np.inf),
            position=position,
            integer=integer,
            precision=precision,
        )

    def index(self, thresholds: Floats) -> Places:
        """Return the places of a model's own thresholds on the ladder."""
        return np.searchsorted(self.thresholds, _at_or_under(thresholds, self.integer, self.precision), side="left")

    def rung(self, values: Floats) -> Places:
        """Return the rung that a model of this precision sees values on, 0 to m."""
        seen: NDArray[Any] = np.asarray(values, dtype=float).astype(self.precision)
        return np.searchsorted(self.thresholds, seen, side="left")

    def reach(self, values: Floats, budget: float) -> tuple[Places, Places]:
        """Return the lowest and the highest rung that people with these values can get to within the budget.

        So they reach the left of threshold k if ``lowest <= k`` and its right if ``k < highest``.
        """
        here, rung = self.position(values), self.rung(values)
        lowest = np.searchsorted(self.down_position, here - budget - SLACK, side="left")
        highest = np.searchsorted(self.up_position, here + budget + SLACK, side="right")
        return np.minimum(lowest, rung), np.maximum(highest, rung)

    def landing(self, values: Floats) -> tuple[Floats, Floats]:
        """Return where people (n,) land on each rung and what it costs each of them, both (n, m + 1).

        On their own rung they stay as they are, free of charge; a rung that they may not move to costs infinity.
        """
        rungs = np.arange(len(self.thresholds) + 1)
        place, cost, _ = self.nearest(values, rungs, rungs)
        return place.T, cost.T

    def nearest(self, values: Floats, first: Places, last: Places) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return where people (n,) land in ranges of rungs (k,), what it costs and whether they move, all (k, n).

        In a range that they are in they stay as they are, free of charge; one they may not move to costs infinity.
        """
        here, rung, nowhere = self.position(values), self.rung(values), np.nan
        rises, falls = rung < first[:, None], rung > last[:, None]
        lands_up, lands_down = np.append(nowhere, self.up)[first], np.append(self.thresholds, nowhere)[last]
        up, down = np.append(-np.inf, self.up_position)[first], np.append(self.down_position, np.inf)[last]
        place = np.where(rises, lands_up[:, None], np.where(falls, lands_down[:, None], values))
        cost = np.where(rises, up[:, None] - here, np.where(falls, here - down[:, None], 0.0))
        return place, cost, rises | falls


def _at_or_under(thresholds: Floats, integer: bool, precision: type) -> Floats:
    """Return the highest number at or under each threshold: a whole one, or one of the model's precision."""
    rounded: Floats = (np.floor(thresholds) if integer else thresholds).astype(precision)
    under: Floats = np.where(rounded > thresholds, np.nextafter(rounded, precision(-np.inf)), rounded).astype(float)
    return under


def _above(at_or_under: Floats, integer: bool, precision: type) -> Floats:
    """Return the next number after each, whole or of the model's precision."""
    after: Floats = np.nextafter(at_or_under.astype(precision), precision(np.inf)).astype(float)
    return np.maximum(after, at_or_under + 1) if integer else after
