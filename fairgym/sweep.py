"""Many experiments at once, on joblib's backends: processes of one machine, or Ray or Dask where they are registered.

Experiments are cut into lane ranges where there are fewer experiments than workers. A lane depends on nothing but its
seed, so the pieces put together are bit for bit the result of the whole.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from joblib import Parallel, delayed
from rich.console import Console

from fairgym.checks import whole_number
from fairgym.experiment import Experiment
from fairgym.progress import Counter, progress_bar
from fairgym.result import Result


def run_all(experiments: Sequence[Experiment], jobs: int = -1, console: Console | None = None) -> Result:
    """Run all experiments in ``jobs`` processes (-1: one per core) and return their results as one.

    With a ``console`` a progress bar is shown on it.
    """
    workers = (os.cpu_count() or 1) if jobs == -1 else whole_number("jobs", jobs, at_least=1)
    pieces = [piece for experiment in experiments for piece in split(experiment, -(-workers // len(experiments)))]
    console = Console(quiet=True) if console is None else console
    names = [f"{piece.name}, lanes {piece.seed}-{piece.seed + piece.num_envs - 1}" for piece in pieces]
    with progress_bar(console, names, [piece.steps * piece.num_envs for piece in pieces]) as counters:
        work = (delayed(_run)(piece, counter) for piece, counter in zip(pieces, counters, strict=True))
        results = Parallel(n_jobs=min(workers, len(pieces)))(work)
    return Result.concat(results, [experiment.config() for experiment in experiments])


def split(experiment: Experiment, parts: int) -> list[Experiment]:
    """Return the experiment cut into at most ``parts`` ranges of lanes, in order."""
    parts = 1 if experiment.agent.lanes_share else min(parts, experiment.num_envs)
    size, rest = divmod(experiment.num_envs, parts)
    counts = [size + (part < rest) for part in range(parts)]
    return [experiment.lanes(sum(counts[:part]), counts[part]) for part in range(parts)]


def _run(experiment: Experiment, counter: Counter) -> Result:
    return experiment.run(lambda step: counter(step * experiment.num_envs))
