"""ScorePopulation: who lives in a lending world, as shares of people by group and score level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from fairgym.batch import Numbers
from fairgym.checks import InputError, distribution, number, numbers_array, probabilities

MAX_LOSS = 1e4
"""Bound of the loss per unit of money lent."""


@dataclass(frozen=True, eq=False)
class ScorePopulation:
    """G groups of people on C score levels.

    JSON cannot hold the object, so ``spec.to_json()`` of an environment made with it fails: ``to_mapping`` can be held.
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
    """Money lost in a default per unit of money lent; None is 1, the money lent."""
    source: str

    def __post_init__(self) -> None:
        """Check every table and keep it as a read-only float64 copy."""
        groups = group_names(self.groups)
        scores = score_levels(self.scores)
        checked = {
            "scores": scores,
            "distribution": _by_group("distribution", self.distribution, groups, scores.size, distribution),
            "repayment": _by_group("repayment", self.repayment, groups, scores.size, probabilities),
            "shares": distribution("shares", _of_shape("shares", self.shares, (len(groups),))),
        }
        for name, table in checked.items():
            table.setflags(write=False)
            object.__setattr__(self, name, table)
        object.__setattr__(self, "groups", groups)
        number("score_gain", self.score_gain, at_least=0)
        number("score_loss", self.score_loss, at_least=0)
        if self.default_loss is not None:
            number("default_loss", self.default_loss, at_least=0, at_most=MAX_LOSS)

    @property
    def spacing(self) -> float:
        """Distance between neighbouring score levels, in score units."""
        return spacing(self.scores)

    def to_mapping(self) -> dict[str, Any]:
        """Return the population as plain lists and numbers that JSON can hold and ``load_population`` takes back."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in values.items()}
        return plain | {"groups": list(self.groups)}


def group_names(groups: object) -> tuple[str, ...]:
    """Return the groups as a tuple of different, non-empty names, or refuse them."""
    names = tuple(groups) if isinstance(groups, (list, tuple)) else ()
    named = all(isinstance(name, str) and name.strip() for name in names)
    if not names or not named or len(set(names)) != len(names):
        raise InputError(f"groups={groups!r} must be a list of one or more different names.")
    return names


def score_levels(scores: object) -> Numbers:
    """Return the scores as at least two increasing, evenly spaced levels, or refuse them; (C,)."""
    levels = numbers_array("scores", scores).copy()
    if levels.ndim != 1 or levels.size < 2:
        raise InputError(f"scores has shape {levels.shape}: give a list of at least two score levels.")
    steps = np.diff(levels)
    small, large = int(steps.argmin()), int(steps.argmax())
    if steps[small] <= 0:
        raise InputError(f"scores must increase, but {levels[small + 1]:g} follows {levels[small]:g}: sort the levels.")
    if not np.isclose(steps[small], steps[large], rtol=1e-6, atol=0):
        raise InputError(
            f"scores must be evenly spaced, but {levels[small]:g} and {levels[small + 1]:g} are {steps[small]:g} apart "
            f"and {levels[large]:g} and {levels[large + 1]:g} {steps[large]:g}: re-bin the table to even levels."
        )
    return levels


def spacing(levels: Numbers) -> float:
    """Distance between neighbouring levels of an even scale."""
    return float(levels[1] - levels[0])


def _by_group(
    name: str, values: object, groups: tuple[str, ...], levels: int, check: Callable[[str, object], Numbers]
) -> Numbers:
    """Return a table of one row per group, each row checked under the name of its group; (G, C)."""
    table = _of_shape(name, values, (len(groups), levels))
    return np.stack([check(f"{name} of group {group!r}", row) for group, row in zip(groups, table, strict=True)])


def _of_shape(name: str, values: object, shape: tuple[int, ...]) -> Numbers:
    """Return a copy of the numbers if they have this shape, or refuse them."""
    array = numbers_array(name, values)
    if array.shape != shape:
        wanted = f"{shape[0]} groups" if len(shape) == 1 else f"{shape[0]} groups and {shape[1]} score levels"
        raise InputError(f"{name} has shape {array.shape}, but {wanted} need {shape}.")
    return array.copy()
