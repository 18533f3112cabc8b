"""The rules, and the worlds they are tried in."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgym.agents import Agent, RecourseLender
from fairgym.agents.lender import REFERENCE_ROWS, REFERENCE_SEED
from fairgym.batch import Array
from fairgym.checks import require
from fairgym.experiment import Experiment
from fairgym.scenarios.base import Settings
from fairgym.scenarios.recourse_over_time.rules import RECOURSE_WEIGHT, experiment, tree
from fairgym.scenarios.unequal_means.names import (
    ACCURATE,
    ALIKE,
    AWARE,
    CONTROL,
    LOWER_MEAN,
    MEAN,
    NO_OFFERS,
    REACH_AND_WEIGHT,
    SAME_TOTAL,
    STRONGER,
    SWEPT,
    WITHIN_REACH,
    with_mean,
)
from fairgym.scenarios.unequal_means.trackers import trackers

SHARE = 0.4
"""Share of the second group among the applicants, the default of the population."""
STRONG_WEIGHT = 0.5
"""How many errors one person of the second group without recourse weighs."""


class GroupAskedLender(RecourseLender):
    """A lender that also reports whether it treats people differently who differ in nothing but their group."""

    def diagnostics(self) -> dict[str, Array]:
        """Return ``asks_group`` as well: share of 1,000 first applicants decided on otherwise in the other group."""
        people, _ = self.credit_people.book(REFERENCE_ROWS, REFERENCE_SEED)
        other = people.copy()
        other[:, self.credit_people.columns.index("group")] = 1 - self.credit_people.group_of(people)
        rules = range(int(self.rule_of.max()) + 1)
        asks = np.array([(self.judge(rule, people)[1] != self.judge(rule, other)[1]).mean() for rule in rules])
        return {**super().diagnostics(), "asks_group": asks[self.rule_of]}


def lender(weight: Any, training_budget: float = 0.3) -> Agent:
    """Return a lender with a tree of this recourse weight, or weights by group, that tells the cheapest action.

    ``training_budget`` is what a way up may cost to count as one in training; offers may cost .3 in any case.
    """
    return GroupAskedLender(tree(weight).set_params(budget=training_budget), offers="cheapest")


def rules() -> dict[str, Agent]:
    """Return the rules that are tried on groups with unequal means."""
    total = (1 - SHARE) * RECOURSE_WEIGHT + SHARE * STRONG_WEIGHT
    return {
        NO_OFFERS: RecourseLender(tree()),
        ACCURATE: lender(0.0),
        AWARE: lender(RECOURSE_WEIGHT),
        STRONGER: lender({0: RECOURSE_WEIGHT, 1: STRONG_WEIGHT}),
        SAME_TOTAL: lender(total),
        WITHIN_REACH: lender(RECOURSE_WEIGHT, training_budget=LOWER_MEAN),
        REACH_AND_WEIGHT: lender(total, training_budget=LOWER_MEAN),
    }


def experiments(settings: Settings) -> list[Experiment]:
    """Return all rules on unequal means, the recourse-aware tree on equal ones, and on those in between."""
    require(
        "means" not in settings.env_params,
        "this scenario compares groups by their means, which are its own: leave out means.",
    )
    unequal = {name: (agent, LOWER_MEAN) for name, agent in rules().items()}
    others = {with_mean(mean): (lender(RECOURSE_WEIGHT), mean) for mean in (MEAN, *SWEPT)}
    assert CONTROL in others
    return [
        experiment(name, agent, trackers(), settings, population=ALIKE, means=(MEAN, mean))
        for name, (agent, mean) in {**unequal, **others}.items()
    ]
