"""The claims: about people, about the lender, against laxer bars and random offers, and between the groups."""

from __future__ import annotations

from functools import partial

from fairgym.scenarios.a_way_up import measures
from fairgym.scenarios.a_way_up.names import (
    ACCURATE,
    AIM,
    AWARE,
    BELL,
    EFFORT,
    EFFORT_EACH,
    HONOURED,
    IMPROVED,
    KEPT,
    NEVER,
    NEVER_ALL,
    NO_OFFERS,
    OFFER_COST,
    OFFERED,
    PAPER,
    PROFIT,
    RANDOM,
    TIME,
    WAIT,
    aiming,
)
from fairgym.scenarios.base import POSITIVE, Claim
from fairgym.scenarios.recourse_over_time.measures import difference, gap, level
from fairgym.scenarios.recourse_over_time.rules import LANES

OURS = "our measurement"
TIME_OF_BELL = f"measure: {BELL}"
AIMING = (aiming(ACCURATE, AIM), aiming(AWARE, AIM))
UNIT, SHARE = "in loans, over the run", "in shares of the profit without offers"
AS_MUCH = (-0.03, 0.03)
"""Shares of the profit of the accurate tree without offers that make no difference here."""
EXPECTED_LESS = "We had expected less."

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
        f"{PAPER}: what the method is for",
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
        "Not in the paper: not only because that tree rejects fewer at once: its offers bring more people up.",
        OURS,
        "what offers take off the share never served, recourse-aware minus accurate",
        POSITIVE,
        measures.extra_brought_up,
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
        (-0.25, 0.25),
        lambda result: difference(result, WAIT, ACCURATE, AWARE),
        note=f"{EXPECTED_LESS} Both wait two and a half periods.",
    ),
    Claim(
        "W5b",
        "Not in the paper: and at the same effort.",
        TIME_OF_BELL,
        "mean effort of who got a loan by acting, accurate minus recourse-aware",
        (-0.01, 0.01),
        lambda result: difference(result, EFFORT, ACCURATE, AWARE),
        note=f"{EXPECTED_LESS} It is .13, and one period's work is .1.",
    ),
    Claim(
        "W6",
        "Not in the paper: its offers are more, not cheaper.",
        OURS,
        "mean cost of an offer, accurate minus recourse-aware",
        (-0.01, 0.01),
        lambda result: difference(result, OFFER_COST, ACCURATE, AWARE),
        note=f"{EXPECTED_LESS} It is .15, half of the budget: more people come within the budget, at its far end, too.",
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
        measures.least_kept,
    ),
)

LENDER = (
    Claim(
        "P1",
        "Not in the paper: the cheapest offers cost the lender money, although all who act truly improve.",
        OURS,
        f"profit of the accurate tree without offers minus with them, {UNIT}",
        POSITIVE,
        lambda result: difference(result, PROFIT, NO_OFFERS, ACCURATE),
    ),
    Claim(
        "P2",
        "Not in the paper: with the recourse-aware tree they cost more.",
        OURS,
        f"profit with offers, accurate minus recourse-aware, {UNIT}",
        POSITIVE,
        lambda result: difference(result, PROFIT, ACCURATE, AWARE),
    ),
    Claim(
        "P3",
        "Not in the paper: most of that is due to loans after acting, and not to a tree that judges worse.",
        OURS,
        f"what offers cost the recourse-aware tree minus what it earns less without offers, {UNIT}",
        POSITIVE,
        measures.cost_of_acting,
        note="Without offers it earns 8 less than the accurate tree, which is less than two standard errors.",
    ),
    Claim(
        "P4a",
        "Not in the paper: who got a loan by acting defaults more often than who got it at once.",
        OURS,
        "difference of default rates, accurate or recourse-aware tree, where it is less",
        POSITIVE,
        partial(measures.extra_defaults, rules=(ACCURATE, AWARE)),
    ),
    Claim(
        "P4b",
        "Not in the paper: more often than every other time, where a loan breaks even.",
        OURS,
        "default rate after recourse minus 1/2, accurate or recourse-aware tree, where it is less",
        POSITIVE,
        partial(measures.defaults_above, rules=(ACCURATE, AWARE), rate=measures.BREAK_EVEN),
    ),
    Claim(
        "P5a",
        "Not in the paper: offers that aim at leaves where 7 of 10 repay earn the accurate tree more than no offers.",
        OURS,
        f"profit with these offers minus without offers, accurate tree, {UNIT}",
        POSITIVE,
        lambda result: difference(result, PROFIT, aiming(ACCURATE, AIM), NO_OFFERS),
        fewest_lanes=LANES,
    ),
    Claim(
        "P5b",
        "Not in the paper: the recourse-aware tree with such offers earns as much as the accurate one without.",
        OURS,
        f"difference of profits, {SHARE}",
        AS_MUCH,
        partial(measures.extra_share, one=aiming(AWARE, AIM), other=NO_OFFERS),
        note="It leaves a quarter fewer people without a loan. Which of the two earns more is not decided.",
        fewest_lanes=LANES,
    ),
    Claim(
        "P5c",
        "Not in the paper: and leaves fewer people without a loan than the accurate tree that aims as high.",
        OURS,
        "share never served, accurate minus recourse-aware, offers aim at .7",
        POSITIVE,
        lambda result: difference(result, NEVER_ALL, *AIMING),
    ),
    Claim(
        "P6a",
        "Not in the paper: loans after such offers earn money.",
        OURS,
        "1/2 minus default rate after recourse, accurate or recourse-aware tree aiming at .7, where it is less",
        POSITIVE,
        partial(measures.defaults_below, rules=AIMING, rate=measures.BREAK_EVEN),
    ),
    Claim(
        "P6b",
        "Not in the paper: yet those who act repay less often than the leaf says to which they were led.",
        OURS,
        "default rate after recourse minus .3, accurate or recourse-aware tree aiming at .7, where it is less",
        POSITIVE,
        partial(measures.defaults_above, rules=AIMING, rate=1 - AIM),
        note="A leaf is a mixture, and the cheapest way leads to its near edge; and of all leaves the offers lead to "
        "those whose share looked high in the archive.",
    ),
)

CONTROLS = (
    Claim(
        "L1",
        "Not in the paper: to the lender the recourse-aware tree with the cheapest offers is a laxer bar by another "
        "name: it earns as much as a plain tree that leaves as many unserved.",
        OURS,
        f"profit minus that of the laxer bar, {SHARE}",
        AS_MUCH,
        partial(measures.share_beyond_laxer_bar, rule=AWARE),
        fewest_lanes=LANES,
    ),
    Claim(
        "L2",
        "Not in the paper: the accurate tree with the cheapest offers earns more than such a laxer bar.",
        OURS,
        f"profit minus that of the laxer bar, {UNIT}",
        POSITIVE,
        partial(measures.profit_beyond_laxer_bar, rule=ACCURATE),
        fewest_lanes=LANES,
    ),
    Claim(
        "L3a",
        "Not in the paper: with offers that aim at .7 the accurate tree earns more than such a laxer bar.",
        OURS,
        f"profit minus that of the laxer bar, {UNIT}",
        POSITIVE,
        partial(measures.profit_beyond_laxer_bar, rule=aiming(ACCURATE, AIM)),
    ),
    Claim(
        "L3b",
        "Not in the paper: and so does the recourse-aware tree with offers that aim at .7.",
        OURS,
        f"profit minus that of the laxer bar, {UNIT}",
        POSITIVE,
        partial(measures.profit_beyond_laxer_bar, rule=aiming(AWARE, AIM)),
        fewest_lanes=LANES,
    ),
    Claim(
        "R1",
        "Not in the paper: random offers of the same budget leave more people without a loan.",
        OURS,
        "share never served, random minus cheapest offers of the accurate tree",
        POSITIVE,
        lambda result: difference(result, NEVER_ALL, RANDOM, ACCURATE),
    ),
    Claim(
        "R2",
        "Not in the paper: and cost people of both groups more effort.",
        OURS,
        "effort per person, random minus cheapest offers of the accurate tree, in the group with less of it",
        POSITIVE,
        partial(measures.in_every_group, metric=EFFORT_EACH, one=RANDOM, other=ACCURATE),
    ),
    Claim(
        "R3",
        "Not in the paper: most who do what a random offer says are turned down again.",
        OURS,
        "share of those accepted who did wholly what they were told",
        (0.0, 0.5),
        lambda result: level(result, KEPT, RANDOM),
    ),
    Claim(
        "R3b",
        "Not in the paper: they cost the lender nothing, for nobody is let in who does not pass.",
        OURS,
        f"profit with random offers minus without offers, accurate tree, {SHARE}",
        AS_MUCH,
        partial(measures.extra_share, one=RANDOM, other=NO_OFFERS),
        note="Those who pass by luck break even, as at the bar. Per person the effort is ten times that of offers that "
        "aim at .7, which leave as many without a loan.",
        fewest_lanes=LANES,
    ),
    Claim(
        "R4",
        "Not in the paper: to honour random offers costs the lender more than the cheapest offers of either tree.",
        OURS,
        f"profit of the recourse-aware tree with the cheapest offers minus that, {UNIT}",
        POSITIVE,
        lambda result: difference(result, PROFIT, AWARE, HONOURED),
    ),
)

GROUPS = (
    Claim(
        "G1a",
        "Not in the paper: offers narrow the gap between the groups in never served.",
        OURS,
        "gap without offers minus gap with them, accurate tree",
        POSITIVE,
        partial(measures.narrowing, one=ACCURATE, other=NO_OFFERS),
    ),
    Claim(
        "G1b",
        "Not in the paper: the recourse-aware tree narrows it further.",
        OURS,
        "gap with offers, accurate minus recourse-aware",
        POSITIVE,
        partial(measures.narrowing, one=AWARE, other=ACCURATE),
    ),
    Claim(
        "G2",
        "Not in the paper: yet as a ratio the gap widens.",
        OURS,
        "ratio of the groups' shares never served, recourse-aware with offers minus accurate without",
        POSITIVE,
        partial(measures.rise_of_ratio, one=AWARE, other=NO_OFFERS),
    ),
    Claim(
        "G3",
        "Not in the paper: the disadvantaged group pays with more effort per person, served or not.",
        TIME_OF_BELL,
        "effort per person, disadvantaged minus advantaged, recourse-aware tree",
        POSITIVE,
        lambda result: gap(result, EFFORT_EACH, AWARE),
    ),
    Claim(
        "G4",
        "Not in the paper: under the recourse-aware tree the disadvantaged are still left without a loan more often.",
        OURS,
        "share never served, disadvantaged minus advantaged",
        POSITIVE,
        lambda result: gap(result, NEVER, AWARE),
    ),
)

CLAIMS = PEOPLE + LENDER + CONTROLS + GROUPS
