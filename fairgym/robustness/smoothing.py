"""certify: radii within which no move changes a decision, by randomised smoothing; each errs with a known chance.

Cohen, Rosenfeld and Kolter, ICML 2019. The smoothed rule g gives a person the decision that the model f gives most
often when noise N(0, sigma^2 I) is added to her. If that decision has probability pA > 1/2, g gives it to everybody
within ``sigma * Phi^-1(pA)`` of her. pA is bounded from below by counting draws: the exact one-sided bound of Clopper
and Pearson, which is too high with probability alpha at most for each person. Nothing is asked of f but decisions.

Noise is added in units of cost, and only to features that people can change and that are numbers. So the radius is a
cost: the Euclidean length of the move, hence also its sum, which is never less; of a cost that is a maximum over m such
features, the radius is ``1 / sqrt(m)`` times as large. Binary features and one-hot groups stay as they are: a
certificate says nothing about moves that change them. It is one for g, not for f, so g's accuracy is told beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.binomial import at_least
from fairgym.checks import InputError, number, numbers_array, require, whole_number
from fairgym.recourse.costs import MAXIMUM, Floats
from fairgym.recourse.intervals import mean, share
from fairgym.recourse.waiting import waiting_bar
from fairgym.robustness.by_group import Measure, by_group, confidence_of, labels_of
from fairgym.robustness.decider import ROWS, Decider
from fairgym.robustness.metrics import qualified_of
from fairgym.robustness.reach import Bools, Reach

YES, NO, ABSTAINED = 1, 0, -1
"""What the smoothed rule says of a person."""
Codes = NDArray[np.int8]
Counts = NDArray[np.int64]
AT_ONCE = 1 << 22
"""Numbers that are drawn at once."""


@dataclass(frozen=True)
class Certificate:
    """What is certified of n people under the smoothed rule."""

    decision: Codes
    """1 favourable, 0 not, -1 where it abstains because neither is frequent enough, (n,)."""
    radius: Floats
    """Cost up to which no move of the features with noise changes the decision, (n,); 0 where it abstains."""
    probability: Floats
    """Lower bound on how often the model gives the decision under noise, (n,); NaN where it abstains."""
    accepted: Bools
    """What the model itself decides, (n,)."""
    covers: tuple[str, ...]
    """The features with noise: moves of these alone are meant."""
    sigma: float
    n: int
    alpha: float
    favourable: Any = 1

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.decision)

    @property
    def abstained(self) -> Bools:
        """For whom nothing is certified, (n,)."""
        return np.asarray(self.decision == ABSTAINED)

    def curve(
        self, radii: Any, groups: Any = None, *, y: Any = None, against: Any = None, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Return the share of people certified at each of some radii, by group; given ``y``, and decided on rightly."""
        labels, level = labels_of(groups, len(self), against), confidence_of(confidence)
        counted = ~self.abstained & (True if y is None else self._right(y))
        given = np.atleast_1d(numbers_array("radii", radii))
        frames = [
            by_group(
                {"certified": Measure((counted & (self.radius >= one)).astype(float), share)},
                labels,
                against,
                level,
                radius=float(one),
            )
            for one in given
        ]
        require(len(frames) > 0, "radii is empty: give at least one.")
        return pd.concat(frames, ignore_index=True)

    def table(
        self, y: Any = None, groups: Any = None, *, against: Any = None, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Return the certificate by group, one row per measure.

        Measures: ``mean_certified_radius``, abstentions counting as 0; ``abstained``, their share; ``same_as_model``,
        the share on whom the smoothed rule decides as the model does; and with ``y`` (n,), the true labels,
        ``smoothed_accuracy``, abstentions counting as wrong, and ``model_accuracy``.
        """
        labels = labels_of(groups, len(self), against)
        measures = {
            "mean_certified_radius": Measure(self.radius, mean),
            "abstained": Measure(self.abstained.astype(float), share),
            "same_as_model": Measure((self.decision == self.accepted).astype(float), share),
        }
        if y is not None:
            qualified = qualified_of(self, y)
            measures["smoothed_accuracy"] = Measure((self.decision == qualified).astype(float), share)
            measures["model_accuracy"] = Measure((self.accepted == qualified).astype(float), share)
        return by_group(measures, labels, against, confidence_of(confidence))

    def _right(self, y: Any) -> Bools:
        return np.asarray(self.decision == qualified_of(self, y))


def certify(
    model: Any,
    X: Any,
    reach: Reach,
    sigma: float,
    *,
    n0: int = 100,
    n: int = 10_000,
    alpha: float = 0.001,
    favourable: Any = 1,
    random_state: int = 0,
    progress: bool | None = None,
) -> Certificate:
    """Return certified radii of people X (n, D), in units of ``reach``'s cost, which has to be linear.

    ``n0`` draws choose the decision, ``n`` fresh ones bound its probability; each radius is too large with probability
    ``alpha`` at most. The largest that can come out is ``sigma * Phi^-1(alpha^(1 / n))``, 3.2 sigma for the values
    given. Draws depend on ``random_state`` and the place of the person alone.
    """
    decider = Decider.of(model, favourable, reach)
    people = decider.people(X, reach)
    noise = Noise.of(reach, sigma, random_state)
    level = number("alpha", alpha, above=0, at_most=0.5)
    first, later = whole_number("n0", n0, at_least=1), whole_number("n", n, at_least=1)
    yes = noise.counts(decider, people, (first, later), "certifying", progress)
    top = 2 * yes[:, 0] >= first
    count = np.where(top, yes[:, 1], later - yes[:, 1])
    bound = at_least(count, later, level)
    sure = bound > 0.5
    return Certificate(
        decision=np.where(sure, np.where(top, YES, NO), ABSTAINED).astype(np.int8),
        radius=np.where(sure, noise.radius(bound), 0.0),
        probability=np.where(sure, bound, np.nan),
        accepted=decider.surely_accepts(people),
        covers=noise.covers,
        sigma=noise.sigma,
        n=later,
        alpha=level,
        favourable=favourable,
    )


def smoothed_decisions(
    model: Any,
    X: Any,
    reach: Reach,
    sigma: float,
    *,
    n: int = 1000,
    alpha: float = 0.001,
    favourable: Any = 1,
    random_state: int = 0,
    progress: bool | None = None,
) -> Codes:
    """Return what the smoothed rule decides on people X, (n,): 1 favourable, 0 not, -1 where it abstains.

    It abstains unless a two-sided binomial test at level ``alpha`` tells the two decisions apart; so it says something
    else than the smoothed rule would with unlimited draws with probability ``alpha`` at most.
    """
    from scipy.stats import binom

    decider = Decider.of(model, favourable, reach)
    people = decider.people(X, reach)
    noise = Noise.of(reach, sigma, random_state)
    level, draws = number("alpha", alpha, above=0, at_most=0.5), whole_number("n", n, at_least=1)
    yes = noise.counts(decider, people, (draws,), "deciding under noise", progress)[:, 0]
    chance = np.minimum(1.0, 2 * binom.cdf(np.minimum(yes, draws - yes), draws, 0.5))
    return np.where(chance <= level, np.where(2 * yes > draws, YES, NO), ABSTAINED).astype(np.int8)


@dataclass(frozen=True)
class Noise:
    """Normal noise on the features that people can change and that are numbers, in units of cost."""

    sigma: float
    columns: Counts  # (m,), of the features with noise
    spread: Floats  # (m,), what one unit of cost is in the feature
    covers: tuple[str, ...]
    shrink: float  # what a Euclidean radius is multiplied by for the reach's own cost
    random_state: int

    @classmethod
    def of(cls, reach: Reach, sigma: Any, random_state: Any) -> Noise:
        """Return the noise of a reach, or refuse it."""
        size, per_unit = number("sigma", sigma, above=0), reach.per_unit
        if per_unit is None:
            raise InputError(
                f"reach has the cost {reach.cost.name}, under which a unit of a feature costs more here than there: "
                "smoothing needs a linear one, such as 'sd-euclidean'."
            )
        columns = np.flatnonzero(~reach.actions.fixed & ~reach.actions.binary)
        require(len(columns) > 0, "reach lets nobody change a number: smoothing needs a numeric feature that can move.")
        free = [reach.names[place] for place in columns if per_unit[place] == 0]
        require(not free, f"cost gives the feature {', '.join(free)} the weight 0: smoothing needs one above 0.")
        shrink = 1 / np.sqrt(len(columns)) if reach.cost.combine == MAXIMUM else 1.0
        names = tuple(reach.names[place] for place in columns)
        seed = whole_number("random_state", random_state, at_least=0)
        return cls(size, columns, 1 / per_unit[columns], names, float(shrink), seed)

    def radius(self, probability: Floats) -> Floats:
        """Return the certified radius for lower bounds on the probability (n,), in the reach's cost."""
        from scipy.special import ndtri

        radius: Floats = self.shrink * self.sigma * ndtri(probability)
        return radius

    def counts(
        self, decider: Decider, people: Floats, draws: Sequence[int], words: str, progress: bool | None
    ) -> Counts:
        """Return how often the model decides in favour of people (n, D) in runs of so many draws, (n, runs)."""
        seeds = np.random.SeedSequence(self.random_state).spawn(len(people))
        yes = np.zeros((len(people), len(draws)), dtype=np.int64)
        total, width = int(sum(draws)), people.shape[1]
        together = max(1, min(ROWS, AT_ONCE // width) // total)
        with waiting_bar(words, len(people), progress) as done:
            for start in range(0, len(people), together):
                rows = np.arange(start, min(start + together, len(people)))
                streams = [np.random.default_rng(seeds[row]) for row in rows]
                for run, count in enumerate(draws):
                    yes[rows, run] = self._run(decider, people[rows], streams, count)
                done(start + len(rows))
        return yes

    def _run(self, decider: Decider, people: Floats, streams: Sequence[np.random.Generator], count: int) -> Counts:
        """Return how often the model decides in favour of a few people in so many draws, (k,)."""
        step = max(1, min(ROWS, AT_ONCE // people.shape[1]) // len(people))
        yes = np.zeros(len(people), dtype=np.int64)
        for begin in range(0, count, step):
            size = min(step, count - begin)
            rows = np.repeat(people, size, axis=0)
            drawn = np.concatenate([stream.standard_normal((size, len(self.columns))) for stream in streams])
            rows[:, self.columns] += self.sigma * self.spread * drawn
            yes += decider.accepts(rows).reshape(len(people), size).sum(axis=1)
        return yes
