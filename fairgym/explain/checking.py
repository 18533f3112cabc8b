"""Checks: whether a rule is as precise as it has to be, on rows drawn for that very rule after it was chosen.

The j-th rule that is checked in a search may be accepted wrongly in its k-th look with probability
delta / (j (j + 1) k (k + 1)) at most, by an exact binomial bound. These sum to delta over all rules and all looks, so
that with probability 1 - delta no rule with a precision below the floor is accepted, however long the search is. The
empty rule is the first and is treated like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fairgym.binomial import at_least
from fairgym.explain.arms import Arm
from fairgym.explain.predicates import Bools

LOOKS = (100, 200, 400, 800, 1600)
"""New rows of each look at a rule; one that is still open then is not accepted."""
FIRST_HOPE, HOPE, MORE = 1.5, 1.0, 3
"""A rule is given up where it would not be accepted with so many times its rows even if its precision were so many
standard errors above what the first look, or a later one, shows."""
Draw = Callable[[Sequence[Arm], Sequence[int]], list[Bools]]
"""Draws so many new rows for each rule, and returns which of them get the person's answer."""


@dataclass(eq=False)
class Case:
    """A rule that is being checked."""

    arm: Arm
    number: int  # it is the number-th rule that is checked, from 1
    looks: int = 0
    hits: int = 0
    rows: int = 0

    @property
    def rate(self) -> float:
        """The share of hits."""
        return self.hits / self.rows if self.rows else 0.0


class Checks:
    """All checks of one search."""

    def __init__(self, threshold: float, floor: float, delta: float) -> None:
        self.threshold, self.floor, self.delta = threshold, floor, delta
        self.cases: list[Case] = []
        self.accepted: list[Case] = []

    def open(self, arm: Arm) -> Case:
        """Take up a rule, with the error that is left for it."""
        self.cases.append(Case(arm, len(self.cases) + 1))
        return self.cases[-1]

    def look(self, case: Case, hits: Bools) -> bool | None:
        """Take in new rows of a rule; return True if it is accepted, False if given up, None if more are needed."""
        case.looks += 1
        case.hits += int(hits.sum())
        case.rows += len(hits)
        if case.rate >= self.threshold and at_least(case.hits, case.rows, self._error(case, case.looks)) >= self.floor:
            self.accepted.append(case)
            return True
        return None if len(hits) and self._hopeful(case) else False

    def _error(self, case: Case, look: int) -> float:
        """Return the probability with which a look at a rule may accept it wrongly."""
        return self.delta / (case.number * (case.number + 1) * look * (look + 1))

    def _hopeful(self, case: Case) -> bool:
        """Return whether the next look would accept a rule if it is somewhat better than it looks now."""
        error = np.sqrt((case.hits + 1) * (case.rows - case.hits + 1) / (case.rows + 2) ** 3)
        rate = min(1.0, case.rate + (FIRST_HOPE if case.looks == 1 else HOPE) * error)
        rows = MORE * case.rows
        enough = at_least(int(rate * rows), rows, self._error(case, case.looks + 1)) >= self.floor
        return bool(rate >= self.threshold and enough)

    def verify(self, arms: Sequence[Arm], draw: Draw, looks: Sequence[int] = LOOKS) -> Case | None:
        """Check rules, and return the accepted one that covers most; None if none is accepted."""
        return self.settle([self.open(arm) for arm in arms], draw, looks)

    def settle(self, cases: Sequence[Case], draw: Draw, looks: Sequence[int] = LOOKS) -> Case | None:
        """Look at rules until none is open that covers more than an accepted one; return that one, if any."""
        pending, best = list(cases), None
        for size in looks:
            if not pending:
                break
            found = draw([case.arm for case in pending], [size] * len(pending))
            verdicts = [self.look(case, hits) for case, hits in zip(pending, found, strict=True)]
            for case, verdict in zip(pending, verdicts, strict=True):
                if verdict and (best is None or case.arm.cover > best.arm.cover):
                    best = case
            covered = -1 if best is None else best.arm.cover
            pending = [
                case
                for case, verdict in zip(pending, verdicts, strict=True)
                if verdict is None and case.arm.cover > covered
            ]
        return best
