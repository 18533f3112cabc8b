"""The command fairgym leaderboard."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairgym.cli.options import Backend, Changes, Jobs, Quiet, Steps, changed_parameters, resumable, say, table_of


def show_leaderboard(
    world: Annotated[str, typer.Argument(help="Id of a world; see fairgym list.")],
    seeds: Annotated[int, typer.Option("--seeds", help="Number of seeds, the same for every agent.")] = 100,
    steps: Steps = None,
    changes: Changes = None,
    agent: Annotated[list[str] | None, typer.Option("--agent", help="An agent of yours too: module:Class.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; runs/leaderboard-WORLD if left out.")] = None,
    backend: Backend = "loky",
    jobs: Jobs = -1,
    quiet: Quiet = False,
) -> None:
    """Run every agent that fits a world on the same seeds: reward and fairness with 95 % intervals, best reward first.

    Example: fairgym leaderboard LendingEnv-v0 --seeds 20 --steps 500
    """
    from fairgym.folder import check_replaceable
    from fairgym.leaderboard.board import EXPLANATION, FILES, run_leaderboard

    console = Console(quiet=quiet)
    folder = Path("runs") / f"leaderboard-{world}" if out is None else out
    check_replaceable(folder, FILES)
    words = ["fairgym", "leaderboard", world, "--seeds", str(seeds)]
    words += [] if steps is None else ["--steps", str(steps)]
    words += [word for change in changes or () for word in ("--set", change)]
    words += [word for one in agent or () for word in ("--agent", one)]
    params = changed_parameters(changes)
    with resumable(folder) as store:
        how = {"backend": backend, "jobs": jobs, "folder": store.folder}
        board = run_leaderboard(world, seeds, steps, params, agent or (), console, **how)
        board.save(folder, shlex.join(words))
    console.print(table_of(board.title, *board.rows()))
    say(console, EXPLANATION)
    say(console, f"written to {folder}; its pieces, for another run, are in {store.folder.name}")
