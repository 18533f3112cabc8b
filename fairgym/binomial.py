"""Exact bounds of a share from hits among independent rows (Clopper and Pearson, Biometrika 26:404, 1934)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import betaincinv

from fairgym.batch import Numbers


def at_least(hits: Any, rows: Any, error: float) -> Numbers:
    """Return a share that the true one is below with probability ``error`` at most, of ``hits`` among ``rows``.

    Arrays of any shape; one-sided, for every number of rows: 0 without hits, ``error^(1 / rows)`` if all are.
    """
    some = np.maximum(hits, 1)
    bound: Numbers = np.where(np.greater(hits, 0), betaincinv(some, np.subtract(rows, some) + 1, error), 0.0)
    return bound


def exact_interval(hits: int, rows: int, confidence: float) -> tuple[float, float]:
    """Return the interval that holds the true share with at least this confidence; all of [0, 1] without rows."""
    error = (1 - confidence) / 2
    return float(at_least(hits, rows, error)), float(1 - at_least(rows - hits, rows, error))
