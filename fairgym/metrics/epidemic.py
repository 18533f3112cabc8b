"""An epidemic by community: sick days, infections, and the supply of doses over the demand for them.

Doses by community are ``CumulativeDecisions``, those that helped somebody are ``tp`` of ``ConfusionCounts``, and the
precision of treatment, the share of the doses that helped, is ``Precision``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.batch import Array, Mask, Numbers
from fairgym.metrics.base import GroupRate, GroupTotal, LaneTotal, Tracker, lane_sums


class SickDays(LaneTotal):
    """Sick person-days so far: people who are infectious when a step begins, added up over the steps; (n,)."""

    requires = ("sick",)
    key = "sick"


class TotalInfected(Tracker):
    """Infections so far, with those that an episode begins with; (n,).

    The people who are infectious when the first step of an episode begins, and from then on everybody who catches the
    infection; in models without lasting immunity one person may count several times. Who is exposed, but not yet
    infectious, when the episode begins is not counted: it is not reported.
    """

    requires = ("sick", "newly_infected")
    at_start = 0.0

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.infected = np.zeros(num_envs)
        self.first_step = np.ones(num_envs, dtype=np.bool_)

    def begin(self, outcome: Mapping[str, Array], lanes: Mask | None = None) -> None:
        """Note in which lanes an episode begins."""
        self.first_step |= True if lanes is None else lanes

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add the infections of one step, and in a first step those that were there before."""
        self.infected += lane_sums(outcome["newly_infected"], live)
        starting = live & self.first_step
        if starting.any():
            self.infected += lane_sums(outcome["sick"], starting)
            self.first_step &= ~starting

    def compute(self) -> Numbers:
        """Return the infections, (n,)."""
        return self.infected.copy()


class GroupSickDays(GroupTotal):
    """Sick person-days of each group so far; (n, G)."""

    requires = ("group", "sick")
    key = "sick"


class Infections(GroupTotal):
    """People of each group who caught the infection so far: the demand for doses; (n, G)."""

    requires = ("group", "newly_infected")
    key = "newly_infected"


class SupplyOverDemand(GroupRate):
    """Doses over new infections of each group: the long-term benefit rate of Xu et al. (ICML 2024); (n, G).

    NaN where nobody of a group was infected. ``Difference(SupplyOverDemand(), 0, 1)`` is the signed gap, ``Gap`` its
    size, of each lane. The bias that the paper reports pools its episodes first and adds one infection for each. Doses
    that helped nobody count, so a rule can look fair by wasting them; see ``EffectiveSupplyOverDemand``.
    """

    requires = ("group", "decision", "newly_infected")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return doses over infections."""
        return outcome["decision"], outcome["newly_infected"]


class EffectiveSupplyOverDemand(GroupRate):
    """Doses that helped somebody over new infections of each group; (n, G), NaN where nobody was infected."""

    requires = ("group", "decision", "qualified", "newly_infected")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return useful doses over infections."""
        return outcome["decision"] * (outcome["qualified"] == 1), outcome["newly_infected"]
