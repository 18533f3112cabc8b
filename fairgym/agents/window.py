"""Windows: the last rows of several tables, so that what is learned from does not grow with the run."""

from __future__ import annotations

import numpy as np

from fairgym.batch import Array, Numbers


class Windows:
    """One table per owner, each keeping its last ``size`` rows."""

    def __init__(self, owners: int, size: int, columns: int) -> None:
        self._rows = np.empty((owners, size, columns))
        self._added = np.zeros(owners, dtype=np.int64)

    def add(self, owner: Array, rows: Numbers) -> None:
        """Append rows (k, columns), row j to the table of ``owner[j]``; owners are in increasing order."""
        size = self._rows.shape[1]
        rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
        self._rows[owner, (self._added[owner] + rank) % size] = rows
        np.add.at(self._added, owner, 1)

    def rows(self, owner: int) -> Numbers:
        """Return the rows of one owner, the oldest first; (at most size, columns)."""
        table, added = self._rows[owner], int(self._added[owner])
        return table[:added] if added <= len(table) else np.roll(table, -(added % len(table)), axis=0)
