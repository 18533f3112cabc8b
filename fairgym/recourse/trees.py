"""TreeVotes: any ensemble of trees as plain arrays, and what it takes for the target class to win.

Every tree sends a person left where her value is at or under a threshold and gives her leaf's *vote* for the target
class. The target class wins where the votes of all trees add up to more than a bar, or reach it where ties go to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAF = -1
"""What stands in place of the feature, and of the two children, of a leaf."""
CHUNK = 1 << 22
"""Entries of a table of people by trees that is held at once."""


class PlainTree(NamedTuple):
    """One tree as arrays (nodes,); node 0 is the root, children are places in the arrays."""

    feature: NDArray[np.int64]  # that a node asks for; below zero for leaves
    threshold: NDArray[np.float64]  # a value at or under it goes left
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    vote: NDArray[np.float64]  # of a leaf for the target class


@dataclass(frozen=True)
class TreeVotes:
    """The trees of an ensemble one after another, all arrays (nodes,) but ``roots``; children are places in them.

    Nodes that no root leads to may be among them.
    """

    feature: NDArray[np.int64]  # that a node asks for; LEAF for leaves
    threshold: NDArray[np.float64]  # a value at or under it goes left; finite, 0 at leaves
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    vote: NDArray[np.float64]  # of a leaf for the target class; 0 elsewhere
    roots: NDArray[np.int64]  # first node of each tree, (trees,)
    bar: float  # what the sum of votes has to exceed
    ties_win: bool  # whether reaching the bar is enough
    precision: type  # of the numbers that the model compares, np.float32 or np.float64
    width: int  # number of features
    wins: Callable[[Any], NDArray[np.bool_]]  # of people (n, width), whether the model itself gives them the target

    @classmethod
    def join(
        cls,
        trees: Sequence[PlainTree],
        *,
        bar: float,
        ties_win: bool,
        precision: type,
        width: int,
        wins: Callable[[Any], NDArray[np.bool_]],
    ) -> TreeVotes:
        """Return trees one after another; a split at an infinite threshold gives way to the side that all go to."""
        sizes = [len(tree.feature) for tree in trees]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        shift = np.repeat(starts, sizes)
        feature = np.concatenate([tree.feature for tree in trees]).astype(np.int64)
        leaf = feature < 0
        threshold = np.where(leaf, 0.0, np.concatenate([tree.threshold for tree in trees]).astype(float))
        left = np.concatenate([tree.left for tree in trees]).astype(np.int64) + shift
        right = np.concatenate([tree.right for tree in trees]).astype(np.int64) + shift
        here = np.arange(len(feature))
        stand_in = np.where(~leaf & np.isposinf(threshold), left, np.where(~leaf & np.isneginf(threshold), right, here))
        while (stand_in[stand_in] != stand_in).any():
            stand_in = stand_in[stand_in]
        gone = stand_in != here
        return cls(
            feature=np.where(leaf | gone, LEAF, feature),
            threshold=np.where(gone, 0.0, threshold),
            left=np.where(leaf | gone, LEAF, stand_in[np.where(leaf, 0, left)]),
            right=np.where(leaf | gone, LEAF, stand_in[np.where(leaf, 0, right)]),
            vote=np.where(leaf, np.concatenate([tree.vote for tree in trees]).astype(float), 0.0),
            roots=stand_in[starts],
            bar=float(bar),
            ties_win=bool(ties_win),
            precision=precision,
            width=width,
            wins=wins,
        )

    def leaves(self, people: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the leaf, as a place in the arrays, of people (n, width) in each tree, (n, trees)."""
        values: NDArray[Any] = np.asarray(people, dtype=float).astype(self.precision)
        node = np.broadcast_to(self.roots, (len(values), len(self.roots))).copy()
        row, tree = np.nonzero(self.feature[node] != LEAF)
        while len(row):
            at = node[row, tree]
            goes_left = values[row, self.feature[at]] <= self.threshold[at]
            node[row, tree] = at = np.where(goes_left, self.left[at], self.right[at])
            inside = self.feature[at] != LEAF
            row, tree = row[inside], tree[inside]
        return node

    def score(self, people: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of all trees' votes for the target class, (n,), of people (n, width)."""
        people = np.asarray(people, dtype=float)
        step = max(1, CHUNK // len(self.roots))
        parts = [self.vote[self.leaves(people[at : at + step])].sum(axis=1) for at in range(0, len(people), step)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def passes(self, score: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether sums of votes are enough for the target class."""
        return np.asarray(score >= self.bar if self.ties_win else score > self.bar)
