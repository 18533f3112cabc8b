"""Who gets the vaccine: what one dose a step does to an epidemic, and to whom.

Atwood, Srinivasan, Halpern and Sculley, "Fair treatment allocations in social networks", Fair ML for Health 2019.

Small networks are computed exactly (``exact``, ``examples``, ``chain``): when the greedy dose is wrong, when waiting
pays, and whether the risk on a chain of eleven people can be made equal. The karate club and a scale-free network of
100 people are simulated: the dose of a step goes to the most central of the susceptible, and we count sick days.

The text of the paper and its figures 5 and 6 do not belong to the same epidemic. With the parameters of the text,
tau = rho = .5, an untreated epidemic costs 58 sick days, 1.7 per person; the figures show 11 to 15 per person. Those of
its other network, tau = .25 and rho = .01, give what the figures show. So the karate club is run with both.
"""

from __future__ import annotations

from fairgym.agents import HighestCentrality, NoTreatment, TreatmentAgent
from fairgym.experiment import Experiment
from fairgym.metrics import SickDays
from fairgym.scenarios.base import Scenario, Settings
from fairgym.scenarios.fair_treatment.claims import CLAIMS
from fairgym.scenarios.fair_treatment.figures import figures
from fairgym.scenarios.fair_treatment.names import (
    ENV_ID,
    NOBODY,
    PAPER,
    POLICIES,
    RUNS,
    SETTINGS,
    TEXT,
    SickDaysByPerson,
    experiment,
)


def experiments(settings: Settings) -> list[Experiment]:
    """Return the policies in the three settings, on the same luck."""
    agents: dict[str, TreatmentAgent] = {
        policy: NoTreatment() if policy == NOBODY else HighestCentrality(policy) for policy in POLICIES
    }
    total, by_person = {"sick_days": SickDays()}, {"person": SickDaysByPerson()}
    return [
        Experiment(
            name=experiment(policy, setting),
            env_id=ENV_ID,
            agent=agents[policy],
            trackers=total if setting == TEXT else by_person,
            steps=settings.steps,
            num_envs=settings.lanes,
            seed=settings.seed,
            every=[settings.steps],
            env_params={**SETTINGS[setting], **settings.env_params},
        )
        for setting, policies in RUNS.items()
        for policy in policies
    ]


SCENARIO = Scenario(
    name="fair-treatment",
    title="One dose a step: who is spared an epidemic on a social network, and who is not.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=2_000,
    steps=20,
)
