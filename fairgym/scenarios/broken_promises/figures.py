"""The figures: promises and the bar over the periods, promises against capacity, and what becomes of offers."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fairgym.pictures.funnel import funnel
from fairgym.pictures.recourse_over_time import promises_over_time, survival
from fairgym.plots import colour
from fairgym.result import Estimate, Result
from fairgym.scenarios.broken_promises.names import (
    ACCEPTS,
    BOTH,
    CAPACITIES,
    FIXED,
    HONOURED,
    KEPT,
    LATELY,
    LATELY_KEPT,
    REFITTED,
    REFUSED,
    TIGHT,
    TRUSTING,
    limited,
)

OVER_TIME = {
    FIXED: "fixed rule",
    limited(TIGHT): f"fixed, {TIGHT} loans",
    limited(20): "fixed, 20 loans",
    REFITTED[1]: "retrained",
    TRUSTING: "retrained, trusting",
    BOTH: f"retrained, {TIGHT} loans",
}
PANELS = {
    LATELY_KEPT: f"promises kept, last {LATELY} periods",
    ACCEPTS: "the bar: accepted of the same 1,000",
}
UNLIMITED = 115
"""Where on the axis of capacities there is no limit."""
OTHERS = (
    (UNLIMITED, REFITTED[1], "retrained", colour(1)),
    (TIGHT, BOTH, "retrained", colour(1)),
    (TIGHT, HONOURED, "retrained, promises honoured", colour(2)),
)
"""Rules beside the fixed one: loans a period, name, words and colour."""


def figures(result: Result) -> dict[str, Figure]:
    """Return the figures."""
    return {
        "promises-and-bar": promises_over_time(
            result,
            OVER_TIME,
            metrics=PANELS,
        ),
        "promises-against-capacity": promises_against_capacity(result),
        "funnel": funnel(
            result,
            {FIXED: "fixed rule, loans for all", limited(TIGHT): f"fixed rule, {TIGHT} loans a period"},
            of="offered",
            title="What becomes of 100 offers, with loans for all and with few",
        ),
        "after-a-broken-promise": survival(
            result,
            {name: words for name, words in OVER_TIME.items() if name != FIXED},
            groups=[""],
            tracker=REFUSED,
            across="periods since the promise was broken",
            title="Still without a loan, of those who did all they were told and were refused",
        ),
    }


def promises_against_capacity(result: Result) -> Figure:
    """Draw the share of promises kept against the loans a period, of the fixed rule and of retrained ones."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    places = [*sorted(CAPACITIES), UNLIMITED]
    names = [*map(limited, sorted(CAPACITIES)), FIXED]
    draw_points(axes, places, [result.estimate(KEPT, experiment=name) for name in names], colour(0), "-o")
    axes.annotate(
        "fixed rule", (max(CAPACITIES), 1), xytext=(0, 9), textcoords="offset points", color=colour(0), ha="center"
    )
    for place, name, words, ink in OTHERS:
        kept = result.estimate(KEPT, experiment=name)
        draw_points(axes, [place], [kept], ink, "o")
        axes.annotate(words, (place, kept.mean), xytext=(9, -4), textcoords="offset points", color=ink)
    axes.set_xticks(places, [*map(str, places[:-1]), "no limit"])
    axes.set(xlim=(10, 135), ylim=(0, 1.08), xlabel="loans a period")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylabel("promises kept, of those who did all they were told")
    axes.set_title("Promises kept, by how many loans there are")
    return figure


def draw_points(axes: Axes, places: list[int], shares: list[Estimate], ink: str, style: str) -> None:
    """Draw means with their 95 % intervals."""
    means = [share.mean for share in shares]
    below, above = ([abs(end - mean) for end, mean in zip(ends, means, strict=True)] for ends in
                    ([share.low for share in shares], [share.high for share in shares]))  # fmt: skip
    axes.errorbar(places, means, [below, above], fmt=style, color=ink, capsize=3)
