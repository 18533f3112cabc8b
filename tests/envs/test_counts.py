import numpy as np
import pytest
from scipy.stats import poisson

from fairgym.noise import COUNTED_UP, counts


@pytest.mark.parametrize("rate", [0.01, 1.0, 8.0, 63.9, 64.0, 64.1, 700.0, 1e4])
def test_counts_are_the_quantiles_of_the_poisson_distribution(rate):
    uniforms = np.random.default_rng(0).random(2_000)
    expected = poisson.ppf(uniforms, rate)
    np.testing.assert_array_equal(counts(uniforms, np.full(2_000, rate)), expected)


def test_worked_by_hand():
    # P(0) = e^-1 = .3679, P(0) + P(1) = .7358
    drawn = counts(np.array([0.36, 0.37, 0.73, 0.74]), np.ones(4))
    np.testing.assert_array_equal(drawn, [0, 1, 1, 2])


@pytest.mark.parametrize("rate", [0.0, 1e-300, 1.0, 50.0, 100.0, 1e6])
@pytest.mark.parametrize("uniform", [0.0, 1 - 2.0**-53])
def test_the_ends_are_finite(rate, uniform):
    drawn = counts(np.array([uniform]), np.array([rate]))[0]
    assert 0 <= drawn <= rate + 10 * np.sqrt(rate) + 20
    assert drawn == 0 or rate > 0


def test_a_rate_of_zero_brings_nothing():
    assert not counts(np.random.default_rng(0).random((4, 3)), np.zeros((4, 3))).any()


def test_more_luck_brings_no_fewer_and_a_higher_rate_no_fewer():
    uniforms = np.linspace(0, 1 - 2.0**-53, 999)
    low, high = (counts(uniforms, np.full(999, rate)) for rate in (COUNTED_UP - 0.5, COUNTED_UP + 0.5))
    assert (np.diff(low) >= 0).all()
    assert (high >= low).all()


def test_an_entry_does_not_depend_on_the_others():
    generator = np.random.default_rng(1)
    uniforms, rates = generator.random((7, 5)), generator.uniform(0, 200, (7, 5))
    together = counts(uniforms, rates)
    for row in range(7):
        np.testing.assert_array_equal(counts(uniforms[row], rates[row]), together[row])
