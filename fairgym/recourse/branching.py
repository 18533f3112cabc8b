"""Compiled: branch and bound over boxes of rungs, depth first, with the cheapest winning point found so far.

Of every box the search knows the least cost and the most votes. It shaves off the ends of the box that no winning point
can use, tries the cheapest point of what is left and the one where most trees are near their best leaf, and splits the
box where both halves lose most votes. Nothing is thrown away but boxes that cannot hold a cheaper winning point, so
a search that comes to its end has proved its answer, or that there is none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fairgym.compiled import compiled
from fairgym.recourse.bounding import cheapest_point, meeting_leaves, open_columns, tighten
from fairgym.recourse.climbing import rise, settle
from fairgym.recourse.costs import Floats
from fairgym.recourse.rungs import Flags, Forest, Ints, Person
from fairgym.recourse.shrinking import Leaves, Lists, shrink
from fairgym.recourse.walking import changes_at, cost_at, votes_at

DONE, STOPPED = 0, 1
"""Why a search ended: all was searched, or it had to stop."""


class Waiting(NamedTuple):
    """The boxes that are still to be looked into, the next one last."""

    boxes: Ints  # (places, 2, D), lowest and highest rungs
    depth: Ints  # (places,)


@compiled
def explore(
    forest: Forest, person: Person, limit: float, answer: Ints, refused: Ints, most_nodes: int, stop: Flags
) -> tuple[int, float, float, int]:
    """Look for the cheapest winning point that costs less than ``limit`` and write it into ``answer`` (D,).

    Points in ``refused`` (rows, D) do not win, whatever their votes. The search stops after ``most_nodes`` boxes, or
    when ``stop[0]`` is set. Returns why it ended, the cost of the answer (``limit`` where none was found), a cost that
    no winning point is under, and the number of boxes.
    """
    low, high, point = person.low.copy(), person.high.copy(), np.empty_like(person.own)
    if tighten(forest, person, limit, low, high) == np.inf:
        return DONE, limit, limit, 0
    leaves, lists = first_lists(forest, low, high)
    waiting = Waiting(np.empty((64, 2, len(low)), dtype=np.int32), np.ones(64, dtype=np.int32))
    waiting.boxes[0, 0], waiting.boxes[0, 1] = low, high
    below, above = np.empty(leaves.first[-1]), np.empty(leaves.first[-1])
    top, nodes = 1, 0
    while top > 0:
        if nodes >= most_nodes or stop[0] != 0:
            return STOPPED, limit, floor_of(forest, person, limit, waiting, top), nodes
        top -= 1
        nodes += 1
        depth = waiting.depth[top]
        low[:], high[:] = waiting.boxes[top, 0], waiting.boxes[top, 1]
        lists, waiting = with_room(lists, waiting, depth, top)
        spare = shrink(forest, person, limit, leaves, lists, depth, low, high, below, above)
        if spare < 0:
            continue
        cheapest_point(forest, person, low, high, point)
        if votes_at(forest, point) >= forest.needed and not was_refused(refused, point):
            limit = cost_at(forest, person, point)
            answer[:] = point
            continue
        near_best(forest, person, leaves, low, high, below, above, point)
        cost = improved(forest, person, low, high, limit, point, nodes & (nodes - 1) == 0)  # at powers of two
        if cost < limit and not was_refused(refused, point):
            limit = cost
            answer[:] = point
            waiting.boxes[top, 0], waiting.boxes[top, 1] = low, high
            top += 1
            continue
        place, rung = best_split(leaves, low, high, below, above, spare)
        if place >= 0:
            halve(leaves, low, high, below, above, place, rung, waiting, top)
            top += 2
    return DONE, limit, limit, nodes


@compiled
def first_lists(forest: Forest, low: Ints, high: Ints) -> tuple[Leaves, Lists]:
    """Return the leaves that meet a box, and lists of all of them at depth 0."""
    columns = open_columns(low, high)
    first = np.zeros(len(columns) + 1, dtype=np.int32)
    for place in range(len(columns)):
        first[place + 1] = first[place] + high[columns[place]] - low[columns[place]] + 1
    trees, depths = len(forest.roots), 64
    ends, best = np.empty((depths, trees + 1), dtype=np.int32), np.empty((depths, trees))
    lows, highs, votes = meeting_leaves(forest, low, high, columns, ends[0])
    for tree in range(trees):
        best[0, tree] = votes[ends[0, tree] : ends[0, tree + 1]].max()
    ids = np.empty(4 * len(votes) + 1024, dtype=np.int32)
    ids[: len(votes)] = np.arange(len(votes))
    boxes = np.empty((depths, 2, len(low)), dtype=np.int32)
    boxes[0, 0], boxes[0, 1] = low, high
    return Leaves(columns, first, lows, highs, votes), Lists(ids, ends, best, boxes)


@compiled
def with_room(lists: Lists, waiting: Waiting, depth: int, top: int) -> tuple[Lists, Waiting]:
    """Return lists with room for those of a depth, and the boxes that wait with room for two more."""
    ids, ends, best, boxes = lists.ids, lists.ends, lists.best, lists.boxes
    if 2 * ends[depth - 1, -1] - ends[depth - 1, 0] > len(ids):
        ids = _longer(ids)
    if depth >= len(ends):
        ends, best, boxes = _longer(ends), _longer(best), _longer(boxes)
    if top + 2 > len(waiting.depth):
        waiting = Waiting(_longer(waiting.boxes), _longer(waiting.depth))
    return Lists(ids, ends, best, boxes), waiting


@compiled
def floor_of(forest: Forest, person: Person, limit: float, waiting: Waiting, count: int) -> float:
    """Return a cost that no point of the boxes that wait, up to a count, is under, nor any that costs the limit."""
    floor = limit
    for place in range(count):
        floor = min(floor, tighten(forest, person, limit, waiting.boxes[place, 0], waiting.boxes[place, 1]))
    return floor


@compiled
def improved(forest: Forest, person: Person, low: Ints, high: Ints, limit: float, point: Ints, uphill: bool) -> float:
    """Make the best of a point in a box, if asked by going uphill first; return its cost, infinity if it does not win.

    It may be any point of the box; more features may have changed than may change.
    """
    able = changes_at(forest, person, point) <= person.most
    if uphill and able and cost_at(forest, person, point) < limit:
        rise(forest, person, low, high, limit, point)
    if votes_at(forest, point) >= forest.needed and changes_at(forest, person, point) <= person.most:
        return settle(forest, person, low, high, point)
    return np.inf


@compiled
def near_best(
    forest: Forest, person: Person, leaves: Leaves, low: Ints, high: Ints, below: Floats, above: Floats, point: Ints
) -> None:
    """Move ``point`` along every feature to the rung that costs fewest votes by itself, the nearest of several."""
    for place in range(len(leaves.columns)):
        column = leaves.columns[place]
        if forest.group[column] >= 0:
            continue
        best = np.inf
        for rung in range(low[column], high[column] + 1):
            at = leaves.first[place] + rung - low[column]
            lost = below[at] + above[at]
            nearer = abs(rung - person.own[column]) < abs(point[column] - person.own[column])
            if lost < best or (lost == best and nearer):
                best = lost
                point[column] = rung


@compiled
def was_refused(refused: Ints, point: Ints) -> bool:
    """Return whether the model itself has refused a point."""
    found = False
    for row in range(len(refused)):
        found |= bool((refused[row] == point).all())
    return found


@compiled
def best_split(leaves: Leaves, low: Ints, high: Ints, below: Floats, above: Floats, spare: float) -> tuple[int, int]:
    """Return the place of the column and the rung up to which one half goes, so that both halves lose most votes.

    The place is -1 where the box is a single point.
    """
    best, at_place, at_rung = -1.0, -1, 0
    floor = 1e-3 * spare + 1e-9
    for place in range(len(leaves.columns)):
        column = leaves.columns[place]
        for rung in range(low[column], high[column]):
            at = leaves.first[place] + rung - low[column]
            score = (min(below[at], spare) + floor) * (min(above[at + 1], spare) + floor)
            balance = min(rung - low[column] + 1, high[column] - rung) / (high[column] - low[column] + 1)
            score *= 1 + 0.01 * balance
            if score > best:
                best, at_place, at_rung = score, place, rung
    return at_place, at_rung


@compiled
def halve(
    leaves: Leaves,
    low: Ints,
    high: Ints,
    below: Floats,
    above: Floats,
    place: int,
    rung: int,
    waiting: Waiting,
    top: int,
) -> None:
    """Let both halves of the box last taken from ``top`` wait, on top the one that loses fewer votes."""
    column = leaves.columns[place]
    at = leaves.first[place] + rung - low[column]
    depth, left_first = waiting.depth[top] + 1, below[at] > above[at + 1]
    for half in range(2):
        waiting.boxes[top + half, 0], waiting.boxes[top + half, 1] = low, high
        waiting.depth[top + half] = depth
        if (half == 0) == left_first:
            waiting.boxes[top + half, 1, column] = rung
        else:
            waiting.boxes[top + half, 0, column] = rung + 1


@compiled
def _longer(array: Any) -> Any:
    """Return an array of twice the length that begins with ``array``."""
    longer = np.empty((2 * array.shape[0], *array.shape[1:]), dtype=array.dtype)
    longer[: array.shape[0]] = array
    return longer
