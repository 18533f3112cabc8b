"""Found: what a search for actions gives, whichever search it was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ACCEPTED, OPTIMAL, FOUND, IMPOSSIBLE, UNKNOWN = range(5)
"""What is known of a person: the model gives her the target class as she is; her action is the cheapest there is; it is
one that works; no action within the budget exists; none was found before the search had to stop."""
PROOFS = ("accepted", "optimal", "found", "impossible", "unknown")
"""The same in words, in the same order."""


EXACT, FAST = METHODS = ("exact", "fast")
"""How to search: for the cheapest action with a proof, or for a good one quickly."""


@dataclass(frozen=True)
class Found:
    """Actions of n people over D features, up to k alternatives each; every one is within budget and verified.

    Alternatives are ordered by cost and differ in the set of features that change; the first is the cheapest found.
    A one-hot group is one feature, also where changes are counted. ``proof`` speaks of the first. Alternatives that do
    not exist are NaN.
    """

    proof: NDArray[np.int8]  # (n,), one of the codes above
    cost: NDArray[np.float64]  # (n, k)
    people: NDArray[np.float64]  # (n, k, D), the values after the action; where nothing changes, as they were given
    bound: NDArray[np.float64]  # (n,), no action costs less; infinity where none exists, 0 where nothing is known
