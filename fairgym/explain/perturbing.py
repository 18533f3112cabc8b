"""Perturbations: where the rows come from on which a rule is judged, D(z | rule).

"independent": the free features come together from one random row of the background, and every feature that the rule
speaks of comes on its own from the background values that satisfy it (the paper's choice; such rows can be unlike any
real one where features hang together). "rows": real rows that satisfy the whole rule. A function: rows of a simulator,
which owns the population; see ``from_simulator``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, named, one_of, require, whole_number
from fairgym.explain.arms import Arm
from fairgym.explain.predicates import Floats
from fairgym.explain.rule import Rule
from fairgym.explain.sorting import SortedColumns
from fairgym.explain.table import Person, Table, rows_of

INDEPENDENT, ROWS = "independent", "rows"
Simulator = Callable[[Rule, int, np.random.Generator], Any]
"""(rule, n, rng) -> at most n rows in the form of the background, all of which satisfy the rule."""


def cut(rows: NDArray[Any], sizes: Sequence[int]) -> list[NDArray[Any]]:
    """Return rows, or anything with one entry for each, as blocks of these sizes."""
    blocks, start = [], 0
    for size in sizes:
        blocks.append(rows[start : start + size])
        start += size
    return blocks


class Perturbation(Protocol):
    """Draws rows that satisfy rules."""

    def draw(self, arms: Sequence[Arm], sizes: Sequence[int], person: Person, rng: np.random.Generator) -> list[Floats]:
        """Return for each rule so many rows (m, D) that satisfy it, or fewer where there are none."""


class Independent:
    """Free features together from a random row; each feature of the rule on its own, from values that satisfy it."""

    def __init__(self, columns: SortedColumns) -> None:
        self.columns = columns

    def draw(self, arms: Sequence[Arm], sizes: Sequence[int], person: Person, rng: np.random.Generator) -> list[Floats]:
        """Return for each rule so many rows (m, D); a value that no background row has is the person's own."""
        columns, total = self.columns, int(sum(sizes))
        rows = columns.rows.take(rng.integers(0, len(columns.rows), total), axis=0)
        blocks = cut(rows, sizes)
        for arm, block in zip(arms, blocks, strict=True):
            for at, (start, stop) in arm.slices.items():
                chosen = rng.integers(start, stop, len(block)) if stop > start else None
                block[:, at] = person.codes[at] if chosen is None else columns.sorted[at].take(chosen)
        return blocks


class RealRows:
    """Background rows that satisfy the whole rule, drawn with replacement; none where none does."""

    def __init__(self, columns: SortedColumns) -> None:
        self.columns = columns

    def draw(self, arms: Sequence[Arm], sizes: Sequence[int], person: Person, rng: np.random.Generator) -> list[Floats]:
        """Return for each rule so many rows (m, D)."""
        found = []
        for arm, size in zip(arms, sizes, strict=True):
            members = self.columns.members(arm.bits)
            chosen = members[rng.integers(0, len(members), size)] if len(members) else members
            found.append(self.columns.rows.take(chosen, axis=0))
        return found


class Simulated:
    """Rows of a function of the user, checked: it must keep to the rule."""

    def __init__(self, simulate: Simulator, table: Table) -> None:
        self.simulate, self.table = simulate, table

    def draw(self, arms: Sequence[Arm], sizes: Sequence[int], person: Person, rng: np.random.Generator) -> list[Floats]:
        """Return for each rule so many rows (m, D), or as many as the simulator gives."""
        return [self._rows(arm, int(size), rng) for arm, size in zip(arms, sizes, strict=True)]

    def _rows(self, arm: Arm, size: int, rng: np.random.Generator) -> Floats:
        if not size:
            return np.empty((0, len(self.table.columns)))
        rule = Rule(arm.predicates, names=self.table.names)
        rows = rows_of(self.simulate(rule, size, rng), "perturb's answer")
        coded = self.table.code(rows, "perturb's answer") if len(rows) else np.empty((0, len(self.table.columns)))
        require(
            len(rows) <= size, f"perturb returned {len(rows)} rows where {size} were asked for: return at most those."
        )
        strange = int((~rule.covers(rows)).sum()) if len(rows) else 0
        require(
            not strange,
            f"perturb returned {strange} of {len(rows)} rows that break the rule: give rows that satisfy it.",
        )
        return coded


def perturbation(perturb: Any, columns: SortedColumns, table: Table) -> Perturbation:
    """Return a perturbation by its name, or from a function; refuse anything else."""
    if isinstance(perturb, str):
        return (
            Independent(columns)
            if one_of("perturb", perturb, (INDEPENDENT, ROWS)) == INDEPENDENT
            else RealRows(columns)
        )
    if not callable(perturb) or isinstance(perturb, type):
        raise InputError(
            f"perturb is {named(perturb)}: give 'independent', 'rows' or a function of (rule, n, rng) that returns "
            "rows."
        )
    return Simulated(perturb, table)


def from_simulator(sample: Callable[[int, np.random.Generator], Any], tries: int = 50) -> Simulator:
    """Return a perturbation for ``AnchorExplainer`` from a function that draws people of a population.

    ``sample(n, rng)`` returns n people as rows in the form of the background. Of them those are kept who satisfy the
    rule, until there are enough or ``tries`` times as many people as wanted were drawn; so a rule that nobody
    satisfies gets no rows, and is not accepted.
    """
    whole_number("tries", tries, at_least=1)

    def simulate(rule: Rule, n: int, rng: np.random.Generator) -> Any:
        kept: list[Any] = []
        found = 0
        for _ in range(tries):
            people = rows_of(sample(n, rng), "sample's answer")
            chosen = np.flatnonzero(rule.covers(people))[: n - found]
            kept.append(people.iloc[chosen] if hasattr(people, "iloc") else people[chosen])
            found += len(chosen)
            if found == n:
                break
        if hasattr(kept[0], "iloc"):
            import pandas as pd

            return pd.concat(kept, ignore_index=True)
        return np.concatenate(kept)

    return simulate
