"""Tracker: a running metric in three verbs, and GroupRate: a rate by group in one line of arithmetic.

Whoever runs the loop calls ``reset`` once, ``begin`` with what the info of ``env.reset()`` shows, ``update`` after
every step, and ``compute`` whenever a value is wanted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from fairgym.batch import Array, Mask, Numbers, along
from fairgym.checks import InputError, Resettable, named, require

Values = Numbers | dict[str, Numbers]


def ratio(numerator: Array, denominator: Array) -> Numbers:
    """Return ``numerator / denominator``, NaN where the denominator is 0: undefined, not infinite."""
    quotient: Numbers = numerator / np.where(denominator == 0, np.nan, denominator)
    return quotient


def sum_by_group(
    parts: Sequence[Array], group: Array, live: Mask, num_groups: int, counted: Mask | None = None
) -> Numbers:
    """Return the sums of each part over the people of each group in the live lanes, shape (len(parts), n, G).

    Each part, ``group`` and ``counted`` have shape (n,), one person a lane, or (n, m), a cohort; ``counted`` are the
    people to sum over, None for all. A lane's sums are added up in the order of its people, so they do not depend on
    the other lanes. Raises ``InputError`` where shapes differ or a group is not in 0 .. G-1.
    """
    check_groups(group, num_groups)
    lanes = len(live)
    cells = along(np.arange(lanes), group) * num_groups + group
    who = live if counted is None else counted & along(live, counted)
    everybody = who.all()
    chosen = (cells if everybody else cells[who]).ravel()
    sums = np.empty((len(parts), lanes * num_groups))
    for part, values in enumerate(parts):
        if values.shape != group.shape:
            raise InputError(
                f"a part has shape {values.shape}, but group has {group.shape}: give one value per person."
            )
        weights = (values if everybody else values[who]).ravel()
        sums[part] = np.bincount(chosen, weights=weights, minlength=lanes * num_groups)
    return sums.reshape(len(parts), lanes, num_groups)


def check_groups(group: Array, num_groups: int) -> None:
    """Refuse (``InputError``) people of groups that are not in 0 .. G-1."""
    if group.min(initial=0) < 0 or group.max(initial=0) >= num_groups:
        raise InputError(
            f"group holds {group.min()} to {group.max()}, but the tracker was reset for {num_groups} groups: reset it "
            f"with as many groups as the world has."
        )


def applicants(outcome: Mapping[str, Array]) -> Mask | None:
    """Return who applied, of the shape of ``group``; None where the world does not report it: everybody did."""
    applied = outcome.get("applied")
    return None if applied is None else applied == 1


def lane_sums(values: Array, live: Mask) -> Numbers:
    """Return the sum over all people of each live lane, 0 in the others; (n,) or (n, m) -> (n,)."""
    return np.where(live, values.reshape(len(live), -1).sum(axis=1), 0.0)


class Tracker(Resettable, ABC):
    """A running metric over n lanes; its memory does not grow with the run and undefined is NaN.

    What ``compute`` returns belongs to the caller: later updates do not change it.
    """

    requires: tuple[str, ...] = ()
    """Keys of the outcome (see ``fairgym.outcome.VOCABULARY``) that the tracker reads."""
    at_start: ClassVar[float] = np.nan
    """Every value before anything was seen: NaN, because undefined is not 0, or 0 for a count."""

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        self.num_envs = num_envs
        self.num_groups = num_groups

    def begin(self, outcome: Mapping[str, Array], lanes: Mask | None = None) -> None:
        """Take in the first state of new episodes, before any step; by default nothing is learned from it.

        ``outcome`` is ``lane_view`` of the info of a reset: the truth of the state (``population_score``,
        ``score_distribution``), of which a world may show all, some or nothing. ``lanes`` are those in which an
        episode begins, None for all. Called after ``reset``, and again where a lane begins another episode.
        """

    @abstractmethod
    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Take in one step: arrays with the lane axis first; lanes that are not live made no transition."""

    @abstractmethod
    def compute(self) -> Values:
        """Return the metric so far: (n,), or (n, G), or a dict of such arrays where it has several parts."""


class GroupSums(Tracker):
    """Running sums over people by group, from which counts and rates are made.

    A subclass sets ``num_parts`` and writes ``parts`` and ``compute``. In a world in which not everybody applies in
    every step, one that reports ``applied``, only the applicants count. A NaN in a part (the truth about somebody is
    hidden) makes that sum of that group NaN from then on: it cannot be known.
    """

    requires: tuple[str, ...] = ("group",)
    num_parts: ClassVar[int]

    @abstractmethod
    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, ...]:
        """Return what each person adds to each sum, as numbers or bools of the shape of ``group``."""

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.sums: Numbers = np.zeros((self.num_parts, num_envs, num_groups))

    def step_sums(self, outcome: Mapping[str, Array], live: Mask) -> Numbers:
        """Return what one step adds to the sums, (num_parts, n, G), without adding it."""
        return sum_by_group(self.parts(outcome), outcome["group"], live, self.num_groups, applicants(outcome))

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add one step to the sums."""
        self.sums += self.step_sums(outcome, live)


class GroupTotal(GroupSums):
    """Total of one key of the outcome over the people of each group so far; (n, G).

    A subclass sets ``key`` and ``requires``, or writes ``parts``.
    """

    key: ClassVar[str]
    at_start = 0.0
    num_parts = 1

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, ...]:
        """Return what each person adds to the total."""
        return (outcome[self.key],)

    def compute(self) -> Numbers:
        """Return the totals, (n, G)."""
        total: Numbers = self.sums[0].copy()
        return total


class LaneTotal(Tracker):
    """Total of one key of the outcome over all people of a lane so far; (n,)."""

    key: ClassVar[str]
    at_start = 0.0

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.total = np.zeros(num_envs)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add one step, over all people of a lane."""
        self.total += lane_sums(outcome[self.key], live)

    def compute(self) -> Numbers:
        """Return the totals, (n,)."""
        return self.total.copy()


class GroupRate(GroupSums):
    """Share of a kind of people (the denominator) to whom something happened (the numerator), by group.

    A subclass writes ``parts`` only: for each person whether they count above and below the line. People may be one a
    lane (n,) or a cohort (n, m). A NaN in a part (the truth of somebody is hidden) makes the rate of that group NaN
    from then on: it cannot be known.
    """

    num_parts = 2
    proportion: bool = True
    """False where the numerator is an amount and not a count of people, so that no binomial error applies."""

    @property
    def numerator(self) -> Numbers:
        """The sum above the line so far, (n, G)."""
        above: Numbers = self.sums[0]
        return above

    @property
    def denominator(self) -> Numbers:
        """The sum below the line so far, (n, G)."""
        below: Numbers = self.sums[1]
        return below

    def compute(self) -> Numbers:
        """Return the rate so far, (n, G), NaN where nobody counted."""
        return ratio(self.numerator, self.denominator)


def check_trackers(trackers: object) -> None:
    """Refuse (``InputError``) what is not a mapping of names to trackers, or whose values would share a name.

    The parts of a tracker ``x`` are named ``x.part``, often only after the first step, so beside an ``x`` no other name
    may begin with ``x.``; nor with ``agent.``, under which experiments record the agent's diagnostics.
    """
    if not isinstance(trackers, Mapping) or not trackers:
        given = "nothing" if isinstance(trackers, Mapping) else named(trackers)
        raise InputError(f"trackers are {given}: give names and trackers, for example {{'tpr': TruePositiveRate()}}.")
    for name, tracker in trackers.items():
        if not isinstance(name, str) or not name:
            raise InputError(f"tracker name {name!r} cannot be used: give a word.")
        if not isinstance(tracker, Tracker):
            raise InputError(
                f"tracker {name!r} is {named(tracker)}: give a tracker object, such as TruePositiveRate()."
            )
        for other in (*trackers, "agent"):
            if name.startswith(f"{other}."):
                raise InputError(f"tracker name {name!r} could be that of a part of {other!r}: choose another name.")


def named_values(trackers: Mapping[str, Tracker]) -> dict[str, Numbers]:
    """Return the current values by name; the parts of a tracker with several are named ``name.part``."""
    named: dict[str, Numbers] = {}
    for name, tracker in trackers.items():
        values = tracker.compute()
        if isinstance(values, dict):
            named |= {f"{name}.{part}": value for part, value in values.items()}
        else:
            named[name] = values
    return named


def check_reads(trackers: Mapping[str, Tracker], outcome: Mapping[str, Array]) -> None:
    """Refuse (``InputError``) the first tracker that reads something that this outcome does not hold."""
    for name, tracker in trackers.items():
        for key in tracker.requires:
            require(
                key in outcome,
                f"tracker {name!r} ({type(tracker).__name__}) reads {key!r}, but the info of this world holds only "
                f"{', '.join(sorted(outcome)) or 'nothing'}: use a tracker made for it.",
            )
