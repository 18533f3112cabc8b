"""The figures: what recourse is worth by causal share and by aim, and where people get lost."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fairgym.pictures.funnel import funnel
from fairgym.pictures.recourse_over_time import survival
from fairgym.plots import COLOURS, draw_curve, label_line_ends
from fairgym.result import Result
from fairgym.scenarios.gaming.measures import by_aim, by_share, pays_from
from fairgym.scenarios.gaming.names import (
    ACCURATE,
    AIM,
    AWARE,
    BAR,
    GAME,
    LOW_AIM,
    NO_OFFERS,
    REAL,
    aiming,
    real,
)
from fairgym.scenarios.recourse_over_time.measures import break_even

SHOWN = {
    ACCURATE: ("accurate, cheapest", COLOURS[0], "-"),
    aiming(ACCURATE, LOW_AIM): (f"accurate, aim {LOW_AIM:.0%}", COLOURS[0], "--"),
    aiming(ACCURATE, AIM): (f"accurate, aim {AIM:.0%}", COLOURS[0], ":"),
    AWARE: ("recourse-aware, cheapest", COLOURS[1], "-"),
}
"""Name, colour and dashes of each rule."""
ENDS = {GAME: COLOURS[1], REAL: COLOURS[2]}
GREY = "#444444"
WORDS = {GAME: "acting is a game (causal share 0)", REAL: "acting is real (causal share 1)"}


def figures(result: Result) -> dict[str, Figure]:
    """Return profit and repayment by causal share and by aim, the funnel at both ends, and the time to a loan."""
    ends = {ACCURATE: WORDS[GAME], real(ACCURATE): WORDS[REAL]}
    return {
        "against-causal-share": against_share(result),
        "against-aim": against_aim(result),
        "funnel": funnel(
            result,
            ends,
            of="offered",
            title="What becomes of 100 offers, where acting is a game and where it is real",
        ),
        "time-to-a-loan": survival(
            result,
            {NO_OFFERS: "no offers"} | {name: words for name, (words, _, _) in SHOWN.items()},
            title="Still without a loan, of the rejected: the same at every causal share",
        ),
    }


def against_share(result: Result) -> Figure:
    """Draw the profit of recourse, and the repayment of its loans, against the causal share, for each rule."""
    figure = Figure(figsize=(13.5, 5.2))
    figure.subplots_adjust(left=0.06, right=0.84, bottom=0.12, top=0.82, wspace=0.68)
    profit, repaid = figure.subplots(1, 2)
    draw_rules(profit, result, "profit", 0.0, NO_OFFERS)
    draw_rules(repaid, result, "repaid", break_even(result), "break-even")
    profit.set_title("what offers add to the lender's profit, in loans")
    repaid.set_title("share repaid of the loans after recourse")
    repaid.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    figure.suptitle(
        "What offers earn the lender, by what they aim at and by how much of acting is real",
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
    figure.subplots_adjust(left=0.09, right=0.66, bottom=0.19, top=0.84)
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
    axes.set_xlabel("an offer leads to a leaf in which at least so many repay")
    axes.set_xticks(found.index, [f"{aim:.0%}" + "\nthe bar" * (aim == BAR) for aim in found.index])
    axes.margins(x=0.02)
    label_line_ends(axes, ends)
    figure.suptitle("What offers earn the lender, by what they aim at", x=0.02, ha="left", fontsize=13)
    return figure
