"""Rules that turn a classifier's score into a decision: break even, or a randomised threshold for each group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fairgym.agents.beliefs import Beliefs
from fairgym.agents.common_rate import common_rate
from fairgym.agents.payoff import worth
from fairgym.batch import Array, Numbers

GROUP_THRESHOLDS = ("max-reward", "demographic-parity", "equal-opportunity")
"""What thresholds by group can aim at."""


class ScoreRule(Protocol):
    """Accepts by score and group."""

    def acceptance(self, scores: Numbers, group: Array) -> Numbers:
        """Return the probability of accepting people with these scores and groups; (k,)."""

    def thresholds(self) -> Numbers:
        """Return for each group the lowest score that is more likely accepted than not; (G,)."""


@dataclass(frozen=True)
class BreakEven:
    """Takes the score for the probability of repaying, and accepts whoever is worth more than nothing."""

    gain: float
    loss: float
    groups: int

    def acceptance(self, scores: Numbers, group: Array) -> Numbers:
        """Return 1 where money is expected, else 0; (k,)."""
        return (worth(scores, self.gain, self.loss) > 0).astype(np.float64)

    def thresholds(self) -> Numbers:
        """Return the probability at which a loan is worth nothing, for each group; (G,)."""
        both = self.gain + self.loss
        return np.full(self.groups, self.loss / both if both > 0 else np.inf)


@dataclass(frozen=True)
class GroupThresholds:
    """Randomised thresholds: for each group, cut-offs (increasing) and the acceptance from each up to the next.

    Scores below the lowest cut-off are treated as at it.
    """

    cutoffs: tuple[Numbers, ...]
    by_level: tuple[Numbers, ...]

    def acceptance(self, scores: Numbers, group: Array) -> Numbers:
        """Return the probability of accepting people with these scores and groups; (k,)."""
        result = np.empty(len(scores))
        for index, (cutoffs, by_level) in enumerate(zip(self.cutoffs, self.by_level, strict=True)):
            mine = group == index
            result[mine] = by_level[levels_of(scores[mine], cutoffs)]
        return result

    def thresholds(self) -> Numbers:
        """Return the first cut-off accepted with probability one half or more: -inf if all are, inf if none; (G,)."""
        found = []
        for cutoffs, by_level in zip(self.cutoffs, self.by_level, strict=True):
            accepted = np.append(by_level >= 0.5, True)
            found.append(np.concatenate([[-np.inf], cutoffs[1:], [np.inf]])[accepted.argmax()])
        return np.array(found)


@dataclass(frozen=True)
class Scored:
    """People with a classifier's score."""

    score: Numbers
    """(k,)"""
    group: NDArray[np.int64]
    """(k,)"""

    def of_group(self, group: int) -> Numbers:
        """Return the scores of one group, or of everybody where nobody of the group is there."""
        mine = self.group == group
        return self.score[mine] if mine.any() else self.score


def fit_group_thresholds(
    aim: str, loans: Scored, repaid: Array, applicants: Scored, groups: int, gain: float, loss: float
) -> GroupThresholds:
    """Return the thresholds by group that earn most under ``aim``, one of ``GROUP_THRESHOLDS``.

    Cut-offs and repayment come from each group's ROC curve over the granted ``loans``, whose outcomes are known
    (``repaid``, 0 or 1); how many people lie between two cut-offs, and the groups' shares, from all ``applicants``. A
    group whose loans have all gone the same way borrows the curve of all loans together.
    """
    curves = [_curve_of(group, loans, repaid) for group in range(groups)]
    depth = max(len(cutoffs) for cutoffs, _ in curves)
    mass, repayment = np.zeros((2, 1, groups, depth))
    for group, (cutoffs, by_level) in enumerate(curves):
        levels = levels_of(applicants.of_group(group), cutoffs)
        mass[0, group, -len(cutoffs) :] = np.bincount(levels, minlength=len(cutoffs)) / len(levels)
        repayment[0, group, -len(cutoffs) :] = by_level
    share = np.bincount(applicants.group, minlength=groups)[None] / len(applicants.group)
    accept = _accept(aim, Beliefs(mass, repayment, share), gain, loss)[0]
    return GroupThresholds(
        tuple(cutoffs for cutoffs, _ in curves),
        tuple(accept[group, -len(cutoffs) :] for group, (cutoffs, _) in enumerate(curves)),
    )


def _accept(aim: str, beliefs: Beliefs, gain: float, loss: float) -> Numbers:
    if aim == "max-reward":
        return (worth(beliefs.repayment, gain, loss) > 0).astype(np.float64)
    return common_rate(beliefs, gain, loss, among_qualified=aim == "equal-opportunity").acceptance


def _curve_of(group: int, loans: Scored, repaid: Array) -> tuple[Numbers, Numbers]:
    mine = loans.group == group
    if np.unique(repaid[mine]).size < 2:
        mine = np.ones(len(repaid), dtype=np.bool_)
    return roc_levels(loans.score[mine], repaid[mine])


def roc_levels(scores: Numbers, repaid: Array) -> tuple[Numbers, Numbers]:
    """Return the cut-offs at the corners of the hull of the ROC curve, increasing, and repayment from each to the next.

    ``repaid`` must hold zeros and ones. Repayment rises from level to level.
    """
    from sklearn.isotonic import isotonic_regression
    from sklearn.metrics import roc_curve

    false_rate, true_rate, cutoffs = roc_curve(repaid, scores)
    good = np.diff(true_rate) * repaid.sum()
    people = good + np.diff(false_rate) * (1 - repaid).sum()
    cutoffs = cutoffs[1:]  # the first, infinite, accepts nobody
    by_level = isotonic_regression((good / people)[::-1], sample_weight=people[::-1])
    corners = np.flatnonzero(np.diff(by_level, prepend=-1) > 0)
    return cutoffs[::-1][corners], by_level[corners]


def levels_of(scores: Numbers, cutoffs: Numbers) -> NDArray[np.intp]:
    """Return the index of the highest cut-off that each score reaches, 0 where it reaches none; (k,)."""
    return np.maximum(np.searchsorted(cutoffs, scores, side="right") - 1, 0)
