"""The computation: every arm on every fold or seed, in processes, each piece kept as soon as it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

import pandas as pd
from joblib import delayed

from fairgym.checks import require
from fairgym.experiment import plain, versions
from fairgym.populations.decision_table import DecisionTable
from fairgym.populations.recourse_data import load_table, tables_in
from fairgym.result import Result
from fairgym.scenarios.base import Running, Settings
from fairgym.scenarios.recourse_trees.fitting import Fit
from fairgym.scenarios.recourse_trees.folds import Split, folds_of, samples_of
from fairgym.scenarios.recourse_trees.names import (
    APPLICANTS,
    GROUPED,
    METHODS,
    MODELS,
    PAPER_DATA,
    ROW_WISE,
    SAMPLED,
    Arm,
    Options,
    arms,
    shown,
)
from fairgym.scenarios.working import in_processes
from fairgym.sweep.pieces import Pieces, hash_of


def compare_methods(settings: Settings, options: Options, running: Running) -> Result:
    """Return every measure of every arm on synthetic people and on the user's data, if there are any."""
    tables = real_tables(settings.data, options)
    fits = [*synthetic_fits(settings, options), *(fit for table in tables for fit in real_fits(table, options))]
    frame = pd.concat(run_all(fits, running), ignore_index=True)
    chosen = list(dict.fromkeys(fit.arm for fit in fits))
    config = {
        "experiments": [{"name": arm.name, **asdict(arm)} for arm in chosen],
        "tables": {APPLICANTS: {"name": APPLICANTS, "rows": 2 * options.people}, **{t.name: t.note for t in tables}},
        "options": plain(asdict(options)),
        "versions": versions(),
    }
    return Result(frame, config)


def real_tables(folder: str | None, options: Options) -> list[DecisionTable]:
    """Return the data sets asked for, or those of the paper that are there; none without a folder."""
    if folder is None:
        require(options.data_sets is None, f"data_sets={options.data_sets!r} needs a folder: add --data DIR.")
        return []
    names = tables_in(folder, PAPER_DATA) if options.data_sets is None else options.data_sets
    return [load_table(name, folder) for name in names]


def synthetic_fits(settings: Settings, options: Options) -> Iterator[Fit]:
    """Yield the pieces of work on synthetic people, a table for each seed."""
    seeds = range(settings.seed, settings.seed + settings.lanes)
    for seed, split in zip(seeds, samples_of(options.people, seeds), strict=True):
        for arm in arms(APPLICANTS, SAMPLED, options.curves):
            yield Fit(arm, seed, split, options.synthetic_trees, options.budget)


def real_fits(table: DecisionTable, options: Options) -> Iterator[Fit]:
    """Yield the pieces of work on one data set: by the protocol chosen, and row-wise what the paper has numbers for."""
    held_out = options.protocol
    yield from _folds(table, held_out, arms(table.name, held_out, options.curves), options)
    if held_out == GROUPED and table.name in PAPER_DATA:
        compared = [shown(table.name, model, method, ROW_WISE) for model in MODELS for method in METHODS]
        yield from _folds(table, ROW_WISE, compared, options)


def _folds(table: DecisionTable, held_out: str, chosen: Iterable[Arm], options: Options) -> Iterator[Fit]:
    splits: Sequence[Split] = list(folds_of(table, held_out, options.folds))
    for arm in chosen:
        for fold, split in enumerate(splits):
            yield Fit(arm, fold, split, options.trees, options.budget)


def run_all(fits: Sequence[Fit], running: Running) -> list[pd.DataFrame]:
    """Return the frames of all pieces of work, in order; what was kept of an earlier run is not done again."""
    store = None if running.pieces is None else Pieces(running.pieces)
    keys = [None if store is None else hash_of(fit.parts) for fit in fits]
    frames: dict[int, pd.DataFrame] = {}
    if store is not None:
        store.make_folder()
        kept = ((place, store.load(key, fits[place])) for place, key in enumerate(keys) if key is not None)
        frames = {place: frame for place, frame in kept if frame is not None}
    missing = [place for place in range(len(fits)) if place not in frames]
    for place, frame in _done([fits[place] for place in missing], running, missing):
        frames[place] = frame
        if store is not None and (key := keys[place]) is not None:
            store.save(key, frame)
    return [frames[place] for place in range(len(fits))]


def _done(fits: Sequence[Fit], running: Running, places: Sequence[int]) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield the frame of each piece of work as soon as it is done, with its place, and show how many are."""
    if not fits:
        return
    work = [delayed(_placed)(place, fit) for place, fit in zip(places, fits, strict=True)]
    yield from in_processes(work, running, "trees and forests", ordered=False)


def _placed(place: int, fit: Fit) -> tuple[int, pd.DataFrame]:
    return place, fit.run()
