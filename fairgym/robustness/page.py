"""The page of a robustness report: one table for each policy, and what countermeasures cost in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fairgym.recourse.report import OVERALL
from fairgym.robustness.by_group import names_of
from fairgym.robustness.moves import Moves
from fairgym.robustness.reach import Reach
from fairgym.robustness.smoothing import Certificate

if TYPE_CHECKING:
    from fairgym.robustness.report import RobustnessReport

WIDTH = 118
"""Letters of a line of the page as plain text."""
SHOWN = 6
"""Features that a note names."""
MOST_GROUPS = 4
"""Columns of a table up to which it gives intervals."""
WORDS = {
    "accuracy": "right decisions",
    "acceptance_rate": "accepted",
    "robust_accuracy": "right whatever people do within {}",
    "gaming_rate": "unqualified approved within {}",
    "median_radius": "cost of changing a decision: median",
    "low_radius": "  lowest 5 %",
    "mean_certified_radius": "  certified, mean",
    "abstained": "  nothing certified",
    "no_known_move": "  no move known",
    "smoothed_accuracy": "right decisions of the smoothed rule",
    "social_burden": "cost of approval of the qualified: mean",
    "cannot_reach": "  no way known",
    "false_alarm": "lanes with an alarm before the change",
    "noticed": "lanes that noticed the change",
    "median_delay": "  steps until then: median",
}
"""What the measures are called on the page, in their order; the others are in the frame."""
COSTS = {"median_radius", "low_radius", "social_burden", "mean_certified_radius", "median_delay"}
"""Measures that are no shares."""


def page(report: RobustnessReport) -> Any:
    """Return the page for rich: policies side by side, or the groups of a single one; then the groups of several."""
    from rich.console import Group
    from rich.text import Text

    groups = names_of(report.labels)
    people = f"{len(report.qualified):,} people, costs by {report.cost_name}"
    if len(report.policies) == 1:
        columns = {str(name): (report.policies[0], name) for name in (OVERALL, *groups)}
        tables = [_table(report, f"Robustness of {report.policies[0]}: {people}", columns, len(groups) <= MOST_GROUPS)]
    else:
        columns = {policy: (policy, OVERALL) for policy in report.policies}
        tables = [_table(report, f"Robustness: {people}", columns, len(columns) <= MOST_GROUPS)]
        columns = {f"{policy}\n{name}": (policy, name) for policy in report.policies for name in groups}
        tables += [_table(report, "By group", columns, False)] if groups else []
    return Group(*tables, *(Text(sentence) for sentence in (*report.sentences, *report.notes)))


def plain_text(report: RobustnessReport) -> str:
    """Return the page as plain text."""
    from rich.console import Console

    console = Console(width=WIDTH, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(page(report))
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def _table(report: RobustnessReport, title: str, columns: Mapping[str, tuple[str, Any]], intervals: bool) -> Any:
    """Return a table with a column for each policy and group."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    table.add_column("", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right")
    for measure, words in WORDS.items():
        of_measure = report.frame[report.frame["measure"] == measure]
        for budget in of_measure["budget"].unique():
            rows = of_measure[of_measure["budget"].isna() if np.isnan(budget) else of_measure["budget"] == budget]
            found = [rows[(rows["policy"] == policy) & (rows["group"] == name)] for policy, name in columns.values()]
            if any(len(one) for one in found):
                table.add_row(words.format(f"{budget:g}"), *(_cell(one, measure, intervals) for one in found))
    return table


def _cell(rows: pd.DataFrame, measure: str, interval: bool) -> str:
    """Return a value with its interval in words; nothing where there is none."""
    if not len(rows) or rows["people"].iloc[0] == 0:
        return ""
    value, low, high = (float(rows[column].iloc[0]) for column in ("value", "low", "high"))
    if measure in COSTS:
        words, ends = _cost(value), f"{_cost(low, 2)}-{_cost(high, 2)}"
    else:
        words, ends = f"{100 * value:.1f} %", f"{100 * low:.0f}-{100 * high:.0f}"
    return f"{words} ({ends})" if interval and not np.isnan(low) and not np.isnan(high) else words


def _cost(value: float, digits: int = 3) -> str:
    """Return a cost as it is told, infinity in a word."""
    return "none" if np.isinf(value) else f"{value:.{digits}g}"


def sentences(report: RobustnessReport) -> list[str]:
    """Return what each further policy brings and costs against the first."""
    told = []
    for policy in report.policies[1:]:
        rows = report.comparison[report.comparison["policy"] == policy].set_index(["measure", "budget"])
        parts = [
            _difference(rows, ("accuracy", np.nan), "accuracy"),
            _difference(rows, ("robust_accuracy", report.budgets[-1]), f"right within {report.budgets[-1]:g}"),
            _difference(rows, ("median_radius", np.nan), "median radius"),
            _difference(rows, ("mean_certified_radius", np.nan), "certified radius"),
            _difference(rows, ("gaming_rate", report.budgets[-1]), f"gaming within {report.budgets[-1]:g}"),
            _difference(rows, ("social_burden", np.nan), "burden"),
        ]
        ratio = rows.loc[[one for one in rows.index if one[0] == "training_time_ratio"], "value"]
        parts += [f"{value:.2g} times the training time" for value in ratio]
        told.append(f"{policy} instead of {report.policies[0]}: {'; '.join(part for part in parts if part)}.")
    return told


def _difference(rows: pd.DataFrame, key: tuple[str, float], words: str) -> str:
    """Return a signed difference with its interval, or nothing where it is not known."""
    known = [one for one in rows.index if one[0] == key[0] and (one[1] == key[1] or np.isnan(key[1]))]
    if not known:
        return ""
    value, low, high = (float(rows.loc[known[0], column]) for column in ("value", "low", "high"))
    if np.isnan(value):
        return ""
    interval = "" if np.isnan(low) or np.isnan(high) else f" ({low:+.3f} to {high:+.3f})"
    return f"{words} {value:+.3f}{interval}"


def notes_on(
    moves: Mapping[str, Moves], certificates: Mapping[str, Certificate], reach: Reach, sigma: float | None
) -> list[str]:
    """Return what has to be known beside the numbers."""
    notes = []
    for policy, one in moves.items():
        if not one.exact.all():
            notes.append(
                f"{policy}: {100 * one.exact.mean():.0f} % of the radii are proven; the others are what attacks found, "
                "so that they, and robust accuracies, are upper bounds."
            )
        none = np.isinf(one.radius)
        if none.any():
            notes.append(
                f"{policy}: for {int(none.sum()):,} people no move is known that changes the decision; for "
                f"{int((none & one.exact).sum()):,} of them it is proven that there is none. All are counted."
            )
    if sigma is not None and reach.per_unit is None:
        notes.append(f"No certificates: the cost {reach.cost.name} is not linear.")
    for certificate in list(certificates.values())[:1]:
        more = ", ..." if len(certificate.covers) > SHOWN else ""
        notes.append(
            f"Certificates: {len(certificate):,} people, the smoothed rule with sigma {certificate.sigma:g}, moves of "
            f"{', '.join(certificate.covers[:SHOWN])}{more} only, each wrong with probability {certificate.alpha:g}."
        )
    return notes
