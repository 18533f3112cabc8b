"""ActionSpec: what people can change about themselves, by feature, and within which limits.

A specification is written once, by column name or position, and holds no data: it can be cloned, printed and put into a
parameter grid. ``resolve`` holds it against the columns of a table and gives ``Actions``, the same as arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import InputError, number, one_of, require, suggestion

Column = str | int
"""A column by its name or by its position."""
FIXED, FREE, UP, DOWN = "fixed", "free", "up", "down"
DIRECTIONS = (FIXED, FREE, UP, DOWN)
SEPARATORS = ":=_ "
"""What stands between the name of a one-hot group and that of a category, in the names of its columns."""


@dataclass(frozen=True)
class ActionSpec:
    """Which features a person can change, in which direction, and which values they may then have.

    Example: ``ActionSpec({"income": "free", "age": "up"}, groups=[["job:a", "job:b"]], integer=["age"])``.

    An integer feature moves to whole numbers, a binary one to 0 or 1. Of a one-hot group a person keeps as many columns
    switched on as she has: one, or none where no column stands for the reference category. Limits bind in the direction
    of a move: nobody rises above the highest value or falls under the lowest, and who is already outside may stay.
    A group none of whose columns can change binds nobody.
    """

    features: Mapping[Column, str] | Sequence[str] = field(default_factory=dict)
    """Direction of each feature, "fixed", "free", "up" or "down": by column, or one for each position in order."""
    default: str = FIXED
    """Direction of every feature that is not named."""
    groups: Sequence[Sequence[Column]] = ()
    """One-hot groups; their columns are binary."""
    integer: Sequence[Column] = ()
    """Features that move to whole numbers."""
    binary: Sequence[Column] = ()
    """Features that are 0 or 1."""
    bounds: Mapping[Column, tuple[float, float]] = field(default_factory=dict)
    """Lowest and highest value that a person may move to; unlimited where none is given."""
    assumptions: Sequence[str] = field(default=(), compare=False, repr=False)
    """What ``from_frame`` took for granted, one sentence each."""

    def __post_init__(self) -> None:
        """Check what can be checked before the columns are known."""
        one_of("default", self.default, DIRECTIONS)
        self._check_kinds()
        given = self.features.items() if isinstance(self.features, Mapping) else enumerate(self.features)
        for column, direction in given:
            one_of(f"features[{column!r}]", direction, DIRECTIONS)
        for column, limits in self.bounds.items():
            require(
                isinstance(limits, Sequence) and len(limits) == 2,
                f"bounds[{column!r}]={limits!r} is not a pair: give (lowest, highest).",
            )
            low, high = (_limit(f"bounds[{column!r}]", limit) for limit in limits)
            require(low <= high, f"bounds[{column!r}]={tuple(limits)!r} is empty: the lowest value comes first.")

    def _check_kinds(self) -> None:
        """Refuse what is not a mapping or a list where it has to be."""
        require(
            not isinstance(self.features, str), f"features={self.features!r} is one word: give {{column: direction}}."
        )
        require(isinstance(self.bounds, Mapping), f"bounds={self.bounds!r} is no mapping: give {{column: limits}}.")
        for name in ("features", "integer", "binary", "groups"):
            _list(name, getattr(self, name))
        for group in self.groups:
            _list("a group", group)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        fixed: Sequence[str] = (),
        free: Sequence[str] = (),
        up: Sequence[str] = (),
        down: Sequence[str] = (),
        groups: Sequence[Sequence[str]] | None = None,
    ) -> ActionSpec:
        """Propose a specification for a table of numbers; ``assumptions`` says what was taken for granted.

        Types come from what the columns hold, limits are the lowest and the highest value seen, and directions come
        from the names: race or sex cannot be changed, age can only rise, the rest is free. Columns given as ``fixed``,
        ``free``, ``up`` or ``down`` are taken as they are; so are ``groups``, which otherwise are searched for.
        """
        from fairgym.recourse.proposal import propose

        return propose(frame, {FIXED: fixed, FREE: free, UP: up, DOWN: down}, groups)

    def resolve(self, names: Sequence[str] | None, width: int) -> Actions:
        """Return the specification as arrays over ``width`` columns called ``names`` (None: columns have no names).

        Raises InputError for unknown columns and where nothing can be changed.
        """
        columns = _Columns(names, width)
        directions = np.array([self.default] * width, dtype=object)
        if not isinstance(self.features, Mapping):
            require(
                len(self.features) == width,
                f"features has {len(self.features)} directions, but there are {width} columns: give one for each.",
            )
            directions[:] = list(self.features)
        else:
            for place, direction in columns.by_place("features", self.features).items():
                directions[place] = direction
        low, high = np.full(width, -np.inf), np.full(width, np.inf)
        for place, limits in columns.by_place("bounds", self.bounds).items():
            low[place], high[place] = limits
        groups = [tuple(columns.place("groups", column) for column in group) for group in self.groups]
        members = [one for group in groups for one in group]
        integer, binary = np.zeros(width, dtype=bool), np.zeros(width, dtype=bool)
        binary[[columns.place("binary", column) for column in self.binary] + members] = True
        integer[[columns.place("integer", column) for column in self.integer]] = True
        low[binary], high[binary] = np.maximum(low[binary], 0), np.minimum(high[binary], 1)
        require(len(members) == len(set(members)), "groups name a column twice: a column belongs to one group at most.")
        require(all(len(group) > 1 for group in groups), "groups hold a group of one column: give two or more.")
        movable = directions != FIXED
        require(bool(movable.any()), "actions lets nobody change anything: make at least one feature free, up or down.")
        return Actions(
            names=columns.names,
            can_fall=np.isin(directions, (FREE, DOWN)),
            can_rise=np.isin(directions, (FREE, UP)),
            low=low,
            high=high,
            integer=integer | binary,
            binary=binary,
            groups=tuple(group for group in groups if movable[list(group)].any()),
        )


@dataclass(frozen=True)
class Actions:
    """A specification over the columns of a table, as arrays of length D."""

    names: tuple[str, ...]  # of the columns
    can_fall: NDArray[np.bool_]
    can_rise: NDArray[np.bool_]
    low: NDArray[np.float64]  # lowest value to move to
    high: NDArray[np.float64]  # highest value to move to
    integer: NDArray[np.bool_]  # moves to whole numbers; binary features as well
    binary: NDArray[np.bool_]  # is 0 or 1
    groups: tuple[tuple[int, ...], ...]  # columns of each one-hot group, some of which can change

    @property
    def fixed(self) -> NDArray[np.bool_]:
        """Whether a feature cannot be changed, (D,)."""
        return ~(self.can_fall | self.can_rise)

    def moved(self, before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which features a move changes, (..., D), from values ``before`` to ``after``, both (..., D).

        A one-hot group is one feature, told at its first column: going over from one column to another is one change.
        """
        changed: NDArray[np.bool_] = np.not_equal(before, after)
        for group in self.groups:
            changed[..., group[0]] = changed[..., list(group)].any(axis=-1)
            changed[..., list(group[1:])] = False
        return changed

    def permits(self, before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether people can move from values ``before`` to ``after``, both (n, D); (n,). Nobody has to move."""
        stays = after == before
        rises = (after > before) & self.can_rise & (after <= self.high)
        falls = (after < before) & self.can_fall & (after >= self.low)
        allowed = stays | rises | falls  # none of them: NaN
        allowed &= stays | ~self.integer | (after == np.floor(after))
        allowed &= stays | ~self.binary | (after == 0) | (after == 1)
        for group in map(list, self.groups):
            allowed[:, group[0]] &= before[:, group].sum(axis=1) == after[:, group].sum(axis=1)
        return np.asarray(allowed.all(axis=1))

    def check_people(self, values: NDArray[np.float64], name: str = "X") -> None:
        """Refuse people (n, D) whose values are not what the feature holds, or with two columns of a group on."""
        whole = values[:, self.integer]
        if not np.array_equal(whole, np.floor(whole)):
            place = int(np.flatnonzero(self.integer)[(whole != np.floor(whole)).any(axis=0).argmax()])
            raise InputError(
                f"{name} has a fraction in the integer feature {self.names[place]!r}: "
                "round it, or leave the feature out of integer."
            )
        alone = np.setdiff1d(np.flatnonzero(self.binary), [place for group in self.groups for place in group])
        strange = ((values[:, alone] != 0) & (values[:, alone] != 1)).any(axis=0)
        if strange.any():
            place = int(alone[strange.argmax()])
            raise InputError(
                f"{name} has something else than 0 and 1 in the binary feature {self.names[place]!r}: code it so, or "
                "leave the feature out of binary."
            )
        for group in self.groups:
            members = values[:, group].T
            wrong = ((members != 0) & (members != 1)).any(axis=0) | (members.sum(axis=0) > 1)
            if wrong.any():
                columns = ", ".join(self.names[place] for place in group)
                raise InputError(
                    f"{name} row {int(wrong.argmax())} is not one-hot in the group ({columns}): at most one of them "
                    "may be 1, the others 0."
                )


def everything_free(width: int) -> ActionSpec:
    """Return the specification under which everything can be changed."""
    return ActionSpec([FREE] * width)


class _Columns:
    """The columns of a table, found by name or position."""

    def __init__(self, names: Sequence[str] | None, width: int) -> None:
        self.named, self.width = names is not None, width
        self.names = tuple(names) if names is not None else tuple(f"x{place}" for place in range(width))

    def by_place(self, where: str, given: Mapping[Column, Any]) -> dict[int, Any]:
        """Return what is given by column, by position; refuse a column that is given by name and by position."""
        places = {self.place(where, column): value for column, value in given.items()}
        require(len(places) == len(given), f"{where} names a column twice, by name and by position: name it once.")
        return places

    def place(self, where: str, column: object) -> int:
        """Return the position of a column, or refuse it."""
        if isinstance(column, str):
            if column in self.names:
                return self.names.index(column)
            hint = suggestion(column, self.names) if self.named else "X has no column names, so give positions."
            raise InputError(f"{where} names the column {column!r}, which is not there: {hint}")
        if isinstance(column, (int, np.integer)) and not isinstance(column, bool) and 0 <= column < self.width:
            return int(column)
        raise InputError(f"{where} names the column {column!r}: give a name or a position from 0 to {self.width - 1}.")


def _list(name: str, value: object) -> None:
    """Refuse what is not a list."""
    require(
        isinstance(value, Iterable) and not isinstance(value, str),
        f"{name}={value!r} is not a list: give [column, ...].",
    )


def _limit(name: str, value: Any) -> float:
    """Return a limit, which may be infinite."""
    return float(value) if isinstance(value, float) and np.isinf(value) else number(name, value)
