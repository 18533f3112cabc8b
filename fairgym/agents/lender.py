"""LenderAgent: a lender that decides on cohorts whose people act on what they are told; and a plain threshold.

In each period it scores the applicants and accepts by a rule of its own, the best first where loans are limited; whom
it rejects it may tell what would have helped. It sees what applicants show, and what became of its own loans.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from fairgym.agents.base import Agent, AnyEnv, Arrays
from fairgym.agents.told import told
from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import InputError, number, require, suggestion
from fairgym.envs.advice import ACCEPT, DECLINE, OFFER
from fairgym.envs.reapplication import shown_people
from fairgym.noise import Uniforms
from fairgym.populations.credit_people import CreditPeople

REFERENCE_ROWS, REFERENCE_SEED = 1_000, 0
"""The first applicants on whom ``diagnostics`` measures how strict a rule is, the same for all rules and lanes."""


class Applicants(NamedTuple):
    """The k applicants of all lanes in a row, lane by lane."""

    lane: NDArray[np.intp]
    """Ascending; (k,)."""
    place: NDArray[np.intp]
    """Ascending within a lane; (k,)."""
    people: Numbers
    """Their features as they show them; (k, D)."""
    promised: Mask
    """Whether they did wholly what they were told; (k,)."""
    luck: Uniforms
    """Uniform numbers of their own; (k, ``luck_of_each()``)."""


class Ruling(NamedTuple):
    """What becomes of k applicants."""

    served: Mask
    """Who gets a loan; (k,)."""
    bar: Numbers
    """Score from which a lane served today: the rule's own, or higher where loans ran out, infinite where the honoured
    took them all; (n,)."""
    score: Numbers
    """(k,)"""


class LenderAgent(Agent):
    """Decides on cohorts; a subclass scores people, says whom its rule accepts, and perhaps what the rejected are told.

    Where the world has a capacity, no more are accepted: those whose promise is honoured first, then by score; ties are
    drawn by lot. In a world that takes offers a rule that makes none declines. Several lanes may share one rule.
    """

    requires: tuple[str, ...] = ("features", "promised", "applying")

    def ask(self, env: AnyEnv) -> None:
        """Note who applies and how many loans there are; refuse a world that does not tell, or worlds that differ."""
        super().ask(env)
        self.credit_people = _population(type(self).__name__, env)
        limits = set(told(env, "capacity"))
        require(
            len(limits) == 1,
            f"{type(self).__name__} needs one capacity, but the worlds of this vector have several: make them alike.",
        )
        self.capacity: int | None = limits.pop()

    def check_spaces(self) -> None:
        """Refuse a world in which the action is not one decision for each place, alone or with an offer."""
        super().check_spaces()
        applying, action = self.shown("applying"), self.action_space
        assert applying.shape is not None
        self.places, columns = applying.shape[0], len(self.credit_people.columns)
        self.takes_offers = isinstance(action, spaces.Box) and action.shape == (self.places, 1 + columns)
        if not self.takes_offers and action != spaces.MultiBinary(self.places):
            raise InputError(
                f"{type(self).__name__} decides on {self.places} people at once, but the action here is {action}: use "
                f"it in a world with actions MultiBinary({self.places}), such as ReapplicationEnv-v0."
            )

    def luck_size(self) -> int:
        """Return some uniform numbers for each place."""
        return self.places * self.luck_of_each()

    def luck_of_each(self) -> int:
        """Return how many uniform numbers an applicant gets, of which the first decides ties."""
        return 1

    def start(self) -> None:
        """Prepare to rule; all lanes share one rule unless a subclass says otherwise."""
        self.rule_of = np.zeros(self.lanes, dtype=np.int64)
        """Number of the rule by which a lane decides; (n,)."""
        self._bar = np.full(self.lanes, np.nan)
        self._helped = np.full(self.lanes, np.nan)
        self._reference: tuple[Numbers, Mask] | None = None
        self._accepted_share: Numbers | None = None

    @abstractmethod
    def judge(self, rule: int, people: Numbers) -> tuple[Numbers, Mask]:
        """Return the score of people (k, D), the higher the better, and whom this rule accepts; both (k,)."""

    @abstractmethod
    def own_bar(self) -> float:
        """Return the score from which the rule accepts where loans do not run out."""

    def honoured(self, applicants: Applicants) -> Mask:
        """Return who is accepted before all others, whatever her score, because she was promised a loan; (k,)."""
        return np.zeros(len(applicants.lane), dtype=np.bool_)

    def tell(self, applicants: Applicants, ruling: Ruling) -> tuple[Mask, Numbers]:
        """Return who of the applicants is told what to do, (k,), and what she should become, (k, D)."""
        return np.zeros(len(applicants.lane), dtype=np.bool_), applicants.people

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return the decisions, (n, m), or in a world that takes offers decisions and targets, (n, m, 1 + D)."""
        applicants = self._applicants(observation)
        ruling = self._ruling(applicants)
        offered, target = self.tell(applicants, ruling)
        self._note(applicants.lane, ruling, offered)
        where = applicants.lane, applicants.place
        action = np.zeros((self.lanes, *self.action_space.shape), dtype=self.action_space.dtype)
        if not self.takes_offers:
            action[where] = ruling.served
            return action
        action[:, :, 0], action[:, :, 1:] = DECLINE, shown_people(observation)
        action[(*where, 0)] = np.where(ruling.served, ACCEPT, np.where(offered, OFFER, DECLINE))
        action[applicants.lane[offered], applicants.place[offered], 1:] = target[offered]
        return action

    def _note(self, lane: NDArray[np.intp], ruling: Ruling, offered: Mask) -> None:
        """Keep for ``diagnostics`` how strict the lanes were, and what share of the rejected they told what to do."""
        self._bar, self._accepted_share = ruling.bar, None
        told, rejected = (np.bincount(lane[those], minlength=self.lanes) for those in (offered, ~ruling.served))
        self._helped = np.divide(told, rejected, out=np.full(self.lanes, np.nan), where=rejected > 0)

    def _applicants(self, observation: Arrays) -> Applicants:
        lane, place = np.nonzero(observation["applying"])
        luck = self.luck_row().reshape(self.lanes, self.places, self.luck_of_each())
        people = shown_people(observation)[lane, place].astype(np.float64)
        return Applicants(lane, place, people, observation["promised"][lane, place] == 1, luck[lane, place])

    def _ruling(self, applicants: Applicants) -> Ruling:
        """Return who is served, and from which score on."""
        lane, score = applicants.lane, np.empty(len(applicants.lane))
        accepts = np.zeros(len(lane), dtype=np.bool_)
        for rule, mine in self.by_rule(lane):
            score[mine], accepts[mine] = self.judge(rule, applicants.people[mine])
        first, bar = self.honoured(applicants), np.full(self.lanes, self.own_bar())
        wanted = accepts | first
        if self.capacity is None:
            return Ruling(wanted, bar, score)
        order = np.lexsort((applicants.luck[:, 0], -score, ~first, ~wanted, lane))
        rank = np.empty(len(lane), dtype=np.int64)
        rank[order] = np.arange(len(lane)) - np.searchsorted(lane, lane)  # the order keeps lanes together
        served = wanted & (rank < self.capacity)
        bar[lane[wanted & ~served]] = np.inf
        by_score = served & ~first & np.isinf(bar[lane])
        np.minimum.at(bar, lane[by_score], score[by_score])
        return Ruling(served, bar, score)

    def by_rule(self, lane: NDArray[np.intp]) -> Iterator[tuple[int, slice]]:
        """Give each rule under which somebody in these lanes (k,), ascending, falls, and where those people are."""
        rules, starts = np.unique(self.rule_of[lane], return_index=True)
        yield from zip(rules.tolist(), map(slice, starts.tolist(), [*starts[1:].tolist(), len(lane)]), strict=True)

    def change(self) -> None:
        """Note how strict the rules were at their last decisions; a subclass calls it before it changes them."""
        if self._accepted_share is None:
            self._accepted_share = self._reference_accepted()
        self._reference = None

    def diagnostics(self) -> dict[str, Array]:
        """Return how strict the last decisions were, NaN before the first, all (n,).

        ``bar`` is the score from which people were served, NaN where loans ran out before the first was served by
        score; ``accepts`` is the share of 1,000 first applicants, always the same, whom the rule would serve at this
        bar; ``recourse`` is the share of the rejected who were told what to do.
        """
        accepts = self._reference_accepted() if self._accepted_share is None else self._accepted_share
        return {
            "accepts": accepts.copy(),
            "bar": np.where(np.isinf(self._bar), np.nan, self._bar),
            "recourse": self._helped.copy(),
        }

    def _reference_accepted(self) -> Numbers:
        """Return the share of the reference that each lane would have served, NaN before its first decisions; (n,)."""
        score, accepts = self._judged_reference()
        enough = accepts[self.rule_of] & (score[self.rule_of] >= self._bar[:, None])
        return np.where(np.isnan(self._bar), np.nan, enough.mean(axis=1))

    def _judged_reference(self) -> tuple[Numbers, Mask]:
        """Return the scores of the reference under each rule, and whom it accepts, both (rules, k)."""
        if self._reference is None:
            people, _ = self.credit_people.book(REFERENCE_ROWS, REFERENCE_SEED)
            judged = [self.judge(rule, people) for rule in range(int(self.rule_of.max()) + 1)]
            self._reference = (np.stack([score for score, _ in judged]), np.stack([accepts for _, accepts in judged]))
        return self._reference


def _population(user: str, env: AnyEnv) -> CreditPeople:
    """Return who applies in a world; refuse one that does not tell, and worlds that differ in it."""
    first, *others = told(env, "credit_people")
    if first is None or any(other is None or other.columns != first.columns for other in others):
        raise InputError(
            f"{user} lends to people who act on what they are told, which this environment does not have: use it in a "
            f"world with such people, such as ReapplicationEnv-v0."
        )
    people: CreditPeople = first
    return people


def place_of(name: str, column: object, columns: tuple[str, ...]) -> int:
    """Return the place of a column, or refuse it."""
    if not isinstance(column, str) or column not in columns:
        raise InputError(f"{name} names {column!r}, but no feature is called so: {suggestion(str(column), columns)}")
    return columns.index(column)


class ScoreThreshold(LenderAgent):
    """Accepts whoever has at least so much of one feature, a credit score or an income, and tells nobody anything."""

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return a threshold on the credit score, below and above that of the middle applicant."""
        return {f"ScoreThreshold({threshold})": cls(threshold=threshold) for threshold in (580, 620)}

    def __init__(self, column: str = "credit_score", threshold: float = 600) -> None:
        self.column, self.threshold = column, number("threshold", threshold)

    def start(self) -> None:
        """Find the column."""
        super().start()
        self._column = place_of("column", self.column, self.credit_people.columns)

    def judge(self, rule: int, people: Numbers) -> tuple[Numbers, Mask]:
        """Return the feature, and whether it is high enough."""
        score = people[:, self._column]
        return score, score >= self.threshold

    def own_bar(self) -> float:
        """Return the threshold."""
        return self.threshold
