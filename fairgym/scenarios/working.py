"""In processes: the pieces of work of a computed scenario, with a bar that tells how many are done."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from joblib import Parallel
from rich.progress import Progress

from fairgym.scenarios.base import Running
from fairgym.sweep.backends import count_workers, started


def in_processes(work: Sequence[Any], running: Running, description: str, *, ordered: bool = True) -> Iterator[Any]:
    """Yield what each of some ``joblib.delayed`` calls returns, in order, or else as soon as it is there.

    No bar shows where there is no console: a quiet one would still ask for ipywidgets in a notebook.
    """
    workers = min(count_workers("loky", running.jobs), len(work))
    shown = Progress(console=running.console, disable=running.console is None)
    with tempfile.TemporaryDirectory() as folder, shown as progress, started("loky", workers):
        parallel = Parallel(workers, return_as="generator" if ordered else "generator_unordered", temp_folder=folder)
        yield from progress.track(parallel(work), total=len(work), description=description)
