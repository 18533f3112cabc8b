"""Rendered frames of the admissions world: who raised the score to the threshold, and who pays for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from fairgym.envs.dynamics import Dynamics
from fairgym.metrics.admissions import SocialBurden
from fairgym.metrics.rates import Accuracy
from fairgym.outcome import transition_view
from fairgym.pictures.base import WorldPicture
from fairgym.plots import colour, label_line_ends

BINS = np.linspace(0, 1, 26).tolist()
"""Edges of the bars of scores: .04 wide."""


class AdmissionsPicture(WorldPicture):
    """The frames of one lane: true and shown scores of the last cohort, accuracy and social burden so far."""

    rate_title = "right decisions so far"
    burden_title = "social burden so far, per applicant"

    def __init__(self, dynamics: Dynamics[Any, Any, Any]) -> None:
        super().__init__(dynamics)
        self.rate = Accuracy()
        self.burden = SocialBurden()
        self.figure.set_size_inches(10, max(4.5, 1.8 * len(dynamics.groups)))

    def start(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Begin the pictures of a new episode."""
        super().start(observation, info)
        self.burden.reset(1, len(self.dynamics.groups))
        self.burdens: list[np.ndarray[Any, Any]] = []

    def record(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Take in one round."""
        super().record(observation, info)
        self.burden.update(*transition_view(info, None))
        self.burdens.append(self.burden.compute()[0])

    def draw(self) -> None:
        """Draw one row of scores per group at the left, accuracy above burden at the right."""
        left, right = np.asarray(self.figure.subfigures(1, 2, width_ratios=(1.15, 1)))
        rows = left.subplots(len(self.dynamics.groups), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for index, axes in enumerate(rows):
            self.draw_scores(axes, index)
        rows[0].set_title("true scores (bars), shown (outline), threshold (dashed)")
        rows[-1].set_xlabel("score")
        rates, burdens = right.subplots(2, 1, sharex=True)
        self.draw_rates(rates)
        rates.set_xlabel("")
        self.draw_burdens(burdens)

    def draw_scores(self, axes: Axes, group: int) -> None:
        """Draw the scores of a group's applicants in the last cohort before and after they answered."""
        axes.set_xlim(0, 1)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.set_ylabel(self.dynamics.groups[group])
        if "threshold" not in self.now:
            return
        members = self.now["group"] == group
        axes.hist(self.now["score"][members], BINS, color=colour(group), alpha=0.75)
        axes.hist(self.now["observed_score"][members], BINS, histtype="step", color="black", linewidth=1.4)
        axes.axvline(self.now["threshold"][group], color="#444444", linestyle="--", linewidth=1.2)

    def draw_burdens(self, axes: Axes) -> None:
        """Draw each group's running social burden."""
        burdens = np.array(self.burdens).reshape(-1, len(self.dynamics.groups))
        rounds = np.arange(1, len(burdens) + 1)
        axes.set_title(self.burden_title)
        axes.set_xlabel("round")
        axes.set_ylim(0, 1.1 * max(0.01, np.nanmax(burdens, initial=0)))
        for index, burden in enumerate(burdens.T):
            axes.plot(rounds, burden, color=colour(index))
        last = burdens[-1] if len(burdens) else []
        names = zip(self.dynamics.groups, last, strict=False)
        label_line_ends(axes, [(rounds[-1], burden, name, colour(index)) for index, (name, burden) in enumerate(names)])
