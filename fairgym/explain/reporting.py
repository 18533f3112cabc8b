"""report: what is said of the rule that a search found, from rows that no decision has looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fairgym.binomial import exact_interval
from fairgym.explain.anchor import Anchor, Partial
from fairgym.explain.arms import Arm, made_of
from fairgym.explain.perturbing import RealRows, Simulated
from fairgym.explain.predicates import Bools, in_words
from fairgym.explain.search import REAL, STEP, Search
from fairgym.explain.sorting import Bits, count, floats

LOPSIDED = 0.9
"""From this share of the population on that gets one answer, the reader is told."""
ENOUGH = 50
"""Rows drawn for a shorter rule that suffice to say how precise it is."""
FEW_PEOPLE = 50
"""With perturb="rows", a rule of fewer people is one that the reader is told of."""


def report(search: Search, groups: Mapping[Any, Bits], answers: Mapping[Any, str], label: str) -> Anchor:
    """Return the anchor of a search that has ended, after one last question to the model."""
    asker, settings = search.asker, search.settings
    arm = search.nearest() if search.best is None else search.best.arm
    hits, real, partial = _last_question(search, arm)
    rows = len(hits)
    interval = exact_interval(int(hits.sum()), rows, settings.confidence) if rows else (0.0, 1.0)
    contradicted = search.best is not None and interval[1] < settings.floor
    return Anchor(
        predicates=arm.predicates,
        prediction=asker.answer,
        names=search.options.names,
        precision=float(hits.mean()) if rows else np.nan,
        precision_interval=interval,
        n_draws=rows,
        data_precision=float(real.mean()) if len(real) else np.nan,
        data_rows=min(len(real), len(search.columns.rows)),  # without conditions they are drawn with replacement
        coverage=arm.cover / len(search.columns.rows),
        coverage_by_group={group: share(arm.bits & bits, bits) for group, bits in groups.items()},
        model_calls=asker.calls,
        n_rows=asker.rows,
        success=search.best is not None and not contradicted,
        reason=_reason(search, contradicted),
        notes=tuple(_notes(search, arm)),
        partial=partial,
        threshold=settings.threshold,
        dead_band=settings.dead_band,
        delta=settings.delta,
        confidence=settings.confidence,
        base_rate=search.base,
        answer=str(answers.get(asker.answer, asker.answer)),
        label=label,
    )


def share(part: Bits, whole: Bits) -> float:
    """Return how many of the bits of a whole a part has; NaN of nobody."""
    everybody = count(whole)
    return count(part) / everybody if everybody else np.nan


def _last_question(search: Search, arm: Arm) -> tuple[Bools, Bools, tuple[Partial, ...]]:
    """Return the answers to new rows of the rule and to real rows that satisfy it, and the rules on the way to it."""
    simulated = isinstance(search.perturbation, Simulated)
    if search.kept is not None and search.best is not None and not arm.path:
        hits = search.kept[1]
        real = hits if not simulated else hits[:0]
        return hits, real, (Partial((), float(hits.mean()), len(hits), 1.0),) if len(hits) else ()
    steps = [search.tried.get(one.key, one) for one in _steps(search, arm)]
    thin = [one for one in steps if sum(len(hits) for _, hits in one.blocks) < ENOUGH]
    members = search.rng.permutation(search.columns.members(arm.bits))
    room = search.asker.room
    drawn = min(search.settings.draws, room)
    kept = min(REAL, len(members), room - drawn)
    left = (room - drawn - kept) // max(1, len(thin))
    sizes = [drawn, *[min(STEP, left)] * len(thin)]
    blocks = search.perturbation.draw([arm, *thin], sizes, search.person, search.rng)
    ends = np.cumsum([len(block) for block in blocks])
    answers = search.asker.ask(np.concatenate([*blocks, search.columns.rows[members[:kept]]]))
    hits, *more = np.split(answers, ends)
    for one, block, found in zip(thin, blocks[1:], more[:-1], strict=True):
        one.note(block, found)
    return hits, more[-1] if more else answers[:0], _partials(search, steps, arm, hits)


def _steps(search: Search, arm: Arm) -> list[Arm]:
    """Return the rules on the way to a rule, from the empty one, without itself."""
    return [made_of(arm.path[:size], search.columns) for size in range(len(arm.path))]


def _partials(search: Search, steps: Sequence[Arm], arm: Arm, hits: Bools) -> tuple[Partial, ...]:
    """Return how precise the rules on the way were, each by the rows drawn for it, and the rule itself by new ones."""
    everybody = len(search.columns.rows)
    found = []
    for one in steps:
        own = [hits for _, hits in one.blocks]
        drawn = np.concatenate(own) if own else np.zeros(0, dtype=bool)
        rate = float(drawn.mean()) if len(drawn) else np.nan
        found.append(Partial(one.predicates, rate, len(drawn), one.cover / everybody))
    last = float(hits.mean()) if len(hits) else np.nan
    return (*found, Partial(arm.predicates, last, len(hits), arm.cover / everybody))


def _reason(search: Search, contradicted: bool) -> str:
    """Return why the search ended as it did."""
    settings = search.settings
    promise = f"a precision of at least {in_words(round(settings.floor, 12))}"
    if contradicted:
        return f"{promise} passed the checks, but the new draws contradict it"
    if search.best is not None:
        early = f"; {search.stopped}, so a wider rule may exist" if search.stopped else ""
        return f"{promise} is certified with confidence {in_words(round(1 - settings.delta, 12))}{early}"
    if search.stopped:
        return f"{search.stopped} before {promise} was certified"
    cuts = "" if any(search.bins.halved) else "; bins='auto' would cut finer"
    return f"no rule tried has {promise}: the person may be near the border of the decision{cuts}"


def _notes(search: Search, arm: Arm) -> list[str]:
    """Return what a reader should know of the person and of the rule."""
    answer, person = search.asker.answer, search.person
    notes = []
    if search.base >= LOPSIDED:
        notes.append(f"{100 * search.base:.3g}% get the answer {answer}, whatever they are like")
    elif search.base <= 1 - LOPSIDED:
        notes.append(f"only {100 * search.base:.2g}% get the answer {answer}, so a rule for it covers few")
    for at, column in enumerate(person.table.columns):
        own, values = person.codes[at], floats(search.columns, at)
        unseen = search.columns.kinds[at] and not np.isnan(own) and own not in values
        if person.more[at] or unseen:
            notes.append(f"the background has no {column.name} = {in_words(person.raw(at))}")
        elif not search.columns.kinds[at] and len(values) and not np.isnan(own) and not values[0] <= own <= values[-1]:
            ends = f"{in_words(float(values[0]))} to {in_words(float(values[-1]))}"
            notes.append(f"{column.name} = {in_words(own)} is outside the background's {ends}")
    if not arm.cover:
        notes.append("no row of the background satisfies the rule")
    elif arm.cover < FEW_PEOPLE and isinstance(search.perturbation, RealRows):
        notes.append(
            f"all draws are of the {arm.cover} background rows that satisfy the rule: of others they say little"
        )
    return notes
