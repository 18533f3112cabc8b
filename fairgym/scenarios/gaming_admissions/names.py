"""Names that the parts of the scenario share, the experiments, and how their numbers are read."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from fairgym.envs.admissions import AdmissionsDynamics, AdmissionsParams
from fairgym.envs.dynamics import make_params
from fairgym.result import Numbers, Result
from fairgym.scenarios.gaming_admissions.exact import ExactAdmissions

PAPER = "D'Amour et al., Fairness is not static, FAT* 2020"
NOISELESS, NOISY = "noiseless", "noisy"
REGIMES: dict[str, dict[str, Any]] = {
    NOISELESS: {},
    NOISY: {
        "noise": "gaussian",
        "noise_mean": 0.0,
        "noise_spread": 0.1,
        "noise_low": -0.35,
        "noise_high": 0.35,
        "noisy_features": True,
    },
}
"""Parameters of the two rows of figure 9: the test measures the true score exactly, or with an error."""
STATIC, CONTINUOUS, ROBUST = "static", "continuous", "robust"
COLLEGES = (STATIC, CONTINUOUS, ROBUST)
STATIC_AS_PUBLISHED, ROBUST_AS_PUBLISHED = "static, as published", "robust, as published"
BURN_IN = 10
"""Rounds in which the paper's colleges admit everybody."""
LATER = "burn-in 100"
"""Continuous and robust colleges with a longer burn-in are named ``continuous, burn-in 100``."""
CHEAP, DEAR, EVERYBODY = "cost 5", "cost 10", "everybody"
GROUPS = (CHEAP, DEAR)
FIXED = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9)
"""Fixed thresholds that are simulated."""
FIXED_STEPS = 30
"""Rounds of a fixed threshold, as in the paper."""
ACCURACY, BURDEN = "accuracy", "burden"


def name(regime: str, college: str | float) -> str:
    """Return the name of one experiment: a regime and a college, or a fixed threshold."""
    return f"{regime}, {college if isinstance(college, str) else f'fixed {college:g}'}"


def measured(result: Result, metric: str, regime: str, college: str | float, group: str = EVERYBODY) -> Numbers:
    """Return accuracy or social burden over a whole run, one number per lane."""
    everybody = group == EVERYBODY
    values = result.values(
        f"{metric}_all" if everybody else metric,
        experiment=name(regime, college),
        group=None if everybody else group,
    )
    return values.to_numpy(dtype=np.float64)


def learned(result: Result, regime: str, college: str) -> Numbers:
    """Return the threshold that each lane would publish after the run."""
    return result.values("agent.threshold", experiment=name(regime, college)).to_numpy(dtype=np.float64)


@cache
def published_world(regime: str) -> ExactAdmissions:
    """Return the expectations in the paper's own world."""
    return ExactAdmissions(AdmissionsDynamics(AdmissionsParams(**REGIMES[regime])))


def params_of(result: Result, regime: str) -> dict[str, Any]:
    """Return the parameters of the world that was run."""
    configs: list[dict[str, Any]] = result.config["experiments"]
    params: dict[str, Any] = next(one["env_params"] for one in configs if one["name"] == name(regime, STATIC))
    return params


def world_of(result: Result, regime: str) -> ExactAdmissions:
    """Return the expectations in the world that was run; refuses one that cannot be calculated."""
    return ExactAdmissions(AdmissionsDynamics(make_params(AdmissionsParams, params_of(result, regime))))


def exact_value(world: ExactAdmissions, metric: str, group: str, threshold: float) -> float:
    """Return exact accuracy or social burden of a group, or of everybody, under one threshold."""
    at = np.array([threshold])
    by_group = world.accuracy(at)[0] if metric == ACCURACY else world.burden(at)[0]
    return float(by_group @ world.shares if group == EVERYBODY else by_group[GROUPS.index(group)])
