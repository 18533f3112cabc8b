"""Reach: which nodes of a tree people can get to within a budget, exactly.

A cost that is a maximum over features makes it separable: a person can get into a node if, on each feature alone, some
value within budget meets all conditions on the way to it. The ladder of the feature says so of an ordinary feature;
the columns of a one-hot group move together, so there it takes one state of the group that meets all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fairgym.models.grown import LEAF, GrownTree
from fairgym.recourse.actions import Actions
from fairgym.recourse.costs import FittedCost, within
from fairgym.recourse.groups import group_state, switch_costs
from fairgym.recourse.ladder import Ladder
from fairgym.recourse.levels import levels_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
CHUNK = 32_768
"""People looked at together, which bounds the memory."""


class Moves(Protocol):
    """Where people can get to on one ordinary feature, or on the columns of one group; a box is a set of places."""

    def sides(self, place: int, threshold: float) -> tuple[Bools, Bools]:
        """Return the places left and right of a condition, as boxes."""

    def possible(self, box: Bools) -> Bools:
        """Return which people can get to some place in the box, (n,)."""


@dataclass(frozen=True)
class FeatureMoves:
    """One ordinary feature; the places are the rungs of its ladder."""

    ladder: Ladder
    lowest: NDArray[np.int64]  # (n,), rungs that people can get to
    highest: NDArray[np.int64]

    def sides(self, place: int, threshold: float) -> tuple[Bools, Bools]:
        """Return the rungs at or under a threshold, and those above."""
        rungs = np.arange(len(self.ladder.thresholds) + 1)
        left = rungs <= self.ladder.index(np.array([threshold]))[0]
        return left, ~left

    def possible(self, box: Bools) -> Bools:
        """Return who can get to a rung in the box, an interval."""
        rungs = np.flatnonzero(box)
        if len(rungs) == 0:
            return np.zeros(len(self.lowest), dtype=bool)
        able: Bools = (self.lowest <= rungs[-1]) & (self.highest >= rungs[0])
        return able


@dataclass(frozen=True)
class GroupMoves:
    """The columns of a one-hot group; the places are "column i is on", and, last, "none is"."""

    members: tuple[int, ...]
    moves: Bools  # (places, places), whether who is at the one can get to the other
    state: NDArray[np.int64]  # (n,), where people are

    def sides(self, place: int, threshold: float) -> tuple[Bools, Bools]:
        """Return the states whose value of a column is at or under a threshold, and the others."""
        values = np.arange(len(self.members) + 1) == self.members.index(place)
        left = values <= threshold
        return left, ~left

    def possible(self, box: Bools) -> Bools:
        """Return who can get to a state in the box."""
        able: Bools = np.any(self.moves & box, axis=1)[self.state]
        return able


def node_reach(tree: GrownTree, people: Floats, actions: Actions, cost: FittedCost, budget: float) -> Bools:
    """Return whether people (n, D) can get to the nodes of a tree within a budget, (nodes, n)."""
    if len(people) == 0:
        return np.ones((len(tree.feature), 0), dtype=bool)
    moves = _moves(tree, people, actions, cost, budget)
    reach = np.ones((len(tree.feature), len(people)), dtype=bool)
    boxes: list[dict[int, Bools]] = [{} for _ in tree.feature]  # by the first column of a feature or group
    for node in np.flatnonzero(tree.feature != LEAF):
        place = int(tree.feature[node])
        unit, movement = moves[place]
        sides = movement.sides(place, float(tree.threshold[node]))
        for child, side in zip((tree.left[node], tree.right[node]), sides, strict=True):
            box = boxes[node].get(unit, True) & side
            boxes[child] = boxes[node] | {unit: box}
            np.logical_and(reach[node], movement.possible(box), out=reach[child])
    return reach


def has_recourse(tree: GrownTree, people: Floats, actions: Actions, cost: FittedCost, budget: float) -> Bools:
    """Return who of people (n, D) gets the target class, or can within the budget, (n,)."""
    accepting = (tree.feature == LEAF) & tree.target
    parts = [
        node_reach(tree, people[start : start + CHUNK], actions, cost, budget)[accepting].any(axis=0)
        for start in range(0, len(people), CHUNK)
    ]
    return np.concatenate([np.zeros(0, dtype=bool), *parts])


def _moves(
    tree: GrownTree, people: Floats, actions: Actions, cost: FittedCost, budget: float
) -> dict[int, tuple[int, Moves]]:
    """Return, for every feature that the tree asks for, the first column of its unit and how people move there."""
    moves: dict[int, tuple[int, Moves]] = {}
    asked = tree.feature[tree.feature != LEAF]
    for members in actions.groups:
        between = np.asarray(within(switch_costs(members, actions, cost), budget))
        moves |= dict.fromkeys(members, (members[0], GroupMoves(members, between, group_state(people, members))))
    for place in set(asked.tolist()) - set(moves):
        ladder = Ladder.of(tree.threshold[tree.feature == place], actions, cost, place)
        values, code = levels_of(people[:, place])
        lowest, highest = ladder.reach(values, budget)
        moves[place] = (place, FeatureMoves(ladder, lowest[code], highest[code]))
    return moves
