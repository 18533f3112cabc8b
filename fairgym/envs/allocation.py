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
    total = np.einsum("nk->n", given)
    quotas: Numbers = given * (units / np.where(total > 0, total, 1.0))[:, None]
    whole = np.floor(quotas)
    left = np.where(total > 0, units, 0) - np.einsum("nk->n", whole).astype(np.int64)
    sites = shares.shape[1]
    claim = np.rint((quotas - whole) * 2.0**20) * sites - np.arange(sites)  # no two alike: the lower index is ahead
    ranked = np.concatenate([np.sort(claim, axis=1), np.full((len(claim), 1), np.inf)], axis=1)
    smallest_served = ranked[np.arange(len(claim)), sites - left]
    return np.asarray(whole + (claim >= smallest_served[:, None])).astype(np.int64)
