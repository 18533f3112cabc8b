"""Which number says how fair an agent was in which world, and how many steps show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium

from fairgym.metrics import (
    AcceptanceRate,
    DiscoveryRate,
    NeverServed,
    SocialBurden,
    SupplyOverDemand,
    Tracker,
    TruePositiveRate,
)
from fairgym.outcome import transition_view


@dataclass(frozen=True)
class Measure:
    """A value by group, whose distance between the groups is the fairness number of a world."""

    name: str
    """What has the value, in words."""
    by_group: Callable[[], Tracker]
    """Makes the tracker, of shape (n, G)."""
    steps: int
    """Steps that ``fairgym leaderboard`` runs if not told: under a minute on two cores."""


ANY_STEPS = 500
"""Steps in a world that is not in the table."""

MEASURES: Mapping[str, Measure] = {
    "LendingEnv-v0": Measure("true positive rate", TruePositiveRate, 2000),
    "FeatureLendingEnv-v0": Measure("true positive rate", TruePositiveRate, 2000),
    "TemplateEnv-v0": Measure("true positive rate", TruePositiveRate, 500),
    "AttentionAllocationEnv-v0": Measure("share of incidents discovered", DiscoveryRate, 1000),
    "StrategicClassificationEnv-v0": Measure("social burden", SocialBurden, 500),
    "InfectiousDiseaseEnv-v0": Measure("doses per new infection", SupplyOverDemand, 20),
    "ReapplicationEnv-v0": Measure("share never served", NeverServed, 50),
}
"""The worlds of the package; others get the true positive rate, or the acceptance rate where nobody is qualified."""


def measure_of(env_id: str, env_params: Mapping[str, Any]) -> Measure:
    """Return the measure of a world; a world that is not in the table is run for one step to see what it reports."""
    if env_id in MEASURES:
        return MEASURES[env_id]
    env = gymnasium.make_vec(env_id, num_envs=1, vectorization_mode="vector_entry_point", **env_params)
    env.reset(seed=0)
    env.action_space.seed(0)
    outcome, _ = transition_view(env.step(env.action_space.sample())[4], 1)
    env.close()
    if "qualified" in outcome:
        return Measure("true positive rate", TruePositiveRate, ANY_STEPS)
    return Measure("acceptance rate", AcceptanceRate, ANY_STEPS)
