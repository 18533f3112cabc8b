"""Bins: at which numbers a feature may be cut, from coarse to as fine as the background allows.

A cut is a number between two neighbouring values of the background, and of those the one with the fewest digits, so
that it is exact and short. Quartiles serve most decisions; where one answer is rare, cuts in the tails; and where even
these leave the rows around a person mixed, her own bin is halved, again and again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fairgym.checks import InputError, numbers_array, one_of, require, suggestion
from fairgym.explain.predicates import Floats

QUARTILES = (0.25, 0.5, 0.75)
DECILES = tuple(place / 10 for place in range(1, 10))
TAILS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99)
FINE = tuple(sorted({*DECILES, *TAILS, 0.15, 0.85}))
"""Shares of the background below each cut."""
AUTO, QUARTILE, DECILE = "auto", "quartile", "decile"
RARE = 0.1
"""With ``bins="auto"``, tails are cut where an answer is given to less than this share."""


class Bins:
    """The cuts of D columns; categories have none."""

    def __init__(self, bins: Any, values: Sequence[Floats], names: Sequence[str], numeric: Sequence[bool]) -> None:
        self.values = [column if number else column[:0] for column, number in zip(values, numeric, strict=True)]
        given = self._given(bins, names, numeric)
        self.halved = [own is None and not (isinstance(bins, str) and bins != AUTO) for own in given]
        usual = DECILES if isinstance(bins, str) and bins == DECILE else QUARTILES
        self.plain, self.tails, self.fine = (
            [
                own if own is not None else self._cuts(at, shares if self.halved[at] else usual)
                for at, own in enumerate(given)
            ]
            for shares in (usual, TAILS, FINE)
        )

    def cuts(self, share: float) -> list[tuple[float, ...]]:
        """Return the first cuts of each column, for an answer that is given to this share of the background."""
        return self.tails if min(share, 1 - share) < RARE else self.plain

    def end(self, at: int, own: float) -> tuple[float, ...]:
        """Return a cut between a person's value and all of the background, where hers lies beyond it; else none."""
        values = self.values[at]
        if not self.halved[at] or not len(values) or np.isnan(own) or values[0] <= own <= values[-1]:
            return ()
        return (own,) if own < values[0] else (shortest(float(values[-1]), own),)

    def halves(self, at: int, low: int, high: int, own: float) -> list[float]:
        """Return a cut on either side of a person's value that halves the rows of her bin, sorted places low to high.

        There is none on a side where no value of the background lies.
        """
        values = self.values[at]
        here = values[low:high]
        below, above = int(here.searchsorted(own, "left")), len(here) - int(here.searchsorted(own, "right"))
        found = []
        if below:
            value = float(here[(below + 1) // 2 - 1])
            found.append(shortest(value, min(_next(values, value), own)))
        if above:
            value = max(own, float(here[len(here) - above + above // 2 - 1])) if above > 1 else own
            found.append(shortest(value, _next(values, value)))
        return found

    def _cuts(self, at: int, shares: Sequence[float]) -> tuple[float, ...]:
        """Return the cuts of one column with these shares of its values below."""
        values = self.values[at]
        if not len(values):
            return ()
        places = [max(0, int(np.ceil(share * len(values))) - 1) for share in shares]
        chosen = {float(values[place]) for place in places if values[place] < values[-1]}
        return tuple(sorted(shortest(value, _next(values, value)) for value in chosen))

    def _given(self, bins: Any, names: Sequence[str], numeric: Sequence[bool]) -> list[tuple[float, ...] | None]:
        """Return the cuts that the user gives, None for a column that has the usual ones; refuse anything else."""
        if isinstance(bins, str):
            one_of("bins", bins, (AUTO, QUARTILE, DECILE))
            return [None] * len(names)
        if not isinstance(bins, Mapping):
            require(
                isinstance(bins, Sequence) and len(bins) == len(names),
                f"bins={bins!r} is not a list of cuts for each of {len(names)} columns: give that, a dict, or 'auto'.",
            )
            empty = [cuts is None or (hasattr(cuts, "__len__") and not len(cuts)) for cuts in bins]
            bins = {name: cuts for name, cuts, none in zip(names, bins, empty, strict=True) if not none}
        given: list[tuple[float, ...] | None] = [None] * len(names)
        for name, cuts in bins.items():
            if name not in names:
                raise InputError(f"bins has cuts for {name!r}, which is no column: {suggestion(str(name), names)}")
            at = list(names).index(name)
            require(numeric[at], f"bins has cuts for {name!r}, which holds categories: leave it out.")
            array = numbers_array(f"bins[{name!r}]", cuts)
            require(array.ndim == 1, f"bins[{name!r}]={cuts!r} is not a list of numbers: give one.")
            given[at] = tuple(sorted(set(array.tolist())))
        return given


def _next(values: Floats, value: float) -> float:
    """Return the next greater of sorted values; infinity after the last."""
    place = int(values.searchsorted(value, "right"))
    return float(values[place]) if place < len(values) else np.inf


def shortest(low: float, high: float) -> float:
    """Return the number with the fewest digits that is at least ``low`` and below ``high``."""
    if low <= 0 < high:
        return 0.0
    low, largest = float(low), float(max(abs(low), abs(high)))
    if largest == math.inf:  # nothing of the background lies above
        return low
    for digits in range(1, 18):
        step = 10.0 ** (math.floor(math.log10(largest)) + 1 - digits)
        if step == 0:  # finer than numbers are
            return low
        value = float(f"{math.ceil(low / step) * step:.{digits}g}")
        if low <= value < high:
            return value
    return low
