"""Progress of work in several processes: each writes its count into a shared file, one thread shows them."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

INTERVAL = 0.2
"""Seconds between two looks at, and two writes of, the counts."""
MOST_BARS = 10
"""More pieces of work than this share one bar, because a terminal has few lines."""


@dataclass
class Counter:
    """Steps done by one worker, seen by the process that started it; can be sent to another process."""

    path: str
    index: int
    written: float = 0.0

    def __call__(self, done: int) -> None:
        """Note the number of steps done, at most every ``INTERVAL`` seconds."""
        now = time.monotonic()
        if now - self.written >= INTERVAL:
            self.written = now
            self.finish(done)

    def finish(self, done: int) -> None:
        """Note the number of steps done now; a worker on another machine does not see the file and notes nothing."""
        with contextlib.suppress(FileNotFoundError):
            counts = np.memmap(self.path, dtype=np.int64, mode="r+")
            counts[self.index] = done


def _short(number: float) -> str:
    """Return a number in millions, or in thousands where it is small."""
    return f"{number / 1e6:.2f} M" if number >= 1e5 else f"{number / 1e3:.2f} k"


class Rate(ProgressColumn):
    """Lane-steps per second."""

    def render(self, task: Task) -> Text:
        """Return the speed of a task in words."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{_short(speed)} lane-steps/s", style="progress.data.speed")


@contextlib.contextmanager
def progress_bar(console: Console, names: Sequence[str], lane_steps: Sequence[int]) -> Iterator[list[Counter]]:
    """Show one bar per piece of work, or one for many, with rate and time left; gives one counter per piece.

    ``lane_steps`` is the total of each piece; counters are fed the same unit.
    """
    bars = dict(zip(names, lane_steps, strict=True))
    if len(names) > MOST_BARS:
        bars = {f"{len(names)} pieces of work": sum(lane_steps)}
    columns = (TextColumn("{task.description}"), BarColumn(), Rate(), TimeElapsedColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, disable=console.quiet)
    with tempfile.TemporaryDirectory() as folder, bar as progress:
        path = str(Path(folder) / "counts")
        counts = np.memmap(path, dtype=np.int64, mode="w+", shape=(max(1, len(names)),))
        tasks = [progress.add_task(name, total=total) for name, total in bars.items()]

        def show() -> None:
            done = counts if len(tasks) == len(names) else [counts.sum()]
            for task, count in zip(tasks, done, strict=False):
                progress.update(task, completed=int(count))

        with _repeated(show):
            yield [Counter(path, index) for index in range(len(names))]
        for task, total in zip(tasks, bars.values(), strict=True):
            progress.update(task, completed=total)


@contextlib.contextmanager
def _repeated(action: Callable[[], None]) -> Iterator[None]:
    """Call ``action`` every ``INTERVAL`` seconds in a thread until the block is left."""
    done = threading.Event()

    def work() -> None:
        while not done.wait(INTERVAL):
            action()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
