"""Combinators: metrics made of metrics, such as ``Gap(Window(TruePositiveRate(), 100))``.

``Gap``, ``Difference`` and ``Ratio`` compare the groups of anything of shape (n, G). ``Overall`` pools the groups of a
``GroupRate``, ``Window`` and ``Discounted`` forget its past. Each works on a copy of what it is given, so that one
tracker may be used in several.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import InputError, named, number, require, whole_number
from fairgym.metrics.base import GroupRate, Tracker, ratio
from fairgym.metrics.rates import Accuracy


def copy_of(user: object, given: object, kind: type) -> Any:
    """Return a copy of the tracker that ``user`` is made of, or refuse what is not one of this kind."""
    if not isinstance(given, kind):
        raise InputError(
            f"{type(user).__name__} was given {named(given)}, but needs a {kind.__name__} object, for instance "
            f"{type(user).__name__}(TruePositiveRate(), ...)."
        )
    return copy.deepcopy(given)


def group_pair(user: str, groups: object) -> tuple[int, int]:
    """Return two different group indices, or refuse them; ``user`` is the name of what compares them."""
    pair = tuple(groups) if isinstance(groups, (tuple, list)) else ()
    require(len(pair) == 2, f"groups={groups!r} of {user} is not a pair: give two group indices, such as (0, 1).")
    first, second = (whole_number(f"a group of {user}", group, at_least=0) for group in pair)
    require(first != second, f"{user} compares group {first} with itself: give two different group indices.")
    return first, second


def check_group_pair(user: str, pair: tuple[int, int], num_groups: int) -> None:
    """Refuse group indices that this world does not have."""
    for group in pair:
        whole_number(f"a group of {user}", group, at_least=0, at_most=num_groups - 1)


class OfGroups(Tracker):
    """A metric made of the values (n, G) of another tracker."""

    def __init__(self, of: Tracker) -> None:
        self.of: Tracker = copy_of(self, of, Tracker)
        self.requires = self.of.requires

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything; refuses a tracker that has no value for each group."""
        super().reset(num_envs, num_groups)
        self.of.reset(num_envs, num_groups)
        values = self.of.compute()
        if isinstance(values, dict) or values.shape != (num_envs, num_groups):
            raise InputError(
                f"{type(self).__name__} compares groups, but {type(self.of).__name__} does not have one value per "
                f"group: give a tracker of shape (n, G)."
            )

    def begin(self, outcome: Mapping[str, Array], lanes: Mask | None = None) -> None:
        """Pass the first state on."""
        self.of.begin(outcome, lanes)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Pass one step on."""
        self.of.update(outcome, live)

    def values(self) -> Numbers:
        """Return the values of the other tracker, (n, G)."""
        values = self.of.compute()
        assert not isinstance(values, dict)
        return values


class Gap(OfGroups):
    """Largest minus smallest value over the groups; (n,), NaN while one of them is undefined."""

    def compute(self) -> Numbers:
        """Return the gap, (n,)."""
        by_group = np.ascontiguousarray(self.values().T)  # the few groups first: ten times faster
        gap: Numbers = by_group.max(axis=0) - by_group.min(axis=0)
        return gap


class OfPair(OfGroups):
    """A comparison of group ``a`` with group ``b``, given by index."""

    def __init__(self, of: Tracker, a: int, b: int) -> None:
        super().__init__(of)
        self.pair = group_pair(type(self).__name__, (a, b))

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything; refuses group indices that are not there."""
        check_group_pair(type(self).__name__, self.pair, num_groups)
        super().reset(num_envs, num_groups)

    def two_values(self) -> tuple[Numbers, Numbers]:
        """Return the values of both groups, each (n,)."""
        values = self.values()
        return values[:, self.pair[0]], values[:, self.pair[1]]


class Difference(OfPair):
    """Value of group ``a`` minus value of group ``b``, signed; (n,), NaN while one of them is undefined."""

    def compute(self) -> Numbers:
        """Return the difference, (n,)."""
        a, b = self.two_values()
        return a - b


class Ratio(OfPair):
    """Value of group ``a`` over value of group ``b``; (n,), NaN while one of them is undefined or that of b is 0.

    ``Ratio(AcceptanceRate(), disadvantaged, advantaged)`` is the disparate impact ratio of the four-fifths rule.
    """

    def compute(self) -> Numbers:
        """Return the ratio, (n,)."""
        return ratio(*self.two_values())


class Overall(Tracker):
    """A rate over all people, whatever their group, by default the accuracy; (n,), NaN where nobody counted.

    Groups count by their people, not alike.
    """

    def __init__(self, rate: GroupRate | None = None) -> None:
        self.rate: GroupRate = copy_of(self, Accuracy() if rate is None else rate, GroupRate)
        self.requires = self.rate.requires

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.rate.reset(num_envs, num_groups)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Pass one step on."""
        self.rate.update(outcome, live)

    def compute(self) -> Numbers:
        """Return the rate over all groups, (n,)."""
        return ratio(self.rate.numerator.sum(axis=1), self.rate.denominator.sum(axis=1))


class Window(Tracker):
    """A rate over the last ``steps`` steps of each lane, (n, G); before that many steps, over all so far.

    A step is a transition of that lane: reset steps neither count nor push anything out. What is hidden is forgotten
    too once it has left the window. Memory: ``2 * steps * n * G`` numbers; ``compute`` reads all of them, so that the
    sums carry no rounding from the past.
    """

    def __init__(self, rate: GroupRate, steps: int) -> None:
        self.rate: GroupRate = copy_of(self, rate, GroupRate)
        self.requires = self.rate.requires
        self.steps = whole_number("steps of Window", steps, at_least=1)

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.rate.reset(num_envs, num_groups)
        self.ring = np.zeros((self.steps, 2, num_envs, num_groups))
        self.oldest = np.zeros(num_envs, dtype=np.intp)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Replace the oldest step of each live lane."""
        lanes = np.flatnonzero(live)
        sums = self.rate.step_sums(outcome, live)
        self.ring[self.oldest[lanes], :, lanes] = sums[:, lanes].swapaxes(0, 1)
        self.oldest[lanes] = (self.oldest[lanes] + 1) % self.steps

    def compute(self) -> Numbers:
        """Return the rate over the window, (n, G)."""
        # The sum runs over the outermost of several axes, step by step, whatever n is.
        return ratio(*self.ring.sum(axis=0))


class Discounted(Tracker):
    """A rate in which a person counts ``discount ** age``, the age in steps of the lane; (n, G).

    Numerator and denominator of a group that nobody comes from fade alike, so its rate keeps its last value. What is
    hidden stays in the sums for good, as in every rate.
    """

    def __init__(self, rate: GroupRate, discount: float) -> None:
        self.rate: GroupRate = copy_of(self, rate, GroupRate)
        self.requires = self.rate.requires
        self.discount = number("discount of Discounted", discount, at_least=0, at_most=1)

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.rate.reset(num_envs, num_groups)
        self.sums = np.zeros((2, num_envs, num_groups))
        self.faded = np.ones((num_envs, num_groups))

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Fade the past of the live lanes and add one step."""
        new = self.rate.step_sums(outcome, live)
        self.faded *= np.where(live, self.discount, 1.0)[:, None]
        # A group's sums are faded only when somebody comes: fading them every step would end in numbers too small
        # to divide, although the rate does not change.
        seen = (new != 0).any(axis=0)
        self.sums = np.where(seen, self.sums * self.faded + new, self.sums)
        self.faded[seen] = 1.0

    def compute(self) -> Numbers:
        """Return the discounted rate, (n, G)."""
        return ratio(*self.sums)
