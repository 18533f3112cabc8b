"""read_trees: fitted models of scikit-learn as TreeVotes, and the model's own word on who gets the target class.

What a vote is, and who wins a tie, as scikit-learn's ``predict`` has it:

- a tree gives the class with the larger share in the leaf, at a tie the first: the vote is 1 or 0, the bar one half;
- a forest, and bagged trees, give the class with the larger sum of shares, at a tie the first: the vote is the target's
  share in the leaf, the bar half the number of trees. Shares of 0 and 1 (leaves of one class) add up exactly; others
  are rounded, so that a tie of those can go either way: ask ``wins`` where a sum is within rounding of the bar;
- gradient boosting gives the second class where the raw score is at least 0, its histogram version where it is above:
  the vote is the leaf's value, with the sign turned round for the first class, the bar what the score starts from.

Trees, forests and gradient boosting compare numbers rounded to 32 bits with their thresholds; histogram gradient
boosting compares 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from fairgym.checks import InputError, named, require
from fairgym.recourse.trees import PlainTree, TreeVotes

Wins = Callable[[Any], NDArray[np.bool_]]
SUPPORTED = (
    "DecisionTreeClassifier, ExtraTreeClassifier, RandomForestClassifier, ExtraTreesClassifier, BaggingClassifier of "
    "trees, GradientBoostingClassifier, HistGradientBoostingClassifier, and any model with a method tree_votes(target)"
)


def read_trees(model: Any, target: Any) -> TreeVotes:
    """Return a fitted binary classifier made of trees as votes for the class ``target``.

    Raises InputError for a model that is not fitted, not supported or not binary, and for a class it does not know.
    """
    last = last_step(model)
    own = getattr(last, "tree_votes", None)
    reader = next((read for kind, read in READERS if isinstance(last, kind)), None)
    if isinstance(model, type) or (reader is None and own is None):
        raise InputError(f"model is {named(model)}, which is not supported: give one of {SUPPORTED}.")
    check_fitted(last)
    if own is not None:
        votes: TreeVotes = own(target)
        return votes
    assert reader is not None
    return reader(last, _class_place(last, target), _wins(model, last, target))


def last_step(model: Any) -> Any:
    """Return the model, or the last step of a pipeline whose other steps change nothing."""
    if not isinstance(model, Pipeline):
        return model
    for name, step in model.steps[:-1]:
        identity = (
            step is None or step == "passthrough" or (isinstance(step, FunctionTransformer) and step.func is None)
        )
        require(
            identity,
            f"model is a Pipeline whose step {name!r} transforms the data: give its last step, and people as the steps "
            "before it leave them.",
        )
    return last_step(model.steps[-1][1])


def check_fitted(model: Any, name: str = "model") -> None:
    """Refuse a model that is not fitted."""
    try:
        if isinstance(model, BaseEstimator) and hasattr(model, "fit"):
            check_is_fitted(model)
    except NotFittedError:
        raise InputError(f"{name} is a {type(model).__name__} that is not fitted: call its fit first.") from None


def _class_place(model: Any, target: Any) -> int:
    """Return the place of the target among the two classes of a model."""
    require(
        getattr(model, "n_outputs_", 1) == 1,
        f"model is a {type(model).__name__} with several outputs: give one for each of them.",
    )
    classes = list(model.classes_)
    require(
        len(classes) == 2,
        f"model is a {type(model).__name__} of {len(classes)} classes: recourse is for models of two.",
    )
    places = [place for place, known in enumerate(classes) if known == target]
    known = ", ".join(repr(one) for one in model.classes_.tolist())
    require(bool(places), f"target={target!r} is not a class of the model: give one of {known}.")
    return places[0]


def _wins(model: Any, last: Any, target: Any) -> Wins:
    """Return the model's own word on whether people (n, width) get the target class."""
    return partial(_gets, model, getattr(last, "feature_names_in_", None), target)  # unlike a closure it can be pickled


def _gets(model: Any, names: Any, target: Any, people: Any) -> NDArray[np.bool_]:
    """Return whether the model gives people (n, width) the target class, (n,)."""
    values = np.asarray(people)
    if not len(values):
        return np.zeros(0, dtype=bool)
    given = values if names is None else pd.DataFrame(values, columns=names)
    return np.asarray(model.predict(given) == target)


def _shares(tree: Any) -> NDArray[np.float64]:
    """Return the share of each class in the nodes of a fitted tree of scikit-learn, (nodes, classes)."""
    shares: NDArray[np.float64] = tree.value[:, 0, :]
    return shares


def _plain(tree: Any, vote: NDArray[np.float64], columns: NDArray[np.int64] | None = None) -> PlainTree:
    """Return a fitted tree of scikit-learn with votes (nodes,), whose features may be a choice of columns."""
    feature = tree.feature if columns is None else np.where(tree.feature < 0, tree.feature, columns[tree.feature])
    return PlainTree(feature, tree.threshold, tree.children_left, tree.children_right, vote)


def _read_tree(model: Any, place: int, wins: Wins) -> TreeVotes:
    """Return one tree, whose leaves vote 1 or 0."""
    vote = (_shares(model.tree_).argmax(axis=1) == place).astype(float)
    tree = _plain(model.tree_, vote)
    return TreeVotes.join([tree], bar=0.5, ties_win=False, precision=np.float32, width=model.n_features_in_, wins=wins)


def _by_share(trees: Iterable[PlainTree], model: Any, place: int, wins: Wins) -> TreeVotes:
    """Return trees whose shares of the target add up."""
    trees = list(trees)
    return TreeVotes.join(
        trees,
        bar=len(trees) / 2,
        ties_win=place == 0,
        precision=np.float32,
        width=model.n_features_in_,
        wins=wins,
    )


def _read_forest(model: Any, place: int, wins: Wins) -> TreeVotes:
    """Return a forest."""
    trees = (_plain(one.tree_, _shares(one.tree_)[:, place]) for one in model.estimators_)
    return _by_share(trees, model, place, wins)


def _read_bagging(model: Any, place: int, wins: Wins) -> TreeVotes:
    """Return bagged trees, each on its own choice of columns and perhaps of a sample with one class only."""
    require(
        all(isinstance(one, DecisionTreeClassifier) for one in model.estimators_),
        f"model is a BaggingClassifier of {type(model.estimators_[0]).__name__}, which is not supported: bag trees.",
    )

    def vote(one: Any) -> NDArray[np.float64]:
        shares, known = _shares(one.tree_), one.classes_.astype(int) == place
        return shares[:, known.argmax()] if known.any() else np.zeros(len(shares))

    trees = (
        _plain(one.tree_, vote(one), np.asarray(columns))
        for one, columns in zip(model.estimators_, model.estimators_features_, strict=True)
    )
    return _by_share(trees, model, place, wins)


def _read_boosting(model: Any, place: int, wins: Wins) -> TreeVotes:
    """Return gradient boosting that starts from a constant."""
    start = model.init_
    constant = isinstance(start, DummyClassifier) and start.strategy != "stratified"
    require(
        isinstance(start, str) or constant,
        "model is a GradientBoostingClassifier whose init is a model of its own: fit it with init=None or 'zero'.",
    )
    first = float(model._raw_predict_init(np.zeros((1, model.n_features_in_), dtype=np.float32))[0, 0])
    sign = 1.0 if place == 1 else -1.0
    trees = [
        _plain(one.tree_, sign * model.learning_rate * one.tree_.value[:, 0, 0]) for one in model.estimators_[:, 0]
    ]
    width = model.n_features_in_
    return TreeVotes.join(trees, bar=-sign * first, ties_win=place == 1, precision=np.float32, width=width, wins=wins)


def _read_histogram_boosting(model: Any, place: int, wins: Wins) -> TreeVotes:
    """Return histogram gradient boosting without categorical features."""
    require(
        model.is_categorical_ is None or not model.is_categorical_.any(),
        "model is a HistGradientBoostingClassifier with categorical features, which split without an order: fit it on "
        "one-hot columns instead.",
    )
    sign = 1.0 if place == 1 else -1.0

    def tree(nodes: Any) -> PlainTree:
        feature = np.where(nodes["is_leaf"] == 1, -1, nodes["feature_idx"])
        return PlainTree(feature, nodes["num_threshold"], nodes["left"], nodes["right"], sign * nodes["value"])

    return TreeVotes.join(
        [tree(predictor.nodes) for (predictor,) in model._predictors],
        bar=-sign * float(np.ravel(model._baseline_prediction)[0]),
        ties_win=place == 0,
        precision=np.float64,
        width=model.n_features_in_,
        wins=wins,
    )


READERS: tuple[tuple[Any, Callable[[Any, int, Wins], TreeVotes]], ...] = (
    (DecisionTreeClassifier, _read_tree),  # ExtraTreeClassifier is one
    ((RandomForestClassifier, ExtraTreesClassifier), _read_forest),
    (BaggingClassifier, _read_bagging),
    (GradientBoostingClassifier, _read_boosting),
    (HistGradientBoostingClassifier, _read_histogram_boosting),
)
"""Which reader reads which class of scikit-learn and what derives from it."""
