"""The classifier: scikit-learn's own checks, what training keeps, weights, the paper's radii, bad input."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from fairgym.checks import InputError
from fairgym.models import PReLUNetworkClassifier
from fairgym.recourse import WeightedShift
from fairgym.robustness import Reach, cheapest_moves

FAST = {"max_iter": 500, "tol": 0.05, "patience": 100}
RAW = {"center": False, "scale": None, "fit_intercept": False, "init_scale": 1e-4}
"""The setting of the paper: people as they are, no bias."""


@parametrize_with_checks(
    [
        PReLUNetworkClassifier(hidden=16, **FAST),
        PReLUNetworkClassifier(hidden=16, p=1, loss="exp", **FAST),
        PReLUNetworkClassifier(hidden=16, p=2.5, loss="squared", normalize_input=True, balanced_init=False, **FAST),
    ]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn(estimator, check):
    check(estimator)


def clusters(count, columns, each, noise=0.1, seed=0):
    """Orthonormal centres, the first half of class 1, and people around them."""
    random = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(count), each)
    X = np.eye(count, columns)[cluster] + random.normal(size=(count * each, columns)) * noise / np.sqrt(columns)
    return X, (cluster < count // 2).astype(int), cluster


def smallest_crossing(model, X, y, count):
    """Return the median length of straight ways, along the class centres or to a centre, to another class."""
    centres = np.eye(count, X.shape[1])
    signs = np.where(np.arange(count) < count // 2, 1.0, -1.0)
    grid = np.arange(0, 1.2, 0.005)
    found = []
    for person, label in zip(X, y, strict=True):
        aims = centres[signs != 2 * label - 1] - person
        ways = np.concatenate([aims, [(1 - 2 * label) * signs @ centres]])
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        points = person + grid[:, None, None] * ways
        flipped = model.predict(points.reshape(-1, X.shape[1])).reshape(points.shape[:2]) != label
        found.append(grid[flipped.any(axis=1).argmax()] if flipped.any() else np.inf)
    return float(np.median(found))


@pytest.mark.parametrize(("p", "low", "high"), [(1, 0.33, 0.39), (3, 0.66, 0.72)])
def test_trained_networks_have_the_radius_of_the_theory(p, low, high):
    """K = 8: 1/sqrt(8) = 0.354 for ReLU, 0.707 for order 3, from one and the same start."""
    X, y, _ = clusters(8, 64, 50)
    model = PReLUNetworkClassifier(hidden=64, p=p, loss="exp", random_state=0, batch_size=400, **RAW).fit(X, y)
    fresh, label, _ = clusters(8, 64, 5, seed=1)
    assert model.score(fresh, label) == 1
    assert low < smallest_crossing(model, fresh, label, 8) < high


def test_neurons_point_at_classes_or_at_clusters():
    X, y, _ = clusters(8, 32, 50)
    centres = np.eye(8, 32)
    classes = np.stack([centres[:4].mean(axis=0), centres[4:].mean(axis=0)])
    found = {}
    for p in (1, 3):
        model = PReLUNetworkClassifier(hidden=64, p=p, random_state=0, batch_size=400, **RAW).fit(X, y)
        found[p] = model.alignment(centres), model.alignment(classes), model.stable_rank(X)
    assert found[1][1].share() > 0.95
    assert found[1][0].found() == 0
    assert found[3][0].share() > 0.95
    assert found[3][0].found() == 8
    assert found[3][2] > 3 * found[1][2]


def test_balance_is_kept():
    """||w|| = |v| all along the gradient flow; a step of finite length adds of second order only."""
    X, y, _ = clusters(4, 16, 20)
    apart = []
    for lr in (0.1, 0.05):
        model = PReLUNetworkClassifier(hidden=16, lr=lr, tol=0.1, patience=5000, random_state=0, **RAW).fit(X, y)
        length = np.linalg.norm(model.coef_w_, axis=1)
        apart.append(np.abs(length - np.abs(model.coef_v_[:, 0])).max() / length.max())
    assert apart[0] < 0.01
    assert apart[1] < 0.75 * apart[0], "half the step, half the drift"


def test_signs_of_output_weights_never_change():
    X, y, _ = clusters(4, 16, 20)
    long = PReLUNetworkClassifier(hidden=16, random_state=0, **RAW).fit(X, y)
    short = clone(long).set_params(max_iter=1)
    with pytest.warns(ConvergenceWarning, match="after max_iter=1 steps at a loss of 0.69"):
        short.fit(X, y)
    np.testing.assert_array_equal(np.sign(long.coef_v_), np.sign(short.coef_v_))


@pytest.mark.parametrize("loss", ["logistic", "exp", "squared"])
def test_a_weight_is_as_good_as_repetition(loss):
    random = np.random.default_rng(0)
    X, y = random.normal(size=(40, 3)), random.integers(0, 3, 40)
    weight = random.integers(0, 4, 40)
    model = PReLUNetworkClassifier(hidden=8, loss=loss, random_state=0, max_iter=100, tol=1e-9, patience=100)
    with pytest.warns(ConvergenceWarning):
        weighted = clone(model).fit(X, y, sample_weight=weight)
    with pytest.warns(ConvergenceWarning):
        repeated = clone(model).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(weighted.decision_function(X), repeated.decision_function(X), rtol=1e-7, atol=1e-9)


def test_batches_are_drawn_by_weight():
    """Copies that stand together and one row of their weight draw the same people, to the bit."""
    X, y, _ = clusters(4, 8, 20)
    weight = np.tile([1, 3], 40)
    model = PReLUNetworkClassifier(hidden=8, batch_size=32, random_state=0, **RAW)
    short = {"max_iter": 3, "tol": 1e-9}
    with pytest.warns(ConvergenceWarning):
        one = clone(model).set_params(**short).fit(X, y, sample_weight=weight)
    with pytest.warns(ConvergenceWarning):
        other = clone(model).set_params(**short).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(one.coef_w_, other.coef_w_, rtol=1e-12)
    assert model.fit(X, y).score(X, y) == 1


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("subgroups", [False, True])
def test_the_gradient_by_a_persons_columns(p, classes, subgroups):
    """Of the decision value, or of the greatest score minus the next, in the columns of X."""
    random = np.random.default_rng(0)
    X, y = random.normal(3, 2, (60, 4)), np.arange(60) % classes
    X[:, 0] += 5 * y
    model = PReLUNetworkClassifier(hidden=8, p=p, random_state=0, tol=0.3, patience=50)
    model.fit(X, y, subclass=np.arange(60) % 7 // 4 if subgroups else None)
    assert model.coef_v_.shape[1] == (1 if classes == 2 and not subgroups else classes * (1 + subgroups))

    def value(people):
        scores = model.decision_function(people)
        return scores if classes == 2 else np.sort(scores, axis=1)[:, -1] - np.sort(scores, axis=1)[:, -2]

    step = 1e-6
    for column in range(4):
        moved = step * np.eye(4)[column]
        slope = (value(X + moved) - value(X - moved)) / (2 * step)
        np.testing.assert_allclose(model.input_gradient(X)[:, column], slope, rtol=1e-5, atol=1e-7)


def test_subclass_labels_bring_relu_to_the_clusters():
    X, y, cluster = clusters(8, 32, 40)
    model = PReLUNetworkClassifier(hidden=64, p=1, random_state=0, batch_size=400, **RAW)
    plain, cured = clone(model).fit(X, y), clone(model).fit(X, y, subclass=cluster)
    fresh, label, _ = clusters(8, 32, 4, seed=1)
    assert cured.score(fresh, label) == 1
    assert smallest_crossing(plain, fresh, label, 8) < 0.39
    assert smallest_crossing(cured, fresh, label, 8) > 0.6


def test_the_same_seed_gives_the_same_bits_and_another_gives_others():
    X, y, _ = clusters(4, 8, 20)
    model = PReLUNetworkClassifier(hidden=8, batch_size=32, random_state=3)
    first, again, other = (clone(model).set_params(random_state=seed).fit(X, y) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.coef_w_, again.coef_w_)
    assert (first.coef_w_ != other.coef_w_).any()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(first)).predict_proba(X), first.predict_proba(X))


def test_32_bits_stay_32_bits():
    X, y, _ = clusters(4, 8, 20)
    model = PReLUNetworkClassifier(hidden=16, random_state=0)
    short, long = clone(model).fit(X.astype(np.float32), y), clone(model).fit(X, y)
    assert short.coef_w_.dtype == short.input_gradient(X).dtype == np.float32
    np.testing.assert_allclose(short.decision_function(X), long.decision_function(X), rtol=0.01)


def test_partial_fit_goes_on_where_training_was():
    X, y, _ = clusters(4, 8, 20)
    model = PReLUNetworkClassifier(hidden=16, batch_size=40, random_state=0)
    model.partial_fit(X, y, classes=[0, 1])
    assert model.n_iter_ == 2
    for _ in range(100):
        model.partial_fit(X, y)
    assert model.n_iter_ == 202
    assert len(model.loss_curve_) == 101
    assert model.loss_curve_[-1] < 0.01 < 0.6 < model.loss_curve_[0]
    after = model.loss_curve_[-1]
    model.fit(X, y)
    assert model.loss_curve_[0] > 0.6, "fit begins anew"
    model.partial_fit(X, y)
    assert model.loss_curve_[-1] < max(2 * after, 0.01), "and partial_fit goes on from it"


def test_a_table_with_names_and_words_for_classes():
    X, y, _ = clusters(4, 8, 20)
    frame = pd.DataFrame(X, columns=list("abcdefgh"))
    words = np.where(y == 1, "yes", "no")
    model = PReLUNetworkClassifier(hidden=16, random_state=0).fit(frame, words)
    assert list(model.feature_names_in_) == list("abcdefgh")
    assert model.score(frame, words) == 1
    np.testing.assert_allclose(model.predict_proba(frame).sum(axis=1), 1)


FEW = (np.eye(4), np.array([0, 0, 1, 1]))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"p": 0.5}, "p=0.5 is out of range: it must be at least 1"),
        ({"hidden": 0}, "hidden=0 is out of range: it must be at least 1"),
        ({"init_scale": 0}, "init_scale=0 is too small: it must be above 0"),
        ({"loss": "hinge"}, "loss='hinge' is not known: known are logistic, exp, squared"),
        ({"lr": "aut"}, "lr='aut' is not known: did you mean 'auto'"),
        ({"lr": -1.0}, "lr=-1.0 is too small: it must be above 0"),
        ({"scale": "sd"}, "scale='sd' is not known: give 'mean_norm' or None"),
        ({"center": 1}, "center=1 is not a yes or no"),
        ({"tol": 0}, "tol=0 is too small: it must be above 0"),
    ],
)
def test_bad_parameters(change, sentence):
    with pytest.raises(InputError, match=sentence):
        PReLUNetworkClassifier(**change).fit(*FEW)


def test_bad_people():
    X, y = FEW
    with pytest.raises(InputError, match=r"y has one class only, \[0\]: give people of two classes"):
        PReLUNetworkClassifier().fit(X, [0, 0, 0, 0])
    with pytest.raises(ValueError, match="weight"):  # newer releases of scikit-learn have a sentence of their own
        PReLUNetworkClassifier().fit(X, y, sample_weight=np.zeros(4))
    with pytest.raises(InputError, match="subclass has 3 entries for 4 people"):
        PReLUNetworkClassifier().fit(X, y, subclass=[0, 1, 0])
    with pytest.raises(InputError, match="subclass holds words and other things, such as None"):
        PReLUNetworkClassifier().fit(X, y, subclass=["a", None, "b", "a"])
    with pytest.raises(InputError, match="classes is missing: the first partial_fit needs all"):
        PReLUNetworkClassifier().partial_fit(X, y)
    with pytest.raises(InputError, match=r"y has \[2\], not among the classes \[0, 1\]"):
        PReLUNetworkClassifier().partial_fit(X, [0, 1, 2, 2], classes=[0, 1])
    begun = PReLUNetworkClassifier(hidden=4)
    with pytest.raises(InputError, match=r"y has \[2\], not among"):
        begun.partial_fit(X, [0, 1, 2, 2], classes=[0, 1])
    with pytest.raises(NotFittedError):
        begun.predict(X)  # what was refused leaves nothing behind
    with pytest.raises(InputError, match=r"classes=\[0, 1, 2\] are not those of the first call, \[0, 1\]"):
        begun.partial_fit(X, y, classes=[0, 1]).partial_fit(X, y, classes=[0, 1, 2])
    cured = PReLUNetworkClassifier(hidden=4, max_iter=500, tol=0.3).fit(X, y, subclass=[0, 1, 0, 1])
    with pytest.raises(InputError, match="partial_fit does not know the subclass of people"):
        cured.partial_fit(X, y)
    for method in ("predict", "decision_function", "input_gradient", "alignment", "stable_rank"):
        with pytest.raises(NotFittedError):
            getattr(PReLUNetworkClassifier(), method)(X)


def test_an_order_that_trains_badly_is_warned_of():
    with pytest.warns(UserWarning, match="p=5: above 4 most activations vanish"):
        PReLUNetworkClassifier(p=5, hidden=16, tol=0.5, random_state=0).fit(*FEW)


def test_a_step_that_is_too_long_is_said():
    X, y, _ = clusters(4, 8, 20)
    with pytest.raises(InputError, match=r"the loss is not finite after \d+ steps with lr=1000.0: give lr='auto'"):
        PReLUNetworkClassifier(hidden=16, p=1, loss="exp", lr=1000, init_scale=1.0, random_state=0).fit(X, y)


def test_a_start_that_is_too_large_is_said():
    X, y, _ = clusters(4, 8, 20)
    with pytest.raises(InputError, match=r"not finite after 0 steps with lr=auto: give a smaller init_scale\."):
        PReLUNetworkClassifier(hidden=16, loss="exp", init_scale=1e3, random_state=0).fit(X, y)


@pytest.mark.parametrize("unit", [1e-200, 1e-20, 1e200])
def test_the_unit_of_people_does_not_matter(unit):
    X, y, _ = clusters(4, 8, 20)
    model = PReLUNetworkClassifier(hidden=16, random_state=0)
    expected = clone(model).fit(X, y).decision_function(X)
    np.testing.assert_allclose(clone(model).fit(X * unit, y).decision_function(X * unit), expected, rtol=1e-6)


def test_people_who_are_all_the_same():
    X, y = np.ones((6, 2)), np.array([0, 1, 1, 0, 1, 1])
    model = PReLUNetworkClassifier(hidden=8, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 2 / 3, atol=0.02)


def test_the_default_constant_leaves_order_three_its_subgroups():
    # Sixteen separate subgroups: no rule has more than .707, ReLU has 1/4. A constant as long as people are is a
    # direction that all of them share, and takes from order 3 what it is for.
    place = np.arange(640) % 16
    X = np.eye(32)[place] + 0.05 * np.random.default_rng(0).normal(size=(640, 32)) / np.sqrt(32)
    y = (place < 8).astype(int)
    reach = Reach(None, WeightedShift((1.0,) * 32, "euclidean"), background=X)

    def radius(**settings):
        network = PReLUNetworkClassifier(192, random_state=0, **settings).fit(X, y)
        return np.median(cheapest_moves(network, X[:16], reach).radius)

    assert radius() > 0.66
    assert radius(intercept_scaling=1.0) < 0.3
    assert radius(p=1) < 0.3
