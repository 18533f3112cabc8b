"""The figures: recourse and accuracy of every method as the paper's figures 6 and 7 show them, and over the weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fairgym.plots import COLOURS
from fairgym.result import Numbers, Result
from fairgym.scenarios.recourse_trees.measures import mean_of
from fairgym.scenarios.recourse_trees.names import (
    ACTIONABLE,
    AWARE,
    FOREST,
    GRIDS,
    GROUPED,
    METHODS,
    MODELS,
    OURS,
    ROW_WISE,
    SAMPLED,
    TREE,
    VANILLA,
    curve,
    notes,
    protocol_of,
    run_with,
    shown,
    title,
    values,
)
from fairgym.scenarios.recourse_trees.published import FOREST_CURVES

INK = dict(zip((VANILLA, ACTIONABLE, AWARE, OURS), ("#999999", COLOURS[4], COLOURS[0], COLOURS[2]), strict=True))
QUALITY = {TREE: ("accuracy", "accuracy"), FOREST: ("auc", "AUC (ranking)")}
"""What the paper shows above recourse: accuracy of trees, the area under the curve of forests."""
LABELS = {OURS: "ours (package default)"}
RECOURSE_INK, QUALITY_INK = COLOURS[0], COLOURS[1]
FOLDS = {
    SAMPLED: "",
    GROUPED: "grouped: people of equal features stand in one fold",
    ROW_WISE: "row-wise: folds cut the rows as they come; people of equal features may be on both sides",
}
"""What is said below a figure of real data about its folds."""


def figures(result: Result) -> dict[str, Figure]:
    """Return box plots of trees and of forests and, where they were run, the curves over the weight of recourse."""
    found = {f"{model}s": boxes(result, model) for model in MODELS}
    if run_with(result, "curves"):
        found |= {f"{model}-weights": curves(result, model) for model in MODELS}
    return found


def boxes(result: Result, model: str) -> Figure:
    """Draw the spread over folds of accuracy (or ranking) and of recourse by data set and method."""
    data = list(notes(result))
    figure = Figure(figsize=(max(7.5, 2.1 * len(data) + 1.5), 6.2))
    panels = figure.subplots(2, len(data), squeeze=False, sharey="row")
    metric, name = QUALITY[model]
    for place, one in enumerate(data):
        held_out = protocol_of(result, one)
        for row, (axes, shows) in enumerate(zip(panels[:, place], (metric, "recourse"), strict=True)):
            each = [values(result, shown(one, model, method, held_out), shows) for method in METHODS]
            box(axes, each)
            axes.set_title(title(one, held_out) if row == 0 else "", fontsize=11)
    panels[0, 0].set_ylabel(name)
    panels[1, 0].set_ylabel("share who are accepted\nor have a way up")
    panels[1, 0].set_ylim(top=1.03)
    figure.suptitle(headline(model), fontsize=12, x=0.02, ha="left")
    handles = [Patch(color=INK[method], label=LABELS.get(method, method)) for method in METHODS]
    figure.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 0.02), ncols=len(METHODS), frameon=False)
    figure.text(0.5, 0.012, FOLDS[protocol_of(result, data[-1])], ha="center", fontsize=9, color="#555555")
    figure.tight_layout(rect=(0, 0.07, 1, 1))
    return figure


def headline(model: str) -> str:
    """Return the title of the box plots."""
    return f"{model.capitalize()}s: what training for recourse costs (above) and what it gives (below)"


FAR = {"marker": ".", "markersize": 4, "markeredgecolor": "#777777"}
"""Folds far from the others, smaller than the medians."""


def box(axes: Axes, each: Sequence[Numbers]) -> None:
    """Draw one box per method in its colour."""
    known = [one[~np.isnan(one)] for one in each]
    drawn = axes.boxplot(known, widths=0.7, patch_artist=True, medianprops={"color": "black"}, flierprops=FAR)
    for place, (patch, method) in enumerate(zip(drawn["boxes"], METHODS, strict=True), start=1):
        patch.set_facecolor(INK[method])
        middle = np.median(known[place - 1]) if len(known[place - 1]) else np.nan
        axes.plot(place, middle, "o", color=INK[method], markeredgecolor="black", markersize=5)  # seen in a flat box
    axes.set_xticks([])
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)


def curves(result: Result, model: str) -> Figure:
    """Draw recourse and accuracy (or ranking) over the weight of recourse, for each data set."""
    data = list(notes(result))
    columns = min(3, len(data))
    rows = -(-len(data) // columns)
    figure = Figure(figsize=(max(7.0, 3.4 * columns), 3.3 * rows + 0.6))
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    published = [draw_weights(axes, result, model, one) for axes, one in zip(panels, data, strict=False)]
    for axes in panels[len(data) :]:
        axes.set_axis_off()
    panels[0].set_ylim(top=1.03)
    panels[0].set_ylabel("share, or area under the curve" if model == FOREST else "share")
    words = f"{model.capitalize()}s: the more recourse weighs in training, the more people have a way up"
    figure.suptitle(words, fontsize=12, x=0.02, ha="left")
    handles = [
        Line2D([], [], color=RECOURSE_INK, marker="o", label="share with a way up"),
        Line2D([], [], color=QUALITY_INK, marker="o", label=QUALITY[model][1]),
    ]
    if any(published):
        handles.append(Line2D([], [], color="black", marker="x", linestyle="", label="the paper's"))
    room = 0.35 / figure.get_figheight()
    figure.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.5, room / 2), ncols=len(handles), frameon=False
    )
    figure.text(0.5, room / 6, FOLDS[protocol_of(result, data[-1])], ha="center", fontsize=9, color="#555555")
    figure.tight_layout(rect=(0, 2 * room, 1, 1))
    return figure


def draw_weights(axes: Axes, result: Result, model: str, data: str) -> bool:
    """Draw both curves of one data set and, where the folds are the paper's, its points; returns whether they are."""
    held_out = protocol_of(result, data)
    arms = curve(data, model, held_out)
    weights = [0.0, *GRIDS[model][data]]
    for metric, ink in ((QUALITY[model][0], QUALITY_INK), ("recourse", RECOURSE_INK)):
        axes.plot(weights, [mean_of(result, arm, metric) for arm in arms], "o-", color=ink, markersize=4)
    published = model == FOREST and held_out == ROW_WISE and data in FOREST_CURVES
    if published:
        for points, ink in zip(zip(*FOREST_CURVES[data], strict=True), (QUALITY_INK, RECOURSE_INK), strict=True):
            axes.plot(weights, points, "x", color=ink, markersize=7)
    axes.set_title(title(data, held_out), fontsize=11)
    axes.set_xlabel("weight of recourse")
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    return published
