"""What every agent does alike: it takes the world's payoff, knows each lane's latest info, and refuses misuse."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv
from sklearn.naive_bayes import GaussianNB

from fairgym.agents import (
    AcceptAll,
    AcceptRejectAgent,
    AggregateEqualizer,
    Beliefs,
    ClassifierAgent,
    EqualOpportunity,
    RewardMaximizer,
    Transition,
)
from fairgym.checks import InputError
from fairgym.envs.lending import LendingEnv
from fairgym.outcome import transition_view
from tests.agents.hand_loop import features, lending

BANKS = {
    "rule": RewardMaximizer,
    "equalizer": AggregateEqualizer,
    "classifier": lambda **payoff: ClassifierAgent(GaussianNB(), **payoff),
}
EVERY_BANK = pytest.mark.parametrize("make", BANKS.values(), ids=BANKS.keys())


# The payoff


def payoff_in(env, make=RewardMaximizer, **given):
    agent = make(**given)
    agent.reset(env)
    return tuple(agent.payoff)


@EVERY_BANK
@pytest.mark.parametrize("lanes", [None, 2])
def test_the_payoff_is_the_worlds_unless_it_is_given(make, lanes):
    assert payoff_in(lending(lanes), make) == (1, 1)
    assert payoff_in(lending(lanes, population="transrisk"), make) == (1, 4)
    assert payoff_in(lending(lanes, interest_rate=0.5, loan_amount=2.0), make) == (1, 2)
    assert payoff_in(lending(lanes, population="transrisk"), make, loss=3) == (1, 3)
    assert payoff_in(lending(lanes, population="transrisk"), make, gain=0, loss=0) == (0, 0)


def test_the_payoff_of_the_feature_world():
    assert payoff_in(features(), BANKS["classifier"]) == pytest.approx((0.3, 1.0))


def test_settings_stay_as_given():
    agent = RewardMaximizer(loss=2)
    agent.reset(lending())
    assert (agent.gain, agent.loss) == (None, 2)


def test_a_policy_can_be_asked_for_without_a_world_where_the_payoff_is_given():
    beliefs = Beliefs(np.full((1, 1, 2), 0.5), np.array([[[0.3, 0.6]]]), np.ones((1, 1)))
    assert RewardMaximizer(gain=1, loss=1).policy(beliefs).acceptance.tolist() == [[[0, 1]]]
    with pytest.raises(InputError, match="give gain and loss"):
        RewardMaximizer(gain=1).policy(beliefs)


def test_the_worlds_of_a_sync_vector_are_asked_and_must_agree():
    assert payoff_in(SyncVectorEnv([lambda: LendingEnv(interest_rate=0.5)] * 2)) == (0.5, 1)
    mixed = SyncVectorEnv([lambda: LendingEnv(interest_rate=0.5), LendingEnv])
    with pytest.raises(InputError, match="give gain and loss"):
        payoff_in(mixed)
    assert payoff_in(mixed, gain=0.5, loss=1) == (0.5, 1)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # fork, from Python 3.12 on
def test_worlds_in_other_processes_are_not_asked():
    env = AsyncVectorEnv([LendingEnv] * 2)
    with pytest.raises(InputError, match="give gain and loss"):
        payoff_in(env)
    assert payoff_in(env, gain=1, loss=1) == (1, 1)
    env.close()


def test_a_bank_on_transrisk_breaks_even_at_four_fifths():
    agent, env = RewardMaximizer(oracle=True), lending(2, population="transrisk")
    observation, info = env.reset(seed=0)
    agent.reset(env)
    agent.act(observation, info)
    accepted = (info["qualified_probability"] > 0.8).sum(axis=2)
    np.testing.assert_array_equal(agent.diagnostics()["threshold"], 23 - accepted)


# What is known of lanes that the info does not speak of


class Notes(AcceptRejectAgent):
    """A third party's rule that reads the truth in ``decide`` and takes every row for what it says."""

    oracle = True

    def acceptance(self, observation, info):
        self.read = {key: info[key].copy() for key in ("score_distribution", "group_share", "population_score")}
        return np.ones(self.lanes)


ENDING = {"starting_cash": 3, "interest_rate": 0.5}


def sync(lanes, mode):
    return SyncVectorEnv([lambda: LendingEnv(**ENDING)] * lanes, autoreset_mode=mode)


def native(lanes, mode):
    return lending(lanes, autoreset_mode=mode, **ENDING)


@pytest.mark.parametrize("make", [native, sync])
@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_every_row_is_the_present_truth(make, mode):
    """Under each autoreset mode, with resets by mask whose info speaks of the reset lanes only."""
    lanes = 5
    env, notes, rule = make(lanes, gym.vector.AutoresetMode(mode)), Notes(), EqualOpportunity(oracle=True)
    observation, info = env.reset(seed=3)
    present_truth = {key: np.array(info[key]) for key in ("score_distribution", "group_share", "population_score")}
    for agent in (notes, rule):
        agent.reset(env, 3)
    resets = 0
    for _ in range(60):
        action, seen = rule.act(observation, info), observation
        notes.act(observation, info)
        for key, truth in present_truth.items():
            np.testing.assert_array_equal(notes.read[key], truth)
        np.testing.assert_array_equal(rule._source._truth.mass, present_truth["score_distribution"])
        assert np.isfinite(rule.diagnostics()["target_rate"]).all()
        observation, reward, terminated, _, info = env.step(action | 1)
        outcome, live = transition_view(info, lanes)
        for agent in (notes, rule):
            agent.learn(Transition(seen, action, reward, observation, outcome, live, terminated))
        present_truth = {key: np.array(info[key]) for key in present_truth}
        resets += terminated.sum()
        if mode == "Disabled" and terminated.any():
            observation, info = env.reset(options={"reset_mask": terminated})
            for key, truth in present_truth.items():
                truth[terminated] = info[key][terminated]
    assert resets > 5


# Misuse


def in_lending(agent, lanes=3, seed=0):
    env = lending(lanes)
    observation, info = env.reset(seed=seed)
    agent.reset(env, seed)
    return observation, info


@pytest.mark.parametrize("seed", [-1, None, 1.5])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(InputError, match="seed of the agent="):
        AcceptAll().reset(lending(), seed)


@pytest.mark.parametrize("agent", [AcceptAll(), EqualOpportunity(), ClassifierAgent(GaussianNB())])
def test_nothing_can_be_asked_before_reset(agent):
    observation, info = lending(2).reset(seed=0)
    with pytest.raises(InputError, match=r"call reset\(\) first"):
        agent.act(observation, info)


def test_diagnostics_before_reset_and_attributes_that_are_not_there():
    with pytest.raises(InputError, match=r"call reset\(\) first"):
        EqualOpportunity().diagnostics()
    assert not hasattr(EqualOpportunity(), "theshold")
    agent = AcceptAll()
    in_lending(agent)
    with pytest.raises(AttributeError, match="'AcceptAll' object has no attribute 'theshold'"):
        _ = agent.theshold


@pytest.mark.parametrize(("reset_for", "shown"), [(3, 2), (3, None), (None, 3), (1, None), (None, 1)])
def test_another_number_of_lanes_is_refused(reset_for, shown):
    agent = AcceptAll()
    in_lending(agent, reset_for)
    expected = "a single environment" if reset_for is None else f"{reset_for} lanes"
    with pytest.raises(InputError, match=f"AcceptAll was reset for {expected}"):
        agent.act(*lending(shown).reset(seed=0))


@pytest.mark.parametrize(
    ("agent", "missing"),
    [
        (EqualOpportunity(), "outcome_repaid"),
        (ClassifierAgent(GaussianNB()), "outcome_repaid"),
        (AggregateEqualizer(oracle=True), "qualified"),
    ],
)
def test_a_world_that_does_not_report_what_is_learned_from_is_refused(agent, missing):
    observation, _ = in_lending(agent, 1)
    nobody, everybody = np.zeros(1, bool), np.ones(1, bool)
    step = Transition(
        observation, np.ones(1, int), np.ones(1), observation, {"decision": np.ones(1)}, everybody, nobody
    )
    with pytest.raises(InputError, match=f"learns from the outcome '{missing}', but this world reports only decision"):
        agent.learn(step)
