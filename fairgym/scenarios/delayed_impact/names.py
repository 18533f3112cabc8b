"""Names that the parts of the scenario share, and the one number read by several: the share of people at a score."""

from __future__ import annotations

import numpy as np

from fairgym.result import Numbers, Result

PAPER = "D'Amour et al., Fairness is not static, FAT* 2020"
MAX_REWARD, EQUAL_OPPORTUNITY = "max-reward", "equal-opportunity"
ADVANTAGED, DISADVANTAGED = "advantaged", "disadvantaged"
GROUPS = (ADVANTAGED, DISADVANTAGED)
THRESHOLD = 3
"""The score from which on a loan pays under the default parameters, in both groups."""


def shares(result: Result, experiment: str, group: str, step: int | None = None) -> Numbers:
    """Return the share of a group's people at each score of each lane, shape (lanes, levels)."""
    names = [name for name in result.metrics if name.startswith("share.")]
    return np.stack([result.values(name, experiment=experiment, group=group, step=step) for name in names], axis=1)
