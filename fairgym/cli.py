"""The command line: fairgym list | run | reproduce | compare.

What is slow to import is imported where it is used, so that help comes at once and Ctrl-C is answered from the start.
"""

from __future__ import annotations

import json
import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from fairgym.checks import InputError
from fairgym.envs import WORLDS

if TYPE_CHECKING:
    from fairgym.report import Report

app = typer.Typer(
    name="fairgym",
    help="Run the future of a decision rule, with error bars.\n\nExample: fairgym run delayed-impact",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
INTERRUPTED = 130
BAD_INPUT = 2
USAGE_ERROR: Any = typer.BadParameter.__base__
"""What typer raises for every misuse of the command line."""
DIFFERENT = 1

Seeds = Annotated[int | None, typer.Option("--seeds", help="Number of seeds (lanes), each an independent copy.")]
Steps = Annotated[int | None, typer.Option("--steps", help="Steps of every lane.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of the first lane; lane i has this plus i.")]
Changes = Annotated[list[str] | None, typer.Option("--set", help="Change a parameter of the world: key=value.")]
Population = Annotated[str | None, typer.Option("--population", help="two-groups, transrisk, or a CSV of yours.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for claims, data and figures [runs/SCENARIO].")]
Jobs = Annotated[int, typer.Option("--jobs", help="Processes; -1 is one per core.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar and no table.")]
Check = Annotated[bool, typer.Option("--check", help="Exit with 1 when a verdict differs from the recorded one.")]


@app.command("list")
def list_everything() -> None:
    """List the scenarios and the worlds.

    Example: fairgym list
    """
    from fairgym.scenarios import SCENARIOS, load_scenario

    console = Console()
    scenarios = Table("scenario", "what it shows", "paper", title="scenarios: fairgym run NAME", pad_edge=False)
    for name in SCENARIOS:
        scenario = load_scenario(name)
        scenarios.add_row(name, scenario.title, scenario.paper)
    worlds = Table("id", "world", title='worlds: gymnasium.make("fairgym:ID")', pad_edge=False)
    for world in WORLDS:
        worlds.add_row(world.env_id, world.summary)
    console.print(scenarios, worlds)


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario; see fairgym list.")],
    seeds: Seeds = None,
    steps: Steps = None,
    seed: Seed = None,
    changes: Changes = None,
    population: Population = None,
    out: Out = None,
    jobs: Jobs = -1,
    quiet: Quiet = False,
    check: Check = False,
) -> None:
    """Run a scenario, print its claims and write a folder with claims, data and figures.

    Example: fairgym run delayed-impact --seeds 20 --steps 2000 --set interest_rate=0.5 --out runs/small
    """
    given = {"lanes": seeds, "steps": steps, "seed": seed, "population": population}
    report = _run(scenario, given, changes or [], out, jobs, Console(quiet=quiet))
    _finish([report], Console(quiet=quiet), check)


@app.command()
def reproduce(
    seeds: Seeds = None,
    steps: Steps = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for one folder per scenario.")] = Path("runs"),
    jobs: Jobs = -1,
    quiet: Quiet = False,
    check: Check = False,
) -> None:
    """Run every scenario and print one claims table.

    Example: fairgym reproduce --check
    """
    from fairgym.scenarios import SCENARIOS, load_scenario

    reports = []
    for name in SCENARIOS:
        simulated = load_scenario(name).experiments is not None
        given = {"lanes": seeds, "steps": steps} if simulated else {}
        reports.append(_run(name, given, [], out / name, jobs, Console(quiet=quiet)))
    _finish(reports, Console(quiet=quiet), check)


@app.command("compare")
def compare_results(
    a: Annotated[str, typer.Argument(help="A result folder, or folder:experiment.")],
    b: Annotated[str, typer.Argument(help="Another, or the same with another experiment.")],
    metric: Annotated[str, typer.Option("--metric", help="Metric to compare, for example tpr.")],
    group: Annotated[str | None, typer.Option("--group", help="Group, for metrics by group.")] = None,
    step: Annotated[int | None, typer.Option("--step", help="Recorded step; the last by default.")] = None,
) -> None:
    """Compare a metric of two experiments, paired over their common seeds: a minus b, signed.

    Example: fairgym compare runs/delayed-impact:equal-opportunity runs/delayed-impact:max-reward
    --metric loans --group disadvantaged
    """
    from fairgym.result import Result, compare

    (folder_a, name_a), (folder_b, name_b) = _folder_and_experiment(a), _folder_and_experiment(b)
    result = compare(
        Result.load(folder_a), Result.load(folder_b), metric, experiments=(name_a, name_b), group=group, step=step
    )
    difference = result.difference
    table = Table("metric", "a - b", "standard error", "95 % interval", "lanes", "a above b", "variance saved")
    table.add_row(
        metric if group is None else f"{metric}, {group}",
        f"{difference.mean:.5g}",
        f"{difference.standard_error:.3g}",
        f"{difference.low:.5g} to {difference.high:.5g}",
        str(difference.lanes),
        f"{result.lanes_above:.0%}",
        f"x{result.variance_reduction:.2f}" if math.isfinite(result.variance_reduction) else "-",
    )
    Console().print(table)


def main() -> None:
    """Run the command line; bad input is one sentence on standard error and exit status 2."""
    errors = Console(stderr=True)
    try:
        status = app(sys.argv[1:] or ["--help"], prog_name="fairgym", standalone_mode=False)
    except USAGE_ERROR as error:
        _say(errors, f"fairgym: {_one_sentence(error)}: see fairgym --help.")
        sys.exit(BAD_INPUT)
    except (InputError, OSError) as error:
        _say(errors, f"fairgym: {error}")
        sys.exit(BAD_INPUT)
    except typer.Abort:
        _say(errors, "fairgym: interrupted.")
        sys.exit(INTERRUPTED)
    if status:
        sys.exit(status)


def _one_sentence(error: Any) -> str:
    """Return what is wrong with the words of a command, on one line."""
    return " ".join(str(error.format_message()).split()).rstrip(".")


def _run(name: str, given: dict[str, Any], changes: list[str], out: Path | None, jobs: int, console: Console) -> Report:
    """Run one scenario and write its folder; an interrupted run leaves nothing behind."""
    folder = Path("runs") / name if out is None else out
    try:
        from fairgym.folder import check_replaceable
        from fairgym.report import FILES, Report
        from fairgym.scenarios import load_scenario

        scenario = load_scenario(name)
        env_params = dict(_key_value(change) for change in changes)
        settings = scenario.settings(**given, **({"env_params": env_params} if env_params else {}))
        check_replaceable(folder, FILES)
        result = scenario.run(settings, jobs, console)
        report = Report(scenario, settings, result, scenario.check(result, settings), _command(name, given, changes))
        report.save(folder)
    except KeyboardInterrupt:
        _say(Console(stderr=True), f"fairgym: interrupted, nothing was written to {folder}.")
        raise typer.Exit(INTERRUPTED) from None
    _say(console, f"{name}: written to {folder}")
    return report


def _say(console: Console, line: str) -> None:
    """Print one line as it is: no colours, no markup, no line breaks."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def _finish(reports: list[Report], console: Console, check: bool) -> None:
    """Print the claims and, with ``--check``, say by the exit status whether they are as recorded."""
    from fairgym.report import claims_table, print_notes

    console.print(claims_table(reports))
    print_notes(reports, console)
    if check and not all(verdict.as_expected for report in reports for verdict in report.verdicts):
        raise typer.Exit(DIFFERENT)


def _key_value(change: str) -> tuple[str, Any]:
    """Return the two sides of ``key=value``; the value is read as JSON where it is JSON, else as text."""
    key, separator, value = change.partition("=")
    if not separator or not key:
        raise InputError(f"--set {change!r} is not key=value: write for example --set interest_rate=0.5.")
    try:
        return key, json.loads(value.lower() if value in ("True", "False") else value)
    except ValueError:
        return key, value


def _folder_and_experiment(place: str) -> tuple[str, str | None]:
    """Return the two sides of ``folder:experiment``; a folder of that very name wins."""
    folder, separator, experiment = place.rpartition(":")
    return (place, None) if not separator or Path(place).exists() else (folder, experiment)


def _command(name: str, given: dict[str, Any], changes: list[str]) -> str:
    """Return the command that makes the same result again."""
    options = {"lanes": "--seeds", "steps": "--steps", "seed": "--seed", "population": "--population"}
    words = ["fairgym", "run", name]
    for key, value in given.items():
        words += [] if value is None else [options[key], str(value)]
    for change in changes:
        words += ["--set", change]
    return shlex.join(words)
