"""CodedTable: a table of people as levels of its columns, and which thresholds each level can get across.

With a cost in max form, whether a person can get across a threshold depends on her value of that feature alone. So each
column is coded once into levels, its distinct values in ascending order, and each level carries two integers, which say
of all thresholds whether a person there can get to either side. All trees of a forest share one table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.actions import Actions
from fairgym.recourse.costs import FittedCost, Floats, within
from fairgym.recourse.groups import group_state, switch_costs
from fairgym.recourse.ladder import Ladder
from fairgym.recourse.levels import Levels, levels_of

Places = NDArray[np.int64]
NO_GROUP = -1


class CodedTable(NamedTuple):
    """D columns of n people; the levels of all columns stand one after another, and so do the states of all groups.

    A threshold that lies directly above level v sends people of the levels up to v left. Of the people at level u those
    can get to its left for whom ``lowest[u] <= v``, and to its right those for whom ``v < highest[u]``.
    """

    code: NDArray[np.uint32]  # (D, n) level of each person
    first: Places  # (D + 1,) where the levels of each column start
    threshold: Floats  # (levels,) directly above each level; NaN where none is a candidate
    lowest: NDArray[np.int32]  # (levels,) first level above which a threshold can be got to the left of
    highest: NDArray[np.int32]  # (levels,) first level above which a threshold cannot be got to the right of
    candidates: Places  # columns that may be split
    group: Places  # (D,) one-hot group of each column, or NO_GROUP
    member: Places  # (D,) which state of its group has the column switched on
    state: NDArray[np.uint32]  # (groups, n) of each person; the last state of a group is that no column is on
    first_state: Places  # (groups + 1,) where the states of each group start
    moves: NDArray[np.bool_]  # (states, most states of a group) whether who is in the one can get to the other

    @classmethod
    def of(
        cls,
        people: Floats,
        actions: Actions,
        cost: FittedCost,
        budget: float,
        *,
        max_levels: int | None = None,
        only_actionable: bool = False,
        levels: Sequence[Levels] | None = None,
        weight: Floats | None = None,
    ) -> CodedTable:
        """Return the table of people (n, D) who fit the actions, see ``Actions.check_people``.

        Of a column with more than ``max_levels`` distinct values only so many less one thresholds are candidates, which
        cut the people, by ``weight`` (n,) if given, into parts of equal size; each is still the middle of two
        neighbouring values. With ``only_actionable`` fixed columns are no candidates. ``levels`` saves time where those
        of the columns are known.
        """
        columns = [
            _Column.of(column, actions, cost, budget, place, max_levels, weight)
            for place, column in enumerate(map(levels_of, people.T) if levels is None else levels)
        ]
        sizes = [len(column.threshold) for column in columns]
        width = len(columns)
        group, member = np.full(width, NO_GROUP), np.zeros(width, dtype=np.int64)
        for place, members in enumerate(actions.groups):
            group[list(members)], member[list(members)] = place, np.arange(len(members))
        return cls(
            code=np.stack([column.code for column in columns]),
            first=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            threshold=np.concatenate([column.threshold for column in columns]),
            lowest=np.concatenate([column.lowest for column in columns]).astype(np.int32),
            highest=np.concatenate([column.highest for column in columns]).astype(np.int32),
            candidates=np.flatnonzero(~actions.fixed | (not only_actionable)),
            group=group,
            member=member,
            state=_states(people, actions.groups),
            first_state=np.concatenate([[0], np.cumsum([len(one) + 1 for one in actions.groups])]).astype(np.int64),
            moves=_moves(actions, cost, budget),
        )


class _Column(NamedTuple):
    """One column of the table."""

    code: NDArray[np.uint32]  # (n,)
    threshold: Floats  # (levels,)
    lowest: Places  # (levels,)
    highest: Places  # (levels,)

    @classmethod
    def of(
        cls,
        column: Levels,
        actions: Actions,
        cost: FittedCost,
        budget: float,
        place: int,
        max_levels: int | None,
        weight: Floats | None,
    ) -> _Column:
        """Return a column (n,) as levels; values that no candidate and no reach tells apart share a level."""
        values, code = column
        thresholds = _midpoints(values)
        if max_levels is not None and len(values) > max_levels:
            thresholds = thresholds[_quantiles(code, weight, len(values), max_levels)]
        rung = np.searchsorted(thresholds, values)
        if actions.fixed[place]:
            lowest = highest = rung
        else:
            lowest, highest = Ladder.of(thresholds, actions, cost, place).reach(values, budget)
        differs = (np.diff(rung) > 0) | (np.diff(lowest) > 0) | (np.diff(highest) > 0)
        level = np.concatenate([[0], np.cumsum(differs)])
        under = level[np.searchsorted(rung, np.arange(len(thresholds)), side="right") - 1]  # level under each threshold
        above = np.full(level[-1] + 1, np.nan)
        above[under] = thresholds
        ends, start = np.append(under, level[-1]), np.flatnonzero(np.append(True, differs))
        return cls(level.astype(np.uint32)[code], above, ends[lowest[start]], ends[highest[start]])


def _midpoints(values: Floats) -> Floats:
    """Return the middle of neighbours; of two numbers without a number between, the lower."""
    low, high = values[:-1], values[1:]
    middle = low / 2 + high / 2
    between: Floats = np.where((low <= middle) & (middle < high), middle, low)
    return between


def _quantiles(code: NDArray[np.int32], weight: Floats | None, values: int, parts: int) -> Places:
    """Return which thresholds cut people with these codes into parts of nearly equal size, or weight."""
    people = np.cumsum(np.bincount(code, weights=weight, minlength=values))
    wanted = people[-1] * np.arange(1, parts) / parts
    return np.unique(np.minimum(np.searchsorted(people, wanted), values - 2))


def _states(people: Floats, groups: Sequence[tuple[int, ...]]) -> NDArray[np.uint32]:
    """Return the state of people in each group, (groups, n)."""
    states = [group_state(people, group) for group in groups]
    return np.array(states, dtype=np.uint32).reshape(len(groups), len(people))


def _moves(actions: Actions, cost: FittedCost, budget: float) -> NDArray[np.bool_]:
    """Return which states of a group people can get to within the budget, for the states of all groups."""
    size = max((len(group) + 1 for group in actions.groups), default=1)
    moves = np.zeros((sum(len(group) + 1 for group in actions.groups), size), dtype=bool)
    start = 0
    for group in actions.groups:
        states = len(group) + 1
        moves[start : start + states, :states] = within(switch_costs(group, actions, cost), budget)
        start += states
    return moves
