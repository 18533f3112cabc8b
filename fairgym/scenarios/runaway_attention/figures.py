"""The figures: what is discovered and missed, how unfairly, and the greedy agent over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fairgym.plots import COLOURS, colour, label_line_ends
from fairgym.result import Result, estimate
from fairgym.scenarios.runaway_attention.claims import quantity
from fairgym.scenarios.runaway_attention.names import (
    EXPLORING,
    FAIR,
    FAIR_AS_PUBLISHED,
    FASTEST,
    GREEDY,
    GREEDY_AS_PUBLISHED,
    PROPORTIONAL,
    RATES_OF_CHANGE,
    UNIFORM,
    per_step,
)
from fairgym.scenarios.runaway_attention.published import PAPER_BARS

ROWS = {
    GREEDY: COLOURS[1],
    GREEDY_AS_PUBLISHED: COLOURS[1],
    FAIR: COLOURS[0],
    FAIR_AS_PUBLISHED: COLOURS[0],
    PROPORTIONAL: COLOURS[2],
    EXPLORING: COLOURS[3],
    UNIFORM: "#888888",
}
"""The agents from top to bottom, with their colours."""
SHOWN = 500
"""Steps of a run that are drawn."""
AS_PUBLISHED = (GREEDY_AS_PUBLISHED, FAIR_AS_PUBLISHED)


def figures(result: Result) -> dict[str, Figure]:
    """Return discovered and missed incidents, unfairness, and the greedy agent over time."""
    return {
        "discovered-and-missed": bars(
            result,
            {"discovered": "discovered", "missed": "missed"},
            "Where attention moves the rates fast (right), greedy finds most and misses most",
        ),
        "unfairness": bars(
            result,
            {"delta": "gap between sites"},
            "The faster attention moves the rates (right), the fairer greedy gets, and the less fair the blind",
        ),
        "greedy-over-time": greedy_over_time(result),
    }


def bars(result: Result, rows: dict[str, str], title: str) -> Figure:
    """Draw means over runs by agent, one column per rate of change, with the paper's bars as dots."""
    figure = Figure(figsize=(11, 2.5 * len(rows) + 1.4))
    panels = figure.subplots(
        len(rows), len(RATES_OF_CHANGE), sharey=True, squeeze=False, sharex=rows.keys() == {"delta"}
    )
    for row, (what, label) in enumerate(rows.items()):
        for column, d in enumerate(RATES_OF_CHANGE):
            axes = panels[row, column]
            draw_bars(axes, result, what, d)
            axes.set_xlabel(label)
            if row == 0:
                axes.set_title("d = 0: rates stand still" if d == 0 else f"d = {d:g}")
        panels[row, 0].set_yticks(np.arange(len(ROWS)), list(ROWS))
    panels[0, 0].invert_yaxis()
    key = [Line2D([], [], color="black", marker="o", linestyle="", label="bar of the paper")]
    figure.legend(handles=key, loc="lower left", frameon=False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=13)
    figure.tight_layout()
    return figure


def draw_bars(axes: Axes, result: Result, what: str, d: float) -> None:
    """Draw one quantity in one world, an agent as published as an outline."""
    for place, (agent, ink) in enumerate(ROWS.items()):
        one = estimate(quantity(result, what, agent, d))
        error = [[one.mean - one.low], [one.high - one.mean]] if np.isfinite(one.low) else None
        outline = agent in AS_PUBLISHED
        axes.barh(
            place, one.mean, xerr=error, height=0.75, color="white" if outline else ink, edgecolor=ink,
            hatch="///" if outline else None, error_kw={"linewidth": 1.2},
        )  # fmt: skip
        if (what, agent) in PAPER_BARS:
            axes.plot(PAPER_BARS[what, agent][RATES_OF_CHANGE.index(d)], place, "o", color="black", markersize=4)
    axes.locator_params(axis="x", nbins=4)


def greedy_over_time(result: Result) -> Figure:
    """Draw incidents and attention by site in one run of the greedy agent at d = .05 (the paper's figure 8)."""
    figure = Figure(figsize=(11, 6))
    figure.subplots_adjust(left=0.07, right=0.92, bottom=0.1, top=0.87, wspace=0.1, hspace=0.25)
    figure.suptitle(
        "Greedy attention at d = .05 runs after incidents that grow where it is not", x=0.01, ha="left", fontsize=13
    )
    panels = figure.subplots(2, 2, sharex=True, sharey="row")
    columns = ((GREEDY_AS_PUBLISHED, "as published"), (GREEDY, "as the paper defines it"))
    for column, (agent, label) in enumerate(columns):
        draw_sites(panels[0, column], result, "occurred", agent, f"Greedy, {label}: incidents per step")
        draw_sites(panels[1, column], result, "sent", agent, "Units of attention per step")
        panels[1, column].set_xlabel("step (one run)")
    for axes in panels[:, 1]:
        label_line_ends(axes, line_ends(axes, result.groups))
    return figure


def draw_sites(axes: Axes, result: Result, metric: str, agent: str, title: str) -> None:
    """Draw one line per site of the first run, in blocks of steps."""
    ends, counts = per_step(result, metric, agent, FASTEST)
    ends, counts = ends[ends <= SHOWN], counts[ends <= SHOWN]
    for index in range(counts.shape[2]):
        axes.plot(ends, counts[:, 0, index], color=colour(index), linewidth=1.4)
    axes.set_title(title)
    axes.margins(x=0)
    axes.set_ylim(bottom=0)


def line_ends(axes: Axes, names: Sequence[str]) -> list[tuple[float, float, str, str]]:
    """Return where the lines of a panel end, with names and colours."""
    ends = []
    for index, (line, name) in enumerate(zip(axes.get_lines(), names, strict=True)):
        x, y = np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)
        ends.append((float(x[-1]), float(y[-1]), name, colour(index)))
    return ends
