"""KL-LUCB: which of many candidate rules have the highest precision, with one question to the model per round.

Kaufmann and Kalyanakrishnan, "Information Complexity in Bandit Subset Selection", COLT 2013. Theirs pulls two arms a
round; here a round pulls a few on either side of the border, because a question about many rows costs hardly more than
one about few. The bounds grow as log(m (1 + log t) / error) for m arms in round t, slower than in their proof, and the
rows of a level are limited. Choosing wrongly costs coverage, never validity: what is chosen is checked on new rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fairgym.explain.arms import Arm
from fairgym.explain.bounds import lower, upper

Pull = Callable[[Sequence[Arm], Sequence[int]], None]
"""Draws so many rows for each rule, asks the model, and notes the answers in the rules."""
FIRST, BATCH = 24, 32
"""Rows of every arm at the start, and of an arm that is pulled in a round."""
TOLERANCE, ERROR = 0.15, 0.1
"""How far below the best a chosen arm may be, and how often it may be further."""
SIDE = 4
"""Arms on either side of the border that are pulled in a round."""


def choose(
    arms: Sequence[Arm], wanted: int, most: int, pull: Pull, enough: Callable[[Arm], bool] = lambda arm: False
) -> list[Arm]:
    """Return the ``wanted`` arms with the highest precision, best first, from about ``most`` rows.

    It ends early where an arm is good ``enough`` to be checked, because then nobody needs to know the others better.
    """
    fresh = [arm for arm in arms if not arm.drawn]
    if fresh:
        pull(fresh, [FIRST] * len(fresh))
    drawn, turn = FIRST * len(fresh), 1
    while True:
        order = np.lexsort(([-arm.cover for arm in arms], [-arm.rate for arm in arms]))
        inside, outside = [arms[at] for at in order[:wanted]], [arms[at] for at in order[wanted:] if arms[at].drawn]
        pulled = _undecided(inside, outside, np.log(len(arms) * (1 + np.log(turn)) / ERROR))
        if not pulled or drawn >= most or any(enough(arm) for arm in arms):
            return [arm for arm in inside if arm.drawn]
        pull(pulled, [BATCH] * len(pulled))
        drawn, turn = drawn + BATCH * len(pulled), turn + 1


def _undecided(inside: Sequence[Arm], outside: Sequence[Arm], level: float) -> list[Arm]:
    """Return the arms that may be on the wrong side of the border by more than the tolerance; none if all is clear."""
    if not inside or not outside:
        return []
    low = lower(*_counts(inside), level)
    high = upper(*_counts(outside), level)
    if high.max() - low.min() <= TOLERANCE:
        return []
    weak = [inside[at] for at in np.argsort(low, kind="stable")[:SIDE] if high.max() - low[at] > TOLERANCE]
    strong = [outside[at] for at in np.argsort(-high, kind="stable")[:SIDE] if high[at] - low.min() > TOLERANCE]
    return [*weak, *strong]


def _counts(arms: Sequence[Arm]) -> tuple[np.ndarray, np.ndarray]:
    """Return hits and rows of arms as arrays."""
    return np.array([arm.hits for arm in arms], float), np.array([arm.drawn for arm in arms], float)
