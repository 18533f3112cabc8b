"""Plan: the experiments that a small TOML file describes, one for each agent and each combination of a grid."""

from __future__ import annotations

import itertools
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairgym.checks import InputError, require, suggestion
from fairgym.experiment import Experiment
from fairgym.sweep.objects import build

NEEDED = ("world", "steps", "agents", "trackers")
TABLES = ("parameters", "grid", "agents", "trackers")
KNOWN = (*NEEDED, "seeds", "seed", "every", "parameters", "grid")


@dataclass(frozen=True)
class Plan:
    """What is to be run."""

    experiments: tuple[Experiment, ...]
    settings: tuple[dict[str, Any], ...]
    """For each experiment, its agent and its point of the grid by name."""


def read_plan(file: str | Path, **changes: int | None) -> Plan:
    """Return the plan in a TOML file, with some of its numbers changed; raises ``InputError`` naming what is wrong."""
    file = Path(file)
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not TOML ({error}): mend it.") from error
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): give a TOML file.") from error
    return make_plan({**given, **{key: value for key, value in changes.items() if value is not None}}, str(file))


def make_plan(given: Mapping[str, Any], where: str = "the plan") -> Plan:
    """Return the plan that a mapping with the keys of the file describes; ``where`` names it in refusals."""
    _check_keys(given, where)
    agents = {name: build(one, f"agents.{name}") for name, one in given["agents"].items()}
    trackers = {name: build(one, f"trackers.{name}") for name, one in given["trackers"].items()}
    sizes = {"num_envs": given.get("seeds", 100), "seed": given.get("seed", 0), "every": given.get("every")}
    experiments, settings = [], []
    for point in _points(given.get("grid", {})):
        for name, agent in agents.items():
            title = ", ".join([name, *(f"{key}={_shown(value)}" for key, value in point.items())])
            params = {**given.get("parameters", {}), **point}
            experiments.append(
                Experiment(title, given["world"], agent, trackers, given["steps"], env_params=params, **sizes)
            )
            settings.append({"agent": name, **point})
    return Plan(tuple(experiments), tuple(settings))


def _check_keys(given: Mapping[str, Any], where: str) -> None:
    """Refuse unknown keys, missing ones, and tables that are none."""
    for key in given:
        require(key in KNOWN, f"{where} has the unknown key {key!r}: {suggestion(key, KNOWN)}")
    for key in NEEDED:
        require(key in given, f"{where} has no {key!r}: it needs {', '.join(NEEDED)}.")
    for key in TABLES:
        table = given.get(key, {})
        require(
            isinstance(table, Mapping), f"{key}={table!r} in {where} is not a table: write [{key}] and lines below."
        )
        require(key not in NEEDED or len(table) > 0, f"{key} in {where} is empty: give at least one.")
    for key in given.get("grid", {}):
        twice = key in given.get("parameters", {})
        require(not twice, f"{where} gives {key!r} in [parameters] and in [grid]: leave one out.")


def _points(grid: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every combination of the values of the grid, the last key changing fastest."""
    for key, values in grid.items():
        fits = isinstance(values, list) and len(values) > 0
        require(fits, f"grid.{key}={values!r} is not a list of values: write for example {key} = [0.5, 1.0].")
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def _shown(value: Any) -> str:
    """Return a value as it stands in the name of an experiment."""
    return value if isinstance(value, str) else json.dumps(value, default=str)
