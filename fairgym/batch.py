"""Batch: a frozen struct of arrays that share axis 0, one row per lane.

States and outcomes of every world are batches. A batch is a value: nothing writes into its arrays, and every
change makes a new batch. That is what lets a run be saved, forked and replayed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]


def along(lanes: Array, array: Array) -> Array:
    """Return one value per lane (n,) in a shape that broadcasts over ``array``, whose first axis is the lane."""
    return lanes.reshape(-1, *[1] * (array.ndim - 1))


@dataclass(frozen=True, eq=False)
class Batch:
    """A frozen struct of arrays; row i of every array belongs to lane i."""

    def arrays(self) -> dict[str, Array]:
        """Return the arrays by field name, in the order of declaration."""
        return dict(vars(self))

    def __len__(self) -> int:
        """Return the number of lanes."""
        return len(next(iter(self.arrays().values())))

    def take(self, lanes: Array) -> Self:
        """Return the given lanes (indices or a mask) as a batch of their own."""
        return replace(self, **{name: array[lanes] for name, array in self.arrays().items()})

    def where(self, mask: Mask, other: Self) -> Self:
        """Return this batch with the masked lanes replaced by those of ``other``, which has as many lanes."""
        return replace(
            self,
            **{
                name: np.where(along(mask, array), theirs, array)
                for (name, array), theirs in zip(self.arrays().items(), other.arrays().values(), strict=True)
            },
        )

    def read_only(self) -> Self:
        """Return a copy whose arrays refuse to be written into."""
        copies = {name: array.copy() for name, array in self.arrays().items()}
        for array in copies.values():
            array.setflags(write=False)
        return replace(self, **copies)
