"""Track against brute force over recorded transitions, on every kind of environment and autoreset mode."""

import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics

from fairgym.checks import InputError
from fairgym.envs.lending import LendingEnv, LendingVectorEnv
from fairgym.metrics import (
    AcceptanceRate,
    ConfusionCounts,
    GroupRate,
    PopulationScore,
    SimpsonDecomposition,
    TotalVariation,
    Track,
    TrackEnv,
    TrackVectorEnv,
    TruePositiveRate,
    Utility,
    Window,
    simpson_decomposition,
)
from tests.metrics.lending_runs import PARAMS, lane_events, people, policy, share, true_positive_rates

SEED, LANES, STEPS, PERIOD, WINDOW = 11, 4, 150, 25, 12

TRACKERS = {
    "tpr": TruePositiveRate(),
    "recent": Window(AcceptanceRate(), WINDOW),
    "confusion": ConfusionCounts(),
    "money": Utility(),
    "population": PopulationScore(),
    "moved": TotalVariation(),
    "simpson": SimpsonDecomposition(PERIOD),
}


def by_counting(events):
    """Return what the trackers above must say after these events, from plain Python lists."""
    records = people(events)
    expected = {"tpr": true_positive_rates(records)}
    recent = records[-WINDOW:]
    expected["recent"] = [
        share([d == 1 for _, d, _, _ in recent], [g == group for g, *_ in recent]) for group in (0, 1)
    ]
    for name, cell in {"tp": (1, 1), "fp": (1, 0), "tn": (0, 0), "fn": (0, 1)}.items():
        expected[f"confusion.{name}"] = [sum((g, d, q) == (group, *cell) for g, d, q, _ in records) for group in (0, 1)]
    expected["money"] = sum(u for *_, u in records)
    start = [info for kind, info in events if kind == "reset"][-1]
    last = events[-1][1]
    expected["population"] = last["population_score"]
    expected["moved"] = np.abs(last["score_distribution"] - start["score_distribution"]).sum(axis=1) / 2
    periods = [records[first : first + PERIOD] for first in range(0, len(records), PERIOD)]
    above = [[sum(g == group and q == 1 and d == 1 for g, d, q, _ in one) for group in (0, 1)] for one in periods]
    below = [[sum(g == group and q == 1 for g, _, q, _ in one) for group in (0, 1)] for one in periods]
    simpson = simpson_decomposition(above, below)
    return expected | {f"simpson.{name}": value for name, value in simpson.items()}


def check(info, expected, lane=...):
    """Compare the values of one lane, to rounding."""
    for name, value in expected.items():
        np.testing.assert_allclose(info[name][lane], value, rtol=1e-12, atol=1e-12, err_msg=name)


def drive(env, steps=STEPS):
    """Run the policy, resetting ended lanes by mask where nobody else does, and return the last info."""
    observation, info = env.reset(seed=SEED)
    for _ in range(steps):
        observation, _, terminated, truncated, info = env.step(policy(observation))
        over = terminated | truncated
        if env.metadata["autoreset_mode"] is AutoresetMode.DISABLED and over.any():
            observation, info = env.reset(options={"reset_mask": over})
    return info


def native(mode):
    return LendingVectorEnv(LANES, autoreset_mode=mode, **PARAMS)


def sync(mode):
    return SyncVectorEnv([lambda: LendingEnv(**PARAMS)] * LANES, autoreset_mode=mode)


@pytest.mark.parametrize("build", [native, sync])
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_vector_values_against_brute_force(build, mode):
    env = Track(build(mode), TRACKERS)
    assert isinstance(env, TrackVectorEnv)
    info = drive(env)
    resets = 0
    for lane in range(LANES):
        events = lane_events(SEED + lane, STEPS, mode is AutoresetMode.NEXT_STEP)
        resets += sum(kind == "reset" for kind, _ in events) - 1
        check(info, by_counting(events), lane)
    assert resets > 10, "the run must be full of terminations"
    for name in by_counting(events):
        assert info[f"_{name}"].all()


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # fork, from Python 3.12 on
def test_async_vector_values_against_brute_force(mode):
    env = Track(AsyncVectorEnv([lambda: LendingEnv(**PARAMS)] * 2, autoreset_mode=mode), TRACKERS)
    info = drive(env, 60)
    for lane in range(2):
        check(info, by_counting(lane_events(SEED + lane, 60, mode is AutoresetMode.NEXT_STEP)), lane)
    env.close()


@pytest.mark.parametrize("build", [native, sync])
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_population_trackers_follow_every_reset(build, mode):
    env, start = Track(build(mode), TRACKERS), LendingEnv(**PARAMS).reset(seed=0)[1]["population_score"]
    observation, info = env.reset(seed=SEED)
    ended, begun = np.zeros(LANES, bool), 0
    for _ in range(60):
        observation, _, terminated, _, info = env.step(policy(observation))
        begins = {AutoresetMode.NEXT_STEP: ended, AutoresetMode.SAME_STEP: terminated}.get(mode, np.zeros(LANES, bool))
        np.testing.assert_array_equal(info["population"], info["population_score"])
        if mode is AutoresetMode.DISABLED and terminated.any():
            observation, info = env.reset(options={"reset_mask": terminated})
            begins = terminated
        np.testing.assert_array_equal(info["population"][begins], np.tile(start, (begins.sum(), 1)))
        assert (info["moved"][begins] == 0).all()
        ended, begun = terminated, begun + begins.sum()
    assert begun > 5


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_truncated_episodes(mode):
    """Every seventh step ends an episode of all lanes at once, so that Sync's info holds nothing but resets."""

    def one():
        return gymnasium.wrappers.TimeLimit(LendingEnv(), 7)

    native_env = LendingVectorEnv(3, autoreset_mode=mode, max_episode_steps=7)
    infos = [drive(Track(env, TRACKERS), 50) for env in (native_env, SyncVectorEnv([one] * 3, autoreset_mode=mode))]
    transitions = 50 - 50 // 8 if mode is AutoresetMode.NEXT_STEP else 50
    for info in infos:
        assert (sum(info[f"confusion.{cell}"] for cell in ("tp", "fp", "tn", "fn")).sum(axis=1) == transitions).all()
    for name in by_counting(lane_events(SEED, 10)):
        np.testing.assert_array_equal(infos[0][name], infos[1][name])


def test_single_values_against_brute_force_at_every_step():
    env = Track(LendingEnv(**PARAMS), TRACKERS)
    assert isinstance(env, TrackEnv)
    observation, info = env.reset(seed=SEED)
    events = [("reset", info)]
    for _ in range(STEPS):
        observation, _, over, _, info = env.step(policy(observation))
        events.append(("step", info))
        check(info, by_counting(events))
        if over:
            observation, info = env.reset()
            assert np.isnan(info["tpr"]).all(), "a single environment's metrics are those of one episode"
            events = [("reset", info)]


def test_a_full_reset_of_a_vector_env_starts_anew():
    env = Track(native(AutoresetMode.NEXT_STEP), TRACKERS)
    first = drive(env)
    again = drive(env)
    for name in by_counting(lane_events(SEED, 10)):
        np.testing.assert_array_equal(first[name], again[name])


def test_selective_labels_in_a_run():
    rates = {"tpr": TruePositiveRate(), "confusion": ConfusionCounts()}
    shown, hidden = (
        drive(Track(LendingVectorEnv(3, selective_labels=hide, **PARAMS), rates)) for hide in (False, True)
    )
    assert np.isfinite(shown["tpr"]).all()
    assert np.isnan(hidden["tpr"]).all()
    for cell in ("tp", "fp"):
        np.testing.assert_array_equal(hidden[f"confusion.{cell}"], shown[f"confusion.{cell}"])


def test_values_are_in_the_info_from_the_reset_on():
    _, info = Track(LendingEnv(), TRACKERS).reset(seed=0)
    assert np.isnan(info["tpr"]).all()
    np.testing.assert_array_equal(info["population"], info["population_score"])
    assert (info["moved"] == 0).all()
    assert info["money"] == 0
    assert np.ndim(info["money"]) == 0
    _, info = Track(LendingVectorEnv(2), TRACKERS).reset(seed=0)
    assert info["tpr"].shape == (2, 2)
    assert info["_money"].tolist() == [True, True]


def test_tracked_environments_do_not_share_trackers():
    """The usual closure hands one dict of trackers to every sub-environment."""
    subs = SyncVectorEnv([lambda: Track(LendingEnv(**PARAMS), TRACKERS)] * LANES)
    observation, info = subs.reset(seed=SEED)
    for _ in range(5):
        observation, _, over, _, info = subs.step(policy(observation))
        assert not over.any()
    for lane in range(LANES):
        check(info, by_counting(lane_events(SEED + lane, 5)), lane)


def test_with_other_wrappers_inside_and_outside():
    env = Track(RecordEpisodeStatistics(native(AutoresetMode.SAME_STEP)), TRACKERS)
    plain = Track(native(AutoresetMode.SAME_STEP), TRACKERS)
    np.testing.assert_array_equal(drive(env)["tpr"], drive(plain)["tpr"])
    outer = RecordEpisodeStatistics(Track(native(AutoresetMode.NEXT_STEP), TRACKERS))
    assert drive(outer)["tpr"].shape == (LANES, 2)
    single = gymnasium.wrappers.TimeLimit(Track(gymnasium.make("LendingEnv-v0"), TRACKERS), 3)
    single.reset(seed=0)
    assert "tpr" in single.step(1)[4]


def test_a_world_whose_groups_are_shown_in_the_info_only():
    class Nameless(gymnasium.Wrapper):
        unwrapped = None

        def __init__(self, env):
            super().__init__(env)
            self.unwrapped = self

    env = Track(Nameless(LendingEnv()), {"tpr": TruePositiveRate()})
    assert env.reset(seed=0)[1]["tpr"].shape == (2,)


class Bare(gymnasium.Env):
    """A world without groups of its own and with nothing in its reset info."""

    observation_space = action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, **reports):
        self.reports = reports

    def reset(self, *, seed=None, options=None):
        return 0, {}

    def step(self, action):
        return 0, 0.0, False, False, dict(self.reports)


def test_the_number_of_groups_can_be_given():
    env = Track(Bare(group=2, decision=1), {"acceptance": AcceptanceRate()}, num_groups=3)
    env.reset()
    np.testing.assert_array_equal(env.step(0)[4]["acceptance"], [np.nan, np.nan, 1])


def stepped(env):
    env.reset()
    env.step(0)


def custom(requires):
    class Custom(GroupRate):
        def parts(self, outcome):
            raise AssertionError

    Custom.requires = requires
    return Custom()


@pytest.mark.parametrize(
    ("misuse", "words"),
    [
        (lambda: Track(LendingEnv(), {"_tpr": TruePositiveRate()}), "'_tpr' cannot be used"),
        (lambda: Track(LendingEnv(), {"final_tpr": TruePositiveRate()}), "cannot be used"),
        (lambda: Track(LendingEnv(), {"group": TruePositiveRate()}), "no key of the outcome"),
        (lambda: Track(LendingEnv(), {3: TruePositiveRate()}), "tracker name 3"),
        (lambda: Track(LendingEnv(), {"tpr": TruePositiveRate}), "give a tracker object"),
        (lambda: Track(LendingEnv(), [TruePositiveRate()]), "trackers are a list"),
        (lambda: Track(LendingEnv(), {}), "trackers are nothing"),
        (
            lambda: Track(LendingEnv(), {"x": ConfusionCounts(), "x.tp": AcceptanceRate()}),
            r"'x\.tp' could be .* of 'x'",
        ),
        (
            lambda: Track(LendingEnv(), {"x.tp": AcceptanceRate(), "x": ConfusionCounts()}),
            r"'x\.tp' could be .* of 'x'",
        ),
        (lambda: Track(LendingEnv(), {"agent.threshold": AcceptanceRate()}), "of a part of 'agent'"),
        (lambda: Track(LendingEnv, {"tpr": TruePositiveRate()}), "not a Gymnasium environment"),
        (lambda: Track(LendingEnv(), {"x": AcceptanceRate()}, num_groups=0), "num_groups=0"),
        (lambda: Track(Bare(), {"tpr": TruePositiveRate()}).reset(), "num_groups="),
        (lambda: stepped(Track(Bare(), {"x": AcceptanceRate()}, num_groups=2)), "no 'decision'"),
        (
            lambda: stepped(Track(Bare(decision=1), {"x": custom(("group", "rank"))}, 2)),
            r"'x' \(Custom\) reads 'group'",
        ),
        (lambda: stepped(Track(LendingEnv(), {"x": custom(("group", "rank"))})), "reads 'rank'"),
        (lambda: stepped(Track(Bare(group=0, decision=1, mine=3), {"mine": AcceptanceRate()}, 2)), "info already"),
        (lambda: Track(Bare(decision=1), {"x": AcceptanceRate()}, num_groups=2).step(0), r"call reset\(\) first"),
        (lambda: stepped(Track(Bare(group=1, decision=1), {"x": AcceptanceRate()}, num_groups=1)), "was reset for 1"),
    ],
)
def test_misuse_is_answered_by_name(misuse, words):
    with pytest.raises(InputError, match=words):
        misuse()


def test_it_imports_where_vector_wrappers_have_no_parameters():
    """As in Gymnasium 1.1 to 1.3."""
    code = """
import gymnasium.vector as vector

def refuse(cls, parameters):
    raise TypeError("VectorWrapper is not a generic class")

vector.VectorWrapper.__class_getitem__ = classmethod(refuse)
import fairgym.agents, fairgym.metrics
"""
    subprocess.run([sys.executable, "-c", code], check=True)
