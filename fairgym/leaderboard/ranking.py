"""Standings: agents by reward, with fairness, intervals and the difference to the best; a function of a result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fairgym.batch import Mask
from fairgym.result import Estimate, Result, compare

REWARD, GAP, DIFFERENCE = "reward", "gap", "difference"
"""Names of the recorded metrics: mean reward per step, largest minus smallest group, first minus second of two."""


def standings(result: Result) -> pd.DataFrame:
    """Return one row per agent, best reward first.

    Columns: agent, oracle, shared (its lanes learn from each other); reward, behind (the best agent's reward minus
    this one's, paired over seeds), gap, difference (signed, where there are two groups) and inequality, each with
    _low and _high, the ends of the 95 % interval; seeds: in how many of them the gap is defined; front: whether no
    other agent has both more reward and less inequality. Inequality is the distance of the mean difference from 0, or
    the mean gap where there are more groups: a mean of gaps is above 0 by luck alone.
    """
    described = {one["name"]: one["agent"] for one in result.config["experiments"]}
    best = max(result.experiments, key=lambda name: result.estimate(REWARD, experiment=name).mean)
    rows = [
        {
            "agent": name,
            "oracle": bool(described[name]["oracle"]),
            "shared": bool(described[name].get("shared", False)),
            **_numbers(REWARD, result.estimate(REWARD, experiment=name)),
            **_numbers("behind", compare(result, result, REWARD, experiments=(best, name)).difference),
            **_fairness(result, name),
        }
        for name in result.experiments
    ]
    table = pd.DataFrame(rows).sort_values("reward", ascending=False, kind="stable", ignore_index=True)
    return table.assign(front=on_front(table["reward"].to_numpy(), table["inequality"].to_numpy()))


def on_front(reward: np.ndarray[Any, Any], inequality: np.ndarray[Any, Any]) -> Mask:
    """Return which points no other point beats: at least its reward with at most its inequality, one of them better.

    A point without an inequality (NaN) is never on the front.
    """
    no_worse = (reward[None] >= reward[:, None]) & (inequality[None] <= inequality[:, None])
    better = (reward[None] > reward[:, None]) | (inequality[None] < inequality[:, None])
    front: Mask = np.isfinite(inequality) & ~(no_worse & better).any(axis=1)
    return front


def _fairness(result: Result, name: str) -> dict[str, float]:
    """Return gap, difference and inequality of one agent."""
    estimate = result.estimate(GAP, experiment=name)
    gap = {**_numbers(GAP, estimate), "seeds": estimate.lanes}
    if DIFFERENCE not in result.metrics:
        return {**gap, **_numbers("inequality", estimate)}
    signed = result.estimate(DIFFERENCE, experiment=name)
    return {**gap, **_numbers(DIFFERENCE, signed), **_distance_from_zero(signed)}


def _distance_from_zero(signed: Estimate) -> dict[str, float]:
    """Return the distance of a signed mean from 0, with the distances that its interval allows."""
    low, high = sorted((abs(signed.low), abs(signed.high)))
    crosses = signed.low < 0 < signed.high
    return {"inequality": abs(signed.mean), "inequality_low": 0.0 if crosses else low, "inequality_high": high}


def _numbers(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.mean, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
