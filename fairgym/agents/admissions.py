"""Colleges: what rules for the admissions world share, and the one that publishes a fixed threshold.

A college publishes a threshold, one for all applicants or one for each group, as its action is a box of one number or
of one for each. It learns from those whom it admitted, and only from them: from their scores, groups and labels.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from fairgym.agents.base import Agent, Arrays, Transition
from fairgym.batch import Array, Numbers
from fairgym.checks import InputError, numbers_array, require


class People(NamedTuple):
    """People of several lanes in a row, those of a lane next to each other."""

    lane: NDArray[np.intp]
    """(k,)"""
    group: Array
    """(k,)"""
    score: Numbers
    """As they showed it; (k,)."""


def admitted(transition: Transition, lanes: Array) -> tuple[People, Array]:
    """Return who was admitted in these lanes (a mask) with a known label, and the labels, 1 = eligible; (k,).

    The labels of rejected people are never read: they may be hidden truth.
    """
    label = transition.reported("qualified")
    known = (transition.reported("decision") == 1) & (label >= 0) & lanes[:, None]
    return _people(transition, known), label[known].astype(np.int64)


def applicants(transition: Transition) -> People:
    """Return everybody who applied in the live lanes."""
    return _people(transition, np.broadcast_to(transition.live[:, None], transition.reported("group").shape))


def _people(transition: Transition, chosen: Array) -> People:
    group, score = transition.reported("group"), transition.reported("observed_score")
    return People(np.nonzero(chosen)[0], group[chosen], score[chosen])


def publishes_thresholds(action_space: spaces.Space[Any]) -> bool:
    """Return whether an action is a row of thresholds between 0 and 1."""
    return (
        isinstance(action_space, spaces.Box)
        and action_space.shape is not None
        and len(action_space.shape) == 1
        and bool((action_space.low == 0).all() and (action_space.high == 1).all())
    )


def groups_of_cohort(agent: Agent) -> int:
    """Return how many groups the applicants come from; refuse a world that is no admissions world."""
    group = agent.shown("group")
    agent.shown("observed_score")
    thresholds = agent.action_space.shape[0] if publishes_thresholds(agent.action_space) else 0
    groups = int(group.nvec.max()) if isinstance(group, spaces.MultiDiscrete) else 0
    if groups == 0 or thresholds not in (1, groups):
        raise InputError(
            f"{type(agent).__name__} publishes a threshold for a cohort, or one for each group of it, but the action "
            f"here is {agent.action_space}: use it in an admissions world such as StrategicClassificationEnv-v0."
        )
    return groups


class AdmissionsAgent(Agent):
    """A college: publishes thresholds; a subclass says which."""

    requires = ("observed_score", "group")

    def check_spaces(self) -> None:
        """Refuse a world in which the action is not a threshold, or one for each group."""
        super().check_spaces()
        self.groups = groups_of_cohort(self)
        self.num_thresholds: int = self.action_space.shape[0]

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return the thresholds of each lane, (n, 1) or (n, G)."""
        return self.thresholds().astype(self.action_space.dtype)

    @abstractmethod
    def thresholds(self) -> Numbers:
        """Return the thresholds to publish now, (n, 1) or (n, G)."""

    def diagnostics(self) -> dict[str, Array]:
        """Return the thresholds that it would publish now, (n, G), or (n,) where there is one for all."""
        now = self.thresholds()
        return {"threshold": now[:, 0] if self.num_thresholds == 1 else now.copy()}


class FixedThreshold(AdmissionsAgent):
    """Publishes the same threshold for ever, one for all or one for each group."""

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return the eligibility threshold of figure 9 of "Fairness is not static", and that plus 1 / cost of each."""
        return {f"FixedThreshold({each})": cls(each) for each in (0.55, 0.65, 0.75)}

    def __init__(self, threshold: float | Sequence[float]) -> None:
        given = numbers_array("threshold", threshold)
        fits = given.ndim <= 1 and given.size > 0 and given.min() >= 0 and given.max() <= 1
        require(bool(fits), f"threshold={threshold!r} must be a number between 0 and 1, or one for each group.")
        self.threshold: float | tuple[float, ...] = float(given) if given.ndim == 0 else tuple(given.tolist())

    def start(self) -> None:
        """Fit the thresholds to the world."""
        given = np.atleast_1d(np.asarray(self.threshold, dtype=np.float64))
        if given.size not in (1, self.num_thresholds):
            raise InputError(
                f"threshold={self.threshold} has {given.size} entries, but this world takes {self.num_thresholds}: "
                f"give one number, or as many as the world takes."
            )
        self._thresholds = np.broadcast_to(given, (self.lanes, self.num_thresholds))

    def thresholds(self) -> Numbers:
        """Return the thresholds as given, (n, 1) or (n, G)."""
        return self._thresholds
