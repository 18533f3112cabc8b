"""waiting_bar: a bar on the terminal for work that takes longer than somebody likes to wait without a word."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec

PATIENCE = 2.0
"""Seconds after which the bar shows."""


@contextlib.contextmanager
def waiting_bar(words: str, total: int, shown: bool | None = None) -> Iterator[Callable[[int], None]]:
    """Show on standard error, after two seconds, how many of ``total`` people are done, and the time left.

    Gives what is to be called with the number done. ``shown`` is None for "on a terminal or in a notebook only"; in a
    notebook without ipywidgets, which rich draws with, there is none.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True, force_terminal=shown or None)
    drawable = find_spec("ipywidgets") is not None if console.is_jupyter else console.is_terminal
    if not drawable or shown is False:
        yield lambda done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    progress = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True)
    task = progress.add_task(words, total=total)
    timer = threading.Timer(PATIENCE, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda done: progress.update(task, completed=done)
    finally:
        timer.cancel()
        timer.join()
        progress.stop()
