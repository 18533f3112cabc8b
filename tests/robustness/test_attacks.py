"""Attacks on networks whose radii are known by hand, and the trap into which plain projected gradient falls."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fairgym.recourse import ActionSpec, WeightedShift
from fairgym.robustness import Reach, attack_gap, cheapest_moves
from fairgym.robustness.decider import Decider
from fairgym.robustness.linear import cheapest_linear
from fairgym.robustness.projection import Ball
from fairgym.robustness.score import Score, score_of
from tests.robustness.networks import around_centres, averaging, one_neuron_each
from tests.robustness.tables import SPEC, people

WIDTH = 16


def unit_length(X):
    return Reach(None, WeightedShift((1.0,) * X.shape[1], "euclidean"), background=X)


@pytest.mark.parametrize("clusters", [4, 9])
def test_the_radius_of_feature_averaging_is_one_over_the_root_of_the_clusters(clusters):
    """F(mu_1 - r (mu_plus - mu_minus) / sqrt(K)) = 1 - r sqrt(K)."""
    X = np.eye(WIDTH)[:clusters]
    plus = (clusters + 1) // 2
    moves = cheapest_moves(averaging(plus, clusters - plus, WIDTH), X, unit_length(X))
    np.testing.assert_allclose(moves.radius, 1 / np.sqrt(clusters), atol=1e-3)


@pytest.mark.parametrize("clusters", [4, 9])
@pytest.mark.parametrize("power", [3, 4])
def test_the_radius_of_one_neuron_per_cluster_is_one_over_the_root_of_two(clusters, power):
    """F_p(mu_1 + r (mu_l - mu_1) / sqrt(2)) = (1 - r / sqrt(2))^p - (r / sqrt(2))^p."""
    X = np.eye(WIDTH)[:clusters]
    plus = (clusters + 1) // 2
    moves = cheapest_moves(one_neuron_each(plus, clusters - plus, WIDTH, power), X, unit_length(X))
    np.testing.assert_allclose(moves.radius, 1 / np.sqrt(2), atol=1e-3)


def test_plain_projected_gradient_overstates_the_radius():
    """The gradient at a centre points away from it only; so ascent from zero says 0.98 where 0.71 is enough."""
    X = around_centres(2, 64, noise=0.1, count=200)
    network, reach = one_neuron_each(1, 1, 64, 3), unit_length(X)
    plain = cheapest_moves(network, X[:60], reach, attacks="gradient")
    battery = cheapest_moves(network, X[:60], reach)
    assert np.median(plain.radius) == pytest.approx(0.98, abs=0.04)
    assert np.median(battery.radius) == pytest.approx(0.707, abs=0.015)
    gap = attack_gap(plain, battery).iloc[0]
    assert gap["value"] == pytest.approx(np.median(plain.radius) - np.median(battery.radius))
    assert gap["low"] > 0.05
    assert gap["doubtful"]


@pytest.mark.parametrize("clusters", [2, 4, 8])
@pytest.mark.parametrize("power", [1, 3])
def test_the_battery_finds_no_larger_radius_than_any_of_its_attacks(clusters, power):
    """Attacks try budgets on a grid of their own, so that the battery may miss what one finds by half a thousandth."""
    half = clusters // 2
    network = averaging(half, half, WIDTH) if power == 1 else one_neuron_each(half, half, WIDTH, power)
    X = around_centres(clusters, WIDTH, noise=0.1, count=60)
    battery = cheapest_moves(network, X[:20], unit_length(X))
    for attack in ("line", "gradient", "random", "towards"):
        alone = cheapest_moves(network, X[:20], unit_length(X), attacks=attack)
        assert (battery.radius <= alone.radius * 1.001).all(), attack


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
@pytest.mark.parametrize("layers", [(6,), (5, 4)])
def test_the_gradient_of_a_network_is_that_of_finite_differences(activation, layers):
    X, y = people(120)
    network = MLPClassifier(layers, activation=activation, alpha=0.1, solver="lbfgs", max_iter=5000, random_state=0)
    model = make_pipeline(StandardScaler(), network).fit(X, y)
    score = score_of(Decider.of(model, 0, Reach(SPEC, background=X)), X.to_numpy())
    rows, step = X.to_numpy()[:30] + 0.01, 1e-6
    sides = [[score.value(rows + side * step * way) for side in (1, -1)] for way in np.eye(9)]
    wanted = np.array([(up - down) / (2 * step) for up, down in sides]).T
    np.testing.assert_allclose(score.gradient(rows), wanted, rtol=1e-5, atol=1e-6)
    chance = model.predict_proba(X.iloc[:30])
    np.testing.assert_allclose(expit(score.value(X.to_numpy()[:30])), chance[:, 0], rtol=1e-9, atol=1e-12)


def test_a_model_with_an_own_gradient_is_asked_for_it():
    X = around_centres(4, WIDTH, noise=0.1, count=80)
    network = one_neuron_each(2, 2, WIDTH, 3)
    alone = score_of(Decider.of(network, 0, unit_length(X)), X)
    np.testing.assert_array_equal(alone.gradient(X), -network.input_gradient(X))


@pytest.mark.parametrize("combine", ["max", "sum", "euclidean"])
def test_steps_come_back_into_the_budget_by_the_shortest_way(combine):
    """Against a fine grid of points within the budget and the room, in two dimensions."""
    spec = ActionSpec(["free", "up"], bounds={0: (-0.4, 2.0)})
    reach = Reach(spec, WeightedShift((1.0, 1.0), combine), background=np.eye(2))
    axis = np.linspace(-1, 1, 401)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    inside = grid[(reach.cost_of(np.zeros((len(grid), 2)), grid) <= 0.8) & (grid[:, 0] >= -0.4) & (grid[:, 1] >= 0)]
    rng = np.random.default_rng(0)
    ball = Ball.of(reach, np.zeros((50, 2)))
    steps = np.clip(rng.normal(size=(50, 2)), -ball.fall, ball.rise)
    found = ball.project(steps.copy(), np.full(50, 0.8))
    assert (reach.cost_of(np.zeros((50, 2)), found) <= 0.8 + 1e-9).all()
    nearest = np.array([np.linalg.norm(inside - step, axis=1).min() for step in steps])
    np.testing.assert_allclose(np.linalg.norm(found - steps, axis=1), nearest, atol=0.008)  # the grid's diagonal


@pytest.mark.parametrize("cost", ["sd", "sd-sum", "sd-euclidean"])
def test_gradients_find_what_the_closed_form_knows(cost):
    """A network without a bend is a linear rule; what can be moved by any amount is moved."""
    X, y = people()
    columns = ["income", "debt", "years"]
    network = MLPClassifier((4,), activation="identity", solver="lbfgs", max_iter=3000, random_state=0)
    model = network.fit(X[columns], y)
    reach = Reach(ActionSpec({"income": "free", "debt": "down", "years": "up"}), cost, background=X[columns])
    score = score_of(Decider.of(model, 1, reach), X[columns].to_numpy())
    middle = np.zeros((1, 3))
    weights, start = score.gradient(middle)[0], score.value(middle)[0]
    exact = cheapest_linear(Score.linear(weights, start), reach, X[columns].to_numpy()[:60])
    found = cheapest_moves(model, X[columns][:60], reach)
    known = np.isfinite(exact.cost)
    assert (found.radius >= exact.cost * (1 - 1e-6)).all()
    assert (found.radius[known] <= 1.02 * exact.cost[known] + 1e-9).all()


def test_lines_and_walks_need_decisions_only():
    X, _ = people()
    asked = []

    def function(rows):
        asked.append(len(rows))
        return (rows["income"] - rows["debt"] > 0).to_numpy()

    reach = Reach(SPEC, "percentile", background=X)
    moves = cheapest_moves(function, X[:40], reach)
    assert set(moves.attack) <= {"line", "walk"}
    assert (function(X[:40]) != function(X[:40].assign(**dict(zip(X, moves.moved.T, strict=True))))).all()
    assert len(asked) < 300, "all people are asked about at once"


def test_where_all_of_the_background_is_rejected_a_wider_one_is_made_up():
    X = np.random.default_rng(0).uniform(size=(200, 3))
    moves = cheapest_moves(lambda rows: rows.sum(axis=1) > 3.2, X[:20], Reach(None, background=X))
    assert np.isfinite(moves.radius).all()
    assert not moves.accepted.any()


def test_where_nothing_changes_the_decision_that_is_said():
    X = np.random.default_rng(0).uniform(size=(50, 3))
    moves = cheapest_moves(lambda rows: np.ones(len(rows)), X, Reach(None, background=X))
    assert np.isinf(moves.radius).all()
    assert (moves.attack == "").all()
    np.testing.assert_array_equal(moves.moved, X)
    assert not moves.exact.any(), "an attack proves nothing"


def test_the_toolbox_finds_no_better_than_the_battery():
    pytest.importorskip("art.attacks.evasion")
    X = around_centres(4, 6, noise=0.1, count=60)
    network, reach = one_neuron_each(2, 2, 6, 3), unit_length(X)
    theirs = cheapest_moves(network, X[:5], reach, attacks="art")
    ours = cheapest_moves(network, X[:5], reach)
    assert (theirs.attack == "art").all()
    assert (network.predict(theirs.moved) != network.predict(X[:5])).all()
    assert (ours.radius <= 1.01 * theirs.radius).all()
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    cheapest_moves(network, X[:1], reach, attacks="art")
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
