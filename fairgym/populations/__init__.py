"""Who lives in a lending world: the archived simulator's two groups, TransRisk scores, or the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from os.path import isfile
from pathlib import Path

from fairgym.checks import InputError, suggestion
from fairgym.populations.base import ScorePopulation
from fairgym.populations.long_format import population_from_table
from fairgym.populations.mapping import population_from_mapping
from fairgym.populations.table import read_table
from fairgym.populations.transrisk import TransRiskTables, read_transrisk, transrisk
from fairgym.populations.two_groups import two_groups

__all__ = [
    "POPULATIONS",
    "ScorePopulation",
    "TransRiskTables",
    "load_population",
    "read_transrisk",
    "transrisk",
    "two_groups",
]

POPULATIONS: dict[str, Callable[[], ScorePopulation]] = {"two-groups": two_groups, "transrisk": transrisk}
"""The built-in populations by name."""


def load_population(population: object) -> ScorePopulation:
    """Return a population from whatever names or describes it.

    ``population`` is the name of a built-in one (``"two-groups"``, ``"transrisk"``), a mapping of plain lists and
    numbers (keys: ``populations.mapping``), the path of a CSV file (columns: ``populations.long_format``), or a
    ``ScorePopulation``. Any number of groups and of score levels. Raises ``InputError`` on anything else.

    A ``ScorePopulation`` among the parameters of an environment makes its ``spec.to_json()`` fail, which holds plain
    values only: where the spec must be kept, give ``population.to_mapping()``.
    """
    if isinstance(population, ScorePopulation):
        return population
    if isinstance(population, Mapping):
        return population_from_mapping(population)
    if isinstance(population, str) and population in POPULATIONS:
        return POPULATIONS[population]()
    if isinstance(population, PathLike) or (isinstance(population, str) and _is_path(population)):
        path = Path(population)
        return population_from_table(read_table(path), name=path.stem, source=path.name)
    if isinstance(population, str):
        raise InputError(
            f"population={population!r} is neither built in nor a CSV file: {suggestion(population, POPULATIONS)}"
        )
    raise InputError(
        f"population={population!r} is not a population: give {' or '.join(map(repr, POPULATIONS))}, a mapping, or "
        f"the path of a CSV file."
    )


def _is_path(word: str) -> bool:
    return word.lower().endswith(".csv") or "/" in word or "\\" in word or isfile(word)
