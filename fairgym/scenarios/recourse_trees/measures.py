"""How the claims are measured: paired differences with their intervals, and distances from published numbers.

Synthetic tables are independent, so their intervals are those of every scenario. Folds are not: any two share most of
the people they train on, and the spread between them is too small a measure of what another data set would give. So
intervals over folds are those of Nadeau and Bengio, "Inference for the generalization error", Machine Learning 2003:
Student's t with the variance of a mean of k folds taken as (1/k + n_test/n_train) times the spread, not 1/k times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from scipy.stats import t as student

from fairgym.checks import InputError
from fairgym.populations.recourse_layouts import LAYOUTS
from fairgym.result import Numbers, Result, estimate
from fairgym.scenarios.base import DataNotGiven, Measurement
from fairgym.scenarios.recourse_trees.names import (
    APPLICANTS,
    DEFAULTS,
    PAPER_DATA,
    ROW_WISE,
    Arm,
    notes,
    protocol_of,
    run_with,
    shown,
    values,
)
from fairgym.scenarios.recourse_trees.published import Row


def need(result: Result, names: Iterable[str]) -> None:
    """Refuse (``DataNotGiven``) a result without one of these data sets."""
    for name in names:
        if name != APPLICANTS and name not in notes(result):
            raise DataNotGiven(
                f"about data that were not given: it needs {LAYOUTS[name].file} in the folder of --data."
            )


def as_published(result: Result) -> None:
    """Refuse a comparison with published numbers on other folds, forests or budgets than theirs."""
    for option in ("folds", "trees", "budget"):
        given, wanted = run_with(result, option), getattr(DEFAULTS, option)
        if given != wanted:
            raise InputError(f"the published numbers are for {option}={wanted}, not {given}.")


def difference(result: Result, data: str, metric: str, model: str, first: str, second: str) -> Measurement:
    """Return one metric of a method minus that of another on a data set, paired over folds or seeds."""
    need(result, [data])
    held_out = protocol_of(result, data)
    a, b = (values(result, shown(data, model, method, held_out), metric) for method in (first, second))
    return interval(result, data, a - b)


def interval(result: Result, data: str, each: Numbers) -> Measurement:
    """Return the mean of one value per fold or seed of a data set with its 95 % interval, undefined ones left out."""
    if data == APPLICANTS:
        return Measurement.of(estimate(each))
    known = each[~np.isnan(each)]
    folds = len(known)
    if folds < 2:
        return Measurement(float("nan"), float("nan"), float("nan"))
    error = np.sqrt((1 / folds + 1 / (len(each) - 1)) * known.var(ddof=1))
    half = float(student.ppf(0.975, folds - 1) * error)
    middle = float(known.mean())
    return Measurement(middle, middle - half, middle + half)


def over_data(
    combine: Callable[[Sequence[Measurement]], Measurement], metric: str, model: str, first: str, second: str
) -> Callable[[Result], Measurement]:
    """Return the measure of the least, or the greatest, difference between two methods over the paper's data sets."""

    def measure(result: Result) -> Measurement:
        need(result, PAPER_DATA)
        return combine([difference(result, data, metric, model, first, second) for data in PAPER_DATA])

    return measure


def distances(
    result: Result, data: str, model: str, methods: Sequence[str], rows: Mapping[str, Row], metrics: Sequence[str]
) -> Numbers:
    """Return our row-wise means minus published ones, in standard errors of the difference, for each method and metric.

    Where they ran the first folds only, ours are those. The error is that of two independent means. The folds are the
    same, and so the true error of the difference is smaller: "within" is said too easily, "above" too rarely.
    """
    need(result, [data])
    as_published(result)
    found = []
    for method in methods:
        for metric in metrics:
            ours, theirs = values(result, shown(data, model, method, ROW_WISE), metric), rows[method][metric]
            same = ours[: theirs.folds]
            error = np.sqrt(ours.var(ddof=1) / len(same) + theirs.variance)
            found.append((same.mean() - theirs.mean) / error)
    return np.array(found)


def mean_of(result: Result, arm: Arm, metric: str) -> float:
    """Return the mean of one metric of an arm over the folds or seeds in which it is defined; NaN if there are none."""
    each = values(result, arm, metric)
    return float(np.nanmean(each)) if not np.isnan(each).all() else float("nan")
