"""What people do who are told what would help, against numbers worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.envs.acting import NEVER, carried_out, follow_probability, periods_of_work
from fairgym.envs.stories import lent, score_after_loan
from tests.envs.small_credit import SMALL, features

ACTIONS = SMALL.actions


def test_one_in_e_follows_at_the_mean():
    probability = follow_probability(np.array([0.0, 0.3, 0.3, 0.6, np.nan]), np.array([0.3, 0.3, 0.6, 0.3, 0.3]))
    np.testing.assert_allclose(probability, [1, np.exp(-1), np.exp(-0.5), np.exp(-2), 0], rtol=1e-15)
    assert (follow_probability(np.array([0.0, 0.3]), np.array([1e-320, 1e-320])) == [1, 0]).all()


def test_work_takes_time_in_proportion_to_its_cost():
    costs = np.array([0.0, 0.05, 0.1, 0.11, 3 * 0.1, 0.3, 1.0])  # 3 * 0.1 is above 0.3 in floating point
    np.testing.assert_array_equal(periods_of_work(costs, 0.1), [1, 1, 1, 2, 3, 3, 10])
    np.testing.assert_array_equal(periods_of_work(costs, 0.05), [1, 1, 2, 3, 6, 6, 20])


def test_work_that_is_never_done():
    np.testing.assert_array_equal(periods_of_work(np.array([0.0, 0.5, 1e300]), 1e-320), [1, NEVER, NEVER])


def test_a_part_of_the_way_is_rounded_towards_the_start():
    before = np.tile(features(skill=2, debt=4), (4, 1))
    target = np.tile(features(skill=5, debt=1, own=1), (4, 1))
    landing = carried_out(before, target, np.array([0.0, 0.5, 0.99, 1.0]), ACTIONS)
    # Skill: 2 + 1.5 and 2 + 2.97 rounded down; debt: 4 - 1.5 and 4 - 2.97; the home changes at the end.
    expected = [features(skill=2, debt=4), features(skill=3, debt=2.5), features(skill=4, debt=1.03), target[0]]
    np.testing.assert_allclose(landing, expected, rtol=1e-7)
    np.testing.assert_array_equal(landing, landing.astype(np.float32))
    # A whole number that falls is rounded up, towards the start.
    down = carried_out(features(skill=5)[None], features(skill=2)[None], np.array([0.5]), ACTIONS)
    assert down[0, 2] == 4


@given(
    share=st.floats(0, 1, exclude_max=True),
    start=st.tuples(st.integers(0, 9), st.floats(0, 9, width=32), st.integers(0, 1)),
    end=st.tuples(st.integers(0, 9), st.floats(0, 9, width=32), st.integers(0, 1)),
)
def test_a_part_of_the_way_is_on_the_way(share, start, end):
    before, target = (features(skill=one[0], debt=one[1], own=one[2])[None] for one in (start, end))
    landing = carried_out(before, target, np.array([share]), ACTIONS)
    assert (np.minimum(before, target) <= landing).all()
    assert (landing <= np.maximum(before, target)).all()
    np.testing.assert_array_equal(landing, landing.astype(np.float32))
    assert landing[0, 2] == np.floor(landing[0, 2])
    np.testing.assert_array_equal(landing[:, 4:], before[:, 4:])


def test_large_whole_numbers_stay_exact_in_single_precision():
    far = 2.0**30
    landing = carried_out(features()[None], features(skill=far)[None], np.array([1 / 3]), ACTIONS)
    np.testing.assert_array_equal(landing, landing.astype(np.float32))
    assert landing[0, 2] == pytest.approx(far / 3, rel=1e-7)


def test_a_loan_moves_the_score_within_its_scale():
    score = np.array([600.0, 600, 750, 500, 850, 850, 350, 350])
    repaid = np.array([1, 0, 1, 0, 1, 0, 1, 0], dtype=bool)
    after = score_after_loan(score, repaid, 75, 150, (400, 800))
    # Above 800 and under 400 nothing moves further out.
    np.testing.assert_array_equal(after, [675, 450, 800, 400, 850, 700, 425, 350])


def test_a_lottery_among_the_accepted_decides_in_each_lane():
    accepted = np.array([[1, 1, 1, 0, 1], [1, 0, 0, 0, 1]], dtype=bool)
    lottery = np.array([[0.9, 0.1, 0.5, 0.0, 0.2], [0.7, 0.1, 0.1, 0.1, 0.8]])
    np.testing.assert_array_equal(lent(accepted, lottery, 2), [[0, 1, 0, 0, 1], [1, 0, 0, 0, 1]])
    np.testing.assert_array_equal(lent(accepted, lottery, 1), [[0, 1, 0, 0, 0], [1, 0, 0, 0, 0]])
    np.testing.assert_array_equal(lent(accepted, lottery, None), accepted)


@settings(deadline=None)
@given(capacity=st.integers(1, 12), seed=st.integers(0, 10**6))
def test_a_lottery_serves_as_many_as_it_can(capacity, seed):
    random = np.random.default_rng(seed)
    accepted, lottery = random.random((3, 10)) < 0.6, random.random((3, 10))
    served = lent(accepted, lottery, capacity)
    assert not (served & ~accepted).any()
    np.testing.assert_array_equal(served.sum(axis=1), np.minimum(accepted.sum(axis=1), capacity))
    for mine, hers, drawn in zip(served, accepted & ~served, lottery, strict=True):
        assert drawn[mine].max(initial=0) <= drawn[hers].min(initial=1)
