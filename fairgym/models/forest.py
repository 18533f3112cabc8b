"""RecourseForestClassifier: a random forest that is trained so that rejected people have a way up."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.utils.validation import check_is_fitted

from fairgym.checks import flag, number, one_of, require, whole_number
from fairgym.models.base import GINI, RecourseModel
from fairgym.models.bootstrap import Line, Sample
from fairgym.models.coding import CodedTable
from fairgym.models.growing import GrowthRules, grow
from fairgym.models.grown import GrownTree
from fairgym.models.joined import JoinedTrees
from fairgym.models.landing import MOST, joined, landing_points
from fairgym.models.training import TrainingPeople
from fairgym.models.tree import SEEDS, RecourseTreeClassifier, target_shares
from fairgym.models.walk import impurity_falls, paths
from fairgym.recourse.actions import ActionSpec
from fairgym.recourse.costs import Cost
from fairgym.recourse.trees import PlainTree, TreeVotes

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
HARD, SOFT = "hard", "soft"
VOTINGS = (HARD, SOFT)
SHARED = ("classes_", "target_class_", "actions_", "cost_", "n_features_in_", "feature_names_in_")
"""What each tree of a forest knows as the forest does."""
FIRST = 20
"""Trees of the forest that is asked for landing points."""
AGREEMENT = 3.0
"""What a landing point weighs, in recourse weights, unless told otherwise."""


class RecourseForestClassifier(RecourseModel):
    """A random forest trained for accuracy and recourse, tree by tree (Kanamori et al., ICML 2024) and all together.

    A person has *recourse* if she gets the target class, or if some action that ``actions`` allow and that costs at
    most ``budget`` brings it, which of a forest takes one action that most trees accept. Each tree is trained as
    ``RecourseTreeClassifier`` is, on its own bootstrap sample; that all trees accept the same actions is what
    ``agreement`` is for: a first forest of 20 trees is asked for the best action of each rejected training person (of
    500, if there are more), and where these actions lead joins the training people as people of the target class.

    Parameters
    ----------
    n_estimators : int
        Number of trees.
    actions, budget, target_class, cost, criterion, class_weight, max_levels, only_actionable
        As in ``RecourseTreeClassifier``.
    recourse_weight : float or {group: float}
        How many errors one person without recourse weighs in each tree; 0 gives a forest that does not mind.
    max_depth, min_samples_split, min_samples_leaf, max_features, min_gain, ccp_alpha
        Of each tree, as in ``RecourseTreeClassifier``. People are counted by rows, and so are the points where actions
        lead.
    bootstrap : bool
        Whether each tree has its own sample of the people, with replacement and by sample weight; else all have all.
    max_samples : None, int or float
        Size of a sample: None is as many as the people, counted in sample weight, a fraction a share of that.
    agreement : None or float
        How many recourse weights it counts to reject a point to which an action leads; 0 trains every tree by itself.
        None is 3, or 0 under ``paper_rules``; measured by ``benchmarks.ensemble_recourse``. At recourse weights of 0.1
        and more that can outweigh the people, and then everybody is accepted: look at the share of the rejected.
    voting : None, "hard" or "soft"
        Whether trees vote with their labels, as in the paper, or with the share of the target class in the leaf, where
        a leaf flipped for recourse counts as a bare majority. None is "soft", which ranks people better, most where one
        class is rare, or "hard" under ``paper_rules``. Measured by ``benchmarks.ensemble_recourse``.
    n_jobs : int or None
        Threads for training, prediction; the forest does not depend on it.
    random_state : int, RandomState or None
        Draws the samples, and the features of each node.
    paper_rules : bool
        Grow each tree exactly as the authors' program does, with the thresholds of the whole table; goes with
        criterion="zero_one" and hard votes, and the paper's settings are max_depth=16 and cost="smoothed-percentile".

    Attributes
    ----------
    trees_ : list of GrownTree
        The trees as arrays.
    classes_, target_class_
        The two classes, and the one that people want.
    actions_, cost_
        Actions and cost over the columns of the training data.

    """

    def __init__(
        self,
        n_estimators: int = 100,
        actions: ActionSpec | None = None,
        budget: float = 0.3,
        recourse_weight: Any = 0.02,
        target_class: Any = None,
        cost: str | Cost = "percentile",
        criterion: str = GINI,
        max_depth: int | None = 8,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        max_features: Any = "sqrt",
        min_gain: float = 1e-4,
        ccp_alpha: float = 0.0,
        bootstrap: bool = True,
        max_samples: Any = None,
        agreement: float | None = None,
        voting: str | None = None,
        class_weight: Any = None,
        n_jobs: int | None = None,
        random_state: Any = None,
        max_levels: int | None = None,
        only_actionable: bool = False,
        paper_rules: bool = False,
    ) -> None:
        self.n_estimators = n_estimators
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
        self.bootstrap = bootstrap
        self.max_samples = max_samples
        self.agreement = agreement
        self.voting = voting
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.max_levels = max_levels
        self.only_actionable = only_actionable
        self.paper_rules = paper_rules

    def apply(self, X: Any) -> Places:
        """Return the leaf of each person in each tree, as a place in the arrays of that tree, (n, trees)."""
        return self._joined.leaves(self._values(X), self.n_jobs)

    def decision_path(self, X: Any) -> tuple[csr_matrix, Places]:
        """Return which nodes each person passes, a sparse (n, nodes of all trees) of 0 and 1, and where trees start.

        The nodes of tree t are the columns from the place t of the second array, (trees + 1,), to the next.
        """
        leaves = self.apply(X)
        passed = [paths(tree, leaf) for tree, leaf in zip(self.trees_, leaves.T, strict=True)]
        starts = np.concatenate([[0], np.cumsum([len(tree.feature) for tree in self.trees_])])
        return csr_matrix(hstack(passed, format="csr")), starts

    @property
    def estimators_(self) -> list[RecourseTreeClassifier]:
        """Return each tree as a fitted RecourseTreeClassifier, which shares the forest's arrays."""
        check_is_fitted(self)
        names = set(RecourseTreeClassifier._get_param_names()) & set(self.get_params(deep=False))
        parameters = {name: getattr(self, name) for name in names}
        known = {name: value for name, value in vars(self).items() if name in SHARED}
        estimators = []
        for tree in self.trees_:
            one = RecourseTreeClassifier(**parameters)
            one.__dict__.update(known, tree_=tree, _relabelled=None)
            estimators.append(one)
        return estimators

    @property
    def feature_importances_(self) -> Floats:
        """Return the fall in Gini impurity that each feature brings, as shares of all, mean over trees, (D,)."""
        check_is_fitted(self)
        falls = np.array([impurity_falls(tree, self.n_features_in_) for tree in self.trees_])
        total = falls.sum(axis=1, keepdims=True)
        shares: Floats = np.divide(falls, total, out=np.zeros_like(falls), where=total > 0).mean(axis=0)
        return shares / max(float(shares.sum()), float(np.finfo(float).tiny))

    def tree_votes(self, target: Any = None) -> TreeVotes:
        """Return the trees as votes for a class."""
        wanted = self._voted_class(target)
        own = bool(wanted == self.target_class_)
        trees = [
            PlainTree(tree.feature, tree.threshold, tree.left, tree.right, vote if own else 1 - vote)
            for tree, vote in zip(self.trees_, self._votes(), strict=True)
        ]
        return TreeVotes.join(
            trees,
            bar=len(trees) / 2,
            ties_win=bool(wanted == self.classes_[0]),
            precision=np.float64,
            width=self.n_features_in_,
            wins=lambda people: self._accepts(np.asarray(people, dtype=np.float64)) == own,
        )

    def _check_parameters(self) -> None:
        super()._check_parameters()
        whole_number("n_estimators", self.n_estimators, at_least=1)
        if self.voting is not None:
            one_of("voting", self.voting, VOTINGS)
        if self.agreement is not None:
            number("agreement", self.agreement, at_least=0)
        if self.paper_rules:
            require(
                not self.agreement and self.voting != SOFT,
                "paper_rules=True goes with agreement=0 and voting='hard': give those, or leave them out.",
            )
        require(
            flag("bootstrap", self.bootstrap) or self.max_samples is None,
            f"max_samples={self.max_samples!r} is for bootstrap=True: give that, or no max_samples.",
        )
        require(
            self.n_jobs is None
            or (isinstance(self.n_jobs, Integral) and not isinstance(self.n_jobs, bool) and self.n_jobs != 0),
            f"n_jobs={self.n_jobs!r} is no number of threads: give a whole number such as 2, -1 for one per processor, "
            "or None for one.",
        )

    def _train(self, people: TrainingPeople, random: np.random.RandomState) -> None:
        table, rules = self._prepare(people)
        count = int(self.n_estimators)
        sample = Sample.of(table, people, self.max_samples, self.bootstrap)
        agreement = self._agreement() * people.price
        if agreement > 0:
            self._keep(self._grow(table, people, rules, sample, random.randint(SEEDS, size=min(count, FIRST))))
            table, people = self._with_landing_points(table, people, sample.line, agreement)
        self._keep(self._grow(table, people, rules, sample, random.randint(SEEDS, size=count)))

    def _agreement(self) -> float:
        """Return what a landing point weighs, in recourse weights."""
        if self.agreement is None:
            return 0.0 if self.paper_rules else AGREEMENT
        return float(self.agreement)

    def _with_landing_points(
        self, table: CodedTable, people: TrainingPeople, line: Line, agreement: float
    ) -> tuple[CodedTable, TrainingPeople]:
        """Return a table and its people, with the points where the rejected would go as the forest stands."""
        rejected = ~self._accepts(people.values)
        rows, weight = line.only(people.miss_weight * rejected).evenly(MOST)
        if len(rows) == 0:
            return table, people
        points = landing_points(
            self.tree_votes(), self.actions_, self.cost_, float(self.budget), people.values[rows], self.n_jobs
        )
        return joined(table, people, points, weight, agreement, self.actions_)

    def _grow(
        self, table: CodedTable, people: TrainingPeople, rules: GrowthRules, sample: Sample, seeds: Places
    ) -> list[GrownTree]:
        """Return one tree for each seed."""
        error, miss = sample.of_one(people.error_weight), sample.of_one(people.miss_weight)
        weight = sample.of_one(people.weight)

        def one(seed: int) -> GrownTree:
            times = sample.draw(seed, len(people.weight))
            tree = grow(table, people.is_target, error * times, miss * times, rules, seed)
            return self._pruned(tree, people, miss * times, float((weight * times).sum()), rules)

        trees: list[GrownTree] = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(one)(seed) for seed in seeds.tolist()
        )
        return trees

    def _keep(self, trees: list[GrownTree]) -> None:
        """Set the trees."""
        self.trees_ = trees
        self._joined = JoinedTrees.of(trees)
        self._vote = np.concatenate(self._votes())

    def _votes(self) -> list[Floats]:
        """Return what each node of each tree gives the target class."""
        if self.voting == HARD or (self.voting is None and self.paper_rules):
            return [tree.target.astype(np.float64) for tree in self.trees_]
        return [target_shares(tree) for tree in self.trees_]

    def _accepts(self, values: Floats) -> Bools:
        share = self._target_share(values)
        accepted: Bools = share > 0.5 if self._target_place() == 1 else share >= 0.5
        return accepted

    def _target_share(self, values: Floats) -> Floats:
        return self._joined.sums(self._vote, values, self.n_jobs) / len(self.trees_)

    def _has_recourse(self, values: Floats) -> Bools:
        from fairgym.recourse.forest_search import search_forest

        votes, found = self.tree_votes(), self._accepts(values)
        if not found.all():
            given = (votes, self.actions_, self.cost_, float(self.budget), values[~found])
            found[~found] = np.isfinite(search_forest(*given, jobs=effective_n_jobs(self.n_jobs)).cost[:, 0])
        return found
