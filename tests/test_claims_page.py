"""docs/claims.md speaks of the claims that the package has, with the verdicts that it records."""

import re
from pathlib import Path

import pytest

from fairgym.scenarios import SCENARIOS, load_scenario
from fairgym.scenarios.base import OPEN

PAGE = Path(__file__).parent.parent / "docs" / "claims.md"
REMAKE = "see scripts/make_claims_page.py for the runs that it is made from"


def rows_of(name):
    """Return the rows of one section as lists of cells."""
    text = PAGE.read_text(encoding="utf-8")
    start = re.search(rf"^## {re.escape(name)}$", text, re.MULTILINE)
    assert start, f"docs/claims.md has no section {name!r}: {REMAKE}"
    section = text[start.end() :].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines() if line[:1] == "|"]
    return rows[2:]


def recorded(scenario, claim):
    """Return the verdict at the scenario's default size: the recorded one, unless it takes more seeds."""
    return OPEN if claim.fewest_lanes > scenario.lanes else claim.expected


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_claim_stands_on_the_page_with_its_recorded_verdict(name):
    scenario = load_scenario(name)
    shown = {(row[0], row[1], row[-1]) for row in rows_of(name)}
    assert shown == {(claim.name, claim.text, recorded(scenario, claim)) for claim in scenario.claims}, REMAKE
