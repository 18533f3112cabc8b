"""Walk: the shape of a grown tree, and the way that people take through it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fairgym.models.grown import LEAF, GrownTree

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def parents(tree: GrownTree) -> Places:
    """Return the parent of each node, -1 for the root, (nodes,)."""
    parent = np.full(len(tree.feature), -1)
    inner = np.flatnonzero(tree.feature != LEAF)
    parent[tree.left[inner]] = parent[tree.right[inner]] = inner
    return parent


def depths(tree: GrownTree) -> Places:
    """Return how many conditions lead to each node, (nodes,)."""
    depth = np.zeros(len(tree.feature), dtype=np.int64)
    for node in np.flatnonzero(tree.feature != LEAF):  # children come after their parent
        depth[[tree.left[node], tree.right[node]]] = depth[node] + 1
    return depth


def paths(tree: GrownTree, leaves: Places) -> csr_matrix:
    """Return which nodes people in these leaves (n,) pass, a sparse (n, nodes) of 0 and 1."""
    parent, rows = parents(tree), [leaves]
    while (rows[-1] >= 0).any():
        rows.append(np.where(rows[-1] >= 0, parent[rows[-1]], -1))
    table = np.sort(np.stack(rows[:-1], axis=1) if len(leaves) else np.empty((0, 1), dtype=np.int64), axis=1)
    passed = table >= 0
    ends = np.concatenate([[0], np.cumsum(passed.sum(axis=1))])
    return csr_matrix(
        (np.ones(int(ends[-1]), dtype=np.int64), table[passed], ends), shape=(len(leaves), len(tree.feature))
    )


def without_branches(tree: GrownTree, collapsed: NDArray[np.bool_]) -> GrownTree:
    """Return the tree in which nodes marked in ``collapsed`` (nodes,) are leaves, and nothing hangs below them."""
    parent = parents(tree)
    kept = np.ones(len(parent), dtype=bool)
    for node in range(1, len(parent)):
        kept[node] = kept[parent[node]] and not collapsed[parent[node]]
    moved = np.where(kept, np.cumsum(kept) - 1, LEAF)
    leaf = collapsed | (tree.feature == LEAF)
    arrays = {name: values[kept] for name, values in vars(tree).items()}
    for name in ("left", "right"):
        arrays[name] = np.where(leaf, LEAF, moved[getattr(tree, name)])[kept]
    arrays["feature"] = np.where(leaf, LEAF, tree.feature)[kept]
    return replace(tree, **arrays)


def impurity_falls(tree: GrownTree, width: int) -> Floats:
    """Return the fall in Gini impurity times weight that the splits on each feature bring, (width,)."""
    impurity = gini_weight(tree)
    inner = np.flatnonzero(tree.feature != LEAF)
    falls = impurity[inner] - impurity[tree.left[inner]] - impurity[tree.right[inner]]
    return np.bincount(tree.feature[inner], weights=falls, minlength=width).astype(float)


def gini_weight(tree: GrownTree) -> Floats:
    """Return Gini impurity times weight of each node, 2 a b / (a + b) for classes of weight a and b, (nodes,)."""
    total = tree.target_weight + tree.other_weight
    product = 2 * tree.target_weight * tree.other_weight
    return np.divide(product, total, out=np.zeros(len(total)), where=total > 0)


def distinct_columns(columns: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Places]:
    """Return the distinct columns of a table (L, n) as (L, patterns), and the pattern of every column (n,)."""
    packed = np.packbits(columns, axis=0)
    if packed.shape[0] == 0 or packed.shape[1] == 0:
        return columns[:, :0], np.zeros(0, dtype=np.int64)
    _, first, which = np.unique(packed, axis=1, return_index=True, return_inverse=True)
    return columns[:, first], which.ravel()
