"""The trade-off picture: reward against inequality, one numbered point per agent, their names, and the Pareto front."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox, BboxBase

from fairgym.leaderboard.ranking import on_front
from fairgym.plots import COLOURS

FRONT, OTHERS = COLOURS[0], "#777777"
"""Colours of the agents on the front and of those that another beats."""
DIRECTIONS = ((0.7, 0.7), (0.7, -0.7), (-0.7, 0.7), (-0.7, -0.7), (1, 0), (-1, 0), (0, 1), (0, -1))
DISTANCES = (7, 13, 20, 28, 38)
"""Where a number may stand beside its point: directions, nearest first, and distances in points."""
LINE, WIDTH = 0.036, 36
"""Height of a line of the list, as a share of the picture, and its width in letters."""

SIGNS = "blue: nobody has both more reward\nand less inequality (Pareto front)\nbars: 95 % intervals"
ORACLES = "\nhollow: oracle, reads hidden truth\ndotted: the front without the oracles"
"""What colours and shapes mean, and where there are oracles."""


def tradeoff(table: pd.DataFrame, title: str, inequality: str) -> Figure:
    """Draw the standings: up is more reward, left is more equal; ``inequality`` names the axis to the right."""
    figure = Figure(figsize=(11, 6), layout="constrained")
    FigureCanvasAgg(figure)
    axes, names = figure.subplots(1, 2, width_ratios=(1.8, 1))
    ranked = table.assign(rank=np.arange(1, len(table) + 1))
    known = ranked[np.isfinite(ranked["inequality"])]
    for row in known.to_dict("records"):
        _draw_point(axes, row)
    axes.set_title(title)
    axes.set_xlabel(f"{inequality}\n← more equal")
    axes.set_ylabel("reward per step →")
    axes.margins(y=0.1)
    right = axes.get_xlim()[1]
    axes.set_xlim(-0.03 * right, right)
    _draw_front(axes, known[known["front"]], "-", FRONT)
    if known["oracle"].any():
        learners = known[~known["oracle"]]
        front = on_front(learners["reward"].to_numpy(), learners["inequality"].to_numpy())
        _draw_front(axes, learners[front], ":", OTHERS)
    _list_names(names, ranked.to_dict("records"))
    _write_numbers(axes, known)
    return figure


def _ink(row: Mapping[Any, Any]) -> str:
    return FRONT if row["front"] else OTHERS


def _draw_point(axes: Axes, row: Mapping[Any, Any]) -> None:
    """Draw an agent with its intervals; an oracle is hollow."""
    x, y, ink = row["inequality"], row["reward"], _ink(row)
    axes.errorbar(
        x, y, xerr=_arms(row, "inequality"), yerr=_arms(row, "reward"), fmt="none",
        ecolor=ink, elinewidth=1, alpha=0.35, zorder=1,
    )  # fmt: skip
    axes.plot(
        x, y, "o", color=ink, markersize=8, markerfacecolor="white" if row["oracle"] else ink, zorder=3 + row["front"]
    )


def _arms(row: Mapping[Any, Any], name: str) -> list[list[float]]:
    """Return how far an interval reaches down and up from the mean; nothing where there is none."""
    arms = row[name] - row[f"{name}_low"], row[f"{name}_high"] - row[name]
    return [[max(0.0, float(np.nan_to_num(arm)))] for arm in arms]


def _draw_front(axes: Axes, front: pd.DataFrame, style: str, ink: str) -> None:
    """Draw the staircase below and right of which every agent is beaten by one on it."""
    front = front.sort_values("inequality")
    x, y = front["inequality"].to_list(), front["reward"].to_list()
    if x:
        edge, floor = axes.get_xlim()[1], axes.get_ylim()[0]
        axes.step([x[0], *x, edge], [floor, *y, y[-1]], where="post", color=ink, linestyle=style, linewidth=1.5)
        axes.set_xlim(right=edge)
        axes.set_ylim(bottom=floor)


def _list_names(axes: Axes, rows: Sequence[Mapping[Any, Any]]) -> None:
    """Write the names of all agents, best reward first, and what the signs mean."""
    axes.set_axis_off()
    height = 1.0
    for row in rows:
        lines = textwrap.wrap(row["agent"], WIDTH)
        style: dict[str, Any] = {
            "color": _ink(row) if row["front"] else "#333333",
            "weight": "bold" if row["front"] else "normal",
        }
        axes.text(0.0, height, str(row["rank"]), ha="right", va="top", fontsize=10, **style)
        axes.text(0.03, height, "\n".join(lines), va="top", fontsize=10, **style)
        height -= LINE * len(lines) + 0.008
    signs = SIGNS + ORACLES * any(row["oracle"] for row in rows)
    axes.text(0.03, height - LINE, signs, va="top", fontsize=9, color="#777777")


def _write_numbers(axes: Axes, table: pd.DataFrame) -> None:
    """Write the rank of each agent where it hides neither a point nor another number, as near as that goes."""
    axes.figure.canvas.draw()
    points = axes.transData.transform(table[["inequality", "reward"]].to_numpy())
    taken: list[BboxBase] = [Bbox.from_bounds(x - 6, y - 6, 12, 12) for x, y in points]
    for row in table.sort_values("front", ascending=False, kind="stable").to_dict("records"):
        number = axes.annotate(
            str(row["rank"]), (row["inequality"], row["reward"]), xytext=(0, 0), textcoords="offset points",
            fontsize=10, color=_ink(row), weight="bold" if row["front"] else "normal", zorder=5,
            arrowprops={"arrowstyle": "-", "linewidth": 0.6, "color": "#999999", "shrinkA": 0, "shrinkB": 4},
        )  # fmt: skip
        number.set_in_layout(False)
        taken.append(_place(number, axes.get_window_extent(), taken))


def _place(number: Annotation, inside: BboxBase, taken: Sequence[BboxBase]) -> BboxBase:
    """Put a number at the first place that is free and inside the axes, else where it hides least; return its box."""
    costs: dict[tuple[float, float], float] = {}
    for distance, (right, up) in product(DISTANCES, DIRECTIONS):
        place = (right * distance, up * distance)
        box = _moved(number, place)
        outside = box.width * box.height - _shared_area(box, inside)
        costs[place] = outside + sum(_shared_area(box, other) for other in taken)
        if costs[place] == 0:
            break
    return _moved(number, min(costs, key=lambda place: costs[place]))


def _moved(number: Annotation, place: tuple[float, float]) -> BboxBase:
    """Put a number beside its point, (right, up) in points, and return the box of its letters in pixels."""
    right, up = place
    number.set_position(place)
    number.set_horizontalalignment("left" if right > 0 else "right" if right < 0 else "center")
    number.set_verticalalignment("bottom" if up > 0 else "top" if up < 0 else "center")
    canvas: Any = number.axes.figure.canvas if number.axes else None
    number.update_positions(canvas.get_renderer())
    return Text.get_window_extent(number)  # without its line


def _shared_area(one: BboxBase, other: BboxBase) -> float:
    """Return the area in square pixels that two boxes share."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(0.0, width) * max(0.0, height)
