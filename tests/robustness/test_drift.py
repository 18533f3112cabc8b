"""DriftMonitor: it changes nothing, alarms when something changes and seldom when nothing does, and says why."""

import math
import pickle
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import FlattenObservation

from fairgym.agents import AcceptAll, RandomAgent
from fairgym.checks import InputError
from fairgym.envs import WORLDS
from fairgym.robustness import Alarm, DriftMonitor, DriftVectorMonitor, DriftWarning, StrategicResponse, WindowTests
from fairgym.robustness.drift import Watch
from fairgym.robustness.streams import default_streams
from fairgym.testing.basics import difference, flat, law_of

from .wrapped import DIFFERENCE, FEATURE, REAPPLICATION, SMALL, applicants, euclidean, linear_rule, play

SIZES = {"detectors": WindowTests(200, 100, 50), "steps": 550}
"""Six looks, from step 300 on."""
SHORT = (WindowTests(10, 10, 5), "page-hinkley")


def added(name):
    return name.rpartition(" ")[2].removeprefix("_") in ("drift", "drift_p_value")


@pytest.mark.parametrize("env_id", [world.env_id for world in WORLDS])
@pytest.mark.parametrize("lanes", [None, 3])
def test_a_run_is_the_same_bits_with_the_monitor_and_without(env_id, lanes):
    """Over every world, ends of episodes and reset steps included; a callable that alarms often changes nothing."""
    params = SMALL.get(env_id) or dict(law_of(env_id).short_episode)
    steps = 30 if lanes is None else 60
    if lanes is None:
        envs = [gym.make(env_id, max_episode_steps=100, **params) for _ in "ab"]
    else:
        envs = [gym.make_vec(env_id, num_envs=lanes, max_episode_steps=13, **params) for _ in "ab"]
    seen = []
    watched = DriftMonitor(envs[0], SHORT, false_alarms=1.0, steps=60, on_alarm=seen.append)
    ours, theirs = (list(live_run(env, steps)) for env in (watched, envs[1]))
    assert len(ours) == len(theirs) > 3
    for mine, other in zip(ours, theirs, strict=True):
        mine = {key: value for key, value in flat(mine).items() if not added(key)}
        assert difference(mine, flat(other)) is None
    assert watched.streams
    assert list(map(str, seen)) == list(map(str, watched.raised))


def live_run(env, steps):
    """Yield what a run of random actions returns, up to the end of the episode of a single environment."""
    yield env.reset(seed=5)
    env.action_space.seed(7)
    for _ in range(steps):
        returned = env.step(env.action_space.sample())
        yield returned
        if not hasattr(env, "num_envs") and (returned[2] or returned[3]):
            return


def gamed(lanes=40, start=350, budget=1.5, **changes):
    env = gym.make_vec(FEATURE, num_envs=lanes)
    env = StrategicResponse(env, DIFFERENCE, euclidean(env), budget, start=start)
    return DriftMonitor(env, **{**SIZES, "score": DIFFERENCE.decision_function, **changes})


def test_a_monitor_inside_of_the_response_watches_people_as_they_are():
    """Around it, it sees where they are shown: the order that its page asks for."""
    first = {}
    for name, order in {"around": (shows, watches), "inside": (watches, shows)}.items():
        env = gym.make_vec(FEATURE, num_envs=200)
        for wrap in order:
            env = wrap(env)
        observation, _ = env.reset(seed=0)
        env.step(np.ones(200, int))
        monitor = env if name == "around" else env.env
        first[name] = monitor._detectors[0]._first[:, monitor.streams.index("feature x0"), 0, 0]
    true = gym.make_vec(FEATURE, num_envs=200).reset(seed=0)[0]["features"][:, 0]
    np.testing.assert_array_equal(first["around"], observation["features"][:, 0])
    np.testing.assert_array_equal(first["inside"], true)
    assert (first["around"] != true).any()


def shows(env):
    return StrategicResponse(env, DIFFERENCE, euclidean(env), 1.0)


def watches(env):
    return DriftMonitor(env, [WindowTests(2, 2, 1)], steps=4)


def follow(env, steps, seed=0):
    """Let the published rule decide; return the last info."""
    observation, info = env.reset(seed=seed)
    for _ in range(steps):
        observation, _, _, _, info = env.step(DIFFERENCE.predict(observation["features"]))
    return info


def test_gaming_is_noticed_after_it_began():
    env = gamed()
    follow(env, 550)
    frame = env.alarms()
    first = frame.groupby("lane")["step"].min()
    assert len(first) == 40  # gaming by 1.5 is noticed in every lane
    assert (first > 350).all()
    assert (frame["step"] % 50 == 0).all()
    assert set(frame["stream"]) <= set(env.streams)
    assert frame.columns.tolist() == ["step", "lane", "stream", "detector", "reason", "p_value"]
    assert not frame.duplicated(["lane", "stream"]).any()
    row = frame[frame["stream"] == "score"].iloc[0]
    assert row["reason"].startswith("distributions 0.")
    assert row["p_value"] < 0.05 / (len(env.streams) * 6)


def test_alarms_are_reproducible_and_a_reset_with_a_seed_forgets_them():
    env = gamed(lanes=5)
    follow(env, 500)
    first = list(env.raised)
    assert first
    follow(env, 0)
    assert env.raised == []
    follow(env, 500)
    assert env.raised == first


def test_info_tells_of_the_alarm_in_its_step():
    env = gamed(lanes=5)
    observation, info = env.reset(seed=0)
    assert "drift" not in info
    told = []
    for step in range(1, 501):
        observation, _, _, _, info = env.step(DIFFERENCE.predict(observation["features"]))
        told += [(step, lane) for lane in np.flatnonzero(info["drift"]).tolist()]
        assert np.isnan(info["drift_p_value"]).all() == (step < 300)
    assert info["_drift"].all()
    assert told == sorted({(alarm.step, alarm.lane) for alarm in env.raised})


def test_no_more_than_one_run_in_twenty_alarms_without_a_change():
    """300 runs of which nothing changes, all streams watched: at most 5 % by three binomial standard errors."""
    lanes = 300
    env = gamed(lanes=lanes, start=10**6)
    follow(env, 550)
    share = len({alarm.lane for alarm in env.raised}) / lanes
    assert share <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / lanes)


def test_several_detectors_share_the_false_alarms():
    env = gamed(lanes=2, detectors=[WindowTests(200, 100, 50), "page-hinkley"], false_alarms=0.08)
    follow(env, 3)
    assert [one.false_alarms for one in env._detectors] == [0.04, 0.04]
    assert env._detectors[0].level == 0.04 / (6 * 6)


def test_what_is_watched_can_be_chosen():
    env = DriftMonitor(gym.make(FEATURE), watch=["acceptance", "features"])
    play(env, 1)
    assert env.streams == ("acceptance rate", "feature x0", "feature x1")
    plain = DriftMonitor(gym.make("LendingEnv-v0"))
    play(plain, 1)
    assert plain.streams == ("score", "acceptance rate", "default rate", "share of advantaged")
    named = DriftMonitor(gym.make(REAPPLICATION, **SMALL[REAPPLICATION]))
    play(named, 1)
    assert "feature income" in named.streams


def test_streams_are_known_from_the_first_step_on():
    assert DriftMonitor(gym.make(FEATURE)).streams == ()


def test_hidden_truth_is_not_watched():
    """Under selective labels the default rate is that of the accepted; of the rejected nothing is known."""
    env = DriftMonitor(gym.make_vec(FEATURE, num_envs=200, selective_labels=True), [WindowTests(2, 2, 1)], steps=4)
    env.reset(seed=0)
    decided = np.arange(200) % 2
    info = env.step(decided)[4]
    first = env._detectors[0]._first[:, env.streams.index("default rate"), 0, 0]
    assert np.isnan(first[decided == 0]).all()
    np.testing.assert_array_equal(first[decided == 1], 1 - info["qualified"][decided == 1])


def test_outcomes_that_are_still_unknown_are_no_defaults():
    outcome = {"decision": np.array([1, 1, 1, 0]), "repaid": np.array([1, 0, -1, -1])}
    (stream,) = default_streams(outcome)
    np.testing.assert_array_equal(stream.of(outcome, None), [0, 1, np.nan, np.nan])
    assert default_streams({"decision": np.zeros(3)}) == []


def test_only_who_applied_counts():
    env = DriftMonitor(gym.make_vec(REAPPLICATION, num_envs=2, **SMALL[REAPPLICATION]), [WindowTests(2, 2, 1)], steps=4)
    shown, _ = env.reset(seed=0)
    info = env.step(np.ones((2, 12), np.int8))[4]
    first = env._detectors[0]._first[:, :, 0]
    there = info["applied"] == 1
    assert not there.all()
    assert np.isnan(first.swapaxes(1, 2)[~there]).all()
    place = env.streams.index("feature income")
    rows = shown["features"].reshape(2, 12, -1)
    column = env.unwrapped.credit_people.columns.index("income")
    np.testing.assert_array_equal(first[:, place][there], rows[..., column][there])


def test_a_restart_takes_a_new_reference():
    """Who changes the rule on purpose begins anew, and is not told of it."""
    easier = linear_rule([1, -1], 1.0)
    for restarted in (False, True):
        env = DriftMonitor(gym.make_vec(FEATURE, num_envs=30), watch=["acceptance"], steps=1500)
        observation, _ = env.reset(seed=0)
        for step in range(1500):
            rule = DIFFERENCE if step < 750 else easier
            if step == 750 and restarted:
                env.restart()
            observation = env.step(rule.predict(observation["features"]))[0]
        noticed = {alarm.lane for alarm in env.raised}
        assert len(noticed) == (0 if restarted else 30)
    env.restart(np.arange(30) == 3)
    with pytest.raises(InputError, match="lanes must be a bool array"):
        env.restart([1, 2])


def test_lanes_seeded_alone_begin_anew():
    env = gamed(lanes=2, start=0)
    follow(env, 310)
    env.raised.append(Alarm(300, 0, "score", "window", "", 0.0))
    env.reset(seed=[None, 3])
    assert {alarm.lane for alarm in env.raised} <= {0}
    assert env._steps.tolist() == [310, 0]


def test_answers_to_an_alarm():
    with pytest.warns(DriftWarning, match=r"step \d+, lane 0: .* changed \("):
        follow(gamed(lanes=1, on_alarm="warn"), 500)
    seen = []
    env = gamed(lanes=1, on_alarm=seen.append)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        follow(env, 500)
    assert seen == env.raised
    assert isinstance(seen[0], Alarm)
    assert pickle.loads(pickle.dumps(seen[0])) == seen[0]


def reject_all(observation):
    return np.zeros_like(observation["group"])


@pytest.mark.parametrize("fallback", [reject_all, AcceptAll()], ids=["a function", "an agent"])
def test_a_fallback_decides_from_the_first_alarm_on(fallback):
    env = gamed(lanes=20, fallback=fallback)
    observation, _ = env.reset(seed=0)
    alarmed, replaced = np.zeros(20, bool), 0
    for _ in range(500):
        wanted = DIFFERENCE.predict(observation["features"])
        observation, _, _, _, info = env.step(wanted)
        expected = np.where(alarmed, 0 if fallback is reject_all else 1, wanted)
        np.testing.assert_array_equal(info["decision"], expected)
        replaced += (expected != wanted).sum()
        alarmed |= info["drift"] == 1
    assert replaced > 20


def test_the_agent_that_decides_may_stand_by_as_well():
    """Its luck is its own: up to the first alarm it does what it does without a monitor."""
    decided, acting = [], RandomAgent()
    for fallback in (None, acting):
        env = DriftMonitor(gym.make_vec(FEATURE, num_envs=5), fallback=fallback)
        observation, info = env.reset(seed=0)
        acting.reset(env, 0)
        decided.append([])
        for _ in range(20):
            observation, _, _, _, info = env.step(acting.act(observation, info))
            decided[-1].append(info["decision"].tolist())
        assert not env.raised
    assert decided[0] == decided[1]


def test_a_fallback_answers_a_library_that_sends_actions_as_columns():
    """Some send (n, 1) for a Discrete action; the fallback may say (n,) all the same."""
    env = DriftMonitor(gym.make_vec(FEATURE, num_envs=3), fallback=lambda seen: np.zeros(3, int))
    env.reset(seed=0)
    env._alarmed[:] = True, False, True
    assert env.step(np.ones((3, 1), int))[4]["decision"].tolist() == [0, 1, 0]


def test_a_fallback_in_a_single_environment():
    env = DriftMonitor(gym.make(FEATURE), SHORT[:1], steps=100, false_alarms=1.0, fallback=lambda seen: 0)
    env.reset(seed=0)
    env._alarmed[:] = True
    assert env.step(1)[4]["decision"] == 0


def test_a_detector_of_ones_own_is_left_alone():
    mine = WindowTests(10, 10, 5)
    env = DriftMonitor(gym.make_vec(FEATURE, num_envs=2), mine, steps=40)
    play(env, 20)
    assert not hasattr(mine, "level")
    assert isinstance(env, DriftVectorMonitor)
    assert isinstance(env, Watch)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda env: DriftMonitor(3), "env=3 is no Gymnasium environment"),
        (lambda env: DriftMonitor(env, "windows"), "detectors='windows' is not known: did you mean 'window'"),
        (lambda env: DriftMonitor(env, []), "detectors is empty"),
        (lambda env: DriftMonitor(env, steps=600), "steps=600 leaves no room for a look"),
        (lambda env: DriftMonitor(env, steps=0), "steps=0 is out of range"),
        (lambda env: DriftMonitor(env, false_alarms=0), "false_alarms=0 is too small"),
        (lambda env: DriftMonitor(env, false_alarms=1.2), "false_alarms=1.2 is out of range"),
        (lambda env: DriftMonitor(env, watch="features"), "watch='features' is not a list"),
        (lambda env: DriftMonitor(env, watch=["feature"]), "did you mean 'features'"),
        (lambda env: play(DriftMonitor(env, watch=["score"]), 1), "watch names 'score', which this world does not"),
        (lambda env: DriftMonitor(env, features="shown"), "this world shows no 'shown'"),
        (lambda env: DriftMonitor(env, score=3), "score is a int: give a function"),
        (
            lambda env: play(DriftMonitor(env, score=lambda rows: rows), 1),
            r"score returned float64 of shape \(1, 2\) for 1 people",
        ),
        (lambda env: play(DriftMonitor(env, score=lambda rows: ["a"]), 1), "score returned <U1 of shape"),
        (lambda env: DriftMonitor(FlattenObservation(env)), "reads observations by name, but this world shows a Box"),
        (
            lambda env: play(DriftMonitor(env, fallback=lambda seen: [1, 2]), 1),
            r"fallback returned int64 of shape \(2,\)",
        ),
        (lambda env: play(DriftMonitor(env, fallback=lambda seen: 0.5), 1), "but an action here is int64 of shape"),
        (lambda env: play(DriftMonitor(env, fallback=lambda seen: None), 1), "fallback returned object of shape"),
        (lambda env: DriftMonitor(env, on_alarm="shout"), "on_alarm='shout' is not known: known are record, warn"),
        (lambda env: DriftMonitor(env, fallback=3), "fallback is a int: give an agent, or a function"),
        (lambda env: DriftMonitor(env, fallback=AcceptAll), "fallback is the class AcceptAll"),
        (lambda env: DriftMonitor(env).alarms(), "DriftMonitor has not been started: call reset"),
        (lambda env: DriftMonitor(env).step(1), "DriftMonitor has not been started: call reset"),
    ],
)
def test_bad_input_is_one_sentence(make, words):
    with pytest.raises(InputError, match=words) as refused:
        make(gym.make(FEATURE))
    assert "\n" not in str(refused.value)


def test_the_background_of_the_tests_is_the_feature_world():
    people, truth = applicants(2000)
    assert abs(truth.mean() - 0.62) < 5 * math.sqrt(0.62 * 0.38 / 2000)
    assert people.shape == (2000, 2)
