"""CreditPeople: who asks for loans in a world where people act on what they are told, and what repayment depends on.

The log-odds that a person repays are a base plus one *effect* for each factor, a function of her features alone. When
she changes a feature herself, only the *causal share* rho of the change in effect is real::

    log-odds(after acting) = log-odds(before) + sum over factors of rho * (effect(after) - effect(before))

With rho = 1 acting is improvement; with rho = 0 it changes what a lender sees and nothing else (gaming). What the
lender sees, the *shown* log-odds, is the base plus all effects. When people first come, true and shown log-odds agree.

Sources: Miller, Milli and Hardt 2020 ("Strategic classification is causal modeling in disguise") for the distinction;
the share per factor is ours.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Numbers
from fairgym.checks import whole_number
from fairgym.noise import Uniforms

if TYPE_CHECKING:
    from fairgym.populations.decision_table import DecisionTable
    from fairgym.recourse.actions import Actions, ActionSpec


def chance(log_odds: Numbers) -> Numbers:
    """Return the probability with these log-odds, of any shape."""
    from scipy.special import expit  # here, because only the worlds that have such people need scipy

    probability: Numbers = expit(log_odds)
    return probability


def single_precision(values: Numbers) -> Numbers:
    """Return values, of any shape, as the nearest numbers that single precision holds: people as they are observed."""
    return values.astype(np.float32).astype(np.float64)


class CreditPeople(ABC):
    """A population of D features and F factors; every value that people have is exact in single precision."""

    name: str
    columns: tuple[str, ...]
    """Names of the features; D."""
    groups: tuple[str, ...]
    """Names of the groups; G."""
    factors: tuple[str, ...]
    """Names of what repayment depends on; F."""
    causal: Numbers
    """Causal share rho of each factor, 0 to 1, where the world does not say otherwise; (F,)."""
    base: float
    """Log-odds of repaying of a person without effects."""
    low: Numbers
    """Lowest value that anybody can have of each feature, finite; (D,)."""
    high: Numbers
    """Highest value that anybody can have of each feature, finite; (D,)."""
    noise_size: int
    """Uniform numbers that make one person."""
    score_column: int | None
    """Place of the credit score among the columns, which loans move; None if there is none."""
    score_range: tuple[float, float]
    """Lowest and highest value that a loan moves the credit score to."""
    sensitive: str
    """The feature that tells the groups apart."""
    cut: float
    """Who first comes with more than this in it is in group 1, the others are in group 0."""
    source: str
    """Who these people are and where they come from, in words."""

    @property
    @abstractmethod
    def spec(self) -> ActionSpec:
        """What people can change about themselves."""

    @abstractmethod
    def draw(self, uniforms: Uniforms) -> Numbers:
        """Return people made of uniform numbers (k, noise_size) in [0, 1); (k, D)."""

    def group_of(self, people: Numbers) -> NDArray[np.int64]:
        """Return the group of people as they first came (k, D), 0 .. G-1; (k,)."""
        return (people[:, self.columns.index(self.sensitive)] > self.cut).astype(np.int64)

    @abstractmethod
    def effects(self, people: Numbers) -> Numbers:
        """Return the effect of each factor on the log-odds of people (k, D); (k, F)."""

    def shown_log_odds(self, people: Numbers) -> Numbers:
        """Return the log-odds of repaying that people (k, D) show; the true ones when they first come; (k,)."""
        return self.base + _added(self.effects(people))

    def improvement(self, before: Numbers, after: Numbers, causal: Numbers) -> Numbers:
        """Return by how much the true log-odds rise where people (k, D) act, for causal shares (F,); (k,)."""
        return _added(causal * (self.effects(after) - self.effects(before)))

    @cached_property
    def actions(self) -> Actions:
        """What people can change about themselves, as arrays over the columns."""
        return self.spec.resolve(self.columns, len(self.columns))

    def book(self, rows: int, seed: int) -> tuple[Numbers, NDArray[np.int64]]:
        """Return first applicants (rows, D) and whether each repaid, 1 or 0, (rows,); the same for the same seed."""
        random = np.random.default_rng(whole_number("seed", seed, at_least=0))
        uniforms = random.random((whole_number("rows", rows, at_least=1), self.noise_size + 1))
        people = self.draw(uniforms[:, :-1])
        return people, (uniforms[:, -1] < chance(self.shown_log_odds(people))).astype(np.int64)

    def table(self, rows: int, seed: int) -> DecisionTable:
        """Return the same people as ``book`` as a table, with the outcome 1 = does not repay."""
        import pandas as pd  # here and below, because the worlds that draw people need no tables

        from fairgym.populations.decision_table import DESIRED, UNDESIRED, DecisionTable

        people, repaid = self.book(rows, seed)
        frame = pd.DataFrame(people, columns=list(self.columns))
        outcome = np.where(repaid == 1, DESIRED, UNDESIRED).astype(np.int64)
        return DecisionTable(self.name, frame, outcome, self.spec, self.sensitive, self.cut, self.source)


def _added(effects: Numbers) -> Numbers:
    """Return the sum over factors (k, F) -> (k,), added up in their order, so that it is the same in every batch."""
    total = np.zeros(len(effects))
    for effect in effects.T:
        total += effect
    return total
