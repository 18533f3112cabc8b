import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from fairgym.agents.isotonic import isotonic


def column(*values: float) -> np.ndarray:
    return np.array(values)[:, None]


def test_neighbours_that_fall_share_their_weighted_mean():
    # .6 then .3 falls; weights 1 and 3 give (.6 + .9) / 4 = .375
    pooled = isotonic(column(0.1, 0.6, 0.3, 0.9), column(1, 1, 3, 1))
    np.testing.assert_allclose(pooled, column(0.1, 0.375, 0.375, 0.9), rtol=1e-15)


def test_a_block_grows_downwards_until_it_no_longer_falls():
    # 4, 3, 2: 4 and 3 give 3.5, which 2 pulls below 3.5: all three are 3
    np.testing.assert_allclose(isotonic(column(0, 4, 3, 2, 5), np.ones((5, 1))), column(0, 3, 3, 3, 5), rtol=1e-15)


def test_a_column_that_does_not_fall_is_returned_as_it_is():
    values = np.array([[0.1, 0.3], [0.2, 0.2], [0.2, 0.7]])
    pooled = isotonic(values, np.full(values.shape, 1 / 3))
    assert (pooled[:, 0] == values[:, 0]).all()
    np.testing.assert_allclose(pooled[:, 1], [0.25, 0.25, 0.7], rtol=1e-15)


def test_weightless_entries_follow_and_do_not_pull():
    # the weightless .9 lies above the .5 that follows: it joins it and changes nothing
    np.testing.assert_allclose(isotonic(column(0.1, 0.9, 0.5), column(1, 0, 1)), column(0.1, 0.5, 0.5), rtol=1e-15)
    # among weightless entries alone the plain mean counts
    np.testing.assert_allclose(isotonic(column(0.8, 0.4, 0.9), column(0, 0, 1)), column(0.6, 0.6, 0.9), rtol=1e-15)


@pytest.mark.parametrize("entries", [2, 3, 7, 23])
def test_equals_scikit_learn_column_by_column(entries):
    rng = np.random.default_rng(entries)
    values, weights = rng.random((2, entries, 200))
    expected = [isotonic_regression(values[:, k], sample_weight=weights[:, k]) for k in range(200)]
    np.testing.assert_allclose(isotonic(values, weights), np.stack(expected, axis=1), atol=1e-12)


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 3)), min_size=2, max_size=12))
def test_never_falls_keeps_the_mean_and_changes_nothing_twice(pairs):
    values, weights = (np.array(row, dtype=float)[:, None] for row in zip(*pairs, strict=True))
    pooled = isotonic(values, weights)
    assert (np.diff(pooled, axis=0) >= 0).all()
    assert (weights * pooled).sum() == pytest.approx((weights * values).sum())
    assert (isotonic(pooled, weights) == pooled).all()


def test_does_not_write_into_its_input():
    values = column(2, 1)
    isotonic(values, np.ones((2, 1)))
    assert (values == column(2, 1)).all()
