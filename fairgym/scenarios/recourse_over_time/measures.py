"""How the numbers are taken: over lanes, and between rules lane by lane, because these meet the same newcomers."""

from __future__ import annotations

import numpy as np

from fairgym.result import Numbers, Result, estimate
from fairgym.scenarios.base import Measurement


def values(result: Result, metric: str, experiment: str, group: str | None = None) -> Numbers:
    """Return a metric of the last period in each lane, (n,)."""
    return result.values(metric, experiment=experiment, group=group).to_numpy(dtype=np.float64)


def level(result: Result, metric: str, experiment: str, group: str | None = None) -> Measurement:
    """Return the mean of a metric over lanes."""
    return Measurement.of(estimate(values(result, metric, experiment, group)))


def difference(result: Result, metric: str, one: str, other: str, group: str | None = None) -> Measurement:
    """Return by how much a metric is higher under one rule than under another, paired lane by lane."""
    return Measurement.of(estimate(values(result, metric, one, group) - values(result, metric, other, group)))


def gap(result: Result, metric: str, experiment: str) -> Measurement:
    """Return by how much a metric is higher in the last group than in the first, signed, lane by lane."""
    return Measurement.of(estimate(gaps(result, metric, experiment)))


def gaps(result: Result, metric: str, experiment: str) -> Numbers:
    """Return the signed gap in each lane, (n,)."""
    first, last = result.groups[0], result.groups[-1]
    return values(result, metric, experiment, last) - values(result, metric, experiment, first)
