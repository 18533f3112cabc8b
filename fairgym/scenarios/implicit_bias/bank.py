"""Bank: many networks as one model, so that all of them are attacked in one call.

The last column of a row says which network decides on it, and nobody can change that column. So people of different
networks are people of one model, and the attacks find for each of them what they would find for her network alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.models import PReLUNetworkClassifier
from fairgym.models.prelu_inputs import Inputs
from fairgym.models.prelu_law import Floats, Network
from fairgym.recourse.actions import FREE, ActionSpec
from fairgym.recourse.costs import EUCLIDEAN, WeightedShift
from fairgym.robustness import Reach


class Bank:
    """B networks of one shape for two classes; a classifier of rows (n, D + 1)."""

    classes_ = np.array([0, 1])

    def __init__(self, models: Sequence[PReLUNetworkClassifier]) -> None:
        self.outputs = models[0].outputs_
        self.network = Network(
            models[0].network_.shape,
            np.stack([model.network_.w for model in models]),
            np.stack([model.network_.v for model in models]),
        )
        self.inputs = Inputs(
            np.stack([model.inputs_.center for model in models]),
            np.stack([model.inputs_.unit for model in models]),
            models[0].inputs_.constant,
        )

    def decision_function(self, rows: Floats) -> Floats:
        """Return the score of each row by its own network, (n,)."""
        people, place = self._parted(rows)
        scores: Floats = self.outputs.decision(self.network.scores(people))[place]
        return scores

    def predict(self, rows: Floats) -> NDArray[np.int64]:
        """Return the class of each row, (n,)."""
        return (self.decision_function(rows) > 0).astype(np.int64)

    def input_gradient(self, rows: Floats) -> Floats:
        """Return how the score of each row changes with its columns, (n, D + 1); with the last it does not."""
        people, place = self._parted(rows)
        raw = self.network.scores(people) if self.outputs.count > 1 else np.empty((*people.shape[:2], 1), people.dtype)
        pull = self.outputs.pull(raw, 1) - self.outputs.pull(raw, 0)
        gradient = self.inputs.back(self.network.input_gradients(people, pull))
        return np.column_stack([gradient[place], np.zeros(len(rows))])

    def _parted(self, rows: Floats) -> tuple[Floats, tuple[Any, Any]]:
        """Return the rows by network as it sees them, (B, m, ...), filled up with zeros, and where each row stands."""
        owner = np.asarray(rows[:, -1], dtype=np.int64)
        count = np.bincount(owner, minlength=len(self.network.w))
        order = np.argsort(owner, kind="stable")
        nth = np.empty(len(rows), dtype=np.int64)
        nth[order] = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
        shape = len(count), max(1, int(count.max(initial=0))), rows.shape[1] - 1
        people = np.zeros(shape)
        people[owner, nth] = rows[:, :-1]
        return self.inputs.seen(people), (owner, nth)


def reach_of(background: Floats) -> Reach:
    """Return what people can get to at Euclidean cost, by moving in all columns; ``background`` is (m, D).

    Which network decides on the background does not matter: people of it are aims only, whatever network is attacked.
    """
    width = background.shape[1]
    actions = ActionSpec(dict.fromkeys(range(width), FREE))
    return Reach(actions, WeightedShift((*[1.0] * width, 0.0), EUCLIDEAN), background=labelled(background[None]))


def labelled(people: Floats) -> Floats:
    """Return people of several networks (B, m, D) as rows with the number of their network, (B * m, D + 1)."""
    networks, each, width = people.shape
    return np.column_stack([people.reshape(-1, width), np.repeat(np.arange(networks), each)])
