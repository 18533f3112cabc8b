"""Who is in a node, who depends on it, and how a split parts them; compiled.

A node's own people are a stretch of one list, which a split parts in two. Those who can get to a node within the budget
are a stretch of another list; they can get to both sides of a split, so the left side's are put on top.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairgym.compiled import compiled
from fairgym.models.coding import NO_GROUP, CodedTable
from fairgym.models.scoring import Floats, Indices, Law, Split
from fairgym.models.splitter import can_go


class Working(NamedTuple):
    """Memory of one growth, n people."""

    people: Indices  # (n,) of the tree; those of a node stand together
    targets: NDArray[np.int32]  # (n,) leaves labelled with the target class that everybody can get to
    spare: Indices  # (n,)
    weight: Floats  # (n,) of the people of the node at hand
    second: Indices  # (n,) whether they are of the second class
    depending: Indices  # (n,) who depends on the node at hand
    price_weight: Floats  # (n,) of those


@compiled
def new_working(error_weight: Floats) -> Working:
    """Return memory for a growth on the people who have a positive weight."""
    width = len(error_weight)
    return Working(
        people_of(error_weight),
        np.zeros(width, np.int32),
        np.empty(width, np.uint32),
        np.empty(width),
        np.empty(width, np.uint32),
        np.empty(width, np.uint32),
        np.empty(width),
    )


@compiled
def people_of(weight: Floats) -> Indices:
    """Return who has a positive weight."""
    people = np.empty(len(weight), np.uint32)
    count = 0
    for person in range(len(weight)):
        if weight[person] > 0.0:
            people[count] = person
            count += 1
    return people[:count]


@compiled
def gather(working: Working, start: int, stop: int, second: Indices, error_weight: Floats) -> Floats:
    """Put the people of a node side by side; return the weight of both classes, their rows, and 0."""
    total = np.zeros(4)
    for place in range(stop - start):
        person = working.people[start + place]
        working.weight[place] = error_weight[person]
        working.second[place] = second[person]
        total[second[person]] += error_weight[person]
    total[2] = stop - start
    return total


@compiled
def gather_depending(working: Working, reach: Indices, mine: int, miss_weight: Floats, total: Floats) -> int:
    """Put those side by side who can get to a target leaf at most here; return their number, add up their weight."""
    count = 0
    for person in reach:
        if working.targets[person] == mine:
            working.depending[count] = person
            working.price_weight[count] = miss_weight[person]
            total[3] += miss_weight[person]
            count += 1
    return count


@compiled
def part_people(people: Indices, code: Indices, level: int, spare: Indices) -> int:
    """Put the people up to a level first, in the order they have; return their number."""
    first = others = 0
    for person in people:
        if code[person] <= level:
            people[first] = person
            first += 1
        else:
            spare[others] = person
            others += 1
    people[first:] = spare[:others]
    return first


@compiled
def part_reach(
    table: CodedTable,
    split: Split,
    law: Law,
    reach: Indices,
    start: int,
    stop: int,
    mine: int,
    allowed: NDArray[np.bool_],
    working: Working,
) -> tuple[int, int]:
    """Put those who can get to the right first, and to the left into the spare list; return their numbers."""
    feature, level = split.feature, split.level
    group, member = -1 if law.paper else table.group[feature], table.member[feature]
    gain_left, gain_right = int(split.left == law.target), int(split.right == law.target)
    lowest = table.lowest[table.first[feature] : table.first[feature + 1]]
    highest = table.highest[table.first[feature] : table.first[feature + 1]]
    code = table.code[feature]
    kept, put_aside = 0, 0
    for place in range(start, stop):
        person = reach[place]
        if group == NO_GROUP:
            to_left, to_right = lowest[code[person]] <= level, level < highest[code[person]]
        else:
            state = table.state[group, person]
            to_left = can_go(table, allowed, group, state, member, False)
            to_right = can_go(table, allowed, group, state, member, True)
        change = -mine
        if to_left:
            working.spare[put_aside] = person
            put_aside += 1
            change += gain_left
        if to_right:
            reach[start + kept] = person
            kept += 1
            change += gain_right
        working.targets[person] += change
    return kept, put_aside


@compiled
def put_on_top(reach: Indices, start: int, people: Indices) -> Indices:
    """Write people into a list from ``start`` on; return it, or a longer one with the same before them."""
    stop = start + len(people)
    if stop > len(reach):
        longer = np.empty(2 * stop, np.uint32)
        longer[:start] = reach[:start]
        reach = longer
    reach[start:stop] = people
    return reach


@compiled
def part_states(table: CodedTable, feature: int, allowed: NDArray[np.bool_], waiting: int) -> None:
    """Say which states the right side, at ``waiting``, and the left side, after it, allow."""
    allowed[waiting + 1] = allowed[waiting]
    group = table.group[feature]
    if group != NO_GROUP:
        first, last = table.first_state[group], table.first_state[group + 1]
        on = first + table.member[feature]
        here = allowed[waiting, on]
        allowed[waiting, first:last] = False
        allowed[waiting, on] = here
        allowed[waiting + 1, on] = False
