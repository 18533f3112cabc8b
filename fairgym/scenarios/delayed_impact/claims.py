"""The claims: how each number is measured, then what the paper says of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fairgym.checks import InputError
from fairgym.populations import two_groups
from fairgym.result import Estimate, Numbers, Result
from fairgym.scenarios.base import NEGATIVE, POSITIVE, Claim, Measurement, distance
from fairgym.scenarios.delayed_impact.archived import ARCHIVED, ARCHIVED_LANES, CHECKPOINTS, STEADY_STATE
from fairgym.scenarios.delayed_impact.names import (
    ADVANTAGED,
    DISADVANTAGED,
    EQUAL_OPPORTUNITY,
    GROUPS,
    MAX_REWARD,
    PAPER,
    THRESHOLD,
    shares,
)
from fairgym.scenarios.estimates import over_lanes

SETTLED = 2_000
"""The step from which on the paper sees the thresholds settled."""


def eo_minus_max(result: Result, metric: str, group: str) -> Numbers:
    """Return equal opportunity minus max reward in one metric at the end, lane by lane."""
    ours, theirs = (result.values(metric, experiment=name, group=group) for name in (EQUAL_OPPORTUNITY, MAX_REWARD))
    return (ours - theirs).to_numpy(dtype=np.float64)


def shift_between_groups(result: Result) -> Measurement:
    """L1: the largest difference of the starting distributions once the second is moved up by one score."""
    upper, lower = (shares(result, MAX_REWARD, group, 0) for group in GROUPS)
    return Measurement.exact(float(np.abs(upper[:, 1:] - lower[:, :-1]).max()))


def share_under_threshold(result: Result) -> Measurement:
    """L2: the share of people just under the threshold at the end, in the group where it is smaller."""
    at_end = [shares(result, MAX_REWARD, group) for group in GROUPS]
    if at_end[0].shape[1] < THRESHOLD:
        raise InputError(f"it needs {THRESHOLD} score levels or more.")
    return Measurement.least([over_lanes(of_group[:, THRESHOLD - 1]) for of_group in at_end])


def distance_between_groups(result: Result) -> Measurement:
    """L2: total variation distance of the groups at the end, equal opportunity minus max reward, paired."""
    distance = {
        name: np.abs(shares(result, name, ADVANTAGED) - shares(result, name, DISADVANTAGED)).sum(axis=1) / 2
        for name in (EQUAL_OPPORTUNITY, MAX_REWARD)
    }
    return over_lanes(distance[EQUAL_OPPORTUNITY] - distance[MAX_REWARD])


def score_gap(result: Result) -> Measurement:
    """L3: mean score of the advantaged minus the disadvantaged at the end, under equal opportunity."""
    upper, lower = (shares(result, EQUAL_OPPORTUNITY, group) for group in GROUPS)
    return over_lanes(((upper - lower) * np.arange(upper.shape[1])).sum(axis=1))


def threshold_at_first(result: Result) -> Measurement:
    """L4, L12: the mean threshold of the disadvantaged at the first decision."""
    values = result.values("agent.threshold", experiment=EQUAL_OPPORTUNITY, group=DISADVANTAGED, step=1)
    return Measurement.exact(float(values.iloc[0]))


def threshold_later(result: Result) -> Measurement:
    """L4: the median threshold of the disadvantaged over the recorded steps from 2,000 on, mean over lanes."""
    table = result.table("agent.threshold", experiment=EQUAL_OPPORTUNITY, group=DISADVANTAGED)
    later = table[[step for step in table.columns if int(step) >= SETTLED]].to_numpy(dtype=np.float64)
    if not later.size:
        raise InputError(f"it needs at least {SETTLED:,} steps.")
    return over_lanes(np.median(later, axis=1))


def target_at_first(result: Result) -> Measurement:
    """L5, L12: the TPR that equal opportunity aims at in the first decision."""
    values = result.values("agent.target_rate", experiment=EQUAL_OPPORTUNITY, step=1)
    return Measurement.exact(float(values.iloc[0]))


def smallest_fall_of_target(result: Result) -> Measurement:
    """L5: the smallest fall of the target TPR from one checkpoint to the next, paired."""
    targets = [
        result.values("agent.target_rate", experiment=EQUAL_OPPORTUNITY, step=step) for step in (1, *CHECKPOINTS)
    ]
    falls = [(early - late).to_numpy(dtype=np.float64) for early, late in pairwise(targets)]
    return Measurement.least([over_lanes(fall) for fall in falls])


def gain_in_loans(result: Result) -> Measurement:
    """L6: equal opportunity minus max reward in loans, in the group where it is smaller."""
    return Measurement.least([over_lanes(eo_minus_max(result, "loans", group)) for group in GROUPS])


def difference_of_gains(result: Result) -> Measurement:
    """L6: how much more loans the disadvantaged gain by equal opportunity than the advantaged."""
    gains = [eo_minus_max(result, "loans", group) for group in GROUPS]
    return over_lanes(gains[1] - gains[0])


def change_of_credit(result: Result) -> Measurement:
    """L7: mean repayment at the end minus the start, in the policy and group where it falls least."""
    changes = []
    for name in (MAX_REWARD, EQUAL_OPPORTUNITY):
        for group in GROUPS:
            end, start = (result.values("credit", experiment=name, group=group, step=step) for step in (None, 0))
            changes.append(over_lanes((end - start).to_numpy(dtype=np.float64)))
    return Measurement.greatest(changes)


def change_of_credit_gap(result: Result) -> Measurement:
    """L8: the credit gap under equal opportunity minus that under max reward, at the end."""
    changes = [eo_minus_max(result, "credit", group) for group in GROUPS]
    return over_lanes(changes[0] - changes[1])


def lend_to_all_steady_state(repayment: Numbers) -> Numbers:
    """Return the shares at each score that lending to everybody leads to, from the repayment probabilities.

    A chain that moves one step up or down balances in detail: share(c) up(c) = share(c + 1) down(c + 1).
    """
    ratios = repayment[:-1] / (1 - repayment[1:])
    weights = np.concatenate([[1.0], np.cumprod(ratios)])
    shares_of_people: Numbers = weights / weights.sum()
    return shares_of_people


def steady_state_error(result: Result) -> Measurement:
    """L10: the largest distance of the steady state from the four-digit values of the table, over both groups."""
    states = [lend_to_all_steady_state(repayment) for repayment in two_groups().repayment]
    return Measurement.exact(float(max(np.abs(state - STEADY_STATE).max() for state in states)))


def bathtub(result: Result) -> Measurement:
    """L10: the smaller end of the steady state minus its largest inner share."""
    state = lend_to_all_steady_state(two_groups().repayment[0])
    return Measurement.exact(float(min(state[0], state[-1]) - state[1:-1].max()))


def smallest_change_below_threshold(result: Result) -> Measurement:
    """L11: the smallest change, in any lane, group and recorded interval, of the share below the threshold."""
    changes = []
    for group in GROUPS:
        tables = [result.table(f"share.{level}", experiment=MAX_REWARD, group=group) for level in range(THRESHOLD)]
        changes.append(np.diff(sum(table.to_numpy(dtype=np.float64) for table in tables), axis=1).min())
    return Measurement.exact(float(min(changes)))


def distance_from_archived(result: Result, experiment: str) -> Measurement:
    """Return the largest distance from the archived program's table, in standard errors of the difference.

    The archived means are over 100 lanes of the same spread as ours, and rounded as printed.
    """
    ours: list[Estimate] = []
    published: list[float] = []
    rounding: list[float] = []
    for (name, metric, group), numbers in ARCHIVED.items():
        if name == experiment:
            ours += [result.estimate(metric, experiment=name, group=group, step=step) for step in CHECKPOINTS]
            published += numbers
            rounding += [(0.5 if metric == "loans" else 0.0005) / np.sqrt(3)] * len(numbers)
    return distance(ours, published, ARCHIVED_LANES, rounding)


def extra_profit(result: Result) -> Measurement:
    """Return the bank's profit per step under equal opportunity minus max reward."""
    steps = int(result.frame["step"].max())
    return over_lanes(eo_minus_max(result, "profit", "") / steps)


CLAIMS = (
    Claim(
        "L1",
        "The disadvantaged start one score lower, otherwise alike.",
        f"{PAPER}, figure 2 left",
        "largest difference of shares after a shift by one score",
        (0.0, 1e-12),
        shift_between_groups,
        published_world_only=True,
    ),
    Claim(
        "L2a",
        "Under max reward most people of either group end up just under the threshold.",
        f"{PAPER}, figure 2 centre",
        "share of people at score 2, in the group where it is smaller",
        (0.5, 1.0),
        share_under_threshold,
        published_world_only=True,
    ),
    Claim(
        "L2b",
        "Under max reward the groups end up more alike than under equal opportunity.",
        f"{PAPER}, figure 2 centre and right",
        "total variation distance between the groups, equal opportunity minus max reward",
        POSITIVE,
        distance_between_groups,
    ),
    Claim(
        "L3",
        "Under equal opportunity the groups stay unequal, the disadvantaged lower.",
        f"{PAPER}, figure 2 right",
        "mean score, advantaged minus disadvantaged",
        POSITIVE,
        score_gap,
    ),
    Claim(
        "L4a",
        "Equal opportunity starts the disadvantaged at a threshold of 2.27: 27 % get threshold 3, 73 % threshold 2.",
        f"{PAPER}, figure 3 top and appendix A.3",
        "mean threshold of the first decision",
        (2.2722, 2.2732),
        threshold_at_first,
        published_world_only=True,
    ),
    Claim(
        "L4b",
        "From about step 2,000 on that threshold has its median between 2.8 and 3.",
        f"{PAPER}, figure 3 top",
        "median threshold of the disadvantaged over the steps from 2,000 on",
        (2.8, 3.0),
        threshold_later,
        published_world_only=True,
    ),
    Claim(
        "L5",
        "The true positive rate that equal opportunity aims at falls from checkpoint to checkpoint.",
        f"{PAPER}, figure 3 bottom",
        "smallest fall between checkpoints",
        POSITIVE,
        smallest_fall_of_target,
    ),
    Claim(
        "L6a",
        "Equal opportunity grants more loans to both groups.",
        f"{PAPER}, figure 4 top",
        "loans, equal opportunity minus max reward, in the group where it is smaller",
        POSITIVE,
        gain_in_loans,
    ),
    Claim(
        "L6b",
        "The disadvantaged gain far more loans by it.",
        f"{PAPER}, figure 4 top",
        "gain in loans, disadvantaged minus advantaged",
        POSITIVE,
        difference_of_gains,
    ),
    Claim(
        "L7",
        "Mean credit falls in both groups under both policies.",
        f"{PAPER}, figure 4 bottom",
        "mean repayment probability, end minus start, where it falls least",
        NEGATIVE,
        change_of_credit,
    ),
    Claim(
        "L8",
        "Equal opportunity widens the credit gap between the groups, on average.",
        f"{PAPER}, figure 4 bottom",
        "credit gap, equal opportunity minus max reward",
        POSITIVE,
        change_of_credit_gap,
    ),
    Claim(
        "L10a",
        "Lending to everybody leads to the steady state of detailed balance, to four digits of our table.",
        f"{PAPER}, appendix A.1, figure 10",
        "largest distance of a share from the four-digit table",
        (0.0, 0.00005),
        steady_state_error,
        note="A calculation on the repayment table; nothing is simulated for it.",
        published_world_only=True,
    ),
    Claim(
        "L10b",
        "That steady state is a bathtub: full at both ends.",
        f"{PAPER}, appendix A.1, figure 10",
        "smaller end minus largest inner share",
        POSITIVE,
        bathtub,
        note="A calculation on the repayment table; nothing is simulated for it.",
        published_world_only=True,
    ),
    Claim(
        "L11",
        "Under max reward the scores below the threshold are absorbing.",
        f"{PAPER}, appendix A.2",
        "smallest change of the share below the threshold, any lane and interval",
        (-1e-12, np.inf),
        smallest_change_below_threshold,
        published_world_only=True,
    ),
    Claim(
        "L12",
        "The first true positive rate that equal opportunity aims at is .8898.",
        f"{PAPER}, appendix A.3, figure 11",
        "target true positive rate of the first decision",
        (0.88975, 0.88985),
        target_at_first,
        published_world_only=True,
    ),
    Claim(
        "T1",
        "The time course of equal opportunity is that of the archived program.",
        "archived program, seeds 0 to 99",
        "largest distance over 42 table cells, in standard errors of the difference",
        (0.0, 4.0),
        lambda result: distance_from_archived(result, EQUAL_OPPORTUNITY),
        fewest_lanes=100,
        published_world_only=True,
    ),
    Claim(
        "T2",
        "The time course of max reward is that of the archived program, whose agent is defective.",
        "archived program, seeds 0 to 99",
        "largest distance over 36 table cells, in standard errors of the difference",
        (0.0, 4.0),
        lambda result: distance_from_archived(result, MAX_REWARD),
        fewest_lanes=100,
        published_world_only=True,
    ),
    Claim(
        "N1",
        "Not in the paper: equal opportunity earns the bank more than the policy that maximises each step's reward.",
        "archived program, seeds 0 to 99: in every one of them",
        "profit per step, equal opportunity minus max reward",
        POSITIVE,
        extra_profit,
    ),
)
