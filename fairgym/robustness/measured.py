"""Measures of one policy for a report, and the differences between policies on the same people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fairgym.recourse.intervals import mean, median, share
from fairgym.robustness.by_group import Labels, Measure, Statistic, by_group
from fairgym.robustness.metrics import LOW_SHARE, burden_measures, gamed, low_radius, radius_measures, robust, strategic
from fairgym.robustness.moves import Moves
from fairgym.robustness.paired import paired_difference
from fairgym.robustness.reach import Bools
from fairgym.robustness.smoothing import Certificate
from fairgym.robustness.watched import WatchedRun

Measures = Mapping[tuple[str, float], Measure]
"""By name and budget, NaN for none."""
NONE = float("nan")
PAIRED: dict[Statistic, Callable[..., Any]] = {
    share: np.mean,
    mean: np.mean,
    median: np.median,
    low_radius: lambda values, axis: np.quantile(values, LOW_SHARE, axis=axis, method="inverted_cdf"),
}
"""What each statistic is without its interval."""
COLUMNS = ["policy", "against", "measure", "budget", "people", "value", "low", "high"]


def measures_of(moves: Moves, qualified: Bools, budgets: tuple[float, ...]) -> Measures:
    """Return the measures of one policy."""
    plain = {
        "accuracy": Measure((moves.accepted == qualified).astype(float), share),
        "acceptance_rate": Measure(moves.accepted.astype(float), share),
        **radius_measures(moves),
        **burden_measures(moves, qualified),
    }
    measures = {(name, NONE): measure for name, measure in plain.items() if name != "burden_if_rejected"}
    for budget in budgets:
        limits = np.full(len(moves), budget)
        measures["robust_accuracy", budget] = Measure(robust(moves, qualified, limits), share)
        measures["strategic_accuracy", budget] = Measure(strategic(moves, qualified, limits), share)
        measures["gaming_rate", budget] = Measure(gamed(moves, qualified, limits), share)
    return measures


def certified_measures(certificate: Certificate, qualified: Bools) -> Measures:
    """Return the measures of the smoothed rule on a panel."""
    return {
        ("mean_certified_radius", NONE): Measure(certificate.radius, mean),
        ("abstained", NONE): Measure(certificate.abstained.astype(float), share),
        ("smoothed_accuracy", NONE): Measure((certificate.decision == qualified).astype(float), share),
    }


def watched_measures(run: WatchedRun) -> Measures:
    """Return the measures of a watched run, over its lanes."""
    return {
        ("false_alarm", NONE): Measure(run.false_alarm, share),
        ("noticed", NONE): Measure(np.isfinite(run.delay).astype(float), share),
        ("median_delay", NONE): Measure(run.delay, median),
    }


def tidy(measured: Mapping[str, Measures], labels: Labels | None, against: Any, confidence: float) -> pd.DataFrame:
    """Return the measures of policies as a frame."""
    frames = []
    for policy, measures in measured.items():
        for (name, budget), measure in measures.items():
            frame = by_group({name: measure}, labels, against, confidence, budget=budget)
            frame.insert(0, "policy", policy)
            frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def compared(measured: Mapping[str, Measures], confidence: float) -> pd.DataFrame:
    """Return the measures of each further policy less those of the first, paired over people."""
    rows = []
    names = list(measured)
    for policy in names[1:]:
        for key, measure in measured[policy].items():
            here, there = measure.values, measured[names[0]][key].values
            both = ~np.isnan(here) & ~np.isnan(there)
            gap = paired_difference(here[both], there[both], PAIRED[measure.statistic], confidence)
            rows.append(_row(policy, names[0], key, int(both.sum()), gap))
    return pd.DataFrame(rows, columns=COLUMNS)


def timed(seconds: Mapping[str, float], first: str) -> pd.DataFrame:
    """Return how many times as long the training of each further policy takes as that of the first, where known."""
    rows = []
    for policy, value in seconds.items():
        if policy != first and seconds.get(first):
            rows.append(_row(policy, first, ("training_time_ratio", NONE), 0, (value / seconds[first], NONE, NONE)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(
    policy: str, against: str, key: tuple[str, float], people: int, value: tuple[float, float, float]
) -> dict[str, Any]:
    return dict(zip(COLUMNS, (policy, against, *key, people, *value), strict=True))
