"""The most likely rate, against a general optimiser on the full likelihood, and its counts against the looks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar
from scipy.special import gammaincc
from scipy.stats import poisson

from fairgym.agents.censored_poisson import UNSEEN, Looks, most_likely_rate


def log_likelihood(rate, attention, discovered):
    """Written from the definition, with no sufficient statistics."""
    exact, full = discovered < attention, (discovered == attention) & (attention > 0)
    counted = poisson.logpmf(discovered[exact], rate).sum()
    return counted + poisson.logsf(discovered[full] - 1, rate).sum()


def looks_of(attention, discovered, window=0, units=None):
    """One lane, one site: arrays of shape (steps,)."""
    looks = Looks(1, 1, max(int(attention.max()), 1) if units is None else units, window)
    for a, o in zip(attention, discovered, strict=True):
        looks.add(np.array([[a]]), np.array([[o]]), np.array([True]))
    return looks


def fitted(attention, discovered):
    return looks_of(attention, discovered).rate(np.array([0]))[0, 0]


@pytest.mark.parametrize("true_rate", [0.02, 0.5, 2.0, 8.0, 40.0])
@pytest.mark.parametrize("share", [0.35, 0.5, 1.0])
def test_it_is_the_maximum_of_the_full_likelihood(true_rate, share):
    """The log likelihood is flat to 1e-16 within 1e-8 of its maximum, so no optimiser of values finds it closer."""
    rng = np.random.default_rng(round(100 * true_rate + 10 * share))
    attention = rng.binomial(2 * int(true_rate) + 4, share, size=100)
    discovered = np.minimum(rng.poisson(true_rate, size=100), attention)
    assert (discovered < attention).any()
    ours = fitted(attention, discovered)
    theirs = minimize_scalar(
        lambda rate: -log_likelihood(rate, attention, discovered), bounds=(0, 100), options={"xatol": 1e-10}
    )
    assert ours == pytest.approx(theirs.x, rel=2e-6, abs=1e-7)
    assert log_likelihood(ours, attention, discovered) >= -theirs.fun - 1e-9
    step = 1e-4 * max(ours, 1e-3)
    best = log_likelihood(ours, attention, discovered)
    for other in (ours - step, ours + step):
        assert other < 0 or log_likelihood(other, attention, discovered) < best + 1e-12


def test_by_hand():
    """Exact looks alone give their mean; found 0 gives 0; one exact 0 and one full look of 1 solve exp(-r) = 1 / 2.

    The last: the likelihood is exp(-r) (1 - exp(-r)), largest where exp(-r) = 1/2.
    """
    assert fitted(np.array([5, 5, 5]), np.array([1, 2, 4])) == pytest.approx(7 / 3, rel=1e-14)
    assert fitted(np.array([5, 1, 0]), np.array([0, 0, 0])) == 0
    assert fitted(np.array([1, 1]), np.array([0, 1])) == pytest.approx(np.log(2), rel=1e-13)
    assert np.isnan(fitted(np.array([0, 0]), np.array([0, 0])))


def test_where_every_look_was_full():
    """The likelihood of the largest look is just one but for rounding, and the number of looks does not matter."""
    for level in (1, 3, 6):
        attention = np.array([1, level, level])
        rate = fitted(attention, attention)
        assert gammaincc(level, rate) == pytest.approx(UNSEEN, rel=1e-9)
        assert 1 - gammaincc(level, 0.999 * rate) < 1
        assert 1 - gammaincc(level, 1.001 * rate) == 1
        assert rate == fitted(np.tile(attention, 9), np.tile(attention, 9))


@pytest.mark.parametrize("attention", [[1], [3], [6], [1, 2, 1, 3], [2] * 30, [4, 1, 2] * 20])
def test_the_published_search_ends_on_the_same_plateau(attention):
    """Nelder and Mead's simplex with tolerances 1e-4, from the mean count, stops at 1 to 2 times our rate.

    There the likelihood is exactly one in double precision for both, so nothing tells the two apart.
    """
    looks = np.array(attention)

    def negative(rate):
        return -np.log(poisson.sf(looks - 1, rate[0])).sum() if rate[0] > 0 else np.inf

    theirs = minimize(negative, looks.mean(), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-4})
    ours = fitted(looks, looks)
    assert ours < theirs.x[0] < 2 * ours
    assert negative(theirs.x) == 0
    assert negative([ours]) <= len(looks) * 2e-16


def test_the_published_search_elsewhere():
    """With an exact look both are the same maximum, to the tolerance of the search: 1e-4 in the rate."""
    rng = np.random.default_rng(0)
    for rate in (0.3, 2.0, 6.0):
        attention = rng.binomial(6, 0.3, size=100)
        discovered = np.minimum(rng.poisson(rate, size=100), attention)

        def negative(at, attention=attention, discovered=discovered):
            return -log_likelihood(at[0], attention, discovered) if at[0] >= 0 else np.inf

        theirs = minimize(negative, discovered.mean(), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-4})
        assert fitted(attention, discovered) == pytest.approx(theirs.x[0], abs=2e-4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), min_size=1, max_size=30), st.integers(0, 8))
def test_the_window_forgets_exactly(steps, window):
    """Counts after any history are those of its last ``window`` looks alone."""
    attention = np.array([a for a, _ in steps])
    discovered = np.array([min(a, c) for a, c in steps])
    whole, last = looks_of(attention, discovered, window, 5), slice(-window if window else None, None)
    alone = looks_of(attention[last], discovered[last], 0, 5)
    for name in ("exact", "found"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(alone, name))
    np.testing.assert_array_equal(whole.full[..., 1:], alone.full[..., 1:])
    np.testing.assert_array_equal(whole.rate(np.array([0])), alone.rate(np.array([0])))
    counts = [(attention[last] > discovered[last]).sum(), discovered[last][attention[last] > discovered[last]].sum()]
    assert [whole.exact[0, 0], whole.found[0, 0]] == counts


def test_lanes_do_not_depend_on_each_other():
    rng = np.random.default_rng(1)
    exact, found = rng.integers(0, 4, size=(2, 40, 5)) * np.array([[[1]], [[3]]])
    found *= exact > 0
    full = rng.integers(0, 5, size=(40, 5, 7))
    together = most_likely_rate(exact, found, full)
    for lane in range(40):
        alone = most_likely_rate(exact[lane : lane + 1], found[lane : lane + 1], full[lane : lane + 1])
        np.testing.assert_array_equal(alone[0], together[lane])


def test_lanes_that_are_not_live_are_left_alone():
    looks = Looks(2, 1, 3, 2)
    for _ in range(3):
        looks.add(np.full((2, 1), 3), np.array([[1], [2]]), np.array([True, False]))
    np.testing.assert_array_equal(looks.added, [3, 0])
    np.testing.assert_array_equal(looks.exact[:, 0], [2, 0])
    np.testing.assert_array_equal(looks.rate(np.array([0])), [[1.0]])
