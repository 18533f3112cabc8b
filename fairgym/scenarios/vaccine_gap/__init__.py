"""One dose a step, two communities: what a fair rule earns, and how to look fair by wasting doses.

Xu, Deng et al., "Adapting static fairness to sequential decision-making: bias mitigation strategies towards equal
long-term benefit rate" (ELBERT), ICML 2024: the infectious-disease experiment in its harder version, on the karate
club.

The reward is the share of people who are not infected. The *bias* compares the communities' ratios of supply, doses
given, to demand, new infections. The paper trains ELBERT-PO to keep it small. Here rules that learn nothing are
measured by the paper's protocol: 200 episodes of 20 steps are added up, U / (B + 200) by community, largest minus
smallest.

``DegreeGap`` treats the susceptible person with the highest degree + lambda x how far the community is behind. When
nobody is susceptible its dose is spare. The bias counts doses, useful or not: so a spare dose *spent* on patient zero
closes the gap of patient zero's community, and helps nobody. Each rule is therefore shown with its useful doses, too.

On evaluations: the absolute gap of 200 episodes is larger than the gap that it estimates, by luck alone. The signed
gap, a mean over evaluations, is not.
"""

from __future__ import annotations

from fairgym.envs.epidemic import HARDER, ORIGINAL
from fairgym.experiment import Experiment
from fairgym.metrics import CumulativeDecisions, Infections, MeanReward
from fairgym.scenarios.base import Scenario, Settings
from fairgym.scenarios.vaccine_gap.claims import CLAIMS
from fairgym.scenarios.vaccine_gap.figures import figures
from fairgym.scenarios.vaccine_gap.names import (
    DOSES,
    EFFECTIVE,
    ENV_ID,
    HARDER_RULES,
    INFECTIONS,
    ORIGINAL_RULES,
    PAPER,
    REWARD,
    EffectiveDoses,
)


def experiments(settings: Settings) -> list[Experiment]:
    """Return the rules in the harder and in the original version, on the same luck."""
    trackers = {
        REWARD: MeanReward(),
        DOSES: CumulativeDecisions(),
        EFFECTIVE: EffectiveDoses(),
        INFECTIONS: Infections(),
    }
    return [
        Experiment(
            name=name,
            env_id=ENV_ID,
            agent=agent,
            trackers=trackers,
            steps=settings.steps,
            num_envs=settings.lanes,
            seed=settings.seed,
            every=[settings.steps],
            env_params={**version, **settings.env_params},
        )
        for version, rules in ((HARDER, HARDER_RULES), (ORIGINAL, ORIGINAL_RULES))
        for name, agent in rules.items()
    ]


SCENARIO = Scenario(
    name="vaccine-gap",
    title="Simple rules match a learned fair policy, but doses wasted on the right people look like fairness.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=10_000,
    steps=20,
)
