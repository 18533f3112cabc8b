"""Rungs: trees, people and their in-budget changes on the ladders of all features, as arrays for compiled searches.

A point of the search is one rung per feature; a box is an interval of rungs per feature. What a rung means, where a
person lands on it and what it costs her is said by ``Ladder`` alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.actions import Actions
from fairgym.recourse.costs import SUM, FittedCost, Floats, within
from fairgym.recourse.groups import SWITCH
from fairgym.recourse.ladder import Ladder
from fairgym.recourse.trees import LEAF, TreeVotes

Ints = NDArray[np.int32]
Flags = NDArray[np.int8]
ROUNDING = 1e-12
"""Share of the sum of all votes, by size, that rounding may take a sum of votes away from the model's own."""
AT_ONCE = 1 << 20
"""Rungs, over people, that are priced at once."""
GRAIN = 2.0**-20
"""Votes that are multiples of it add up exactly."""
SCALE = 8
"""All votes together, and the bar, come to less than 2 to this power, and to half of that at least."""


class Forest(NamedTuple):
    """Trees over rungs: arrays over the nodes, the trees (``roots``), and the D features."""

    feature: Ints  # (nodes,); LEAF at leaves
    place: Ints  # (nodes,), rungs up to it go left
    left: Ints  # (nodes,)
    right: Ints  # (nodes,)
    vote: Floats  # (nodes,), scaled
    roots: Ints  # (trees,)
    first: Ints  # (D + 1,), where the rungs of each feature begin in arrays over all rungs
    group: Ints  # (D,), the one-hot group of a feature, or -1
    on: Ints  # (D,), the rung that stands for on, of features in groups
    total: bool  # whether costs are added up; else the largest counts
    needed: float  # sum of scaled votes from which on a point may win
    depth: int  # of the deepest tree


class Person(NamedTuple):
    """One person on the ladders, with the rungs that she can get to within the budget, feature by feature."""

    own: Ints  # (D,), the rungs she is on
    low: Ints  # (D,), lowest rung within the budget
    high: Ints  # (D,), highest rung within the budget
    price: Floats  # of all rungs from low to high, feature after feature
    start: Ints  # (D,), what to add to a rung of a feature to find it in price
    current: Ints  # (groups,), the column of each group that is on; -1 for none
    switches: NDArray[np.bool_]  # (groups,), whether she has a choice in the group
    most: int  # number of features, a group counted as one, that may change


@dataclass(frozen=True)
class Ladders:
    """The ladders of all features of one model, and its trees on them."""

    ladders: tuple[Ladder, ...]
    forest: Forest
    surely: float  # sum of scaled votes from which on a point wins beyond doubt
    groups: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, votes: TreeVotes, actions: Actions, cost: FittedCost) -> Ladders:
        """Return ladders with every threshold of the model, and of one-hot columns the one between off and on."""
        grouped = [column for group in actions.groups for column in group]
        ladders, place = [], np.zeros(len(votes.feature), dtype=np.int32)
        for column in range(votes.width):
            asked = votes.feature == column
            thresholds = np.unique(np.append(votes.threshold[asked], [SWITCH] if column in grouped else []))
            ladders.append(Ladder.of(thresholds, actions, cost, column, votes.precision))
            place[asked] = ladders[-1].index(votes.threshold[asked])
        group, on = np.full(votes.width, -1, dtype=np.int32), np.full(votes.width, -1, dtype=np.int32)
        for number, members in enumerate(actions.groups):
            group[list(members)] = number
        for column in grouped:
            on[column] = ladders[column].rung(np.ones(1))[0]
        votes = scaled(votes)
        forest = Forest(
            feature=votes.feature.astype(np.int32),
            place=place,
            left=votes.left.astype(np.int32),
            right=votes.right.astype(np.int32),
            vote=np.ascontiguousarray(votes.vote, dtype=float),
            roots=votes.roots.astype(np.int32),
            first=np.concatenate([[0], np.cumsum([len(one.thresholds) + 1 for one in ladders])]).astype(np.int32),
            group=group,
            on=on,
            total=cost.combine == SUM,
            needed=needed(votes),
            depth=_depth(votes),
        )
        return cls(tuple(ladders), forest, strictly(votes), actions.groups)

    def people(self, values: Floats, budget: float, most: int | None) -> list[Person]:
        """Return people (n, D) with the rungs that each of their features can get to within the budget by itself."""
        step = max(1, AT_ONCE // int(self.forest.first[-1]))
        changes = values.shape[1] if most is None else most
        return [
            person
            for begin in range(0, len(values), step)
            for person in self._people(values[begin : begin + step], budget, changes)
        ]

    def _people(self, values: Floats, budget: float, most: int) -> list[Person]:
        """Return a few people."""
        shape = values.shape
        own, low, high = (np.zeros(shape, dtype=np.int32) for _ in range(3))
        prices: list[list[Floats]] = [[] for _ in values]
        for column, ladder in enumerate(self.ladders):
            _, cost = ladder.landing(values[:, column])
            reached = within(cost, budget) & np.isfinite(cost)
            own[:, column] = ladder.rung(values[:, column])
            low[:, column] = reached.argmax(axis=1)
            high[:, column] = reached.shape[1] - 1 - reached[:, ::-1].argmax(axis=1)
            for row, parts in enumerate(prices):
                parts.append(cost[row, low[row, column] : high[row, column] + 1])
        sizes = high - low + 1
        start = (np.cumsum(sizes, axis=1) - sizes - low).astype(np.int32)
        people = []
        for row, parts in enumerate(prices):
            current, switches = self._groups(own[row], low[row], high[row])
            people.append(
                Person(own[row], low[row], high[row], np.concatenate(parts), start[row], current, switches, most)
            )
        return people

    def land(self, person: Floats, own: Ints, point: Ints) -> Floats:
        """Return where a person (D,) on the rungs ``own`` lands at a point."""
        landed = person.copy()
        for column in np.flatnonzero(point != own):
            places, _ = self.ladders[column].landing(person[column : column + 1])
            landed[column] = places[0, point[column]]
        return landed

    def held(self, person: Person, features: Iterable[int]) -> Person:
        """Return a person who may not change some features, each a column or, of a group, its first column."""
        low, high, switches = person.low.copy(), person.high.copy(), person.switches.copy()
        for feature in features:
            group = self.forest.group[feature]
            columns = [feature] if group < 0 else list(self.groups[group])
            low[columns] = high[columns] = person.own[columns]
            if group >= 0:
                switches[group] = False
        return person._replace(low=low, high=high, switches=switches)

    def moved(self, own: Ints, point: Ints | None) -> frozenset[int]:
        """Return the features that change, each a column or, of a group, its first column."""
        group = self.forest.group
        assert point is not None
        return frozenset(
            int(column) if group[column] < 0 else self.groups[group[column]][0]
            for column in np.flatnonzero(point != own)
        )

    def _groups(self, own: Ints, low: Ints, high: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the column of each group that is on and whether there is a choice; where not, hold the group still."""
        current = np.full(len(self.groups), -1, dtype=np.int32)
        switches = np.zeros(len(self.groups), dtype=np.bool_)
        on = self.forest.on
        for number, group in enumerate(self.groups):
            members = np.array(group)
            lit = members[own[members] == on[members]]
            current[number] = lit[0] if len(lit) else -1
            others = members[own[members] != on[members]]
            choice = len(lit) > 0 and low[lit[0]] < own[lit[0]] and (high[others] > own[others]).any()
            switches[number] = choice
            if not choice:
                low[members] = high[members] = own[members]
        return current, switches


def scaled(votes: TreeVotes) -> TreeVotes:
    """Return votes and bar times a power of two, so that rounding is as small beside them in every model."""
    total = float(np.abs(votes.vote).max()) * len(votes.roots) + abs(votes.bar)
    scale = math.ldexp(1.0, min(SCALE - math.frexp(total)[1], 1000))
    return replace(votes, vote=votes.vote * scale, bar=votes.bar * scale)


def needed(votes: TreeVotes) -> float:
    """Return the sum of votes from which on a point may win.

    Votes that add up exactly leave no doubt: the sum has to reach the bar, or the next number above it. Of others the
    model may see another sum, by rounding; points so near to the bar are neither ruled out nor believed: the model is
    asked, and where it refuses, the search goes on without that point.
    """
    if _exact(votes):
        return votes.bar if votes.ties_win else float(np.nextafter(votes.bar, np.inf))
    return votes.bar - _rounding(votes)


def strictly(votes: TreeVotes) -> float:
    """Return the sum of votes from which on a point surely wins."""
    return float(np.nextafter(votes.bar + _rounding(votes), np.inf))


def _depth(votes: TreeVotes) -> int:
    """Return the depth of the deepest tree."""
    depth, level = 0, votes.roots
    while True:
        level = level[votes.feature[level] != LEAF]
        if not len(level):
            return depth
        level, depth = np.concatenate([votes.left[level], votes.right[level]]), depth + 1


def _exact(votes: TreeVotes) -> bool:
    """Return whether votes add up without rounding."""
    largest = float(np.abs(votes.vote).max())
    return bool((np.round(votes.vote / GRAIN) * GRAIN == votes.vote).all()) and largest * len(votes.roots) < 1 / GRAIN


def _rounding(votes: TreeVotes) -> float:
    """Return how far two sums of the same votes in different orders can be apart, generously."""
    return ROUNDING * (float(np.abs(votes.vote).max()) * len(votes.roots) + abs(votes.bar))
