"""Who is decided on: clusters around orthonormal centres, handwritten digits, and applicants of one linear score."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fairgym.models.prelu_law import Floats
from fairgym.populations.applicants import ApplicantsParams, SyntheticPeople, standing

STEEP = 4.0
"""How much stronger effects are than in the population's own parameters, so that decisions can be right nine times of
ten, as on the loan table that the claim is about."""
HELD_OUT = 400
"""Digits that are not trained on."""


@dataclass(frozen=True)
class Sample:
    """People to train on and people held out, of classes 0 and 1."""

    train: Floats  # (n, D)
    label: NDArray[np.int64]  # (n,)
    test: Floats  # (m, D)
    test_label: NDArray[np.int64]  # (m,)
    cluster: NDArray[np.int64] | None = None  # (n,), of the people to train on

    def held(self, count: int) -> Sample:
        """Return the sample with the first so many of those held out."""
        return replace(self, test=self.test[:count], test_label=self.test_label[:count])


def clustered(clusters: int, columns: int, noise: float, each: int, tests: int, seed: int) -> Sample:
    """Return people around unit vectors, ``each`` to train on of every cluster; the first half of clusters is class 1.

    The noise has length about ``noise``. Of those held out, about as many come from each cluster, in random order.
    """
    random = np.random.default_rng([seed, clusters])
    cluster = np.repeat(np.arange(clusters), each)
    held = random.permutation(np.resize(random.permutation(clusters), tests))
    drawn = random.normal(size=(len(cluster) + tests, columns)) * noise / np.sqrt(columns)
    people = np.eye(clusters, columns)[np.concatenate([cluster, held])] + drawn
    label = (np.concatenate([cluster, held]) < clusters // 2).astype(np.int64)
    count = len(cluster)
    return Sample(people[:count], label[:count], people[count:], label[count:], cluster)


def centres_of(clusters: int, columns: int) -> tuple[Floats, Floats]:
    """Return the centres of clusters (K, D) and of the two classes, class 1 first, (2, D)."""
    centres = np.eye(clusters, columns)
    return centres, np.stack([centres[: clusters // 2].sum(axis=0), centres[clusters // 2 :].sum(axis=0)])


def applicants(count: int, seed: int) -> Sample:
    """Return applicants in standard deviations, half of them held out; who would repay is class 1.

    Their true log-odds are linear in the eight columns: one score decides.
    """
    usual = ApplicantsParams()
    params = replace(usual, effects=tuple(STEEP * effect for effect in usual.effects))
    people, repaid = SyntheticPeople(params).book(2 * count, seed)
    shown = standing(people)
    shown = (shown - shown[:count].mean(axis=0)) / shown[:count].std(axis=0)
    return Sample(shown[:count], repaid[:count], shown[count:], repaid[count:])


def digits(seed: int) -> Sample:
    """Return the handwritten digits of scikit-learn, pixels from 0 to 1; odd ones are class 1; dealt by the seed."""
    from sklearn.datasets import load_digits

    images, digit = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(images))
    shown, label = images[order] / 16, (digit[order] % 2).astype(np.int64)
    return Sample(shown[HELD_OUT:], label[HELD_OUT:], shown[:HELD_OUT], label[:HELD_OUT])
