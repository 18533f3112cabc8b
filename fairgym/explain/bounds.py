"""Bounds of a share that choose between rules: those of KL-LUCB, all q with n kl(p, q) <= level.

Kaufmann and Kalyanakrishnan, COLT 2013. What is certified or printed comes from the binomial distribution itself
(``fairgym.binomial``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

Floats = NDArray[np.float64]
HALVINGS = 8
"""Steps of the bisection for the bounds of KL-LUCB: to 1/256 of the bracket, and on the safe side."""


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
