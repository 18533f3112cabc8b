"""WorldPicture: the frames of any world, and what the pictures of single worlds share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from fairgym.envs.dynamics import Dynamics
from fairgym.metrics.base import GroupRate
from fairgym.metrics.rates import AcceptanceRate
from fairgym.outcome import transition_view
from fairgym.plots import STYLE, colour, label_line_ends


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
