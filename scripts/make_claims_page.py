"""Write docs/claims.md, the claims of every scenario with their verdicts, from the folders of a full run.

Run ``fairgym reproduce --check --out runs``, then ``fairgym run recourse-trees --data DIR --out runs/recourse-trees``,
which decides the claims about real data, and then ``python scripts/make_claims_page.py runs``. A test holds the page
against the claims of the package: their names, texts and recorded verdicts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fairgym.scenarios import SCENARIOS, load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN

PAGE = Path(__file__).parent.parent / "docs" / "claims.md"
INTRODUCTION = """# Claims

Every claim of every scenario at its default size, as `fairgym reproduce --check` prints it. A claim holds if the 95 %
interval of what was measured lies inside the region in which the paper puts it, does not hold if the interval lies
outside, and is not decided if it lies across the edge or cannot be measured. Claims about real data, which the user
gives with `fairgym run recourse-trees --data DIR`, were decided with all four data sets. What does not reproduce is a
finding: [findings.md](findings.md) tells the stories. The regions are in the `claims.json` of each run. Made by
`python scripts/make_claims_page.py runs`.
"""


def page(runs: Path) -> str:
    """Return the page for a folder with one folder per scenario."""
    claims = {name: json.loads((runs / name / "claims.json").read_text(encoding="utf-8")) for name in SCENARIOS}
    return "\n".join([INTRODUCTION, summary(claims), *(section(name, claims[name]) for name in SCENARIOS)])


def summary(claims: dict[str, list[dict[str, Any]]]) -> str:
    """Return how many claims of each scenario hold."""
    lines = [f"| scenario | paper | claims | {HOLDS} | {FAILS} | {OPEN} |", "| --- | --- | --- | --- | --- | --- |"]
    for name, rows in claims.items():
        counts = [sum(row["verdict"] == verdict for row in rows) for verdict in (HOLDS, FAILS, OPEN)]
        lines.append(
            f"| [{name}](#{name}) | {load_scenario(name).paper} | {len(rows)} | {' | '.join(map(str, counts))} |"
        )
    everything = [row["verdict"] for rows in claims.values() for row in rows]
    totals = [everything.count(verdict) for verdict in (HOLDS, FAILS, OPEN)]
    return "\n".join([*lines, f"| **all** | | {len(everything)} | {' | '.join(map(str, totals))} |", ""])


def section(name: str, rows: list[dict[str, Any]]) -> str:
    """Return the claims of one scenario, with the notes below."""
    scenario = load_scenario(name)
    lines = [f"## {name}", "", f"{scenario.title} Source: {scenario.paper}.", ""]
    lines += ["| | claim | quantity | measured [95 %] | verdict |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {row['name']} | {row['claim']} | {row['quantity']} | {measured(row)} | {row['verdict']} |" for row in rows
    ]
    notes = [f"- **{row['name']}**: {row['note']}" for row in rows if row["note"]]
    return "\n".join([*lines, "", *notes, ""] if notes else [*lines, ""])


def measured(row: dict[str, Any]) -> str:
    """Return the value, with its interval where it has a width."""
    if row["value"] is None:
        return "-"
    if None in row["interval"] or row["interval"][0] == row["interval"][1]:
        return f"{row['value']:.4g}"
    low, high = row["interval"]
    return f"{row['value']:.4g} [{low:.4g}, {high:.4g}]"


if __name__ == "__main__":
    PAGE.write_text(page(Path(sys.argv[1])), encoding="utf-8")
