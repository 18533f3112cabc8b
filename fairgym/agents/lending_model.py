"""LendingModel: a fitted classifier of who repays, whom it accepts, and the cheapest way to be accepted by it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fairgym.batch import Mask, Numbers

if TYPE_CHECKING:
    from fairgym.recourse.actions import Actions
    from fairgym.recourse.costs import FittedCost
    from fairgym.recourse.found import Found
    from fairgym.recourse.tree_search import TreeSearch
    from fairgym.recourse.trees import TreeVotes

REPAYS = 1
"""The class that people want."""


class Terms(NamedTuple):
    """What an offer may ask for, and how it is searched for."""

    actions: Actions
    cost: FittedCost
    budget: float
    method: str
    """As in ``Recourse.explain``, for models of several trees; of a single tree the search is always exact."""
    node_limit: int | None
    """As in ``Recourse.explain``."""


class LendingModel:
    """A classifier fitted to people (k, D) with classes 0 = defaults and 1 = repays.

    The score is the probability of repaying, and the model accepts where that is more likely than not, as ``predict``
    of trees and forests has it; where there are no probabilities it is the decision function, accepted above 0.
    """

    def __init__(self, model: Any, people: Numbers) -> None:
        self.model, self._people = model, people
        self._has_chances = hasattr(model, "predict_proba")
        self.bar = 0.5 if self._has_chances else 0.0
        """The score above which it accepts."""
        self._kept: tuple[Terms, float, TreeSearch] | None = None

    def judge(self, people: Numbers) -> tuple[Numbers, Mask]:
        """Return the score of people (k, D), and whom it accepts; both (k,)."""
        if not len(people):
            return np.zeros(0), np.zeros(0, dtype=np.bool_)
        if self._has_chances:
            chances = np.asarray(self.model.predict_proba(people))
            return chances[:, REPAYS], chances[:, REPAYS] > chances[:, 1 - REPAYS]
        score = np.asarray(self.model.decision_function(people))
        return score, score > 0

    def cheapest(self, people: Numbers, terms: Terms, bar: float, at_bar: Numbers) -> tuple[Mask, Numbers]:
        """Return for whom of people (k, D) there is an action, (k,), and what she should become, (k, D).

        It is the cheapest that brings her to the ``bar``. Who is there already has none. For a bar above the model's
        own a model of several trees needs somebody who is just there, ``at_bar`` (1, D).
        """
        found = self._search(people, terms, bar, at_bar)
        told = np.isfinite(found.cost[:, 0]) & (found.people[:, 0] != people).any(axis=1)
        return told, np.where(told[:, None], found.people[:, 0], people)

    def _search(self, people: Numbers, terms: Terms, bar: float, at_bar: Numbers) -> Found:
        """Return the cheapest actions of people (k, D); what a single tree asks for is kept until the bar moves."""
        if len(self.votes.roots) > 1:
            from fairgym.recourse.forest_search import search_forest

            given = (self._votes_for(bar, at_bar), terms.actions, terms.cost, terms.budget, people)
            return search_forest(*given, method=terms.method, node_limit=terms.node_limit)
        if self._kept is None or self._kept[0] is not terms or self._kept[1] != bar:
            from fairgym.recourse.tree_search import TreeSearch

            search = TreeSearch(self._votes_for(bar, at_bar), terms.actions, terms.cost, terms.budget)
            self._kept = terms, bar, search
        return self._kept[2].found(people)

    @cached_property
    def votes(self) -> TreeVotes:
        """The trees of the model; ``InputError`` where it has none. People have values of single precision."""
        from fairgym.recourse.readers import read_trees

        return replace(read_trees(self.model, REPAYS), precision=np.float32)

    @cached_property
    def _graded(self) -> TreeVotes:
        """The trees with votes whose sum rises with the score; those of a single tree say no more than yes or no.

        A leaf in which nobody of the training people is counts as worst.
        """
        if len(self.votes.roots) > 1:
            return self.votes
        vote = np.full(len(self.votes.vote), -np.inf)
        vote[self.votes.leaves(self._people)[:, 0]] = self.judge(self._people)[0]
        return replace(self.votes, vote=vote)

    def _votes_for(self, bar: float, at_bar: Numbers) -> TreeVotes:
        """Return the trees with a bar of at least their own."""
        if bar <= self.bar:
            return self.votes

        def wins(people: Any) -> Mask:
            score, accepts = self.judge(np.asarray(people, dtype=np.float64))
            return np.asarray(accepts & (score >= bar))

        single = len(self._graded.roots) == 1  # its votes are the scores; those of several add up in a way of their own
        needed = bar if single else float(self._graded.score(at_bar)[0])
        return replace(self._graded, bar=needed, ties_win=True, wins=wins)
