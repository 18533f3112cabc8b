"""Real tables for recourse: five data sets that the user has, with what the people in them can change.

The tables, and who can change what, are those of Kanamori et al., "Learning decision trees and forests with algorithmic
recourse", ICML 2024, who compare on the first four. The package carries none of them: they hold records of persons or
lie behind terms of use. A file is CSV with a header; the label is 1 for the undesired outcome, 0 for the desired one.

Not for: deciding about anybody. What a person "can change" here is an assumption of that study: it lets people change
the charge they were arrested for, and no data say that a changed feature would change the outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import InputError, one_of
from fairgym.populations.decision_table import DESIRED, UNDESIRED, DecisionTable
from fairgym.populations.recourse_layouts import LAYOUTS, Layout
from fairgym.populations.table import CsvTable, read_table
from fairgym.recourse.actions import FREE, UP, ActionSpec


def load_table(name: str, folder: str | Path) -> DecisionTable:
    """Return a data set of ``LAYOUTS`` from the user's folder.

    Raises InputError for an unknown name, a missing file, columns other than those of the layout, and cells that are
    empty, not whole, or neither 0 nor 1 where they have to be.
    """
    layout = LAYOUTS[one_of("data set", name, tuple(LAYOUTS))]
    table = read_table(_find(name, layout, Path(folder)))
    groups = [*map(list, layout.groups), *_named_groups(table, layout)]
    members = [column for group in groups for column in group]
    table.check_columns([layout.label, *layout.integer, *layout.binary, *members])
    features = [column for column in table.columns if column != layout.label]
    columns = {column: _whole_numbers(table, column, column not in layout.integer) for column in features}
    X = pd.DataFrame(columns)
    actions = ActionSpec(
        {**dict.fromkeys(layout.free, FREE), **dict.fromkeys(layout.up, UP)},
        groups=groups,
        integer=list(layout.integer),
        binary=[*layout.binary, *members],
    )
    _check_one_hot(table, X, actions)
    label = _whole_numbers(table, layout.label, binary=True).astype(np.int64)
    return DecisionTable(name, X, label, actions, layout.sensitive, layout.cut, layout.source)


def tables_in(folder: str | Path, names: Sequence[str]) -> list[str]:
    """Return which of the data sets have their file in a folder, refusing a folder that is none or has none."""
    place = Path(folder)
    if not place.is_dir():
        raise InputError(f"data={str(folder)!r} is not a folder: give the one that holds {_files(names)}.")
    found = [name for name in names if (place / LAYOUTS[name].file).is_file()]
    if not found:
        raise InputError(f"data={str(folder)!r} holds none of the data sets: it needs at least one of {_files(names)}.")
    return found


def _files(names: Sequence[str]) -> str:
    return ", ".join(LAYOUTS[name].file for name in names)


def _find(name: str, layout: Layout, folder: Path) -> Path:
    """Return the path of a data set's file, or say what it is and where people get it."""
    path = folder / layout.file
    if not path.is_file():
        raise InputError(f"{layout.file} is not in {folder}: it is the data set {name!r}, {layout.source}.")
    return path


def _named_groups(table: CsvTable, layout: Layout) -> list[list[str]]:
    """Return the one-hot groups that are known by how their columns begin."""
    groups = [[column for column in table.columns if column.startswith(prefix)] for prefix in layout.prefixes]
    for group, (prefix, count) in zip(groups, layout.prefixes.items(), strict=True):
        if len(group) != count:
            raise InputError(
                f"{table.file} has {len(group)} columns that begin with {prefix!r}: it needs {count}, one per category."
            )
    return groups


def _whole_numbers(table: CsvTable, column: str, binary: bool) -> NDArray[np.float64]:
    """Return a column of whole numbers, or of 0 and 1, refusing others by file, line and column; (n,)."""
    values = table.numbers(column)
    wrong = ~np.isin(values, (DESIRED, UNDESIRED)) if binary else values != np.floor(values)
    if wrong.any():
        place = int(wrong.argmax())
        wanted = "neither 0 nor 1: code it so" if binary else "not a whole number: round it"
        raise InputError(f"{table.file}, line {table.lines[place]}, column {column!r}: {values[place]:g} is {wanted}.")
    return values


def _check_one_hot(table: CsvTable, X: pd.DataFrame, actions: ActionSpec) -> None:
    """Refuse people who are in two categories of one group."""
    actions.resolve(list(X.columns), X.shape[1]).check_people(X.to_numpy(dtype=np.float64), table.file)
