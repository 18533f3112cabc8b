"""Outputs: how the numbers that come out of a network become one score for each class, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from fairgym.models.prelu_law import Floats


@dataclass(frozen=True)
class Outputs:
    """Which class each output speaks for; with two classes of one subgroup each, one output speaks for the second."""

    owner: NDArray[np.intp]  # class of each, (outputs,), or (2,) for the one
    classes: int
    sharpness: float = 1.0  # what makes log odds of a score

    @property
    def count(self) -> int:
        """The number of outputs."""
        return 1 if len(self.owner) == 2 else len(self.owner)

    def target(self, output: NDArray[Any]) -> NDArray[Any]:
        """Return -1 or 1 for each person, given by her place in ``owner`` (n,), and output, (n, outputs)."""
        if self.count == 1:
            return np.asarray(2 * output - 1)[:, None]
        return np.where(output[:, None] == np.arange(self.count), 1, -1)

    def class_scores(self, raw: Floats) -> Floats:
        """Return a score per class, (..., classes), of outputs (..., outputs): probabilities of one class add up."""
        if self.count == 1:
            return np.concatenate([np.zeros_like(raw), raw], axis=-1)
        if self.count == self.classes:
            return raw
        k = self.sharpness
        each = [logsumexp(k * raw[..., self.owner == place], axis=-1) / k for place in range(self.classes)]
        return np.stack(each, axis=-1)

    def decision(self, raw: Floats) -> Floats:
        """Return the score of the second class minus that of the first, (...), or with more classes one each."""
        scores = self.class_scores(raw)
        return scores[..., 1] - scores[..., 0] if self.classes == 2 else scores

    def pull(self, raw: Floats, place: Any) -> Floats:
        """Return the gradient of the score of one class by the outputs; ``place`` is the class, or of each (...)."""
        place = np.broadcast_to(place, raw.shape[:-1])[..., None]
        if self.count == 1:
            return np.asarray(place == 1, dtype=raw.dtype)
        share: Floats = softmax(np.where(place == self.owner, self.sharpness * raw, -np.inf), axis=-1)
        return share
