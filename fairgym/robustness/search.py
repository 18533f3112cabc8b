"""searched: the cheapest move of each person across the decision of trees, by the search for recourse.

The rejected look for approval, as in recourse; the accepted look for the opposite label, by the same search with the
other sign. What the search proves is the least that a move can cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgym.checks import InputError
from fairgym.recourse.costs import EUCLIDEAN, Floats
from fairgym.recourse.forest_search import search_forest
from fairgym.recourse.found import IMPOSSIBLE, OPTIMAL, Found
from fairgym.recourse.tree_search import search_tree
from fairgym.recourse.trees import TreeVotes
from fairgym.robustness.decider import Decider
from fairgym.robustness.linear import Crossing
from fairgym.robustness.reach import Reach

NO_LIMIT = 1e12
"""Budget of a search without one."""
CHUNKS = 4
"""Searches with budgets of their own that people are parted into, so that few search further than they have to."""


def votes_of(decider: Decider, reach: Reach, wanted: bool) -> TreeVotes | None:
    """Return a model of trees as votes for the favourable label, or for the other one; None if it is none."""
    from fairgym.recourse.readers import read_trees

    classes = list(getattr(decider.model, "classes_", ()))
    if len(classes) != 2 or reach.cost.combine == EUCLIDEAN:
        return None
    target: Any = next(one for one in classes if (one == decider.favourable) == wanted)
    try:
        return read_trees(decider.model, target)
    except InputError:
        return None


def searched(votes: TreeVotes, reach: Reach, people: Floats, enough: Floats) -> Crossing:
    """Return the cheapest moves of people (n, D) to what trees vote for, up to the rounding of the model's numbers.

    ``enough`` (n,) is what a known move costs, or the budget: only cheaper ones are looked for. Where the search proves
    that there is none, the answer is exact although its cost is infinite.
    """
    result = Crossing(np.full(len(people), np.inf), people.copy(), np.zeros(len(people), dtype=bool))
    order = np.argsort(enough, kind="stable")
    for rows in np.array_split(order, CHUNKS):
        if len(rows):
            found = _search(votes, reach, min(float(enough[rows].max()), NO_LIMIT), people[rows])
            known = np.isfinite(found.cost[:, 0])
            result.cost[rows[known]], result.moved[rows[known]] = found.cost[known, 0], found.people[known, 0]
            result.exact[rows] = np.isin(found.proof, (OPTIMAL, IMPOSSIBLE))
    return result


def _search(votes: TreeVotes, reach: Reach, limit: float, people: Floats) -> Found:
    """Return the cheapest actions of people within a budget."""
    given = (votes, reach.actions, reach.cost, limit, people)
    return search_tree(*given) if len(votes.roots) == 1 else search_forest(*given)
