"""Names of the experiments, and how to find their numbers in a result."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.agents import DegreeGap, FairRandom, HighestCentrality, NoTreatment, RandomSusceptible, TreatmentAgent
from fairgym.batch import Array
from fairgym.metrics.base import GroupTotal
from fairgym.result import Numbers, Result

PAPER = "Xu et al., Adapting static fairness to sequential decision-making, ICML 2024"
ENV_ID = "InfectiousDiseaseEnv-v0"
EPISODES = 200
"""Episodes of one evaluation in the paper."""

NO_VACCINE, RANDOM, FAIR_RANDOM = "no vaccine", "random", "fair random"
WEIGHTS = (0, 5, 8, 10, 12, 20)
"""Weights of the ratio gap against the degree."""
KEPT_WEIGHTS = (0, 8, 20, 200)
SPENT, KEPT = "spare doses spent", "spare doses kept"
PERSON = 0
"""Who gets the spare doses where they are spent: the first person, patient zero."""


def degree_gap(weight: float, spare: str) -> str:
    """Return the name of the experiment of ``DegreeGap``."""
    return f"degree + {weight:g} gap, {spare}"


HARDER_RULES: dict[str, TreatmentAgent] = {
    NO_VACCINE: NoTreatment(),
    RANDOM: RandomSusceptible(),
    FAIR_RANDOM: FairRandom(),
    **{degree_gap(weight, SPENT): DegreeGap(weight, spare=PERSON) for weight in WEIGHTS},
    **{degree_gap(weight, KEPT): DegreeGap(weight) for weight in KEPT_WEIGHTS},
}
ORIGINAL_RULES: dict[str, TreatmentAgent] = {
    f"{name}, original": agent
    for name, agent in (
        (NO_VACCINE, NoTreatment()),
        (FAIR_RANDOM, FairRandom()),
        ("degree", HighestCentrality("degree")),
        ("betweenness", HighestCentrality("betweenness")),
    )
}


class EffectiveDoses(GroupTotal):
    """Doses of each group so far that helped somebody; (n, G)."""

    requires = ("group", "decision", "qualified")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, ...]:
        """Return whom a dose helped."""
        return (outcome["decision"] * (outcome["qualified"] == 1),)


DOSES, EFFECTIVE, INFECTIONS, REWARD = "doses", "effective_doses", "infections", "reward"


def by_community(result: Result, metric: str, name: str) -> Numbers:
    """Return a metric at the end by lane and community, (lanes, G)."""
    one = result.frame[result.frame["lane"] == result.frame["lane"].iloc[0]]
    groups = one.loc[(one["experiment"] == name) & (one["metric"] == metric), "group"].unique().tolist()
    return np.stack([result.values(metric, experiment=name, group=group).to_numpy(np.float64) for group in groups], 1)


def evaluations(result: Result, supply: str, name: str) -> Numbers:
    """Return supply over demand of each community in each evaluation, (evaluations, G).

    As in the paper an evaluation adds up ``EPISODES`` episodes: U / (B + episodes), U the supply of doses, B the new
    infections. Lanes that do not fill one more evaluation are left out; fewer lanes than one are one.
    """
    doses, infections = by_community(result, supply, name), by_community(result, INFECTIONS, name)
    size = min(EPISODES, len(doses))
    whole = len(doses) // size
    sums = [one[: whole * size].reshape(whole, size, -1).sum(axis=1) for one in (doses, infections)]
    return np.asarray(sums[0] / (sums[1] + size))


def bias(result: Result, supply: str, name: str) -> Numbers:
    """Return the highest minus the lowest ratio of each evaluation, the paper's bias, (evaluations,)."""
    return np.asarray(np.ptp(evaluations(result, supply, name), axis=1))


def signed_gap(result: Result, supply: str, name: str) -> Numbers:
    """Return the ratio of the first community minus that of the last in each evaluation, (evaluations,)."""
    ratios = evaluations(result, supply, name)
    return np.asarray(ratios[:, 0] - ratios[:, -1])
