"""A whole tree, split by split, depth first; compiled.

A node's own people and those who can get to it are stretches of two lists, see ``parting``; what is put on top of the
second list for a left side is taken off when all below that side is done. ``targets`` counts, of everybody, the leaves
labelled with the target class that she can get to as the tree stands; whoever depends on a node has none but it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairgym.compiled import compiled
from fairgym.models.coding import NO_GROUP, CodedTable
from fairgym.models.grown import LEAF
from fairgym.models.parting import (
    gather,
    gather_depending,
    new_working,
    part_people,
    part_reach,
    part_states,
    people_of,
    put_on_top,
)
from fairgym.models.scoring import ROUNDING, Floats, Indices, Law, Node, Room, Split, impurity
from fairgym.models.splitter import best_split, split_on

Places = NDArray[np.int64]


class Limits(NamedTuple):
    """The rules of growth that say when a node is a leaf."""

    max_depth: int
    min_rows: int  # that a node needs to be split
    max_features: int
    min_gain: float


class Nodes(NamedTuple):
    """The arrays of a GrownTree."""

    feature: Places
    level: Places  # up to which people go left
    left: Places
    right: Places
    label: Places  # class, 0 or 1
    weight: Floats  # (nodes, 2) of the training people of both classes
    people: Places


START, STOP, REACH_START, REACH_STOP, DEPTH, LABEL, PARENT = range(7)
"""What is kept of a node that waits for its turn; ``PARENT`` holds ~parent for a right side."""


@compiled
def grow_nodes(
    table: CodedTable,
    second: Indices,
    error_weight: Floats,
    miss_weight: Floats,
    law: Law,
    limits: Limits,
    random: Any,
) -> tuple[Nodes, int, NDArray[np.int32]]:
    """Return the nodes of a tree, how many there are, and the ``targets`` of all (n,); those are 0 if price is 0.

    ``second`` (n,) is 1 for people of the second class, and the generator ``random`` gives numbers from 0 to 1.
    """
    working, room = new_working(error_weight), new_room(table)
    rows = len(working.people)
    nodes = new_nodes(2 * rows + 1)
    reach = people_of(miss_weight)[: len(miss_weight) if law.price > 0.0 else 0]
    label = root_label(working.people, reach, second, error_weight, miss_weight, law)
    working.targets[reach] = int(label == law.target)
    capacity = min(limits.max_depth, rows) + 2
    pending = np.empty((capacity, 7), np.int64)
    allowed = np.empty((capacity, table.first_state[-1]), np.bool_)  # states of one-hot groups that each may have
    allowed[0] = True
    wait(pending, 0, (0, rows), (0, len(reach)), 0, label, 0)
    features = table.candidates.copy()
    waiting, count = 1, 0
    while waiting > 0:
        waiting -= 1
        start, stop, reach_start, reach_stop, depth, label, parent = pending[waiting]
        now, count = count, count + 1
        total = gather(working, start, stop, second, error_weight)
        write_leaf(nodes, now, parent, label, total, stop - start)
        pure = total[0] == 0.0 or total[1] == 0.0
        if depth >= limits.max_depth or (law.paper and pure):
            continue
        if limits.max_features < len(features):  # as many draws for one person of weight 2 as for two people
            shuffle(features, limits.max_features if law.paper else len(features), random)
        if stop - start < limits.min_rows:
            continue
        mine = int(label == law.target)
        dependents = gather_depending(working, reach[reach_start:reach_stop], mine, miss_weight, total)
        bar = score_to_beat(total, label, law, limits.min_gain)
        if bar <= 0.0:
            continue
        here = Node(
            working.people[start:stop],
            working.weight[: stop - start],
            working.second[: stop - start],
            working.depending[:dependents],
            working.price_weight[:dependents],
            allowed[waiting],
            total,
        )
        split = best_of_drawn(table, here, features, limits.max_features, bar, law, room)
        if not split.score < bar:
            continue
        middle = start + part_people(here.people, table.code[split.feature], split.level, working.spare)
        if middle == start or middle == stop:  # noqa: SIM109 - compiled
            continue
        nodes.feature[now], nodes.level[now] = split.feature, split.level
        to_right, to_left = part_reach(
            table, split, law, reach, reach_start, reach_stop, mine, allowed[waiting], working
        )
        kept = reach_start + to_right
        reach = put_on_top(reach, kept, working.spare[:to_left])
        if not law.paper:
            part_states(table, split.feature, allowed, waiting)
        wait(pending, waiting, (middle, stop), (reach_start, kept), depth + 1, split.right, ~now)
        wait(pending, waiting + 1, (start, middle), (kept, kept + to_left), depth + 1, split.left, now)
        waiting += 2
    return nodes, count, working.targets


@compiled
def wait(
    pending: Places,
    place: int,
    people: tuple[int, int],
    reach: tuple[int, int],
    depth: int,
    label: int,
    parent: int,
) -> None:
    """Write down a node that waits for its turn."""
    pending[place, START], pending[place, STOP] = people
    pending[place, REACH_START], pending[place, REACH_STOP] = reach
    pending[place, DEPTH], pending[place, LABEL], pending[place, PARENT] = depth, label, parent


@compiled
def write_leaf(nodes: Nodes, now: int, parent: int, label: int, total: Floats, people: int) -> None:
    """Write a node, as a leaf so far, and tell its parent."""
    if now > 0 and parent >= 0:
        nodes.left[parent] = now
    elif now > 0:
        nodes.right[~parent] = now
    nodes.feature[now], nodes.level[now], nodes.left[now], nodes.right[now] = LEAF, LEAF, LEAF, LEAF
    nodes.label[now], nodes.people[now] = label, people
    nodes.weight[now, 0], nodes.weight[now, 1] = total[0], total[1]


@compiled
def score_to_beat(total: Floats, label: int, law: Law, min_gain: float) -> float:
    """Return what the objective of a node has to fall under by a split; ``total`` is that of ``Node``."""
    if law.paper:
        return np.inf
    before = impurity(total[0], total[1]) if law.gini else total[1 - label]
    before += law.price * (0.0 if label == law.target else total[3])
    return before - min_gain - ROUNDING * before


@compiled
def new_nodes(most: int) -> Nodes:
    """Return memory for so many nodes."""
    return Nodes(
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty((most, 2), np.float64),
        np.empty(most, np.int64),
    )


@compiled
def new_room(table: CodedTable) -> Room:
    """Return memory for the search for splits."""
    width, states = table.code.shape[1], table.moves.shape[1]
    levels = np.max(table.first[1:] - table.first[:-1])
    return Room(
        np.zeros((levels, 2), np.float64),
        np.zeros(levels, np.float64),
        np.zeros(levels, np.float64),
        np.empty(width, np.int64),
        np.empty(width, np.int64),
        np.full(1, NO_GROUP, np.int64),
        np.empty((states, 2), np.float64),
        np.empty(states, np.float64),
        np.empty(states, np.float64),
    )


@compiled
def root_label(
    people: Indices, reach: Indices, second: Indices, error_weight: Floats, miss_weight: Floats, law: Law
) -> int:
    """Return the class that a tree of one leaf is labelled with: the target if that costs less."""
    target_weight = other_weight = missed = 0.0
    for person in people:
        if second[person] == law.target:
            target_weight += error_weight[person]
        else:
            other_weight += error_weight[person]
    for person in reach:
        missed += miss_weight[person]
    return law.target if other_weight < target_weight + law.price * missed else 1 - law.target


@compiled
def best_of_drawn(
    table: CodedTable, node: Node, features: Places, wanted: int, bar: float, law: Law, room: Room
) -> Split:
    """Return the best split on the first ``wanted`` features, or on the next one with a score under the bar.

    So a node is not given up because of the features that it happened to draw, but the paper's program does.
    """
    room.counted[0] = NO_GROUP
    if wanted >= len(features):
        return best_split(table, node, features, law, room)
    best = best_split(table, node, np.sort(features[:wanted]), law, room)
    while not law.paper and not best.score < bar and wanted < len(features):
        best = split_on(table, node, features[wanted], law, room)
        wanted += 1
    return best


@compiled
def shuffle(features: Places, places: int, random: Any) -> None:
    """Put random ones of the features first, in so many places."""
    for place in range(places):
        other = place + int(random.random() * (len(features) - place))
        features[place], features[other] = features[other], features[place]
