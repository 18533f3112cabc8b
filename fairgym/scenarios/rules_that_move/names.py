"""Names that the parts of the scenario share, what may be changed, and how its numbers are read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairgym.checks import InputError, number, require, whole_number
from fairgym.populations import two_groups
from fairgym.result import Numbers, Result

PAPER = "D'Amour et al., Fairness is not static, FAT* 2020"
MAX_REWARD, EQUAL_OPPORTUNITY = ARMS = ("max-reward", "equal-opportunity")
ADVANTAGED, DISADVANTAGED = GROUPS = two_groups().groups
SCORES = len(two_groups().scores)
BAR = 3
"""The score from which on a loan pays."""
BELOW = BAR - 1
"""The score whose decision equal opportunity makes depend on the group at first."""

ACCEPTED, PEOPLE, CHANCE = "accepted", "people", "chance"
"""1 where the decision is a loan, else 0; the share of the group at the score; the probability of a loan."""
PRECISION, COVERAGE, IN_GROUP = "precision", "coverage", "coverage_in_group"
"""Of the rule of a person at a moment; coverage of all people, and of those of one group."""
NAMES_GROUP, CHANGED, JACCARD, JACCARD_STRICT = "names_group", "rule_changed", "jaccard", "jaccard_strict"
"""Of rules as precise as asked, and of rules that are right about all but one in a thousand."""
STRICT = 0.999
ABOVE, AT_MOST = "above", "at_most"
"""The ends of the rule's range of scores, NaN where it has none."""
KEPT, KEPT_BY_SAME = "kept", "kept_by_same_people"
"""The precision of the rule of the first moment at a later one: on the people of then, and on those of the first."""


@dataclass(frozen=True)
class Options:
    """What may be changed about the explanations."""

    steps: tuple[int, ...] = (0, 5_000, 20_000)
    """The moments; the first is the one whose rules are followed."""
    precision: float = 0.95
    """What is asked of a rule."""

    def __post_init__(self) -> None:
        """Check both."""
        listed = isinstance(self.steps, (list, tuple)) and len(self.steps) > 1
        require(listed, f"steps={self.steps!r} has to name two moments or more: give for example [0, 1000].")
        for step in self.steps:
            whole_number("a step of steps", step, at_least=0)
        rising = list(self.steps) == sorted(set(self.steps))
        require(rising, f"steps={list(self.steps)} must rise: give each moment once, in order.")
        number("precision", self.precision, above=0, at_most=1)


def of_score(metric: str, score: int) -> str:
    """Return the name of a metric about people at a score; their group is that of the metric."""
    return f"{metric}.{score}"


def values(result: Result, arm: str, metric: str, score: int, group: str, step: int | None = None) -> Numbers:
    """Return one number of the people at a score of a group by lane, at one moment, the last by default; (lanes,)."""
    name = of_score(metric, score)
    return result.values(name, experiment=arm, group=group, step=step).to_numpy(dtype=np.float64)


def moments(result: Result) -> list[int]:
    """Return the steps at which decisions were explained."""
    return sorted(map(int, result.frame["step"].unique()))


def later(result: Result) -> list[int]:
    """Return the moments after the first."""
    return moments(result)[1:]


def everybody() -> list[tuple[str, int]]:
    """Return group and score of everybody whom the world can show."""
    return [(group, score) for group in GROUPS for score in range(SCORES)]


def over_everybody(result: Result, arm: str, metric: str, step: int | None = None) -> Numbers:
    """Return one number of everybody by lane, NaN where it is undefined; (lanes, people)."""
    return np.column_stack([values(result, arm, metric, score, group, step) for group, score in everybody()])


def at(result: Result, step: int) -> int:
    """Return a step of the default moments, refusing a result that has others."""
    if step not in moments(result):
        raise InputError(f"it is about step {step:,}, which was not explained: leave steps as they are.")
    return step
