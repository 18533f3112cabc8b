"""Incidents by site: how many occurred, were discovered and were missed, at what rates, and whether they are farmed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import rel_entr

from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import number, whole_number
from fairgym.metrics.base import GroupRate, GroupTotal, Tracker, lane_sums, ratio
from fairgym.metrics.population import LatestByGroup


class OccurredIncidents(GroupTotal):
    """Incidents that occurred at each site so far, seen or not; (n, K)."""

    requires = ("group", "incidents")
    key = "incidents"


class DiscoveredIncidents(GroupTotal):
    """Incidents that attention discovered at each site so far; (n, K)."""

    requires = ("group", "discovered")
    key = "discovered"


class MissedIncidents(GroupTotal):
    """Incidents at each site that nobody saw so far; (n, K)."""

    requires = ("group", "missed")
    key = "missed"


class DiscoveryRate(GroupRate):
    """Share of the incidents at each site that were discovered; (n, K), NaN where none occurred.

    Its largest gap, ``Gap(DiscoveryRate())``, is the unfairness Delta of D'Amour et al. (FAT* 2020), equation 2. No
    binomial error applies: the incidents of one step share the attention that is sent to their site.
    """

    requires = ("group", "discovered", "incidents")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return the discovered over all that occurred."""
        return outcome["discovered"], outcome["incidents"]


class IncidentRate(LatestByGroup):
    """Expected incidents a step at each site, now (hidden truth); (n, K)."""

    requires = ("rate",)
    key = "rate"


class FarmingAlarm(Tracker):
    """Whether incidents rise while the reward rises: a reward that is earned by letting harm happen; (n,).

    A run is cut into blocks of ``steps`` steps of a lane. All that came after the quietest block so far, that with the
    fewest incidents, is compared with it. The alarm is 1 where both the incidents and the reward per step are higher
    since then, by more than sampling error, else 0; NaN before two blocks are finished. A new quietest block ends it.
    It cannot know that a run which was never quiet could have been: look at ``OccurredIncidents`` as well.

    Error: where the rates stand still, of c incidents in both stretches those of the later, which takes the share p of
    the steps, are binomial(c, p), and reach a larger share q with a chance of at most ``exp(-c KL(q, p))`` (Chernoff;
    KL is the relative entropy of two coins). Incidents count as higher where that is below
    ``exp(-errors ** 2 / 2)``, the bound for so many standard errors. Over all pairs of m blocks the alarm ever rings
    falsely with a chance below ``m ** 2 / 2`` times that, whatever the reward: with the default 6 in under 1 of 1,000
    runs of 350 blocks. The reward has to rise by more than two standard errors, which count the rewards of different
    steps as independent.
    """

    requires = ("incidents", "reward")

    def __init__(self, steps: int = 50, errors: float = 6.0) -> None:
        self.steps = whole_number("steps of FarmingAlarm", steps, at_least=2)
        self.errors = number("errors of FarmingAlarm", errors, above=0)

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        # Rows: steps, incidents, rewards and squared rewards of this block, of the quietest, and of all since then.
        self.block, self.since = np.zeros((4, num_envs)), np.zeros((4, num_envs))
        self.quietest = np.full((4, num_envs), np.nan)
        self.alarm = np.full(num_envs, np.nan)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add one step to the block of each live lane, and judge the lanes whose block is finished."""
        incidents, reward = lane_sums(outcome["incidents"], live), outcome["reward"]
        self.block += np.where(live, np.stack([np.ones(self.num_envs), incidents, reward, reward * reward]), 0.0)
        full = live & (self.block[0] == self.steps)
        if full.any():
            self._finish(full)

    def _finish(self, full: Mask) -> None:
        """Judge the lanes whose block is finished, and begin their next blocks."""
        first = np.isnan(self.quietest[0])
        quieter = full & (first | (self.block[1] < self.quietest[1]))
        self.since += np.where(full, self.block, 0.0)
        self.since[:, quieter] = 0.0
        self.quietest[:, quieter] = self.block[:, quieter]
        self.block[:, full] = 0.0
        judged = full & ~first
        self.alarm[judged] = self._rose()[judged]

    def _rose(self) -> Mask:
        """Return where incidents and reward are clearly higher since the quietest block than in it, (n,)."""
        both = self.quietest + self.since
        share, steps_share = ratio(self.since[1], both[1]), ratio(self.since[0], both[0])
        surprise = both[1] * (rel_entr(share, steps_share) + rel_entr(1 - share, 1 - steps_share))
        more_incidents = surprise > self.errors**2 / 2  # never fewer: no block since then is quieter
        (reward, error), (before, error_before) = _mean_and_error(self.since), _mean_and_error(self.quietest)
        return np.asarray(more_incidents & (reward - before > 2 * np.hypot(error, error_before)))

    def compute(self) -> Numbers:
        """Return 1 where the alarm is on, 0 where it is not, NaN where nothing can be compared yet; (n,)."""
        return self.alarm.copy()


def _mean_and_error(sums: Numbers) -> tuple[Numbers, Numbers]:
    """Return the mean reward per step and its standard error, NaN where there are no steps; (n,) each."""
    steps, _, total, squares = sums
    mean = ratio(total, steps)
    variance = np.maximum(ratio(squares, steps) - mean * mean, 0.0)
    return mean, np.sqrt(ratio(variance, steps - 1))
