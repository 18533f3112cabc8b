"""ProportionalAttention: attention in proportion to the rates of incidents."""

from __future__ import annotations

from typing import Any

from fairgym.agents.attention import RateAttention, proportions
from fairgym.agents.base import Agent
from fairgym.batch import Array, Numbers
from fairgym.checks import flag, require, whole_number
from fairgym.noise import Uniforms


class ProportionalAttention(RateAttention):
    """Shares the units out in proportion to the rates.

    Each unit draws its site by lot, as in D'Amour et al. (2020), section 4.2; with ``by_lot=False`` they are dealt by
    largest remainders. With ``minimum`` every site gets so many units first, and the rest is shared out: nobody is ever
    left without a look.
    """

    def __init__(self, *, by_lot: bool = True, minimum: int = 0, **rates: Any) -> None:
        """Set up the rule; ``rates`` are the settings of ``RateAttention``."""
        super().__init__(**rates)
        self.by_lot = flag("by_lot", by_lot)
        self.minimum = whole_number("minimum", minimum, at_least=0)

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return the rule that learns, the one that knows, and the one that always looks everywhere."""
        return super().examples() | {f"{cls.__name__}(minimum=1)": cls(minimum=1)}

    def check_spaces(self) -> None:
        """Refuse a world with too few units for the minimum."""
        super().check_spaces()
        require(
            self.minimum * self._sites <= self._units,
            f"minimum={self.minimum} needs {self.minimum * self._sites} units for {self._sites} sites, but there are "
            f"{self._units}: give a smaller one.",
        )

    def plan(self, rates: Numbers) -> Numbers:
        """Return the minimum and the rest in proportion, evenly where all rates are zero; (m, K)."""
        rest = self._units - self.minimum * self._sites
        return self.minimum + rest * proportions(rates)

    def follow(self, luck: Uniforms, plan: Numbers) -> Array:
        """Return the plan, or the minimum and the rest by lot; (n, K)."""
        if not self.by_lot:
            return plan
        return self.minimum + self.drawn(luck, plan - self.minimum, kept=self.minimum * self._sites)
