"""grow: one tree from a coded table, by the rules given.

The objective of a tree is the error weight of people with a wrong label plus the price times the miss weight of people
who can get to no leaf labelled with the target class (Kanamori et al., ICML 2024). Nodes are split depth first, left
before right; a split and the labels of its sides are chosen together. Of equal candidates the first counts, in the
order features, thresholds, labels (0, 0), (0, 1), (1, 0), (1, 1), where 1 is the second class; if it is one of a run of
equal thresholds between two neighbours in the node, the middle one of the run is taken, which measured a little better
on continuous columns (0.1 to 0.4 points of accuracy in simulated tables of 100 and 400 people) and the same on others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fairgym.compiled import prepare
from fairgym.models.branching import Limits, grow_nodes
from fairgym.models.coding import CodedTable
from fairgym.models.grown import LEAF, GrownTree
from fairgym.models.scoring import Floats, Indices, Law
from fairgym.recourse.actions import everything_free
from fairgym.recourse.costs import WeightedShift


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
    """Candidate features, drawn anew at every node without replacement from those that may be split.

    Where none of them lowers the objective enough, more are drawn until one does, so that no node is given up for the
    luck of its draw.
    """
    min_gain: float
    """A split has to lower the objective by more than this."""
    paper: bool
    """Whether to grow exactly as the program of Kanamori et al.

    Then the highest threshold of a column is no candidate unless it is the only one, a node is a leaf if the best
    candidate leaves a side empty, if it is pure, or if it has no more than ``min_samples_leaf`` rows, splits need not
    gain anything, ties always go to the first, ``max_features`` is never exceeded, and each column of a one-hot group
    changes on its own.
    """
    target_is_one: bool = True
    """Whether the target class comes second of the two; ties between pairs of labels go by the order of classes."""


def grow(
    table: CodedTable,
    is_target: NDArray[np.bool_],
    error_weight: Floats,
    miss_weight: Floats,
    rules: GrowthRules,
    seed: int,
) -> GrownTree:
    """Return the tree that the rules grow on the people of a table, whose number is n.

    ``is_target`` (n,) says who is of the target class, ``error_weight`` (n,) what it counts to label her wrongly, and
    ``miss_weight`` (n,) to leave her without recourse. People of error weight 0 are in no node; those of miss weight 0
    need no recourse. Whoever has a positive error weight counts as one row, whatever the weight: a bootstrap sample
    is a table with whole numbers as weights. May be called from many threads on one table.
    """
    return grow_and_count(table, is_target, error_weight, miss_weight, rules, seed)[0]


def grow_and_count(
    table: CodedTable,
    is_target: NDArray[np.bool_],
    error_weight: Floats,
    miss_weight: Floats,
    rules: GrowthRules,
    seed: int,
) -> tuple[GrownTree, NDArray[np.int32]]:
    """Return what ``grow`` does, and how many leaves labelled with the target class everybody can get to, (n,).

    These are counted only where the price is above 0, and of people of positive miss weight.
    """
    nodes, count, targets = grow_nodes(*_arguments(table, is_target, error_weight, miss_weight, rules, seed))
    feature, target = nodes.feature[:count].copy(), int(rules.target_is_one)
    place = table.first[feature] + nodes.level[:count]
    tree = GrownTree(
        feature=feature,
        threshold=np.where(feature == LEAF, np.nan, table.threshold[place]),
        left=nodes.left[:count].copy(),
        right=nodes.right[:count].copy(),
        target=nodes.label[:count] == target,
        target_weight=nodes.weight[:count, target].copy(),
        other_weight=nodes.weight[:count, 1 - target].copy(),
        people=nodes.people[:count].copy(),
    )
    return tree, targets


def _arguments(
    table: CodedTable,
    is_target: NDArray[np.bool_],
    error_weight: Floats,
    miss_weight: Floats,
    rules: GrowthRules,
    seed: int,
) -> tuple[CodedTable, Indices, Floats, Floats, Law, Limits, np.random.Generator]:
    """Return the arguments of ``grow_nodes``, always of the same types."""
    fewest = rules.min_samples_leaf + 1 if rules.paper else 2 * rules.min_samples_leaf
    law = Law(
        bool(rules.gini), float(rules.price), int(rules.min_samples_leaf), bool(rules.paper), int(rules.target_is_one)
    )
    limits = Limits(
        int(rules.max_depth),
        max(int(rules.min_samples_split), fewest),
        int(rules.max_features),
        float(rules.min_gain),
    )
    return (
        table,
        (np.asarray(is_target, dtype=bool) == rules.target_is_one).astype(np.uint32),
        np.require(error_weight, np.float64, ["C", "W"]),
        np.require(miss_weight, np.float64, ["C", "W"]),
        law,
        limits,
        np.random.default_rng(seed),
    )


@cache
def prepare_growing() -> None:
    """Compile the growth of trees, or load it; say so if it takes long."""
    people = np.array([[0.0], [1.0]])
    actions = everything_free(1).resolve(None, 1)
    table = CodedTable.of(people, actions, WeightedShift("range").fit(people), 1.0, max_levels=None)
    rules = GrowthRules(
        gini=False,
        price=0.0,
        max_depth=1,
        min_samples_split=2,
        min_samples_leaf=1,
        max_features=1,
        min_gain=0.0,
        paper=False,
    )
    prepare(grow_nodes, *_arguments(table, people[:, 0] > 0, np.ones(2), np.ones(2), rules, 0))
