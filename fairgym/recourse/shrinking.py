"""Compiled: the most votes that a box of rungs can have, and the rungs at its ends that no winning point can use.

Both take of every tree the best leaf that meets the box, so they never fall short of any point in it. The leaves that
meet a box are kept in lists, one per tree, which shrink as the box does: a box costs what its own leaves cost. Trees
that have one vote left in the box need no list any more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fairgym.compiled import compiled
from fairgym.recourse.bounding import tighten
from fairgym.recourse.costs import Floats
from fairgym.recourse.rungs import Forest, Ints, Person

SPARE = 1e-9
"""Votes by which sums that were added up in another order may be off."""


class Leaves(NamedTuple):
    """The leaves that meet the box that a search begins with, and the columns along which that box is wide."""

    columns: Ints  # (columns,)
    first: Ints  # (columns + 1,), where the rungs of each column begin in arrays over the rungs of the box
    low: Ints  # (columns, leaves), lowest rung of each leaf
    high: Ints  # (columns, leaves), highest rung
    vote: Floats  # (leaves,)


class Lists(NamedTuple):
    """For each depth of the search and each tree, the leaves that meet the box last looked into at that depth."""

    ids: Ints  # (entries,), the leaves of all lists, one list after another
    ends: Ints  # (depths, trees + 1), where in ``ids`` the lists of the trees begin and end
    best: Floats  # (depths, trees), best vote of each tree in the box
    boxes: Ints  # (depths, 2, D), lowest and highest rungs of the box


@compiled
def shrink(
    forest: Forest,
    person: Person,
    limit: float,
    leaves: Leaves,
    lists: Lists,
    depth: int,
    low: Ints,
    high: Ints,
    below: Floats,
    above: Floats,
) -> float:
    """Cut a box down to what winning points below the limit of cost can use; return the votes it has to spare.

    Less than 0 where there are no such points. The leaves of the larger box at ``depth - 1`` are sifted into the lists
    of ``depth``. ``below`` and ``above`` are the losses in what is left.
    """
    ids, ends, best, boxes = lists.ids, lists.ends, lists.best, lists.boxes
    source, most = depth - 1, 0.0
    changed = np.empty(len(leaves.columns), dtype=np.int32)
    while True:
        if tighten(forest, person, limit, low, high) == np.inf:
            return -1.0
        count = 0
        for place in range(len(leaves.columns)):
            column = leaves.columns[place]
            if low[column] > boxes[source, 0, column] or high[column] < boxes[source, 1, column]:
                changed[count] = place
                count += 1
        if source < depth or count > 0:
            old_ends, old_best, start = ends[source].copy(), best[source].copy(), ends[depth - 1, -1]
            new = (start, ends[depth], best[depth])
            most = sift(leaves, ids, old_ends, old_best, new, changed[:count], low, high, forest.needed)
            if most < forest.needed:
                return -1.0
            boxes[depth, 0], boxes[depth, 1] = low, high
            source = depth
        losses(leaves, ids, ends[depth], low, high, best[depth], below, above)
        if not shave(leaves, low, high, below, above, most - forest.needed + SPARE):
            return most - forest.needed
        if (low > high).any():
            return -1.0


@compiled
def sift(
    leaves: Leaves,
    ids: Ints,
    source: Ints,
    before: Floats,
    new: tuple[int, Ints, Floats],
    changed: Ints,
    low: Ints,
    high: Ints,
    needed: float,
) -> float:
    """Write the leaves of the lists that end at ``source`` and meet a smaller box; return its most votes.

    ``before`` is the best vote of each tree in the larger box, ``new`` are the place in ``ids`` where the new lists
    start and, to be written, their ends and best votes. ``changed`` are the places of the columns along which the box
    became smaller. Stops early where the box cannot win.
    """
    start, target, best = new
    trees = len(best)
    most = total_of(before)
    at = start
    for tree in range(trees):
        begin, end = source[tree], source[tree + 1]
        target[tree] = at
        if begin == end:
            best[tree] = before[tree]
            continue
        top, bottom = -np.inf, np.inf
        for index in range(begin, end):
            leaf = ids[index]
            meets = True
            for place in changed:
                column = leaves.columns[place]
                if leaves.low[place, leaf] > high[column] or leaves.high[place, leaf] < low[column]:
                    meets = False
                    break
            if meets:
                ids[at] = leaf
                at += 1
                top, bottom = max(top, leaves.vote[leaf]), min(bottom, leaves.vote[leaf])
        if top == bottom:
            at = target[tree]
        best[tree] = top
        most += top - before[tree]
        if most < needed - SPARE:
            return float(most)
    target[trees] = at
    return total_of(best)


@compiled
def total_of(votes: Floats) -> float:
    """Return the sum of the votes of all trees, added up in the order in which points are."""
    total = 0.0
    for vote in votes:
        total += vote
    return float(total)


@compiled
def losses(
    leaves: Leaves, ids: Ints, ends: Ints, low: Ints, high: Ints, best: Floats, below: Floats, above: Floats
) -> None:
    """Write the votes that are lost at least on the rungs up to each (``below``) and from each on (``above``).

    The loss of a rung of the column at a place stands at ``first[place] + rung - low``.
    """
    below[:] = 0.0
    above[:] = 0.0
    columns, first, votes = leaves.columns, leaves.first, leaves.vote
    profile = np.empty(first[-1] + 1)
    for tree in range(len(best)):
        begin, end = ends[tree], ends[tree + 1]
        if begin == end:
            continue
        top = best[tree]
        for place in range(len(columns)):
            start, stop = low[columns[place]], high[columns[place]]
            if start == stop:
                continue
            lowest, highest = stop, start
            for index in range(begin, end):
                leaf = ids[index]
                if votes[leaf] == top:
                    lowest, highest = min(lowest, leaves.low[place, leaf]), max(highest, leaves.high[place, leaf])
            if lowest > start:
                profile[: lowest - start] = -np.inf
                for index in range(begin, end):
                    leaf = ids[index]
                    at = max(leaves.low[place, leaf], start) - start
                    if at < lowest - start:
                        profile[at] = max(profile[at], votes[leaf])
                running = -np.inf
                for at in range(lowest - start):
                    running = max(running, profile[at])
                    below[first[place] + at] += top - running
            if highest < stop:
                profile[: stop - highest] = -np.inf
                for index in range(begin, end):
                    leaf = ids[index]
                    at = stop - min(leaves.high[place, leaf], stop)
                    if at < stop - highest:
                        profile[at] = max(profile[at], votes[leaf])
                running = -np.inf
                for at in range(stop - highest):
                    running = max(running, profile[at])
                    above[first[place] + stop - start - at] += top - running


@compiled
def shave(leaves: Leaves, low: Ints, high: Ints, below: Floats, above: Floats, spare: float) -> bool:
    """Take the rungs off the ends of a box where more votes are lost than can be spared; return whether there were."""
    shaved = False
    for place in range(len(leaves.columns)):
        column = leaves.columns[place]
        start, stop, at = low[column], high[column], leaves.first[place]
        while low[column] <= stop and below[at + low[column] - start] > spare:
            low[column] += 1
            shaved = True
        while high[column] >= start and above[at + high[column] - start] > spare:
            high[column] -= 1
            shaved = True
    return shaved
