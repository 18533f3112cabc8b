"""Reach: what people can get to, and what it costs them; one set behind attacks, gaming and drift.

A person x can move to every x' that her actions permit and that costs no more than her budget. One set, three readings:

- *adversarial*: x' is chosen so that the decision is wrong; the qualified are pushed down and the unqualified up;
- *strategic*: everybody wants approval and moves only where that brings it; who is qualified does not matter;
- *drift*: nobody chooses; the population moves somewhere within the set.

What breaks a decision in the second reading breaks it in the first as well, so a model is never more often right under
attack than when it is gamed. Actions and costs are those of recourse (``fairgym.recourse``): the cheapest move to
approval is a rejected person's recourse, and the price of gaming as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import InputError, named, require
from fairgym.recourse.actions import Actions, ActionSpec, everything_free
from fairgym.recourse.costs import Cost, FittedCost, Floats, cost_of
from fairgym.recourse.people import People

Bools = NDArray[np.bool_]
LARGEST = 1e300
"""What stands for no limit where a number is needed."""
BLOCK = 1 << 20
"""Numbers of pairs of people by features that are held at once."""


class Reach:
    """What people can get to: actions and a cost over a background, a table of people such as the training data.

    ``actions`` is an ActionSpec (None: everything can be changed). ``cost`` is a name such as "sd", "sd-sum",
    "sd-euclidean" or "percentile", or an object such as ``WeightedShift((1.0, 2.0), "euclidean")``, measured over the
    background; a FittedCost is taken as it is. Names of columns are those of the background.
    """

    def __init__(
        self,
        actions: ActionSpec | Actions | None = None,
        cost: str | Cost | FittedCost = "sd",
        *,
        background: Any,
    ) -> None:
        self.framed = isinstance(background, pd.DataFrame)
        width = np.shape(background)[1] if np.ndim(background) == 2 else 0
        known = [str(name) for name in background.columns] if isinstance(background, pd.DataFrame) else None
        self.background: Floats = People.of(background, None, width, name="background").given
        self.width = width
        self.actions = self._actions(actions, known)
        self.names: tuple[str, ...] = tuple(known) if known else self.actions.names
        if not isinstance(cost, FittedCost):
            cost = cost_of(cost).fit(self.background)
        self.cost: FittedCost = cost
        require(
            len(cost.positions) == width,
            f"cost is for {len(cost.positions)} columns, but background has {width}: give a cost over those.",
        )

    def __repr__(self) -> str:
        movable = int((~self.actions.fixed).sum())
        return f"Reach({self.cost.name}; {movable} of {self.width} features can be changed)"

    def _actions(self, actions: Any, known: list[str] | None) -> Actions:
        """Return the actions as arrays, or refuse them."""
        if actions is None:
            actions = everything_free(self.width)
        if isinstance(actions, ActionSpec):
            return actions.resolve(known, self.width)
        if not isinstance(actions, Actions):
            raise InputError(f"actions is {named(actions)}: give an ActionSpec, or None where everything can change.")
        require(
            len(actions.low) == self.width,
            f"actions is for {len(actions.low)} columns, but background has {self.width}: give an ActionSpec.",
        )
        return actions

    def people(self, table: Any, name: str = "X", columns: tuple[str, ...] | None = None) -> Floats:
        """Return people (n, D) of a table or an array, or refuse them; ``columns`` if the background names none."""
        if isinstance(table, pd.DataFrame):
            table = table.set_axis([str(column) for column in table.columns], axis=1)  # as names are kept
        people = People.of(table, self.names if self.framed else columns, self.width, name=name)
        people.check(self.actions, name)
        return people.given

    def cost_of(self, before: Any, after: Any) -> Floats:
        """Return what it costs people to move from ``before`` to ``after``, both (n, D); (n,)."""
        return self.cost.total(before, after)

    def permits(self, before: Any, after: Any) -> Bools:
        """Return whether the actions permit people to move from ``before`` to ``after``, both (n, D); (n,)."""
        return self.actions.permits(np.asarray(before, dtype=float), np.asarray(after, dtype=float))

    @property
    def per_unit(self) -> Floats | None:
        """What a unit of each feature costs, (D,); None for a cost under which that depends on where one stands."""
        return self.cost.per_unit

    @property
    def numeric(self) -> Bools:
        """Which features can be moved by any amount, (D,): those neither fixed nor held to whole numbers."""
        return ~self.actions.fixed & ~self.actions.integer

    def room(self, before: Floats) -> tuple[Floats, Floats]:
        """Return how far each feature of people (n, D) may fall and rise, both (n, D), infinity where unlimited.

        One-hot columns are looked at one by one.
        """
        fall = np.where(self.actions.can_fall, np.maximum(before - self.actions.low, 0.0), 0.0)
        rise = np.where(self.actions.can_rise, np.maximum(self.actions.high - before, 0.0), 0.0)
        whole = self.actions.integer
        return np.where(whole, np.floor(fall), fall), np.where(whole, np.floor(rise), rise)

    def limited(self, before: Floats, after: Floats) -> Floats:
        """Return people (n, D) after a move that stops at limits; who is outside of them may stay there."""
        highest, lowest = np.maximum(self.actions.high, before), np.minimum(self.actions.low, before)
        within: Floats = np.where(after > before, np.minimum(after, highest), np.maximum(after, lowest))
        return within

    def towards(self, before: Floats, goal: Floats, share: Floats | float = 1.0) -> Floats:
        """Return where people (n, D) are after a share (n,) of the way to goals (n, D), as far as the actions permit.

        A feature stops at its limit and stays where it may not move in that direction. Whole numbers go to the
        nearest one on the way, and one-hot groups switch halfway, if at all. What a person pays never falls with the
        share.
        """
        fall, rise = self.room(before)
        step = np.asarray(share, dtype=float).reshape(-1, 1) * np.clip(goal - before, -fall, rise)
        whole = self.actions.integer
        step[:, whole] = np.sign(step[:, whole]) * np.floor(np.abs(step[:, whole]) + 0.5)
        after = self.limited(before, before + np.clip(step, -fall, rise))
        after[:, whole] = np.where(step[:, whole] == 0, before[:, whole], np.rint(after[:, whole]))
        for group in map(list, self.actions.groups):
            self._settle(before, after, np.asarray(goal, dtype=float), np.asarray(share, dtype=float), group)
        return after

    def _settle(self, before: Floats, after: Floats, goal: Floats, share: Floats, group: list[int]) -> None:
        """Write into ``after`` what a one-hot group becomes: the goal's category past halfway, if permitted."""
        after[:, group] = before[:, group]
        own, wanted = before[:, group].argmax(axis=1), np.broadcast_to(goal, before.shape)[:, group].argmax(axis=1)
        columns = np.array(group)
        may = self.actions.can_fall[columns[own]] & (self.actions.low[columns[own]] <= 0)
        may &= self.actions.can_rise[columns[wanted]] & (self.actions.high[columns[wanted]] >= 1)
        aims = np.broadcast_to(goal, before.shape)[:, group].max(axis=1) >= 0.5
        switch = (own != wanted) & (before[:, group].sum(axis=1) > 0) & aims & may & (share >= 0.5)
        rows = np.flatnonzero(switch)
        after[rows, columns[own[rows]]] = 0.0
        after[rows, columns[wanted[rows]]] = 1.0

    def nearest(self, people: Floats, goals: Floats, count: int) -> NDArray[np.int64]:
        """Return the places of the ``count`` goals (m, D) that people (n, D) get to most cheaply, (n, count)."""
        count = min(count, len(goals))
        chosen = np.zeros((len(people), count), dtype=np.int64)
        for rows in blocks(len(people), max(1, 4 * len(goals))):
            prices = self._prices(people[rows], goals)
            near = np.argpartition(prices, count - 1, axis=1)[:, :count]
            order = np.take_along_axis(prices, near, axis=1).argsort(axis=1, kind="stable")
            chosen[rows] = np.take_along_axis(near, order, axis=1)
        return chosen

    def _prices(self, people: Floats, goals: Floats) -> Floats:
        """Return about what it costs people (n, D) to get as near to goals (m, D) as they may, (n, m).

        One-hot columns count one by one, so this is for ordering goals only.
        """
        fall, rise = self.room(people)
        total = np.zeros((len(people), len(goals)))
        for place in np.flatnonzero(~self.actions.fixed).tolist():
            position, here = self.cost.positions[place], people[:, place]
            stand = position(here)[:, None]
            lowest = stand - position(np.maximum(here - fall[:, place], -LARGEST))[:, None]
            highest = position(np.minimum(here + rise[:, place], LARGEST))[:, None] - stand
            part = np.abs(np.clip(position(goals[:, place]) - stand, -lowest, highest))
            total = self.cost.combined(np.stack([total, part], axis=-1))
        return total


def check_reach(reach: Any) -> None:
    """Refuse anything but a reach."""
    require(isinstance(reach, Reach), f"reach is {named(reach)}: give a Reach(actions, cost, background=X_train).")


def blocks(count: int, size: int) -> Iterator[slice]:
    """Yield slices of ``count`` rows such that rows of ``size`` numbers make up a block that fits into memory."""
    step = max(1, BLOCK // size)
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))
