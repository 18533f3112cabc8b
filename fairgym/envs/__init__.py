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
        "StrategicClassificationEnv-v0",
        "fairgym.envs.admissions:StrategicClassificationEnv",
        "fairgym.envs.admissions:StrategicClassificationVectorEnv",
        "a college publishes a threshold and applicants pay to reach it (D'Amour et al. 2020, Hardt et al. 2016)",
    ),
    World(
        "AttentionAllocationEnv-v0",
        "fairgym.envs.attention:AttentionAllocationEnv",
        "fairgym.envs.attention:AttentionAllocationVectorEnv",
        "where to look for incidents, when looking deters them (D'Amour et al. 2020)",
    ),
    World(
        "InfectiousDiseaseEnv-v0",
        "fairgym.envs.epidemic:InfectiousDiseaseEnv",
        "fairgym.envs.epidemic:InfectiousDiseaseVectorEnv",
        "an infection spreads on a social network and a few people a step get a dose (Atwood et al. 2019)",
    ),
    World(
        "ReapplicationEnv-v0",
        "fairgym.envs.reapplication:ReapplicationEnv",
        "fairgym.envs.reapplication:ReapplicationVectorEnv",
        "the rejected are told what to do, do it or not, and apply again (Fonseca et al. 2023, Liu et al. 2018)",
    ),
    World(
        "TemplateEnv-v0",
        "fairgym.envs.template:TemplateEnv",
        "fairgym.envs.template:TemplateVectorEnv",
        "a firm hires cohorts and hires are role models: a small world to copy",
    ),
)
