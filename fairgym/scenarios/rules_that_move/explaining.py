"""The computation: both policies run, their decisions explained at every moment for everybody there can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from joblib import delayed

from fairgym.agents import EqualOpportunity, RewardMaximizer
from fairgym.agents.base import Agent, Arrays
from fairgym.experiment import Experiment, plain, versions
from fairgym.explain.drift import Moment, RuleDrift, rule_drift
from fairgym.explain.predicates import ABOVE as GREATER
from fairgym.explain.predicates import AT_MOST as NOT_GREATER
from fairgym.metrics import CumulativeDecisions
from fairgym.moments import agents_at
from fairgym.result import Recorded, Result, tidy
from fairgym.scenarios.base import Running, Settings
from fairgym.scenarios.rules_that_move.names import (
    ABOVE,
    ACCEPTED,
    ARMS,
    AT_MOST,
    CHANCE,
    CHANGED,
    COVERAGE,
    EQUAL_OPPORTUNITY,
    GROUPS,
    IN_GROUP,
    JACCARD,
    JACCARD_STRICT,
    KEPT,
    KEPT_BY_SAME,
    MAX_REWARD,
    NAMES_GROUP,
    PEOPLE,
    PRECISION,
    SCORES,
    STRICT,
    Options,
    everybody,
    of_score,
)
from fairgym.scenarios.working import in_processes

AGENTS: dict[str, type[Agent]] = {MAX_REWARD: RewardMaximizer, EQUAL_OPPORTUNITY: EqualOpportunity}
POOL = 100
"""People of each group in the world."""


def explain_arms(settings: Settings, options: Options, running: Running) -> Result:
    """Return what is recorded of both policies."""
    work = [delayed(explain_arm)(arm, settings, options) for arm in ARMS]
    frames = list(in_processes(work, running, "policies run and explained"))
    config = {
        "experiments": [experiment(arm, settings, options).config() for arm in ARMS],
        "options": plain(asdict(options)),
        "versions": versions(),
    }
    return Result(pd.concat(frames, ignore_index=True), config)


def experiment(arm: str, settings: Settings, options: Options) -> Experiment:
    """Return the run of one policy; both meet the same people and the same luck."""
    agent: Any = AGENTS[arm]
    trackers = {"loans": CumulativeDecisions()}
    steps = max(1, options.steps[-1])
    params = {"pool_size": POOL}
    return Experiment(arm, "LendingEnv-v0", agent(oracle=True), trackers, steps, settings.lanes, settings.seed,
                      options.steps, params)  # fmt: skip


def explain_arm(arm: str, settings: Settings, options: Options) -> pd.DataFrame:
    """Return what is recorded of one policy."""
    moments = agents_at(experiment(arm, settings, options), options.steps, people=pool)
    drift = rule_drift(moments, panel(), perturb="rows", precision=options.precision, exact=True)
    recorded = list(records(moments, drift))
    if arm == MAX_REWARD:
        strict = rule_drift(moments, panel(), perturb="rows", precision=STRICT, exact=True)
        recorded += strict_records(strict)
    return tidy(arm, settings.seed, sorted(recorded, key=lambda each: each[0]), GROUPS)


def pool(info: Arrays, lane: int) -> pd.DataFrame:
    """Return everybody who lives in a lane, a row each: who comes is drawn from them."""
    counts = np.rint(POOL * info["score_distribution"][lane]).astype(np.intp).ravel()
    return panel().iloc[np.repeat(np.arange(len(counts)), counts)].reset_index(drop=True)


def panel() -> pd.DataFrame:
    """Return everybody whom the world can show, once."""
    return pd.DataFrame(everybody(), columns=["group", "score"])


def records(moments: list[Moment], drift: RuleDrift) -> Iterator[Recorded]:
    """Yield every number by step, metric and score, (lanes, groups)."""
    by_step = dict[int, list[Moment]]()
    for moment in moments:
        by_step.setdefault(moment.step, []).append(moment)
    first = min(by_step)
    for step, of_lanes in by_step.items():
        yield from _numbers(step, CHANCE, np.array([moment.predict.said(panel()) for moment in of_lanes]))  # type: ignore[attr-defined]
        yield from _numbers(step, PEOPLE, np.array([shares(moment.people) for moment in of_lanes]))
        rows = drift.frame[drift.frame["step"] == step]
        for metric, column in columns(drift, rows).items():
            yield from _numbers(step, metric, column.to_numpy(dtype=np.float64).reshape(len(of_lanes), -1))
        kept = drift.expiry[(drift.expiry["step"] == first) & (drift.expiry["later"] == step)]
        for metric, name in ((KEPT, "precision"), (KEPT_BY_SAME, "precision_same_people")) if step > first else ():
            yield from _numbers(step, metric, kept[name].to_numpy(dtype=np.float64).reshape(len(of_lanes), -1))


def strict_records(drift: RuleDrift) -> Iterator[Recorded]:
    """Yield how far the rules moved that have to be right about nearly everybody."""
    for step in sorted(map(int, drift.frame["step"].unique())):
        moved = drift.frame.loc[drift.frame["step"] == step, "jaccard"].to_numpy(dtype=np.float64)
        yield from _numbers(step, JACCARD_STRICT, moved.reshape(-1, len(everybody())))


def columns(drift: RuleDrift, rows: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Return what is recorded of the rules at one step, by metric; a row per lane and person."""
    anchors = [drift.anchors[key] for key in zip(rows["lane"], rows["step"], rows["person"], strict=True)]
    ends = {ABOVE: GREATER, AT_MOST: NOT_GREATER}
    return {
        ACCEPTED: rows["decision"] == "accept",
        PRECISION: rows["precision"],
        COVERAGE: rows["coverage"],
        **{f"{IN_GROUP}.{group}": rows[f"coverage of {group}"] for group in GROUPS},
        NAMES_GROUP: rows["names_group"],
        CHANGED: rows["rule_changed"],
        JACCARD: rows["jaccard"],
        **{name: pd.Series([end_of(anchor.predicates, kind) for anchor in anchors]) for name, kind in ends.items()},
    }


def end_of(predicates: Any, relation: str) -> float:
    """Return the number with which a rule bounds the score on one side, NaN where it does not."""
    return next((float(each.value) for each in predicates if each.relation == relation), np.nan)


def shares(people: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return the share of each group's people at each score, group after group; (people of the panel,)."""
    counts = people.value_counts(["group", "score"]).reindex(everybody(), fill_value=0).to_numpy(dtype=np.float64)
    return counts / POOL


def _numbers(step: int, metric: str, table: np.ndarray[Any, Any]) -> Iterator[Recorded]:
    """Yield a table (lanes, people of the panel) score by score, (lanes, groups)."""
    by_score = table.astype(np.float64).reshape(len(table), len(GROUPS), SCORES)
    yield from ((step, of_score(metric, score), by_score[:, :, score]) for score in range(SCORES))
