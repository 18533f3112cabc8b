"""The figures: survival and funnel by group, gaps on paper against gaps in time, and what the remedies do."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from fairgym.pictures.funnel import funnel
from fairgym.pictures.recourse_over_time import survival
from fairgym.plots import colour, label_line_ends
from fairgym.result import Estimate, Result, estimate
from fairgym.scenarios.recourse_over_time.measures import values
from fairgym.scenarios.unequal_means.measures import relative_gaps
from fairgym.scenarios.unequal_means.names import (
    ACCEPT,
    ACCURATE,
    AWARE,
    CONTROL,
    COST,
    FOLLOW,
    LOWER_MEAN,
    MEAN,
    NEVER,
    NO_OFFERS,
    OFFER,
    PROFIT,
    REACH_AND_WEIGHT,
    SAME_TOTAL,
    STRONGER,
    SWEPT,
    WITHIN_5,
    WITHIN_10,
    WITHIN_REACH,
    with_mean,
)

WORDS = {
    ACCEPT: "accepted at once",
    OFFER: "told a way up",
    COST: "what it costs",
    FOLLOW: "follow it",
    WITHIN_5: "served within 5 periods",
    WITHIN_10: "served within 10 periods",
    NEVER: "never served",
}
PAPER_ROWS = 3
RULES = {
    NO_OFFERS: "accurate tree, no offers",
    ACCURATE: "accurate tree, offers",
    AWARE: "recourse-aware tree, weight .05",
    SAME_TOTAL: "equal weights of .23",
    STRONGER: "weights .05 and .5 by group",
    WITHIN_REACH: "trained for ways up within .1, weight .05",
    REACH_AND_WEIGHT: "trained for ways up within .1, weight .23",
}
GREY = "#666666"


def figures(result: Result) -> dict[str, Figure]:
    """Return all figures."""
    return {
        "paper-and-time": paper_and_time(result),
        "survival": survival(
            result,
            {
                CONTROL: "equal means",
                AWARE: "unequal means",
                STRONGER: "unequal, weights by group",
                REACH_AND_WEIGHT: "unequal, ways up within reach",
            },
            panels="policy",
            title="Still without a loan, of the rejected of each group",
        ),
        "funnel": funnel(
            result,
            {CONTROL: "equal means", AWARE: "unequal means"},
            title="What becomes of 100 rejections, with equal means and with unequal ones",
        ),
        "remedies": remedies(result),
        "means": by_mean(result),
    }


def paper_and_time(result: Result) -> Figure:
    """Draw the relative gaps on paper and in time, with equal and with unequal means."""
    figure = Figure(figsize=(9, 4.8), layout="constrained")
    axes = figure.subplots()
    places = [-float(row) - (row >= PAPER_ROWS) for row in range(len(WORDS))]
    for index, (experiment, words, ink) in enumerate(
        ((CONTROL, "equal means", colour(2)), (AWARE, "unequal means", colour(3)))
    ):
        gaps = [estimate(relative_gaps(result, metric, experiment)) for metric in WORDS]
        draw_gaps(axes, [place + 0.14 - 0.28 * index for place in places], gaps, ink)
        axes.annotate(words, (0.98, 0.5 - 0.07 * index), xycoords="axes fraction", ha="right", color=ink)
    axes.axvline(0, color="#444444", linewidth=1)
    axes.set_yticks(places, list(WORDS.values()))
    for row, heading in ((0, "on paper (first applications)"), (PAPER_ROWS, "in time")):
        axes.annotate(heading, (0.01, places[row] + 0.5), xycoords=("axes fraction", "data"), color=GREY, va="center")
    axes.set_ylim(places[-1] - 0.6, 0.9)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    first, second = result.groups[0], result.groups[-1]
    axes.set_xlabel(f"{second} minus {first}, as a share of {first} (95 % intervals)")
    axes.set_title("The gap between the groups, on paper and in time")
    return figure


def draw_gaps(axes: Axes, places: list[float], gaps: list[Estimate], ink: str) -> None:
    """Draw a point with its interval in each row."""
    for place, one in zip(places, gaps, strict=True):
        axes.plot([one.low, one.high], [place, place], color=ink, solid_capstyle="butt", linewidth=3, alpha=0.5)
        axes.plot(one.mean, place, "o", color=ink)


def remedies(result: Result) -> Figure:
    """Draw who is never served, by group, under each rule, and what the lender earns under it."""
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    axes = figure.subplots()
    for row, experiment in enumerate(RULES):
        shares = [float(values(result, NEVER, experiment, group).mean()) for group in result.groups]
        axes.plot(shares, [-row, -row], color="#bbbbbb", linewidth=5, zorder=1, solid_capstyle="butt")
        for index, share in enumerate(shares):
            axes.plot(share, -row, "o", color=colour(index), markersize=9)
        profit = float(values(result, PROFIT, experiment).mean())
        middle = f"{100 * (shares[1] - shares[0]):.1f} points"
        axes.annotate(middle, (max(shares), -row), xytext=(10, -4), textcoords="offset points", color=GREY)
        axes.annotate(f"{profit:,.0f}", (1.03, -row), xycoords=("axes fraction", "data"), va="center")
    axes.set_yticks([-float(row) for row in range(len(RULES))], list(RULES.values()))
    axes.annotate("profit in loans", (1.03, 0.55), xycoords=("axes fraction", "data"), color=GREY)
    for index, group in enumerate(result.groups):
        axes.annotate(group, (0.78, 0.1 - 0.06 * index), xycoords="axes fraction", color=colour(index))
    axes.set_xlim(0, 1.15 * axes.get_xlim()[1])
    axes.set_ylim(-len(RULES) + 0.2, 0.9)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("never served, of those whose story is over")
    axes.set_title("Who is never served under each rule, and what the lender earns")
    return figure


def by_mean(result: Result) -> Figure:
    """Draw who is never served, by group, against the mean of the second group."""
    figure = Figure(figsize=(8, 4.4), layout="constrained")
    axes = figure.subplots()
    means, ends = sorted((LOWER_MEAN, *SWEPT, MEAN)), []
    for index, group in enumerate(result.groups):
        found = [estimate(values(result, NEVER, with_mean(mean), group)) for mean in means]
        heights = np.array([one.mean for one in found])
        axes.plot(means, heights, "-o", color=colour(index))
        axes.fill_between(
            means, [one.low for one in found], [one.high for one in found], color=colour(index), alpha=0.2, linewidth=0
        )
        ends.append((means[-1], float(heights[-1]), group, colour(index)))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MultipleLocator(0.05))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xticks(means)
    axes.set_xlabel(f"mean of the disadvantaged group: cost at which 1 in e follow (advantaged: {MEAN:g})")
    axes.set_ylabel("never served")
    axes.set_title("Who is never served, by the means of one group")
    label_line_ends(axes, ends)
    return figure
