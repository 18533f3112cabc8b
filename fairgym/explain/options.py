"""Options: all conditions that a person satisfies and a rule about her may be made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairgym.explain.arms import Arm, Option
from fairgym.explain.bins import Bins
from fairgym.explain.predicates import ABOVE, AT_MOST, IS, MISSING, PRESENT, Bools, Floats, Predicate
from fairgym.explain.sorting import Bits, Slice, SortedColumns
from fairgym.explain.table import Person

MOST_HALVINGS = 8
"""How often a person's bin is halved."""
RECENT = 1500
"""Rows of a shorter rule that say something about a longer one."""


class Options:
    """The conditions of one person, which grow where the first do not suffice."""

    def __init__(self, person: Person, columns: SortedColumns, bins: Bins) -> None:
        self.person, self.columns, self.bins = person, columns, bins
        self.names = person.table.names
        self.halvings = 0
        self.all: list[Option] = []
        self.box: list[Slice] = [(0, len(columns.rows))] * len(self.names)  # the person's own bin of each column
        self._known: set[tuple[int, Slice]] = set()

    def begin(self, cuts: Sequence[tuple[float, ...]]) -> None:
        """Take up the conditions at these cuts of each column."""
        for at in range(len(self.names)):
            for predicate in self.of(at, (*cuts[at], *self.bins.end(at, self.person.codes[at]))):
                self.add(at, predicate)
        self._stack()

    def of(self, at: int, cuts: Sequence[float]) -> list[Predicate]:
        """Return the conditions on a column that the person satisfies, at these cuts."""
        name, own = self.names[at], self.person.codes[at]
        if np.isnan(own):
            return [Predicate(name, MISSING)]
        gaps = self.columns.present[at] < len(self.columns.rows)
        found = [Predicate(name, PRESENT)] if gaps else []
        if self.columns.kinds[at]:
            return [*found, Predicate(name, IS, self.person.raw(at))]
        return [*found, *(Predicate(name, AT_MOST if own <= cut else ABOVE, cut) for cut in cuts)]

    def add(self, at: int, predicate: Predicate) -> Option | None:
        """Take up a condition, unless one with the same rows is known or all rows satisfy it."""
        part = self.slice_of(at, predicate)
        option = Option(at, part, predicate)
        if part == (0, len(self.columns.rows)) or (at, part) in self._known:
            return None
        self._known.add((at, part))
        self.all.append(option)
        start, stop = self.box[at]
        self.box[at] = max(start, part[0]), max(max(start, part[0]), min(stop, part[1]))
        return option

    def slice_of(self, at: int, predicate: Predicate) -> Slice:
        """Return the places in the sorted column that satisfy a condition."""
        if predicate.relation == IS and self.person.more[at]:
            return (0, 0)  # a category that the background lacks
        return self.columns.slice_of(at, predicate, self.person.table.columns[at])

    def halve(self) -> bool:
        """Halve the person's bin of every column of numbers, where it still can be; return whether there is news."""
        if self.halvings == MOST_HALVINGS:
            return False
        self.halvings += 1
        before = len(self.all)
        for at in range(len(self.names)):
            own = self.person.codes[at]
            if self.columns.kinds[at] or np.isnan(own) or not self.bins.halved[at]:
                continue
            stop = min(self.box[at][1], int(self.columns.present[at]))
            for predicate in self.of(at, self.bins.halves(at, self.box[at][0], stop, own)):
                self.add(at, predicate)
        self._stack()
        return len(self.all) > before or self.halve()

    def _stack(self) -> None:
        """Lay what is needed of all conditions side by side."""
        columns = self.columns
        self.at = np.array([option.at for option in self.all], dtype=np.intp)
        ends = [
            (np.inf, -np.inf) if start >= stop else (columns.sorted[at, start], columns.sorted[at, stop - 1])
            for at, (start, stop) in ((option.at, option.part) for option in self.all)
        ]
        self.low, self.high = np.array(ends, dtype=np.float64).reshape(-1, 2).T
        self.bits: list[Bits] = [columns.bits(option.at, option.part) for option in self.all]
        self.stacked = np.stack(self.bits) if self.bits else np.empty((0, len(columns.all)), dtype=np.uint64)

    def covers(self, arm: Arm) -> np.ndarray:
        """Return how many rows satisfy a rule and each condition, (P,)."""
        counts: np.ndarray = np.bitwise_count(self.stacked & arm.bits).sum(axis=1, dtype=np.int64)
        return counts

    def inherited(self, arm: Arm) -> tuple[Floats, Floats]:
        """Return of the rows drawn for a rule how many satisfy each condition, and how many of them are hits, (P,)."""
        if not arm.blocks:
            return np.zeros(len(self.all)), np.zeros(len(self.all))
        rows = np.concatenate([block for block, _ in arm.blocks])[-RECENT:]
        hits: Bools = np.concatenate([block for _, block in arm.blocks])[-RECENT:]
        values = rows.take(self.at, axis=1)
        inside = (values >= self.low) & (values <= self.high)
        absent = np.isnan(self.low)
        if absent.any():
            inside[:, absent] = np.isnan(values[:, absent])
        return inside.sum(axis=0).astype(float), inside[hits].sum(axis=0).astype(float)
