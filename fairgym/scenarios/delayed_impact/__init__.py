"""Delayed impact over time: what two lending policies do to two groups in 20,000 loans.

D'Amour, Srinivasan, Atwood, Baljekar, Sculley and Halpern, "Fairness is not static: deeper understanding of long term
fairness via simulation studies", FAT* 2020, section 4.1, figures 2 to 4, and appendices A.1 to A.3.

A bank meets one applicant a step. Under *max reward* it lends where a loan pays. Under *equal opportunity* it lends so
that, at every step, the same share of would-be repayers gets a loan in both groups. Every loan moves the borrower's
score. The story: both policies push scores down to where no loans are granted any more; equal opportunity lends more,
above all to the disadvantaged group, and so pushes that group's scores down further.

The paper shows one run (seed 200). Here every lane is a run, and a claim is about the mean over lanes. The numbers to
compare with are means over seeds 0 to 99 of the archived program, which lends by the same rules but for one defect: its
max-reward agent now and then refuses score 3, because its threshold is a smoothed mixture that can exceed 3. Ours does
not, but 100 seeds cannot tell the two apart (claim T2, and docs/findings.md).
"""

from __future__ import annotations

from fairgym.agents import EqualOpportunity, RewardMaximizer
from fairgym.agents.base import Agent
from fairgym.experiment import Experiment, stride_of
from fairgym.metrics import CumulativeDecisions, PopulationScore, ScoreDistribution, TruePositiveRate, Utility
from fairgym.scenarios.base import Scenario, Settings
from fairgym.scenarios.delayed_impact.archived import CHECKPOINTS
from fairgym.scenarios.delayed_impact.claims import CLAIMS
from fairgym.scenarios.delayed_impact.figures import figures
from fairgym.scenarios.delayed_impact.names import EQUAL_OPPORTUNITY, MAX_REWARD, PAPER


def experiments(settings: Settings) -> list[Experiment]:
    """Return the two policies in one world, on the same luck."""
    params = dict(settings.env_params)
    if settings.population is not None:
        params["population"] = settings.population
    agents: dict[str, Agent] = {
        MAX_REWARD: RewardMaximizer(oracle=True),
        EQUAL_OPPORTUNITY: EqualOpportunity(oracle=True),
    }
    trackers = {
        "loans": CumulativeDecisions(),
        "credit": PopulationScore(),
        "tpr": TruePositiveRate(),
        "share": ScoreDistribution(),
        "profit": Utility(),
    }
    stride = stride_of(settings.steps)
    every = sorted({1, *range(stride, settings.steps + 1, stride), *CHECKPOINTS})
    return [
        Experiment(name, "LendingEnv-v0", agent, trackers, settings.steps, settings.lanes, settings.seed, every, params)
        for name, agent in agents.items()
    ]


SCENARIO = Scenario(
    name="delayed-impact",
    title="Loans move credit scores: equal opportunity lends more and lowers credit further.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=100,
    steps=20_000,
    populations=True,
)
