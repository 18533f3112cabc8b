"""Small random tables of every kind of feature, with what may be changed about them, for property tests."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from fairgym.recourse import ActionSpec

KINDS = ("integer", "binary", "group", "continuous")


@dataclass
class Table:
    """People (n, D), a class 0 or 1 for each, and what they can change."""

    people: np.ndarray
    label: np.ndarray
    spec: ActionSpec

    @property
    def actions(self):
        return self.spec.resolve(None, self.people.shape[1])

    @property
    def units(self):
        """Columns that move as one feature."""
        grouped = {column for group in self.spec.groups for column in group}
        alone = [[column] for column in range(self.people.shape[1]) if column not in grouped]
        return alone + [list(group) for group in self.spec.groups]


@st.composite
def tables(draw, columns=8, rows=60):
    """Draw a table of up to ``columns`` columns and ``rows`` rows; at least one feature can change."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(8, rows))
    blocks, groups, integer, binary, bounds = [], [], [], [], {}
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5)):
        place = sum(block.shape[1] for block in blocks)
        size = int(rng.integers(2, 4)) if kind == "group" else 1
        if place + size > columns:
            break
        if kind == "group":
            reference = rng.integers(0, 2)  # whether some people have no column on
            blocks.append(np.eye(size + 1)[rng.integers(0, size + reference, count)][:, :size])
            groups.append(list(range(place, place + size)))
        elif kind == "continuous":
            blocks.append(np.round(rng.normal(size=(count, 1)), int(rng.integers(0, 3))))
        else:
            blocks.append(rng.integers(0, 2 if kind == "binary" else 5, (count, 1)).astype(float))
            (binary if kind == "binary" else integer).append(place)
        if kind in ("integer", "continuous") and rng.random() < 0.5:
            low, high = np.sort(rng.choice(blocks[-1][:, 0], 2))
            bounds[place] = (low, high) if rng.random() < 0.5 else (-np.inf, high)
    people = np.concatenate(blocks, axis=1)
    directions = rng.choice(["fixed", "free", "free", "free", "up", "down"], people.shape[1])
    directions[rng.integers(people.shape[1])] = "free"
    label = (people @ rng.normal(size=people.shape[1]) + rng.normal(size=count) > 0).astype(int)
    label[:2] = 0, 1
    spec = ActionSpec(directions.tolist(), groups=groups, integer=integer, binary=binary, bounds=bounds)
    return Table(people, label, spec)
