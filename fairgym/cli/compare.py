"""The command fairgym compare."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table


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


def _folder_and_experiment(place: str) -> tuple[str, str | None]:
    """Return the two sides of ``folder:experiment``; a folder of that very name wins."""
    folder, separator, experiment = place.rpartition(":")
    return (place, None) if not separator or Path(place).exists() else (folder, experiment)
