"""Runaway attention: whoever looks only for most discoveries finds most, and misses most.

D'Amour, Srinivasan, Atwood, Baljekar, Sculley and Halpern, "Fairness is not static: deeper understanding of long term
fairness via simulation studies", FAT* 2020, section 4.2, figures 6 to 8.

An agency sends 6 units of attention to 5 sites each step. Each unit lowers the rate of incidents at its site by d, and
a site without any grows by d. Five agents share the attention out: two that maximise expected discoveries, one of them
under a fairness constraint (Elzayn et al. 2019), two in proportion to the believed rates, one blindly. The story: in a
world that stands still (d = 0) they are alike. Where it moves fast, the unconstrained greedy agent chases the sites
that grew while it looked elsewhere. It discovers most because it lets most happen, and the fairness constraint,
which in a still world costs a little, pays.

The archived program computes the greedy allocation wrongly (see ``fairgym.agents.allocation_as_published``). So both
greedy agents run twice: as the paper defines them, and as published, to be compared with the published bars.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairgym.agents import GreedyAttention, ProportionalAttention, UniformAttention
from fairgym.agents.base import Agent
from fairgym.checks import InputError
from fairgym.experiment import Experiment
from fairgym.metrics import DiscoveredIncidents, DiscoveryRate, MissedIncidents, OccurredIncidents
from fairgym.metrics.base import GroupTotal
from fairgym.scenarios.base import Scenario, Settings
from fairgym.scenarios.runaway_attention.claims import CLAIMS
from fairgym.scenarios.runaway_attention.figures import figures
from fairgym.scenarios.runaway_attention.names import (
    BLOCK,
    EXPLORING,
    FAIR,
    FAIR_AS_PUBLISHED,
    FASTEST,
    GREEDY,
    GREEDY_AS_PUBLISHED,
    PAPER,
    PROPORTIONAL,
    RATES_OF_CHANGE,
    UNIFORM,
    name,
)


class UnitsSent(GroupTotal):
    """Units of attention sent to each site so far; (n, K)."""

    requires = ("group", "attention")
    key = "attention"


def agents() -> Mapping[str, Agent]:
    """Return the agents of the paper with its settings, and the greedy ones as published."""
    return {
        GREEDY: GreedyAttention(),
        FAIR: GreedyAttention(alpha=0.75),
        UNIFORM: UniformAttention(),
        PROPORTIONAL: ProportionalAttention(),
        EXPLORING: ProportionalAttention(epsilon=0.5),
        GREEDY_AS_PUBLISHED: GreedyAttention(as_published=True),
        FAIR_AS_PUBLISHED: GreedyAttention(alpha=0.75, as_published=True),
    }


def experiments(settings: Settings) -> list[Experiment]:
    """Return every agent in every world, on the same luck; the greedy ones of figure 8 are recorded over time."""
    if "dynamic_rate" in settings.env_params:
        raise InputError("runaway-attention runs its own values of dynamic_rate: leave it out.")
    trackers = {
        "occurred": OccurredIncidents(),
        "discovered": DiscoveredIncidents(),
        "missed": MissedIncidents(),
        "share": DiscoveryRate(),
        "sent": UnitsSent(),
    }
    steps, params = settings.steps, {"reward": "discovered", **settings.env_params}
    over_time = {name(agent, FASTEST) for agent in (GREEDY, GREEDY_AS_PUBLISHED)}
    found = []
    for d in RATES_OF_CHANGE:
        world = {**params, "dynamic_rate": d}
        for label, agent in agents().items():
            one = name(label, d)
            every = BLOCK if one in over_time else steps
            found.append(
                Experiment(
                    one,
                    "AttentionAllocationEnv-v0",
                    agent,
                    trackers,
                    steps,
                    settings.lanes,
                    settings.seed,
                    every,
                    world,
                )
            )
    return found


SCENARIO = Scenario(
    name="runaway-attention",
    title="Attention that only chases discoveries finds most incidents, and misses most.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=200,
    steps=1_000,
)
