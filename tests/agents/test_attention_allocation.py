"""Allocations: by lot, the best under the fairness constraint against all of them, and the published one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from fairgym.agents.allocation import (
    SLACK,
    best_allocation,
    chances_of_more,
    discovered_shares,
    drawn_units,
    smallest_alpha,
)
from fairgym.agents.allocation_as_published import allocation_as_published

RATES = st.one_of(st.floats(0, 12), st.sampled_from([0.0, 0.5, 1.0, 2.0, 40.0]))


def expected_discoveries(rates, allocation):
    """Return the incidents that an allocation discovers on average, all sites together; (n,)."""
    units = max(int(allocation.max(initial=0)), 1)
    counted = np.arange(1, units + 1) <= allocation[..., None]
    return (chances_of_more(rates, units) * counted).sum(axis=2).sum(axis=1)


def all_allocations(sites, units):
    return np.array([one for one in product(range(units + 1), repeat=sites) if sum(one) == units])


def unfairness(rates, units, allocations):
    """Return the largest difference of shares of each allocation, (A,), from the definition of the shares."""
    counts = np.arange(200)
    probability = poisson.pmf(counts, np.asarray(rates)[:, None])
    share = np.minimum(np.arange(units + 1)[:, None], counts) / np.maximum(counts, 1)
    share[1:, 0] = 1
    shares = probability @ share.T
    of_sites = shares[np.arange(len(rates)), allocations]
    return of_sites.max(axis=1) - of_sites.min(axis=1)


def one_row(function, rates, *arguments):
    allocation, feasible = function(np.array([rates], dtype=float), *arguments)
    return allocation[0].tolist(), bool(feasible[0])


def test_shares_by_definition():
    rates = np.array([[1e-12, 1e-3, 0.7, 1.0, 1.0 + 1e-9, 3.0, 45.0, 499.0, 501.0, 3_000.0]])
    counts = np.arange(4_000)
    ours = discovered_shares(rates, 6)[0]
    for rate, shares in zip(rates[0], ours, strict=True):
        probability = poisson.pmf(counts, rate)
        for units, share in enumerate(shares):
            found = np.minimum(units, counts) / np.maximum(counts, 1)
            found[0] = units > 0
            assert share == pytest.approx((probability * found).sum(), rel=1e-11, abs=1e-14)


def test_chances_by_definition():
    rates = np.array([[0.0, 1e-8, 1.0, 8.0]])
    expected = poisson.sf(np.arange(5), rates[0][:, None])
    np.testing.assert_allclose(chances_of_more(rates, 5)[0], expected, rtol=1e-10, atol=0)


@pytest.mark.parametrize(
    ("rates", "units", "alpha", "expected"),
    [
        ((5, 2, 1, 1), 5, 1.0, [4, 1, 0, 0]),
        ((5, 2, 1, 1), 6, 0.25, [3, 1, 1, 1]),
        ((1, 1, 1, 1, 1), 6, 1.0, [2, 1, 1, 1, 1]),
        ((0, 0, 0), 3, 1.0, [1, 1, 1]),
    ],
)
def test_documented_examples(rates, units, alpha, expected):
    """The first two are those of the archived program; the last two spread what makes no difference."""
    assert one_row(best_allocation, rates, units, alpha) == (expected, True)


def test_no_allocation_is_fair_enough():
    assert one_row(best_allocation, (5, 2, 1, 1), 5, 0.25) == ([0, 0, 0, 0], False)
    smallest = smallest_alpha(np.array([[5.0, 2, 1, 1]]), 5)[0]
    assert smallest == pytest.approx(unfairness((5, 2, 1, 1), 5, all_allocations(4, 5)).min(), abs=1e-12)
    assert smallest > 0.25
    assert one_row(best_allocation, (5, 2, 1, 1), 5, smallest)[1]
    assert not one_row(best_allocation, (5, 2, 1, 1), 5, smallest - 1e-6)[1]


@settings(max_examples=150, deadline=None)
@given(st.lists(RATES, min_size=1, max_size=4), st.integers(1, 6), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]))
def test_it_is_the_best_of_all(rates, units, alpha):
    """Against every allocation there is; the constraint within 1e-9, the objective within 1e-12."""
    allocations = all_allocations(len(rates), units)
    unfair = unfairness(rates, units, allocations)
    yields = expected_discoveries(np.tile(np.array(rates, float), (len(allocations), 1)), allocations)
    allocation, feasible = best_allocation(np.array([rates], float), units, alpha)
    if (unfair > alpha + 1e-9).all():
        assert not feasible[0]
        assert allocation.sum() == 0
    if (unfair <= alpha).any():
        assert feasible[0]
        assert allocation.sum() == units
        mine = (allocations == allocation).all(axis=1)
        assert unfair[mine][0] <= alpha + 1e-9
        assert yields[mine][0] >= yields[unfair <= alpha].max() - 1e-12
    assert smallest_alpha(np.array([rates], float), units)[0] == pytest.approx(unfair.min(), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(RATES, min_size=2, max_size=5), st.integers(1, 8))
def test_the_smallest_alpha_is_enough(rates, units):
    row = np.array([rates], float)
    smallest = smallest_alpha(row, units)
    assert best_allocation(row, units, smallest)[1].all()
    if smallest[0] > 10 * SLACK:
        assert not best_allocation(row, units, smallest - 5 * SLACK)[1].any()


@pytest.mark.parametrize("function", [best_allocation, allocation_as_published])
@pytest.mark.parametrize("alpha", [1.0, 0.4])
def test_lanes_do_not_depend_on_each_other(function, alpha):
    rates = np.random.default_rng(0).exponential(3, size=(30, 4))
    together, feasible = function(rates, 6, alpha)
    for lane in range(30):
        alone = function(rates[lane : lane + 1], 6, np.array([alpha]))
        np.testing.assert_array_equal(alone[0][0], together[lane])
        assert alone[1][0] == feasible[lane]


def test_the_published_allocation():
    """Five sites of rate 1: 2 (P(C >= 1) + P(C >= 2) + P(C >= 3)) = 1.95 instead of 5 P(C >= 1) + P(C >= 2) = 3.42.

    With nothing believed all units go to the last site, or under alpha = .75, which nobody may be left out of, all
    that can.
    """
    ones = (1, 1, 1, 1, 1)
    assert one_row(allocation_as_published, ones, 6, 1.0) == ([3, 0, 0, 0, 3], True)
    e = np.exp(-1)
    yields = [expected_discoveries(np.ones((1, 5)), np.array([one]))[0] for one in ([3, 0, 0, 0, 3], [2, 1, 1, 1, 1])]
    np.testing.assert_allclose(yields, [2 * (3 - 5.5 * e), 5 * (1 - e) + 1 - 2 * e], rtol=1e-12)
    np.testing.assert_allclose(yields, [1.95, 3.42], atol=0.005)
    assert one_row(allocation_as_published, (0,) * 5, 6, 1.0) == ([0, 0, 0, 0, 6], True)
    assert one_row(allocation_as_published, (0,) * 5, 6, 0.75) == ([1, 1, 1, 1, 2], True)
    assert one_row(allocation_as_published, (5, 2, 1, 1), 6, 0.25) == ([3, 1, 1, 1], True)
    assert one_row(allocation_as_published, (5, 2, 1, 1), 5, 0.25) == ([0, 0, 0, 0], False)


def test_the_published_allocation_is_never_better():
    """And on rates of around one it loses a tenth."""
    rates = np.random.default_rng(0).uniform(0, 2, size=(300, 5))
    best, published = (
        expected_discoveries(rates, function(rates, 6, 1.0)[0])
        for function in (best_allocation, allocation_as_published)
    )
    assert (published <= best + 1e-12).all()
    assert 0.05 < 1 - published.mean() / best.mean() < 0.15


def test_units_by_lot_by_hand():
    """Weights 1, 0, 3 cut the unit interval at 1/4; every unit has its own number."""
    uniforms = np.array([[0.0, 0.2499, 0.25, 0.9999], [0.1, 0.1, 0.1, 0.1]])
    units = drawn_units(uniforms, np.tile([1.0, 0.0, 3.0], (2, 1)))
    np.testing.assert_array_equal(units, [[2, 0, 2], [4, 0, 0]])


def test_units_by_lot_are_multinomial():
    """Means and covariances within 4 standard errors, 20,000 draws of 6 units."""
    weights = np.array([4.0, 3.0, 2.0, 1.0])
    shares, draws = weights / 10, 20_000
    uniforms = np.random.default_rng(0).random((draws, 6))
    units = drawn_units(uniforms, np.tile(weights, (draws, 1)))
    assert (units.sum(axis=1) == 6).all()
    covariance = 6 * (np.diag(shares) - np.outer(shares, shares))
    errors = np.sqrt(np.diag(covariance) / draws)
    assert (np.abs(units.mean(axis=0) - 6 * shares) < 4 * errors).all()
    assert np.abs(np.cov(units.T) - covariance).max() < 4 * 2 * covariance.max() / np.sqrt(draws)


def test_the_last_uniform_stays_inside():
    units = drawn_units(np.full((1, 3), 1 - 2.0**-53), np.array([[0.1, 0.7, 0.4, 0.0]]))
    np.testing.assert_array_equal(units, [[0, 0, 3, 0]])
