"""Gymnasium's three autoreset modes, by Gymnasium's own name where it has one (from 1.1 on)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gymnasium.vector import AutoresetMode
else:
    try:
        from gymnasium.vector import AutoresetMode
    except ImportError:  # Gymnasium 1.0

        class AutoresetMode(Enum):
            """When a lane whose episode has ended starts the next one."""

            NEXT_STEP = "NextStep"
            SAME_STEP = "SameStep"
            DISABLED = "Disabled"


__all__ = ["AutoresetMode"]
