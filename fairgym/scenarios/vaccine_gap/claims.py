"""The claims: how each number is measured, then what the paper, or we, say of it."""

from __future__ import annotations

import numpy as np

from fairgym.result import Numbers, Result, estimate
from fairgym.scenarios.base import NOT_ZERO, POSITIVE, Claim, Measurement, distance
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.vaccine_gap.names import (
    DOSES,
    EFFECTIVE,
    EPISODES,
    FAIR_RANDOM,
    KEPT,
    KEPT_WEIGHTS,
    NO_VACCINE,
    PAPER,
    REWARD,
    SPENT,
    bias,
    by_community,
    degree_gap,
    signed_gap,
)

PUBLISHED = {"ELBERT-PO": (0.177, 0.048), "G-PPO": (0.176, 1.27), "A-PPO": (0.165, 0.330), "R-PPO": (0.147, 0.050)}
"""Reward per step and bias of the learned policies in the harder version, read off the paper's figure."""
ELBERT_REWARD, ELBERT_BIAS = PUBLISHED["ELBERT-PO"]
BEST_REWARD = max(reward for reward, _ in PUBLISHED.values())
FIGURE = f"{PAPER}, figure of the harder infectious-disease environment"
BALANCED, GREEDY = degree_gap(8, SPENT), degree_gap(0, SPENT)
FEWEST = 20 * EPISODES
"""Seeds for 20 evaluations."""
ONE_EVALUATION = (
    "The interval is ours alone: .177 was measured, too, and an evaluation of 200 episodes spreads by .005."
)


def rewards(result: Result, name: str) -> Numbers:
    """Return the mean reward per step of each lane."""
    return result.values(REWARD, experiment=name).to_numpy(dtype=np.float64)


def reward_above(result: Result, name: str, published: float) -> Measurement:
    """Return how much more a rule earns per step than a published number."""
    return over_lanes(rewards(result, name) - published)


def distance_from_published_bias(result: Result) -> Measurement:
    """Return how far our mean bias is from that of ELBERT-PO, in standard deviations of one evaluation."""
    return distance([estimate(bias(result, DOSES, BALANCED))], [ELBERT_BIAS], lanes=1)


def excess_of_the_absolute_gap(result: Result) -> Measurement:
    """Return the mean bias of an evaluation minus the size of the mean signed gap."""
    gaps = signed_gap(result, DOSES, BALANCED)
    return over_lanes(np.abs(gaps) - np.sign(gaps.mean()) * gaps)


def wasted(result: Result) -> Measurement:
    """Return the share of the balanced rule's doses that helped nobody."""
    given, useful = (by_community(result, supply, BALANCED).sum(axis=1) for supply in (DOSES, EFFECTIVE))
    return over_lanes(1 - useful / given)


def useful_bias_above(result: Result) -> Measurement:
    """Return the balanced rule's bias in useful doses minus the published one."""
    return over_lanes(bias(result, EFFECTIVE, BALANCED) - ELBERT_BIAS)


def best_kept_bias(result: Result) -> Measurement:
    """Return the smallest bias of the degree rules that keep spare doses minus the published one, over weights."""
    kept = [bias(result, DOSES, degree_gap(weight, KEPT)) for weight in KEPT_WEIGHTS]
    return over_lanes(min(kept, key=lambda one: float(one.mean())) - ELBERT_BIAS)


CLAIMS = (
    Claim(
        "V1",
        "Not in the paper: a rule that learns nothing earns more than ELBERT-PO, the learned fair policy (.177).",
        FIGURE,
        "reward per step, degree + 8 gap with spare doses spent, minus .177",
        POSITIVE,
        lambda result: reward_above(result, BALANCED, ELBERT_REWARD),
        note=f"The weight was chosen among six. {ONE_EVALUATION}",
        published_world_only=True,
    ),
    Claim(
        "V2",
        "Not in the paper: the bias of that rule is the published one (.048), as far as one evaluation can tell.",
        FIGURE,
        "distance of the mean bias from .048, in standard deviations of one evaluation",
        (0.0, 2.0),
        distance_from_published_bias,
        note="200 episodes an evaluation, as in the paper.",
        fewest_lanes=FEWEST,
        published_world_only=True,
    ),
    Claim(
        "V3",
        "Not in the paper: treating the highest degree alone earns more than every learned policy there.",
        FIGURE,
        "reward per step minus .177",
        POSITIVE,
        lambda result: reward_above(result, GREEDY, BEST_REWARD),
        note=ONE_EVALUATION,
        published_world_only=True,
    ),
    Claim(
        "V4",
        "Not in the paper: an evaluation of 200 episodes shows a larger gap than there is.",
        f"{PAPER}, evaluation protocol",
        "mean absolute gap minus size of the mean signed gap, degree + 8 gap with spare doses spent",
        POSITIVE,
        excess_of_the_absolute_gap,
        note="The bias of one evaluation spreads by .03, so that the difference of two spreads by .05.",
        fewest_lanes=FEWEST,
    ),
    Claim(
        "V5a",
        "Not in the paper: the balanced rule wastes a fifth of its doses, those given when nobody is susceptible.",
        "our measurement",
        "share of the doses that helped nobody",
        (0.15, 0.25),
        wasted,
        published_world_only=True,
    ),
    Claim(
        "V5b",
        "Not in the paper: counted in useful doses its bias is larger than that.",
        f"{PAPER}: supply is counted in doses given",
        "bias in useful doses minus .048",
        POSITIVE,
        useful_bias_above,
        note="Its small bias is made of wasted doses for patient zero's community. Of ELBERT-PO's doses it is not "
        "known how many were useful.",
        fewest_lanes=FEWEST,
        published_world_only=True,
    ),
    Claim(
        "V5c",
        "Not in the paper: if spare doses are kept, none of the weights 0, 8, 20 and 200 makes the rule as fair.",
        "our measurement",
        "smallest bias over the weights minus .048",
        POSITIVE,
        best_kept_bias,
        note="At a weight of 200 the gap is -.12 and the reward .157.",
        fewest_lanes=FEWEST,
        published_world_only=True,
    ),
    Claim(
        "V6a",
        "Not in the paper: fair random, which wastes nothing, is as fair as ELBERT-PO.",
        "our measurement",
        "mean bias of an evaluation",
        (0.0, ELBERT_BIAS),
        lambda result: over_lanes(bias(result, EFFECTIVE, FAIR_RANDOM)),
        fewest_lanes=FEWEST,
        published_world_only=True,
    ),
    Claim(
        "V6b",
        "Not in the paper: it pays with reward, because it keeps two doses in three.",
        "our measurement",
        "reward per step, ELBERT-PO minus fair random",
        POSITIVE,
        lambda result: over_lanes(ELBERT_REWARD - rewards(result, FAIR_RANDOM)),
        published_world_only=True,
    ),
    Claim(
        "V6c",
        "Not in the paper: it is still better than no vaccine.",
        "our measurement",
        "reward per step, fair random minus no vaccine",
        POSITIVE,
        lambda result: over_lanes(rewards(result, FAIR_RANDOM) - rewards(result, NO_VACCINE)),
    ),
    Claim(
        "V7",
        "Not in the paper: treating the highest degree leaves a gap between the communities.",
        "our measurement",
        "signed gap in useful doses, first minus second community",
        NOT_ZERO,
        lambda result: over_lanes(signed_gap(result, EFFECTIVE, GREEDY)),
        fewest_lanes=FEWEST,
    ),
    Claim(
        "V8",
        "Not in the paper: in the original version the highest betweenness earns more than the highest degree.",
        "our measurement",
        "reward per step, betweenness minus degree",
        POSITIVE,
        lambda result: over_lanes(rewards(result, "betweenness, original") - rewards(result, "degree, original")),
    ),
)
