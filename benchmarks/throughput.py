"""Ask how fast the lending world is, against what a machine could do and against what people have today.

Run: python -m benchmarks.throughput        (needs the extra ``bench`` for Numba)

Prints medians of paired timings on one core, all in one run:
1. the vector environment at 1,024 lanes against a fused Numba loop of the same model (limit: at least 1/3);
2. the vector environment at 64 lanes against Gymnasium's SyncVectorEnv of 64 single ones (limit: at least 20 times);
3. one step of the single environment against one of CartPole-v1 (limit: at most 6 times);
4. the cost of a lane-step from 1 to 65,536 lanes.
"""

from __future__ import annotations

import statistics

import gymnasium
import numpy as np

import fairgym  # noqa: F401 - registers the ids
from benchmarks.fused.lending import FusedLending
from benchmarks.timing import ROUNDS, Steps, fused, timed, timed_pairs, vector

LENDING = "LendingEnv-v0"


def main() -> None:
    """Print the four answers."""
    fused_ratio()
    sync_ratio()
    single_ratio()
    curve()


def fused_ratio() -> None:
    """Compare with the fused loop."""
    ours, theirs = timed_pairs(vector(LENDING, 1_024), fused_lending(1_024), steps=200)
    print(f"1. vector, 1,024 lanes: {1_024 / ours / 1e6:.2f} M lane-steps/s; fused Numba loop: "
          f"{1_024 / theirs / 1e6:.2f} M; ratio {theirs / ours:.2f} (limit: at least 0.33)")  # fmt: skip


def sync_ratio() -> None:
    """Compare with SyncVectorEnv."""
    ours, theirs = timed_pairs(vector(LENDING, 64), vector(LENDING, 64, "sync"), steps=50)
    print(f"2. vector, 64 lanes: {ours * 1e6:.0f} us a step; SyncVectorEnv: {theirs * 1e6:.0f} us; "
          f"ratio {theirs / ours:.1f} (limit: at least 20)")  # fmt: skip


def single_ratio() -> None:
    """Compare with CartPole."""
    ours, cart = timed_pairs(single(LENDING), single("CartPole-v1"), steps=2_000)
    print(f"3. single: {ours * 1e6:.1f} us a step; CartPole-v1: {cart * 1e6:.1f} us; "
          f"ratio {ours / cart:.2f} (limit: at most 6)")  # fmt: skip


def curve() -> None:
    """Print the cost of a lane-step by number of lanes."""
    print("4. lanes    us/step    ns/lane-step    M lane-steps/s")
    for lanes in 4 ** np.arange(9):
        run = vector(LENDING, int(lanes))
        steps = int(np.clip(200_000 // lanes, 5, 2_000))
        run(steps)
        seconds = statistics.median(timed(run, steps) for _ in range(ROUNDS))
        print(f"{lanes:8d} {seconds * 1e6:10.1f} {seconds / lanes * 1e9:15.0f} {lanes / seconds / 1e6:17.2f}")


def single(env_id: str) -> Steps:
    """Return a run of a single environment as ``gymnasium.make`` gives it, reset when an episode ends."""
    env = gymnasium.make(env_id)
    env.reset(seed=0)

    def run(steps: int) -> None:
        for step in range(steps):
            _, _, terminated, truncated, _ = env.step(step % 2)
            if terminated or truncated:
                env.reset()

    return run


def fused_lending(lanes: int) -> Steps:
    """Return a run of the compiled loop."""
    return fused(FusedLending(lanes), gymnasium.spaces.Discrete(2), lanes)


if __name__ == "__main__":
    main()
