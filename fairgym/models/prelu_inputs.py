"""Inputs: how a network sees people, and how a gradient by what it sees becomes one by what they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairgym.models.prelu_law import Floats


@dataclass(frozen=True)
class Inputs:
    """What is subtracted from people, what they are divided by, and the constant that the network sees as well.

    Arrays may have further axes in front, for several networks in a row.
    """

    center: Floats  # (..., 1, D)
    unit: Floats  # (..., 1, 1)
    constant: float  # 0 for none

    @classmethod
    def of(cls, people: Floats, weight: Floats, centered: bool, scaled: bool, constant: float) -> Inputs:
        """Return what people (n, D) of weights (n,) ask for: their mean, and their mean length around it."""
        share = weight / weight.sum()
        center = share @ people if centered else np.zeros(people.shape[1], dtype=people.dtype)
        length = _mean_length(people - center, share) if scaled else 1.0
        return cls(center[None], np.full((1, 1), length if length > 0 else 1.0, dtype=people.dtype), constant)

    def seen(self, people: Floats) -> Floats:
        """Return people (..., n, D) as the network sees them, (..., n, D or D + 1)."""
        shown: Floats = ((people - self.center) / self.unit).astype(self.center.dtype, copy=False)
        if self.constant == 0:
            return shown
        return np.concatenate([shown, np.full_like(shown[..., :1], self.constant)], axis=-1)

    def back(self, gradient: Floats) -> Floats:
        """Return a gradient by what is seen (..., n, D or D + 1) as one by the columns of people, (..., n, D)."""
        return gradient[..., : self.center.shape[-1]] / self.unit


def _mean_length(people: Floats, share: Floats) -> float:
    """Return the mean length of people (n, D) by share (n,); squares of numbers far from one would be zero or infinite.

    So they are brought near to one by a power of two, which changes no digit.
    """
    power = np.frexp(np.abs(people).max())[1]
    near = np.linalg.norm(np.ldexp(people, -power), axis=1)
    return float(np.ldexp(share @ near, power))
