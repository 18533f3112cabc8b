"""by_group: measures of people as a tidy frame, overall and for each group, with intervals and signed gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import number, require
from fairgym.recourse.costs import Floats
from fairgym.recourse.intervals import Interval, difference
from fairgym.recourse.report import OVERALL, group_labels, group_names

Statistic = Callable[[Floats, float], Interval]
"""Of values of people and a confidence, a number with its interval."""
Labels = NDArray[Any]


@dataclass(frozen=True)
class Measure:
    """One number for each person, NaN for those who do not count, and what is made of them."""

    values: Floats  # (n,)
    statistic: Statistic


def labels_of(groups: Any, count: int, against: Any = None) -> Labels | None:
    """Return the group of each of ``count`` people, None for no groups, or refuse them."""
    if groups is None:
        require(against is None, f"against={against!r} needs groups: give the label of each person.")
        return None
    labels: Labels = group_labels(None, groups)
    require(len(labels) == count, f"groups has {len(labels)} labels, but there are {count} people: give one each.")
    known = group_names(labels, against)
    require(OVERALL not in known, f"groups has the label {OVERALL!r}, which stands for everybody: call it otherwise.")
    return labels


def names_of(labels: Labels | None) -> list[Any]:
    """Return the names of the groups in their order, none for no groups."""
    return [] if labels is None else group_names(labels)


def confidence_of(confidence: Any) -> float:
    """Return a level of confidence, or refuse it."""
    return number("confidence", confidence, above=0, at_most=1 - 1e-9)


def by_group(
    measures: Mapping[str, Measure], labels: Labels | None, against: Any, confidence: float, **also: Any
) -> pd.DataFrame:
    """Return one row per group and measure; ``also`` are further columns of one value.

    Columns: ``group``, ``measure``, ``people`` (that the value is taken over), ``value`` with its interval ``low`` to
    ``high``, and ``gap`` with its interval, the value less that of everybody else, or of the group ``against``. What is
    undefined is NaN.
    """
    rows = [row for name, measure in measures.items() for row in _rows(name, measure, labels, against, confidence)]
    frame = pd.DataFrame(rows)
    for place, (name, value) in enumerate(also.items()):
        frame.insert(2 + place, name, value)
    return frame


def _rows(
    name: str, measure: Measure, labels: Labels | None, against: Any, confidence: float
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one measure, of everybody first."""
    everybody, nobody = np.ones(len(measure.values), dtype=bool), np.zeros(len(measure.values), dtype=bool)
    yield _row(OVERALL, name, measure, everybody, nobody, confidence)
    for group in names_of(labels):
        inside = np.asarray(labels == group)
        others = ~inside if against is None else np.asarray(labels == against) & ~inside
        yield _row(group, name, measure, inside, others, confidence)


def _row(
    group: Any, name: str, measure: Measure, inside: NDArray[np.bool_], others: NDArray[np.bool_], confidence: float
) -> dict[str, Any]:
    """Return the row of one group that is compared with others, nobody for none."""
    counted = ~np.isnan(measure.values)
    values = measure.values[inside & counted]
    here, there = (measure.statistic(some, confidence) for some in (values, measure.values[others & counted]))
    with np.errstate(invalid="ignore"):  # infinite radii on both sides: the gap is undefined
        gap = difference(here, there)
    return {
        "group": group,
        "measure": name,
        "people": len(values),
        **dict(zip(("value", "low", "high"), here, strict=True)),
        **dict(zip(("gap", "gap_low", "gap_high"), gap, strict=True)),
    }
