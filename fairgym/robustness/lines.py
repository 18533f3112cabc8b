"""straight_lines: how far it is to the line of decision on the way to other people; needs no gradient.

The goals of a person are the people of the other decision whom she can get near to most cheaply and who keep that
decision where she arrives, the middle of all of them, and where the difference of the two middles would bring her. On
each way the first change of the decision is bracketed on a grid and then halved down. Ways that can no longer be the
cheapest are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.costs import Floats
from fairgym.robustness.decider import Decider
from fairgym.robustness.reach import Bools, Reach, blocks

NEAREST = 5
"""Goals of each person, beside the middle and the difference."""
LOOKED_AT = 4
"""How many times as many are looked at, because some change nothing where she arrives."""
ASKED, KEPT = 5000, 1000
"""People of the background whose decision is asked for, and how many of each decision are goals at most."""
SHARES = np.array([0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0, 1.5, 2.0, 3.0])
"""The grid along the way; beyond 1 lies what is beyond the goal."""
ROUNDS = 24
"""Halvings of a bracket."""


@dataclass(frozen=True)
class Goals:
    """People of the background with either decision, to move towards."""

    accepted: Floats  # (a, D)
    rejected: Floats  # (r, D)

    @classmethod
    def of(cls, decider: Decider, reach: Reach) -> Goals:
        """Return evenly chosen people of the background; where all have one decision, also of a wider made-up one."""
        asked = evenly_chosen(reach.background, ASKED)
        accepted = decider.accepts(asked)
        if accepted.all() or not accepted.any():
            asked = np.concatenate([asked, _wider(asked)])
            accepted = decider.accepts(asked)
        return cls(evenly_chosen(asked[accepted], KEPT), evenly_chosen(asked[~accepted], KEPT))

    def of_decision(self, accepted: bool) -> Floats:
        """Return the goals (m, D) whose decision is favourable, or is not."""
        return self.accepted if accepted else self.rejected


def evenly_chosen(people: Floats, most: int) -> Floats:
    """Return people, or if they are too many an even choice of them."""
    if len(people) <= most:
        return people
    return people[np.linspace(0, len(people) - 1, most).astype(np.int64)]


def _wider(people: Floats) -> Floats:
    """Return people whose features come from different rows, once as they are and once further from the middle."""
    rng = np.random.default_rng(0)
    mixed = rng.permuted(people, axis=0)
    middle = people.mean(axis=0)
    return np.concatenate([mixed, middle + 2 * (mixed - middle), middle + 4 * (people - middle)])


def straight_lines(decider: Decider, reach: Reach, people: Floats, wanted: bool, goals: Goals) -> Floats:
    """Return people (n, D) after the cheapest known move on a straight way to the decision ``wanted``; NaN where none.

    None of the people may have that decision.
    """
    found = np.full(people.shape, np.nan)
    ends = goals.of_decision(wanted)
    if not len(ends):
        return found
    others = goals.of_decision(not wanted)
    middle = ends.mean(axis=0)
    trick = middle - (others.mean(axis=0) if len(others) else people.mean(axis=0))
    size = (LOOKED_AT * NEAREST + len(SHARES) * (NEAREST + 2)) * reach.width
    for rows in blocks(len(people), size):
        found[rows] = _ways(decider, reach, people[rows], wanted, ends, middle, trick)
    return found


def _ways(
    decider: Decider, reach: Reach, people: Floats, wanted: bool, ends: Floats, middle: Floats, trick: Floats
) -> Floats:
    """Return a block of people after the cheapest move on any of their ways."""
    near, works = nearest_goals(decider, reach, people, wanted, ends)
    further = np.stack([np.broadcast_to(middle, people.shape), people + trick], axis=1)
    goals = np.concatenate([near, further], axis=1)
    usable = np.concatenate([works, np.ones((len(people), 2), dtype=bool)], axis=1)
    row, place = np.nonzero(usable)
    low, high = _brackets(decider, reach, people[row], goals[row, place], wanted)
    able = np.isfinite(high)
    return bisected(decider, reach, people, row[able], goals[row, place][able], (low[able], high[able]), wanted)


def nearest_goals(decider: Decider, reach: Reach, people: Floats, wanted: bool, ends: Floats) -> tuple[Floats, Bools]:
    """Return the nearest goals (n, k, D) and which of them have the wanted decision where people arrive, (n, k)."""
    places = reach.nearest(people, ends, LOOKED_AT * NEAREST)
    count = places.shape[1]
    arrived = reach.towards(np.repeat(people, count, axis=0), ends[places.ravel()])
    works = (decider.accepts(arrived) == wanted).reshape(places.shape)
    order = np.argsort(~works, axis=1, kind="stable")[:, :NEAREST]  # the nearest that work come first
    return ends[np.take_along_axis(places, order, axis=1)], np.take_along_axis(works, order, axis=1)


def _brackets(decider: Decider, reach: Reach, people: Floats, goals: Floats, wanted: bool) -> tuple[Floats, Floats]:
    """Return the shares of each way (w,) between which the decision changes first; infinity where it never does."""
    count = len(SHARES)
    shares = np.tile(SHARES, len(people))
    points = reach.towards(np.repeat(people, count, axis=0), np.repeat(goals, count, axis=0), shares)
    changed = (decider.accepts(points) == wanted).reshape(-1, count)
    first = changed.argmax(axis=1)
    high = np.where(changed.any(axis=1), SHARES[first], np.inf)
    return np.where(first > 0, SHARES[first - 1], 0.0), high


def bisected(
    decider: Decider,
    reach: Reach,
    people: Floats,
    row: NDArray[np.int64],
    goals: Floats,
    bracket: tuple[Floats, Floats],
    wanted: bool,
) -> Floats:
    """Return people (n, D) where the decision changes on the cheapest of their ways; NaN for those without one.

    Way i (w,) leads the person ``row[i]`` to ``goals[i]``; on it the decision changes within ``bracket``.
    """
    low, high = bracket
    found, best = np.full(people.shape, np.nan), np.full(len(people), np.inf)
    for step in range(ROUNDS + 1):
        points = reach.towards(people[row], goals, high)
        cost = reach.cost_of(people[row], points)
        order = np.lexsort((cost, row))
        first = order[np.unique(row[order], return_index=True)[1]]
        better = first[cost[first] < best[row[first]]]
        best[row[better]], found[row[better]] = cost[better], points[better]
        if step == ROUNDS or not len(row):
            break
        least = reach.cost_of(people[row], reach.towards(people[row], goals, low))
        open_ = (least < best[row]) & (cost - least > 1e-9 * cost)
        row, goals, low, high = row[open_], goals[open_], low[open_], high[open_]
        middle = (low + high) / 2
        changed = decider.accepts(reach.towards(people[row], goals, middle)) == wanted
        low, high = np.where(changed, low, middle), np.where(changed, middle, high)
    return found
