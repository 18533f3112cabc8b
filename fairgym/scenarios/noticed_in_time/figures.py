"""The figures: who has noticed by when, delay against false alarms, and delay against the budget of gaming."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from fairgym.plots import COLOURS, label_line_ends
from fairgym.result import Numbers, Result
from fairgym.scenarios.noticed_in_time.measures import (
    delay,
    false_alarms,
    interval_of,
    mean_delay,
    middle,
    options_of,
)
from fairgym.scenarios.noticed_in_time.names import (
    ACCEPTANCE,
    ALPHA,
    ALPHAS,
    BUDGETS,
    DEFAULTS,
    EVERYTHING,
    FEATURES,
    MAIN,
    NOBODY,
    SCORE,
    gaming,
)

SHOWN = {
    ACCEPTANCE: COLOURS[0],
    SCORE: COLOURS[2],
    FEATURES: COLOURS[4],
    DEFAULTS: COLOURS[1],
    EVERYTHING: COLOURS[6],
}
"""What is watched, with its colour."""
GREY = "#777777"


def figures(result: Result) -> dict[str, Figure]:
    """Return who has noticed by when, the price of false alarms, and delays by budget."""
    return {
        "noticed-by-when": by_when(result),
        "delay-against-false-alarms": against_false_alarms(result),
        "delay-against-budget": against_budget(result),
    }


def by_when(result: Result) -> Figure:
    """Draw the share of lenders that have noticed against the applicants since gaming began, by what is watched."""
    options, arm = options_of(result), gaming(MAIN)
    figure, axes = _panel()
    ends = []
    for watch, ink in SHOWN.items():
        days, share = reached(delay(result, arm, watch), options.after)
        axes.step(days, share, where="post", color=ink, linewidth=2)
        ends.append((float(options.after), float(share[-1]), f"watches {watch_in_words(watch)}", ink))
    days, share = reached(delay(result, NOBODY, EVERYTHING), options.after)
    axes.step(days, share, where="post", color=GREY, linewidth=1.5, linestyle="--")
    ends.append((float(options.after), float(share[-1]), "nobody games: false alarms", GREY))
    axes.set_xlabel("applicants since gaming began")
    axes.set_ylabel("share of lenders that have noticed")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylim(-0.02, 1.03)
    axes.set_xlim(0, options.after)
    label_line_ends(axes, ends)
    figure.suptitle(headline(result), x=0.02, ha="left", fontsize=13)
    axes.set_title(
        f"moves of up to {MAIN:g} standard deviations; false alarms allowed in {ALPHA:.0%} of runs",
        fontsize=10, loc="left", color="#444444",
    )  # fmt: skip
    return figure


def headline(result: Result) -> str:
    """Return what the figure shows in one sentence, with its medians."""
    early, late = (middle(delay(result, gaming(MAIN), watch)) for watch in (ACCEPTANCE, DEFAULTS))
    soon, ending = ("hardly ever" if np.isinf(one) else f"after {one:,.0f} applicants" for one in (early, late))
    return f"The acceptance rate gives gaming away {soon}, the default rate {ending}"


def watch_in_words(watch: str) -> str:
    """Return how a figure calls what is watched."""
    return watch if watch == EVERYTHING else f"the {watch}"


def reached(delays: Numbers, end: int) -> tuple[Numbers, Numbers]:
    """Return the points at which lanes notice and the share that has by then, from 0 to ``end``."""
    known = np.sort(delays[np.isfinite(delays)])
    days, share = np.concatenate([[0], known, [end]]), np.arange(len(known) + 1) / len(delays)
    return days, np.append(share, share[-1])


def against_false_alarms(result: Result) -> Figure:
    """Draw the mean delay against the false alarms measured on the twin, at every allowance, by what is watched."""
    options, arm = options_of(result), gaming(MAIN)
    figure, axes = _panel()
    ends = []
    for watch, ink in SHOWN.items():
        wrong = [false_alarms(result, watch, alpha).value for alpha in ALPHAS]
        delays = [mean_delay(result, arm, watch, alpha) for alpha in ALPHAS]
        means = [one.value for one in delays]
        axes.errorbar(wrong, means, yerr=np.transpose([interval_of(one) for one in delays]), color=ink, fmt="o-",
                      markersize=4, linewidth=1.8, capsize=2)  # fmt: skip
        at = ALPHAS.index(ALPHA)
        axes.plot(wrong[at], means[at], "o", color="white", markeredgecolor=ink, markeredgewidth=2, markersize=9)
        ends.append((wrong[-1], means[-1], watch_in_words(watch), ink))
    _frame(axes, options.after)
    axes.set_xlabel("share of runs without gaming in which there is an alarm")
    axes.xaxis.set_major_locator(MultipleLocator(0.05))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    label_line_ends(axes, ends)
    axes.set_title(
        "from left to right the monitor is allowed false alarms in 0.01 % to 50 % of runs; rings: 5 %",
        fontsize=10, loc="left", color="#444444",
    )  # fmt: skip
    figure.suptitle(
        "What is watched matters more than how many false alarms are put up with", x=0.02, ha="left", fontsize=13
    )
    return figure


def against_budget(result: Result) -> Figure:
    """Draw the mean delay against what gaming may cost, by what is watched."""
    options = options_of(result)
    figure, axes = _panel(top=0.86)
    ends = []
    for watch, ink in SHOWN.items():
        delays = [mean_delay(result, gaming(budget), watch) for budget in BUDGETS]
        means = [one.value for one in delays]
        axes.errorbar(BUDGETS, means, yerr=np.transpose([interval_of(one) for one in delays]), color=ink, fmt="o-",
                      markersize=5, linewidth=1.8, capsize=2)  # fmt: skip
        ends.append((BUDGETS[-1], means[-1], watch_in_words(watch), ink))
    _frame(axes, options.after)
    axes.set_xscale("log", base=2)
    axes.set_xticks(BUDGETS, [f"{budget:g}" for budget in BUDGETS])
    axes.set_xlabel("longest move that applicants can afford, in standard deviations")
    label_line_ends(axes, ends)
    figure.suptitle("The further people can move, the sooner it is noticed", x=0.02, ha="left", fontsize=13)
    return figure


def _panel(top: float = 0.83) -> tuple[Figure, Axes]:
    """Return a figure with one panel and room for words at the ends of lines."""
    figure = Figure(figsize=(10, 5.2))
    figure.subplots_adjust(left=0.09, right=0.74, bottom=0.13, top=top)
    return figure, figure.subplots()


def _frame(axes: Axes, after: int) -> None:
    """Write what the delay is, and where it ends."""
    axes.set_ylim(0, after * 1.08)
    axes.axhline(after, color=GREY, linewidth=1, linestyle=":")
    words: dict[str, Any] = {"va": "bottom", "ha": "right", "color": GREY, "fontsize": 9}
    axes.text(0.99, after, "the run ends", transform=axes.get_yaxis_transform(), **words)
    axes.set_ylabel("mean applicants until gaming is noticed")
