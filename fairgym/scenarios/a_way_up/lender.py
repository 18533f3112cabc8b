"""The claims about the lender: what offers cost, and what they earn if they aim above the bar."""

from __future__ import annotations

from functools import partial

from fairgym.scenarios.a_way_up import measures
from fairgym.scenarios.a_way_up.names import ACCURATE, AIM, AWARE, NEVER_ALL, NO_OFFERS, PROFIT, aiming
from fairgym.scenarios.a_way_up.regions import AIMING, AS_MUCH, SHARE, UNIT
from fairgym.scenarios.base import POSITIVE, Claim
from fairgym.scenarios.recourse_over_time.measures import difference
from fairgym.scenarios.recourse_over_time.rules import LANES
from fairgym.scenarios.recourse_over_time.sources import AFTERWARDS, MISSED, OURS

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
        "Not in the paper: and so often that a loan to her loses money.",
        OURS,
        "default rate after recourse minus that at which a loan earns nothing, either tree, where it is less",
        POSITIVE,
        partial(measures.defaults_above_break_even, rules=(ACCURATE, AWARE)),
    ),
    Claim(
        "P5a",
        "Not in the paper: offers that aim at leaves where 7 of 10 repay earn the accurate tree more than no offers.",
        OURS,
        f"profit with these offers minus without offers, accurate tree, {UNIT}",
        POSITIVE,
        lambda result: difference(result, PROFIT, aiming(ACCURATE, AIM), NO_OFFERS),
        note=f"{MISSED} 5 [-2, 11]. The expected profit of the loans alone, without the luck of who repays, is above "
        "zero on those, too (G5a of gaming, 7 [4, 10]).",
        fewest_lanes=LANES,
    ),
    Claim(
        "P5b",
        "Not in the paper: the recourse-aware tree with such offers earns as much as the accurate one without.",
        OURS,
        f"difference of profits, {SHARE}",
        AS_MUCH,
        partial(measures.extra_share, one=aiming(AWARE, AIM), other=NO_OFFERS),
        note=f"{AFTERWARDS} {MISSED} -.021 [-.036, -.006]: it may earn a little less. It "
        "leaves a quarter fewer people without a loan.",
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
        "default rate at which loans earn nothing minus that after recourse, tree aiming at .7, where it is less",
        POSITIVE,
        partial(measures.defaults_below_break_even, rules=AIMING),
        note=f"{MISSED} .02 [-.0004, .04].",
    ),
    Claim(
        "P6b",
        "Not in the paper: yet those who act repay less often than the leaf says to which they were led.",
        OURS,
        "default rate after recourse minus .3, accurate or recourse-aware tree aiming at .7, where it is less",
        POSITIVE,
        partial(measures.defaults_above, rules=AIMING, rate=1 - AIM),
        note="Not measured, but it would explain it: a leaf is a mixture, and the cheapest way leads to its near edge; "
        "and offers lead to those leaves whose share looked high in the archive, by luck, too.",
    ),
)
