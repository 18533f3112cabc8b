"""The best split of a node, over features, thresholds and the labels of the two sides; compiled.

It looks at two lists of people, the node's own and those who depend on it, see ``scoring``. Both are counted by level.
If a column has many more levels than the node has people, the levels that people have are sorted instead. Going up the
thresholds, those who can get to the left only become more, and those who can get to the right only fewer: two pointers
follow them. The columns of a one-hot group are counted together, by state.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.compiled import compiled
from fairgym.models.coding import NO_GROUP, CodedTable
from fairgym.models.scoring import Floats, Indices, Law, Node, Room, Split, last_candidate, middle_of, score_of

SPARSE = 3
"""Levels are sorted, not counted, in columns with more than so many per person of the node."""


@compiled
def best_split(table: CodedTable, node: Node, features: NDArray[np.int64], law: Law, room: Room) -> Split:
    """Return the best split on one of the ``features``, ascending."""
    best = Split(np.inf, -1, 0, 0, 0)
    for feature in features:
        found = split_on(table, node, feature, law, room)
        if found.score < best.score:
            best = found
    return best


@compiled
def split_on(table: CodedTable, node: Node, feature: int, law: Law, room: Room) -> Split:
    """Return the best split on one feature."""
    levels = table.first[feature + 1] - table.first[feature]
    if levels == 1:
        return Split(np.inf, -1, 0, 0, 0)
    if table.group[feature] != NO_GROUP and not law.paper:
        return split_on_member(table, node, feature, law, room)
    if levels > SPARSE * (len(node.people) + len(node.depending)) + 8:
        return split_by_sorting(table, node, feature, law, room)
    return split_by_counting(table, node, feature, law, room)


@compiled
def count_people(code: Indices, levels: int, node: Node, law: Law, own: Floats, rows_at: Floats) -> tuple[int, int]:
    """Count the people of a node by level, their rows where these matter; return the lowest and the highest level."""
    for place in range(len(node.people)):
        own[code[node.people[place]], node.second[place]] += node.weight[place]
    if law.least > 1:
        for place in range(len(node.people)):
            rows_at[code[node.people[place]]] += 1.0
    least, most = 0, levels - 1
    while own[least, 0] + own[least, 1] == 0.0:
        least += 1
    while own[most, 0] + own[most, 1] == 0.0:
        most -= 1
    return least, most


@compiled
def split_by_counting(table: CodedTable, node: Node, feature: int, law: Law, room: Room) -> Split:
    """Return what ``split_on`` does, from counts by level."""
    start, stop = table.first[feature], table.first[feature + 1]
    threshold, lowest, highest = table.threshold[start:stop], table.lowest[start:stop], table.highest[start:stop]
    code, own, rows_at, depending = table.code[feature], room.own, room.rows, room.depending
    levels = stop - start
    least, most = count_people(code, levels, node, law, own, rows_at)
    best = Split(np.inf, -1, 0, 0, 0)
    if law.paper or least < most:
        for place in range(len(node.depending)):
            depending[code[node.depending[place]]] += node.price_weight[place]
        best_first, best_last, same, stale = -1, -1, False, True
        left0, left1, rows = 0.0, 0.0, 0.0
        to_left, not_to_right = 0.0, 0.0
        low = high = 0
        begin, end = (0, last_candidate(threshold, law)) if law.paper else (least, most - 1)
        for level in range(begin, end + 1):
            if own[level, 0] + own[level, 1] > 0.0:
                left0 += own[level, 0]
                left1 += own[level, 1]
                rows += rows_at[level]
                stale, same = True, False
            while low < levels and lowest[low] <= level:
                stale = stale or depending[low] > 0.0
                to_left += depending[low]
                low += 1
            while high < levels and highest[high] <= level:
                stale = stale or depending[high] > 0.0
                not_to_right += depending[high]
                high += 1
            if np.isnan(threshold[level]):
                continue
            if law.least > 1 and not law.paper and (rows < law.least or node.total[2] - rows < law.least):
                continue
            if not stale:
                best_last = level if same else best_last
                continue
            stale = False
            score, left, right = score_of(node, left0, left1, to_left, not_to_right, law)
            if score < best.score:
                best = Split(score, feature, int(level), left, right)
                best_first, best_last, same = level, level, True
            elif same and score == best.score:
                best_last = level
            else:
                same = False
        if best_first >= 0 and not law.paper:
            best = Split(best.score, feature, middle_of(threshold, best_first, best_last), best.left, best.right)
        if len(node.depending) > 0:
            depending[:levels] = 0.0
    own[least : most + 1] = 0.0
    if law.least > 1:
        rows_at[least : most + 1] = 0.0
    return best


@compiled
def sort_levels(code: Indices, people: Indices, keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the levels of people ascending, each with the place of who has it in the lower half of the bits."""
    for place in range(len(people)):
        keys[place] = (np.int64(code[people[place]]) << 32) | place
    found = keys[: len(people)]
    if len(people) > 24:
        found.sort()
        return found
    for place in range(1, len(people)):
        key, at = found[place], place
        while at > 0 and found[at - 1] > key:
            found[at] = found[at - 1]
            at -= 1
        found[at] = key
    return found


@compiled
def split_by_sorting(table: CodedTable, node: Node, feature: int, law: Law, room: Room) -> Split:
    """Return what ``split_on`` does, from the sorted levels that people have; nothing changes between."""
    start, stop = table.first[feature], table.first[feature + 1]
    threshold, lowest, highest = table.threshold[start:stop], table.lowest[start:stop], table.highest[start:stop]
    code = table.code[feature]
    own = sort_levels(code, node.people, room.keys)
    rows_in_all = len(own)
    least, most = own[0] >> 32, own[rows_in_all - 1] >> 32
    best = Split(np.inf, -1, 0, 0, 0)
    if not law.paper and least == most:
        return best
    depending = sort_levels(code, node.depending, room.other_keys)
    best_first, best_last, same = -1, -1, False
    left0, left1, rows_at_best = 0.0, 0.0, -1
    to_left, not_to_right = 0.0, 0.0
    rows = low = high = 0
    level, end = (np.int64(0), last_candidate(threshold, law)) if law.paper else (least, most - 1)
    while level <= end:
        while level <= end and np.isnan(threshold[level]):
            level += 1
        if level > end:
            break
        while rows < rows_in_all and own[rows] >> 32 <= level:
            place = own[rows] & 0xFFFFFFFF
            if node.second[place] == 1:
                left1 += node.weight[place]
            else:
                left0 += node.weight[place]
            rows += 1
        while low < len(depending) and lowest[depending[low] >> 32] <= level:
            to_left += node.price_weight[depending[low] & 0xFFFFFFFF]
            low += 1
        while high < len(depending) and highest[depending[high] >> 32] <= level:
            not_to_right += node.price_weight[depending[high] & 0xFFFFFFFF]
            high += 1
        following = end + 1
        if rows < rows_in_all:
            following = min(following, own[rows] >> 32)
        if low < len(depending):
            following = min(following, np.int64(lowest[depending[low] >> 32]))
        if high < len(depending):
            following = min(following, np.int64(highest[depending[high] >> 32]))
        if law.paper or (rows >= law.least and rows_in_all - rows >= law.least):
            score, left, right = score_of(node, left0, left1, to_left, not_to_right, law)
            if score < best.score:
                best = Split(score, feature, int(level), left, right)
                best_first, best_last, rows_at_best, same = int(level), int(following) - 1, rows, True
            elif same and score == best.score and rows == rows_at_best:
                best_last = int(following) - 1
            else:
                same = False
        level = following
    if best_first >= 0 and not law.paper:
        best = Split(best.score, feature, middle_of(threshold, best_first, best_last), best.left, best.right)
    return best


@compiled
def split_on_member(table: CodedTable, node: Node, feature: int, law: Law, room: Room) -> Split:
    """Return what ``split_on`` does for a column of a one-hot group: who has it on goes right."""
    group, member = table.group[feature], table.member[feature]
    if room.counted[0] != group:
        count_states(table.state[group], node, room)
        room.counted[0] = group
    rows, in_all = room.state_rows[member], node.total[2]
    best = Split(np.inf, -1, 0, 0, 0)
    if rows == 0.0 or rows == in_all or rows < law.least or in_all - rows < law.least:
        return best
    to_left, to_right = 0.0, 0.0
    for state in range(table.first_state[group + 1] - table.first_state[group]):
        if can_go(table, node.allowed, group, state, member, False):
            to_left += room.state_depending[state]
        if can_go(table, node.allowed, group, state, member, True):
            to_right += room.state_depending[state]
    left0, left1 = node.total[0] - room.state_own[member, 0], node.total[1] - room.state_own[member, 1]
    score, left, right = score_of(node, left0, left1, to_left, node.total[3] - to_right, law)
    return Split(score, feature, 0, left, right)


@compiled
def count_states(state: Indices, node: Node, room: Room) -> None:
    """Count the people of a node, and those who depend on it, by their state in a one-hot group."""
    room.state_own[:] = 0.0
    room.state_rows[:] = 0.0
    room.state_depending[:] = 0.0
    for place in range(len(node.people)):
        room.state_own[state[node.people[place]], node.second[place]] += node.weight[place]
        room.state_rows[state[node.people[place]]] += 1.0
    for place in range(len(node.depending)):
        room.state_depending[state[node.depending[place]]] += node.price_weight[place]


@compiled
def can_go(table: CodedTable, allowed: NDArray[np.bool_], group: int, state: int, member: int, right: bool) -> bool:
    """Return whether people in a state can get to one that a node allows, with ``member`` on (right) or off."""
    start = table.first_state[group]
    if right:
        return bool(allowed[start + member] and table.moves[start + state, member])
    for other in range(table.first_state[group + 1] - start):
        if other != member and allowed[start + other] and table.moves[start + state, other]:
            return True
    return False
