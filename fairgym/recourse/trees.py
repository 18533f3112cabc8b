"""TreeVotes: any ensemble of trees as plain arrays, and what it takes for the target class to win.

Every tree sends a person left where her value is at or under a threshold and gives her leaf's *vote* for the target
class. The target class wins where the votes of all trees add up to more than a bar, or reach it where ties go to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAF = -1
"""What stands in place of the feature, and of the two children, of a leaf."""


@dataclass(frozen=True)
class TreeVotes:
    """The trees of an ensemble one after another, all arrays (nodes,) but ``roots``; children are places in them."""

    feature: NDArray[np.int64]  # that a node asks for; LEAF for leaves
    threshold: NDArray[np.float64]  # a value at or under it goes left
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    vote: NDArray[np.float64]  # of a leaf for the target class
    roots: NDArray[np.int64]  # first node of each tree, (trees,)
    bar: float  # what the sum of votes has to exceed
    ties_win: bool  # whether reaching the bar is enough
    precision: type  # of the numbers that the model compares, np.float32 or np.float64
    width: int  # number of features
    wins: Callable[[Any], NDArray[np.bool_]]  # of people (n, width), whether the model itself gives them the target
