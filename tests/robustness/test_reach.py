"""What people can get to: permitted, priced, and nearer with every step towards a goal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.recourse import ActionSpec, WeightedShift
from fairgym.robustness import Reach
from tests.robustness.tables import NAMES, SPEC, people

X, _ = people()
ROWS = X.to_numpy()


def test_costs_are_those_of_recourse():
    background = np.array([[0.0, 10.0], [2.0, 30.0]])  # standard deviations 1 and 10
    before, after = np.array([[0.0, 10.0]]), np.array([[3.0, 50.0]])
    for cost, wanted in (("sd", 4.0), ("sd-sum", 7.0), ("sd-euclidean", 5.0)):
        reach = Reach(None, cost, background=background)
        assert reach.cost_of(before, after) == pytest.approx([wanted])
        np.testing.assert_allclose(reach.per_unit, [1.0, 0.1])
    assert Reach(None, "percentile", background=background).per_unit is None


def test_names_come_from_the_background():
    assert Reach(SPEC, background=X).names == tuple(NAMES)
    assert Reach(None, background=ROWS).names[0] == "x0"
    assert repr(Reach(SPEC, background=X)).endswith("8 of 9 features can be changed)")


@pytest.mark.parametrize("cost", ["sd", "sd-sum", "sd-euclidean", "percentile"])
@given(seed=st.integers(0, 10**6), low=st.floats(0, 3), more=st.floats(0, 3))
@settings(max_examples=30, deadline=None)
def test_every_step_of_the_way_is_permitted_and_costs_no_less_than_one_before(cost, seed, low, more):
    reach, rng = Reach(SPEC, cost, background=X), np.random.default_rng(seed)
    before = ROWS[rng.integers(0, len(ROWS), 20)]
    goals = np.where(rng.random((20, 1)) < 0.5, ROWS[rng.integers(0, len(ROWS), 20)], 3 * rng.normal(size=(20, 9)))
    near, far = reach.towards(before, goals, low), reach.towards(before, goals, low + more)
    assert reach.permits(before, near).all()
    assert reach.permits(before, far).all()
    assert (reach.cost_of(before, near) <= reach.cost_of(before, far) + 1e-12).all()


def test_a_goal_that_is_permitted_is_reached():
    reach = Reach(SPEC, background=X)
    before = np.repeat(ROWS, 20, axis=0)
    goals = ROWS[np.random.default_rng(0).integers(0, len(ROWS), len(before))]
    permitted = reach.permits(before, goals)
    assert 5 < permitted.sum() < len(before)
    np.testing.assert_allclose(reach.towards(before, goals)[permitted], goals[permitted], rtol=0, atol=1e-12)


def test_a_move_stops_where_it_is_not_permitted():
    """Income is free, debt may fall to -2.5 only, years may rise to 3 only, sex is fixed, the job goes over whole."""
    reach = Reach(SPEC, background=X)
    person = np.array([[0.0, 1.0, 1.0, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0]])
    goal = np.array([[5.0, -4.0, 9.0, 3.4, 1.0, 0.0, 0.0, 1.0, 1.0]])
    np.testing.assert_array_equal(reach.towards(person, goal), [[5, -2.5, 3, 3, 1, 0, 0, 1, 0]])
    np.testing.assert_allclose(reach.towards(person, goal, 0.3), [[1.5, -0.05, 1.6, 2, 0, 1, 0, 0, 0]], rtol=1e-12)
    back = np.array([[-1.0, 4.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(reach.towards(person, back), [[-1, 1, 1, 2, 0, 1, 0, 0, 0]])


def test_who_is_outside_of_a_limit_may_stay():
    reach = Reach(ActionSpec(["free"], bounds={0: (0, 1)}), background=np.array([[0.0], [1.0]]))
    people_outside = np.array([[2.0], [-1.0], [0.5]])
    fall, rise = reach.room(people_outside)
    np.testing.assert_array_equal(fall, [[2], [0], [0.5]])
    np.testing.assert_array_equal(rise, [[0], [2], [0.5]])
    np.testing.assert_array_equal(reach.limited(people_outside, people_outside + 9.0), [[2], [1], [1]])


def test_the_nearest_goals_are_those_that_are_cheapest_to_get_to():
    reach = Reach(ActionSpec(["free", "up", "fixed"]), "sd-sum", background=ROWS[:, :3])
    goals = ROWS[:60, :3]
    places = reach.nearest(ROWS[100:110, :3], goals, 4)
    for person, own in zip(ROWS[100:110, :3], places, strict=True):
        before = np.repeat(person[None, :], len(goals), axis=0)
        prices = reach.cost_of(before, reach.towards(before, goals))
        np.testing.assert_allclose(prices[own], np.sort(prices)[:4])


def test_a_constant_feature_costs_the_change_itself():
    reach = Reach(None, "sd", background=np.array([[1.0, 0.0], [1.0, 2.0]]))
    np.testing.assert_array_equal(reach.per_unit, [1, 1])
    free = Reach(None, WeightedShift((0.0, 1.0)), background=np.eye(2))
    assert free.cost_of([[0.0, 0.0]], [[9.0, 1.0]]) == [1.0]
