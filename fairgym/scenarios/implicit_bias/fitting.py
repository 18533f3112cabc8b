"""The pieces of work: networks of one shape are trained on all seeds and attacked at once, and what is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.models import PReLUNetworkClassifier
from fairgym.models.prelu_law import Floats
from fairgym.result import tidy
from fairgym.robustness import Moves, cheapest_moves
from fairgym.scenarios.implicit_bias.bank import Bank, labelled, reach_of
from fairgym.scenarios.implicit_bias.names import (
    ABLATED,
    BEST,
    CHANGES,
    DIGIT_BUDGETS,
    DIGITS,
    FRESH,
    LOAN_BUDGET,
    LOANS,
    PLAIN,
    RADIUS,
    SMALL_START,
    SUBGROUPS,
    Arm,
    Options,
    path_name,
    table_name,
)
from fairgym.scenarios.implicit_bias.people import Sample, applicants, centres_of, clustered, digits

Bools = NDArray[np.bool_]
STEPS = 120
"""Steps of training over which neurons are followed."""
SPHERE = 1000
"""Points on the unit sphere at which a network is held against a rule."""
LOAN_PEOPLE, LOANS_MOVED, DIGITS_MOVED = 2_000, 80, 20
"""Applicants to train on, and of either table how many people of each seed are moved."""
TABLE_NEURONS, DIGIT_LOSS = 64, 0.02


@dataclass(frozen=True)
class Work:
    """A piece of work that can be sent to another process: the same for every seed."""

    seed: int  # of the first lane
    lanes: int
    options: Options

    @property
    def seeds(self) -> range:
        """The seed of each lane."""
        return range(self.seed, self.seed + self.lanes)

    def run(self) -> pd.DataFrame:
        """Return what was measured as rows."""
        raise NotImplementedError


@dataclass(frozen=True)
class Attacked(Work):
    """Networks of one arm, and how far people are from a change of the decision."""

    arm: Arm
    plain: bool
    """Whether to ask projected gradient from zero alone as well."""

    def run(self) -> pd.DataFrame:
        """Return the measures of the arm."""
        samples = [sample_of(self.arm, self.options, seed) for seed in self.seeds]
        models = [trained(self.arm, sample, seed) for sample, seed in zip(samples, self.seeds, strict=True)]
        held = [sample.held(self.options.tests) for sample in samples]
        label = np.stack([sample.test_label for sample in held]) == 1
        bank, reach = Bank(models), reach_of(samples[0].train)
        rows = labelled(np.stack([sample.test for sample in held]))
        moves = cheapest_moves(bank, rows, reach, progress=False)
        radius, right = moves.radius.reshape(label.shape), moves.accepted.reshape(label.shape) == label
        measured = {
            "radius": np.median(radius, axis=1),
            "robust_accuracy": (right & (radius > RADIUS)).mean(axis=1),
            "robust_at_best": (right & (radius > BEST)).mean(axis=1),
            **described(self.arm, models, samples),
        }
        if self.plain:
            reported = cheapest_moves(bank, rows, reach, attacks="gradient", progress=False).radius
            measured[PLAIN] = np.median(reported.reshape(label.shape), axis=1)
        return tidy(self.arm.name, self.seed, [(1, metric, each) for metric, each in measured.items()])


@dataclass(frozen=True)
class Distances(Work):
    """How far networks are from the rule that the theory says they come to, with more or less noise."""

    arms: tuple[Arm, ...]

    def run(self) -> pd.DataFrame:
        """Return the distance of every arm."""
        frames = []
        for arm in self.arms:
            each = [distance_to_rule(arm, trained(arm, sample_of(arm, self.options, s), s)) for s in self.seeds]
            frames.append(tidy(arm.name, self.seed, [(1, "distance", np.array(each))]))
        return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class Path(Work):
    """Where neurons point after every step of training."""

    order: float

    def run(self) -> pd.DataFrame:
        """Return the mean cosine to the nearest class and cluster centre by step."""
        arm = Arm(ABLATED, self.order)
        followed = np.stack([self._one(arm, seed) for seed in self.seeds])  # (lanes, STEPS, 2)
        records = [
            (step + 1, metric, followed[:, step, place])
            for step in range(STEPS)
            for place, metric in enumerate(("class_cosine", "cluster_cosine"))
        ]
        return tidy(path_name(self.order), self.seed, records)

    def _one(self, arm: Arm, seed: int) -> Floats:
        sample, model = sample_of(arm, self.options, seed), network(arm, seed)
        clusters, classes = centres_of(arm.clusters, self.options.columns)
        people, found = sample.train.astype(np.float32), []
        for _ in range(STEPS):
            model.partial_fit(people, sample.label, classes=[0, 1])
            found.append((model.alignment(classes).mean, model.alignment(clusters).mean))
        return np.array(found)


@dataclass(frozen=True)
class Tables(Work):
    """Networks on people who are not clusters: applicants of one score, or digits."""

    kind: str
    order: float

    def run(self) -> pd.DataFrame:
        """Return how often decisions are right, as people are and after they moved."""
        samples = [applicants(LOAN_PEOPLE, seed) if self.kind == LOANS else digits(seed) for seed in self.seeds]
        models = [self._trained(sample, seed) for sample, seed in zip(samples, self.seeds, strict=True)]
        budgets = (LOAN_BUDGET,) if self.kind == LOANS else DIGIT_BUDGETS
        held = [sample.held(LOANS_MOVED if self.kind == LOANS else DIGITS_MOVED) for sample in samples]
        moves = cheapest_moves(
            Bank(models),
            labelled(np.stack([sample.test for sample in held])),
            reach_of(samples[0].train),
            budget=max(budgets),
            progress=False,
        )
        label = np.stack([sample.test_label for sample in held]) == 1
        scores = [model.score(s.test, s.test_label) for model, s in zip(models, samples, strict=True)]
        ranks = [model.stable_rank(sample.train) for model, sample in zip(models, samples, strict=True)]
        measured = {
            "accuracy": np.array(scores),
            "stable_rank": np.array(ranks),
            **moved(moves, label, budgets),
        }
        return tidy(table_name(self.kind, self.order), self.seed, [(1, name, each) for name, each in measured.items()])

    def _trained(self, sample: Sample, seed: int) -> PReLUNetworkClassifier:
        """Return a network in the package's defaults but for the constant: as long as people on loans, none on digits.

        Digits are seen as the paper sees images, of one length. A constant makes the angles between people small, so
        that the order has less to work with; on loans, where a bar is all there is to find, it helps to find it.
        """
        setting: dict[str, Any] = {"intercept_scaling": 1.0}
        if self.kind == DIGITS:
            setting = {"normalize_input": True, "fit_intercept": False, "tol": DIGIT_LOSS}
        model = PReLUNetworkClassifier(TABLE_NEURONS, self.order, random_state=seed, **setting)
        return model.fit(sample.train.astype(np.float32), sample.label)


def moved(moves: Moves, label: Bools, budgets: tuple[float, ...]) -> dict[str, Floats]:
    """Return by lane what is right after moves of each budget, and who of class 0 gets class 1 by the first of them."""
    radius, accepted = moves.radius.reshape(label.shape), moves.accepted.reshape(label.shape)
    right = accepted == label
    found = {f"robust_accuracy_{budget:g}": (right & (radius > budget)).mean(axis=1) for budget in budgets}
    reached = accepted | (radius <= budgets[0])
    unqualified = np.where(label, np.nan, reached)
    return {**found, "gaming_rate": np.nanmean(unqualified, axis=1)}


def sample_of(arm: Arm, options: Options, seed: int) -> Sample:
    """Return the people of an arm and a seed; every arm of a number of clusters meets the same luck."""
    noise = options.noise if arm.noise is None else arm.noise
    return clustered(arm.clusters, options.columns, noise, options.each, FRESH, seed)


def network(arm: Arm, seed: int) -> PReLUNetworkClassifier:
    """Return the network of an arm, untrained: people as they are, no bias, every step on all of them."""
    raw: dict[str, Any] = {"center": False, "scale": None, "fit_intercept": False, "batch_size": 10**6}
    setting = {**raw, "loss": "exp", "init_scale": SMALL_START, **CHANGES[arm.change]}
    return PReLUNetworkClassifier(hidden=arm.hidden, p=arm.order, random_state=seed, **setting)


def trained(arm: Arm, sample: Sample, seed: int) -> PReLUNetworkClassifier:
    """Return the network of an arm after training, in 32 bits."""
    cluster = sample.cluster if arm.change == SUBGROUPS else None
    return network(arm, seed).fit(sample.train.astype(np.float32), sample.label, subclass=cluster)


def described(arm: Arm, models: list[PReLUNetworkClassifier], samples: list[Sample]) -> dict[str, Floats]:
    """Return by seed how often networks are right, where their neurons point and how long training took."""
    clusters, classes = centres_of(arm.clusters, samples[0].train.shape[1])
    rows = []
    for model, sample in zip(models, samples, strict=True):
        to_class, to_cluster = model.alignment(classes), model.alignment(clusters)
        rows.append(
            {
                "accuracy": model.score(sample.test, sample.test_label),
                "class_cosine": to_class.mean,
                "cluster_cosine": to_cluster.mean,
                "class_share": to_class.share(),
                "cluster_share": to_cluster.share(),
                "found": to_cluster.found() / arm.clusters,
                "steps": model.n_iter_,
            }
        )
    return {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]}


def distance_to_rule(arm: Arm, model: PReLUNetworkClassifier) -> float:
    """Return ||c f - F|| / ||F|| at the best c, over points on the unit sphere of the clusters' span.

    F is that of the paper: for ReLU one neuron along each class centre, else one for each cluster.
    """
    columns = model.n_features_in_
    points = np.random.default_rng(0).normal(size=(SPHERE, arm.clusters))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    people = np.pad(points, ((0, 0), (0, columns - arm.clusters)))
    clusters, classes = centres_of(arm.clusters, columns)
    rule = np.maximum(people @ (classes if arm.order == 1 else clusters).T, 0) ** arm.order
    sign = np.ones(rule.shape[1])
    sign[rule.shape[1] // 2 :] = -1
    wanted, found = rule @ sign, model.decision_function(people).astype(np.float64)
    cosine = float(found @ wanted / (np.linalg.norm(found) * np.linalg.norm(wanted)))
    return float(np.sqrt(max(0.0, 1 - cosine**2)))
