"""The worlds, one per file. To add one: copy ``template.py`` and add a row to this table."""

from __future__ import annotations

from typing import NamedTuple


class World(NamedTuple):
    """A registered world: its Gymnasium id and where its two environment classes live."""

    env_id: str
    single: str
    vector: str
    summary: str


WORLDS: tuple[World, ...] = (
    World(
        "LendingEnv-v0",
        "fairgym.envs.lending:LendingEnv",
        "fairgym.envs.lending:LendingVectorEnv",
        "loans move credit scores (Liu et al. 2018, D'Amour et al. 2020)",
    ),
)
