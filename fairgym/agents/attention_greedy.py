"""GreedyAttention: the allocation with most expected discoveries that is fair enough."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgym.agents.allocation import best_allocation, smallest_alpha
from fairgym.agents.allocation_as_published import allocation_as_published
from fairgym.agents.attention import RateAttention
from fairgym.agents.base import Agent
from fairgym.batch import Numbers
from fairgym.checks import flag, number


class GreedyAttention(RateAttention):
    """Sends the units where they discover most on average, given that no site is neglected too much.

    No two sites' expected shares of discovered incidents may differ by more than ``alpha``; 1 allows everything. Where
    no allocation is so fair, the smallest alpha for which there is one takes its place. See
    ``fairgym.agents.allocation``; D'Amour et al. 2020, section 4.2, use the rule with alpha 1 and .75.

    ``as_published=True`` replays the archived program, which computes another allocation
    (``fairgym.agents.allocation_as_published``) and believes a site that nobody has looked at to have no incidents:
    before its first fit it sends every unit that it can to the last site. (It stops where no allocation is so fair; the
    replay goes on as above.)
    """

    def __init__(self, *, alpha: float = 1.0, as_published: bool = False, **rates: Any) -> None:
        """Set up the rule; ``rates`` are the settings of ``RateAttention``."""
        super().__init__(**rates)
        self.alpha = number("alpha", alpha, at_least=0, at_most=1)
        self.as_published = flag("as_published", as_published)

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return the rule that learns, the one that knows, and the fairer one of the paper."""
        return super().examples() | {f"{cls.__name__}(alpha=0.75)": cls(alpha=0.75)}

    def unknown(self, rates: Numbers) -> Numbers:
        """Return the rates; as published, those that are not known as zero."""
        return np.nan_to_num(rates) if self.as_published else rates

    def plan(self, rates: Numbers) -> Numbers:
        """Return the units of the allocation, (m, K)."""
        rule = allocation_as_published if self.as_published else best_allocation
        units, feasible = rule(rates, self._units, self.alpha)
        rest = np.flatnonzero(~feasible)
        if rest.size:
            units[rest] = best_allocation(rates[rest], self._units, smallest_alpha(rates[rest], self._units))[0]
        return units.astype(np.float64)
