"""How people answer a published threshold: who raises the score, to where, and what it costs.

Being admitted is worth 1, a point of the score has a price, so the best response of Hardt, Megiddo, Papadimitriou and
Wootters 2016 ("Strategic classification") is to raise the score to the threshold if that takes no more than
``1 / price`` points, and to stay otherwise. Everything here works on arrays of any shape.
"""

from __future__ import annotations

import numpy as np

from fairgym.batch import Mask, Numbers
from fairgym.noise import Uniforms, normals

TOLERANCE = 1e-6
"""Points by which a change may exceed the largest one that pays: scores are published in single precision."""


def in_single_precision(scores: Numbers) -> Numbers:
    """Return scores rounded to what the observation and the action can hold, still as double precision.

    So a threshold at a score that was observed admits that score.
    """
    return scores.astype(np.float32).astype(np.float64)


def subsidized(cost: Numbers, factor: float | None) -> Numbers:
    """Return the cost per point of each group, that of the most expensive (the last of them) times ``factor``; (G,)."""
    if factor is None:
        return cost
    dearest = len(cost) - 1 - int(cost[::-1].argmax())
    return np.where(np.arange(len(cost)) == dearest, factor * cost, cost)


def largest_change(cost: Numbers, control: float | None) -> Numbers:
    """Return the largest raise that pays each group, in points: ``1 / cost``, at most ``control``; (G,).

    It is infinite where a point costs nothing, or too little to divide by, and there is no control.
    """
    costs = cost >= np.finfo(np.float64).tiny
    pays: Numbers = np.divide(1.0, cost, out=np.full(cost.shape, np.inf), where=costs)
    return pays if control is None else np.minimum(pays, control)


def raises(score: Numbers, threshold: Numbers, target: Numbers, largest: Numbers) -> Mask:
    """Return who raises the score to ``target``: where that turns a rejection into an admission, and pays."""
    raised: Mask = (score < threshold) & (target >= threshold) & (target - score <= largest + TOLERANCE)
    return raised


def answer(score: Numbers, threshold: Numbers, target: Numbers, largest: Numbers) -> Numbers:
    """Return the score shown: ``target`` for those who raise it, their own for the others."""
    return np.where(raises(score, threshold, target, largest), target, score)


def cost_of_reaching(score: Numbers, threshold: Numbers, target: Numbers, cost: Numbers) -> Numbers:
    """Return what the way to ``target`` costs, paid or not: 0 from the threshold, or from the target, up."""
    return np.where(score < threshold, cost * np.maximum(target - score, 0.0), 0.0)


def bounded_gaussian(uniforms: Uniforms, mean: float, spread: float, low: float, high: float) -> Numbers:
    """Return normal numbers clipped to ``[low, high]``, by inversion."""
    drawn: Numbers = (mean + spread * normals(uniforms)).clip(low, high)
    return drawn


def signed_beta(uniforms: Uniforms, a: float, b: float) -> Numbers:
    """Return Beta(a, b) numbers with a random sign, by inversion of their common distribution."""
    from scipy.special import betaincinv  # here, because only beta noise needs it

    both_ways = 2 * uniforms - 1
    drawn: Numbers = np.sign(both_ways) * betaincinv(a, b, np.abs(both_ways))
    return drawn
