"""The world of reapplication over whole runs: nobody and no money gets lost, and one seed brings the same people."""

import re

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.checks import InputError
from fairgym.envs.advice import ACCEPT, OFFER
from fairgym.envs.reapplication import ReapplicationDynamics, ReapplicationParams, shown_people
from fairgym.noise import counts
from fairgym.outcome import BACK, GONE, NEW, REJECTED, SERVED, WORKING
from tests.envs.small_credit import DEBT, NOBODY, OWN, RENT, SCORE, SKILL, SMALL, law, person, society

LANES = 4
EVENTS = ("decision", "utility", "offered", "offer_cost", "followed", "returned", "effort")
CHANGES = ("true_score_change", "shown_score_change")


def accept_all(world, observation, random):
    return acted(world, np.ones(observation["group"].shape))


def by_score(world, observation, random):
    return acted(world, shown_people(observation)[:, :, SCORE] >= 600)


def with_offers(world, observation, random):
    """Accept who has a skill of 3 or was promised; tell the others to learn, or to save, as chance has it."""
    features = shown_people(observation).astype(float)
    accepted = (features[:, :, SKILL] >= 3) | (observation["promised"] == 1)
    target, learns = features.copy(), random.random(accepted.shape) < 0.7
    target[:, :, SKILL] = np.where(learns, 3, features[:, :, SKILL])
    target[:, :, DEBT] = np.where(learns, features[:, :, DEBT], features[:, :, DEBT] / 3)
    return acted(world, np.where(accepted, ACCEPT, OFFER), target)


def at_random(world, observation, random):
    """Anything in the action space; most targets are beyond anybody."""
    space = world.action_space
    if world.params.offers != "agent":
        return random.integers(0, 2, size=observation["group"].shape).astype(space.dtype)
    return random.uniform(space.low, space.high, size=(len(observation["group"]), *space.shape))


def acted(world, codes, target=None):
    """Return codes as an action of the world, with targets where it takes any."""
    if world.params.offers != "agent":
        return (codes == ACCEPT).astype(np.int8)
    target = np.broadcast_to(world.people.low, (*codes.shape, len(world.people.low))) if target is None else target
    return np.concatenate([codes[:, :, None], target], axis=2).astype(np.float64)


POLICIES = (accept_all, by_score, with_offers, at_random)


def run(world, policy, periods, seed=0, lanes=LANES):
    """Return the first state and, of each period, the noise, the outcome and the state after it."""
    random, luck = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    first = state = world.initial(luck.random((lanes, world.reset_noise_size)))
    story = []
    for _ in range(periods):
        noise = luck.random((lanes, world.noise_size))
        state, outcome = world.step(state, policy(world, world.observe(state), random), noise)
        story.append((noise, outcome, state))
    return first, story


def assert_sound(world, before, noise, outcome, after):
    """Assert what holds of every period."""
    applied, decision = outcome.applied == 1, outcome.decision == 1
    np.testing.assert_array_equal(applied, np.isin(before.status, (NEW, BACK)))
    for name in EVENTS + CHANGES:
        assert not getattr(outcome, name)[~applied].any(), name
    assert (outcome.qualified[~applied] == (-1 if world.params.selective_labels else 0)).all()
    for name in ("repaid", "promise_kept"):
        assert (getattr(outcome, name)[~applied] == -1).all(), name
    assert not (decision & (outcome.offered == 1)).any()
    assert (outcome.followed <= outcome.offered).all()
    assert (outcome.returned <= outcome.applied).all()
    assert (decision.sum(axis=1) <= (world.params.capacity or np.inf)).all()
    assert (outcome.tries <= world.params.patience).all()
    np.testing.assert_array_equal(outcome.repaid >= 0, decision)
    assert ((outcome.promise_kept == -1) | (outcome.returned == 1)).all()
    np.testing.assert_array_equal((outcome.promise_kept == 1), (outcome.promise_kept != -1) & decision)
    assert_moved(world, before, outcome, after)
    assert_money(world, outcome)
    # Newcomers: as many as came, less those who found no place.
    came = counts(noise[:, 0], np.full(len(noise), world.params.arrival_rate * world.params.places))
    np.testing.assert_array_equal(moved_in(world, outcome, after).sum(axis=1) + outcome.turned_away, came)
    for key, values in world.observe(after).items():
        for lane in values:
            assert world.observation_space[key].contains(lane), key


def assert_moved(world, before, outcome, after):
    """Assert that people move between statuses as the law says, and newcomers into free places only."""
    may = {
        NEW: {NEW, BACK, REJECTED, WORKING, SERVED, GONE},
        BACK: {NEW, BACK, REJECTED, WORKING, SERVED, GONE},
        REJECTED: {REJECTED, BACK},
        WORKING: {WORKING, BACK},
        SERVED: {SERVED, NEW},
        GONE: {GONE},
    }
    if not world.params.serve_again:
        may = {status: goals - {NEW} for status, goals in may.items()}
    for status, goals in may.items():
        assert set(np.unique(outcome.status[before.status == status])) <= goals, status
    stays = ~moved_in(world, outcome, after)
    np.testing.assert_array_equal(after.status[stays], outcome.status[stays])
    assert (after.status[~stays] == NEW).all()
    for_one_period = world.params.serve_again and world.params.loan_periods == 1
    assert (outcome.status[outcome.decision == 1] == (NEW if for_one_period else SERVED)).all()
    assert not (outcome.status[(outcome.decision == 0) & (before.status != SERVED)] == SERVED).any()


def assert_money(world, outcome):
    """Assert that the reward is what repaid loans earned less what defaults cost."""
    repaid, defaulted = ((outcome.repaid == value).sum(axis=1) for value in (1, 0))
    expected = world.params.interest * repaid - world.params.default_loss * defaulted
    np.testing.assert_allclose(world.reward(outcome), expected, rtol=1e-12, atol=1e-12)


def moved_in(world, outcome, after):
    """Return who has just come, (n, m)."""
    return (after.status == NEW) & (after.tries == 0) & ~world.stories.present(outcome.status)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("serve_again", [False, True])
def test_nobody_no_effort_and_no_money_gets_lost(policy, serve_again):
    params = {"places": 30, "arrival_rate": 0.2, "capacity": 8, "partly": 0.4, "retry_after": 2, "loan_periods": 3}
    world = law(serve_again=serve_again, means=(0.6, 0.3), **params)
    state, story = run(world, policy, 40)
    arrived, left = world.stories.present(state.status).sum(axis=1), np.zeros(LANES)
    money, spent, reported = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    totals = dict.fromkeys(("returned", "followed", "offered", "rejected"), 0)
    for noise, outcome, after in story:
        assert_sound(world, state, noise, outcome, after)
        gone = world.stories.present(state.status) & ~world.stories.present(outcome.status)
        ended = gone | ((state.status == SERVED) & (outcome.status == NEW))  # the second begins another story
        assert (outcome.decision[gone] == (outcome.status[gone] == SERVED)).all()
        arrived, left = arrived + moved_in(world, outcome, after).sum(axis=1), left + gone.sum(axis=1)
        spent += np.where(ended, state.effort, 0).sum(axis=1)
        reported += outcome.effort.sum(axis=1)
        money += world.reward(outcome)
        for name in ("returned", "followed", "offered"):
            totals[name] = totals[name] + getattr(outcome, name).sum(axis=1)
        totals["rejected"] = totals["rejected"] + (outcome.applied - outcome.decision).sum(axis=1)
        assert (totals["returned"] <= totals["followed"]).all()
        assert (totals["followed"] <= totals["offered"]).all()
        assert (totals["offered"] <= totals["rejected"]).all()
        state = after
    present = world.stories.present(state.status)
    np.testing.assert_array_equal(arrived, left + present.sum(axis=1))
    # Who is back has made an effort that is reported when she applies.
    back = np.where((state.status == BACK) & (state.returning == 1), state.last_effort, 0).sum(axis=1)
    holds = np.where(present, state.effort, 0).sum(axis=1)
    np.testing.assert_allclose(reported + back, spent + holds, rtol=1e-9, atol=1e-9)
    if policy is with_offers:
        assert (reported > 0).all()
    assert (money != 0).all()


@pytest.mark.parametrize("policy", [accept_all, with_offers])
def test_nobody_is_served_twice(policy):
    world = law(places=20, arrival_rate=0.3, means=2.0, retry=1.0)
    state, story = run(world, policy, 40)
    loans = np.zeros(state.status.shape)
    for _, outcome, after in story:
        loans += outcome.decision
        assert loans.max() == 1 or not loans.any()
        loans[moved_in(world, outcome, after)] = 0
    assert sum(outcome.decision.sum() for _, outcome, _ in story) > 100


def test_who_may_is_served_again_and_again():
    world = law(places=5, arrival_rate=1.0, serve_again=True, loan_periods=4)
    _, story = run(world, accept_all, 40)
    loans = sum(outcome.decision for _, outcome, _ in story)
    # Nobody ever leaves: one loan every four periods, from the period on in which the place was first taken.
    first = np.argmax([outcome.decision for _, outcome, _ in story], axis=0)
    np.testing.assert_array_equal(loans, np.ceil((40 - first) / 4))


def arrivals_of(policy, **params):
    """Return the newcomers of every period, lane by lane, where there is always room."""
    world = law(places=120, arrival_rate=0.04, **params)
    state, story = run(world, policy, 12)
    came = [(state.features[lane, state.status[lane] == NEW]) for lane in range(LANES)]
    for _, outcome, after in story:
        assert not outcome.turned_away.any()
        new = moved_in(world, outcome, after)
        came += [after.features[lane, new[lane]] for lane in range(LANES)]
    return came


def test_one_seed_brings_the_same_people_under_every_rule():
    usual = arrivals_of(accept_all)
    assert sum(map(len, usual)) > 100
    others = [
        arrivals_of(with_offers),
        arrivals_of(by_score, causal_share=0.0, capacity=2),
        arrivals_of(by_score, causal_share=1.0, means=(0.1, 2.0), speed=0.5, retry=1.0),
        arrivals_of(at_random, partly=1.0, patience=1, selective_labels=True, offers="built-in"),
        arrivals_of(accept_all, serve_again=True, loan_periods=1, interest=0.1),
    ]
    for other in others:
        for mine, hers in zip(usual, other, strict=True):
            np.testing.assert_array_equal(mine, hers)


def test_the_causal_share_changes_the_truth_and_nothing_that_the_lender_sees_before_somebody_is_back():
    # Whose scores loans do not move, and who gets no loan, is the same to the eye whatever is causal.
    stories = [run(law(places=50, causal_share=share, means=3.0), with_offers, 15)[1] for share in (0.0, 1.0)]
    changes = []
    for (_, gaming, _), (_, real, _) in zip(*stories, strict=True):
        for name in ("applied", "decision", "offered", "followed", "returned", "status", "shown_score_change"):
            np.testing.assert_array_equal(getattr(gaming, name), getattr(real, name), err_msg=name)
        assert not gaming.true_score_change.any()
        np.testing.assert_allclose(real.true_score_change, real.shown_score_change, atol=1e-12)
        changes.append(real.true_score_change.sum())
    assert sum(changes) > 1


PARAMS = st.fixed_dictionaries(
    {
        "places": st.integers(1, 7),
        "arrival_rate": st.floats(0, 1),
        "capacity": st.none() | st.integers(1, 4),
        "causal_share": st.none() | st.floats(0, 1) | st.tuples(*[st.floats(0, 1)] * 4),
        "cost": st.sampled_from(["percentile", "range-sum", "log-percentile-sum"]),
        "means": st.floats(1e-300, 1e9) | st.tuples(*[st.floats(0.01, 5)] * 2),
        "speed": st.floats(1e-300, 1e9),
        "partly": st.floats(0, 1),
        "retry": st.floats(0, 1),
        "retry_after": st.integers(1, 4),
        "patience": st.integers(1, 4),
        "serve_again": st.booleans(),
        "loan_periods": st.integers(1, 4),
        "score_gain": st.floats(0, 1e9),
        "score_loss": st.floats(0, 1e9),
        "interest": st.floats(0, 1e6),
        "default_loss": st.floats(0, 1e6),
        "offers": st.sampled_from(["built-in", "agent", "none"]),
        "budget": st.floats(0, 10),
        "selective_labels": st.booleans(),
        "default_limit": st.none() | st.integers(1, 20),
    }
)


@settings(deadline=None, max_examples=60)
@given(params=PARAMS, policy=st.sampled_from(POLICIES), seed=st.integers(0, 1000))
def test_every_parameter_keeps_the_laws(params, policy, seed):
    world = law(**params)
    state, story = run(world, policy, 8, seed, lanes=2)
    for noise, outcome, after in story:
        assert_sound(world, state, noise, outcome, after)
        assert ((after.status >= NEW) & (after.status <= GONE)).all()
        hidden = (outcome.qualified == -1) | np.isnan(outcome.score) | np.isnan(outcome.true_score_change)
        assert not (hidden & (outcome.decision == 1)).any()
        assert params["selective_labels"] or not hidden.any()
        for name in ("log_odds", "shown_log_odds", "features", "effort"):
            assert np.isfinite(getattr(after, name)).all(), name
        np.testing.assert_array_equal(after.features, after.features.astype(np.float32))
        present = world.stories.present(after.status)
        expected = SMALL.shown_log_odds(after.features[present])
        np.testing.assert_allclose(after.shown_log_odds[present], expected, rtol=1e-9, atol=1e-9)
        state = after


BAD = {
    "places": (0, "places=0 is out of range"),
    "arrival_rate": (1.5, "arrival_rate=1.5 is out of range: it must be between 0 and 1"),
    "capacity": (0, "capacity=0 is out of range: it must be at least 1"),
    "causal_share": (1.2, "causal_share holds 1.2, which is not a probability"),
    "cost": ("percentil", "cost='percentil' is not known: did you mean 'percentile'?"),
    "means": (0.0, "means=0.0 must be numbers above 0"),
    "speed": (0, "speed=0 is too small: it must be above 0"),
    "partly": (-0.1, "partly=-0.1 is out of range"),
    "retry": (float("nan"), "retry=nan is not finite"),
    "retry_after": (0, "retry_after=0 is out of range"),
    "patience": (2.5, "patience=2.5 is not a whole number"),
    "serve_again": (1, "serve_again=1 is not a yes or no"),
    "loan_periods": (0, "loan_periods=0 is out of range"),
    "score_gain": (-1, "score_gain=-1 is out of range"),
    "score_loss": (float("inf"), "score_loss=inf is not finite"),
    "interest": ("much", "interest='much' is not a number"),
    "default_loss": (-0.5, "default_loss=-0.5 is out of range"),
    "offers": ("agents", "offers='agents' is not known: did you mean 'agent'?"),
    "budget": (-1, "budget=-1 is out of range"),
    "selective_labels": ("no", "selective_labels='no' is not a yes or no"),
    "default_limit": (0, "default_limit=0 is out of range"),
    "population": ("aplicants", "population='aplicants' is not known: did you mean 'applicants'?"),
}


def test_the_table_of_bad_parameters_has_all_of_them():
    assert set(BAD) == set(vars(ReapplicationParams()))


@pytest.mark.parametrize("name", BAD)
def test_bad_parameters_are_refused_in_one_sentence(name):
    value, sentence = BAD[name]
    for make in (gym.make, gym.make_vec):
        with pytest.raises(InputError, match=re.escape(sentence)):
            make("ReapplicationEnv-v0", **{name: value})


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"means": (0.1, 0.2, 0.3)}, "there are 2 groups (zero, one): give one number, or one for each"),
        ({"means": (0.1, -0.2)}, "means=(0.1, -0.2) must be numbers above 0"),
        ({"causal_share": (0.1, 0.2)}, "there are 4 factors (score, skill, debt, home)"),
        ({"means": "many"}, "means='many' is not numbers"),
        ({"cost": 3}, "cost=3 is not a cost"),
    ],
)
def test_parameters_that_do_not_fit_the_population_are_refused(params, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        law(**params)


STATES = {
    "status": (6, "options['state']['status'] must lie between 0 and 5"),
    "group": (2, "options['state']['group'] must lie between 0 and 1"),
    "returning": (2, "options['state']['returning'] must lie between 0 and 1"),
    "tries": (3, "options['state']['tries'] must be below patience=3"),
    "waited": (-1, "options['state']['waited'] must not be below 0"),
    "effort": (-0.1, "options['state']['effort'] must not be below 0"),
    "features": (1000, "options['state']['features'] holds values that nobody can have"),
    "landing": (-1, "options['state']['landing'] holds values that nobody can have"),
    "wait": (0, "options['state']['wait'] must be at least 1"),
}
OF_APPLICANTS = {
    "wait": "options['state']['wait'] must be 0 for people who apply",
    "tries": "options['state']['tries'] must be 0 for people who are new",
    "waited": "options['state']['waited'] must be 0 for people who are new",
    "effort": "options['state']['effort'] must be 0 for people who are new",
    "returning": "options['state']['returning'] must be 0 for people who are new",
}


@pytest.mark.parametrize("name", OF_APPLICANTS)
def test_newcomers_have_no_past(name):
    params = {"population": SMALL, "places": 2}
    env = gym.make("ReapplicationEnv-v0", **params).unwrapped
    state = society(law(**params), person(NEW, wait=0), NOBODY)
    env.reset(options={"state": state})
    fields = {key: array.copy() for key, array in state.arrays().items()}
    fields[name][0, 0] = 1
    with pytest.raises(InputError, match=re.escape(OF_APPLICANTS[name])):
        env.reset(options={"state": fields})


@pytest.mark.parametrize("name", STATES)
def test_states_that_cannot_be_are_refused(name):
    value, sentence = STATES[name]
    params = {"population": SMALL, "places": 2, "patience": 3}
    env = gym.make("ReapplicationEnv-v0", **params).unwrapped
    state = society(law(**params), person(WORKING, tries=1), NOBODY)
    env.reset(options={"state": state})
    fields = {key: array.copy() for key, array in state.arrays().items()}
    fields[name][0, 0] = value
    with pytest.raises(InputError, match=re.escape(sentence)):
        env.reset(options={"state": fields})


def test_the_synthetic_applicants_keep_the_laws():
    world = ReapplicationDynamics(ReapplicationParams(places=40, partly=0.3, means=2.0, budget=0.5))
    column = world.people.columns.index("income")

    def richer(world, observation, random):
        return acted(world, shown_people(observation)[:, :, column] > 2_500)

    state, story = run(world, richer, 20)
    for noise, outcome, after in story:
        assert_sound(world, state, noise, outcome, after)
        state = after
    assert sum(outcome.followed.sum() for _, outcome, _ in story) > 20
    jobs = [place for place, name in enumerate(world.people.columns) if name.startswith("job:")]
    np.testing.assert_array_equal(state.features[state.status != GONE][:, jobs].sum(axis=1), 1)


def test_everybody_has_one_home_whatever_she_is_told():
    def move(world, observation, random):
        """Tell everybody to move house; one in three is told to have two, or none."""
        target = shown_people(observation).astype(float)
        possible = random.random((*target.shape[:2], 1)) < 2 / 3
        target[:, :, [OWN, RENT]] = np.where(possible, 1 - target[:, :, [OWN, RENT]], target[:, :, [OWN, OWN]])
        return acted(world, np.full(target.shape[:2], OFFER), target)

    world = law(places=30, partly=0.5, means=3.0)
    before, story = run(world, move, 20)
    moves = 0
    for _, outcome, after in story:
        present = world.stories.present(after.status)
        np.testing.assert_array_equal(after.features[present][:, [OWN, RENT]].sum(axis=1), 1)
        assert not (outcome.followed[np.isnan(outcome.offer_cost)]).any()
        assert np.isnan(outcome.offer_cost).any()
        stays = world.stories.present(outcome.status) & world.stories.present(before.status)
        moves += (before.features[stays][:, OWN] != after.features[stays][:, OWN]).sum()
        before = after
    assert moves > 20
