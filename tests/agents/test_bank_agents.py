"""The rules of a bank in the lending world: oracles, learners, single and vector, alone and in company."""

import gymnasium as gym
import numpy as np
import pytest

from fairgym.agents import (
    AcceptAll,
    AggregateEqualizer,
    DemographicParity,
    EqualOpportunity,
    RandomAgent,
    RewardMaximizer,
    ThresholdAgent,
)
from fairgym.agents.belief_agent import LANES_AT_ONCE
from fairgym.agents.beliefs import Beliefs
from fairgym.agents.common_rate import common_rate
from fairgym.checks import InputError
from tests.agents.hand_loop import by_group, decisions, lending, play

LEARNING = {"burn_in": 30, "refit_every": 7}

AGENTS = {
    "accept all": AcceptAll,
    "random": lambda: RandomAgent(0.3),
    "threshold": lambda: ThresholdAgent(3),
    "threshold by group": lambda: ThresholdAgent([3, 2]),
    "max reward, oracle": lambda: RewardMaximizer(oracle=True),
    "max reward": lambda: RewardMaximizer(**LEARNING),
    "demographic parity, oracle": lambda: DemographicParity(oracle=True),
    "demographic parity": lambda: DemographicParity(**LEARNING),
    "equal opportunity, oracle": lambda: EqualOpportunity(oracle=True),
    "equal opportunity": lambda: EqualOpportunity(**LEARNING),
    "equalizer, oracle": lambda: AggregateEqualizer(oracle=True),
    "equalizer": lambda: AggregateEqualizer(**LEARNING),
}

EVERY_AGENT = pytest.mark.parametrize("make", AGENTS.values(), ids=AGENTS.keys())
LEARNERS = pytest.mark.parametrize("rule", [RewardMaximizer, DemographicParity, EqualOpportunity, AggregateEqualizer])


@EVERY_AGENT
def test_lane_i_of_many_is_the_lane_alone_and_the_single_environment(make):
    steps, lanes = 150, 5
    agent = make()
    together = decisions(play(lending(lanes), agent, steps, seed=11))
    diagnostics = agent.diagnostics()
    for lane in range(lanes):
        for size in (None, 1):
            alone = make()
            np.testing.assert_array_equal(
                decisions(play(lending(size), alone, steps, seed=11 + lane))[:, 0], together[:, lane]
            )
            for name, value in alone.diagnostics().items():
                np.testing.assert_array_equal(value[0], diagnostics[name][lane])


@pytest.mark.parametrize("rule", [EqualOpportunity, DemographicParity])
def test_lanes_that_are_refitted_in_several_portions_are_lanes_alone(rule):
    lanes = LANES_AT_ONCE + 3
    together = decisions(play(lending(lanes), rule(oracle=True), 25, seed=40))
    for lane in (0, LANES_AT_ONCE - 1, LANES_AT_ONCE, lanes - 1):
        alone = decisions(play(lending(1), rule(oracle=True), 25, seed=40 + lane))
        np.testing.assert_array_equal(alone[:, 0], together[:, lane])


@EVERY_AGENT
def test_a_second_run_of_the_same_agent_is_the_first(make):
    agent, env = make(), lending(4)
    first = decisions(play(env, agent, 100, seed=3))
    np.testing.assert_array_equal(decisions(play(env, agent, 100, seed=3)), first)
    assert (decisions(play(env, agent, 100, seed=4)) != first).any() or isinstance(agent, AcceptAll)


@EVERY_AGENT
def test_gymnasiums_own_vector_environment_gives_the_same(make):
    native = decisions(play(lending(3), make(), 80, seed=5))
    sync = gym.make_vec("LendingEnv-v0", num_envs=3, vectorization_mode="sync")
    np.testing.assert_array_equal(decisions(play(sync, make(), 80, seed=5)), native)


@EVERY_AGENT
@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_episodes_may_end_and_restart(make, mode):
    env = lending(6, starting_cash=3, max_episode_steps=25, autoreset_mode=mode)
    agent = make()
    happened = play(env, agent, 200, seed=1)
    acted = decisions(happened)
    assert np.isin(acted, (0, 1)).all()
    live = np.stack([step["live"] for step in happened])
    assert live.all() == (mode == "SameStep")
    if hasattr(agent, "_source") and not agent.oracle:
        np.testing.assert_array_equal(agent._source.seen.sum(axis=(1, 2)), live.sum(axis=0))


@EVERY_AGENT
def test_diagnostics_are_numbers_by_lane_or_by_lane_and_group(make):
    agent = make()
    play(lending(4), agent, 60, seed=2)
    for value in agent.diagnostics().values():
        assert value.dtype == np.float64
        assert value.shape in {(4,), (4, 2)}
        before = value.copy()
        value[:] = -1
        assert all((again >= 0).all() for again in agent.diagnostics().values()), before


# Oracles


def test_the_oracle_acts_on_the_optimum_of_the_moment():
    """Every decision of 60 steps from the truth in ``info``, solved one lane at a time."""
    env, agent, lanes = lending(7), EqualOpportunity(oracle=True), 7
    observation, info = env.reset(seed=8)
    agent.reset(env, 8)
    luck = EqualOpportunity(oracle=True)
    luck.reset(env, 8)
    for _ in range(60):
        action = agent.act(observation, info)
        uniforms = luck.luck()
        for lane in range(lanes):
            truth = Beliefs(
                info["score_distribution"][[lane]], info["qualified_probability"][[lane]], info["group_share"][[lane]]
            )
            best = common_rate(truth, 1.0, 1.0, among_qualified=True)
            chance = best.acceptance[0, observation["group"][lane], observation["score"][lane]]
            assert action[lane] == (uniforms[lane] < chance)
            assert agent.diagnostics()["target_rate"][lane] == best.rate[0]
        observation, _, _, _, info = env.step(action)


def test_diagnostics_of_the_first_step():
    for rule, rate, thresholds in (
        (EqualOpportunity, 0.525 / 0.59, (3, 7 - 4 - (0.525 / 0.59 - 0.375 / 0.495) / (0.09 / 0.495))),
        (RewardMaximizer, None, (3, 3)),
        # the common rate .8: group 0's scores 3 to 5; group 1's 3, 4 (.6) and all of score 2 (.2)
        (DemographicParity, 0.8, (3, 2)),
    ):
        agent = rule(oracle=True)
        play(lending(2), agent, 1)
        np.testing.assert_allclose(agent.diagnostics()["threshold"], np.tile(thresholds, (2, 1)), atol=1e-12)
        if rate is not None:
            np.testing.assert_allclose(agent.diagnostics()["target_rate"], [rate, rate], atol=1e-12)


def test_equal_opportunity_gives_equal_rates_on_a_static_population():
    """Per lane 4,000 steps, about 1,180 and 990 qualified: the mean signed gap of 40 lanes within 4 standard errors."""
    happened = play(lending(40, score_moves=False), EqualOpportunity(oracle=True), 4000)
    qualified = by_group(happened, lambda step: step["qualified"])
    accepted = by_group(happened, lambda step: step["qualified"] * step["action"])
    rate = accepted / qualified
    target = 0.525 / 0.59
    error = np.sqrt(target * (1 - target) / qualified.sum(axis=0))
    assert (np.abs(rate.mean(axis=0) - target) <= 4 * error).all()


def test_a_payoff_that_forgives_defaults_accepts_more():
    generous, strict = (RewardMaximizer(oracle=True, loss=loss) for loss in (0.5, 2.0))
    for agent in (generous, strict):
        play(lending(1), agent, 1)
    # break even at 1/3: scores 2 and more (.45); at 2/3: scores 5 and more (.7)
    assert generous.diagnostics()["threshold"][0].tolist() == [2, 2]
    assert strict.diagnostics()["threshold"][0].tolist() == [5, 5]


def test_four_groups_and_unequal_shares():
    agent = EqualOpportunity(oracle=True, loss=4.0)
    happened = play(lending(3, population="transrisk"), agent, 50)
    assert agent.diagnostics()["threshold"].shape == (3, 4)
    assert set(np.concatenate([step["group"] for step in happened]).tolist()) <= {0, 1, 2, 3}


# Learners


@LEARNERS
def test_a_learner_never_reads_hidden_truth(rule):
    plain = decisions(play(lending(5), rule(**LEARNING), 300, seed=9))
    allowed = {"group", "decision", "outcome_repaid"}
    blind = play(
        lending(5, selective_labels=True),
        rule(**LEARNING),
        300,
        seed=9,
        shown=lambda info: {},
        told=lambda outcome: {key: value for key, value in outcome.items() if key in allowed},
    )
    np.testing.assert_array_equal(decisions(blind), plain)


@LEARNERS
def test_a_learner_accepts_everybody_until_its_burn_in_is_over(rule):
    agent = rule(burn_in=50, refit_every=10)
    acted = decisions(play(lending(8), agent, 120))
    assert (acted[:50] == 1).all()
    assert (acted[50:] == 0).any()


def test_a_learner_has_no_target_before_it_has_beliefs():
    agent = EqualOpportunity(burn_in=50)
    play(lending(2), agent, 10)
    assert np.isnan(agent.diagnostics()["target_rate"]).all()
    assert (agent.diagnostics()["threshold"] == 0).all()


def test_equal_opportunity_learns_the_oracles_thresholds():
    """22,000 applicants a lane: corner 3 for group 0; the mixture for group 1 within 4 standard errors over lanes.

    With loss .97 the slope of the bank's money is .058 before the corner and -.101 after it, 4 standard errors of the
    estimated slopes each.
    """
    agent = EqualOpportunity(burn_in=22_000, loss=0.97)
    play(lending(12, score_moves=False), agent, 22_001)
    threshold = agent.diagnostics()["threshold"]
    np.testing.assert_allclose(threshold[:, 0], 3, atol=1e-9)
    exact = 3 - (0.525 / 0.59 - 0.375 / 0.495) / (0.09 / 0.495)
    error = threshold[:, 1].std(ddof=1) / np.sqrt(12)
    assert error < 0.02
    assert abs(threshold[:, 1].mean() - exact) <= 4 * error


def test_a_reward_maximizer_learns_the_oracles_thresholds():
    """Loss 1.1 breaks even at .524, half-way between the .45 of score 2 and the .6 of score 3.

    The rarest cell (score 2 of group 0) has about 500 loans a lane, standard error .022: .074 are 3.3 of them.
    """
    agent = RewardMaximizer(burn_in=10_000, refit_every=1000, loss=1.1)
    play(lending(12, score_moves=False), agent, 10_001)
    np.testing.assert_array_equal(agent.diagnostics()["threshold"], np.full((12, 2), 3.0))


def test_demographic_parity_learns_the_oracles_rate():
    """The corner .8 is an observed share of about 5,000 applicants a lane: standard error .0057 / sqrt(12)."""
    agent = DemographicParity(burn_in=10_000, refit_every=1000)
    play(lending(12, score_moves=False), agent, 10_001)
    assert abs(agent.diagnostics()["target_rate"].mean() - 0.8) <= 4 * np.sqrt(0.8 * 0.2 / 5000 / 12)


def test_a_group_that_never_comes_is_believed_to_be_like_the_others():
    agent = EqualOpportunity(burn_in=100, smoothing=0)
    play(lending(2, group_shares=(1.0, 0.0)), agent, 101)
    threshold = agent.diagnostics()["threshold"]
    np.testing.assert_allclose(threshold[:, 1], threshold[:, 0], atol=1e-12)


# Refusals


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: RewardMaximizer(gain=-1), "gain=-1"),
        (lambda: RewardMaximizer(loss=float("nan")), "loss=nan"),
        (lambda: EqualOpportunity(oracle="yes"), "oracle='yes'"),
        (lambda: EqualOpportunity(burn_in=0), "burn_in=0"),
        (lambda: EqualOpportunity(refit_every=2.5), "refit_every=2.5"),
        (lambda: EqualOpportunity(smoothing=-1), "smoothing=-1"),
        (lambda: RandomAgent(1.5), "rate=1.5"),
        (lambda: ThresholdAgent(-1), "thresholds=-1"),
        (lambda: ThresholdAgent([3, 2.5]), r"thresholds\[1\]=2.5"),
        (lambda: ThresholdAgent("3"), "thresholds='3'"),
        (lambda: AggregateEqualizer(threshold=-1), "threshold=-1"),
    ],
)
def test_bad_settings_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


@pytest.mark.parametrize(
    ("agent", "env_id", "words"),
    [
        (ThresholdAgent(8), "LendingEnv-v0", "7 score levels"),
        (ThresholdAgent([1, 2, 3]), "LendingEnv-v0", "3 entries for 2 groups"),
        (AggregateEqualizer(threshold=8), "LendingEnv-v0", "7 score levels"),
        (RewardMaximizer(), "FeatureLendingEnv-v0", "'score'"),
        (ThresholdAgent(1), "FeatureLendingEnv-v0", "'score'"),
    ],
)
def test_worlds_that_do_not_fit_are_refused(agent, env_id, words):
    with pytest.raises(InputError, match=words):
        agent.reset(gym.make(env_id))


def test_flattened_observations_are_refused():
    env = gym.wrappers.FlattenObservation(gym.make("LendingEnv-v0"))
    with pytest.raises(InputError, match="wrapper"):
        AcceptAll().reset(env)


def test_a_score_that_is_not_a_level_is_refused():
    class Continuous(gym.Env):
        observation_space = gym.spaces.Dict({"score": gym.spaces.Box(0, 1), "group": gym.spaces.Discrete(2)})
        action_space = gym.spaces.Discrete(2)

    with pytest.raises(InputError, match="ClassifierAgent"):
        RewardMaximizer().reset(Continuous())


def test_other_actions_are_refused():
    class Cohort(gym.Env):
        observation_space = gym.spaces.Dict({"score": gym.spaces.Discrete(3), "group": gym.spaces.Discrete(2)})
        action_space = gym.spaces.MultiDiscrete([2, 2])

    with pytest.raises(InputError, match="MultiDiscrete"):
        AcceptAll().reset(Cohort())


# The simplest rules


def test_accept_all_random_and_threshold():
    lanes, steps = 50, 200
    assert (decisions(play(lending(lanes), AcceptAll(), steps)) == 1).all()
    share = decisions(play(lending(lanes), RandomAgent(0.3), steps)).mean()
    assert abs(share - 0.3) <= 4 * np.sqrt(0.3 * 0.7 / (lanes * steps))
    assert not decisions(play(lending(2), RandomAgent(0), 50)).any()
    assert decisions(play(lending(2), RandomAgent(1), 50)).all()
    for thresholds in (3, np.int64(3), np.array(3)):
        for step in play(lending(2), ThresholdAgent(thresholds), 50):
            np.testing.assert_array_equal(step["action"], step["score"] >= 3)
    for step in play(lending(lanes), ThresholdAgent((3, 2)), 50):
        np.testing.assert_array_equal(step["action"], step["score"] >= np.where(step["group"] == 0, 3, 2))


def test_threshold_reports_its_thresholds():
    agent = ThresholdAgent((3, 2))
    play(lending(2), agent, 1)
    assert agent.diagnostics()["threshold"].tolist() == [[3, 2], [3, 2]]
