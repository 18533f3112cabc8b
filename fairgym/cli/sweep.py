"""The command fairgym sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fairgym.cli.options import Backend, Jobs, Quiet, Seeds, Steps, resumable, say, table_of


def run_sweep(
    file: Annotated[Path, typer.Argument(help="A TOML file with world, steps, seeds, agents, trackers and a grid.")],
    seeds: Seeds = None,
    steps: Steps = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for data and table; runs/FILE if left out.")] = None,
    backend: Backend = "loky",
    jobs: Jobs = -1,
    quiet: Quiet = False,
) -> None:
    """Run every agent of a TOML file at every point of its grid, and go on where an earlier run was interrupted.

    The file, for example:

    world = "LendingEnv-v0"
    steps = 500
    seeds = 20
    grid.interest_rate = [0.5, 1.0]
    agents.greedy = {class = "RewardMaximizer", oracle = true}
    trackers.gap = {class = "Gap", of = "TruePositiveRate"}

    Example: fairgym sweep plan.toml --out runs/plan
    """
    from fairgym.folder import check_replaceable
    from fairgym.sweep import sweep
    from fairgym.sweep.plan import read_plan
    from fairgym.sweep.report import FILES, PLAN_FILE, rows_of, save_sweep

    console = Console(quiet=quiet)
    folder = Path("runs") / file.stem if out is None else out
    plan = read_plan(file, seeds=seeds, steps=steps)
    check_replaceable(folder, FILES)
    with resumable(folder) as store:
        result = sweep(plan.experiments, backend, jobs, store.folder, console)
        sizes = {"--seeds": seeds, "--steps": steps}
        words = [word for option, value in sizes.items() if value is not None for word in (option, str(value))]
        command = " ".join(["fairgym", "sweep", PLAN_FILE, *words])
        save_sweep(folder, file.read_text(encoding="utf-8"), plan, result, command)
    console.print(table_of("last values, mean [95 %]", *rows_of(result, result.experiments)))
    say(console, f"written to {folder}; its pieces, for another run, are in {store.folder.name}")
