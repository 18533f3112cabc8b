"""Colleges: what they learn, from whom, and what they publish."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

from fairgym.agents import ContinuousThreshold, FixedThreshold, RobustThreshold, StaticThreshold
from fairgym.checks import InputError
from fairgym.testing import check_agent
from tests.agents.test_threshold_learning import brute_force

WORLD = "StrategicClassificationEnv-v0"
NOISY = {"noise": "gaussian", "noisy_features": True}
BY_GROUP = {"group_thresholds": True}
REGIMES = pytest.mark.parametrize("params", [{}, NOISY, {**NOISY, **BY_GROUP}], ids=["exact", "noisy", "by group"])


def world(lanes=3, **params):
    return gym.make_vec(WORLD, num_envs=lanes, vectorization_mode="vector_entry_point", **params)


def rounds(env, agent, steps, seed=5):
    """Return one dict per round of what was published and what came of it, lanes first."""
    from fairgym.agents import Transition

    observation, info = env.reset(seed=seed)
    agent.reset(env, seed)
    happened = []
    for _ in range(steps):
        action, seen = agent.act(observation, info), observation
        observation, reward, terminated, _, info = env.step(action)
        outcome = {key: value for key, value in info.items() if not key.startswith("_")}
        agent.learn(Transition(seen, action, reward, observation, outcome, np.ones(env.num_envs, bool), terminated))
        happened.append(outcome | {"action": action})
    return happened


def learned_by_hand(happened, lane, group=None, margin=(0.0, 0.0)):
    """Return the best threshold of one lane on whom it admitted, (of one group), as they would show themselves."""
    scores, labels = [], []
    for step in happened:
        mine = step["decision"][lane] == 1
        if group is not None:
            mine &= step["group"][lane] == group
        raised = step["observed_score"][lane] + np.array(margin)[step["group"][lane]]
        scores += np.minimum(raised, 1.0)[mine].tolist()
        labels += step["qualified"][lane][mine].tolist()
    return brute_force(scores, labels)


def expected_thresholds(happened, thresholds, margin=(0.0, 0.0)):
    groups = [None] if thresholds == 1 else range(thresholds)
    lanes = len(happened[0]["group"])
    return [[learned_by_hand(happened, lane, group, margin) for group in groups] for lane in range(lanes)]


@REGIMES
def test_the_static_college_learns_from_the_burn_in_alone(params):
    happened = rounds(world(**params), StaticThreshold(burn_in=4), 12)
    published = np.array([step["action"] for step in happened])
    assert (published[:4] == 0).all()
    np.testing.assert_array_equal(published[4], expected_thresholds(happened[:4], published.shape[2]))
    assert (published[4:] == published[4]).all()


@REGIMES
def test_the_continuous_college_learns_from_all_whom_it_ever_admitted(params):
    happened = rounds(world(2, **params), ContinuousThreshold(burn_in=3), 40)
    published = np.array([step["action"] for step in happened])
    assert (published[:3] == 0).all()
    for step in range(3, 40):
        np.testing.assert_array_equal(published[step], expected_thresholds(happened[:step], published.shape[2]))
    assert (np.diff(published, axis=0) >= 0).all(), "nobody below it is admitted, so nothing brings it down"
    assert (published[-1] > published[3]).any()


@REGIMES
def test_the_robust_college_learns_from_raised_scores(params):
    """A point costs 5 or 10: raises of .2 or .1 pay."""
    happened = rounds(world(**params), RobustThreshold(burn_in=4), 12)
    published = np.array([step["action"] for step in happened])
    expected = expected_thresholds(happened[:4], published.shape[2], margin=(0.2, 0.1))
    np.testing.assert_array_equal(published[4], expected)
    assert (published[4:] == published[4]).all()


@pytest.mark.parametrize(("kind", "margin"), [(StaticThreshold, (0.0, 0.0)), (RobustThreshold, (0.2, 0.1))])
def test_as_published_learning_stops_one_round_late(kind, margin):
    happened = rounds(world(8, **NOISY), kind(burn_in=4, as_published=True), 12)
    published = np.array([step["action"] for step in happened])
    np.testing.assert_array_equal(published[4], expected_thresholds(happened[:4], 1, margin))
    np.testing.assert_array_equal(published[5], expected_thresholds(happened[:5], 1, margin))
    assert (published[5:] == published[5]).all()


def test_the_late_round_moves_the_static_threshold_and_not_the_robust_one():
    static, robust = (
        [rounds(world(30), kind(as_published=late), 12)[-1]["action"] for late in (False, True)]
        for kind in (StaticThreshold, RobustThreshold)
    )
    assert (static[1] >= static[0]).all()
    assert (static[1] > static[0]).mean() > 0.5
    np.testing.assert_array_equal(robust[0], robust[1])


@pytest.mark.parametrize(
    ("params", "margin"),
    [
        ({"cost": (2.0, 4.0)}, (0.5, 0.25)),
        ({"cost": (2.0, 4.0), "subsidy": 0.8}, (0.5, 0.3125)),
        ({"cost": (2.0, 4.0), "gaming_control": 0.3}, (0.3, 0.25)),
        ({"cost": (2.0, 4.0), "gaming": False}, (0.0, 0.0)),
    ],
)
def test_the_world_tells_how_far_gaming_pays(params, margin):
    single, many = gym.make(WORLD, **params), gym.make_vec(WORLD, num_envs=2, vectorization_mode="sync", **params)
    for env in (single, many, world(2, **params)):
        agent = RobustThreshold()
        agent.reset(env)
        np.testing.assert_allclose(agent._margin, margin)


def test_a_margin_that_is_given_goes_before_that_of_the_world():
    happened = rounds(world(), RobustThreshold(burn_in=4, margin=[0.05, 0.3]), 6)
    expected = expected_thresholds(happened[:4], 1, margin=(0.05, 0.3))
    np.testing.assert_array_equal(happened[4]["action"], expected)


def test_raised_scores_end_at_one():
    """Gaming is free: everybody would show 1, of whom most are not eligible, so the college admits only that."""
    happened = rounds(world(cost=(0.0, 0.0)), RobustThreshold(burn_in=4), 6)
    assert (happened[-1]["action"] == 1).all()


def test_it_admits_everybody_until_it_has_seen_both_labels():
    everybody_eligible = {"true_threshold_factor": -1.0}
    for agent in (StaticThreshold(2), ContinuousThreshold(2), RobustThreshold(2)):
        happened = rounds(world(**everybody_eligible), agent, 8)
        assert all((step["action"] == 0).all() for step in happened)


def test_a_static_college_goes_on_learning_until_it_has_seen_both_labels():
    """Cohorts of one: some lanes have seen only one label after the burn-in of two."""
    happened = rounds(world(40, cohort_size=1), StaticThreshold(burn_in=2), 30)
    published = np.array([step["action"][:, 0] for step in happened])
    late = (published[2] == 0) & (published[-1] > 0)
    assert late.any()
    for lane in np.flatnonzero(late):
        first = int((published[:, lane] > 0).argmax())
        assert published[first, lane] == np.float32(learned_by_hand(happened[:first], lane))
        assert (published[first:, lane] == published[first, lane]).all()


def test_a_fixed_threshold_stays():
    assert all((step["action"] == np.float32(0.6)).all() for step in rounds(world(), FixedThreshold(0.6), 3))
    by_group = rounds(world(**BY_GROUP), FixedThreshold([0.6, 0.7]), 3)
    assert all((step["action"] == np.float32([0.6, 0.7])).all() for step in by_group)
    np.testing.assert_array_equal(by_group[-1]["threshold"], np.tile(np.float32([0.6, 0.7]), (3, 1)))


@pytest.mark.parametrize("params", [BY_GROUP, {"selective_labels": True, **NOISY}, {"cohort_size": 1}])
@pytest.mark.parametrize(
    "agent", [FixedThreshold(0.6), StaticThreshold(5), ContinuousThreshold(5), RobustThreshold(5, as_published=True)]
)
def test_they_keep_the_laws(agent, params):
    check_agent(agent, WORLD, num_envs=3, steps=30, **params)


@pytest.mark.parametrize("group_thresholds", [False, True])
def test_diagnostics_are_what_is_published_next(group_thresholds):
    env, agent = world(group_thresholds=group_thresholds), ContinuousThreshold(2)
    rounds(env, agent, 6)
    shown = agent.diagnostics()["threshold"]
    assert shown.shape == ((3, 2) if group_thresholds else (3,))
    observation, info = env.reset(seed=0)
    np.testing.assert_array_equal(agent.act(observation, info).reshape(shown.shape), shown)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: FixedThreshold(1.2), "threshold=1.2"),
        (lambda: FixedThreshold([]), "threshold"),
        (lambda: FixedThreshold("high"), "threshold='high'"),
        (lambda: FixedThreshold([0.5, 0.6]).reset(world()), "2 entries, but this world takes 1"),
        (lambda: StaticThreshold(0), "burn_in=0"),
        (lambda: StaticThreshold(as_published=1), "as_published=1"),
        (lambda: RobustThreshold(margin=[-0.1, 0.2]), "margin"),
        (lambda: RobustThreshold(margin=0.2), "margin=0.2"),
        (lambda: RobustThreshold(margin=[0.2]).reset(world()), "1 entries for 2 groups"),
        (lambda: ContinuousThreshold().reset(gym.make("LendingEnv-v0")), "'observed_score'"),
        (lambda: ContinuousThreshold().reset(Untold(1)), "publishes a threshold"),
        (lambda: RobustThreshold().reset(Untold(2)), "give margin"),
    ],
)
def test_bad_settings_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


class Untold(gym.Env):
    """An admissions world of another make, with two groups and actions of ``size`` numbers, from -1 or 0."""

    def __init__(self, size):
        self.action_space = gym.spaces.Box(-1.0 if size == 1 else 0.0, 1.0, (size,))
        cohort = {"observed_score": gym.spaces.Box(0, 1, (4,)), "group": gym.spaces.MultiDiscrete([2] * 4)}
        self.observation_space = gym.spaces.Dict(cohort)
