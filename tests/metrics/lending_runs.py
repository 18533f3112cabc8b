"""Lending runs with many bankruptcies, and the same runs recorded lane by lane in plain Python."""

import numpy as np

from fairgym.envs.lending import LendingEnv

PARAMS = {"starting_cash": 2.0, "interest_rate": 0.5}
"""Two defaults in a row end an episode, so that a run of some hundred steps has dozens of them."""


def policy(observation):
    """Accept from score 3 on, group 1 already from score 2 on; a decision that depends on the observation only."""
    return (np.asarray(observation["score"]) + np.asarray(observation["group"]) >= 3).astype(np.int64)


def lane_events(seed, steps, next_step=False, **params):
    """Return what lane ``seed`` goes through in ``steps`` calls of a vector step, as (kind, info) pairs.

    Played in a single environment. In NEXT_STEP mode a reset uses up a step; else it follows at once.
    """
    env = LendingEnv(**(PARAMS | params))
    observation, info = env.reset(seed=seed)
    events, over, used = [("reset", info)], False, 0
    while used < steps or (over and not next_step):
        if over:
            observation, info = env.reset()
            events.append(("reset", info))
            over, used = False, used + next_step
        else:
            observation, _, over, _, info = env.step(policy(observation))
            events.append(("step", info))
            used += 1
    return events


def people(events):
    """Return the (group, decision, qualified, utility) of every transition."""
    return [
        (int(info["group"]), int(info["decision"]), int(info["qualified"]), float(info["utility"]))
        for kind, info in events
        if kind == "step"
    ]


def share(chosen, among):
    """Return the share of ``chosen`` in ``among`` (lists of bools), NaN where nobody is among."""
    total = sum(among)
    return sum(c and a for c, a in zip(chosen, among, strict=True)) / total if total else float("nan")


def true_positive_rates(records):
    """Return the TPR of groups 0 and 1 by counting."""
    return [share([d == 1 for _, d, _, _ in records], [g == group and q == 1 for g, _, q, _ in records])
            for group in (0, 1)]  # fmt: skip
