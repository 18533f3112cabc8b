"""Recourse over time: how long people wait for a loan, and whether what they were promised is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fairgym.checks import InputError, number, one_of
from fairgym.plots import Line, colour, draw_curves, label_line_ends, names_of
from fairgym.result import Result

UNSERVED = r"\.unserved_(\d+)$"
"""How the parts of a tracker of time or effort to recourse end that make its curve."""
PROMISES = {"promise_kept": "promises kept", "agent.accepts": "the bar: accepted of the same 1,000 applicants"}
"""The metrics of promises over time, as named in the scenarios, and what they mean."""
STYLES = ("-", "--", ":", "-.")
"""How the lines of the groups are told apart, where policies have the colours."""
ROUNDING = 1e-9
"""By how much a place on the grid may exceed the end of the axis and still lie on it."""
PANEL = 3.6
"""Width of a panel in inches."""
IN_A_ROW = 3
"""Most panels that stand in one row."""
BY_GROUP, BY_POLICY = PANELS = ("group", "policy")
"""What the panels of survival curves are."""


def survival(
    result: Result,
    experiments: Mapping[str, str] | None = None,
    *,
    groups: Sequence[str] | None = None,
    tracker: str = "time",
    width: float = 1.0,
    until: float | None = None,
    panels: str = BY_GROUP,
    across: str = "periods since the first application",
    title: str = "Still without a loan",
) -> Figure:
    """Draw the share of the rejected not yet served against time since their first application, or against effort.

    One panel per group with a line per policy (``panels="group"``), or the other way round (``"policy"``). Lines are
    means over lanes with 95 % intervals. ``tracker`` is the name under which ``TimeToRecourse`` or ``EffortToRecourse``
    recorded with ``curve=True``, ``width`` the width of its grid, ``until`` where the axis and the curves end (if left
    out, where the longest curve does), ``across`` what the axis is. At its end a curve has its name and its value
    there; one that is known less far than others says how far. Raises InputError where there is no curve.
    """
    names = names_of(result, experiments)
    groups = list(result.groups if groups is None else groups)
    curves = {(name, group): survival_curve(result, name, group, tracker) for name in names for group in groups}
    if one_of("panels", panels, PANELS) == BY_GROUP:
        panel_lines = {group: [(curves[name, group], names[name]) for name in names] for group in groups}
    else:
        panel_lines = {names[name]: [(curves[name, group], group) for group in groups] for name in names}
    until = None if until is None else number("until", until, above=0)
    longest = max(len(name) for lines in panel_lines.values() for _, name in lines) + len("100 %  until 10")
    figure, row = _panels(len(panel_lines), longest)
    row[0].set_ylim(_lowest([float(curve["low"].fillna(curve["mean"]).min()) for curve in curves.values()]), 1)
    row[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    for axes, (heading, lines) in zip(row, panel_lines.items(), strict=True):
        _draw_survival(axes, lines, width, until)
        axes.set_title(heading)
        axes.set_xlabel(across)
    row[0].set_ylabel("not yet served, of the rejected")
    figure.suptitle(title, x=0.15 / figure.get_figwidth(), ha="left", fontsize=13)
    return figure


def survival_curve(result: Result, experiment: str, group: str, tracker: str = "time") -> pd.DataFrame:
    """Return the share not yet served by place along the axis: mean, standard_error, low, high and lanes.

    It is that of the last recorded step, and ends where the first of the lanes was not observed any further, because
    the mean of fewer lanes would be about others.
    """
    parts = {name: re.search(UNSERVED, name) for name in result.metrics if name.startswith(f"{tracker}.")}
    places = {int(match[1]): name for name, match in parts.items() if match}
    if not places:
        raise InputError(
            f"{tracker}.unserved_00, {tracker}.unserved_01, ... were not recorded: add a tracker {tracker!r}, "
            f"TimeToRecourse(curve=True) or EffortToRecourse(curve=True)."
        )
    found = {at: result.estimate(places[at], experiment=experiment, group=group) for at in sorted(places)}
    most = max(each.lanes for each in found.values())
    known = {at: asdict(each) for at, each in found.items() if each.lanes == most}
    return pd.DataFrame.from_dict(known, orient="index")


def promises_over_time(
    result: Result,
    experiments: Mapping[str, str] | None = None,
    *,
    metrics: Mapping[str, str] = PROMISES,
    groups: Sequence[str] | None = None,
    title: str = "What becomes of promises while the bar moves",
) -> Figure:
    """Draw shares of several experiments over the periods, one panel per metric, with 95 % intervals over lanes.

    ``metrics`` gives the heading of each metric that is to be drawn, ``experiments`` the name of each experiment. A
    metric by group has a line for each of the ``groups`` (all, if left out), told apart by their dashes. Raises
    InputError for what was not recorded.
    """
    names = names_of(result, experiments)
    panel_lines = [_lines(result, names, metric, groups) for metric in metrics]
    figure, row = _panels(len(metrics), max(len(line.name) for lines in panel_lines for line in lines))
    for axes, lines, heading in zip(row, panel_lines, metrics.values(), strict=True):
        axes.set_ylim(0, 1)
        draw_curves(axes, result, lines, heading)
        axes.set_xlabel("period")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    figure.suptitle(title, x=0.15 / figure.get_figwidth(), ha="left", fontsize=13)
    return figure


def _lines(result: Result, names: Mapping[str, str], metric: str, groups: Sequence[str] | None) -> list[Line]:
    """Return a line for each experiment, or for each experiment and group where the metric is one by group."""
    recorded = set(result.frame.loc[result.frame["metric"] == metric, "group"])
    if recorded <= {""}:
        return [Line(name, metric, "", words, colour(i)) for i, (name, words) in enumerate(names.items())]
    chosen = result.groups if groups is None else list(groups)
    return [
        Line(name, metric, group, f"{words}, {group}" if len(chosen) > 1 else words, colour(i), STYLES[j % len(STYLES)])
        for i, (name, words) in enumerate(names.items())
        for j, group in enumerate(chosen)
    ]


def _panels(count: int, longest: int) -> tuple[Figure, Sequence[Axes]]:
    """Return panels that share their axes, with room at the right of each for names of so many letters.

    Up to three stand in a row, more in two.
    """
    rows = 1 if count <= IN_A_ROW else 2
    columns = -(-count // rows)
    room = 0.45 + 0.085 * longest
    width, height = 0.8 + columns * (PANEL + room), 1.3 + 3.1 * rows + 0.8 * (rows - 1)
    figure = Figure(figsize=(width, height))
    figure.subplots_adjust(
        left=0.8 / width, right=1 - room / width, bottom=0.57 / height, top=1 - 0.75 / height,
        wspace=room / PANEL, hspace=0.8 / 3.1,
    )  # fmt: skip
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel().tolist()
    for axes in grid[:count]:
        axes.tick_params(labelbottom=True)
    for axes in grid[count:]:
        axes.set_visible(False)
    return figure, grid[:count]


def _lowest(values: Sequence[float]) -> float:
    """Return where an axis of shares begins: at 0, but a little below the values if all are above one half."""
    lowest = np.nanmin(values) if np.isfinite(values).any() else 0.0
    return float(np.floor(10 * lowest - 0.5) / 10) if lowest > 0.5 else 0.0


def _draw_survival(axes: Axes, lines: Sequence[tuple[pd.DataFrame, str]], width: float, until: float | None) -> None:
    """Draw step curves with their 95 % bands; each has its name and its value at its end."""
    ends = []
    longest = max((_end(curve, width, until) for curve, _ in lines), default=0.0)
    for index, (curve, name) in enumerate(lines):
        end, ink = _end(curve, width, until), colour(index)
        shown = curve.loc[width * curve.index <= end + ROUNDING]
        along = np.append(width * np.asarray(shown.index, dtype=np.float64), end)  # the last value holds until there
        mean, low, high = (np.append(shown[part], shown[part].iloc[-1]) for part in ("mean", "low", "high"))
        axes.step(along, mean, where="post", color=ink)
        axes.fill_between(along, low, high, step="post", color=ink, alpha=0.2, linewidth=0)
        last = float(mean[-1])
        words = f"{100 * last:.0f} % {name}" + (f" until {end:g}" if end < longest - ROUNDING else "")
        ends.append((end, last, words, ink))
    axes.set_xlim(0, longest if until is None else until)
    label_line_ends(axes, ends)


def _end(curve: pd.DataFrame, width: float, until: float | None) -> float:
    """Return where the drawing of a curve ends: one width after its last place, or where the axis does."""
    end = width * (float(curve.index[-1]) + 1)
    return end if until is None else min(end, until)
