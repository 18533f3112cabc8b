"""The picture of rules over time: a row for each person of the panel, a column for each step."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fairgym.checks import InputError
from fairgym.colours import COLOURS

if TYPE_CHECKING:
    from fairgym.explain.drift import RuleDrift

WIDTH, HEIGHT = 3.1, 0.62
"""Of a cell, in inches."""
LETTERS = 42
"""Letters of a rule in one line of a cell."""
INK = "#222222"
MOVED = "#000000"
"""Frame of a cell whose rule covers others than the one before."""


def draw_rule_drift(drift: RuleDrift, lane: int | None = None) -> Figure:
    """Draw the rules of one lane, the first by default.

    A cell has the colour of the decision and says the rule; the bar at its foot is as long as the share of people whom
    the rule covers. A cell is framed where the rule covers others than the one before.
    """
    rows = drift.frame
    lanes = list(dict.fromkeys(rows["lane"]))
    chosen = lanes[0] if lane is None else lane
    if chosen not in lanes:
        raise InputError(f"lane={lane!r} was not explained: there are {', '.join(map(str, lanes))}.")
    rows = rows[rows["lane"] == chosen]
    steps, people = list(dict.fromkeys(rows["step"])), list(dict.fromkeys(rows["person"]))
    names = {person: _name(person, group) for person, group in zip(rows["person"], rows["group"], strict=True)}
    colours = {decision: COLOURS[at] for at, decision in enumerate(sorted(set(rows["decision"]), key=str))}
    margin = 0.35 + 0.085 * max(len(name) for name in names.values())
    width, height = margin + WIDTH * len(steps) + 0.1, 1.12 + HEIGHT * len(people)
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((margin / width, 0.1 / height, WIDTH * len(steps) / width, HEIGHT * len(people) / height))
    for at, step in enumerate(steps):
        for place, person in enumerate(people):
            row = rows[(rows["step"] == step) & (rows["person"] == person)].iloc[0]
            _draw_cell(axes, at, place, row, colours[row["decision"]])
    _finish(axes, steps, [names[person] for person in people])
    _draw_key(figure, colours, margin / width, 1 - 0.58 / height)
    figure.text(0.1 / width, 1 - 0.12 / height, _finding(rows, steps), fontsize=13, va="top")
    return figure


def _draw_cell(axes: Axes, at: int, place: int, row: Any, colour: str) -> None:
    """Draw the rule of one person at one step."""
    box = (at + 0.015, place + 0.05)
    axes.add_patch(Rectangle(box, 0.97, 0.9, facecolor=colour, alpha=0.22, linewidth=0))
    share = 0 if np.isnan(row["coverage"]) else row["coverage"]
    axes.add_patch(Rectangle((at + 0.015, place + 0.86), 0.97 * share, 0.09, facecolor=colour, linewidth=0))
    if row["jaccard"] > 0 or row["decision_changed"] > 0:
        axes.add_patch(Rectangle(box, 0.97, 0.9, fill=False, edgecolor=MOVED, linewidth=1.8))
    words = row["rule"] if row["success"] else f"no rule ({row['rule']})"
    lines = textwrap.wrap(words, LETTERS)
    shown = "\n".join(lines if len(lines) <= 2 else [*lines[:1], lines[1][: LETTERS - 4] + " ..."])
    axes.text(at + 0.04, place + 0.44, shown, fontsize=8.5, va="center", color=INK)


def _finish(axes: Axes, steps: Sequence[Any], names: Sequence[str]) -> None:
    """Name rows and columns."""
    axes.set(xlim=(0, len(steps)), ylim=(len(names), 0))
    axes.set_xticks(np.arange(len(steps)) + 0.5, [f"step {step:,}" for step in steps], fontsize=10)
    axes.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=9)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _draw_key(figure: Figure, colours: dict[Any, str], left: float, top: float) -> None:
    """Say what colours, bars and frames mean."""
    entries = [Rectangle((0, 0), 1, 1, facecolor=colour, alpha=0.35) for colour in colours.values()]
    words = [str(decision) for decision in colours]
    if len(figure.axes[0].get_yticks()) and figure.axes[0].get_xlim()[1] > 1:
        entries.append(Rectangle((0, 0), 1, 1, fill=False, edgecolor=MOVED, linewidth=1.8))
        words.append("the rule has moved")
    entries.append(Rectangle((0, 0), 1, 0.3, facecolor="#777777"))
    words.append("bar: share of people covered")
    figure.legend(entries, words, loc="center left", bbox_to_anchor=(left, top), ncols=len(words), frameon=False,
                  fontsize=9, borderpad=0, handlelength=1.4, columnspacing=1.6)  # fmt: skip


def _name(person: Any, group: str) -> str:
    return str(person) if not group or group in str(person) else f"{person}, {group}"


def _finding(rows: Any, steps: Sequence[Any]) -> str:
    """Return the sentence that the picture says."""
    moved = rows.assign(moved=(rows["jaccard"] > 0) | (rows["decision_changed"] > 0)).groupby("person")["moved"].any()
    if len(steps) == 1:
        return f"The rules of {len(moved)} people"
    return f"From step {steps[0]:,} to {steps[-1]:,} the rule moved for {int(moved.sum())} of {len(moved)} people"
