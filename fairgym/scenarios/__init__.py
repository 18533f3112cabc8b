"""Published findings, one per file, that check themselves."""

from __future__ import annotations

import importlib

from fairgym.checks import one_of
from fairgym.scenarios.base import Claim, Measurement, Scenario, Settings, Verdict

__all__ = ["SCENARIOS", "Claim", "Measurement", "Scenario", "Settings", "Verdict", "load_scenario"]

SCENARIOS: tuple[str, ...] = (
    "delayed-impact",
    "simpson-tpr",
    "two-year-paradox",
    "outcome-curves",
    "runaway-attention",
    "farming",
    "fair-treatment",
    "vaccine-gap",
    "gaming-admissions",
    "recourse-trees",
    "a-way-up",
    "gaming",
    "broken-promises",
    "unequal-means",
    "implicit-bias",
    "rules-that-move",
    "harder-to-game",
    "noticed-in-time",
)
"""Every scenario; ``delayed-impact`` is ``fairgym.scenarios.delayed_impact.SCENARIO``."""


def load_scenario(name: str) -> Scenario:
    """Return a scenario by name, refusing an unknown one with the nearest known name."""
    module = importlib.import_module(f"fairgym.scenarios.{one_of('scenario', name, SCENARIOS).replace('-', '_')}")
    scenario: Scenario = module.SCENARIO
    return scenario
