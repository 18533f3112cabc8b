"""The rounds: a lender publishes a rule, people answer it, the lender learns from what they show, and so on.

Round t is about a cohort of its own, the same people under every lender: what differs between two lenders in one lane
is what they did and nothing else. A rule of round t was trained on what was shown up to round t - 1, the first on an
archive of people who knew of no rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.result import Recorded, tidy
from fairgym.robustness import Moves, Reach, cheapest_moves
from fairgym.robustness.metrics import reaches, robust, strategic
from fairgym.scenarios.harder_to_game.names import (
    ACCEPTED,
    ACCURACY,
    BAR,
    BURDEN,
    CHEAP_SHARE,
    EXPECTED,
    GAMED,
    GAMING,
    GROUPS,
    RADIUS,
    ROBUST,
    SHUT_OUT,
    UTILITY,
    Lender,
    Options,
    lenders,
)
from fairgym.scenarios.harder_to_game.people import CHEAP, COST, NOISE_SIZE, Cohort, cohort, expected

Numbers = NDArray[np.float64]
REMEMBERED = 5
"""Rounds from which a lender learns that sees only whom it accepted."""


class Answer(NamedTuple):
    """What a cohort did about a rule."""

    moves: Moves
    """The cheapest move of each person that changes her decision, and whom the rule accepts as they are."""
    accepted: NDArray[np.bool_]
    """Who is accepted after her answer; (m,)."""
    shown: Numbers
    """Features after the answer; (m, D)."""


def lane_frame(lane: int, options: Options) -> pd.DataFrame:
    """Return what was measured of every lender in one lane."""
    people = list(cohorts(lane, options))
    frames = [
        tidy(name, lane, list(records(lender, people, options)), GROUPS) for name, lender in lenders(options).items()
    ]
    return pd.concat(frames, ignore_index=True)


def cohorts(lane: int, options: Options) -> Iterator[Cohort]:
    """Yield the archive and the cohort of each round."""
    draw = np.random.Generator(np.random.PCG64(np.random.SeedSequence(lane)))
    for _ in range(options.retrainings + 2):
        yield cohort(draw.random((options.people, NOISE_SIZE)), options.gap)


def records(lender: Lender, people: list[Cohort], options: Options) -> Iterator[Recorded]:
    """Yield what is measured after 0, 1, ... retrainings."""
    archive, *rounds = people
    reach, budgets = Reach(None, COST, background=archive.features), np.array(options.budgets)
    rule = trained(lender, options, [archive])
    seen = [archive]
    for step, present in enumerate(rounds):
        given = answer(rule, present, reach, budgets[present.group])
        yield from ((step, name, value[None]) for name, value in measured(present, given, budgets).items())
        yield from ((step, name, np.array([value])) for name, value in described(rule, present, given).items())
        for name, value in calculated(rule, options).items():
            yield step, name, value[None]
        if lender.retrains:
            seen = [*seen, learned(present, given, options.selective_labels)]
            known = [archive, *seen[1:][-REMEMBERED:]] if options.selective_labels else seen[-1:]
            rule = trained(lender, options, known)


def trained(lender: Lender, options: Options, known: list[Cohort]) -> Any:
    """Return the rule that a lender makes of the people whom it knows."""
    features, qualified, group = (np.concatenate(parts) for parts in zip(*known, strict=True))
    told = {"sensitive_features": group} if lender.knows_groups else {}
    return lender.estimator(options).fit(features, qualified.astype(int), **told)


def answer(rule: Any, people: Cohort, reach: Reach, budget: Numbers) -> Answer:
    """Let people with budgets (m,) answer a rule: whom it rejects and who can afford the way to approval goes it."""
    moves = cheapest_moves(rule, people.features, reach, progress=False)
    goes = reaches(moves, budget)
    shown = np.where(goes[:, None], moves.moved, people.features)
    return Answer(moves, moves.accepted | goes, shown)


def learned(people: Cohort, given: Answer, selective_labels: bool) -> Cohort:
    """Return what a lender sees of a cohort: what everybody showed, or only those whom it accepted."""
    kept = given.accepted if selective_labels else np.ones(len(people.group), dtype=np.bool_)
    return Cohort(given.shown[kept], people.qualified[kept], people.group[kept])


def measured(people: Cohort, given: Answer, budgets: Numbers) -> dict[str, Numbers]:
    """Return what a rule did to each group, (2,) each."""
    qualified, accepted, moves = people.qualified, given.accepted, given.moves
    limits = budgets[people.group]
    way = np.where(moves.accepted, 0.0, moves.radius)
    shares = {
        ACCEPTED: (accepted, None),
        GAMED: (reaches(moves, limits), ~qualified),
        BURDEN: (way, qualified),
        SHUT_OUT: (~accepted, qualified),
        GAMING: (accepted, ~qualified),
        ACCURACY: (strategic(moves, qualified, limits), None),
        ROBUST: (robust(moves, qualified, limits), None),
    }
    found = {name: by_group(value, people.group, among) for name, (value, among) in shares.items()}
    medians = [np.median(moves.radius[people.group == group]) for group in range(len(GROUPS))]
    return {**found, RADIUS: np.array(medians)}


def by_group(value: Numbers | NDArray[np.bool_], group: NDArray[np.int64], among: NDArray[np.bool_] | None) -> Numbers:
    """Return the mean of a value in each group, (2,), among some of its people or all; NaN among nobody."""
    counted = np.ones(len(group)) if among is None else among.astype(float)
    above, below = (np.bincount(group, weights, len(GROUPS)) for weights in (counted * value, counted))
    return np.asarray(np.divide(above, below, out=np.full(len(GROUPS), np.nan), where=below > 0))


def described(rule: Any, people: Cohort, given: Answer) -> dict[str, float]:
    """Return what the lender gets for each applicant, where its bar is and on which features it looks, if linear."""
    gained = {UTILITY: float((given.accepted * (2.0 * people.qualified - 1)).mean())}
    if not hasattr(rule, "coef_"):
        return gained
    weights = rule.coef_[0]
    return {
        **gained,
        BAR: float(-rule.intercept_[0] / np.linalg.norm(weights)),
        CHEAP_SHARE: float((weights[CHEAP] ** 2).sum() / (weights**2).sum()),
    }


def calculated(rule: Any, options: Options) -> dict[str, Numbers]:
    """Return what a linear rule does to each group in expectation, (2,) each; nothing of another one."""
    if not hasattr(rule, "coef_"):
        return {}
    by_budget = [
        expected(rule.coef_[0], float(rule.intercept_[0]), budget, options.gap * group)
        for group, budget in enumerate(options.budgets)
    ]
    return {f"expected.{name}": np.array([getattr(one, name) for one in by_budget]) for name in EXPECTED}
