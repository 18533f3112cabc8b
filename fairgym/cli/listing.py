"""The command fairgym list."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from fairgym.envs import WORLDS


def list_everything() -> None:
    """List the scenarios and the worlds.

    Example: fairgym list
    """
    from fairgym.scenarios import SCENARIOS, load_scenario

    console = Console()
    scenarios = Table("scenario", "what it shows", "paper", title="scenarios: fairgym run NAME", pad_edge=False)
    for name in SCENARIOS:
        scenario = load_scenario(name)
        scenarios.add_row(name, scenario.title, scenario.paper)
    worlds = Table("id", "world", title='worlds: gymnasium.make("fairgym:ID")', pad_edge=False)
    for world in WORLDS:
        worlds.add_row(world.env_id, world.summary)
    console.print(scenarios, worlds)
