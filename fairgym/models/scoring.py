"""What a split is worth: the objective of its two sides under their best labels; compiled.

Whatever the split of a node, nobody's errors change but those of the node's own people, and nobody's recourse but that
of those who *depend* on it: they can get here within the budget and to no leaf labelled with the target class
elsewhere. With labels for both sides, people who depend on the node are without recourse unless they can get to a side
that is labelled with the target class (Kanamori et al., ICML 2024).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairgym.compiled import compiled

Floats = NDArray[np.float64]
Indices = NDArray[np.uint32]
"""Unsigned, so that compiled code need not ask whether an index counts from the end."""
ROUNDING = 1e-10
"""Share of a node's objective that a split has to gain beyond what is asked for, so that rounding decides nothing."""


class Law(NamedTuple):
    """The rules of growth that the search for a split needs."""

    gini: bool
    price: float
    least: int  # rows that both sides need
    paper: bool
    target: int  # which of the two classes is the target, 0 or 1


class Split(NamedTuple):
    """A split and what becomes of the objective; ``feature`` is -1 where there is none."""

    score: float
    feature: int
    level: int  # up to which people go left
    left: int  # class that the left side is labelled with
    right: int


class Room(NamedTuple):
    """Memory that one search leaves to the next; what is counted by level is zero between searches."""

    own: Floats  # (most levels, 2) weight of both classes of the node's people by level
    rows: Floats  # (most levels,) of the node, by level
    depending: Floats  # (most levels,) weight of those who depend on the node, by level
    keys: NDArray[np.int64]  # (n,) sorted levels of the node's people and who has them
    other_keys: NDArray[np.int64]  # (n,) of those who depend on it
    counted: NDArray[np.int64]  # (1,) the one-hot group that is counted by state for the node at hand, or NO_GROUP
    state_own: Floats  # (most states, 2) of that group, as ``own``, ``rows`` and ``depending``
    state_rows: Floats
    state_depending: Floats


class Node(NamedTuple):
    """The people of a node, and those who depend on it, side by side with their weights."""

    people: Indices
    weight: Floats
    second: Indices  # 1 for people of the second class
    depending: Indices
    price_weight: Floats  # of those who depend on it, in people
    allowed: NDArray[np.bool_]  # (states,) whether people in a state of a one-hot group may be here
    total: Floats  # (4,) weight of the first and of the second class, rows, weight of those who depend


@compiled
def impurity(first: float, second: float) -> float:
    """Return Gini impurity times weight."""
    return 2.0 * first * second / (first + second) if first + second > 0.0 else 0.0


@compiled
def label_pairs(
    left: tuple[float, float],
    right: tuple[float, float],
    missed_right_only: float,
    missed_left_only: float,
    missed_none: float,
    law: Law,
) -> tuple[float, int, int]:
    """Return the score of a split under its best labels, and the labels; of equal ones the first.

    ``left`` and ``right`` hold the weight of both classes. Who depends on the node is missed if only the right, only
    the left or neither side is labelled with the target class.
    """
    best, best_left, best_right, best_missed = np.inf, 0, 0, 0.0
    for left_label in range(2):
        for right_label in range(2):
            errors = left[1 - left_label] + right[1 - right_label]
            if left_label == law.target:
                missed = 0.0 if right_label == law.target else missed_left_only
            else:
                missed = missed_right_only if right_label == law.target else missed_none
            score = errors + law.price * missed
            if score < best:
                best, best_left, best_right, best_missed = score, left_label, right_label, missed
    if law.gini:
        best = impurity(left[0], left[1]) + impurity(right[0], right[1]) + law.price * best_missed
    return best, best_left, best_right


@compiled
def score_of(
    node: Node, left0: float, left1: float, to_left: float, not_to_right: float, law: Law
) -> tuple[float, int, int]:
    """Return what ``label_pairs`` does for a split with this weight of both classes on the left.

    ``to_left`` is the weight of those depending on the node who can get to the left, ``not_to_right`` of those who
    cannot get to the right.
    """
    depending = node.total[3]
    left, right = (left0, left1), (node.total[0] - left0, node.total[1] - left1)
    return label_pairs(left, right, not_to_right, depending - to_left, depending, law)


@compiled
def last_candidate(threshold: Floats, law: Law) -> int:
    """Return the highest level with a candidate above it; the paper's program leaves out the highest of several."""
    highest = -1
    for level in range(len(threshold) - 1, -1, -1):
        if not np.isnan(threshold[level]):
            if highest >= 0 or not law.paper:
                return level
            highest = level
    return highest


@compiled
def middle_of(threshold: Floats, first: int, last: int) -> int:
    """Return the level of the candidate in the middle of those above the levels ``first`` to ``last``."""
    while np.isnan(threshold[last]):
        last -= 1
    middle = (first + last) // 2
    while np.isnan(threshold[middle]):
        middle -= 1
    return middle
