"""The command line: fairgym list | run | reproduce | sweep | leaderboard | compare, one command per file.

What is slow to import is imported where it is used, so that help comes at once and Ctrl-C is answered from the start.
"""

from __future__ import annotations

import sys
from typing import Any

import typer
from rich.console import Console

from fairgym.checks import InputError
from fairgym.cli.compare import compare_results
from fairgym.cli.leaderboard import show_leaderboard
from fairgym.cli.listing import list_everything
from fairgym.cli.options import BAD_INPUT, INTERRUPTED, say
from fairgym.cli.scenarios import reproduce, run
from fairgym.cli.sweep import run_sweep

__all__ = ["app", "main"]

app = typer.Typer(
    name="fairgym",
    help="Run the future of a decision rule, with error bars.\n\nExample: fairgym run delayed-impact",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("list")(list_everything)
app.command("run")(run)
app.command("reproduce")(reproduce)
app.command("sweep")(run_sweep)
app.command("leaderboard")(show_leaderboard)
app.command("compare")(compare_results)

USAGE_ERROR: Any = typer.BadParameter.__base__
"""What typer raises for every misuse of the command line."""


def main() -> None:
    """Run the command line; bad input is one sentence on standard error and exit status 2."""
    errors = Console(stderr=True)
    try:
        status = app(sys.argv[1:] or ["--help"], prog_name="fairgym", standalone_mode=False)
    except USAGE_ERROR as error:
        say(errors, f"fairgym: {_one_sentence(error)}: see fairgym --help.")
        sys.exit(BAD_INPUT)
    except (InputError, OSError) as error:
        say(errors, f"fairgym: {error}")
        sys.exit(BAD_INPUT)
    except typer.Abort:
        say(errors, "fairgym: interrupted.")
        sys.exit(INTERRUPTED)
    if status:
        sys.exit(status)


def _one_sentence(error: Any) -> str:
    """Return what is wrong with the words of a command, on one line."""
    return " ".join(str(error.format_message()).split()).rstrip(".")
