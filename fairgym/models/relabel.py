"""Relabelling: flip leaves of a finished tree to the target class, at least cost, until enough people have recourse.

It is a weighted partial cover (Kanamori et al., ICML 2024, proposition 2). The elements are people; the sets are
leaves, and a leaf covers everybody who can reach it within budget; its price is the increase in errors when it is
flipped, the weight of its other people minus the weight of its target people. Leaves that are labelled with the target
class already stay so and cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, one_of
from fairgym.models.walk import distinct_columns

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
GREEDY, EXACT, AUTO = "greedy", "exact", "auto"
METHODS = (GREEDY, EXACT, AUTO)
EXACT_LEAVES = 500
"""Leaves that could be flipped beyond which no exact cover is looked for."""
SECONDS = 30.0
"""How long the solver may take; a cover that it has not proven cheapest by then is not called exact."""
ROUNDING = 1e-9
"""Share of all people by which the demand may be missed, so that rounding decides nothing."""


@dataclass(frozen=True)
class Cover:
    """Which leaves to flip: L leaves that may be, and the people, by weight, who reach no target leaf so far."""

    reach: Bools  # (L, people), whether a person can get to a leaf
    weight: Floats  # (people,)
    price: Floats  # (L,), increase in errors when a leaf is flipped
    demand: float  # weight of people that flipped leaves have to cover
    slack: float  # what the demand may be missed by

    def covered(self, flipped: Bools) -> float:
        """Return the weight of the people whom flipped leaves (L,) cover."""
        return float(self.weight[self.reach[flipped].any(axis=0)].sum())

    def satisfied(self, flipped: Bools) -> bool:
        """Return whether the demand is met."""
        return self.covered(flipped) >= self.demand - self.slack

    def cost(self, flipped: Bools) -> float:
        """Return the increase in errors."""
        return float(self.price[flipped].sum())


def relabelled(
    target: Bools, price: Floats, reach: Bools, weight: Floats, coverage: float, method: str = AUTO
) -> Bools:
    """Return the labels of leaves (L,), True for the target class, with which a share ``coverage`` has recourse.

    ``target`` and ``price`` are (L,); ``reach`` is (L, n), of people with ``weight`` (n,). "greedy" is fast; "exact"
    is cheapest, by mixed integer programming, for at most EXACT_LEAVES leaves; "auto" is exact where that is possible
    and within SECONDS, else greedy.
    """
    one_of("relabel", method, METHODS)
    free = ~target
    left = ~reach[target].any(axis=0) & (weight > 0)
    demand = coverage * weight.sum() - weight[~left].sum()
    patterns, which = distinct_columns(reach[free][:, left])
    people = np.bincount(which, weight[left], patterns.shape[1]).astype(float)
    cover = Cover(patterns, people, price[free], demand, ROUNDING * weight.sum())
    labels = target.copy()
    labels[free] = _solve(cover, method)
    return labels


def _solve(cover: Cover, method: str) -> Bools:
    """Return the leaves to flip by a method."""
    leaves = len(cover.price)
    if method == EXACT and leaves > EXACT_LEAVES:
        raise InputError(
            f"relabel='exact' is for at most {EXACT_LEAVES} leaves that can be flipped, and there are {leaves}: grow a "
            "smaller tree, or take 'greedy'."
        )
    if method == GREEDY or leaves > EXACT_LEAVES:
        return greedy_cover(cover)
    flipped = exact_cover(cover)
    if flipped is None and method == EXACT:
        raise InputError(
            f"relabel='exact' was not proven cheapest within {SECONDS:g} s: grow a smaller tree, or take 'greedy'."
        )
    return greedy_cover(cover) if flipped is None else flipped


def greedy_cover(cover: Cover) -> Bools:
    """Return leaves that meet the demand, flipping again and again the one with the lowest price per person gained.

    The gain of a leaf is the weight of people it newly covers, at most what remains of the demand. Leaves that cost
    nothing are flipped first; ties go to the greater gain, then to the first leaf. At the end, leaves that the others
    make needless are taken back, the dearest first. For people of weight 1, where no leaf costs less than nothing, the
    price is at most H(min(demand, size of the largest set)) times the least possible, H the harmonic number: P. Slavik,
    "Improved performance of the greedy algorithm for partial cover", Information Processing Letters 64 (1997).
    """
    flipped = cover.price <= 0 if cover.demand > cover.slack else cover.price < 0
    uncovered = cover.weight * ~cover.reach[flipped].any(axis=0)
    while not cover.satisfied(flipped):
        remaining = cover.demand - cover.covered(flipped)
        gain = np.minimum(cover.reach @ uncovered, remaining)
        rate = np.divide(cover.price, gain, out=np.full(len(gain), np.inf), where=(gain > 0) & ~flipped)
        best = int(np.lexsort((-gain, rate))[0])
        flipped[best] = True
        uncovered[cover.reach[best]] = 0.0
    for leaf in sorted(np.flatnonzero(flipped & (cover.price > 0)), key=lambda leaf: -cover.price[leaf]):
        flipped[leaf] = False
        flipped[leaf] = not cover.satisfied(flipped)
    return flipped


def exact_cover(cover: Cover) -> Bools | None:
    """Return the cheapest leaves that meet the demand, or None where the solver did not prove it in time.

    Mixed integer program: a binary per leaf, a share in [0, 1] per pattern of people that is at most the number of
    flipped leaves that cover them; the weighted shares reach the demand; the price is least. Solved by HiGHS.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, eye_array, hstack

    leaves, patterns = cover.reach.shape
    if cover.demand <= cover.slack or leaves == 0:
        return np.asarray(cover.price < 0)
    scale, heaviest = float(np.abs(cover.price).max()) or 1.0, float(cover.weight.max())
    counted = hstack([csr_array(cover.reach.T.astype(float)), -eye_array(patterns)])
    weights = np.concatenate([np.zeros(leaves), cover.weight / heaviest])
    # Who covers anybody covers the lightest at least: a demand below that would be lost in the solver's tolerance.
    demand = max(cover.demand - cover.slack, float(cover.weight[cover.weight > 0].min(initial=np.inf)))
    solution = milp(
        c=np.concatenate([cover.price / scale, np.zeros(patterns)]),
        integrality=np.concatenate([np.ones(leaves), np.zeros(patterns)]),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(counted, lb=0),
            LinearConstraint(weights[None, :], lb=demand / heaviest),
        ],
        options={"time_limit": SECONDS, "mip_rel_gap": 0.0},
    )
    if solution.status != 0:
        return None
    flipped = solution.x[:leaves] > 0.5
    return flipped if cover.satisfied(flipped) else None
