"""What the commands share: options, exit statuses, and how lines and values are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fairgym.checks import InputError

if TYPE_CHECKING:
    from fairgym.sweep import Pieces

DIFFERENT, BAD_INPUT, INTERRUPTED = 1, 2, 130
"""Exit statuses: a verdict that differs from the recorded one, refused input, Ctrl-C."""

Seeds = Annotated[int | None, typer.Option("--seeds", help="Number of seeds (lanes), each an independent copy.")]
Steps = Annotated[int | None, typer.Option("--steps", help="Steps of every lane.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of the first lane; lane i has this plus i.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a parameter of the world, or an option of the scenario: key=value."),
]
Jobs = Annotated[int, typer.Option("--jobs", help="Processes; -1 is one per core.")]
Backend = Annotated[str, typer.Option("--backend", help="loky, threading, sequential, ray or dask.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar and no table.")]
Check = Annotated[bool, typer.Option("--check", help="Exit with 1 when a verdict differs from the recorded one.")]


def say(console: Console, line: str) -> None:
    """Print one line as it is: no colours, no markup, no line breaks."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def table_of(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table whose first column, the names, is not cut off; narrow where there are many columns."""
    table = Table(*map(escape, headings), title=escape(title), box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.columns[0].overflow, table.columns[0].min_width = "fold", max(20, 80 - 16 * (len(headings) - 1))
    for row in rows:
        name, *cells = map(escape, row)
        table.add_row(name.replace("(", " ("), *cells)  # a long name may be broken there
    return table


def changed_parameters(changes: Iterable[str] | None) -> dict[str, Any]:
    """Return the parameters of the world that ``--set`` gives."""
    return dict(key_value(change) for change in changes or ())


def key_value(change: str) -> tuple[str, Any]:
    """Return the two sides of ``key=value``; the value is read as JSON where it is JSON, else as text."""
    key, separator, value = change.partition("=")
    if not separator or not key:
        raise InputError(f"--set {change!r} is not key=value: write for example --set interest_rate=0.5.")
    try:
        return key, json.loads(value.lower() if value in ("True", "False") else value)
    except ValueError:
        return key, value


@contextmanager
def interruptible(line: str) -> Iterator[None]:
    """Answer Ctrl-C with one line, to which ``fairgym: interrupted`` is put, and exit status 130."""
    try:
        yield
    except KeyboardInterrupt:
        say(Console(stderr=True), f"fairgym: interrupted{line}")
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def resumable(folder: Path) -> Iterator[Pieces]:
    """Give the store of finished pieces beside a result folder; after Ctrl-C, say what is kept in it."""
    from fairgym.sweep import Pieces

    store = Pieces(folder.with_name(f"{folder.name}-pieces"))
    try:
        yield store
    except KeyboardInterrupt:
        kept = f"{len(store)} finished pieces are kept in {store.folder}"
        say(Console(stderr=True), f"fairgym: interrupted, {kept}: the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
