"""Costs: how far a change takes a person, in shares of the population or in units of spread.

Every cost here has one form. Each feature has a *position*, a function that never falls as its value rises; a change of
one feature costs the distance between two positions; the changes of several are combined by their maximum or their sum.
With the maximum an action is within budget if and only if each of its changes is, which is what lets a tree be
trained for recourse; sums serve the search for actions only.

- ``PercentileShift``: the position is the share of people below. Ustun et al., "Actionable recourse in linear
  classification", FAT* 2019, section 3; with ``smoothed=True`` the kernel density estimate on 100 points that Kanamori
  et al., "Learning decision trees and forests with algorithmic recourse", ICML 2024, use in their program.
- ``WeightedShift``: the position is the value in units of the column's spread.
- ``LogPercentileShift``: the position is minus the binary logarithm of the share of people above; Ustun et al.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, numbers_array, one_of, require, suggestion

Floats = NDArray[np.float64]
Position = Callable[[Floats], Floats]
"""Of values of one feature, where they stand; never falls as the value rises."""
MAXIMUM, SUM = "max", "sum"
SLACK = 1e-9
"""What a cost may exceed a budget by, so that rounding decides nothing."""
SMOOTHING_POINTS, SMOOTHING_TAIL, SMOOTHING_FLOOR = 100, 0.001, 1e-6
"""The grid of the smoothed percentile: so many points between these two quantiles, and the share outside of it."""


def within(cost: Floats | float, budget: float) -> NDArray[np.bool_]:
    """Return whether costs are within a budget."""
    return np.asarray(cost) <= budget + SLACK


@dataclass(frozen=True)
class FittedCost:
    """A cost that knows its population: one position per feature."""

    name: str
    combine: str  # MAXIMUM or SUM
    positions: tuple[Position, ...]  # one per feature

    def by_feature(self, before: Floats, after: Floats) -> Floats:
        """Return the cost of each change, (n, D), of people who move from ``before`` to ``after``, both (n, D)."""
        before, after = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
        columns = [
            np.abs(position(after[:, place]) - position(before[:, place]))
            for place, position in enumerate(self.positions)
        ]
        return np.stack(columns, axis=1)

    def total(self, before: Floats, after: Floats) -> Floats:
        """Return the cost of moving from ``before`` to ``after``, (n,)."""
        parts = self.by_feature(before, after)
        total: Floats = parts.max(axis=1) if self.combine == MAXIMUM else parts.sum(axis=1)
        return total


class Cost(ABC):
    """A cost before it knows its population."""

    combine: str
    """How the changes of several features become one cost, MAXIMUM or SUM."""

    @abstractmethod
    def position(self, column: Floats, weight: Floats, place: int) -> Position:
        """Return the position function of one column (n,) of people with weights (n,)."""

    def fit(self, people: Floats, weight: Floats | None = None) -> FittedCost:
        """Return the cost over a population (n, D), whose rows may have weights (n,); rows of weight 0 do not count."""
        people = np.asarray(people, dtype=float)
        weight = np.ones(len(people)) if weight is None else np.asarray(weight, dtype=float)
        people, weight = people[weight > 0], weight[weight > 0]
        require(len(people) > 0, "the population of a cost is empty: give at least one person of positive weight.")
        positions = tuple(self.position(people[:, place], weight, place) for place in range(people.shape[1]))
        return FittedCost(repr(self), self.combine, positions)


@dataclass(frozen=True)
class PercentileShift(Cost):
    """Largest shift of a percentile over the features.

    The percentile of a value is its mid-rank: the share of people below plus half the share exactly there. So the flip
    of a binary feature costs one half. ``smoothed=True`` takes the program of Kanamori et al. (kernel density estimate
    with Scott's bandwidth, summed up on a grid), under which it costs nearly 1.
    """

    smoothed: bool = False
    combine = MAXIMUM

    def position(self, column: Floats, weight: Floats, place: int) -> Position:
        """Return the percentile function of a column."""
        return SmoothedPercentile.of(column, weight) if self.smoothed else MidRank.of(column, weight)


@dataclass(frozen=True)
class LogPercentileShift(Cost):
    """Total over the features of the shift in log-percentile, |log2((1 - Q(after)) / (1 - Q(before)))|; search only."""

    smoothed: bool = False
    combine = SUM

    def position(self, column: Floats, weight: Floats, place: int) -> Position:
        """Return minus log2 of the share of people above; a value above everybody counts as half a person's share."""
        percentile = PercentileShift(self.smoothed).position(column, weight, place)
        return LogTail(percentile, 0.5 * float(weight.min() / weight.sum()))


@dataclass(frozen=True)
class WeightedShift(Cost):
    """Largest, or total, change in units of each column's spread: "mad", "sd", "range", or with weights (D,)."""

    weights: str | tuple[float, ...] = "mad"
    combine: str = MAXIMUM

    def __post_init__(self) -> None:
        """Check the words and the weights."""
        one_of("combine", self.combine, (MAXIMUM, SUM))
        if isinstance(self.weights, str):
            one_of("weights", self.weights, tuple(SPREADS))
        else:
            given = numbers_array("weights", self.weights)
            require(
                bool((given >= 0).all()), f"weights={self.weights!r} holds a number below zero: give costs per unit."
            )

    def position(self, column: Floats, weight: Floats, place: int) -> Position:
        """Return the value in units of the column's spread, or times its weight."""
        if isinstance(self.weights, str):
            spread = SPREADS[self.weights](column, weight)
            return Linear(1 / spread if spread > 0 else 1.0)
        require(
            place < len(self.weights),
            f"weights has {len(self.weights)} entries, too few for column {place}: give one for each column.",
        )
        return Linear(float(self.weights[place]))


@dataclass(frozen=True)
class MidRank:
    """The empirical percentile: share below plus half the share exactly at a value."""

    levels: Floats  # distinct values, ascending
    below: Floats  # share of people below each level, and one more entry: 1

    @classmethod
    def of(cls, column: Floats, weight: Floats) -> MidRank:
        """Return the percentile function of a column."""
        levels, code = np.unique(column, return_inverse=True)
        share = np.bincount(code, weights=weight) / weight.sum()
        return cls(levels, np.concatenate([[0.0], np.cumsum(share)]))

    def __call__(self, values: Floats) -> Floats:
        """Return the percentiles of values."""
        left, right = (np.searchsorted(self.levels, values, side=side) for side in ("left", "right"))
        middle: Floats = (self.below[left] + self.below[right]) / 2
        return middle


@dataclass(frozen=True)
class SmoothedPercentile:
    """The percentile of Kanamori et al.'s program: a kernel density estimate, summed up on a grid of 100 points."""

    grid: Floats
    heights: Floats

    @classmethod
    def of(cls, column: Floats, weight: Floats) -> Position:
        """Return the percentile function of a column; of a constant column, its mid-rank."""
        from scipy.stats import gaussian_kde

        if column.min() == column.max():
            return MidRank.of(column, weight)
        ends = (SMOOTHING_TAIL, 1 - SMOOTHING_TAIL)
        equal = bool((weight == weight[0]).all())
        low, high = (
            np.quantile(column, ends) if equal else np.quantile(column, ends, weights=weight, method="inverted_cdf")
        )
        grid = np.linspace(low, high, SMOOTHING_POINTS)
        density = gaussian_kde(column, weights=weight)(grid)
        total = np.cumsum(density)
        return cls(grid, (SMOOTHING_FLOOR + total) / (total[-1] + 2 * SMOOTHING_FLOOR))

    def __call__(self, values: Floats) -> Floats:
        """Return the percentiles of values."""
        return np.interp(values, self.grid, self.heights, left=SMOOTHING_FLOOR, right=1 - SMOOTHING_FLOOR)


@dataclass(frozen=True)
class LogTail:
    """Minus the binary logarithm of the share of people above."""

    percentile: Position
    least: float  # share that a value above everybody counts as

    def __call__(self, values: Floats) -> Floats:
        """Return the positions of values."""
        return -np.log2(np.maximum(1 - self.percentile(values), self.least))


@dataclass(frozen=True)
class Linear:
    """A value times a weight."""

    weight: float

    def __call__(self, values: Floats) -> Floats:
        """Return the positions of values."""
        return self.weight * np.asarray(values, dtype=float)


def _quantile(column: Floats, weight: Floats, share: float) -> float:
    """Return the weighted quantile of a column: the middle of the least and the greatest value that qualify."""
    order = np.argsort(column, kind="stable")
    total = np.cumsum(weight[order])
    wanted = share * total[-1]
    first = column[order][min(int(np.searchsorted(total, wanted * (1 - 1e-12), side="left")), len(column) - 1)]
    last = column[order][min(int(np.searchsorted(total, wanted * (1 + 1e-12), side="right")), len(column) - 1)]
    return float((first + last) / 2)


def _mad(column: Floats, weight: Floats) -> float:
    """Return the median absolute deviation from the median."""
    return _quantile(np.abs(column - _quantile(column, weight, 0.5)), weight, 0.5)


def _sd(column: Floats, weight: Floats) -> float:
    """Return the standard deviation."""
    return float(np.sqrt(np.average((column - np.average(column, weights=weight)) ** 2, weights=weight)))


SPREADS: Mapping[str, Callable[[Floats, Floats], float]] = {
    "mad": _mad,
    "sd": _sd,
    "range": lambda column, weight: float(np.ptp(column)),
}
"""Measures of a column's spread; where one is zero, the change itself counts."""

COSTS: Mapping[str, Cost] = {
    "percentile": PercentileShift(),
    "smoothed-percentile": PercentileShift(smoothed=True),
    "mad": WeightedShift("mad"),
    "sd": WeightedShift("sd"),
    "range": WeightedShift("range"),
    "log-percentile-sum": LogPercentileShift(),
    "mad-sum": WeightedShift("mad", SUM),
    "sd-sum": WeightedShift("sd", SUM),
    "range-sum": WeightedShift("range", SUM),
}
"""Costs by name; the sums serve the search for actions only, not training."""


def cost_of(cost: object) -> Cost:
    """Return a cost given by name, or as it is; refuse anything else."""
    if isinstance(cost, Cost):
        return cost
    if isinstance(cost, str) and cost in COSTS:
        return COSTS[cost]
    if isinstance(cost, str):
        raise InputError(f"cost={cost!r} is not known: {suggestion(cost, COSTS)}")
    raise InputError(
        f"cost={cost!r} is not a cost: give one of {', '.join(COSTS)}, or an object such as PercentileShift()."
    )
