"""Ask how fast every world is, and how long the studies of the field take.

Run: python -m benchmarks.worlds                 (needs the extra ``bench`` for Numba)
     python -m benchmarks.worlds --studies       (the whole studies as well, on all cores)

Prints for each world, medians of paired timings in one run:
1. environment steps per second with 1, 64 and 1,024 lanes, the Gymnasium interface included, on one core;
2. the ratio at 1,024 lanes to a fused Numba loop of the same world on one core (aim: at least 1/3);
3. how many times faster 64 lanes are than Gymnasium's SyncVectorEnv of 64 single ones.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
from rich.console import Console
from rich.table import Table

import fairgym  # noqa: F401 - registers the ids
from benchmarks.fused.admissions import FusedAdmissions
from benchmarks.fused.attention import FusedAttention
from benchmarks.fused.epidemic import FusedEpidemic
from benchmarks.fused.lending import FusedLending
from benchmarks.timing import Peer, fused, timed, timed_pairs, vector
from fairgym.agents import HighestCentrality
from fairgym.envs.epidemic import HARDER
from fairgym.experiment import Experiment
from fairgym.metrics import SickDays
from fairgym.scenarios import load_scenario
from fairgym.sweep import run_all

WORLDS: dict[str, tuple[Callable[[int], Peer], Mapping[str, Any]]] = {
    "LendingEnv-v0": (FusedLending, {}),
    "AttentionAllocationEnv-v0": (FusedAttention, {}),
    "StrategicClassificationEnv-v0": (FusedAdmissions, {}),
    "InfectiousDiseaseEnv-v0": (FusedEpidemic, HARDER),
}
"""The peer and the parameters of each world; under its default parameters an epidemic is soon over, and free."""
FEW, SOME, MANY = 1, 64, 1_024


def main() -> None:
    """Print the table of worlds and, if asked for, the time of the studies."""
    console = Console()
    ours = [f"steps/s, lanes {lanes:,}" for lanes in (FEW, SOME, MANY)]
    table = Table("world", *ours, "fused loop", "ratio", "SyncVectorEnv", "times")
    for env_id, (peer, params) in WORLDS.items():
        table.add_row(env_id, *speeds(env_id, peer, params))
    console.print(table)
    if "--studies" in sys.argv[1:]:
        for name, limit, study in STUDIES:
            start = time.perf_counter()
            study()
            console.print(f"{name}: {time.perf_counter() - start:.1f} s (limit: {limit} s)")


def speeds(env_id: str, peer: Callable[[int], Peer], params: Mapping[str, Any]) -> list[str]:
    """Return the row of one world."""
    space = gymnasium.make(env_id, **params).action_space
    alone = vector(env_id, FEW, **params)
    alone(200)
    few = timed(alone, 2_000)
    ours, sync = timed_pairs(vector(env_id, SOME, **params), vector(env_id, SOME, "sync", **params), steps=50)
    many, loop = timed_pairs(vector(env_id, MANY, **params), fused(peer(MANY), space, MANY), steps=100)
    cells = [FEW / few, SOME / ours, MANY / many, MANY / loop]
    return [f"{cell:,.0f}" for cell in cells] + [f"{loop / many:.2f}", f"{SOME / sync:,.0f}", f"{sync / ours:.0f}"]


def epidemics(lanes: int = 1_000, people: int = 10_000, days: int = 200) -> None:
    """Run 1,000 epidemics on a power-law network of 10,000 people."""
    world = {"network": "power-law", "people": people}
    agent, trackers = HighestCentrality("degree"), {"sick days": SickDays()}
    run_all([Experiment("epidemics", "InfectiousDiseaseEnv-v0", agent, trackers, days, lanes, env_params=world)])


def scenario(name: str) -> Callable[[], None]:
    """Return a run of a scenario at its default size, claims included."""

    def study() -> None:
        chosen = load_scenario(name)
        chosen.check(chosen.run())

    return study


STUDIES = (
    ("figures 6 to 8, attention", 60, scenario("runaway-attention")),
    ("figure 9, admissions", 30, scenario("gaming-admissions")),
    ("1,000 epidemics, 10,000 people, 200 days", 60, epidemics),
)

if __name__ == "__main__":
    main()
