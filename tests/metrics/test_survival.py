"""Survival curves against printed numbers, scipy's estimator, and shares worked by hand."""

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from fairgym.metrics.survival import Counts, at_risk, curves, median, product_limit, restricted_mean

REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23]
"""Weeks of remission of leukaemia patients under 6-mercaptopurine until relapse (Freireich et al. 1963; table 1.1 of
Cox and Oakes 1984, "Analysis of survival data")."""
STILL_IN_REMISSION = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PRINTED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
"""Their Kaplan-Meier estimates as textbooks print them."""


def tally(times, cells):
    return np.bincount(np.asarray(times, dtype=int), minlength=cells).astype(float)


def test_remission_times_as_printed():
    events, risk = (
        tally(REMISSION, 36),
        at_risk(Counts(tally(REMISSION, 36), np.zeros(36), tally(STILL_IN_REMISSION, 36))),
    )
    assert risk[[6, 7, 10, 22, 23]].tolist() == [21, 17, 15, 7, 6]
    share = product_limit(events, risk)
    for week, printed in PRINTED.items():
        assert round(share[week], 3) == printed
    assert median(share, np.arange(36.0)) == 23
    # The area: 6 whole weeks, then each step to the next event, up to week 23.
    steps = [1, 0.857142857, 0.806722689, 0.752941176, 0.690196078, 0.627450980, 0.537815126]
    assert restricted_mean(share[:24], np.arange(24.0)) == pytest.approx(np.dot(steps, [6, 1, 3, 3, 3, 6, 1]), abs=1e-7)


@pytest.mark.parametrize("seed", range(5))
def test_kaplan_meier_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    counts, wanted = [], []
    for people in (3, 20, 200):
        times, seen = rng.integers(0, 30, people), rng.random(people) < 0.6
        counts.append(Counts(tally(times[seen], 31), np.zeros(31), tally(times[~seen], 31)))
        reference = ecdf(CensoredData(uncensored=times[seen], right=times[~seen])).sf.evaluate(np.arange(31))
        reference[np.arange(31) > times.max()] = 0.0 if seen[times == times.max()].all() else np.nan
        wanted.append(reference)
    stacked = Counts(*map(np.stack, zip(*counts, strict=True)))
    np.testing.assert_allclose(curves(stacked).waiting, wanted, rtol=0, atol=1e-12)


def test_leaving_competes_with_being_served():
    # Ten people: at 0 two leave; at 1 two of eight are served, one leaves, one is lost; at 2 two of four are served; at
    # 3 one of two leaves; at 4 the last is served.
    served, left, inside = [0, 2, 2, 0, 1], [2, 1, 0, 1, 0], [0, 1, 0, 0, 0]
    found = curves(Counts(*(np.array(kind, dtype=float) for kind in (served, left, inside))))
    # Free of both: 8/10, 8/10 5/8 = 1/2, 1/4, 1/8, 0.
    np.testing.assert_allclose(found.served, [0, 0.2, 0.45, 0.45, 0.575], rtol=0, atol=1e-15)
    np.testing.assert_allclose(found.left, [0.2, 0.3, 0.3, 0.425, 0.425], rtol=0, atol=1e-15)
    # Had nobody left: 3/4, then 3/4 1/2, then the last one.
    np.testing.assert_allclose(found.waiting, [1, 0.75, 0.375, 0.375, 0], rtol=0, atol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_without_censoring_shares_are_shares(seed):
    rng = np.random.default_rng(seed)
    times, kind = rng.integers(0, 9, 50), rng.integers(0, 2, 50)
    found = curves(Counts(tally(times[kind == 0], 10), tally(times[kind == 1], 10), np.zeros(10)))
    for point in range(10):
        assert found.served[point] == pytest.approx(np.mean((times <= point) & (kind == 0)))
        assert found.left[point] == pytest.approx(np.mean((times <= point) & (kind == 1)))
    known = ~np.isnan(found.waiting)
    assert known.any()
    assert (found.waiting <= 1 - found.served + 1e-12)[known].all()  # had nobody left, no fewer would be served


def test_a_curve_is_known_as_far_as_somebody_was_observed():
    censored_last = curves(Counts(np.array([0, 1.0, 0, 0]), np.zeros(4), np.array([0, 0, 1.0, 0])))
    np.testing.assert_array_equal(censored_last.served, [0, 0.5, 0.5, np.nan])
    np.testing.assert_array_equal(censored_last.waiting, [1, 0.5, 0.5, np.nan])
    left_last = curves(Counts(np.array([0, 1.0, 0, 0]), np.array([0, 0, 1.0, 0]), np.zeros(4)))
    np.testing.assert_array_equal(left_last.served, [0, 0.5, 0.5, 0.5])  # everybody's story is known
    np.testing.assert_array_equal(left_last.waiting, [1, 0.5, 0.5, np.nan])  # but not what she had done later
    nobody = curves(Counts(*np.zeros((3, 4))))
    assert all(np.isnan(curve).all() for curve in nobody)


def test_median_and_restricted_mean():
    points = np.array([0, 2.0, 4.0])
    waiting = np.array([[1, 0.5, 0.2], [1, 0.6, 0.51], [1, 0.6, np.nan], [1, np.nan, np.nan]])
    np.testing.assert_array_equal(median(waiting, points), [2, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(restricted_mean(waiting, points), [3, 3.2, 3.2, np.nan])
    thirds = product_limit(np.array([1.0, 1, 0]), np.array([4.0, 3, 2]))  # 3/4 2/3 is half, but for rounding
    assert median(thirds, np.arange(3.0)) == 1
