"""Where the people of each group are now, and how far that is from where the episode began.

These read the truth about the state, which worlds show from the reset on. Pooling over episodes has no meaning for
them: each lane's value is that of its current episode.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from fairgym.batch import Array, Mask, Numbers, along
from fairgym.metrics.base import Tracker


def store(kept: Numbers | None, values: Array, lanes: Mask) -> Numbers:
    """Write the rows of ``values`` in the given lanes into ``kept``, which is made of NaN where there is none yet."""
    kept = np.full(values.shape, np.nan) if kept is None else kept
    np.copyto(kept, values, where=along(lanes, values))
    return kept


class Latest(Tracker):
    """The latest value of one key of the info."""

    key: ClassVar[str]

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.latest: Numbers | None = None

    def begin(self, outcome: Mapping[str, Array], lanes: Mask | None = None) -> None:
        """Keep the value of the first state, if the world shows it."""
        if self.key in outcome:
            self.keep(outcome[self.key], np.ones(self.num_envs, np.bool_) if lanes is None else lanes, begins=True)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Keep the value after this step."""
        self.keep(outcome[self.key], live, begins=False)

    def keep(self, values: Array, lanes: Mask, begins: bool) -> None:
        """Keep the values of the given lanes; ``begins`` says that they are those of a first state."""
        self.latest = store(self.latest, values, lanes)


class LatestByGroup(Latest):
    """The latest value of one key that has one number for each group; (n, G)."""

    def compute(self) -> Numbers:
        """Return the latest values, (n, G), NaN before any was seen."""
        return np.full((self.num_envs, self.num_groups), np.nan) if self.latest is None else self.latest.copy()


class PopulationScore(LatestByGroup):
    """Mean chance of being qualified in each group, now; (n, G)."""

    requires = ("population_score",)
    key = "population_score"


class ScoreDistribution(Latest):
    """Share of each group at each score level, now."""

    requires = ("score_distribution",)
    key = "score_distribution"

    def compute(self) -> dict[str, Numbers]:
        """Return the shares by score level ``"0", "1", ...``, each (n, G); an empty dict before any was seen."""
        if self.latest is None:
            return {}
        return {str(level): self.latest[..., level].copy() for level in range(self.latest.shape[-1])}


class DistanceToStart(Latest):
    """A distance between each group's score distribution now and at the start of the episode; (n, G).

    The start is the distribution shown at the reset, or, where the world shows none, the first one seen after a step.
    """

    requires = ("score_distribution",)
    key = "score_distribution"

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.start: Numbers | None = None
        self.started = np.zeros(num_envs, dtype=np.bool_)

    def keep(self, values: Array, lanes: Mask, begins: bool) -> None:
        """Keep the values, as the start too where an episode begins or none is known."""
        super().keep(values, lanes, begins)
        starting = lanes if begins else lanes & ~self.started
        if starting.any():
            self.start = store(self.start, values, starting)
            self.started |= starting

    def compute(self) -> Numbers:
        """Return the distance, (n, G), NaN before any distribution was seen."""
        if self.latest is None or self.start is None:
            return np.full((self.num_envs, self.num_groups), np.nan)
        return self.distance(self.latest - self.start)

    @abstractmethod
    def distance(self, moved: Numbers) -> Numbers:
        """Return the distance from the change of each level's share, (n, G, C) -> (n, G)."""


class TotalVariation(DistanceToStart):
    """Share of a group's people who would have to be moved to restore the start, however far; 0 to 1, (n, G)."""

    def distance(self, moved: Numbers) -> Numbers:
        """Return half of the summed absolute changes."""
        distance: Numbers = np.abs(moved).sum(axis=-1) / 2
        return distance


class Wasserstein(DistanceToStart):
    """Mean number of score levels that a person would have to be moved to restore the start; (n, G).

    The Wasserstein-1 (earth mover's) distance on the level index: the summed distance of the cumulative distributions.
    """

    def distance(self, moved: Numbers) -> Numbers:
        """Return the summed absolute changes of the cumulative shares."""
        distance: Numbers = np.abs(moved.cumsum(axis=-1)).sum(axis=-1)
        return distance
