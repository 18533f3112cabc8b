"""LendingPicture: one lane of the lending world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from fairgym.envs.dynamics import Dynamics
from fairgym.metrics.rates import TruePositiveRate
from fairgym.pictures.base import WorldPicture
from fairgym.plots import colour


class LendingPicture(WorldPicture):
    """The frames of the lending world: scores now against the start, cash, and the TPR of each group so far."""

    money_title = "the bank's cash"
    rate_title = "true positive rate so far"

    def __init__(self, dynamics: Dynamics[Any, Any, Any]) -> None:
        super().__init__(dynamics)
        self.rate = TruePositiveRate()
        self.figure.set_size_inches(10, max(4.5, 1.6 * len(dynamics.groups)))

    def money_now(self, observation: Mapping[str, Any], earned: float) -> float:
        """Return the bank's cash."""
        return float(observation["cash"][0])

    def draw(self) -> None:
        """Draw one row of score bars per group at the left, cash above rates at the right."""
        left, right = np.asarray(self.figure.subfigures(1, 2, width_ratios=(1, 1.15)))
        bars = left.subplots(len(self.dynamics.groups), 1, sharex=True, squeeze=False)[:, 0]
        for index, axes in enumerate(bars):
            self.draw_scores(axes, index)
        bars[0].set_title("people by score: now (bars), at first (line)")
        bars[-1].set_xlabel("credit score level")
        money, rates = right.subplots(2, 1, sharex=True)
        self.draw_rates(rates)
        self.draw_money(money)
        money.set_xlabel("")

    def draw_scores(self, axes: Axes, group: int) -> None:
        """Draw a group's score distribution now, with that of the start as an outline."""
        now, first = self.now["score_distribution"][group], self.first["score_distribution"][group]
        axes.bar(np.arange(len(now)), now, color=colour(group), alpha=0.75)
        axes.step(np.arange(len(now) + 1) - 0.5, [*first, first[-1]], where="post", color="black", linewidth=1.2)
        axes.set_ylim(0, 1.15 * max(first.max(), now.max()))
        axes.set_ylabel(self.dynamics.groups[group])
