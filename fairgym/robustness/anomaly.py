"""AnomalyGuard: tells people who look like nobody a rule has learnt from, before it decides on them.

    env = AnomalyGuard(gymnasium.make("FeatureLendingEnv-v0"), background, share=0.01)

What is far off is measured on a background, rows of features such as the training data: the Mahalanobis distance with
a robust mean and covariance (scikit-learn's MinCovDet), or an IsolationForest. The bar is set on rows that the measure
was not fitted to (split conformal prediction), so that of people like those of the background at most ``share`` are
flagged, on average over backgrounds, whatever their distribution. Who is flagged, and in which group, is a matter of
fairness itself: a small group that the background hardly knows looks strange (``FlaggedRate``).

The run is not changed unless a ``fallback`` is given, which decides on the people flagged in place of the agent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces

from fairgym.batch import Array, Mask, Numbers, along
from fairgym.checks import InputError, number, one_of, require, whole_number
from fairgym.recourse.people import People
from fairgym.robustness.fallback import FallbackLayer, Policy
from fairgym.robustness.layers import Arrays, LayerEnv, LayerVectorEnv
from fairgym.robustness.shown_people import ShownPeople, per_person

MAHALANOBIS, ISOLATION = MEASURES = ("mahalanobis", "isolation-forest")
"""How far off a person is."""
FEWEST = 20
"""Rows of the background that each half needs at least."""


class Strangeness:
    """How far off people are from a background, with a bar that at most a share of people like it passes."""

    def __init__(self, background: Any, measure: str = MAHALANOBIS, share: float = 0.01, random_state: int = 0) -> None:
        width = np.shape(background)[1] if np.ndim(background) == 2 else 0
        rows = People.of(background, None, width, name="background").given
        self.width = width
        self.share = number("share", share, above=0, at_most=0.5)
        random = np.random.default_rng(whole_number("random_state", random_state, at_least=0))
        least = max(FEWEST, int(np.ceil(1 / self.share)) - 1)
        require(
            len(rows) >= 2 * least,
            f"background has {len(rows)} rows: to flag a share of {self.share:g} it takes at least {2 * least}, one "
            f"half to fit and one to set the bar.",
        )
        order = random.permutation(len(rows))
        fitted, held_out = rows[order[: len(rows) // 2]], rows[order[len(rows) // 2 :]]
        self._measure = _fit(one_of("measure", measure, MEASURES), fitted, random_state)
        scores = np.sort(self._measure(held_out))
        self.bar = float(scores[int(np.ceil((1 - self.share) * (len(scores) + 1))) - 1])

    def of(self, people: Numbers) -> Numbers:
        """Return how far off people (k, D) are, (k,); from ``bar`` up they are flagged."""
        return self._measure(people) if len(people) else np.zeros(0)

    def flags(self, people: Numbers) -> Mask:
        """Return who of people (k, D) is flagged, (k,)."""
        return self.of(people) > self.bar


def _fit(measure: str, rows: Numbers, random_state: int) -> Callable[[Numbers], Numbers]:
    """Return the measure, fitted to rows (k, D)."""
    constant = np.flatnonzero(np.ptp(rows, axis=0) == 0)
    require(
        len(constant) == 0,
        f"background does not vary in column {int(constant[0]) if len(constant) else 0}: leave that column out of the "
        f"observation, or give people who differ in it.",
    )
    if measure == ISOLATION:
        from sklearn.ensemble import IsolationForest  # here and below, because it takes a second to load

        forest = IsolationForest(random_state=random_state).fit(rows)
        return lambda people: np.asarray(-forest.score_samples(people))
    from sklearn.covariance import MinCovDet

    scale = rows.std(axis=0)
    require(
        np.linalg.matrix_rank(rows / scale - (rows / scale).mean(axis=0)) == rows.shape[1],
        "background has columns that follow from the others, so distances mean nothing: leave some out, or take "
        "measure='isolation-forest'.",
    )
    robust = MinCovDet(random_state=random_state).fit(rows / scale)
    require(
        np.linalg.matrix_rank(robust.covariance_, hermitian=True) == rows.shape[1],
        "background has a column in which most people are alike, such as one of 0 and 1, and a robust distance does "
        "not see what is strange there: leave it out, or take measure='isolation-forest'.",
    )
    return lambda people: np.asarray(robust.mahalanobis(people / scale))


class Guard(FallbackLayer):
    """The law of the guard."""

    memory: ClassVar[tuple[str, ...]] = ("flags", "fallback")
    flags: Mask
    """Who of the people shown now is flagged, (n, m)."""

    def __init__(
        self,
        env: Any,
        background: Any,
        *,
        measure: str = MAHALANOBIS,
        share: float = 0.01,
        features: str = "features",
        fallback: Policy | None = None,
        random_state: int = 0,
    ) -> None:
        """Put a guard before ``env``, single or vector.

        ``background`` has one row of features for each person, (k, D). ``share`` is the share of people like them that
        may be flagged. ``features`` is the part of the observation with rows of features. ``fallback``, an agent or a
        function from observations to actions, decides on who is flagged; without it flags are reported only. An agent
        is reset with the world and not taught, so give one that need not learn.
        """
        super().__init__(env)  # type: ignore[call-arg]
        self.people = ShownPeople.find(env, self.one_observation, features, "AnomalyGuard")
        self.strangeness = Strangeness(background, measure, share, random_state)
        require(
            self.strangeness.width == len(self.people.names),
            f"background has {self.strangeness.width} columns, but the people of this world have "
            f"{len(self.people.names)} features: {', '.join(self.people.names)}.",
        )
        self.stand_by(fallback)
        if self.interferes:
            self._check_actions()

    def _check_actions(self) -> None:
        """Refuse a world in which a person's decision is not a part of the action."""
        space, people = self.one_action, self.people.people
        each = isinstance(space, (spaces.Discrete, spaces.MultiBinary, spaces.MultiDiscrete, spaces.Box))
        alone = space.shape == () and people == 1
        if not each or not (alone or (len(space.shape) > 0 and space.shape[0] == people)):
            raise InputError(
                f"fallback cannot decide on single people where an action is {space}: leave it out, or use a world "
                f"with one entry for each of {people} people."
            )

    def begin(self, seeds: list[int], lanes: Mask) -> None:
        """Forget the flags of the masked lanes."""
        if not self._begun:
            self.flags = np.zeros((self.lanes, self.people.people), dtype=np.bool_)
        self.flags[lanes] = False
        self.begin_fallback(seeds, lanes)

    def show(self, observation: Arrays, lanes: Mask) -> dict[str, Array]:
        """Note who stands out among the people shown; everybody sees what she would see without a guard."""
        here = self.people.present(observation) & lanes[:, None]
        flags = np.zeros_like(self.flags)
        flags[here] = self.strangeness.flags(self.people.rows(observation)[here])
        self.flags = np.where(lanes[:, None], flags, self.flags)
        return {}

    def decide(self, actions: Array) -> Array:
        """Return the actions, those of the fallback for who is flagged."""
        flags = self.flags.reshape(*self.flags.shape, *[1] * (actions.ndim - 2))
        return np.where(
            along(self.flags[:, 0], actions) if actions.ndim == 1 else flags, self.instead(actions), actions
        )

    def settle(self, outcome: Arrays, live: Mask) -> dict[str, Array]:
        """Return who of the people decided on had been flagged, (n,) or (n, m)."""
        return {"flagged": per_person(self.flags, outcome["decision"]).astype(np.int64)}


class AnomalyVectorGuard(Guard, LayerVectorEnv):
    """A vector environment whose people are looked at before they are decided on."""


class AnomalyGuard(Guard, LayerEnv):
    """An environment whose people are looked at first; of a vector environment it makes an ``AnomalyVectorGuard``."""

    twin = AnomalyVectorGuard
