"""The attention world: whole units from shares, rates and rewards by hand, conservation, and what is kept hidden."""

import itertools
from fractions import Fraction

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from fairgym.checks import InputError
from fairgym.envs.allocation import MAX_UNITS, whole_units
from fairgym.envs.attention import HARDER, AttentionDynamics, AttentionParams, moved_rate
from fairgym.populations.site_rates import SITE_RATES

ENV = "AttentionAllocationEnv-v0"


def shares_of(allocation, units):
    return (np.asarray(allocation) / units).astype(np.float32)


def law(**params):
    return AttentionDynamics(AttentionParams(**params))


def one_step(dynamics, allocation, uniform=0.5):
    """Return state and outcome of one step of one lane under whole units and the same luck at every site."""
    state = dynamics.initial(np.zeros((1, 0)))
    action = shares_of([allocation], dynamics.params.attention_units)
    return dynamics.step(state, action, np.full((1, dynamics.noise_size), uniform))


# --- whole units from shares ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "units", "expected"),
    [
        ([0.5, 0.3, 0.2], 7, [4, 2, 1]),  # quotas 3.5, 2.1, 1.4: one is left for the remainder .5
        ([0.25, 0.25, 0.25, 0.25], 6, [2, 2, 1, 1]),  # four equal remainders: the lower indices first
        ([1.0, 0.25, 0.25], 2, [2, 0, 0]),  # quotas 4/3, 1/3, 1/3: equal remainders in spite of rounding
        ([0.0, 0.0, 0.0], 6, [0, 0, 0]),
        ([0.0, 0.01, 0.0], 6, [0, 6, 0]),  # only proportions matter
        ([1.0, 1.0, 1.0], 1, [1, 0, 0]),
        ([0.1], 5, [5]),
    ],
)
def test_whole_units_by_hand(shares, units, expected):
    assert whole_units(np.float32([shares]), units).tolist() == [expected]


def test_every_allocation_of_six_units_to_five_sites_comes_back():
    allocations = np.array([a for a in itertools.product(range(7), repeat=5) if sum(a) == 6])
    assert len(allocations) == 210  # 10 choose 4
    np.testing.assert_array_equal(whole_units(shares_of(allocations, 6), 6), allocations)


@given(st.lists(st.integers(0, 10**4), min_size=1, max_size=100).filter(any))
@example([MAX_UNITS - 99, *[1] * 99])
@example([MAX_UNITS // 3, MAX_UNITS // 3 + 1, MAX_UNITS // 3])
def test_large_allocations_come_back(allocation):
    units = sum(allocation)
    assert units <= MAX_UNITS
    assert whole_units(shares_of([allocation], units), units).tolist() == [allocation]


def by_largest_remainders(weights, units):
    """Return the textbook answer, in exact fractions."""
    quotas = [Fraction(units * weight, sum(weights)) for weight in weights]
    dealt = [int(quota) for quota in quotas]
    order = sorted(range(len(quotas)), key=lambda k: (dealt[k] - quotas[k], k))
    for k in order[: units - sum(dealt)]:
        dealt[k] += 1
    return dealt


@given(st.lists(st.integers(0, 64), min_size=1, max_size=12).filter(any), st.integers(1, 60))
def test_whole_units_are_those_of_exact_arithmetic(weights, units):
    assert whole_units(np.float32([weights]) / 64, units).tolist() == [by_largest_remainders(weights, units)]


# --- one step by hand -------------------------------------------------------------------------------------------------


def test_rates_move_as_published():
    rate, attention = np.array([[1.0, 0.005, 2.0]]), np.array([[0, 1, 3]])
    d = np.full(3, 0.01)
    np.testing.assert_allclose(moved_rate(rate, attention, d, d), [[1.01, 0.0, 1.97]], rtol=1e-15)


def test_the_harder_rates_move_site_by_site():
    env = gym.make(ENV, **HARDER)
    env.reset(seed=0)
    *_, info = env.step(shares_of([30, 0, 0, 0, 0], 30))
    np.testing.assert_allclose(info["rate"], [30 - 30 * 0.004, 25.2, 22.9, 18.3, 14.5], rtol=1e-15)
    *_, info = env.step(shares_of([0, 10, 10, 5, 5], 30))
    np.testing.assert_allclose(
        info["rate"], [29.88 + 0.08, 25.2 - 10 * 0.01, 22.9 - 10 * 0.016, 18.3 - 5 * 0.02, 14.5 - 5 * 0.04], rtol=1e-14
    )


@pytest.mark.parametrize(("reward", "expected"), [("missed", -4.0), ("discovered", 6.0), ("mixed", 2.0)])
def test_a_step_by_hand(reward, expected):
    # The medians of Poisson(8, 6, 4, 3, 1.5) are 8, 6, 4, 3 and 1.
    dynamics = law(reward=reward)
    state, outcome = one_step(dynamics, [3, 2, 1, 0, 0])
    assert outcome.incidents.tolist() == [[8, 6, 4, 3, 1]]
    assert outcome.attention.tolist() == outcome.discovered.tolist() == [[3, 2, 1, 0, 0]]
    assert outcome.missed.tolist() == [[5, 4, 3, 3, 1]]
    assert outcome.decision.tolist() == [[1, 1, 1, 0, 0]]
    assert outcome.group.tolist() == [[0, 1, 2, 3, 4]]
    assert dynamics.reward(outcome).tolist() == [expected]
    np.testing.assert_allclose(dynamics.truth(state)["rate"], [[7.97, 5.98, 3.99, 3.01, 1.51]], rtol=1e-15)


def test_attention_beyond_the_incidents_finds_nothing_more():
    _, outcome = one_step(law(), [0, 0, 0, 1, 5])
    assert outcome.discovered.tolist() == [[0, 0, 0, 1, 1]]
    assert outcome.missed.tolist() == [[8, 6, 4, 2, 0]]


def test_nobody_looks_where_all_shares_are_zero():
    env = gym.make(ENV, dynamic_rate=0.5)
    env.reset(seed=0)
    observation, *_, info = env.step(np.zeros(5, np.float32))
    assert not observation["attention"].any()
    assert not info["decision"].any()
    np.testing.assert_allclose(info["rate"], np.array(SITE_RATES["paper"]) + 0.5)


# --- what is seen -----------------------------------------------------------------------------------------------------


def test_the_history_ends_with_the_newest_step():
    dynamics = law(history=3, rates=(50.0, 50.0), attention_units=4)
    state = dynamics.initial(np.zeros((1, 0)))
    assert not dynamics.observe(state)["attention"].any()
    for allocation in ([4, 0], [3, 1], [2, 2], [1, 3]):
        state, _ = dynamics.step(state, shares_of([allocation], 4), np.full((1, 2), 0.5))
    seen = dynamics.observe(state)
    assert seen["attention"].tolist() == [[3, 1, 2, 2, 1, 3]]
    assert seen["discovered"].tolist() == [[3, 1, 2, 2, 1, 3]]  # 50 incidents or so: every unit finds one
    assert dynamics.observation_space["attention"].high.max() == 4


def test_incidents_beyond_the_attention_do_not_show():
    seen = []
    for uniform in (0.5, 0.99):
        state, outcome = one_step(law(), [2, 1, 1, 1, 1], uniform)
        seen.append({key: value.tolist() for key, value in law().observe(state).items()})
        assert (outcome.missed > 0)[0, :4].all()
    assert seen[0] == seen[1]


# --- chance -----------------------------------------------------------------------------------------------------------


def test_still_sites_give_poisson_counts_and_the_expected_discoveries():
    # 1,000 lanes x 100 steps. Four standard errors at 15 numbers: a right law fails in one of 1,000 seeds, this is one.
    lanes, steps, allocation = 1_000, 100, np.array([2, 1, 1, 1, 1])
    env = gym.make_vec(ENV, num_envs=lanes, dynamic_rate=0.0)
    env.reset(seed=5)
    action = np.tile(shares_of(allocation, 6), (lanes, 1))
    infos = [env.step(action)[-1] for _ in range(steps)]
    incidents, found = (np.concatenate([info[key] for info in infos]) for key in ("incidents", "discovered"))
    rates, draws = np.array(SITE_RATES["paper"]), lanes * steps
    assert (np.abs(incidents.mean(axis=0) - rates) < 4 * np.sqrt(rates / draws)).all()
    spread = np.sqrt((rates + 2 * rates**2) / draws)  # standard error of a Poisson variance: fourth moment r + 3 r^2
    assert (np.abs(incidents.var(axis=0) - rates) < 4 * spread).all()
    expected = [poisson.sf(np.arange(units), rate).sum() for units, rate in zip(allocation, rates, strict=True)]
    assert (np.abs(found.mean(axis=0) - expected) < 4 * found.std(axis=0) / np.sqrt(draws)).all()


positive = st.floats(0, 50, allow_nan=False)


@st.composite
def worlds(draw):
    """Return a law and a run of actions."""
    sites = draw(st.integers(1, 6))
    by_site = st.one_of(st.none(), st.floats(0, 5), st.lists(st.floats(0, 5), min_size=sites, max_size=sites))
    dynamics = law(
        rates=tuple(draw(st.lists(positive, min_size=sites, max_size=sites))),
        attention_units=draw(st.integers(1, 40)),
        dynamic_rate=draw(st.floats(0, 5)),
        growth=draw(by_site),
        decrease=draw(by_site),
        reward=draw(st.sampled_from(["missed", "discovered", "mixed"])),
        missed_weight=draw(st.floats(0.01, 10)),
        history=draw(st.integers(1, 3)),
    )
    share = st.floats(0, 1, width=32)
    actions = draw(st.lists(st.lists(share, min_size=sites, max_size=sites), min_size=1, max_size=8))
    return dynamics, np.float32(actions), draw(st.integers(0, 2**32))


@given(worlds())
@settings(deadline=None)
def test_nothing_is_lost_and_no_rate_is_negative(world):
    dynamics, actions, seed = world
    rng, units = np.random.default_rng(seed), dynamics.params.attention_units
    state = dynamics.initial(np.zeros((1, 0)))
    for action in actions:
        state, outcome = dynamics.step(state, action[None], rng.random((1, dynamics.noise_size)))
        np.testing.assert_array_equal(outcome.discovered + outcome.missed, outcome.incidents)
        assert (outcome.discovered <= outcome.attention).all()
        assert outcome.attention.sum() == (units if action.any() else 0)
        assert min(outcome.discovered.min(), outcome.missed.min(), state.rate.min()) >= 0
        assert np.isfinite(dynamics.reward(outcome)).all()
        for key, values in dynamics.observe(state).items():
            assert dynamics.observation_space[key].contains(values[0])
        dynamics.check_state(state)


# --- rewards ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 30), min_size=5, max_size=5), st.integers(0, 4))
def test_an_incident_more_never_pays_by_default(incidents, site):
    attention = np.array([2, 1, 1, 1, 1])

    def reward(dynamics, incidents):
        found = np.minimum(incidents, attention)
        return float((dynamics.worth * found - dynamics.cost * (incidents - found)).sum())

    more = np.array(incidents) + (np.arange(5) == site)
    assert reward(law(), more) <= reward(law(), np.array(incidents)) <= 0
    assert reward(law(reward="discovered"), more) >= reward(law(reward="discovered"), np.array(incidents))


def mean_reward(reward, threshold, lanes=50, steps=1_000):
    """Return the mean reward per step of each lane of an oracle that farms while the rates sum below a threshold.

    It then sends every unit to the quietest site, and otherwise deals them in proportion to the rates.
    """
    env = gym.make_vec(ENV, num_envs=lanes, dynamic_rate=0.1, reward=reward)
    _, info = env.reset(seed=0)
    total = np.zeros(lanes)
    for _ in range(steps):
        rate = info["rate"]
        quietest = np.eye(5)[rate.argmin(axis=1)]
        wanted = np.where(rate.sum(axis=1, keepdims=True) < threshold, quietest, rate + 1e-9)
        _, gained, _, _, info = env.step((wanted / wanted.max(axis=1, keepdims=True)).astype(np.float32))
        total += gained
    return total / steps


def test_only_rewards_that_count_discoveries_can_be_farmed():
    for reward, sign in (("mixed", 1), ("missed", -1)):
        gain = sign * (mean_reward(reward, 4.0) - mean_reward(reward, 0.0))
        assert gain.mean() > 10 * gain.std() / np.sqrt(len(gain)), reward


# --- parameters and states --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SITE_RATES)
def test_every_named_vector_makes_a_world(name):
    env = gym.make(ENV, rates=name)
    _, info = env.reset(seed=0)
    assert tuple(info["rate"]) == SITE_RATES[name]
    assert len(env.unwrapped.groups) == len(SITE_RATES[name])


def test_the_cities_have_21_sites():
    # Mean and extremes of the published tables.
    philadelphia, los_angeles = SITE_RATES["philadelphia"], SITE_RATES["los-angeles"]
    assert (len(philadelphia), min(philadelphia), max(philadelphia)) == (21, 7.36, 43.49)
    assert (len(los_angeles), min(los_angeles), max(los_angeles)) == (21, 19.54, 39.67)


def test_an_episode_ends_at_the_limit_and_else_never():
    endless, limited = law(), law(missed_limit=17)
    for dynamics, expected in ((endless, False), (limited, False), (law(missed_limit=16), True)):
        state, _ = one_step(dynamics, [3, 2, 1, 0, 0])
        assert dynamics.terminated(state).tolist() == [expected]  # 16 missed
    state, _ = limited.step(state, shares_of([[6, 0, 0, 0, 0]], 6), np.full((1, 5), 0.5))
    assert limited.terminated(state).tolist() == [True]


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"rates": "papr"}, "rates='papr' is not known: did you mean 'paper'"),
        ({"rates": ()}, "rates=\\(\\) must be a name .* or list one number per site"),
        ({"rates": 3.0}, "rates=3.0 must be a name"),
        ({"rates": (1.0, -1.0)}, "rates=-1.0 is out of range"),
        ({"rates": (1.0, float("nan"))}, "rates holds a number that is not finite"),
        ({"attention_units": 0}, "attention_units=0 is out of range"),
        ({"attention_units": 10**7}, "attention_units=10000000 is out of range"),
        ({"dynamic_rate": -0.1}, "dynamic_rate=-0.1 is out of range"),
        ({"growth": (0.1, 0.2)}, "growth=\\(0.1, 0.2\\) does not fit 5 sites"),
        ({"decrease": (0.1, 0.1, 0.1, 0.1, -0.1)}, "decrease=-0.1 is out of range"),
        ({"decrease": "high"}, "decrease='high' is not numbers"),
        ({"reward": "found"}, "reward='found' is not known"),
        ({"missed_weight": 0.0}, "missed_weight=0.0 is too small"),
        ({"history": 0}, "history=0 is out of range"),
        ({"missed_limit": 0}, "missed_limit=0 is out of range"),
    ],
)
def test_bad_parameters_are_refused(params, sentence):
    with pytest.raises(InputError, match=sentence):
        gym.make(ENV, **params)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("rate", [-1.0, 1.0, 1.0, 1.0, 1.0], "'rate'.* must lie between 0"),
        ("missed", -1.0, "'missed'.* whole numbers of at least 0"),
        ("missed", 0.5, "'missed'.* whole numbers of at least 0"),
        ("attention", [[0.5, 5.5, 0, 0, 0]], "'attention'.* must be whole numbers"),
        ("attention", [[3, 2, 0, 0, 0]], "'attention'.* must sum to 6 or to 0"),
        ("discovered", [[1, 0, 0, 0, 0]], "be no less than 'discovered'"),
    ],
)
def test_impossible_states_are_refused(field, value, sentence):
    env = gym.make(ENV)
    env.reset(seed=0)
    state = env.unwrapped.state.arrays()
    with pytest.raises(InputError, match=sentence):
        env.reset(options={"state": {**state, field: np.asarray(value, state[field].dtype)}})


def test_the_sum_over_many_sites_does_not_depend_on_the_other_lanes():
    utility = np.random.default_rng(0).normal(size=(64, 37))
    alone = np.concatenate([np.einsum("nk->n", row[None]) for row in utility])
    np.testing.assert_array_equal(np.einsum("nk->n", utility), alone)
