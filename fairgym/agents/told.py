"""What a world tells everybody beside its spaces: the bank's payoff, the margin for gaming, the social network."""

from __future__ import annotations

from typing import Any


def told(env: Any, name: str) -> list[Any]:
    """Return what each world of an environment tells under this name, None for one that tells nothing.

    A single environment and a native vector environment are one world; a ``SyncVectorEnv`` has several. Those of an
    ``AsyncVectorEnv`` are in other processes and cannot be asked.
    """
    return [getattr(world.unwrapped, name, None) for world in getattr(env.unwrapped, "envs", [env])]


def agreed(env: Any, name: str) -> Any:
    """Return what all worlds of an environment tell alike under this name, None where they differ or tell nothing."""
    first, *others = told(env, name)
    return first if all(other == first for other in others) else None
