"""Beliefs: what a bank holds to be true of its applicants; read from hidden truth, or learned from its own loans."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from fairgym.agents.base import Arrays, Transition
from fairgym.batch import Array, Batch, Mask, Numbers
from fairgym.checks import InputError


@dataclass(frozen=True)
class Beliefs(Batch):
    """Who applies and who repays, for n lanes, G groups and C score levels."""

    mass: Numbers
    """Share of each group's applicants at each score, rows sum to 1; (n, G, C)."""
    repayment: Numbers
    """Probability of repaying at each score of each group; (n, G, C)."""
    share: Numbers
    """Share of the applicants who come from each group, rows sum to 1; (n, G)."""


class BeliefSource(ABC):
    """Where beliefs come from; one object follows n lanes."""

    @abstractmethod
    def renewed(self, info: Arrays) -> Array:
        """Return the lanes (indices, increasing) whose beliefs have changed since the call before."""

    @abstractmethod
    def beliefs(self, lanes: Array) -> Beliefs:
        """Return the beliefs of these lanes (indices)."""

    def learn(self, transition: Transition) -> None:
        """Take in one step; the default needs none."""


class TrueBeliefs(BeliefSource):
    """The truth, read from ``info``: an oracle's beliefs."""

    KEYS = ("score_distribution", "qualified_probability", "group_share")

    def __init__(self, shape: tuple[int, int, int]) -> None:
        """Prepare for (n, G, C) = ``shape``; nothing is known yet."""
        self._truth = Beliefs(np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape[:2], np.nan))

    def renewed(self, info: Arrays) -> Array:
        """Read the truth; return the lanes in which it is not what it was."""
        lanes = len(self._truth)
        changed = np.zeros(lanes, dtype=np.bool_)
        for key, known in zip(self.KEYS, self._truth.arrays().values(), strict=True):
            if key not in info:
                raise InputError(f"an oracle reads info {key!r}, which this world does not report: use oracle=False.")
            changed |= (info[key] != known).reshape(lanes, -1).any(axis=1)
            np.copyto(known, info[key])
        return np.flatnonzero(changed)

    def beliefs(self, lanes: Array) -> Beliefs:
        """Return the truth in these lanes."""
        return self._truth.take(lanes)


class LearnedBeliefs(BeliefSource):
    """Estimates of a bank that sees all applicants, and the outcomes of the loans that it granted.

    Who applies is counted over everybody who came, who repays over granted loans only. All lanes learn from
    themselves alone; memory is three counts per lane, group and score, whatever the length of the run. The counts
    weigh the whole past alike, so in a world that moves they trail behind it.
    """

    def __init__(self, shape: tuple[int, int, int], burn_in: int, refit_every: int, smoothing: float) -> None:
        """Prepare for (n, G, C) = ``shape``; estimates are renewed after ``burn_in`` steps, then every so many."""
        self.seen, self.granted, self.repaid = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self._steps = np.zeros(shape[0], dtype=np.int64)
        self._due = np.full(shape[0], burn_in)
        self._refit_every = refit_every
        self._smoothing = smoothing
        self._lane = np.arange(shape[0])

    def learn(self, transition: Transition) -> None:
        """Count the applicants of the live lanes, and what became of their loans."""
        live = transition.live
        if not live.any():
            return
        applicant = (self._lane, transition.observation["group"], transition.observation["score"])
        granted, repaid = loans(transition)
        self.seen[applicant] += live
        self.granted[applicant] += granted
        self.repaid[applicant] += repaid
        self._steps += live

    def renewed(self, info: Arrays) -> Array:
        """Return the lanes that are due; the truth in ``info`` is not read."""
        lanes = np.flatnonzero(self._steps >= self._due)
        self._due[lanes] = self._steps[lanes] + self._refit_every
        return lanes

    def beliefs(self, lanes: Array) -> Beliefs:
        """Return the estimates of these lanes from what they have seen so far."""
        mass, share = composition(self.seen[lanes])
        return Beliefs(mass, repayment(self.repaid[lanes], self.granted[lanes], self._smoothing), share)


def loans(transition: Transition) -> tuple[Mask, Mask]:
    """Return in which lanes a loan was granted whose outcome is known, and in which it was repaid; (n,), (n,).

    The ``outcome_repaid`` of rejected people is never read: it may be hidden truth.
    """
    outcome = transition.reported("outcome_repaid")
    granted = transition.live & (transition.action == 1) & (outcome >= 0)
    return granted, granted & (outcome == 1)


def composition(seen: Numbers) -> tuple[Numbers, Numbers]:
    """Return shares by score within each group (n, G, C) and by group (n, G) among the applicants counted in ``seen``.

    A group from which nobody came has the scores of all groups together. Every lane must have seen somebody.
    """
    of_group = seen.sum(axis=2, keepdims=True)
    pooled = seen.sum(axis=1, keepdims=True)
    everybody = of_group.sum(axis=1, keepdims=True)
    mass = np.where(of_group > 0, seen / np.maximum(of_group, 1), pooled / everybody)
    return mass, (of_group / everybody)[..., 0]


def repayment(repaid: Numbers, granted: Numbers, smoothing: float) -> Numbers:
    """Return the estimated probability of repaying by group and score; (n, G, C).

    Each level of detail is drawn towards the one above it as if ``smoothing`` further loans had been granted there
    and repaid at the rate above: group and score towards the score in all groups, this towards all loans, and these
    towards one half.
    """
    overall = _drawn(repaid.sum(axis=(1, 2), keepdims=True), granted.sum(axis=(1, 2), keepdims=True), 0.5, smoothing)
    by_score = _drawn(repaid.sum(axis=1, keepdims=True), granted.sum(axis=1, keepdims=True), overall, smoothing)
    return _drawn(repaid, granted, by_score, smoothing)


def _drawn(repaid: Numbers, granted: Numbers, prior: Numbers | float, smoothing: float) -> Numbers:
    """Return the rate ``repaid / granted`` with ``smoothing`` loans at the rate ``prior`` added; prior without any."""
    loans = granted + smoothing
    without = np.broadcast_to(prior, loans.shape).copy()
    rate: Numbers = np.divide(repaid + smoothing * prior, loans, out=without, where=loans > 0)
    return rate
