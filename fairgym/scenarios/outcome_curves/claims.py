"""The claims: how each number is measured, then what the paper says of it."""

from __future__ import annotations

import numpy as np

from fairgym.result import Numbers, Result
from fairgym.scenarios.base import FAILS, NEGATIVE, POSITIVE, Claim, Measurement
from fairgym.scenarios.outcome_curves.model import DEMOGRAPHIC_PARITY, EQUAL_OPPORTUNITY, MAX_UTILITY, POLICIES
from fairgym.scenarios.outcome_curves.names import (
    BLACK,
    LOSSES,
    PAPER,
    TWO_GROUPS,
    curve,
    groups_of,
    outcome,
)

ALIGNED, MISALIGNED = LOSSES
"""A loss of 4 wants about what the scores want; one of 10 wants fewer loans than would be good for them."""


def largest_bend_upwards(result: Result) -> Measurement:
    """O1: by how much a score gains more from a loan than the next better one, at most, over the two groups."""
    return Measurement.exact(max(float(np.diff(gains(*curve(result, group))).max()) for group in TWO_GROUPS))


def gains(rates: Numbers, changes: Numbers) -> Numbers:
    """Return the expected gain from a loan at each score that somebody has, from the best down: the curve's slopes."""
    people = np.diff(rates)
    somebody = people > 0
    return np.diff(changes)[somebody] / people[somebody]


def change_if_all_get_loans(result: Result) -> Measurement:
    """O2: the expected change of the black group's mean score if everybody gets a loan."""
    return Measurement.exact(float(curve(result, BLACK)[1][-1]))


def smallest_change(result: Result, policy: str) -> Measurement:
    """O3, O4: the smallest score change of a policy, over both groups and both losses."""
    return Measurement.exact(min(outcome(result, policy, loss, group) for loss in LOSSES for group in TWO_GROUPS))


def change_under_parity(result: Result, loss: float) -> Measurement:
    """O5, O6: the score change of the black group under demographic parity."""
    return Measurement.exact(outcome(result, DEMOGRAPHIC_PARITY, loss, BLACK))


def distance_from_best(result: Result, policy: str) -> float:
    """Return how far a policy stays below the top of the black group's outcome curve, in score units."""
    return float(curve(result, BLACK)[1].max()) - outcome(result, policy, ALIGNED, BLACK)


def parity_further_from_best(result: Result) -> Measurement:
    """O7: how much further from the best demographic parity is than equal opportunity, for the black group."""
    return Measurement.exact(
        distance_from_best(result, DEMOGRAPHIC_PARITY) - distance_from_best(result, EQUAL_OPPORTUNITY)
    )


def gain_over_max_utility(result: Result, policy: str, loss: float) -> float:
    """Return the score change of the black group under a policy minus that under max utility."""
    return outcome(result, policy, loss, BLACK) - outcome(result, MAX_UTILITY, loss, BLACK)


def smaller_gain_by_fairness(result: Result) -> Measurement:
    """O8: what the black group gains over max utility at a loss of 10, under the worse of the two fair policies."""
    fair = (EQUAL_OPPORTUNITY, DEMOGRAPHIC_PARITY)
    return Measurement.exact(min(gain_over_max_utility(result, policy, MISALIGNED) for policy in fair))


def smallest_change_of_the_others(result: Result) -> Measurement:
    """N2: the smallest score change with four groups, but for black people under parity at a loss of 4."""
    changes = [
        outcome(result, policy, loss, group, groups=len(groups_of(result)))
        for policy in POLICIES
        for loss in LOSSES
        for group in groups_of(result)
        if (policy, loss, group) != (DEMOGRAPHIC_PARITY, ALIGNED, BLACK)
    ]
    return Measurement.exact(min(changes))


CLAIMS = (
    Claim(
        "O1",
        "A group's outcome curve is concave: the better the score, the more it gains from a loan.",
        f"{PAPER}, section 2 and figure 1",
        "largest excess of a score's expected gain over that of the next better score, score units",
        (-np.inf, 1e-9),
        largest_bend_upwards,
        expected=FAILS,
        note="The paper takes for granted that a better score gains more from a loan. With real scores it does not at "
        "the ends of the scale: from 800 on a repaid loan cannot add its full 75 points, below 450 a default cannot "
        "take its full 150. Between them the only bend is 1.0 at 750, as black people repay a little less often at "
        "775. No curve lies more than 8.1 points below the concave one around it. On the raw table it fails, too.",
    ),
    Claim(
        "O2",
        "Lending to too many harms: the black group's mean score falls if everybody gets a loan.",
        f"{PAPER}, figure 1 and figure 5 top left",
        "expected change of the mean score at an acceptance rate of 1, score units",
        NEGATIVE,
        change_if_all_get_loans,
    ),
    Claim(
        "O3",
        "Max utility causes no active harm, whether a default costs 4 or 10.",
        f"{PAPER}, section 6 and figure 4",
        "smallest expected change of the mean score, both groups and losses",
        POSITIVE,
        lambda result: smallest_change(result, MAX_UTILITY),
    ),
    Claim(
        "O4",
        "Nor does equal opportunity.",
        f"{PAPER}, section 6 and figure 4",
        "smallest expected change of the mean score, both groups and losses",
        POSITIVE,
        lambda result: smallest_change(result, EQUAL_OPPORTUNITY),
    ),
    Claim(
        "O5",
        "If a default costs 4, demographic parity lends so much that it actively harms the black group.",
        f"{PAPER}, section 6 and figures 4a and 5",
        "expected change of the black group's mean score",
        NEGATIVE,
        lambda result: change_under_parity(result, ALIGNED),
        note="With the shares of applicants in the sample (12 % of the two groups are black). It holds up to a share "
        "of 21 %: the larger the black group, the more a common rate suits it.",
    ),
    Claim(
        "O6",
        "If a default costs 10, it does not.",
        f"{PAPER}, section 6 and figure 4b",
        "expected change of the black group's mean score",
        POSITIVE,
        lambda result: change_under_parity(result, MISALIGNED),
        note="It holds from a share of 7 % on.",
    ),
    Claim(
        "O7",
        "If a default costs 4, equal opportunity comes nearer to what is best for the black group than parity.",
        f"{PAPER}, section 6 and figure 5",
        "distance from the top of the outcome curve, demographic parity minus equal opportunity",
        POSITIVE,
        parity_further_from_best,
    ),
    Claim(
        "O8",
        "If a default costs 10, the bank lends too little, and both fair policies do better by the black group.",
        f"{PAPER}, section 6",
        "score change minus that under max utility, under the worse of the two",
        POSITIVE,
        smaller_gain_by_fairness,
    ),
    Claim(
        "N1",
        "Not claimed in the paper: if a default costs 4, equal opportunity, too, does worse by the black group than "
        "max utility (relative harm).",
        f"compare {PAPER}, section 6 and figure 5",
        "score change of the black group, equal opportunity minus max utility",
        NEGATIVE,
        lambda result: Measurement.exact(gain_over_max_utility(result, EQUAL_OPPORTUNITY, ALIGNED)),
    ),
    Claim(
        "N2",
        "Not in the paper: with Hispanic and Asian applicants besides, no other group is actively harmed.",
        "the same calculation with the four groups of the table",
        "smallest expected change of a mean score, but for black people under parity at a loss of 4",
        POSITIVE,
        smallest_change_of_the_others,
    ),
)
