"""The commands fairgym run and fairgym reproduce."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from fairgym.cli.options import (
    DIFFERENT,
    Changes,
    Check,
    Jobs,
    Quiet,
    Seed,
    Seeds,
    Steps,
    changed_parameters,
    interruptible,
    resumable,
    say,
    table_of,
)

if TYPE_CHECKING:
    from fairgym.report import Report

Population = Annotated[str | None, typer.Option("--population", help="two-groups, transrisk, or a CSV of yours.")]
Data = Annotated[
    str | None, typer.Option("--data", help="Folder of data sets of yours, where the scenario takes them.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder for claims, data and figures; runs/SCENARIO if left out.")
]


def run(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario; see fairgym list.")],
    seeds: Seeds = None,
    steps: Steps = None,
    seed: Seed = None,
    changes: Changes = None,
    population: Population = None,
    data: Data = None,
    out: Out = None,
    jobs: Jobs = -1,
    quiet: Quiet = False,
    check: Check = False,
) -> None:
    """Run a scenario, print its claims and write a folder with claims, data and figures.

    Example: fairgym run delayed-impact --seeds 20 --steps 2000 --set interest_rate=0.5 --out runs/small
    """
    given = {"lanes": seeds, "steps": steps, "seed": seed, "population": population, "data": data}
    folder = Path("runs") / scenario if out is None else out
    console = Console(quiet=quiet)
    if data is None:
        with interruptible(f", nothing was written to {folder}."):
            report = _run(scenario, given, changes or [], folder, jobs, console)
    else:
        with resumable(folder) as store:
            report = _run(scenario, given, changes or [], folder, jobs, console, store.folder)
    from fairgym.report import cells_of

    for title, table in report.tables().items():
        console.print(table_of(title, *cells_of(table)))
    _finish([report], console, check)


def reproduce(
    seeds: Seeds = None,
    steps: Steps = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for one folder per scenario.")] = Path("runs"),
    jobs: Jobs = -1,
    quiet: Quiet = False,
    check: Check = False,
) -> None:
    """Run every scenario and print one claims table, with the time that each took.

    Example: fairgym reproduce --check
    """
    reports: list[Report] = []
    seconds: dict[str, float] = {}
    with interruptible(", nothing was written."):
        from fairgym.scenarios import SCENARIOS, load_scenario
    for name in SCENARIOS:
        kept = f"; finished and kept: {', '.join(str(out / done) for done in seconds)}" if seconds else ""
        with interruptible(f", nothing was written to {out / name}{kept}."):
            started = time.perf_counter()
            scenario = load_scenario(name)
            given = {"lanes": seeds} if scenario.takes_seeds else {}
            given |= {"steps": steps} if scenario.experiments is not None else {}
            reports.append(_run(name, given, [], out / name, jobs, Console(quiet=quiet)))
            seconds[name] = time.perf_counter() - started
    _finish(reports, Console(quiet=quiet), check, seconds)


def _run(
    name: str,
    given: Mapping[str, Any],
    changes: Sequence[str],
    folder: Path,
    jobs: int,
    console: Console,
    pieces: Path | None = None,
) -> Report:
    """Run one scenario and write its folder; an interrupted run leaves nothing behind but finished ``pieces``."""
    from fairgym.folder import check_replaceable
    from fairgym.report import FILES, Report
    from fairgym.scenarios import load_scenario

    scenario = load_scenario(name)
    env_params = changed_parameters(changes)
    settings = scenario.settings(**given, **({"env_params": env_params} if env_params else {}))
    check_replaceable(folder, FILES)
    result = scenario.run(settings, jobs, console, pieces)
    report = Report(scenario, settings, result, scenario.check(result, settings), _command(name, given, changes))
    report.save(folder)
    say(console, f"{name}: written to {folder}")
    return report


def _finish(
    reports: Sequence[Report], console: Console, check: bool, seconds: Mapping[str, float] | None = None
) -> None:
    """Print claims and times and, with ``--check``, say by the exit status whether the verdicts are as recorded."""
    from fairgym.report import claims_table, print_notes, times_table

    console.print(claims_table(reports))
    print_notes(reports, console)
    if seconds is not None:
        console.print(times_table(reports, seconds))
    if check and not all(verdict.as_expected for report in reports for verdict in report.verdicts):
        raise typer.Exit(DIFFERENT)


def _command(name: str, given: Mapping[str, Any], changes: Sequence[str]) -> str:
    """Return the command that makes the same result again."""
    options = {
        "lanes": "--seeds",
        "steps": "--steps",
        "seed": "--seed",
        "population": "--population",
        "data": "--data",
    }
    words = ["fairgym", "run", name]
    for key, value in given.items():
        words += [] if value is None else [options[key], str(value)]
    for change in changes:
        words += ["--set", change]
    return shlex.join(words)
