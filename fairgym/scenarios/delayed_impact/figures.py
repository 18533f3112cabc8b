"""The figures: loans and credit over time, scores at start and end, thresholds of equal opportunity."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from fairgym.plots import Line, colour, draw_curves
from fairgym.result import Result
from fairgym.scenarios.delayed_impact.names import EQUAL_OPPORTUNITY, MAX_REWARD, shares


def groups_of(result: Result) -> list[str]:
    """Return the names of the groups that were run."""
    return result.frame.loc[result.frame["metric"] == "credit", "group"].unique().tolist()


LAYOUT = {"left": 0.1, "right": 0.78, "hspace": 0.18, "bottom": 0.08, "top": 0.95}
"""Room for two panels above each other, with names of lines at the right; set before names are placed."""
NAMED_IN_FULL = 2
"""Up to so many groups every line carries the names of its group and its policy."""


def figures(result: Result) -> dict[str, Figure]:
    """Return loans and credit over time, scores at start and end, and the thresholds of equal opportunity."""
    return {
        "loans-and-credit": loans_and_credit(result),
        "scores": scores(result),
        "equal-opportunity": equal_opportunity(result),
    }


def loans_and_credit(result: Result) -> Figure:
    """Draw loans granted and mean credit over the steps, by policy and group (the paper's figure 4)."""
    figure = Figure(figsize=(8, 7))
    figure.subplots_adjust(**LAYOUT)
    loans, credit = figure.subplots(2, 1, sharex=True)
    draw_curves(loans, result, policy_lines(result, "loans"), "Loans granted so far")
    loans.set_xlabel("")
    draw_curves(credit, result, policy_lines(result, "credit"), "Credit: mean chance of repaying")
    if len(groups_of(result)) > NAMED_IN_FULL:
        loans.annotate("solid: equal opportunity, dashed: max reward", (0.02, 0.92), xycoords="axes fraction")
    return figure


def policy_lines(result: Result, metric: str) -> list[Line]:
    """Return a line for each group and policy; with many groups only the solid ones carry a name."""
    lines = []
    for index, group in enumerate(groups_of(result)):
        for policy, style in ((MAX_REWARD, "--"), (EQUAL_OPPORTUNITY, "-")):
            in_full = f"{group},\n{policy.replace('-', ' ')}"
            short = group if policy == EQUAL_OPPORTUNITY else ""
            name = in_full if len(groups_of(result)) <= NAMED_IN_FULL else short
            lines.append(Line(policy, metric, group, name, colour(index), style))
    return lines


def scores(result: Result) -> Figure:
    """Draw each group's scores at the start and at the end under both policies (the paper's figure 2)."""
    names = groups_of(result)
    figure = Figure(figsize=(10, 2.3 * len(names) + 0.6))
    panels = figure.subplots(len(names), 3, sharex=True, sharey=True, squeeze=False)
    columns = (("at the start", MAX_REWARD, 0), ("max reward, at the end", MAX_REWARD, None),
               ("equal opportunity, at the end", EQUAL_OPPORTUNITY, None))  # fmt: skip
    for row, group in enumerate(names):
        for column, (title, policy, step) in enumerate(columns):
            axes, values = panels[row, column], shares(result, policy, group, step)
            error = 1.96 * values.std(axis=0, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else None
            axes.bar(np.arange(values.shape[1]), values.mean(axis=0), yerr=error, color=colour(row), alpha=0.8)
            axes.set_title(title if row == 0 else "")
        panels[row, 0].set_ylabel(f"{group}\nshare of people")
    for axes in panels[-1]:
        axes.set_xlabel("credit score level")
    figure.tight_layout()
    return figure


def equal_opportunity(result: Result) -> Figure:
    """Draw the thresholds and the TPR of the equal-opportunity agent, aimed at and so far (the paper's figure 3)."""
    figure = Figure(figsize=(8, 7))
    figure.subplots_adjust(**LAYOUT)
    thresholds, rates = figure.subplots(2, 1, sharex=True)
    by_group = [
        Line(EQUAL_OPPORTUNITY, "agent.threshold", group, group, colour(index))
        for index, group in enumerate(groups_of(result))
    ]
    draw_curves(thresholds, result, by_group, "Thresholds of equal opportunity: mean score level")
    thresholds.set_xlabel("")
    so_far = [line._replace(metric="tpr", name=f"{line.name}, so far") for line in by_group]
    target = Line(EQUAL_OPPORTUNITY, "agent.target_rate", "", "all, at this step", "black", ":")
    draw_curves(rates, result, [*so_far, target], "Chance of a loan for those who would repay (true positive rate)")
    return figure
