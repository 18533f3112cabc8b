"""Words: an action as somebody would say it, "raise income from 310 to 340; lower debt from 5 to 3".

A search lands just past a threshold of the model, at numbers such as 339.50003. Said aloud they are rounded away from
where the person stands, and a rounded action is only said if the model still gives the target class for it, within the
budget and the limits; otherwise it is said with more digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.actions import SEPARATORS, Actions
from fairgym.recourse.costs import FittedCost, Floats, within

OVERSHOOT = 0.01
"""Share of a change that rounding may add to it, where the column itself is not coarser."""
ENOUGH = 10
"""Different values from which on a column shows how many decimals it has."""
MOST_DECIMALS = 12
"""Beyond this many decimals a number is said in full."""
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Words:
    """What it takes to say an action and to know that it is true."""

    actions: Actions
    cost: FittedCost
    budget: float
    wins: Callable[[Any], NDArray[np.bool_]]
    names: Sequence[str]  # of the features
    resolution: Places  # (D,), decimals of each column, MOST_DECIMALS where it has many

    def changes(self, before: Floats, after: Floats) -> list[str]:
        """Return the changes in words of people who move from ``before`` to ``after``, both (n, D)."""
        shown, decimals = self.rounded(before, after)
        moved = before != after
        return [
            "; ".join(self._phrases(before[one], shown[one], moved[one], decimals[one])) for one in range(len(before))
        ]

    def rounded(self, before: Floats, after: Floats) -> tuple[Floats, Places]:
        """Return where people move to as it is said, (n, D), and the number of decimals, both (n, D)."""
        moved = (before != after) & ~self.actions.integer
        decimals = self._first_decimals(np.abs(after - before), moved)
        shown = after.copy()
        open_ = np.flatnonzero(moved.any(axis=1))
        while len(open_):
            decimals[open_] = np.minimum(decimals[open_], MOST_DECIMALS)
            full = decimals[open_] >= MOST_DECIMALS
            outward = _outward(before[open_], after[open_], np.where(full, 0, decimals[open_]))
            shown[open_] = np.where(moved[open_] & ~full, outward, after[open_])
            wrong = open_[~self._is_true(before[open_], shown[open_])]
            open_ = wrong[(moved[wrong] & (decimals[wrong] < MOST_DECIMALS)).any(axis=1)]
            decimals[open_] += moved[open_]
        return shown, decimals

    def _first_decimals(self, step: Floats, moved: NDArray[np.bool_]) -> Places:
        """Return the fewest decimals with which a change is said, (n, D): those of its size, or of its column."""
        size = np.ceil(-np.log10(OVERSHOOT * np.where(moved, step, 1.0)))
        coarse = np.minimum(np.clip(size, 0, MOST_DECIMALS), self.resolution)
        return np.where(moved, coarse, 0).astype(np.int64)

    def _is_true(self, before: Floats, after: Floats) -> NDArray[np.bool_]:
        """Return whether the model gives the target class after these moves, within the budget and the limits, (n,)."""
        low, high = self.actions.low, self.actions.high
        beyond = ((after > before) & (after > high)) | ((after < before) & (after < low))
        return np.asarray(self.wins(after) & within(self.cost.total(before, after), self.budget) & ~beyond.any(axis=1))

    def _phrases(self, before: Floats, after: Floats, moved: NDArray[np.bool_], decimals: Places) -> list[str]:
        """Return one phrase for each feature that one person changes, in the order of the columns."""
        group_of = {place: group for group in self.actions.groups for place in group}
        places = dict.fromkeys(group_of.get(int(place), (int(place),)) for place in np.flatnonzero(moved))
        return [
            self._category(group, before, after)
            if len(group) > 1
            else self._phrase(group[0], before[group[0]], after[group[0]], int(decimals[group[0]]))
            for group in places
        ]

    def _phrase(self, place: int, before: float, after: float, decimals: int) -> str:
        """Return the change of one feature in words."""
        name, actions = self.names[place], self.actions
        if actions.binary[place]:
            return f"switch {name} {'on' if after > before else 'off'}"
        verb = "raise" if after > before else "lower"
        return f"{verb} {name} from {_said(before, decimals)} to {_said(after, decimals)}"

    def _category(self, group: Sequence[int], before: Floats, after: Floats) -> str:
        """Return the change of a one-hot group in words."""
        names = [self.names[place] for place in group]
        title, labels = split_names(names)
        old, new = (labels[int(values[list(group)].argmax())] for values in (before, after))
        return f"change {title} from {old} to {new}" if title else f"change from {old} to {new}"


def split_names(names: Sequence[str]) -> tuple[str, list[str]]:
    """Return what the names of a one-hot group have in common, up to a separator, and what is left of each."""
    first, last = min(names), max(names)
    common = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    end = max((place for place in range(common) if first[place] in SEPARATORS), default=-1)
    title = first[: end + 1].strip(SEPARATORS)
    return (title, [name[end + 1 :] for name in names]) if title else ("", list(names))


def resolution_of(*tables: Floats) -> Places:
    """Return the decimals of each column of tables (n, D); MOST_DECIMALS where they are many or too few values tell."""
    values = np.concatenate(tables)
    return np.array([_decimals(np.unique(column)) for column in values.T], dtype=np.int64)


def _decimals(levels: Floats) -> int:
    """Return the decimals of a column with these values."""
    if len(levels) < ENOUGH:
        return MOST_DECIMALS
    exact = (places for places in range(MOST_DECIMALS) if (np.round(levels, places) == levels).all())
    return next(exact, MOST_DECIMALS)


def _outward(before: Floats, after: Floats, decimals: Places) -> Floats:
    """Return where moves end, rounded to decimals away from where they start."""
    scale = 10.0**decimals
    away = np.where(after > before, 1.0, -1.0)
    rounded = np.ceil(away * after * scale)
    short = rounded / scale < away * after  # the product was rounded down to a whole number
    outward: Floats = away * (rounded + short) / scale
    return outward


def _said(value: float, decimals: int) -> str:
    """Return a number with at most so many decimals, without trailing zeros."""
    digits = None if decimals >= MOST_DECIMALS else decimals
    said = np.format_float_positional(value, precision=digits, trim="-")
    return "0" if said == "-0" else said
