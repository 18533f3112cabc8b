"""What holds of the moves of every model: they are permitted, they work, they cost what is said."""

import pickle

import numpy as np
import pytest

from fairgym.robustness import Reach, best_response, cheapest_moves
from tests.robustness.tables import MODELS, SPEC, fitted, people

X, Y = people()
COSTS = ["sd", "sd-sum", "sd-euclidean", "percentile"]


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("name", MODELS)
def test_moves_are_permitted_change_the_decision_and_cost_what_is_said(name, cost):
    reach, model, some = Reach(SPEC, cost, background=X), fitted(name), X[:8]
    moves = cheapest_moves(model, some, reach)
    before = some.to_numpy()
    known = np.isfinite(moves.radius)
    assert known.mean() > 0.6
    assert reach.permits(before, moves.moved).all()
    np.testing.assert_array_equal(moves.accepted, model.predict(some) == 1)
    after = model.predict(some.assign(**dict(zip(some, moves.moved.T, strict=True)))) == 1
    np.testing.assert_array_equal(after[known], ~moves.accepted[known])
    np.testing.assert_allclose(moves.radius[known], reach.cost_of(before, moves.moved)[known])
    np.testing.assert_array_equal(moves.moved[~known], before[~known])
    np.testing.assert_array_equal(moves.attack == "", ~known)


@pytest.mark.parametrize("name", ["logistic", "forest", "network", "bayes"])
def test_what_is_found_does_not_depend_on_who_else_is_asked_about(name):
    reach, model = Reach(SPEC, "sd", background=X), fitted(name)
    together = cheapest_moves(model, X[:10], reach)
    parts = [cheapest_moves(model, X[start : start + 5], reach) for start in (0, 5)]
    # sums of matrix products depend on how many rows there are, in the last bits
    np.testing.assert_allclose(np.concatenate([part.radius for part in parts]), together.radius, rtol=1e-6)
    np.testing.assert_array_equal(np.concatenate([part.exact for part in parts]), together.exact)


def test_the_same_call_gives_the_same_bits():
    reach = Reach(SPEC, "sd", background=X)
    one, other = (cheapest_moves(fitted("network"), X[:6], reach, random_state=3) for _ in range(2))
    np.testing.assert_array_equal(one.moved, other.moved)


@pytest.mark.parametrize("name", MODELS)
def test_best_responses_are_the_moves_of_the_rejected_within_their_budget(name):
    reach, model = Reach(SPEC, "sd", background=X), fitted(name)
    some = X[:15]
    budget = np.where(some["sex"] == 1, 1.2, 0.3)
    moves = cheapest_moves(model, some, reach, budget=budget)
    after = best_response(model, some, reach, budget)
    moving = ~moves.accepted & np.isfinite(moves.radius)
    assert moving.any()
    np.testing.assert_array_equal(after[~moving], some.to_numpy()[~moving])
    np.testing.assert_allclose(after[moving], moves.moved[moving], rtol=1e-6, atol=1e-9)
    assert (reach.cost_of(some.to_numpy(), after) <= budget + 1e-9).all()


def test_without_a_budget_nobody_moves():
    reach = Reach(SPEC, "sd", background=X)
    np.testing.assert_array_equal(best_response(fitted("logistic"), X[:40], reach, 0), X.to_numpy()[:40])


def test_the_label_that_people_want_may_be_the_other_one():
    reach, model = Reach(SPEC, "sd", background=X), fitted("forest")
    one, other = cheapest_moves(model, X[:30], reach), cheapest_moves(model, X[:30], reach, favourable=0)
    np.testing.assert_array_equal(one.accepted, ~other.accepted)
    np.testing.assert_allclose(one.radius, other.radius, rtol=1e-9)


def test_arrays_and_tables_give_the_same():
    from sklearn.base import clone

    model = clone(MODELS["logistic"]).fit(X.to_numpy(), Y)
    bare = cheapest_moves(model, X.to_numpy()[:20], Reach(SPEC_BY_PLACE, "sd", background=X.to_numpy()))
    named = cheapest_moves(fitted("logistic"), X[:20], Reach(SPEC, "sd", background=X))
    np.testing.assert_allclose(bare.radius, named.radius, rtol=1e-9)


def test_tables_whose_columns_are_numbered_are_taken():
    from sklearn.base import clone

    numbered = X.set_axis(range(X.shape[1]), axis=1)
    model = clone(MODELS["logistic"]).fit(numbered, Y)
    found = cheapest_moves(model, numbered[:20], Reach(SPEC_BY_PLACE, "sd", background=numbered))
    named = cheapest_moves(fitted("logistic"), X[:20], Reach(SPEC, "sd", background=X))
    np.testing.assert_allclose(found.radius, named.radius, rtol=1e-9)


def test_moves_can_be_kept():
    moves = cheapest_moves(fitted("tree"), X[:5], Reach(SPEC, "sd", background=X))
    again = pickle.loads(pickle.dumps(moves))
    np.testing.assert_array_equal(again.moved, moves.moved)
    assert len(again) == 5


SPEC_BY_PLACE = type(SPEC)(
    {place: SPEC.features[name] for place, name in enumerate(X) if name in SPEC.features},
    integer=[3],
    binary=[4],
    groups=[[5, 6, 7]],
    bounds={1: (-2.5, 9.0), 3: (0, 6), 2: (-9.0, 3.0)},
)
