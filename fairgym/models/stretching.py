"""How far a linear score can be stretched: what a unit of cost buys, and the loss of a rule that foresees it.

Under a score ``w . x`` a person who may spend b moves it by at most ``b * pace(w)``, where the pace is the dual norm of
the weights over prices: their Euclidean length where changes cost their Euclidean length, the largest where costs add
up, the sum where only the largest change costs. Only directions that the actions permit count; limits and whole numbers
do not, so the pace is an upper bound there.

The loss of a rule (w, c) over people with labels s = +1 or -1, budgets b and weights q is::

    sum over people of q * log(1 + exp(-s * (w . x + c + shift))) + |w|^2 / (2 C)

- *strategic*: shift = +b * pace(w): everybody wants approval and gets as near to it as she can; Levanon and Rosenfeld,
  "Generalized strategic classification and the case of aligned incentives", ICML 2022, with the logistic loss for the
  hinge;
- *adversarial*: shift = -s * b * pace: everybody moves so as to be judged wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from fairgym.recourse.actions import Actions
from fairgym.recourse.costs import EUCLIDEAN, MAXIMUM, SUM

Floats = NDArray[np.float64]
STRATEGIC, ADVERSARIAL = AGAINST = ("strategic", "adversarial")
DUAL: Mapping[str, float] = {MAXIMUM: 1.0, EUCLIDEAN: 2.0, SUM: np.inf}
"""Order of the norm that is dual to each combination of costs."""
SMOOTH_DUAL: Mapping[str, float] = {MAXIMUM: 1.0, EUCLIDEAN: 2.0, SUM: 32.0}
"""The same while training, which needs a slope everywhere. Too high by the 32nd root of the number of features that buy
the most alike: two percent for two, seven for ten. Only budgets by group and adversarial training meet it."""
ROUNDING = 1e-3
"""Weights, in units of score per unit of cost, below which the corner of a norm is rounded off while training."""


@dataclass(frozen=True)
class Terms:
    """What people may do, and what it costs."""

    actions: Actions
    per_unit: Floats
    """What a unit of each feature costs; (D,)."""
    combine: str
    """How the costs of several changes become one."""

    def pace(self, weights: Floats, upwards: bool = True) -> float:
        """Return by how much a unit of cost raises (or lowers) a score with weights (D,), at the most."""
        sign = 1.0 if upwards else -1.0
        rising, falling = np.maximum(sign * weights, 0), np.maximum(-sign * weights, 0)
        gain = np.where(self.actions.can_rise, rising, 0) + np.where(self.actions.can_fall, falling, 0)
        return float(np.linalg.norm(gain / self.per_unit, DUAL[self.combine]))

    def smooth_pace(self, weights: Floats, upwards: bool) -> tuple[float, Floats]:
        """Return the pace with its corners rounded off, and its slope in the weights, (D,)."""
        sign = 1.0 if upwards else -1.0
        priced = sign * weights / self.per_unit
        length = np.sqrt(priced**2 + ROUNDING**2)
        rise, fall = self.actions.can_rise * 0.5, self.actions.can_fall * 0.5
        gain = rise * (length + priced) + fall * (length - priced)
        slope = (rise * (priced / length + 1) + fall * (priced / length - 1)) * sign / self.per_unit
        order, most = SMOOTH_DUAL[self.combine], gain.max() + np.finfo(float).tiny
        share = gain / most
        total = (share**order).sum() ** (1 / order)
        return float(most * total), np.asarray((share / total) ** (order - 1) * slope)


@dataclass(frozen=True)
class Stretched:
    """The loss of a linear rule over people who move."""

    people: Floats
    """(n, D)"""
    sign: Floats
    """+1 = qualified, -1 = not; (n,)."""
    weight: Floats
    """(n,)"""
    budget: Floats
    """(n,)"""
    terms: Terms
    against: str
    """STRATEGIC or ADVERSARIAL."""
    C: float

    def __call__(self, rule: Floats) -> tuple[float, Floats]:
        """Return the loss of a rule (weights and intercept, (D + 1,)), and its slope, (D + 1,)."""
        weights, intercept = rule[:-1], rule[-1]
        up, up_slope = self.terms.smooth_pace(weights, upwards=True)
        down, down_slope = self.terms.smooth_pace(weights, upwards=False)
        pushed_down = (self.sign > 0) & (self.against == ADVERSARIAL)
        shift = self.budget * np.where(pushed_down, -down, up)
        margin = self.sign * (self.people @ weights + intercept + shift)
        loss = self.weight @ np.logaddexp(0, -margin) + weights @ weights / (2 * self.C)
        pull = -self.weight * self.sign * expit(-margin)  # slope of the loss in each person's score
        paid = pull * self.budget
        slope = self.people.T @ pull + paid[~pushed_down].sum() * up_slope - paid[pushed_down].sum() * down_slope
        return float(loss), np.append(slope + weights / self.C, pull.sum())
