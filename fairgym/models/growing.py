"""grow: one tree from a coded table, by the rules given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GrowthRules:
    """How a tree grows; people are counted by rows where a field says rows, by weight elsewhere."""

    gini: bool
    """Whether the class part of the objective is Gini impurity times weight; else the weight of errors."""
    price: float
    """Weight of one person without recourse, in errors; labels of leaves mind it under either criterion."""
    max_depth: int
    min_samples_split: int
    """Rows that a node needs to be split."""
    min_samples_leaf: int
    """Rows that both sides of a split need."""
    max_features: int
    """Candidate features, drawn anew at every node without replacement from those that may be split."""
    min_gain: float
    """A split has to lower the objective by more than this."""
    paper: bool
    """Whether to grow exactly as the program of Kanamori et al.; see RecourseTreeClassifier."""
