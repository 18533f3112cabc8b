"""The claims of ``farming``, on fixed seeds, and that they fail where they should."""

from __future__ import annotations

import pytest

from fairgym.result import Result
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, OPEN
from fairgym.scenarios.farming import HONEST, ORIGINAL, per_step
from tests.scenarios.verdicts import assert_safe, names, verdicts

SCENARIO = load_scenario("farming")


def run(lanes: int, steps: int | None = None, **changes) -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=lanes, steps=steps, **changes), jobs=1)


@pytest.fixture(scope="module")
def quick() -> Result:
    return run(20)


def test_the_recorded_verdicts_are_there_with_20_seeds(quick):
    """Those that hold do so by 4 standard errors; the rewards are within 4 of the prototype's."""
    found = verdicts(SCENARIO, quick)
    assert {name: one.verdict for name, one in found.items()} == {one.name: one.expected for one in SCENARIO.claims}
    assert_safe(found.values(), 4)


def test_reward_is_that_of_the_incidents(quick):
    """Mixed reward: discovered minus a quarter of the missed, here per step from the totals of one run."""
    found, occurred, reward = (per_step(quick, ORIGINAL, HONEST, what) for what in ("discovered", "occurred", "reward"))
    assert reward == pytest.approx(found - 0.25 * (occurred - found), abs=1e-12)


def test_claims_fail_where_farming_does_not_pay():
    """Where a missed incident costs five and harvests come late, letting sites grow is dear."""
    found = verdicts(SCENARIO, run(20, 400, env_params={"missed_weight": 5.0}))
    assert {"F1", "F3", "T1"} <= names(found, FAILS)
    assert "F5" not in names(found, OPEN)


def test_figures(quick):
    assert set(SCENARIO.figures(quick)) == {"reward-and-incidents", "incidents-over-time"}
