"""Who has a way up: the recourse rate as a score, and a report by group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import InputError, number, require, suggestion
from fairgym.recourse.actions import Actions, ActionSpec
from fairgym.recourse.costs import Cost, FittedCost
from fairgym.recourse.found import IMPOSSIBLE, OPTIMAL, PROOFS
from fairgym.recourse.intervals import Floats, Interval, difference, mean, median, share
from fairgym.recourse.recourse import Recourse, check_search

OVERALL = "overall"


def recourse_rate(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    actions: ActionSpec | Actions | None = None,
    cost: str | Cost | FittedCost | None = None,
    budget: float | None = None,
    background: Any = None,
    target: Any = None,
    **search: Any,
) -> float:
    """Return the share of people X whom the model accepts or who have an action within the budget.

    People whose search did not end count as having none, so that it is a lower bound. ``y`` is not used: the function
    is a scorer of scikit-learn as it stands for a model that was trained for recourse, ``scoring=recourse_rate``; for
    others see ``recourse_scorer``. ``search`` goes to ``Recourse.explain``.
    """
    check_search(search)
    recourse = Recourse(model, actions, cost, budget, background=background, target=target)
    return float(recourse.feasible(X, **search).mean())


@dataclass(frozen=True)
class recourse_scorer:
    """A scorer of scikit-learn, ``scorer(estimator, X, y)``, that gives the recourse rate of any supported model.

    Example: ``cross_val_score(forest, X, y, scoring=recourse_scorer(spec, "percentile", 0.3, background=X))``.
    """

    actions: ActionSpec | Actions | None = None
    cost: str | Cost | FittedCost | None = None
    budget: float | None = None
    background: Any = None
    target: Any = None
    groups: Any = None
    """Name of a column of X: then the score is the recourse rate of the group that has the lowest."""
    method: str = "exact"
    node_limit: int | None = None
    time_limit: float | None = None

    def __call__(self, estimator: Any, X: Any, y: Any = None) -> float:
        """Return the recourse rate of people X under a fitted estimator, or that of its worst group."""
        recourse = Recourse(
            estimator, self.actions, self.cost, self.budget, background=self.background, target=self.target
        )
        search: dict[str, Any] = {"method": self.method, "node_limit": self.node_limit, "time_limit": self.time_limit}
        feasible = recourse.feasible(X, **search)
        if self.groups is None:
            return float(feasible.mean())
        return float(pd.Series(feasible).groupby(group_labels(X, self.groups)).mean().min())


def recourse_report(
    model: Any,
    X: Any,
    groups: Any,
    *,
    actions: ActionSpec | Actions | None = None,
    cost: str | Cost | FittedCost | None = None,
    budget: float | None = None,
    background: Any = None,
    target: Any = None,
    against: Any = None,
    confidence: float = 0.95,
    **search: Any,
) -> pd.DataFrame:
    """Return who is rejected, who has a way up and at what cost: overall and for each group, one row per measure.

    ``groups`` is the label of each person, or the name of a column of X. Columns of the report: ``group``; ``measure``;
    ``people``, the number it is taken over; ``value`` with its interval ``low`` to ``high``; ``gap`` with its interval,
    the value less that of everybody else, or of the group ``against``; ``ratio``, the one over the other. Gaps are
    signed; what is undefined, as a cost where nobody has an action, is NaN. Measures:

    - ``rejection_rate``: share of people whom the model rejects;
    - ``recourse_rate``: share whom it accepts or who have an action within the budget;
    - ``recourse_rate_rejected``: share of the rejected who have one;
    - ``mean_cost``, ``median_cost``: over the rejected who have one;
    - ``certified``: share of the rejected whose answer is proven, the cheapest action or that there is none.
    """
    number("confidence", confidence, above=0, at_most=1 - 1e-9)
    check_search(search)
    recourse = Recourse(model, actions, cost, budget, background=background, target=target)
    labels = group_labels(X, groups)
    names = group_names(labels, against)
    frame = recourse.explain(X, **search).frame
    require(
        len(labels) == len(frame), f"groups has {len(labels)} labels, but X has {len(frame)} people: give one each."
    )
    rows: list[dict[str, Any]] = []
    rows += _rows(OVERALL, frame, frame.iloc[:0], confidence)
    for name in names:
        inside = labels == name
        others = ~inside if against is None else (labels == against) & ~inside
        rows += _rows(name, frame[inside], frame[others], confidence)
    return pd.DataFrame(rows)


def group_labels(X: Any, groups: Any) -> NDArray[Any]:
    """Return the group of each person, or refuse them."""
    if isinstance(groups, str):
        columns = list(X.columns) if isinstance(X, pd.DataFrame) else []
        if groups not in columns:
            hint = suggestion(groups, map(str, columns)) if columns else "give the label of each person."
            raise InputError(f"groups={groups!r} is not a column of X: {hint}")
        groups = X[groups]
    labels = np.asarray(groups)
    require(labels.ndim == 1, f"groups has {labels.ndim} dimensions: give one label per person.")
    require(not pd.isna(labels).any(), "groups holds a missing label: give one for each person.")
    return labels.astype(object)


def group_names(labels: NDArray[Any], against: Any = None) -> list[Any]:
    """Return the groups of people (n,) in order; refuse a group to compare with that nobody is in."""
    names = sorted(set(labels), key=lambda label: (str(type(label)), label))
    require(
        against is None or against in names,
        f"against={against!r} is not a group: known are {', '.join(map(repr, names))}.",
    )
    return names


def _rows(group: Any, people: pd.DataFrame, others: pd.DataFrame, confidence: float) -> Iterator[dict[str, Any]]:
    """Return the rows of one group; ``others`` are those whom it is compared with, nobody for none."""
    for measure, (values_of, statistic) in MEASURES.items():
        values = values_of(people)
        here, there = statistic(values, confidence), statistic(values_of(others), confidence)
        gap, gap_low, gap_high = difference(here, there)
        yield {
            "group": group,
            "measure": measure,
            "people": len(values),
            **dict(zip(("value", "low", "high"), here, strict=True)),
            "gap": gap,
            "gap_low": gap_low,
            "gap_high": gap_high,
            "ratio": here[0] / there[0] if there[0] else np.nan,
        }


def _numbers(column: pd.Series[Any]) -> Floats:
    return np.asarray(column, dtype=np.float64)


def _rejected(people: pd.DataFrame) -> pd.DataFrame:
    return people[~people["accepted"]]


def _costs(people: pd.DataFrame) -> Floats:
    """Return the costs of the rejected who have an action."""
    return _numbers(_rejected(people)["cost"].dropna())


def _proven(people: pd.DataFrame) -> Floats:
    """Return whether each of the rejected has a proven answer."""
    return _numbers(_rejected(people)["proof"].isin([PROOFS[OPTIMAL], PROOFS[IMPOSSIBLE]]))


MEASURES: dict[str, tuple[Callable[[pd.DataFrame], Floats], Callable[[Floats, float], Interval]]] = {
    "rejection_rate": (lambda people: _numbers(~people["accepted"]), share),
    "recourse_rate": (lambda people: _numbers(people["feasible"]), share),
    "recourse_rate_rejected": (lambda people: _numbers(_rejected(people)["feasible"]), share),
    "mean_cost": (_costs, mean),
    "median_cost": (_costs, median),
    "certified": (_proven, share),
}
"""Of which people's values each measure is which statistic."""
