"""The losses of the network: their value, their pull on the scores, and how they bend, by person and output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_softmax, softmax

from fairgym.models.prelu_law import Floats

LOGISTIC, EXPONENTIAL, SQUARED = "logistic", "exp", "squared"


class Loss(NamedTuple):
    """The loss of n people at their scores (n, C)."""

    value: Floats  # (n,)
    pull: Floats  # (n, C), derivative by the score
    bend: Floats  # (n, C), second derivative


def logistic(scores: Floats, target: Floats) -> Loss:
    """Return the logistic loss of targets -1 and 1; with several outputs the multinomial one."""
    if scores.shape[1] > 1:
        chance = softmax(scores, axis=1)
        hit = target > 0
        value = -(log_softmax(scores, axis=1) * hit).sum(axis=1)
        return Loss(value, chance - hit, chance * (1 - chance))
    margin = scores * target
    wrong = expit(-margin)
    return Loss(np.logaddexp(0, -margin)[:, 0].astype(scores.dtype), -wrong * target, wrong * (1 - wrong))


def exponential(scores: Floats, target: Floats) -> Loss:
    """Return the exponential loss of targets -1 and 1, summed over outputs."""
    with np.errstate(over="ignore"):  # training refuses a loss that is not finite
        each = np.exp(-scores * target)
    return Loss(each.sum(axis=1), -each * target, each)


def squared(scores: Floats, target: Floats) -> Loss:
    """Return half the squared distance from targets -1 and 1, summed over outputs."""
    apart = scores - target
    return Loss(np.square(apart).sum(axis=1) / 2, apart, np.ones_like(apart))


LOSSES: Mapping[str, Callable[[Floats, Floats], Loss]] = {
    LOGISTIC: logistic,
    EXPONENTIAL: exponential,
    SQUARED: squared,
}
