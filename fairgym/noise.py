"""LaneNoise: the only source of randomness.

Every lane owns independent PCG64 generators, the children of ``numpy.random.SeedSequence(seed of the lane)``: one for
resets, one for steps, one for the agent. The k-th row of a lane's stream depends on nothing but its seed and k, so
neither the number of lanes nor what happens to the other lanes can change anybody's luck. Actions cannot either while
episodes are equally long: the k-th step of a lane meets the k-th row, whatever was done before. After episodes of
different lengths two policies are at different rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Mask

Uniforms = NDArray[np.float64]

RESETS, STEPS, AGENT = 0, 1, 2
"""Which child of a lane's seed sequence feeds which stream."""

_BLOCK_NUMBERS = 2**23
"""Numbers kept drawn ahead over all lanes (64 MiB), so that blocks shrink where there are many lanes."""
_CALL_NUMBERS = 2**13
"""Numbers that one call of a generator draws at the most, unless a row is longer: more would be no faster."""


class UniformStream:
    """Uniform numbers in [0, 1), one row of ``size`` numbers a call and lane, drawn in blocks of many short rows.

    While all lanes are at the same row, that row lies in one piece; once lanes have used up different numbers of rows
    (some were being reset), each lane's row is gathered. A long row is a block of its own, drawn in its place.
    """

    def __init__(self, seeds: Sequence[int], size: int, child: int) -> None:
        self._size = size
        self._child = child
        self._generators = [self._generator(seed) for seed in seeds]
        lanes = len(seeds)
        self._lanes = np.arange(lanes)
        ahead = min(_BLOCK_NUMBERS // max(1, lanes * size), _CALL_NUMBERS // max(1, size))
        self._block = int(np.clip(ahead, 1, 128))
        self._rows = np.empty((self._block, lanes, size))
        self._drawn = np.empty((lanes if self._block > 1 else 0, self._block, size))
        self._next_row = np.full(lanes, self._block)
        self._rows_left = 0
        self._aligned = True

    def _generator(self, seed: int) -> np.random.Generator:
        sequence = np.random.SeedSequence(seed, spawn_key=(self._child,))
        return np.random.Generator(np.random.PCG64(sequence))

    def reseed(self, lane: int, seed: int) -> None:
        """Start the stream of one lane anew from ``seed``."""
        self._generators[lane] = self._generator(seed)
        self._next_row[lane] = self._block
        self._rows_left = 0
        self._aligned = False

    def next(self, lanes: Mask | None = None) -> Uniforms:
        """Return the next row of every lane, shape (n, size); only the masked lanes use theirs up."""
        if self._rows_left == 0:
            self._refill()
        rows: Uniforms
        everybody = lanes is None or bool(lanes.all())
        if self._block == 1 and everybody:
            rows, self._rows = self._rows[0], np.empty_like(self._rows)  # the caller's own, not a copy
        elif self._aligned:
            rows = self._rows[self._next_row[0]].copy()
        else:
            rows = self._rows[self._next_row, self._lanes]
        self._next_row += 1 if lanes is None else lanes
        self._aligned = self._aligned and everybody
        self._rows_left -= 1
        return rows

    def _refill(self) -> None:
        """Draw a new block for the lanes that have used theirs up."""
        empty = np.flatnonzero(self._next_row == self._block)
        drawn = self._drawn[: len(empty)] if self._block > 1 else self._rows[0]
        for place, lane in enumerate(empty.tolist()):
            self._generators[lane].random(out=drawn[place if self._block > 1 else lane])
        if self._block > 1:
            self._rows[:, empty if len(empty) < len(self._lanes) else slice(None)] = drawn.swapaxes(0, 1)
        self._next_row[empty] = 0
        self._aligned = len(empty) == len(self._lanes)
        self._rows_left = self._block - int(self._next_row.max())


class LaneNoise:
    """The luck of n lanes: one stream of rows for resets and one for steps."""

    def __init__(self, seeds: Sequence[int], reset_size: int, step_size: int) -> None:
        self.resets = UniformStream(seeds, reset_size, RESETS)
        self.steps = UniformStream(seeds, step_size, STEPS)

    def reseed(self, lane: int, seed: int) -> None:
        """Start both streams of one lane anew from ``seed``."""
        self.resets.reseed(lane, seed)
        self.steps.reseed(lane, seed)


def categories(uniforms: Uniforms, weights: Uniforms) -> NDArray[np.intp]:
    """Draw one category per row by inversion: the first whose cumulative weight exceeds ``uniform * total``.

    ``uniforms`` has shape (n,), ``weights`` (n, k), not necessarily summing to one; categories of weight zero are
    never drawn. Returns shape (n,).
    """
    cumulative = weights.cumsum(axis=1)
    targets = uniforms * cumulative[:, -1]
    drawn: NDArray[np.intp] = (cumulative > targets[:, None]).argmax(axis=1)
    return drawn


def normals(uniforms: Uniforms) -> Uniforms:
    """Return standard normal numbers by inversion, of any shape.

    A uniform of exactly zero, which has no finite normal, is read as half of the smallest uniform above it (-8.3).
    """
    from scipy.special import ndtri  # here, because only the worlds that draw normals need scipy

    drawn: Uniforms = ndtri(np.maximum(uniforms, 2.0**-54))
    return drawn


COUNTED_UP = 64.0
"""Rate up to which a Poisson count is found by adding up probabilities from zero, which is much faster."""
_CERTAIN = 1.0 - 2.0**-44
"""Sums of probabilities are right up to here; what happens less often than once in 10**13 counts is not drawn."""


def counts(uniforms: Uniforms, rates: Uniforms) -> NDArray[np.int64]:
    """Return Poisson counts by inversion: the smallest count whose cumulative probability exceeds the uniform.

    ``rates`` are finite and not negative, of the shape of ``uniforms``; a rate of zero gives zero.
    """
    drawn = _counted_up(uniforms, np.minimum(rates, COUNTED_UP))
    large = rates > COUNTED_UP
    if large.any():
        from scipy.special import pdtr, pdtrik  # here, because only large rates need scipy

        chance, rate = uniforms[large], rates[large]
        guess = np.maximum(np.floor(pdtrik(np.maximum(chance, 2.0**-54), rate)), 0.0)  # one off at the most
        guess = guess + (pdtr(guess, rate) <= chance)
        drawn[large] = guess - ((guess > 0) & (pdtr(guess - 1, rate) > chance))
    return drawn


def _counted_up(uniforms: Uniforms, rates: Uniforms) -> NDArray[np.int64]:
    """Return Poisson counts by adding up the probabilities of 0, 1, 2, ... until they exceed the uniform."""
    probability = np.exp(-rates)
    cumulative, targets = probability.copy(), np.minimum(uniforms, _CERTAIN)
    drawn, count = np.zeros(uniforms.shape, dtype=np.uint8), 0
    more = targets >= cumulative
    while more.any():
        drawn += more.view(np.uint8)
        count += 1
        probability *= rates
        probability *= 1.0 / count
        cumulative += probability
        np.greater_equal(targets, cumulative, out=more)
    return drawn.astype(np.int64)
