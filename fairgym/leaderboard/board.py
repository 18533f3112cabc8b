"""Running a leaderboard, and what it leaves: a table, a folder and a picture."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from rich.console import Console

from fairgym.agents import AcceptAll
from fairgym.experiment import Experiment, groups_of
from fairgym.folder import atomic_folder, check_replaceable
from fairgym.leaderboard.entrants import candidates
from fairgym.leaderboard.measures import Measure, measure_of
from fairgym.leaderboard.picture import tradeoff
from fairgym.leaderboard.ranking import DIFFERENCE, GAP, REWARD, standings
from fairgym.metrics import Difference, Gap, MeanReward, Tracker
from fairgym.plots import STYLE
from fairgym.result import CONFIG_FILE, FRAME_FILE, Result
from fairgym.sweep import sweep

TABLE_FILE, FIGURES, README_FILE = "leaderboard.csv", "figures", "README.md"
FILES = (TABLE_FILE, CONFIG_FILE, FRAME_FILE, FIGURES, README_FILE)
"""What the folder of a leaderboard holds."""


@dataclass(frozen=True)
class Leaderboard:
    """A leaderboard that was run."""

    env_id: str
    measure: Measure
    groups: tuple[str, ...]
    steps: int
    result: Result
    left_out: Mapping[str, str]
    """Agents that do not fit the world, with the reason."""

    @property
    def table(self) -> pd.DataFrame:
        """The standings."""
        return standings(self.result)

    @property
    def title(self) -> str:
        """What was run."""
        return f"{self.env_id}: {self.result.lanes:,} seeds, {self.steps:,} steps"

    @property
    def fairness(self) -> str:
        """The fairness number in words."""
        if len(self.groups) == 2:
            return f"{self.measure.name}, {self.groups[0]} minus {self.groups[1]}"
        return f"{self.measure.name}, largest gap"

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """Return headings and rows of the table to read; numbers are means over seeds with 95 % intervals."""
        shown = DIFFERENCE if len(self.groups) == 2 else GAP
        rows = [
            [
                row["agent"],
                " ".join(mark for column, mark in MARKS.items() if row[column]),
                _interval(row, REWARD),
                "-" if row["behind_low"] == row["behind_high"] == 0 else _interval(row, "behind"),
                _interval(row, shown, "+" if shown == DIFFERENCE else "")
                + (f", {row['seeds']} seeds" if row["seeds"] < self.result.lanes else ""),
                *([f"{row[GAP]:.3f}"] if shown == DIFFERENCE else []),
            ]
            for row in self.table.to_dict("records")
        ]
        gap = ["gap"] if shown == DIFFERENCE else []
        return ["agent", "", "reward per step", "behind the best, paired", self.fairness, *gap], rows

    def save(self, folder: str | Path, command: str) -> None:
        """Write table, frame, configuration, picture and README, completely or not at all."""
        with atomic_folder(check_replaceable(folder, FILES)) as place:
            self.result.write_into(place)
            config = json.dumps({**self.result.config, "command": command}, indent=2)
            (place / CONFIG_FILE).write_text(config + "\n", encoding="utf-8")
            self.table.to_csv(place / TABLE_FILE, index=False)
            (place / README_FILE).write_text(self._readme(command), encoding="utf-8")
            (place / FIGURES).mkdir()
            with mpl.rc_context(STYLE):
                figure = tradeoff(self.table, self.title, self._axis())
                figure.savefig(place / FIGURES / "tradeoff.png")
                figure.savefig(place / FIGURES / "tradeoff.svg", metadata={"Date": None})

    def _axis(self) -> str:
        """Return what the picture shows to the right."""
        between = (
            f"between {self.groups[0]} and {self.groups[1]}" if len(self.groups) == 2 else "between any two groups"
        )
        return f"difference in {self.measure.name} {between}"

    def _readme(self, command: str) -> str:
        headings, rows = self.rows()
        lines = [headings, ["---"] * len(headings), *rows]
        left_out = "".join(f"\n- {name}: {reason}" for name, reason in self.left_out.items())
        return (
            f"# {self.title}\n\nMade by `{command}` with fairgym {self.result.config['versions']['fairgym']}.\n\n"
            + "\n".join(f"| {' | '.join(line)} |" for line in lines)
            + f"\n\n{EXPLANATION}\n\n![reward against inequality](figures/tradeoff.png)\n"
            + (f"\nLeft out, because they do not fit this world:\n{left_out}\n" if left_out else "")
        )


MARKS = {"front": "*", "oracle": "oracle", "shared": "shared"}
EXPLANATION = (
    "[95 % intervals over seeds] * no other agent has both more reward and less inequality; oracle: reads hidden "
    "truth; shared: all seeds learn together, so they are not independent; seeds are counted where some have no number."
)


def run_leaderboard(
    env_id: str,
    seeds: int = 100,
    steps: int | None = None,
    env_params: Mapping[str, Any] | None = None,
    wanted: Sequence[str] = (),
    console: Console | None = None,
    **how: Any,
) -> Leaderboard:
    """Run every agent that fits a world, and those ``wanted`` (``module:Class``), on the same seeds.

    ``how`` goes to ``sweep``: backend, jobs, folder.
    """
    params = dict(env_params or {})
    env = Experiment("fit", env_id, AcceptAll(), {REWARD: MeanReward()}, 1, num_envs=2, env_params=params).make()
    agents, left_out = candidates(env, wanted)
    groups = groups_of(env)
    env.close()
    measure = measure_of(env_id, params)
    steps = measure.steps if steps is None else steps
    trackers: dict[str, Tracker] = {
        REWARD: MeanReward(),
        measure.name: measure.by_group(),
        GAP: Gap(measure.by_group()),
    }
    if len(groups) == 2:
        trackers[DIFFERENCE] = Difference(measure.by_group(), 0, 1)
    experiments = [
        Experiment(name, env_id, agent, trackers, steps, seeds, every=[steps], env_params=params)
        for name, agent in agents.items()
    ]
    return Leaderboard(env_id, measure, groups, steps, sweep(experiments, console=console, **how), left_out)


def _interval(row: Mapping[Any, Any], name: str, sign: str = "") -> str:
    """Return a mean with its interval in words, with the decimals that the interval's half width deserves."""
    mean, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    half = (high - low) / 2
    decimals = max(0, -math.floor(math.log10(half / 3))) if half > 0 else 3
    return f"{mean:{sign}.{decimals}f} [{low:{sign}.{decimals}f}, {high:{sign}.{decimals}f}]"
