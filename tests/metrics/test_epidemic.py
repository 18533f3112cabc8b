"""Trackers of an epidemic, worked by hand."""

import gymnasium as gym
import numpy as np

from fairgym.metrics import (
    CumulativeDecisions,
    Difference,
    EffectiveSupplyOverDemand,
    GroupSickDays,
    Infections,
    Precision,
    SickDays,
    SupplyOverDemand,
    TotalInfected,
)

# Two lanes of four people, two communities, three steps; lane 1 is not live in the last step.
GROUP = np.array([[0, 0, 1, 1]] * 2)
STEPS = [
    {  # lane 0: person 0 sick, infects 1 and 2, dose to 3; lane 1: person 3 sick, useless dose to 3
        "sick": [[1, 0, 0, 0], [0, 0, 0, 1]],
        "newly_infected": [[0, 1, 1, 0], [0, 0, 0, 0]],
        "decision": [[0, 0, 0, 1], [0, 0, 0, 1]],
        "qualified": [[0, 1, 1, 1], [1, 1, 1, 0]],
    },
    {  # lane 0: three sick, useless dose to 0; lane 1: 2 infected, dose to 0
        "sick": [[1, 1, 1, 0], [0, 0, 0, 1]],
        "newly_infected": [[0, 0, 0, 0], [0, 0, 1, 0]],
        "decision": [[1, 0, 0, 0], [1, 0, 0, 0]],
        "qualified": [[0, 0, 0, 0], [1, 1, 1, 0]],
    },
    {
        "sick": [[0, 1, 0, 0], [1, 1, 1, 1]],
        "newly_infected": [[1, 0, 0, 0], [1, 1, 1, 1]],
        "decision": [[0, 0, 0, 0], [1, 1, 1, 1]],
        "qualified": [[0, 0, 0, 0], [1, 1, 1, 1]],
    },
]
LIVE = [[True, True], [True, True], [True, False]]


def run(tracker):
    tracker.reset(2, 2)
    tracker.begin({})
    for step, live in zip(STEPS, LIVE, strict=True):
        arrays = {key: np.array(value, dtype=np.int8) for key, value in step.items()}
        tracker.update({"group": GROUP, **arrays}, np.array(live))
    return tracker.compute()


def test_sick_days():
    assert run(SickDays()).tolist() == [5, 2]
    assert run(GroupSickDays()).tolist() == [[4, 1], [0, 2]]


def test_infections():
    assert run(Infections()).tolist() == [[2, 1], [0, 1]]
    # With the one person of each lane who was sick when the episode began.
    assert run(TotalInfected()).tolist() == [4, 2]


def test_every_episode_begins_with_its_own_sick():
    tracker = TotalInfected()
    tracker.reset(2, 2)
    step = {"sick": np.array([[1, 0], [1, 1]]), "newly_infected": np.zeros((2, 2), int)}
    for _ in range(2):
        tracker.update(step, np.array([True, True]))
    tracker.begin({}, np.array([False, True]))
    tracker.update(step, np.array([True, False]))  # the reset step of lane 1
    tracker.update(step, np.array([True, True]))
    assert tracker.compute().tolist() == [1, 4]


def test_supply_over_demand():
    # Lane 0: doses (1, 1) over infections (2, 1). Lane 1: doses (1, 1), infections (0, 1).
    np.testing.assert_array_equal(run(SupplyOverDemand()), [[1 / 2, 1], [np.nan, 1]])
    np.testing.assert_array_equal(run(Difference(SupplyOverDemand(), 0, 1)), [-1 / 2, np.nan])
    # Of these, the doses of lane 0 to person 0 and of lane 1 to person 3 helped nobody.
    np.testing.assert_array_equal(run(EffectiveSupplyOverDemand()), [[0, 1], [np.nan, 0]])
    assert run(CumulativeDecisions()).tolist() == [[1, 1], [1, 1]]


def test_precision_of_treatment():
    assert run(Precision()).tolist() == [[0, 1], [1, 0]]


def test_sick_days_are_those_of_the_states():
    env = gym.make_vec("InfectiousDiseaseEnv-v0", num_envs=5)
    env.action_space.seed(0)
    env.reset(seed=0)
    trackers = {"days": SickDays(), "groups": GroupSickDays(), "total": TotalInfected()}
    for tracker in trackers.values():
        tracker.reset(5, 2)
    days, ever = np.zeros((5, 34)), env.unwrapped.state.health == 1
    for _ in range(20):
        days += env.unwrapped.state.health == 1
        info = env.step(env.action_space.sample())[-1]
        ever |= env.unwrapped.state.health == 1
        for tracker in trackers.values():
            tracker.update(info, np.ones(5, dtype=bool))
    group = env.unwrapped.network.group
    np.testing.assert_array_equal(trackers["days"].compute(), days.sum(axis=1))
    np.testing.assert_array_equal(trackers["groups"].compute()[:, 1], days[:, group == 1].sum(axis=1))
    np.testing.assert_array_equal(trackers["total"].compute(), ever.sum(axis=1))
