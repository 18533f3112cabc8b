"""AnomalyGuard: who is flagged, how many of whom, what becomes of them, and nothing else."""

import math

import gymnasium as gym
import numpy as np
import pytest

from fairgym.agents import AcceptAll
from fairgym.checks import InputError
from fairgym.experiment import rollout
from fairgym.robustness import AnomalyGuard, AnomalyVectorGuard, FlaggedRate
from fairgym.robustness.anomaly import Strangeness
from fairgym.testing.basics import difference, flat

from .wrapped import FEATURE, REAPPLICATION, SMALL, TEMPLATE, applicants, play

PEOPLE = applicants(1000)[0]


def world(env_id=FEATURE, lanes=None):
    params = SMALL.get(env_id, {})
    return gym.make(env_id, **params) if lanes is None else gym.make_vec(env_id, num_envs=lanes, **params)


def background(env_id):
    if env_id == FEATURE:
        return PEOPLE
    if env_id == TEMPLATE:
        return np.random.default_rng(0).normal(size=(400, 1))
    return world(env_id).unwrapped.credit_people.book(600, 0)[0]


@pytest.mark.parametrize("env_id", [FEATURE, REAPPLICATION, TEMPLATE])
@pytest.mark.parametrize("lanes", [None, 3])
def test_a_run_is_the_same_bits_with_the_guard_and_without(env_id, lanes):
    measure = "isolation-forest" if env_id == REAPPLICATION else "mahalanobis"
    key = "test_score" if env_id == TEMPLATE else "features"
    guarded = AnomalyGuard(world(env_id, lanes), background(env_id), measure=measure, share=0.1, features=key)
    flagged = 0
    for ours, theirs in zip(play(guarded, 15), play(world(env_id, lanes), 15), strict=True):
        mine = flat(ours)
        told = {name: value for name, value in mine.items() if name.rpartition(" ")[2].removeprefix("_") == "flagged"}
        flagged += sum(value.sum() for name, value in told.items() if not name.endswith("_flagged"))
        assert difference({name: mine[name] for name in mine if name not in told}, flat(theirs)) is None
    assert flagged > 0 or lanes is None


def test_the_bar_is_that_of_split_conformal_prediction():
    """Of 40 rows 20 set the bar; for a share of .1 it is the 19th of them: ceil(.9 * 21) = 19."""
    rows = np.random.default_rng(0).normal(size=(40, 2))
    strange = Strangeness(rows, share=0.1)
    order = np.random.default_rng(0).permutation(40)
    held_out = np.sort(strange.of(rows[order[20:]]))
    assert strange.bar == held_out[18]
    assert strange.flags(np.array([[0.0, 0.0], [9.0, 9.0]])).tolist() == [False, True]
    assert strange.of(np.zeros((0, 2))).shape == (0,)


@pytest.mark.parametrize("measure", ["mahalanobis", "isolation-forest"])
def test_no_more_than_the_share_of_like_people_are_flagged(measure):
    """Over 30 backgrounds the mean share is at most 5 %, by three standard errors over backgrounds."""
    random = np.random.default_rng(1)
    shares = [
        Strangeness(random.normal(size=(100, 2)), measure, share=0.05).flags(random.normal(size=(400, 2))).mean()
        for _ in range(30 if measure == "mahalanobis" else 8)
    ]
    assert np.mean(shares) <= 0.05 + 3 * np.std(shares, ddof=1) / math.sqrt(len(shares))
    assert np.mean(shares) > 0.005


def test_outliers_in_the_background_do_not_hide_others():
    """A tenth of the background is far off; with the plain covariance (6, 6) would be 2 spreads away and pass."""
    random = np.random.default_rng(2)
    rows = np.concatenate([random.normal(size=(900, 2)), random.normal(8, 1, size=(100, 2))])
    strange = Strangeness(rows, share=0.12)
    assert strange.flags(np.array([[6.0, 6.0], [8.0, 8.0], [0.0, 0.0]])).tolist() == [True, True, False]


@pytest.mark.parametrize("share", [0.3, 0.02])
def test_a_column_that_a_robust_distance_cannot_see_is_refused(share):
    """The half of the people whom it keeps is alike there: without a refusal even 50 in a column of 0 and 1 passes."""
    random = np.random.default_rng(0)
    rows = np.column_stack([random.normal(size=(1000, 3)), random.random(1000) < share])
    with pytest.raises(InputError, match="a column in which most people are alike"):
        Strangeness(rows, share=0.02)


def test_whom_the_background_does_not_know_is_flagged_more_often():
    """The second group looks otherwise: a background of the first alone flags more of it."""
    first = gym.make_vec(FEATURE, num_envs=1500)
    observation, _ = first.reset(seed=0)
    known = observation["features"][observation["group"] == 0]
    env, tracker = AnomalyGuard(world(FEATURE, 400), known, share=0.05), FlaggedRate()
    rollout(env, AcceptAll(), {"flagged": tracker}, 20, seed=9_000)
    here, there = tracker.compute().mean(axis=0)
    # about 4,000 people of each group: a standard error of .0034 for a share of 5 %
    assert here < 0.05 + 4 * 0.0034
    assert there > here
    assert isinstance(env, AnomalyVectorGuard)


def test_flags_are_of_the_person_decided_on():
    env = AnomalyGuard(world(FEATURE, 50), PEOPLE, share=0.2)
    observation, info = env.reset(seed=0)
    assert "flagged" not in info
    for _ in range(10):
        expected = env.strangeness.flags(observation["features"].astype(float))
        np.testing.assert_array_equal(env.flags[:, 0], expected)
        observation, _, _, _, info = env.step(np.ones(50, int))
        np.testing.assert_array_equal(info["flagged"], expected)
    assert info["_flagged"].all()


def test_a_fallback_decides_on_who_is_flagged():
    env = AnomalyGuard(world(FEATURE, 50), PEOPLE, share=0.2, fallback=lambda seen: np.zeros(50, int))
    env.reset(seed=0)
    seen = 0
    for _ in range(20):
        info = env.step(np.ones(50, int))[4]
        np.testing.assert_array_equal(info["decision"], 1 - info["flagged"])
        seen += info["flagged"].sum()
    assert seen > 50
    single = AnomalyGuard(world(), PEOPLE, share=0.2, fallback=AcceptAll())
    single.reset(seed=0)
    assert all(info["decision"] == info["flagged"] for info in (single.step(0)[4] for _ in range(30)))
    cohort = AnomalyGuard(
        world(TEMPLATE, 3),
        background(TEMPLATE),
        share=0.2,
        features="test_score",
        fallback=lambda seen: np.zeros_like(seen["group"]),
    )
    cohort.reset(seed=0)
    info = cohort.step(np.ones(cohort.action_space.shape, int))[4]
    np.testing.assert_array_equal(info["decision"], 1 - info["flagged"])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AnomalyGuard(3, PEOPLE), "env=3 is no Gymnasium environment"),
        (lambda: AnomalyGuard(gym.make("LendingEnv-v0"), PEOPLE), "this world shows no 'features'"),
        (lambda: AnomalyGuard(world(), PEOPLE[:, :1]), "background has 1 columns, but the people of this world have 2"),
        (lambda: AnomalyGuard(world(), PEOPLE[:30], share=0.01), "background has 30 rows: .* at least 198"),
        (lambda: AnomalyGuard(world(), np.ones((300, 2))), "background does not vary in column 0"),
        (lambda: AnomalyGuard(world(), PEOPLE[:, [0, 0]]), "columns that follow from the others"),
        (lambda: AnomalyGuard(world(), np.where(PEOPLE > 1, np.nan, PEOPLE)), "background holds NaN or infinity"),
        (lambda: AnomalyGuard(world(), [1, 2]), "background has 1 dimensions"),
        (lambda: AnomalyGuard(world(), PEOPLE, share=0), "share=0 is too small"),
        (lambda: AnomalyGuard(world(), PEOPLE, measure="mahalanobi"), "did you mean 'mahalanobis'"),
        (lambda: AnomalyGuard(world(), PEOPLE, fallback=1), "fallback is a int"),
        (lambda: AnomalyGuard(world(), PEOPLE, random_state=-1), "random_state=-1 is out of range"),
    ],
)
def test_bad_input_is_one_sentence(make, words):
    with pytest.raises(InputError, match=words) as refused:
        make()
    assert "\n" not in str(refused.value)


def test_nobody_else_decides_where_a_decision_is_no_part_of_the_action():
    class Thresholds(gym.Wrapper):
        action_space = gym.spaces.Box(0, 1, (7,))

    with pytest.raises(InputError, match="fallback cannot decide on single people where an action is Box"):
        AnomalyGuard(Thresholds(world()), PEOPLE, fallback=lambda seen: seen)
