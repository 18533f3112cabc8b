"""The figures: the funnels by group, how long the rejected wait, and people served against profit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fairgym.pictures.funnel import funnel
from fairgym.pictures.recourse_over_time import survival
from fairgym.plots import COLOURS
from fairgym.result import Result
from fairgym.scenarios.a_way_up.names import (
    ACCURATE,
    AIM,
    AWARE,
    AWARE_SILENT,
    NEVER_ALL,
    NO_OFFERS,
    PROFIT,
    RANDOM,
    WEIGHTS,
    aiming,
    laxer,
)
from fairgym.scenarios.recourse_over_time.measures import difference, level

FUNNELS = {
    ACCURATE: "accurate tree",
    AWARE: "recourse-aware tree",
    aiming(AWARE, AIM): f"recourse-aware tree, offers aim at {AIM:g}",
}
WAITS = {NO_OFFERS: "no offers", RANDOM: "random", ACCURATE: "accurate", AWARE: "recourse-aware"}
BARS = "bars"
INKS = {ACCURATE: COLOURS[0], AWARE: COLOURS[1], RANDOM: COLOURS[2], BARS: "#777777"}
LINES = {
    BARS: [NO_OFFERS, *(laxer(weight) for weight in WEIGHTS[:3])],
    ACCURATE: [ACCURATE, aiming(ACCURATE, AIM)],
    AWARE: [AWARE, aiming(AWARE, AIM)],
    RANDOM: [RANDOM],
}
"""The points that are joined; the laxest bars and honoured random offers lie far off."""
WORDS: tuple[tuple[str, str, str, tuple[int, int], Literal["left", "right", "center"]], ...] = (
    (NO_OFFERS, "accurate tree,\nno offers", BARS, (0, -32), "center"),
    (laxer(WEIGHTS[1]), "laxer bars,\nno offers", BARS, (10, 6), "left"),
    (ACCURATE, "accurate tree,\ncheapest offers", ACCURATE, (-10, -30), "right"),
    (aiming(ACCURATE, AIM), f"accurate tree,\noffers aim at {AIM:g}", ACCURATE, (8, 8), "left"),
    (AWARE, "recourse-aware tree,\ncheapest offers", AWARE, (-12, -26), "right"),
    (aiming(AWARE, AIM), f"recourse-aware tree,\noffers aim at {AIM:g}", AWARE, (8, 16), "left"),
    (AWARE_SILENT, "recourse-aware\ntree, no offers", AWARE, (0, -36), "right"),
    (RANDOM, "random offers", RANDOM, (-8, 8), "right"),
)
"""Rule, words, ink, and where they stand beside the point."""


def figures(result: Result) -> dict[str, Figure]:
    """Return the funnels, the waits, and people served against profit."""
    return {
        "funnel": funnel(result, FUNNELS),
        "time-to-a-loan": survival(result, WAITS),
        "served-against-profit": served_against_profit(result),
    }


def served_against_profit(result: Result) -> Figure:
    """Draw each rule as a point: people never served across, profit against no offers up, with 95 % intervals."""
    figure = Figure(figsize=(10, 6.6), layout="constrained")
    axes = figure.subplots()
    axes.axhline(0, color="#bbbbbb", linewidth=1, zorder=0)
    for ink, rules in LINES.items():
        draw_rules(axes, result, rules, INKS[ink])
    draw_rules(axes, result, [AWARE_SILENT], INKS[AWARE], hollow=True)
    for rule, words, ink, offset, side in WORDS:
        axes.annotate(words, place(result, rule), xytext=offset, textcoords="offset points", color=INKS[ink], ha=side)
    axes.invert_xaxis()
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("never served, of the people whose story is over (fewer to the right)")
    axes.set_ylabel("profit against no offers, in loans over the run")
    axes.set_title("Who is left without a loan, and what it costs the lender: the best rules are at the upper right")
    return figure


def place(result: Result, rule: str) -> tuple[float, float]:
    """Return where a rule stands."""
    return level(result, NEVER_ALL, rule).value, difference(result, PROFIT, rule, NO_OFFERS).value


def draw_rules(axes: Axes, result: Result, rules: Sequence[str], ink: str, hollow: bool = False) -> None:
    """Draw rules as points, joined in this order, with intervals where they have any."""
    places = np.array([place(result, rule) for rule in rules])
    axes.plot(*places.T, "-o", color=ink, mfc="white" if hollow else ink, linewidth=1.5, zorder=3)
    for rule, (across, up) in zip(rules, places.tolist(), strict=True):
        served, earned = level(result, NEVER_ALL, rule), difference(result, PROFIT, rule, NO_OFFERS)
        axes.plot([served.low, served.high], [up, up], color=ink, linewidth=1, alpha=0.6)
        axes.plot([across, across], [earned.low, earned.high], color=ink, linewidth=1, alpha=0.6)
