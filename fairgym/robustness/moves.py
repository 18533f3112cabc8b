"""cheapest_moves and best_response: the cheapest known move of each person that changes her decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import flag, whole_number
from fairgym.recourse.costs import Floats
from fairgym.recourse.waiting import waiting_bar
from fairgym.robustness.battery import ATTACKS, AUTO, Battery, attacks_of, budgets_of
from fairgym.robustness.decider import Decider
from fairgym.robustness.reach import Bools, Reach


@dataclass(frozen=True)
class Moves:
    """The cheapest known move of n people that changes the decision on them, whichever way."""

    radius: Floats
    """What it costs, (n,): the robust radius, of the rejected the price of approval; infinity where none is known."""
    moved: Floats
    """The people after it, (n, D); as they are where none is known."""
    attack: NDArray[np.str_]
    """Name of the attack that found it, (n,); empty where none is known."""
    exact: Bools
    """Whether it is proven that nobody can do it cheaper, (n,); of an infinite radius, that none exists within the
    budget."""
    accepted: Bools
    """Whether the decision is favourable as people are, (n,)."""
    favourable: Any = 1
    """The label that people want."""
    budget: Floats | float = np.inf
    """What moves may cost; dearer ones were not looked for."""

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.radius)


def cheapest_moves(
    model: Any,
    X: Any,
    reach: Reach,
    *,
    attacks: str | Sequence[str] = AUTO,
    favourable: Any = 1,
    budget: Any = np.inf,
    random_state: int = 0,
    progress: bool | None = None,
) -> Moves:
    """Return the cheapest known move of each of people X (n, D) that flips the decision on her, whichever way.

    ``model`` is a fitted classifier, a Pipeline, or a function of rows (in the form of ``reach``'s background) that
    returns labels; ``favourable`` is the label that people want. ``attacks`` "auto" takes what fits the model, from the
    surest on: "linear", the closed form for linear scores; "search", the exact search in trees under costs that are a
    maximum or a sum; else the battery of "line" (straight lines to people of the other decision), "gradient" (projected
    gradient from zero), "random" (from random starts), "towards" (from the way to people of the other decision) and,
    where there is no gradient or it cannot move everything, "walk" (what makes known moves cheaper by decisions only).
    "art" is the HopSkipJump attack of the Adversarial Robustness Toolbox, where that is installed. ``budget`` is the
    most that moves may cost, one number or one for each person. What is found for a person does not depend on who else
    is asked about.
    """
    decider = Decider.of(model, favourable, reach)
    people = decider.people(X, reach)
    limits = budgets_of(budget, len(people))
    battery = Battery(decider, reach, attacks_of(attacks), whole_number("random_state", random_state, at_least=0))
    accepted = decider.surely_accepts(people)
    return _moves(battery, people, accepted, limits, np.ones(len(people), dtype=bool), progress)


def best_response(
    model: Any,
    X: Any,
    reach: Reach,
    budget: Any,
    *,
    attacks: str | Sequence[str] = AUTO,
    favourable: Any = 1,
    random_state: int = 0,
    progress: bool | None = None,
) -> Floats:
    """Return people X after best responses to a decision rule, (n, D): the strategic reading of what they can reach.

    Who is rejected and can get to approval within her ``budget``, one number or one for each, moves there by the
    cheapest known move; everybody else stays. The rest is as in ``cheapest_moves``.
    """
    decider = Decider.of(model, favourable, reach)
    people = decider.people(X, reach)
    limits = budgets_of(budget, len(people))
    battery = Battery(decider, reach, attacks_of(attacks), whole_number("random_state", random_state, at_least=0))
    accepted = decider.surely_accepts(people)
    return _moves(battery, people, accepted, limits, ~accepted & (limits > 0), progress).moved


def _moves(
    battery: Battery, people: Floats, accepted: Bools, limits: Floats, asked: Bools, progress: bool | None
) -> Moves:
    """Return the moves of those who are ``asked`` about; nothing is known of the others."""
    shown = None if progress is None else flag("progress", progress)
    radius, moved, exact = np.full(len(people), np.inf), people.copy(), np.zeros(len(people), dtype=bool)
    attack = np.full(len(people), "", dtype=f"<U{max(map(len, ATTACKS))}")
    with waiting_bar("looking for moves", int(asked.sum()), shown) as done:
        finished = 0
        for wanted in (True, False):
            rows = np.flatnonzero(asked & (accepted != wanted))
            if len(rows):
                found = battery.moves(people[rows], wanted, limits[rows], _further(done, finished))
                radius[rows], moved[rows], attack[rows] = found.radius, found.moved, found.attack
                exact[rows], finished = found.exact, finished + len(rows)
    limit = float(limits[0]) if len(limits) and (limits == limits[0]).all() else limits
    return Moves(radius, moved, attack, exact, accepted, battery.decider.favourable, limit)


def _further(done: Callable[[int], None], before: int) -> Callable[[int], None]:
    """Return what is to be told how many people are done beside those ``before``."""
    return lambda count: done(before + count)
