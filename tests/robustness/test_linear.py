"""The closed form for linear rules, against dual norms, linear programs and going through all states."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, linprog, minimize
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC

from fairgym.recourse import ActionSpec, WeightedShift
from fairgym.robustness import Reach, cheapest_moves
from fairgym.robustness.linear import cheapest_linear
from fairgym.robustness.score import Score
from tests.robustness.tables import SPEC, fitted, people


@pytest.mark.parametrize(("combine", "dual"), [("max", 1), ("sum", np.inf), ("euclidean", 2)])
def test_without_limits_it_is_the_margin_over_the_dual_norm(combine, dual):
    rng = np.random.default_rng(0)
    X, weights, unit = rng.normal(size=(50, 4)), rng.normal(size=4), np.array([1.0, 2.0, 0.5, 3.0])
    reach = Reach(None, WeightedShift(tuple(unit), combine), background=X)
    found = cheapest_linear(Score.linear(weights, 0.3), reach, X)
    np.testing.assert_allclose(found.cost, np.abs(X @ weights + 0.3) / np.linalg.norm(weights / unit, dual), atol=1e-8)
    assert found.exact.all()


def least(combine, weights, unit, gap, room):
    """The least cost of covering a gap by steps up to ``room``, each weight helping, by a solver; None for none."""
    if (weights * room).sum() < gap:
        return None
    size = len(weights)
    if combine == "sum":
        return linprog(unit, A_ub=[-weights], b_ub=[-gap], bounds=list(zip(np.zeros(size), room, strict=True))).fun
    if combine == "max":
        above = np.column_stack([np.diag(unit), -np.ones(size)])
        rows, ends = np.vstack([np.append(-weights, 0.0), above]), np.append(-gap, np.zeros(size))
        bounds = [*zip(np.zeros(size), room, strict=True), (0, None)]
        return linprog(np.append(np.zeros(size), 1.0), A_ub=rows, b_ub=ends, bounds=bounds).fun
    solved = minimize(
        lambda step: ((unit * step) ** 2).sum(),
        room,
        jac=lambda step: 2 * unit**2 * step,
        bounds=list(zip(np.zeros(size), room, strict=True)),
        constraints=LinearConstraint(weights[None, :], gap, np.inf),
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return np.sqrt(solved.fun)


@pytest.mark.parametrize("combine", ["max", "sum", "euclidean"])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_with_directions_and_limits_it_is_what_a_solver_finds(combine, data):
    size = data.draw(st.integers(1, 4))
    numbers = st.integers(1, 6).map(lambda k: k / 2)
    weights = np.array(data.draw(st.lists(numbers, min_size=size, max_size=size)))
    weights *= np.array(data.draw(st.lists(st.sampled_from([-1, 1]), min_size=size, max_size=size)))
    unit = np.array(data.draw(st.lists(numbers, min_size=size, max_size=size)))
    directions = data.draw(st.lists(st.sampled_from(["free", "up", "down"]), min_size=size, max_size=size))
    person = np.array(data.draw(st.lists(st.integers(-3, 3), min_size=size, max_size=size)), dtype=float)
    start = data.draw(st.integers(-8, 8)) + 0.25
    spec = ActionSpec(directions, bounds=dict.fromkeys(range(size), (-3.0, 3.0)))
    reach = Reach(spec, WeightedShift(tuple(unit), combine), background=np.eye(size))
    found = cheapest_linear(Score.linear(weights, start), reach, person[None, :])
    value = float(person @ weights + start)
    helps = np.sign(weights) * (-1 if value > 0 else 1)
    may = np.array([way in ("free", "up" if up > 0 else "down") for way, up in zip(directions, helps, strict=True)])
    room = np.where(may, np.where(helps > 0, 3 - person, person + 3), 0.0)
    wanted = least(combine, np.abs(weights), unit, abs(value), room)
    assert found.exact[0]
    if wanted is None or np.isinf(found.cost[0]):
        assert np.isinf(found.cost[0])
        assert wanted is None or abs((np.abs(weights) * room).sum() - abs(value)) < 1e-6
        return
    assert found.cost[0] == pytest.approx(wanted, rel=2e-6, abs=2e-6)
    assert reach.permits(person[None, :], found.moved).all()


def test_what_costs_nothing_is_moved_first():
    reach = Reach(ActionSpec(["up", "up"], bounds={0: (0, 1)}), WeightedShift((0.0, 2.0), "sum"), background=np.eye(2))
    found = cheapest_linear(Score.linear(np.array([1.0, 1.0]), -3.0), reach, np.zeros((1, 2)))
    np.testing.assert_allclose(found.cost, [4.0], rtol=1e-8)  # one unit for nothing, two for 2 each
    np.testing.assert_allclose(found.moved, [[1.0, 2.0]], rtol=1e-8)


@pytest.mark.parametrize("cost", ["sd", "sd-sum", "sd-euclidean"])
def test_binary_features_and_groups_are_gone_through_state_by_state(cost):
    """Income alone can be moved by any amount, so that in each state of the others the rest has one price."""
    X, _ = people()
    spec = ActionSpec(
        {"income": "free", "owner": "free", "job_a": "free", "job_b": "free", "job_c": "free"},
        groups=[["job_a", "job_b", "job_c"]],
        binary=["owner"],
    )
    reach, model, some = Reach(spec, cost, background=X), fitted("logistic"), X.to_numpy()[:60]
    moves = cheapest_moves(model, X.iloc[:60], reach)
    assert moves.exact.all()
    weights, per_unit = model.coef_[0], reach.per_unit
    best = np.full(60, np.inf)
    for owner, job in product((0.0, 1.0), np.eye(3)):
        after = some.copy()
        after[:, 4], after[:, 5:8] = owner, job
        value = after @ weights + model.intercept_[0]
        across = np.where(moves.accepted, np.maximum(value, 0), np.maximum(-value, 0)) / abs(weights[0])
        after[:, 0] += across * np.sign(weights[0]) * np.where(moves.accepted, -1, 1)
        best = np.minimum(best, reach.cost_of(some, after))
    assert per_unit is not None
    np.testing.assert_allclose(moves.radius, best, rtol=1e-6, atol=1e-8)


def test_whole_numbers_are_rounded_and_then_not_called_proven_unless_they_are():
    reach = Reach(ActionSpec(["up", "up"], integer=[0]), WeightedShift((1.0, 3.0), "sum"), background=np.eye(2))
    found = cheapest_linear(Score.linear(np.array([1.0, 1.0]), -2.5), reach, np.array([[0.0, 0.0], [0.0, 0.5]]))
    # 2 whole units and half a unit at 3 (3.5) are dearer than 3 whole ones (3); with half a unit already there, 2
    np.testing.assert_allclose(found.cost, [3.0, 2.0], rtol=1e-6)
    np.testing.assert_array_equal(found.moved[0], [3.0, 0.0])
    assert not found.exact[0]
    even = cheapest_linear(Score.linear(np.array([1.0, 1.0]), -1.9999999999), reach, np.zeros((1, 2)))
    np.testing.assert_allclose(even.cost, [2.0])
    assert even.exact[0], "the bound that ignores whole numbers is met"


def test_what_costs_nothing_helps_nobody_who_cannot_get_across():
    """The first feature costs nothing and is not enough; that is no move into nowhere, for any combination."""
    spec = ActionSpec(["up", "up"], bounds={0: (0, 1), 1: (0, 1)})
    for combine in ("max", "sum", "euclidean"):
        reach = Reach(spec, WeightedShift((0.0, 2.0), combine), background=np.eye(2))
        found = cheapest_linear(Score.linear(np.array([1.0, 1.0]), -3.0), reach, np.zeros((1, 2)))
        assert np.isinf(found.cost[0])
        np.testing.assert_array_equal(found.moved, [[0.0, 0.0]])
        free = Reach(spec, WeightedShift((0.0, 0.0), combine), background=np.eye(2))
        stuck = cheapest_linear(Score.linear(np.array([1.0, 1.0]), -3.0), free, np.zeros((1, 2)))
        assert np.isinf(stuck.cost[0])
        assert stuck.exact[0]


def test_of_many_binary_features_only_as_many_are_gone_through_as_there_is_time_for():
    reach = Reach(ActionSpec(["free"] * 200, binary=list(range(200))), background=np.eye(200))
    weights = np.linspace(1, 2, 200)
    found = cheapest_linear(Score.linear(weights, -1.95), reach, np.zeros((2, 200)))
    np.testing.assert_array_equal(found.cost, reach.per_unit[-1])
    assert not found.exact.any(), "a part of the last feature would do, were it no whole number"


class FromTheLineUp(LogisticRegression):
    """Accepts whoever is on the line, as StrategicLogisticRegression does."""

    def predict(self, X):
        return self.classes_[(self.decision_function(X) >= 0).astype(int)]


class Lenient(LogisticRegression):
    """Accepts from a probability of .45 on, which its coefficients do not tell."""

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] >= 0.45).astype(int)]


def test_who_stands_on_the_line_is_moved_to_the_side_that_is_asked_for():
    model = FromTheLineUp().fit([[0.0], [1.0]], [0, 1])
    model.coef_, model.intercept_ = np.array([[2.0]]), np.array([-1.0])
    moves = cheapest_moves(model, [[0.5], [0.75]], Reach(None, WeightedShift((1.0,)), background=np.eye(1)))
    np.testing.assert_allclose(moves.radius, [0.0, 0.25], atol=1e-6)
    assert moves.exact.all()
    assert (moves.attack == "linear").all()


def test_a_model_with_another_threshold_than_its_score_is_not_taken_for_linear():
    """Its line lies elsewhere: what a closed form said of it would be dearer than what a straight line finds."""
    X = np.random.default_rng(0).normal(size=(300, 2))
    model = Lenient().fit(X, X.sum(axis=1) > 0)
    moves = cheapest_moves(model, X[:40], Reach(None, "sd-euclidean", background=X[:30]), favourable=True)
    assert not moves.exact.any()
    assert "linear" not in moves.attack


MODELS = {
    "logistic": LogisticRegression(),
    "ridge": RidgeClassifier(),
    "descent": SGDClassifier(random_state=0),
    "vectors": LinearSVC(random_state=0),
    "kernel": SVC(kernel="linear"),
    "discriminant": LinearDiscriminantAnalysis(),
    "scaled": make_pipeline(StandardScaler(), LogisticRegression()),
    "robust": make_pipeline(RobustScaler(), "passthrough", LogisticRegression()),
    "turned": make_pipeline(MinMaxScaler(), PCA(3), LogisticRegression()),
    "columns": make_pipeline(
        ColumnTransformer([("a", StandardScaler(), [0, 2]), ("b", "passthrough", [1])]), LogisticRegression()
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_linear_models_are_known_as_such_and_lie_on_the_line(name):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4)) * [1, 10, 0.1, 1] + [0, 100, 0, 0]
    y = np.where(X @ [1, 0.1, 10, 0] - 10 + rng.normal(size=200) > 0, "yes", "no")
    model = MODELS[name].fit(X, y)
    reach = Reach(None, "sd-euclidean", background=X)
    moves = cheapest_moves(model, X, reach, favourable="yes")
    assert set(moves.attack) == {"linear"}
    assert moves.exact.all()
    assert (model.predict(moves.moved) != model.predict(X)).all()
    value = np.abs(model.decision_function(moves.moved))
    np.testing.assert_array_less(value, 1e-6 * np.abs(model.decision_function(X)).max())
    turned = cheapest_moves(model, X, reach, favourable="no")
    np.testing.assert_allclose(turned.radius, moves.radius, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(turned.accepted, ~moves.accepted)


def test_a_step_that_is_not_linear_is_not_taken_for_one():
    X = np.random.default_rng(0).normal(size=(200, 2))
    model = make_pipeline(MinMaxScaler(clip=True), LogisticRegression()).fit(X, X[:, 0] > 0)
    moves = cheapest_moves(model, X[:20], Reach(None, background=X), favourable=True)
    assert set(moves.attack) == {"line"}
    assert not moves.exact.any()


@pytest.mark.parametrize("cost", ["sd", "sd-sum", "sd-euclidean"])
def test_no_attack_beats_what_is_called_exact(cost):
    X, _ = people()
    reach, model = Reach(SPEC, cost, background=X), fitted("logistic")
    exact = cheapest_moves(model, X[:80], reach, attacks="linear")
    battery = cheapest_moves(model, X[:80], reach, attacks=["line", "gradient", "towards"])
    assert (battery.radius >= exact.radius * (1 - 1e-6))[exact.exact].all()
    assert (battery.radius < 1.2 * exact.radius).mean() > 0.5, "the battery is not far off"
