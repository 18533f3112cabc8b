"""Ladder against trying values one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.recourse import ActionSpec, LogPercentileShift, PercentileShift, WeightedShift
from fairgym.recourse.costs import SLACK
from fairgym.recourse.ladder import Ladder
from tests.recourse.brute import numbers_around

COSTS = [PercentileShift(), PercentileShift(smoothed=True), LogPercentileShift(), WeightedShift("range")]


@st.composite
def ladders(draw):
    """Draw a feature's values, thresholds, limits and direction, and its ladder."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    integer, precision = draw(st.booleans()), draw(st.sampled_from([np.float32, np.float64]))
    direction, cost = draw(st.sampled_from(["free", "up", "down"])), draw(st.sampled_from(COSTS))
    values = rng.integers(0, 7, 20).astype(float) if integer else np.round(rng.normal(size=20), 1)
    middles = (rng.choice(values, 6) + rng.choice(values, 6)) / 2
    thresholds = np.concatenate([middles, rng.choice(values, 2), rng.normal(3, 3, draw(st.integers(0, 3)))])
    low, high = np.sort(rng.choice(values, 2)) if draw(st.booleans()) else (-np.inf, np.inf)
    spec = ActionSpec([direction], integer=[0] if integer else [], bounds={0: (low, high)})
    ladder = Ladder.of(thresholds, spec.resolve(None, 1), cost.fit(values[:, None]), 0, precision)
    return ladder, values, thresholds, (low, high), direction


def admissible(ladder, value, thresholds, limits, direction):
    """Return the values that a person may have, her own first: whole numbers, or numbers next to each threshold."""
    if ladder.integer:
        candidates = np.arange(-15.0, 25.0)
    else:
        candidates = np.array([one for threshold in thresholds for one in numbers_around(threshold, ladder.precision)])
    falls = (candidates < value) & (candidates >= limits[0]) & (direction != "up")
    rises = (candidates > value) & (candidates <= limits[1]) & (direction != "down")
    return np.append(value, candidates[falls | rises])


@given(drawn=ladders(), budget=st.sampled_from([0.0, 0.1, 0.3, 0.6, 2.0]))
@settings(max_examples=150, deadline=None)
def test_sides_that_can_be_reached(drawn, budget):
    """Left of a threshold, or right of it, if some value is there within limits, direction and budget."""
    ladder, values, thresholds, limits, direction = drawn
    lowest, highest = ladder.reach(values, budget)
    for person, value in enumerate(values):
        become = admissible(ladder, value, thresholds, limits, direction)
        cost = np.abs(ladder.position(become) - ladder.position(np.full(len(become), value)))
        seen = become[cost <= budget + SLACK].astype(ladder.precision)
        for threshold, place in zip(thresholds, ladder.index(thresholds), strict=True):
            assert (lowest[person] <= place) == (seen <= np.float64(threshold)).any()
            assert (highest[person] > place) == (seen > np.float64(threshold)).any()


@given(drawn=ladders())
@settings(max_examples=150, deadline=None)
def test_nothing_lands_cheaper(drawn):
    """The price of a rung is the lowest over all values on it, and infinite where there is none."""
    ladder, values, thresholds, limits, direction = drawn
    places, costs = ladder.landing(values)
    for person, value in enumerate(values):
        become = admissible(ladder, value, thresholds, limits, direction)
        cost = np.abs(ladder.position(become) - ladder.position(np.full(len(become), value)))
        seen = become.astype(ladder.precision).astype(float)
        rung = (seen[:, None] > ladder.thresholds).sum(axis=1)  # thresholds passed
        for step in range(len(ladder.thresholds) + 1):
            there = cost[rung == step]
            assert costs[person, step] == (there.min() if len(there) else np.inf)
            if len(there):
                assert places[person, step] in become[rung == step]
        assert costs[person, ladder.rung(values)[person]] == 0
        assert places[person, ladder.rung(values)[person]] == value


@given(drawn=ladders(), budget=st.sampled_from([0.0, 0.1, 0.3, 0.6, 2.0]))
@settings(max_examples=50, deadline=None)
def test_reach_and_landing_agree(drawn, budget):
    ladder, values, *_ = drawn
    lowest, highest = ladder.reach(values, budget)
    rungs = np.arange(len(ladder.thresholds) + 1)
    within = ladder.landing(values)[1] <= budget + SLACK
    np.testing.assert_array_equal(within, (rungs >= lowest[:, None]) & (rungs <= highest[:, None]))


def ladder_of(thresholds, direction="free", *, integer=False, precision=np.float64, bounds=(-np.inf, np.inf)):
    spec = ActionSpec([direction], integer=[0] if integer else [], bounds={0: bounds})
    cost = WeightedShift((1.0,)).fit(np.zeros((1, 1)))
    return Ladder.of(np.array(thresholds), spec.resolve(None, 1), cost, 0, precision)


def test_thresholds_with_no_whole_number_between_are_one():
    """Nobody is between 2.3 and 2.7: three rungs, up to 2, 3 to 5, and from 6."""
    ladder = ladder_of([2.3, 2.7, 5.0], integer=True)
    np.testing.assert_array_equal(ladder.thresholds, [2, 5])
    np.testing.assert_array_equal(ladder.up, [3, 6])
    np.testing.assert_array_equal(ladder.index(np.array([2.3, 2.7, 5.0])), [0, 0, 1])
    np.testing.assert_array_equal(ladder.rung(np.array([2.0, 3.0, 5.0, 6.0])), [0, 1, 1, 2])
    place, cost = ladder.landing(np.array([4.0]))
    np.testing.assert_array_equal(place, [[2, 4, 6]])
    np.testing.assert_array_equal(cost, [[2, 0, 2]])


def test_a_continuous_feature_lands_next_to_its_thresholds():
    ladder = ladder_of([2.3, 2.7])
    place, _ = ladder.landing(np.array([0.0, 3.0]))
    np.testing.assert_array_equal(place[0], [0, np.nextafter(2.3, 9), np.nextafter(2.7, 9)])
    np.testing.assert_array_equal(place[1], [2.3, 2.7, 3])


def test_numbers_of_32_bits():
    """2.3 lies between two numbers of 32 bits, 2.29999995 and 2.30000019: people land on those."""
    ladder = ladder_of([2.3], precision=np.float32)
    under = float(np.float32(2.3))
    assert under < 2.3 < under + 2**-22
    np.testing.assert_array_equal(ladder.landing(np.array([0.0, 3.0]))[0], [[0, under + 2**-22], [under, 3]])
    above = ladder_of([2.7], precision=np.float32)  # 2.7 itself rounds up, to 2.70000005
    np.testing.assert_array_equal(above.thresholds, [float(np.float32(2.7)) - 2**-22])
    seen_under, seen_above = 2.7 - 2**-22, 2.7 - 1e-9  # rounded down, and up across the threshold
    np.testing.assert_array_equal(above.rung(np.array([seen_under, seen_above])), [0, 1])


@pytest.mark.parametrize("threshold", [2.0**24, 2.0**24 + 1, 2.0**24 + 2, 2.0**24 + 3, 2.0**24 + 4.5])
def test_whole_numbers_that_32_bits_cannot_tell_apart(threshold):
    """From 2^24 on only every other whole number has 32 bits: still, who lands on a side is seen there."""
    ladder = ladder_of([threshold], integer=True, precision=np.float32)
    (_, up), (down, _) = ladder.landing(np.array([0.0, 2.0**25]))[0]
    assert np.float64(np.float32(down)) <= threshold < np.float64(np.float32(up))
    assert up - down == 2


def test_limits_bind_in_the_direction_of_a_move():
    """Up to 5: who is at 3 gets over 4.5, not over 5.5; who is at 7 may stay, or fall to 5.5 and 4.5."""
    ladder = ladder_of([4.5, 5.5], bounds=(4.6, 5.0))
    place, cost = ladder.landing(np.array([3.0, 7.0]))
    assert np.isinf(cost).tolist() == [[False, False, True], [True, False, False]]
    assert place[1, 1] == 5.5
    lowest, highest = ladder.reach(np.array([3.0, 7.0]), 9.0)
    np.testing.assert_array_equal([lowest, highest], [[0, 1], [1, 2]])


@pytest.mark.parametrize(("direction", "ways"), [("up", [0, 0, 1]), ("down", [1, 0, 0]), ("free", [1, 0, 1])])
def test_directions(direction, ways):
    cost = ladder_of([1.0, 3.0], direction).landing(np.array([2.0]))[1][0]
    np.testing.assert_array_equal(np.isfinite(cost), [ways[0], True, ways[2]])


def test_no_threshold_is_one_rung():
    ladder = ladder_of([])
    place, cost = ladder.landing(np.array([1.5]))
    assert (place.tolist(), cost.tolist()) == ([[1.5]], [[0.0]])
    assert [part.tolist() for part in ladder.reach(np.array([1.5]), 1.0)] == [[0], [0]]
