"""The exact optimum against printed numbers, hand-worked cases, a grid, a linear program and its own properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fairgym.agents.beliefs import Beliefs
from fairgym.agents.common_rate import common_rate
from fairgym.populations import load_population


def beliefs(mass, repayment, share=None) -> Beliefs:
    """One lane from tables (G, C)."""
    mass = np.array(mass, dtype=float)
    share = np.full(len(mass), 1 / len(mass)) if share is None else np.array(share, dtype=float)
    return Beliefs(mass[None], np.array(repayment, dtype=float)[None], share[None])


def initial_population() -> Beliefs:
    population = load_population("two-groups")
    return beliefs(population.distribution, population.repayment, population.shares)


def mean_thresholds(acceptance):
    return acceptance.shape[-1] - acceptance.sum(axis=-1)


def money(one: Beliefs, acceptance, gain, loss):
    """The bank's expected money per applicant, (n,)."""
    value = one.repayment * gain - (1 - one.repayment) * loss
    return (one.share[..., None] * one.mass * value * acceptance).sum(axis=(1, 2))


def rates(one: Beliefs, acceptance, among_qualified):
    """The rate of each group, NaN where nobody counts; (n, G)."""
    counted = one.mass * one.repayment if among_qualified else one.mass
    with np.errstate(invalid="ignore"):
        return (counted * acceptance).sum(axis=2) / counted.sum(axis=2)


def random_beliefs(rng, groups, levels, lanes=1) -> Beliefs:
    """Every irregularity: falling repayment, ties, scores without people, repayment zero and one, groups without."""
    shape = (lanes, groups, levels)
    mass = rng.integers(0, 5, shape) + 0.0
    mass[..., 0] += mass.sum(axis=2) == 0
    repayment = np.where(rng.random((lanes, 1, 1)) < 0.5, rng.integers(0, 5, shape) / 4, rng.random(shape))
    repayment = np.where(rng.random((lanes, 1, 1)) < 0.3, np.sort(repayment, axis=2), repayment)
    repayment *= rng.random((lanes, groups, 1)) < 0.95
    share = rng.integers(1, 6, (lanes, groups)) + 0.0
    return Beliefs(mass / mass.sum(axis=2, keepdims=True), repayment, share / share.sum(axis=1, keepdims=True))


INSTANCES = 40
"""Random instances for each number of groups."""
BOTH = pytest.mark.parametrize("among_qualified", [True, False], ids=["equal opportunity", "demographic parity"])


# Printed numbers (D'Amour et al. 2020, the population at the start)


def test_equal_opportunity_at_the_start():
    best = common_rate(initial_population(), 1.0, 1.0, among_qualified=True)
    # group 0 accepts scores 3 and more: (.2 * .6 + .3 * .65 + .3 * .7) / .59 = .525 / .59
    assert best.rate[0] == pytest.approx(0.525 / 0.59, abs=1e-14)
    assert best.rate[0] == pytest.approx(0.8898, abs=5e-5)
    # group 1: .375 / .495 from scores 3 and more, the rest from score 2, which has .2 * .45 / .495
    share_of_two = (0.525 / 0.59 - 0.375 / 0.495) / (0.09 / 0.495)
    np.testing.assert_allclose(best.acceptance[0, 0], [0, 0, 0, 1, 1, 1, 1])
    np.testing.assert_allclose(best.acceptance[0, 1], [0, 0, share_of_two, 1, 1, 1, 1], atol=1e-14)
    assert share_of_two == pytest.approx(0.727, abs=5e-4)
    # the archived program prints 2.2727: its optimiser stops within 1e-5 of the corner, which moves this by 1e-5 / .182
    np.testing.assert_allclose(mean_thresholds(best.acceptance)[0], [3, 2.2727], atol=1.5e-4)


def test_the_rates_of_all_thresholds_at_the_start():
    one = initial_population()
    table = [rates(one, np.arange(7) >= threshold, among_qualified=True)[0] for threshold in range(7)]
    printed = [[1, 1], [1, 0.9798], [0.9661, 0.9394], [0.8898, 0.7576], [0.6864, 0.3939], [0.3559, 0], [0, 0]]
    np.testing.assert_allclose(table, printed, atol=5e-5)


# Cases worked by hand


def test_groups_count_by_their_shares():
    # One unit of rate beyond what the rich group's score 1 gives earns (2 - 1/p) q: rich, score 0 (p .4, q .6):
    # -.3; poor, score 1 (p .6, q .4): +.1333. With equal shares the sum is negative, with 3 of 4 poor positive.
    mass, repayment = [[0.5, 0.5], [0.5, 0.5]], [[0.4, 0.8], [0.2, 0.6]]
    equal = common_rate(beliefs(mass, repayment, [0.5, 0.5]), 1, 1, among_qualified=True)
    poor = common_rate(beliefs(mass, repayment, [0.25, 0.75]), 1, 1, among_qualified=True)
    assert equal.rate[0] == pytest.approx(0.4 / 0.6)
    assert poor.rate[0] == pytest.approx(0.3 / 0.4)
    np.testing.assert_allclose(equal.acceptance[0], [[0, 1], [0, (2 / 3) / (3 / 4)]])
    np.testing.assert_allclose(poor.acceptance[0], [[(3 / 4 - 2 / 3) / (1 / 3), 1], [0, 1]])


def test_scores_of_falling_repayment_are_pooled_and_share_one_probability():
    # Group 0: .9 then .1 pools to .5 with equal people. Group 1 alone stops at .8 of its qualified.
    mass, repayment = [[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.2, 0.8]]
    best = common_rate(beliefs(mass, repayment), 1, 1, among_qualified=True)
    assert best.rate[0] == pytest.approx(0.8)
    np.testing.assert_allclose(best.acceptance[0], [[0.8, 0.8], [0, 1]], atol=1e-15)


def test_scores_of_equal_repayment_share_one_probability():
    mass, repayment = [[0.2, 0.4, 0.4], [0.5, 0.1, 0.4]], [[0.1, 0.9, 0.9], [0.3, 0.9, 0.9]]
    best = common_rate(beliefs(mass, repayment), 1, 1, among_qualified=True)
    # group 1 stops at .45 / .6 of its qualified; group 0 gets there with .75 * .74 of the .72 at scores 1 and 2
    np.testing.assert_allclose(best.acceptance[0, 0], [0, 0.555 / 0.72, 0.555 / 0.72])
    np.testing.assert_allclose(best.acceptance[0, 1], [0, 1, 1])


def test_the_lowest_of_several_best_rates_is_taken():
    best = common_rate(beliefs([[0.5, 0.5]], [[0.5, 0.75]]), 1, 1, among_qualified=True)  # repayment .5 earns nothing
    assert best.rate[0] == pytest.approx(0.6)
    np.testing.assert_allclose(best.acceptance[0], [[0, 1]])
    nothing = common_rate(beliefs([[0.5, 0.5]], [[0.5, 0.5]]), 1, 1, among_qualified=True)
    assert nothing.rate[0] == 0
    assert (nothing.acceptance == 0).all()


def test_a_score_without_people_is_accepted_only_if_somebody_below_it_is():
    tables = [[0.5, 0, 0.5, 0]], [[0.2, 0.5, 0.8, 0.8]]
    careful = common_rate(beliefs(*tables), 1, 1, among_qualified=True)
    np.testing.assert_allclose(careful.acceptance[0], [[0, 0, 1, 1]])
    generous = common_rate(beliefs(*tables), 1, 0.1, among_qualified=True)
    np.testing.assert_allclose(generous.acceptance[0], [[1, 1, 1, 1]])


def test_people_who_never_repay_are_rejected_even_at_rate_one():
    best = common_rate(beliefs([[0.5, 0.5]], [[0, 0.9]]), 1, 1, among_qualified=True)
    assert best.rate[0] == 1
    np.testing.assert_allclose(best.acceptance[0], [[0, 1]])


def test_a_group_without_qualified_people_binds_nobody():
    mass, repayment = [[0.5, 0.5], [0.5, 0.5]], [[0.2, 0.8], [0, 0]]
    best = common_rate(beliefs(mass, repayment), 1, 1, among_qualified=True)
    assert best.rate[0] == pytest.approx(0.8)
    np.testing.assert_allclose(best.acceptance[0], [[0, 1], [0, 0]])


def test_without_any_qualified_person_there_is_no_rate():
    best = common_rate(beliefs([[0.5, 0.5]], [[0, 0]]), 1, 1, among_qualified=True)
    assert np.isnan(best.rate[0])
    assert (best.acceptance == 0).all()


def test_demographic_parity_by_hand():
    # Accepting the next applicant earns .6 + .2 up to rate .5, then -.6 from group 0 and .2 from group 1's lower score.
    mass, repayment = [[0.5, 0.5], [0.5, 0.5]], [[0.2, 0.8], [0.6, 0.6]]
    best = common_rate(beliefs(mass, repayment), 1, 1, among_qualified=False)
    assert best.rate[0] == pytest.approx(0.5)
    np.testing.assert_allclose(best.acceptance[0], [[0, 1], [0.5, 0.5]])


# Against other ways to the same optimum


def best_on_grid(one: Beliefs, gain, loss, among_qualified, grid):
    """The most money at each rate of a grid: the best mixture of two thresholds per group, all pairs tried."""
    total = np.zeros(len(grid))
    for mass, repayment, share in zip(one.mass[0], one.repayment[0], one.share[0], strict=True):
        counted = mass * repayment if among_qualified else mass
        value = mass * (repayment * gain - (1 - repayment) * loss)
        at = np.array([counted[k:].sum() for k in range(len(mass) + 1)])
        worth = np.array([value[k:].sum() for k in range(len(mass) + 1)])
        if at[0] == 0:
            continue  # not bound; all repayment is zero where there are people, so nothing is earned
        at = at / at[0]
        best = np.full(len(grid), -np.inf)
        for low in range(len(at)):
            for high in range(low + 1):
                inside = (grid >= at[low] - 1e-12) & (grid <= at[high] + 1e-12)
                width = at[high] - at[low]
                mix = np.clip((grid - at[low]) / width, 0, 1) if width > 1e-12 else np.zeros(len(grid))
                mixed = worth[low] + mix * (worth[high] - worth[low])
                best = np.where(inside, np.maximum(best, mixed), best)
        total += share * best
    return total


@BOTH
@pytest.mark.parametrize("groups", range(1, 6))
def test_no_rate_on_a_fine_grid_earns_more(groups, among_qualified):
    rng = np.random.default_rng(groups)
    grid = np.linspace(0, 1, 2001)
    for _ in range(INSTANCES):
        one = random_beliefs(rng, groups, int(rng.integers(2, 8)))
        gain, loss = rng.uniform(0.2, 2, 2)
        best = common_rate(one, gain, loss, among_qualified=among_qualified)
        earned = money(one, best.acceptance, gain, loss)[0]
        on_grid = best_on_grid(one, gain, loss, among_qualified, grid).max()
        # no slope exceeds the gain, so the grid misses the optimum by at most one step of it
        assert on_grid - 1e-10 <= earned <= on_grid + gain / 2000 + 1e-10


def linear_program(one: Beliefs, gain, loss, among_qualified):
    """The most money over all acceptances that do not fall with the score and give all groups one rate."""
    mass, repayment, share = one.mass[0], one.repayment[0], one.share[0]
    groups, levels = mass.shape
    cells = groups * levels
    value = share[:, None] * mass * (repayment * gain - (1 - repayment) * loss)
    counted = mass * repayment if among_qualified else mass
    equal = []
    for group in range(groups):
        if counted[group].sum() > 0:
            row = np.zeros(cells + 1)
            row[group * levels : (group + 1) * levels] = counted[group] / counted[group].sum()
            equal.append(np.append(row[:-1], -1))
    order = np.zeros((groups * (levels - 1), cells + 1))
    for row, (group, score) in enumerate((g, c) for g in range(groups) for c in range(levels - 1)):
        order[row, group * levels + score], order[row, group * levels + score + 1] = 1, -1
    solved = linprog(
        -np.append(value, 0),
        A_ub=order,
        b_ub=np.zeros(len(order)),
        A_eq=np.array(equal) if equal else None,
        b_eq=np.zeros(len(equal)) if equal else None,
        bounds=(0, 1),
        method="highs",
    )
    assert solved.success
    return -solved.fun


@BOTH
@pytest.mark.parametrize("groups", range(1, 6))
def test_a_linear_program_earns_the_same(groups, among_qualified):
    rng = np.random.default_rng(groups + 100)
    for _ in range(INSTANCES):
        one = random_beliefs(rng, groups, int(rng.integers(2, 10)))
        gain, loss = rng.uniform(0.2, 2, 2)
        best = common_rate(one, gain, loss, among_qualified=among_qualified)
        earned = money(one, best.acceptance, gain, loss)[0]
        assert earned == pytest.approx(linear_program(one, gain, loss, among_qualified), abs=1e-8)


# Properties


SEEDS, GROUPS, LEVELS = st.integers(0, 2**32), st.integers(1, 5), st.integers(2, 9)
PRICES = st.just(0.0) | st.floats(0.01, 3)


@BOTH
@settings(deadline=None)
@given(seed=SEEDS, groups=GROUPS, levels=LEVELS, gain=PRICES, loss=PRICES)
def test_a_policy_is_in_order_and_gives_bound_groups_its_rate(seed, groups, levels, gain, loss, among_qualified):
    one = random_beliefs(np.random.default_rng(seed), groups, levels, lanes=20)
    best = common_rate(one, gain, loss, among_qualified=among_qualified)
    assert ((best.acceptance >= 0) & (best.acceptance <= 1)).all()
    reached = rates(one, best.acceptance, among_qualified)
    bound = ~np.isnan(reached)
    assert (bound.any(axis=1) == ~np.isnan(best.rate)).all()
    np.testing.assert_allclose(reached[bound], np.broadcast_to(best.rate[:, None], bound.shape)[bound], atol=1e-9)
    assert (np.diff(best.acceptance[bound], axis=-1) >= 0).all()


@BOTH
@settings(deadline=None)
@given(seed=SEEDS, groups=GROUPS, levels=LEVELS, gain=PRICES, loss=PRICES)
def test_what_changes_nothing_changes_nothing(seed, groups, levels, gain, loss, among_qualified):
    one = random_beliefs(np.random.default_rng(seed), groups, levels, lanes=20)
    best = common_rate(one, gain, loss, among_qualified=among_qualified)
    in_cents = common_rate(one, 4 * gain, 4 * loss, among_qualified=among_qualified)
    np.testing.assert_array_equal(in_cents.acceptance, best.acceptance)
    backwards = Beliefs(one.mass[:, ::-1], one.repayment[:, ::-1], one.share[:, ::-1])
    mirrored = common_rate(backwards, gain, loss, among_qualified=among_qualified)
    there, here = money(backwards, mirrored.acceptance, gain, loss), money(one, best.acceptance, gain, loss)
    np.testing.assert_allclose(there, here, atol=1e-12)


@BOTH
@settings(deadline=None)
@given(seed=SEEDS, groups=GROUPS, levels=LEVELS, gain=PRICES, loss=PRICES)
def test_twins_are_served_as_one_group(seed, groups, levels, gain, loss, among_qualified):
    one = random_beliefs(np.random.default_rng(seed), groups, levels, lanes=20)
    single = Beliefs(one.mass[:, :1], one.repayment[:, :1], np.ones((len(one), 1)))
    twins = Beliefs(one.mass[:, [0, 0]], one.repayment[:, [0, 0]], np.full((len(one), 2), 0.5))
    alone = common_rate(single, gain, loss, among_qualified=among_qualified).acceptance
    both = common_rate(twins, gain, loss, among_qualified=among_qualified).acceptance
    np.testing.assert_array_equal(both, np.repeat(alone, 2, axis=1))


@BOTH
@pytest.mark.parametrize(("groups", "levels"), [(1, 2), (2, 7), (4, 23), (9, 40)])
def test_a_lane_is_bit_for_bit_itself_alone(groups, levels, among_qualified):
    many = random_beliefs(np.random.default_rng(levels), groups, levels, lanes=50)
    together = common_rate(many, 1.0, 0.7, among_qualified=among_qualified)
    for lane in range(50):
        alone = common_rate(many.take(np.array([lane])), 1.0, 0.7, among_qualified=among_qualified)
        np.testing.assert_array_equal(alone.rate, together.rate[lane : lane + 1])
        np.testing.assert_array_equal(alone.acceptance, together.acceptance[lane : lane + 1])


def test_does_not_write_into_the_beliefs():
    one = random_beliefs(np.random.default_rng(0), 3, 5, lanes=4)
    frozen = one.read_only()
    common_rate(frozen, 1, 1, among_qualified=True)
    for name, array in frozen.arrays().items():
        np.testing.assert_array_equal(array, one.arrays()[name])
