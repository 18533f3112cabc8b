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
    World(
        "FeatureLendingEnv-v0",
        "fairgym.envs.feature_lending:FeatureLendingEnv",
        "fairgym.envs.feature_lending:FeatureLendingVectorEnv",
        "applicants with two features, whose meaning may differ between the groups",
    ),
    World(
        "TemplateEnv-v0",
        "fairgym.envs.template:TemplateEnv",
        "fairgym.envs.template:TemplateVectorEnv",
        "a firm hires cohorts and hires are role models: a small world to copy",
    ),
)
