"""Names that the parts of the scenario share, the lenders, what can be changed, and how the numbers are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from fairgym.checks import InputError, flag, number, numbers_array, whole_number
from fairgym.models.prelu import PReLUNetworkClassifier
from fairgym.models.strategic import StrategicLogisticRegression
from fairgym.models.stretching import ADVERSARIAL
from fairgym.result import Numbers, Result
from fairgym.scenarios.harder_to_game.people import COST

MILLI = "Milli et al., The social cost of strategic classification, FAT* 2019"
HU = "Hu et al., The disparate effects of strategic manipulation, FAT* 2019"
PERDOMO = "Perdomo et al., Performative prediction, ICML 2020"
HARDT = "Hardt et al., Strategic classification, ITCS 2016"
LEVANON = "Levanon and Rosenfeld, Generalized strategic classification and the case of aligned incentives, ICML 2022"
EHRENBERG = "Ehrenberg et al., Adversaries with incentives, 2024 (arXiv 2406.11458)"

LARGER, SMALLER = GROUPS = ("larger budget", "smaller budget")
NEVER, PLAIN, RAISED, STRATEGIC, AGAINST_ALL = (
    "never retrained",
    "retrained",
    "retrained, bar raised",
    "retrained, strategic training",
    "retrained, adversarial training",
)

ACCEPTED, GAMED, BURDEN, SHUT_OUT, GAMING, ACCURACY, RADIUS, ROBUST = (
    "acceptance_rate",
    "gamed_in",
    "social_burden",
    "shut_out",
    "gaming_rate",
    "accuracy",
    "radius",
    "robust_accuracy",
)
"""What is measured by group, each as in ``fairgym.robustness``: shares of all, of the unqualified (who moved to
approval, and who is approved, moved or not) or of the qualified; costs; the median radius."""
EXPECTED = (GAMED, BURDEN, SHUT_OUT, ACCURACY)
"""What is calculated as well; recorded as ``expected.NAME``."""
UTILITY, BAR, CHEAP_SHARE = "utility", "bar", "weight_on_cheap"
"""What is one number for all: qualified minus unqualified among the accepted, per applicant; the distance of the bar
from the middle of the people; the share of the squared weights that lies on the features that are cheap to change."""

RETRAINED = (PLAIN, RAISED, STRATEGIC, AGAINST_ALL)
FORESEEING = (RAISED, STRATEGIC)
"""Lenders that retrain, and those of them that foresee how people answer."""
RELU, CUBIC, FOREST = "retrained, ReLU network", "retrained, network of order 3", "retrained, forest"
NEURONS, TOLERANCE, TREES = 16, 0.1, 30


@dataclass(frozen=True)
class Lender:
    """How a rule comes about."""

    estimator: Callable[[Options], Any]
    retrains: bool = True
    knows_groups: bool = False
    """Whether it is told the group of each person when it trains."""


@dataclass(frozen=True)
class Options:
    """What can be changed about the world."""

    people: int = 1000
    """Applicants in each round."""
    retrainings: int = 50
    """How often a lender trains anew."""
    budgets: tuple[float, ...] = (1.0, 0.5)
    """What people of each group can spend on moves, where a standard deviation of a cheap feature costs 1."""
    gap: float = 0.0
    """How much lower each feature of the second group is, qualified or not, in standard deviations."""
    selective_labels: bool = False
    """True: lenders learn from the archive and the last five rounds, and of those only from whom they accepted."""
    other_models: bool = False
    """True: two networks and a forest besides; looking for moves takes a hundred times as long, and may miss some."""

    def __post_init__(self) -> None:
        """Check every number."""
        whole_number("people", self.people, at_least=50)
        whole_number("retrainings", self.retrainings, at_least=1)
        number("gap", self.gap, at_least=0, at_most=3)
        for name in ("selective_labels", "other_models"):
            flag(name, getattr(self, name))
        budgets = numbers_array("budgets", self.budgets)
        if budgets.shape != (2,) or budgets.min() < 0:
            raise InputError(f"budgets={self.budgets!r} must be two numbers of at least 0: one for each group.")


def by_group(options: Options) -> dict[int, float]:
    """Return the budget of each group."""
    return dict(enumerate(options.budgets))


LENDERS: Mapping[str, Lender] = {
    NEVER: Lender(lambda options: StrategicLogisticRegression(0.0, cost=COST), retrains=False),
    PLAIN: Lender(lambda options: StrategicLogisticRegression(0.0, cost=COST)),
    RAISED: Lender(lambda options: StrategicLogisticRegression(max(options.budgets), cost=COST)),
    STRATEGIC: Lender(lambda options: StrategicLogisticRegression(by_group(options), cost=COST), knows_groups=True),
    AGAINST_ALL: Lender(
        lambda options: StrategicLogisticRegression(by_group(options), against=ADVERSARIAL, cost=COST),
        knows_groups=True,
    ),
}
"""Nobody moves for the archive that all begin with. A raised bar foresees the larger budget for everybody; strategic
and adversarial training know the budget of each group."""
OTHER_MODELS: Mapping[str, Lender] = {
    RELU: Lender(lambda options: PReLUNetworkClassifier(NEURONS, p=1.0, tol=TOLERANCE, random_state=0)),
    CUBIC: Lender(lambda options: PReLUNetworkClassifier(NEURONS, p=3.0, tol=TOLERANCE, random_state=0)),
    FOREST: Lender(lambda options: RandomForestClassifier(TREES, min_samples_leaf=10, random_state=0)),
}
"""Models that are retrained and foresee nothing."""


def lenders(options: Options) -> dict[str, Lender]:
    """Return the lenders that play."""
    return {**LENDERS, **(OTHER_MODELS if options.other_models else {})}


def values(result: Result, metric: str, lender: str, group: str = "", step: int | None = None) -> Numbers:
    """Return a metric of a lender after so many retrainings in each lane; None: the mean of the last fifth of them."""
    if step is not None:
        return result.values(metric, experiment=lender, group=group, step=step).to_numpy(dtype=np.float64)
    table = result.table(metric, experiment=lender, group=group)
    steps = [int(column) for column in table.columns]
    return np.asarray(table[late(steps)].to_numpy(dtype=np.float64).mean(axis=1))


def late(steps: list[int]) -> list[int]:
    """Return the last fifth of the retrainings, at least one."""
    last = max(steps)
    return [step for step in steps if step > last - max(1, last // 5)]
