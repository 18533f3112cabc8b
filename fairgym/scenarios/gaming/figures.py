"""The figures: what recourse is worth by causal share, where people get lost, and what a lender learns of gaming."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fairgym.pictures.funnel import funnel
from fairgym.plots import COLOURS, Line, draw_curve, draw_curves, label_line_ends
from fairgym.result import Result
from fairgym.scenarios.gaming.measures import by_aim, by_share, pays_from
from fairgym.scenarios.gaming.names import (
    ACCURATE,
    AIM,
    AWARE,
    GAME,
    LOW_AIM,
    NO_OFFERS,
    REAL,
    aiming,
    break_even,
    real,
    refitted,
)

SHOWN = {
    ACCURATE: ("accurate, cheapest", COLOURS[0], "-"),
    aiming(ACCURATE, LOW_AIM): (f"accurate, aim {LOW_AIM:.0%}", COLOURS[0], "--"),
    aiming(ACCURATE, AIM): (f"accurate, aim {AIM:.0%}", COLOURS[0], ":"),
    AWARE: ("recourse-aware, cheapest", COLOURS[1], "-"),
    aiming(AWARE, AIM): (f"recourse-aware, aim {AIM:.0%}", COLOURS[1], ":"),
}
"""Name, colour and dashes of each rule."""
ENDS = {GAME: COLOURS[1], REAL: COLOURS[2]}
GREY = "#444444"
WORDS = {GAME: "acting is a game (causal share 0)", REAL: "acting is real (causal share 1)"}


def figures(result: Result) -> dict[str, Figure]:
    """Return profit and repayment against the causal share, the funnel at both ends, and the bar after refitting."""
    ends = {ACCURATE: WORDS[GAME], real(ACCURATE): WORDS[REAL]}
    return {
        "against-causal-share": against_share(result),
        "against-aim": against_aim(result),
        "funnel": funnel(
            result,
            ends,
            of="offered",
            title="The same people get the same loans, whether acting is a game or not; a few more repay if it is not",
        ),
        "fitted-anew": fitted_anew(result),
    }


def against_share(result: Result) -> Figure:
    """Draw the profit of recourse, and the repayment of its loans, against the causal share, for each rule."""
    figure = Figure(figsize=(13.5, 5.2))
    figure.subplots_adjust(left=0.06, right=0.84, bottom=0.12, top=0.82, wspace=0.62)
    profit, repaid = figure.subplots(1, 2)
    draw_rules(profit, result, "profit", 0.0, NO_OFFERS)
    draw_rules(repaid, result, "repaid", break_even(result), "break-even")
    profit.set_title("what offers add to the lender's profit, in loans")
    repaid.set_title("share repaid of the loans after recourse")
    repaid.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    figure.suptitle(
        "Whether recourse pays is decided by what offers aim at, more than by whether acting is real",
        x=0.02, ha="left", fontsize=13,
    )  # fmt: skip
    return figure


def draw_rules(axes: Axes, result: Result, name: str, level: float, level_name: str) -> None:
    """Draw one line for each rule, with its 95 % interval shaded, and one at a level."""
    axes.axhline(level, color=GREY, linewidth=1)
    ends = [(REAL, level, level_name, GREY)]
    for rule, (words, ink, style) in SHOWN.items():
        found = by_share(result, name, rule)
        draw_curve(axes, found, ink, style)
        ends.append((REAL, float(found["mean"].iloc[-1]), words, ink))
    axes.set_xlabel("causal share of what people change")
    axes.margins(x=0)
    label_line_ends(axes, ends)


def against_aim(result: Result) -> Figure:
    """Draw the profit of recourse against what its offers aim at, where acting is a game and where it is real."""
    figure = Figure(figsize=(9.5, 4.8))
    figure.subplots_adjust(left=0.09, right=0.66, bottom=0.12, top=0.84)
    axes = figure.subplots()
    axes.axhline(0, color=GREY, linewidth=1)
    ends = []
    for share, ink in ENDS.items():
        found = by_aim(result, "profit", share)
        draw_curve(axes, found, ink)
        axes.plot(found.index, found["mean"], "o", color=ink, markersize=4)
        axes.plot(pays_from(found).value, 0, "o", markersize=9, mfc="white", mec=ink, mew=2, zorder=4)
        ends.append((float(found.index[-1]), float(found["mean"].iloc[-1]), WORDS[share], ink))
    axes.set_title("what offers add to the lender's profit, in loans (accurate tree)")
    axes.set_xlabel("share of repaying in the leaf that an offer leads to, at least (50 %: the bar)")
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.margins(x=0.02)
    label_line_ends(axes, ends)
    figure.suptitle("Offers just over the bar cost the lender; those well above it pay", x=0.02, ha="left", fontsize=13)
    return figure


def fitted_anew(result: Result) -> Figure:
    """Draw how many of the same applicants a lender accepts who fits its tree anew, over the periods."""
    figure = Figure(figsize=(9.5, 4.4))
    figure.subplots_adjust(left=0.09, right=0.66, bottom=0.13, top=0.86)
    axes = figure.subplots()
    lines = [Line(refitted(share), "agent.accepts", "", WORDS[share], ENDS[share]) for share in (GAME, REAL)]
    draw_curves(axes, result, lines, "A tree that is fitted anew hardly learns whether acting is a game")
    axes.set_ylabel("accepted of the same 1,000 people")
    axes.set_xlabel("period")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure
