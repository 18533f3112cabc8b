"""pick: the few rules that together cover most people, and rules that cover the same people but disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError, named, whole_number
from fairgym.explain.anchor import Anchor
from fairgym.explain.predicates import Bools
from fairgym.explain.table import groups_of, rows_of


@dataclass(frozen=True)
class Disagreement:
    """Two rules with different answers that cover common rows: one of them is wrong about each of those."""

    first: Anchor
    second: Anchor
    rows: int
    """Rows that both cover."""
    share: float
    """Their share of all rows."""

    def __str__(self) -> str:
        return (
            f"{self.rows:,} rows ({100 * self.share:.3g}%) satisfy both "
            f"[{self.first.conditions()}: {_says(self.first)}] and [{self.second.conditions()}: {_says(self.second)}]"
        )


@dataclass(frozen=True)
class Pick:
    """Chosen rules, the one that covers most first, each next one for what it adds."""

    anchors: tuple[Anchor, ...]
    places: tuple[int, ...]
    """Their places among the rules given."""
    coverage: tuple[float, ...]
    """Share of the rows that the first one, two, three, ... cover together."""
    disagreements: tuple[Disagreement, ...] = ()
    """Pairs of the chosen rules with different answers that cover common rows, the most rows first."""
    by_group: Mapping[Any, Pick] = field(default_factory=dict)
    """The same choice within each group, where groups are given."""

    def __len__(self) -> int:
        return len(self.anchors)

    def __iter__(self) -> Iterator[Anchor]:
        return iter(self.anchors)

    def __getitem__(self, place: int) -> Anchor:
        return self.anchors[place]

    def __str__(self) -> str:
        lines = [
            f"{share:.3f} covered with: {anchor}" for anchor, share in zip(self.anchors, self.coverage, strict=True)
        ]
        lines += [f"they disagree: {one}" for one in self.disagreements]
        for group, own in self.by_group.items():
            lines += [f"group {group}:", *(f"  {line}" for line in str(own).splitlines())]
        return "\n".join(lines) or "no rule to pick"


def pick(anchors: Sequence[Anchor], k: int, X: Any, groups: Any = None, *, valid_only: bool = True) -> Pick:
    """Return the k rules that together cover most rows of X, chosen greedily, overall and within each group.

    Greedy choice covers at least 63 % (1 - 1/e) of what the best k rules would. Rules that were not certified are left
    out unless ``valid_only=False``. ``groups`` holds the group of every row of X, (n,). Fewer than k rules come back
    where no other one adds anything.
    """
    whole_number("k", k, at_least=1)
    rows = rows_of(X, "X")
    places = [at for at, anchor in enumerate(_checked(anchors)) if anchor.success or not valid_only]
    covers = np.array([anchors[at].covers(rows) for at in places], dtype=bool).reshape(len(places), len(rows))
    chosen = _greedy([anchors[at] for at in places], places, covers, k)
    if groups is None:
        return chosen
    given, kinds = groups_of(groups, len(rows))
    own = {kind: _greedy([anchors[at] for at in places], places, covers[:, given == kind], k) for kind in kinds}
    return Pick(chosen.anchors, chosen.places, chosen.coverage, chosen.disagreements, own)


def disagreements(anchors: Sequence[Anchor], X: Any) -> tuple[Disagreement, ...]:
    """Return the pairs of rules with different answers that cover common rows of X, the most rows first."""
    rows = rows_of(X, "X")
    covers = np.array([anchor.covers(rows) for anchor in _checked(anchors)], dtype=bool).reshape(
        len(anchors), len(rows)
    )
    return _disagreements(list(anchors), covers)


def _checked(anchors: Sequence[Anchor]) -> Sequence[Anchor]:
    """Return anchors, or refuse what is none."""
    several = isinstance(anchors, Iterable) and isinstance(anchors, Sized)
    if not several or not all(isinstance(one, Anchor) for one in anchors):
        raise InputError(f"anchors is {named(anchors)} of something else: give the list that explain_batch returns.")
    return anchors


def _greedy(anchors: Sequence[Anchor], places: Sequence[int], covers: Bools, k: int) -> Pick:
    """Return the greedy choice among rules with rows (m, n) that they cover."""
    open_ = np.ones(covers.shape[1], dtype=bool)
    chosen: list[int] = []
    shares: list[float] = []
    while len(chosen) < min(k, len(anchors)):
        gains = (covers & open_).sum(axis=1)
        best = int(gains.argmax())
        if not gains[best]:
            break
        open_ &= ~covers[best]
        chosen.append(best)
        shares.append(float(1 - open_.mean()))
    taken = [anchors[at] for at in chosen]
    found = _disagreements(taken, covers[chosen])
    return Pick(tuple(taken), tuple(places[at] for at in chosen), tuple(shares), found)


def _disagreements(anchors: Sequence[Anchor], covers: Bools) -> tuple[Disagreement, ...]:
    """Return the pairs of rules (m) with different answers that cover common rows (m, n)."""
    counts: NDArray[np.float32] = covers.astype(np.float32) @ covers.T.astype(np.float32)
    found = [
        Disagreement(anchors[i], anchors[j], int(counts[i, j]), int(counts[i, j]) / covers.shape[1])
        for i in range(len(anchors))
        for j in range(i + 1, len(anchors))
        if counts[i, j] and anchors[i].prediction != anchors[j].prediction
    ]
    return tuple(sorted(found, key=lambda one: -one.rows))


def _says(anchor: Anchor) -> str:
    """Return what a rule says."""
    return anchor.answer or str(anchor.prediction)
