"""The claims of ``delayed-impact``, on fixed seeds, and that they fail where they should."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from fairgym.populations import two_groups
from fairgym.result import Result
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN, distance
from fairgym.scenarios.delayed_impact import claims
from fairgym.scenarios.delayed_impact.archived import ARCHIVED, ARCHIVED_LANES, CHECKPOINTS
from fairgym.scenarios.delayed_impact.names import EQUAL_OPPORTUNITY, MAX_REWARD, shares
from tests.scenarios.verdicts import assert_safe, names, verdicts

SCENARIO = load_scenario("delayed-impact")
LATE = {"L5", "T1", "T2"}
"""Claims that need all 20,000 steps."""
OF_TABLES = {"L10a", "L10b"}
"""Claims that are computed from the tables of the paper's population, whatever was run."""


def run(lanes: int, steps: int, **changes) -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=lanes, steps=steps, **changes), jobs=1)


@pytest.fixture(scope="module")
def quick() -> Result:
    return run(100, 2_500)


def test_the_story_is_there_after_2500_steps(quick):
    """The margin is 4 standard errors; people have not piled up under the threshold yet (L2a: half of them)."""
    found = verdicts(SCENARIO, quick)
    assert names(found, FAILS) == {"L2a"}
    assert names(found, OPEN) == LATE
    for name in LATE:
        assert "was not recorded" in found[name].note
    assert_safe(found.values(), 4)


def test_the_first_threshold_by_hand():
    """Everybody's TPR is that of lending to the advantaged from score 3 on; score 2 of the others fills the rest."""
    repays = [Fraction(number, 100) for number in (10, 20, 45, 60, 65, 70, 70)]
    advantaged, disadvantaged = (
        [Fraction(tenth, 10) * chance for tenth, chance in zip(tenths, repays, strict=True)]
        for tenths in ((0, 1, 1, 2, 3, 3, 0), (1, 1, 2, 3, 3, 0, 0))
    )
    rate = sum(advantaged[3:]) / sum(advantaged)
    share_of_score_2 = (rate * sum(disadvantaged) - sum(disadvantaged[3:])) / disadvantaged[2]
    threshold = 3 * (1 - share_of_score_2) + 2 * share_of_score_2
    result = run(2, 3)
    assert claims.threshold_at_first(result).value == pytest.approx(float(threshold), abs=1e-12)
    assert claims.target_at_first(result).value == pytest.approx(float(rate), abs=1e-12)
    assert round(float(share_of_score_2), 2) == 0.73


def test_the_steady_state_is_that_of_the_chain():
    """Lending to everybody moves a person up with the probability of repaying, else down, and stops at the ends."""
    up = two_groups().repayment[0]
    chain = np.zeros((7, 7))
    for score in range(7):
        chain[score, min(score + 1, 6)] += up[score]
        chain[score, max(score - 1, 0)] += 1 - up[score]
    long_after = np.linalg.matrix_power(chain, 5_000)
    for start in range(7):
        np.testing.assert_allclose(long_after[start], claims.lend_to_all_steady_state(up), atol=1e-12)


@pytest.mark.parametrize("policy", [EQUAL_OPPORTUNITY, MAX_REWARD])
def test_the_first_columns_of_the_archived_table(quick, policy):
    """At steps 901 and 2,401 no cell is more than 4 standard errors of the difference away."""
    ours, published, rounding = [], [], []
    for (name, metric, group), numbers in ARCHIVED.items():
        if name == policy:
            ours += [quick.estimate(metric, experiment=name, group=group, step=step) for step in CHECKPOINTS[:2]]
            published += numbers[:2]
            rounding += [(0.5 if metric == "loans" else 0.0005) / np.sqrt(3)] * 2
    assert len(published) == (14 if policy == EQUAL_OPPORTUNITY else 12)
    assert distance(ours, published, ARCHIVED_LANES, rounding).value < 4
    shifted = [number + 0.03 if number < 1 else 1.1 * number for number in published]
    assert distance(ours, shifted, ARCHIVED_LANES, rounding).value > 4


def test_measurements_by_hand(quick):
    """Two of them, from the frame alone."""
    last = (
        quick.frame[quick.frame["step"] == 2_500]
        .set_index(["experiment", "metric", "group", "lane"])["value"]
        .sort_index()
    )
    gain = {
        group: last[EQUAL_OPPORTUNITY, "loans", group] - last[MAX_REWARD, "loans", group]
        for group in ("advantaged", "disadvantaged")
    }
    difference = (gain["disadvantaged"] - gain["advantaged"]).mean()
    assert claims.difference_of_gains(quick).value == pytest.approx(difference, rel=1e-12)
    assert claims.gain_in_loans(quick).value == pytest.approx(min(one.mean() for one in gain.values()), rel=1e-12)
    profit = last[EQUAL_OPPORTUNITY, "profit", ""] - last[MAX_REWARD, "profit", ""]
    assert claims.extra_profit(quick).value == pytest.approx(profit.mean() / 2_500, rel=1e-12)
    assert shares(quick, MAX_REWARD, "advantaged").shape == (100, 7)
    np.testing.assert_allclose(shares(quick, MAX_REWARD, "advantaged").sum(axis=1), 1, atol=1e-12)


WORLDS = {
    "scores stand still": ({"score_moves": False}, {"L2a", "L2b", "L4b", "L6a", "L7", "L8", "N1"}),
    "loans never pay": ({"interest_rate": 0.1}, {"L2a", "L2b", "L4a", "L4b", "L6a", "L6b", "L7", "L8", "L12", "N1"}),
    "scores only rise": ({"score_loss": 0.0}, {"L2a", "L2b", "L7", "L8"}),
    "scores are misread": ({"score_error": 0.3}, {"L2a", "L11"}),
    "nobody disadvantaged comes": ({"group_shares": [1.0, 0.0]}, {"L2a", "L2b", "L6a", "L6b", "L8"}),
}


@pytest.mark.parametrize("world", WORLDS)
def test_claims_fail_in_worlds_in_which_they_are_wrong(world):
    params, wrong = WORLDS[world]
    found = verdicts(SCENARIO, run(40, 2_500, env_params=params))
    assert wrong <= names(found, FAILS)
    for name in wrong:
        assert not found[name].as_expected
    assert names(found, HOLDS) >= OF_TABLES


def test_claims_about_tables_fail_for_other_tables(monkeypatch):
    result = run(2, 2)
    other = replace(two_groups(), repayment=np.tile(np.linspace(0.3, 0.5, 7), (2, 1)))
    monkeypatch.setattr(claims, "two_groups", lambda: other)
    found = verdicts(SCENARIO, result)
    assert names(found, FAILS) >= OF_TABLES


def test_groups_that_start_alike_do_not_drift_apart():
    same = two_groups().to_mapping()
    same["distribution"] = [same["distribution"][0]] * 2
    found = verdicts(SCENARIO, run(40, 2_500, env_params={"population": same}))
    assert {"L1", "L4a"} <= names(found, FAILS)
    assert {"L3", "L6b", "L8"} <= names(found, OPEN)


def test_other_people_leave_claims_about_groups_undecided():
    result = run(3, 60, population="transrisk")
    found = verdicts(SCENARIO, result)
    assert {"L1", "L2a", "L3", "L4a", "L6a", "L7", "L8"} <= names(found, OPEN)
    assert "'advantaged' was not recorded" in found["L6a"].note
    assert set(SCENARIO.figures(result)) == {"loans-and-credit", "scores", "equal-opportunity"}


def test_the_default_size_gives_the_recorded_verdicts():
    """All of them, those that hold with a margin of at least 4 standard errors of the mean over lanes.

    The two tables (T1, T2) allow 4 standard errors of the difference in the worst of 42 and 36 cells.
    """
    result = SCENARIO.run(SCENARIO.settings())
    found = verdicts(SCENARIO, result)
    assert {name: one.verdict for name, one in found.items()} == {one.name: one.expected for one in SCENARIO.claims}, {
        name: str(one.measured) for name, one in found.items()
    }
    assert_safe(found.values(), 4)

    changed = {"loans": 1.1, "agent.target_rate": -1.0}
    factors = result.frame["metric"].map(changed).fillna(1.0)
    wrong = Result(result.frame.assign(value=result.frame["value"] * factors), result.config)
    assert names(verdicts(SCENARIO, wrong), FAILS) >= LATE
