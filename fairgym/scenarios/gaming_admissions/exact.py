"""What a published threshold does in expectation, by calculation: accuracy, social burden, and where colleges end up.

The law is that of ``AdmissionsDynamics``. A true score is normal, clipped to [0, 1], and the test adds an error that is
normal, clipped to ``[low, high]``. Given the true score everything is in closed form; over true scores it is added up
by Gauss-Legendre quadrature, cut at the kinks, so that no digit that is shown is left to chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr

from fairgym.batch import Numbers
from fairgym.checks import require
from fairgym.envs.admissions import AdmissionsDynamics
from fairgym.envs.strategic_response import TOLERANCE

NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)
LONG_WAY = 401
"""Thresholds between 0 and 1 at which an optimum or a sign is looked for first."""


@dataclass(frozen=True)
class TestError:
    """The error of the test, normal and clipped to [low, high]; no error is one clipped to [0, 0]."""

    mean: float
    spread: float
    low: float
    high: float

    @classmethod
    def of(cls, law: AdmissionsDynamics) -> TestError:
        """Return the error of the test in this world."""
        params = law.params
        if not params.noisy_features:
            return cls(0.0, 1.0, 0.0, 0.0)
        if params.noise_spread == 0:
            return cls(0.0, 1.0, params.noise_mean, params.noise_mean)
        return cls(params.noise_mean, params.noise_spread, params.noise_low, params.noise_high)

    def at_least(self, value: Numbers) -> Numbers:
        """Return the probability of an error of at least ``value``."""
        between = ndtr((self.mean - value) / self.spread)
        return np.where(value <= self.low, 1.0, np.where(value <= self.high, between, 0.0))

    def mean_shortfall(self, value: Numbers) -> Numbers:
        """Return by how much errors stay below ``value`` on average, 0 for those that do not."""
        within = self._area(np.clip(value, self.low, self.high)) - self._area(np.float64(self.low))
        return np.asarray(within + np.maximum(value - self.high, 0.0))

    def _area(self, value: Numbers | np.float64) -> Numbers:
        """Return the area under the unclipped distribution function up to ``value``."""
        z = (value - self.mean) / self.spread
        return np.asarray(self.spread * (z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)))


class ExactAdmissions:
    """Expectations over a cohort under a threshold for all; thresholds have shape (t,), results (t, G) or (t,)."""

    def __init__(self, law: AdmissionsDynamics) -> None:
        params = law.params
        usual = params.noise != "beta" and not params.noisy_threshold and params.improvement == 0
        require(usual, "the exact curves are for gaussian errors of the test alone, without improvement.")
        self.law = law
        self.error = TestError.of(law)
        self.shares = np.diff(law.group_bounds, prepend=0.0, append=1.0)
        self.reach = law.largest_change + TOLERANCE if params.gaming else np.zeros(len(law.groups))
        self.price = law.cost if params.gaming else np.zeros(len(law.groups))

    def accuracy(self, threshold: Numbers) -> Numbers:
        """Return the share of right decisions about each group; (t, G)."""
        return self._right(threshold, self.reach)

    def accuracy_of_all(self, threshold: Numbers) -> Numbers:
        """Return the share of right decisions about everybody; (t,)."""
        return np.asarray(self.accuracy(threshold) @ self.shares)

    def burden(self, threshold: Numbers) -> Numbers:
        """Return the social burden, the burden of the eligible over all people of the group; (t, G)."""

        def points(score: Numbers) -> Numbers:
            up_to = threshold[:, None, None]
            return self.error.mean_shortfall(up_to - score) - self.error.mean_shortfall(-score)

        kinks = self._kinks(threshold), self._kinks(np.zeros_like(threshold))
        by_group = [self._expected(group, True, points, kinks) for group in range(len(self.shares))]
        return self.price * np.stack(by_group, axis=1)

    def _right(self, threshold: Numbers, reach: Numbers) -> Numbers:
        """Return the share of right decisions if who is up to ``reach`` below the threshold gets in; (t, G)."""
        admitted, refused = (self._admitted(threshold, reach, eligible) for eligible in (True, False))
        return admitted + self._admitted(np.full_like(threshold, -1.0), reach, False) - refused

    def _admitted(self, threshold: Numbers, reach: Numbers, eligible: bool) -> Numbers:
        """Return the share of each group that is eligible (or is not) and shows ``threshold - reach``; (t, G)."""
        columns = []
        for group, points in enumerate(reach):
            needed = threshold - points

            def shown(score: Numbers, needed: Numbers = needed) -> Numbers:
                enough = self.error.at_least(needed[:, None, None] - score)
                return np.where(needed[:, None, None] <= 0, 1.0, enough)

            columns.append(self._expected(group, eligible, shown, (self._kinks(needed),)))
        return np.stack(columns, axis=1)

    def _kinks(self, shown: Numbers) -> Numbers:
        """Return the true scores at which the chance to show this much has kinks; (t, 2)."""
        return np.stack([shown - self.error.high, shown - self.error.low], axis=1)

    def _expected(
        self, group: int, eligible: bool, value: Callable[[Numbers], Numbers], kinks: tuple[Numbers, ...]
    ) -> Numbers:
        """Return the expectation of ``value`` of the true score over the eligible people of a group (or the others).

        It maps scores (t, pieces, nodes) to values; people count by their share of the whole group; (t,).
        """
        mean, spread = self.law.mean_score[group], self.law.score_spread[group]
        limit = float(np.clip(self.law.true_threshold[group], 0.0, 1.0))
        low, high = (limit, 1.0) if eligible else (0.0, limit)
        ends = np.broadcast_to([low, mean, high], (len(kinks[0]), 3))
        cuts = np.sort(np.clip(np.concatenate([ends, *kinks], axis=1), low, high), axis=1)
        half = np.diff(cuts, axis=1)[..., None] / 2
        score = cuts[:, :-1, None] + half * (1 + NODES)
        z = (score - mean) / spread
        density = np.exp(-(z**2) / 2) / (spread * np.sqrt(2 * np.pi))
        inside = (half * WEIGHTS * density * value(score)).sum(axis=(1, 2))
        return np.asarray(inside + self._at_the_ends(group, eligible, value, len(cuts)))

    def _at_the_ends(self, group: int, eligible: bool, value: Callable[[Numbers], Numbers], thresholds: int) -> Numbers:
        """Return what the people add whose score was clipped to 0 or 1; (t,)."""
        mean, spread = self.law.mean_score[group], self.law.score_spread[group]
        added = np.zeros(thresholds)
        for end, mass in ((0.0, ndtr(-mean / spread)), (1.0, ndtr((mean - 1) / spread))):
            if (end >= self.law.true_threshold[group]) == eligible:
                added += mass * value(np.full((thresholds, 1, 1), end))[:, 0, 0]
        return added

    def static_limit(self) -> float:
        """Return the best threshold where nobody games: where a static college ends up that has seen many people."""
        return self._best(np.zeros_like(self.reach))

    def robust_limit(self) -> float:
        """Return the best threshold against gaming: where a robust college ends up that has seen many people."""
        return self._best(self.reach)

    def resting_point(self) -> float:
        """Return where a continuously retrained college comes to rest if it has time.

        At its threshold it sees those who land on it by gaming. While most of them are not eligible it goes on to the
        next higher score; it rests at the first threshold, from that of a static college up, at which as many are.
        """
        start = self.static_limit()
        grid = start + np.linspace(0.0, 1.0 - start, LONG_WAY)
        enough = self.balance_of_gamers(grid) >= 0
        first = int(enough.argmax())
        if first == 0 or not enough[first]:
            return float(grid[first]) if enough[first] else 1.0
        return float(brentq(lambda t: float(self.balance_of_gamers(np.array([t]))[0]), *grid[first - 1 : first + 1]))

    def balance_of_gamers(self, threshold: Numbers) -> Numbers:
        """Return the share of people who game for a threshold and are eligible, minus those who are not; (t,)."""
        still = np.zeros_like(self.reach)
        balance = np.zeros(len(threshold))
        for eligible, sign in ((True, 1), (False, -1)):
            gamers = self._admitted(threshold, self.reach, eligible) - self._admitted(threshold, still, eligible)
            balance += sign * (gamers @ self.shares)
        return balance

    def _best(self, reach: Numbers) -> float:
        """Return the most accurate threshold if who is up to ``reach`` below it gets in."""

        def wrong(threshold: float) -> float:
            return 1.0 - float((self._right(np.array([threshold]), reach) @ self.shares)[0])

        grid = np.linspace(0.0, 1.0, LONG_WAY)
        best = grid[int((self._right(grid, reach) @ self.shares).argmax())]
        step = grid[1]
        bounds = (max(best - step, 0.0), min(best + step, 1.0))
        found = minimize_scalar(wrong, bounds=bounds, method="bounded", options={"xatol": 1e-9})
        return float(found.x)
