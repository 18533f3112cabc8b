"""The people: what lenders see of them, what changing it costs, and what any linear rule does to them, calculated.

Half of the people are qualified, half are not, in both groups; which is hidden until a lender learns it. Each of four
features is normal with standard deviation 1 around plus or minus its strength. Two of them tell most and are cheap to
change, what people state of themselves; two tell less and are dear, what others have on record. A move costs its
Euclidean length with each feature in units of its price. It changes what is seen and nothing else: all of it is gaming.

The qualified and the unqualified are normal with one spread, so the logarithm of the odds is linear in the features and
logistic regression is the right model: nothing that a lender gets wrong is for want of a better one. And a score of a
linear rule is normal, so that everything here can be calculated (``expected``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fairgym.noise import Uniforms, normals
from fairgym.recourse.costs import WeightedShift

Numbers = NDArray[np.float64]
FEATURES = ("stated income", "stated savings", "years on record", "loans repaid")
STRENGTH = np.array([0.7, 0.7, 0.5, 0.5])
"""Distance of the qualified, and of the unqualified, from the middle."""
PRICES = (1.0, 1.0, 3.0, 3.0)
"""What a standard deviation of each feature costs."""
CHEAP = np.array(PRICES) == min(PRICES)
COST = WeightedShift(PRICES, "euclidean")
NOISE_SIZE = 2 + len(FEATURES)


class Cohort(NamedTuple):
    """The people of one round."""

    features: Numbers
    """As they are; (m, D)."""
    qualified: NDArray[np.bool_]
    """(m,)"""
    group: NDArray[np.int64]
    """(m,)"""


def cohort(uniforms: Uniforms, gap: float) -> Cohort:
    """Return the people made of uniform numbers (m, NOISE_SIZE): group, qualification and features, in this order."""
    group = (uniforms[:, 0] >= 0.5).astype(np.int64)
    qualified = uniforms[:, 1] >= 0.5
    middle = np.where(qualified[:, None], STRENGTH, -STRENGTH) - gap * group[:, None]
    return Cohort(middle + normals(uniforms[:, 2:]), qualified, group)


@dataclass(frozen=True)
class Expected:
    """What a rule does to a group with one budget, in expectation."""

    gamed_in: float
    social_burden: float
    shut_out: float
    accuracy: float


def expected(weights: Numbers, intercept: float, budget: float, shift: float) -> Expected:
    """Return what the rule ``weights @ x + intercept >= 0`` does to a group whose features lie ``shift`` lower.

    In units of cost a qualified person's way to the bar is normal: so long where it is positive, and nothing where it
    is not. Who has a positive way within the budget goes it.
    """
    pace = float(np.linalg.norm(weights / np.array(PRICES)))
    spread = float(np.linalg.norm(weights)) / pace
    way = {
        sign: -(float(weights @ (sign * STRENGTH - shift)) + intercept) / pace  # mean distance below the bar
        for sign in (1, -1)
    }
    beyond = {sign: float(ndtr((way[sign] - budget) / spread)) for sign in way}
    at_once = {sign: float(ndtr(-way[sign] / spread)) for sign in way}
    height = np.exp(-((way[1] / spread) ** 2) / 2) / np.sqrt(2 * np.pi)
    burden = way[1] * ndtr(way[1] / spread) + spread * height
    return Expected(
        gamed_in=1 - beyond[-1] - at_once[-1],
        social_burden=float(burden),
        shut_out=beyond[1],
        accuracy=(1 - beyond[1] + beyond[-1]) / 2,
    )
