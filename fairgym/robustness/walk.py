"""walked: known moves made cheaper by asking for decisions only, one change at a time.

Straight ways change every feature, needed or not. So people go all the way to their goals, take back what is not needed
there, and then look where the decision changes on the way to what is left (``sparse_ways``). And in every round of a
walk each person tries one change of her best move and keeps it if the decision still changes and the move costs less:
she takes back a feature, or half of it; or, where costs are linear, she goes a little in a random direction and back
into a smaller budget. Random directions are the same for all people, so that nobody's result depends on the others.
"""

from __future__ import annotations

import numpy as np

from fairgym.recourse.costs import Floats
from fairgym.robustness.decider import Decider
from fairgym.robustness.lines import NEAREST, Goals, bisected, nearest_goals
from fairgym.robustness.projection import Ball
from fairgym.robustness.reach import Bools, Reach, blocks

RANDOM_ROUNDS = 40
"""Rounds with a random direction, where costs are linear."""
MOST_FEATURES = 64
"""Features of a person that are taken back, the dearest first."""
SHRINK, LEAST, MOST = 0.1, 0.002, 0.3
"""By which share the budget is smaller at first, and at least and at most; it follows success and failure."""
BETTER, WORSE = 1.5, 0.8
"""What that share is multiplied by after each."""


def sparse_ways(decider: Decider, reach: Reach, people: Floats, wanted: bool, goals: Goals) -> Floats:
    """Return people (n, D) after the cheapest move towards goals less what is not needed there; NaN where none."""
    found, ends = np.full(people.shape, np.nan), goals.of_decision(wanted)
    if not len(ends):
        return found
    for rows in blocks(len(people), 4 * NEAREST * reach.width):
        near, works = nearest_goals(decider, reach, people[rows], wanted, ends)
        row, place = np.nonzero(works)
        arrived = reach.towards(people[rows][row], near[row, place])
        needed = _taken_back(decider, reach, people[rows][row], arrived, wanted, 0.0)
        bracket = np.zeros(len(row)), np.ones(len(row))
        found[rows] = bisected(decider, reach, people[rows], row, needed, bracket, wanted)
    return found


def walked(decider: Decider, reach: Reach, people: Floats, moved: Floats, wanted: bool, random_state: int) -> Floats:
    """Return people (k, D) after moves that are no dearer than ``moved`` (k, D), which have the decision ``wanted``."""
    best = _taken_back(decider, reach, people, moved, wanted, 0.0)
    if reach.per_unit is None or not reach.numeric.any():
        return _taken_back(decider, reach, people, best, wanted, 0.5)
    return _wandered(decider, reach, people, best, wanted, np.random.default_rng(random_state))


def _taken_back(decider: Decider, reach: Reach, people: Floats, moved: Floats, wanted: bool, factor: float) -> Floats:
    """Return moves of which each feature is taken back to a share of itself where that still works."""
    best = moved.copy()
    by_price = np.argsort(-reach.cost.by_feature(people, moved), axis=1, kind="stable")
    groups = {place: list(group) for group in reach.actions.groups for place in group}
    moving = int((people != moved).sum(axis=1).max(initial=0))
    for rank in range(min(moving, MOST_FEATURES)):
        tried = best.copy()
        for place in np.unique(by_price[:, rank]).tolist():
            rows = np.flatnonzero(by_price[:, rank] == place)
            columns = groups.get(place, [place])
            kept = 0.0 if reach.actions.integer[place] else factor
            step = tried[np.ix_(rows, columns)] - people[np.ix_(rows, columns)]
            tried[np.ix_(rows, columns)] = people[np.ix_(rows, columns)] + kept * step
        _keep(decider, reach, people, best, tried, wanted)
    return best


def _wandered(
    decider: Decider, reach: Reach, people: Floats, moved: Floats, wanted: bool, rng: np.random.Generator
) -> Floats:
    """Return moves after steps in random directions, each followed by the way back into a smaller budget."""
    best, ball = moved.copy(), Ball.of(reach, people)
    share = np.full(len(people), SHRINK)
    columns = np.flatnonzero(reach.numeric)
    for _ in range(RANDOM_ROUNDS):
        way = np.zeros(reach.width)
        chosen = rng.choice(columns, size=rng.integers(1, len(columns) + 1), replace=False)
        way[chosen] = rng.normal(size=len(chosen))
        cost = reach.cost_of(people, best)
        whole = np.where(reach.numeric, people, best)
        left = ball.left((1 - share) * cost, reach.cost_of(people, whole))
        size = rng.uniform(0.2, 2.0) * share * cost / np.linalg.norm(way)
        steps = (best - people) * ball.unit * reach.numeric + size[:, None] * way
        steps = ball.project(steps, np.nan_to_num(left))
        tried = reach.limited(whole, whole + steps / ball.unit)
        works = _keep(decider, reach, people, best, np.where(np.isnan(left)[:, None], best, tried), wanted)
        share = np.clip(share * np.where(works, BETTER, WORSE), LEAST, MOST)
    return best


def _keep(decider: Decider, reach: Reach, people: Floats, best: Floats, tried: Floats, wanted: bool) -> Bools:
    """Write into the best moves what works and costs less; return where that is so."""
    cheaper = reach.cost_of(people, tried) < reach.cost_of(people, best)
    rows = np.flatnonzero(cheaper & (tried != best).any(axis=1))
    rows = rows[reach.permits(people[rows], tried[rows])]
    works = np.zeros(len(people), dtype=bool)
    works[rows] = decider.accepts(tried[rows]) == wanted
    best[works] = tried[works]
    return works
