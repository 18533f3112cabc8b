"""Table: the background as numbers (n, D) and back again in the form that the model takes.

Every column is coded as float64: a number is itself, a word is its place in the sorted list of words, and a missing
value is NaN in either. So all that follows, sorting, drawing, counting, is one law for all kinds of columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, named, require, suggestion
from fairgym.explain.predicates import Floats, as_numbers, in_words, is_missing

FEW = 2
"""A column of numbers with so many values or fewer is said with "=", unless ``categorical`` is given."""
EXACT = 2.0**53
"""Whole numbers up to here are float64 exactly."""


@dataclass(frozen=True)
class Column:
    """One feature of the background."""

    name: str
    dtype: Any  # in the form of the background
    categories: tuple[Any, ...] | None  # sorted; None: numbers
    missing: Any  # how the background writes a missing value

    def codes(self, values: Any, more: tuple[Any, ...] = ()) -> Floats:
        """Return values (n,) as codes; a category that is neither here nor in ``more`` is -1, and missing is NaN."""
        if self.numeric:
            numbers = as_numbers(values, self.name)
            require(not np.isinf(numbers).any(), f"the column {self.name!r} holds infinity: repair it.")
            return numbers
        place = {category: code for code, category in enumerate((*(self.categories or ()), *more))}
        try:
            found = [place.get(value, -1) for value in np.asarray(values, dtype=object).tolist()]
        except TypeError:
            raise InputError(
                f"the column {self.name!r} holds something that is no category: give words or numbers."
            ) from None
        return np.where(is_missing(values), np.nan, np.array(found, dtype=np.float64))

    def values(self, codes: Floats, more: tuple[Any, ...] = ()) -> Any:
        """Return codes (n,) as the values of the background, in its dtype where that can hold them."""
        if self.numeric:
            return _as_dtype(codes, self.dtype)
        absent, known = np.isnan(codes), (*(self.categories or ()), *more, self.missing)
        kept = np.empty(len(known), dtype=object)
        kept[:] = known
        taken = kept[np.where(absent, -1, codes).astype(np.intp)]
        if more:
            return taken
        if isinstance(self.dtype, np.dtype):
            return taken if absent.any() else taken.astype(self.dtype)
        import pandas as pd

        return pd.array(taken, dtype=self.dtype)

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers, be they said as categories or not: those are their own codes."""
        return getattr(self.dtype, "kind", "O") in "iuf"


@dataclass(frozen=True)
class Table:
    """A background of n rows and D columns."""

    columns: tuple[Column, ...]
    coded: Floats  # (n, D)
    labels: tuple[Any, ...] | None  # (D,), the columns as the DataFrame that the model takes has them; None: an array
    dtype: Any  # of the array

    @classmethod
    def of(cls, background: Any, names: Sequence[str] | None, categorical: Iterable[Any] | None) -> Table:
        """Return a DataFrame or an array (n, D) as a table, or refuse it."""
        given = rows_of(background, "background")
        framed = hasattr(given, "columns")
        require(len(given) > 0, "background has no rows: give at least one, better some thousands.")
        require(given.shape[1] > 0, "background has no columns: give at least one.")
        own = _names(given, names)
        chosen = _chosen(categorical, own)
        columns = tuple(_column(name, _column_values(given, at), chosen) for at, name in enumerate(own))
        coded = np.empty(given.shape)
        for at, column in enumerate(columns):
            coded[:, at] = column.codes(_column_values(given, at))
        return cls(columns, coded, tuple(given.columns) if framed else None, None if framed else given.dtype)

    @property
    def framed(self) -> bool:
        """Whether the model takes a DataFrame."""
        return self.labels is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features, (D,)."""
        return tuple(column.name for column in self.columns)

    def person(self, x: Any) -> Person:
        """Return one row as a person, or refuse it."""
        given = one_row(x, self.names)
        require(
            given.shape[1] == len(self.columns),
            f"x has {given.shape[1]} values, but the background has {len(self.columns)} columns: give one for each.",
        )
        more: list[tuple[Any, ...]] = []
        codes = np.empty(len(self.columns))
        for at, column in enumerate(self.columns):
            values = _column_values(given, at)
            code = column.codes(values)[0]
            more.append((np.asarray(values, dtype=object)[0],) if code == -1 and not column.numeric else ())
            codes[at] = column.codes(values, more[-1])[0]
        return Person(self, codes, tuple(more))

    def code(self, rows: Any, name: str) -> Floats:
        """Return rows in the form of the background as codes (n, D); refuse categories that it does not have."""
        given = rows_of(rows, name)
        self.check_columns(given, name)
        coded = np.empty(given.shape)
        for at, column in enumerate(self.columns):
            coded[:, at] = column.codes(_column_values(given, at))
            if not column.numeric and (coded[:, at] == -1).any():
                strange = np.asarray(_column_values(given, at), dtype=object)[coded[:, at] == -1][0]
                raise InputError(
                    f"{name} has the category {in_words(strange)} in {column.name!r}, which the background lacks: give "
                    "a background that has it."
                )
        return coded

    def check_columns(self, given: Any, name: str) -> None:
        """Refuse rows with other columns than the background."""
        names = list(map(str, given.columns)) if hasattr(given, "columns") else None
        if names is not None and names != list(self.names):
            raise InputError(
                f"{name} has other columns than the background: give {', '.join(self.names)}, in this order."
            )
        require(
            given.shape[1] == len(self.columns),
            f"{name} has {given.shape[1]} columns, but the background has {len(self.columns)}: give those.",
        )


@dataclass(frozen=True)
class Person:
    """One row to explain: its codes, and the categories that only it has."""

    table: Table
    codes: Floats  # (D,)
    more: tuple[tuple[Any, ...], ...]  # (D,), the category that the background lacks, if any

    def decode(self, codes: Floats) -> Any:
        """Return codes (n, D) as rows in the form that the model takes, which may change them: they are a copy."""
        table = self.table
        if not table.framed and table.dtype.kind in "iuf":
            return _as_dtype(codes.copy(), table.dtype)
        parts = [column.values(codes[:, at], self.more[at]) for at, column in enumerate(table.columns)]
        if table.labels is not None:
            import pandas as pd

            return pd.DataFrame(dict(zip(table.labels, parts, strict=True)))
        rows = np.empty(codes.shape, dtype=object)
        for at, part in enumerate(parts):
            rows[:, at] = part
        return rows.astype(table.dtype) if table.dtype.kind == "U" and not any(self.more) else rows

    def raw(self, at: int) -> Any:
        """Return the person's own value of a feature."""
        value = np.asarray(self.table.columns[at].values(self.codes[at : at + 1], self.more[at]), dtype=object)[0]
        return value.item() if isinstance(value, np.generic) else value


def _as_dtype(numbers: Floats, dtype: Any) -> Any:
    """Return numbers in a dtype, or as float64 where it cannot hold them."""
    present = numbers if isinstance(dtype, np.dtype) else numbers[~np.isnan(numbers)]
    plain = getattr(dtype, "numpy_dtype", dtype)  # that of the values, where pandas keeps a mask beside them
    if plain.kind in "iu":
        ends = np.iinfo(plain)
        if not ((np.floor(present) == present) & (present >= ends.min) & (present <= ends.max)).all():
            return numbers  # NaN is no whole number either
    elif (np.abs(present) > np.finfo(plain).max).any():
        return numbers
    if isinstance(dtype, np.dtype):
        return numbers.astype(dtype)
    import pandas as pd

    return pd.array(numbers, dtype=dtype)


def rows_of(rows: Any, name: str) -> Any:
    """Return rows as a DataFrame or an array (n, D), or refuse them."""
    if hasattr(rows, "columns") and hasattr(rows, "iloc"):
        return rows
    try:
        given = np.asarray(rows)
    except ValueError:  # rows of unequal length
        given = np.asarray(None)
    require(
        given.ndim == 2 and given.dtype.kind in "biufUO",
        f"{name} is {named(rows)} that holds no rows of equal length: give a DataFrame or an array (n, D).",
    )
    return given


def one_row(x: Any, names: Sequence[str]) -> Any:
    """Return one person as a table of one row, or refuse it."""
    if hasattr(x, "iloc") and not hasattr(x, "columns"):  # a pandas Series, in any order
        given = np.empty((1, len(names)), dtype=object)
        given[0] = [x.iloc[place] for place in _places(x.index, names)]
        return given
    if hasattr(x, "columns"):
        given = x.iloc[:, _places(x.columns, names)]
    else:
        given = np.asarray(x if isinstance(x, np.ndarray) else np.array(x, dtype=object))
        given = given[None] if given.ndim == 1 else given
    require(
        given.ndim == 2 and len(given) == 1,
        f"x has the shape {given.shape}: give one row, or call explain_batch for several.",
    )
    return given


def groups_of(groups: Any, size: int) -> tuple[NDArray[Any], list[Any]]:
    """Return the group of each of ``size`` rows, (size,), and the groups that there are, in order, or refuse them."""
    try:
        given = np.asarray(groups)
    except ValueError:  # entries of unequal length
        given = np.asarray(None)
    require(given.shape == (size,), f"groups has the shape {given.shape} for {size} rows: give the group of every row.")
    require(not is_missing(given).any(), "groups holds a missing value: give every row a group.")
    return given, sorted(set(given.tolist()), key=lambda one: (isinstance(one, str), one))


def _places(labels: Iterable[Any], names: Sequence[str]) -> list[int]:
    """Return where among labels, which need not be words, each of the names stands."""
    place = {str(label): at for at, label in enumerate(labels)}
    missing = [name for name in names if name not in place]
    require(not missing, f"x lacks the column {', '.join(missing)}: give all columns of the background.")
    return [place[name] for name in names]


def _column_values(given: Any, at: int) -> Any:
    """Return the values of one column (n,)."""
    return given.iloc[:, at] if hasattr(given, "columns") else given[:, at]


def _names(given: Any, names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the features, or refuse them."""
    framed = hasattr(given, "columns")
    if names is None:
        own = [str(name) for name in given.columns] if framed else [f"x{at}" for at in range(given.shape[1])]
    else:
        require(isinstance(names, Iterable), f"names={names!r} is no list: give one name for each column.")
        own = [str(name) for name in names]
        require(not framed or own == [str(name) for name in given.columns],
                "names differ from the columns of the background: leave names out.")  # fmt: skip
    require(
        len(own) == given.shape[1],
        f"names has {len(own)} entries, but the background has {given.shape[1]} columns: give one name for each.",
    )
    twice = sorted({name for name in own if own.count(name) > 1})
    require(not twice, f"the name {', '.join(twice)} stands for two columns: give every column a name of its own.")
    return tuple(own)


def _chosen(categorical: Iterable[Any] | None, names: tuple[str, ...]) -> set[str] | None:
    """Return the names of the columns that are said to be categories; None where that is left to the values."""
    if categorical is None:
        return None
    require(not isinstance(categorical, str), f"categorical={categorical!r} is one word: give a list of columns.")
    require(isinstance(categorical, Iterable), f"categorical={categorical!r} is no list: give a list of columns.")
    chosen = set()
    for one in categorical:
        if isinstance(one, (int, np.integer)) and not isinstance(one, bool):
            require(
                bool(0 <= one < len(names)), f"categorical holds {one}, but there are {len(names)} columns, from 0."
            )
            chosen.add(names[one])
        else:
            require(bool(one in names), f"categorical holds {one!r}, which is no column: {suggestion(str(one), names)}")
            chosen.add(one)
    return chosen


def _column(name: str, values: Any, chosen: set[str] | None) -> Column:
    """Return what is known of a column: its kind, its categories, how it writes what is missing."""
    dtype = getattr(values, "dtype", np.dtype(object))
    absent = is_missing(values)
    objects = np.asarray(values, dtype=object)
    gap = objects[absent][0] if absent.any() else np.nan
    kind = getattr(dtype, "kind", "O")
    require(kind not in "mMc", f"the column {name!r} holds dates or complex numbers: give numbers, such as days.")
    here = objects[~absent].tolist()
    numeric = kind in "iuf" or (
        kind == "O" and not hasattr(dtype, "categories") and bool(here)
        and all(isinstance(one, (int, float, np.number)) and not isinstance(one, bool) for one in here)
    )  # fmt: skip
    if numeric:
        largest = max((abs(one) for one in here), default=0)
        require(
            kind == "f" or bool(largest <= EXACT), f"the column {name!r} holds a whole number beyond 2**53: scale it."
        )
        if name not in (chosen or ()) and (chosen is not None or len(set(here)) > FEW):
            return Column(name, np.dtype(np.float64) if kind == "O" else dtype, None, gap)
    try:
        categories = tuple(sorted(set(here), key=lambda one: (not numeric, one if numeric else str(one))))
    except TypeError:
        raise InputError(f"the column {name!r} holds something that is no category: give words or numbers.") from None
    return Column(name, dtype, categories, gap)
