"""Trackers of the scenario: everybody as one group, lately; and what becomes of those whose promise was broken."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.batch import Array, Mask, Numbers
from fairgym.metrics import TimeToRecourse, Window
from fairgym.metrics.base import GroupRate, ratio
from fairgym.metrics.population import store
from fairgym.outcome import GONE, SERVED
from fairgym.scenarios.broken_promises.names import LATELY


class Lately(Window):
    """A rate of the last ``LATELY`` periods over all people, whatever their group; (n,)."""

    def __init__(self, rate: GroupRate) -> None:
        super().__init__(rate, LATELY)

    def compute(self) -> Numbers:
        """Return the rate over the window, (n,)."""
        above, below = self.ring.sum(axis=0)
        return ratio(above.sum(axis=1), below.sum(axis=1))


class ShownChance(GroupRate):
    """Mean chance of repaying that applicants show; (n, G)."""

    requires = ("group", "applied", "observed_score")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return the shown chance over everybody who applies."""
        return outcome["observed_score"], np.ones_like(outcome["observed_score"])


class AfterBrokenPromise(TimeToRecourse):
    """Periods from the first broken promise of a person until she is served after all; everybody as one group.

    The people are those who did wholly what they were told, came back and were rejected. The parts are those of
    ``TimeToRecourse``, (n,) each: who leaves is not served.
    """

    requires: tuple[str, ...] = (*TimeToRecourse.requires, "promise_kept")  # type: ignore[assignment]

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes."""
        super().reset(num_envs, 1)
        self.since: Numbers | None = None

    def begin(self, outcome: Mapping[str, Array], lanes: Mask | None = None) -> None:
        """Censor who was inside when an episode ended."""
        super().begin(outcome, lanes)
        if self.since is not None:
            self.since[... if lanes is None else lanes] = np.nan

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Start the clock of those who are refused now, and count who of the earlier ones got out."""
        waited, group = outcome["waited"], outcome["group"]
        since = np.full(waited.shape, np.nan) if self.since is None else self.since
        since = np.where((outcome["promise_kept"] == 0) & np.isnan(since), waited, since)
        refused = ~np.isnan(since)
        theirs = {"applied": outcome["applied"] * refused, "waited": waited - since, "group": np.zeros_like(group)}
        super().update({**outcome, **theirs}, live)
        over = (outcome["status"] == SERVED) | (outcome["status"] == GONE)
        self.since = store(self.since, np.where(over, np.nan, since), live)

    def compute(self) -> dict[str, Numbers]:
        """Return the parts, (n,) each."""
        return {part: values[:, 0] for part, values in super().compute().items()}
