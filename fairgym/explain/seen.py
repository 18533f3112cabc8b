"""SeenTable: what a world shows of a person as a row of a table with named columns, and rows as observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces

from fairgym.batch import Array
from fairgym.checks import InputError, require, suggestion

if TYPE_CHECKING:
    import pandas as pd

GROUP = "group"
"""The part of an observation that says to which group a person belongs."""


@dataclass(frozen=True)
class SeenTable:
    """How the observation of one lane becomes a row, and how rows become observations again.

    Each number of the observation is a column. A part of one number has its own name (``score``), a part of several has
    its name and a place (``features[0]``) unless ``names`` says better. The group is written by name where the world
    names it; other Discrete parts are numbers in their order, such as score levels.
    """

    space: spaces.Dict
    """Of the observation of one lane."""
    groups: tuple[str, ...] = ()
    """Names of the groups."""
    keys: tuple[str, ...] = ()
    """Parts of the observation that are columns; the others stay as they are."""
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Names for the columns of some parts."""

    def __post_init__(self) -> None:
        """Check that every part is shown, can be a column and has as many names as numbers."""
        shown = list(self.space.spaces)
        for key in (*self.keys, *self.names):
            require(key in shown, f"the world shows no {key!r}: {suggestion(key, shown)}")
        require(len(self.keys) > 0, f"keys=() leaves no column: name some of {', '.join(shown)}.")
        for key in self.keys:
            size, given = _size(key, self.space[key]), self.names.get(key)
            if given is not None and (isinstance(given, str) or len(given) != size):
                raise InputError(f"names[{key!r}]={given!r} must name the {size} numbers of {key!r}: give a list.")
        columns = self.columns
        require(len(set(columns)) == len(columns), f"names={dict(self.names)!r} uses a name twice: name them apart.")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(name for key in self.keys for name in self._columns_of(key))

    @property
    def categorical(self) -> tuple[str, ...]:
        """Names of the columns whose values have no order."""
        return self._columns_of(GROUP) if self.names_groups else ()

    @cached_property
    def names_groups(self) -> bool:
        """Whether the group is a column and written by name."""
        return GROUP in self.keys and self.space[GROUP] == spaces.Discrete(max(1, len(self.groups)))

    @property
    def levels(self) -> tuple[int, ...] | None:
        """How many values each column has where all of them can be counted, else None."""
        parts = [part for part in (self.space[key] for key in self.keys) if isinstance(part, spaces.Discrete)]
        return tuple(int(part.n) for part in parts) if len(parts) == len(self.keys) else None

    @property
    def cuts(self) -> dict[str, list[float]]:
        """Where columns of levels may be cut: between any two."""
        parts = {key: self.space[key] for key in self.keys if not (key == GROUP and self.names_groups)}
        return {
            self._columns_of(key)[0]: list(np.arange(part.start, part.start + part.n - 1, dtype=np.float64))
            for key, part in parts.items()
            if isinstance(part, spaces.Discrete) and part.n > 1
        }

    def frame(self, observation: Mapping[str, Any]) -> pd.DataFrame:
        """Return the people of observations with a leading axis as rows."""
        import pandas as pd

        data: dict[str, Any] = {}
        for key in self.keys:
            values = np.asarray(observation[key])
            rows = values.reshape(len(values), -1)
            if key == GROUP and self.names_groups:
                rows = np.array(self.groups, dtype=object)[rows]
            data |= dict(zip(self._columns_of(key), rows.T, strict=True))
        return pd.DataFrame(data)

    def observation(self, rows: pd.DataFrame, like: Mapping[str, Array]) -> dict[str, Array]:
        """Return rows as observations, (m, ...); what is no column is as in ``like``, the observation of one lane."""
        given = set(rows.columns)
        missing = [name for name in self.columns if name not in given]
        require(not missing, f"the table has no column {', '.join(missing)}: it needs {', '.join(self.columns)}.")
        seen = {}
        for key, space in self.space.spaces.items():
            if key in self.keys:
                seen[key] = self._part(key, space, rows)
            elif key in like:
                seen[key] = np.repeat(np.asarray(like[key])[None], len(rows), axis=0)
        return seen

    def _part(self, key: str, space: spaces.Space[Any], rows: pd.DataFrame) -> Array:
        """Return one part of the observation, (m, ...), from its columns."""
        names = self._columns_of(key)
        if key == GROUP and self.names_groups:
            return self._codes(rows[names[0]])
        values = np.column_stack([np.asarray(rows[name], dtype=np.float64) for name in names])
        if not isinstance(space, spaces.Box):
            values = np.rint(values)
        if isinstance(space, spaces.Discrete):
            self._check_levels(key, space, values)
        shaped: Array = values.astype(space.dtype).reshape(len(rows), *(space.shape or ()))
        return shaped

    @staticmethod
    def _check_levels(key: str, space: spaces.Discrete, values: Array) -> None:
        """Refuse whole numbers that the world does not show."""
        low, high = int(space.start), int(space.start + space.n) - 1
        wrong = values[~((values >= low) & (values <= high))]
        if len(wrong):
            raise InputError(f"{key}={wrong[0]:g} is not shown by this world: it must lie between {low} and {high}.")

    def _codes(self, names: pd.Series[Any]) -> Array:
        """Return the numbers of groups from their names; (m,)."""
        place = {name: number for number, name in enumerate(self.groups)}
        given = np.asarray(names, dtype=object).tolist()
        codes = np.array([place.get(name, -1) for name in given], dtype=np.int64)
        if (codes < 0).any():
            unknown = str(given[codes.argmin()])
            raise InputError(f"{GROUP} {unknown!r} is not one of this world: {suggestion(unknown, self.groups)}")
        return codes

    def _columns_of(self, key: str) -> tuple[str, ...]:
        """Return the names of the columns of one part."""
        if key in self.names:
            return tuple(map(str, self.names[key]))
        space = self.space[key]
        if _size(key, space) == 1:
            return (key,)
        return tuple(f"{key}[{', '.join(map(str, place))}]" for place in np.ndindex(*(space.shape or ())))


def _size(key: str, space: spaces.Space[Any]) -> int:
    """Return of how many numbers a part of the observation consists."""
    if not isinstance(space, (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)):
        raise InputError(f"observation {key!r} is a {type(space).__name__}, which is no column: leave it out of keys.")
    assert space.shape is not None
    return int(np.prod(space.shape))
