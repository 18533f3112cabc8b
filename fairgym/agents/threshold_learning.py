"""ThresholdSample: who was admitted with which score, and the threshold that would have judged them best.

A threshold admits scores at or above it. It is right about an eligible person whom it admits and about an ineligible
one whom it refuses. Raising it past a person therefore costs one right decision if the person is eligible and gains
one if not, and the most accurate threshold is where the running balance of costs and gains, from the lowest score up,
is least. The balance is an integer and moves only at the scores that were seen: the search over them is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Array, Numbers

NOBODY = 1.0
"""The threshold of who would do best to admit nobody: the highest score."""
MANY = 5
"""Rows to be dropped are many if they are more than one in so many."""
_OWNER_BIT = 32
"""A key holds the owner above this bit, and below it the score: single-precision numbers sort as their bits do."""


class ThresholdSample:
    """The samples of several owners and the most accurate threshold on each, kept up to date as people are added.

    Adding people costs a search for each and a copy of the rows, the best thresholds one pass over them. A row is one
    score of one owner, with the balance of all who had it; who games for a threshold lands on it, and so in one row.
    """

    def __init__(self, owners: int) -> None:
        self.owners = owners
        self._key: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._balance: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._counts = np.zeros((2, owners), dtype=np.int64)

    def add(self, owner: Array, score: Array, eligible: Array) -> None:
        """Take in k people: the owner, 0 .. owners - 1, the score in [0, 1] and the label, 1 or 0, of each; (k,).

        Scores are kept in single precision, as worlds show them and take thresholds.
        """
        np.add.at(self._counts, (eligible, owner), 1)
        keys, person = np.unique(_keys(owner, score), return_inverse=True)
        balance = np.bincount(person, 2 * eligible - 1, minlength=len(keys)).astype(np.int64)
        place = np.searchsorted(self._key, keys)
        known = np.zeros(len(keys), dtype=np.bool_)
        within = place < len(self._key)
        known[within] = self._key[place[within]] == keys[within]
        self._balance[place[known]] += balance[known]
        self._key = np.insert(self._key, place[~known], keys[~known])
        self._balance = np.insert(self._balance, place[~known], balance[~known])

    def best(self) -> Numbers:
        """Return the most accurate threshold of each owner, (owners,): one of the scores, or ``NOBODY``.

        Of equally good ones it is the highest. NaN for an owner who has not seen both labels.
        """
        best = np.full(self.owners, np.nan)
        rows = len(self._key)
        starts = np.searchsorted(self._key, np.arange(self.owners + 1) << _OWNER_BIT)
        owner = np.flatnonzero(starts[1:] > starts[:-1])
        if not owner.size:
            return best
        after = self._balance.cumsum()
        before = after - self._balance
        # the least balance comes first and of equal ones the highest row; what was added up before an owner is in all
        # balances of the owner alike
        least = np.minimum.reduceat((before + 1) * rows - np.arange(1, rows + 1), starts[owner])
        row = rows - 1 - least % rows
        nobody = after[starts[owner + 1] - 1] < before[row]
        found = np.where(nobody, NOBODY, _scores(self._key[row]))
        best[owner] = np.where((self._counts[:, owner] > 0).all(axis=0), found, np.nan)
        return best

    def forget_below(self, threshold: Numbers) -> None:
        """Drop, for each owner, whoever is below a threshold, (owners,), below which nobody will be added any more.

        What is added at or above it changes the balance of all lower scores alike, so the best threshold on the whole
        sample stays the best on the rest: it lies no lower than where it lay. Rows are dropped when they are many.
        """
        owners = np.arange(self.owners)
        lowest = _keys(owners, threshold)
        below = np.searchsorted(self._key, lowest) - np.searchsorted(self._key, owners << _OWNER_BIT)
        if below.sum() * MANY > len(self._key):
            kept = self._key >= lowest[self._key >> _OWNER_BIT]
            self._key, self._balance = self._key[kept], self._balance[kept]


def _keys(owner: Array, score: Array) -> NDArray[np.int64]:
    """Return one whole number for each owner and score, in the order of owners and, for one owner, of scores."""
    bits = (np.asarray(score).astype(np.float32) + np.float32(0)).view(np.int32)  # plus zero: -0.0 has other bits
    keys: NDArray[np.int64] = (np.asarray(owner, dtype=np.int64) << _OWNER_BIT) | bits
    return keys


def _scores(keys: NDArray[np.int64]) -> Numbers:
    """Return the scores in the keys."""
    return np.asarray((keys & ((1 << _OWNER_BIT) - 1)).astype(np.int32).view(np.float32).astype(np.float64))
