"""Many experiments at once: cut into pieces, run by joblib, put together again."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, delayed
from rich.console import Console

from fairgym.checks import InputError
from fairgym.experiment import Experiment, versions
from fairgym.progress import Counter, progress_bar
from fairgym.result import Result
from fairgym.sweep.backends import CLUSTERS, count_workers, started
from fairgym.sweep.cutting import check_names, cut
from fairgym.sweep.pieces import Pieces, content_hash


@dataclass(frozen=True)
class Work:
    """A piece of work, and where it is kept under which hash, if anywhere; can be sent to another machine."""

    piece: Experiment
    key: str | None
    store: Pieces | None

    @property
    def name(self) -> str:
        """The name of the experiment and its range of lanes."""
        return f"{self.piece.name}, lanes {self.piece.seed}-{self.piece.seed + self.piece.num_envs - 1}"

    @property
    def lane_steps(self) -> int:
        """How much there is to do."""
        return self.piece.steps * self.piece.num_envs

    def done_before(self) -> pd.DataFrame | None:
        """Return the frame that is kept, None if there is none."""
        return None if self.store is None or self.key is None else self.store.load(self.key, self.piece)

    def run(self, counter: Counter, here: str, ours: dict[str, Any]) -> pd.DataFrame:
        """Run in the folder of the caller, so that relative paths among the parameters name the same files."""
        with contextlib.suppress(FileNotFoundError):  # on another machine
            os.chdir(here)
        if versions() != ours:
            raise InputError(f"a worker has {versions()}, but this process has {ours}: give both the same versions.")
        frame = self.piece.run(lambda step: counter(step * self.piece.num_envs)).frame
        if self.store is not None and self.store.folder.is_dir():
            self.keep(frame)
        counter.finish(self.lane_steps)
        return frame

    def keep(self, frame: pd.DataFrame) -> None:
        """Keep the frame, unless a worker that sees the folder has done so."""
        if self.store is not None and self.key is not None and self.key not in self.store:
            self.store.save(self.key, frame)


def sweep(
    experiments: Sequence[Experiment],
    backend: str = "loky",
    jobs: int = -1,
    folder: str | Path | None = None,
    console: Console | None = None,
    chunk: int | None = None,
) -> Result:
    """Run all experiments and return their results as one; the result does not depend on how it was computed.

    ``backend`` is ``"loky"`` (processes of this machine), ``"threading"``, ``"sequential"``, ``"ray"`` or ``"dask"``
    (the cluster to which Ray or a Dask ``Client`` is connected, else workers of this machine); ``jobs`` is the number
    of workers, -1 for one per core. With a ``folder``, each piece of work is kept there as soon as it is done, and a
    sweep that is run again does only what is missing (see ``Pieces``). ``chunk`` is the number of lanes in a piece;
    None takes ``CHUNK`` where pieces are kept or sent to a cluster, and else what keeps every worker busy. With a
    ``console`` a progress bar is shown on it.
    """
    check_names(experiments)
    for experiment in experiments:
        experiment.lanes(0, 1).make().close()  # bad parameters are refused before anything starts
    workers = count_workers(backend, jobs)
    store = None if folder is None else Pieces(folder)
    console = Console(quiet=True) if console is None else console
    pieces = cut(experiments, chunk, workers, keep=store is not None or backend in CLUSTERS)
    keys = [None if store is None else content_hash(piece) for piece in pieces]
    work = [Work(piece, key, store) for piece, key in zip(pieces, keys, strict=True)]
    frames = [one.done_before() for one in work]
    missing = [index for index, frame in enumerate(frames) if frame is None]
    if len(missing) < len(pieces):
        console.print(f"{len(pieces) - len(missing)} of {len(pieces)} pieces of work were done before.")
    if missing:
        done = _run_all([work[index] for index in missing], backend, workers, console)
        for index, frame in zip(missing, done, strict=True):
            frames[index] = frame
    config = {"experiments": [experiment.config() for experiment in experiments], "versions": versions()}
    return Result(pd.concat(frames, ignore_index=True), config)


def run_all(experiments: Sequence[Experiment], jobs: int = -1, console: Console | None = None) -> Result:
    """Run all experiments in processes of this machine, keeping no pieces: ``sweep`` with its defaults."""
    return sweep(experiments, jobs=jobs, console=console)


def _run_all(work: Sequence[Work], backend: str, workers: int, console: Console) -> list[pd.DataFrame]:
    """Return the frames of all pieces, in order."""
    if (store := work[0].store) is not None:
        store.make_folder()
    workers = min(workers, len(work))
    with progress_bar(console, [one.name for one in work], [one.lane_steps for one in work]) as counters:
        here, ours = os.getcwd(), versions()
        calls = [delayed(one.run)(counter, here, ours) for one, counter in zip(work, counters, strict=True)]
        # joblib's files lie beside the counts: an interrupted start would leave them anywhere else
        place = os.path.dirname(counters[0].path)
        with started(backend, workers), warnings.catch_warnings():
            # Between two scenarios joblib may replace a worker whose memory grew; nothing is lost by it.
            warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
            frames: list[pd.DataFrame] = Parallel(workers, temp_folder=place)(calls)
    for one, frame in zip(work, frames, strict=True):
        one.keep(frame)
    return frames
