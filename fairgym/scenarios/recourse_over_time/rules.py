"""The rules that are compared, and the experiment that runs one of them.

All rules are decision trees of the same size, fitted lane by lane to an archive of first applicants. The *accurate*
tree minds errors only; the *recourse-aware* tree is trained so that the rejected have an action within the budget
(Kanamori et al., ICML 2024). Trees, not forests, because of a tree the cheapest action is found exactly for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairgym.agents import Agent, RecourseLender
from fairgym.checks import require
from fairgym.experiment import Experiment
from fairgym.metrics import Tracker
from fairgym.models import RecourseTreeClassifier
from fairgym.scenarios.base import Settings

ENV_ID = "ReapplicationEnv-v0"
LANES, PERIODS, PLACES = 50, 50, 1_000
"""The size of a run: so many societies, for so many periods, of so many people at the most."""
DEPTH, SMALLEST_LEAF = 5, 20
RECOURSE_WEIGHT = 0.05
"""The default of the model: how many errors a person without recourse weighs."""
NO_OFFERS, ACCURATE, AWARE = "no offers", "accurate", "recourse-aware"
"""Names of rules: the accurate tree without offers and with them, and the recourse-aware tree with offers."""


def aiming(rule: str, aim: float | None) -> str:
    """Return the name of a rule whose offers aim higher, or just at the bar."""
    return rule if aim is None else f"{rule}, aim {aim:g}"


def tree(recourse_weight: Any = 0.0) -> RecourseTreeClassifier:
    """Return the tree of all rules; a recourse weight of 0 makes it the accurate one."""
    return RecourseTreeClassifier(
        max_depth=DEPTH, min_samples_leaf=SMALLEST_LEAF, recourse_weight=recourse_weight, random_state=0
    )


def lender(recourse_weight: Any = 0.0, **how: Any) -> RecourseLender:
    """Return a lender with such a tree that tells the rejected the cheapest action, unless ``how`` says otherwise."""
    return RecourseLender(tree(recourse_weight), **{"offers": "cheapest", **how})


def experiment(
    name: str,
    agent: Agent,
    trackers: Mapping[str, Tracker],
    settings: Settings,
    every: int | Sequence[int] | None = None,
    **world: Any,
) -> Experiment:
    """Return the run of one rule; it records the last period, unless ``every`` says which.

    Parameters of the ``world`` that make the scenario what it is cannot be set otherwise (``InputError``).
    """
    for parameter in ("offers", *world):
        require(
            parameter not in settings.env_params,
            f"{parameter} is part of what this scenario compares, so it cannot be set: leave it out.",
        )
    return Experiment(
        name=name,
        env_id=ENV_ID,
        agent=agent,
        trackers=trackers,
        steps=settings.steps,
        num_envs=settings.lanes,
        seed=settings.seed,
        every=[settings.steps] if every is None else every,
        env_params={"places": PLACES, "offers": "agent", **settings.env_params, **world},
    )
