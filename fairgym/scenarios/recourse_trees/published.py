"""What the paper's program gives: means and standard deviations over folds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fairgym.scenarios.recourse_trees.names import ACTIONABLE, AWARE, PAPER, VANILLA

STORED = f"{PAPER}: results stored with the authors' program"
RUN_AGAIN = f"{PAPER}: the authors' program at its last state, run again on these folds without relabelling"
ROUNDING = 0.001 / 12**0.5
"""Standard deviation of rounding to three digits."""


class Published(NamedTuple):
    """A mean over the first so many folds and the standard deviation between them."""

    mean: float
    spread: float
    folds: int = 10

    @property
    def variance(self) -> float:
        """The variance of the mean, with that of its rounding."""
        return self.spread**2 / self.folds + ROUNDING**2


Row = Mapping[str, Published]


def _row(folds: int = 10, **numbers: tuple[float, float]) -> Row:
    return {metric: Published(mean, spread, folds) for metric, (mean, spread) in numbers.items()}


TREES: Mapping[str, Mapping[str, Row]] = {
    "fico": {
        VANILLA: _row(accuracy=(0.708, 0.020), recourse=(0.730, 0.093)),
        ACTIONABLE: _row(accuracy=(0.688, 0.016), recourse=(0.911, 0.032)),
        AWARE: _row(accuracy=(0.713, 0.020), recourse=(0.982, 0.019)),
    },
    "compas": {
        VANILLA: _row(accuracy=(0.672, 0.015), recourse=(0.918, 0.013)),
        ACTIONABLE: _row(accuracy=(0.668, 0.015), recourse=(0.918, 0.013)),
        AWARE: _row(accuracy=(0.671, 0.015), recourse=(1.000, 0.000)),
    },
    "credit": {
        VANILLA: _row(2, accuracy=(0.799, 0.001), recourse=(0.962, 0.003)),
        ACTIONABLE: _row(2, accuracy=(0.779, 0.000), recourse=(1.000, 0.000)),
        AWARE: _row(2, accuracy=(0.797, 0.004), recourse=(0.997, 0.002)),
    },
    "bail": {
        VANILLA: _row(accuracy=(0.693, 0.013), recourse=(0.323, 0.077)),
        ACTIONABLE: _row(accuracy=(0.651, 0.013), recourse=(0.479, 0.023)),
        AWARE: _row(accuracy=(0.688, 0.011), recourse=(0.770, 0.034)),
    },
}
"""Trees without relabelling, 10 folds (Credit: the first 2), budget 0.3, depth 64, smoothed percentiles."""

FORESTS: Mapping[str, Mapping[str, Row]] = {
    "fico": {
        VANILLA: _row(accuracy=(0.722, 0.020), auc=(0.786, 0.023), recourse=(0.484, 0.046)),
        ACTIONABLE: _row(accuracy=(0.710, 0.018), auc=(0.773, 0.022), recourse=(0.597, 0.048)),
        AWARE: _row(accuracy=(0.711, 0.020), auc=(0.771, 0.021), recourse=(0.740, 0.027)),
    },
    "compas": {
        VANILLA: _row(accuracy=(0.672, 0.019), auc=(0.725, 0.018), recourse=(0.876, 0.017)),
        ACTIONABLE: _row(accuracy=(0.675, 0.024), auc=(0.723, 0.022), recourse=(0.868, 0.024)),
        AWARE: _row(accuracy=(0.669, 0.021), auc=(0.722, 0.018), recourse=(0.928, 0.009)),
    },
    "credit": {
        VANILLA: _row(accuracy=(0.806, 0.007), auc=(0.671, 0.020), recourse=(0.955, 0.005)),
        ACTIONABLE: _row(accuracy=(0.779, 0.000), auc=(0.573, 0.012), recourse=(1.000, 0.000)),
        AWARE: _row(accuracy=(0.795, 0.004), auc=(0.649, 0.017), recourse=(0.995, 0.004)),
    },
    "bail": {
        VANILLA: _row(accuracy=(0.701, 0.008), auc=(0.749, 0.017), recourse=(0.151, 0.010)),
        ACTIONABLE: _row(accuracy=(0.647, 0.009), auc=(0.585, 0.022), recourse=(0.264, 0.054)),
        AWARE: _row(accuracy=(0.712, 0.010), auc=(0.742, 0.020), recourse=(0.637, 0.029)),
    },
}
"""Forests of 200 trees, depth 16, 10 folds, budget 0.3; their action search looks at 1,000 boxes of leaves only."""

FOREST_CURVES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "fico": ((0.786, 0.484), (0.783, 0.566), (0.775, 0.671), (0.772, 0.700), (0.771, 0.722), (0.771, 0.740)),
    "compas": ((0.725, 0.876), (0.726, 0.873), (0.723, 0.904), (0.722, 0.928), (0.719, 0.931), (0.720, 0.943)),
    "credit": ((0.671, 0.955), (0.649, 0.995), (0.620, 1.000), (0.602, 1.000), (0.589, 1.000), (0.581, 1.000)),
    "bail": ((0.749, 0.151), (0.739, 0.342), (0.739, 0.522), (0.741, 0.603), (0.741, 0.641), (0.742, 0.637)),
}
"""Area under the curve and recourse of forests by weight, from 0 up."""
