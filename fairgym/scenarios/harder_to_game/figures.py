"""The figures: fooled and shut out over the retrainings, and who pays under each lender in the end."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fairgym.plots import colour, draw_curve, label_line_ends
from fairgym.result import Result, estimate
from fairgym.scenarios.harder_to_game.names import (
    ACCURACY,
    AGAINST_ALL,
    CUBIC,
    FOREST,
    GAMED,
    GROUPS,
    NEVER,
    PLAIN,
    RAISED,
    RELU,
    SHUT_OUT,
    STRATEGIC,
    values,
)

INKS = {PLAIN: colour(0), RAISED: colour(1)}
STYLES = dict(zip(GROUPS, ("-", "--"), strict=True))
WORDS = {PLAIN: "plain", RAISED: "harder to game"}
ROWS = (RELU, CUBIC, FOREST, NEVER, PLAIN, AGAINST_ALL, STRATEGIC, RAISED)
"""Lenders, from top to bottom; the first three only where they play."""


def figures(result: Result) -> dict[str, Figure]:
    """Return all figures."""
    return {"harder-to-game": over_retrainings(result), "who-pays": who_pays(result)}


def over_retrainings(result: Result) -> Figure:
    """Draw who games a way in and who is shut out, by group, with and without a raised bar."""
    figure = Figure(figsize=(11, 4.8))
    figure.subplots_adjust(left=0.06, right=0.83, bottom=0.12, top=0.82, wspace=0.62)
    fooled, shut_out = figure.subplots(1, 2)
    draw_lenders(fooled, result, f"expected.{GAMED}", "unqualified people who game their way in")
    draw_lenders(shut_out, result, f"expected.{SHUT_OUT}", "qualified people who cannot reach approval")
    figure.suptitle(
        "Made harder to game, a lender is fooled less; qualified people with small budgets pay for it",
        x=0.02, ha="left", fontsize=13,
    )  # fmt: skip
    return figure


def draw_lenders(axes: Axes, result: Result, metric: str, title: str) -> None:
    """Draw a metric over the retrainings, a colour for each lender and a style for each group."""
    ends = []
    for lender, ink in INKS.items():
        for group, style in STYLES.items():
            curve = result.curve(metric, experiment=lender, group=group)
            draw_curve(axes, curve, ink, style)
            ends.append((float(curve.index[-1]), float(curve["mean"].iloc[-1]), f"{WORDS[lender]},\n{group}", ink))
    axes.set_title(title)
    axes.set_xlabel("retrainings")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    label_line_ends(axes, ends)


def who_pays(result: Result) -> Figure:
    """Draw for every lender, at the end, who is shut out and who games, by group, and how many decisions are right."""
    rows = [lender for lender in ROWS if lender in result.experiments]
    figure = Figure(figsize=(11, 1.2 + 0.6 * len(rows)), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    titles = {
        GAMED: "unqualified people\nwho game their way in",
        SHUT_OUT: "qualified people\nwho cannot reach approval",
        ACCURACY: "right decisions\n",
    }
    for axes, (metric, title) in zip(panels, titles.items(), strict=True):
        for row, lender in enumerate(rows):
            draw_pair(axes, result, metric, lender, -float(row))
        axes.set_title(title)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.grid(axis="x", color="#e5e5e5", linewidth=0.8)
        axes.set_axisbelow(True)
    for axes in panels[:2]:
        axes.set_xlim(left=0)
    panels[0].set_yticks([-float(row) for row in range(len(rows))], rows)
    panels[0].set_ylim(0.6 - len(rows), 0.5)
    for place, (group, height) in enumerate(zip(GROUPS, (0.2, 0.1), strict=True)):
        panels[0].annotate(group, (0.97, height), xycoords="axes fraction", ha="right", color=group_colour(place))
    figure.suptitle(
        "The harder to game, the more qualified people with small budgets are turned away", x=0.01, ha="left",
        fontsize=13,
    )  # fmt: skip
    return figure


def group_colour(place: int) -> str:
    """Return the colour of a group, which no lender has."""
    return colour(2 + place)


def draw_pair(axes: Axes, result: Result, metric: str, lender: str, place: float) -> None:
    """Draw one row: a point with its 95 % interval for each group, and the gap between them."""
    found = [estimate(values(result, metric, lender, group)) for group in GROUPS]
    axes.plot(
        [one.mean for one in found], [place, place], color="#cccccc", linewidth=5, solid_capstyle="butt", zorder=1
    )
    for index, one in enumerate(found):
        axes.plot([one.low, one.high], [place, place], color=group_colour(index), linewidth=2, zorder=2)
        axes.plot(one.mean, place, "o", color=group_colour(index), markersize=8, zorder=3)
