"""Responses: people who are shown otherwise than they are, within what they can reach; the law both wrappers share.

What is shown changes; the people do not. A world's state, its luck and who is qualified are untouched, so the same run
can be held against its twin without responses under the same seed. ``info`` tells of everybody decided on whether she
``was_moved`` and the ``move_cost``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from fairgym.batch import Array, Mask, Numbers, along
from fairgym.checks import InputError, named, numbers_array, one_each, require, suggestion, whole_number
from fairgym.recourse.actions import Actions, ActionSpec, everything_free
from fairgym.recourse.costs import Cost, FittedCost
from fairgym.robustness.decider import Decider
from fairgym.robustness.layers import Arrays, Layer
from fairgym.robustness.reach import Reach
from fairgym.robustness.shown_people import GROUP, ShownPeople, per_person

Budget = float | Sequence[float] | Mapping[str, float]


def reach_of(
    env: Any,
    background: Any,
    actions: ActionSpec | None = None,
    cost: str | Cost | FittedCost = "sd",
    features: str = "features",
) -> Reach:
    """Return what the people of a world can get to, over a background: never beyond what the world can show.

    Features without limits in ``actions`` (None: everything can be changed) get those of the observation space; wider
    ones than those are refused.
    """
    space = getattr(env, "single_observation_space", env.observation_space)
    people = ShownPeople.find(env, space, features, "reach_of")
    spec = everything_free(len(people.names)) if actions is None else actions
    require(isinstance(spec, ActionSpec), f"actions is {named(spec)}: give an ActionSpec, or None.")
    shape = np.shape(background)
    require(
        len(shape) == 2 and shape[1] == len(people.names),
        f"background has shape {shape}, but the people of this world have {len(people.names)} features "
        f"({', '.join(people.names)}): give one row for each person.",
    )
    known = [str(name) for name in background.columns] if hasattr(background, "columns") else None
    resolved = spec.resolve(known or (people.names if people.names[0] != "x0" else None), len(people.names))
    low = np.where(np.isneginf(resolved.low), people.low, resolved.low)
    high = np.where(np.isposinf(resolved.high), people.high, resolved.high)
    reach = Reach(replace(resolved, low=low, high=high), cost, background=background)
    check_limits(reach, people)
    return reach


def check_limits(reach: Reach, people: ShownPeople) -> None:
    """Refuse a reach over other features than people have, or beyond what the observation can show."""
    require(
        reach.width == len(people.names),
        f"reach is over {reach.width} features, but the people of this world have {len(people.names)}: "
        f"{', '.join(people.names)}.",
    )
    actions: Actions = reach.actions
    over, under = actions.can_rise & (actions.high > people.high), actions.can_fall & (actions.low < people.low)
    for place in np.flatnonzero(over | under).tolist():
        end, limit = ("up", people.high[place]) if over[place] else ("down", people.low[place])
        given = actions.high[place] if over[place] else actions.low[place]
        raise InputError(
            f"reach lets people move {reach.names[place]!r} {end} to {given:g}, but the world shows at most "
            f"{limit:g} there: give bounds={{...}}, or make it with reach_of(env, background)."
        )


class Response(Layer):
    """A layer that shows people where they moved to; a subclass says where that is."""

    memory: ClassVar[tuple[str, ...]] = ("_rules", "_steps", "_part", "_moved", "_cost")
    takes_rule: ClassVar[bool] = True

    def __init__(
        self, env: Any, rule: Any, reach: Any, budget: Budget, features: str, start: int, favourable: Any
    ) -> None:
        super().__init__(env)  # type: ignore[call-arg]
        self.people = ShownPeople.find(env, self.one_observation, features, type(self).__name__)
        self.reach = reach if isinstance(reach, Reach) else reach_of(env, reach, features=features)
        check_limits(self.reach, self.people)
        self.budget = _by_group(budget, self.groups or self.people.groups)
        require(
            GROUP in self.one_observation.spaces or bool((self.budget == self.budget[0]).all()),
            f"budget={budget!r} differs by group, but this world shows no group of its people: give one for all.",
        )
        self.start = whole_number("start", start, at_least=0)
        self.favourable = favourable
        self._rules: list[Any] = []
        if rule is not None or self.takes_rule:
            self.publish(rule)

    def publish(self, rule: Any) -> None:
        """Replace the rule that people know: a fitted classifier or a function of rows that returns labels.

        A list has one for each lane. It holds from the next people on who come; those shown already have moved.
        """
        rules = list(rule) if isinstance(rule, (list, tuple)) else [rule]
        require(
            len(rules) in (1, self.lanes),
            f"rule lists {len(rules)} rules for {self.lanes} lanes: give one for all, or one for each.",
        )
        for one in rules:
            Decider.of(one, self.favourable, self.reach)
        self._rules = rules

    @property
    def rule(self) -> Any:
        """The rule that people know, or the list of those of all lanes."""
        return self._rules[0] if len(self._rules) == 1 else list(self._rules)

    @abstractmethod
    def moves(self, rows: Numbers, budget: Numbers | float, lane: Array, place: Array, model: Any) -> Numbers:
        """Return where people (k, D) of these lanes and places go within their budgets, (k, D), under one rule."""

    def begin(self, seeds: list[int], lanes: Mask) -> None:
        """Forget the masked lanes."""
        if not self._begun:
            self._steps = np.zeros(self.lanes, dtype=np.int64)
            self._part: Array | None = None
            self._moved = np.zeros((self.lanes, self.people.people), dtype=np.int64)
            self._cost = np.zeros((self.lanes, self.people.people))
        self._steps[lanes] = 0

    def show(self, observation: Arrays, lanes: Mask) -> dict[str, Array]:
        """Let the people shown anew answer, and show everybody where she went."""
        before = self.people.rows(observation)
        budget = self.budget[self.people.group(observation)]
        able = self.people.present(observation) & (budget > 0) & (lanes & (self._steps >= self.start))[:, None]
        after: Numbers = before.copy()
        cost: Numbers = np.zeros(able.shape)
        lane, place = np.nonzero(able)
        for mine, model in self._by_rule(lane):
            at = lane[mine], place[mine]
            self._move(after, cost, at, budget[at], model)
        moved = (after != before).any(axis=-1).astype(np.int64)
        part = self.people.packed(after)
        if self._part is not None:
            part = np.where(along(lanes, part), part, self._part)
            moved, cost = (
                np.where(lanes[:, None], new, old) for new, old in ((moved, self._moved), (cost, self._cost))
            )
        self._part, self._moved, self._cost = part, moved, cost
        return {self.people.key: part.copy()}

    def _by_rule(self, lane: Array) -> list[tuple[Any, Any]]:
        """Return the people under each rule, as indices, with the rule."""
        if not len(lane):
            return []
        if len(self._rules) <= 1:
            return [(slice(None), self._rules[0] if self._rules else None)]
        return [(np.flatnonzero(lane == one), self._rules[one]) for one in np.unique(lane).tolist()]

    def _move(self, after: Numbers, cost: Numbers, at: tuple[Array, Array], budget: Numbers, model: Any) -> None:
        """Write into ``after`` and ``cost`` where people under one rule go, as the observation can hold it."""
        rows = after[at]
        wanted = self.moves(rows, budget[0] if (budget == budget[0]).all() else budget, *at, model)
        goes = (wanted != rows).any(axis=1)
        there = rows.copy()
        there[goes] = self._storable(rows[goes], wanted[goes])
        there[goes] = self.kept(rows[goes], there[goes], model)
        after[at] = there
        cost[at] = np.where((there != rows).any(axis=1), self.reach.cost_of(rows, there), 0.0)

    def kept(self, before: Numbers, after: Numbers, model: Any) -> Numbers:
        """Return where people (k, D) stay after their move was rounded to what the observation can hold."""
        return after

    def _storable(self, before: Numbers, after: Numbers) -> Numbers:
        """Return moves rounded to the precision of the observation: away from where one was, within the limits.

        So rounding takes nobody back over a boundary that she has passed.
        """
        dtype = self.people.dtype
        rounded = after.astype(dtype)
        short = np.abs(rounded.astype(np.float64) - before) < np.abs(after - before)
        away = np.where(after > before, np.inf, -np.inf).astype(dtype)
        rounded = np.where(short, np.nextafter(rounded, away), rounded).astype(np.float64)
        actions = self.reach.actions  # whose limits need not be numbers of that precision
        beyond = ((rounded > actions.high) & (after > before)) | ((rounded < actions.low) & (after < before))
        rounded = np.where(beyond, np.nextafter(rounded.astype(dtype), -away), rounded).astype(np.float64)
        return np.where(after == before, before, rounded)

    def settle(self, outcome: Arrays, live: Mask) -> dict[str, Array]:
        """Return who of the people decided on had moved, and at what cost, (n,) or (n, m)."""
        self._steps += live
        like = outcome["decision"]
        return {"was_moved": per_person(self._moved, like), "move_cost": per_person(self._cost, like)}


def _by_group(budget: Budget, known: tuple[str, ...]) -> Numbers:
    """Return the budget of each group, (G,), from one for all, one for each, or by name."""
    if isinstance(budget, Mapping):
        for name in budget:
            require(
                name in known, f"budget names the group {name!r}, which is not there: {suggestion(str(name), known)}"
            )
        missing = [name for name in known if name not in budget]
        require(not missing, f"budget says nothing of the group {', '.join(missing)}: give every group one.")
        budget = [budget[name] for name in known]
    each = one_each("budget", budget, known, "groups")
    require(bool((numbers_array("budget", each) >= 0).all()), f"budget={budget!r} must be numbers of at least 0.")
    return each
