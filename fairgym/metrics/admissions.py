"""What a published threshold does to those who answer it: who games it, who gets in by that, and who pays.

Where selective labels hide who was eligible, a rate that needs to know it becomes NaN for that group from then on.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fairgym.batch import Array
from fairgym.metrics.base import GroupRate
from fairgym.metrics.population import LatestByGroup
from fairgym.metrics.rates import known_qualified


class ManipulationRate(GroupRate):
    """Share of all applicants of a group who raised their score; (n, G), NaN where nobody applied."""

    requires = ("group", "manipulated")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return those who raised it over everybody."""
        return outcome["manipulated"], np.ones_like(outcome["manipulated"])


class GamedAdmissions(GroupRate):
    """Share of the unqualified of a group who were admitted after raising their score; (n, G).

    Unqualified is who is not eligible although the score was raised; NaN where everybody was qualified.
    """

    requires = ("group", "decision", "qualified", "manipulated")

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return unqualified, raised and admitted over unqualified."""
        unqualified = 1 - known_qualified(outcome)
        return outcome["decision"] * outcome["manipulated"] * unqualified, unqualified


class SocialBurden(GroupRate):
    """Summed burden of the eligible over the number of *all* applicants of the group, as published; (n, G).

    The unit is the worth of an admission. This is the social burden that D'Amour et al. 2020 draw in figure 9; a
    group with few eligible people has little of it. ``SocialBurdenOfEligible`` divides by the eligible.
    """

    requires = ("group", "qualified", "burden")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return the burden of the eligible over everybody."""
        return known_qualified(outcome) * outcome["burden"], np.ones_like(outcome["burden"])


class SocialBurdenOfEligible(GroupRate):
    """Mean burden of the eligible of a group, in units of the worth of an admission; (n, G), NaN without eligible.

    This is the social burden of Milli, Miller, Dragan and Hardt 2019: the expected cost for the qualified.
    """

    requires = ("group", "qualified", "burden")
    proportion = False

    def parts(self, outcome: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return the burden of the eligible over the eligible."""
        eligible = known_qualified(outcome)
        return eligible * outcome["burden"], eligible


class ThresholdTrajectory(LatestByGroup):
    """Threshold of each group as published last; its values over a run are the trajectory; (n, G)."""

    requires = ("threshold",)
    key = "threshold"
