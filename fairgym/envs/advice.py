"""Advice: what rejected people are told to do, by the decision maker or by an agency, and what it costs them.

The agency speaks in a world whose decision maker gives decisions only. It knows the lender's past, fits a small tree
to it, and tells each rejected person the cheapest action that this tree would accept. It does not know by what rule the
lender decides now, so what it says is advice and no promise of the lender's; that the world counts how often it comes
true is the point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Array, Mask, Numbers
from fairgym.populations.credit_people import CreditPeople, single_precision

if TYPE_CHECKING:
    from fairgym.recourse.costs import FittedCost
    from fairgym.recourse.tree_search import TreeSearch
    from fairgym.recourse.trees import TreeVotes

DECLINE, ACCEPT, OFFER = 0, 1, 2
"""What an action with offers begins with, for each person."""
BUILT_IN, AGENT, NONE = OFFERS = ("built-in", "agent", "none")
"""Who tells the rejected what to do."""
BOOK_ROWS, BOOK_SEED = 2_000, 0
"""The lender's past that costs are measured over and that the agency knows."""
DEPTH, SMALLEST_LEAF = 4, 20
"""Of the agency's tree."""


class Advice(NamedTuple):
    """What k rejected people are told: who they are, what they should become, and what that costs them."""

    lane: NDArray[np.intp]
    place: NDArray[np.intp]
    target: Numbers  # (k, D)
    cost: Numbers  # (k,), NaN where nobody could do it


@dataclass(frozen=True)
class Adviser:
    """Who tells the rejected what to do, and how an action is measured."""

    people: CreditPeople
    offers: str
    """One of ``OFFERS``."""
    measure: str
    """A name of ``fairgym.recourse.costs.COSTS``."""
    budget: float
    """Most that an action costs which the agency offers."""

    @cached_property
    def cost(self) -> FittedCost:
        """The measure, over a sample of newcomers."""
        from fairgym.recourse.costs import cost_of  # here and below, because it brings in all of recourse

        return cost_of(self.measure).fit(self.people.book(BOOK_ROWS, BOOK_SEED)[0])

    def measured(self, before: Numbers, after: Numbers) -> Numbers:
        """Return what it costs people (k, D) to become others (k, D), possible or not; (k,)."""
        return self.cost.total(before, after)

    @cached_property
    def agency(self) -> Agency:
        """Who tells the rejected what to do, where it is not the decision maker."""
        return Agency(self.people, self.cost, self.budget)

    def codes(self, action: Array) -> NDArray[np.int64]:
        """Return DECLINE, ACCEPT or OFFER for everybody, (n, m)."""
        codes = np.rint(action[..., 0]) if self.offers == AGENT else action
        return codes.astype(np.int64)

    def advice(self, features: Numbers, action: Array, rejected: Mask) -> Advice:
        """Return what the rejected (n, m) of people with these features (n, m, D) are told."""
        lane, place = np.nonzero(self._may_be_told(action, rejected))
        before = target = features[lane, place]
        if self.offers == AGENT:
            target = single_precision(action[lane, place, 1:])
        elif len(lane):
            told, target = self.agency.offers(before)
            lane, place, before, target = lane[told], place[told], before[told], target[told]
        return Advice(lane, place, target, self._cost_of(before, target))

    def _may_be_told(self, action: Array, rejected: Mask) -> Mask:
        """Return which of the rejected (n, m) somebody has an eye on."""
        if self.offers == NONE:
            return np.zeros_like(rejected)
        return rejected & (self.codes(action) == OFFER) if self.offers == AGENT else rejected

    def _cost_of(self, before: Numbers, target: Numbers) -> Numbers:
        """Return what people (k, D) pay to become a target (k, D), NaN where they cannot; (k,)."""
        if not len(before):
            return np.zeros(0)
        possible = self.people.actions.permits(before, target)
        return np.where(possible, self.measured(before, target), np.nan)


class Offers(NamedTuple):
    """What the agency tells k people."""

    told: Mask
    """Whether there is anything to tell; (k,)."""
    target: Numbers
    """What the person should become, or as she is; (k, D)."""


class Agency:
    """A tree of its own over the lender's past, and the cheapest actions into its good leaves."""

    def __init__(self, people: CreditPeople, cost: FittedCost, budget: float) -> None:
        from sklearn.tree import DecisionTreeClassifier  # here, because most worlds never ask

        from fairgym.recourse.readers import read_trees
        from fairgym.recourse.tree_search import TreeSearch

        past, repaid = people.book(BOOK_ROWS, BOOK_SEED)
        tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=SMALLEST_LEAF, random_state=0)
        self.search: TreeSearch | None = None
        if len(np.unique(repaid)) == 2:
            votes = read_trees(tree.fit(past, repaid), 1)
            self.search = TreeSearch(replace(votes, wins=partial(_wins, votes)), people.actions, cost, budget)

    def offers(self, rejected: Numbers) -> Offers:
        """Return what rejected people (k, D) are told: nothing where the tree accepts them or knows no way.

        Nor is there anything to tell where in the past everybody repaid, or nobody did.
        """
        from fairgym.recourse.found import ACCEPTED

        if self.search is None:
            return Offers(np.zeros(len(rejected), dtype=np.bool_), rejected)
        found = self.search.found(rejected)
        told = (found.proof != ACCEPTED) & np.isfinite(found.cost[:, 0])
        return Offers(told, np.where(told[:, None], found.people[:, 0], rejected))


def _wins(votes: TreeVotes, people: Numbers) -> Mask:
    """Return whom a single tree accepts, (k,): what ``predict`` says, sooner."""
    return votes.passes(votes.score(people))
