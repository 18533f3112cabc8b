"""A user's CSV of people as a DecisionTable: what a mapping has to say beside the file.

The file has a header, one row per person and numbers only: code categories as columns of 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import InputError, number, one_of, suggestion
from fairgym.populations.decision_table import DESIRED, UNDESIRED, DecisionTable
from fairgym.populations.mapping import word
from fairgym.populations.table import CsvTable, read_table
from fairgym.recourse.actions import DIRECTIONS, DOWN, FIXED, FREE, UP, ActionSpec

REQUIRED = ("table", "target", "desired", "sensitive", "actions")
OPTIONAL = ("cut", "ignore", "one_hot", "integer", "bounds")


def table_from_csv(given: Mapping[str, Any]) -> DecisionTable:
    """Return the table that a mapping with the keys REQUIRED, and perhaps OPTIONAL, describes.

    ``table``: path of the CSV file. ``target``: column of the outcome, which has two values. ``desired``: the one of
    them that means "repaid". ``sensitive``, ``cut``: people with more than ``cut`` (0.5) in that column are group 1.
    ``actions``: direction ("up", "down", "free") of each column that people can change. ``ignore``: columns to leave
    out, such as a number of the row. ``one_hot``: lists of columns of 0 and 1, at most one of them 1; without it they
    are searched for by their names. ``integer``: columns that move in whole numbers; without it, those that hold
    nothing else. ``bounds``: [lowest, highest] to which people can move by column; None stands for the table's own end,
    which holds for every other column.
    """
    table = read_table(word("table", given["table"]))
    target = _columns(table, "target", [given["target"]])[0]
    left_out = {target, *_columns(table, "ignore", given.get("ignore", []))}
    _columns(table, "sensitive", [given["sensitive"]], left_out)
    features = [column for column in table.columns if column not in left_out]
    X = pd.DataFrame({column: table.numbers(column) for column in features})
    return DecisionTable(
        name=Path(table.file).stem,
        X=X,
        y=_outcomes(table, target, number("desired", given["desired"])),
        actions=_actions(table, X, given),
        sensitive=given["sensitive"],
        cut=number("cut", given.get("cut", 0.5)),
        source=Path(table.file).name,
    )


def _columns(table: CsvTable, key: str, names: Any, left_out: set[str] | frozenset[str] = frozenset()) -> list[str]:
    """Return columns of the file that a key names, or refuse what is no list, no column or the target."""
    if not isinstance(names, (list, tuple)):
        raise InputError(f"{key}={names!r} is not a list: give [column, ...].")
    known = [column for column in table.columns if column not in left_out]
    for name in names:
        if name not in known:
            why = "is the target or left out" if name in table.columns else f"is not in {table.file}"
            raise InputError(f"{key} names the column {name!r}, which {why}: {suggestion(str(name), known)}")
    return list(names)


def _outcomes(table: CsvTable, target: str, desired: float) -> NDArray[np.int64]:
    """Return DESIRED or UNDESIRED for each person, (n,); refuse a target that does not have two values."""
    values = table.numbers(target)
    different = np.unique(values)
    if len(different) != 2:
        raise InputError(
            f"{table.file} has {len(different)} different values in the target {target!r}: it needs two, of which one "
            "means 'repaid'."
        )
    if desired not in different:
        raise InputError(
            f"desired={desired:g} is not in the target {target!r}: give {different[0]:g} or {different[1]:g}, the "
            "value that means 'repaid'."
        )
    return np.where(values == desired, DESIRED, UNDESIRED).astype(np.int64)


def _actions(table: CsvTable, X: pd.DataFrame, given: Mapping[str, Any]) -> ActionSpec:
    """Return what people can change, held against the columns of the table."""
    left_out = set(table.columns) - set(X.columns)
    directions = _mapping("actions", given["actions"], "direction")
    _columns(table, "actions", list(directions), left_out)
    for column, direction in directions.items():
        one_of(f"actions[{column!r}]", direction, DIRECTIONS)
    one_hot = given.get("one_hot")
    for group in [] if one_hot is None else _list("one_hot", one_hot):
        _columns(table, "one_hot", group, left_out)
    features: list[str] = X.columns.tolist()
    by_direction = {kind: [name for name in features if directions.get(name, FIXED) == kind] for kind in DIRECTIONS}
    spec = ActionSpec.from_frame(
        X,
        fixed=by_direction[FIXED],
        free=by_direction[FREE],
        up=by_direction[UP],
        down=by_direction[DOWN],
        groups=one_hot,
    )
    integer, limits = given.get("integer"), _mapping("bounds", given.get("bounds", {}), "[lowest, highest]")
    _columns(table, "bounds", list(limits), left_out)
    whole = spec.integer if integer is None else _columns(table, "integer", integer, left_out)
    bounds = dict(spec.bounds)
    for column, pair in limits.items():
        bounds[column] = _limits(X[column], column, pair)
    return replace(spec, integer=whole, bounds=bounds, assumptions=())


def _mapping(key: str, value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{key}={value!r} is not a mapping: give {{column: {what}}}.")
    return dict(value)


def _list(key: str, value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise InputError(f"{key}={value!r} is not a list: give [[column, column], ...].")
    return list(value)


def _limits(values: pd.Series[float], column: str, pair: Any) -> tuple[float, float]:
    """Return the limits of a column, its own lowest or highest value where the pair has None."""
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        raise InputError(f"bounds[{column!r}]={pair!r} is not a pair: give [lowest, highest].")
    low, high = (
        float(end) if limit is None else number(f"bounds[{column!r}]", limit)
        for limit, end in zip(pair, (values.min(), values.max()), strict=True)
    )
    return low, high
