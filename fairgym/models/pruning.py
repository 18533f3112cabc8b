"""Pruning: minimal cost-complexity pruning (Breiman et al. 1984) of a tree whose leaves depend on each other.

The objective of a tree is its class part, summed over leaves, plus the weight of the people who can reach no leaf
labelled with the target class, counted over the whole tree. Again and again the weakest link goes: the inner node whose
collapse into a leaf raises the objective least per leaf saved, as long as that is at most alpha. A collapsed node gets
the label that makes errors plus people without recourse fewest, all other leaves as they are.

Without a price on recourse this is Breiman's procedure exactly. With one, a collapse changes what others are worth, so
everything is weighed anew after each, and the result need not be the smallest of the best subtrees.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.models.grown import LEAF, GrownTree
from fairgym.models.walk import distinct_columns, gini_weight, parents, without_branches

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ROUNDING = 1e-12
"""Share of the root's class part by which a link may exceed alpha, so that rounding decides nothing."""


def pruned(tree: GrownTree, reach: Bools, miss: Floats, gini: bool, alpha: float) -> GrownTree:
    """Return the tree without its links that are worth at most ``alpha`` per leaf.

    ``reach`` is (nodes, n), of people whose being without recourse weighs ``miss`` (n,); ``alpha`` is in the units of
    the objective, weight of people.
    """
    links = _Links(tree, reach, miss, gini)
    allowed = alpha + ROUNDING * (tree.target_weight[0] + tree.other_weight[0])
    while len(inner := links.inner()):
        worth, labels = links.worth(inner)
        weakest = int(worth.argmin())
        if worth[weakest] > allowed:
            break
        links.collapse(int(inner[weakest]), bool(labels[weakest]))
    return without_branches(links.tree, links.collapsed)


class _Links:
    """A tree that is being pruned."""

    def __init__(self, tree: GrownTree, reach: Bools, miss: Floats, gini: bool) -> None:
        self.tree = GrownTree(**{name: values.copy() for name, values in vars(tree).items()})
        self.parent = parents(tree)
        keep = miss > 0
        self.reach, which = distinct_columns(reach[:, keep])
        self.miss = np.bincount(which, miss[keep], self.reach.shape[1]).astype(float)  # of people who reach the same
        self.errors = np.stack([tree.target_weight, tree.other_weight])  # by the label given: the other, the target
        self.impurity = gini_weight(tree) if gini else None
        self.collapsed = np.zeros(len(self.parent), dtype=bool)
        self.gone = np.zeros(len(self.parent), dtype=bool)

    def leaves(self) -> Bools:
        """Return which nodes are leaves now."""
        leaves: Bools = ((self.tree.feature == LEAF) | self.collapsed) & ~self.gone
        return leaves

    def inner(self) -> NDArray[np.int64]:
        """Return the nodes that can be collapsed."""
        return np.flatnonzero(~self.leaves() & ~self.gone)

    def worth(self, inner: NDArray[np.int64]) -> tuple[Floats, Bools]:
        """Return by how much each collapse raises the objective per leaf saved, and the label it would get."""
        leaf = self.leaves()
        own = np.where(leaf, self._class_part(self.tree.target), 0.0)
        ways = np.where((leaf & self.tree.target)[:, None], self.reach, False).astype(np.int32)
        count = leaf.astype(np.int64)
        for node in range(len(self.parent) - 1, 0, -1):
            if not self.gone[node]:
                own[self.parent[node]] += own[node]
                ways[self.parent[node]] += ways[node]
                count[self.parent[node]] += count[node]
        rises, labels = np.empty((2, len(inner)))
        missing = self.miss[ways[0] == 0].sum()
        for place, node in enumerate(inner):
            elsewhere = ways[0] == ways[node]  # nothing outside the branch to go to
            misses = np.array([self.miss[elsewhere].sum(), self.miss[elsewhere & ~self.reach[node]].sum()])
            label = int(np.argmin(self.errors[:, node] + misses))
            labels[place] = label
            part = self.impurity[node] if self.impurity is not None else self.errors[label, node]
            rises[place] = part - own[node] + misses[label] - missing
        return rises / (count[inner] - 1), labels.astype(bool)

    def collapse(self, node: int, label: bool) -> None:
        """Make a node a leaf."""
        self.collapsed[node], self.tree.target[node] = True, label
        for below in range(node + 1, len(self.parent)):  # children come after their parent
            up = self.parent[below]
            self.gone[below] |= up == node or self.gone[up]

    def _class_part(self, target: Bools) -> Floats:
        """Return the class part of the objective of every node under its label."""
        if self.impurity is not None:
            return self.impurity
        errors: Floats = np.where(target, self.errors[1], self.errors[0])
        return errors
