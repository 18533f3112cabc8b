"""Compiled: boxes of rungs, cut down to what a person can do; what they cost at least, and which leaves meet them."""

from __future__ import annotations

import numpy as np

from fairgym.compiled import compiled
from fairgym.recourse.costs import Floats
from fairgym.recourse.rungs import Forest, Ints, Person
from fairgym.recourse.walking import price_of


@compiled
def open_columns(low: Ints, high: Ints) -> Ints:
    """Return the columns along which a box (D,) is wider than one rung."""
    columns = np.empty(len(low), dtype=np.int32)
    count = 0
    for column in range(len(low)):
        if low[column] < high[column]:
            columns[count] = column
            count += 1
    return columns[:count].copy()


@compiled
def tighten(forest: Forest, person: Person, limit: float, low: Ints, high: Ints) -> float:
    """Take away from a box what no point below the limit of cost can use; return the least cost, infinity if empty.

    Groups keep as many columns on as the person has; features beyond the number that may change stay as they are.
    """
    width = len(low)
    while True:
        before = 0
        for column in range(width):
            before += high[column] - low[column]
        if not _tighten_groups(forest, person, low, high) or not _tighten_changes(forest, person, low, high):
            return np.inf
        least = least_cost(forest, person, low, high)
        if least >= limit:
            return np.inf
        after = 0
        for column in range(width):
            own = min(max(person.own[column], low[column]), high[column])
            spare = limit - (least - price_of(person, column, own) if forest.total else 0.0)
            if forest.total and forest.group[column] >= 0:
                spare = limit
            while low[column] < own and price_of(person, column, low[column]) >= spare:
                low[column] += 1
            while high[column] > own and price_of(person, column, high[column]) >= spare:
                high[column] -= 1
            after += high[column] - low[column]
        if after == before:
            return least


@compiled
def least_cost(forest: Forest, person: Person, low: Ints, high: Ints) -> float:
    """Return the cost of the cheapest point of a box whose groups are consistent."""
    cost = 0.0
    for column in range(len(low)):
        own = min(max(person.own[column], low[column]), high[column])
        price = price_of(person, column, own)
        cost = cost + price if forest.total else max(cost, price)
    for group in range(len(person.current)):
        current = person.current[group]
        if current >= 0 and person.switches[group] and high[current] < forest.on[current]:
            member = cheapest_member(forest, person, group, low, high)
            if low[member] < forest.on[member]:  # else it is counted above
                price = price_of(person, member, forest.on[member])
                cost = cost + price if forest.total else max(cost, price)
    return cost


@compiled
def cheapest_member(forest: Forest, person: Person, group: int, low: Ints, high: Ints) -> int:
    """Return the member of a group that is cheapest to have on inside a box; -1 if none can be on."""
    best, least = -1, np.inf
    for column in range(len(low)):
        if forest.group[column] == group and high[column] == forest.on[column]:
            price = price_of(person, column, forest.on[column])
            if best < 0 or price < least:
                best, least = column, price
    return best


@compiled
def _tighten_groups(forest: Forest, person: Person, low: Ints, high: Ints) -> bool:
    """Keep exactly one column of every group of choices on; return whether that is possible."""
    for group in range(len(person.current)):
        if not person.switches[group]:
            continue
        lit, possible, last = 0, 0, -1
        for column in range(len(low)):
            if forest.group[column] == group:
                lit += low[column] == forest.on[column]
                if high[column] == forest.on[column]:
                    possible += 1
                    last = column
        if lit > 1 or possible == 0:
            return False
        if possible == 1:
            low[last] = forest.on[last]
        if lit == 1:
            for column in range(len(low)):
                if forest.group[column] == group and low[column] < forest.on[column]:
                    high[column] = forest.on[column] - 1
    return True


@compiled
def _tighten_changes(forest: Forest, person: Person, low: Ints, high: Ints) -> bool:
    """Hold everything else still where as many features as may have to change; return whether no more have to."""
    forced = 0
    for column in range(len(low)):
        group = forest.group[column]
        if group >= 0 and person.current[group] != column:
            continue
        forced += person.own[column] < low[column] or person.own[column] > high[column]
    if forced > person.most:
        return False
    if forced == person.most:
        for column in range(len(low)):
            group = forest.group[column]
            counts = group < 0 or person.current[group] == column
            if counts and low[column] <= person.own[column] <= high[column]:
                low[column] = high[column] = person.own[column]
    return _tighten_groups(forest, person, low, high)


@compiled
def cheapest_point(forest: Forest, person: Person, low: Ints, high: Ints, point: Ints) -> None:
    """Write the cheapest point of a box whose groups are consistent."""
    for column in range(len(low)):
        point[column] = min(max(person.own[column], low[column]), high[column])
    for group in range(len(person.current)):
        if person.switches[group]:
            current = person.current[group]
            member = current
            if high[current] < forest.on[current]:
                member = cheapest_member(forest, person, group, low, high)
            for column in range(len(low)):
                if forest.group[column] == group:
                    point[column] = forest.on[column] - (0 if column == member else 1)


@compiled
def _most_leaves(forest: Forest, low: Ints, high: Ints) -> int:
    """Return how many leaves meet a box at most: those that would if no path asked for a feature twice."""
    waiting = np.empty(forest.depth + 1, dtype=np.int32)
    count = 0
    for root in forest.roots:
        waiting[0] = root
        top = 1
        while top > 0:
            top -= 1
            node = waiting[top]
            while forest.feature[node] >= 0:
                column, place = forest.feature[node], forest.place[node]
                if high[column] <= place:
                    node = forest.left[node]
                elif low[column] > place:
                    node = forest.right[node]
                else:
                    waiting[top] = forest.right[node]
                    top += 1
                    node = forest.left[node]
            count += 1
    return count


@compiled
def meeting_leaves(forest: Forest, low: Ints, high: Ints, columns: Ints, ends: Ints) -> tuple[Ints, Ints, Floats]:
    """Return the leaves that meet a box: their own boxes over ``columns``, (columns, leaves) twice, and their votes.

    Writes into ``ends`` where the leaves of each tree end.
    """
    count, width = _most_leaves(forest, low, high), len(columns)
    lows, highs = np.empty((width, count), dtype=np.int32), np.empty((width, count), dtype=np.int32)
    votes = np.empty(count)
    index = np.full(len(low), -1, dtype=np.int32)
    for at in range(width):
        index[columns[at]] = at
    waiting = np.empty(forest.depth + 1, dtype=np.int32)
    boxes = np.empty((forest.depth + 1, 2, width), dtype=np.int32)
    box = np.empty((2, width), dtype=np.int32)
    leaf = 0
    ends[0] = 0
    for tree in range(len(forest.roots)):
        waiting[0] = forest.roots[tree]
        for at in range(width):
            boxes[0, 0, at], boxes[0, 1, at] = low[columns[at]], high[columns[at]]
        top = 1
        while top > 0:
            top -= 1
            node = waiting[top]
            box[:] = boxes[top]
            while forest.feature[node] >= 0:
                at, place = index[forest.feature[node]], forest.place[node]
                if at < 0:
                    column = forest.feature[node]
                    node = forest.left[node] if low[column] <= place else forest.right[node]
                elif box[1, at] <= place:
                    node = forest.left[node]
                elif box[0, at] > place:
                    node = forest.right[node]
                else:
                    waiting[top] = forest.right[node]
                    boxes[top] = box
                    boxes[top, 0, at] = place + 1
                    top += 1
                    box[1, at] = place
                    node = forest.left[node]
            lows[:, leaf], highs[:, leaf] = box[0], box[1]
            votes[leaf] = forest.vote[node]
            leaf += 1
        ends[tree + 1] = leaf
    return lows, highs, votes
