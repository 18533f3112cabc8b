"""draw_report: what is left of right decisions as people move further, who games them, and how near people are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fairgym.colours import COLOURS
from fairgym.recourse.costs import Floats
from fairgym.recourse.report import OVERALL
from fairgym.robustness.by_group import names_of
from fairgym.robustness.metrics import reaches, robust

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fairgym.robustness.report import RobustnessReport

POINTS = 200
"""Budgets at which curves are drawn."""
BEYOND = 1.25
"""How far beyond the largest budget of the report the axis goes."""


def draw_report(report: RobustnessReport) -> Figure:
    """Return the picture of a report: a line per policy, or per group where there is one policy."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(13, 4.2))
        figure.set_layout_engine("constrained", wspace=0.12)  # room for the names of lines
        rightly, gamed, radii = figure.subplots(1, 3)
        budgets = np.linspace(0, BEYOND * max(report.budgets[-1], 1e-9), POINTS)
        _draw_shares(rightly, report, budgets, _robust, "right whatever people do, in %")
        _draw_shares(gamed, report, budgets, _gamed, "unqualified who are approved, in %")
        _draw_radii(radii, report)
        figure.suptitle(_title(report), x=0.01, ha="left", fontsize=13)
    return figure


def _title(report: RobustnessReport) -> str:
    """Return what the picture shows in a sentence."""
    budget = report.budgets[-1]
    kept = {policy: 100 * float(_robust(report, policy, budget).mean()) for policy in report.policies}
    if len(kept) > 1:
        parts = ", ".join(f"{share:.0f} % under {policy}" for policy, share in kept.items())
        return f"Decisions that stay right if people can move by {budget:g}: {parts}"
    right = 100 * float((report.moves[report.policies[0]].accepted == report.qualified).mean())
    return f"{right:.0f} % of decisions are right, {kept[report.policies[0]]:.0f} % if people can move by {budget:g}"


def _lines(report: RobustnessReport) -> list[tuple[str, str, Any]]:
    """Return the name, the policy and the people of each line."""
    groups = names_of(report.labels)
    everybody = np.ones(len(report.qualified), dtype=bool)
    if len(report.policies) > 1 or not groups:
        return [(policy, policy, everybody) for policy in report.policies]
    return [(str(name), report.policies[0], np.asarray(report.labels == name)) for name in groups]


def _robust(report: RobustnessReport, policy: str, budget: float) -> Floats:
    moves = report.moves[policy]
    return robust(moves, report.qualified, np.full(len(moves), budget))


def _gamed(report: RobustnessReport, policy: str, budget: float) -> Floats:
    moves = report.moves[policy]
    return np.where(report.qualified, np.nan, moves.accepted | reaches(moves, np.full(len(moves), budget)))


def _draw_shares(axes: Axes, report: RobustnessReport, budgets: Floats, values_of: Any, title: str) -> None:
    """Draw a share of people against what moves may cost, each line with its name at its end."""
    ends = []
    for place, (name, policy, who) in enumerate(_lines(report)):
        shares = []
        for budget in budgets.tolist():
            values = values_of(report, policy, budget)[who]
            counted = values[~np.isnan(values)]
            shares.append(100 * float(counted.mean()) if len(counted) else np.nan)
        ink = COLOURS[place % len(COLOURS)]
        axes.plot(budgets, shares, color=ink, linewidth=2)
        ends.append((shares[-1], name, ink))
    for budget in report.budgets:
        axes.axvline(budget, color="#dddddd", linewidth=0.8, zorder=0)
    axes.set_xlim(0, budgets[-1])
    axes.set_ylim(0, 100)
    axes.set_xlabel("what moves may cost")
    axes.set_title(title, loc="left")
    _name_ends(axes, ends)


def _name_ends(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write names at the right end of lines in percent, pushed apart where two would overlap."""
    floor = -np.inf
    for height, name, ink in sorted((end for end in ends if not np.isnan(end[0])), key=lambda end: end[0]):
        floor = max(height, floor + 6)
        axes.annotate(
            name, (1.0, floor / 100), xycoords="axes fraction", xytext=(4, 0), textcoords="offset points", color=ink,
            va="center", annotation_clip=False,
        )  # fmt: skip


def _draw_radii(axes: Axes, report: RobustnessReport) -> None:
    """Draw the median radius of each group under each policy with its interval, and certified radii as hollow dots."""
    groups = [OVERALL, *names_of(report.labels)]
    count = len(report.policies)
    for place, policy in enumerate(report.policies):
        for row, group in enumerate(groups):
            ink = COLOURS[(place if count > 1 else row - 1) % len(COLOURS)] if count > 1 or row else "#444444"
            height = row + 0.5 * (place - (count - 1) / 2) / count
            for measure, filled in (("median_radius", True), ("mean_certified_radius", False)):
                _draw_dot(axes, report, (policy, group, measure), height, ink, filled)
    axes.set_yticks(range(len(groups)), [str(group) for group in groups])
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("median (full)" + (" and certified mean (hollow)" if report.certificates else ""))
    axes.set_title("cost of changing a decision", loc="left")


def _draw_dot(
    axes: Axes, report: RobustnessReport, key: tuple[str, Any, str], height: float, ink: str, filled: bool
) -> None:
    """Draw one value with its interval, if it is finite."""
    frame = report.frame
    rows = frame[(frame["policy"] == key[0]) & (frame["group"] == key[1]) & (frame["measure"] == key[2])]
    if not len(rows) or not np.isfinite(rows["value"].iloc[0]):
        return
    value, low, high = (float(rows[column].iloc[0]) for column in ("value", "low", "high"))
    if np.isfinite(low) and np.isfinite(high):
        axes.plot([low, high], [height, height], color=ink, linewidth=1.5)
    axes.plot([value], [height], "o", color=ink, markerfacecolor=ink if filled else "white", zorder=3)
