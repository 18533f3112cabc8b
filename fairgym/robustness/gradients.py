"""gradient_moves: projected gradient ascent towards the other decision, with the smallest budget that is enough.

From zero alone it overstates how far people are from the line: near the middle of a cluster the gradient of some
networks only points away from it, and the ascent never sees the other side. So it starts from other places as well:
at random, and on the way to people of the other decision. All starts of all people go up together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.recourse.costs import Floats
from fairgym.robustness.projection import Ball
from fairgym.robustness.reach import Reach, blocks
from fairgym.robustness.score import Score

STEPS, FIRST_STEP, LAST_STEP = 25, 0.25, 0.01
"""Steps of one ascent, and how long the first and the last one are, in budgets."""
ROUNDS = 12
"""Ascents with different budgets, of which each halves what is between too little and enough."""
FIRST, DOUBLINGS = 0.25, 7
"""Where no budget is known to be enough: the first one tried, in typical costs, and how often it is doubled."""
ENOUGH = 0.0005
"""Share of a budget below which what is between too little and enough is let be."""
COPIES = 16
"""Arrays of the size of all rows that an ascent holds, for the size of blocks."""


def gradient_moves(
    score: Score, reach: Reach, people: Floats, starts: Floats, enough: Floats, wanted: bool
) -> tuple[Floats, NDArray[np.int64]]:
    """Return people (n, D) after the cheapest move that ascents find to the decision ``wanted``; NaN where none.

    Each person has s ascents, that begin on the way to ``starts`` (n, s, D), at a budget's length; which of them found
    the move is told as well, (n,). ``enough`` (n,) is what a known move costs, infinity where none is; only cheaper
    ones are looked for. Moves are those under the score; whether the model agrees is for others to see.
    """
    found, which = np.full(people.shape, np.nan), np.zeros(len(people), dtype=np.int64)
    first = FIRST * typical_cost(reach)
    for rows in blocks(len(people), COPIES * starts.shape[1] * reach.width):
        found[rows], which[rows] = _cheapest(score, reach, people[rows], starts[rows], enough[rows], wanted, first)
    return found, which


def _cheapest(
    score: Score, reach: Reach, people: Floats, starts: Floats, enough: Floats, wanted: bool, first: float
) -> tuple[Floats, NDArray[np.int64]]:
    """Return what ascents find for a block of people; what one finds is enough for the others of the same person."""
    count, tries = starts.shape[:2]
    person, ways = np.repeat(np.arange(count), tries), starts.reshape(count * tries, -1)
    best, which = np.full(people.shape, np.nan), np.zeros(count, dtype=np.int64)
    high, low = enough.astype(float).copy(), np.zeros(count * tries)
    budget = np.where(np.isfinite(high), high / 2, first)[person]
    for turn in range(ROUNDS + DOUBLINGS):
        limit = high[person]
        known = np.isfinite(limit)
        rows = np.flatnonzero(np.where(known, limit - low > ENOUGH * np.where(known, limit, 1.0), turn < DOUBLINGS))
        if not len(rows):
            break
        points = ascend(score, reach, people[person[rows]], ways[rows], budget[rows], wanted)
        works = ~np.isnan(points[:, 0])
        low[rows[~works]] = budget[rows[~works]]
        cost = reach.cost_of(people[person[rows[works]]], points[works])
        for row, price, point in zip(rows[works], cost, points[works], strict=True):
            if price < high[person[row]]:
                high[person[row]], best[person[row]], which[person[row]] = price, point, row % tries
        limit = high[person]
        budget = np.where(np.isfinite(limit), (low + np.minimum(limit, 1e300)) / 2, 2 * budget)
    return best, which


def typical_cost(reach: Reach) -> float:
    """Return what people of the background pay, at the median, to become like the one after them."""
    people = reach.background[: 2 * 500]
    if len(people) < 2:
        return 1.0
    costs = reach.cost_of(people[:-1], reach.towards(people[:-1], people[1:]))
    paid = costs[costs > 0]
    return float(np.median(paid)) if len(paid) else 1.0


def ascend(score: Score, reach: Reach, people: Floats, starts: Floats, budget: Floats, wanted: bool) -> Floats:
    """Return people (n, D) where an ascent within budgets (n,) first finds the decision ``wanted``; NaN where none.

    Features that are whole numbers stay as they are in ``starts``, as far as the actions permit that.
    """
    found = np.full(people.shape, np.nan)
    base = np.where(reach.numeric, people, reach.towards(people, starts))
    ball, sign = Ball.of(reach, people), 1.0 if wanted else -1.0
    left = ball.left(budget, reach.cost_of(people, base))
    rows = np.flatnonzero(~np.isnan(left) & reach.permits(people, base))
    base, left, ball = base[rows], left[rows], ball.only(rows)
    steps = ball.scaled((starts[rows] - people[rows]) * ball.unit, left)
    points = reach.limited(base, base + steps / ball.unit)
    for length in np.linspace(FIRST_STEP, LAST_STEP, STEPS):
        slope = sign * np.nan_to_num(score.gradient(points)) / ball.unit
        steps = ball.project(steps + length * left[:, None] * ball.uphill(slope, steps), left)
        points = reach.limited(base, base + steps / ball.unit)
        works = score.decides(points, wanted)
        found[rows[works]] = points[works]
        rows, base, steps, left, points = rows[~works], base[~works], steps[~works], left[~works], points[~works]
        ball = ball.only(~works)
        if not len(rows):
            break
    return found
