"""``unequal-means``: its numbers by hand and against brute force, a small run, and claims that can fail."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

import fairgym  # noqa: F401 - registers the worlds
from fairgym.checks import InputError
from fairgym.experiment import rollout
from fairgym.metrics import MeanOfferCost
from fairgym.result import Result, tidy
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN, Settings
from fairgym.scenarios.recourse_over_time.measures import wider
from fairgym.scenarios.recourse_over_time.trackers import AtFirst
from fairgym.scenarios.unequal_means import measures
from fairgym.scenarios.unequal_means.arms import GroupAskedLender, experiments, lender
from fairgym.scenarios.unequal_means.names import (
    ALIKE,
    AWARE,
    CONTROL,
    COST,
    FOLLOW,
    NEVER,
    STRONGER,
    with_mean,
)
from fairgym.scenarios.unequal_means.trackers import EffortPerServed, trackers
from tests.scenarios.verdicts import names, verdicts

SCENARIO = load_scenario("unequal-means")
GROUPS = ("advantaged", "disadvantaged")
SMALL = {"places": 100}


@pytest.fixture(scope="module")
def small() -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=2, steps=12, env_params=SMALL), jobs=1)


def made_up(**metrics) -> Result:
    """Return a result of experiments {metric: {experiment: values by lane and group, (lanes, 2)}}."""
    import pandas as pd

    frames = [
        tidy(experiment, 0, [(50, metric, np.asarray(values, dtype=float))], GROUPS)
        for metric, by_experiment in metrics.items()
        for experiment, values in by_experiment.items()
    ]
    return Result(pd.concat(frames, ignore_index=True), {"experiments": []})


def test_every_claim_is_measured_and_none_is_decided_by_two_lanes(small):
    found = verdicts(SCENARIO, small)
    assert len(found) == len(SCENARIO.claims)
    assert names(found, OPEN) == set(found) - {"P4"}
    assert found["P4"].verdict == HOLDS


def test_figures_are_drawn(small):
    figures = SCENARIO.figures(small)
    assert set(figures) == {"paper-and-time", "survival", "funnel", "remedies", "means"}
    for figure in figures.values():
        figure.draw_without_rendering()


def test_groups_are_alike_in_features_and_repayment():
    """30,000 newcomers: the true chances of repaying differ by no more than 4 standard errors."""
    people = gymnasium.make("ReapplicationEnv-v0", population=ALIKE).unwrapped.credit_people
    features, repaid = people.book(30_000, 1)
    group = people.group_of(features)
    for column in range(1, features.shape[1]):
        one, other = (features[group == each, column] for each in (0, 1))
        error = np.hypot(one.std() / np.sqrt(len(one)), other.std() / np.sqrt(len(other)))
        assert abs(one.mean() - other.mean()) < 4 * error
    rates = [repaid[group == each].mean() for each in (0, 1)]
    assert abs(rates[1] - rates[0]) < 4 * np.sqrt(0.25 / 18_000 + 0.25 / 12_000)


def test_worlds_differ_in_means_alone():
    given = {one.name: dict(one.env_params) for one in experiments(Settings(lanes=2, steps=2))}
    means = {name: params.pop("means") for name, params in given.items()}
    assert all(params == given[AWARE] for params in given.values())
    assert [means[name] for name in (CONTROL, AWARE, with_mean(0.2))] == [(0.3, 0.3), (0.3, 0.1), (0.3, 0.2)]
    with pytest.raises(InputError, match="leave out means"):
        experiments(Settings(lanes=2, steps=2, env_params={"means": 0.3}))


def test_at_first_by_hand():
    """Two offers at first applications, of cost .1 and .3, and one of cost .9 at a second one."""
    tracker = AtFirst(MeanOfferCost())
    tracker.reset(1, 2)
    outcome = {
        "group": np.array([[0, 0, 0, 1]]),
        "applied": np.array([[1, 1, 1, 0]]),
        "tries": np.array([[1, 1, 2, 1]]),
        "offered": np.array([[1, 1, 1, 0]]),
        "offer_cost": np.array([[0.1, 0.3, 0.9, 0.0]]),
    }
    tracker.update(outcome, np.array([True]))
    np.testing.assert_allclose(tracker.compute(), [[0.2, np.nan]])


def test_effort_per_served_by_hand():
    """Served after a rejection are two, with efforts 0 and .4; who is served at once, or not, does not count."""
    tracker = EffortPerServed()
    tracker.reset(1, 2)
    outcome = {
        "group": np.array([[0, 0, 0, 0, 1]]),
        "applied": np.ones((1, 5), dtype=int),
        "decision": np.array([[1, 1, 1, 0, 0]]),
        "tries": np.array([[1, 2, 3, 2, 2]]),
        "effort_spent": np.array([[0.0, 0.0, 0.4, 0.7, 0.1]]),
    }
    tracker.update(outcome, np.array([True]))
    np.testing.assert_allclose(tracker.compute(), [[0.2, np.nan]])


class Recorder:
    """A tracker that keeps every outcome."""

    requires = ()

    def __init__(self) -> None:
        self.outcomes: list[dict[str, np.ndarray]] = []

    def reset(self, num_envs, num_groups) -> None:
        self.outcomes.clear()

    def begin(self, outcome, lanes=None) -> None:
        pass

    def update(self, outcome, live) -> None:
        self.outcomes.append({key: np.array(value) for key, value in outcome.items()})

    def compute(self):
        return np.zeros(1)


def test_numbers_are_those_of_brute_force():
    """One lane, person by person, step by step."""
    recorder, tried = Recorder(), trackers()
    env = gymnasium.make_vec(
        "ReapplicationEnv-v0", num_envs=1, places=200, offers="agent", population=ALIKE, means=(0.3, 0.1)
    )
    rollout(env, lender(0.05), {**tried, "all": recorder}, 15, seed=3)
    cost, follow, effort = [], [], []
    for outcome in recorder.outcomes:
        for person in range(200):
            one = {key: value[0, person] for key, value in outcome.items() if np.shape(value) == (1, 200)}
            if one["group"] != 1 or not one["applied"]:
                continue
            if one["offered"] and one["tries"] == 1:
                cost.append(one["offer_cost"])
            if one["offered"]:
                follow.append(one["followed"])
            if one["decision"] and one["tries"] > 1:
                effort.append(one["effort_spent"])
    assert min(len(cost), len(effort)) > 5
    for name, numbers in ((COST, cost), (FOLLOW, follow), ("effort_per_served", effort)):
        assert tried[name].compute()[0, 1] == pytest.approx(np.mean(numbers), abs=1e-12)


def test_relative_gaps_by_hand():
    """Following .6 and .3: half; a cost of .2 and .21: 5 %, a tenth of that."""
    result = made_up(**{FOLLOW: {AWARE: [[0.5, 0.25], [0.7, 0.35]]}, COST: {AWARE: [[0.2, 0.21], [0.2, 0.21]]}})
    np.testing.assert_allclose(measures.relative_gaps(result, FOLLOW, AWARE), [-0.25 / 0.6, -0.35 / 0.6])
    assert measures.against_following(result, COST).value == pytest.approx(0.1)


def test_changes_of_gaps_by_hand():
    """A gap of .10 becomes .13 and .11: .02 wider, a fifth of it."""
    result = made_up(**{NEVER: {AWARE: [[0.1, 0.2], [0.2, 0.3]], STRONGER: [[0.1, 0.23], [0.1, 0.21]]}})
    assert wider(result, NEVER, STRONGER, AWARE).value == pytest.approx(0.02)
    assert measures.wider_as_share(result, NEVER, STRONGER, AWARE).value == pytest.approx(0.2)
    assert measures.against_unequal(result, NEVER, STRONGER).value == pytest.approx(1.2)


@pytest.mark.parametrize(("later", "verdict"), [(0.1, HOLDS), (0.3, FAILS), (0.18, OPEN)])
def test_claims_can_fail(later, verdict):
    """Gaps of .20 that become .10, .30 and about .18, a tenth less: narrower by a tenth or more, wider, unclear."""
    noise = np.linspace(-0.01, 0.01, 40)
    first = np.full(40, 0.1)
    before = np.column_stack([first, first + 0.2])
    after = np.column_stack([first, first + later + noise])
    result = made_up(**{NEVER: {AWARE: before, STRONGER: after}})
    claim = next(one for one in SCENARIO.claims if one.name == "W3")
    assert claim.check(result).verdict == verdict


@pytest.mark.parametrize(("column", "share"), [("group", 1.0), ("savings", 0.0)])
def test_who_is_asked_for_the_group(column, share):
    """A rule that knows nothing but the group treats everybody by it; one that asks for savings alone, nobody."""

    class OneColumn(GroupAskedLender):
        def judge(self, rule, people):
            asked = people[:, self.credit_people.columns.index(column)]
            return asked, asked > 0.5

    env = gymnasium.make_vec("ReapplicationEnv-v0", num_envs=2, places=20, offers="agent", population=ALIKE)
    agent = OneColumn(lender(0.05).estimator, offers="cheapest", history=200)
    agent.reset(env, 0)
    np.testing.assert_array_equal(agent.diagnostics()["asks_group"], [share, share])
