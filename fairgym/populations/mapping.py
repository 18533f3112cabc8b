"""A population given as a mapping: plain lists and numbers, so that it fits into an environment's JSON spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fairgym.checks import InputError, suggestion
from fairgym.populations.base import ScorePopulation, group_names, score_levels, spacing

REQUIRED = ("groups", "scores", "distribution", "repayment")
OPTIONAL = ("shares", "score_gain", "score_loss", "default_loss", "name", "source")


def known_keys(mapping: Mapping[str, Any], required: Sequence[str], optional: Sequence[str]) -> dict[str, Any]:
    """Return what a population's mapping holds, without None; refuse unknown keys and missing ones."""
    given = {key: value for key, value in mapping.items() if value is not None}
    for key in mapping:
        if key not in (*required, *optional):
            raise InputError(f"population has no key {key!r}: {suggestion(str(key), (*required, *optional))}")
    for key in required:
        if key not in given:
            raise InputError(f"population lacks the key {key!r}: it needs {', '.join(required)}.")
    return given


def word(name: str, value: object) -> str:
    """Return a value that has to be a word, or refuse it."""
    if not isinstance(value, str):
        raise InputError(f"{name}={value!r} is not a word: give a string.")
    return value


def population_from_mapping(mapping: Mapping[str, Any]) -> ScorePopulation:
    """Return the population that a mapping describes.

    Keys, for G groups and C score levels (shapes and units as the fields of ``ScorePopulation``):

    ``groups`` (G names), ``scores`` (C), ``distribution`` (G, C) and ``repayment`` (G, C) are needed;
    ``shares`` (G) is equal for all groups, ``score_gain`` and ``score_loss`` are one level, ``default_loss`` is the
    money lent, where they are left out or None; ``name`` and ``source`` are words for tables and pictures.
    """
    given = known_keys(mapping, REQUIRED, OPTIONAL)
    for key in ("name", "source"):
        word(f"population {key}", given.get(key, ""))
    groups = group_names(given["groups"])
    one_level = spacing(score_levels(given["scores"]))
    defaults: dict[str, Any] = {
        "name": "custom",
        "shares": np.full(len(groups), 1 / len(groups)),
        "score_gain": one_level,
        "score_loss": one_level,
        "default_loss": None,
        "source": "given by the user",
    }
    return ScorePopulation(**(defaults | given))
