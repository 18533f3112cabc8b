"""``vaccine-gap``: the evaluation protocol by hand, the rules on fixed seeds, and claims that can fail."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairgym.result import Result, estimate, tidy
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN
from fairgym.scenarios.vaccine_gap import SCENARIO
from fairgym.scenarios.vaccine_gap.claims import (
    BALANCED,
    FEWEST,
    GREEDY,
    excess_of_the_absolute_gap,
    rewards,
    wasted,
)
from fairgym.scenarios.vaccine_gap.names import (
    DOSES,
    EFFECTIVE,
    FAIR_RANDOM,
    INFECTIONS,
    KEPT,
    NO_VACCINE,
    RANDOM,
    SPENT,
    bias,
    degree_gap,
    evaluations,
    signed_gap,
)
from tests.scenarios.verdicts import assert_safe, names, verdicts

LANES = 800


@pytest.fixture(scope="module")
def quick() -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=LANES), jobs=1)


def made_up(doses, infections, name="rule") -> Result:
    """Return a result with these counts by lane and community, (lanes, 2)."""
    records = [(20, metric, np.asarray(values)) for metric, values in ((DOSES, doses), (INFECTIONS, infections))]
    return Result(tidy(name, 0, records, ("a", "b")), {"experiments": []})


def test_one_evaluation_by_hand():
    """Three episodes: doses 6 and 3, infections 3 and 6: 6 / (3 + 3) and 3 / (6 + 3)."""
    result = made_up([[1, 0], [2, 3], [3, 0]], [[1, 2], [1, 2], [1, 2]])
    np.testing.assert_allclose(evaluations(result, DOSES, "rule"), [[1, 1 / 3]])
    np.testing.assert_allclose(bias(result, DOSES, "rule"), [2 / 3])
    np.testing.assert_allclose(signed_gap(result, DOSES, "rule"), [2 / 3])


def test_evaluations_have_200_episodes():
    """450 lanes are two; in the second the communities have exchanged places."""
    doses = np.array([[1.0, 0.0]] * 200 + [[0.0, 1.0]] * 250)
    result = made_up(doses, np.ones((450, 2)))
    np.testing.assert_allclose(signed_gap(result, DOSES, "rule"), [0.5, -0.5])
    np.testing.assert_allclose(bias(result, DOSES, "rule"), [0.5, 0.5])


def test_the_absolute_gap_of_luck_by_hand():
    doses = np.array([[1.0, 0.0]] * 400 + [[0.0, 1.0]] * 200)
    result = made_up(doses, np.ones((600, 2)), BALANCED)
    assert excess_of_the_absolute_gap(result).value == pytest.approx(0.5 - 0.5 / 3)


def pooled(result: Result, supply: str, name: str) -> float:
    return float(signed_gap(result, supply, name).mean())


@pytest.mark.parametrize(
    ("name", "reward", "gap", "useful"),
    [
        (NO_VACCINE, 0.058, 0.0, 0.0),
        (RANDOM, 0.130, -0.185, -0.185),
        (FAIR_RANDOM, 0.099, 0.012, 0.012),
        (GREEDY, 0.194, -0.372, -0.824),
        (degree_gap(5, SPENT), 0.192, -0.125, -0.601),
        (BALANCED, 0.188, -0.020, -0.515),
        (degree_gap(12, SPENT), 0.182, 0.080, -0.446),
        (degree_gap(20, SPENT), 0.1675, 0.236, -0.355),
        (degree_gap(8, KEPT), 0.188, -0.469, -0.469),
        ("fair random, original", 0.167, -0.005, -0.005),
        ("degree, original", 0.2675, -0.593, -0.593),
        ("betweenness, original", 0.270, -0.564, -0.564),
    ],
)
def test_rules_give_what_4000_seeds_gave(quick, name, reward, gap, useful):
    """Within 4 standard errors of the difference to 4,000 seeds, and the rounding, which also hold these 800."""
    ours = estimate(rewards(quick, name))
    assert abs(ours.mean - reward) < 4 * ours.standard_error * np.sqrt(1.2) + 0.0005
    for supply, expected in ((DOSES, gap), (EFFECTIVE, useful)):
        error = 0.055 / np.sqrt(LANES / 200) * np.sqrt(1.2)  # .055: the largest spread of an evaluation
        assert abs(pooled(quick, supply, name) - expected) < 4 * error
    if name == FAIR_RANDOM:
        assert abs(pooled(quick, DOSES, name)) < 0.03


def test_claims_that_need_no_evaluations_are_decided(quick):
    found = verdicts(SCENARIO, quick)
    assert names(found, HOLDS) >= {"V1", "V3", "V5a", "V6b", "V6c", "V8"}
    assert not names(found, FAILS)
    assert all(one.as_expected for one in found.values())
    assert {name for name in found if found[name].verdict == OPEN} == {"V2", "V4", "V5b", "V5c", "V6a", "V7"}


def test_with_enough_evaluations_the_others_hold_too():
    """The seeds of 20 evaluations decide every claim as recorded; what holds has 3 standard errors in hand.

    That an evaluation overstates the gap (V4) has less: its excess is skewed, and 20 of them say little more than that
    there is one.
    """
    found = verdicts(SCENARIO, SCENARIO.run(SCENARIO.settings(lanes=FEWEST), jobs=1))
    assert names(found, HOLDS) == set(found)
    assert_safe([one for name, one in found.items() if name != "V4"], 3)


def test_without_wasted_doses_the_waste_claim_fails(quick):
    """Useful doses set to all doses: nothing is wasted, and the bias in useful doses is the small one."""
    frame = quick.frame[quick.frame["metric"] != EFFECTIVE]
    useful = frame[frame["metric"] == DOSES].assign(metric=EFFECTIVE)
    honest = Result(pd.concat([frame, useful], ignore_index=True), quick.config)
    assert wasted(honest).value == 0
    assert verdicts(SCENARIO, honest)["V5a"].verdict == FAILS


def test_a_milder_infection_fails_the_reward_claims():
    mild = SCENARIO.run(
        SCENARIO.settings(lanes=60, env_params={"recovery_probability": 0.0, "doses": 1, "burn_in": 8}), jobs=1
    )
    found = verdicts(SCENARIO, mild)
    assert {"V1", "V3"} <= names(found, FAILS)


def test_the_figure_shows_both_ways_of_counting(quick):
    (axes,) = SCENARIO.figures(quick)["reward-against-bias"].axes
    given, useful = axes.lines[:2]
    assert given.get_xdata()[2] == pytest.approx(bias(quick, DOSES, BALANCED).mean())
    assert useful.get_xdata()[2] == pytest.approx(bias(quick, EFFECTIVE, BALANCED).mean())
    np.testing.assert_array_equal(given.get_ydata(), useful.get_ydata())


def test_it_is_found_by_name():
    assert load_scenario("vaccine-gap") is SCENARIO
