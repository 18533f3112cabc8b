"""The admissions world against applicants worked by hand."""

import re

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.checks import InputError
from fairgym.envs.admissions import AdmissionsDynamics, AdmissionsParams, AdmissionsState
from fairgym.envs.strategic_response import bounded_gaussian, largest_change, signed_beta, subsidized

ENV_ID = "StrategicClassificationEnv-v0"
ONE_SIGMA = 0.8413447460685429
"""The uniform number whose normal is 1."""
SINGLE = 1e-6
"""Scores and thresholds are kept in single precision."""


def dynamics(**params):
    return AdmissionsDynamics(AdmissionsParams(**params))


def cohort(group, score, test_score=None):
    """Return the state before the first round in which these applicants come."""
    people = len(group)
    nobody, test_score = np.zeros((1, people)), score if test_score is None else test_score
    return AdmissionsState(
        np.array([group]),
        np.array([score], dtype=float),
        np.array([test_score], dtype=float),
        np.zeros(1),
        np.zeros((1, 2)),
        nobody,
        nobody.astype(np.int64),
        nobody.astype(np.int64) + 2,
    )


def answered(threshold, group, score, landing=0.5, test_score=None, **params):
    """Return the next state and the outcome when these applicants meet a threshold."""
    world, people = dynamics(cohort_size=len(group), **params), len(group)
    noise = np.full((1, 4 * people), 0.5)
    noise[:, :people] = landing
    action = np.array([np.atleast_1d(threshold)], dtype=np.float32)
    return world.step(cohort(group, score, test_score), action, noise)


def test_who_raises_the_score_by_hand():
    # Threshold .75. Cost 5 reaches it from .55, cost 10 from .65; eligible from .55.
    group = [0, 0, 0, 0, 1, 1, 1, 1]
    score = [0.54, 0.55, 0.70, 0.80, 0.55, 0.64, 0.65, 0.75]
    _, outcome = answered(0.75, group, score)
    np.testing.assert_array_equal(outcome.manipulated, [[0, 1, 1, 0, 0, 0, 1, 0]])
    np.testing.assert_allclose(outcome.observed_score, [[0.54, 0.75, 0.75, 0.8, 0.55, 0.64, 0.75, 0.75]], atol=SINGLE)
    np.testing.assert_array_equal(outcome.decision, [[0, 1, 1, 1, 0, 0, 1, 1]])
    np.testing.assert_array_equal(outcome.qualified, [[0, 1, 1, 1, 1, 1, 1, 1]])
    np.testing.assert_allclose(outcome.burden, [[1.05, 1.0, 0.25, 0, 2.0, 1.1, 1.0, 0]], atol=10 * SINGLE)
    np.testing.assert_allclose(outcome.utility, np.array([[0, 1, 1, 1, 0, 0, 1, 1]]) / 8)
    np.testing.assert_array_equal(dynamics(cohort_size=8).reward(outcome), [5 / 8])
    np.testing.assert_allclose(outcome.threshold, [[0.75, 0.75]])


@given(cents=st.integers(21, 100))
def test_exactly_as_far_as_pays_is_reached_and_a_thousandth_more_is_not(cents):
    far, near = cents / 100 - 0.2, cents / 100 - 0.1
    single = [float(np.float32(score)) for score in (far, near)]
    for scores in ([far, near], single):
        _, outcome = answered(cents / 100, [0, 1], scores)
        np.testing.assert_array_equal(outcome.manipulated, [[1, 1]])
    _, outcome = answered(cents / 100, [0, 1], [far - 0.001, near - 0.001])
    np.testing.assert_array_equal(outcome.manipulated, [[0, 0]])


def test_without_gaming_nobody_changes_or_pays():
    _, outcome = answered(0.75, [0, 1], [0.70, 0.80], gaming=False)
    np.testing.assert_array_equal(outcome.observed_score, [[0.70, 0.80]])
    np.testing.assert_array_equal(outcome.manipulated, [[0, 0]])
    np.testing.assert_array_equal(outcome.burden, [[0, 0]])
    np.testing.assert_array_equal(outcome.decision, [[0, 1]])


def test_a_control_caps_the_change_in_points():
    group, score = [0, 0, 1, 1], [0.60, 0.59, 0.65, 0.64]
    _, outcome = answered(0.75, group, score, gaming_control=0.15)
    np.testing.assert_array_equal(outcome.manipulated, [[1, 0, 1, 0]])
    np.testing.assert_allclose(outcome.burden, [[0.75, 0.8, 1.0, 1.1]], atol=10 * SINGLE)
    _, outcome = answered(0.75, group, score, gaming_control=0.0)
    assert not outcome.manipulated.any()


def test_a_subsidy_is_for_the_most_expensive_group():
    np.testing.assert_allclose(subsidized(np.array([5.0, 10.0]), 0.8), [5, 8])
    np.testing.assert_allclose(subsidized(np.array([10.0, 5.0]), 0.8), [8, 5])
    np.testing.assert_allclose(subsidized(np.array([10.0, 10.0, 5.0]), 0.5), [10, 5, 5])
    np.testing.assert_allclose(subsidized(np.array([5.0, 10.0]), None), [5, 10])
    _, outcome = answered(0.75, [1, 1, 0], [0.625, 0.62, 0.65], subsidy=0.8)
    np.testing.assert_array_equal(outcome.manipulated, [[1, 0, 1]])
    np.testing.assert_allclose(outcome.burden, [[1.0, 1.04, 0.5]], atol=10 * SINGLE)


def test_the_largest_change_that_pays():
    # The first three are the documented examples of the archived program's robust jury.
    np.testing.assert_allclose(largest_change(np.array([2.0, 4.0]), None), [0.5, 0.25])
    np.testing.assert_allclose(largest_change(subsidized(np.array([2.0, 4.0]), 0.8), None), [0.5, 0.3125])
    np.testing.assert_allclose(largest_change(np.array([2.0, 4.0]), 0.3), [0.3, 0.25])
    np.testing.assert_array_equal(largest_change(np.array([0.0, 5.0]), None), [np.inf, 0.2])
    np.testing.assert_array_equal(largest_change(np.array([0.0, 5.0]), 0.1), [0.1, 0.1])
    np.testing.assert_array_equal(largest_change(np.array([1e-310, 5.0]), None), [np.inf, 0.2])


def test_the_world_tells_how_far_gaming_pays():
    for params, margin in [({}, (0.2, 0.1)), ({"gaming_control": 0.15}, (0.15, 0.1)), ({"gaming": False}, (0, 0))]:
        for env in (gym.make(ENV_ID, **params).unwrapped, gym.make_vec(ENV_ID, num_envs=2, **params).unwrapped):
            assert env.gaming_margin == pytest.approx(margin)


def test_what_costs_nothing_everybody_does():
    _, outcome = answered(1.0, [0, 0, 1], [0.0, 0.99, 0.5], cost=(0.0, 10.0))
    np.testing.assert_array_equal(outcome.decision, [[1, 1, 0]])
    np.testing.assert_allclose(outcome.burden, [[0, 0, 5.0]], atol=10 * SINGLE)


def test_an_error_of_landing_is_known_beforehand():
    noisy = {"noise": "gaussian", "noisy_threshold": True}
    above, below = [ONE_SIGMA] * 3, [1 - ONE_SIGMA] * 3
    # One sigma above the threshold of .6: cost 5 pays from .5 on, for a landing at .7.
    _, outcome = answered(0.6, [0, 0, 0], [0.5, 0.49, 0.61], above, **noisy)
    np.testing.assert_array_equal(outcome.manipulated, [[1, 0, 0]])
    np.testing.assert_allclose(outcome.observed_score, [[0.7, 0.49, 0.61]], atol=SINGLE)
    np.testing.assert_allclose(outcome.burden, [[1.0, 1.05, 0]], atol=10 * SINGLE)
    # One sigma below, nobody moves: it would not get anybody in. Who is above the landing has nothing to pay.
    _, outcome = answered(0.6, [0, 0, 1], [0.45, 0.55, 0.45], below, **noisy)
    np.testing.assert_array_equal(outcome.observed_score, [[0.45, 0.55, 0.45]])
    np.testing.assert_array_equal(outcome.decision, [[0, 0, 0]])
    np.testing.assert_allclose(outcome.burden, [[0.25, 0, 0.5]], atol=10 * SINGLE)
    # Who is exactly on the threshold is in and stays.
    _, outcome = answered(0.5, [0, 1, 1], [0.5, 0.5, 0.49], above, **noisy)
    np.testing.assert_array_equal(outcome.manipulated, [[0, 0, 0]])
    np.testing.assert_array_equal(outcome.decision, [[1, 1, 0]])
    # Nobody lands above 1.
    _, outcome = answered(0.95, [0, 0, 0], [0.9, 0.8, 0.79], above, **noisy)
    np.testing.assert_allclose(outcome.observed_score, [[1.0, 1.0, 0.79]], atol=SINGLE)


def test_a_test_with_errors_is_gamed_but_labels_go_by_the_true_score():
    _, outcome = answered(0.7, [0, 0], [0.40, 0.60], test_score=[0.65, 0.45])
    np.testing.assert_allclose(outcome.observed_score, [[0.7, 0.45]], atol=SINGLE)
    np.testing.assert_allclose(outcome.score, [[0.40, 0.60]])
    np.testing.assert_array_equal(outcome.qualified, [[0, 1]])
    np.testing.assert_allclose(outcome.burden, [[0.25, 1.25]], atol=10 * SINGLE)


@pytest.mark.parametrize(
    ("improvement", "score", "eligible"), [(0, 0.5, 0), (0.2, 0.54, 0), (0.3, 0.56, 1), (1, 0.7, 1)]
)
def test_a_share_of_a_raise_may_be_real(improvement, score, eligible):
    # .5 is raised by .2 to .7; somebody who cannot reach the threshold does not learn for it.
    _, outcome = answered(0.7, [0, 1], [0.5, 0.5], improvement=improvement)
    np.testing.assert_allclose(outcome.score, [[score, 0.5]], atol=SINGLE)
    np.testing.assert_array_equal(outcome.qualified, [[eligible, 0]])


def test_one_threshold_for_each_group():
    _, outcome = answered([0.6, 0.9], [0, 1, 1], [0.65, 0.65, 0.95], group_thresholds=True)
    np.testing.assert_array_equal(outcome.decision, [[1, 0, 1]])
    np.testing.assert_allclose(outcome.threshold, [[0.6, 0.9]], atol=SINGLE)
    assert dynamics(group_thresholds=True).action_space.shape == (2,)
    assert dynamics().action_space.shape == (1,)


def test_selective_labels_hide_the_rejected_only():
    after, outcome = answered(0.75, [0, 1, 1], [0.8, 0.60, 0.50], selective_labels=True)
    np.testing.assert_array_equal(outcome.qualified, [[1, -1, -1]])
    np.testing.assert_allclose(outcome.utility, [[1 / 3, 0, 0]])
    np.testing.assert_allclose(outcome.score, [[0.8, np.nan, np.nan]], atol=SINGLE)
    np.testing.assert_array_equal(after.last_label, [[1, 2, 2]])


def test_before_the_first_round_nothing_is_published_or_known():
    env = gym.make(ENV_ID, cohort_size=3)
    observation, info = env.reset(seed=0)
    np.testing.assert_array_equal(observation["threshold"], np.zeros(2, np.float32), strict=True)
    np.testing.assert_array_equal(observation["observed_score"], np.zeros(3, np.float32), strict=True)
    np.testing.assert_array_equal(observation["group"], [0, 0, 0])
    np.testing.assert_array_equal(observation["label"], [2, 2, 2])
    assert info == {}


@pytest.mark.parametrize("params", [{}, {"noise": "gaussian", "noisy_features": True}])
def test_everything_seen_in_a_round_is_about_the_cohort_that_answered(params):
    env = gym.make_vec(ENV_ID, num_envs=50, **params)
    env.reset(seed=0)
    for step in range(20):
        hidden = env.unwrapped.state
        observation, reward, *_, info = env.step(np.full((50, 1), 0.5 + step / 50, np.float32))
        np.testing.assert_array_equal(observation["group"], hidden.group)
        np.testing.assert_array_equal(info["group"], hidden.group)
        np.testing.assert_array_equal(observation["label"], hidden.score >= 0.55)
        np.testing.assert_array_equal(info["qualified"], observation["label"])
        np.testing.assert_array_equal(observation["observed_score"], info["observed_score"])
        np.testing.assert_array_equal(observation["threshold"], info["threshold"])
        # What single precision shows is what was decided on.
        admitted = observation["observed_score"] >= observation["threshold"][:, :1]
        np.testing.assert_array_equal(info["decision"], admitted)
        accuracy = (admitted == observation["label"]).mean(axis=1)
        np.testing.assert_allclose(reward, accuracy - (1 - observation["label"]).mean(axis=1), atol=1e-12)


def test_noise_becomes_groups_scores_and_errors_in_this_order():
    world = dynamics(cohort_size=2, noise="gaussian", noisy_features=True, mean_score=(0.5, 0.6))
    noise = np.array([[0.49, 0.51, ONE_SIGMA, 0.5, 1 - ONE_SIGMA, 0.0]])
    first = world.initial(noise)
    np.testing.assert_array_equal(first.group, [[0, 1]])
    np.testing.assert_allclose(first.score, [[0.6, 0.6]], atol=SINGLE)
    np.testing.assert_allclose(first.test_score, [[0.5, 0.25]], atol=SINGLE)
    after, _ = world.step(first, np.zeros((1, 1), np.float32), np.hstack([np.full((1, 2), 0.9), noise]))
    for name in ("group", "score", "test_score"):
        np.testing.assert_array_equal(getattr(after, name), getattr(first, name))


def test_scores_and_tests_are_clipped_to_the_scale():
    world = dynamics(cohort_size=1, noise="gaussian", noisy_features=True, mean_score=(0.5, 0.95))
    lowest = world.initial(np.array([[0.0, 0.0, 0.5]]))
    assert (lowest.score[0, 0], lowest.test_score[0, 0]) == (0.0, 0.0)
    highest = world.initial(np.array([[0.9, ONE_SIGMA, 0.999]]))
    assert (highest.score[0, 0], highest.test_score[0, 0]) == (1.0, 1.0)


def test_errors_by_hand():
    uniforms = np.array([0.0, 1 - ONE_SIGMA, 0.5, ONE_SIGMA, 0.99999])
    np.testing.assert_allclose(
        bounded_gaussian(uniforms, 0.0, 0.1, -0.35, 0.35), [-0.35, -0.1, 0, 0.1, 0.35], atol=1e-9
    )
    np.testing.assert_allclose(bounded_gaussian(uniforms, 0.1, 0.0, -1, 1), 0.1)
    # Beta(1, 1) is uniform, and the distribution function of Beta(2, 1) is the square.
    np.testing.assert_allclose(signed_beta(np.array([0.0, 0.25, 0.5, 0.75]), 1, 1), [-1, -0.5, 0, 0.5])
    np.testing.assert_allclose(signed_beta(np.array([0.375, 0.5, 0.625]), 2, 1), [-0.5, 0, 0.5])


def test_beta_errors_reach_the_test():
    world = dynamics(cohort_size=1, noise="beta", noisy_features=True, noise_shape=(2, 1))
    first = world.initial(np.array([[0.0, 0.5, 0.5 + 0.5 * 0.04]]))  # Beta quantile of .04: .2
    np.testing.assert_allclose(first.test_score, [[0.7]], atol=SINGLE)


def test_one_seed_brings_the_same_people_under_every_rule():
    settings_ = [
        {},
        {"gaming": False},
        {"cost": (1.0, 2.0), "subsidy": 0.5, "improvement": 0.5, "group_thresholds": True},
        {"noise": "gaussian", "noisy_features": True, "noisy_threshold": True},
    ]
    people = []
    for params in settings_:
        env = gym.make_vec(ENV_ID, num_envs=3, **params)
        env.reset(seed=5)
        for _ in range(10):
            env.step(np.full(env.action_space.shape, 0.6, np.float32))
        people.append(env.unwrapped.state)
    for other in people[1:]:
        np.testing.assert_array_equal(other.score, people[0].score)
        np.testing.assert_array_equal(other.group, people[0].group)


def test_who_comes_is_as_stated():
    # A share of N people has standard error sqrt(p (1 - p) / N), a mean sd / sqrt(N), an sd about sd / sqrt(2 N);
    # five of them.
    world = dynamics(
        mixture=(0.2, 0.3, 0.5), mean_score=(0.3, 0.5, 0.6), score_spread=(0.1, 0.05, 0.02), cost=(1, 2, 3)
    )
    first = world.initial(np.random.default_rng(0).random((10_000, world.reset_noise_size)))
    for group, (share, mean, spread) in enumerate([(0.2, 0.3, 0.1), (0.3, 0.5, 0.05), (0.5, 0.6, 0.02)]):
        scores = first.score[first.group == group]
        assert abs(scores.size / first.group.size - share) < 5 * np.sqrt(share * (1 - share) / first.group.size)
        assert abs(scores.mean() - mean) < 5 * spread / np.sqrt(scores.size)
        assert abs(scores.std() - spread) < 5 * spread / np.sqrt(2 * scores.size)


def test_groups_are_named_by_their_cost():
    assert dynamics().groups == ("cost 5", "cost 10")
    assert dynamics(cost=(2.5, 2.5)).groups == ("cost 2.5 (1)", "cost 2.5 (2)")
    one = dynamics(mixture=(1,), mean_score=(0.5,), score_spread=(0.1,), cost=(3,))
    assert one.groups == ("cost 3",)
    np.testing.assert_array_equal(one.initial(np.full((2, 60), 0.99)).group, np.zeros((2, 20)))


def test_too_many_mistakes_end_the_episode():
    world = dynamics(cohort_size=2, mistake_limit=3)
    noise, action = np.full((1, 8), 0.5), np.array([[0.0]], np.float32)
    state = cohort([0, 0], [0.4, 0.5])
    once, _ = world.step(state, action, noise)  # admits everybody, among them two who are not eligible
    assert once.mistakes[0] == 2
    assert not world.terminated(once)[0]
    twice, _ = world.step(once, action, noise)
    assert twice.mistakes[0] == 4
    assert world.terminated(twice)[0]
    assert not dynamics(cohort_size=2).terminated(twice)[0]


BAD_PARAMETERS = [
    ({"cohort_size": 0}, "cohort_size=0 is out of range"),
    ({"cohort_size": 10**12}, "cohort_size=1000000000000 is out of range"),
    ({"mixture": (0.5, 0.6)}, "mixture sums to 1.1"),
    ({"mixture": ((0.5, 0.5),)}, "must list one number between 0 and 1 for each group"),
    ({"mixture": 1.0}, "mixture=1.0 is a single number"),
    ({"mean_score": (0.5,)}, "mean_score=(0.5,) has 1 entries, but mixture has 2"),
    ({"mean_score": (0.5, 1.5)}, "mean_score=(0.5, 1.5) must list one number between 0 and 1"),
    ({"score_spread": (-0.1, 0.1)}, "score_spread=(-0.1, 0.1) must list one number"),
    ({"cost": (5, -1)}, "cost=(5, -1) must list one number between 0 and 1e+06"),
    ({"cost": 5}, "cost=5 must list one number"),
    ({"true_threshold_factor": "high"}, "true_threshold_factor='high' is not a number"),
    ({"gaming": 1}, "gaming=1 is not a yes or no"),
    ({"gaming_control": 1.5}, "gaming_control=1.5 is out of range"),
    ({"subsidy": -0.5}, "subsidy=-0.5 is out of range"),
    ({"improvement": 2}, "improvement=2 is out of range"),
    ({"mistake_limit": 0}, "mistake_limit=0 is out of range"),
    ({"noise": "gauss"}, "noise='gauss' is not known: did you mean 'gaussian'?"),
    (
        {"noise": "gaussian"},
        "do not go together: give noise='gaussian' or 'beta' and at least one of them True, or neither",
    ),
    ({"noisy_features": True}, "noise='none' with noisy_features=True and noisy_threshold=False do not go together"),
    ({"noise_mean": 0.4}, "noise_mean=0.4 must lie between noise_low=-0.35 and noise_high=0.35"),
    ({"noise_spread": -1}, "noise_spread=-1 is out of range"),
    ({"noise_shape": (1, 0)}, "noise_shape=(1, 0) must be two numbers between 0.01 and 1000"),
    ({"noise_shape": 2}, "noise_shape=2 must be two numbers"),
    ({"threshold": 0.5}, "has no parameter 'threshold': did you mean"),
]


@pytest.mark.parametrize(("params", "sentence"), BAD_PARAMETERS)
def test_bad_parameters(params, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        gym.make(ENV_ID, **params)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("group", 2, "'group'] must lie between 0 and 1"),
        ("score", 1.5, "'score'] must lie between 0 and 1"),
        ("test_score", -0.1, "'test_score'] must lie between 0 and 1"),
        ("test_score", 0.0, "'test_score'] differs from 'score'"),
        ("mistakes", -1.0, "'mistakes'] must be whole numbers of at least 0"),
        ("mistakes", 0.5, "'mistakes'] must be whole numbers of at least 0"),
        ("last_label", 3, "shows observation 'label' outside of"),
        ("last_threshold", 1.5, "shows observation 'threshold' outside of"),
    ],
)
def test_impossible_states_are_refused(field, value, sentence):
    env = gym.make(ENV_ID, cohort_size=3).unwrapped
    env.reset(seed=0)
    state = env.state.arrays()
    env.reset(options={"state": state})
    with pytest.raises(InputError, match=re.escape(sentence)):
        env.reset(options={"state": {**state, field: np.full_like(state[field], value)}})


@st.composite
def laws(draw):
    """Return a law with any parameters that it takes."""
    groups, noise = draw(st.integers(1, 4)), draw(st.sampled_from(["none", "gaussian", "beta"]))
    share, yes = st.floats(0, 1), st.booleans()
    per_group = {
        "mean_score": share,
        "score_spread": st.floats(0, 1),
        "cost": st.one_of(st.just(0.0), st.floats(0.1, 100)),
    }
    params = {name: tuple(draw(st.lists(each, min_size=groups, max_size=groups))) for name, each in per_group.items()}
    params |= {name: draw(yes) for name in ("gaming", "selective_labels", "group_thresholds")}
    params |= {name: draw(st.one_of(st.none(), share)) for name in ("gaming_control", "subsidy")}
    if noise != "none":
        params["noisy_features"] = draw(yes)
        params["noisy_threshold"] = not params["noisy_features"] or draw(yes)
        params["noise_shape"] = (draw(st.floats(0.5, 9)), draw(st.floats(0.5, 9)))
    mixture, size = (1 / groups,) * groups, draw(st.integers(1, 12))
    factor, improvement = draw(st.floats(-0.5, 0.5)), draw(share)
    return dynamics(
        cohort_size=size, mixture=mixture, noise=noise, true_threshold_factor=factor, improvement=improvement, **params
    )


@settings(max_examples=150, deadline=None)
@given(world=laws(), seed=st.integers(0, 2**31))
def test_whatever_the_parameters_the_law_keeps_its_promises(world, seed):
    rng, lanes = np.random.default_rng(seed), 4
    state, params = world.initial(rng.random((lanes, world.reset_noise_size))), world.params
    for _ in range(3):
        action = rng.random((lanes, *world.action_space.shape), dtype=np.float32)
        before = state
        state, outcome = world.step(state, action, rng.random((lanes, world.noise_size)))
        for key, values in world.observe(state).items():
            assert all(world.observation_space[key].contains(value) for value in values)
        wanted = np.take_along_axis(outcome.threshold, before.group, axis=1)
        moved = outcome.manipulated == 1
        raised = outcome.observed_score - before.test_score
        assert (outcome.decision == (outcome.observed_score >= wanted)).all()
        assert (moved == (raised != 0)).all()
        assert (raised >= 0).all()
        assert not (moved & (before.test_score >= wanted)).any()
        assert outcome.decision[moved].all()
        assert (outcome.burden >= 0).all()
        assert not outcome.burden[before.test_score >= wanted].any()
        largest = world.largest_change[before.group]
        assert (raised[moved] <= largest[moved] + SINGLE).all()
        assert params.gaming or not (moved.any() or outcome.burden.any())
        if params.gaming and not params.noisy_threshold:
            assert (moved == ((before.test_score < wanted) & (wanted - before.test_score <= largest + SINGLE))).all()
        score = before.score + params.improvement * raised
        told = (outcome.decision == 1) | (not params.selective_labels)
        np.testing.assert_allclose(outcome.score, np.where(told, score, np.nan))
        np.testing.assert_allclose(world.reward(outcome), outcome.utility.sum(axis=1), atol=1e-12)
        hidden = outcome.qualified == -1
        assert (hidden == (params.selective_labels & (outcome.decision == 0))).all()
