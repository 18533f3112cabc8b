"""How many units of attention to send to each of K sites: by lot, or the best that is fair enough.

Elzayn, Jabbari, Jung, Kearns, Neel, Roth and Schutzman, "Fair algorithms for learning in allocation problems", FAT*
2019: the incidents C at a site are Poisson(rate), ``v`` units discover min(v, C) of them, and an allocation is
alpha-fair if the expected share of incidents that is discovered,

    f(v) = E[min(v, C) / C]    with 0 / 0 = 1 for v >= 1 and f(0) = 0,

differs between no two sites by more than alpha.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expi, gammainc

from fairgym.batch import Array, Mask, Numbers
from fairgym.noise import Uniforms

SLACK = 1e-12
"""By how much rounding may carry two shares further apart than alpha."""
_MANY = 500.0
"""Rate above which E[1/C] is summed as an asymptotic series, and P(C = 0) is no more than 1e-217."""


def drawn_units(uniforms: Uniforms, weights: Numbers) -> Array:
    """Return how many units go to each site if each draws its site by weight; (n, N), (n, K) -> whole numbers (n, K).

    The weights of a lane need not sum to one; sites of weight zero are never drawn.
    """
    cumulative = weights.cumsum(axis=1)
    targets = uniforms * cumulative[:, -1:]
    up_to_site: Array = (targets[:, :, None] < cumulative[:, None, :]).sum(axis=1)
    return np.diff(up_to_site, axis=1, prepend=0)


def chances_of_more(rates: Numbers, units: int) -> Numbers:
    """Return P(C >= v) for v = 1 .. N: what the v-th unit at a site discovers on average; (n, K, N)."""
    chances: Numbers = gammainc(np.arange(1, units + 1), rates[..., None])
    return chances


def discovered_shares(rates: Numbers, units: int) -> Numbers:
    """Return the expected discovered share f(v) for v = 0 .. N; (n, K, N + 1).

    With S(v) = sum of P(C = c) / c over c = 1 .. v and E[1/C] its limit, f(v) = P(C <= v) + v (E[1/C] - S(v)).
    """
    counts = np.arange(1, units + 1)
    probability = poisson_probabilities(rates, units)
    unfound = _mean_inverse(rates)[..., None] - (probability[..., 1:] / counts).cumsum(axis=-1)
    shares = np.zeros(probability.shape)
    shares[..., 1:] = probability.cumsum(axis=-1)[..., 1:] + counts * unfound
    return np.maximum.accumulate(np.minimum(shares, 1.0), axis=-1)  # rounding: 1 + 1e-16, or a fall by as much


def poisson_probabilities(rates: Numbers, largest: int) -> Numbers:
    """Return P(C = c) for c = 0 .. ``largest``; (..., largest + 1)."""
    steps = np.concatenate([np.exp(-rates)[..., None], rates[..., None] / np.arange(1, largest + 1)], axis=-1)
    probability: Numbers = steps.cumprod(axis=-1)
    return probability


def _mean_inverse(rates: Numbers) -> Numbers:
    """Return E[1/C; C >= 1] = exp(-r) (Ei(r) - log(r) - Euler's constant) of sites with rates r.

    Written as power series where the difference would lose digits, as asymptotic series where Ei overflows.
    """
    few, some, many = np.minimum(rates, 1.0), np.clip(rates, 1.0, _MANY), np.maximum(rates, _MANY)
    power = np.exp(-few) * sum(few**k / (k * math.factorial(k)) for k in range(1, 20))
    closed = np.exp(-some) * (expi(some) - np.log(some) - np.euler_gamma)
    asymptotic = sum(math.factorial(k) / many ** (k + 1) for k in range(12))
    return np.where(rates <= 1, power, np.where(rates <= _MANY, closed, asymptotic))


def best_allocation(rates: Numbers, units: int, alpha: Numbers | float) -> tuple[Array, Mask]:
    """Return the allocation (n, K) of all units that discovers most on average under alpha, and where one exists (n,).

    The largest share of an alpha-fair allocation is one of the K (N + 1) values f_k(v). For each of them, the shares
    must lie in the alpha below it, which gives every site a least and a greatest number of units; between these, the
    unit that discovers most comes next, which is best because P(C >= v + 1) falls in v. The best over all of them is
    the optimum. ``alpha`` may differ by lane, (n,). Where no allocation is alpha-fair, the row holds zeros.
    """
    shares = discovered_shares(rates, units)
    alpha = np.broadcast_to(np.asarray(alpha, dtype=np.float64), len(rates))[:, None]
    order = _Order(rates, units)
    best, best_least = np.full(len(rates), -np.inf), np.zeros(rates.shape, dtype=np.int64)
    best_most = np.zeros_like(best_least)
    tops = np.ones((1, len(rates), 1)) if (alpha >= 1).all() else shares.swapaxes(0, 1)
    for top in tops:
        low = np.maximum(top - alpha, 0.0)
        least = _below(shares, low - SLACK)
        most = _below(shares, low + alpha + SLACK) - 1
        fits = (least <= most).all(axis=2) & (least.sum(axis=2) <= units) & (most.sum(axis=2) >= units)
        total = np.where(fits, order.total(least, most), -np.inf)
        window = total.argmax(axis=1)
        lane = np.flatnonzero(total.max(axis=1) > best)
        best[lane] = total[lane, window[lane]]
        best_least[lane], best_most[lane] = least[lane, window[lane]], most[lane, window[lane]]
    feasible = best > -np.inf
    allocation = order.filled(best_least[:, None], best_most[:, None])[:, 0]
    return np.where(feasible[:, None], allocation, 0), feasible


def _below(shares: Numbers, bounds: Numbers) -> Array:
    """Return how many of the N + 1 shares of each site are below each bound; (n, K, N + 1), (n, A) -> (n, A, K)."""
    below: Array = (shares[:, None] < bounds[:, :, None, None]).sum(axis=3)
    return below


class _Order:
    """All units of a lane, the one that discovers most first: unit v of a site stands before its unit v + 1."""

    def __init__(self, rates: Numbers, units: int) -> None:
        self.units, self.sites = units, rates.shape[1]
        chances = chances_of_more(rates, units)
        by_unit = chances.swapaxes(1, 2).reshape(len(rates), -1)  # so that sites alike take turns
        rank = np.argsort(-by_unit, axis=1, kind="stable")
        self.chance = np.take_along_axis(by_unit, rank, axis=1)
        self.unit, self.site = rank // self.sites + 1, rank % self.sites
        self.first = np.zeros((*rates.shape, units + 1))
        self.first[..., 1:] = chances.cumsum(axis=2)

    def _chosen(self, least: Array, most: Array) -> Mask:
        """Return which units are handed out after the least of each site was, (n, A, K N)."""
        lane, window = np.ogrid[: len(least), : least.shape[1]]
        here = (lane[..., None], window[..., None], self.site[:, None])
        free = (self.unit[:, None] > least[here]) & (self.unit[:, None] <= most[here])
        left = self.units - least.sum(axis=2)
        chosen: Mask = free & (free.cumsum(axis=2) <= left[..., None])
        return chosen

    def total(self, least: Array, most: Array) -> Numbers:
        """Return the expected discoveries of the best allocation between the bounds, (n, A, K) -> (n, A)."""
        at_least = np.take_along_axis(self.first[:, None], np.minimum(least, self.units)[..., None], axis=3)
        return np.asarray(at_least[..., 0].sum(axis=2) + (self._chosen(least, most) * self.chance[:, None]).sum(axis=2))

    def filled(self, least: Array, most: Array) -> Array:
        """Return the best allocation between the bounds, (n, A, K)."""
        more = self._chosen(least, most)[..., None] & (self.site[:, None, :, None] == np.arange(self.sites))
        return np.asarray(least + more.sum(axis=2))


def smallest_alpha(rates: Numbers, units: int) -> Numbers:
    """Return the smallest alpha for which some allocation of all units is alpha-fair; (n,).

    The smallest share of an allocation is one of the K (N + 1) values f_k(v). Every site must get the least number of
    units that reaches it; the largest share is then that of these least numbers or, if it is larger, the N-th smallest
    of all f_k(v), v >= 1, because so many units must find a place.
    """
    shares = discovered_shares(rates, units)
    nth = np.sort(shares[..., 1:].reshape(len(rates), -1), axis=1)[:, units - 1]
    smallest = np.full(len(rates), np.inf)
    for low in shares.swapaxes(0, 1):
        least = _below(shares, low)
        reached = np.take_along_axis(shares[:, None], np.minimum(least, units)[..., None], axis=3)[..., 0]
        alpha = np.maximum(reached.max(axis=2), nth[:, None]) - low
        smallest = np.minimum(smallest, np.where(least.sum(axis=2) <= units, alpha, np.inf).min(axis=1))
    return smallest
