"""The checks of single values, where a plain conversion would end in a traceback or in a false sentence."""

from fractions import Fraction

import gymnasium as gym
import numpy as np
import pytest

import fairgym  # noqa: F401 - registers the worlds
from fairgym.checks import InputError, distribution, number


@pytest.mark.parametrize("value", [10**400, -(10**400), Fraction(10**400)])
def test_numbers_beyond_floating_point_are_refused(value):
    with pytest.raises(InputError, match="starting_cash is beyond 1e308"):
        number("starting_cash", value)


def test_the_world_refuses_such_money():
    with pytest.raises(InputError, match="starting_cash"):
        gym.make("LendingEnv-v0", starting_cash=10**400)


def test_a_single_number_is_no_distribution():
    with pytest.raises(InputError, match=r"group_shares=0\.5 is a single number"):
        gym.make("LendingEnv-v0", group_shares=0.5)
    with pytest.raises(InputError, match="is empty"):
        distribution("shares", [])


def test_how_far_from_one_a_sum_may_be():
    np.testing.assert_allclose(distribution("shares", [0.3333333] * 3), 1 / 3, rtol=1e-15)
    with pytest.raises(InputError, match=r"sums to 0\.999"):
        distribution("shares", [0.333] * 3)
