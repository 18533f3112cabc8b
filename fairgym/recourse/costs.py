"""Costs: how far a change takes a person, in shares of the population or in units of spread.

Every cost here has one form. Each feature has a *position*, a function that never falls as its value rises; a change of
one feature costs the distance between two positions; the changes of several are combined by their maximum, their sum or
their Euclidean length. With the maximum an action is within budget if and only if each of its changes is, which is what
lets a tree be trained for recourse; sums serve the search for actions only, and the Euclidean length robustness only.

- ``PercentileShift``: the position is the share of people below. Ustun et al., "Actionable recourse in linear
  classification", FAT* 2019, section 3; with ``smoothed=True`` the kernel density estimate on 100 points that Kanamori
  et al., "Learning decision trees and forests with algorithmic recourse", ICML 2024, use in their program.
- ``WeightedShift``: the position is the value in units of the column's spread.
- ``LogPercentileShift``: the position is minus the binary logarithm of the share of people above; Ustun et al.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, flag, number, numbers_array, one_of, require, suggestion
from fairgym.recourse.levels import Levels, levels_of

Floats = NDArray[np.float64]
Position = Callable[[Floats], Floats]
"""Of values of one feature, where they stand; never falls as the value rises."""
MAXIMUM, SUM, EUCLIDEAN = COMBINATIONS = ("max", "sum", "euclidean")
SLACK = 1e-9
"""What a cost may exceed a budget by, so that rounding decides nothing."""
SMOOTHING_POINTS, SMOOTHING_TAIL, SMOOTHING_FLOOR = 100, 0.001, 1e-6
"""The grid of the smoothed percentile: so many points between these two quantiles, and the share outside of it."""

BLOCK = 1 << 15
"""Kernels that are worked out together, so that they stay in the processor's memory."""


def within(cost: Floats | float, budget: float) -> NDArray[np.bool_]:
    """Return whether costs are within a budget."""
    return np.asarray(cost) <= budget + SLACK


@dataclass(frozen=True)
class FittedCost:
    """A cost that knows its population: one position per feature."""

    name: str
    combine: str  # MAXIMUM, SUM or EUCLIDEAN
    positions: tuple[Position, ...]  # one per feature

    @cached_property
    def per_unit(self) -> Floats | None:
        """What a unit of each feature costs, (D,); None for a cost under which that depends on where one stands."""
        weights = [position.weight for position in self.positions if isinstance(position, Linear)]
        return np.array(weights) if len(weights) == len(self.positions) else None

    def by_feature(self, before: Floats, after: Floats) -> Floats:
        """Return the cost of each change, (n, D), of people who move from ``before`` to ``after``, both (n, D)."""
        before, after = np.broadcast_arrays(np.asarray(before, dtype=float), np.asarray(after, dtype=float))
        costs, changed = np.zeros(before.shape), before != after
        if self.per_unit is not None:
            moved = np.subtract(self.per_unit * after, self.per_unit * before, out=costs, where=changed)
            return np.abs(moved, out=moved)
        for place, position in enumerate(self.positions):
            rows = np.flatnonzero(changed[:, place])
            costs[rows, place] = np.abs(position(after[rows, place]) - position(before[rows, place]))
        return costs

    def total(self, before: Floats, after: Floats) -> Floats:
        """Return the cost of moving from ``before`` to ``after``, (n,)."""
        return self.combined(self.by_feature(before, after))

    def combined(self, parts: Floats) -> Floats:
        """Return the cost (...) of changes whose costs by themselves are ``parts``, (..., k)."""
        if self.combine == EUCLIDEAN:
            return np.asarray(np.sqrt(np.square(parts).sum(axis=-1)))
        return np.asarray(parts.max(axis=-1) if self.combine == MAXIMUM else parts.sum(axis=-1))


class Cost(ABC):
    """A cost before it knows its population."""

    combine: str
    """How the changes of several features become one cost, MAXIMUM, SUM or EUCLIDEAN."""

    @abstractmethod
    def position(self, column: Floats, weight: Floats, place: int, levels: Levels | None = None) -> Position:
        """Return the position function of one column (n,) of people with weights (n,), whose levels may be known."""

    def fit(self, people: Floats, weight: Floats | None = None, levels: Sequence[Levels] | None = None) -> FittedCost:
        """Return the cost over a population (n, D), whose rows may have weights (n,); rows of weight 0 do not count.

        ``levels`` saves time where the levels of the columns are known.
        """
        people = np.asarray(people, dtype=float)
        weight = np.ones(len(people)) if weight is None else np.asarray(weight, dtype=float)
        if not (weight > 0).all():
            people, weight, levels = people[weight > 0], weight[weight > 0], None
        require(len(people) > 0, "the population of a cost is empty: give at least one person of positive weight.")
        known = [None] * people.shape[1] if levels is None else levels
        positions = tuple(
            self.position(people[:, place], weight, place, of_column) for place, of_column in enumerate(known)
        )
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

    def __post_init__(self) -> None:
        """Check which percentile is meant."""
        flag("smoothed", self.smoothed)

    def position(self, column: Floats, weight: Floats, place: int, levels: Levels | None = None) -> Position:
        """Return the percentile function of a column."""
        levels = levels_of(column) if levels is None else levels
        return SmoothedPercentile.of(column, weight, levels) if self.smoothed else MidRank.of(levels, weight)


@dataclass(frozen=True)
class LogPercentileShift(Cost):
    """Total over the features of the shift in log-percentile, |log2((1 - Q(after)) / (1 - Q(before)))|; search only."""

    smoothed: bool = False
    combine = SUM

    def __post_init__(self) -> None:
        """Check which percentile is meant."""
        flag("smoothed", self.smoothed)

    def position(self, column: Floats, weight: Floats, place: int, levels: Levels | None = None) -> Position:
        """Return minus log2 of the share of people above; a value above everybody counts as half a person's share."""
        percentile = PercentileShift(self.smoothed).position(column, weight, place, levels)
        return LogTail(percentile, 0.5 * float(weight.min() / weight.sum()))


@dataclass(frozen=True)
class WeightedShift(Cost):
    """Largest change in units of each column's spread, "mad", "sd" or "range", or with weights (D,).

    ``combine`` "sum" takes the total of the changes instead of the largest, "euclidean" their Euclidean length.
    """

    weights: str | tuple[float, ...] = "mad"
    combine: str = MAXIMUM

    def __post_init__(self) -> None:
        """Check the words and the weights."""
        one_of("combine", self.combine, COMBINATIONS)
        if isinstance(self.weights, str):
            one_of("weights", self.weights, tuple(SPREADS))
        else:
            given = numbers_array("weights", self.weights)
            require(given.ndim == 1, f"weights={self.weights!r} is not a list: give one cost per unit of each column.")
            require(
                bool((given >= 0).all()), f"weights={self.weights!r} holds a number below zero: give costs per unit."
            )

    def fit(self, people: Floats, weight: Floats | None = None, levels: Sequence[Levels] | None = None) -> FittedCost:
        """Return the cost over a population (n, D); refuses weights that are not one for each column."""
        require(
            isinstance(self.weights, str) or len(self.weights) == np.shape(people)[1],
            f"weights has {len(self.weights)} entries, but there are {np.shape(people)[1]} columns: give one for each.",
        )
        return super().fit(people, weight, levels)

    def position(self, column: Floats, weight: Floats, place: int, levels: Levels | None = None) -> Position:
        """Return the value in units of the column's spread, or times its weight."""
        if isinstance(self.weights, str):
            with np.errstate(all="ignore"):
                spread = np.float64(SPREADS[self.weights](column, weight))
                per_unit = 1 / spread if spread > 0 else 1.0
            vanished = spread == 0 and self.weights == "sd" and column.min() < column.max()
            require(
                bool(np.isfinite(spread) and np.isfinite(per_unit)) and not vanished,
                f"column {place} goes from {column.min():g} to {column.max():g}, too far or too near for the cost "
                f"{self.weights!r}: bring it to another scale.",
            )
            return Linear(float(per_unit))
        return Linear(float(self.weights[place]))


@dataclass(frozen=True)
class MidRank:
    """The empirical percentile: share below plus half the share exactly at a value."""

    levels: Floats  # distinct values, ascending
    below: Floats  # share of people below each level, and one more entry: 1

    @classmethod
    def of(cls, column: Levels, weight: Floats) -> MidRank:
        """Return the percentile function of a column."""
        share = np.bincount(column.code, weights=weight) / weight.sum()
        return cls(column.values, np.concatenate([[0.0], np.cumsum(share)]))

    def __call__(self, values: Floats) -> Floats:
        """Return the percentiles of values."""
        left, right = (np.searchsorted(self.levels, values, side=side) for side in ("left", "right"))
        middle: Floats = (self.below[left] + self.below[right]) / 2
        return middle


@dataclass(frozen=True)
class SmoothedPercentile:
    """The percentile of Kanamori et al.'s program: a kernel density estimate, summed up on a grid of 100 points.

    Outside of the grid the program has 1e-6 and 1 - 1e-6, which the ends of the grid may pass by less than 1e-6; then
    the values of those ends hold outside as well, so that the percentile never falls.
    """

    grid: Floats
    heights: Floats

    @classmethod
    def of(cls, column: Floats, weight: Floats, known: Levels) -> Position:
        """Return the percentile function of a column; of a constant column, its mid-rank.

        The bandwidth is Scott's, the sample standard deviation times the number of people to the power of -1/5; where
        weights differ, it is that of as many equal weights as have their sum of squares (as in SciPy's gaussian_kde).
        """
        levels, code = known
        if len(levels) == 1:
            return MidRank.of(known, weight)
        ends = np.array([SMOOTHING_TAIL, 1 - SMOOTHING_TAIL])
        if (weight == weight[0]).all():
            counts = np.bincount(code)
            low, high = _interpolated(levels, counts, ends)
            share, alone = counts / len(code), 1 / len(code)
        else:
            low, high = np.quantile(column, ends, weights=weight, method="inverted_cdf")
            share = np.bincount(code, weights=weight) / weight.sum()
            alone = float((weight**2).sum() / weight.sum() ** 2)  # one over the number of equal weights
        with np.errstate(all="ignore"):
            grid = np.linspace(low, high, SMOOTHING_POINTS)
            variance = share @ (levels - share @ levels) ** 2 / (1 - alone)
            bandwidth = np.sqrt(variance) * alone**0.2
            step = 1 + BLOCK // len(levels)
            parts = [grid[start : start + step, None] for start in range(0, SMOOTHING_POINTS, step)]
            kernels = [np.exp(-(((part - levels) / bandwidth) ** 2) / 2) @ share for part in parts]
            total = np.cumsum(np.concatenate(kernels)) / (bandwidth * math.sqrt(2 * math.pi))
            heights = (SMOOTHING_FLOOR + total) / (total[-1] + 2 * SMOOTHING_FLOOR)
        require(
            bool(0 < bandwidth < math.inf and np.isfinite(heights).all()),
            f"a column goes from {column.min():g} to {column.max():g}, too far or too near for a smoothed percentile: "
            "bring it to another scale.",
        )
        return cls(grid, heights)

    def __call__(self, values: Floats) -> Floats:
        """Return the percentiles of values."""
        left, right = min(SMOOTHING_FLOOR, self.heights[0]), max(1 - SMOOTHING_FLOOR, self.heights[-1])
        percentile: Floats = np.interp(values, self.grid, self.heights, left=left, right=right)
        return percentile


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


def _interpolated(levels: Floats, counts: NDArray[np.int64], shares: Floats) -> Floats:
    """Return what ``np.quantile`` does for a column with such counts (levels,) of levels, without sorting it."""
    place, ends = shares * (counts.sum() - 1), np.cumsum(counts)
    low, high = (levels[np.searchsorted(ends, rank, side="right")] for rank in (np.floor(place), np.ceil(place)))
    quantiles: Floats = low + (high - low) * (place - np.floor(place))
    return quantiles


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
    "mad-euclidean": WeightedShift("mad", EUCLIDEAN),
    "sd-euclidean": WeightedShift("sd", EUCLIDEAN),
    "range-euclidean": WeightedShift("range", EUCLIDEAN),
}
"""Costs by name; the sums serve the search for actions only, not training, and the Euclidean ones only robustness."""


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


def budget_of(budget: object, cost: FittedCost) -> float:
    """Return a budget for a cost, or refuse it: below zero, or above the largest shift of a percentile there is."""
    require(budget is not None, "budget is missing: give the highest cost of an action, such as budget=0.3.")
    most = 1.0 if cost.name.startswith(PercentileShift.__name__) else math.inf
    return number("budget", budget, at_least=0, at_most=most)


def check_searchable(cost: FittedCost) -> None:
    """Refuse a cost under which the search for actions in trees proves nothing."""
    require(
        cost.combine != EUCLIDEAN,
        f"cost={cost.name} is a Euclidean length, which serves robustness only: the search for actions takes the "
        "largest change or a sum, such as 'sd' or 'sd-sum'.",
    )
