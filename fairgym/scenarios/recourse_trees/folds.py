"""Who is trained on and who is held out: folds of real people, new people from the synthetic world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from fairgym.checks import InputError
from fairgym.populations.applicants import as_table
from fairgym.populations.decision_table import DecisionTable
from fairgym.scenarios.recourse_trees.names import ROW_WISE


class Split(NamedTuple):
    """People to train on and people held out, by row."""

    table: DecisionTable
    train: NDArray[np.int64]
    test: NDArray[np.int64]


def folds_of(table: DecisionTable, held_out: str, count: int) -> Iterator[Split]:
    """Yield the folds of a data set, each with about the same share of undesired outcomes; no luck is in them.

    Row-wise, rows are dealt in their order; people of equal features may then stand on both sides, and a model that
    knows them by heart looks better than it is. Otherwise it is the *different* rows that are dealt, shuffled and by
    their more frequent outcome, and everybody goes where her features go.
    """
    together = held_out != ROW_WISE
    place = table.twins if together else np.arange(len(table.y))
    outcome = (np.bincount(place, weights=table.y) > np.bincount(place) / 2).astype(np.int64)
    fewest = int(np.bincount(outcome, minlength=2).min())
    if fewest < count:
        raise InputError(f"folds={count} is too many for {table.name!r}, of which {fewest} have the rarer outcome.")
    dealer = StratifiedKFold(count, shuffle=together, random_state=0 if together else None)
    for _, rows in dealer.split(outcome, outcome):
        test = np.isin(place, rows)
        yield Split(table, np.flatnonzero(~test), np.flatnonzero(test))


def samples_of(people: int, seeds: Sequence[int]) -> Iterator[Split]:
    """Yield synthetic tables of ``people`` to train on and as many to test on, one for each seed."""
    for seed in seeds:
        table = as_table(2 * people, seed)
        yield Split(table, np.arange(people), np.arange(people, 2 * people))
