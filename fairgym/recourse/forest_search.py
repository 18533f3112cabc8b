"""search_forest: the cheapest action after which an ensemble of trees gives the target class, with its proof.

The votes of trees change only where a feature crosses a threshold, so a person has finitely many different actions: one
rung per feature (see ``Ladder``). Fast: moves along one feature at a time (``climbing``). Exact: branch and bound over
boxes of rungs (``branching``), in rounds of growing numbers of boxes, so that whoever is easy is served first.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.actions import Actions
from fairgym.recourse.alternatives import alternatives as further
from fairgym.recourse.cases import Case, Cases, Report, prepare_search
from fairgym.recourse.costs import FittedCost, Floats
from fairgym.recourse.found import ACCEPTED, EXACT, FAST, Found
from fairgym.recourse.rungs import Flags, Ladders
from fairgym.recourse.trees import TreeVotes

NODE_LIMIT = 400
"""Boxes that the exact search looks into for one person, unless told otherwise: with 200 deep trees at most 0.06 s, on
average over people. That settles nearly everybody on three of the tables of ``benchmarks.recourse``, and more than a
third on FICO's; five times as many boxes settle half there, for three times the time, and hardly a cheaper action."""
FIRST_ROUND, GROWTH = 50, 8
"""Boxes per person in the first round, and how many times more in each round after it."""


def search_forest(
    votes: TreeVotes,
    actions: Actions,
    cost: FittedCost,
    budget: float,
    people: Floats,
    *,
    method: str = EXACT,
    max_changes: int | None = None,
    alternatives: int = 1,
    node_limit: int | None = None,
    time_limit: float | None = None,
    jobs: int | None = None,
    progress: Report | None = None,
) -> Found:
    """Return the cheapest actions of people (n, D) within a budget for a model of any number of trees.

    ``method`` "exact" proves what it can within ``node_limit`` boxes for each search (None: ``NODE_LIMIT``) and
    ``time_limit`` seconds for all; "fast" looks into one box only, which is enough to prove some actions cheapest and
    some impossible. At most ``max_changes`` features change, a one-hot group being one. Up to ``alternatives`` actions
    are given, cheapest first, of which none changes all the features that an earlier one changes. ``jobs`` threads
    share the work (None: one for each processor); what is found does not depend on their number, but on the time limit
    it does, towards which compilation, once per machine, does not count. ``progress`` is told the number of people who
    are finished. People have to be as ``Actions.check_people`` wants them.
    """
    people = np.asarray(people, dtype=float)
    accepted = votes.wins(people)
    rejected = np.flatnonzero(~accepted)
    ladders = Ladders.of(votes, actions, cost)
    persons = ladders.people(people[rejected], budget, max_changes)
    first = [Case(row, person) for row, person in zip(rejected.tolist(), persons, strict=True)]
    limits = [1] if method == FAST else _limits(NODE_LIMIT if node_limit is None else node_limit)
    if first:
        prepare_search(ladders, first[0])
    with _stopping(time_limit) as stop:
        cases = Cases(votes, ladders, people, budget, limits, jobs or os.cpu_count() or 1, stop)
        cases.solve(first, progress)
        lines = further(cases, first, alternatives)
    return _found(cases, accepted, first, lines, alternatives, cost)


def _limits(node_limit: int) -> list[int]:
    """Return the numbers of boxes of all rounds."""
    limits = [min(FIRST_ROUND, node_limit)]
    while limits[-1] < node_limit:
        limits.append(min(GROWTH * limits[-1], node_limit))
    return limits


@contextmanager
def _stopping(seconds: float | None) -> Iterator[Flags]:
    """Give a flag (1,) that is set after some seconds, and when the block is left: compiled searches watch it."""
    stop = np.zeros(1, dtype=np.int8)
    timer = threading.Timer(0.0 if seconds is None else seconds, stop.fill, [1])
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield stop
    finally:
        stop.fill(1)
        timer.cancel()


def _found(
    cases: Cases,
    accepted: NDArray[np.bool_],
    first: Sequence[Case],
    lines: Sequence[Sequence[Case]],
    count: int,
    cost: FittedCost,
) -> Found:
    """Return what is known of all people."""
    size, width = cases.people.shape
    proof, bound = np.full(size, ACCEPTED, dtype=np.int8), np.zeros(size)
    prices, after = np.full((size, count), np.nan), np.full((size, count, width), np.nan)
    prices[accepted, 0], after[accepted, 0] = 0.0, cases.people[accepted]
    for case, line in zip(first, lines, strict=True):
        proof[case.row], bound[case.row] = case.proof, case.bound
        for rank, one in enumerate(line):
            after[case.row, rank] = cases.land(one, one.point)
    rows, ranks = np.nonzero(~np.isnan(after[:, :, 0]) & ~accepted[:, None])
    prices[rows, ranks] = cost.total(cases.people[rows], after[rows, ranks])
    return Found(proof, prices, after, bound)
