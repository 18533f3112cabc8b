"""Compiled: a good action by moves along one feature at a time, evaluated for all rungs of the feature at once."""

from __future__ import annotations

import numpy as np

from fairgym.compiled import compiled
from fairgym.recourse.rungs import Forest, Ints, Person
from fairgym.recourse.walking import changes_at, cost_at, lit, price_of, switch, votes_along, votes_at

GAIN = 1e-9
"""Votes that a move has to win."""
HALVINGS = 6
"""How often the cost is halved in the search for a cheaper action."""


@compiled
def rise(forest: Forest, person: Person, low: Ints, high: Ints, limit: float, point: Ints) -> float:
    """Move ``point`` uphill inside the box (low, high) and under the limit of cost; return its votes.

    One feature moves at a time, the one that wins most votes (for costs that add up: most votes for its price), until
    the target class wins or nothing helps.
    """
    width = len(point)
    widest = 0
    for column in range(width):
        widest = max(widest, high[column] - low[column] + 1)
    along, trial = np.empty(widest + 1), np.empty_like(point)
    votes = votes_at(forest, point)
    for _ in range(4 * width):
        if votes >= forest.needed:
            return votes
        changes, cost = changes_at(forest, person, point), cost_at(forest, person, point)
        best_score, best_column, best_rung = 0.0, -1, 0
        for column in range(width):
            moved = point[column] != person.own[column]
            if high[column] == low[column] or (changes >= person.most and not moved):
                continue
            group = forest.group[column]
            if group >= 0:
                if point[column] == forest.on[column] or high[column] < forest.on[column]:
                    continue
                if changes >= person.most and lit(forest, point, group) == person.current[group]:
                    continue
                trial[:] = point
                switch(forest, trial, group, column)
                price = cost_at(forest, person, trial)
                gain = votes_at(forest, trial) - votes
                if _inside(trial, low, high) and price < limit and gain > GAIN:
                    score = _score(forest, gain, price - cost, limit)
                    if score > best_score:
                        best_score, best_column, best_rung = score, column, 0
                continue
            votes_along(forest, point, column, low[column], high[column], along)
            here = price_of(person, column, point[column])
            for rung in range(low[column], high[column] + 1):
                price = price_of(person, column, rung)
                total = cost - here + price if forest.total else price
                gain = along[rung - low[column]] - votes
                if total < limit and gain > GAIN:
                    score = _score(forest, gain, price - here, limit)
                    nearer = score == best_score and best_column == column
                    if score > best_score or (nearer and price < price_of(person, column, best_rung)):
                        best_score, best_column, best_rung = score, column, rung
        if best_column < 0:
            return votes
        if forest.group[best_column] >= 0:
            switch(forest, point, forest.group[best_column], best_column)
        else:
            point[best_column] = best_rung
        votes = votes_at(forest, point)
    return votes


@compiled
def _inside(point: Ints, low: Ints, high: Ints) -> bool:
    """Return whether a point is in a box."""
    return bool(((low <= point) & (point <= high)).all())


@compiled
def _score(forest: Forest, gain: float, price: float, limit: float) -> float:
    """Return how good a move is that wins votes at a price."""
    if not forest.total:
        return gain
    return gain / (max(price, 0.0) + 0.01 * min(limit, 1e6))


@compiled
def settle(forest: Forest, person: Person, low: Ints, high: Ints, point: Ints) -> float:
    """Take back, of a winning point, whatever is not needed, dearest first; return its cost.

    Every feature goes to the cheapest rung at which the target class still wins, its own where possible.
    """
    width = len(point)
    widest = 0
    for column in range(width):
        widest = max(widest, high[column] - low[column] + 1)
    along, trial = np.empty(widest + 1), np.empty_like(point)
    tried = np.empty(width, dtype=np.bool_)
    again = True
    while again:
        again = False
        tried[:] = False
        for _ in range(width):
            dearest, column = 0.0, -1
            for other in range(width):
                price = price_of(person, other, point[other])
                if not tried[other] and point[other] != person.own[other] and (column < 0 or price > dearest):
                    dearest, column = price, other
            if column < 0:
                break
            tried[column] = True
            trial[:] = point
            if forest.group[column] >= 0:
                again |= _settle_group(forest, person, low, high, column, point, trial)
                continue
            votes_along(forest, point, column, low[column], high[column], along)
            for rung in range(low[column], high[column] + 1):
                cheaper = price_of(person, column, rung) < price_of(person, column, point[column])
                home = rung == person.own[column]
                if (cheaper or home) and along[rung - low[column]] >= forest.needed - GAIN:
                    trial[column] = rung
                    if votes_at(forest, trial) >= forest.needed:
                        point[column] = rung
                        again = True
            trial[column] = point[column]
    return cost_at(forest, person, point)


@compiled
def _settle_group(forest: Forest, person: Person, low: Ints, high: Ints, column: int, point: Ints, trial: Ints) -> bool:
    """Put a group back, or on its cheapest member, where the target class still wins; return whether it moved."""
    group = forest.group[column]
    moved = False
    for member in range(len(point)):
        if forest.group[member] != group or point[member] == forest.on[member]:
            continue
        switch(forest, trial, group, member)
        now = lit(forest, point, group)
        cheaper = price_of(person, member, trial[member]) < price_of(person, now, point[now])
        home = member == person.current[group]
        if (cheaper or home) and _inside(trial, low, high) and votes_at(forest, trial) >= forest.needed:
            point[:] = trial
            moved = True
    return moved


@compiled
def climb(forest: Forest, person: Person, low: Ints, high: Ints, limit: float, point: Ints, answer: Ints) -> float:
    """Look for a cheap winning point inside a box, from ``point`` on; return its cost, infinity if none was found.

    Uphill under the limit first; then again from the person herself under ever lower limits, by halving.
    """
    best = np.inf
    if rise(forest, person, low, high, limit, point) < forest.needed:
        return best
    best = settle(forest, person, low, high, point)
    answer[:] = point
    floor = 0.0
    for _ in range(HALVINGS):
        middle = (floor + best) / 2
        point[:] = person.own
        if not _inside(point, low, high):
            return best
        if not forest.total:
            for column in range(len(point)):  # what the best action does and can be afforded is a better start
                if forest.group[column] < 0:
                    point[column] = _towards(forest, person, column, answer[column], middle)
        if rise(forest, person, low, high, middle, point) >= forest.needed:
            cost = settle(forest, person, low, high, point)
            if cost < best:
                best = cost
                answer[:] = point
        else:
            floor = middle
    return best


@compiled
def _towards(forest: Forest, person: Person, column: int, rung: int, limit: float) -> int:
    """Return the rung nearest to ``rung``, from the person's own, that costs less than the limit."""
    step = 1 if rung < person.own[column] else -1
    while rung != person.own[column] and price_of(person, column, rung) >= limit:
        rung += step
    return rung
