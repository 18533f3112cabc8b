"""What the decision maker gets: in total, by group, per person, per step, and how unequally from the groups."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.batch import Array, Mask, Numbers
from fairgym.metrics.base import GroupRate, GroupTotal, LaneTotal, Tracker, ratio
from fairgym.metrics.combine import OfGroups


class Utility(LaneTotal):
    """Total utility so far, in the unit of the world (lending: money); (n,)."""

    requires = ("utility",)
    key = "utility"


class GroupUtility(GroupTotal):
    """Total utility so far from the people of each group, in the unit of the world (lending: money); (n, G)."""

    requires = ("group", "utility")
    key = "utility"


class MeanUtility(GroupRate):
    """Mean utility so far per person decided on, in the unit of the world; (n, G), NaN where nobody came."""

    requires = ("group", "utility")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return utility over everybody."""
        return outcome["utility"], np.ones_like(outcome["utility"])


class MeanReward(Tracker):
    """Mean reward per step so far, as the environment pays it; (n,), NaN before the first step."""

    requires = ("reward",)

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.total, self.steps = np.zeros(num_envs), np.zeros(num_envs)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add the reward of one step."""
        self.total += np.where(live, outcome["reward"], 0.0)
        self.steps += live

    def compute(self) -> Numbers:
        """Return the mean, (n,)."""
        return ratio(self.total, self.steps)


class Gini(OfGroups):
    """Gini index over groups of any tracker of shape (n, G), by default of the total utility from each group.

    ``sum over g, h of |x_g - x_h| / (2 G sum of x)``: 0 where all groups have the same, (G - 1) / G where one group has
    everything; groups count alike, whatever their size. As a share of a whole it means nothing where a group's value
    is negative or all are 0: NaN there.
    """

    def __init__(self, of: Tracker | None = None) -> None:
        super().__init__(GroupUtility() if of is None else of)

    def compute(self) -> Numbers:
        """Return the index, (n,)."""
        values = self.values()
        distances = np.abs(values[:, :, None] - values[:, None, :]).sum(axis=(1, 2))
        index = ratio(distances, 2 * self.num_groups * values.sum(axis=1))
        return np.where((values < 0).any(axis=1), np.nan, index)
