"""The two feature worlds against the archived simulator's parameters and numbers worked by hand."""

import re

import gymnasium as gym
import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.envs.feature_lending import FeatureLendingDynamics, FeatureLendingParams, FeatureLendingState, turned

ONE_SIGMA = 0.8413447460685429
"""The uniform number whose normal is 1."""
COS, SIN = np.sqrt(3) / 2, 0.5
"""Of 30 degrees."""


def dynamics(**params):
    return FeatureLendingDynamics(FeatureLendingParams(**params))


def applicants(world, lanes=20_000, seed=0):
    return world.initial(np.random.default_rng(seed).random((lanes, world.reset_noise_size)))


def test_turning_by_hand():
    np.testing.assert_allclose(turned(np.array([[0.0, 1.0], [1.0, 0.0]]), 30), [[-SIN, COS], [COS, SIN]], atol=1e-15)
    np.testing.assert_allclose(turned(np.array([1.0, 2.0]), 90), [-2.0, 1.0], atol=1e-15)


def test_the_means_are_those_of_the_archived_simulator():
    np.testing.assert_array_equal(dynamics(variant="one-group").means, [[[0, 1], [1, 0]]])
    np.testing.assert_allclose(
        dynamics(variant="two-groups-rotated").means, [[[0, 1], [1, 0]], [[-SIN, COS], [COS, SIN]]], atol=1e-15
    )


def test_defaults_are_those_of_the_archived_simulator():
    world = dynamics()
    assert (world.interest, world.default_loss) == (0.3, 1.0)
    assert (world.params.loan_amount, world.params.starting_cash) == (1.0, 1000.0)


def test_noise_becomes_group_cluster_features_and_default_in_this_order():
    noise = np.array(
        [
            [0.60, 0.20, 0.5, 0.5, 0.90],  # group 1, bad cluster, at its mean, repays: .90 >= .8
            [0.49, 0.29, 0.5, ONE_SIGMA, 0.79],  # group 0, bad cluster, one sigma up, defaults
            [0.10, 0.30, ONE_SIGMA, 0.5, 0.19],  # group 0, good cluster, one sigma right, defaults: .19 < .2
            [0.50, 0.99, 0.5, 1 - ONE_SIGMA, 0.20],  # group 1, good cluster, one sigma down, repays
            [0.00, 0.99, 0.9999, 0.0, 0.50],  # group 0, good cluster, far out: recorded as 2 and -2
        ]
    )
    first = dynamics().initial(noise)
    np.testing.assert_array_equal(first.group, [1, 0, 0, 1, 0])
    np.testing.assert_array_equal(first.qualified, [1, 0, 0, 1, 1])
    np.testing.assert_allclose(first.features, [[-SIN, COS], [0, 1.5], [1.5, 0], [COS, SIN - 0.5], [2, -2]], atol=1e-12)


def test_one_group_has_one_group():
    world = dynamics(variant="one-group")
    assert world.groups == ("turned by 0 degrees",)
    assert not applicants(world).group.any()


@pytest.mark.parametrize(("decision", "qualified", "change"), [(1, 1, 0.6), (1, 0, -2.0), (0, 1, 0.0), (0, 0, 0.0)])
def test_money_by_hand(decision, qualified, change):
    world = dynamics(loan_amount=2.0)
    state = FeatureLendingState(np.array([9.0]), np.array([0]), np.zeros((1, 2)), np.array([qualified], dtype=np.int8))
    after, outcome = world.step(state, np.array([decision]), np.full((1, 5), 0.5))
    assert outcome.utility[0] == pytest.approx(change)
    assert world.reward(outcome)[0] == pytest.approx(change)
    assert after.cash[0] == pytest.approx(9.0 + change)
    assert (outcome.decision[0], outcome.qualified[0], outcome.outcome_repaid[0]) == (decision, qualified, qualified)


def test_the_bank_stops_when_it_cannot_fund_a_loan():
    world = dynamics(loan_amount=2.0)
    state = applicants(world, lanes=3)
    cash = FeatureLendingState(np.array([2.0, 1.999, 0.0]), state.group, state.features, state.qualified)
    np.testing.assert_array_equal(world.terminated(cash), [False, True, True])


def test_a_loss_of_its_own():
    env = gym.make("FeatureLendingEnv-v0", default_loss=5.0, starting_cash=10.0)
    assert env.observation_space["cash"].low[0] == -4.0


def test_statistics_of_the_population():
    # Means of N draws have standard error sqrt(variance / N); five of them.
    state = applicants(dynamics())
    lanes = len(state)
    assert abs(state.group.mean() - 0.5) < 5 * np.sqrt(0.25 / lanes)
    assert abs(state.qualified.mean() - 0.62) < 5 * np.sqrt(0.62 * 0.38 / lanes)
    for group, means in enumerate(dynamics().means):
        features = state.features[state.group == group]
        # Within a cluster .25; between the clusters .3 * .7 * (distance along the axis) ** 2. Clipping at 2, two sigma
        # from the nearest mean, takes away at most the mean excess .5 * .0085 = .0042.
        expected = 0.3 * means[0] + 0.7 * means[1]
        spread = np.sqrt(0.25 + 0.21 * (means[1] - means[0]) ** 2)
        assert (np.abs(features.mean(axis=0) - expected) < 5 * spread / np.sqrt(len(features)) + 0.0042).all()
        repaid = state.qualified[state.group == group]
        assert abs(repaid.mean() - 0.62) < 5 * np.sqrt(0.62 * 0.38 / len(repaid))


def test_one_rule_for_all_serves_the_turned_group_worse():
    # Repayment follows the cluster with probability .8. The rule "x > y" halves the way between the clusters of group
    # 0, sqrt(2) / 2 from either mean: P(right cluster) = Phi(sqrt(2)) = .9214, so P(right about repayment) =
    # .8 * .9214 + .2 * .0786 = .7528. In group 1 the mean of x - y is -1.366 and .366 with a spread of sqrt(.5):
    # .3 * Phi(1.932) + .7 * Phi(.518) = .3 * .9733 + .7 * .6977 = .7804, so .8 * .7804 + .2 * .2196 = .6682.
    state = applicants(dynamics(), lanes=40_000)
    right = (state.features[:, 0] > state.features[:, 1]) == (state.qualified == 1)
    for group, expected in enumerate((0.7528, 0.6682)):
        of_group = right[state.group == group]
        assert abs(of_group.mean() - expected) < 5 * np.sqrt(expected * (1 - expected) / of_group.size)


def test_the_truth_never_moves():
    env = gym.make_vec("FeatureLendingEnv-v0", num_envs=3)
    _, info = env.reset(seed=0)
    for _ in range(20):
        np.testing.assert_allclose(info["population_score"], 0.62)
        np.testing.assert_array_equal(info["group_share"], np.full((3, 2), 0.5))
        *_, info = env.step(np.ones(3, dtype=np.int64))


def test_selective_labels():
    env = gym.make_vec("FeatureLendingEnv-v0", num_envs=50, selective_labels=True)
    env.reset(seed=0)
    *_, info = env.step(np.arange(50) % 2)
    assert (info["qualified"][::2] == -1).all()
    assert (info["qualified"][1::2] >= 0).all()
    np.testing.assert_array_equal(info["outcome_repaid"], info["qualified"])


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        (
            {"variant": "two-group-rotated"},
            "variant='two-group-rotated' is not known: did you mean 'two-groups-rotated'?",
        ),
        ({"variant": 2}, "variant=2 is not known"),
        ({"interest_rate": -0.1}, "interest_rate=-0.1 is out of range"),
        ({"loan_amount": 0}, "loan_amount=0 is too small"),
        ({"starting_cash": 0.5}, "starting_cash=0.5 is out of range"),
        ({"default_loss": "all"}, "default_loss='all' is not a number"),
        ({"default_loss": -1.0}, "default_loss=-1.0 is out of range"),
        ({"selective_labels": 1}, "selective_labels=1 is not a yes or no"),
        ({"starting_cash": float("nan")}, "starting_cash=nan is not finite"),
        ({"interest": 0.1}, "has no parameter 'interest': did you mean 'interest_rate'?"),
    ],
)
def test_bad_parameters(params, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        gym.make("FeatureLendingEnv-v0", **params)
