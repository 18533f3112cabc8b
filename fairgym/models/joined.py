"""JoinedTrees: the trees of a forest one after another, for fast answers about many people at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray

from fairgym.compiled import compiled, prepare
from fairgym.models.grown import LEAF, GrownTree

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Shorts = NDArray[np.int32]
BLOCK = 256
"""People that go through one tree before the next, so that the tree stays in the processor's memory."""


@dataclass(frozen=True)
class JoinedTrees:
    """Trees as arrays (nodes,); children are places in them."""

    feature: Shorts  # LEAF for leaves
    threshold: Floats  # a value at or under it goes left
    left: Shorts
    right: Shorts
    roots: Shorts  # (trees,)

    @classmethod
    def of(cls, trees: Sequence[GrownTree]) -> JoinedTrees:
        """Return trees one after another."""
        sizes = np.array([len(tree.feature) for tree in trees])
        roots = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        shift = np.repeat(roots, sizes)
        return cls(
            feature=np.concatenate([tree.feature for tree in trees]).astype(np.int32),
            threshold=np.concatenate([tree.threshold for tree in trees]),
            left=(np.concatenate([tree.left for tree in trees]) + shift).astype(np.int32),
            right=(np.concatenate([tree.right for tree in trees]) + shift).astype(np.int32),
            roots=roots.astype(np.int32),
        )

    def sums(self, value: Floats, people: Floats, jobs: int | None) -> Floats:
        """Return the sum of what ``value`` (nodes,) says in the leaves of people (n, D), over all trees, (n,).

        It is added up tree after tree, so that it does not depend on the number of threads ``jobs``.
        """
        total = np.zeros(len(people))
        self._go(add_values, np.require(people, np.float64, ["C", "W"]), total, jobs, value)
        return total

    def leaves(self, people: Floats, jobs: int | None) -> Places:
        """Return the leaf of people (n, D) in each tree, as a place in the arrays of that tree, (n, trees)."""
        found = np.empty((len(people), len(self.roots)), dtype=np.int64)
        self._go(find_leaves, np.require(people, np.float64, ["C", "W"]), found, jobs)
        return found

    def _go(self, kernel: Any, people: Floats, answer: NDArray[Any], jobs: int | None, *values: Floats) -> None:
        """Let threads fill in the answers of stretches of people."""
        threads = max(1, min(effective_n_jobs(jobs), len(people) // BLOCK))
        cuts = np.linspace(0, len(people), threads + 1).astype(int)
        tree = (self.feature, self.threshold, self.left, self.right, self.roots)
        prepare(kernel, people[:1], *tree, *values, answer[:1])
        Parallel(n_jobs=threads, prefer="threads")(
            delayed(kernel)(people[start:stop], *tree, *values, answer[start:stop])
            for start, stop in pairwise(cuts.tolist())
        )


@compiled
def add_values(
    people: Floats,
    feature: Shorts,
    threshold: Floats,
    left: Shorts,
    right: Shorts,
    roots: Shorts,
    value: Floats,
    total: Floats,
) -> None:
    """Add, for each person, the value of her leaf in each tree."""
    for start in range(0, len(people), BLOCK):
        for root in roots:
            for person in range(start, min(start + BLOCK, len(people))):
                node = root
                while feature[node] != LEAF:
                    node = left[node] if people[person, feature[node]] <= threshold[node] else right[node]
                total[person] += value[node]


@compiled
def find_leaves(
    people: Floats,
    feature: Shorts,
    threshold: Floats,
    left: Shorts,
    right: Shorts,
    roots: Shorts,
    leaves: Places,
) -> None:
    """Write the leaf of each person in each tree."""
    for start in range(0, len(people), BLOCK):
        for tree in range(len(roots)):
            for person in range(start, min(start + BLOCK, len(people))):
                node = roots[tree]
                while feature[node] != LEAF:
                    node = left[node] if people[person, feature[node]] <= threshold[node] else right[node]
                leaves[person, tree] = node - roots[tree]
