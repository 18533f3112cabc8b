"""The two-year paradox against numbers worked by hand, and its claims against tables in which they are not true."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from fairgym.checks import InputError
from fairgym.cli import app
from fairgym.result import Result
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS
from fairgym.scenarios.two_year_paradox import ACCEPTED, QUALIFIED, SCENARIO, by_group, part, tables, tabulate


@pytest.fixture(scope="module")
def result() -> Result:
    return SCENARIO.run()


def verdicts(result: Result) -> dict[str, str]:
    return {verdict.claim.name: verdict.verdict for verdict in SCENARIO.check(result)}


def test_rates_by_hand(result):
    assert by_group(result, "tpr", 1).tolist() == [0.8, 0.8]  # 240 / 300 and 80 / 100
    assert by_group(result, "tpr", 2).tolist() == [0.4, 0.4]  # 40 / 100 and 120 / 300
    assert by_group(result, "year_share", 1).tolist() == [0.75, 0.25]
    assert by_group(result, "aggregate_tpr").tolist() == [0.7, 0.5]  # 280 / 400 and 200 / 400


def test_decomposition_by_hand(result):
    """Composition: (.75 - .25) * .8 + (.25 - .75) * .4 = .4 - .2; z: .2 / sqrt(.6 * .4 * 2 / 400) = 5.77."""
    assert part(result, "aggregate") == pytest.approx(0.2, abs=1e-15)
    assert part(result, "within") == 0
    assert part(result, "composition") == pytest.approx(0.2, abs=1e-15)
    assert part(result, "flag") == 1
    assert part(result, "aggregate_z") == pytest.approx(5.7735, abs=5e-5)
    assert part(result, "largest_period_z") == 0


def test_verdicts_are_those_recorded(result):
    assert all(verdict.as_expected for verdict in SCENARIO.check(result))
    assert set(verdicts(result).values()) == {HOLDS}


def test_it_is_found_by_name():
    assert load_scenario("two-year-paradox") is SCENARIO


@pytest.mark.parametrize(
    ("accepted", "qualified", "failing"),
    [
        pytest.param([[240, 81], [40, 120]], QUALIFIED, {"P1", "P4", "P5"}, id="one more loan in one year"),
        pytest.param([[160, 160], [80, 80]], [[200, 200], [200, 200]], {"P2", "P6"}, id="groups come alike"),
        pytest.param([[180, 60], [60, 180]], QUALIFIED, {"P2", "P6"}, id="the bank lends alike in both years"),
        pytest.param([[24, 8], [4, 12]], np.array(QUALIFIED) / 10, {"P6"}, id="too few people to tell"),
    ],
)
def test_claims_fail_where_they_are_not_true(accepted, qualified, failing):
    """With a tenth of the people z is 5.77 / sqrt(10) = 1.83, below 1.96."""
    found = verdicts(tabulate(np.array(accepted), np.array(qualified)))
    assert {name for name, verdict in found.items() if verdict == FAILS} == failing
    assert {name for name, verdict in found.items() if verdict == HOLDS} == set(found) - failing


def test_the_sum_fails_where_a_total_is_wrong(result):
    wrong = result.frame.copy()
    wrong.loc[wrong["metric"] == "aggregate_tpr", "value"] += 0.001
    assert verdicts(Result(wrong, result.config))["P3"] == FAILS


def test_tables_show_the_counts(result):
    figures = SCENARIO.figures(result)
    assert set(figures) == {"tables", "who-came-when"}
    (table,) = tables(result).axes[0].tables
    cells = {place: cell.get_text().get_text() for place, cell in table.get_celld().items()}
    assert cells[1, 0] == "240 of 300\n80%"
    assert (cells[3, 0], cells[3, 1]) == ("280 of 400\n70%", "200 of 400\n50%")


def test_command_line_writes_the_report(tmp_path):
    folder = tmp_path / "report"
    answer = CliRunner().invoke(app, ["run", "two-year-paradox", "--out", str(folder), "--check"])
    assert answer.exit_code == 0, answer.output
    assert [claim["verdict"] for claim in json.loads((folder / "claims.json").read_text())] == [HOLDS] * 6
    assert json.loads((folder / "config.json").read_text())["experiments"][0]["accepted"] == [list(r) for r in ACCEPTED]
    assert by_group(Result.load(folder), "aggregate_tpr").tolist() == [0.7, 0.5]
    assert (folder / "figures" / "tables.png").is_file()


def test_it_cannot_be_given_seeds():
    with pytest.raises(InputError, match="computed, not simulated"):
        SCENARIO.settings(lanes=3)
