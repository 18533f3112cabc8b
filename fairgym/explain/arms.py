"""Arm: a candidate rule during the search, with the rows drawn for it; Option: a condition it may be made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from fairgym.explain.predicates import Bools, Floats, Predicate
from fairgym.explain.sorting import Bits, Slice, SortedColumns, count, meet


@dataclass(frozen=True)
class Option:
    """A condition that the person satisfies."""

    at: int  # column
    part: Slice  # of the sorted column
    predicate: Predicate


@dataclass(eq=False)
class Arm:
    """A candidate rule."""

    path: tuple[Option, ...]  # in the order in which they were added
    slices: dict[int, Slice]  # by column
    bits: Bits  # background rows that satisfy the rule
    cover: int  # their number
    guess: float = 0.0  # precision among rows that were drawn for shorter rules and satisfy this one: for choosing only
    hits: int = 0  # rows with the person's answer, of
    drawn: int = 0  # rows drawn for this very rule, whatever for
    blocks: list[tuple[Floats, Bools]] = field(default_factory=list)  # all rows drawn for it, and who got the answer

    @property
    def key(self) -> tuple[tuple[int, Slice], ...]:
        """What the rule says, whatever the order in which it was made."""
        return tuple(sorted(self.slices.items()))

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        """Its conditions."""
        return tuple(option.predicate for option in self.path)

    @property
    def rate(self) -> float:
        """The share of hits among the rows drawn for it, or among inherited ones before there are any."""
        return self.hits / self.drawn if self.drawn else self.guess

    def note(self, rows: Floats, hits: Bools) -> None:
        """Take in rows (m, D) that were drawn for this rule."""
        self.blocks.append((rows, hits))
        self.hits += int(hits.sum())
        self.drawn += len(hits)


def empty_arm(columns: SortedColumns) -> Arm:
    """Return the rule without conditions."""
    return Arm((), {}, columns.all, len(columns.rows))


def with_option(arm: Arm, option: Option, columns: SortedColumns) -> Arm | None:
    """Return a rule with one more condition; None where it implies it already."""
    old = arm.slices.get(option.at)
    new = option.part if old is None else meet(old, option.part)
    if new == old or (old is None and new == (0, len(columns.rows))):
        return None
    bits = arm.bits & columns.bits(option.at, new)
    kept = tuple(one for one in arm.path if one.at != option.at or not _within(option.part, one.part))
    return Arm((*kept, option), {**arm.slices, option.at: new}, bits, count(bits))


def made_of(path: tuple[Option, ...], columns: SortedColumns) -> Arm:
    """Return the rule of these conditions."""
    arm = empty_arm(columns)
    for option in path:
        arm = with_option(arm, option, columns) or arm
    return arm


def _within(part: Slice, whole: Slice) -> bool:
    """Return whether a slice lies in another one, so that its condition makes that of the other superfluous."""
    return whole[0] <= part[0] and part[1] <= whole[1]
