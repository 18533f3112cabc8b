"""The claims about what is due to what: laxer bars without offers, and random offers."""

from __future__ import annotations

from functools import partial

from fairgym.scenarios.a_way_up import measures
from fairgym.scenarios.a_way_up.names import (
    ACCURATE,
    AIM,
    AWARE,
    EFFORT_EACH,
    HONOURED,
    KEPT,
    NEVER_ALL,
    NO_OFFERS,
    PROFIT,
    RANDOM,
    aiming,
)
from fairgym.scenarios.a_way_up.regions import AS_MUCH, SHARE, UNIT
from fairgym.scenarios.base import POSITIVE, Claim
from fairgym.scenarios.recourse_over_time.measures import difference, level
from fairgym.scenarios.recourse_over_time.rules import LANES
from fairgym.scenarios.recourse_over_time.sources import HELD, MISSED, OURS

CONTROLS = (
    Claim(
        "L1",
        "Not in the paper: to the lender the recourse-aware tree with the cheapest offers is a laxer bar by another "
        "name: it earns as much as a plain tree that leaves as many unserved.",
        OURS,
        f"profit minus that of the laxer bar, {SHARE}",
        AS_MUCH,
        partial(measures.share_beyond_laxer_bar, rule=AWARE),
        note=f"{HELD} -.006 [-.018, .007]. Lanes in which no bar leaves as many unserved are left out: 3 of 50.",
        fewest_lanes=LANES,
    ),
    Claim(
        "L2",
        "Not in the paper: the accurate tree with the cheapest offers earns more than such a laxer bar.",
        OURS,
        f"profit minus that of the laxer bar, {UNIT}",
        POSITIVE,
        partial(measures.profit_beyond_laxer_bar, rule=ACCURATE),
        note=f"{HELD} 13 [5, 20].",
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
        note=f"{MISSED} 5 [-3, 12].",
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
        "Not in the paper: they cost the lender nothing.",
        OURS,
        f"profit with random offers minus without offers, accurate tree, {SHARE}",
        AS_MUCH,
        partial(measures.extra_share, one=RANDOM, other=NO_OFFERS),
        note=f"{HELD} .000 [-.013, .013]. Per person the effort is ten times that of offers that "
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
