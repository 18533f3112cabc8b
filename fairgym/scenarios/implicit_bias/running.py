"""The computation: every piece of work, in processes, with a bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pandas as pd
from joblib import delayed

from fairgym.experiment import plain, versions
from fairgym.result import Result
from fairgym.scenarios.base import Running, Settings
from fairgym.scenarios.implicit_bias.fitting import Attacked, Distances, Path, Tables, Work
from fairgym.scenarios.implicit_bias.names import (
    ABLATED,
    CUBE,
    DIGITS,
    LARGE_START,
    LOANS,
    LOGISTIC,
    MIDDLE_START,
    NOISES,
    NOISY,
    ORDERS,
    RELU,
    SMALL_START_NAME,
    SQUARED,
    SUBGROUPS,
    UNDIVIDED,
    Arm,
    Options,
)
from fairgym.scenarios.working import in_processes


def train_and_attack(settings: Settings, options: Options, running: Running) -> Result:
    """Return every measure of every way to train, by seed."""
    works = list(pieces(settings, options))
    frame = pd.concat(finished(works, running), ignore_index=True)
    names = list(dict.fromkeys(frame["experiment"]))
    config = {
        "experiments": [{"name": name} for name in names],
        "clusters": list(options.clusters),
        "options": plain(asdict(options)),
        "versions": versions(),
    }
    return Result(frame, config)


def pieces(settings: Settings, options: Options) -> Iterator[Work]:
    """Yield the pieces of work, those that take longest first."""
    given = settings.seed, settings.lanes, options
    yield Attacked(*given, Arm(ABLATED, RELU, SUBGROUPS), False)
    for count in reversed(options.clusters):
        for order in ORDERS:
            yield Attacked(*given, Arm(count, order), order in (RELU, CUBE))
    for change in (SMALL_START_NAME, MIDDLE_START, LARGE_START, UNDIVIDED, LOGISTIC, SQUARED):
        yield Attacked(*given, Arm(ABLATED, CUBE, change), False)
    for order in ORDERS:
        yield Tables(*given, DIGITS, order)
    for order in (RELU, CUBE):
        yield Path(*given, order)
        yield Tables(*given, LOANS, order)
        yield Distances(*given, tuple(Arm(NOISY, order, noise=noise) for noise in NOISES))


def finished(works: list[Work], running: Running) -> list[pd.DataFrame]:
    """Return the frames of all pieces of work in order, and show how many are done."""
    return list(in_processes([delayed(run)(work) for work in works], running, "networks and attacks"))


def run(work: Work) -> pd.DataFrame:
    """Return what a piece of work measured."""
    return work.run()
