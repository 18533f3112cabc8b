"""obstacles: why a person has no way up in a tree, leaf by leaf, in words.

A search says "impossible". This says why: for every leaf that gives the target class, what it asks that the person does
not have, and whether she may change that, and at what cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairgym.checks import InputError, named, require
from fairgym.recourse.boxes import Boxes
from fairgym.recourse.costs import Floats, within
from fairgym.recourse.people import People
from fairgym.recourse.recourse import Recourse
from fairgym.recourse.units import Feature, Group, Unit, units_of
from fairgym.recourse.words import split_names

BARRED, DEAR, WITHIN = "cannot be changed so", "costs too much", "within the budget"
NONE = "none of these"
"""What is said of a one-hot group of which no column is on."""
DIGITS = 6
"""Significant digits of numbers in words."""


def obstacles(recourse: Recourse, person: Any) -> pd.DataFrame:
    """Return what stands between one person, a table of one row, and each leaf of a tree that gives the target class.

    One row per leaf and feature that she would have to change to get into it; a one-hot group is one feature. Columns:
    ``leaf``, numbered from the left of the tree; ``feature``; what the leaf ``needs`` and what she ``has``, in words;
    the ``cost`` of the change by itself, infinity where she may not make it; ``verdict``, "cannot be changed so",
    "costs too much" or "within the budget". Under a maximum cost she has a way up if and only if one leaf has nothing
    but "within the budget". Empty if she is accepted as she is.

    Raises InputError for a model of more than one tree and for anything but one person.
    """
    require(isinstance(recourse, Recourse), f"recourse is {named(recourse)}: give a Recourse.")
    votes, actions = recourse.votes, recourse.actions
    if len(votes.roots) != 1:
        raise InputError(f"the model has {len(votes.roots)} trees: obstacles are those of a single one.")
    people = People.of(person, recourse.names, votes.width, votes.precision, "person")
    require(len(people.seen) == 1, f"person has {len(people.seen)} rows: give one person.")
    people.check(actions, "person")
    boxes = Boxes.of(votes, actions, recourse.cost)
    targets = votes.passes(boxes.vote) & (not votes.wins(people.seen)[0])
    number = np.cumsum(targets)
    rows = [
        {"leaf": int(number[leaf]), **row, "verdict": _verdict(row["cost"], recourse.budget)}
        for unit in units_of(boxes, actions, recourse.cost)
        for leaf, row in _rows(unit, people.seen, [str(column) for column in people.columns])
        if targets[leaf]
    ]
    columns = ["leaf", "feature", "needs", "has", "cost", "verdict"]
    return pd.DataFrame(rows, columns=columns).sort_values("leaf", kind="stable", ignore_index=True)


def _rows(unit: Unit, person: Floats, names: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the leaves into which the person (1, D) has to change a unit, and what there is to say."""
    answer = unit.answer(person)
    for leaf, demand in zip(unit.leaf.tolist(), unit.demand.tolist(), strict=True):
        if answer.moves[demand, 0]:
            yield leaf, {**_words(unit, demand, person[0], names), "cost": float(answer.cost[demand, 0])}


def _words(unit: Unit, demand: int, person: Floats, names: Sequence[str]) -> dict[str, str]:
    """Return the name of a unit, what is demanded of it and what the person has."""
    if isinstance(unit, Group):
        title, labels = split_names([names[column] for column in unit.columns])
        wanted = [label for label, allowed in zip(labels, unit.allowed[demand], strict=False) if allowed]
        state = int(np.append(person[unit.columns], 1.0).argmax())
        words = {"needs": " or ".join(wanted) or NONE, "has": [*labels, NONE][state]}
        return {"feature": title or ", ".join(labels), **words}
    assert isinstance(unit, Feature)
    value, thresholds = person[unit.columns[0]], unit.ladder.thresholds
    rises = unit.ladder.rung(np.array([value]))[0] < unit.first[demand]
    edge = thresholds[unit.first[demand] - 1] if rises else thresholds[unit.last[demand]]
    needs = f"more than {_said(edge)}" if rises else f"at most {_said(edge)}"
    return {"feature": names[unit.columns[0]], "needs": needs, "has": _said(value)}


def _verdict(cost: float, budget: float) -> str:
    if np.isinf(cost):
        return BARRED
    return WITHIN if within(cost, budget) else DEAR


def _said(value: float) -> str:
    return np.format_float_positional(value, precision=DIGITS, fractional=False, trim="-")
