import math

import numpy as np
import pytest
from scipy.stats import binom

from fairgym.checks import InputError
from fairgym.models.certificate import certified, relabelled_bound


def sample(found, people):
    return np.arange(people) < found


def test_everybody_has_recourse():
    # All n of n: the bound p solves p**n = alpha.
    assert certified(sample(20, 20), 0.05).lower_bound == pytest.approx(0.05 ** (1 / 20), rel=1e-12)


def test_nobody_has_recourse():
    assert certified(sample(0, 20)).lower_bound == 0.0


@pytest.mark.parametrize(("found", "people", "alpha"), [(1, 2, 0.1), (13, 20, 0.05), (900, 1000, 0.01)])
def test_the_bound_is_where_so_many_or_more_have_probability_alpha(found, people, alpha):
    bound = certified(sample(found, people), alpha).lower_bound
    assert binom.sf(found - 1, people, bound) == pytest.approx(alpha, rel=1e-9)


def test_the_bound_fails_with_probability_alpha_at_most():
    people, alpha = 30, 0.1
    bounds = np.array([certified(sample(found, people), alpha).lower_bound for found in range(people + 1)])
    for truth in np.linspace(0.01, 0.99, 25):
        fails = binom.pmf(np.arange(people + 1), people, truth)[bounds > truth].sum()
        assert fails <= alpha + 1e-12


def test_certificate_in_words():
    certificate = certified(sample(45, 50), 0.05)
    assert certificate.share == 0.9
    assert str(certificate) == (
        "45 of 50 held-out people have recourse (90.0%); of the population at least 80.1% do, with confidence 95.0%."
    )


@pytest.mark.parametrize("alpha", [0, 1, -0.1, 2.0, math.nan, "0.05", True, None])
def test_nonsense_alpha(alpha):
    with pytest.raises(InputError, match="alpha="):
        certified(sample(1, 2), alpha)
    with pytest.raises(InputError, match="alpha="):
        relabelled_bound(0.1, 3, 10, alpha)


def test_empty_sample():
    with pytest.raises(InputError, match="X_cal is empty"):
        certified(np.zeros(0, dtype=bool))
    with pytest.raises(InputError, match="people=0"):
        relabelled_bound(0.1, 3, 0)


def test_relabelled_bound_by_hand():
    # 100 leaves, 2,000 people, alpha 0.05: slack sqrt((69.31 + 3.00) / 4000) = 0.1345; none flipped freely: 0.0274.
    assert relabelled_bound(0.1, 100, 2000, 0.05) == pytest.approx(0.2345, abs=5e-5)
    assert relabelled_bound(0.1, 0, 2000, 0.05) == pytest.approx(0.1274, abs=5e-5)
    assert relabelled_bound(0.9, 100, 100, 0.05) == 1.0
