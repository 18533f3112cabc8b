"""AdversarialObservation: what is shown of people is changed by somebody else, within a budget.

Three readings of one reachable set:

- ``"worst"``: the cheapest change that makes a right decision wrong. The qualified whom the rule accepts are pushed
  down, the unqualified whom it rejects are pushed up; decisions that are wrong anyway are left. It needs the truth,
  which it takes from the world's state and tells nobody.
- ``"strategic"``: everybody who can be is pushed to approval, as in ``StrategicResponse``.
- ``"random"``: everybody is moved in a random direction, at a random share of the budget. It needs no rule.

Under one budget the rule is never more often right against ``"worst"`` than against ``"strategic"``, person by person.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import InputError, named, one_of, require
from fairgym.envs.autoreset import AutoresetMode
from fairgym.noise import UniformStream
from fairgym.recourse.costs import within
from fairgym.robustness.decider import Decider
from fairgym.robustness.layers import Arrays, LayerEnv, LayerVectorEnv
from fairgym.robustness.moves import best_response, cheapest_moves
from fairgym.robustness.responses import Budget, Response

WORST, STRATEGIC, RANDOM = MODES = ("worst", "strategic", "random")
OBSERVATION = 3
"""Which child of a lane's seed sequence feeds the random moves; the world and its agent have others."""
FAR = 10.0
"""Standard deviations of the background to which random moves point; they stop where the money is spent."""
HALVINGS = 30
"""How finely that place is found."""


class Adversary(Response):
    """The law of an adversary."""

    memory: ClassVar[tuple[str, ...]] = (*Response.memory, "_luck", "_drawn")

    def __init__(
        self,
        env: Any,
        rule: Any,
        reach: Any,
        eps: Budget,
        *,
        mode: str = WORST,
        features: str = "features",
        start: int = 0,
        favourable: Any = 1,
        truth: Callable[[Any], Array] | None = None,
    ) -> None:
        """Change what ``env``, single or vector, shows of its people, at a cost of at most ``eps`` each.

        ``rule``, ``reach``, ``features``, ``start`` and ``favourable`` are as in ``StrategicResponse``, ``eps`` is its
        budget; ``rule`` may be None where ``mode`` is "random". ``truth`` makes 1 for qualified and 0 for not, (n,) or
        (n, m), of the state of a world of n lanes; None takes ``qualified``, or whether lending to her pays on average
        where the world keeps log-odds.
        """
        self.mode = one_of("mode", mode, MODES)
        self.takes_rule = self.mode != RANDOM  # type: ignore[misc]
        require(truth is None or callable(truth), f"truth is {named(truth)}: give a function of a world's state.")
        super().__init__(env, rule, reach, eps, features, start, favourable)
        self._truth_of = truth
        if self.mode == WORST and self.env.metadata.get("autoreset_mode") is AutoresetMode.SAME_STEP:
            raise InputError(
                "mode='worst' needs the truth about everybody shown, but a world that resets in the same step has "
                "forgotten that of the last: make it with another autoreset_mode, or take another mode."
            )

    def begin(self, seeds: list[int], lanes: Mask) -> None:
        """Forget the masked lanes and give them luck of their own."""
        first = not self._begun
        super().begin(seeds, lanes)
        if first:
            self._luck = UniformStream(seeds, self.people.people * (self.reach.width + 1), OBSERVATION)
            self._drawn = np.zeros((self.lanes, self.people.people, self.reach.width + 1))
            return
        for lane in np.flatnonzero(lanes).tolist():
            self._luck.reseed(lane, seeds[lane])

    def show(self, observation: Arrays, lanes: Mask) -> dict[str, Array]:
        """Draw the luck of the people shown anew, or look up the truth about them, and change what is shown."""
        if self.mode == RANDOM:
            self._drawn = self._luck.next(lanes).reshape(self._drawn.shape)
        elif self.mode == WORST:
            self._truth = self._truths()
        return super().show(observation, lanes)

    def moves(self, rows: Numbers, budget: Numbers | float, lane: Array, place: Array, model: Any) -> Numbers:
        """Return where people are pushed."""
        if self.mode == RANDOM:
            return self._random(rows, budget, self._drawn[lane, place])
        if self.mode == STRATEGIC:
            return np.asarray(
                best_response(model, rows, self.reach, budget, favourable=self.favourable, progress=False)
            )
        after, right = rows.copy(), self._right(rows, model, self._truth[lane, place])
        if right.any():
            known = {
                "favourable": self.favourable,
                "budget": budget if np.ndim(budget) == 0 else np.asarray(budget)[right],
                "progress": False,
            }
            after[right] = cheapest_moves(model, rows[right], self.reach, **known).moved
        return after

    def kept(self, before: Numbers, after: Numbers, model: Any) -> Numbers:
        """Return the changes that still do what they are for after rounding."""
        if self.mode == RANDOM:
            return after
        decider = Decider.of(model, self.favourable, self.reach)
        turned = decider.accepts(after) != decider.accepts(before)
        return np.where(turned[:, None], after, before)

    def _right(self, rows: Numbers, model: Any, truth: Array) -> Mask:
        """Return on whom the rule decides rightly, (k,)."""
        right: Mask = Decider.of(model, self.favourable, self.reach).accepts(rows) == (truth == 1)
        return right

    def _random(self, rows: Numbers, budget: Numbers | float, luck: Numbers) -> Numbers:
        """Return people moved at a random share of their budgets, each in a direction of her own."""
        spread = self.reach.background.std(axis=0)
        goal = rows + FAR * (2 * luck[:, 1:] - 1) * spread
        money = budget * luck[:, 0]
        low, high = np.zeros(len(rows)), np.ones(len(rows))
        far = within(self.reach.cost_of(rows, self.reach.towards(rows, goal)) - money, 0.0)
        low[far] = 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            paid = within(self.reach.cost_of(rows, self.reach.towards(rows, goal, middle)) - money, 0.0)
            low, high = np.where(paid, middle, low), np.where(paid, high, middle)
        return self.reach.towards(rows, goal, low)

    def _truths(self) -> Array:
        """Return who is qualified, 1 or 0, (n, m)."""
        inner = self.env.unwrapped
        worlds = [world.unwrapped for world in getattr(inner, "envs", [inner])]
        parts = []
        for world in worlds:
            state = getattr(world, "state", None)
            known = None if state is None else self._truth_of(state) if self._truth_of else _truth(state, self.payoff)
            if known is None:
                raise InputError("mode='worst' finds no truth in this world's state: give truth=, or another mode.")
            parts.append(self._truth_by_person(np.asarray(known), self.lanes // len(worlds)))
        return np.concatenate(parts)

    def _truth_by_person(self, known: Array, lanes: int) -> Array:
        """Return the truth about the people of one world of n lanes, (n, m), or refuse another shape."""
        people = self.people.people
        shapes = {(lanes, people), (lanes,)} if people == 1 else {(lanes, people)}
        require(
            known.shape in shapes,
            f"truth returned an array of shape {known.shape} for {lanes} lanes of {people} people: return 1 or 0 for "
            f"each.",
        )
        return known.reshape(lanes, people)


def _truth(state: Any, payoff: Any) -> Array | None:
    """Return who is qualified in the state of a world, or None where it does not say."""
    if hasattr(state, "qualified"):
        return np.asarray(state.qualified)
    if hasattr(state, "log_odds"):
        gain, loss = payoff if payoff is not None else (1.0, 1.0)
        return np.asarray(gain * np.exp(state.log_odds) >= loss).astype(np.int64)
    return None


class AdversarialVectorObservation(Adversary, LayerVectorEnv):
    """A vector environment whose people are shown otherwise than they are."""


class AdversarialObservation(Adversary, LayerEnv):
    """An environment whose people are shown otherwise; of a vector environment it makes the vector twin."""

    twin = AdversarialVectorObservation
