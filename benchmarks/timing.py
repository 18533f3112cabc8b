"""What the benchmarks share: paired timings, and runs of environments under random actions drawn beforehand."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, Protocol

import gymnasium
import numpy as np

ROUNDS = 9
Steps = Callable[[int], None]
"""Does so many steps."""


class Peer(Protocol):
    """A compiled loop that moves all lanes by one step."""

    def step(self, actions: np.ndarray) -> None:
        """Move all lanes by one step."""


def timed(run: Steps, steps: int) -> float:
    """Return seconds per step."""
    start = time.perf_counter()
    run(steps)
    return (time.perf_counter() - start) / steps


def timed_pairs(a: Steps, b: Steps, steps: int, rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the seconds per step of two peers: medians over rounds in which they take turns, after a warm-up."""
    a(steps), b(steps)
    pairs = [(timed(a, steps), timed(b, steps)) for _ in range(rounds)]
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)


def vector(env_id: str, lanes: int, mode: str = "vector_entry_point", **params: Any) -> Steps:
    """Return a run of a vector environment under random actions."""
    env = gymnasium.make_vec(env_id, num_envs=lanes, vectorization_mode=mode, **params)
    env.reset(seed=0)
    return repeated(env.step, random_actions(env.single_action_space, lanes))


def fused(peer: Peer, space: gymnasium.Space[Any], lanes: int) -> Steps:
    """Return a run of a compiled loop under the same random actions."""
    return repeated(peer.step, random_actions(space, lanes))


def repeated(step: Callable[[np.ndarray], Any], actions: list[np.ndarray]) -> Steps:
    """Return a run that calls ``step`` with a few rounds of actions in turn."""

    def run(steps: int) -> None:
        for index in range(steps):
            step(actions[index % len(actions)])

    return run


def random_actions(space: gymnasium.Space[Any], lanes: int, rounds: int = 16) -> list[np.ndarray]:
    """Return a few rounds of random actions of all lanes."""
    space.seed(0)
    return [np.stack([np.asarray(space.sample()) for _ in range(lanes)]) for _ in range(rounds)]
