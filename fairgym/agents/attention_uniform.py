"""UniformAttention: every unit of attention draws its site blindly."""

from __future__ import annotations

from fairgym.agents.attention import AttentionAgent
from fairgym.agents.base import Arrays
from fairgym.batch import Array
from fairgym.noise import Uniforms


class UniformAttention(AttentionAgent):
    """Sends each unit to a site drawn with equal chances, whatever was seen (D'Amour et al. 2020, section 4.2)."""

    def units(self, luck: Uniforms, observation: Arrays, info: Arrays) -> Array:
        """Return blindly drawn units, (n, K)."""
        return self.anywhere(luck)
