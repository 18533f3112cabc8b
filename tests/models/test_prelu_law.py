"""The law of the network: gradients against finite differences, homogeneity, losses, and the paper's closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from fairgym.models.prelu_alignment import Alignment, stable_rank
from fairgym.models.prelu_law import Network, Shape, power
from fairgym.models.prelu_losses import LOSSES

ORDERS = (1, 2, 2.5, 3, 4)
SHAPES = [Shape(p, weights, inputs) for p in ORDERS for weights in (True, False) for inputs in (True, False)]
STEP = 1e-6
"""Of central differences: their error is about STEP^2 and, by rounding, 1e-16 / STEP; both are below 1e-9."""


def network(shape, outputs=2, seed=0):
    random = np.random.default_rng(seed)
    return Network(shape, random.normal(size=(7, 4)), random.normal(size=(7, outputs)))


def people(count=6, seed=1):
    return np.random.default_rng(seed).normal(size=(count, 4))


def differences(function, at):
    """Return the gradient of a function of an array by central differences."""
    gradient = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        ends = []
        for way in (STEP, -STEP):
            moved = at.copy()
            moved[place] += way
            ends.append(function(moved))
        gradient[place] = (ends[0] - ends[1]) / (2 * STEP)
    return gradient


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradients_are_those_of_finite_differences(shape):
    one, x = network(shape), people()
    pull = np.random.default_rng(2).normal(size=(len(x), 2))
    by_w, by_v = one.weight_gradients(x, one.hidden(x), pull)
    np.testing.assert_allclose(
        by_w, differences(lambda w: (pull * Network(shape, w, one.v).scores(x)).sum(), one.w), rtol=1e-6, atol=1e-7
    )
    np.testing.assert_allclose(
        by_v, differences(lambda v: (pull * Network(shape, one.w, v).scores(x)).sum(), one.v), rtol=1e-6, atol=1e-7
    )
    np.testing.assert_allclose(
        one.input_gradients(x, pull), differences(lambda x: (pull * one.scores(x)).sum(), x), rtol=1e-6, atol=1e-7
    )


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_trace_is_the_squared_length_of_the_gradients(shape):
    one, x = network(shape), people()
    bend = np.random.default_rng(3).random((len(x), 2))
    total = 0.0
    for row, output in np.ndindex(bend.shape):
        pull = np.zeros_like(bend)
        pull[row, output] = 1
        by_w, by_v = one.weight_gradients(x, one.hidden(x), pull)
        total += bend[row, output] * ((by_w**2).sum() + (by_v**2).sum())
    assert one.tangent_trace(one.hidden(x), bend) == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("p", ORDERS)
def test_scores_are_homogeneous(p):
    """Of degree p in the input, of degree 1 with normalised inputs; of degree 1 in the input weights for every p."""
    x, times = people(), 3.0
    one = network(Shape(p))
    np.testing.assert_allclose(one.scores(times * x), times**p * one.scores(x), rtol=1e-12)
    np.testing.assert_allclose(Network(one.shape, times * one.w, one.v).scores(x), times * one.scores(x), rtol=1e-12)
    other = network(Shape(p, normalize_input=True))
    np.testing.assert_allclose(other.scores(times * x), times * other.scores(x), rtol=1e-12)
    plain = network(Shape(p, normalize_weights=False))
    np.testing.assert_allclose(
        Network(plain.shape, times * plain.w, plain.v).scores(x), times**p * plain.scores(x), rtol=1e-12
    )


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_networks_in_a_row_are_each_as_it_is_alone(shape):
    several, x = [network(shape, seed=seed) for seed in range(3)], np.stack([people(seed=seed) for seed in range(3)])
    row = Network(shape, np.stack([one.w for one in several]), np.stack([one.v for one in several]))
    pull = np.random.default_rng(6).normal(size=(3, 6, 2))
    together = (
        row.scores(x),
        *row.weight_gradients(x, row.hidden(x), pull),
        row.input_gradients(x, pull),
        row.tangent_trace(row.hidden(x), pull),
    )
    for place, one in enumerate(several):
        alone = (
            one.scores(x[place]),
            *one.weight_gradients(x[place], one.hidden(x[place]), pull[place]),
            one.input_gradients(x[place], pull[place]),
            one.tangent_trace(one.hidden(x[place]), pull[place]),
        )
        for ours, theirs in zip(alone, together, strict=True):
            np.testing.assert_allclose(ours, theirs[place], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("p", ORDERS)
def test_it_is_the_formula_of_the_paper(p):
    one, x = network(Shape(p)), people()
    inner = np.maximum(x @ one.w.T, 0)
    expected = inner**p / np.linalg.norm(one.w, axis=1) ** (p - 1) @ one.v
    np.testing.assert_allclose(one.scores(x), expected, rtol=1e-12)


@pytest.mark.parametrize("p", [3.0, 4.0])
def test_weights_that_are_tiny_do_not_underflow(p):
    """The length of 1e-15 to the power of p would be no number of 32 bits."""
    one, x = network(Shape(p)), people().astype(np.float32)
    small = Network(one.shape, (1e-15 * one.w).astype(np.float32), one.v.astype(np.float32))
    np.testing.assert_allclose(small.scores(x), 1e-15 * one.scores(x), rtol=1e-4, atol=1e-20)


def test_people_and_neurons_at_zero_give_zero():
    for shape in SHAPES:
        one = network(shape)
        silent = Network(shape, np.zeros_like(one.w), one.v)
        assert (one.scores(np.zeros((1, 4))) == 0).all()
        assert (silent.scores(people()) == 0).all()
        for gradient in (
            *one.weight_gradients(*with_hidden(one)),
            one.input_gradients(np.zeros((1, 4)), np.ones((1, 2))),
        ):
            assert (gradient == 0).all()


def with_hidden(one):
    nobody = np.zeros((1, 4))
    return nobody, one.hidden(nobody), np.ones((1, 2))


def test_a_silent_neuron_has_no_slope():
    np.testing.assert_array_equal(power(np.array([0.0, 2.0]), 0), [0, 1])
    for exponent in (1, 1.5, 2, 3):
        np.testing.assert_allclose(power(np.array([0.0, 2.0]), exponent), [0, 2**exponent])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("outputs", [1, 3])
def test_losses_have_the_pull_and_the_bend_of_finite_differences(loss, outputs):
    random = np.random.default_rng(4)
    scores = random.normal(size=(5, outputs))
    own = random.integers(0, 3, 5)[:, None]
    target = np.where(own == np.arange(outputs), 1.0, -1.0)
    found = LOSSES[loss](scores, target)
    np.testing.assert_allclose(
        found.pull, differences(lambda at: LOSSES[loss](at, target).value.sum(), scores), rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(found.bend, differences_of_pull(LOSSES[loss], scores, target), rtol=1e-6, atol=1e-8)


def differences_of_pull(loss, scores, target):
    """Return the derivative of each pull by its own score; people and outputs are looked at one by one."""
    found = np.zeros_like(scores)
    for place in np.ndindex(scores.shape):
        moved = scores.copy()
        moved[place] += STEP
        above = loss(moved, target).pull[place]
        moved[place] -= 2 * STEP
        found[place] = (above - loss(moved, target).pull[place]) / (2 * STEP)
    return found


def averaging(clusters):
    """F of the paper: one neuron along each class centre, the sum of its clusters' unit vectors."""
    centres = np.eye(clusters)
    half = clusters // 2
    return Network(
        Shape(1), np.stack([centres[:half].sum(axis=0), centres[half:].sum(axis=0)]), np.array([[1.0], [-1]])
    )


def separating(clusters, p):
    """F_p of the paper: one neuron for each cluster."""
    sign = np.where(np.arange(clusters) < clusters // 2, 1.0, -1.0)
    return Network(Shape(p), np.eye(clusters), sign[:, None])


def crossing(one, at, towards):
    """Return how far one goes from a point in a direction of length 1 until the score is zero."""
    towards = towards / np.linalg.norm(towards)
    return brentq(lambda r: one.scores((at + r * towards)[None])[0, 0], 0, 1.2)


@pytest.mark.parametrize("clusters", [4, 9 - 1, 16])
def test_one_direction_breaks_the_averaging_rule_at_one_over_root_k(clusters):
    centres = np.eye(clusters)
    signs = np.where(np.arange(clusters) < clusters // 2, 1.0, -1.0)
    for centre, sign in zip(centres, signs, strict=True):
        assert crossing(averaging(clusters), centre, -sign * signs) == pytest.approx(1 / np.sqrt(clusters), abs=1e-9)


@pytest.mark.parametrize("p", ORDERS[1:])
@pytest.mark.parametrize("clusters", [4, 8])
def test_the_separating_rule_falls_at_the_middle_between_two_clusters_only(clusters, p):
    rule, centres = separating(clusters, p), np.eye(clusters)
    assert crossing(rule, centres[0], centres[-1] - centres[0]) == pytest.approx(np.sqrt(0.5), abs=1e-9)
    if p >= 3:  # nothing of a smaller length fools it: 20,000 tries in all directions and along the span
        random = np.random.default_rng(5)
        tries = random.normal(size=(20_000, clusters)) * random.choice([1, 0], (20_000, clusters), p=(0.5, 0.5))
        tries *= 0.7 / (np.linalg.norm(tries, axis=1, keepdims=True) + 1e-12)
        assert (rule.scores(centres[0] + tries) > 0).all()


def test_alignment_and_stable_rank_by_hand():
    """Two neurons, of contribution 3 to 1: one on a centre, the other between both."""
    between = np.array([1.0, 1.0]) / np.sqrt(2)
    one = Network(Shape(3), np.stack([[3.0, 0.0], between]), np.array([[1.0], [1.0]]))
    found = Alignment.of(one, np.array([[2.0, 0.0], [0.0, 5.0]]))
    np.testing.assert_allclose(found.mass, [0.75, 0.25])
    np.testing.assert_allclose(found.cosine, [[1, 0], [np.sqrt(0.5), np.sqrt(0.5)]])
    assert found.mean == pytest.approx(0.75 + 0.25 * np.sqrt(0.5))
    assert found.share() == pytest.approx(0.75)
    assert found.found() == 1
    assert stable_rank(np.diag([2.0, 1.0])) == pytest.approx(5 / 4)
    assert np.isnan(stable_rank(np.zeros((2, 2))))
