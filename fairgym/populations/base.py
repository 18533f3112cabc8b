"""ScorePopulation: who lives in a lending world, as shares of people by group and score level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, distribution, number, numbers_array, probabilities

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScorePopulation:
    """G groups of people on C score levels.

    Raises ``InputError`` where the tables do not fit together.
    """

    name: str
    groups: tuple[str, ...]
    scores: Numbers
    """Score levels in score units, increasing and evenly spaced; (C,)."""
    distribution: Numbers
    """Share of each group's people at each level, rows sum to 1; (G, C)."""
    repayment: Numbers
    """Probability of repaying a loan at each level of each group; (G, C)."""
    shares: Numbers
    """Share of applicants who come from each group, sums to 1; (G,)."""
    score_gain: float
    """Score units that a repaid loan adds."""
    score_loss: float
    """Score units that a default takes away."""
    default_loss: float | None
    """Money lost in a default where it is not the loan amount (None: it is)."""
    source: str

    def __post_init__(self) -> None:
        """Check every table and bring it to float64."""
        groups = tuple(self.groups)
        if not groups or len(set(groups)) != len(groups):
            raise InputError(f"groups={groups!r} must be one or more different names.")
        cells = {
            "scores": numbers_array("scores", self.scores),
            "distribution": distribution("distribution", self.distribution),
            "repayment": probabilities("repayment", self.repayment),
            "shares": distribution("shares", self.shares),
        }
        levels = cells["scores"].size
        wanted = {
            "scores": (levels,),
            "distribution": (len(groups), levels),
            "repayment": (len(groups), levels),
            "shares": (len(groups),),
        }
        for name, array in cells.items():
            if array.shape != wanted[name]:
                raise InputError(
                    f"{name} has shape {array.shape}, but {len(groups)} groups and {levels} score levels "
                    f"need {wanted[name]}."
                )
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        object.__setattr__(self, "groups", groups)
        _check_levels(cells["scores"])
        number("score_gain", self.score_gain, at_least=0)
        number("score_loss", self.score_loss, at_least=0)
        if self.default_loss is not None:
            number("default_loss", self.default_loss, at_least=0)

    @property
    def spacing(self) -> float:
        """Distance between neighbouring score levels, in score units."""
        return float(self.scores[1] - self.scores[0])


def _check_levels(scores: Numbers) -> None:
    if scores.size < 2:
        raise InputError(f"scores={scores.tolist()} must have at least two levels.")
    steps = np.diff(scores)
    if steps.min() <= 0 or not np.allclose(steps, steps[0], rtol=1e-6):
        raise InputError("scores must increase in even steps: re-bin the table to evenly spaced score levels.")
