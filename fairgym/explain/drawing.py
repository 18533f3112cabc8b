"""Drawing: rules as pictures, a column for each person, a bar for each condition.

As in the figures of Molnar's book (Interpretable Machine Learning, 5.8): a bar is as long as the precision that the
rule has with its condition, and as thick as the share of people whom it still covers. "anything" is the rule without
conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fairgym.checks import InputError, named, whole_number
from fairgym.colours import COLOURS
from fairgym.explain.anchor import Anchor, Partial

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VALID, INVALID, GREY = COLOURS[0], COLOURS[1], "#777777"
BACKING = {"facecolor": "white", "edgecolor": "none", "pad": 1}
WIDTH, LINE = 3.4, 0.62
"""Inches of a column, and of a bar with its words."""
THINNEST, THICKEST = 0.03, 0.5
"""Height of a bar that covers nobody, and of one that covers everybody, of a line."""


def plot_anchors(anchors: Sequence[Anchor], columns: int = 4) -> list[Axes]:
    """Draw several rules, one column for each, and return their axes: one figure, ``columns`` side by side."""
    import matplotlib.pyplot as plt

    whole_number("columns", columns, at_least=1)
    if isinstance(anchors, Anchor) or not anchors or not all(isinstance(one, Anchor) for one in anchors):
        raise InputError(f"anchors is {named(anchors)} without anchors: give the list that explain_batch returns.")
    wide = min(columns, len(anchors))
    high = -(-len(anchors) // wide)
    lines = max(len(_steps(anchor)) for anchor in anchors)
    figure, grid = plt.subplots(
        high,
        wide,
        squeeze=False,
        sharex=True,
        layout="constrained",
        figsize=(WIDTH * wide, high * (LINE * lines + 1.2)),
    )
    for axes in grid.flat[len(anchors) :]:
        axes.set_visible(False)
    drawn = [draw_anchor(anchor, axes, lines) for anchor, axes in zip(anchors, grid.flat, strict=False)]
    for axes in grid[-1]:
        axes.set_xlabel("precision")
    figure.suptitle(
        "Longer bars: the rule is surer (dotted: as sure as asked for). Thinner bars: it covers fewer people.",
        x=0.01,
        ha="left",
        fontsize=10,
    )
    return drawn


def draw_anchor(anchor: Anchor, ax: Axes | None = None, lines: int | None = None) -> Axes:
    """Draw one rule, and return the axes; without ``ax``, on a new figure."""
    import matplotlib.pyplot as plt

    steps = _steps(anchor)
    lines = len(steps) if lines is None else lines
    if ax is None:
        ax = plt.subplots(figsize=(WIDTH + 1.2, LINE * lines + 1.2), layout="constrained")[1]
        ax.set_xlabel("precision (thickness: coverage)")
    ink = VALID if anchor.success else INVALID
    for place, step in enumerate(steps):
        last = place == len(steps) - 1
        thick = THINNEST + (THICKEST - THINNEST) * step.coverage
        rate = 0.0 if np.isnan(step.precision) else step.precision
        ax.barh(place, rate, height=thick, color=ink if last else GREY, alpha=1.0 if last else 0.55)
        words = str(step.predicates[-1]) if step.predicates else "anything"
        also = "" if not place else "and " if place > 1 else "if "
        share = "nobody" if not step.coverage else f"{float(f'{100 * step.coverage:.2g}'):g}%"
        ax.text(0.0, place - 0.3, f"{also}{words}", va="bottom", fontsize=9, weight="bold" if last else "normal")
        ax.text(1.0, place - 0.3, f"covers {share}", va="bottom", ha="right", fontsize=8, color=GREY, bbox=BACKING)
    low, high = anchor.precision_interval
    if anchor.n_draws:
        ax.plot([low, high], [len(steps) - 1] * 2, color="black", linewidth=1.5, solid_capstyle="butt")
    ax.axvline(anchor.threshold, color="black", linewidth=0.8, linestyle=":")
    ax.set(xlim=(0, 1), ylim=(lines - 0.5, -0.75), yticks=[])
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set_title(_title(anchor), loc="left", fontsize=10, color=ink)
    return ax


def _title(anchor: Anchor) -> str:
    """Return who is explained, what the model says, and how sure the rule is."""
    who = f"{anchor.label}: " if anchor.label else ""
    sure = f"precision {anchor.precision:.2f}" if anchor.success else f"no valid rule, best {anchor.precision:.2f}"
    return f"{who}{anchor.answer or anchor.prediction}\n{sure}"


def _steps(anchor: Anchor) -> tuple[Partial, ...]:
    """Return the rules on the way to a rule, or the rule alone."""
    return anchor.partial or (Partial(anchor.predicates, anchor.precision, anchor.n_draws, anchor.coverage),)
