"""Units: what moves as one feature, and what it costs people to meet the demands that leaves make of it.

A unit is an ordinary feature or a one-hot group. Many leaves make the same demand of a unit, so people are held against
each different *demand* once, not against each leaf.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.actions import Actions
from fairgym.recourse.boxes import Boxes
from fairgym.recourse.costs import FittedCost, Floats
from fairgym.recourse.groups import group_state, switch_costs
from fairgym.recourse.ladder import Ladder

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Answer:
    """What p people pay for meeting each demand on a unit, and where they then are."""

    cost: Floats  # (demands, p), infinity where they cannot
    moves: NDArray[np.bool_]  # (demands, p), whether they have to change anything
    values: Floats  # (demands, p, columns of the unit)


class Unit(ABC):
    """An ordinary feature or a one-hot group; ``demand[i]`` is what the leaf ``leaf[i]`` asks of it."""

    columns: list[int]
    leaf: Places
    demand: Places

    @abstractmethod
    def answer(self, people: Floats) -> Answer:
        """Return how people (p, D) meet the demands."""


@dataclass(frozen=True)
class Feature(Unit):
    """An ordinary feature; a demand is a range of rungs."""

    columns: list[int]
    leaf: Places
    demand: Places
    ladder: Ladder
    first: Places  # (demands,)
    last: Places  # (demands,), with it

    def answer(self, people: Floats) -> Answer:
        """Return the nearest point in each range."""
        place, cost, moves = self.ladder.nearest(people[:, self.columns[0]], self.first, self.last)
        return Answer(cost, moves, place[:, :, None])


@dataclass(frozen=True)
class Group(Unit):
    """A one-hot group of m columns; a demand is a set of states, of which the last is to have no column on."""

    columns: list[int]
    leaf: Places
    demand: Places
    allowed: NDArray[np.bool_]  # (demands, m + 1)
    switch: Floats  # (m + 1, m + 1), from each state to each other

    def answer(self, people: Floats) -> Answer:
        """Return the cheapest state in each set."""
        own = group_state(people, tuple(self.columns))
        cost = np.where(self.allowed[:, None, :], self.switch, np.inf)  # (demands, from, to)
        goal = np.where(self.allowed, np.arange(len(self.switch)), cost.argmin(axis=2))  # stay where allowed
        cheapest = np.take_along_axis(cost, goal[:, :, None], axis=2)[:, :, 0]
        states = np.eye(len(self.switch), len(self.columns))
        return Answer(cheapest[:, own], ~self.allowed[:, own], states[goal[:, own]])


def units_of(boxes: Boxes, actions: Actions, cost: FittedCost) -> list[Unit]:
    """Return the units that some leaf makes a demand of."""
    grouped = {column for group in actions.groups for column in group}
    asked = {int(boxes.columns[side]): side for side in np.unique(boxes.side).tolist()}
    units: list[Unit] = [_feature(boxes, side) for column, side in asked.items() if column not in grouped]
    return units + [_group(boxes, group, actions, cost) for group in actions.groups if asked.keys() & set(group)]


def _feature(boxes: Boxes, side: int) -> Feature:
    """Return the feature of a ladder."""
    own = boxes.side == side
    ranges, demand = np.unique(np.stack([boxes.first[own], boxes.last[own]]), axis=1, return_inverse=True)
    return Feature(
        columns=[int(boxes.columns[side])],
        leaf=boxes.leaf[own].astype(np.int64),
        demand=demand.reshape(-1),
        ladder=boxes.ladders[side],
        first=ranges[0].astype(np.int64),
        last=ranges[1].astype(np.int64),
    )


def _group(boxes: Boxes, group: tuple[int, ...], actions: Actions, cost: FittedCost) -> Group:
    """Return a group; a leaf allows a state if its ranges hold the value that each column has in it."""
    leaves = len(boxes.node)
    allowed = np.ones((leaves, len(group) + 1), dtype=bool)
    asks = np.zeros(leaves, dtype=bool)
    for place, column in enumerate(group):
        for side in np.flatnonzero(boxes.columns == column):
            own = boxes.side == side
            leaf = boxes.leaf[own]
            rungs = boxes.ladders[side].rung(np.array([0.0, 1.0]))
            off, on = ((boxes.first[own] <= rung) & (rung <= boxes.last[own]) for rung in rungs)
            allowed[leaf] &= np.where(np.arange(len(group) + 1) == place, on[:, None], off[:, None])
            asks[leaf] = True
    sets, demand = np.unique(allowed[asks], axis=0, return_inverse=True)
    return Group(
        columns=list(group),
        leaf=np.flatnonzero(asks),
        demand=demand.reshape(-1),
        allowed=sets,
        switch=switch_costs(group, actions, cost),
    )
