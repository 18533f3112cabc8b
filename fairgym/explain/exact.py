"""Exact precision: all rows that can be drawn under a rule, with their probabilities, instead of some of them.

For tables with few features of few values. With "independent", the rows are a grid of all values, and their
probabilities under a rule are a product: the joint distribution of the free features, and for each feature of the rule
the distribution of its values that satisfy the condition. With "rows", the background itself is all there is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, require
from fairgym.explain.anchor import Anchor, Partial
from fairgym.explain.arms import Arm, Option, made_of
from fairgym.explain.asking import labels_of
from fairgym.explain.options import Options
from fairgym.explain.perturbing import Independent, Simulated
from fairgym.explain.predicates import Bools, Floats, in_words
from fairgym.explain.reporting import share
from fairgym.explain.search import Settings
from fairgym.explain.sorting import SortedColumns
from fairgym.explain.table import Person

if TYPE_CHECKING:
    from fairgym.explain.explainer import AnchorExplainer

MOST_RULES = 100_000
"""Rules that are enumerated at most."""
MOST_WORK = 10**9
"""Rules times rows."""
ROUNDING = 1e-12
"""What adding up probabilities may lose."""


@dataclass(frozen=True)
class Enumeration:
    """Everything that can be drawn, and who of it gets the person's answer."""

    columns: SortedColumns
    answer: Any
    rows: int  # that the model was asked about
    real: Bools  # (n,), background rows with the answer
    hits: NDArray[np.float64] | None  # grid of all values, 1 for the answer; None: real rows are all there is
    weight: NDArray[np.float64] | None  # probability of each cell without a rule
    values: tuple[Floats, ...]  # of each axis, codes
    codes: Floats  # (D,), of the person

    def precision(self, arm: Arm) -> float:
        """Return the exact precision of a rule; NaN where nothing can be drawn."""
        if self.hits is None or self.weight is None:
            return self.data_precision(arm)
        inside, weight = self.hits, self.weight
        for axis in sorted(arm.slices, reverse=True):  # from the last axis, so that the others keep their places
            inside = np.tensordot(inside, self._shares(axis, arm), axes=([axis], [0]))
            weight = weight.sum(axis=axis)
        return float((inside * weight).sum())

    def data_precision(self, arm: Arm) -> float:
        """Return the precision of a rule on the background rows that satisfy it; NaN where none does."""
        members = self.columns.members(arm.bits)
        return float(self.real[members].mean()) if len(members) else np.nan

    def drawable(self, arm: Arm) -> int:
        """Return how many different rows can be drawn under a rule; of real rows, how many satisfy it."""
        if self.hits is None:
            return arm.cover
        return math.prod(
            int(np.count_nonzero(self._shares(axis, arm))) if axis in arm.slices else len(values)
            for axis, values in enumerate(self.values)
        )

    def _shares(self, axis: int, arm: Arm) -> Floats:
        """Return the probabilities of the values of a feature that a rule speaks of."""
        start, stop = arm.slices[axis]
        values = self.values[axis]
        drawn = self.columns.sorted[axis, start:stop] if stop > start else self.codes[axis : axis + 1]
        places = values.searchsorted(drawn)  # missing values are last, as they are sorted
        shares: Floats = np.bincount(places, minlength=len(values)) / len(drawn)
        return shares


def enumerated(
    explainer: AnchorExplainer, person: Person, ask: Callable[[Any], Any], most: int, answer: Any = None
) -> Enumeration:
    """Ask the model about everything that can be drawn, or refuse it; ``answer`` is the person's by default."""
    columns = explainer.columns
    if isinstance(explainer.perturbation, Simulated):
        raise InputError(
            "exact=True needs rows that can be counted, but perturb is a function: use 'independent' or 'rows'."
        )
    independent = isinstance(explainer.perturbation, Independent)
    axes = tuple(np.unique(np.append(column, own)) for column, own in zip(columns.by_column, person.codes, strict=True))
    sizes = tuple(map(len, axes)) if independent else ()
    cells = int(np.prod(np.array(sizes, dtype=object))) if independent else len(columns.rows)
    require(
        cells + 1 <= most,
        f"exact=True needs {cells + 1:,} rows, but the budget is {most:,}: allow more, or use fewer values.",
    )
    rows = columns.rows
    if independent:
        rows = np.stack([one.ravel() for one in np.meshgrid(*axes, indexing="ij")], axis=1)
    labels = labels_of(ask(person.decode(np.concatenate([person.codes[None], rows]))), cells + 1)
    if answer is None:
        answer = labels[0].item() if isinstance(labels[0], np.generic) else labels[0]
    hits = np.asarray(labels[1:] == answer, dtype=np.float64)
    if not independent:
        return Enumeration(columns, answer, cells + 1, hits > 0, None, None, axes, person.codes)
    places = tuple(axis.searchsorted(column) for axis, column in zip(axes, columns.by_column, strict=True))
    cell = np.ravel_multi_index(places, sizes)
    weight = np.bincount(cell, minlength=cells).reshape(sizes) / len(columns.rows)
    return Enumeration(columns, answer, cells + 1, hits[cell] > 0, hits.reshape(sizes), weight, axes, person.codes)


def exact_anchor(
    explainer: AnchorExplainer, person: Person, ask: Callable[[Any], Any], settings: Settings, most: int, label: str
) -> Anchor:
    """Return the rule that covers most of all that are precise enough, by enumeration."""
    columns = explainer.columns
    world = enumerated(explainer, person, ask, most)
    options = Options(person, columns, explainer.bins)
    empty = made_of((), columns)
    base = world.precision(empty)
    options.begin(explainer.bins.cuts(base))
    found = [(world.precision(arm), arm) for arm in _all_rules(options, columns, world.rows, settings.max_size)]
    success, precision, arm = _best(found, settings.threshold)
    has = "it covers most at" if success else "none has"
    everybody = len(columns.rows)
    steps = [made_of(arm.path[:size], columns) for size in range(len(arm.path) + 1)]
    return Anchor(
        predicates=arm.predicates,
        prediction=world.answer,
        names=explainer.names,
        precision=precision,
        precision_interval=(precision, precision),
        n_draws=world.drawable(arm),
        data_precision=world.data_precision(arm),
        data_rows=arm.cover,
        coverage=arm.cover / everybody,
        coverage_by_group={group: share(arm.bits & bits, bits) for group, bits in explainer.groups.items()},
        model_calls=1,
        n_rows=world.rows,
        success=success,
        reason=f"of {len(found):,} rules, all enumerated, {has} a precision of at least {in_words(settings.threshold)}",
        partial=tuple(
            Partial(one.predicates, world.precision(one), world.drawable(one), one.cover / everybody) for one in steps
        ),
        threshold=settings.threshold,
        delta=settings.delta,
        base_rate=base,
        answer=str(explainer.answers.get(world.answer, world.answer)),
        label=label,
        exact=True,
    )


def _best(found: Sequence[tuple[float, Arm]], threshold: float) -> tuple[bool, float, Arm]:
    """Return whether a rule is precise enough, and of those the one that covers most, or else the most precise."""
    sure = [one for one in found if one[0] >= threshold - ROUNDING]
    if sure:
        return True, *max(sure, key=lambda one: (one[1].cover, -len(one[1].path), one[0]))
    known = [one for one in found if not np.isnan(one[0])]
    return False, *max(known, key=lambda one: (one[0], one[1].cover, -len(one[1].path)))


def _all_rules(options: Options, columns: SortedColumns, rows: int, most: int) -> Iterator[Arm]:
    """Yield every rule that the conditions of a person make, each once."""
    choices = [list(_of_one(options, columns, at)) for at in range(len(options.names))]
    size = int(np.prod(np.array([len(one) for one in choices], dtype=object)))
    require(
        size <= MOST_RULES and size * rows <= MOST_WORK,
        f"exact=True would go through {size:,} rules of {rows:,} rows: use fewer features or coarser bins, or search.",
    )
    seen = set()
    for parts in itertools.product(*choices):
        path = tuple(option for part in parts for option in part)
        arm = made_of(path, columns)
        if len(arm.path) <= most and arm.key not in seen:
            seen.add(arm.key)
            yield arm


def _of_one(options: Options, columns: SortedColumns, at: int) -> Iterator[tuple[Option, ...]]:
    """Yield the sets of conditions on one feature: none, one, or two that close an interval."""
    own = [option for option in options.all if option.at == at]
    yield ()
    for option in own:
        yield (option,)
    for one, other in itertools.combinations(own, 2):
        if len(made_of((one, other), columns).path) == 2:
            yield (one, other)
