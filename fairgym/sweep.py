"""Many experiments at once, on joblib's backends: processes of one machine, or Ray or Dask where they are registered.

Experiments are cut into lane ranges where there are fewer experiments than workers. A lane depends on nothing but its
seed, so the pieces put together are bit for bit the result of the whole.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator, Sequence
from multiprocessing import resource_tracker

from joblib import Parallel, delayed, effective_n_jobs
from joblib.externals.loky.backend import resource_tracker as joblib_tracker
from rich.console import Console

from fairgym.checks import InputError, require, whole_number
from fairgym.experiment import Experiment
from fairgym.progress import Counter, progress_bar
from fairgym.result import Result


def run_all(experiments: Sequence[Experiment], jobs: int = -1, console: Console | None = None) -> Result:
    """Run all experiments in ``jobs`` processes (-1: one per core) and return their results as one.

    With a ``console`` a progress bar is shown on it.
    """
    check_names(experiments)
    for experiment in experiments:
        experiment.lanes(0, 1).make().close()  # bad parameters are refused before anything starts
    workers = effective_n_jobs(-1) if jobs == -1 else whole_number("jobs", jobs, at_least=1)
    pieces = [piece for experiment in experiments for piece in split(experiment, -(-workers // len(experiments)))]
    console = Console(quiet=True) if console is None else console
    names = [f"{piece.name}, lanes {piece.seed}-{piece.seed + piece.num_envs - 1}" for piece in pieces]
    if min(workers, len(pieces)) > 1:
        _start_silent_tracker()
    with progress_bar(console, names, [piece.steps * piece.num_envs for piece in pieces]) as counters:
        here = os.getcwd()
        work = (delayed(_run)(piece, counter, here) for piece, counter in zip(pieces, counters, strict=True))
        n_jobs = min(workers, len(pieces))
        with _deaf_workers() if n_jobs > 1 else contextlib.nullcontext():
            # joblib's files lie beside the counts: an interrupted start would leave them anywhere else
            results = Parallel(n_jobs, temp_folder=os.path.dirname(counters[0].path))(work)
    return Result.concat(results, [experiment.config() for experiment in experiments])


def check_names(experiments: Sequence[Experiment]) -> None:
    """Refuse (``InputError``) no experiments at all, or two of one name, which could not be told apart."""
    require(len(experiments) > 0, "there are no experiments to run: give at least one.")
    names = [experiment.name for experiment in experiments]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"name={name!r} is that of {names.count(name)} experiments: give each a name of its own.")


@contextlib.contextmanager
def _deaf_workers() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C, so that none of them answers it with a traceback.

    They inherit the signals that the thread which starts them blocks. This process still hears Ctrl-C in the thread of
    the progress bar, stops, and joblib ends its workers. The resource tracker, which joblib would start with the first
    worker, is started before, because its start unblocks the signal again.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_silent_tracker() -> None:
    """Start joblib's tracker of resources so that it prints nothing.

    It outlives an interrupted run, and what it would print is a traceback about semaphores that are gone already. It
    inherits the standard error that is there when it starts.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        joblib_tracker.ensure_running()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def split(experiment: Experiment, parts: int) -> list[Experiment]:
    """Return the experiment cut into at most ``parts`` ranges of lanes, in order."""
    parts = 1 if experiment.agent.lanes_share else min(parts, experiment.num_envs)
    size, rest = divmod(experiment.num_envs, parts)
    counts = [size + (part < rest) for part in range(parts)]
    return [experiment.lanes(sum(counts[:part]), counts[part]) for part in range(parts)]


def _run(experiment: Experiment, counter: Counter, folder: str) -> Result:
    """Run in the folder of the caller, so that relative paths among the parameters name the same files."""
    with contextlib.suppress(FileNotFoundError):  # on another machine
        os.chdir(folder)
    return experiment.run(lambda step: counter(step * experiment.num_envs))
