"""Alternatives: further actions that change other features, best first, each with a search of its own.

After Lawler, "A procedure for computing the K best solutions to discrete optimization problems", Management Science
18(7), 1972: whatever is not the action at hand leaves one of its changed features as it is. So hold each of them still
in turn, search, and go on with the cheapest action of all searches so far.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from fairgym.recourse.cases import Case, Cases
from fairgym.recourse.rungs import Ladders


@dataclass
class Line:
    """The alternatives of one person: those chosen, and those that wait to be, cheapest first."""

    chosen: list[Case] = field(default_factory=list)
    waiting: list[tuple[float, int, Case]] = field(default_factory=list)
    held: set[frozenset[int]] = field(default_factory=set)  # sets of features that were held still in a search

    def add(self, case: Case) -> None:
        """Let the action of a case wait, if there is one; of equally dear ones the earlier comes first."""
        if case.point is not None:
            heapq.heappush(self.waiting, (case.cost, len(self.held) + len(self.waiting), case))


def alternatives(cases: Cases, first: Sequence[Case], count: int) -> list[list[Case]]:
    """Return for each case up to ``count`` cases with an action, its own first, by ascending cost.

    None changes all the features that an earlier one changes.
    """
    lines = [Line() for _ in first]
    for line, case in zip(lines, first, strict=True):
        line.add(case)
    while not cases.stop[0]:
        new = [(line, case) for line in lines for case in _choose(cases.ladders, line, count)]
        if not new:
            break
        cases.solve([case for _, case in new])
        for line, case in new:
            line.add(case)
    for line in lines:  # where the time was up: what was found so far
        while line.waiting:
            _choose(cases.ladders, line, count)
    return [line.chosen for line in lines]


def _choose(ladders: Ladders, line: Line, count: int) -> list[Case]:
    """Choose the cheapest action that waits, and return the searches to be done before the next can be chosen."""
    new: list[Case] = []
    while line.waiting and not new:
        _, _, case = heapq.heappop(line.waiting)
        if len(line.chosen) == count:
            continue
        moved = ladders.moved(case.person.own, case.point)
        earlier = (ladders.moved(one.person.own, one.point) for one in line.chosen)
        covered = next((features for features in earlier if features <= moved), None)
        if covered is None:
            line.chosen.append(case)
        for feature in sorted(moved if covered is None else covered):
            held = case.held | {feature}
            if len(line.chosen) < count and held not in line.held:
                line.held.add(held)
                new.append(Case(case.row, ladders.held(case.person, [feature]), held))
    return new
