"""The most likely Poisson rate of incidents, from looks that see no more incidents than they have units of attention.

A look with ``a`` units that finds ``o < a`` incidents has counted them: its likelihood is P(C = o). One that finds
``o = a`` tells that there were at least ``a``: its likelihood is P(C >= a). A look with no units tells nothing. So four
numbers say all that the looks at a site tell of its rate: how many were exact, the incidents that these found, and, for
every ``a``, how many looks with ``a`` units were *full*. D'Amour et al. 2020, section 4.2, fit the same likelihood with
a general-purpose optimiser to the list of looks.

The logarithm of the likelihood is concave. With h_a(r) = P(C = a - 1) / P(C >= a) its slope at rate r is

    found / r - exact + sum over full looks of h_a(r),

and a / r - 1 <= h_a(r) <= a / r: the most likely rate lies between all incidents seen over all looks and all incidents
seen over the exact looks.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammainc, gammainccinv, gammaln

from fairgym.batch import Array, Mask, Numbers

SETTLED = 1e-13
"""Relative step of Newton's method below which a rate is final."""
UNSEEN = 2.0**-54
"""Chance of fewer incidents than were seen that is lost in a number near one; see ``endless_rate``."""


def most_likely_rate(exact: Array, found: Array, full: Array) -> Numbers:
    """Return the most likely rate of each site, incidents a step; (n, K).

    ``exact`` (n, K) is the number of exact looks, ``found`` (n, K) the incidents that they found, ``full[..., a]``
    (n, K, N + 1) the number of full looks with ``a`` units (``a = 0`` is not read). A site that nobody has looked at is
    NaN. Where every look was full, the likelihood rises for ever: see ``endless_rate``.
    """
    levels = np.arange(full.shape[-1])
    full = full * (levels > 0)
    looks, seen = exact + full.sum(axis=-1), found + (full * levels).sum(axis=-1)
    rate = np.full(exact.shape, np.nan)
    known, endless = exact > 0, (exact == 0) & (looks > 0)
    rate[known] = _balanced(exact[known], found[known], full[known], seen[known] / looks[known])
    rate[endless] = endless_rate(full[endless])
    return rate


def endless_rate(full: Array) -> Numbers:
    """Return a rate for sites at which every look was full, from their number by units; (m, N + 1) -> (m,).

    It is the smallest rate at which a likelihood cannot be told from its limit, which is one, in double precision: at
    which fewer incidents than the units of the largest look have a chance of 2**-54. The simplex search of the
    published program, started at the mean count, stops a little beyond, somewhere on the plateau.
    """
    levels = np.arange(full.shape[-1])
    largest = np.where(full > 0, levels, 0).max(axis=-1)
    rate: Numbers = gammainccinv(largest, UNSEEN)
    return rate


def _balanced(exact: Array, found: Array, full: Array, rate: Numbers) -> Numbers:
    """Return the rate at which the slope is zero, by Newton's method from the lower bound, kept in its bracket; (m,).

    Each rate stops on its own, so it does not depend on its neighbours.
    """
    low, high = rate, rate * (exact + full.sum(axis=-1)) / exact
    rate, active = low.copy(), np.flatnonzero(high > low)
    while active.size:
        slope, bend = _slope(rate[active], exact[active], found[active], full[active])
        low[active] = np.where(slope >= 0, rate[active], low[active])
        high[active] = np.where(slope <= 0, rate[active], high[active])
        step = rate[active] - slope / bend
        inside = (step >= low[active]) & (step <= high[active])
        step = np.where(inside, step, (low[active] + high[active]) / 2)
        moved = np.abs(step - rate[active]) > SETTLED * step
        rate[active] = step
        active = active[moved]
    return rate


def _slope(rate: Numbers, exact: Array, found: Array, full: Array) -> tuple[Numbers, Numbers]:
    """Return the first and the second derivative of the log likelihood at positive rates, each (m,)."""
    levels = np.arange(1, full.shape[-1])
    at = rate[:, None]
    hazard = np.exp((levels - 1) * np.log(at) - at - gammaln(levels)) / gammainc(levels, at)
    weighted = full[:, 1:] * hazard
    slope = found / rate - exact + weighted.sum(axis=1)
    bend = -found / rate**2 + (weighted * ((levels - 1) / at - 1 - hazard)).sum(axis=1)
    return slope, bend


class Looks:
    """What the looks of n lanes at K sites tell of the rates: counts, not the looks themselves.

    With a ``window`` only the last so many looks of each lane count; they are kept in a ring, so that the oldest can be
    taken away again. 0 counts all.
    """

    def __init__(self, lanes: int, sites: int, units: int, window: int) -> None:
        self.added = np.zeros(lanes, dtype=np.int64)
        self.exact, self.found = np.zeros((2, lanes, sites), dtype=np.int64)
        self.full = np.zeros((lanes, sites, units + 1), dtype=np.int64)
        self._ring = np.zeros((2, window, lanes, sites), dtype=np.int64)  # no units: a look that tells nothing
        self._site = np.arange(sites)

    def add(self, attention: Array, discovered: Array, live: Mask) -> None:
        """Take in one step, (n, K) each, of the lanes that are live."""
        lanes = np.flatnonzero(live)
        look = np.stack([attention, discovered])[:, lanes]
        window = self._ring.shape[1]
        if window:
            place = self.added[lanes] % window
            self._count(lanes, self._ring[:, place, lanes], -1)
            self._ring[:, place, lanes] = look
        self._count(lanes, look, 1)
        self.added[lanes] += 1

    def _count(self, lanes: Array, look: Array, sign: int) -> None:
        attention, discovered = look
        exact = discovered < attention
        self.exact[lanes] += sign * exact
        self.found[lanes] += sign * exact * discovered
        self.full[lanes[:, None], self._site, attention] += sign * ~exact

    def rate(self, lanes: Array) -> Numbers:
        """Return the most likely rates of some of the lanes (indices), NaN for a site nobody looked at; (m, K)."""
        return most_likely_rate(self.exact[lanes], self.found[lanes], self.full[lanes])
