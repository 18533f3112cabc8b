"""The law of the two-layer network with normalised polynomial ReLU: scores, gradients, and how curved its loss is.

    f(x) = sum_j v_j relu(<w_j, x>)^p / (||w_j||^(p-1) ||x||^q)          p >= 1, q = 0, or p - 1 with normalised inputs

H. Min and R. Vidal, "Can implicit bias imply adversarial robustness?", ICML 2024, section 3. Written with the unit
vector u_j of w_j it is sum_j v_j ||w_j|| relu(<u_j, x>)^p / ||x||^q, and so it is computed: ||w_j||^p, which underflows
for the small weights that training starts from, is never formed. p = 1 is the ReLU network. Every neuron is of degree 1
in its weights for every p; ``normalize_weights=False`` leaves the division out, for comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
TINY = 1e-30
"""Kept in what is divided by, so that a neuron or a person at zero gives zero."""


@dataclass(frozen=True)
class Shape:
    """What kind of network it is."""

    order: float = 3.0  # p
    normalize_weights: bool = True
    normalize_input: bool = False


@dataclass(frozen=True)
class Hidden:
    """What the H neurons make of n people."""

    direction: Floats  # (..., H, D): unit vectors of the weights, or just the weights where they are not normalised
    length: Floats  # (..., 1, H): lengths of the weights, or ones
    reach: Floats  # (..., n, H): relu of the projection on the direction
    slope: Floats  # (..., n, H): reach^(p-1), divided by ||x||^q
    square: Floats  # (..., n, 1): squared length of each person
    output: Floats  # (..., n, H): what a neuron of output weight 1 adds to the score


@dataclass(frozen=True)
class Network:
    """The weights of H neurons over D columns and C outputs; further axes in front hold several networks in a row."""

    shape: Shape
    w: Floats  # (..., H, D)
    v: Floats  # (..., H, C)

    @cached_property
    def _directions(self) -> tuple[Floats, Floats]:
        """Unit vectors of the weights and their lengths; the weights and ones where they are not normalised."""
        if not self.shape.normalize_weights:
            return self.w, np.ones((*self.w.shape[:-1], 1), dtype=self.w.dtype)
        length = np.sqrt(np.square(self.w).sum(axis=-1, keepdims=True)) + self.w.dtype.type(TINY)
        return self.w / length, length

    def hidden(self, people: Floats) -> Hidden:
        """Return what the neurons make of people (..., n, D)."""
        shape, (direction, length) = self.shape, self._directions
        reach = np.maximum(people @ direction.mT, 0)
        slope = power(reach, shape.order - 1)
        square = np.square(people).sum(axis=-1, keepdims=True)
        if shape.normalize_input and shape.order > 1:
            slope = slope / (square ** ((shape.order - 1) / 2) + self.w.dtype.type(TINY))
        return Hidden(direction, length.mT, reach, slope, square, slope * reach * length.mT)

    def scores(self, people: Floats) -> Floats:
        """Return the outputs for people (..., n, D), (..., n, C)."""
        return self.hidden(people).output @ self.v

    def weight_gradients(self, people: Floats, hidden: Hidden, pull: Floats) -> tuple[Floats, Floats]:
        """Return the gradients of sum(pull * scores) by w and by v; ``pull`` is (..., n, C)."""
        p = self.shape.order
        back = (pull @ self.v.mT) * hidden.slope
        by_w = p * (back.mT @ people)
        if self.shape.normalize_weights and p > 1:
            by_w -= (p - 1) * (back * hidden.reach).sum(axis=-2)[..., None] * hidden.direction
        return by_w, hidden.output.mT @ pull

    def input_gradients(self, people: Floats, pull: Floats) -> Floats:
        """Return the gradients of each person's sum(pull * scores) by her columns, (..., n, D)."""
        hidden = self.hidden(people)
        p, back = self.shape.order, pull @ self.v.mT
        gradient = p * ((back * hidden.slope * hidden.length) @ hidden.direction)
        if self.shape.normalize_input and p > 1:
            score = (back * hidden.output).sum(axis=-1, keepdims=True)
            gradient -= (p - 1) * score / (hidden.square + self.w.dtype.type(TINY)) * people
        return gradient

    def tangent_trace(self, hidden: Hidden, bend: Floats) -> Floats:
        """Return the sum over people and outputs of ``bend`` (..., n, C) times the squared weight gradient of a score.

        With the loss's second derivatives in ``bend`` it is the trace of its Gauss-Newton matrix: as far as scores are
        linear in the weights, a step of less than two over it does not overshoot.
        """
        p, slope = self.shape.order, hidden.slope
        by_v = np.square(hidden.output).sum(axis=-1, keepdims=True)
        squared = slope * slope
        by_w = (p * p * hidden.square) * squared
        if self.shape.normalize_weights and p > 1:
            by_w += (1 - p * p) * squared * hidden.reach * hidden.reach
        trace: Floats = ((by_v + by_w @ np.square(self.v)) * bend).sum(axis=(-2, -1))
        return trace


def power(base: Floats, exponent: float) -> Floats:
    """Return base^exponent for a base of at least 0, where 0^0 is 0: a silent neuron has no slope."""
    if exponent == 0:
        return (base > 0).astype(base.dtype)
    if exponent in (1, 2, 3):
        result = base
        for _ in range(int(exponent) - 1):
            result = result * base
        return result
    return np.power(base, exponent).astype(base.dtype, copy=False)
