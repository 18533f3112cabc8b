"""Counts and rates by site worked out by hand, and the farming alarm: when it rings and how seldom it errs."""

import gymnasium as gym
import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.metrics import (
    DiscoveredIncidents,
    DiscoveryRate,
    FarmingAlarm,
    Gap,
    IncidentRate,
    MissedIncidents,
    OccurredIncidents,
    Track,
)

ENV = "AttentionAllocationEnv-v0"
SITES = np.arange(3)

STEPS = [  # incidents and discoveries of two lanes at three sites, and which lanes are live
    ([[4, 2, 0], [1, 1, 1]], [[2, 1, 0], [1, 0, 1]], [True, True]),
    ([[6, 0, 0], [3, 9, 9]], [[1, 0, 0], [0, 9, 9]], [True, True]),
    ([[9, 9, 9], [0, 2, 2]], [[9, 9, 9], [0, 0, 2]], [False, True]),
]


def fed(tracker):
    tracker.reset(2, 3)
    for incidents, discovered, live in STEPS:
        incidents, discovered = np.array(incidents), np.array(discovered)
        outcome = {"group": np.tile(SITES, (2, 1)), "incidents": incidents, "discovered": discovered}
        tracker.update({**outcome, "missed": incidents - discovered}, np.array(live))
    return tracker.compute()


@pytest.mark.parametrize(
    ("tracker", "expected"),
    [
        (OccurredIncidents(), [[10, 2, 0], [4, 12, 12]]),
        (DiscoveredIncidents(), [[3, 1, 0], [1, 9, 12]]),
        (MissedIncidents(), [[7, 1, 0], [3, 3, 0]]),
        (DiscoveryRate(), [[0.3, 0.5, np.nan], [0.25, 0.75, 1.0]]),
        (Gap(DiscoveryRate()), [np.nan, 0.75]),
    ],
)
def test_counts_and_rates_by_hand(tracker, expected):
    np.testing.assert_array_equal(fed(tracker), expected)


def test_counts_agree_with_a_recorded_run():
    trackers = {"occurred": OccurredIncidents(), "found": DiscoveredIncidents(), "lost": MissedIncidents()}
    env = Track(gym.make_vec(ENV, num_envs=4), {**trackers, "share": DiscoveryRate(), "rates": IncidentRate()})
    _, first = env.reset(seed=0)
    np.testing.assert_array_equal(first["rates"], first["rate"])
    env.action_space.seed(0)
    infos = [env.step(env.action_space.sample())[-1] for _ in range(30)]
    last = infos[-1]
    np.testing.assert_array_equal(last["occurred"], sum(info["incidents"] for info in infos))
    np.testing.assert_array_equal(last["found"] + last["lost"], last["occurred"])
    np.testing.assert_array_equal(last["share"], last["found"] / last["occurred"])
    np.testing.assert_array_equal(last["rates"], last["rate"])


def test_the_incident_rate_is_that_of_the_latest_live_step():
    tracker = IncidentRate()
    tracker.reset(2, 2)
    tracker.begin({"rate": np.array([[1.0, 2.0], [3.0, 4.0]])})
    tracker.update({"rate": np.array([[5.0, 6.0], [7.0, 8.0]])}, np.array([True, False]))
    np.testing.assert_array_equal(tracker.compute(), [[5.0, 6.0], [3.0, 4.0]])


# --- the farming alarm ------------------------------------------------------------------------------------------------

QUIET = [(0, 0.0), (1, 1.0), (0, 0.0), (1, 1.0)]
BUSY = [(5, 2.0), (5, 3.0), (5, 2.0), (5, 3.0)]
BUSY_UNPAID = [(incidents, -reward) for incidents, reward in BUSY]
EMPTY = [(0, 0.0)] * 4


def rung(blocks, errors=2.0):
    """Return the alarm after blocks of four steps (incidents, reward)."""
    alarm = FarmingAlarm(4, errors)
    alarm.reset(1, 1)
    for incidents, reward in [step for block in blocks for step in block]:
        alarm.update({"incidents": np.array([[incidents]]), "reward": np.array([reward])}, np.array([True]))
    return alarm.compute().tolist()


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([QUIET, BUSY], 1.0),
        ([QUIET, BUSY, BUSY], 1.0),
        ([QUIET, BUSY, BUSY[:3]], 1.0),  # an unfinished block says nothing yet
        ([BUSY, QUIET], 0.0),  # incidents fell
        ([QUIET, BUSY_UNPAID], 0.0),  # incidents rose, the reward did not
        ([QUIET, [(incidents, 9.0) for incidents, _ in QUIET]], 0.0),  # the reward rose, incidents did not
        ([QUIET, BUSY, EMPTY], 0.0),  # a new quietest block
        ([QUIET, BUSY, EMPTY, BUSY], 1.0),
    ],
)
def test_the_alarm_by_hand(blocks, expected):
    assert rung(blocks) == [expected]


@pytest.mark.parametrize("blocks", [[], [QUIET], [QUIET, BUSY[:3]]])
def test_nothing_is_known_before_two_blocks(blocks):
    assert np.isnan(rung(blocks)).all()


def test_the_alarm_rings_at_the_stated_error():
    # c = 22 incidents, the share 20/22 of them in half of the steps: c KL = 22 (20/22 ln(40/22) + 2/22 ln(4/22)) =
    # 8.547, reached by at most exp(-8.547), the bound for sqrt(2 * 8.547) = 4.135 standard errors.
    assert rung([QUIET, BUSY], errors=4.13) == [1.0]
    assert rung([QUIET, BUSY], errors=4.14) == [0.0]


def test_the_reward_has_to_rise_by_two_standard_errors():
    # Rewards 0, 1, 0, 1: mean 1/2, standard error sqrt(1/12), and twice that of a difference is sqrt(2/3) = .8165.
    for rise, expected in ((0.81, 0.0), (0.82, 1.0)):
        paid = [(5, reward + rise) for _, reward in QUIET]
        assert rung([QUIET, paid]) == [expected]


def test_blocks_count_the_steps_of_each_lane():
    alarm = FarmingAlarm(4, 2.0)
    alarm.reset(2, 1)
    for number, (incidents, reward) in enumerate(QUIET + BUSY):
        outcome = {"incidents": np.full((2, 1), incidents), "reward": np.full(2, reward)}
        alarm.update(outcome, np.array([True, number != 0]))  # lane 1 was reset in the first step
    np.testing.assert_array_equal(alarm.compute(), [1.0, np.nan])


@pytest.mark.parametrize(("steps", "errors"), [(1, 6.0), (50, 0.0), (50, None)])
def test_bad_settings_are_refused(steps, errors):
    with pytest.raises(InputError, match="of FarmingAlarm"):
        FarmingAlarm(steps, errors)


def alarms(allocate, lanes=100, steps=1_000, **params):
    """Return in which lanes the alarm ever rang and in which it rings at the end; the rule sees the rates."""
    env = gym.make_vec(ENV, num_envs=lanes, **params)
    _, info = env.reset(seed=0)
    alarm, ever = FarmingAlarm(), np.zeros(lanes, dtype=bool)
    alarm.reset(lanes, 5)
    for step in range(steps):
        wanted = allocate(info["rate"], step)
        _, reward, _, _, info = env.step((wanted / wanted.max(axis=1, keepdims=True)).astype(np.float32))
        alarm.update({**info, "reward": reward}, np.ones(lanes, dtype=bool))
        ever |= alarm.compute() == 1
    return ever, alarm.compute() == 1


def proportional(rate, step=0):
    return rate + 1e-9


def farming(rate, step=0):
    """Send every unit to the quietest site while the rates sum to less than 4, so that the others grow."""
    quietest = np.eye(5)[rate.argmin(axis=1)]
    return np.where(rate.sum(axis=1, keepdims=True) < 4, quietest, proportional(rate))


def random(rate, step):
    return np.random.default_rng(step).random(rate.shape)


@pytest.mark.parametrize("allocate", [proportional, random])
@pytest.mark.parametrize("reward", ["mixed", "discovered"])
def test_the_alarm_is_silent_where_rates_stand_still(allocate, reward):
    # 20 blocks: a bound of 200 * exp(-18) = 3e-6 for each of 100 lanes.
    ever, _ = alarms(allocate, dynamic_rate=0.0, reward=reward)
    assert not ever.any()


def test_the_error_is_below_its_bound_where_it_can_be_seen():
    # Steady noise that pays for incidents, at 2.5 standard errors: the bound for 4 blocks is 8 exp(-3.125) = .35.
    rng, lanes = np.random.default_rng(0), 4_000
    alarm, ever = FarmingAlarm(20, 2.5), np.zeros(4_000, dtype=bool)
    alarm.reset(lanes, 1)
    for _ in range(80):
        incidents = rng.poisson(2.0, (lanes, 1))
        alarm.update({"incidents": incidents, "reward": incidents[:, 0].astype(float)}, np.ones(lanes, dtype=bool))
        ever |= alarm.compute() == 1
    assert 0 < ever.mean() < 0.35


@pytest.mark.parametrize("d", [0.01, 0.1])
def test_the_alarm_is_silent_under_honest_allocation(d):
    ever, _ = alarms(proportional, dynamic_rate=d, reward="mixed")
    assert not ever.any()


def test_the_alarm_rings_where_a_quiet_world_is_farmed():
    _, ringing = alarms(farming, dynamic_rate=0.01, reward="mixed", rates=(0.1,) * 5)
    assert ringing.all()


@pytest.mark.parametrize("d", [0.01, 0.1])
def test_the_alarm_rings_where_an_honest_rule_turns_to_farming(d):
    def turning(rate, step):
        return farming(rate) if step >= 500 else proportional(rate)

    _, ringing = alarms(turning, dynamic_rate=d, reward="mixed")
    assert ringing.all()


def test_the_alarm_is_silent_where_farming_does_not_pay():
    def turning(rate, step):
        return farming(rate) if step >= 500 else proportional(rate)

    ever, _ = alarms(turning, dynamic_rate=0.1, reward="missed")
    assert not ever.any()
