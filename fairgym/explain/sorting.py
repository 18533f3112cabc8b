"""SortedColumns: every column sorted once, so that a condition on a feature is a slice of it.

A value that satisfies the condition is then one random whole number into the slice, and the rows that satisfy it are a
row of bits, so that the coverage of a rule is a count of the bits that its conditions have in common.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.explain.predicates import ABOVE, AT_MOST, MISSING, PRESENT, Floats, Predicate
from fairgym.explain.table import Column, Table

Bits = NDArray[np.uint64]
Slice = tuple[int, int]
MOST_KEPT = 1 << 26
"""Bytes of bits that are kept for conditions that come again."""


class SortedColumns:
    """The coded background, (n, D), by row, by column, and sorted by column."""

    def __init__(self, table: Table) -> None:
        self.rows = np.ascontiguousarray(table.coded)  # (n, D)
        self.by_column = np.ascontiguousarray(table.coded.T)  # (D, n)
        self.sorted = np.sort(self.by_column, axis=1)  # (D, n), missing values last
        self.present = (~np.isnan(self.sorted)).sum(axis=1)  # (D,)
        self.kinds = [column.categories is not None for column in table.columns]
        self._kept: dict[tuple[int, int, int], Bits] = {}
        self.all = self._packed(np.ones(len(self.rows), dtype=bool))

    def slice_of(self, at: int, predicate: Predicate, column: Column) -> Slice:
        """Return the places in the sorted column whose values satisfy a condition."""
        present, size = int(self.present[at]), len(self.rows)
        if predicate.relation in (MISSING, PRESENT):
            return (present, size) if predicate.relation == MISSING else (0, present)
        values = self.sorted[at, :present]
        if predicate.relation in (AT_MOST, ABOVE):
            middle = int(values.searchsorted(predicate.value, "right"))
            return (0, middle) if predicate.relation == AT_MOST else (middle, present)
        code = column.codes(np.array([predicate.value], dtype=object))[0]
        return int(values.searchsorted(code, "left")), int(values.searchsorted(code, "right"))

    def bits(self, at: int, part: Slice) -> Bits:
        """Return the rows whose value of a feature lies in a slice, packed."""
        key = (at, *part)
        found = self._kept.get(key)
        if found is None:
            found = self._packed(self._mask(at, part))
            if len(self._kept) * self.all.nbytes < MOST_KEPT:
                self._kept[key] = found
        return found

    def _mask(self, at: int, part: Slice) -> NDArray[np.bool_]:
        """Return which rows have a value in a slice, (n,)."""
        start, stop = part
        values = self.by_column[at]
        if start >= stop:
            return np.zeros(len(values), dtype=bool)
        if start >= self.present[at]:
            return np.asarray(np.isnan(values))
        return np.asarray((values >= self.sorted[at, start]) & (values <= self.sorted[at, stop - 1]))

    @staticmethod
    def _packed(mask: NDArray[np.bool_]) -> Bits:
        """Return a mask (n,) as bits, filled up with zeros to whole words."""
        packed = np.packbits(mask)
        return np.pad(packed, (0, -len(packed) % 8)).view(np.uint64)

    def pack(self, mask: NDArray[np.bool_]) -> Bits:
        """Return a mask over the rows (n,) as bits."""
        return self._packed(mask)

    def members(self, bits: Bits) -> NDArray[np.intp]:
        """Return the places of the rows whose bit is set."""
        return np.flatnonzero(np.unpackbits(bits.view(np.uint8), count=len(self.rows)))


def count(bits: Bits) -> int:
    """Return how many bits are set."""
    return int(np.bitwise_count(bits).sum())


def meet(one: Slice, other: Slice) -> Slice:
    """Return the places that two slices have in common."""
    start = max(one[0], other[0])
    return start, max(start, min(one[1], other[1]))


def floats(columns: SortedColumns, at: int) -> Floats:
    """Return the values of a column that are not missing, sorted."""
    return columns.sorted[at, : columns.present[at]]
