"""Training of the network: a small balanced start, steps that follow the gradient flow, and when to stop.

What such a network learns is decided while its weights are still small: directions turn long before lengths grow. So
the start has to be small, and a step must not let a neuron outgrow its turn. With ``lr="auto"`` a step lets no neuron
change by more than a fixed share of its length, and is never longer than 1.5 over the trace of the Gauss-Newton
matrix of the loss, so that it does not overshoot. Both only say how fast time passes along the gradient flow. A
fixed length that is safe at the end of training needs many times as many steps.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fairgym.checks import InputError
from fairgym.models.prelu_law import TINY, Floats, Hidden, Network, Shape
from fairgym.models.prelu_losses import LOSSES, Loss

PACE = 0.5
"""Share of its length by which a neuron may change in an automatic step."""
SAFE = 1.5
"""Length of an automatic step times the trace; from two on it could overshoot."""
GAIN = 1e-2
"""Share by which the loss has to fall within ``patience`` steps for training to go on."""
AUTO = "auto"


@dataclass(frozen=True)
class People:
    """Whom to train on."""

    values: Floats  # (n, D)
    target: Floats  # (n, C), -1 or 1
    weight: Floats  # (n,), at least 0, not all 0


@dataclass(frozen=True)
class Schedule:
    """How long the steps are, and when they end."""

    loss: str
    lr: float | None  # None: as long as is safe
    batch_size: int
    max_iter: int
    tol: float
    patience: int


@dataclass(frozen=True)
class Trained:
    """What training comes to."""

    network: Network
    losses: list[float]  # mean loss of each pass over the people
    steps: int
    ended: bool  # by the tolerance or for want of gain, not by the limit of steps


def start(
    shape: Shape, sizes: tuple[int, int, int], scale: float, balanced: bool, draw: np.random.Generator
) -> Network:
    """Return untrained weights for ``sizes`` (D, H, C): Gaussian, of standard deviation ``scale``.

    Balanced, the output weights of a neuron are as long as its input weights, and then stay so: signs never change.
    Otherwise they are Gaussian, of the same standard deviation.
    """
    columns, neurons, outputs = sizes
    w = scale * draw.normal(size=(neurons, columns))
    v = draw.normal(size=(neurons, outputs))
    if balanced:
        v *= (np.linalg.norm(w, axis=1) / np.linalg.norm(v, axis=1))[:, None]
    else:
        v *= scale
    return Network(shape, w, v)


def train(network: Network, people: People, schedule: Schedule, draw: np.random.Generator) -> Trained:
    """Return the network after training: until the mean loss of a pass is at most ``tol``, or falls no more."""
    drawn = batches(people, schedule.batch_size, draw)
    steps_a_pass = math.ceil(len(people.values) / schedule.batch_size)
    losses: list[float] = []
    steps, best, best_at = 0, math.inf, 0
    while steps < schedule.max_iter:
        seen: list[float] = []
        for batch in itertools.islice(drawn, min(steps_a_pass, schedule.max_iter - steps)):
            loss, network = step(network, batch, schedule, steps)
            seen.append(loss)
            steps += 1
        losses.append(sum(seen) / len(seen))
        if losses[-1] < (1 - GAIN) * best:
            best, best_at = losses[-1], steps
        if losses[-1] <= schedule.tol or steps - best_at >= schedule.patience:
            return Trained(network, losses, steps, True)
    return Trained(network, losses, steps, False)


def batches(people: People, size: int, draw: np.random.Generator) -> Iterator[People]:
    """Yield the people to step on, of weights that sum to one.

    All of them where they are few, else a draw with replacement by weight: someone of weight two is as two people.
    """
    share = people.weight / people.weight.sum()
    if len(share) <= size:
        while True:
            yield People(people.values, people.target, share)
    below = np.cumsum(share, dtype=np.float64)
    equal = np.full(size, 1 / size, dtype=share.dtype)
    while True:
        rows = np.searchsorted(below, draw.random(size) * below[-1], side="right")
        yield People(people.values[rows], people.target[rows], equal)


def step(network: Network, people: People, schedule: Schedule, done: int) -> tuple[float, Network]:
    """Return the mean loss of weighted people, and the network after a step."""
    hidden = network.hidden(people.values)
    loss = LOSSES[schedule.loss](hidden.output @ network.v, people.target)
    mean = float(loss.value @ people.weight)
    if not math.isfinite(mean):
        cure = "a smaller init_scale" if schedule.lr is None else "lr='auto', a smaller lr or a smaller init_scale"
        raise InputError(
            f"the loss is not finite after {done} steps with lr={AUTO if schedule.lr is None else schedule.lr}: give "
            f"{cure}."
        )
    by_w, by_v = network.weight_gradients(people.values, hidden, loss.pull * people.weight[:, None])
    rate = schedule.lr
    if rate is None:
        rate = step_length(network, hidden, loss, people.weight, (by_w, by_v))
    return mean, Network(network.shape, network.w - rate * by_w, network.v - rate * by_v)


def step_length(network: Network, hidden: Hidden, loss: Loss, weight: Floats, gradient: tuple[Floats, Floats]) -> float:
    """Return the length of an automatic step along the gradients by w and v."""
    change, size = (
        np.sqrt(np.square(of_w).sum(axis=1) + np.square(of_v).sum(axis=1))
        for of_w, of_v in (gradient, (network.w, network.v))
    )
    growth = float((change / (size + TINY)).max())
    curvature = float(network.tangent_trace(hidden, loss.bend * weight[:, None]))
    return min(PACE / max(growth, TINY), SAFE / max(curvature, TINY))
