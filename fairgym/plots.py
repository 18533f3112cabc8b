"""Pictures: rendered frames of a world, and figures that are functions of a result frame.

Colours are those of Okabe and Ito, told apart by colour-blind people; lines carry their names at their ends, so that
no legend has to be looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from fairgym.envs.dynamics import Dynamics
from fairgym.metrics.base import GroupRate
from fairgym.metrics.rates import AcceptanceRate, TruePositiveRate
from fairgym.outcome import transition_view
from fairgym.result import Result

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
"""One colour per group or policy, in order."""

STYLE: Any = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "svg.hashsalt": "fairgym",
    "lines.linewidth": 2,
}
"""Matplotlib settings of every picture of the package."""


def colour(index: int) -> str:
    """Return the colour of the index-th group or policy."""
    return COLOURS[index % len(COLOURS)]


def label_line_ends(axes: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Write the name of each line at its end, pushed apart where two would overlap; (x, y, name, colour) each."""
    to_share = axes.transData + axes.transAxes.inverted()
    ends = [(x, float(to_share.transform((x, y))[1]), name, ink) for x, y, name, ink in ends if name and np.isfinite(y)]
    points = axes.get_window_extent().height * 72 / axes.figure.dpi
    line_height = 1.15 * mpl.rcParams["font.size"] / points
    floor = -np.inf
    for _, share, name, ink in sorted(ends, key=lambda end: end[1]):
        half = line_height * (1.3 + name.count("\n")) / 2
        place = max(share, floor + half)
        floor = place + half
        axes.annotate(
            name, (1.0, place), xycoords="axes fraction", xytext=(5, 0), textcoords="offset points",
            color=ink, va="center", annotation_clip=False,
        )  # fmt: skip


def draw_curve(axes: Axes, curve: pd.DataFrame, line_colour: str, style: str = "-") -> None:
    """Draw a mean over lanes by step with its 95 % interval shaded; ``curve`` comes from ``Result.curve``."""
    axes.plot(curve.index, curve["mean"], color=line_colour, linestyle=style)
    axes.fill_between(curve.index, curve["low"], curve["high"], color=line_colour, alpha=0.2, linewidth=0)


class Line(NamedTuple):
    """One line of a picture over the steps."""

    experiment: str
    metric: str
    group: str
    """Group of the metric, ``""`` where it has none."""
    name: str
    """What is written at the end of the line."""
    colour: str
    style: str = "-"


def draw_curves(axes: Axes, result: Result, lines: Sequence[Line], title: str) -> None:
    """Draw means over lanes by step with 95 % intervals, each line with its name at its end."""
    ends = []
    for line in lines:
        curve = result.curve(line.metric, experiment=line.experiment, group=line.group)
        draw_curve(axes, curve, line.colour, line.style)
        ends.append((float(curve.index[-1]), float(curve["mean"].iloc[-1]), line.name, line.colour))
    axes.set_title(title)
    axes.set_xlabel("step")
    axes.margins(x=0)
    label_line_ends(axes, ends)


class WorldPicture:
    """The frames of one lane: acceptance rate by group and the decision maker's money, so far."""

    money_title = "money earned"
    rate_title = "accepted so far"

    def __init__(self, dynamics: Dynamics[Any, Any, Any]) -> None:
        self.dynamics = dynamics
        self.rate: GroupRate = AcceptanceRate()
        self.figure = Figure(figsize=(8, 4), layout="constrained")
        self.canvas = FigureCanvasAgg(self.figure)

    def start(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Begin the pictures of a new episode."""
        self.first = self.now = dict(info)
        self.rate.reset(1, len(self.dynamics.groups))
        self.rates: list[np.ndarray[Any, Any]] = []
        self.money = [self.money_now(observation, 0.0)]

    def record(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Take in one step; a rendered episode is remembered whole."""
        outcome, live = transition_view(info, None)
        self.rate.update(outcome, live)
        self.rates.append(self.rate.compute()[0])
        self.money.append(self.money_now(observation, self.money[-1] + float(np.sum(info["utility"]))))
        self.now = dict(info)

    def money_now(self, observation: Mapping[str, Any], earned: float) -> float:
        """Return the decision maker's money to draw: what was earned so far."""
        return earned

    def frame(self) -> np.ndarray[Any, Any]:
        """Return the current picture, (height, width, 3) bytes."""
        with mpl.rc_context(STYLE):
            self.figure.clear()
            self.draw()
            self.canvas.draw()  # type: ignore[no-untyped-call]
        pixels = self.canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        return np.asarray(pixels)[..., :3].copy()

    def draw(self) -> None:
        """Draw money and rates side by side."""
        money, rates = self.figure.subplots(1, 2)
        self.draw_money(money)
        self.draw_rates(rates)

    def draw_money(self, axes: Axes) -> None:
        """Draw the decision maker's money over the steps so far."""
        axes.plot(self.money, color="#444444")
        axes.set_title(self.money_title)
        axes.set_xlabel("step")

    def draw_rates(self, axes: Axes) -> None:
        """Draw the running rate of each group, undefined where nobody counted yet."""
        rates = np.array(self.rates).reshape(-1, len(self.dynamics.groups))
        steps = np.arange(1, len(rates) + 1)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlim(0, max(1, len(rates)))
        axes.set_title(self.rate_title)
        axes.set_xlabel("step")
        for index, rate in enumerate(rates.T):
            axes.plot(steps, rate, color=colour(index))
        last = rates[-1] if len(rates) else []
        names = zip(self.dynamics.groups, last, strict=False)
        label_line_ends(axes, [(steps[-1], rate, name, colour(index)) for index, (name, rate) in enumerate(names)])


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
