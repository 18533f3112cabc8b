"""The claims of ``simpson-tpr``, on fixed seeds, and that they fail where they should."""

from __future__ import annotations

from fractions import Fraction

import gymnasium
import numpy as np
import pytest

from fairgym.agents import AcceptAll, RandomAgent
from fairgym.checks import InputError
from fairgym.metrics import SimpsonDecomposition, simpson_decomposition
from fairgym.result import Result, estimate
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN, distance
from fairgym.scenarios.simpson_tpr import (
    DYNAMIC,
    PUBLISHED,
    PUBLISHED_LANES,
    STATIC,
    STEPS,
    expected_gap,
    gap,
    noise_of_gap,
)
from tests.experiment.small import experiment
from tests.experiment.small import result as made_up
from tests.scenarios.verdicts import assert_safe, names, verdicts

SCENARIO = load_scenario("simpson-tpr")
EARLY = [step for step in STEPS if step <= 2_000]


def run(lanes: int, steps: int, **changes) -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=lanes, steps=steps, **changes), jobs=1)


@pytest.fixture(scope="module")
def quick() -> Result:
    return run(300, 2_000)


def test_the_paradox_is_there_after_2000_steps(quick):
    """The gap is larger in the population that moves, and its expectation is not zero: by more than 4 errors."""
    found = verdicts(SCENARIO, quick)
    for name in ("L9d", "L13a", "L13b"):
        assert found[name].verdict == HOLDS
        assert_safe([found[name]], 4)
    assert not names(found, FAILS)
    for name in ("L9a", "L9b", "L9c"):
        assert found[name].verdict == OPEN
        assert "step=5000 was not recorded" in found[name].note


@pytest.mark.parametrize("population", [DYNAMIC, STATIC])
def test_the_curves_are_those_of_the_paper(quick, population):
    """At none of 7 steps is the mean gap more than 4 standard errors of the difference from figure 5."""
    ours = [estimate(np.abs(gap(quick, population, step))) for step in EARLY]
    published = PUBLISHED[population][: len(EARLY)]
    assert distance(ours, published, PUBLISHED_LANES).value < 4
    assert distance(ours, [1.4 * number for number in published], PUBLISHED_LANES).value > 4


def test_the_static_gap_is_sampling_noise(quick):
    ours = [estimate(np.abs(gap(quick, STATIC, step))) for step in EARLY[3:]]
    assert distance(ours, [noise_of_gap(step) for step in EARLY[3:]]).value < 4
    assert distance(ours, [1.25 * noise_of_gap(step) for step in EARLY[3:]]).value > 4


def test_sampling_noise_by_hand():
    """1,000 steps bring 295 and 247.5 qualified people on average, each accepted with probability 525 / 590."""
    rate = Fraction(525, 590)
    variance = rate * (1 - rate) * (1 / Fraction(295) + 1 / Fraction(2475, 10))
    assert noise_of_gap(1_000) == pytest.approx((2 / np.pi * float(variance)) ** 0.5, rel=1e-12)
    assert noise_of_gap(4_000) == pytest.approx(noise_of_gap(1_000) / 2, rel=1e-12)


def test_the_expected_gap_by_hand():
    """Two steps of a rate of .8, then .4; the qualified come at 1 and 3 (advantaged), 3 and 1 (disadvantaged).

    Between two recorded steps the trapezoidal rule takes the mean of both ends: (.8 * 1 + .4 * 3) / (1 + 3) = .5
    against (.8 * 3 + .4 * 1) / 4 = .7.
    """
    first = made_up(experiment=DYNAMIC, step=1, **{"agent.target_rate": [0.8, 0.8]})
    second = made_up(experiment=DYNAMIC, step=2, **{"agent.target_rate": [0.4, 0.4]})
    parts = [first.frame, second.frame]
    for group, weights in (("advantaged", (1, 3)), ("disadvantaged", (3, 1))):
        for step, weight in enumerate(weights, start=1):
            parts.append(made_up(experiment=DYNAMIC, step=step, credit=[weight, weight]).frame.assign(group=group))
    both = Result.concat([Result(part, first.config) for part in parts])
    np.testing.assert_allclose(expected_gap(both, DYNAMIC), [-0.2, -0.2], atol=1e-15)


def test_the_recorded_decomposition_is_that_of_the_counts():
    """One lane, two periods, against the decomposition of the table of its own counts."""
    for agent in (RandomAgent(0.5), AcceptAll()):
        ours = experiment(
            agent=agent, trackers={"simpson": SimpsonDecomposition(30)}, steps=60, num_envs=1, seed=3
        ).run()
        env = gymnasium.make("LendingEnv-v0", disable_env_checker=True)
        observation, info = env.reset(seed=3)
        agent.reset(env, 3)
        counts = np.zeros((2, 2, 2))
        for step in range(60):
            action = agent.act(observation, info)
            observation, *_, info = env.step(action)
            counts[:, step // 30, info["group"]] += [action * info["qualified"], info["qualified"]]
        for part, value in simpson_decomposition(*counts).items():
            np.testing.assert_allclose(ours.values(f"simpson.{part}").iloc[0], value, atol=1e-12, err_msg=part)


def test_claims_fail_in_a_population_that_stands_still():
    """Then both arms are the same runs, and what is left of the expected gap is rounding."""
    found = verdicts(SCENARIO, run(100, 1_000, env_params={"score_moves": False}))
    assert {"L9d", "L13b"} <= names(found, FAILS)
    assert found["L13a"].verdict == HOLDS
    assert found["L13c"].verdict == OPEN


def test_a_broken_decomposition_fails_the_identity(quick):
    frame = quick.frame
    value = frame["value"].where(frame["metric"] != "simpson.within", frame["value"] + 1e-6)
    assert verdicts(SCENARIO, Result(frame.assign(value=value), quick.config))["L13a"].verdict == FAILS


def test_other_shares_of_applicants_fail_the_curves():
    """With few disadvantaged applicants the gap is noisier than in the paper, at each of its first steps."""
    ours = run(100, 500, env_params={"group_shares": [0.9, 0.1]})
    steps = [step for step in STEPS if step <= 500]
    for population in (DYNAMIC, STATIC):
        sizes = [estimate(np.abs(gap(ours, population, step))) for step in steps]
        assert distance(sizes, PUBLISHED[population][: len(steps)], PUBLISHED_LANES).value > 4


def test_other_people_are_refused():
    for changes in ({"population": "transrisk"}, {"env_params": {"population": "transrisk"}}):
        with pytest.raises(InputError, match="has a population of its own"):
            SCENARIO.settings(**changes)


def test_the_default_size_gives_the_recorded_verdicts():
    """All of them, those that hold with a margin of at least 4 standard errors of the mean over lanes.

    The curves (L9a to L9c) allow 4 standard errors of the difference at the worst of their points. The observed gap
    (L13c) is left open below 10,000 seeds, with which it is 6.8 standard errors.
    """
    found = verdicts(SCENARIO, SCENARIO.run(SCENARIO.settings()))
    assert all(one.as_expected for one in found.values()), {name: str(one.measured) for name, one in found.items()}
    assert names(found, OPEN) == {"L13c"}
    assert_safe(found.values(), 4)
