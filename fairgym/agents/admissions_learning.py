"""Colleges that learn their threshold: once (static), for ever (continuous), or foreseeing the answer (robust).

D'Amour et al. 2020 ("Fairness is not static", section 4.3) compare the three. All admit everybody during a burn-in, so
that nobody has a reason to game, and then publish the threshold that would have been right about most of those whom
they admitted (``fairgym.agents.threshold_learning``).

The continuous college runs after the applicants, but only upwards: all whom it still admits are at or above its
threshold, so they say nothing about lower ones. It climbs while those who land exactly on the threshold are mostly not
eligible, and rests where they are half and half.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fairgym.agents.admissions import AdmissionsAgent, People, admitted
from fairgym.agents.base import AnyEnv, Transition
from fairgym.agents.threshold_learning import ThresholdSample
from fairgym.agents.told import agreed
from fairgym.batch import Numbers
from fairgym.checks import InputError, flag, numbers_array, require, whole_number


class LearningCollege(AdmissionsAgent):
    """Admits everybody until it has learned a threshold; a subclass says in which rounds it learns.

    Where it has not seen both an eligible and an ineligible person (of a group, if each has a threshold of its own), it
    goes on admitting everybody, and learning.
    """

    last_round: float
    """The round, counted from 1, with which its learning ends."""

    def __init__(self, burn_in: int = 10) -> None:
        """Set up the college; ``burn_in`` is how many cohorts are admitted whole before it learns."""
        self.burn_in = whole_number("burn_in", burn_in, at_least=1)

    def start(self) -> None:
        """Forget everybody and admit everybody."""
        self._learned = np.full((self.lanes, self.num_thresholds), np.nan)
        self._sample = ThresholdSample(self._learned.size)
        self._rounds = np.zeros((self.lanes, 1), dtype=np.int64)

    def thresholds(self) -> Numbers:
        """Return the thresholds learned so far, 0 where there is none, (n, 1) or (n, G)."""
        return np.where(np.isnan(self._learned), 0.0, self._learned)

    def learn(self, transition: Transition) -> None:
        """Take in those who were admitted, and choose the thresholds anew where that is due."""
        super().learn(transition)
        live = transition.live[:, None]
        self._rounds += live
        learning = live & ((self._rounds <= self.last_round) | np.isnan(self._learned))
        if not learning.any():
            return
        people, eligible = admitted(transition, transition.live)
        owner = people.lane * self.num_thresholds + (people.group if self.num_thresholds > 1 else 0)
        taught = learning.ravel()[owner]
        self._sample.add(owner[taught], self.foreseen(people)[taught], eligible[taught])
        due = learning & (self._rounds >= self.burn_in)
        if due.any():
            best = self._sample.best().reshape(self._learned.shape)
            self._learned = np.where(due & ~np.isnan(best), best, self._learned)

    def foreseen(self, people: People) -> Numbers:
        """Return the scores to learn from, those shown, or those that people would show."""
        return people.score


class StaticThreshold(LearningCollege):
    """Learns the threshold once, from people who had no reason to game, and keeps it.

    ``as_published=True`` replays a defect of the archived program: it learns once more a round later, when the people
    have already gamed for the first threshold.
    """

    def __init__(self, burn_in: int = 10, *, as_published: bool = False) -> None:
        super().__init__(burn_in)
        self.as_published = flag("as_published", as_published)
        self.last_round = self.burn_in + self.as_published


class ContinuousThreshold(LearningCollege):
    """Learns after the burn-in and again after every later round, from everybody whom it ever admitted."""

    last_round = math.inf

    def learn(self, transition: Transition) -> None:
        """Learn, and forget the people below the threshold, who make no difference any more."""
        super().learn(transition)
        self._sample.forget_below(self.thresholds().ravel())


class RobustThreshold(StaticThreshold):
    """Learns once, from the scores that people will show when they game as far as it pays.

    Everybody with a score up to the margin of the group below a threshold ends up on it or above. So the threshold that
    is best against their answer is the best one on the scores of the burn-in raised by the margin (Hardt, Megiddo,
    Papadimitriou and Wootters 2016, "Strategic classification", algorithm 1).

    ``margin`` are the points by which a raise of the score pays in each group: 1 / cost, with what limits it. None
    takes what the world tells as its ``gaming_margin``, which is no secret from the college. ``as_published=True``
    replays the defect of ``StaticThreshold``: the people of the round after, who have raised their scores, are
    taken to raise them again.
    """

    def __init__(self, burn_in: int = 10, *, margin: Sequence[float] | None = None, as_published: bool = False) -> None:
        super().__init__(burn_in, as_published=as_published)
        self.margin = None if margin is None else _margins(margin)

    def ask(self, env: AnyEnv) -> None:
        """Note how far gaming pays."""
        super().ask(env)
        self._told: tuple[float, ...] | None = agreed(env, "gaming_margin")

    def start(self) -> None:
        """Fit the margins to the groups of the world."""
        super().start()
        margin = self._told if self.margin is None else self.margin
        if margin is None:
            raise InputError(
                "RobustThreshold needs to know how far gaming pays each group, which this environment does not tell: "
                "give margin."
            )
        if len(margin) != self.groups:
            raise InputError(f"margin={margin} has {len(margin)} entries for {self.groups} groups: give one a group.")
        self._margin = np.array(margin)

    def foreseen(self, people: People) -> Numbers:
        """Return the scores raised by the margin of each person's group, 1 at the most."""
        raised: Numbers = np.minimum(people.score + self._margin[people.group], 1.0)
        return raised


def _margins(margin: object) -> tuple[float, ...]:
    """Return one number of at least 0 for each group, or refuse them."""
    given = numbers_array("margin", margin)
    require(
        given.ndim == 1 and given.size > 0 and bool((given >= 0).all()),
        f"margin={margin!r} must list, for each group, a number of at least 0: the points by which a raise pays.",
    )
    return tuple(given.tolist())
