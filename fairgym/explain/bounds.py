"""Bounds of a share from hits among independent rows: exact ones to certify and report, and those that choose rules.

What is certified or printed comes from the binomial distribution itself (Clopper and Pearson, Biometrika 26:404, 1934).
The bounds that only choose between rules are those of KL-LUCB (Kaufmann and Kalyanakrishnan, COLT 2013): all q with
n kl(p, q) <= level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, xlog1py, xlogy

Floats = NDArray[np.float64]
HALVINGS = 8
"""Steps of the bisection for the bounds of KL-LUCB: to 1/256 of the bracket, and on the safe side."""


def at_least(hits: int, rows: int, error: float) -> float:
    """Return a share that the true one is below with probability ``error`` at most; 0 without rows."""
    return float(betaincinv(hits, rows - hits + 1, error)) if hits else 0.0


def at_most(hits: int, rows: int, error: float) -> float:
    """Return a share that the true one is above with probability ``error`` at most; 1 without rows."""
    return float(betaincinv(hits + 1, rows - hits, 1 - error)) if hits < rows else 1.0


def exact_interval(hits: int, rows: int, confidence: float) -> tuple[float, float]:
    """Return the interval of Clopper and Pearson, which holds the true share with at least this confidence."""
    error = (1 - confidence) / 2
    return at_least(hits, rows, error), at_most(hits, rows, error)


def upper(hits: Floats, rows: Floats, level: float) -> Floats:
    """Return for each arm the largest share q with n kl(p, q) <= level; 1 for an arm without rows."""
    some = np.maximum(rows, 1.0)
    p, allowed = hits / some, level / some
    entropy = xlogy(p, p) + xlogy(1 - p, 1 - p)  # kl(p, q) = entropy - p ln q - (1 - p) ln(1 - q)
    low, high = p, np.minimum(1.0, p + np.sqrt(allowed / 2))  # Pinsker's inequality
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        inside = entropy - xlogy(p, middle) - xlog1py(1 - p, -middle) <= allowed
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.where(rows > 0, high, 1.0)


def lower(hits: Floats, rows: Floats, level: float) -> Floats:
    """Return for each arm the smallest share q with n kl(p, q) <= level; 0 for an arm without rows."""
    return 1 - upper(rows - hits, rows, level)
