"""The claims about remedies: recourse weights by group, and ways up that are cheap."""

from __future__ import annotations

import math

from fairgym.scenarios.base import FAILS, HOLDS, NEGATIVE, OPEN, POSITIVE, Claim
from fairgym.scenarios.recourse_over_time.measures import level
from fairgym.scenarios.recourse_over_time.rules import LANES
from fairgym.scenarios.unequal_means.measures import (
    most_asked,
    wider_as_share,
)
from fairgym.scenarios.unequal_means.names import (
    ASKS_GROUP,
    AWARE,
    DEFAULT,
    NEVER,
    PROFIT,
    REACH_AND_WEIGHT,
    SAME_TOTAL,
    STRONGER,
    WITHIN_5,
    WITHIN_REACH,
)
from fairgym.scenarios.unequal_means.parts import (
    A_TENTH,
    A_TENTH_DOWN,
    A_TENTH_UP,
    FIRST,
    SECOND,
    WEIGHTS,
    changed,
    ours,
)


def _weights(experiment: str) -> tuple[Claim, ...]:
    """Return what is claimed of recourse weights that are higher for the second group."""
    what = f"{experiment} minus equal weights of .05"
    return (
        ours(
            "W1",
            f"group-aware recourse weights ({experiment}) serve more of the group with fewer resources",
            f"share of that group never served, {what}",
            NEGATIVE,
            changed(NEVER, experiment, AWARE, SECOND),
            source=WEIGHTS,
        ),
        ours(
            "W2",
            f"they ({experiment}) narrow the gap in time by a tenth or more",
            f"change of the gap in the share served within 5 periods, {what}, as a share of it",
            A_TENTH_UP,
            lambda result: wider_as_share(result, WITHIN_5, experiment, AWARE),
            FAILS,
            WEIGHTS,
            "They widen it: the new ways up are open to both groups, and the one with resources takes them.",
        ),
        ours(
            "W3",
            f"they ({experiment}) narrow the gap in who is never served by a tenth or more",
            f"change of the gap in the share never served, {what}, as a share of it",
            A_TENTH_DOWN,
            lambda result: wider_as_share(result, NEVER, experiment, AWARE),
            FAILS,
            WEIGHTS,
            "The share never served falls about as much in the other group.",
        ),
        ours(
            "W4",
            f"they ({experiment}) cost the lender",
            f"profit, {what}, in loans",
            NEGATIVE,
            changed(PROFIT, experiment, AWARE),
        ),
    )


def _reach(
    suffix: str, experiment: str, other: str, served_sooner: str = HOLDS, paid: str = HOLDS
) -> tuple[Claim, ...]:
    """Return what is claimed of a tree trained with a budget of .1, against one of the same weights with one of .3."""
    what = f"{experiment} minus {other}"
    return (
        ours(
            f"R1{suffix}",
            f"a tree trained with a budget of .1 in place of .3 ({experiment}) narrows the gap in who is never served "
            f"by a tenth or more",
            f"change of the gap in the share never served, {what}, as a share of it",
            A_TENTH_DOWN,
            lambda result: wider_as_share(result, NEVER, experiment, other),
            note="The budget is the mean of the group with fewer resources; the rule is the same for both groups.",
        ),
        ours(
            f"R2{suffix}",
            f"and the gap in time ({experiment})",
            f"change of the gap in the share served within 5 periods, {what}, as a share of it",
            A_TENTH_UP,
            lambda result: wider_as_share(result, WITHIN_5, experiment, other),
        ),
        ours(
            f"R3{suffix}",
            f"and more of the rejected of the group with fewer resources are served within 5 periods ({experiment})",
            f"share of that group, {what}",
            POSITIVE,
            changed(WITHIN_5, experiment, other, SECOND),
            served_sooner,
            note="" if served_sooner == HOLDS else "With the weight of .05 fewer of the other group are, see R5.",
        ),
        ours(
            f"R4{suffix}",
            f"the lender pays for it ({experiment})",
            f"profit, {what}, in loans",
            NEGATIVE,
            changed(PROFIT, experiment, other),
            paid,
            note="" if paid == HOLDS else "With the weight of .05 it serves fewer of the other group, too, see R5.",
        ),
    )


REMEDIES = (
    *_weights(STRONGER),
    ours(
        "W5a",
        "no tree with weights by group asks for the group, as groups of equal features give no reason to",
        f"largest share, of any lane, whose decision would be another one in the other group, {STRONGER}",
        (0.0, 0.0),
        lambda result: most_asked(result, STRONGER),
        FAILS,
        note="One of 50 does, by the luck of its archive, and so do two of 50 with equal weights of .05.",
        fewest_lanes=LANES,
    ),
    ours(
        "W5b",
        "weights by group treat fewer than one person in a hundred by the group",
        f"mean share whose decision would be another one in the other group, {STRONGER}",
        (-math.inf, 0.01),
        lambda result: level(result, ASKS_GROUP, STRONGER),
        fewest_lanes=LANES,
    ),
    ours(
        "W6",
        "they change the gap in time as equal weights of the same total do",
        f"change of the gap in the share served within 5 periods, {STRONGER} minus {SAME_TOTAL}, as a share of it",
        A_TENTH,
        lambda result: wider_as_share(result, WITHIN_5, STRONGER, SAME_TOTAL),
    ),
    ours(
        "W7",
        "the loans to the group with fewer resources default more often under them",
        f"default rate of that group, {STRONGER} minus equal weights of .05",
        POSITIVE,
        changed(DEFAULT, STRONGER, AWARE, SECOND),
    ),
    *_reach("a", WITHIN_REACH, AWARE, served_sooner=OPEN, paid=OPEN),
    *_reach("b", REACH_AND_WEIGHT, SAME_TOTAL),
    ours(
        "R5",
        "at the weight of .05 fewer of the group with more resources are served within 5 periods",
        f"share of the group with more resources, {WITHIN_REACH} minus {AWARE}",
        NEGATIVE,
        changed(WITHIN_5, WITHIN_REACH, AWARE, FIRST),
        note="So the gap in time narrows (R2a) from above.",
    ),
    ours(
        "R6",
        "even so fewer of the group with fewer resources are never served",
        f"share of that group never served, {WITHIN_REACH} minus {AWARE}",
        NEGATIVE,
        changed(NEVER, WITHIN_REACH, AWARE, SECOND),
    ),
    ours(
        "R7",
        "and it costs the lender less than weights by group",
        f"profit, {WITHIN_REACH} minus {STRONGER}, in loans",
        POSITIVE,
        changed(PROFIT, WITHIN_REACH, STRONGER),
    ),
)
