"""Asker: every question to the model goes through here, counted, within the budget, and checked for a changed mind."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, named, require
from fairgym.explain.predicates import Bools, Floats, is_missing
from fairgym.explain.table import Person

WITNESSES = 31
"""Rows of the first question that are asked again, with the person, in every other one."""
MANY = 20
"""More different fractions than this are no labels."""


def predict_of(predict: Any) -> Callable[[Any], Any]:
    """Return a fitted estimator, an object with ``predict`` or a function as a function of rows, or refuse it."""
    method = getattr(predict, "predict", None)
    if isinstance(predict, type) or not callable(predict if method is None else method):
        raise InputError(
            f"predict is {named(predict)}, which gives no answers: give a fitted classifier, or a function that "
            "returns a label for each row."
        )
    if method is None:
        return predict  # type: ignore[no-any-return]
    if hasattr(predict, "get_params"):
        from fairgym.recourse.readers import check_fitted  # here, because it loads pandas and scikit-learn

        check_fitted(predict, "predict")
    return method  # type: ignore[no-any-return]


def labels_of(answer: Any, rows: int) -> NDArray[Any]:
    """Return what a model answered as one label for each of the rows, or refuse it."""
    try:
        labels = np.asarray(answer)
    except ValueError:  # lists of unequal length
        labels = np.asarray(None)
    require(
        labels.shape == (rows,),
        f"predict returned an array of shape {labels.shape} for {rows} rows: it must return one label for each; of "
        "probabilities, take the largest.",
    )
    require(not is_missing(labels).any(), "predict returned a missing value as a label: give every row an answer.")
    if labels.dtype.kind == "f":
        kinds = np.unique(labels)
        require(
            len(kinds) <= MANY or bool((np.floor(kinds) == kinds).all()),
            f"predict returned {len(kinds)} different fractions for {rows} rows, which are no labels: explain a "
            "question with few answers, such as predict(rows) > 0.5.",
        )
    return labels


class Spent(Exception):
    """The budget of rows or of seconds is spent."""


class Asker:
    """A model, one person, and what may still be asked."""

    def __init__(self, predict: Callable[[Any], Any], person: Person, max_rows: int, max_seconds: float | None) -> None:
        self.predict, self.person = predict, person
        self.rows = self.calls = 0
        self.max_rows = max_rows
        self.started = time.perf_counter()
        self.deadline = np.inf if max_seconds is None else self.started + max_seconds
        self.answer: Any = None
        self._witnesses: Floats = person.codes[None]
        self._testimony: NDArray[Any] = np.empty(0)

    @property
    def room(self) -> int:
        """Rows that a next question may have, beside the witnesses."""
        return max(0, self.max_rows - self.rows - len(self._witnesses))

    @property
    def late(self) -> bool:
        """Whether the seconds are over."""
        return time.perf_counter() >= self.deadline

    def first(self, rows: Floats) -> Bools:
        """Ask about the person and rows (n, D); return which rows get the person's answer."""
        labels = self._ask(np.concatenate([self.person.codes[None], rows]))
        self.answer = labels[0].item() if isinstance(labels[0], np.generic) else labels[0]
        self._witnesses = np.concatenate([self.person.codes[None], rows[:WITNESSES]])
        self._testimony = labels[: len(self._witnesses)]
        return np.asarray(labels[1:] == labels[0], dtype=bool)

    def learnt(self, answer: Any, rows: Floats, labels: NDArray[Any]) -> Bools:
        """Take over the answer to the person and to rows (n, D) that were asked for several people at once."""
        self.answer, self.calls, self.rows = answer, 1, len(rows) + 1
        self._witnesses = np.concatenate([self.person.codes[None], rows[:WITNESSES]])
        self._testimony = np.concatenate([np.array([answer], dtype=labels.dtype), labels[:WITNESSES]])
        return np.asarray(labels == answer, dtype=bool)

    def ask(self, rows: Floats) -> Bools:
        """Ask about rows (n, D); return which get the person's answer."""
        labels = self._ask(np.concatenate([self._witnesses, rows]))
        size = len(self._witnesses)
        changed = int(np.sum(labels[:size] != self._testimony))
        require(
            not changed,
            f"predict changed its answer to {changed} of {size} rows between two calls: give it a fixed seed, or "
            "explain its most likely answer.",
        )
        return np.asarray(labels[size:] == self.answer, dtype=bool)

    def _ask(self, rows: Floats) -> NDArray[Any]:
        """Ask the model about rows (n, D)."""
        self.calls += 1
        self.rows += len(rows)
        return labels_of(self.predict(self.person.decode(rows)), len(rows))
