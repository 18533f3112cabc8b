"""Alignment: where the neurons of a network point, counted by what each of them contributes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairgym.models.prelu_law import TINY, Floats, Network

NEAR = 0.95
"""Cosine from which a neuron points at a centre."""
FOUND = 0.9
"""Cosine from which a centre has a neuron of its own."""


@dataclass(frozen=True)
class Alignment:
    """How H neurons point at k centres."""

    cosine: Floats  # (H, k), between the weights of a neuron and a centre as the network sees it
    mass: Floats  # (H,), share of all |v_j| ||w_j||: what a neuron contributes

    @classmethod
    def of(cls, network: Network, centres: Floats) -> Alignment:
        """Return the alignment of a network's neurons with centres (k, D), in its own columns."""
        length = np.linalg.norm(network.w, axis=1)
        towards = centres / (np.linalg.norm(centres, axis=1, keepdims=True) + TINY)
        mass = length * np.linalg.norm(network.v, axis=1)
        return cls((network.w / (length[:, None] + TINY)) @ towards.T, mass / max(mass.sum(), TINY))

    @property
    def nearest(self) -> NDArray[np.intp]:
        """The centre that each neuron points at most, (H,)."""
        nearest: NDArray[np.intp] = self.cosine.argmax(axis=1)
        return nearest

    @property
    def mean(self) -> float:
        """The mean cosine to the nearest centre, by contribution."""
        return float(self.mass @ self.cosine.max(axis=1))

    def share(self, near: float = NEAR) -> float:
        """Return the share of contribution that points at a centre by a cosine of at least ``near``."""
        return float(self.mass[self.cosine.max(axis=1) >= near].sum())

    def found(self, near: float = FOUND) -> int:
        """Return how many centres have a neuron that points at them and contributes at least half an equal share."""
        counted = self.mass >= 0.5 / self.cosine.shape[1] / len(self.mass)
        return int((self.cosine[counted] >= near).any(axis=0).sum())


def stable_rank(features: Floats) -> float:
    """Return (Frobenius norm over spectral norm)^2 of hidden features (n, H); NaN where all are silent."""
    singular = np.linalg.svd(np.asarray(features, dtype=np.float64), compute_uv=False)
    return float((singular**2).sum() / singular[0] ** 2) if singular[0] > 0 else float("nan")
