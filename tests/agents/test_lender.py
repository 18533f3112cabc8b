"""Lenders that decide on cohorts: the threshold on one feature, capacity, ties, and the shape of the action."""

import numpy as np
import pytest
from gymnasium.vector import SyncVectorEnv
from gymnasium.wrappers import FlattenObservation

from fairgym.agents import ScoreThreshold
from fairgym.checks import InputError
from fairgym.envs.advice import ACCEPT, DECLINE
from fairgym.envs.lending import LendingEnv
from fairgym.envs.reapplication import shown_people
from fairgym.testing import check_agent
from tests.agents.small_lending import SAVINGS, Savers, cohort, ready, world


def savers(threshold=5, lanes=None, seed=0, **params):
    return ready(ScoreThreshold("savings", threshold), lanes, seed, **({"offers": "none"} | params))


def test_it_accepts_from_the_threshold_up_and_only_applicants():
    agent = savers()
    assert agent.act(cohort([4, 5, 6, 9], applying=[1, 1, 1, 0]), {}).tolist() == [0, 1, 1, 0]
    assert agent.diagnostics()["bar"].tolist() == [5]


def test_every_lane_by_itself():
    agent = savers(lanes=2)
    decisions = agent.act(cohort([[4, 5, 6, 9], [9, 1, 1, 5]]), {})
    np.testing.assert_array_equal(decisions, [[0, 1, 1, 1], [1, 0, 0, 1]])


def test_in_a_world_that_takes_offers_it_declines_and_leaves_people_as_they_are():
    agent = savers(offers="agent")
    seen = cohort([4, 5, 6, 9], visits=[1, 2, 3, 4], applying=[1, 1, 1, 0])
    action = agent.act(seen, {})
    assert agent.action_space.contains(action)
    assert action[:, 0].tolist() == [DECLINE, ACCEPT, ACCEPT, DECLINE]
    np.testing.assert_array_equal(action[:, 1:], shown_people(seen))


def test_with_a_capacity_the_best_are_accepted_and_the_bar_rises_to_the_last_of_them():
    agent = savers(lanes=2, capacity=2)
    decisions = agent.act(cohort([[9, 6, 7, 5], [9, 6, 1, 2]]), {})
    np.testing.assert_array_equal(decisions, [[1, 0, 1, 0], [1, 1, 0, 0]])
    told = agent.diagnostics()
    assert told["bar"].tolist() == [7, 5]  # in lane 1 nobody was turned away for want of loans
    reference = Savers().book(1000, 0)[0][:, SAVINGS]
    assert told["accepts"].tolist() == [(reference >= 7).mean(), (reference >= 5).mean()]


def test_ties_are_drawn_by_lot():
    # 400 lanes draw one of two alike: the share of the first has a standard error of 1/40
    agent = savers(lanes=400, places=3, capacity=1)
    decisions = agent.act(cohort(np.tile([6, 6, 5], (400, 1))), {})
    assert (decisions.sum(axis=1) == 1).all()
    assert decisions[:, 2].sum() == 0
    assert abs(decisions[:, 0].mean() - 0.5) < 4 / 40
    assert (agent.diagnostics()["bar"] == 6).all()


def test_never_more_than_the_capacity_in_a_run():
    env = world(3, places=40, capacity=2, offers="none", arrival_rate=0.3)
    agent = ScoreThreshold("savings", 1)
    loans = []
    for step in range(12):
        if step == 0:
            observation, info = env.reset(seed=0)
            agent.reset(env, 0)
        decisions = agent.act(observation, info)
        loans.append(decisions.sum(axis=1))
        observation, _, _, _, info = env.step(decisions)
        np.testing.assert_array_equal(info["decision"].sum(axis=1), loans[-1])  # so the world draws no lots
    assert np.max(loans) == 2


def test_what_is_unknown_is_nan():
    agent = savers()
    assert all(np.isnan(values).all() for values in agent.diagnostics().values())
    agent.act(cohort([9, 9, 9, 9]), {})
    assert np.isnan(agent.diagnostics()["recourse"]).all()  # nobody was rejected
    agent.act(cohort([9, 9, 9, 1]), {})
    assert agent.diagnostics()["recourse"].tolist() == [0]


def test_the_worlds_of_a_sync_vector_are_decided_on_alike():
    made = []
    for env in (world(2, places=20), SyncVectorEnv([lambda: world(places=20)] * 2)):
        agent, (observation, info) = ScoreThreshold("savings", 5), env.reset(seed=3)
        agent.reset(env, 3)
        for _ in range(6):
            made.append(agent.act(observation, info))
            observation, _, _, _, info = env.step(made[-1])
    np.testing.assert_array_equal(made[:6], made[6:])


def test_the_laws_with_a_capacity():
    params = {"population": Savers(), "places": 12, "capacity": 2}
    check_agent(ScoreThreshold("savings", 4), "ReapplicationEnv-v0", num_envs=2, steps=15, **params)


# Misuse


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (lambda: LendingEnv(), "lends to people who act on what they are told, which this environment does not have"),
        (lambda: FlattenObservation(world()), "take off the wrapper that flattens them"),
        (
            lambda: SyncVectorEnv([lambda: world(capacity=1), lambda: world(capacity=2)]),
            "needs one capacity, but the worlds of this vector have several: make them alike",
        ),
    ],
)
def test_other_worlds_are_refused(env, message):
    with pytest.raises(InputError, match=message):
        ScoreThreshold("savings").reset(env())


def test_a_feature_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"column names 'saving', but no feature is called so: did you mean 'savings'"):
        ready(ScoreThreshold("saving"))
    with pytest.raises(InputError, match="threshold='high' is not a number"):
        ScoreThreshold("savings", "high")
