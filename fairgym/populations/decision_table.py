"""DecisionTable: people with features and an outcome, and what they can change about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.recourse.actions import ActionSpec

DESIRED, UNDESIRED = 0, 1
"""The labels: 1 is the outcome that nobody wants (default, recidivism), 0 the target class of recourse."""


@dataclass(frozen=True, eq=False)
class DecisionTable:
    """n people with D features."""

    name: str
    X: pd.DataFrame
    """Features as numbers, one named column each; (n, D)."""
    y: NDArray[np.int64]
    """DESIRED or UNDESIRED; (n,)."""
    actions: ActionSpec
    """Which features people can change."""
    sensitive: str
    """The column that tells two groups of people apart."""
    cut: float
    """Who lies above it in that column is in group 1, the others are in group 0."""
    source: str
    """What the table is and where it comes from, in words."""

    @property
    def group(self) -> NDArray[np.int64]:
        """Return the group of each person, 0 or 1; (n,)."""
        return (self.X[self.sensitive].to_numpy() > self.cut).astype(np.int64)

    @cached_property
    def twins(self) -> NDArray[np.int64]:
        """Return a number for each person that she shares with those, and only those, of equal features; (n,)."""
        numbered = np.unique(self.X.to_numpy(dtype=np.float64), axis=0, return_inverse=True)[1]
        return numbered.reshape(-1).astype(np.int64)

    @cached_property
    def note(self) -> dict[str, str | int]:
        """Return which people these are, without saying where the file is, as plain values for a configuration."""
        digest = joblib.hash([list(self.X.columns), self.X.to_numpy(dtype=np.float64), self.y])
        return {"name": self.name, "rows": len(self.y), "features": self.X.shape[1], "content": str(digest)}
