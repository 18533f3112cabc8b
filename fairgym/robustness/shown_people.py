"""ShownPeople: where in an observation the people stand, as rows of features, in any world that shows such rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from fairgym.agents.told import told
from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import InputError, require, suggestion

GROUP, APPLYING = "group", "applying"
"""What an observation calls the groups of the people, and who of them is there to be decided on."""


@dataclass(frozen=True)
class ShownPeople:
    """The people that an observation shows: m of them, D features each, in one part of it.

    The part is a Box of shape (D,) for one person, and (m * D,) or (m, D) for m people; how many there are is how many
    groups the observation names.
    """

    key: str
    people: int  # m
    names: tuple[str, ...]  # of the features; D
    low: Numbers  # lowest value of each feature that the space holds; (D,)
    high: Numbers  # (D,)
    dtype: Any  # of the part
    shape: tuple[int, ...]  # of the part, for one lane
    somebody: bool  # whether the observation says who is there
    groups: tuple[str, ...]  # group 0, group 1, ...: as many as the observation can name

    @classmethod
    def find(cls, env: Any, space: spaces.Space[Any], key: str, who: str) -> ShownPeople:
        """Return where the people stand under ``key``; refuse (``InputError``), for ``who`` asks, where none do."""
        parts = space.spaces if isinstance(space, spaces.Dict) else {}
        boxes = [name for name, part in parts.items() if isinstance(part, spaces.Box)]
        if key not in parts:
            hint = suggestion(key, boxes) if boxes else "give it a world such as FeatureLendingEnv-v0."
            raise InputError(f"{who} needs rows of features, but this world shows no {key!r}: {hint}")
        box = parts[key]
        if not isinstance(box, spaces.Box) or not np.issubdtype(box.dtype, np.floating):
            raise InputError(f"features={key!r} is {box}: {who} needs a Box of real numbers.")
        people = _how_many(parts.get(GROUP))
        size = math.prod(box.shape)
        require(
            size % people == 0 and size > 0,
            f"features={key!r} has {size} numbers, which is not so many for each of {people} people.",
        )
        names = feature_names(env, size // people)
        low, high = (limit.reshape(people, -1).astype(np.float64) for limit in (box.low, box.high))
        somebody = APPLYING in parts
        groups = tuple(f"group {index}" for index in range(_how_many_groups(parts.get(GROUP))))
        return cls(key, people, names, low.max(axis=0), high.min(axis=0), box.dtype, box.shape, somebody, groups)

    def rows(self, observation: Mapping[str, Array]) -> Numbers:
        """Return the people of n lanes, (n, m, D)."""
        shown = observation[self.key]
        return shown.reshape(len(shown), self.people, -1).astype(np.float64)

    def packed(self, rows: Numbers) -> Array:
        """Return people (n, m, D) as the part of the observation that shows them."""
        return rows.astype(self.dtype).reshape(len(rows), *self.shape)

    def present(self, observation: Mapping[str, Array]) -> Mask:
        """Return who is there, (n, m)."""
        lanes = len(observation[self.key])
        if not self.somebody:
            return np.ones((lanes, self.people), dtype=np.bool_)
        here: Mask = observation[APPLYING].reshape(lanes, self.people) == 1
        return here

    def group(self, observation: Mapping[str, Array]) -> Array:
        """Return the group of everybody, (n, m); 0 where the world does not say."""
        lanes = len(observation[self.key])
        if GROUP not in observation:
            return np.zeros((lanes, self.people), dtype=np.int64)
        return observation[GROUP].reshape(lanes, self.people).astype(np.int64)


def per_person(values: Array, like: Array) -> Array:
    """Return values of people (n, m) in the shape in which the world reports ``like``: (n,) where m is 1."""
    return values[:, 0] if like.ndim == 1 else values


def feature_names(env: Any, width: int) -> tuple[str, ...]:
    """Return what the world calls the features of its people, x0, x1, ... where it does not say."""
    columns = tuple(getattr(told(env, "credit_people")[0], "columns", ()))
    return columns if len(columns) == width else tuple(f"x{place}" for place in range(width))


def _how_many_groups(group: spaces.Space[Any] | None) -> int:
    """Return how many groups people can be in."""
    if isinstance(group, spaces.MultiDiscrete):
        return int(group.nvec.max())
    return int(group.n) if isinstance(group, spaces.Discrete) else 1


def _how_many(group: spaces.Space[Any] | None) -> int:
    """Return how many people are decided on in one step."""
    return math.prod(group.shape) if isinstance(group, spaces.MultiDiscrete) else 1
