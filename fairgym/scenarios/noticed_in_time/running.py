"""The runs: a lender with a published rule, applicants who begin to game it, and monitors that watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from typing import Any, NamedTuple

import gymnasium
import numpy as np
import pandas as pd
from joblib import delayed

import fairgym  # noqa: F401 - registers the worlds
from fairgym.agents.base import AcceptRejectAgent, Arrays
from fairgym.batch import Array, Numbers
from fairgym.experiment import plain, rollout, versions
from fairgym.metrics import AcceptanceRate, Precision, Utility, Window
from fairgym.metrics.base import Tracker
from fairgym.result import Recorded, Result, tidy
from fairgym.robustness.drift import DriftVectorMonitor
from fairgym.robustness.drift_tests import PageHinkley, WindowTests
from fairgym.robustness.reach import Reach
from fairgym.robustness.responses import reach_of
from fairgym.robustness.strategic_response import StrategicVectorResponse
from fairgym.robustness.trackers import MeanMoveCost, MovedRate
from fairgym.scenarios.base import Running, Settings
from fairgym.scenarios.noticed_in_time.names import ADWIN, ALPHA, ARMS, COST, ENV_ID, PAGE, Arm, Options
from fairgym.scenarios.working import in_processes

PAST, PAST_SEED = 10_000, 1_000_000
"""Applicants of whom the lender knows how they turned out, and the seed of the first; none of them comes again."""


class Lender(NamedTuple):
    """A rule, and what applicants can get to."""

    rule: Any
    reach: Reach

    def score(self, rows: Numbers) -> Numbers:
        """Return the rule's score of people (k, D), above 0 for who is accepted, (k,): what the rule says, sooner."""
        score: Numbers = (rows @ self.rule.coef_.T + self.rule.intercept_)[:, 0]
        return score


@cache
def lender() -> Lender:
    """Return the lender: a logistic regression on its past, with the bar that would have earned most there."""
    from sklearn.linear_model import LogisticRegression

    past: Any = gymnasium.make_vec(ENV_ID, num_envs=PAST, vectorization_mode="vector_entry_point")
    observation, _ = past.reset(seed=PAST_SEED)
    rows, repaid = observation["features"].astype(np.float64), np.asarray(past.unwrapped.state.qualified)
    rule = LogisticRegression().fit(rows, repaid)
    rule.intercept_ = rule.intercept_ - best_bar(rule.decision_function(rows), repaid, *past.unwrapped.payoff)
    return Lender(rule, reach_of(past, rows, cost=COST))


def best_bar(scores: Numbers, repaid: Array, gain: float, loss: float) -> float:
    """Return the bar above which lending would have earned most, of people with these scores, (k,); between two."""
    order = np.argsort(-scores)
    earned = np.where(repaid[order] == 1, gain, -loss).cumsum()
    last = int(earned.argmax())
    return float(scores[order[last : last + 2]].mean())


class RuleLender(AcceptRejectAgent):
    """Accepts whose score is above 0."""

    requires = ("features",)

    def __init__(self, score: Callable[[Numbers], Numbers]) -> None:
        self.score = score

    def acceptance(self, observation: Arrays, info: Arrays) -> Array:
        """Return 1 or 0 for each applicant, (n,)."""
        return (self.score(observation["features"].astype(np.float64)) > 0).astype(np.float64)


def watched(arm: Arm, options: Options, lanes: int) -> dict[str, DriftVectorMonitor]:
    """Return the world of one arm with its monitors, by name; the last of them is the outermost."""
    bank = lender()
    env: Any = gymnasium.make_vec(ENV_ID, num_envs=lanes, vectorization_mode="vector_entry_point")
    if any(arm.budget):
        env = StrategicVectorResponse(env, bank.rule, bank.reach, arm.budget, start=options.onset)
    settings: dict[str, Any] = {"score": bank.score, "false_alarms": ALPHA, "steps": options.steps}
    windows = WindowTests(options.reference, options.window, options.every)
    monitors = {"window": DriftVectorMonitor(env, windows, **settings)}
    monitors[PAGE] = DriftVectorMonitor(monitors["window"], PageHinkley(options.reference), **settings)
    if options.adwin:
        from fairgym.robustness.drift_tests import Adwin

        monitors[ADWIN] = DriftVectorMonitor(monitors[PAGE], Adwin(options.reference), **settings)
    return monitors


def trackers(options: Options) -> dict[str, Tracker]:
    """Return what is measured of the lender and the applicants, from the onset on where it is a rate."""
    return {
        "acceptance_rate": Window(AcceptanceRate(), options.after),
        "repaid": Window(Precision(), options.after),
        "profit": Utility(),
        "moved": Window(MovedRate(), options.after),
        "move_cost": MeanMoveCost(),
    }


def run(arm: Arm, options: Options, lanes: int, seed: int) -> pd.DataFrame:
    """Return what was recorded of one arm: p-values at every look, first alarms, and what gaming does."""
    monitors = watched(arm, options, lanes)
    records: list[Recorded] = []
    looks, window = set(options.looks), monitors["window"]

    def look(step: int) -> None:
        if step in looks:
            records.extend(
                (step, f"p.{name}", window.p_values[:, place].copy()) for place, name in enumerate(window.streams)
            )

    measured = trackers(options)
    if not any(arm.budget):
        measured = {name: tracker for name, tracker in measured.items() if not name.startswith("move")}
    outermost = list(monitors.values())[-1]
    rollout(
        outermost,
        RuleLender(lender().score),
        measured,
        options.steps,
        seed=seed,
        record=lambda one: records.append(one) if one[0] else None,
        record_at=[options.onset, options.steps],
        progress=look,
    )
    for name, monitor in monitors.items():
        records += [(options.steps, f"{name}.{what}", steps) for what, steps in first_alarms(monitor, options.onset)]
    return tidy(arm.name, seed, records, outermost.groups or ())


def first_alarms(monitor: DriftVectorMonitor, onset: int) -> Iterator[tuple[str, Numbers]]:
    """Yield the step of each lane's first alarm, and of its first after the onset, (n,); NaN where there is none."""
    for what, earliest in (("first", 0), ("first after", onset)):
        first = np.full(monitor.lanes, np.nan)
        for alarm in monitor.raised:
            if alarm.step > earliest and np.isnan(first[alarm.lane]):
                first[alarm.lane] = alarm.step
        yield what, first


def compute_all(settings: Settings, options: Options, running: Running) -> Result:
    """Return all arms, on the same applicants."""
    work = [delayed(run)(arm, options, settings.lanes, settings.seed) for arm in reversed(ARMS)]
    frames = list(in_processes(work, running, "gaming and watching"))[::-1]
    config = {
        "experiments": [asdict(arm) for arm in ARMS],
        "env_id": ENV_ID,
        "cost": COST,
        "rule": {"weights": lender().rule.coef_[0].tolist(), "intercept": float(lender().rule.intercept_[0])},
        "options": plain(asdict(options)),
        "versions": versions(),
    }
    return Result(pd.concat(frames, ignore_index=True), config)
