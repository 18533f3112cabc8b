import numpy as np
import pytest

from fairgym.noise import normals


def test_quantiles_of_the_standard_normal():
    np.testing.assert_allclose(normals(np.array([0.5, 0.975, 0.025])), [0.0, 1.959964, -1.959964], atol=1e-6)


def test_any_shape():
    assert normals(np.full((2, 3, 4), 0.5)).shape == (2, 3, 4)


@pytest.mark.parametrize("uniform", [0.0, 2.0**-53, 1 - 2.0**-53])
def test_the_ends_are_finite(uniform):
    drawn = normals(np.array([uniform]))
    assert np.isfinite(drawn).all()
    assert 8 < abs(drawn[0]) < 8.4


def test_zero_lies_below_the_smallest_number_above_it():
    assert normals(np.array([0.0])) < normals(np.array([2.0**-53]))
