"""Cases: searches for the cheapest action of one person each, done together in rounds, in threads.

What a round finds is held against the model itself, for all cases at once. A point that the model refuses (its sum of
votes is so near to the bar that rounding decides) no longer counts as winning, and its case is searched again: the
proof stays whole. Should a model refuse many points of a case, the search keeps away from the bar, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from fairgym.compiled import prepare
from fairgym.recourse.branching import DONE, explore
from fairgym.recourse.climbing import climb
from fairgym.recourse.costs import SLACK, Floats
from fairgym.recourse.found import FOUND, IMPOSSIBLE, OPTIMAL, UNKNOWN
from fairgym.recourse.rungs import Flags, Ints, Ladders, Person
from fairgym.recourse.trees import TreeVotes

REFUSALS = 16
"""Points that the model may refuse before the search of a case keeps away from the bar; after twice as many it ends."""
Report = Callable[[int], object]
"""Is told the number of cases that are finished."""


@dataclass
class Case:
    """One search: a person, of whom some features may be held still, and what is known so far."""

    row: int  # of the person
    person: Person
    held: frozenset[int] = frozenset()  # features that must not change
    point: Ints | None = None  # the cheapest verified action, (D,)
    cost: float = np.inf  # of it
    floor: float = 0.0  # no action costs less
    done: bool = False
    climbed: bool = False
    candidate: Ints | None = None  # an action that is not verified yet
    candidate_cost: float = np.inf
    refused: list[Ints] = field(default_factory=list)

    @property
    def strict(self) -> bool:
        """Whether the search keeps away from the bar."""
        return len(self.refused) > REFUSALS

    @property
    def proof(self) -> int:
        """What is known, as a code of ``found``."""
        if self.done and not self.strict:
            return IMPOSSIBLE if self.point is None else OPTIMAL
        return UNKNOWN if self.point is None else FOUND

    @property
    def bound(self) -> float:
        """A cost that no action is under."""
        if self.strict:
            return 0.0
        return np.inf if self.proof == IMPOSSIBLE else self.floor

    @property
    def refusals(self) -> Ints:
        """The refused points, (rows, D)."""
        return np.array(self.refused, dtype=np.int32).reshape(-1, len(self.person.own))

    def refuse(self, point: Ints) -> None:
        """Note that a point does not win; the search has to be done again, unless there were too many."""
        self.refused.append(point)
        self.done = len(self.refused) > 2 * REFUSALS


def prepare_search(ladders: Ladders, case: Case) -> None:
    """Compile what searches like this one need, with an honest word."""
    forest, person, point = ladders.forest, case.person, case.person.own
    prepare(climb, forest, person, person.low, person.high, 0.0, point, point)
    prepare(explore, forest, person, 0.0, point, case.refusals, 1, np.zeros(1, dtype=np.int8))


@dataclass(frozen=True)
class Cases:
    """What all searches of one call share."""

    votes: TreeVotes
    ladders: Ladders
    people: Floats  # (n, D)
    budget: float
    limits: Sequence[int]  # numbers of boxes, round after round
    workers: int  # threads
    stop: Flags  # (1,), not 0 once the searches have to end

    def solve(self, cases: Sequence[Case], report: Report | None = None) -> None:
        """Search until all cases are done, or the last round is over, or the time is up."""
        for limit in self.limits:
            waiting = [case for case in cases if not case.done]
            while waiting and not self.stop[0]:
                self._run(waiting, limit)
                waiting = self._verify(waiting)
                if report is not None:
                    report(sum(case.done for case in cases))

    def _run(self, cases: Sequence[Case], limit: int) -> None:
        """Search all cases within a number of boxes each."""
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                for _ in pool.map(lambda case: self._search(case, limit), cases):
                    pass
            except BaseException:  # such as an interrupt from the keyboard
                self.stop[0] = 1
                raise

    def _search(self, case: Case, limit: int) -> None:
        """Search one case within a number of boxes; leaves what it finds as the case's candidate."""
        if self.stop[0]:
            return
        forest = self.ladders.forest
        if case.strict:
            forest = forest._replace(needed=self.ladders.surely)
        person, answer = case.person, case.person.own.copy()
        known = min(case.cost, float(np.nextafter(self.budget + SLACK, np.inf)))
        best = known
        if not case.climbed:
            best = min(best, climb(forest, person, person.low, person.high, known, person.own.copy(), answer))
            case.climbed = True
        why, best, case.floor, _ = explore(forest, person, best, answer, case.refusals, limit, self.stop)
        case.done = why == DONE
        if best < known:
            case.candidate, case.candidate_cost = answer, best

    def _verify(self, cases: Sequence[Case]) -> list[Case]:
        """Hold all candidates against the model; return the cases whose candidate it refuses."""
        asked = [(case, case.candidate) for case in cases if case.candidate is not None]
        if not asked:
            return []
        landed = np.stack([self.land(case, candidate) for case, candidate in asked])
        refused = []
        for (case, candidate), wins in zip(asked, self.votes.wins(landed), strict=True):
            case.candidate = None
            if wins:
                case.point, case.cost = candidate, case.candidate_cost
                continue
            case.refuse(candidate)
            if not case.done:
                refused.append(case)
        return refused

    def land(self, case: Case, point: Ints | None) -> Floats:
        """Return where the person of a case lands at a point, (D,)."""
        assert point is not None
        return self.ladders.land(self.people[case.row], case.person.own, point)
