"""The constrained greedy allocation as the archived program of D'Amour et al. 2020 computes it, to replay its figures.

It takes the next unit to be worth -P(C = v) where ``allocation.best_allocation`` has P(C >= v + 1). So beyond the most
likely count it pours unit after unit into one site, which the enumeration around it repairs only in part: for five
sites of rate 1 and six units it gives (3, 0, 0, 0, 3), which discovers 1.95 incidents, where (2, 1, 1, 1, 1) discovers
3.42. Use it to see what that did, and for nothing else.
"""

from __future__ import annotations

import numpy as np

from fairgym.agents.allocation import chances_of_more, poisson_probabilities
from fairgym.batch import Array, Mask, Numbers

LARGEST_COUNT = 50
"""Counts above this one are left out of the expected shares, and their probability with them."""


def truncated_shares(rates: Numbers, units: int) -> Numbers:
    """Return E[min(v, C) / C; C <= 50] for v = 0 .. N, with 0 / 0 = 1 for v >= 1; (n, K, N + 1)."""
    units_sent, counts = np.arange(units + 1)[:, None], np.arange(LARGEST_COUNT + 1)
    share = np.minimum(units_sent, counts) / np.maximum(counts, 1)
    share[1:, 0] = 1.0
    probability = poisson_probabilities(rates, LARGEST_COUNT)
    return np.asarray((probability[..., None, :] * share).sum(axis=-1))


def allocation_as_published(rates: Numbers, units: int, alpha: Numbers | float) -> tuple[Array, Mask]:
    """Return the published allocation (n, K) and where there is one (n,); ``alpha`` may differ by lane.

    For every site and every number of units there, the other sites get the least units that bring their share to
    within alpha below it, and what is left goes out unit by unit, ties to the first site. Of all allocations so made
    that use every unit, the one with most expected discoveries is kept, the last one on ties. Where there is none, the
    row holds zeros.
    """
    shares = truncated_shares(rates, units)
    alpha = np.broadcast_to(np.asarray(alpha, dtype=np.float64), len(rates))[:, None]
    found = np.zeros((*rates.shape, units + 1))
    found[..., 1:] = chances_of_more(rates, units).cumsum(axis=2)
    worth = -poisson_probabilities(rates, units)
    best, kept = np.full(len(rates), -np.inf), np.zeros(rates.shape, dtype=np.int64)
    for site in range(rates.shape[1]):
        low = np.maximum(shares[:, site] - alpha, 0.0)
        least = (shares[:, None] < low[:, :, None, None]).sum(axis=3)
        most = (shares[:, None] <= (low + alpha)[:, :, None, None]).sum(axis=3) - 1
        least[:, :, site] = most[:, :, site] = np.arange(units + 1)
        allocation = _handed_out(least, most, worth, units)
        fits = (allocation.sum(axis=2) == units) & (least <= most).all(axis=2)
        at = np.take_along_axis(found[:, None], np.minimum(allocation, units)[..., None], axis=3)[..., 0]
        total = np.where(fits, at.sum(axis=2), -np.inf)
        last = units - total[:, ::-1].argmax(axis=1)
        highest = np.take_along_axis(total, last[:, None], axis=1)[:, 0]
        better = (highest >= best) & (highest > -np.inf)
        best = np.where(better, highest, best)
        kept = np.where(better[:, None], allocation[np.arange(len(rates)), last], kept)
    return kept, best > -np.inf


def _handed_out(least: Array, most: Array, worth: Numbers, units: int) -> Array:
    """Return the allocations (n, A, K) after all units that are left were handed out one by one, as far as they can."""
    allocation = np.minimum(least, units + 1)
    for _ in range(units):
        next_worth = np.take_along_axis(worth[:, None], np.minimum(allocation, units)[..., None], axis=3)[..., 0]
        site = np.where(allocation < most, next_worth, -np.inf).argmax(axis=2)[..., None]
        open_site = np.take_along_axis(allocation < most, site, axis=2)
        left = allocation.sum(axis=2, keepdims=True) < units
        np.put_along_axis(allocation, site, np.take_along_axis(allocation, site, axis=2) + (open_site & left), axis=2)
    return allocation
