"""Boxes: every leaf of an ensemble as a range of rungs on each feature that its path asks for.

All thresholds that an ensemble puts on a feature make one ladder, so that a person is, for the model, no more than her
rung on each ladder, and a leaf no more than a first and a last rung on some of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.actions import Actions
from fairgym.recourse.costs import FittedCost, Floats
from fairgym.recourse.ladder import Ladder
from fairgym.recourse.trees import LEAF, TreeVotes

Whole = NDArray[np.int32]


@dataclass(frozen=True)
class Boxes:
    """The leaves of an ensemble that some person can be in, tree by tree, and the ladders they are told on.

    There is a ladder for each feature that the trees ask for. A range is what one leaf asks of one feature.
    """

    columns: Whole  # the feature of each ladder, ascending, (ladders,)
    ladders: tuple[Ladder, ...]
    node: Whole  # place of each leaf in the TreeVotes, (leaves,)
    tree: Whole  # of each leaf, ascending, (leaves,)
    vote: Floats  # of each leaf for the target class, (leaves,)
    leaf: Whole  # that a range belongs to, ascending, (ranges,)
    side: Whole  # the ladder that a range is on, (ranges,)
    first: Whole  # lowest rung of a range, (ranges,)
    last: Whole  # highest rung of a range, with it, (ranges,)

    @classmethod
    def of(cls, votes: TreeVotes, actions: Actions, cost: FittedCost) -> Boxes:
        """Return the leaves of an ensemble, less those that no value gets to, such as 2.3 to 2.7 in whole numbers."""
        nodes, parent, tree = _walk(votes)
        columns, ladders = _ladders(votes, nodes, actions, cost)
        leaf, side, first, last = _ranges(votes, nodes, parent, columns, ladders)
        leaf_nodes = nodes[votes.feature[nodes] == LEAF]
        boxes = cls(
            columns=columns.astype(np.int32),
            ladders=ladders,
            node=leaf_nodes.astype(np.int32),
            tree=tree[leaf_nodes].astype(np.int32),
            vote=votes.vote[leaf_nodes],
            leaf=leaf.astype(np.int32),
            side=side.astype(np.int32),
            first=first.astype(np.int32),
            last=last.astype(np.int32),
        )
        empty = np.zeros(len(leaf_nodes), dtype=bool)
        empty[leaf[first > last]] = True
        return boxes.only(~empty)

    def only(self, leaves: NDArray[np.bool_]) -> Boxes:
        """Return some of the leaves, given as a mask (leaves,), and what they ask for; the ladders stay as they are."""
        kept, number = leaves[self.leaf], np.cumsum(leaves, dtype=np.int32) - 1
        return replace(
            self,
            node=self.node[leaves],
            tree=self.tree[leaves],
            vote=self.vote[leaves],
            leaf=number[self.leaf[kept]],
            side=self.side[kept],
            first=self.first[kept],
            last=self.last[kept],
        )


def _walk(votes: TreeVotes) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the nodes that the roots lead to, by tree and place, and the parent and the tree of every node."""
    parent = np.full(len(votes.feature), LEAF)
    tree = np.full(len(votes.feature), LEAF)
    tree[votes.roots] = np.arange(len(votes.roots))
    level = votes.roots
    while len(level):
        inner = level[votes.feature[level] != LEAF]
        for child in (votes.left[inner], votes.right[inner]):
            parent[child], tree[child] = inner, tree[inner]
        level = np.concatenate([votes.left[inner], votes.right[inner]])
    nodes = np.flatnonzero(tree != LEAF)
    return nodes[np.argsort(tree[nodes], kind="stable")], parent, tree


def _ladders(
    votes: TreeVotes, nodes: NDArray[np.int64], actions: Actions, cost: FittedCost
) -> tuple[NDArray[np.int64], tuple[Ladder, ...]]:
    """Return the features that the trees ask for, ascending, and their ladders."""
    inner = nodes[votes.feature[nodes] != LEAF]
    asked = votes.feature[inner]
    columns = np.unique(asked)
    ladders = tuple(
        Ladder.of(votes.threshold[inner[asked == column]], actions, cost, column, votes.precision)
        for column in columns.tolist()
    )
    return columns, ladders


def _ranges(
    votes: TreeVotes,
    nodes: NDArray[np.int64],
    parent: NDArray[np.int64],
    columns: NDArray[np.int64],
    ladders: tuple[Ladder, ...],
) -> tuple[NDArray[np.int64], ...]:
    """Return the leaf, ladder, first and last rung of every range, by leaf and ladder."""
    side = np.searchsorted(columns, votes.feature)  # of every node
    step = np.zeros(len(votes.feature), dtype=np.int64)  # the threshold's place on its ladder
    for place, ladder in enumerate(ladders):
        own = nodes[votes.feature[nodes] == columns[place]]
        step[own] = ladder.index(votes.threshold[own])
    node = nodes[votes.feature[nodes] == LEAF]
    leaf, conditions = np.arange(len(node)), []
    while len(node):
        above = parent[node]
        leaf, node, above = (values[above != LEAF] for values in (leaf, node, above))
        conditions.append((leaf, above, votes.left[above] == node))
        node = above
    leaf, above, left = (np.concatenate(parts) for parts in zip(*conditions, strict=True))
    top = np.array([len(ladder.thresholds) for ladder in ladders], dtype=np.int64)
    first = np.where(left, 0, step[above] + 1)
    last = np.where(left, step[above], top[side[above]] if len(top) else 0)
    key = leaf * max(len(columns), 1) + side[above]
    order = np.argsort(key, kind="stable")
    ranges, at = np.unique(key[order], return_index=True)
    if not len(ranges):
        return (ranges,) * 4
    first, last = np.maximum.reduceat(first[order], at), np.minimum.reduceat(last[order], at)
    return ranges // len(columns), ranges % len(columns), first, last
