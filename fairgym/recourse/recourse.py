"""Recourse: what rejected people can do about the decision of a model made of trees.

    Recourse(forest, ActionSpec.from_frame(train), "percentile", 0.3, background=train).explain(people)

A model of ours brings its actions, cost and budget along: ``Recourse(model).explain(people)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.checks import InputError, flag, named, number, one_of, require, whole_number
from fairgym.recourse.actions import Actions, ActionSpec
from fairgym.recourse.costs import Cost, FittedCost, Floats, budget_of, check_searchable, cost_of
from fairgym.recourse.found import ACCEPTED, EXACT, FOUND, METHODS, OPTIMAL, Found
from fairgym.recourse.people import People
from fairgym.recourse.result import RecourseResult
from fairgym.recourse.trees import TreeVotes
from fairgym.recourse.waiting import waiting_bar
from fairgym.recourse.words import Words, resolution_of

DEFAULT_COST = "percentile"
DEFAULT_TARGET = 1


class Recourse:
    """The actions that a model, a specification, a cost and a budget leave to people.

    ``actions`` is an ActionSpec. ``cost`` is a name such as "percentile" or "mad", or an object such as
    ``PercentileShift()``, and is measured over ``background``, a table of people such as the training data; or it is a
    FittedCost, which needs no background. ``budget`` is the highest cost of an action. ``target`` is the class that
    people want, 1 unless it is given. For models that were trained for recourse, what is left out is the model's own.

    Raises InputError for a model that is not made of trees, not fitted or not binary, for a target that it does not
    know, and for actions, a cost, a background or a budget that cannot be used.
    """

    def __init__(
        self,
        model: Any,
        actions: ActionSpec | Actions | None = None,
        cost: str | Cost | FittedCost | None = None,
        budget: float | None = None,
        *,
        background: Any = None,
        target: Any = None,
    ) -> None:
        from fairgym.recourse.readers import last_step, read_trees

        self.model = model
        own = last_step(model)
        self.target = _target(own, target)
        self.votes: TreeVotes = read_trees(model, self.target)
        self.names = _names(own, background)
        people = None if background is None else self._people(background, "background")
        self.background: Floats | None = None if people is None else people.seen
        self.actions = self._actions(getattr(own, "actions_", None) if actions is None else actions)
        self.cost = self._cost(getattr(own, "cost_", None) if cost is None else cost)
        self.budget = budget_of(getattr(own, "budget", None) if budget is None else budget, self.cost)

    def explain(
        self,
        X: Any,
        *,
        method: str = EXACT,
        max_changes: int | None = None,
        alternatives: int = 1,
        time_limit: float | None = None,
        node_limit: int | None = None,
        jobs: int | None = None,
        progress: bool | None = None,
    ) -> RecourseResult:
        """Return the actions of people X (n, D), a table or an array.

        A single tree is always searched exactly. For an ensemble ``method`` "exact" looks for the cheapest action and
        proves it, as far as ``time_limit`` seconds for all people and ``node_limit`` boxes of actions for each allow;
        "fast" looks for a good one and proves only what is easy. ``max_changes`` is the highest number of features to
        change, a one-hot group being one; ``alternatives`` is how many actions to look for that differ in which
        features change. ``jobs`` threads share the work, by default one for each processor. After two seconds a bar
        shows on standard error if that is a terminal; ``progress`` True or False overrules that.
        """
        limits = _limits(method, max_changes, alternatives, time_limit, node_limit, jobs)
        people, found = self._answers(X, limits, progress)
        names = [str(column) for column in people.columns]
        words = Words(self.actions, self.cost, self.budget, self.votes.wins, names, self._decimals(people))
        return RecourseResult.of(people, found, words)

    def feasible(self, X: Any, *, progress: bool | None = None, **search: Any) -> NDArray[np.bool_]:
        """Return who of people X is accepted as she is or has a known action, (n,): ``explain`` without the rest.

        ``search`` takes what ``explain`` takes to say how to search.
        """
        check_search(search)
        _, found = self._answers(X, _limits(**search), progress)
        return np.isin(found.proof, (ACCEPTED, OPTIMAL, FOUND))

    def _answers(self, X: Any, limits: dict[str, Any], progress: bool | None) -> tuple[People, Found]:
        """Return people X and what is found for them."""
        shown = None if progress is None else flag("progress", progress)
        people = self._people(X, "X")
        people.check(self.actions)
        rejected = len(people.seen) - int(self.votes.wins(people.seen).sum())
        with waiting_bar("looking for actions", rejected, shown) as done:
            return people, self._search(people.seen, limits, done)

    def _search(self, people: Floats, limits: dict[str, Any], done: Callable[[int], None]) -> Found:
        """Return the actions of people as the model sees them; every one is held against the model's own predict."""
        given = (self.votes, self.actions, self.cost, self.budget, people)
        if len(self.votes.roots) == 1:
            from fairgym.recourse.tree_search import search_tree

            return search_tree(*given, max_changes=limits["max_changes"], alternatives=limits["alternatives"])
        from fairgym.recourse.forest_search import search_forest

        return search_forest(*given, **limits, progress=done)

    def _people(self, table: Any, name: str) -> People:
        return People.of(table, self.names, self.votes.width, self.votes.precision, name)

    def _actions(self, actions: Any) -> Actions:
        """Return the actions as arrays, or refuse them."""
        width = self.votes.width
        if isinstance(actions, ActionSpec):
            actions = actions.resolve(self.names, width)
        if not isinstance(actions, Actions):
            raise InputError(
                f"actions is {'missing' if actions is None else named(actions)}: give an ActionSpec, for instance "
                "ActionSpec.from_frame(table)."
            )
        require(
            len(actions.low) == width,
            f"actions is for {len(actions.low)} columns, but the model was fitted on {width}: give an ActionSpec.",
        )
        return actions

    def _cost(self, cost: Any) -> FittedCost:
        """Return the cost over the background, or as it is."""
        if not isinstance(cost, FittedCost):
            cost = cost_of(DEFAULT_COST if cost is None else cost)
            if self.background is None:
                raise InputError(
                    f"background is missing: {cost!r} compares people, so give a table of them, such as "
                    "background=X_train."
                )
            cost = cost.fit(self.background)
        require(
            len(cost.positions) == self.votes.width,
            f"cost is for {len(cost.positions)} columns, but the model was fitted on {self.votes.width}.",
        )
        check_searchable(cost)
        fitted: FittedCost = cost
        return fitted

    def _decimals(self, people: People) -> Any:
        tables = [people.given] if self.background is None else [people.given, self.background]
        return resolution_of(*tables)


def check_search(search: Mapping[str, Any]) -> None:
    """Refuse a setting that ``Recourse.explain`` does not know."""
    for name in search:
        one_of("setting", name, (*signature(_limits).parameters, "progress"))


def _target(model: Any, target: Any) -> Any:
    """Return the class that people want: as given, as the model was trained for, or 1."""
    own = getattr(model, "target_class_", getattr(model, "target_class", None))
    require(np.ndim(target) == 0, f"target={target!r} is not one class: give the class that people want.")
    if target is not None or own is not None:
        return own if target is None else target
    classes = getattr(model, "classes_", [DEFAULT_TARGET])
    if not any(np.any(one == DEFAULT_TARGET) for one in classes):
        known = ", ".join(repr(one) for one in np.asarray(classes).tolist())
        raise InputError(f"target is missing: give the class that people want, one of {known}.")
    return DEFAULT_TARGET


def _names(model: Any, background: Any) -> list[str] | None:
    """Return the names of the columns, from the model or else from the background, or None."""
    names: Iterable[str] | None = getattr(model, "feature_names_in_", None)
    if names is None and isinstance(background, pd.DataFrame):
        names = background.columns if all(isinstance(column, str) for column in background.columns) else None
    return None if names is None else list(names)


def _limits(
    method: str = EXACT,
    max_changes: int | None = None,
    alternatives: int = 1,
    time_limit: float | None = None,
    node_limit: int | None = None,
    jobs: int | None = None,
) -> dict[str, Any]:
    """Return how to search, checked."""
    return {
        "method": one_of("method", method, METHODS),
        "alternatives": whole_number("alternatives", alternatives, at_least=1),
        "max_changes": None if max_changes is None else whole_number("max_changes", max_changes, at_least=1),
        "time_limit": None if time_limit is None else number("time_limit", time_limit, above=0),
        "node_limit": None if node_limit is None else whole_number("node_limit", node_limit, at_least=1),
        "jobs": None if jobs is None else whole_number("jobs", jobs, at_least=1),
    }
