"""The claims: how each number is measured, then what is said of it and where that comes from."""

from __future__ import annotations

import numpy as np

from fairgym.result import Numbers, Result
from fairgym.scenarios.base import FAILS, NEGATIVE, OPEN, POSITIVE, Claim, Measurement
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.rules_that_move.names import (
    ACCEPTED,
    ADVANTAGED,
    BELOW,
    COVERAGE,
    DISADVANTAGED,
    EQUAL_OPPORTUNITY,
    GROUPS,
    IN_GROUP,
    JACCARD,
    JACCARD_STRICT,
    KEPT,
    KEPT_BY_SAME,
    MAX_REWARD,
    NAMES_GROUP,
    PAPER,
    PRECISION,
    SCORES,
    at,
    later,
    moments,
    over_everybody,
    values,
)

OURS = "ours; the paper has thresholds and no rules"
TOP = SCORES - 1
MIDDLE, END = 5_000, 20_000
WANTED = 0.95
"""The precision asked of a rule, below which it counts as expired."""


def just_below(result: Result, metric: str, group: str, step: int | None = None) -> Numbers:
    """Return one number of the people one score below where a loan pays, under equal opportunity; (lanes,)."""
    return values(result, EQUAL_OPPORTUNITY, metric, BELOW, group, step)


def lent_by_group(result: Result) -> Measurement:
    """R1: at the first decision, loans to the disadvantaged just below the bar minus those to the advantaged there."""
    first = moments(result)[0]
    ours, theirs = (just_below(result, ACCEPTED, group, first) for group in (DISADVANTAGED, ADVANTAGED))
    return over_lanes(ours - theirs)


def names_group_at_first(result: Result) -> Measurement:
    """R2: whether the rules of both groups just below the bar name the group at the first decision."""
    first = moments(result)[0]
    return Measurement.least([over_lanes(just_below(result, NAMES_GROUP, group, first)) for group in GROUPS])


def rejected_at(result: Result, step: int) -> Measurement:
    """R3: lanes in which the disadvantaged just below the bar are rejected."""
    return over_lanes(1 - just_below(result, ACCEPTED, DISADVANTAGED, at(result, step)))


def kept_just_below(result: Result, step: int) -> Measurement:
    """R4: the precision of the first rule of the disadvantaged just below the bar, on the people of later."""
    return over_lanes(just_below(result, KEPT, DISADVANTAGED, at(result, step)))


def ageing(result: Result) -> Measurement:
    """R5: the mean precision of the first rules at 20,000 minus at 5,000, over everybody, paired."""
    late, early = (mean_kept(result, EQUAL_OPPORTUNITY, KEPT, at(result, step)) for step in (END, MIDDLE))
    return over_lanes(late - early)


def mean_kept(result: Result, arm: str, metric: str, step: int) -> Numbers:
    """Return how precise the first rules still are at a later moment, mean over everybody; (lanes,)."""
    means: Numbers = np.nanmean(over_everybody(result, arm, metric, step), axis=1)
    return means


def people_add(result: Result) -> Measurement:
    """R6: precision of the first rules at the end on the people of the first moment minus on those of the end."""
    same, then = (mean_kept(result, EQUAL_OPPORTUNITY, metric, later(result)[-1]) for metric in (KEPT_BY_SAME, KEPT))
    return over_lanes(same - then)


def fewer_name_the_group(result: Result) -> Measurement:
    """R7: share of everybody whose rule names the group, at the end minus at first, under equal opportunity."""
    end, first = (
        over_everybody(result, EQUAL_OPPORTUNITY, NAMES_GROUP, step).mean(axis=1)
        for step in (moments(result)[-1], moments(result)[0])
    )
    return over_lanes(end - first)


def coverage_gap(result: Result) -> Measurement:
    """R8: coverage among the advantaged minus among the disadvantaged of the rule for the best score, at first."""
    first = moments(result)[0]
    gaps = []
    for group in GROUPS:
        among, of_others = (values(result, EQUAL_OPPORTUNITY, f"{IN_GROUP}.{one}", TOP, group, first) for one in GROUPS)
        gaps.append(over_lanes(among - of_others))
    return Measurement.least(gaps)


def least_kept(result: Result) -> Measurement:
    """C1: the lowest precision that any first rule has at any later moment in any lane, under max reward."""
    tables = [over_everybody(result, MAX_REWARD, KEPT_BY_SAME, step) for step in later(result)]
    at_first = over_everybody(result, MAX_REWARD, PRECISION, moments(result)[0])
    return Measurement.exact(float(np.nanmin(np.stack(tables) - at_first)))


def furthest_move(result: Result, metric: str) -> Measurement:
    """C2: the furthest that any rule moves from one moment to the next in any lane, under max reward."""
    return Measurement.exact(float(np.nanmax([over_everybody(result, MAX_REWARD, metric, s) for s in later(result)])))


def coverage_falls(result: Result) -> Measurement:
    """C3: coverage of the rule for the best score at the end minus at first, under max reward, larger of the groups."""
    changes = []
    for group in GROUPS:
        end, first = (values(result, MAX_REWARD, COVERAGE, TOP, group, step) for step in (None, moments(result)[0]))
        changes.append(over_lanes(end - first))
    return Measurement.greatest(changes)


def moves_more(result: Result) -> Measurement:
    """C4: mean Jaccard distance over everybody and moments, equal opportunity minus max reward, paired."""
    moved = {
        arm: np.mean([np.nanmean(over_everybody(result, arm, JACCARD, step), axis=1) for step in later(result)], axis=0)
        for arm in (EQUAL_OPPORTUNITY, MAX_REWARD)
    }
    return over_lanes(moved[EQUAL_OPPORTUNITY] - moved[MAX_REWARD])


CLAIMS = (
    Claim(
        "R1",
        "At the first decision equal opportunity lends to the disadvantaged of score 2 and not to the advantaged of "
        "score 2: there 73 % of the disadvantaged get a loan.",
        f"{PAPER}, figure 3 top and appendix A.3",
        "loans to the disadvantaged minus to the advantaged of score 2, as decided more often",
        (1.0, 1.0),
        lent_by_group,
        published_world_only=True,
    ),
    Claim(
        "R2",
        "Not in the paper: so the rules that explain these two decisions name the group.",
        OURS,
        "share of lanes in which the rule names the group, in the group where it is smaller",
        (1.0, 1.0),
        names_group_at_first,
        published_world_only=True,
    ),
    Claim(
        "R3a",
        "By step 5,000 the disadvantaged of score 2 are rejected: from about step 2,000 on their threshold has its "
        "median between 2.8 and 3.",
        f"{PAPER}, figure 3 top",
        "share of lanes in which they are rejected, as decided more often",
        (0.5, 1.0),
        lambda result: rejected_at(result, MIDDLE),
    ),
    Claim(
        "R3b",
        "And at step 20,000.",
        f"{PAPER}, figure 3 top",
        "share of lanes in which they are rejected, as decided more often",
        (0.5, 1.0),
        lambda result: rejected_at(result, END),
    ),
    Claim(
        "R4a",
        "Not in the paper: the rule that explained their loan has expired by step 5,000.",
        OURS,
        "precision of the rule of step 0 on the people of step 5,000; it has expired below .95",
        (-np.inf, WANTED),
        lambda result: kept_just_below(result, MIDDLE),
    ),
    Claim(
        "R4b",
        "Not in the paper: and stays so up to step 20,000.",
        OURS,
        "precision of the rule of step 0 on the people of step 20,000",
        (-np.inf, WANTED),
        lambda result: kept_just_below(result, END),
    ),
    Claim(
        "R5",
        "Not in the paper: the older the rules of the first decision, the less they are worth.",
        f"{OURS}; compare the fall of the target rate in {PAPER}, figure 3 bottom",
        "mean precision of the rules of step 0, at step 20,000 minus at 5,000",
        NEGATIVE,
        ageing,
    ),
    Claim(
        "R6",
        "Not in the paper: the move of the people makes it worse than the move of the policy alone.",
        f"{OURS}; compare {PAPER}, figure 2",
        "mean precision of the rules of step 0 under the last policy, people of step 0 minus people of the end",
        POSITIVE,
        people_add,
        expected=OPEN,
        note="It does for the disadvantaged of score 2 (.71 against .55). But in 2 of 20 lanes those of score 3 are "
        "rejected as well at the end, of whom there were many at first and are few then.",
    ),
    Claim(
        "R7",
        "Not in the paper: as the thresholds of the groups meet, fewer rules name the group.",
        f"{OURS}; compare {PAPER}, figure 3 top",
        "share of everybody whose rule names the group, at the end minus at first",
        NEGATIVE,
        fewer_name_the_group,
    ),
    Claim(
        "R8",
        "Not in the paper: the rule that explains a loan to the best covers more of the advantaged.",
        f"{OURS}; compare {PAPER}, figure 2 left",
        "coverage among the advantaged minus the disadvantaged at first, in the rule where it is smaller",
        POSITIVE,
        coverage_gap,
    ),
    Claim(
        "C1",
        "Not in the paper: under max reward no rule expires, because its threshold depends on repayment alone.",
        f"{OURS}; compare {PAPER}, section 4.1",
        "precision of a rule of step 0 under a later policy, same people, minus its own: lowest of all",
        (0.0, 0.0),
        least_kept,
    ),
    Claim(
        "C2a",
        "Not in the paper: under max reward no rule moves: if the rule moves, the policy has.",
        OURS,
        "largest Jaccard distance of what a rule covers, from moment to moment",
        (0.0, 0.0),
        lambda result: furthest_move(result, JACCARD),
        expected=FAILS,
        note="A rule may be wrong about 5 % of its people. As nearly everybody comes to live just below the threshold, "
        "those above it become so few that 'score <= 4: reject' is precise enough: the people moved the rule.",
    ),
    Claim(
        "C2b",
        "Not in the paper: nor does one that has to be right about all but one in a thousand.",
        OURS,
        "largest Jaccard distance of what a rule with precision .999 covers, from moment to moment",
        (0.0, 0.0),
        lambda result: furthest_move(result, JACCARD_STRICT),
    ),
    Claim(
        "C3",
        "Not in the paper: under max reward the rule for the best covers ever fewer people, because most end up just "
        "under the threshold.",
        f"{OURS}; compare {PAPER}, figure 2 centre",
        "coverage at the end minus at first, in the group where it falls less",
        NEGATIVE,
        coverage_falls,
    ),
    Claim(
        "C4",
        "Not in the paper: rules move more under equal opportunity than under max reward.",
        OURS,
        "mean Jaccard distance from moment to moment, equal opportunity minus max reward",
        POSITIVE,
        moves_more,
    ),
)
