"""Whole units from shares, by the method of largest remainders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Array, Numbers

MAX_UNITS = 10**6
"""Largest number of units that 32-bit shares can still tell apart with a margin: exactness ends at 2**22."""


def whole_units(shares: Array, units: int) -> NDArray[np.int64]:
    """Return how many whole units each of K places gets if ``units`` are dealt in proportion to the shares; (n, K).

    ``shares`` has shape (n, K), finite and not negative; only their proportions matter. Everybody gets the whole part
    of ``units * share / sum of shares``; what is left goes one by one to the largest remainders, of equal ones to the
    lower index (remainders that differ by less than a millionth count as equal). Where all shares are zero, nobody
    gets anything. For up to ``MAX_UNITS`` units every whole allocation ``a`` that sums to ``units`` comes back exactly
    from ``a / units``, also in single precision.
    """
    given = shares.astype(np.float64)
    total = given.sum(axis=1, keepdims=True)
    quotas: Numbers = given * (units / np.where(total > 0, total, 1.0))
    nearest = np.rint(quotas)
    dealt = nearest.astype(np.int64)  # where all quotas are near whole numbers the method gives those
    uneven = np.abs(quotas - nearest).sum(axis=1) >= 0.5
    if uneven.any():
        dealt[uneven] = _largest_remainders(quotas[uneven], units)
    return dealt


def _largest_remainders(quotas: Numbers, units: int) -> NDArray[np.int64]:
    """Return the whole parts plus one for the largest remainders, so that each row sums to ``units``; (n, K)."""
    whole = np.floor(quotas)
    left = units - whole.sum(axis=1, keepdims=True)
    order = np.argsort(-np.rint((quotas - whole) * 2.0**20), axis=1, kind="stable")
    place = np.argsort(order, axis=1)  # of each remainder in that order
    return np.asarray(whole.astype(np.int64) + (place < left))
