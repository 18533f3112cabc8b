"""What a lending policy does to the mean score of each group in one step, by calculation.

The law is that of ``LendingDynamics``, the policies are those of the agents: nothing of either is written down here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fairgym.agents import DemographicParity, EqualOpportunity, RewardMaximizer
from fairgym.agents.belief_agent import BeliefAgent
from fairgym.agents.beliefs import Beliefs
from fairgym.agents.payoff import worth
from fairgym.envs.lending import LendingDynamics, LendingParams
from fairgym.populations import ScorePopulation
from fairgym.result import Numbers

MAX_UTILITY, EQUAL_OPPORTUNITY, DEMOGRAPHIC_PARITY = "max utility", "equal opportunity", "demographic parity"
AGENTS: dict[str, type[BeliefAgent]] = {
    MAX_UTILITY: RewardMaximizer,
    EQUAL_OPPORTUNITY: EqualOpportunity,
    DEMOGRAPHIC_PARITY: DemographicParity,
}
POLICIES = tuple(AGENTS)

ACTIVE_HARM, STAGNATION, RELATIVE_HARM = "active harm", "stagnation", "relative harm"
SAME, RELATIVE_IMPROVEMENT = "improvement", "relative improvement"
ROUNDING = 1e-9
"""Score changes closer than this are equal."""


def among(population: ScorePopulation, groups: Sequence[str]) -> ScorePopulation:
    """Return the people of some groups only, the groups' shares rescaled to sum to one."""
    rows = [population.groups.index(group) for group in groups]
    shares = population.shares[rows]
    return replace(
        population,
        groups=tuple(groups),
        distribution=population.distribution[rows],
        repayment=population.repayment[rows],
        shares=shares / shares.sum(),
    )


def lending_world(population: ScorePopulation, loss: float) -> LendingDynamics:
    """Return the lending world of a bank that earns 1 by a repaid loan and loses ``loss`` by a default."""
    return LendingDynamics(LendingParams(population=population, default_loss=loss))


def outcome_curve(law: LendingDynamics) -> tuple[Numbers, Numbers]:
    """Return acceptance rates and expected changes of the mean score, if the best k scores are accepted.

    Both are (G, C + 1), for k = 0 .. C; between them, as a score is accepted in part, the curve is straight.
    """
    people = law.population.distribution
    from_the_top = np.stack([people, people * law.expected_score_change()])[..., ::-1].cumsum(axis=-1)
    rates, changes = np.concatenate([np.zeros((2, law.num_groups, 1)), from_the_top], axis=-1)
    return rates, changes


def acceptance(law: LendingDynamics, policy: str) -> Numbers:
    """Return whom a bank that knows the truth accepts under a policy, by group and score; (G, C)."""
    people = law.population
    truth = Beliefs(people.distribution[None], people.repayment[None], law.group_shares[None])
    agent = AGENTS[policy](oracle=True, gain=law.interest, loss=law.default_loss)
    accepted: Numbers = agent.policy(truth).acceptance[0]
    return accepted


def outcomes(law: LendingDynamics, accepted: Numbers) -> dict[str, Numbers]:
    """Return what comes of accepting so, for each group; every value (G,).

    ``acceptance_rate`` and ``tpr``; ``score_change``, the expected change of the mean score in score units;
    ``utility``, the bank's expected money per person of the group.
    """
    people, repayment = law.population.distribution, law.population.repayment
    loans = people * accepted
    return {
        "acceptance_rate": loans.sum(axis=1),
        "tpr": (loans * repayment).sum(axis=1) / (people * repayment).sum(axis=1),
        "score_change": (loans * law.expected_score_change()).sum(axis=1),
        "utility": (loans * worth(repayment, law.interest, law.default_loss)).sum(axis=1),
    }


def regime(change: float, under_max_utility: float) -> str:
    """Return what a policy does to a group, in the words of the paper (its section 2).

    Active harm lowers the group's mean score and stagnation leaves it; what raises it may still be worse than max
    utility (relative harm), better (relative improvement), or the same (improvement).
    """
    if abs(change) <= ROUNDING:
        return STAGNATION
    if change < 0:
        return ACTIVE_HARM
    if abs(change - under_max_utility) <= ROUNDING:
        return SAME
    return RELATIVE_HARM if change < under_max_utility else RELATIVE_IMPROVEMENT
