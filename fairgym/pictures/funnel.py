"""The funnel of recourse as a flow: of all rejections, how many lead to an offer, to an action and to a loan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fairgym.checks import InputError, one_of
from fairgym.plots import colour, names_of
from fairgym.result import Estimate, Result, estimate

STAGES = ("rejected", "offered", "followed", "returned", "approved", "repaid")
"""Parts of the tracker ``Funnel``, each a part of the people of the one before."""
LOST = dict(zip(STAGES, ("no offer", "not followed", "still at it", "turned down", "defaulted"), strict=False))
"""What became of those who reach a stage and not the next."""
STARTS = {"rejected": "rejections", "offered": "offers"}
"""Stages with which a picture may begin, and what 100 % then are."""
BAR, REACH, FALL = 0.12, 0.75, 0.1
"""Width of the bar of a stage and of what is lost after it, in stages; how deep that sinks, in shares."""
GREY = (0.73, 0.73, 0.73)
"""Colour of what is lost, where it begins."""
TELLING = 0.005
"""Share from which on a loss is written down."""


def funnel(
    result: Result,
    experiments: Mapping[str, str] | None = None,
    *,
    groups: Sequence[str] | None = None,
    tracker: str = "funnel",
    of: str = "rejected",
    title: str | None = None,
) -> Figure:
    """Draw the funnel of each group (row) under each policy (column) as a band that narrows from stage to stage.

    Heights and numbers are shares of the rejections up to the last recorded step, or with ``of="offered"`` of the
    offers, means over lanes; the last one has its 95 % interval. ``experiments`` gives the heading of each experiment
    that is to be drawn (all of them, by their names, if left out), ``tracker`` the name under which ``Funnel``
    recorded. Raises InputError where it did not.
    """
    headings = names_of(result, experiments)
    rows = list(result.groups if groups is None else groups)
    shares = {(group, name): stage_shares(result, name, group, tracker, of) for group in rows for name in headings}
    width, height = 0.9 + 5.2 * len(headings), 1.15 + 2.7 * len(rows)
    figure = Figure(figsize=(width, height))
    figure.subplots_adjust(
        left=0.75 / width, right=1 - 0.1 / width, bottom=0.1 / height, top=1 - 1.05 / height, wspace=0.04, hspace=0.06
    )
    panels = figure.subplots(len(rows), len(headings), squeeze=False, sharex=True, sharey=True)
    for (group, name), axes in zip(shares, panels.flat, strict=True):
        _draw_funnel(axes, shares[group, name], colour(rows.index(group)))
        total = result.estimate(f"{tracker}.{of}", experiment=name, group=group).mean
        whole = f"100 % = {total:,.0f} {STARTS[of]} per run" if total else f"no {STARTS[of]}"
        _beside(axes, whole, (1, 0), (0, 2), ha="right", fontsize=9, color="#666666")
    for index, (axes, group) in enumerate(zip(panels[:, 0], rows, strict=True)):
        axes.set_ylabel(group, color=colour(index), fontsize=13)
    for axes, heading in zip(panels[0], headings.values(), strict=True):
        _beside(axes, heading, (0, 1), (2, 22), fontsize=13)
        for place, stage in enumerate(STAGES[STAGES.index(of) :]):
            _beside(axes, stage, (place, 1), (0, 2), xycoords=("data", "axes fraction"), ha="center", fontsize=10)
    words = _finding(shares, of) if title is None else title
    figure.suptitle(words, x=0.15 / width, y=1 - 0.12 / height, ha="left", va="top", fontsize=13)
    return figure


def stage_shares(
    result: Result, experiment: str, group: str, tracker: str = "funnel", of: str = "rejected"
) -> dict[str, Estimate]:
    """Return which share of a group's rejections, or offers, reached each stage: means over the lanes that have any."""
    start = STAGES.index(one_of("of", of, tuple(STARTS)))
    counts = [result.values(f"{tracker}.{stage}", experiment=experiment, group=group).to_numpy() for stage in STAGES]
    for stage, (before, count) in zip(STAGES[1:], pairwise(counts), strict=True):
        if (count > before).any():
            raise InputError(
                f"{tracker}.{stage} of experiment {experiment!r} exceeds the stage before it: give counts since "
                f"the start."
            )
    whole = np.where(counts[start] > 0, counts[start], np.nan)
    return {stage: estimate(count / whole) for stage, count in zip(STAGES[start:], counts[start:], strict=True)}


def _draw_funnel(axes: Axes, shares: Mapping[str, Estimate], ink: str) -> None:
    """Draw one funnel, its upper edge straight, with what is lost between two stages sinking out of it."""
    heights = [share.mean for share in shares.values()]
    axes.spines[:].set_visible(False)
    if not np.isnan(heights).any():
        for place, (stage, (here, there)) in enumerate(zip(shares, pairwise(heights), strict=False)):
            _draw_lost(axes, place, here, there, LOST[stage])
            axes.fill_between([place, place + 1], 1 - there, 1, color=ink, alpha=0.35, linewidth=0)
        axes.bar(range(len(heights)), heights, BAR, bottom=1 - np.array(heights), color=ink, zorder=3)
        _write_shares(axes, list(shares.values()), ink)
    axes.set(xlim=(-0.35, len(shares) - 0.35), ylim=(-0.42, 1.17), xticks=[], yticks=[])


def _write_shares(axes: Axes, shares: Sequence[Estimate], ink: str) -> None:
    """Write the share of each stage above its bar, and below the last one its interval."""
    for place, share in enumerate(shares):
        _beside(axes, _percent(share.mean), (place, 1), (0, 2), xycoords="data", ha="center", color=ink, weight="bold")
    last = shares[-1]
    if last.low < last.high:
        below = (len(shares) - 1 - BAR / 2, 1 - last.mean)
        words = f"{100 * last.low:.1f} to\n{100 * last.high:.1f} %"
        _beside(axes, words, below, (0, -3), xycoords="data", va="top", fontsize=9, color=ink)


def _draw_lost(axes: Axes, start: float, here: float, there: float, name: str) -> None:
    """Draw what is lost between two stages as a band that sinks and fades, and write what became of it."""
    lost = here - there
    if lost < TELLING:
        return
    along = np.linspace(0, 1, 41)
    sunk = FALL * along**2 * (3 - 2 * along)  # begins and ends level
    band = axes.fill_between(start + REACH * along, 1 - here - sunk, 1 - there - sunk, color="none", zorder=1)
    fade = np.linspace((*GREY, 1.0), (*GREY, 0.0), 256)[None]
    area = (start, start + REACH, 1 - here - FALL, 1 - there)
    image = axes.imshow(fade, extent=area, aspect="auto", interpolation="bilinear", zorder=1)
    image.set_clip_path(band.get_paths()[0], axes.transData)
    place = (start + 0.45, 1 - here - FALL)
    words = f"{_percent(lost)}\n{name}"
    _beside(axes, words, place, (0, -3), xycoords="data", ha="center", va="top", fontsize=9, color="#444444")


def _beside(
    axes: Axes,
    words: str,
    place: tuple[float, float],
    points: tuple[float, float],
    xycoords: Any = "axes fraction",
    **how: Any,
) -> None:
    """Write words so many points beside a place."""
    axes.annotate(words, place, xycoords=xycoords, xytext=points, textcoords="offset points", **how)


def _percent(share: float) -> str:
    digits = 1 if 0 < share < 0.0095 else 0
    return f"{100 * share:.{digits}f} %"


def _finding(shares: Mapping[tuple[str, str], Mapping[str, Estimate]], of: str) -> str:
    """Return the sentence that the picture says: the least and the most that lead to a loan."""
    known = sorted(each["approved"].mean for each in shares.values() if np.isfinite(each["approved"].mean))
    if not known:
        return f"There are no {STARTS[of]}"
    least, most = (f"{100 * share:.0f}" for share in (known[0], known[-1]))
    many = least if least == most else f"between {least} and {most}"
    return f"Of 100 {STARTS[of]}, {many} lead to a loan{' by way of an offer' * (of == STAGES[0])}"
