"""Compiled: the votes at a point, and along a line, of trees over rungs; what a point costs."""

from __future__ import annotations

import numpy as np

from fairgym.compiled import compiled
from fairgym.recourse.costs import Floats
from fairgym.recourse.rungs import Forest, Ints, Person


@compiled
def votes_at(forest: Forest, point: Ints) -> float:
    """Return the sum of votes at a point (D,)."""
    total = 0.0
    for root in forest.roots:
        node = root
        while forest.feature[node] >= 0:
            goes_left = point[forest.feature[node]] <= forest.place[node]
            node = forest.left[node] if goes_left else forest.right[node]
        total += forest.vote[node]
    return total


@compiled
def votes_along(forest: Forest, point: Ints, column: int, low: int, high: int, votes: Floats) -> None:
    """Write the votes of ``point`` with ``column`` on each rung from ``low`` to ``high`` into ``votes``."""
    count = high - low + 1
    votes[: count + 1] = 0.0
    waiting = np.empty((forest.depth + 1, 3), dtype=np.int32)
    for root in forest.roots:
        waiting[0, 0], waiting[0, 1], waiting[0, 2] = root, low, high
        top = 1
        while top > 0:
            top -= 1
            node, start, end = waiting[top, 0], waiting[top, 1], waiting[top, 2]
            while forest.feature[node] >= 0:
                place = forest.place[node]
                if forest.feature[node] != column:
                    node = forest.left[node] if point[forest.feature[node]] <= place else forest.right[node]
                elif end <= place:
                    node = forest.left[node]
                elif start > place:
                    node = forest.right[node]
                else:
                    waiting[top, 0], waiting[top, 1], waiting[top, 2] = forest.right[node], place + 1, end
                    top += 1
                    node, end = forest.left[node], place
            votes[start - low] += forest.vote[node]
            votes[end - low + 1] -= forest.vote[node]
    for rung in range(1, count):
        votes[rung] += votes[rung - 1]


@compiled
def price_of(person: Person, column: int, rung: int) -> float:
    """Return what it costs a person to be on a rung of a column."""
    return float(person.price[person.start[column] + rung])


@compiled
def cost_at(forest: Forest, person: Person, point: Ints) -> float:
    """Return what it costs a person to be at a point (D,)."""
    cost = 0.0
    for column in range(len(point)):
        price = price_of(person, column, point[column])
        cost = cost + price if forest.total else max(cost, price)
    return cost


@compiled
def changes_at(forest: Forest, person: Person, point: Ints) -> int:
    """Return how many features change at a point, a group counted as one."""
    count = 0
    for column in range(len(point)):
        if point[column] != person.own[column]:
            group = forest.group[column]
            count += 1 if group < 0 or person.current[group] == column else 0
    return count


@compiled
def switch(forest: Forest, point: Ints, group: int, member: int) -> None:
    """Switch ``member`` of a group on and the others off."""
    for column in range(len(point)):
        if forest.group[column] == group:
            point[column] = forest.on[column] - (0 if column == member else 1)


@compiled
def lit(forest: Forest, point: Ints, group: int) -> int:
    """Return the column of a group that is on, or -1."""
    for column in range(len(point)):
        if forest.group[column] == group and point[column] == forest.on[column]:
            return column
    return -1
