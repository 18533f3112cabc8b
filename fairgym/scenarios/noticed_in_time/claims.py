"""The claims; each was written down, with its region, before a run was looked at, unless its note says otherwise."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fairgym.result import Result
from fairgym.scenarios.base import FAILS, NEGATIVE, NOT_ZERO, OPEN, POSITIVE, Claim, Measurement
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.noticed_in_time.measures import (
    false_alarms,
    first_alarm,
    gap_to_nobody,
    later,
    moved_gap,
    noticed_beyond_chance,
)
from fairgym.scenarios.noticed_in_time.names import (
    ACCEPTANCE,
    ALPHA,
    ALPHAS,
    BUDGETS,
    DEFAULTS,
    EVERYTHING,
    FEATURES,
    GOWER_WINTER,
    HARDT,
    MAIN,
    NOBODY,
    ONE_GROUP,
    PAGE,
    PERDOMO,
    SCORE,
    gaming,
)

OURS = "not claimed in a paper"
SHARED = f"{OURS}: probabilities add up to at most their sum (Bonferroni), over streams and looks"
GAMED, FAR = gaming(MAIN), gaming(max(BUDGETS))
DELAY = "mean delay, at most that of the whole run, in applicants"
AT_MOST = (-np.inf, ALPHA)


def smaller_budgets_later(result: Result) -> Measurement:
    """Return by how much gaming within a budget is noticed later than within the next larger one, at the least."""
    names = [gaming(budget) for budget in BUDGETS]
    steps = [later(result, (small, EVERYTHING), (large, EVERYTHING)) for small, large in pairwise(names)]
    return Measurement.least(steps)


def most_false_alarms_alone(result: Result) -> Measurement:
    """Return the largest share of false alarms of the monitors that watch one thing."""
    return Measurement.greatest([false_alarms(result, watch) for watch in (FEATURES, SCORE, ACCEPTANCE, DEFAULTS)])


def more_when_allowed(result: Result) -> Measurement:
    """Return how many more false alarms a monitor of everything raises where it is allowed 50 % instead of 5 %."""
    often, seldom = (
        np.isfinite(first_alarm(result, NOBODY, EVERYTHING, alpha)).astype(float) for alpha in (max(ALPHAS), ALPHA)
    )
    return over_lanes(often - seldom)


CLAIMS = (
    Claim(
        "N1",
        f"A monitor of everything that is allowed a false alarm in {ALPHA:.0%} of runs raises one in no more.",
        f"{SHARED}; low rates of false detection are also reported by {GOWER_WINTER}",
        "share of runs with an alarm where nobody games",
        AT_MOST,
        lambda result: false_alarms(result, EVERYTHING),
    ),
    Claim(
        "N2",
        "Nor does any monitor that watches one thing and has the whole allowance for it.",
        SHARED,
        "largest share of runs with an alarm where nobody games: features, score, acceptance rate, default rate",
        AT_MOST,
        most_false_alarms_alone,
        note="On 200 other seeds (1000 to 1199) it is not decided: 0.025 [0.011, 0.057].",
    ),
    Claim(
        "N3",
        "Nor, approximately, do Page's sums, which look at every applicant.",
        f"{OURS}: Siegmund's approximation, with the mean taken to be missed by two standard errors",
        "share of runs with an alarm where nobody games",
        AT_MOST,
        lambda result: false_alarms(result, PAGE),
    ),
    Claim(
        "N4",
        "The allowance is not idle: with one of 50 % there are more false alarms than with one of 5 %.",
        OURS,
        "share of runs with an alarm where nobody games, allowed 50 % minus allowed 5 %",
        POSITIVE,
        more_when_allowed,
    ),
    Claim(
        "P1",
        "A rule that is published changes whom it meets, and that can be noticed.",
        f"{PERDOMO}, section 2 (strategic classification as performative prediction); {GOWER_WINTER}",
        f"share of runs with an alarm after the onset of {GAMED}, minus that where nobody games",
        POSITIVE,
        lambda result: noticed_beyond_chance(result, GAMED, EVERYTHING),
    ),
    Claim(
        "P2",
        "A smaller share of those whom the lender accepts repay.",
        f"{HARDT}, section 1: gaming makes a rule less accurate",
        f"share of loans repaid from the onset on, {GAMED} minus nobody",
        NEGATIVE,
        lambda result: over_lanes(gap_to_nobody(result, GAMED, "repaid")),
    ),
    Claim(
        "P3",
        "So it earns less.",
        f"{HARDT}, section 1",
        f"profit of the run in loans, {GAMED} minus nobody",
        NEGATIVE,
        lambda result: over_lanes(gap_to_nobody(result, GAMED, "profit")),
    ),
    Claim(
        "D1",
        "The more gaming may cost, the sooner it is noticed.",
        f"{OURS}; a larger budget is a more sensitive population in the words of {PERDOMO}, definition 3.1",
        f"{DELAY}: smaller budget minus the next larger one, the least of three",
        POSITIVE,
        smaller_budgets_later,
    ),
    Claim(
        "D2",
        "Who watches the features notices sooner than who waits for defaults.",
        OURS,
        f"{DELAY}: default rate minus features, {GAMED}",
        POSITIVE,
        lambda result: later(result, (GAMED, DEFAULTS), (GAMED, FEATURES)),
        expected=OPEN,
        note="Neither notices within this budget: moves along the score are small in each feature, and near the best "
        "bar people repay about as often as it takes, so defaults hardly rise.",
    ),
    Claim(
        "D2b",
        "It does where people can move further.",
        OURS,
        f"{DELAY}: default rate minus features, {FAR}",
        POSITIVE,
        lambda result: later(result, (FAR, DEFAULTS), (FAR, FEATURES)),
        note="Written down after D2 was measured.",
    ),
    Claim(
        "D3",
        "Who watches the score of the rule notices sooner than who watches feature by feature.",
        f"{OURS}: people move along the score",
        f"{DELAY}: features minus score, {GAMED}",
        POSITIVE,
        lambda result: later(result, (GAMED, FEATURES), (GAMED, SCORE)),
    ),
    Claim(
        "D4",
        "The acceptance rate, a single number, does better still: gaming changes the score at the bar, and it looks "
        "nowhere else.",
        OURS,
        f"{DELAY}: score minus acceptance rate, {GAMED}",
        POSITIVE,
        lambda result: later(result, (GAMED, SCORE), (GAMED, ACCEPTANCE)),
    ),
    Claim(
        "D5",
        "Who watches everything pays little for it: not much later than the best single watch.",
        f"{OURS}; a quarter of the window",
        f"{DELAY}: everything minus acceptance rate, {GAMED}",
        (-np.inf, 50.0),
        lambda result: later(result, (GAMED, EVERYTHING), (GAMED, ACCEPTANCE)),
        expected=FAILS,
        note="Sharing the allowance out over six streams costs more than the streams bring where one of them is the "
        "right one.",
    ),
    Claim(
        "D6",
        "Page's sums, which look at every applicant, notice sooner than windows do.",
        f"{OURS}; compare Moustakides 1986: such sums are quickest for a change of known size",
        f"{DELAY}: window tests minus Page's sums, both watching everything, {GAMED}",
        POSITIVE,
        lambda result: later(result, (GAMED, EVERYTHING), (GAMED, PAGE)),
        expected=FAILS,
        note="Their bar is high, because the mean of the first people is known with an error only, and a change of "
        "hardly more than the slack, a quarter of a standard deviation, adds up slowly.",
    ),
    Claim(
        "D6b",
        "They do where people can move further.",
        OURS,
        f"{DELAY}: window tests minus Page's sums, both watching everything, {FAR}",
        POSITIVE,
        lambda result: later(result, (FAR, EVERYTHING), (FAR, PAGE)),
        note="Written down after D6 was measured.",
    ),
    Claim(
        "G1",
        "Gaming by one of two groups takes longer to notice.",
        OURS,
        f"{DELAY}: one group minus both, within {MAIN:g}",
        POSITIVE,
        lambda result: later(result, (ONE_GROUP, EVERYTHING), (GAMED, EVERYTHING)),
    ),
    Claim(
        "G2",
        "One budget for all is not one chance for all: under one rule the groups game to different shares.",
        f"{OURS}; compare Hu et al. and Milli et al., FAT* 2019, for unequal costs",
        f"share who move from the onset on, first group minus second, {GAMED}",
        NOT_ZERO,
        lambda result: moved_gap(result, GAMED),
    ),
)
