"""The figures: accuracy and burden by threshold, and the thresholds that colleges learn over time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fairgym.checks import InputError
from fairgym.plots import COLOURS, draw_curve, label_line_ends
from fairgym.result import Result
from fairgym.scenarios.gaming_admissions.exact import ExactAdmissions
from fairgym.scenarios.gaming_admissions.names import (
    ACCURACY,
    BURDEN,
    BURN_IN,
    CHEAP,
    COLLEGES,
    CONTINUOUS,
    DEAR,
    EVERYBODY,
    NOISELESS,
    NOISY,
    REGIMES,
    ROBUST,
    STATIC,
    learned,
    name,
    params_of,
    world_of,
)
from fairgym.scenarios.gaming_admissions.published import FIGURE_CURVES, FIGURE_THRESHOLDS_AT

TITLES = {NOISELESS: "exact test", NOISY: "noisy test"}
COLLEGE_COLOURS = dict(zip((STATIC, CONTINUOUS, ROBUST), (COLOURS[2], COLOURS[3], COLOURS[4]), strict=True))
SIDES = {STATIC: "right", CONTINUOUS: "center", ROBUST: "left"}
"""How the names above the vertical lines are set, so that they keep apart."""
LABELS = {ACCURACY: "share of right decisions", BURDEN: "cost to the eligible, per applicant"}
KEY = "vertical lines: what each college learns (mean of all runs; shaded: 95 % of them)"
SHOWN = np.linspace(0.5, 0.95, 181)


def figures(result: Result) -> dict[str, Figure]:
    """Return accuracy and burden by threshold, and learned thresholds over the rounds."""
    return {"accuracy-and-burden": accuracy_and_burden(result), "thresholds": thresholds(result)}


def exact_world(result: Result, regime: str) -> ExactAdmissions | None:
    """Return the exact expectations in the world that was run, None where they cannot be calculated."""
    try:
        return world_of(result, regime)
    except InputError:
        return None


def accuracy_and_burden(result: Result) -> Figure:
    """Draw both against the threshold, with what the colleges learned as vertical lines (the paper's figure 9)."""
    figure = Figure(figsize=(10.5, 7.6))
    figure.subplots_adjust(left=0.08, right=0.88, bottom=0.11, top=0.87, hspace=0.42, wspace=0.5)
    panels = figure.subplots(2, 2, sharex=True, sharey="col")
    for row, regime in zip(panels, REGIMES, strict=True):
        world = exact_world(result, regime)
        for axes, metric in zip(row, (ACCURACY, BURDEN), strict=True):
            mark_colleges(axes, result, regime)
            axes.set_xlim(SHOWN[0], SHOWN[-1])
            axes.set_title(f"{metric if metric == ACCURACY else 'social burden'}, {TITLES[regime]}", pad=22)
            axes.set_ylabel(LABELS[metric])
            if world is not None:
                draw_metric(axes, world, metric)
            if params_of(result, regime) == REGIMES[regime]:
                draw_paper(axes, regime, metric)
    for axes in panels[-1]:
        axes.set_xlabel("published threshold")
    figure.suptitle(
        "The more a college minds gaming, the higher its threshold: right more often, dearer for the eligible",
        x=0.02, ha="left", fontsize=13,
    )  # fmt: skip
    published = params_of(result, NOISELESS) == REGIMES[NOISELESS]
    figure.text(0.02, 0.012, KEY + "; dots: the paper's single runs" * published, fontsize=10)
    return figure


def draw_metric(axes: Axes, world: ExactAdmissions, metric: str) -> None:
    """Draw the exact curve of each group and of everybody."""
    by_group = world.accuracy(SHOWN) if metric == ACCURACY else world.burden(SHOWN)
    lines = [(values, group, COLOURS[index], "-") for index, (values, group) in
             enumerate(zip(by_group.T, world.law.groups, strict=True))]  # fmt: skip
    lines.append((by_group @ world.shares, "everybody", "black", "--"))
    for values, _, ink, style in lines:
        axes.plot(SHOWN, values, color=ink, linestyle=style)
    axes.autoscale_view()
    label_line_ends(axes, [(SHOWN[-1], float(values[-1]), group, ink) for values, group, ink, _ in lines])


def draw_paper(axes: Axes, regime: str, metric: str) -> None:
    """Draw what was read off the paper's curves."""
    inks = {CHEAP: COLOURS[0], DEAR: COLOURS[1], EVERYBODY: "black"}
    for group, ink in inks.items():
        axes.plot(FIGURE_THRESHOLDS_AT[metric], FIGURE_CURVES[regime, metric, group], "o", color=ink, markersize=4)


def mark_colleges(axes: Axes, result: Result, regime: str) -> None:
    """Draw the mean threshold that each college learned as a vertical line, with the middle 95 % of runs shaded."""
    places = []
    for college in COLLEGES:
        values = learned(result, regime, college)
        ink = COLLEGE_COLOURS[college]
        axes.axvspan(*np.quantile(values, (0.025, 0.975)), color=ink, alpha=0.15, linewidth=0)
        axes.axvline(values.mean(), color=ink, linewidth=1.5)
        places.append((float(values.mean()), college, ink))
    for place, college, ink in places:
        axes.annotate(
            college, (place, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points",
            ha=SIDES[college], color=ink, fontsize=10,
        )  # fmt: skip


def thresholds(result: Result) -> Figure:
    """Draw the threshold of each college over the rounds, and where it would end up with unlimited time."""
    figure = Figure(figsize=(10.5, 4.6))
    figure.subplots_adjust(left=0.08, right=0.87, bottom=0.13, top=0.8, wspace=0.42)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, regime in zip(panels, REGIMES, strict=True):
        ends, last = [], 0
        for college in COLLEGES:
            curve = result.curve("agent.threshold", experiment=name(regime, college))
            ink, last = COLLEGE_COLOURS[college], int(curve.index[-1])
            curve = curve[curve.index >= min(BURN_IN, last)]
            draw_curve(axes, curve, ink)
            ends.append((float(last), float(curve["mean"].iloc[-1]), college, ink))
        world = exact_world(result, regime)
        if world is not None:
            axes.axhline(world.resting_point(), color=COLLEGE_COLOURS[CONTINUOUS], linestyle=":", linewidth=1.5)
            axes.axhline(world.robust_limit(), color=COLLEGE_COLOURS[ROBUST], linestyle=":", linewidth=1.5)
        axes.set_xlim(min(BURN_IN, last), max(BURN_IN + 1, last))
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("round, from the end of the burn-in")
        axes.set_title(TITLES[regime])
        axes.set_ylim(0.5, 0.85)
        label_line_ends(axes, ends)
    panels[0].set_ylabel("threshold")
    figure.suptitle(
        "The continuous college climbs, but comes to rest below the robust one (dotted: with unlimited data)",
        x=0.02, ha="left", fontsize=13,
    )  # fmt: skip
    return figure
