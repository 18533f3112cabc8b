"""The result folder of a sweep: frame, configuration, the plan itself and a table of the last values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fairgym.folder import atomic_folder, check_replaceable
from fairgym.result import CONFIG_FILE, FRAME_FILE, Result
from fairgym.sweep.plan import Plan

PLAN_FILE, TABLE_FILE, README_FILE = "sweep.toml", "table.csv", "README.md"
FILES = (PLAN_FILE, CONFIG_FILE, FRAME_FILE, TABLE_FILE, README_FILE)
"""What the folder holds."""


def last_values(result: Result, plan: Plan) -> pd.DataFrame:
    """Return one row per experiment, metric and group: agent, point of the grid, mean, interval."""
    names = [experiment.name for experiment in plan.experiments]
    settings = pd.DataFrame([{"experiment": name, **one} for name, one in zip(names, plan.settings, strict=True)])
    return settings.merge(result.summary(), on="experiment", how="left", validate="one_to_many")


def rows_of(result: Result, names: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the rows of a table to read: one row per experiment, one column per metric and group."""
    summary = result.summary()
    summary = summary[~summary["metric"].str.startswith("agent.")]
    cells = {
        (row["experiment"], _heading(row)): f"{row['mean']:.4g} [{row['low']:.4g}, {row['high']:.4g}]"
        for row in summary.to_dict("records")
    }
    headings = list(dict.fromkeys(heading for _, heading in cells))
    return ["experiment", *headings], [[name, *(cells.get((name, one), "-") for one in headings)] for name in names]


def save_sweep(folder: Path, plan_text: str, plan: Plan, result: Result, command: str) -> None:
    """Write the folder, completely or not at all."""
    with atomic_folder(check_replaceable(folder, FILES)) as place:
        result.write_into(place)
        (place / PLAN_FILE).write_text(plan_text, encoding="utf-8")
        last_values(result, plan).to_csv(place / TABLE_FILE, index=False)
        (place / README_FILE).write_text(_readme(plan, result, command), encoding="utf-8")


def _readme(plan: Plan, result: Result, command: str) -> str:
    headings, rows = rows_of(result, [experiment.name for experiment in plan.experiments])
    lines = [headings, ["---"] * len(headings), *rows]
    one = plan.experiments[0]
    return (
        f"# A sweep of {one.env_id}\n\n{len(plan.experiments)} experiments of {one.steps:,} steps and "
        f"{one.num_envs:,} seeds, made by `{command}` with fairgym "
        f"{result.config['versions']['fairgym']}. Values at the last step, mean over seeds with 95 % interval:\n\n"
        + "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
        + f"\n\n`{PLAN_FILE}`: the plan. `{TABLE_FILE}`: this table with one row per number. `{CONFIG_FILE}`: "
        f"parameters, seeds and versions. `{FRAME_FILE}`: one row per experiment, lane (its seed), step, metric "
        "and group; read it with `fairgym.result.Result.load(folder)` or pandas.\n"
    )


def _heading(row: Mapping[Any, Any]) -> str:
    return f"{row['metric']}, {row['group']}" if row["group"] else str(row["metric"])
