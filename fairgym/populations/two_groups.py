"""The default population of the archived lending simulator: two groups on seven score levels.

Source: D'Amour et al., "Fairness is not static", FAT* 2020, figure 2 left. Group 1 is the same people one score
lower, so the two groups differ in where they start and in nothing else.
"""

from __future__ import annotations

import numpy as np

from fairgym.populations.base import ScorePopulation

REPAYMENT = (0.1, 0.2, 0.45, 0.6, 0.65, 0.7, 0.7)
"""Probability of repaying at scores 0 to 6, the same in both groups."""

ADVANTAGED = (0.0, 0.1, 0.1, 0.2, 0.3, 0.3, 0.0)
DISADVANTAGED = (0.1, 0.1, 0.2, 0.3, 0.3, 0.0, 0.0)


def two_groups() -> ScorePopulation:
    """Return the two-group population: mean repayment .590 (advantaged) and .495 (disadvantaged)."""
    return ScorePopulation(
        name="two-groups",
        groups=("advantaged", "disadvantaged"),
        scores=np.arange(7.0),
        distribution=np.array([ADVANTAGED, DISADVANTAGED]),
        repayment=np.array([REPAYMENT, REPAYMENT]),
        shares=np.array([0.5, 0.5]),
        score_gain=1.0,
        score_loss=1.0,
        default_loss=None,
        source="D'Amour et al., Fairness is not static, FAT* 2020, figure 2",
    )
