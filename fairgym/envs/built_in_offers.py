"""Built-in offers: what rejected people are told in a world whose decision maker gives decisions only.

An agency that knows the lender's past fits a small tree to it and tells each rejected person the cheapest action that
this tree would accept. It does not know by what rule the lender decides now, so what it says is advice and no promise
of the lender's; that the world counts how often it comes true is the point.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fairgym.batch import Mask, Numbers
from fairgym.populations.credit_people import CreditPeople
from fairgym.recourse.costs import FittedCost

BOOK_ROWS, BOOK_SEED = 2_000, 0
"""The lender's past that the agency knows."""
DEPTH, SMALLEST_LEAF = 4, 20
"""Of the agency's tree."""


class Offers(NamedTuple):
    """What k people are told."""

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
            quick = replace(votes, wins=lambda asked: votes.passes(votes.score(asked)))  # what predict says, sooner
            self.search = TreeSearch(quick, people.actions, cost, budget)

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
