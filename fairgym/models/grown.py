"""GrownTree: what growing gives, a binary tree with a label at every node, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairgym.compiled import compiled

LEAF = -1
"""What stands in place of the feature, and of the two children, of a leaf."""


@dataclass(frozen=True)
class GrownTree:
    """A tree as arrays (nodes,); node 0 is the root, children come after their parent, left before right."""

    feature: NDArray[np.int64]  # LEAF for leaves
    threshold: NDArray[np.float64]  # a value at or under it goes left
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    target: NDArray[np.bool_]  # whether the node is labelled with the target class, as a leaf is or would be
    target_weight: NDArray[np.float64]  # of the training people in the node who are of the target class
    other_weight: NDArray[np.float64]  # of the others
    people: NDArray[np.int64]  # training rows in the node

    def apply(self, people: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the leaf of each person, (n,), of people (n, D)."""
        return leaves_of(
            np.require(people, np.float64, ["C", "W"]), self.feature, self.threshold, self.left, self.right
        )


@compiled
def leaves_of(
    people: NDArray[np.float64],
    feature: NDArray[np.int64],
    threshold: NDArray[np.float64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the leaf of each person."""
    leaf = np.empty(len(people), dtype=np.int64)
    for person in range(len(people)):
        node = 0
        while feature[node] != LEAF:
            node = left[node] if people[person, feature[node]] <= threshold[node] else right[node]
        leaf[person] = node
    return leaf
