"""StrategicResponse and AdversarialObservation: who moves, where, at what cost; and the worlds are untouched."""

import copy

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import SyncVectorEnv, VectorEnv
from sklearn.linear_model import LogisticRegression

from fairgym.agents import RewardMaximizer
from fairgym.agents.base import AcceptRejectAgent
from fairgym.checks import InputError
from fairgym.envs.autoreset import AutoresetMode
from fairgym.experiment import rollout
from fairgym.metrics import AcceptanceRate, Track
from fairgym.recourse import ActionSpec
from fairgym.robustness import (
    AdversarialObservation,
    AnomalyGuard,
    DriftMonitor,
    MeanMoveCost,
    MovedRate,
    Reach,
    StrategicResponse,
    WindowTests,
    best_response,
    reach_of,
)
from fairgym.robustness.shown_people import ShownPeople
from fairgym.testing.basics import difference, flat, random_actions, same
from fairgym.testing.lanes import _row, _single_run, _vector_run

from .wrapped import DIFFERENCE, FEATURE, REAPPLICATION, SMALL, TEMPLATE, applicants, euclidean, linear_rule, play

BUDGET = 0.5
BACKGROUND = applicants(200)[0]
ONE_GROUP = {"variant": "one-group"}


def strategic(env, **changes):
    return StrategicResponse(env, DIFFERENCE, euclidean(env), **{"budget": BUDGET, **changes})


def random_moves(env, **changes):
    return AdversarialObservation(env, None, BACKGROUND, 0.5, mode="random", **changes)


def worst(env):
    return AdversarialObservation(env, DIFFERENCE, euclidean(env), BUDGET)


def guard(env):
    return AnomalyGuard(env, BACKGROUND, share=0.1)


def monitor(env):
    return DriftMonitor(env, [WindowTests(8, 8, 2), "page-hinkley"], steps=100)


def everything(env):
    return guard(monitor(random_moves(strategic(env))))


LAYERS = [strategic, random_moves, worst, guard, monitor, everything]


def first_applicants(env, seed=0):
    """Return what is shown and what is true at the first step, of all lanes."""
    shown, _ = env.reset(seed=seed)
    return shown["features"].astype(np.float64), np.asarray(env.unwrapped.state.features)


def test_who_moves_and_where_is_the_closed_form():
    """Of the rule x0 > x1 the distance is (x1 - x0) / sqrt 2; who can afford it is shown on the line."""
    env = strategic(gym.make_vec(FEATURE, num_envs=500))
    shown, true = first_applicants(env)
    true = true.astype(np.float32).astype(np.float64)
    gap = (true[:, 1] - true[:, 0]) / np.sqrt(2)
    inside = (np.abs(true) < 2).all(axis=1)  # others have a feature at its limit
    reached = (gap > 0) & (gap < BUDGET)
    assert reached[inside].sum() > 30
    np.testing.assert_array_equal((shown != true).any(axis=1)[inside], reached[inside])
    middle = true.mean(axis=1, keepdims=True)
    near = inside & reached & (np.abs(middle[:, 0]) < 1.9)
    np.testing.assert_allclose(shown[near], np.tile(middle[near], 2), atol=1e-6)
    np.testing.assert_array_equal(shown[~reached & inside], true[~reached & inside])
    _, _, _, _, info = env.step(DIFFERENCE.predict(shown))
    np.testing.assert_array_equal(info["was_moved"][inside], reached[inside])
    np.testing.assert_allclose(info["move_cost"][near], gap[near], atol=1e-6)
    assert (info["move_cost"][info["was_moved"] == 0] == 0).all()
    assert info["_was_moved"].all()


def test_who_moves_is_accepted_by_the_published_rule_as_she_is_shown():
    env = strategic(gym.make_vec(FEATURE, num_envs=200))
    observation, _ = env.reset(seed=3)
    for _ in range(10):
        accepted = DIFFERENCE.predict(observation["features"])
        assert env.observation_space.contains(observation)
        observation, _, _, _, info = env.step(accepted)
        assert (info["decision"][info["was_moved"] == 1] == 1).all()
        assert info["move_cost"].max() <= BUDGET + 1e-6


@pytest.mark.parametrize(
    "budget", [(0.0, 0.7), {"turned by 30 degrees": 0.7, "turned by 0 degrees": 0}], ids=["list", "names"]
)
def test_budgets_differ_by_group(budget):
    env = strategic(gym.make_vec(FEATURE, num_envs=300), budget=budget)
    env.reset(seed=0)
    _, _, _, _, info = env.step(np.ones(300, int))
    assert info["was_moved"][info["group"] == 0].sum() == 0
    assert info["was_moved"][info["group"] == 1].sum() > 20
    tracker = MovedRate()
    tracker.reset(300, 2)
    tracker.update(info, np.ones(300, bool))
    assert np.nanmax(tracker.compute()[:, 0]) == 0


def test_budgets_cannot_differ_by_a_group_that_is_not_shown():
    class Nameless(gym.ObservationWrapper):
        def __init__(self, env):
            super().__init__(env)
            self.observation_space = gym.spaces.Dict({"features": env.observation_space["features"]})

        def observation(self, observation):
            return {"features": observation["features"]}

    with pytest.raises(InputError, match="shows no group of its people: give one for all"):
        strategic(Nameless(gym.make(FEATURE)), budget=(0.0, 0.7))
    assert play(strategic(Nameless(gym.make(FEATURE)), budget=(0.7, 0.7)), 3)


def test_gaming_begins_at_the_onset():
    env, plain = strategic(gym.make_vec(FEATURE, num_envs=50), start=4), gym.make_vec(FEATURE, num_envs=50)
    run, twin = play(env, 12), play(plain, 12)
    moved = np.array([step[4]["was_moved"].sum() for step in run[1:]])
    assert (moved[:4] == 0).all()
    assert moved[4] > 0
    for ours, theirs in zip(run[:4], twin[:4], strict=True):
        assert same(ours[0]["features"], theirs[0]["features"])


def test_a_reset_with_a_seed_begins_the_count_anew_and_one_without_goes_on():
    env = strategic(gym.make(FEATURE), start=3)
    play(env, 5)
    env.reset()
    assert env.step(1)[4]["was_moved"] in (0, 1)
    assert env._steps.tolist() == [6]
    env.reset(seed=0)
    assert env._steps.tolist() == [0]


def test_a_published_rule_holds_from_the_next_people_on():
    env = strategic(gym.make_vec(FEATURE, num_envs=300))
    env.reset(seed=0)
    env.publish(linear_rule([1, 0], -0.5))
    _, _, _, _, info = env.step(np.ones(300, int))
    first = info["was_moved"].copy()
    observation, _, _, _, info = env.step(np.ones(300, int))
    assert first.any()
    assert info["was_moved"].any()
    # those who came later moved for the second rule, and only as far as its bar
    last = env._moved[:, 0] == 1
    assert last.sum() > 20
    np.testing.assert_allclose(observation["features"][last, 0], 0.5, atol=1e-6)


def test_every_lane_may_have_a_rule_of_its_own():
    rules = [DIFFERENCE, lambda rows: np.ones(len(rows), int), lambda rows: np.zeros(len(rows), int)]
    env = StrategicResponse(gym.make_vec(FEATURE, num_envs=3), rules, euclidean(gym.make(FEATURE)), 3.0)
    moved = np.array([step[4]["was_moved"] for step in play(env, 60)[1:]])
    assert moved[:, 0].any()
    assert not moved[:, 1:].any()
    assert env.rule == rules


@pytest.mark.parametrize("env_id", [FEATURE, REAPPLICATION, TEMPLATE])
@pytest.mark.parametrize("lanes", [None, 4])
def test_the_world_is_untouched(env_id, lanes):
    """With the same actions nothing differs but the features shown and the two keys: truth, luck, money are alike."""
    params = SMALL.get(env_id, {})
    plain = gym.make(env_id, **params) if lanes is None else gym.make_vec(env_id, num_envs=lanes, **params)
    inside = gym.make(env_id, **params) if lanes is None else gym.make_vec(env_id, num_envs=lanes, **params)
    key = "test_score" if env_id == TEMPLATE else "features"
    width = (
        ShownPeople.find(plain, gym.make(env_id, **params).observation_space, key, "the test")
        .rows(
            {key: np.zeros((1, *gym.make(env_id, **params).observation_space[key].shape)), "applying": np.ones((1, 1))}
        )
        .shape[2]
    )
    background = np.random.default_rng(0).normal(size=(100, width))
    if env_id == REAPPLICATION:
        background = gym.make(env_id, **params).unwrapped.credit_people.book(200, 0)[0]
    env = AdversarialObservation(inside, None, background, 0.4, mode="random", features=key)
    changed = 0
    for ours, theirs in zip(play(env, 25), play(plain, 25), strict=True):
        mine, other = flat(ours), flat(theirs)
        added = {name for name in mine if name.rpartition(" ")[2].removeprefix("_") in ("was_moved", "move_cost")}
        name = f"observation {key}"
        changed += not same(mine.pop(name), other.pop(name))
        assert difference({one: mine[one] for one in mine if one not in added}, other) is None
    assert changed > 20


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_a_lane_is_the_single_environment_under_its_seed(layer, mode):
    """Native, SyncVectorEnv of single ones, and a layer around it, in each autoreset mode; ends included."""
    if layer is worst and mode is AutoresetMode.SAME_STEP:
        pytest.skip("refused: the truth about who was shown last is gone")
    make = {"id": FEATURE, "max_episode_steps": 7, "starting_cash": 4.0}
    seeds = list(range(4))
    actions = random_actions(gym.make(FEATURE).action_space, seeds, 30)
    native = layer(gym.make_vec(num_envs=4, autoreset_mode=mode, **make))
    around = layer(SyncVectorEnv([lambda: gym.make(**make)] * 4, autoreset_mode=mode))
    inside = SyncVectorEnv([lambda: layer(gym.make(**make))] * 4, autoreset_mode=mode)
    run = list(_vector_run(native, 0, actions))
    for other in (around, inside):
        for index, (ours, theirs) in enumerate(zip(run, _vector_run(other, 0, actions), strict=True)):
            mine, yours = (flat(call.returned) for call in (ours, theirs))
            if layer in (monitor, everything):  # Gymnasium fills up with zeros what one lane of several has
                mine, yours = ({key: np.nan_to_num(value) for key, value in one.items()} for one in (mine, yours))
            wrong = difference(mine, yours)
            assert wrong is None, (index, wrong)
    for lane in (0, 3):
        rows = [flat(_row(call.returned, lane)) for call in run if call.lanes[lane]]
        for index, (mine, yours) in enumerate(
            zip(rows, _single_run(layer(gym.make(**make)), lane, actions[:, lane], mode), strict=True)
        ):
            wrong = difference(mine, flat(yours))
            assert wrong is None, (index, wrong)
    ended = sum(int((call.returned[2] | call.returned[3]).sum()) for call in run)
    assert ended >= 8


def test_the_worst_changes_are_never_kinder_than_gaming():
    """Person by person: whoever is decided on rightly under the worst change is so under gaming as well."""
    shown = {}
    for mode in ("worst", "strategic"):
        env = gym.make_vec(FEATURE, num_envs=1000)
        env = AdversarialObservation(env, DIFFERENCE, euclidean(env), BUDGET, mode=mode)
        observation, _ = env.reset(seed=0)
        truth = np.asarray(env.unwrapped.state.qualified)
        shown[mode] = DIFFERENCE.predict(observation["features"]) == truth
    plain = gym.make_vec(FEATURE, num_envs=1000)
    observation, _ = plain.reset(seed=0)
    right = DIFFERENCE.predict(observation["features"]) == np.asarray(plain.state.qualified)
    assert not (shown["worst"] & ~shown["strategic"]).any()
    assert not (shown["worst"] & ~right).any()
    assert shown["worst"].sum() < shown["strategic"].sum() < 1000


def test_the_worst_change_knows_the_truth_of_people_whose_loan_is_drawn_later():
    people = gym.make_vec(REAPPLICATION, num_envs=3, **SMALL[REAPPLICATION])
    book, repaid = people.unwrapped.credit_people.book(400, 1)
    rule = LogisticRegression().fit(book / book.std(axis=0), repaid)
    rule.coef_ = rule.coef_ / book.std(axis=0)
    reach = reach_of(people, book, people.unwrapped.credit_people.spec)
    env = AdversarialObservation(people, rule, reach, 0.5)
    moved = np.concatenate([step[4]["was_moved"].ravel() for step in play(env, 6)[1:]])
    assert 0 < moved.mean() < 1
    gain, loss = env.payoff
    state = env.unwrapped.state
    truth = (1 / (1 + np.exp(-state.log_odds)) * gain >= loss * (1 - 1 / (1 + np.exp(-state.log_odds)))).astype(int)
    np.testing.assert_array_equal(env._truths(), truth)


def test_random_moves_cost_a_uniform_share_of_the_budget():
    env = gym.make_vec(FEATURE, num_envs=2000)
    env = AdversarialObservation(env, None, applicants()[0], 0.3, mode="random")
    observation, _ = env.reset(seed=0)
    assert env.observation_space.contains(observation)
    cost = env.step(np.ones(2000, int))[4]["move_cost"]
    inside = (np.abs(observation["features"]) < 2).all(axis=1)
    assert cost.max() <= 0.3 + 1e-6
    # mean of a uniform on [0, .3] is .15, with a standard error of .3 / sqrt(12 * 2000) = .002
    assert abs(cost[inside].mean() - 0.15) < 5 * 0.002
    true = gym.make_vec(FEATURE, num_envs=2000).reset(seed=0)[0]["features"]
    off = (observation["features"] - true)[inside]
    assert (np.abs(off.mean(axis=0)) < 5 * off.std(axis=0) / np.sqrt(len(off))).all()  # in no direction on the whole
    again = AdversarialObservation(gym.make_vec(FEATURE, num_envs=2000), None, applicants()[0], 0.3, mode="random")
    assert same(again.reset(seed=0)[0]["features"], observation["features"])


def test_people_stop_at_the_limits_of_what_can_be_shown():
    """A large budget takes nobody beyond plus or minus 2, and who cannot reach approval inside stays."""
    env = gym.make_vec(FEATURE, num_envs=500)
    env = StrategicResponse(env, linear_rule([1, 0], -2.001), applicants()[0], 50.0)
    observation, _ = env.reset(seed=0)
    assert env.observation_space.contains(observation)
    assert env.step(np.ones(500, int))[4]["was_moved"].sum() == 0


def test_limits_that_single_precision_cannot_hold_are_kept():
    """The nearest number to .3 in single precision lies above it; who is moved to the limit is shown below."""
    world = gym.make_vec(FEATURE, num_envs=100)
    reach = reach_of(world, BACKGROUND, ActionSpec(["free", "fixed"], bounds={0: (-0.3, 0.3)}))
    env = AdversarialObservation(world, None, reach, 5.0, mode="random")
    shown = env.reset(seed=0)[0]["features"].astype(np.float64)
    true = gym.make_vec(FEATURE, num_envs=100).reset(seed=0)[0]["features"].astype(np.float64)
    moved = (shown != true).any(axis=1)
    assert float(np.float32(0.3)) > 0.3
    assert moved.sum() > 20
    assert shown[moved & (true[:, 0] < 0.3), 0].max() == pytest.approx(0.3, abs=1e-7)
    assert reach.permits(true, shown).all()


def test_who_could_not_be_shown_accepted_stays():
    """The bar is a billionth below the limit of .3, and no number of single precision lies between the two."""
    world = gym.make_vec(FEATURE, num_envs=100)
    reach = reach_of(world, BACKGROUND, ActionSpec(["free", "fixed"], bounds={0: (-0.3, 0.3)}))
    rows = world.reset(seed=0)[0]["features"].astype(np.float64)
    rule = linear_rule([1, 0], 1e-9 - 0.3)
    assert (best_response(rule, rows, reach, 5.0) != rows).any(axis=1).sum() > 20
    env = StrategicResponse(world, rule, reach, 5.0)
    env.reset(seed=0)
    assert env.step(np.ones(100, int))[4]["was_moved"].sum() == 0


def test_only_who_applies_moves_and_fixed_features_stay():
    env = gym.make_vec(REAPPLICATION, num_envs=5, **SMALL[REAPPLICATION])
    people = env.unwrapped.credit_people
    book, repaid = people.book(500, 0)
    rule = LogisticRegression(max_iter=5000).fit(book / book.std(axis=0), repaid)
    rule.coef_ = rule.coef_ / book.std(axis=0)
    rule.intercept_ -= 1
    env = StrategicResponse(env, rule, reach_of(env, book, people.spec), 1.0)
    plain = gym.make_vec(REAPPLICATION, num_envs=5, **SMALL[REAPPLICATION])
    fixed, seen = people.actions.fixed, 0
    for ours, theirs in zip(play(env, 10), play(plain, 10), strict=True):
        shown, true = (one[0]["features"].reshape(5, 12, -1) for one in (ours, theirs))
        changed = (shown != true).any(axis=-1)
        seen += changed.sum()
        assert not changed[ours[0]["applying"] == 0].any()
        assert same(shown[..., fixed], true[..., fixed])
        np.testing.assert_array_equal(rule.predict(shown[changed].astype(float)), 1)
    assert seen > 10


def test_a_snapshot_takes_the_layers_along():
    env = everything(gym.make_vec(FEATURE, num_envs=3))
    play(env, 10)
    kept = env.snapshot()
    first = [flat(env.step(np.ones(3, int))) for _ in range(10)]
    env.restore(kept)
    again = [flat(env.step(np.ones(3, int))) for _ in range(10)]
    for one, other in zip(first, again, strict=True):
        assert difference(one, other) is None
    single = strategic(gym.make(FEATURE), start=2)
    play(single, 2)
    kept = single.snapshot()
    assert single.step(1)[4]["was_moved"] == (single.restore(kept), single.step(1))[1][4]["was_moved"]


class Follows(AcceptRejectAgent):
    """Accepts whom a published rule accepts."""

    requires = ("features",)

    def acceptance(self, observation, info):
        return DIFFERENCE.predict(observation["features"]).astype(float)


def test_agents_and_rollout_meet_the_world_they_know():
    env = strategic(gym.make_vec(FEATURE, num_envs=20))
    trackers = {"accepted": AcceptanceRate(), "moved": MovedRate(), "cost": MeanMoveCost()}
    rollout(env, Follows(), trackers, 60)
    plain = {"accepted": AcceptanceRate()}
    rollout(gym.make_vec(FEATURE, num_envs=20), Follows(), plain, 60)
    assert env.groups == ("turned by 0 degrees", "turned by 30 degrees")
    assert env.payoff == (0.3, 1.0)
    more = trackers["accepted"].compute() - plain["accepted"].compute()
    np.testing.assert_allclose(more, trackers["moved"].compute())
    assert 0 < np.nanmean(trackers["cost"].compute()) < BUDGET
    info = Track(strategic(gym.make(FEATURE)), {"share": MovedRate()}).reset(seed=0)[1]
    assert np.isnan(info["share"]).all()


def test_copies_and_kinds():
    single, vector = strategic(gym.make(FEATURE)), strategic(gym.make_vec(FEATURE, num_envs=2))
    assert isinstance(single, gym.Env)
    assert isinstance(vector, VectorEnv)
    single.reset(seed=0)
    twin = copy.deepcopy(single)
    assert difference(flat(single.step(1)), flat(twin.step(1))) is None


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: StrategicResponse(3, DIFFERENCE, applicants()[0], 1.0), "env=3 is no Gymnasium environment"),
        (lambda: strategic(gym.make(FEATURE), budget=-1), "budget=-1 must be numbers of at least 0"),
        (lambda: strategic(gym.make(FEATURE), budget=(1, 2, 3)), "3 entries, but there are 2 groups"),
        (lambda: strategic(gym.make(FEATURE), budget={"turned by 0 degrees": 1}), "nothing of the group turned by 30"),
        (lambda: strategic(gym.make(FEATURE), budget={"turned": 1}), "names the group 'turned', which is not there"),
        (lambda: strategic(gym.make(FEATURE), start=-1), "start=-1 is out of range"),
        (lambda: strategic(gym.make(FEATURE), features="feature"), "no 'feature': did you mean 'features'"),
        (lambda: strategic(gym.make("LendingEnv-v0")), "shows no 'features'"),
        (lambda: StrategicResponse(gym.make(FEATURE), None, applicants()[0], 1.0), "decides nothing"),
        (
            lambda: StrategicResponse(gym.make(FEATURE), LogisticRegression(), applicants()[0], 1.0),
            "not fitted: call its fit first",
        ),
        (
            lambda: StrategicResponse(gym.make_vec(FEATURE, num_envs=3), [DIFFERENCE] * 2, applicants()[0], 1.0),
            "rule lists 2 rules for 3 lanes",
        ),
        (
            lambda: StrategicResponse(gym.make(FEATURE), DIFFERENCE, np.ones((5, 3)), 1.0),
            r"shape \(5, 3\), but the people of this world have 2",
        ),
        (
            lambda: StrategicResponse(gym.make(FEATURE), DIFFERENCE, Reach(background=applicants()[0]), 1.0),
            "reach lets people move 'x0' up to inf, but the world shows at most 2 there",
        ),
        (
            lambda: reach_of(gym.make(FEATURE), applicants()[0], ActionSpec(["free", "free"], bounds={0: (-3, 1)})),
            "move 'x0' down to -3",
        ),
        (lambda: reach_of(gym.make(FEATURE), applicants()[0], "all"), "actions is a str: give an ActionSpec"),
        (
            lambda: AdversarialObservation(gym.make(FEATURE), DIFFERENCE, applicants()[0], 1.0, mode="wrost"),
            "did you mean 'worst'",
        ),
        (lambda: AdversarialObservation(gym.make(FEATURE), None, applicants()[0], 1.0), "decides nothing"),
        (
            lambda: worst(gym.make_vec(FEATURE, num_envs=2, autoreset_mode="SameStep")),
            "forgotten that of the last: make it with another autoreset_mode",
        ),
        (
            lambda: AdversarialObservation(gym.make(FEATURE), DIFFERENCE, applicants()[0], 1.0, truth=1),
            "truth is a int: give a function",
        ),
        (lambda: strategic(gym.make(FEATURE)).step(1), "has not been started: call reset"),
        (lambda: strategic(gym.make(FEATURE)).snapshot(), "has not been started: call reset"),
        (lambda: started(strategic(gym.make(FEATURE))).restore(3), "restore was given a int that StrategicResponse"),
    ],
)
def test_bad_input_is_one_sentence(make, words):
    with pytest.raises(InputError, match=words) as refused:
        make()
    assert "\n" not in str(refused.value)


def started(env):
    env.reset(seed=0)
    return env


def test_a_world_without_outcomes_is_refused():
    class Silent(gym.Wrapper):
        def step(self, action):
            return (*self.env.step(action)[:4], {})

    env = started(strategic(Silent(gym.make(FEATURE))))
    with pytest.raises(InputError, match="info has no 'decision'"):
        env.step(1)


def test_a_world_that_hides_its_state_is_refused_in_the_worst_mode():
    rule, background = linear_rule([1.0]), np.random.default_rng(0).normal(size=(50, 1))
    with pytest.raises(InputError, match="give truth="):
        started(AdversarialObservation(gym.make(TEMPLATE), rule, background, 1.0, features="test_score"))
    two = gym.make_vec(TEMPLATE, num_envs=2)
    truth = {"truth": lambda state: state.skill > 0}
    for wrong in (lambda state: 1, lambda state: np.ones(2), lambda state: np.ones((3, 10))):
        with pytest.raises(InputError, match=r"truth returned an array of shape .* for 2 lanes of 10 people"):
            started(AdversarialObservation(two, rule, background, 1.0, features="test_score", truth=wrong))
    env = AdversarialObservation(two, rule, background, 1.0, features="test_score", **truth)
    assert sum(step[4]["was_moved"].sum() for step in play(env, 3)[1:]) > 0


def test_the_reward_agent_of_another_world_says_so():
    with pytest.raises(InputError):
        rollout(strategic(gym.make_vec(FEATURE, num_envs=2)), RewardMaximizer(), {"a": AcceptanceRate()}, 3)


@pytest.mark.parametrize(
    ("box", "people", "width"),
    [
        ({"features": gym.spaces.Box(-1, 1, (3,)), "group": gym.spaces.Discrete(2)}, 1, 3),
        ({"features": gym.spaces.Box(-1, 1, (4, 3)), "group": gym.spaces.MultiDiscrete([2] * 4)}, 4, 3),
        ({"features": gym.spaces.Box(-1, 1, (12,)), "group": gym.spaces.MultiDiscrete([2] * 4)}, 4, 3),
        ({"features": gym.spaces.Box(-1, 1, (5,))}, 1, 5),
    ],
)
def test_rows_of_people_are_found_in_every_form(box, people, width):
    space = gym.spaces.Dict(box)
    found = ShownPeople.find(gym.make(FEATURE), space, "features", "the test")
    assert (found.people, len(found.names)) == (people, width)
    assert found.groups == ("group 0", "group 1")[: 2 if "group" in box else 1]
    shown = np.arange(2 * people * width, dtype=np.float32).reshape(2, *box["features"].shape)
    rows = found.rows({"features": shown})
    assert rows.shape == (2, people, width)
    assert same(found.packed(rows), shown)
    with pytest.raises(InputError, match="is not so many for each of 5 people"):
        ShownPeople.find(
            gym.make(FEATURE),
            gym.spaces.Dict({"features": gym.spaces.Box(-1, 1, (4,)), "group": gym.spaces.MultiDiscrete([2] * 5)}),
            "features",
            "the test",
        )
