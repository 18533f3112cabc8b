"""AggregateEqualizer: equal true positive rates over the whole run, by lending more to the group that lags."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgym.agents.base import Arrays, Transition
from fairgym.agents.belief_agent import BeliefAgent
from fairgym.agents.beliefs import Beliefs, LearnedBeliefs
from fairgym.agents.isotonic import isotonic
from fairgym.agents.payoff import worth
from fairgym.agents.policy import Policy
from fairgym.batch import Array, Numbers
from fairgym.checks import InputError, whole_number


class AggregateEqualizer(BeliefAgent):
    """Accepts from a threshold up, and the score just below it only while the group's running rate is the lowest.

    The running rate is the true positive rate over all steps of the run so far: equal opportunity at every step does
    not make it equal, this rule steers it. Where groups are level, nobody lags and nobody is helped. As an oracle the
    rule counts with the hidden ``qualified``; otherwise with the repaid loans it granted, and with the people it
    rejected weighted by the believed probability that they would have repaid. A group without any qualified
    applicant so far has no rate.
    """

    def __init__(self, threshold: int | None = None, **bank: Any) -> None:
        """Set up the rule.

        ``threshold`` is the score level (0 .. C) from which everybody is accepted; None takes for each group the one
        with the highest reward by the bank's beliefs. ``bank`` are the settings of ``BeliefAgent``.
        """
        super().__init__(**bank)
        self.threshold = None if threshold is None else whole_number("threshold", threshold, at_least=0)

    def start(self) -> None:
        """Accept everybody until there are beliefs; nobody has been counted."""
        super().start()
        lanes, groups, levels = self._accept.shape
        if self.threshold is not None and self.threshold > levels:
            raise InputError(f"threshold={self.threshold} is beyond the {levels} score levels: give 0 to {levels}.")
        self._threshold = np.zeros((lanes, groups), dtype=np.int64)
        self._believed = np.zeros(self._accept.shape)
        self._accepted, self._rejected = np.zeros((2, lanes, groups))

    def policy(self, beliefs: Beliefs) -> Policy:
        """Return acceptance from the threshold up."""
        best = best_thresholds(beliefs, *self.payoff) if self.threshold is None else self.threshold
        lanes, groups, levels = beliefs.mass.shape
        threshold = np.broadcast_to(best, (lanes, groups))[..., None]
        return Policy((np.arange(levels) >= threshold).astype(np.float64))

    def refit(self, lanes: Array) -> None:
        """Take over the thresholds and the repayment of new beliefs."""
        super().refit(lanes)
        self._threshold[lanes] = (self._accept[lanes] == 0).sum(axis=2)
        self._believed[lanes] = self._source.beliefs(lanes).repayment

    def acceptance(self, observation: Arrays, info: Arrays) -> Array:
        """Return 1 from the threshold up, and just below it where the group lags; (n,)."""
        by_score = super().acceptance(observation, info)
        applicant = (self._lane, observation["group"])
        marginal = observation["score"] == self._threshold[applicant] - 1
        return np.where(marginal, self._lagging()[applicant], by_score)

    def learn(self, transition: Transition) -> None:
        """Count qualified people, accepted and rejected: true ones as an oracle, else expected ones."""
        super().learn(transition)
        if isinstance(self._source, LearnedBeliefs):
            rejected = self._source.seen - self._source.granted
            self._accepted = self._source.repaid.sum(axis=2)
            self._rejected = (rejected * self._believed).sum(axis=2)
        elif transition.live.any():
            self._count_truth(transition)

    def _count_truth(self, transition: Transition) -> None:
        qualified = transition.reported("qualified")
        if (qualified[transition.live] < 0).any():
            raise InputError(
                "AggregateEqualizer(oracle=True) counts qualified people, which selective labels hide: "
                "use oracle=False, or a world with selective_labels=False."
            )
        counted = transition.live & (qualified == 1)
        applicant = (self._lane, transition.observation["group"])
        self._accepted[applicant] += counted & (transition.action == 1)
        self._rejected[applicant] += counted & (transition.action == 0)

    def _running_rate(self) -> Numbers:
        """Return the true positive rate so far, NaN where nobody was qualified; (n, G)."""
        qualified = self._accepted + self._rejected
        undefined = np.full(qualified.shape, np.nan)
        rate: Numbers = np.divide(self._accepted, qualified, out=undefined, where=qualified > 0)
        return rate

    def _lagging(self) -> Array:
        """Return which groups have the lowest rate of their lane, below that of another group; (n, G)."""
        rate = self._running_rate()
        lowest, highest = np.fmin.reduce(rate, axis=1), np.fmax.reduce(rate, axis=1)
        return np.asarray((rate == lowest[:, None]) & (rate < highest[:, None]))

    def diagnostics(self) -> dict[str, Array]:
        """Return the threshold in force (n, G) and the running true positive rate as the rule counts it (n, G)."""
        threshold = np.maximum(self._threshold - self._lagging(), 0).astype(np.float64)
        return {"threshold": threshold, "true_positive_rate": self._running_rate()}


def best_thresholds(beliefs: Beliefs, gain: float, loss: float) -> Array:
    """Return for each group the threshold with the highest reward; (n, G).

    With scores pooled until repayment does not fall, it is the first score at which a loan is worth more than nothing.
    """
    pooled = isotonic(np.moveaxis(beliefs.repayment, 2, 0), np.moveaxis(beliefs.mass, 2, 0))
    return np.asarray((worth(pooled, gain, loss) <= 0).sum(axis=0))
