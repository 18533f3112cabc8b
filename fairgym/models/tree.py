"""RecourseTreeClassifier: a decision tree that is trained so that rejected people have a way up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils.validation import check_is_fitted

from fairgym.checks import InputError, number, one_of, require
from fairgym.models.base import GINI, RecourseModel
from fairgym.models.certificate import relabelled_bound
from fairgym.models.growing import grow
from fairgym.models.grown import LEAF, GrownTree
from fairgym.models.reach import has_recourse
from fairgym.models.relabel import AUTO, METHODS, relabelled
from fairgym.models.training import TrainingPeople
from fairgym.models.walk import depths, impurity_falls, paths
from fairgym.recourse.actions import ActionSpec
from fairgym.recourse.costs import Cost
from fairgym.recourse.trees import PlainTree, TreeVotes

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
BARE_MAJORITY = 1e-6
"""How far above one half the share of a class is reported where recourse, not the majority, decided for it."""
SEEDS = 2**31 - 1


class RecourseTreeClassifier(RecourseModel):
    """A binary decision tree trained for accuracy and recourse: Kanamori et al., ICML 2024.

    A person has *recourse* if she gets the target class, or if some action that ``actions`` allow and that costs at
    most ``budget`` brings it. The tree is grown to make few errors plus ``recourse_weight`` times the people without
    recourse, counted over the whole tree: nobody needs a way into every node, one leaf that says yes is enough. That
    an action brings the class of a leaf does not say that it brings the outcome: a leaf of few people can be flipped so
    that others have a way up, whatever became of those few (``flipped_``, ``plot_tree``). ``actions`` decides which
    ways there are.

    The defaults were measured by ``python -m benchmarks.criterion`` on the four data sets of the paper. "gini" ranks
    people better than the paper's "zero_one" (AUC by 5 to 14 points) at recourse that is about the same or higher;
    accuracy is up to a point lower on two of them. A recourse weight of 0.05 is worth 83 to 99.6 % recourse, where 0
    gives 28 to 98 %, for at most 2 points of accuracy; at 0.1 under "gini" it costs up to 4.

    Parameters
    ----------
    actions : ActionSpec or None
        What people can change about themselves; None means everything, in both directions.
    budget : float
        Highest cost of an action, in the units of ``cost``.
    recourse_weight : float or {group: float}
        How many errors one person without recourse weighs; 0 gives a tree that does not mind. By group, with
        ``fit(..., sensitive_features=...)``, recourse itself can be made more equal.
    target_class : a class or None
        The class that people want. None takes the greater label (the second of ``classes_``), which is 1 of 0 and 1;
        it cannot be 1 always, because labels need not be numbers.
    cost : str or Cost
        "percentile" (largest shift in percentile), "smoothed-percentile", "mad", "sd", "range", or an object such as
        ``WeightedShift(...)``. Training needs the maximum over features; sums are for the search for actions only.
        All but "smoothed-percentile", whose bandwidth does not, count a person of sample weight k as k people.
    criterion : "zero_one" or "gini"
        What the class part of the objective counts: errors, as in the paper, or Gini impurity times weight. The labels
        of leaves mind errors and recourse under either.
    max_depth, min_samples_split, min_samples_leaf, max_features
        As in scikit-learn's trees. People are counted by rows, whatever they weigh.
    min_gain : float
        A split has to lower the objective by more than this share of the total weight of people, sample weight times
        class weight.
    ccp_alpha : float
        Minimal cost-complexity pruning: the weakest link goes as long as it is worth no more than this per leaf, as a
        share of the total sample weight, in the objective that the tree was grown by (errors, or impurity, plus
        recourse over the whole tree). See ``fairgym.models.pruning``.
    class_weight : None, "balanced" or {class: float}
        Weighs errors only: a person without recourse counts the same whatever her class.
    random_state : int, RandomState or None
        Draws the features of a node, where ``max_features`` is less than all, and the people held out.
    max_levels : int or None
        Columns with more distinct values than this are cut at so many quantiles only; None takes every midpoint.
    only_actionable : bool
        Whether fixed features are left out of the tree: the baseline "only actionable features" of the paper.
    relabel : None, "greedy", "exact" or "auto"
        Whether leaves are flipped to the target class after growth, at least increase in errors, until a share
        ``coverage`` of people has recourse; labels found while growing stay. See ``fairgym.models.relabel``.
    coverage : float
        The share of people who have recourse after relabelling.
    relabel_holdout : float
        Share of the people given to ``fit`` who are kept from growth and used for relabelling only; then
        ``recourse_bound`` holds. They are drawn by row, whatever its weight. 0 relabels with those it was grown on.
    paper_rules : bool
        Grow exactly as the authors' program does (with criterion="zero_one" and cost="smoothed-percentile"): the
        greatest midpoint of a column is no candidate; a side may be empty, which ends growth there; splits that gain
        nothing are made; nodes of at most ``min_samples_leaf`` rows are leaves, whatever the size of children;
        one-hot columns flip each on its own.

    Attributes
    ----------
    tree_ : GrownTree
        The tree as arrays.
    classes_, target_class_
        The two classes, and the one that people want.
    actions_, cost_
        Actions and cost over the columns of the training data.
    flipped_ : (nodes,) bool
        Whether a leaf has the target class though most of its training weight is of the other.

    """

    def __init__(
        self,
        actions: ActionSpec | None = None,
        budget: float = 0.3,
        recourse_weight: Any = 0.05,
        target_class: Any = None,
        cost: str | Cost = "percentile",
        criterion: str = GINI,
        max_depth: int | None = 6,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        max_features: Any = None,
        min_gain: float = 1e-4,
        ccp_alpha: float = 0.0,
        class_weight: Any = None,
        random_state: Any = None,
        max_levels: int | None = None,
        only_actionable: bool = False,
        relabel: str | None = None,
        coverage: float = 0.9,
        relabel_holdout: float = 0.0,
        paper_rules: bool = False,
    ) -> None:
        self.actions = actions
        self.budget = budget
        self.recourse_weight = recourse_weight
        self.target_class = target_class
        self.cost = cost
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.min_gain = min_gain
        self.ccp_alpha = ccp_alpha
        self.class_weight = class_weight
        self.random_state = random_state
        self.max_levels = max_levels
        self.only_actionable = only_actionable
        self.relabel = relabel
        self.coverage = coverage
        self.relabel_holdout = relabel_holdout
        self.paper_rules = paper_rules

    def apply(self, X: Any) -> Places:
        """Return the leaf of each person, as a place in the arrays of ``tree_``, (n,)."""
        values = self._values(X)
        return self.tree_.apply(values)

    def decision_path(self, X: Any) -> csr_matrix:
        """Return which nodes each person passes, a sparse (n, nodes) of 0 and 1."""
        return paths(self.tree_, self.apply(X))

    @property
    def flipped_(self) -> Bools:
        """Return which leaves have the target class though most of their weight is of the other, (nodes,)."""
        check_is_fitted(self)
        tree = self.tree_
        flipped: Bools = (tree.feature == LEAF) & tree.target & (tree.other_weight > tree.target_weight)
        return flipped

    def reach_of_rejected(self, X: Any) -> Floats:
        """Return what share of the rejected among people X can get to each leaf within the budget, (nodes,).

        NaN at inner nodes, and everywhere if nobody is rejected.
        """
        values = self._values(X)
        self.actions_.check_people(values)
        rejected = values[~self._accepts(values)]
        leaf = self.tree_.feature == LEAF
        share = np.full(len(leaf), np.nan)
        if len(rejected) > 0:
            share[leaf] = self._reach(self.tree_, rejected)[leaf].mean(axis=1)
        return share

    def get_depth(self) -> int:
        """Return how many conditions the longest path has."""
        check_is_fitted(self)
        return int(depths(self.tree_).max())

    def get_n_leaves(self) -> int:
        """Return the number of leaves."""
        check_is_fitted(self)
        return int((self.tree_.feature == LEAF).sum())

    @property
    def feature_importances_(self) -> Floats:
        """Return the fall in Gini impurity that each feature brings, as shares of all, (D,), under any criterion."""
        check_is_fitted(self)
        falls = impurity_falls(self.tree_, self.n_features_in_)
        return falls / falls.sum() if falls.sum() > 0 else falls

    def recourse_bound(self, alpha: float = 0.05) -> float:
        """Return the highest share of the population without recourse, but with probability ``alpha``.

        For trees relabelled with people held out (``relabel`` and ``relabel_holdout``), who had no part in growth or
        in the cost; it needs equal sample weights. See ``relabelled_bound``. A fresh sample gives a sharper one, see
        ``certify_recourse``.
        """
        check_is_fitted(self)
        if self._relabelled is None:
            raise InputError(
                "recourse_bound is for a tree relabelled with people held out, of equal weight: fit with "
                "relabel='auto' and relabel_holdout=0.3, or take certify_recourse."
            )
        return relabelled_bound(*self._relabelled, alpha)

    def tree_votes(self, target: Any = None) -> TreeVotes:
        """Return the tree as votes for a class: 1 in the leaves that are labelled with it, 0 in the others."""
        flip = bool(self._voted_class(target) != self.target_class_)
        tree = self.tree_
        vote = (tree.target != flip).astype(float)
        return TreeVotes.join(
            [PlainTree(tree.feature, tree.threshold, tree.left, tree.right, vote)],
            bar=0.5,
            ties_win=False,
            precision=np.float64,
            width=self.n_features_in_,
            wins=lambda people: self._accepts(np.asarray(people, dtype=np.float64)) != flip,
        )

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.relabel is not None:
            one_of("relabel", self.relabel, METHODS)
        number("coverage", self.coverage, at_least=0, at_most=1)
        number("relabel_holdout", self.relabel_holdout, at_least=0)
        require(
            self.relabel_holdout < 1,
            f"relabel_holdout={self.relabel_holdout!r} leaves nobody to grow the tree on: give a share below 1.",
        )
        require(
            self.relabel is not None or self.relabel_holdout == 0,
            f"relabel_holdout={self.relabel_holdout!r} keeps people for a relabelling that is not asked for: give "
            f"relabel={AUTO!r}.",
        )

    def _train(self, people: TrainingPeople, random: np.random.RandomState) -> None:
        growing, held = self._held_out(people, random)
        table, rules = self._prepare(growing)
        seed = int(random.randint(SEEDS))
        tree = grow(table, growing.is_target, growing.error_weight, growing.miss_weight, rules, seed)
        tree = self._pruned(tree, growing, growing.miss_weight, float(growing.weight.sum()), rules)
        self._relabelled: tuple[float, int, int] | None = None
        self.tree_ = tree if self.relabel is None else self._relabel(tree, growing, held)

    def _held_out(
        self, people: TrainingPeople, random: np.random.RandomState
    ) -> tuple[TrainingPeople, TrainingPeople | None]:
        """Return the people to grow the tree on, and those held out, if any."""
        count = len(people.weight)
        held = int(self.relabel_holdout * count)
        if held == 0:
            require(
                self.relabel_holdout == 0,
                f"relabel_holdout={self.relabel_holdout!r} of {count} people is nobody: give a greater share, or 0.",
            )
            return people, None
        order = random.permutation(count)
        growing = people.take(np.sort(order[held:]))
        require(
            0 < growing.is_target.sum() < len(growing.is_target),
            f"relabel_holdout={self.relabel_holdout!r} leaves one class only to grow on: give a smaller share.",
        )
        return growing, people.take(np.sort(order[:held]))

    def _relabel(self, tree: GrownTree, growing: TrainingPeople, held: TrainingPeople | None) -> GrownTree:
        """Return the tree with enough leaves flipped; its prices count everybody, recourse those held out, if any."""
        people = growing if held is None else held
        leaf = np.flatnonzero(tree.feature == LEAF)
        price = (tree.other_weight - tree.target_weight)[leaf]
        if held is not None:
            signed = np.where(held.is_target, -held.error_weight, held.error_weight)
            price += np.bincount(tree.apply(held.values), weights=signed, minlength=len(tree.feature))[leaf]
        reach = self._reach(tree, people.values)[leaf]
        labels = relabelled(tree.target[leaf], price, reach, people.weight, self.coverage, str(self.relabel))
        if held is not None and (held.weight == held.weight[0]).all():
            missing = float(1 - reach[labels].any(axis=0).mean())
            self._relabelled = (missing, int((~tree.target[leaf]).sum()), len(held.weight))
        target = tree.target.copy()
        target[leaf] = labels
        return replace(tree, target=target)

    def _accepts(self, values: Floats) -> Bools:
        accepted: Bools = self.tree_.target[self.tree_.apply(values)]
        return accepted

    def _target_share(self, values: Floats) -> Floats:
        shares: Floats = target_shares(self.tree_)[self.tree_.apply(values)]
        return shares

    def _has_recourse(self, values: Floats) -> Bools:
        found = self._accepts(values)
        found[~found] = has_recourse(self.tree_, values[~found], self.actions_, self.cost_, float(self.budget))
        return found


def target_shares(tree: GrownTree) -> Floats:
    """Return the share of the target class that each node reports, (nodes,); above one half where that is its label.

    It is the share of the training weight. Where the label is not that of the majority, because recourse decided, or
    where there is a tie, it is a bare majority for the label: BARE_MAJORITY above (below) one half, or up to twice
    that, so that such leaves keep their order.
    """
    total = tree.target_weight + tree.other_weight
    share = np.divide(tree.target_weight, total, out=np.full(len(total), 0.5), where=total > 0)
    for_target = np.where(share > 0.5, share, 0.5 + BARE_MAJORITY * (1 + share))
    for_other = np.where(share < 0.5, share, 0.5 - BARE_MAJORITY * (2 - share))
    reported: Floats = np.where(tree.target, for_target, for_other)
    return reported
