"""cheapest_linear: the cheapest move across the line of a linear score, in closed form.

Moving feature j by one unit of cost changes the score by ``|a_j| / w_j``, its *gain*, up to what its limit leaves. So
the cheapest move across a gap fills features up: under a sum the ones of highest gain first; under a maximum all of
them to one level; under a Euclidean length in proportion to their gains. Binary features and one-hot groups are gone
through state by state. Without limits that is ``|a @ x + b|`` over the dual norm of the gains.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from fairgym.recourse.costs import MAXIMUM, SUM, Floats
from fairgym.robustness.reach import Bools, Reach
from fairgym.robustness.score import Score

MOST_STATES = 256
"""States of binary features and one-hot groups that are gone through; beyond, those that matter least stay."""
MARGIN = 1e-10
"""How far across the line a move goes, in shares of the score's summands, so that rounding decides nothing."""
PROVEN = 1e-9
"""What a cost may exceed a bound by and still count as cheapest."""


@dataclass(frozen=True)
class Crossing:
    """The cheapest known moves of n people across the line."""

    cost: Floats  # (n,), infinity where none is known
    moved: Floats  # (n, D); as they were where none is known
    exact: Bools  # (n,), whether nobody can do it cheaper, or at all


def cheapest_linear(
    score: Score, reach: Reach, people: Floats, margin: float = MARGIN, wanted: bool | None = None
) -> Crossing:
    """Return the cheapest moves of people (n, D) across a linear score's line, under linear costs.

    ``wanted`` is on which side the moves end, which has to be said for people on the line; None: the other side.
    """
    assert score.weights is not None
    value = score.value(people)
    sign = np.where(value <= 0 if wanted is None else np.full(len(people), wanted), 1.0, -1.0)
    size = np.abs(people * score.weights).sum(axis=1) + abs(score.start) + np.finfo(float).tiny
    gap = np.maximum(-sign * value, 0.0) + margin * size
    states = _States.of(score.weights, reach)
    best = Crossing(np.full(len(people), np.inf), people.copy(), np.zeros(len(people), dtype=bool))
    for start in states.of_people(people):
        rest = gap - sign * ((start - people) @ score.weights)
        allowed = reach.permits(people, start)
        for after in _covers(score.weights, reach, start, np.maximum(rest, 0.0), sign, states.held):
            cost = np.where(allowed & ~np.isnan(after[:, 0]), reach.cost_of(people, np.nan_to_num(after)), np.inf)
            better = cost < best.cost
            best.cost[better], best.moved[better] = cost[better], after[better]
    bound = _relaxed(score.weights, reach, people, gap, sign)
    exact = states.complete | (best.cost <= bound * (1 + PROVEN) + PROVEN) | np.isinf(bound)
    return Crossing(best.cost, best.moved, exact)


@dataclass(frozen=True)
class _States:
    """The states that binary features and one-hot groups can take, and what of it is left out."""

    units: list[list[int]]  # columns of each binary feature or group that is gone through
    held: Bools  # (D,), features that are not filled up
    complete: bool  # whether nothing that matters is left out or has to be rounded

    @classmethod
    def of(cls, weights: Floats, reach: Reach) -> _States:
        """Return the units that matter, as many as there is time for, those that move the score most first."""
        actions = reach.actions
        matters = ~actions.fixed & (weights != 0)
        grouped = {place for group in actions.groups for place in group}
        units = [list(group) for group in actions.groups if (weights[list(group)] != 0).any()]
        units += [[place] for place in np.flatnonzero(actions.binary & matters).tolist() if place not in grouped]
        units.sort(key=lambda unit: -float(np.ptp(np.append(weights[unit], 0.0))))
        sizes = np.cumprod([float(max(len(unit), 2)) for unit in units])  # of floats, which do not wrap around
        kept = units[: int((sizes <= MOST_STATES).sum())]
        whole = bool((actions.integer & ~actions.binary & matters).any())
        return cls(kept, actions.binary | (weights == 0), len(kept) == len(units) and not whole)

    def of_people(self, people: Floats) -> Iterator[Floats]:
        """Yield people (n, D) in every state, whether they may get there or not."""
        for choice in product(*(range(max(len(unit), 2)) for unit in self.units)):
            start = people.copy()
            for unit, state in zip(self.units, choice, strict=True):
                if len(unit) == 1:
                    start[:, unit[0]] = float(state)
                else:
                    start[:, unit] = np.where(people[:, unit].any(axis=1, keepdims=True), np.eye(len(unit))[state], 0.0)
            yield start


def _covers(weights: Floats, reach: Reach, start: Floats, gap: Floats, sign: Floats, held: Bools) -> Iterator[Floats]:
    """Yield people (n, D) after moves that cover a gap (n,), NaN where they cannot; several where numbers are whole."""
    whole = reach.actions.integer & ~held & ~reach.actions.fixed
    steady = _filled(weights, reach, start, gap, sign, held | whole)
    yield steady
    if not whole.any():
        return
    relaxed = _filled(weights, reach, start, gap, sign, held)
    step = np.nan_to_num(relaxed - start)[:, whole]
    fall, rise = (room[:, whole] for room in reach.room(start))
    for size in (np.floor(np.abs(step)), np.ceil(np.abs(step))):
        there = start.copy()
        there[:, whole] += np.clip(np.sign(step) * size, -fall, rise)
        rest = np.maximum(gap - sign * ((there - start) @ weights), 0.0)
        yield _filled(weights, reach, there, rest, sign, held | whole)


def _filled(weights: Floats, reach: Reach, start: Floats, gap: Floats, sign: Floats, held: Bools) -> Floats:
    """Return people (n, D) after the cheapest move that covers a gap (n,) without features ``held``; NaN if none."""
    per_unit = reach.per_unit
    assert per_unit is not None
    room, rest = _room(weights, reach, start, sign, held), gap.copy()
    step = np.zeros(start.shape)
    for place in np.flatnonzero((per_unit == 0) & (weights != 0)):  # what costs nothing comes first
        step[:, place] = np.minimum(room[:, place], rest / abs(weights[place]))
        rest = rest - np.where(step[:, place] < room[:, place], rest, np.abs(weights[place]) * step[:, place])
    priced = per_unit > 0
    gain = np.abs(weights[priced]) / per_unit[priced]
    spent, able = _spent(gain, room[:, priced] * per_unit[priced], rest, reach.cost.combine)
    step[:, priced] = spent / per_unit[priced]
    step[~able] = np.nan
    return reach.limited(start, start + np.sign(weights) * sign[:, None] * step)


def _room(weights: Floats, reach: Reach, start: Floats, sign: Floats, held: Bools) -> Floats:
    """Return how far features may go in the direction that helps, (n, D); 0 where they are held."""
    fall, rise = reach.room(start)
    return np.where(held | (weights == 0), 0.0, np.where(sign[:, None] * weights > 0, rise, fall))


def _spent(gain: Floats, cap: Floats, gap: Floats, combine: str) -> tuple[Floats, Bools]:
    """Return what to spend on each feature, (n, k), to cover gaps (n,) at least cost, and who is able to, (n,).

    ``gain`` (k,) is what a unit of cost brings, ``cap`` (n, k) how much can be spent.
    """
    if not len(gain):
        return np.zeros(cap.shape), np.asarray(gap <= 0)
    cap = np.where(gain > 0, cap, 0.0)
    if combine == SUM:
        order = np.argsort(-gain, kind="stable")
        full = gain[order] * cap[:, order]
        before = np.cumsum(np.pad(full, ((0, 0), (1, 0)))[:, :-1], axis=1)
        left = np.clip(gap[:, None] - before, 0.0, full)
        spent = np.zeros(cap.shape)
        spent[:, order] = left / np.where(gain > 0, gain, 1.0)[order]
        return spent, np.asarray(full.sum(axis=1) >= gap)
    share = np.ones(len(gain)) if combine == MAXIMUM else gain
    level = _level(gap, gain * share, gain * cap)
    able = np.isfinite(level)
    return np.minimum(np.where(able, level, 0.0)[:, None] * share, cap), np.asarray(able)


def _level(gap: Floats, slope: Floats, full: Floats) -> Floats:
    """Return the lowest t (n,) at which the sum of ``min(t * slope, full)`` over k is the gap (n,), or infinity."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.where(slope > 0, full / np.where(slope > 0, slope, 1.0), 0.0)
    order = np.argsort(ends, axis=1)
    ends, full = np.take_along_axis(ends, order, axis=1), np.take_along_axis(full, order, axis=1)
    slopes = np.broadcast_to(slope, ends.shape)
    slopes = np.take_along_axis(slopes, order, axis=1)
    ahead = np.cumsum(slopes[:, ::-1], axis=1)[:, ::-1]  # of this feature and all that end later
    finite = np.where(np.isfinite(full), full, 0.0)
    done = np.cumsum(finite, axis=1) - finite
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(gap[:, None] > done, (gap[:, None] - done) / ahead, 0.0)
    fits = (level <= ends) & ~np.isnan(level) & (ahead > 0)
    first = fits.argmax(axis=1)
    found = np.take_along_axis(level, first[:, None], axis=1)[:, 0]
    return np.where(gap <= 0, 0.0, np.where(fits.any(axis=1), found, np.inf))


def _relaxed(weights: Floats, reach: Reach, people: Floats, gap: Floats, sign: Floats) -> Floats:
    """Return a lower bound on the cost (n,), which takes every feature for one that can be moved by any amount."""
    after = _filled(weights, reach, people, gap, sign, np.zeros(len(weights), dtype=bool))
    able = np.asarray(~np.isnan(after).any(axis=1), dtype=bool)
    return np.where(able, reach.cost_of(people, np.where(able[:, None], after, people)), np.inf)
