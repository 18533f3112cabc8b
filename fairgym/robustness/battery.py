"""Battery: all attacks that fit a model, one after another; of each person the cheapest move that any of them found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, numbers_array, one_of, require
from fairgym.recourse.costs import SLACK, Floats
from fairgym.robustness.decider import Decider
from fairgym.robustness.gradients import gradient_moves
from fairgym.robustness.linear import MARGIN, Crossing, cheapest_linear
from fairgym.robustness.lines import Goals, bisected, evenly_chosen, straight_lines
from fairgym.robustness.reach import Bools, Reach
from fairgym.robustness.score import Score, score_of
from fairgym.robustness.search import searched, votes_of
from fairgym.robustness.walk import sparse_ways, walked

LINEAR, SEARCH, LINE, WALK, GRADIENT, RANDOM, TOWARDS, ART = ATTACKS = (
    "linear", "search", "line", "walk", "gradient", "random", "towards", "art",
)  # fmt: skip
AUTO = "auto"
ASCENTS = (GRADIENT, RANDOM, TOWARDS)
"""Attacks that follow the gradient; they differ in where they start, and run together."""
STARTS, NEIGHBOURS, FAR = 3, 3, 100.0
"""Random starts, people of the other decision on the way to whom an ascent starts, and how far random ways lead."""
TRIED = 256
"""People of the background, evenly chosen, on whom a score is held against the model's decisions."""
NUDGES = (0.0, 1e-9, 1e-7, 1e-5)
"""How much further moves go, in shares, that do not change the decision when the model is asked once more."""
SAME = 1e-6
"""Share by which a proven move may be dearer than a found one: rounding to the 32 bits in which trees compare."""
Report = Callable[[int], None]


def attacks_of(attacks: Any) -> tuple[str, ...]:
    """Return the names of attacks, none for "auto", or refuse them."""
    if isinstance(attacks, str):
        return () if one_of("attacks", attacks, (AUTO, *ATTACKS)) == AUTO else (attacks,)
    require(isinstance(attacks, Sequence) and len(attacks) > 0, f"attacks={attacks!r} is no list of names: give some.")
    return tuple(one_of("attacks", attack, ATTACKS) for attack in attacks)


def budgets_of(budget: Any, count: int, name: str = "budget") -> Floats:
    """Return a budget for each of ``count`` people, (count,), from one for all or one for each, or refuse them."""
    given = np.asarray(budget)
    array = numbers_array(name, np.where(np.isposinf(given), 0.0, given) if given.dtype.kind == "f" else budget)
    require(
        array.shape in ((), (count,)),
        f"{name} has the shape {array.shape}, but there are {count} people: give one number, or one for each.",
    )
    if (array < 0).any():  # words are made only where they are said: there may be as many numbers as people
        raise InputError(f"{name}={budget!r} is below zero: it must be at least 0.")
    return np.broadcast_to(np.asarray(given, dtype=float), (count,)).copy()


@dataclass(frozen=True)
class Best:
    """The cheapest moves so far of n people who all look for one decision."""

    people: Floats  # (n, D)
    radius: Floats  # (n,)
    moved: Floats  # (n, D)
    attack: NDArray[np.str_]  # (n,)
    exact: Bools  # (n,)

    @classmethod
    def none(cls, people: Floats) -> Best:
        """Return that nothing is known yet."""
        count = len(people)
        words = np.full(count, "", dtype=f"<U{max(map(len, ATTACKS))}")
        return cls(people, np.full(count, np.inf), people.copy(), words, np.zeros(count, dtype=bool))


class Battery:
    """The attacks on one model within one reach."""

    def __init__(self, decider: Decider, reach: Reach, attacks: Sequence[str], random_state: int) -> None:
        """Prepare attacks; none named means those that fit. Raises InputError for one that does not fit."""
        self.decider, self.reach, self.random_state = decider, reach, random_state
        self.chosen = tuple(attacks)
        if LINEAR in attacks:
            require(
                self._is_linear,
                "attacks names 'linear', but the model or the cost is not linear: leave it out, or take 'auto'.",
            )
        if SEARCH in attacks and votes_of(decider, reach, True) is None:
            raise InputError(
                "attacks names 'search', which is for models of trees and costs that are a maximum or a sum: leave it "
                "out, or take 'auto'."
            )
        if set(ASCENTS) & set(attacks) and not self._has_gradient:
            raise InputError(
                "attacks names a gradient, but the model has none or the cost is not linear: leave it out, or take "
                "'line'."
            )

    @cached_property
    def score(self) -> Score | None:
        """The score of the model, if it is known."""
        return score_of(self.decider, evenly_chosen(self.reach.background, TRIED))

    @cached_property
    def goals(self) -> Goals:
        """People of the background to move towards."""
        return Goals.of(self.decider, self.reach)

    @property
    def _has_gradient(self) -> bool:
        return self.reach.per_unit is not None and bool(self.reach.numeric.any()) and self.score is not None

    @property
    def _is_linear(self) -> bool:
        return self.reach.per_unit is not None and self.score is not None and self.score.weights is not None

    def moves(self, people: Floats, wanted: bool, limits: Floats, report: Report = lambda done: None) -> Best:
        """Return the cheapest known moves of people (n, D) to the decision ``wanted`` within limits (n,).

        None of them may have that decision. ``report`` is told how many people are done.
        """
        best = Best.none(people)
        plan = self._plan(wanted)
        for number, attack in enumerate(plan, start=1):
            open_ = np.flatnonzero(~best.exact)
            if len(open_):
                self._run(attack, best, open_, wanted, limits)
            report(int(best.exact.sum() if number < len(plan) else len(people)))
        out = best.radius > limits + SLACK
        best.radius[out], best.moved[out], best.attack[out] = np.inf, people[out], ""
        return best

    def _plan(self, wanted: bool) -> tuple[str, ...]:
        """Return the attacks in their order, from the surest or the one that others build on."""
        if self.chosen:
            once = [attack for attack in ORDER if attack in self.chosen]
            ascents = [attack for attack in once if attack in ASCENTS]
            return tuple(attack for attack in once if attack not in ascents[1:])  # the first stands for all
        if self._is_linear:
            return (LINEAR, LINE)
        if votes_of(self.decider, self.reach, wanted) is not None:
            return (LINE, SEARCH)
        if not self._has_gradient:
            return (LINE, WALK)
        whole = self.reach.actions.integer & ~self.reach.actions.fixed  # which no gradient moves
        return (LINE, GRADIENT, WALK) if whole.any() else (LINE, GRADIENT)

    def _run(self, attack: str, best: Best, rows: NDArray[np.int64], wanted: bool, limits: Floats) -> None:
        """Let one attack improve on what is known of some rows."""
        people, enough = best.people[rows], np.minimum(best.radius[rows], limits[rows])
        if attack == LINEAR:
            self._linear(best, rows, wanted)
        elif attack == SEARCH:
            votes = votes_of(self.decider, self.reach, wanted)
            assert votes is not None
            self._keep_proven(best, rows, searched(votes, self.reach, people, enough), SEARCH, wanted)
        elif attack == LINE:
            self._keep(best, rows, straight_lines(self.decider, self.reach, people, wanted, self.goals), LINE, wanted)
        elif attack == WALK:
            ways = sparse_ways(self.decider, self.reach, people, wanted, self.goals)
            self._keep(best, rows, ways, WALK, wanted)
            known = rows[np.isfinite(best.radius[rows])]
            people, moved = best.people[known], best.moved[known]
            moved = walked(self.decider, self.reach, people, moved, wanted, self.random_state)
            self._keep(best, known, self._pulled_back(people, moved, wanted), WALK, wanted)
        elif attack == ART:
            from fairgym.robustness.toolbox import hop_skip_jump

            found = hop_skip_jump(self.decider, self.reach, people, wanted, self.random_state)
            self._keep(best, rows, self._pulled_back(people, found, wanted), ART, wanted)
        else:
            self._ascend(best, rows, wanted, enough)

    def _linear(self, best: Best, rows: NDArray[np.int64], wanted: bool) -> None:
        """Take the closed form; where rounding spoils it, go a little further across the line."""
        assert self.score is not None
        for margin in (MARGIN, 100 * MARGIN, 1e4 * MARGIN):
            crossing = cheapest_linear(self.score, self.reach, best.people[rows], margin, wanted)
            done = self._keep_proven(best, rows, crossing, LINEAR, wanted)
            rows = rows[~done]
            if not len(rows):
                return

    def _ascend(self, best: Best, rows: NDArray[np.int64], wanted: bool, enough: Floats) -> None:
        """Ascend from all starts together, and go back on the straight way from what is found."""
        assert self.score is not None
        people = best.people[rows]
        names, starts = self._starts(people, wanted)
        found, which = gradient_moves(self.score, self.reach, people, starts, enough, wanted)
        back = self._pulled_back(people, found, wanted)
        for attack in ASCENTS:
            own = np.flatnonzero(names[which] == attack)
            self._keep(best, rows[own], back[own], attack, wanted)

    def _starts(self, people: Floats, wanted: bool) -> tuple[NDArray[np.str_], Floats]:
        """Return the places on the way to which ascents of people (n, D) start, (n, s, D), with their attacks, (s,)."""
        chosen, starts, names = self.chosen or ASCENTS, [], []
        if GRADIENT in chosen:
            starts, names = [people], [GRADIENT]
        if RANDOM in chosen:
            rng = np.random.default_rng(self.random_state)
            spread = np.maximum(self.reach.background.std(axis=0), np.finfo(float).tiny)
            ways = FAR * rng.normal(size=(STARTS, people.shape[1])) * spread
            starts += [np.where(self.reach.numeric, people + way, people) for way in ways]
            names += [RANDOM] * STARTS
        ends = self.goals.of_decision(wanted) if TOWARDS in chosen else people[:0]
        if len(ends):
            near = list(ends[self.reach.nearest(people, ends, NEIGHBOURS)].swapaxes(0, 1))
            starts, names = starts + near, names + [TOWARDS] * len(near)
        return np.array(names, dtype=str), np.stack(starts or [people], axis=1)

    def _pulled_back(self, people: Floats, found: Floats, wanted: bool) -> Floats:
        """Return where the decision changes on the straight way to found places (n, D), NaN where there is none."""
        row = np.flatnonzero(~np.isnan(found[:, 0]))
        bracket = np.zeros(len(row)), np.ones(len(row))
        return bisected(self.decider, self.reach, people, row, found[row], bracket, wanted)

    def _keep(self, best: Best, rows: NDArray[np.int64], found: Floats, attack: str, wanted: bool) -> None:
        """Keep moves (k, D) of some rows that are permitted, change the decision and are cheaper than what is known."""
        known = np.flatnonzero(~np.isnan(found).any(axis=1))
        rows, found = rows[known], found[known]
        found, works = self._checked(best.people[rows], found, wanted)
        cost = self.reach.cost_of(best.people[rows], found)
        better = works & (cost < best.radius[rows])
        there = rows[better]
        best.radius[there], best.moved[there], best.attack[there] = cost[better], found[better], attack

    def _keep_proven(self, best: Best, rows: NDArray[np.int64], crossing: Crossing, attack: str, wanted: bool) -> Bools:
        """Keep moves of some rows whose proof, if any, is known; return for which rows the model agrees."""
        none = np.isinf(crossing.cost)
        found, works = self._checked(best.people[rows], crossing.moved, wanted)
        works &= ~none
        cost = np.where(works, self.reach.cost_of(best.people[rows], found), np.inf)
        proven = crossing.exact & (works | none)
        better = works & ((cost < best.radius[rows]) | (proven & (cost <= best.radius[rows] * (1 + SAME))))
        there = rows[better]
        best.radius[there], best.moved[there], best.attack[there] = cost[better], found[better], attack
        best.exact[rows] = proven
        return np.asarray(works | none)

    def _checked(self, people: Floats, found: Floats, wanted: bool) -> tuple[Floats, Bools]:
        """Return moves (k, D), some a little further so that they work, and whether they are permitted and work."""
        found, works = found.copy(), np.zeros(len(found), dtype=bool)
        for nudge in NUDGES:
            rows = np.flatnonzero(~works)
            if not len(rows):
                break
            tried = self.reach.towards(people[rows], found[rows], 1 + nudge) if nudge else found[rows]
            fine = (self.decider.accepts(tried) == wanted) & self.reach.permits(people[rows], tried)
            found[rows[fine]], works[rows[fine]] = tried[fine], True
        return found, works


ORDER = (LINEAR, LINE, SEARCH, GRADIENT, RANDOM, TOWARDS, ART, WALK)
"""The order in which attacks run: straight lines first, because others then have to look less far; the walk last."""
