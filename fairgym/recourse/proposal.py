"""propose: an action specification read off a table, with every assumption said in a sentence.

What a column holds tells its type: 0 and 1, whole numbers, one-hot groups, a single value. Its name tells whether it is
something that nobody can change, such as race, or that only grows, such as age. Whoever knows better says so: what is
given as fixed, free, up, down or groups is taken as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import InputError, named, require, suggestion
from fairgym.recourse.actions import FIXED, FREE, SEPARATORS, UP, ActionSpec
from fairgym.recourse.people import holds_numbers

Floats = NDArray[np.float64]
GROWS = frozenset({"age"})
"""Words of a column's name that say: it only ever grows."""
GIVEN = frozenset(
    {"race", "sex", "gender", "ethnicity", "ethnic", "nationality", "citizenship", "ancestry", "caste", "religion"}
    | {"birth", "birthday", "birthdate", "birthplace", "born", "dob"}
    | {"male", "female", "white", "black", "hispanic", "asian", "caucasian"}
)
"""Words of a column's name that say: nobody can change it."""
BY_NAME = "{} cannot be changed by anybody, as the name says."
SAME = "{} cannot be changed, because everybody in the table has the same value."
GROWING = "{} can only rise, as the name says."
OPEN = "{} can be changed in both directions, because nothing says otherwise."
ONLY_01 = "{} can only be 0 or 1, because the table holds nothing else."
ONLY_WHOLE = "{} can only be a whole number, because the table holds nothing else."
ONLY_SEEN = "{} cannot be moved beyond the lowest and the highest value in the table."
ASSUMED = {BY_NAME: FIXED, SAME: FIXED, GROWING: UP, OPEN: FREE}
"""Which direction is assumed for what reason."""


def propose(
    frame: pd.DataFrame, overrides: Mapping[str, Sequence[str]], groups: Sequence[Sequence[str]] | None
) -> ActionSpec:
    """Return a specification for a table; ``overrides`` holds the columns of each direction that are given.

    Raises InputError where the table is none, is empty or holds anything but numbers, and for unknown columns.
    """
    check_table(frame)
    given = _given_directions(frame, overrides)
    kinds = _Kinds.of(frame, groups)
    why = _reasons(kinds, given)
    direction = {**{column: ASSUMED[reason] for reason, columns in why.items() for column in columns}, **given}
    ranged = [
        column
        for column in kinds.levels
        if direction[column] != FIXED and column not in {*kinds.binary, *kinds.members}
    ]
    return ActionSpec(
        features={column: direction[column] for column in kinds.levels},
        groups=kinds.groups,
        integer=kinds.integer,
        binary=kinds.binary,
        bounds={column: (float(kinds.levels[column][0]), float(kinds.levels[column][-1])) for column in ranged},
        assumptions=(
            *_sentences({**why, ONLY_01: kinds.binary, ONLY_WHOLE: kinds.integer, ONLY_SEEN: ranged}),
            *(_group_sentence(frame, group) for group in kinds.groups if groups is None),
        ),
    )


@dataclass(frozen=True)
class _Kinds:
    """What the columns of a table hold."""

    levels: dict[str, Floats]  # different values of each column, ascending
    groups: list[list[str]]  # one-hot
    dummies: list[str]  # columns of nothing but 0 and 1

    @classmethod
    def of(cls, frame: pd.DataFrame, groups: Sequence[Sequence[str]] | None) -> _Kinds:
        """Return the kinds of a table's columns; groups are searched for unless they are given."""
        levels = {str(column): np.unique(frame[column].to_numpy(dtype=float)) for column in frame}
        dummies = [column for column, values in levels.items() if set(values) <= {0.0, 1.0}]
        found = _one_hot_groups(frame, dummies) if groups is None else _given_groups(frame, groups)
        return cls(levels, found, dummies)

    @property
    def members(self) -> set[str]:
        """Columns of one-hot groups."""
        return {column for group in self.groups for column in group}

    @property
    def constant(self) -> list[str]:
        """Columns of a single value."""
        return [column for column, values in self.levels.items() if len(values) == 1]

    @property
    def binary(self) -> list[str]:
        """Columns of 0 and 1 that stand for themselves."""
        return [column for column in self.dummies if column not in {*self.members, *self.constant}]

    @property
    def integer(self) -> list[str]:
        """Columns of whole numbers."""
        whole = [column for column, values in self.levels.items() if (values == np.floor(values)).all()]
        return [column for column in whole if column not in self.dummies]


def _reasons(kinds: _Kinds, given: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the columns whose direction is assumed, by the reason, in the order of the table."""
    named_given = _given_by_name(kinds)

    def reason(column: str) -> str:
        if column in named_given:
            return BY_NAME
        if column in kinds.constant:
            return SAME
        return GROWING if words_of(column) & GROWS else OPEN

    why: dict[str, list[str]] = {BY_NAME: [], SAME: [], GROWING: [], OPEN: []}
    for column in kinds.levels:
        if column not in given:
            why[reason(column)].append(column)
    return why


def _given_by_name(kinds: _Kinds) -> set[str]:
    """Return the columns that nobody can change, as far as names tell.

    A bracket of age is not a matter of choice either; what is true of one column of a group is true of all.
    """
    never = {
        column
        for column in kinds.levels
        if words_of(column) & GIVEN or (column in kinds.dummies and words_of(column) & GROWS)
    }
    return never.union(*(group for group in kinds.groups if never & set(group)))


def check_table(frame: object) -> None:
    """Refuse what is not a table of numbers with names."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"frame is {named(frame)}: give a pandas DataFrame with one row per person.")
    require(
        not frame.empty, f"frame has {frame.shape[0]} rows and {frame.shape[1]} columns: give at least one of each."
    )
    odd = [column for column in frame.columns if not isinstance(column, str)]
    require(not odd, f"frame has the column {odd[:1]}, whose name is not text: rename the columns.")
    twice = frame.columns[frame.columns.duplicated()]
    require(not len(twice), f"frame has several columns called {list(twice[:1])}: rename them.")
    for column, kind in frame.dtypes.items():
        require(
            holds_numbers(kind),
            f"frame holds no numbers in the column {column!r}: turn categories into one column each, for instance by "
            f"pandas.get_dummies(frame, columns=[{column!r}], prefix_sep=':').",
        )
        finite = np.isfinite(frame[column].to_numpy(dtype=float, na_value=np.nan))
        require(
            bool(finite.all()),
            f"frame holds NaN or infinity in the column {column!r}: fill it in, or drop those rows.",
        )


def _given_directions(frame: pd.DataFrame, overrides: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the direction of every column that has been given one."""
    directions: dict[str, str] = {}
    for direction, columns in overrides.items():
        for column in _known_columns(frame, direction, columns):
            require(
                directions.setdefault(column, direction) == direction,
                f"the column {column!r} is given as {directions[column]} and as {direction}: give it once.",
            )
    return directions


def _given_groups(frame: pd.DataFrame, groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the groups that are given, if they are one-hot in the table."""
    known = [_known_columns(frame, "groups", group) for group in groups]
    for group in known:
        require(
            _is_one_hot(frame, group),
            f"the group {group!r} is not one-hot in the table: its columns must be 0 or 1, and at most one of them 1.",
        )
    return known


def _known_columns(frame: pd.DataFrame, where: str, columns: Sequence[str]) -> list[str]:
    """Return columns of a table, or refuse those that are not there."""
    require(
        not isinstance(columns, str) and isinstance(columns, Sequence),
        f"{where}={columns!r} is not a list: give a list of column names.",
    )
    for column in columns:
        if column not in frame.columns:
            raise InputError(
                f"{where} names the column {column!r}, which is not there: {suggestion(str(column), frame.columns)}"
            )
    return list(columns)


def _one_hot_groups(frame: pd.DataFrame, dummies: Sequence[str]) -> list[list[str]]:
    """Return columns that share the beginning of their name, the shortest one first, and are one-hot together."""
    by_prefix: dict[str, list[str]] = {}
    for column in dummies:
        for place, letter in enumerate(column):
            if letter in SEPARATORS and 0 < place < len(column) - 1:
                by_prefix.setdefault(column[: place + 1], []).append(column)
    groups: list[list[str]] = []
    for prefix in sorted(by_prefix, key=len):
        taken = {column for group in groups for column in group}
        group = [column for column in by_prefix[prefix] if column not in taken]
        if len(group) > 1 and _is_one_hot(frame, group):
            groups.append(group)
    return sorted(groups, key=lambda group: dummies.index(group[0]))


def _is_one_hot(frame: pd.DataFrame, group: Sequence[str]) -> bool:
    """Return whether columns are 0 or 1, at most one of them 1 in a row and at least two of them 1 in some row."""
    values = frame[list(group)].to_numpy(dtype=float)
    return bool(np.isin(values, (0, 1)).all() and (values.sum(axis=1) <= 1).all() and values.any(axis=0).sum() > 1)


def words_of(column: str) -> set[str]:
    """Return the words that a column's name is made of, in small letters: "AgeAtBirth" and "age_at_birth" alike."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", column)}


def _sentences(assumed: Mapping[str, Sequence[str]]) -> list[str]:
    """Return assumptions about columns in words."""
    return [words.format(", ".join(columns)) for words, columns in assumed.items() if columns]


def _group_sentence(frame: pd.DataFrame, group: Sequence[str]) -> str:
    """Return the assumption that columns are the categories of one feature."""
    often = "exactly" if bool(frame[list(group)].any(axis=1).all()) else "at most"
    return f"{', '.join(group)} are the categories of one feature, because {often} one is 1 in each row."
