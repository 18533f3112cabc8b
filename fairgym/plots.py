"""Plots: what figures share; a figure is a function of a result frame.

Colours are those of Okabe and Ito, told apart by colour-blind people; lines carry their names at their ends, so that
no legend has to be looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fairgym.colours import COLOURS as COLOURS
from fairgym.result import Result

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
