"""Predicate: one condition on one feature, such as "income > 52", with its exact number.

A condition is data, not a string to be taken apart. Numbers are kept as they are and printed with as many digits as
tell them apart; missing values have conditions of their own and satisfy no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, number, one_of, require

AT_MOST, ABOVE, IS, MISSING, PRESENT = "<=", ">", "=", "is missing", "is present"
RELATIONS = (AT_MOST, ABOVE, IS, MISSING, PRESENT)
SMALL, PLAIN = 1e-4, 1e15
"""Below and above these sizes a number is printed with an exponent."""
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Predicate:
    """One condition: ``feature`` in ``relation`` ("<=", ">", "=", "is missing", "is present") to ``value``."""

    feature: str
    relation: str
    value: Any = None
    """The exact number or category; None for "is missing" and "is present"."""

    def __post_init__(self) -> None:
        require(isinstance(self.feature, str), f"feature={self.feature!r} is not the name of a column: give a str.")
        one_of("relation", self.relation, RELATIONS)
        if self.relation in (AT_MOST, ABOVE):
            object.__setattr__(self, "value", number(f"the value of {self.feature!r}", self.value))
        elif self.relation == IS:
            given = self.value is not None and self.value == self.value
            require(
                given, f"{self.feature} = {self.value!r} has no value: write Predicate({self.feature!r}, 'is missing')."
            )
        else:
            require(self.value is None, f"{self.feature} {self.relation} takes no value, but {self.value!r} was given.")

    def holds(self, values: Any) -> Bools:
        """Return for which of the values of its feature, (n,), the condition is true."""
        if self.relation in (AT_MOST, ABOVE):
            numbers = as_numbers(values, self.feature)
            return np.asarray(numbers <= self.value if self.relation == AT_MOST else numbers > self.value)
        absent = is_missing(values)
        if self.relation != IS:
            return absent if self.relation == MISSING else ~absent
        held = np.zeros(len(absent), dtype=bool)
        given = np.asarray(values, dtype=object)[~absent]
        held[~absent] = [one == self.value for one in given.tolist()]
        return held

    def __str__(self) -> str:
        return f"{self.feature} {self.relation}" + ("" if self.value is None else f" {in_words(self.value)}")


def in_words(value: Any) -> str:
    """Return a value as it is printed: a number with all digits that tell it from its neighbours, else as it is."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        return str(value)
    given = float(value)
    if not abs(given) < PLAIN or 0 < abs(given) < SMALL:
        return repr(given)
    return np.format_float_positional(given, trim="-")


def as_numbers(values: Any, feature: str) -> Floats:
    """Return the values of a feature as numbers (n,), missing ones as NaN; refuse what is no number."""
    try:
        if hasattr(values, "to_numpy"):  # a pandas column, which may hold pd.NA
            return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
        given = np.asarray(values)
        if given.dtype == object:  # which may hold pd.NA as well
            given = np.where(is_missing(given), np.nan, given)
        return given.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"the column {feature!r} holds something that is no number: name it in categorical, or repair it."
        ) from None


def is_missing(values: Any) -> Bools:
    """Return which of the values of a feature are missing, (n,)."""
    if not hasattr(values, "isna"):
        values = np.asarray(values)
        if values.dtype.kind == "f":
            return np.asarray(np.isnan(values))
        if values.dtype.kind in "biuUS":
            return np.zeros(len(values), dtype=bool)
    import pandas as pd

    return np.asarray(pd.isna(values), dtype=bool)
