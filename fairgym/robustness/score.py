"""Score: the number behind a model's decision and its gradient, where a model has them.

They come from the methods ``decision_function`` and ``input_gradient`` of a model, from the coefficients of a linear
one, or from the weights of scikit-learn's MLPClassifier; also behind steps of a Pipeline that only shift, scale or
rotate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from fairgym.recourse.costs import Floats
from fairgym.robustness.decider import Decider
from fairgym.robustness.reach import Bools

NEAR = 1e-6
"""How far from its line the decisions of a linear score are looked at, in shares of the score's summands."""


@dataclass(frozen=True)
class Score:
    """A number for people (n, D), above zero where the decision is favourable and below where not, and its gradient.

    At zero models of scikit-learn give the first class.
    """

    value: Callable[[Floats], Floats]  # (n,)
    gradient: Callable[[Floats], Floats]  # (n, D)
    weights: Floats | None = None  # (D,), of a linear score
    start: float = 0.0  # value of a linear score at zero
    ties: bool = False  # whether zero is favourable

    def decides(self, people: Floats, wanted: bool) -> Bools:
        """Return for whom the decision is the wanted one, (n,)."""
        value = self.value(people)
        return np.asarray(value >= 0 if self.ties and wanted else value < 0 if self.ties else (value > 0) == wanted)

    @classmethod
    def linear(cls, weights: Floats, start: float, ties: bool = False) -> Score:
        """Return the score ``weights @ x + start``."""
        return cls(
            value=lambda people: people @ weights + start,
            gradient=lambda people: np.broadcast_to(weights, people.shape),
            weights=weights,
            start=start,
            ties=ties,
        )

    def behind(self, matrix: Floats, shift: Floats) -> Score:
        """Return the score of people whom steps before it bring from x to ``x @ matrix + shift``."""
        if self.weights is not None:
            return Score.linear(matrix @ self.weights, float(shift @ self.weights + self.start), self.ties)
        return Score(
            value=lambda people: self.value(people @ matrix + shift),
            gradient=lambda people: self.gradient(people @ matrix + shift) @ matrix.T,
            ties=self.ties,
        )


def score_of(decider: Decider, people: Floats) -> Score | None:
    """Return the score of a model of two classes, None where none is known; ``people`` (n, D) are some to try it on."""
    from sklearn.pipeline import Pipeline

    model = decider.model
    if not isinstance(model, Pipeline):
        score = _own(model, decider.favourable, decider.rows)
    else:
        known = all(_is_affine(step) for _, step in model.steps[:-1])
        score = _own(model.steps[-1][1], decider.favourable, lambda values: values) if known else None
        if score is not None and len(model.steps) > 1:
            score = score.behind(*_affine(model[:-1], decider, people.shape[1]))
    return score if score is not None and _agrees(score, decider, people) else None


def _agrees(score: Score, decider: Decider, people: Floats) -> bool:
    """Return whether a score says what the model decides, but for people whom it puts on the line.

    A linear score is also asked right beside its line, so that a model with another threshold is not taken for it.
    """
    if score.weights is not None and score.weights.any():
        people = np.concatenate([people, *_beside(score, people)])
    value = score.value(people)
    if value.shape != (len(people),) or not np.isfinite(value).all():
        return False
    sure = np.abs(value) > 1e-9 * np.abs(value).max()
    return bool(((value > 0) == decider.accepts(people))[sure].all())


def _beside(score: Score, people: Floats) -> tuple[Floats, Floats]:
    """Return people (n, D) brought to either side of a linear score's line, by the shortest way."""
    assert score.weights is not None
    value, way = score.value(people)[:, None], score.weights / (score.weights @ score.weights)
    size = NEAR * (np.abs(people * score.weights).sum(axis=1) + abs(score.start))[:, None]
    return people - (value - size) * way, people - (value + size) * way


def _own(model: Any, favourable: Any, rows: Callable[[Floats], Any]) -> Score | None:
    """Return the score of a model that is no pipeline, or None."""
    from sklearn.neural_network import MLPClassifier

    classes = np.asarray(getattr(model, "classes_", ()))
    if len(classes) != 2:
        return None
    sign = 1.0 if classes[1] == favourable else -1.0
    if hasattr(model, "input_gradient") and hasattr(model, "decision_function"):
        return Score(
            value=lambda people: sign * np.ravel(model.decision_function(rows(people))),
            gradient=lambda people: sign * np.asarray(model.input_gradient(rows(people))),
            ties=sign < 0,
        )
    if isinstance(model, MLPClassifier):
        return network_score(model, sign)
    coefficients = getattr(model, "coef_", None)
    if isinstance(coefficients, np.ndarray) and coefficients.size == getattr(model, "n_features_in_", -1):
        start = sign * float(np.ravel(model.intercept_)[0])
        return Score.linear(sign * np.ravel(coefficients).astype(float), start, sign < 0)
    return None


def _is_affine(step: Any) -> bool:
    """Return whether a step of a pipeline only shifts, scales, rotates or leaves out."""
    from sklearn.compose import ColumnTransformer
    from sklearn.decomposition import PCA
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

    if step is None or isinstance(step, str):  # "passthrough" and "drop"
        return True
    if isinstance(step, Pipeline):
        return all(_is_affine(one) for _, one in step.steps)
    if isinstance(step, ColumnTransformer):
        return all(_is_affine(one) for _, one, _ in step.transformers_)
    if isinstance(step, FunctionTransformer):
        return step.func is None
    return isinstance(step, (PCA, RobustScaler, StandardScaler)) or (
        isinstance(step, (MaxAbsScaler, MinMaxScaler)) and not getattr(step, "clip", False)
    )


def _affine(steps: Any, decider: Decider, width: int) -> tuple[Floats, Floats]:
    """Return the matrix (D, k) and the shift (k,) of steps that are affine."""
    probes = np.concatenate([np.zeros((1, width)), np.eye(width)])
    images = np.asarray(steps.transform(decider.rows(probes)), dtype=float)
    return images[1:] - images[0], images[0]


SLOPES: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "identity": (lambda x: x, np.ones_like),
    "relu": (lambda x: np.maximum(x, 0.0), lambda y: (y > 0).astype(float)),
    "tanh": (np.tanh, lambda y: 1 - y**2),
    "logistic": (expit, lambda y: y * (1 - y)),
}
"""Activations of scikit-learn's networks, and their slopes as functions of the activation."""


def network_score(network: Any, sign: float = 1.0) -> Score:
    """Return the log-odds of the second class of a fitted binary MLPClassifier, times ``sign``, with their gradient."""
    bend, slope = SLOPES[network.activation]
    layers = list(zip(network.coefs_, network.intercepts_, strict=True))

    def forward(people: Floats) -> list[Floats]:
        active = [people]
        for weights, shift in layers[:-1]:
            active.append(bend(active[-1] @ weights + shift))
        return active

    def value(people: Floats) -> Floats:
        weights, shift = layers[-1]
        return np.asarray(sign * (forward(people)[-1] @ weights + shift)[:, 0])

    def gradient(people: Floats) -> Floats:
        active = forward(people)
        back = np.broadcast_to(sign * layers[-1][0][:, 0], active[-1].shape)
        for layer in range(len(layers) - 2, -1, -1):
            back = (back * slope(active[layer + 1])) @ layers[layer][0].T
        return back

    return Score(value, gradient, ties=sign < 0)
