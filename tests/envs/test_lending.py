"""The law of the lending world against numbers worked by hand or printed in the paper.

A tolerance is stated in standard errors where a number is a frequency; everything else is exact.
"""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fairgym  # noqa: F401 - registers the ids
from fairgym.checks import InputError
from fairgym.envs.lending import LendingDynamics, LendingEnv, LendingParams, LendingState
from fairgym.populations import two_groups

ADVANTAGED, DISADVANTAGED = 0, 1


def dynamics(**params) -> LendingDynamics:
    return LendingDynamics(LendingParams(**params))


def counter(law: LendingDynamics, group: int, score: int, qualified: int, people=None, cash=100.0) -> LendingState:
    """Return one lane with this applicant at the counter, and the people at the start unless given."""
    start = law.initial(np.zeros((1, 4)))
    return LendingState(
        cash=np.array([cash]),
        people=start.people if people is None else np.array([people], dtype=float),
        group=np.array([group]),
        score=np.array([score]),
        observed_score=np.array([score]),
        qualified=np.array([qualified], dtype=np.int8),
    )


def after(law: LendingDynamics, state: LendingState, action: int) -> LendingState:
    return law.step(state, np.array([action]), np.full((1, 4), 0.5))[0]


def uniforms(lanes: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((lanes, 4))


def within_four_standard_errors(frequency, probability, count) -> None:
    error = np.sqrt(np.asarray(probability) * (1 - np.asarray(probability)) / count)
    np.testing.assert_array_less(np.abs(frequency - probability), 4 * error + 1e-12)


# --- The population at the start: the exact tables of the archived simulator -------------------------------------

TPR = [[1, 1, 0.9661, 0.8898, 0.6864, 0.3559, 0], [1, 0.9798, 0.9394, 0.7576, 0.3939, 0, 0]]
FPR = [[1, 1, 0.8049, 0.6707, 0.4756, 0.2195, 0], [1, 0.8218, 0.6634, 0.4455, 0.2079, 0, 0]]
PROFIT = [[0.18, 0.18, 0.24, 0.25, 0.21, 0.12, 0], [-0.01, 0.07, 0.13, 0.15, 0.09, 0, 0]]


def accepted_at_each_threshold(mass: np.ndarray) -> np.ndarray:
    return mass[:, ::-1].cumsum(axis=1)[:, ::-1]


def test_rates_and_profit_at_every_threshold():
    people = two_groups()
    repaid = people.distribution * people.repayment
    defaulted = people.distribution * (1 - people.repayment)
    tpr = accepted_at_each_threshold(repaid) / repaid.sum(axis=1, keepdims=True)
    fpr = accepted_at_each_threshold(defaulted) / defaulted.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(tpr, TPR, atol=5.01e-5)
    np.testing.assert_allclose(fpr, FPR, atol=5.01e-5)
    np.testing.assert_allclose(accepted_at_each_threshold(repaid - defaulted), PROFIT, atol=1e-12)


def test_first_equal_opportunity_optimum_mixes_27_to_73():
    """Group 2 reaches group 1's TPR at score 3 by refusing score 2 in 27.3 % of cases: smoothed threshold 2.2727."""
    refused = (TPR[1][2] - 0.8898305) / (TPR[1][2] - TPR[1][3])
    assert refused == pytest.approx(0.2727, abs=2e-3)  # worked from the rates as printed, to 4 decimals
    good = two_groups().distribution[1] * two_groups().repayment[1]
    exact = (good[2:].sum() - good.sum() * 0.525 / 0.59) / good[2]
    assert exact == pytest.approx(0.2726, abs=5e-5)


def test_mean_repayment_at_the_start():
    env = gymnasium.make("LendingEnv-v0")
    _, info = env.reset(seed=0)
    np.testing.assert_allclose(info["population_score"], [0.590, 0.495], rtol=1e-12)
    np.testing.assert_array_equal(info["qualified_probability"], two_groups().repayment)
    np.testing.assert_array_equal(info["group_share"], [0.5, 0.5])


def test_people_are_whole_at_the_start():
    people = dynamics().initial(np.zeros((1, 4))).people[0]
    assert people.tolist() == [[0, 10, 10, 20, 30, 30, 0], [10, 10, 20, 30, 30, 0, 0]]


# --- The score move ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "qualified", "action", "expected"),
    [
        (3, 1, 1, [10, 10, 20, 29, 31, 0, 0]),
        (3, 0, 1, [10, 10, 21, 29, 30, 0, 0]),
        (3, 1, 0, [10, 10, 20, 30, 30, 0, 0]),
        (3, 0, 0, [10, 10, 20, 30, 30, 0, 0]),
        (0, 0, 1, [10, 10, 20, 30, 30, 0, 0]),
        (0, 1, 1, [9, 11, 20, 30, 30, 0, 0]),
        (4, 1, 1, [10, 10, 20, 30, 29, 1, 0]),
        (6, 1, 1, [10, 10, 20, 30, 30, 0, 0]),
    ],
)
def test_one_person_moves_by_one_score(score, qualified, action, expected):
    law = dynamics()
    people = after(law, counter(law, DISADVANTAGED, score, qualified), action).people[0]
    assert people[DISADVANTAGED].tolist() == expected
    assert people[ADVANTAGED].tolist() == [0, 10, 10, 20, 30, 30, 0]


def test_top_score_stays_and_falls():
    people = [[0, 0, 0, 0, 0, 0, 100], [100, 0, 0, 0, 0, 0, 0]]
    law = dynamics()
    for qualified, top, below in ((1, 100, 0), (0, 99, 1)):
        moved = after(law, counter(law, ADVANTAGED, 6, qualified, people), 1).people[0]
        assert moved[ADVANTAGED].tolist() == [0, 0, 0, 0, 0, below, top]


@pytest.mark.parametrize(
    ("params", "qualified", "score", "reached"),
    [
        ({"score_gain": 2}, 1, 3, 5),
        ({"score_gain": 2}, 1, 5, 6),
        ({"score_loss": 3}, 0, 4, 1),
        ({"score_loss": 3}, 0, 1, 0),
        ({"score_loss": 0}, 0, 4, 4),
        ({"score_gain": 1e300}, 1, 1, 6),
    ],
)
def test_wider_moves_stop_at_the_ends(params, qualified, score, reached):
    law = dynamics(**params)
    before = counter(law, ADVANTAGED, score, qualified)
    change = (after(law, before, 1).people - before.people)[0, ADVANTAGED]
    expected = np.zeros(7)
    expected[score] -= 1
    expected[reached] += 1
    assert change.tolist() == expected.tolist()


@pytest.mark.parametrize(("qualified", "level", "reached"), [(1, 10, 13), (1, 21, 22), (0, 10, 4), (0, 2, 0)])
def test_transrisk_moves_are_three_levels_up_and_six_down(qualified, level, reached):
    law = dynamics(population="transrisk")
    before = counter(law, 1, level, qualified)
    change = (after(law, before, 1).people - before.people)[0, 1]
    moved = min(1.0, before.people[0, 1, level])
    assert np.flatnonzero(change).tolist() == sorted({level, reached})
    np.testing.assert_allclose(change[[level, reached]], [-moved, moved], rtol=1e-12)


def test_never_more_moves_than_is_there():
    people = [[0, 0.25, 99.75, 0, 0, 0, 0], [100, 0, 0, 0, 0, 0, 0]]
    law = dynamics()
    moved = after(law, counter(law, ADVANTAGED, 1, 1, people), 1).people[0]
    assert moved[ADVANTAGED].tolist() == [0, 0, 100, 0, 0, 0, 0]
    nobody = after(law, counter(law, ADVANTAGED, 3, 1, people), 1).people[0]
    assert nobody[ADVANTAGED].tolist() == people[ADVANTAGED]


def test_pool_size_scales_the_share_that_moves():
    for pool_size in (10, 100, 1000):
        law = dynamics(pool_size=pool_size)
        before = counter(law, ADVANTAGED, 3, 1)
        change = law.truth(after(law, before, 1))["score_distribution"] - law.truth(before)["score_distribution"]
        np.testing.assert_allclose(change[0, ADVANTAGED, [3, 4]], [-1 / pool_size, 1 / pool_size], atol=1e-15)


def random_run(law: LendingDynamics, steps: int, lanes: int, seed: int = 0):
    """Yield every state of a run of random decisions."""
    random = np.random.default_rng(seed)
    state = law.initial(random.random((lanes, 4)))
    for _ in range(steps):
        state, _ = law.step(state, random.integers(0, 2, lanes), random.random((lanes, 4)))
        yield state


def test_people_are_conserved_exactly():
    for state in random_run(dynamics(), steps=2000, lanes=8):
        assert (state.people.sum(axis=2) == 100).all()
        assert state.people.min() >= 0
        assert (state.people == np.rint(state.people)).all()


def test_shares_of_people_are_conserved_to_rounding():
    """A step adds at most one rounding of a number below 128, 1.4e-14, to each of two cells: 6e-11 over the run."""
    for state in random_run(dynamics(population="transrisk"), steps=2000, lanes=8):
        np.testing.assert_allclose(state.people.sum(axis=2), 100, atol=6e-11)
        assert state.people.min() >= 0


def test_static_population_does_not_move():
    law = dynamics(score_moves=False)
    start = law.initial(np.zeros((1, 4))).people[0]
    for state in random_run(law, steps=200, lanes=4):
        np.testing.assert_array_equal(state.people, np.stack([start] * 4))


# --- Money -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "gain", "loss"),
    [
        ({}, 1, 1),
        ({"interest_rate": 0.3}, 0.3, 1),
        ({"interest_rate": 0}, 0, 1),
        ({"loan_amount": 10}, 10, 10),
        ({"loan_amount": 10, "interest_rate": 0.5}, 5, 10),
        ({"default_loss": 4}, 1, 4),
        ({"default_loss": 0}, 1, 0),
        ({"default_loss": 4, "loan_amount": 10}, 10, 4),
        ({"population": "transrisk"}, 1, 4),
        ({"population": "transrisk", "loan_amount": 10}, 10, 40),
        ({"population": "transrisk", "default_loss": 1.5}, 1, 1.5),
    ],
)
def test_a_loan_earns_its_interest_or_costs_its_loss(params, gain, loss):
    law = dynamics(**params)
    for qualified, action, utility in ((1, 1, gain), (0, 1, -loss), (1, 0, 0), (0, 0, 0)):
        state = counter(law, 0, 3, qualified, cash=100.0)
        next_state, outcome = law.step(state, np.array([action]), np.full((1, 4), 0.5))
        assert outcome.utility[0] == utility
        assert law.reward(outcome)[0] == utility
        assert next_state.cash[0] == 100 + utility


def test_the_bank_is_bankrupt_when_it_cannot_fund_a_loan():
    law = dynamics(loan_amount=2, starting_cash=2)
    for cash, bankrupt in ((2.0, False), (1.999, True), (0.0, True), (-3.0, True)):
        assert law.terminated(counter(law, 0, 3, 0, cash=cash))[0] == bankrupt


def test_bankruptcy_ends_the_episode_below_zero_too():
    """Everybody defaults and a default costs 2.5 of 3: 3 - 2.5 = 0.5 is less than the loan of 1."""
    people = {"groups": ["all"], "scores": [0, 1], "distribution": [[1, 0]], "repayment": [[0, 0]]}
    for cash, last in ((3, 0.5), (1, -1.5)):
        env = gymnasium.make("LendingEnv-v0", population=people, default_loss=2.5, starting_cash=cash)
        env.reset(seed=0)
        _, reward, terminated, *_ = env.step(0)
        assert (reward, terminated) == (0, False)
        observation, reward, terminated, *_ = env.step(1)
        assert (reward, terminated) == (-2.5, True)
        assert observation["cash"].tolist() == [last]
        assert observation in env.observation_space


def test_rewards_add_up_to_the_change_of_cash():
    env = gymnasium.make("LendingEnv-v0", interest_rate=0.5, loan_amount=4)
    observation, _ = env.reset(seed=3)
    total = 0.0
    for step in range(500):
        observation, reward, *_ = env.step(step % 2)
        total += reward
    assert observation["cash"][0] == 10_000 + total


# --- Who comes ---------------------------------------------------------------------------------------------------


def test_applicants_are_drawn_from_groups_and_scores():
    lanes = 200_000
    law = dynamics(group_shares=(0.8, 0.2))
    state = law.initial(uniforms(lanes))
    within_four_standard_errors((state.group == 1).mean(), 0.2, lanes)
    for group in (0, 1):
        scores = state.score[state.group == group]
        frequency = np.bincount(scores, minlength=7) / len(scores)
        within_four_standard_errors(frequency, law.population.distribution[group], len(scores))


def test_group_shares_default_to_the_population_and_zero_is_nobody():
    lanes = 200_000
    for params, shares in (
        ({}, [0.76511, 0.10499, 0.08447, 0.04542]),
        ({"group_shares": (0.5, 0, 0, 0.5)}, [0.5, 0, 0, 0.5]),
        ({"group_shares": (0, 0, 1, 0)}, [0, 0, 1, 0]),
    ):
        law = dynamics(population="transrisk", **params)
        frequency = np.bincount(law.initial(uniforms(lanes)).group, minlength=4) / lanes
        within_four_standard_errors(frequency, np.array(shares), lanes)
        np.testing.assert_allclose(law.group_shares, shares, atol=5e-6)


def test_applicants_repay_with_the_probability_of_their_score():
    lanes = 400_000
    law = dynamics()
    state = law.initial(uniforms(lanes, seed=1))
    for score, probability in enumerate(law.population.repayment[0]):
        repaid = state.qualified[state.score == score]
        if repaid.size:
            within_four_standard_errors(repaid.mean(), probability, repaid.size)


def test_repayment_may_differ_between_groups():
    people = {
        "groups": ["sure", "never"],
        "scores": [0, 1],
        "distribution": [[0.5, 0.5], [0.5, 0.5]],
        "repayment": [[1, 1], [0, 0]],
    }
    state = dynamics(population=people).initial(uniforms(1000))
    np.testing.assert_array_equal(state.qualified, 1 - state.group)


# --- What is seen ------------------------------------------------------------------------------------------------

EVEN = {
    "groups": ["a", "b"],
    "scores": [0, 1, 2, 3],
    "distribution": [[0.25] * 4, [0.25] * 4],
    "repayment": [[0.5] * 4, [0.5] * 4],
}


@pytest.mark.parametrize("score_error", [0.3, (0.3, 0.3), (0.05, 0.6), (0, 1)])
def test_score_error_frequencies_at_every_level(score_error):
    """Inside, half of the misreadings go each way; at the ends all go inwards; never by more than one level."""
    state = dynamics(population=EVEN, score_error=score_error).initial(uniforms(400_000))
    shift = state.observed_score - state.score
    assert np.abs(shift).max() == 1
    for group, error in enumerate(np.broadcast_to(score_error, 2)):
        for level in range(4):
            here = shift[(state.group == group) & (state.score == level)]
            down, up = {0: (0, error), 3: (error, 0)}.get(level, (error / 2, error / 2))
            within_four_standard_errors((here == -1).mean(), down, here.size)
            within_four_standard_errors((here == 1).mean(), up, here.size)


def test_without_score_error_the_score_is_seen():
    state = dynamics(population=EVEN).initial(uniforms(10_000))
    np.testing.assert_array_equal(state.observed_score, state.score)


def test_observation_shows_the_misread_score_and_the_law_uses_the_true_one():
    law = dynamics(population=EVEN, score_error=1.0)
    state = law.initial(uniforms(1000))
    np.testing.assert_array_equal(law.observe(state)["score"], state.observed_score)
    assert set(law.observe(state)) == {"score", "group", "cash"}
    moved = law.step(state, np.ones(1000, dtype=int), uniforms(1000))[0].people - state.people
    left = moved[np.arange(1000), state.group].argmin(axis=1)
    moves = moved.any(axis=(1, 2))
    assert 700 < moves.sum() < 800  # all but a quarter: at each end half the people would move beyond it
    np.testing.assert_array_equal(left[moves], state.score[moves])


def test_selective_labels_hide_the_rejected():
    open_env = gymnasium.make("LendingEnv-v0")
    env = gymnasium.make("LendingEnv-v0", selective_labels=True)
    _, start = env.reset(seed=5)
    open_env.reset(seed=5)
    assert not {"qualified", "outcome_repaid"} & set(start)
    for step in range(300):
        action = step % 3 == 0
        *_, truth = open_env.step(int(action))
        *_, info = env.step(int(action))
        expected = truth["qualified"] if action else -1
        assert truth["qualified"] in (0, 1)
        assert truth["outcome_repaid"] == truth["qualified"]
        assert info["qualified"] == info["outcome_repaid"] == expected
        assert info["utility"] == truth["utility"]


# --- In the long run ---------------------------------------------------------------------------------------------

STEADY = [0.5148, 0.0644, 0.0234, 0.0263, 0.0451, 0.0978, 0.2282]


def score_chain(law: LendingDynamics) -> np.ndarray:
    """Return the Markov chain of an accepted person's score, read off what one step of the law does; (C, C)."""
    levels = law.levels
    chain = np.zeros((levels, levels))
    for score in range(levels):
        people = np.zeros((2, levels))
        people[:, score] = law.params.pool_size
        repayment = law.population.repayment[0, score]
        for qualified, probability in ((1, repayment), (0, 1 - repayment)):
            moved = after(law, counter(law, 0, score, qualified, people), 1).people[0, 0] - people[0]
            chain[score, moved.argmax() if moved.any() else score] += probability
    return chain


def test_steady_state_of_lending_to_everyone():
    law = dynamics()
    chain = score_chain(law)
    stationary = np.linalg.matrix_power(chain, 10_000)
    np.testing.assert_allclose(stationary, np.tile(STEADY, (7, 1)), atol=5.01e-5)
    assert stationary[0] @ law.population.repayment[0] == pytest.approx(0.3482, abs=5e-5)


def test_steady_state_is_reached_by_simulation():
    """With everybody accepted each person follows the chain by themselves, so the people are independent.

    A person of a pool of 10 is called every 20 steps. The chain's second eigenvalue is below 0.985, so after 16,000
    steps the start weighs about exp(-0.015 * 800) = 6e-6.
    """
    lanes, steps = 300, 16_000
    law = dynamics(pool_size=10)
    assert np.sort(np.abs(np.linalg.eigvals(score_chain(law))))[-2] < 0.985
    random = np.random.default_rng(0)
    state = law.initial(random.random((lanes, 4)))
    accept = np.ones(lanes, dtype=int)
    for _ in range(steps):
        state, _ = law.step(state, accept, random.random((lanes, 4)))
    for group in (0, 1):
        frequency = state.people[:, group].sum(axis=0) / (10 * lanes)
        within_four_standard_errors(frequency, np.array(STEADY), 10 * lanes)


# --- Parameters --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "fragment"),
    [
        ({"group_shares": (0.5, 0.3, 0.2)}, "group_shares has 3 entries for 2 groups (advantaged, disadvantaged)"),
        ({"group_shares": (0.5, 0.6)}, "group_shares sums to 1.1"),
        ({"score_gain": 0.5}, "score_gain=0.5 is not a multiple of the spacing 1"),
        ({"population": "transrisk", "score_loss": 60}, "score_loss=60 is not a multiple of the spacing 25"),
        ({"score_error": (0.1, 0.2, 0.3)}, "score_error has 3 entries"),
        ({"score_error": 1.1}, "score_error holds 1.1"),
        ({"interest_rate": -0.1}, "interest_rate=-0.1"),
        ({"loan_amount": 0}, "loan_amount=0"),
        ({"loan_amount": 5, "starting_cash": 4}, "starting_cash=4"),
        ({"default_loss": -1}, "default_loss=-1"),
        ({"pool_size": 2.5}, "pool_size=2.5"),
        ({"score_moves": 1}, "score_moves=1"),
        ({"populaton": "transrisk"}, "did you mean 'population'?"),
    ],
)
def test_bad_parameters(params, fragment):
    with pytest.raises(InputError) as refusal:
        gymnasium.make("LendingEnv-v0", **params)
    assert fragment in str(refusal.value)


@st.composite
def populations(draw) -> dict:
    groups, levels = draw(st.integers(1, 4)), draw(st.integers(2, 6))
    spacing = draw(st.sampled_from([1.0, 25.0, 0.1]))
    cell = st.floats(0, 1, allow_subnormal=False)
    weights = np.array([[draw(cell) for _ in range(levels)] for _ in range(groups)])
    weights[:, draw(st.integers(0, levels - 1))] += 0.01
    return {
        "groups": [f"group {index}" for index in range(groups)],
        "scores": (300 + spacing * np.arange(levels)).tolist(),
        "distribution": (weights / weights.sum(axis=1, keepdims=True)).tolist(),
        "repayment": [[draw(cell) for _ in range(levels)] for _ in range(groups)],
        "default_loss": draw(st.none() | st.floats(0, 10)),
    }


PARAMETERS = st.fixed_dictionaries(
    {
        "population": st.sampled_from(["two-groups", "transrisk"]) | populations(),
        "interest_rate": st.floats(0, 1e4),
        "loan_amount": st.floats(0, 1e8, exclude_min=True),
        "starting_cash": st.floats(1e8, 1e16),
        "pool_size": st.integers(1, 10**6),
        "score_moves": st.booleans(),
        "selective_labels": st.booleans(),
        "score_error": st.floats(0, 1),
    },
    optional={"default_loss": st.floats(0, 1e12)},
)


@settings(deadline=None, max_examples=150)
@given(params=PARAMETERS, seed=st.integers(0, 2**32), actions=st.lists(st.integers(0, 1), min_size=1, max_size=30))
def test_every_world_runs_without_nan_and_shows_what_its_space_says(params, seed, actions):
    env = LendingEnv(**params)
    observation, info = env.reset(seed=seed)
    assert observation in env.observation_space
    for action in actions:
        observation, reward, terminated, _, info = env.step(action)
        assert observation in env.observation_space
        assert np.isfinite(reward)
        assert all(np.isfinite(value).all() for value in info.values())
        np.testing.assert_allclose(info["score_distribution"].sum(axis=1), 1, rtol=1e-9)
        if terminated:
            break


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.floats() | st.integers(-1, 2), max_size=4),
    st.dictionaries(st.sampled_from(["groups", "scores", "repayment", "x"]), st.lists(st.floats(), max_size=3)),
)
NAMES = list(LendingParams.__dataclass_fields__)


@settings(deadline=None, max_examples=400)
@given(params=st.dictionaries(st.sampled_from([*NAMES, "typo"]), ANYTHING, min_size=1, max_size=3))
def test_any_parameter_runs_or_is_refused_in_one_sentence(params):
    env, refusal = None, ""
    try:
        env = LendingEnv(**params)
    except InputError as error:
        refusal = str(error)
    assert "\n" not in refusal
    if env is None:
        return
    observation, _ = env.reset(seed=0)
    assert observation in env.observation_space
    observation, reward, *_ = env.step(1)
    assert observation in env.observation_space
    assert np.isfinite(reward)
