"""Lanes: n worlds of one kind in step, with their noise; snapshots of them; the seeds they start from.

Nothing here knows of Gymnasium's interfaces; the adapters do.
"""

from __future__ import annotations

import copy
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairgym.batch import Array, Batch, Mask
from fairgym.checks import InputError, whole_number
from fairgym.envs.dynamics import Dynamics
from fairgym.envs.given_state import check_possible, example_state
from fairgym.noise import LaneNoise

AnyDynamics = Dynamics[Any, Any, Any]


@dataclass
class Lanes:
    """n worlds of one kind: their state and their noise."""

    dynamics: AnyDynamics
    noise: LaneNoise
    state: Batch

    @classmethod
    def seeded(cls, dynamics: AnyDynamics, seeds: list[int], state: Batch | None = None) -> Lanes:
        """Return lanes at their first state, or at ``state`` if one is given; lane i is seeded by ``seeds[i]``."""
        noise = LaneNoise(seeds, dynamics.reset_noise_size, dynamics.noise_size)
        first = dynamics.initial(noise.resets.next())
        return cls(dynamics, noise, first if state is None else state)

    def reset(self, lanes: Mask, state: Batch | None = None) -> None:
        """Start new episodes in the masked lanes, from ``state`` if one is given; the others do not move."""
        first = self.dynamics.initial(self.noise.resets.next(lanes))
        self.state = self.state.where(lanes, first if state is None else state)

    def step(self, actions: Array, live: Mask | None) -> tuple[dict[str, Array], Array, Mask]:
        """Move all lanes; return what happened, the reward and which lanes are over.

        Lanes that are not live use up no noise and their results mean nothing.
        """
        self.state, outcome = self.dynamics.step(self.state, actions, self.noise.steps.next(live))
        return outcome.arrays(), self.dynamics.reward(outcome), self.dynamics.terminated(self.state)

    def truth(self) -> dict[str, Array]:
        """Return the hidden facts about the current state."""
        return self.dynamics.truth(self.state)


@dataclass(frozen=True)
class Snapshot:
    """Everything that n worlds need to continue identically; can be pickled.

    The clock of Gymnasium's TimeLimit wrapper is outside of the environment, and so outside of its snapshot.
    """

    lanes: Lanes
    elapsed: Array
    """Steps of the episode so far, kept by vector environments; (n,)."""
    over: Mask
    """Lanes whose episode has ended; (n,)."""

    def copy_for(self, dynamics: AnyDynamics, num_envs: int) -> Snapshot:
        """Return a copy that goes on under this law, or refuse: other world, other size, impossible state."""
        lanes = copy.deepcopy(self.lanes)
        if len(lanes.state) != num_envs:
            raise InputError(f"restore was given a snapshot of {len(lanes.state)} lanes: there are {num_envs} here.")
        if _kind(lanes.dynamics, lanes.state) != _kind(dynamics, example_state(dynamics, num_envs)):
            raise InputError(f"restore was given a snapshot of another {type(lanes.dynamics).__name__}: use its own.")
        going_on = lanes.state.take(~self.over)
        if len(going_on):
            check_possible(dynamics, going_on, "the state of the snapshot")
        return Snapshot(Lanes(dynamics, lanes.noise, lanes.state), self.elapsed.copy(), self.over.copy())


def _kind(dynamics: AnyDynamics, state: Batch) -> tuple[Any, ...]:
    """Return what two worlds must share so that one can go on from the other's state and noise."""
    shapes = {name: (array.shape[1:], array.dtype) for name, array in state.arrays().items()}
    return type(dynamics), dynamics.reset_noise_size, dynamics.noise_size, shapes


def lane_seeds(seed: object, num_envs: int) -> list[int | None]:
    """Return one seed per lane: seed + i from a number, as given from a list, None where a lane keeps its stream."""
    if seed is None:
        return [None] * num_envs
    if isinstance(seed, numbers.Integral):
        first = whole_number("seed", seed, at_least=0)
        return [first + lane for lane in range(num_envs)]
    if not isinstance(seed, (list, tuple, np.ndarray)):
        raise InputError(f"seed={seed!r} is not a seed: give a whole number of at least 0, or one per lane.")
    if len(seed) != num_envs:
        raise InputError(f"seed lists {len(seed)} seeds for {num_envs} lanes: give one per lane.")
    return [None if one is None else whole_number("seed", one, at_least=0) for one in seed]


def one_lane(values: Mapping[str, Array], lane: int | np.integer[Any] = 0) -> dict[str, Any]:
    """Return the row of one lane: numbers where the row is a number, arrays of its own elsewhere."""
    return {key: value[lane].copy() if value.ndim > 1 else value[lane] for key, value in values.items()}
