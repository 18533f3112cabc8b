"""Landing points: where the rejected would go, so that all trees of a forest are asked to accept the same points.

A tree that is trained for recourse has a way up for a person, but another tree may have it elsewhere, and a forest
accepts her only where most trees agree. So a first, small forest is asked for the best point of each rejected person,
among those that she can get to within the budget: the one that most of its trees accept, as far as moves along one
feature at a time find it. These points join the training people, as people of the target class, when the trees of the
forest are grown.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs

from fairgym.compiled import prepare
from fairgym.models.coding import CodedTable
from fairgym.models.training import TrainingPeople
from fairgym.recourse.actions import Actions
from fairgym.recourse.climbing import rise
from fairgym.recourse.costs import FittedCost, Floats
from fairgym.recourse.groups import group_state
from fairgym.recourse.rungs import Ladders
from fairgym.recourse.trees import TreeVotes

MOST = 500
"""Rejected people whose points are looked for; of more, a sample stands for all."""


def landing_points(
    votes: TreeVotes, actions: Actions, cost: FittedCost, budget: float, people: Floats, jobs: int | None
) -> Floats:
    """Return the points, (n, D), that people (n, D) get to by moves each of which wins most votes, until none does."""
    ladders = Ladders.of(votes, actions, cost)
    forest = ladders.forest._replace(needed=np.inf)
    persons = ladders.people(people, budget, None)
    if persons:
        prepare(rise, forest, persons[0], persons[0].low, persons[0].high, np.inf, persons[0].own)
    own = np.array([person.own for person in persons]).reshape(people.shape)
    points = own.copy()

    def climb(start: int, stop: int) -> None:
        for person, point in zip(persons[start:stop], points[start:stop], strict=True):
            rise(forest, person, person.low, person.high, np.inf, point)

    cuts = np.linspace(0, len(people), effective_n_jobs(jobs) + 1).astype(int).tolist()
    Parallel(n_jobs=jobs, prefer="threads")(delayed(climb)(start, stop) for start, stop in pairwise(cuts))
    landed = people.copy()
    for column, ladder in enumerate(ladders.ladders):
        moved = np.flatnonzero(points[:, column] != own[:, column])
        places, _ = ladder.landing(people[moved, column])
        landed[moved, column] = places[np.arange(len(moved)), points[moved, column]]
    return landed


def joined(
    table: CodedTable, people: TrainingPeople, points: Floats, weight: Floats, agreement: float, actions: Actions
) -> tuple[CodedTable, TrainingPeople]:
    """Return a table of people (n, D), and them, with points (m, D) behind them as people of the target class.

    It costs ``agreement`` times ``weight`` (m,) to label a point wrongly. Points that are alike are one; none of them
    needs recourse.
    """
    points, which = np.unique(points, axis=0, return_inverse=True)
    error_weight = agreement * np.bincount(which.ravel(), weights=weight, minlength=len(points))
    nothing = np.zeros(len(points))
    more = {
        "values": points,
        "is_target": np.ones(len(points), dtype=bool),
        "weight": nothing,
        "error_weight": error_weight,
        "miss_weight": nothing,
    }
    together = {name: np.concatenate([getattr(people, name), values]) for name, values in more.items()}
    return _with_rows(table, points, actions), TrainingPeople(**together, price=people.price)


def _with_rows(table: CodedTable, points: Floats, actions: Actions) -> CodedTable:
    """Return a table with points (m, D) behind its people; a point has a level on the right side of all thresholds."""
    code = np.empty((len(table.code), len(points)), dtype=table.code.dtype)
    for column, (start, stop) in enumerate(pairwise(table.first)):
        threshold = table.threshold[start:stop]
        level = np.flatnonzero(~np.isnan(threshold))
        above = np.searchsorted(threshold[level], points[:, column], side="left")
        code[column] = np.append(level, stop - start - 1)[above]
    state = np.array([group_state(points, group) for group in actions.groups], dtype=table.state.dtype)
    return table._replace(
        code=np.concatenate([table.code, code], axis=1),
        state=np.concatenate([table.state, state.reshape(len(actions.groups), len(points))], axis=1),
    )
