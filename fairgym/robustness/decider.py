"""Decider: any model as yes or no for rows of people.

What is asked of a model is its ``predict``, or that it can be called: rows to labels. Rows have the form of the
background, a DataFrame or an array.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import InputError, named, require
from fairgym.recourse.costs import Floats
from fairgym.robustness.reach import Bools, Reach, check_reach

ROWS = 1 << 17
"""People that a model is asked about at a time."""


@dataclass(frozen=True)
class Decider:
    """A model, the label that people want, and the form in which the model takes rows."""

    model: Any
    favourable: Any
    names: tuple[str, ...] | None  # columns of the DataFrame that the model takes; None: it takes arrays
    predict: Callable[[Any], Any]

    @classmethod
    def of(cls, model: Any, favourable: Any, reach: Reach) -> Decider:
        """Return a model as a decider over the columns of ``reach``, or refuse it."""
        check_reach(reach)
        require(np.ndim(favourable) == 0, f"favourable={favourable!r} is not one label: give the label people want.")
        from fairgym.recourse.readers import check_fitted  # here, because it loads scikit-learn

        predict = getattr(model, "predict", None)
        if isinstance(model, type) or not callable(predict if predict is not None else model):
            raise InputError(
                f"model is {named(model)}, which decides nothing: give a fitted classifier, or a function of rows that "
                "returns labels."
            )
        names: tuple[str, ...] | None = None
        if predict is None:
            names = reach.names if reach.framed else None
            return cls(model, favourable, names, model)
        check_fitted(model)
        _check_columns(model, reach)
        classes = getattr(model, "classes_", None)
        if classes is not None and not any(np.any(one == favourable) for one in classes):
            known = ", ".join(repr(one) for one in np.asarray(classes).tolist())
            raise InputError(f"favourable={favourable!r} is not a class of the model: give one of {known}.")
        if hasattr(model, "feature_names_in_"):
            names = tuple(model.feature_names_in_)
        elif reach.framed and not hasattr(model, "n_features_in_"):
            names = reach.names
        return cls(model, favourable, names, predict)

    def people(self, table: Any, reach: Reach) -> Floats:
        """Return people (n, D) of a table or an array in the columns of the model, or refuse them."""
        return reach.people(table, columns=self.names)

    def rows(self, people: Floats) -> Any:
        """Return people (n, D) in the form that the model takes."""
        return people if self.names is None else pd.DataFrame(people, columns=list(self.names))

    def surely_accepts(self, people: Floats) -> Bools:
        """Return whom of people (n, D) the model gives the favourable label; refuse one that is not sure of it."""
        first, again = self.accepts(people), self.accepts(people)
        require(
            bool((first == again).all()),
            "model decides otherwise when it is asked twice about the same people: take its randomness out, or fix it.",
        )
        return first

    def accepts(self, people: Floats) -> Bools:
        """Return whom of people (n, D) the model gives the favourable label, (n,)."""
        if not len(people):
            return np.zeros(0, dtype=bool)
        parts = [self._accepts(people[start : start + ROWS]) for start in range(0, len(people), ROWS)]
        return np.concatenate(parts)

    def _accepts(self, people: Floats) -> Bools:
        """Return whom of a block of people the model gives the favourable label."""
        labels = np.asarray(self.predict(self.rows(people)))
        if labels.shape == (len(people), 1):
            labels = labels[:, 0]
        require(
            labels.shape == (len(people),),
            f"model returned an array of shape {labels.shape} for {len(people)} people: it has to return one label for "
            "each.",
        )
        if labels.dtype.kind == "f" and not hasattr(self.model, "classes_"):
            strange = (labels != np.floor(labels)) & (labels != self.favourable)  # NaN as well
            require(
                not strange.any(),
                f"model returned {labels[strange.argmax()]:g}, which is no label: give a classifier, or a function "
                "that returns labels, such as whether a score is above a threshold.",
            )
        return are_favourable(labels, self.favourable, "model returned")


def are_favourable(labels: NDArray[Any], favourable: Any, whose: str) -> Bools:
    """Return which labels (n,) are the favourable one; refuse words where that is a number, and the other way round."""
    words = isinstance(favourable, str)
    strange = [label for label in labels[:1].tolist() if isinstance(label, str) != words and label is not None]
    require(
        not strange,
        f"{whose} labels such as {(strange or [None])[0]!r}, but favourable={favourable!r} is of another kind: give "
        "the label that people want.",
    )
    return np.asarray(labels == favourable, dtype=bool)


def _check_columns(model: Any, reach: Reach) -> None:
    """Refuse a model that was fitted on other columns than those of the background."""
    width = getattr(model, "n_features_in_", reach.width)
    require(
        width == reach.width,
        f"model was fitted on {width} columns, but background has {reach.width}: give a background of those.",
    )
    own: NDArray[Any] | None = getattr(model, "feature_names_in_", None)
    if own is None or not reach.framed or list(own) == list(reach.names):
        return
    strange = [name for name in reach.names if name not in set(own)]
    require(
        not strange,
        f"background has the column {', '.join(strange)}, which the model does not know: give the columns that it was "
        "fitted on.",
    )
    raise InputError(f"background has the columns of the model in another order: give them as {', '.join(own)}.")
