"""Names of the experiments, and how to find their numbers in a result."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import gymnasium
import numpy as np

from fairgym.batch import Array, Mask
from fairgym.batch import Numbers as Days
from fairgym.checks import InputError
from fairgym.metrics.base import Tracker, Values
from fairgym.populations.networks import Network
from fairgym.result import Numbers, Result

PAPER = "Atwood et al., Fair treatment allocations in social networks, Fair ML for Health 2019"
ENV_ID = "InfectiousDiseaseEnv-v0"

NOBODY, EIGENVECTOR, DEGREE, BETWEENNESS = POLICIES = ("nobody", "eigenvector", "degree", "betweenness")
TEXT, FIGURE, SCALE_FREE = "as in the text", "as in the figures", "scale-free"
SETTINGS: dict[str, dict[str, Any]] = {
    TEXT: {"infection_probability": 0.5, "recovery_probability": 0.5},
    FIGURE: {"infection_probability": 0.25, "recovery_probability": 0.01},
    SCALE_FREE: {
        "infection_probability": 0.25,
        "recovery_probability": 0.01,
        "network": "power-law",
        "people": 100,
        "links": 2,
    },
}
"""Parameters of the world; the first two are the karate club."""
RUNS = {TEXT: POLICIES, FIGURE: POLICIES, SCALE_FREE: (NOBODY, DEGREE)}
"""Which policies are run in which setting."""


def experiment(policy: str, setting: str) -> str:
    """Return the name of the experiment of a policy in a setting."""
    return f"{policy}, {setting}"


class SickDaysByPerson(Tracker):
    """Sick days of each person so far, as parts ``0`` to ``V - 1``; (n,) each."""

    requires = ("sick",)
    at_start = 0.0

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.days: Days = np.zeros((num_envs, 0))

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add the sick of one step."""
        if not self.days.shape[1]:
            self.days = np.zeros(outcome["sick"].shape)
        self.days += outcome["sick"] * live[:, None]

    def compute(self) -> Values:
        """Return the sick days by person; nobody is known before the first step."""
        return {str(person): self.days[:, person].copy() for person in range(self.days.shape[1])}


def network_of(result: Result, name: str) -> Network:
    """Return the network of an experiment, built again from its parameters."""
    params = next(one["env_params"] for one in result.config["experiments"] if one["name"] == name)
    return _network(tuple(sorted((key, tuple(v) if isinstance(v, list) else v) for key, v in params.items())))


@cache
def _network(params: tuple[tuple[str, Any], ...]) -> Network:
    network: Network = gymnasium.make(ENV_ID, disable_env_checker=True, **dict(params)).unwrapped.network  # type: ignore[attr-defined]
    return network


def sick_days_by_person(result: Result, policy: str, setting: str) -> Numbers:
    """Return the sick days of each person in each lane, (lanes, V)."""
    name = experiment(policy, setting)
    frame = result.frame[result.frame["experiment"] == name]
    at_end = frame[frame["step"] == frame["step"].max()]
    people = [f"person.{one}" for one in range(network_of(result, name).people)]
    days: Numbers = at_end.pivot(index="lane", columns="metric", values="value")[people].to_numpy(dtype=np.float64)
    return days


def sick_days_by_community(result: Result, policy: str, setting: str) -> Numbers:
    """Return the mean sick days of a member of each community in each lane, (lanes, G), the smaller community first."""
    name = experiment(policy, setting)
    days, group = sick_days_by_person(result, policy, setting), network_of(result, name).group
    sizes = np.bincount(group)
    if len(sizes) != 2:
        raise InputError(f"it needs two communities, but there are {len(sizes)}.")
    return np.stack([days[:, group == one].mean(axis=1) for one in np.argsort(sizes, kind="stable")], axis=1)
