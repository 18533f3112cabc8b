"""Samples of the training people: bootstrap, and people at equal distances.

People stand one after another on a line, each with her sample weight as length, in an order that only what is known of
them decides. So a sample does not depend on the order of the rows, and a person of weight 2 is drawn as often as two
people like her together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import number, require, whole_number
from fairgym.models.coding import CodedTable
from fairgym.models.training import TrainingPeople

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
MIXING_SEED = 20240602
"""Seed of the numbers that mix the columns of a row into one; they only decide an order, never a draw."""


@dataclass(frozen=True)
class Line:
    """Some of the training people along the line."""

    order: Places  # (k,), rows
    weight: Floats  # (k,)
    ends: Floats  # (k,), where each of them ends

    @classmethod
    def of(cls, table: CodedTable, people: TrainingPeople) -> Line:
        """Return everybody, (n,)."""
        return cls._along(_order(table, people), people.weight)

    @classmethod
    def _along(cls, order: Places, weight: Floats) -> Line:
        return cls(order, weight[order], np.cumsum(weight[order]))

    def only(self, weight: Floats) -> Line:
        """Return those whose ``weight`` (n,) is above zero, with that as length."""
        return Line._along(self.order[weight[self.order] > 0], weight)

    @property
    def length(self) -> float:
        """Return the total weight."""
        return float(self.ends[-1]) if len(self.ends) else 0.0

    def bootstrap(self, draws: int, random: np.random.Generator) -> Floats:
        """Return how much each row weighs in a sample with replacement, (n,); altogether the length of the line.

        With as many draws as people, all of weight 1, it is how often each is drawn. Else each draw weighs as much as
        the line is longer, to single precision, so that sums of draws are exact in any order.
        """
        times = np.zeros(int(self.order.max()) + 1)
        times[self.order] = self._counts(random.random(draws))
        return times * float(np.float32(self.length / draws))

    def evenly(self, draws: int) -> tuple[Places, Floats]:
        """Return rows at equal distances, at most ``draws``, each once, and the weight that each stands for."""
        if len(self.order) <= draws:
            return self.order, self.weight
        counts = self._counts((np.arange(draws) + 0.5) / draws)
        return self.order[counts > 0], counts[counts > 0].astype(np.float64) * (self.length / draws)

    def _counts(self, points: Floats) -> Places:
        """Return how many points, as shares of the line, fall on each person along it, (k,)."""
        count = len(self.order)
        if (self.weight == self.weight[0]).all():
            places = (points * count).astype(np.int64)
        else:
            places = np.searchsorted(self.ends, points * self.ends[-1], side="right")
        return np.bincount(np.minimum(places, count - 1), minlength=count)


@dataclass(frozen=True)
class Sample:
    """What each tree of a forest is grown on: a bootstrap sample, or everybody where ``draws`` is 0."""

    line: Line
    weight: Floats  # (n,), sample weight of the people on the line
    draws: int

    @classmethod
    def of(cls, table: CodedTable, people: TrainingPeople, max_samples: object, bootstrap: bool) -> Sample:
        """Return how to draw from people; ``max_samples`` is that of RecourseForestClassifier."""
        line = Line.of(table, people)
        return cls(line, people.weight, draws_of(max_samples, line.length) if bootstrap else 0)

    def draw(self, seed: int, rows: int) -> Floats:
        """Return for how many people each of so many rows stands, (rows,); those behind the people for one."""
        times = np.ones(rows)
        people = self.line.bootstrap(self.draws, np.random.default_rng(seed)) if self.draws else self.weight
        times[: len(people)] = people
        return times

    def of_one(self, weight: Floats) -> Floats:
        """Return what one person of each row weighs, where the row weighs ``weight``, (rows,)."""
        one = weight.copy()
        one[: len(self.weight)] /= self.weight
        return one


def draws_of(max_samples: object, total: float) -> int:
    """Return the size of a bootstrap sample of people of some total weight, or refuse it.

    None is as many as they are, counted in weight; a whole number is itself, a fraction a share of the total weight.
    """
    if isinstance(max_samples, (float, np.floating)):
        wanted = number("max_samples", max_samples, above=0, at_most=1) * total
    else:
        wanted = total if max_samples is None else whole_number("max_samples", max_samples, at_least=1)
    require(
        round(wanted) >= 1,
        f"a bootstrap sample of weight {wanted:g} would be of nobody: give weights that count people, max_samples as a "
        "whole number, or bootstrap=False.",
    )
    return round(wanted)


def _order(table: CodedTable, people: TrainingPeople) -> Places:
    """Return people in an order in which equal ones are neighbours, (n,)."""
    mixing = np.random.default_rng(MIXING_SEED).integers(2**63, size=len(table.code), dtype=np.uint64)
    key = people.is_target.astype(np.uint64)
    for column, factor in zip(table.code, mixing, strict=True):
        key += column.astype(np.uint64) * (2 * factor + 1)
    return np.argsort(key, kind="stable")
