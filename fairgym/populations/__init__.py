"""Who lives in a world: the archived simulator's two groups, TransRisk tables, or the user's own."""

from __future__ import annotations

from fairgym.populations.base import ScorePopulation
from fairgym.populations.two_groups import two_groups

__all__ = ["ScorePopulation", "load_population", "two_groups"]


def load_population(population: object) -> ScorePopulation:
    """Return the named population."""
    return two_groups()
