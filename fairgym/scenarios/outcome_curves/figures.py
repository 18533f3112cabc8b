"""The figures: each policy's place on the outcome curves, and the regimes of all four groups."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from fairgym.plots import COLOURS
from fairgym.result import Result
from fairgym.scenarios.outcome_curves.model import (
    ACTIVE_HARM,
    DEMOGRAPHIC_PARITY,
    EQUAL_OPPORTUNITY,
    MAX_UTILITY,
    POLICIES,
    RELATIVE_HARM,
    RELATIVE_IMPROVEMENT,
)
from fairgym.scenarios.outcome_curves.names import BLACK, LOSSES, WHITE, curve, groups_of, outcome, regime_of

HARM_COLOUR, RELATIVE_COLOUR, BETTER_COLOUR = "#F6C6BC", "#FBEBC8", "#CFE8DD"
REGIME_COLOURS = {ACTIVE_HARM: HARM_COLOUR, RELATIVE_HARM: RELATIVE_COLOUR, RELATIVE_IMPROVEMENT: BETTER_COLOUR}
EXPLANATION = "relative: compared with the bank that only maximises its utility"
MARKERS = {MAX_UTILITY: "o", EQUAL_OPPORTUNITY: "s", DEMOGRAPHIC_PARITY: "D"}


def figures(result: Result) -> dict[str, Figure]:
    """Return the policies on the outcome curves of two groups, and the regimes of four."""
    return {"outcome-curves": on_the_curves(result), "regimes": regimes(result)}


def on_the_curves(result: Result) -> Figure:
    """Draw the outcome curve of both groups with the policies' operating points, for both losses (figure 5 top)."""
    figure = Figure(figsize=(10, 8.4))
    panels = figure.subplots(2, 2, sharex=True, sharey="col")
    for row, loss in zip(panels, LOSSES, strict=True):
        for axes, group in zip(row, (BLACK, WHITE), strict=True):
            rates, changes = curve(result, group)
            axes.set_ylim(1.15 * min(changes.min(), -0.2 * changes.max()), 1.1 * changes.max() + 0.25 * np.ptp(changes))
            shade_regimes(axes, outcome(result, MAX_UTILITY, loss, group), falls=bool(changes[-1] < 0))
            axes.plot(rates, changes, color="#444444")
            mark_policies(axes, result, group, loss)
            axes.set_xlim(0, 1)
            axes.set_title(f"{group}, a default costs the bank {loss:g}")
    for axes in panels[-1]:
        axes.set_xlabel("share of the group that gets a loan")
    for axes in panels[:, 0]:
        axes.set_ylabel("expected change of mean score")
    figure.suptitle("A few loans lift a group's mean score, too many lower it: where each policy lands", fontsize=12)
    figure.text(0.5, 0.012, EXPLANATION, ha="center", fontsize=10)
    figure.tight_layout(h_pad=2, w_pad=2, rect=(0, 0.03, 1, 1))
    return figure


def shade_regimes(axes: Axes, reference: float, falls: bool) -> None:
    """Colour what is active harm, relative harm and relative improvement, given the change under max utility.

    The names stand at the right where the curve ``falls`` below zero, else at the left, above the curve.
    """
    low, high = axes.get_ylim()
    side, align = (0.98, "right") if falls else (0.02, "left")
    for bottom, top, regime in (
        (low, 0, ACTIVE_HARM),
        (0, reference, RELATIVE_HARM),
        (reference, high, RELATIVE_IMPROVEMENT),
    ):
        axes.axhspan(bottom, top, color=REGIME_COLOURS[regime], linewidth=0)
        place = {ACTIVE_HARM: (0.02, "left", low), RELATIVE_IMPROVEMENT: (side, align, reference)}
        x, horizontal, y = place.get(regime, (0.98, "right", bottom))
        axes.annotate(
            regime, (x, y), xycoords=("axes fraction", "data"), xytext=(0, 4), textcoords="offset points",
            ha=horizontal, fontsize=10, style="italic", color="#555555",
        )  # fmt: skip
    axes.axhline(0, color="black", linewidth=0.8)


def mark_policies(axes: Axes, result: Result, group: str, loss: float) -> None:
    """Draw where each policy lands, with its name above."""
    rates = {policy: outcome(result, policy, loss, group, metric="acceptance_rate") for policy in POLICIES}
    by_rate = sorted(rates, key=rates.__getitem__)
    for policy, x in zip(by_rate, apart(*(rates[policy] for policy in by_rate)), strict=True):
        point = rates[policy], outcome(result, policy, loss, group)
        shade = COLOURS[POLICIES.index(policy)]
        axes.annotate(
            policy.replace(" ", "\n"), point, xytext=(x, 0.98), textcoords="axes fraction", ha="center", va="top",
            color=shade, arrowprops={"arrowstyle": "-", "color": shade, "linewidth": 1.0, "relpos": (0.5, 0.0)},
        )  # fmt: skip
        axes.plot(*point, MARKERS[policy], color=shade, markersize=9)


def apart(first: float, second: float, third: float, room: float = 0.24) -> tuple[float, float, float]:
    """Return places for three names near increasing numbers from 0 to 1, at least ``room`` apart."""
    middle = min(max(second, 1.5 * room), 1 - 1.5 * room)
    return max(min(first, middle - room), room / 2), middle, min(max(third, middle + room), 1 - room / 2)


def regimes(result: Result) -> Figure:
    """Draw what every policy does to every group as a table, coloured by regime."""
    groups = groups_of(result)
    figure = Figure(figsize=(10, 4.4))
    axes = figure.subplots()
    rows, shades, names = [], [], []
    for loss in LOSSES:
        for policy in POLICIES:
            found = [regime_of(result, policy, loss, group, len(groups)) for group in groups]
            changes = [outcome(result, policy, loss, group, len(groups)) for group in groups]
            rows.append(
                [
                    f"{change:+.1f}\n{regime}".replace("-", "\N{MINUS SIGN}")
                    for change, regime in zip(changes, found, strict=True)
                ]
            )
            shades.append([REGIME_COLOURS.get(regime, "white") for regime in found])
            names.append(f"{policy}, loss {loss:g}")
    axes.axis("off")
    table = axes.table(cellText=rows, cellColours=shades, rowLabels=names, colLabels=groups, cellLoc="center",
                       bbox=Bbox.from_bounds(0.24, 0, 0.76, 1))  # fmt: skip
    table.auto_set_font_size(False)
    table.set_fontsize(11)
    axes.set_title("Expected change of each group's mean score in one step, by policy and cost of a default")
    figure.tight_layout()
    return figure
