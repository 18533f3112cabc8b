"""Report: a scenario that was run, as a claims table in the terminal and as a folder that a person can hand on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fairgym.experiment import plain
from fairgym.folder import atomic_folder, check_replaceable
from fairgym.plots import STYLE
from fairgym.result import CONFIG_FILE, FRAME_FILE, Result
from fairgym.scenarios.base import FAILS, HOLDS, OPEN, Scenario, Settings, Verdict

CLAIMS_FILE, FIGURES, TABLES, README_FILE = "claims.json", "figures", "tables", "README.md"
FILES = (CLAIMS_FILE, CONFIG_FILE, FRAME_FILE, FIGURES, TABLES, README_FILE)
"""What the folder of a report holds."""
VERDICT_STYLES = {HOLDS: "green", FAILS: "red", OPEN: "yellow"}


@dataclass(frozen=True)
class Report:
    """A scenario, what it recorded and what became of its claims."""

    scenario: Scenario
    settings: Settings
    result: Result
    verdicts: Sequence[Verdict]
    command: str
    """The command that makes this report again."""

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the scenario's tables by name, where it has any."""
        return {} if self.scenario.tables is None else self.scenario.tables(self.result)

    def save(self, folder: str | Path) -> Path:
        """Write claims, configuration, frame, figures and a README into ``folder``, completely or not at all."""
        folder = check_replaceable(folder, FILES)
        with atomic_folder(folder) as temporary:
            self.result.write_into(temporary)
            config = {**self.result.config, "scenario": self.scenario.name, "settings": plain(asdict(self.settings))}
            _write_json(temporary / CONFIG_FILE, {**config, "command": self.command})
            _write_json(temporary / CLAIMS_FILE, [verdict.as_dict() for verdict in self.verdicts])
            names = self._write_figures(temporary / FIGURES)
            self._write_tables(temporary / TABLES)
            (temporary / README_FILE).write_text(self._readme(names), encoding="utf-8")
        return folder

    def _write_figures(self, folder: Path) -> list[str]:
        folder.mkdir()
        with mpl.rc_context(STYLE):
            figures = self.scenario.figures(self.result)
            for name, figure in figures.items():
                figure.savefig(folder / f"{name}.png")
                figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        return list(figures)

    def _write_tables(self, folder: Path) -> None:
        for name, table in self.tables().items():
            folder.mkdir(exist_ok=True)
            table.to_csv(folder / f"{name}.csv", index=False)

    def _readme(self, figures: Sequence[str]) -> str:
        rows = [
            f"| {v.claim.name} | {v.claim.text} | {v.claim.source} | {v.measured or '-'} | {v.verdict} |"
            for v in self.verdicts
        ]
        notes = [f"- **{', '.join(names)}**: {note}" for note, names in notes_of(self.verdicts).items()]
        parts = [
            f"# {self.scenario.name}\n\n{self.scenario.title}\n\nSource: {self.scenario.paper}",
            f"Agents: {agents}." if (agents := agents_of(self.result)) else "",
            f"Made by `{self.command}` with fairgym {self.result.config['versions']['fairgym']}.",
            "## Claims\n\n| | claim | source | measured [95 % interval] | verdict |\n| --- | --- | --- | --- | --- |\n"
            + "\n".join(rows),
            "\n".join(notes),
            "\n\n".join(f"## {name}\n\n{_markdown(table)}" for name, table in self.tables().items()),
            "## Figures\n\n" + "\n\n".join(f"![{name}](figures/{name}.png)" for name in figures),
            f"## Files\n\n`{CLAIMS_FILE}`: every claim with source, region, measurement and verdict. `{CONFIG_FILE}`: "
            f"parameters, seeds and versions. `{FRAME_FILE}`: one row per experiment, lane (its seed), step, metric "
            "and group; read it with `fairgym.result.Result.load(folder)` or pandas.",
        ]
        return "\n\n".join(part for part in parts if part) + "\n"


def claims_table(reports: Sequence[Report]) -> Table:
    """Return the claims of one or several scenarios as a table for the terminal."""
    table = Table("", "claim", "measured \\[95 %]", "verdict", title="claims", show_lines=False, pad_edge=False)
    for report in reports:
        table.add_section()
        if len(reports) > 1:
            table.add_row("", f"[bold]{report.scenario.name}", "", "")
        if agents := agents_of(report.result):
            table.add_row("", f"[dim]{escape(agents)}", "", "")
        for verdict in report.verdicts:
            style = VERDICT_STYLES[verdict.verdict]
            surprise = "" if verdict.as_expected else f" [dim](recorded: {verdict.claim.expected})"
            measured = "-" if verdict.measured is None else escape(str(verdict.measured))
            judged = f"[{style}]{verdict.verdict}[/]{surprise}"
            table.add_row(verdict.claim.name, escape(verdict.claim.text), measured, judged)
    return table


def times_table(reports: Sequence[Report], seconds: Mapping[str, float]) -> Table:
    """Return how many claims of each scenario have which verdict, or not the recorded one, and its time, as a table."""
    table = Table("scenario", "claims", *VERDICT_STYLES, "unexpected", "time", title="scenarios", pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    table.columns[0].min_width = max(len(report.scenario.name) for report in reports)
    counts = {report.scenario.name: _counts(report.verdicts) for report in reports}
    for name, count in counts.items():
        table.add_row(name, *map(str, count), f"{seconds[name]:.1f} s")
    totals = [sum(column) for column in zip(*counts.values(), strict=True)]
    table.add_section()
    table.add_row("all", *map(str, totals), f"{sum(seconds.values()):.1f} s")
    return table


def _counts(verdicts: Sequence[Verdict]) -> list[int]:
    """Return how many claims there are, with which verdict, and with another than the recorded one."""
    each = [sum(verdict.verdict == kind for verdict in verdicts) for kind in VERDICT_STYLES]
    return [len(verdicts), *each, sum(not verdict.as_expected for verdict in verdicts)]


def agents_of(result: Result) -> str:
    """Return who decided in each experiment, and who of them read hidden truth; "" where nobody did."""
    agents = {one["name"]: one["agent"] for one in result.config["experiments"] if "agent" in one}
    names = [f"{name}: {agent['class']}{', oracle' * agent['oracle']}" for name, agent in agents.items()]
    oracles = any(agent["oracle"] for agent in agents.values())
    return "; ".join(names) + (" (an oracle reads hidden truth)" if oracles else "")


def print_notes(reports: Sequence[Report], console: Console) -> None:
    """Print what has to be said about verdicts, each note once with the claims that it is about."""
    for report in reports:
        for note, names in notes_of(report.verdicts).items():
            console.print(f"[bold]{', '.join(names)}[/]: {escape(note)}", highlight=False)


def notes_of(verdicts: Sequence[Verdict]) -> dict[str, list[str]]:
    """Return the names of the claims that each note is about."""
    notes: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.note:
            notes.setdefault(verdict.note, []).append(verdict.claim.name)
    return notes


def cells_of(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the rows of a table of words and numbers as text, numbers to three digits."""
    rows = [[cell if isinstance(cell, str) else f"{cell:.3g}" for cell in row] for row in table.to_numpy().tolist()]
    return [str(heading) for heading in table.columns], rows


def _markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown."""
    headings, rows = cells_of(table)
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n", encoding="utf-8")
