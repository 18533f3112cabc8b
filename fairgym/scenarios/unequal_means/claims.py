"""The claims: what is said of both groups, where it stands, and in which region the measured number has to lie."""

from __future__ import annotations

from functools import partial

from fairgym.scenarios.base import NEGATIVE, POSITIVE, Claim
from fairgym.scenarios.recourse_over_time.measures import gap
from fairgym.scenarios.recourse_over_time.sources import OURS
from fairgym.scenarios.unequal_means.measures import (
    against_following,
    against_unequal,
    difference_on_paper,
    least_step,
    made_by_means,
)
from fairgym.scenarios.unequal_means.names import (
    ACCEPT,
    ACCURATE,
    AWARE,
    CONTROL,
    COST,
    EFFORT,
    EVERY_COST,
    FOLLOW,
    MEAN_TIME,
    NEVER,
    NO_OFFERS,
    OFFER,
    WITHIN_5,
    WITHIN_10,
)
from fairgym.scenarios.unequal_means.parts import (
    A_TENTH,
    MEASURES,
    ROUNDING,
    SECOND,
    changed,
    ours,
    widened,
)
from fairgym.scenarios.unequal_means.remedies import REMEDIES


def _on_paper(name: str, text: str, metric: str, what: str) -> Claim:
    """Return a claim that newcomers of both groups are told the same."""
    return Claim(
        name,
        f"Not in the paper: on paper recourse is equal: {text}.",
        f"{MEASURES}, against audits of one round of decisions",
        f"relative gap in {what} of first applications, in units of the relative gap in following",
        A_TENTH,
        partial(against_following, metric=metric),
    )


def _in_time(name: str, text: str, metric: str, what: str, region: tuple[float, float]) -> Claim:
    """Return a claim that the groups fare differently because of their means."""
    return Claim(
        name,
        f"Not in the paper: in time it is not: {text}.",
        f"{MEASURES}; there groups differ in their features, here in their means alone",
        f"gap in {what} with unequal minus equal means, same newcomers and trees",
        region,
        partial(made_by_means, metric=metric),
    )


def _none(name: str, text: str, metric: str, what: str, experiment: str = CONTROL) -> Claim:
    """Return a claim that there is no gap, measured against the one that the means make."""
    return Claim(
        name,
        f"Not in the paper: {text}.",
        OURS,
        f"gap in {what}, in units of that under the recourse-aware tree with unequal means",
        A_TENTH,
        partial(against_unequal, metric=metric, experiment=experiment),
    )


ON_PAPER = (
    _on_paper("P1", "as many newcomers of both groups are accepted", ACCEPT, "the acceptance rate"),
    _on_paper("P2", "as many of the rejected are told a way up", OFFER, "the offer rate"),
    _on_paper("P3", "and it costs the same", COST, "the mean cost of an offer"),
    ours(
        "P4",
        "an audit of first applications cannot tell the world with unequal means from the one with equal means",
        "largest difference between the two worlds, in any lane, group and measure of P1 to P3",
        ROUNDING,
        difference_on_paper,
    ),
)
IN_TIME = (
    _in_time("T1", "fewer offers are followed where resources are fewer", FOLLOW, "the follow rate", NEGATIVE),
    _in_time("T2a", "fewer of the rejected are served within 5 periods", WITHIN_5, "the share", NEGATIVE),
    _in_time("T2b", "and within 10", WITHIN_10, "the share", NEGATIVE),
    _in_time("T3", "they wait longer", MEAN_TIME, "the mean time to recourse of at most 10 periods", POSITIVE),
    _in_time("T4", "and more of them are never served", NEVER, "the share never served", POSITIVE),
    _none("T5a", "with equal means there is no gap in who is served within 5 periods", WITHIN_5, "the share"),
    _none("T5b", "nor in who is never served", NEVER, "the share never served"),
    _none("T6", "without offers there is no gap", NEVER, "the share never served", NO_OFFERS),
    ours(
        "T7",
        "still the group with fewer resources is better off with offers than without",
        "share of that group never served, recourse-aware tree with offers minus accurate tree without",
        NEGATIVE,
        changed(NEVER, AWARE, NO_OFFERS, SECOND),
    ),
    ours(
        "T8",
        "the tree that leaves more people a way up has the wider gap",
        "gap in the share served within 5 periods, recourse-aware minus accurate tree, both with offers",
        NEGATIVE,
        widened(WITHIN_5, AWARE, ACCURATE),
    ),
    ours(
        "T9",
        "the lower the mean of the second group, the wider the gap: .3, .2, .15, .1",
        "smallest growth of the gap in the share never served from one mean to the next",
        POSITIVE,
        partial(least_step, metric=NEVER),
    ),
)
WHAT_MISLEADS = (
    ours(
        "M1",
        "those served from the group with fewer resources did less, not more",
        "gap in mean effort per person served after a rejection",
        NEGATIVE,
        partial(gap, metric=EFFORT, experiment=AWARE),
        source=MEASURES,
        note="Who is told a dear way follows less often, the more so in that group: this is a number about survivors.",
    ),
    ours(
        "M2",
        "over all rejections offers look dearer to that group",
        "gap in the mean cost of an offer, all applications",
        POSITIVE,
        partial(gap, metric=EVERY_COST, experiment=AWARE),
        note="First applications show no such gap (P3); who is told something cheap is gone sooner.",
    ),
)


CLAIMS = (*ON_PAPER, *IN_TIME, *WHAT_MISLEADS, *REMEDIES)
