"""search_tree: the cheapest action into a target leaf of one tree, exactly, for costs of either form.

A person is held against every leaf that gives the target class. A leaf asks of each feature on its path a value in a
range, so her cheapest way in is the nearest value that she may have, feature by feature; of a one-hot group, the
cheapest state that the leaf's ranges allow. Nothing is changed that the leaf does not ask for. The cheapest leaf wins;
among leaves of equal cost the one with fewer changes, then the first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import require
from fairgym.recourse.actions import Actions
from fairgym.recourse.boxes import Boxes
from fairgym.recourse.costs import MAXIMUM, FittedCost, Floats, within
from fairgym.recourse.found import ACCEPTED, IMPOSSIBLE, OPTIMAL, UNKNOWN, Found
from fairgym.recourse.trees import TreeVotes
from fairgym.recourse.units import Answer, Unit, units_of

CHUNK = 1 << 17
"""Entries of a table of leaves by people that is held at once: as many as stay near the processor."""


def search_tree(
    votes: TreeVotes,
    actions: Actions,
    cost: FittedCost,
    budget: float,
    people: Floats,
    *,
    max_changes: int | None = None,
    alternatives: int = 1,
) -> Found:
    """Return the cheapest actions of people (n, D) within a budget for a model of one tree.

    At most ``max_changes`` features change, a one-hot group being one. Of all actions that change the same features the
    cheapest is an alternative; up to ``alternatives`` of them are given, cheapest first. People have to be as
    ``Actions.check_people`` wants them.
    """
    return TreeSearch(votes, actions, cost, budget, max_changes).found(people, alternatives)


def _verified(votes: TreeVotes, accepted: NDArray[np.bool_], prices: Floats, after: Floats) -> Found:
    """Return what was found, less actions that the model itself does not reward."""
    found = ~np.isnan(prices)
    works = found.copy()
    works[found] = votes.wins(after[found])
    proof = np.where(accepted, ACCEPTED, np.where(works[:, 0], OPTIMAL, np.where(found[:, 0], UNKNOWN, IMPOSSIBLE)))
    bound = np.where(found[:, 0], np.where(works[:, 0], prices[:, 0], 0.0), np.inf)
    prices, after = np.where(works, prices, np.nan), np.where(works[:, :, None], after, np.nan)
    return Found(proof.astype(np.int8), prices, after, bound)


class TreeSearch:
    """The target leaves of one tree as demands on units, and the rules of the search; made once for many searches."""

    def __init__(
        self, votes: TreeVotes, actions: Actions, cost: FittedCost, budget: float, max_changes: int | None = None
    ) -> None:
        """Prepare a search as ``search_tree`` describes it."""
        require(
            len(votes.roots) == 1,
            f"the model has {len(votes.roots)} trees: the search in one tree needs a model of a single one.",
        )
        boxes = Boxes.of(votes, actions, cost)
        boxes = boxes.only(votes.passes(boxes.vote))
        self.votes, self.leaves, self.units = votes, len(boxes.node), units_of(boxes, actions, cost)
        self.largest, self.budget, self.max_changes = cost.combine == MAXIMUM, budget, max_changes

    def found(self, people: Floats, alternatives: int = 1) -> Found:
        """Return the cheapest actions of people (n, D)."""
        people = np.asarray(people, dtype=float)
        accepted = self.votes.wins(people)
        prices = np.full((len(people), alternatives), np.nan)
        after = np.full((len(people), alternatives, people.shape[1]), np.nan)
        rejected = np.flatnonzero(~accepted) if self.leaves else np.zeros(0, dtype=np.int64)
        step = max(1, CHUNK // max(self.leaves, 1))
        for start in range(0, len(rejected), step):
            rows = rejected[start : start + step]
            prices[rows], after[rows] = self.cheapest(people[rows], alternatives)
        prices[accepted, 0], after[accepted, 0] = 0.0, people[accepted]
        return _verified(self.votes, accepted, prices, after)

    def cheapest(self, people: Floats, alternatives: int) -> tuple[Floats, Floats]:
        """Return the costs (p, alternatives) and landing points (p, alternatives, D) of people (p, D)."""
        answers = [unit.answer(people) for unit in self.units]
        cost, changes = self._into_leaves(answers, len(people))
        prices = np.full((len(people), alternatives), np.nan)
        points = np.full((len(people), alternatives, people.shape[1]), np.nan)
        for rank in range(alternatives):
            lowest = cost.min(axis=0)
            able = np.isfinite(lowest)
            if not able.any():
                break
            leaf = np.where(cost == lowest, changes, np.iinfo(changes.dtype).max).argmin(axis=0)
            prices[able, rank] = lowest[able]
            points[able, rank] = self._points(people, answers, leaf)[able]
            if rank + 1 < alternatives:
                cost[self._same_moves(answers, leaf)] = np.inf
        return prices, points

    def _into_leaves(self, answers: list[Answer], count: int) -> tuple[Floats, NDArray[np.int32]]:
        """Return the cost of getting into each leaf, infinity where ruled out, and the changes, both (leaves, p)."""
        cost = np.zeros((self.leaves, count))
        changes = np.zeros((self.leaves, count), dtype=np.int32)
        for unit, answer in zip(self.units, answers, strict=True):
            price = answer.cost[unit.demand]
            cost[unit.leaf] = np.maximum(cost[unit.leaf], price) if self.largest else cost[unit.leaf] + price
            changes[unit.leaf] += answer.moves[unit.demand]
        cost[~within(cost, self.budget)] = np.inf
        if self.max_changes is not None:
            cost[changes > self.max_changes] = np.inf
        return cost, changes

    def _points(self, people: Floats, answers: list[Answer], leaf: NDArray[np.int64]) -> Floats:
        """Return where people (p, D) are in one leaf each, (p, D)."""
        points = people.copy()
        for unit, answer in zip(self.units, answers, strict=True):
            demand = self._demand(unit)[leaf]
            moving = np.flatnonzero((demand >= 0) & answer.moves[demand, np.arange(len(people))])
            points[moving[:, None], unit.columns] = answer.values[demand[moving], moving]
        return points

    def _same_moves(self, answers: list[Answer], leaf: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return the leaves into which people move the same units as into one leaf each, (leaves, p)."""
        same = np.ones((self.leaves, len(leaf)), dtype=bool)
        for unit, answer in zip(self.units, answers, strict=True):
            moves = np.zeros(same.shape, dtype=bool)
            moves[unit.leaf] = answer.moves[unit.demand]
            same &= moves == moves[leaf, np.arange(len(leaf))]
        return same

    def _demand(self, unit: Unit) -> NDArray[np.int64]:
        """Return what each leaf asks of a unit, (leaves,); -1 where it asks nothing."""
        demand = np.full(self.leaves, -1, dtype=np.int64)
        demand[unit.leaf] = unit.demand
        return demand
