"""RandomOffers: advice at random, the control for advice that knows the model.

Everybody is told to change one feature, each that she can change with the same chance, to one of the values that other
people have and that she may move to within the budget, each with the same chance. A one-hot group is one feature.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fairgym.agents.epidemic import one_of_the
from fairgym.batch import Mask, Numbers
from fairgym.noise import Uniforms

if TYPE_CHECKING:
    from fairgym.recourse.actions import Actions
    from fairgym.recourse.costs import FittedCost

Counts = NDArray[np.int64]


class Moves(ABC):
    """Where people can move in one feature or one-hot group."""

    columns: list[int]

    @abstractmethod
    def count(self, people: Numbers) -> Counts:
        """Return to how many values people (k, D) can move, (k,)."""

    @abstractmethod
    def values(self, people: Numbers, choice: Counts) -> Numbers:
        """Return what people (k, D) move to by the number (k,) of the value, 0 .. count - 1; (k, columns)."""


class LevelMoves(Moves):
    """Moves of an ordinary feature to the values that some people (k, D) have."""

    def __init__(self, column: int, actions: Actions, cost: FittedCost, budget: float, seen: Numbers) -> None:
        from fairgym.recourse.costs import SLACK

        self.columns = [column]
        values = np.unique(seen[:, column])
        self._levels = values[(values >= actions.low[column]) & (values <= actions.high[column])]
        self._position, self._reach = cost.positions[column], budget + SLACK
        self._at = self._position(self._levels)
        self._falls, self._rises = bool(actions.can_fall[column]), bool(actions.can_rise[column])

    def _ranges(self, people: Numbers) -> tuple[Counts, Counts, Counts, Counts]:
        """Return the first level under each person's value and how many there are, and the same above it; all (k,)."""
        value = people[:, self.columns[0]]
        here = self._position(value)
        under, above = (np.searchsorted(self._levels, value, side=side) for side in ("left", "right"))
        lowest = np.searchsorted(self._at, here - self._reach, side="left")
        end = np.searchsorted(self._at, here + self._reach, side="right")
        falls, rises = np.maximum(under - lowest, 0), np.maximum(end - above, 0)
        return lowest, falls * self._falls, above, rises * self._rises

    def count(self, people: Numbers) -> Counts:
        """Return the number of levels within reach but her own."""
        _, falls, _, rises = self._ranges(people)
        return falls + rises

    def values(self, people: Numbers, choice: Counts) -> Numbers:
        """Return levels, counted from the lowest."""
        lowest, falls, above, _ = self._ranges(people)
        chosen: Numbers = self._levels[np.where(choice < falls, lowest + choice, above + choice - falls)]
        return chosen[:, None]


class GroupMoves(Moves):
    """Moves from one column of a one-hot group to another."""

    def __init__(self, group: tuple[int, ...], actions: Actions, cost: FittedCost, budget: float) -> None:
        from fairgym.recourse.costs import within
        from fairgym.recourse.groups import switch_costs

        self.columns = list(group)
        open_to = within(switch_costs(group, actions, cost), budget) & ~np.eye(len(group) + 1, dtype=np.bool_)
        self._number = open_to.sum(axis=1)
        self._states = (~open_to).argsort(axis=1, kind="stable")  # those open to each state first

    def _state(self, people: Numbers) -> Counts:
        from fairgym.recourse.groups import group_state

        return group_state(people, tuple(self.columns))

    def count(self, people: Numbers) -> Counts:
        """Return the number of other columns."""
        number: Counts = self._number[self._state(people)]
        return number

    def values(self, people: Numbers, choice: Counts) -> Numbers:
        """Return the columns with another one on."""
        return np.eye(len(self._states), len(self.columns))[self._states[self._state(people), choice]]


class RandomOffers:
    """Changes at random, of one feature each, that actions, a cost and a budget permit."""

    def __init__(self, actions: Actions, cost: FittedCost, budget: float, seen: Numbers) -> None:
        grouped = {column for group in actions.groups for column in group}
        single = [column for column in np.flatnonzero(~actions.fixed).tolist() if column not in grouped]
        self._moves: list[Moves] = [LevelMoves(column, actions, cost, budget, seen) for column in single]
        self._moves += [GroupMoves(group, actions, cost, budget) for group in actions.groups]

    def offers(self, people: Numbers, luck: Uniforms) -> tuple[Mask, Numbers]:
        """Return who of people (k, D) can change anything, (k,), and what they should become, (k, D).

        ``luck`` holds two uniform numbers for each person, (k, 2).
        """
        counts = np.stack([moves.count(people) for moves in self._moves], axis=1)
        chosen = one_of_the(counts > 0, luck[:, 0])
        target = people.copy()
        for number, moves in enumerate(self._moves):
            mine = np.flatnonzero(chosen == number)
            choice = (luck[mine, 1] * counts[mine, number]).astype(np.int64)
            target[mine[:, None], moves.columns] = moves.values(people[mine], choice)
        return chosen < len(self._moves), target
