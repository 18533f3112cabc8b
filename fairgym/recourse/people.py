"""People: a table held against the columns of a model, and the same people as the model sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import InputError, require
from fairgym.recourse.actions import Actions


@dataclass(frozen=True)
class People:
    """n people with D features."""

    given: NDArray[np.float64]  # (n, D), their own values
    seen: NDArray[np.float64]  # (n, D), rounded to the precision in which the model compares
    index: pd.Index[Any]  # their labels
    columns: pd.Index[Any]  # labels of the features

    @classmethod
    def of(
        cls, table: Any, names: Sequence[str] | None, width: int, precision: type = np.float64, name: str = "X"
    ) -> People:
        """Return the people of a table or an array (n, width) for a model whose columns are called ``names``, if known.

        Raises InputError where it is none, is empty, has other columns than the model or holds anything but numbers.
        """
        if isinstance(table, pd.DataFrame):
            _check_columns(table, names, name)
            given, index, columns = _numbers_of(table, name), table.index, table.columns
        else:
            given = _array_of(table, name)
            index, columns = pd.RangeIndex(len(given)), pd.Index(names or [f"x{place}" for place in range(width)])
        require(len(given) > 0, f"{name} has no rows: give at least one person.")
        require(
            given.shape[1] == width,
            f"{name} has {given.shape[1]} columns, but the model was fitted on {width}: give those.",
        )
        _check_finite(given, index, columns, name)
        largest = np.finfo(precision).max
        require(
            bool(np.abs(given).max() <= largest),
            f"{name} holds a number beyond {largest:.2g}, the largest that the model knows: give smaller ones.",
        )
        return cls(given, given.astype(precision).astype(np.float64), index, columns)

    def check(self, actions: Actions, name: str = "X") -> None:
        """Refuse people who are not what the actions say, such as two categories at once."""
        actions.check_people(self.given, name)


def _check_columns(table: pd.DataFrame, names: Sequence[str] | None, name: str) -> None:
    """Refuse a table whose columns are not those of the model."""
    if names is None or list(table.columns) == list(names):
        return
    missing = [column for column in names if column not in table.columns]
    more = [str(column) for column in table.columns if column not in names]
    require(
        not missing, f"{name} lacks the column {', '.join(missing)}: give all columns that the model was fitted on."
    )
    require(not more, f"{name} has the column {', '.join(more)}, which the model does not know: leave it out.")
    raise InputError(f"{name} has the columns of the model in another order: give them as {', '.join(names)}.")


def _check_finite(given: NDArray[np.float64], index: pd.Index[Any], columns: pd.Index[Any], name: str) -> None:
    """Refuse NaN and infinity, and say where the first is."""
    missing = ~np.isfinite(given)
    if missing.any():
        place = int(missing.any(axis=0).argmax())
        row, column = index[missing[:, place]].tolist()[0], columns.tolist()[place]
        raise InputError(
            f"{name} holds NaN or infinity in the column {column!r}, first in row {row!r}: fill it in, or leave those "
            "people out."
        )


def holds_numbers(kind: Any) -> bool:
    """Return whether a column of this dtype holds real numbers, or yes and no."""
    types = pd.api.types
    return types.is_bool_dtype(kind) or (types.is_numeric_dtype(kind) and not types.is_complex_dtype(kind))


def _numbers_of(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return the numbers of a table; refuse a column of anything else."""
    for column, kind in zip(table.columns, table.dtypes, strict=True):
        require(
            holds_numbers(kind),
            f"{name} holds no numbers in the column {column!r}: give the numbers that the model was fitted on.",
        )
    return table.to_numpy(dtype=np.float64, na_value=np.nan)


def _array_of(table: Any, name: str) -> NDArray[np.float64]:
    """Return an array (n, D) of numbers; refuse anything else."""
    try:
        given = np.asarray(table)
    except ValueError:  # rows of unequal length
        given = np.asarray(None)
    require(
        given.dtype.kind in "biuf",
        f"{name} is not numbers in rows of equal length: give a DataFrame or an array with one row per person.",
    )
    require(given.ndim == 2, f"{name} has {given.ndim} dimensions: give a table or an array with one row per person.")
    return given.astype(np.float64)
