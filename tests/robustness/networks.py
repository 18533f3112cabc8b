"""Networks with given weights and the people around their centres, for which radii are known by hand."""

import numpy as np


class Network:
    """f(x) = sum_j v_j relu(w_j @ x)^p, with its gradient; decides 1 where f is above zero."""

    classes_ = np.array([0, 1])

    def __init__(self, weights, signs, power):
        self.weights, self.signs, self.power = weights, signs, power
        self.n_features_in_ = weights.shape[1]

    def decision_function(self, X):
        return (np.maximum(X @ self.weights.T, 0) ** self.power) @ self.signs

    def input_gradient(self, X):
        active = np.maximum(X @ self.weights.T, 0)
        return (self.power * np.where(active > 0, active ** (self.power - 1), 0) * self.signs) @ self.weights

    def predict(self, X):
        return (self.decision_function(X) > 0).astype(int)


def averaging(plus, minus, width):
    """F: one neuron per class, along the sum of its centres, which are the first unit vectors."""
    own, other = np.eye(width)[:plus].sum(axis=0), np.eye(width)[plus : plus + minus].sum(axis=0)
    return Network(np.stack([own, other]), np.array([1, -1]), 1)


def one_neuron_each(plus, minus, width, power):
    """F_p: one neuron per centre."""
    return Network(np.eye(width)[: plus + minus], np.repeat([1, -1], [plus, minus]), power)


def around_centres(clusters, width, noise, count, seed=0):
    """People around the first unit vectors, the cluster of each one after the other."""
    rng = np.random.default_rng(seed)
    return np.eye(width)[np.arange(count) % clusters] + noise / np.sqrt(width) * rng.normal(size=(count, width))
