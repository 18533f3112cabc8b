"""Whom a classifier learns from and decides about: one applicant a step, or cohorts that answer a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from gymnasium import spaces

from fairgym.agents.admissions import People, admitted, applicants
from fairgym.agents.base import Agent, Arrays, Transition
from fairgym.agents.beliefs import loans
from fairgym.agents.flatten import flatten_lanes
from fairgym.agents.learner import Learner
from fairgym.batch import Array, Numbers
from fairgym.checks import InputError, require, suggestion

LEFT_OUT = ("cash",)
"""What is not learned from unless it is named: the bank's own money says nothing about who repays."""
SCORE, GROUP = "observed_score", "group"
TURNS = np.linspace(0.0, 1.0, 1001)
"""The scores at which a rule is asked for the threshold that comes nearest to it."""


class Seen(NamedTuple):
    """People of several lanes in a row, as a classifier sees them."""

    lane: Array
    """(k,), increasing"""
    rows: Numbers
    """(k, columns)"""
    group: Array
    """By which thresholds differ, 0 for everybody where they do not; (k,)."""


class ClassifierPeople(Protocol):
    """What the two kinds of people have in common."""

    columns: int
    """Numbers that a classifier sees of a person."""

    def accepted(self, transition: Transition) -> tuple[Seen, Array]:
        """Return who was accepted and has a known outcome, and the outcomes, 1 = good; (k,)."""

    def everybody(self, transition: Transition) -> Seen:
        """Return all people decided on in this step."""


class OneByOne:
    """One applicant a step: the flattened observation of a lane is the person."""

    def __init__(self, agent: Agent, features: Sequence[str] | None, by_group: bool) -> None:
        shown = agent.observation_space.spaces
        for key in features or ():
            if key not in shown:
                raise InputError(f"features names {key!r}, which this world does not show: {suggestion(key, shown)}")
        chosen = [key for key in shown if key not in LEFT_OUT] if features is None else features
        if not chosen:
            raise InputError(f"ClassifierAgent finds nothing but {', '.join(shown)} to learn from: name `features`.")
        self.space = spaces.Dict({key: space for key, space in shown.items() if key in chosen})
        self.columns, self.by_group = spaces.flatdim(self.space), by_group

    def of(self, observation: Arrays) -> Seen:
        """Return the person of each lane."""
        rows = flatten_lanes(self.space, observation)
        lane = np.arange(len(rows))
        return Seen(lane, rows, observation[GROUP] if self.by_group else np.zeros(len(rows), np.int64))

    def accepted(self, transition: Transition) -> tuple[Seen, Array]:
        """Return whom a loan was granted, and who repaid it."""
        granted, repaid = loans(transition)
        return Seen(*(part[granted] for part in self.of(transition.observation))), repaid[granted]

    def everybody(self, transition: Transition) -> Seen:
        """Return the applicants of the live lanes."""
        return Seen(*(part[transition.live] for part in self.of(transition.observation)))


class Cohorts:
    """Cohorts that answer a published threshold: a person is the score shown and, with thresholds by group, the group.

    A threshold for all cannot tell groups apart, so there the classifier sees the score alone.
    """

    def __init__(self, agent: Agent, features: Sequence[str] | None, groups: int) -> None:
        self.groups = groups
        self.by_group = agent.action_space.shape[0] > 1
        allowed = (SCORE, GROUP) if self.by_group else (SCORE,)
        chosen = allowed if features is None else features
        fits = SCORE in chosen and set(chosen) <= set(allowed)
        require(
            fits, f"features={features!r} will not do for thresholds: name {SCORE!r}, and with thresholds by group "
            f"perhaps {GROUP!r}.",
        )  # fmt: skip
        self.sees_group = GROUP in chosen
        self.columns = 1 + groups * self.sees_group

    def rows(self, score: Numbers, group: Array) -> Numbers:
        """Return score and group, one-hot, as the classifier sees them; (k, columns)."""
        if not self.sees_group:
            return score[:, None]
        return np.column_stack([score, group[:, None] == np.arange(self.groups)])

    def _seen(self, people: People) -> Seen:
        group = people.group if self.by_group else np.zeros_like(people.group)
        return Seen(people.lane, self.rows(people.score, people.group), group)

    def accepted(self, transition: Transition) -> tuple[Seen, Array]:
        """Return who was admitted, and who of them was eligible."""
        people, eligible = admitted(transition, transition.live)
        return self._seen(people), eligible

    def everybody(self, transition: Transition) -> Seen:
        """Return the cohorts of the live lanes."""
        return self._seen(applicants(transition))

    def thresholds(self, learner: Learner) -> Numbers:
        """Return the threshold to publish for all, (1,), or for each group, (G,): from where on the rule accepts.

        To a thousandth, it is the highest score at which the rule turns from rejecting to accepting: 0 if it accepts
        everybody, 1 if nobody. Rules that rise with the score turn once.
        """
        if learner.rule is None:
            return np.zeros(self.groups if self.by_group else 1)
        group = np.repeat(np.arange(self.groups if self.by_group else 1), len(TURNS))
        score = np.tile(TURNS, len(group) // len(TURNS))
        accept = learner.rule.acceptance(learner.scores(self.rows(score, group)), group) >= 0.5
        by_group = accept.reshape(-1, len(TURNS))
        turns = by_group & ~np.pad(by_group, ((0, 0), (1, 0)))[:, :-1]
        last = len(TURNS) - 1 - turns[:, ::-1].argmax(axis=1)
        return np.where(turns.any(axis=1), TURNS[last], 1.0)
