"""Names that the parts of the scenario share, what is trained, and how its numbers are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairgym.checks import flag, number, require, whole_number
from fairgym.result import Numbers, Result

PAPER = "Min and Vidal, Can implicit bias imply adversarial robustness?, ICML 2024"
LATER = "Min and Vidal, Gradient flow provably learns robust classifiers for orthonormal GMMs, ICML 2025"
CURE = "Li, Pan, Lyu and Li, Adversarial training can provably improve robustness, ICLR 2025"
ORDERS = (1.0, 2.0, 3.0, 4.0)
RELU, SQUARE, CUBE = ORDERS[:3]
CLUSTERS = (2, 4, 8, 16)
MANY = 32
"""Another number of clusters, where there is time."""
ABLATED = 16
"""Clusters of the networks that are trained otherwise."""
SMALL_START = 1e-4
NOISES = (0.05, 0.1, 0.2, 0.4)
NOISY = 8
"""Clusters of the networks that are trained on more or less noise."""
SMALL_START_NAME, MIDDLE_START, LARGE_START = "start 0.01", "start 0.1", "start 0.5"
UNDIVIDED, LOGISTIC, SQUARED, SUBGROUPS = "not divided", "logistic loss", "squared loss", "subgroup labels"
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "": {},
    SMALL_START_NAME: {"init_scale": 0.01},
    MIDDLE_START: {"init_scale": 0.1},
    LARGE_START: {"init_scale": 0.5},
    UNDIVIDED: {"normalize_weights": False, "init_scale": 0.1},
    LOGISTIC: {"loss": "logistic"},
    SQUARED: {"loss": "squared"},
    SUBGROUPS: {"loss": "logistic"},
}
"""What is trained otherwise than in the rest, with a start of 0.0001, the division and the exponential loss."""
RADIUS, BEST = 0.3, float(np.sqrt(0.5))
"""Lengths of a move at which it is asked who is still decided on rightly: one between the radii of ReLU networks for 8
and 16 clusters, and half the way between two centres, which nobody can survive."""
FRESH = 200
"""People of each seed who are held out; all are asked how often decisions on them are right, some are attacked."""
LOANS, DIGITS = "loans", "digits"
LOAN_BUDGET = 0.25
"""What applicants can move by, in standard deviations."""
DIGIT_BUDGETS = (0.5, 1.0)
RECORDED = (
    "radius",
    "accuracy",
    "robust_accuracy",
    "robust_at_best",
    "class_cosine",
    "cluster_cosine",
    "class_share",
    "cluster_share",
    "found",
    "steps",
)
"""Of clusters: the median radius, the share decided on rightly as people are, after moves of RADIUS and of BEST; the
mean cosine of neurons to the nearest class and cluster centre by contribution, the share of contribution within 0.95 of
one, the share of clusters found, and steps of training."""
PLAIN = "plain_radius"
"""The median radius as projected gradient from zero alone reports it."""


@dataclass(frozen=True)
class Options:
    """What may be changed about the computation."""

    full: bool = False
    """Whether to take 32 clusters as well."""
    columns: int = 64
    """Columns of the people in clusters."""
    noise: float = 0.05
    """Length of their noise, where the distance between two centres is 1.41."""
    each: int = 20
    """People of each cluster to train on."""
    tests: int = 8
    """People of each seed whose radius is measured."""

    def __post_init__(self) -> None:
        """Check every option."""
        flag("full", self.full)
        whole_number("columns", self.columns, at_least=MANY)
        number("noise", self.noise, at_least=0, at_most=1)
        whole_number("each", self.each, at_least=2)
        whole_number("tests", self.tests, at_least=1, at_most=FRESH)

    @property
    def clusters(self) -> tuple[int, ...]:
        """The numbers of clusters that are taken."""
        return (*CLUSTERS, MANY) if self.full else CLUSTERS


@dataclass(frozen=True)
class Arm:
    """One way to train on so many clusters; its seeds are the lanes of the result."""

    clusters: int
    order: float
    change: str = ""
    noise: float | None = None
    """None is that of the options."""

    @property
    def name(self) -> str:
        """The name of its experiment."""
        noise = "" if self.noise is None else f", noise {self.noise:g}"
        change = f", {self.change}" if self.change else ""
        return f"K={self.clusters}, p={self.order:g}{change}{noise}"

    @property
    def hidden(self) -> int:
        """How many neurons it has: with 8 for each cluster, one in 160 would be left without a neuron near it."""
        return max(64, 12 * self.clusters)


def path_name(order: float) -> str:
    """Return the name of the experiment that follows neurons over the steps of training."""
    return f"K={ABLATED}, p={order:g}, step by step"


def table_name(kind: str, order: float) -> str:
    """Return the name of an experiment on loans or digits."""
    return f"{kind}, p={order:g}"


def values(result: Result, experiment: str, metric: str) -> Numbers:
    """Return one metric of an experiment by seed, (lanes,)."""
    return result.values(metric, experiment=experiment).to_numpy(dtype=np.float64)


def by_clusters(result: Result, order: float, metric: str, clusters: Sequence[int] | None = None) -> Numbers:
    """Return one metric by number of clusters and seed, (k, lanes)."""
    taken = clusters_of(result) if clusters is None else clusters
    return np.stack([values(result, Arm(count, order).name, metric) for count in taken])


def clusters_of(result: Result) -> list[int]:
    """Return the numbers of clusters that a result was run with."""
    require("clusters" in result.config, "the result does not say its 'clusters'.")
    return [int(count) for count in result.config["clusters"]]
