"""load_credit_people: who asks for credit, from a name, a mapping of plain values or an object.

A mapping holds nothing but what JSON can hold, so that it fits into an environment's spec. One of three keys says which
people they are:

``{"kind": "applicants", ...}``
    Synthetic applicants (``populations.applicants``). Other keys: the fields of ``ApplicantsParams``.
``{"table": "people.csv", "target": ..., "desired": ..., "sensitive": ..., "actions": {...}, ...}``
    The people of a CSV file. Other keys: those of ``populations.people_csv``, and those for all tables.
``{"data": "fico", "folder": ..., ...}``
    The people of a data set that the user has (``populations.recourse_data``), in a folder. ``sensitive`` and ``cut``
    choose other groups than the data set's own; for "fico", which says nothing about who people are, these are short
    and long credit histories. Other keys: those for all tables.

Keys for all tables (``populations.table_people``): ``causal``, one share for all columns or by column; ``groups``, two
names; ``score`` and ``score_range``, the column that loans move and how far; ``C``, the inverse penalty of the
repayment model. Keys with None count as left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from hashlib import sha256
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fairgym.checks import InputError, number, one_of, suggestion
from fairgym.populations.applicants import ApplicantsParams, SyntheticPeople
from fairgym.populations.credit_people import CreditPeople
from fairgym.populations.mapping import known_keys, word
from fairgym.populations.recourse_layouts import LAYOUTS

if TYPE_CHECKING:
    from fairgym.populations.decision_table import DecisionTable

APPLICANTS = "applicants"
OF_TABLES = ("causal", "groups", "score", "score_range", "C")
KEPT = 16
"""Populations that are kept, so that an environment made again, or many times, does not fit again."""


def load_credit_people(population: object) -> CreditPeople:
    """Return the people whom ``population`` names or describes; the same object for the same description.

    ``population`` is "applicants", a mapping (see above) or a ``CreditPeople``. Raises InputError on anything else. A
    ``CreditPeople`` among the parameters of an environment makes its ``spec.to_json()`` fail, which holds plain values
    only: where the spec must be kept, give a mapping.
    """
    if isinstance(population, CreditPeople):
        return population
    if isinstance(population, str) and population == APPLICANTS:
        population = {"kind": APPLICANTS}
    if isinstance(population, Mapping):
        plain = _plain(population)
        return _made(plain, _content(json.loads(plain)))
    if isinstance(population, PathLike) or (isinstance(population, str) and population.lower().endswith(".csv")):
        raise InputError(
            f"population={str(population)!r} is a file, which cannot say what people can change: give a mapping such "
            "as {'table': 'people.csv', 'target': 'defaulted', 'desired': 0, 'sensitive': 'sex', 'actions': {'income': "
            "'up'}}."
        )
    if isinstance(population, str):
        raise InputError(f"population={population!r} is not known: {suggestion(population, (APPLICANTS,))}")
    raise InputError(f"population={population!r} is not a population: give {APPLICANTS!r} or a mapping.")


def _plain(mapping: Mapping[Any, Any]) -> str:
    """Return a mapping in JSON, the same text for the same content; refuse what JSON cannot hold."""

    def value(held: object) -> object:
        if isinstance(held, PathLike):
            return fspath(held)
        if isinstance(held, (np.generic, np.ndarray)):
            return held.tolist()
        if isinstance(held, Mapping):
            return dict(held)
        raise InputError(f"population holds {held!r}, which JSON cannot hold: give words, numbers, lists and mappings.")

    for key in mapping:
        if not isinstance(key, str):
            raise InputError(f"population has no key {key!r}: {suggestion(str(key), MAKERS)}")
    try:
        return json.dumps(dict(mapping), sort_keys=True, default=value)
    except TypeError:  # keys that are no words
        raise InputError("population holds a key that is not a word: give columns by their names.") from None


def _content(mapping: Mapping[str, Any]) -> str:
    """Return a digest of the file that a mapping names, so that a changed file is read again; "" without a file."""
    path = Path(str(mapping.get("table", "")))
    if str(mapping.get("data")) in LAYOUTS:
        path = Path(str(mapping.get("folder", ""))) / LAYOUTS[str(mapping["data"])].file
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@lru_cache(maxsize=KEPT)
def _made(plain: str, content: str) -> CreditPeople:
    """Return the people whom a mapping in JSON describes, once for every ``content`` of its file."""
    mapping = json.loads(plain)
    kinds = [key for key in MAKERS if mapping.get(key) is not None]
    if not kinds:
        asked = " or ".join(map(repr, MAKERS))
        raise InputError(f"population lacks the key that says who people are: give {asked}.")
    if len(kinds) > 1:
        raise InputError(f"population has both {kinds[0]!r} and {kinds[1]!r}: give one of them.")
    return MAKERS[kinds[0]](mapping)


def _applicants(mapping: Mapping[str, Any]) -> CreditPeople:
    """Return synthetic applicants."""
    given = known_keys(mapping, ("kind",), tuple(field.name for field in fields(ApplicantsParams)))
    one_of("kind", given.pop("kind"), (APPLICANTS,))
    lists: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return SyntheticPeople(ApplicantsParams(**lists))


def _own_table(mapping: Mapping[str, Any]) -> CreditPeople:
    """Return the people of a user's CSV file."""
    from fairgym.populations.people_csv import OPTIONAL, REQUIRED, table_from_csv  # here and below: tables need pandas

    given = known_keys(mapping, REQUIRED, (*OPTIONAL, *OF_TABLES))
    return _table_people(table_from_csv(given), given)


def _data_set(mapping: Mapping[str, Any]) -> CreditPeople:
    """Return the people of a data set."""
    from fairgym.populations.recourse_data import load_table

    given = known_keys(mapping, ("data", "folder"), ("sensitive", "cut", *OF_TABLES))
    table = load_table(given["data"], word("folder", given["folder"]))
    if ("sensitive" in given) != ("cut" in given):
        raise InputError("population has only one of 'sensitive' and 'cut': give both, or neither.")
    if "cut" in given:
        table = replace(table, sensitive=given["sensitive"], cut=number("cut", given["cut"]))
    return _table_people(table, given)


def _table_people(table: DecisionTable, given: Mapping[str, Any]) -> CreditPeople:
    from fairgym.populations.table_people import TablePeople

    return TablePeople(table, **{key: given[key] for key in OF_TABLES if key in given})


MAKERS: Mapping[str, Callable[[Mapping[str, Any]], CreditPeople]] = {
    "kind": _applicants,
    "table": _own_table,
    "data": _data_set,
}
"""What makes people of a mapping, by the key that says which they are."""
