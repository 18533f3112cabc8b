"""How the numbers of the claims are measured: alarms at any level, delays with their end, false alarms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import require
from fairgym.recourse.intervals import share
from fairgym.result import Numbers, Result
from fairgym.scenarios.base import Measurement
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.noticed_in_time.names import ADWIN, ALPHA, EVERYTHING, FEATURES, NOBODY, PAGE, Options

CONFIDENCE = 0.95


def options_of(result: Result) -> Options:
    """Return the settings of the runs."""
    return Options(**result.config["options"])


def streams_of(result: Result, watch: str) -> list[str]:
    """Return the streams that a monitor watches."""
    known = [metric.removeprefix("p.") for metric in result.metrics if metric.startswith("p.")]
    if watch == EVERYTHING:
        return known
    return [name for name in known if name.startswith("feature ")] if watch == FEATURES else [watch]


def smallest_p_values(result: Result, arm: str, watch: str) -> tuple[Numbers, NDArray[np.int64]]:
    """Return the smallest p-value of the watched streams at each look, (n, looks), and the steps of the looks."""
    tables = [result.table(f"p.{name}", experiment=arm, group="") for name in streams_of(result, watch)]
    least = np.min([table.to_numpy(dtype=np.float64) for table in tables], axis=0)
    return least, np.array([int(step) for step in tables[0].columns])


def first_alarm(result: Result, arm: str, watch: str, alpha: float = ALPHA, earliest: int = 0) -> Numbers:
    """Return the step of the first alarm after ``earliest`` in each lane, (n,); infinity where there is none.

    ``watch`` is what window tests watch, or a detector that watches everything applicant by applicant. Of window tests
    ``alpha`` is shared out over streams and looks, as a monitor of these streams alone would.
    """
    if watch in (PAGE, ADWIN):
        require(f"{watch}.first" in result.metrics, f"{watch} did not watch: set {watch}=true.")
        name = f"{watch}.first after" if earliest else f"{watch}.first"
        found = result.values(name, experiment=arm, group="").to_numpy(dtype=np.float64)
        return np.where(np.isnan(found), np.inf, found)
    p_values, looks = smallest_p_values(result, arm, watch)
    level = alpha / (len(streams_of(result, watch)) * len(looks))
    alarm = (p_values < level) & (looks > earliest)
    return np.where(alarm.any(axis=1), looks[alarm.argmax(axis=1)], np.inf)


def delay(result: Result, arm: str, watch: str, alpha: float = ALPHA) -> Numbers:
    """Return the applicants from the onset to the alarm in each lane, (n,); infinity where it was not noticed."""
    onset = options_of(result).onset
    found: Numbers = first_alarm(result, arm, watch, alpha, onset) - onset
    return found


def restricted(result: Result, arm: str, watch: str, alpha: float = ALPHA) -> Numbers:
    """Return the same, of which the length of the run counts at most, (n,): its mean is known although runs end."""
    return np.minimum(delay(result, arm, watch, alpha), options_of(result).after)


def mean_delay(result: Result, arm: str, watch: str, alpha: float = ALPHA) -> Measurement:
    """Return the mean delay, of which the length of the run counts at most."""
    return over_lanes(restricted(result, arm, watch, alpha))


def later(result: Result, one: tuple[str, str], other: tuple[str, str]) -> Measurement:
    """Return how much later gaming is noticed in one arm by one watch than in another by another, paired by lanes."""
    return over_lanes(restricted(result, *one) - restricted(result, *other))


def false_alarms(result: Result, watch: str, alpha: float = ALPHA) -> Measurement:
    """Return the share of lanes in which nobody games and there is an alarm, with Wilson's interval."""
    return Measurement(*share(np.isfinite(first_alarm(result, NOBODY, watch, alpha)).astype(float), CONFIDENCE))


def noticed(result: Result, arm: str, watch: str, alpha: float = ALPHA) -> Measurement:
    """Return the share of lanes in which gaming is noticed before the run ends, with Wilson's interval."""
    return Measurement(*share(np.isfinite(delay(result, arm, watch, alpha)).astype(float), CONFIDENCE))


def noticed_beyond_chance(result: Result, arm: str, watch: str) -> Measurement:
    """Return by how much the share of lanes with an alarm after the onset is larger than where nobody games, paired."""
    here, there = (np.isfinite(delay(result, each, watch)).astype(float) for each in (arm, NOBODY))
    return over_lanes(here - there)


def gap_to_nobody(result: Result, arm: str, metric: str) -> Numbers:
    """Return what gaming does to a rate over all groups' people, (n, G) averaged, or to the profit, in each lane."""
    here, there = (_mean_over_groups(result, each, metric) for each in (arm, NOBODY))
    return here - there


def _mean_over_groups(result: Result, arm: str, metric: str) -> Numbers:
    groups = [""] if metric == "profit" else result.groups
    tables = [result.values(metric, experiment=arm, group=group).to_numpy(dtype=np.float64) for group in groups]
    mean: Numbers = np.mean(tables, axis=0)
    return mean


def by_group(result: Result, arm: str, metric: str) -> dict[str, Numbers]:
    """Return a measure of each group in each lane."""
    return {
        group: result.values(metric, experiment=arm, group=group).to_numpy(dtype=np.float64) for group in result.groups
    }


def moved_gap(result: Result, arm: str) -> Measurement:
    """Return how much larger a share of the first group games than of the second."""
    first, second = by_group(result, arm, "moved").values()
    return over_lanes(first - second)


def middle(values: Numbers) -> float:
    """Return the median of numbers that may be infinite; the upper one where two differ."""
    return float(np.sort(values)[len(values) // 2])


def interval_of(measured: Measurement) -> tuple[float, float]:
    """Return how far the ends of an interval lie below and above its value, for error bars."""
    return measured.value - measured.low, measured.high - measured.value
