"""How the numbers are taken: over lanes, and between rules lane by lane, because these meet the same newcomers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairgym.envs.dynamics import make_params
from fairgym.envs.reapplication import ReapplicationParams
from fairgym.result import Numbers, Result
from fairgym.scenarios.base import Measurement
from fairgym.scenarios.estimates import over_lanes


def values(result: Result, metric: str, experiment: str, group: str | None = None) -> Numbers:
    """Return a metric of the last period in each lane, (n,)."""
    return result.values(metric, experiment=experiment, group=group).to_numpy(dtype=np.float64)


def level(result: Result, metric: str, experiment: str, group: str | None = None) -> Measurement:
    """Return the mean of a metric over lanes."""
    return over_lanes(values(result, metric, experiment, group))


def difference(result: Result, metric: str, one: str, other: str, group: str | None = None) -> Measurement:
    """Return by how much a metric is higher under one rule than under another, paired lane by lane."""
    return over_lanes(values(result, metric, one, group) - values(result, metric, other, group))


def gap(result: Result, metric: str, experiment: str) -> Measurement:
    """Return by how much a metric is higher in the last group than in the first, signed, lane by lane."""
    return over_lanes(gaps(result, metric, experiment))


def gaps(result: Result, metric: str, experiment: str) -> Numbers:
    """Return the signed gap in each lane, (n,)."""
    first, last = result.groups[0], result.groups[-1]
    return values(result, metric, experiment, last) - values(result, metric, experiment, first)


def wider(result: Result, metric: str, one: str, other: str) -> Measurement:
    """Return the signed gap under one rule minus that under another, paired lane by lane."""
    return over_lanes(gaps(result, metric, one) - gaps(result, metric, other))


def least(result: Result, metric: str, experiments: Sequence[str]) -> Measurement:
    """Return the smallest value of any lane under any of these rules; NaN if it is undefined in one of them."""
    return Measurement.exact(float(np.min([values(result, metric, name) for name in experiments])))


def break_even(result: Result) -> float:
    """Return the share of loans that have to be repaid so that they cost nothing, in the world that was run."""
    given = result.config["experiments"][0]["env_params"]
    params: ReapplicationParams = make_params(ReapplicationParams, dict(given))
    return params.default_loss / (params.interest + params.default_loss)
