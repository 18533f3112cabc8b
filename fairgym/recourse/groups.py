"""One-hot groups: which of its columns a person has on, and what it costs to go over to another.

A person keeps as many columns on as she has. Who has none keeps none; who has one can go over to another one if the one
may fall and the other may rise, and pays for both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.actions import Actions
from fairgym.recourse.costs import FittedCost, Floats
from fairgym.recourse.ladder import Ladder

SWITCH = 0.5
"""Threshold between off and on."""


def group_state(people: Floats, group: tuple[int, ...]) -> NDArray[np.int64]:
    """Return which column of a group people (n, D) have on, as a place in it; its length where they have none; (n,)."""
    on = people[:, group] == 1
    return np.where(on.any(axis=1), on.argmax(axis=1), len(group))


def switch_costs(group: tuple[int, ...], actions: Actions, cost: FittedCost) -> Floats:
    """Return the cost of going from each state of a group to each other; infinity where it may not be.

    Shape (m + 1, m + 1) for a group of m columns; the last state is to have none.
    """
    ladders = [Ladder.of(np.array([SWITCH]), actions, cost, column) for column in group]
    fall = np.array([ladder.landing(np.ones(1))[1][0, 0] for ladder in ladders])[:, None]
    rise = np.array([ladder.landing(np.zeros(1))[1][0, 1] for ladder in ladders])[None, :]
    costs = np.full((len(group) + 1, len(group) + 1), np.inf)
    costs[:-1, :-1] = cost.combined(np.stack(np.broadcast_arrays(fall, rise), axis=-1))
    np.fill_diagonal(costs, 0.0)
    return costs
