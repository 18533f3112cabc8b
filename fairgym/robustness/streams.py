"""Streams: what a monitor watches, one kind of number from person to person, in the words of any world.

A stream takes what happened in a step and the rows of features that were shown, and gives a value of everybody, NaN of
whom it says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from fairgym.batch import Array, Numbers
from fairgym.outcome import HIDDEN
from fairgym.robustness.shown_people import ShownPeople

Arrays = Mapping[str, Array]
Of = Callable[[Arrays, Numbers | None], Array]
TRUTHS = ("repaid", "outcome_repaid", "qualified")
"""Under which names a world tells how a loan, or an admission, turned out."""


class Stream(NamedTuple):
    """One kind of number, from person to person."""

    name: str
    event: bool
    """True for something that happens or not, False for a number."""
    of: Of
    """Its value of everybody, (n, m), of what happened and of the rows of features (n, m, D)."""


def feature_streams(people: ShownPeople | None) -> list[Stream]:
    """Return one stream for each feature of the people shown."""

    def of(place: int) -> Of:
        return lambda outcome, rows: np.asarray(rows)[..., place]

    return [] if people is None else [Stream(f"feature {name}", False, of(i)) for i, name in enumerate(people.names)]


def default_streams(outcome: Mapping[str, Array]) -> list[Stream]:
    """Return the default rate of the accepted, where the world tells how they turned out."""
    key = next((name for name in TRUTHS if name in outcome), None)
    if key is None or outcome[key].shape != outcome["decision"].shape:
        return []

    def of(outcome: Arrays, rows: Numbers | None) -> Array:
        known = (outcome["decision"] > 0) & (outcome[key] != HIDDEN)
        return np.where(known, 1.0 - outcome[key], np.nan)

    return [Stream("default rate", True, of)]


def group_streams(groups: tuple[str, ...] | None, outcome: Mapping[str, Array]) -> list[Stream]:
    """Return the share of each group; the last one's follows from the others."""
    if groups is None or len(groups) < 2 or "group" not in outcome:
        return []

    def of(place: int) -> Of:
        return lambda outcome, rows: outcome["group"] == place

    watched = groups if len(groups) > 2 else groups[:1]
    return [Stream(f"share of {name}", True, of(place)) for place, name in enumerate(watched)]
