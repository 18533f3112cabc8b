"""Rule: conditions that a row can satisfy, and what a model says to those who do; an anchor's or a user's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairgym.binomial import exact_interval
from fairgym.checks import InputError, named, number, require
from fairgym.explain.asking import labels_of, predict_of
from fairgym.explain.predicates import Bools, Predicate
from fairgym.explain.table import rows_of

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Evaluation:
    """How a rule does on given rows."""

    precision: float
    """Share of the rows that the rule covers to which the model gives the rule's answer; NaN where it covers none."""
    precision_interval: tuple[float, float]
    """Exact interval (Clopper and Pearson) of that share, for rows that are a sample; (0, 1) where there are none."""
    rows: int
    """Rows that the rule covers."""
    coverage: float
    """Their share."""


@dataclass(frozen=True)
class Rule:
    """Conditions joined by AND, and the answer they stand for."""

    predicates: tuple[Predicate, ...] = ()
    """The conditions; without any, the rule covers everybody."""
    prediction: Any = None
    """The answer of the model that the rule stands for; None for conditions alone."""
    names: tuple[str, ...] | None = None
    """The columns in their order: needed where rows are an array and its features are not called x0, x1, ..."""

    def __post_init__(self) -> None:
        given = self.predicates
        alone = isinstance(given, (Predicate, str)) or not isinstance(given, Sequence)
        if alone or not all(isinstance(one, Predicate) for one in given):
            raise InputError(f"predicates is {named(given)} of something else: give a list of Predicate.")
        object.__setattr__(self, "predicates", tuple(given))
        if self.names is not None:
            object.__setattr__(self, "names", tuple(self.names))

    def covers(self, X: Any) -> Bools:
        """Return which rows of a DataFrame or an array (n, D) satisfy all conditions, (n,)."""
        rows = rows_of(X, "X")
        inside = np.ones(len(rows), dtype=bool)
        for predicate in self.predicates:
            inside &= predicate.holds(self._values(rows, predicate.feature))
        return inside

    def evaluate(self, predict: Any, X: Any, prediction: Any = None, confidence: float = CONFIDENCE) -> Evaluation:
        """Return how often a model gives the rule's answer to the rows of X that it covers, with an exact interval.

        ``prediction`` is the answer, where the rule itself has none or another one is meant.
        """
        number("confidence", confidence, above=0, at_most=1)
        answer = self.prediction if prediction is None else prediction
        require(answer is not None, "the rule has no prediction: give evaluate the answer that it stands for.")
        rows, ask = rows_of(X, "X"), predict_of(predict)
        inside = np.flatnonzero(self.covers(rows))
        coverage = len(inside) / len(rows) if len(rows) else np.nan
        if not len(inside):
            return Evaluation(np.nan, (0.0, 1.0), 0, coverage)
        labels = labels_of(ask(rows.iloc[inside] if hasattr(rows, "iloc") else rows[inside]), len(inside))
        hits = int(np.sum(labels == answer))
        return Evaluation(hits / len(inside), exact_interval(hits, len(inside), confidence), len(inside), coverage)

    def conditions(self) -> str:
        """Return the conditions in words."""
        return " AND ".join(map(str, self.predicates)) or "anything"

    def _values(self, rows: Any, feature: str) -> Any:
        """Return the values of a feature in rows (n, D), or say that they have none."""
        if hasattr(rows, "columns"):
            for at, name in enumerate(rows.columns):
                if str(name) == feature:
                    return rows.iloc[:, at]
            raise InputError(f"X lacks the column {feature!r}: give all columns of the rule.")
        names = self.names if self.names is not None else [f"x{at}" for at in range(rows.shape[1])]
        require(
            len(names) == rows.shape[1],
            f"X has {rows.shape[1]} columns, but the rule knows {len(names)}: give rows with those.",
        )
        require(
            feature in names,
            f"{feature!r} is not one of the columns {', '.join(names)}: give the rule the names of the columns.",
        )
        return rows[:, list(names).index(feature)]

    def __str__(self) -> str:
        return f"IF {self.conditions()}" + ("" if self.prediction is None else f" THEN {self.prediction}")


Predict = Callable[[Any], Any]
