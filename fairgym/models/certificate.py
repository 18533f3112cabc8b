"""Certificates: how few people with recourse a fitted model can have, from people it has not seen.

An action that was found is a proof, so the count of people with recourse is never too high, whatever search counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairgym.binomial import at_least
from fairgym.checks import InputError, require, whole_number


@dataclass(frozen=True)
class RecourseCertificate:
    """A lower confidence bound on the share of a population that has recourse."""

    people: int  # in the held-out sample
    with_recourse: int  # of these: who already get the target class, or have an action within budget
    alpha: float  # probability, over samples, that the bound is above the truth, at most
    lower_bound: float

    @property
    def share(self) -> float:
        """Return the share of the sample that has recourse."""
        return self.with_recourse / self.people

    def __str__(self) -> str:
        """Say it in a sentence."""
        return (
            f"{self.with_recourse} of {self.people} held-out people have recourse ({self.share:.1%}); of the "
            f"population at least {self.lower_bound:.1%} do, with confidence {1 - self.alpha:.1%}."
        )


def certified(has_recourse: NDArray[np.bool_], alpha: float = 0.05) -> RecourseCertificate:
    """Return the certificate that a held-out sample (n,) gives: the one-sided bound of Clopper and Pearson (1934).

    It holds for any sample size, if the people were drawn independently from the population in question and had no
    part in training the model, its cost or its settings.
    """
    alpha = check_alpha(alpha)
    people, found = len(has_recourse), int(np.count_nonzero(has_recourse))
    require(people > 0, "X_cal is empty: give at least one held-out person.")
    return RecourseCertificate(people, found, alpha, float(at_least(found, people, alpha)))


def relabelled_bound(missing: float, leaves: int, people: int, alpha: float = 0.05) -> float:
    """Return the highest share without recourse that a relabelled tree can have, but with probability ``alpha``.

    ``missing`` is the share without recourse among the ``people`` with whom the relabelling chose among ``leaves``
    leaves that it could flip. The tree is then one of at most 2**leaves, so by Hoeffding's inequality and the union
    bound (Kanamori et al., ICML 2024, proposition 3) the truth is at most
    missing + sqrt((leaves * ln 2 + ln(1 / alpha)) / (2 * people)); never more than 1.

    Valid only if these people had no part in growing the tree or fitting the cost, and were drawn independently.
    """
    whole_number("people", people, at_least=1)
    whole_number("leaves", leaves, at_least=0)
    slack = math.sqrt((leaves * math.log(2) - math.log(check_alpha(alpha))) / (2 * people))
    return min(1.0, missing + slack)


def check_alpha(alpha: object) -> float:
    """Return the probability that a bound may fail, or refuse it."""
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float, np.floating)) or not 0 < alpha < 1:
        raise InputError(f"alpha={alpha!r} is not a probability above 0 and below 1: give one such as 0.05.")
    return float(alpha)
