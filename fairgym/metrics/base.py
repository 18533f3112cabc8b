"""Tracker: a running metric in three verbs, and GroupRate: a rate by group in one line of arithmetic."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Array, Mask

Numbers = NDArray[np.float64]
Values = Numbers | dict[str, Numbers]


class Tracker(ABC):
    """A running metric over n lanes; its memory does not grow with the run and undefined is NaN."""

    requires: ClassVar[tuple[str, ...]] = ()
    """Keys of the outcome (see ``fairgym.outcome.VOCABULARY``) that the tracker reads."""

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        self.num_envs = num_envs
        self.num_groups = num_groups

    @abstractmethod
    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Take in one step: arrays with the lane axis first; lanes that are not live made no transition."""

    @abstractmethod
    def compute(self) -> Values:
        """Return the metric so far: (n,), or (n, G), or a dict of such arrays where it has several parts."""


class GroupRate(Tracker):
    """Share of a kind of people (the denominator) to whom something happened (the numerator), by group.

    A subclass writes ``parts`` only. People may be one a lane (n,) or a cohort (n, m). A NaN in a part (the truth of
    somebody is hidden) makes the rate of that group NaN from then on: it cannot be known.
    """

    @abstractmethod
    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return for each person whether they count above and below the line, as numbers or bools."""

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.numerator = np.zeros((num_envs, num_groups))
        self.denominator = np.zeros((num_envs, num_groups))

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add one step to the counts."""
        above, below = self.parts(outcome)
        self.numerator += self.by_group(above, outcome["group"], live)
        self.denominator += self.by_group(below, outcome["group"], live)

    def by_group(self, values: Array, group: Array, live: Mask) -> Numbers:
        """Return the sum of ``values`` over the people of each group in the live lanes, shape (n, G)."""
        lanes = np.arange(self.num_envs).reshape(-1, *[1] * (group.ndim - 1))
        cells = (lanes * self.num_groups + group)[live].ravel()
        size = self.num_envs * self.num_groups
        sums: Numbers = np.bincount(cells, weights=values[live].ravel(), minlength=size).astype(np.float64, copy=False)
        return sums.reshape(self.num_envs, self.num_groups)

    def compute(self) -> Numbers:
        """Return the rate so far, (n, G), NaN where nobody counted."""
        with np.errstate(invalid="ignore"):
            rate: Numbers = self.numerator / self.denominator
        return rate
