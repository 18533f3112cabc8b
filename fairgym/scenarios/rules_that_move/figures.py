"""The figures: whom the bank accepts and why, step by step, and how long a rule of the first decision lasts."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from fairgym.plots import COLOURS, label_line_ends
from fairgym.result import Result, estimate
from fairgym.scenarios.rules_that_move.names import (
    ACCEPTED,
    BELOW,
    EQUAL_OPPORTUNITY,
    GROUPS,
    KEPT,
    MAX_REWARD,
    PEOPLE,
    PRECISION,
    SCORES,
    Options,
    later,
    moments,
    values,
)
from fairgym.scenarios.rules_that_move.tables import commonest

ACCEPT_COLOUR, REJECT_COLOUR = COLOURS[0], COLOURS[1]
TITLE = (
    "At first a score of 2 is enough for the disadvantaged. Equal opportunity takes that back, and the rule is wrong"
)
EXPIRY_TITLE = "Rules for a score of 2: the one that explained loans to the disadvantaged expires, the others last"


def figures(result: Result) -> dict[str, Figure]:
    """Return the rules of equal opportunity over time, and the expiry of rules under both policies."""
    return {"rules": rules_over_time(result), "expiry": expiry(result)}


def rules_over_time(result: Result) -> Figure:
    """Draw both groups' people by score at every moment, coloured by decision, with the rule for a score of 2."""
    steps = moments(result)
    figure = Figure(figsize=(10, 1.4 + 2.3 * len(steps)))
    panels = figure.subplots(len(steps), len(GROUPS), sharex=True, sharey=True, squeeze=False)
    for row, step in zip(panels, steps, strict=True):
        for axes, group in zip(row, GROUPS, strict=True):
            draw_people(axes, result, group, step)
        row[0].set_ylabel(f"step {step:,}\nshare of the group")
    for axes, group in zip(panels[0], GROUPS, strict=True):
        axes.set_title(group, fontsize=12)
    for axes in panels[-1]:
        axes.set_xlabel("score")
    keys = [Patch(color=ACCEPT_COLOUR), Patch(color=REJECT_COLOUR)]
    figure.legend(keys, ["accepted", "rejected"], loc="lower center", ncols=2, frameon=False)
    figure.suptitle(TITLE, fontsize=12)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    return figure


def draw_people(axes: Axes, result: Result, group: str, step: int) -> None:
    """Draw one group's people at one moment, means over lanes; a bar is split where lanes decide differently."""
    accepted, people = (
        np.array([values(result, EQUAL_OPPORTUNITY, metric, score, group, step).mean() for score in range(SCORES)])
        for metric in (ACCEPTED, PEOPLE)
    )
    scores = np.arange(SCORES)
    axes.bar(scores, people * accepted, color=ACCEPT_COLOUR)
    axes.bar(scores, people * (1 - accepted), bottom=people * accepted, color=REJECT_COLOUR)
    axes.bar([BELOW], people[[BELOW]], fill=False, edgecolor="black", linewidth=1.6)
    words, lanes = commonest(result, EQUAL_OPPORTUNITY, BELOW, group, step)
    ink = ACCEPT_COLOUR if words.endswith("accept") else REJECT_COLOUR
    share = "" if lanes == 1 else f" ({100 * lanes:.0f} % of runs)"
    axes.annotate(
        "\n".join(textwrap.wrap(f"score 2: {words}{share}", 34)), (BELOW, people[BELOW]), xytext=(0.98, 0.95),
        textcoords="axes fraction", ha="right", va="top", fontsize=9.5, color=ink,
        arrowprops={"arrowstyle": "-", "color": ink, "linewidth": 0.8, "relpos": (0.0, 0.2)},
    )  # fmt: skip
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylim(0, 0.8)


def expiry(result: Result) -> Figure:
    """Draw how precise the rules of those just below the bar stay on the people of later, under both policies."""
    figure = Figure(figsize=(10, 4.4))
    axes = figure.subplots()
    steps, ends = moments(result), []
    for arm, style in ((EQUAL_OPPORTUNITY, "-"), (MAX_REWARD, "--")):
        for index, group in enumerate(GROUPS):
            means, low, high = np.array([kept(result, arm, group, step) for step in steps]).T
            axes.plot(steps, means, style, color=COLOURS[index], marker="o", markersize=5)
            axes.fill_between(steps, low, high, color=COLOURS[index], alpha=0.2, linewidth=0)
            ends.append((float(steps[-1]), float(means[-1]), f"{arm}, {group}", COLOURS[index]))
    wanted = Options(**result.config["options"]).precision
    axes.axhline(wanted, color="#444444", linewidth=1, linestyle=":")
    axes.annotate(f"asked of a rule: {100 * wanted:g} %", (0.98, wanted), xycoords=("axes fraction", "data"),
                  xytext=(0, -4), textcoords="offset points", va="top", ha="right", fontsize=9,
                  color="#444444")  # fmt: skip
    axes.set_xlabel("step at which the rule of step 0 is still used")
    axes.set_ylabel("people of then who get that decision")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylim(0, 1.05)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    label_line_ends(axes, ends)
    figure.suptitle(EXPIRY_TITLE, x=0.02, ha="left", fontsize=12)
    figure.subplots_adjust(left=0.1, right=0.7, bottom=0.13, top=0.9)
    return figure


def kept(result: Result, arm: str, group: str, step: int) -> tuple[float, float, float]:
    """Return how precise the first rule of a group's people just below the bar is at a moment, with its interval."""
    metric = KEPT if step in later(result) else PRECISION
    found = estimate(values(result, arm, metric, BELOW, group, step))
    return found.mean, found.low, found.high
