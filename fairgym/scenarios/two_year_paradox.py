"""Equal in each of two years, unequal over both: a case of Simpson's paradox that can be checked by hand.

D'Amour et al., "Fairness is not static", FAT* 2020, appendix A.4. The argument is theirs, the numbers are ours.

A bank lends freely in the first year and sparingly in the second. In each year it treats two groups alike: the same
share of those who would repay (the *qualified*) gets a loan, so the true positive rates (TPR) are equal. But the groups
do not come at the same time. Of the 400 qualified people of group A, 300 come in the first year; of the 400 of group B,
only 100 do. So over both years A has met the generous bank more often, and its TPR is higher:

    R(both years, g) = sum over years t of  P(t | qualified, g) * R(t, g)

    A:  300/400 * 80 % + 100/400 * 40 %  =  70 %
    B:  100/400 * 80 % + 300/400 * 40 %  =  50 %

The decomposition of ``metrics.simpson`` says where the gap of 20 points comes from: nothing from gaps inside years, all
of it from the groups' different timing.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from fairgym.experiment import versions
from fairgym.metrics.base import ratio
from fairgym.metrics.simpson import EXACT, simpson_decomposition
from fairgym.plots import colour
from fairgym.result import Numbers, Recorded, Result, tidy
from fairgym.scenarios.base import Claim, Measurement, Running, Scenario, Settings

PAPER = "D'Amour et al., Fairness is not static, FAT* 2020"
SOURCE = f"{PAPER}, appendix A.4"
NAME = "two-year-paradox"
GROUPS = ("A", "B")
YEARS = (1, 2)
QUALIFIED = ((300, 100), (100, 300))
"""People who would repay; one row per year, one column per group."""
ACCEPTED = ((240, 80), (40, 120))
"""Those of them who got a loan."""


def compute(settings: Settings, running: Running) -> Result:
    """Return the tables of the two years, what they add up to, and the decomposition of the gap."""
    return tabulate(np.array(ACCEPTED), np.array(QUALIFIED))


def tabulate(accepted: Numbers, qualified: Numbers) -> Result:
    """Return counts and TPR of each year (as steps) and over all years (at the last step); tables are (years, groups).

    ``year_share`` is the share of a group's qualified people who come in a year, ``simpson.*`` the decomposition of
    the gap A minus B.
    """
    records: list[Recorded] = []
    for year, got, came in zip(YEARS, accepted, qualified, strict=True):
        shares = ratio(came, qualified.sum(axis=0))
        parts = {"accepted": got, "qualified": came, "tpr": ratio(got, came), "year_share": shares}
        records += [(year, metric, values[None]) for metric, values in parts.items()]
    records.append((YEARS[-1], "aggregate_tpr", ratio(accepted.sum(axis=0), qualified.sum(axis=0))[None]))
    for part, value in simpson_decomposition(accepted, qualified).items():
        records.append((YEARS[-1], f"simpson.{part}", np.array([value])))
    config = {"name": NAME, "accepted": accepted.tolist(), "qualified": qualified.tolist(), "groups": list(GROUPS)}
    return Result(tidy(NAME, 0, records, GROUPS), {"experiments": [config], "versions": versions()})


def by_group(result: Result, metric: str, year: int | None = None) -> Numbers:
    """Return one metric of both groups in a year, or over all; (2,)."""
    return np.array([result.values(metric, group=group, step=year).iloc[0] for group in GROUPS])


def part(result: Result, name: str) -> float:
    """Return one number of the decomposition."""
    return float(result.values(f"simpson.{name}").iloc[0])


def gap(rates: Numbers) -> float:
    """Return A minus B."""
    return float(rates[0] - rates[1])


def largest_gap_of_a_year(result: Result) -> Measurement:
    """Return the largest TPR gap, in size, between the groups in one year."""
    return Measurement.exact(max(abs(gap(by_group(result, "tpr", year))) for year in YEARS))


def gap_over_both_years(result: Result) -> Measurement:
    """Return the size of the TPR gap over both years."""
    return Measurement.exact(abs(gap(by_group(result, "aggregate_tpr"))))


def error_of_the_sum(result: Result) -> Measurement:
    """Return the larger error, over the groups, of the TPR over both years as the weighted sum of the years' TPR."""
    summed = np.sum([by_group(result, "year_share", year) * by_group(result, "tpr", year) for year in YEARS], axis=0)
    return Measurement.exact(float(np.abs(summed - by_group(result, "aggregate_tpr")).max()))


CLAIMS = (
    Claim(
        "P1",
        "In each year both groups have the same TPR.",
        SOURCE,
        "largest TPR gap of a year",
        (0.0, 0.0),
        largest_gap_of_a_year,
    ),
    Claim(
        "P2",
        "Over both years they do not.",
        SOURCE,
        "TPR gap over both years",
        (EXACT, 1.0),
        gap_over_both_years,
    ),
    Claim(
        "P3",
        "A group's TPR over both years is the sum of the years' TPR, weighted by when its qualified people come.",
        f"{SOURCE}: R(1+2) = sum of P(t | Y=1, g) R(t)",
        "largest error of the sum",
        (0.0, EXACT),
        error_of_the_sum,
    ),
    Claim(
        "P4",
        "Nothing of the gap comes from inside the years.",
        f"{SOURCE}; Kitagawa 1955",
        "within part of the gap",
        (-EXACT, EXACT),
        lambda result: Measurement.exact(part(result, "within")),
    ),
    Claim(
        "P5",
        "All of it comes from the groups' different timing.",
        f"{SOURCE}; Kitagawa 1955",
        "composition part of the gap minus the gap",
        (-EXACT, EXACT),
        lambda result: Measurement.exact(part(result, "composition") - gap(by_group(result, "aggregate_tpr"))),
    ),
    Claim(
        "P6",
        "The decomposition raises its flag: the aggregate gap misleads.",
        "metrics.simpson: no year's gap is beyond its error, the aggregate's is",
        "flag",
        (1.0, 1.0),
        lambda result: Measurement.exact(part(result, "flag")),
    ),
)


def figures(result: Result) -> dict[str, Figure]:
    """Return the tables beside the decomposition, and the picture of who came when."""
    return {"tables": tables(result), "who-came-when": who_came_when(result)}


def tables(result: Result) -> Figure:
    """Draw the table of years and groups with its totals, and beside it where the gap comes from."""
    figure = Figure(figsize=(10, 4))
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    draw_table(left, result)
    draw_decomposition(right, result)
    figure.tight_layout(w_pad=3)
    return figure


def draw_table(axes: Axes, result: Result) -> None:
    """Write accepted of qualified, and the TPR, of each group in each year and over both."""
    rows, totals = [], np.zeros((2, len(GROUPS)))
    for year in YEARS:
        counts = np.stack([by_group(result, "accepted", year), by_group(result, "qualified", year)])
        totals += counts
        rows.append([cell(*count) for count in counts.T])
    rows.append([cell(*count) for count in totals.T])
    axes.axis("off")
    axes.set_title("Loans to people who would repay: equal each year, unequal over both")
    shades = [["#EAF3F8"] * 2, ["#EAF3F8"] * 2, ["#9CC9E3", "#F2B48A"]]
    table = axes.table(
        cellText=rows, cellColours=shades, rowLabels=["year 1", "year 2", "both years"],
        colLabels=[f"group {group}" for group in GROUPS], cellLoc="center",
        bbox=Bbox.from_bounds(0.17, 0.02, 0.83, 0.93),
    )  # fmt: skip
    table.auto_set_font_size(False)
    table.set_fontsize(12)


def cell(accepted: float, qualified: float) -> str:
    """Return the words of one cell."""
    return f"{accepted:.0f} of {qualified:.0f}\n{accepted / qualified:.0%}"


def draw_decomposition(axes: Axes, result: Result) -> None:
    """Draw the gap over both years and its two parts as bars, in percentage points."""
    names = ("gap over both years", "= gaps inside the years", "+ different timing")
    points = [100 * part(result, name) for name in ("aggregate", "within", "composition")]
    axes.barh(names, points, color=["#555555", colour(2), colour(1)], height=0.55)
    for row, value in enumerate(points):
        axes.annotate(f"{value:.0f}", (value, row), xytext=(5, 0), textcoords="offset points", va="center")
    axes.axvline(0, color="black", linewidth=1)
    axes.set_xlabel("TPR of A minus TPR of B, points")
    axes.set_title("Where the gap comes from")
    axes.invert_yaxis()
    axes.margins(x=0.15)


def who_came_when(result: Result) -> Figure:
    """Draw each group's years as bars: width is how many qualified people came, height the TPR they met."""
    figure = Figure(figsize=(10, 4.2))
    for index, axes in enumerate(figure.subplots(1, 2, sharey=True)):
        start = 0.0
        for year, opacity in zip(YEARS, (0.75, 0.35), strict=True):
            came, rate = (by_group(result, metric, year)[index] for metric in ("qualified", "tpr"))
            axes.bar(start, 100 * rate, came, align="edge", color=colour(index), alpha=opacity)
            axes.text(start + came / 2, 4, f"year {year}\n{came:.0f} people\n{rate:.0%}", ha="center", fontsize=10)
            start += came
        total = 100 * by_group(result, "aggregate_tpr")[index]
        axes.axhline(total, color="black", linestyle="--", linewidth=1.5)
        axes.annotate(
            f"{total:.0f}%\nboth years", (start, total), xytext=(5, 0), textcoords="offset points", va="center"
        )
        axes.set_xlim(0, start)
        axes.set_ylim(0, 100)
        axes.set_xlabel("qualified people, in the order of coming")
        axes.set_title(f"Group {GROUPS[index]}")
    figure.axes[0].set_ylabel("share who get a loan (TPR), %")
    figure.suptitle("The same two rates, but the groups come at different times")
    figure.tight_layout(w_pad=3)
    return figure


SCENARIO = Scenario(
    name=NAME,
    title="Equal true positive rates in each of two years, unequal over both: numbers to check by hand.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    compute=compute,
)
