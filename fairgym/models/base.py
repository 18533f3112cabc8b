"""RecourseModel: what tree and forest share, from the checks of their parameters to the questions about recourse."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from fairgym.checks import InputError, flag, named, number, one_of, require, whole_number
from fairgym.models.certificate import RecourseCertificate, certified
from fairgym.models.coding import CodedTable
from fairgym.models.growing import GrowthRules, prepare_growing
from fairgym.models.grown import GrownTree
from fairgym.models.pruning import pruned
from fairgym.models.reach import node_reach
from fairgym.models.training import (
    TrainingPeople,
    check_columns,
    check_values,
    class_among,
    class_weights,
    classes_of,
    recourse_weights,
    sample_weights,
)
from fairgym.recourse.actions import Actions, ActionSpec, everything_free
from fairgym.recourse.costs import COSTS, MAXIMUM, FittedCost, budget_of, cost_of
from fairgym.recourse.levels import levels_of
from fairgym.recourse.trees import TreeVotes

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ZERO_ONE, GINI = "zero_one", "gini"
CRITERIA = (ZERO_ONE, GINI)
UNLIMITED = 2**31 - 1
"""A depth that no tree reaches."""
FEATURE_COUNTS: dict[str, Callable[[int], float]] = {"sqrt": math.sqrt, "log2": math.log2}


class RecourseModel(ClassifierMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """A binary classifier made of trees that are trained for recourse; see RecourseTreeClassifier."""

    actions: ActionSpec | None
    budget: float
    recourse_weight: Any
    target_class: Any
    cost: Any
    criterion: str
    max_depth: int | None
    min_samples_split: int
    min_samples_leaf: int
    max_features: Any
    min_gain: float
    ccp_alpha: float
    class_weight: Any
    random_state: Any
    max_levels: int | None
    only_actionable: bool
    paper_rules: bool

    classes_: NDArray[Any]
    n_features_in_: int
    target_class_: Any
    actions_: Actions
    cost_: FittedCost

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, sensitive_features: Any = None) -> Self:
        """Train on people X (n, D) of classes y (n,); a person of ``sample_weight`` k counts as k people.

        ``sensitive_features`` (n,) is the group of each person, where ``recourse_weight`` is by group.
        """
        self._check_parameters()
        people = self._people(X, y, sample_weight, sensitive_features)
        self._train(people, check_random_state(self.random_state))
        return self

    @abstractmethod
    def _train(self, people: TrainingPeople, random: np.random.RandomState) -> None:
        """Fit the cost, grow the model and keep it."""

    @abstractmethod
    def _accepts(self, values: Floats) -> Bools:
        """Return who of people (n, D) gets the target class, (n,)."""

    @abstractmethod
    def _target_share(self, values: Floats) -> Floats:
        """Return the probability of the target class, (n,): above one half if and only if it is predicted."""

    @abstractmethod
    def _has_recourse(self, values: Floats) -> Bools:
        """Return who of people (n, D) gets the target class or was found an action within the budget, (n,)."""

    @abstractmethod
    def tree_votes(self, target: Any = None) -> TreeVotes:
        """Return the trees as votes for a class, the target class unless another is given."""

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of each person, (n,)."""
        accepted = self._accepts(self._values(X))
        place = self._target_place()
        return self.classes_[np.where(accepted, place, 1 - place)]

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability of each class, (n, 2), in the order of ``classes_``; the greater one is predicted."""
        share = self._target_share(self._values(X))
        return np.stack([1 - share, share] if self._target_place() == 1 else [share, 1 - share], axis=1)

    def has_recourse(self, X: Any) -> Bools:
        """Return who gets the target class as she is, or has an action within the budget that brings it, (n,).

        Of a forest, people whose search stopped before it found one count as having none.
        """
        values = self._values(X)
        self.actions_.check_people(values)
        return self._has_recourse(values)

    def recourse_rate(self, X: Any, y: Any = None) -> float:
        """Return the share of people who have recourse, of a forest a lower bound; ``y`` is not looked at."""
        return float(self.has_recourse(X).mean())

    def certify_recourse(self, X_cal: Any, alpha: float = 0.05) -> RecourseCertificate:
        """Return a lower confidence bound on the share of people who have recourse, from a held-out sample.

        The sample must be drawn from the population in question and have had no part in training or choosing this
        model. Across samples, the bound is above the truth with probability ``alpha`` at most; see ``certified``.
        """
        require(np.shape(X_cal)[:1] != (0,), "X_cal is empty: give at least one held-out person.")
        return certified(self.has_recourse(X_cal), alpha)

    def recourse(self, X: Any, **options: Any) -> Any:
        """Return what each person can do to get the target class; ``options`` go to ``Recourse.explain``."""
        from fairgym.recourse.recourse import Recourse, check_search

        check_is_fitted(self)
        check_search(options)
        return Recourse(self, target=self.target_class_).explain(X, **options)

    def __sklearn_tags__(self) -> Tags:
        """Say that there are two classes only."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _check_parameters(self) -> None:
        """Refuse parameters that cannot be used whatever the data."""
        if self.actions is not None and not isinstance(self.actions, ActionSpec):
            raise InputError(f"actions is {named(self.actions)}: give an ActionSpec, or None for everything free.")
        number("budget", self.budget, at_least=0)
        number("min_gain", self.min_gain, at_least=0)
        number("ccp_alpha", self.ccp_alpha, at_least=0)
        one_of("criterion", self.criterion, CRITERIA)
        for name, least in (("max_depth", 1), ("max_levels", 2)):
            if getattr(self, name) is not None:
                whole_number(name, getattr(self, name), at_least=least)
        whole_number("min_samples_split", self.min_samples_split, at_least=2)
        whole_number("min_samples_leaf", self.min_samples_leaf, at_least=1)
        flag("only_actionable", self.only_actionable)
        if flag("paper_rules", self.paper_rules):
            require(self.criterion == ZERO_ONE, "paper_rules=True goes with criterion='zero_one': give that, or False.")
        fitted = cost_of(self.cost)
        require(
            fitted.combine == MAXIMUM,
            f"cost={self.cost!r} adds up changes, and training needs the greatest one: give one of "
            f"{', '.join(name for name, cost in COSTS.items() if cost.combine == MAXIMUM)}.",
        )

    def _people(self, X: Any, y: Any, sample_weight: Any, sensitive_features: Any) -> TrainingPeople:
        """Return the training people, without those of weight zero; set what is known of the data."""
        check_columns(X)
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite=False)
        check_values(X, getattr(self, "feature_names_in_", None))
        classes = classes_of(y)
        weight = sample_weights(sample_weight, X)
        miss = recourse_weights(self.recourse_weight, sensitive_features, len(X))
        kept = weight > 0
        if not kept.all():
            X, y, weight, miss = X[kept], y[kept], weight[kept], miss[kept]
            classes = np.unique(y)
        self._set_classes(classes)
        self.actions_ = self._actions(X)
        price = float(miss.max())
        return TrainingPeople(
            values=X,
            is_target=y == self.target_class_,
            weight=weight,
            error_weight=class_weights(self.class_weight, y, self.classes_, weight),
            miss_weight=weight * (miss / price if price > 0 else 0.0),
            price=price,
        )

    def _set_classes(self, classes: NDArray[Any]) -> None:
        """Set the classes and the target class."""
        require(len(classes) == 2, f"y holds one class only, {classes.tolist()[0]!r}: give people of two classes.")
        self.classes_ = classes
        if self.target_class is None:
            self.target_class_ = classes[1]
        else:
            self.target_class_ = class_among("target_class", self.target_class, classes, "does not occur in y")

    def _voted_class(self, target: Any) -> Any:
        """Return the class that votes are asked for, the target class unless another is given, or refuse it."""
        check_is_fitted(self)
        if target is None:
            return self.target_class_
        return class_among("target", target, self.classes_, "is not a class of the model")

    def _actions(self, values: Floats) -> Actions:
        """Return the actions over the columns, held against the people (n, D)."""
        spec = everything_free(values.shape[1]) if self.actions is None else self.actions
        names = getattr(self, "feature_names_in_", None)
        actions = spec.resolve(None if names is None else [str(name) for name in names], values.shape[1])
        actions.check_people(values)
        return actions

    def _prepare(self, people: TrainingPeople) -> tuple[CodedTable, GrowthRules]:
        """Fit the cost to people, and return them as levels, with the rules by which trees grow on them."""
        prepare_growing()
        levels = [levels_of(column) for column in people.values.T]
        self.cost_ = cost_of(self.cost).fit(people.values, people.weight, levels)
        table = CodedTable.of(
            people.values,
            self.actions_,
            self.cost_,
            budget_of(self.budget, self.cost_),
            max_levels=self.max_levels,
            only_actionable=bool(self.only_actionable),
            levels=levels,
            weight=people.weight,
        )
        rules = GrowthRules(
            gini=self.criterion == GINI,
            price=people.price,
            max_depth=UNLIMITED if self.max_depth is None else int(self.max_depth),
            min_samples_split=int(self.min_samples_split),
            min_samples_leaf=int(self.min_samples_leaf),
            max_features=feature_count(self.max_features, len(table.candidates)),
            min_gain=float(self.min_gain) * float(people.error_weight.sum()),
            paper=bool(self.paper_rules),
            target_is_one=self._target_place() == 1,
        )
        return table, rules

    def _pruned(
        self, tree: GrownTree, people: TrainingPeople, miss: Floats, total: float, rules: GrowthRules
    ) -> GrownTree:
        """Return a tree without the links that are worth ``ccp_alpha`` of a total weight at most.

        ``miss`` (n,) is what the people it was grown on weigh if they are without recourse, before the price.
        """
        if self.ccp_alpha == 0:
            return tree
        return pruned(
            tree, self._reach(tree, people.values), rules.price * miss, rules.gini, float(self.ccp_alpha) * total
        )

    def _reach(self, tree: GrownTree, values: Floats) -> Bools:
        """Return which of people (n, D) can get to each node within the budget, (nodes, n)."""
        return node_reach(tree, values, self.actions_, self.cost_, float(self.budget))

    def _target_place(self) -> int:
        """Return which of the two classes is the target."""
        return int(self.target_class_ == self.classes_[1])

    def _values(self, X: Any) -> Floats:
        """Return people as an array (n, D), checked."""
        check_is_fitted(self)
        check_columns(X)
        values: Floats = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite=False)
        check_values(values, getattr(self, "feature_names_in_", None))
        return values


def feature_count(max_features: object, candidates: int) -> int:
    """Return how many features a node may choose from: None (all), "sqrt", "log2", a number, or a share of them."""
    if max_features is None:
        return candidates
    if isinstance(max_features, str):
        return max(1, int(FEATURE_COUNTS[one_of("max_features", max_features, tuple(FEATURE_COUNTS))](candidates)))
    if isinstance(max_features, (float, np.floating)):
        return max(1, int(number("max_features", max_features, above=0, at_most=1) * candidates))
    return min(whole_number("max_features", max_features, at_least=1), candidates)
