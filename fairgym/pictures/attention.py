"""Rendered frames of the attention world: what the attention finds and misses at each site, and where rates go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fairgym.envs.dynamics import Dynamics
from fairgym.pictures.base import WorldPicture
from fairgym.plots import COLOURS, colour, label_line_ends

RECENT = 20
"""Steps over which the columns are averaged."""
GREY = "#777777"
KEY = (
    Patch(facecolor=GREY, label="found"),
    Patch(facecolor="white", edgecolor=GREY, hatch="///", label="missed"),
    Line2D([], [], color="black", linewidth=3, label="attention sent"),
)
"""What the legend shows: in grey, because the columns have the colours of the sites."""


class AttentionPicture(WorldPicture):
    """The frames of one lane: columns of incidents found and missed with the attention sent, and rates by step."""

    def __init__(self, dynamics: Dynamics[Any, Any, Any]) -> None:
        super().__init__(dynamics)
        self.sites = len(dynamics.groups)
        self.figure.set_size_inches(max(10, 5 + 0.45 * self.sites), 4.5)

    def start(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Begin the pictures of a new episode."""
        self.rates = [np.asarray(info["rate"])]
        self.steps: list[np.ndarray[Any, Any]] = []

    def record(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Take in one step; a rendered episode is remembered whole."""
        self.rates.append(np.asarray(info["rate"]))
        self.steps.append(np.stack([info["discovered"], info["missed"], info["attention"]]))

    def draw(self) -> None:
        """Draw columns and rates side by side."""
        columns, rates = self.figure.subplots(1, 2)
        self.draw_columns(columns)
        self.draw_rates(rates)

    def draw_columns(self, axes: Axes) -> None:
        """Draw what was found and missed at each site lately, and a bar at the height of the attention sent."""
        lately = self.steps[-RECENT:] or [np.zeros((3, self.sites))]
        found, missed, sent = np.mean(lately, axis=0)
        sites = np.arange(1, self.sites + 1)
        inks = [colour(index) for index in range(self.sites)]
        axes.bar(sites, found, color=inks)
        axes.bar(sites, missed, bottom=found, color="white", edgecolor=inks, hatch="///")
        axes.hlines(sent, sites - 0.47, sites + 0.47, color="black", linewidth=3)
        axes.set_xticks(sites)
        axes.set_xlabel("site")
        axes.set_ylim(0, 1.3 * max(1.0, float((found + missed).max()), float(sent.max())))
        axes.set_title(f"incidents per step, last {RECENT} steps" if self.steps else "incidents per step")
        axes.legend(handles=KEY, frameon=False, ncols=3, loc="upper right", handlelength=1.2, columnspacing=1.0)

    def draw_rates(self, axes: Axes) -> None:
        """Draw each site's expected incidents over the steps; of many sites only the extremes are named."""
        rates = np.array(self.rates)
        for index, rate in enumerate(rates.T):
            axes.plot(rate, color=colour(index))
        axes.set_xlim(0, max(1, len(rates) - 1))
        axes.set_ylim(0, 1.1 * max(1.0, rates.max()))
        axes.set_title("hidden incident rate of each site")
        axes.set_xlabel("step")
        last = rates[-1]
        shown = range(self.sites) if self.sites <= len(COLOURS) else (int(last.argmax()), int(last.argmin()))
        ends = [(len(rates) - 1, last[index], self.dynamics.groups[index], colour(index)) for index in shown]
        label_line_ends(axes, ends)
