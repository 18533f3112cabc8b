"""Drift of the bar: how high an applicant has to look to be accepted now, against the first periods.

When those who act come back and loans are few, or when the rule is trained anew on those who acted, the same features
may no longer be enough: the bar has moved (Fonseca et al. 2023; Altmeyer et al. 2023, "Endogenous macrodynamics in
algorithmic recourse").
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.batch import Array, Mask, Numbers, along
from fairgym.checks import whole_number
from fairgym.metrics.base import Tracker, applicants, ratio


def best_cut(score: Array, accepted: Mask, applied: Mask) -> tuple[Numbers, Numbers]:
    """Return the score that best separates accepted from rejected applicants, and how well; (n, m) -> (n,) each.

    Best is the highest index of Youden 1950 ("Index for rating diagnostic tests"): the share of the rejected below the
    cut minus the share of the accepted below it, 1 where the cut separates all. The cut lies midway between two
    neighbouring scores, the lowest of equally good ones. Both shares count alike, so the cut stays where it is if
    only some of those above the bar are drawn by lot. NaN where nobody or everybody was accepted, or where no cut
    has more of the rejected below it than of the accepted.
    """
    order = np.where(applied, score, np.inf).argsort(axis=1, kind="stable")
    last = np.full((len(score), 1), np.inf)
    ordered = np.hstack([np.take_along_axis(np.where(applied, score, np.inf), order, axis=1), last])
    below, others = (
        np.take_along_axis(kind, order, axis=1).cumsum(axis=1) for kind in (applied & ~accepted, applied & accepted)
    )
    # In whole numbers, so that equally good cuts are equal: the index times rejected times accepted.
    index = below * others[:, -1:] - others * below[:, -1:]
    index = np.where(ordered[:, :-1] < ordered[:, 1:], index, 0)  # no cut between equal scores
    best = index.argmax(axis=1)[:, None]
    height = np.take_along_axis(index, best, axis=1)[:, 0]
    edges = np.take_along_axis(ordered, best, axis=1) / 2 + np.take_along_axis(ordered, best + 1, axis=1) / 2
    cut = np.where(height > 0, edges[:, 0], np.nan)
    return cut, np.where(height > 0, ratio(height, below[:, -1] * others[:, -1]), np.nan)


class BarDrift(Tracker):
    """The bar in the first periods of an episode, now, and how far it has moved; in units of ``observed_score``.

    The bar of a step is the ``observed_score`` that best separates its accepted from its rejected applicants, see
    ``best_cut``. Unlike the lowest score accepted it does not hang on one applicant, and unlike a mean of the accepted
    it does not move when better people come to the same bar. A step in which nothing separates has no bar and is left
    out. A rule that goes by something else than this score has no sharp bar: ``separation`` is 1 where it has.

    Parts, each (n,): ``start``, the mean of the first ``periods`` bars; ``now``, that of the last ``periods``;
    ``drift``, now - start, positive where the bar has risen; ``separation``, the mean index of the last bars. NaN
    before there are so many bars, ``drift`` before there are twice as many.
    """

    requires = ("applied", "decision", "observed_score")

    def __init__(self, periods: int = 5) -> None:
        self.periods = whole_number("periods of BarDrift", periods, at_least=1)

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        self.first, self.bars, self.indices = np.zeros((3, self.periods, num_envs))
        self.seen = np.zeros(num_envs, dtype=np.int64)

    def begin(self, outcome: Mapping[str, Array], lanes: Mask | None = None) -> None:
        """Forget the episode that was before."""
        self.seen[... if lanes is None else lanes] = 0

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Find the bar of this step in each live lane."""
        applied, cohort = applicants(outcome), (len(live), -1)
        assert applied is not None
        accepted = (outcome["decision"] == 1).reshape(cohort)
        here = (applied & along(live, applied)).reshape(cohort)
        cut, index = best_cut(outcome["observed_score"].reshape(cohort), accepted, here)
        lane = np.flatnonzero(~np.isnan(cut))
        slot = self.seen[lane] % self.periods
        self.bars[slot, lane], self.indices[slot, lane] = cut[lane], index[lane]
        early = lane[self.seen[lane] < self.periods]
        self.first[self.seen[early], early] = cut[early]
        self.seen[lane] += 1

    def compute(self) -> dict[str, Numbers]:
        """Return ``start, now, drift, separation``, each (n,)."""
        # Cumulative sums add up in order, whatever n is.
        start, now, separation = (
            np.where(self.seen < self.periods, np.nan, kept.cumsum(axis=0)[-1] / self.periods)
            for kept in (self.first, self.bars, self.indices)
        )
        drift = np.where(self.seen < 2 * self.periods, np.nan, now - start)
        return {"start": start, "now": now, "drift": drift, "separation": separation}
