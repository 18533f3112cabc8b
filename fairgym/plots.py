"""Plots: what figures share; a figure is a function of a result frame.

Colours are those of Okabe and Ito, told apart by colour-blind people; lines carry their names at their ends, so that
no legend has to be looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fairgym.checks import require
from fairgym.colours import COLOURS as COLOURS
from fairgym.result import Result, compare

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
    places: list[float] = []
    floor, ceiling = -np.inf, 1 + line_height
    ordered = sorted(ends, key=lambda end: end[1])
    halves = [line_height * (1.3 + name.count("\n")) / 2 for _, _, name, _ in ordered]
    for (_, share, _, _), half in zip(ordered, halves, strict=True):
        places.append(max(share, floor + half))
        floor = places[-1] + half
    for index in reversed(range(len(places))):  # what was pushed out at the top comes down again
        places[index] = min(places[index], ceiling - halves[index])
        ceiling = places[index] - halves[index]
    for (_, _, name, ink), place in zip(ordered, places, strict=True):
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
        ends.append((float(curve.index[-1]), float(curve["mean"].ffill().iloc[-1]), line.name, line.colour))
    axes.set_title(title)
    axes.set_xlabel("step")
    axes.margins(x=0)
    label_line_ends(axes, ends)


def names_of(result: Result, experiments: Mapping[str, str] | None) -> dict[str, str]:
    """Return what each experiment is to be called in a picture: its own name where nothing else is given."""
    return {name: name for name in result.experiments} if experiments is None else dict(experiments)


def crossings(places: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return where the straight lines between points pass through zero from one side to the other, in order.

    Points at zero count where the points on both sides of them are on different sides; undefined points are left out.
    """
    known = [(x, y) for x, y in zip(places, heights, strict=True) if np.isfinite(y)]
    found, zeros = [], []
    before: tuple[float, float] | None = None
    for x, y in known:
        if y == 0:
            zeros.append(x)
            continue
        if before is not None and (y > 0) != (before[1] > 0):
            found.append(float(np.mean(zeros)) if zeros else float(np.interp(0, *_rising(before, (x, y)))))
        before, zeros = (x, y), []
    return found


def _rising(one: tuple[float, float], other: tuple[float, float]) -> tuple[list[float], list[float]]:
    """Return heights, the lower first, and their places."""
    (low_x, low_y), (high_x, high_y) = sorted((one, other), key=lambda point: point[1])
    return [low_y, high_y], [low_x, high_x]


class Sweep(NamedTuple):
    """One line of a picture of differences against a parameter."""

    name: str
    """What is written at the end of the line."""
    pairs: Mapping[float, tuple[str, str]]
    """For each value of the parameter two experiments; drawn is the first minus the second."""
    colour: str = COLOURS[0]
    group: str | None = None
    """Group of the metric, where it has groups."""


def differences(result: Result, metric: str, sweep: Sweep) -> pd.DataFrame:
    """Return the paired differences of a sweep by value: mean, standard_error, low, high and lanes."""
    require(len(sweep.pairs) > 0, f"the sweep {sweep.name!r} has no pairs: give two experiments for each value.")
    values = sorted(sweep.pairs)
    rows = [
        compare(result, result, metric, experiments=sweep.pairs[value], group=sweep.group).difference
        for value in values
    ]
    return pd.DataFrame([asdict(row) for row in rows], index=values)


def draw_against(axes: Axes, result: Result, metric: str, sweeps: Sequence[Sweep], title: str, parameter: str) -> None:
    """Draw how much two policies differ in a metric against the value of a parameter, paired lane by lane.

    Each line is a mean over lanes with its 95 % interval shaded and has its name at its end. Where it passes through
    zero, the place is marked, and written below the name with the places where the ends of the interval do. The axes
    need room for the names at their right.
    """
    ends = []
    axes.axhline(0, color="#444444", linewidth=1)
    for sweep in sweeps:
        curve = differences(result, metric, sweep)
        draw_curve(axes, curve, sweep.colour)
        axes.plot(curve.index, curve["mean"], "o", color=sweep.colour, markersize=5)
        zeros = crossings(curve.index.tolist(), curve["mean"].tolist())
        axes.plot(zeros, np.zeros(len(zeros)), "o", markersize=10, mfc="white", mec=sweep.colour, mew=2, zorder=4)
        name = "\n".join([sweep.name, *([f"zero at {_zeros(curve, zeros)}"] if zeros else [])])
        ends.append((float(curve.index[-1]), float(curve["mean"].iloc[-1]), name, sweep.colour))
    axes.set_title(title)
    axes.set_xlabel(parameter)
    axes.margins(x=0.02)
    label_line_ends(axes, ends)


def _zeros(curve: pd.DataFrame, zeros: Sequence[float]) -> str:
    """Return where a curve passes through zero, with the interval where it does so once."""
    low, high = (crossings(curve.index.tolist(), curve[name].tolist()) for name in ("low", "high"))
    words = " and ".join(f"{place:.3g}" for place in zeros)
    if len(zeros) == len(low) == len(high) == 1:
        words += " [{:.3g}, {:.3g}]".format(*sorted(low + high))
    return words
