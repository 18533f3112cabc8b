"""The claims about people: who gets a loan, when, and at what effort."""

from __future__ import annotations

from functools import partial

from fairgym.scenarios.a_way_up import measures
from fairgym.scenarios.a_way_up.names import (
    ACCURATE,
    AWARE,
    CHEAPEST,
    EFFORT,
    IMPROVED,
    KEPT,
    NEVER_ALL,
    NO_OFFERS,
    OFFER_COST,
    OFFERED,
    TIME,
    WAIT,
)
from fairgym.scenarios.a_way_up.regions import A_QUARTER_PERIOD, A_TENTH_OF_A_PERIODS_WORK, TIME_OF_BELL
from fairgym.scenarios.base import POSITIVE, Claim
from fairgym.scenarios.recourse_over_time.measures import difference, least, level
from fairgym.scenarios.recourse_over_time.sources import HELD, KANAMORI, OURS

PEOPLE = (
    Claim(
        "W1",
        "Not in the paper: telling the rejected the cheapest way to a loan leaves fewer people without one.",
        OURS,
        "share never served, no offers minus accurate tree with offers",
        POSITIVE,
        lambda result: difference(result, NEVER_ALL, NO_OFFERS, ACCURATE),
    ),
    Claim(
        "W2",
        "A tree trained for recourse has an action within the budget for more of those whom it rejects.",
        f"{KANAMORI}: what the method is for",
        "share of rejections with an offer, recourse-aware minus accurate",
        POSITIVE,
        lambda result: difference(result, OFFERED, AWARE, ACCURATE),
    ),
    Claim(
        "W3",
        "Not in the paper: over the years that leaves fewer people without a loan.",
        OURS,
        "share never served, accurate minus recourse-aware, both with offers",
        POSITIVE,
        lambda result: difference(result, NEVER_ALL, ACCURATE, AWARE),
    ),
    Claim(
        "W3b",
        "Not in the paper: not only because that tree rejects fewer at once: offers take more off that share, too.",
        OURS,
        "what offers take off the share never served, recourse-aware minus accurate",
        POSITIVE,
        measures.extra_brought_up,
        note=f"{HELD} .06 [.05, .07].",
    ),
    Claim(
        "W4",
        "Not in the paper: of both groups the rejected wait less for a loan, who never gets one counting with all.",
        TIME_OF_BELL,
        "restricted mean of periods to a loan, of 20, accurate minus recourse-aware, in the group with less of it",
        POSITIVE,
        partial(measures.in_every_group, metric=f"{TIME}.restricted_mean", one=ACCURATE, other=AWARE),
        note="Because more of them get one. They are not the same people: the recourse-aware tree rejects fewer.",
    ),
    Claim(
        "W5a",
        "Not in the paper: but who gets a loan by acting gets it no sooner and no later than from the accurate tree.",
        TIME_OF_BELL,
        "mean periods from the first application to the loan, accurate minus recourse-aware",
        A_QUARTER_PERIOD,
        lambda result: difference(result, WAIT, ACCURATE, AWARE),
        note=f"{HELD} -.03 [-.09, .03]. We had expected less; both wait two and a half periods.",
    ),
    Claim(
        "W5b",
        "Not in the paper: and at the same effort.",
        TIME_OF_BELL,
        "mean effort of who got a loan by acting, accurate minus recourse-aware",
        A_TENTH_OF_A_PERIODS_WORK,
        lambda result: difference(result, EFFORT, ACCURATE, AWARE),
        note=f"{HELD} -.003 [-.006, .000], of .13. We had expected less.",
    ),
    Claim(
        "W6",
        "Not in the paper: its offers are more, not cheaper.",
        OURS,
        "mean cost of an offer, accurate minus recourse-aware",
        A_TENTH_OF_A_PERIODS_WORK,
        lambda result: difference(result, OFFER_COST, ACCURATE, AWARE),
        note=f"{HELD} -.003 [-.006, .001], of .15, half of the budget. We had expected less.",
    ),
    Claim(
        "W7",
        "Not in the paper: acting improves people, but not by much: the cheapest way is a short one.",
        OURS,
        "mean rise of the true chance of repaying of who is back, accurate tree",
        (0.0, 0.05),
        lambda result: level(result, IMPROVED, ACCURATE),
    ),
    Claim(
        "W8",
        "Not in the paper: while the model stays and loans do not run out, every promise is kept.",
        OURS,
        "smallest share of promises kept, any rule with the cheapest offers, any lane",
        (1.0, 1.0),
        partial(least, metric=KEPT, experiments=CHEAPEST),
    ),
)
