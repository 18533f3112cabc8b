"""Costs against numbers worked by hand and against a transcription of the published program's percentile."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.checks import InputError
from fairgym.recourse import LogPercentileShift, PercentileShift, WeightedShift
from fairgym.recourse.costs import COSTS, EUCLIDEAN, MAXIMUM, SUM, budget_of, cost_of, within

COLUMN = np.array([3.0, 1.0, 2.0, 2.0])  # shares: a quarter at 1, half at 2, a quarter at 3


def position(cost, column, weight=None):
    """Return the position function of a single column."""
    return cost.fit(np.asarray(column, dtype=float)[:, None], weight).positions[0]


def test_mid_rank_by_hand():
    """Below 1 nobody, at 1 half of a quarter, at 2 a quarter and half of a half, at 3 three quarters and an eighth."""
    where = position(PercentileShift(), COLUMN)
    np.testing.assert_array_equal(where([0, 1, 1.5, 2, 2.5, 3, 4]), [0, 0.125, 0.25, 0.5, 0.75, 0.875, 1])


def test_mid_rank_of_weights_by_hand():
    """Shares 1/8 at 1, 3/8 at 2, 4/8 at 3; who has no weight is nobody."""
    where = position(PercentileShift(), [3, 1, 2, 2, 9], np.array([4, 1, 2, 1, 0]))
    np.testing.assert_allclose(where([0, 1, 2, 3, 9]), np.array([0, 0.5, 2.5, 6, 8]) / 8, rtol=1e-15)


def test_a_binary_feature_costs_half_to_flip():
    where = position(PercentileShift(), [0, 0, 0, 1])
    assert where(np.array([1.0])) - where(np.array([0.0])) == 0.5


COUNTED = [PercentileShift(), LogPercentileShift(), *(WeightedShift(name) for name in ("mad", "sd", "range"))]


@given(data=st.data(), cost=st.sampled_from(COUNTED))
@settings(max_examples=80, deadline=None)
def test_a_weight_is_so_many_people(data, cost):
    """The cost of a log-percentile counts a person above everybody as half the smallest weight: here that is one."""
    count = data.draw(st.integers(2, 12))
    column = np.array(data.draw(st.lists(st.integers(-3, 3), min_size=count, max_size=count)), dtype=float)
    weight = np.array(data.draw(st.lists(st.integers(0, 4), min_size=count, max_size=count)))
    weight[0] = 1
    asked = np.arange(-4, 4.5, 0.5)
    weighted, repeated = position(cost, column, weight)(asked), position(cost, np.repeat(column, weight))(asked)
    np.testing.assert_allclose(weighted, repeated, rtol=1e-10, atol=1e-12)


def published_percentile(column, values):
    """Return the percentile as the paper's program has it: density, grid, cumulative sum, interpolation."""
    count = len(column)
    width = column.std(ddof=1) * count ** (-1 / 5)
    grid = np.linspace(np.quantile(column, 0.001), np.quantile(column, 0.999), 100)
    density = np.exp(-(((grid[:, None] - column) / width) ** 2) / 2).sum(axis=1) / (count * width * np.sqrt(2 * np.pi))
    total = np.cumsum(density)
    heights = (1e-6 + total) / (total[-1] + 2e-6)
    return np.interp(values, grid, heights, left=1e-6, right=1 - 1e-6), grid


@pytest.mark.parametrize("kind", ["normal", "count", "binary", "amount"])
def test_smoothed_percentile_is_the_published_one(kind):
    rng = np.random.default_rng(0)
    column = {
        "normal": rng.normal(size=300),
        "count": rng.poisson(1.5, 300).astype(float),
        "binary": rng.integers(0, 2, 300).astype(float),
        "amount": np.round(rng.lognormal(8, 1, 300), -1),
    }[kind]
    values = np.linspace(column.min() - 1, column.max() + 1, 500)
    wanted, grid = published_percentile(column, values)
    given = position(PercentileShift(smoothed=True), column)(values)
    inside = (values >= grid[0]) & (values <= grid[-1])
    assert 0 < inside.sum() < 500
    np.testing.assert_allclose(given[inside], wanted[inside], rtol=1e-9)
    np.testing.assert_allclose(given, wanted, rtol=0, atol=1e-6)  # outside, where the program's own falls


def test_smoothing_makes_a_binary_feature_dear():
    """Half the people at 0 and half at 1 sit at the ends of the grid, each seen by half of the density's bell."""
    column = np.repeat([0.0, 1.0], 500)
    where = position(PercentileShift(smoothed=True), column)
    assert 0.9 < where(np.array([1.0]))[0] - where(np.array([0.0]))[0] < 1
    assert where(np.array([0.5]))[0] == pytest.approx(0.5, abs=0.01)


def test_a_constant_column_has_no_density():
    where = position(PercentileShift(smoothed=True), [4.0, 4.0, 4.0])
    np.testing.assert_array_equal(where([3, 4, 5]), [0, 0.5, 1])


@given(
    column=st.lists(st.integers(-5, 5), min_size=2, max_size=30),
    cost=st.sampled_from([*COSTS.values()]),
    data=st.data(),
)
@settings(max_examples=100, deadline=None)
def test_a_position_never_falls(column, cost, data):
    weight = np.array(data.draw(st.lists(st.integers(1, 3), min_size=len(column), max_size=len(column))))
    where = position(cost, column, weight)(np.linspace(-7, 7, 141))
    assert (np.diff(where) >= 0).all()
    assert np.isfinite(where).all()


def test_log_percentile_by_hand():
    """Above 1 are 7/8 by mid-rank, above 3 an eighth: log2 7 apart; above everybody counts as half a person, 1/8."""
    where = position(LogPercentileShift(), COLUMN)
    np.testing.assert_allclose(where([0, 1, 2, 3, 4]), [0, np.log2(8 / 7), 1, 3, 3], rtol=1e-15)


@pytest.mark.parametrize(
    ("spread", "column", "weight", "wanted"),
    [
        ("mad", [1, 2, 4, 8, 16], None, 3),  # median 4, deviations 3 2 0 4 12
        ("mad", [1, 2, 4, 8], None, 1.5),  # median 3, deviations 2 1 1 5: the middle of 1 and 2 is 1.5
        ("mad", [1, 2, 4], [1, 1, 2], 1),  # as 1 2 4 4: median 3, deviations 2 1 1 1
        ("sd", [1, 3], None, 1),
        ("sd", [0, 4], [3, 1], np.sqrt(3)),  # mean 1, (3 * 1 + 9) / 4
        ("range", [2, 7, 3], None, 5),
        ("range", [2, 7, 30], [1, 1, 0], 5),
        ("mad", [1, 1, 1, 5], None, 1),  # no spread: the change itself counts
    ],
)
def test_spreads_by_hand(spread, column, weight, wanted):
    where = position(WeightedShift(spread), column, None if weight is None else np.array(weight))
    assert where(np.array([wanted * 2.0]))[0] == pytest.approx(2, rel=1e-12)


def test_maximum_sum_and_length_by_hand():
    before, after = np.array([[1.0, 10.0], [2.0, 20.0]]), np.array([[2.0, 14.0], [2.0, 17.0]])
    for combine, wanted in ((MAXIMUM, [4.0, 3.0]), (SUM, [6.0, 3.0]), (EUCLIDEAN, [20**0.5, 3.0])):
        cost = WeightedShift((2.0, 1.0), combine).fit(before)
        np.testing.assert_array_equal(cost.by_feature(before, after), [[2, 4], [0, 3]])
        np.testing.assert_array_equal(cost.total(before, after), wanted)


def test_rounding_decides_nothing():
    assert within(0.1 + 0.2, 0.3)
    assert not within(0.3 + 1e-8, 0.3)
    np.testing.assert_array_equal(within(np.array([0.2, 0.4]), 0.3), [True, False])


def test_costs_by_name():
    for name, cost in COSTS.items():
        assert cost_of(name) is cost
        assert cost.combine == {"sum": SUM, "euclidean": EUCLIDEAN}.get(name.rpartition("-")[2], MAXIMUM)
    own = WeightedShift((1.0,))
    assert cost_of(own) is own


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cost_of("percentil"), "cost='percentil' is not known: did you mean 'percentile'?"),
        (lambda: cost_of(3), "cost=3 is not a cost: give one of percentile,"),
        (lambda: WeightedShift("mean"), "weights='mean' is not known"),
        (lambda: WeightedShift("mad", "min"), "combine='min' is not known"),
        (lambda: WeightedShift((1.0, -1.0)), "holds a number below zero: give costs per unit"),
        (lambda: WeightedShift((1.0, float("nan"))), "not finite"),
        (lambda: WeightedShift((1.0,)).fit(np.zeros((2, 2))), "weights has 1 entries"),
        (lambda: PercentileShift("yes"), "smoothed='yes' is not a yes or no"),
        (lambda: PercentileShift().fit(np.zeros((2, 1)), np.zeros(2)), "the population of a cost is empty"),
        (lambda: PercentileShift().fit(np.zeros((0, 1))), "the population of a cost is empty"),
        (lambda: budget_of(-0.1, PercentileShift().fit(np.zeros((2, 1)))), "budget=-0.1 is out of range"),
        (lambda: budget_of(30, PercentileShift().fit(np.zeros((2, 1)))), "budget=30 is out of range"),
        (lambda: budget_of(None, PercentileShift().fit(np.zeros((2, 1)))), "budget is missing"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value)
    assert str(caught.value).count("\n") == 0
