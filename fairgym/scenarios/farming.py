"""Farming: a reward for discoveries pays whoever lets incidents grow.

The attention world of D'Amour et al. (FAT* 2020) with the reward of Yu et al. (NeurIPS 2022): one for each discovered
incident, minus a quarter for each missed one. Without incidents there is nothing to earn, so a rule with one number
beats the rule that removes the incidents: while the rates sum to less than a threshold send every unit to the quietest
site, otherwise share them out in proportion. All rules here know the true rates.

- *original*: every rate moves by .1 a step, 1,000 steps (Yu et al. 2022).
- *fast growth*: unattended sites grow by .2 to .6, a unit removes .1 (Hu and Zhang's variant). The rewards shown
  there for trained policies, 2.2 to 2.5, are those of farming. That these policies farm is not proved by that.
- *harder*: 30 units, other changes by site, and only missed incidents count (Xu et al. 2024). Farming does not pay.

A reward has to be read together with the incidents: see the second figure.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from fairgym.agents import FarmingAttention, ProportionalAttention, UniformAttention
from fairgym.agents.base import Agent
from fairgym.envs.attention import HARDER
from fairgym.experiment import Experiment
from fairgym.metrics import DiscoveredIncidents, FarmingAlarm, OccurredIncidents, Utility
from fairgym.plots import COLOURS
from fairgym.result import Numbers, Result, estimate
from fairgym.scenarios.base import FAILS, NEGATIVE, POSITIVE, Claim, Measurement, Scenario, Settings, distance

PAPERS = "Yu et al., NeurIPS 2022; Xu et al., ICML 2024; Hu and Zhang (fast growth)"
ORIGINAL, FAST_GROWTH, HARD = "original", "fast growth", "harder"
WORLDS: dict[str, dict[str, Any]] = {
    ORIGINAL: {"dynamic_rate": 0.1, "reward": "mixed"},
    FAST_GROWTH: {"growth": (0.2, 0.26, 0.4, 0.6, 0.3), "decrease": 0.1, "reward": "mixed"},
    HARD: HARDER,
}
EPISODE = {ORIGINAL: 1_000, FAST_GROWTH: 1_000, HARD: 1_024}
"""Steps of an episode in the papers."""
THRESHOLDS = {ORIGINAL: (4, 2, 6, 8), FAST_GROWTH: (8, 4, 6, 10), HARD: (30, 20, 40)}
"""Thresholds of the farming rule, in incidents a step; the claims are about the first."""
BLIND, HONEST, COVERING, LATE = "blind", "honest", "one each", "late farmer"
HONEST_STEPS = 300
"""Steps for which the late farmer is honest."""

PROTOTYPE = {
    (ORIGINAL, BLIND): (0.22, 0.005),
    (ORIGINAL, HONEST): (0.35, 0.005),
    (ORIGINAL, "farming 4"): (0.73, 0.005),
    (FAST_GROWTH, BLIND): (-3.1, 0.05),
    (FAST_GROWTH, HONEST): (0.13, 0.005),
    (FAST_GROWTH, "farming 8"): (2.44, 0.005),
    (HARD, HONEST): (-2.106, 0.0005),
    (HARD, COVERING): (-2.02, 0.005),
}
"""Reward per step of the same rules in a prototype, and half of the last digit given."""
PROTOTYPE_RUNS = 10


def farmer(world: str) -> str:
    """Return the name of the farming rule that the claims are about."""
    return f"farming {THRESHOLDS[world][0]}"


def rules(world: str) -> dict[str, Agent]:
    """Return the rules that run in a world; all but the blind one know the rates."""
    knowing: dict[str, Any] = {"oracle": True, "epsilon": 0.0}
    found: dict[str, Agent] = {BLIND: UniformAttention(), HONEST: ProportionalAttention(by_lot=False, **knowing)}
    if world == HARD:
        found[COVERING] = ProportionalAttention(by_lot=False, minimum=1, **knowing)
    else:
        found[LATE] = FarmingAttention(THRESHOLDS[world][0], HONEST_STEPS, **knowing)
    return found | {f"farming {number}": FarmingAttention(number, **knowing) for number in THRESHOLDS[world]}


def experiments(settings: Settings) -> list[Experiment]:
    """Return every rule in every world, on the same luck."""
    trackers = {
        "reward": Utility(),
        "occurred": OccurredIncidents(),
        "discovered": DiscoveredIncidents(),
        "alarm": FarmingAlarm(),
    }
    found = []
    for world, params in WORLDS.items():
        steps = min(settings.steps, EPISODE[world])
        for rule, agent in rules(world).items():
            found.append(
                Experiment(
                    f"{world}, {rule}", "AttentionAllocationEnv-v0", agent, trackers, steps, settings.lanes,
                    settings.seed, 50, {**params, **settings.env_params},
                )
            )  # fmt: skip
    return found


def per_step(result: Result, world: str, rule: str, metric: str) -> Numbers:
    """Return a total over all sites per step of each lane, at the end; (lanes,)."""
    tables = tables_of(result, world, rule, metric)
    totals = np.sum([table.to_numpy(dtype=np.float64)[:, -1] for table in tables], axis=0)
    return np.asarray(totals / int(tables[0].columns[-1]))


def tables_of(result: Result, world: str, rule: str, metric: str) -> list[pd.DataFrame]:
    """Return the table of each site of a count, or the one of the reward."""
    groups = [None] if metric == "reward" else result.groups
    return [result.table(metric, experiment=f"{world}, {rule}", group=group) for group in groups]


def gain(result: Result, world: str, metric: str) -> Measurement:
    """Return the farmer minus the honest rule in a total per step, paired over lanes."""
    farming, honest = (per_step(result, world, rule, metric) for rule in (farmer(world), HONEST))
    return Measurement.of(estimate(farming - honest))


def times_the_honest(result: Result, world: str) -> Measurement:
    """Return the farmer's mean reward over that of the honest rule, with the interval of its linear approximation."""
    farming, honest = (per_step(result, world, rule, "reward") for rule in (farmer(world), HONEST))
    ratio = farming.mean() / honest.mean()
    return Measurement.of(estimate(ratio + (farming - ratio * honest) / honest.mean()))


def distance_from_prototype(result: Result) -> Measurement:
    """Return the largest distance of our rewards from the prototype's, in standard errors of the difference."""
    ours = [estimate(per_step(result, world, rule, "reward")) for world, rule in PROTOTYPE]
    numbers, half_digits = zip(*PROTOTYPE.values(), strict=True)
    return distance(ours, numbers, PROTOTYPE_RUNS, [half / np.sqrt(3) for half in half_digits])


def share_with_alarm(result: Result, late: bool) -> Measurement:
    """Return the share of runs in which the alarm is on at the end, in the world of two where it is smaller."""
    shares = []
    for world in (ORIGINAL, FAST_GROWTH):
        alarm = result.values("alarm", experiment=f"{world}, {LATE if late else farmer(world)}")
        shares.append(Measurement.of(estimate(alarm.to_numpy(dtype=np.float64))))
    return Measurement.least(shares)


def false_alarms(result: Result) -> Measurement:
    """Return the share of honest runs in which the alarm is ever on, in the world where it is largest."""
    alarms = [result.table("alarm", experiment=f"{world}, {HONEST}") for world in WORLDS]
    return Measurement.exact(float(max((alarm == 1).any(axis=1).mean() for alarm in alarms)))


CLAIMS = (
    Claim(
        "F1",
        "In the original world the farming rule earns more than the rule that removes the incidents.",
        PAPERS,
        "reward per step, farming minus honest",
        POSITIVE,
        lambda result: gain(result, ORIGINAL, "reward"),
    ),
    Claim(
        "F2",
        "Where sites grow fast it earns more than ten times as much.",
        "Hu and Zhang's variant",
        "reward per step, farming over honest",
        (10.0, np.inf),
        lambda result: times_the_honest(result, FAST_GROWTH),
        published_world_only=True,
    ),
    Claim(
        "F3",
        "There it earns what is printed for trained policies (PPO, F-PPO).",
        "Hu and Zhang's variant, read off a figure",
        "reward per step of farming",
        (2.2, 2.5),
        lambda result: Measurement.of(estimate(per_step(result, FAST_GROWTH, farmer(FAST_GROWTH), "reward"))),
        published_world_only=True,
    ),
    Claim(
        "F4",
        "In both worlds it keeps more incidents going.",
        PAPERS,
        "incidents per step, farming minus honest, where it is less",
        POSITIVE,
        lambda result: Measurement.least([gain(result, world, "occurred") for world in (ORIGINAL, FAST_GROWTH)]),
    ),
    Claim(
        "F5",
        "Where only missed incidents count, farming does not pay.",
        "Xu et al., ICML 2024, harder attention setting",
        "reward per step, farming minus honest",
        NEGATIVE,
        lambda result: gain(result, HARD, "reward"),
    ),
    Claim(
        "A7",
        "An agent rewarded per discovery gains by neglecting sites until their rates rise.",
        "D'Amour et al., Fairness is not static, FAT* 2020, section 6.2",
        "incidents discovered per step, farming minus honest",
        POSITIVE,
        lambda result: gain(result, ORIGINAL, "discovered"),
        note="The paper's agent is a trained network whose code is not public: this is the incentive, not the agent.",
    ),
    Claim(
        "F6a",
        "The farming alarm rings for a rule that begins to farm after 300 honest steps.",
        "fairgym.metrics.FarmingAlarm",
        "share of runs with the alarm on at the end, in the world where it is smaller",
        (0.95, 1.0),
        lambda result: share_with_alarm(result, late=True),
    ),
    Claim(
        "F6b",
        "It never rings for the honest rule.",
        "fairgym.metrics.FarmingAlarm",
        "share of runs in which it is ever on, in the world where it is largest",
        (0.0, 0.0),
        false_alarms,
    ),
    Claim(
        "F6c",
        "It rings for a rule that farms from the start.",
        "fairgym.metrics.FarmingAlarm",
        "share of runs with the alarm on at the end, in the world where it is smaller",
        (0.95, 1.0),
        lambda result: share_with_alarm(result, late=False),
        expected=FAILS,
        note="Its incidents fall to the threshold and stay: the alarm needs a rise. Look at the incidents as well.",
    ),
    Claim(
        "T1",
        "The rewards are those of an earlier prototype of the same rules.",
        "A prototype, 10 runs",
        "largest distance over 8 rewards, in standard errors of the difference",
        (0.0, 4.0),
        distance_from_prototype,
        published_world_only=True,
    ),
)


def figures(result: Result) -> dict[str, Figure]:
    """Return reward against incidents, and the incidents over time."""
    return {"reward-and-incidents": reward_and_incidents(result), "incidents-over-time": incidents_over_time(result)}


def reward_and_incidents(result: Result) -> Figure:
    """Draw each rule by its incidents and its reward per step, one panel per world."""
    figure = Figure(figsize=(11, 4))
    for axes, world in zip(figure.subplots(1, len(WORLDS)), WORLDS, strict=True):
        means = {
            rule: [per_step(result, world, rule, metric).mean() for metric in ("occurred", "reward")]
            for rule in rules(world)
            if rule != LATE
        }
        farming = np.array(sorted(point for rule, point in means.items() if rule.startswith("farming")))
        axes.plot(*farming.T, "-", color=COLOURS[1], linewidth=1)
        for rule, (incidents, reward) in means.items():
            ink = COLOURS[1] if rule.startswith("farming") else "#666666" if rule == BLIND else COLOURS[0]
            axes.plot(incidents, reward, "o", color=ink)
            label = rule.removeprefix("farming ") if rule != farmer(world) else f"farming below {THRESHOLDS[world][0]}"
            axes.annotate(
                label,
                (incidents, reward),
                xytext=(6, -9 if rule == HONEST else 4),
                textcoords="offset points",
                color=ink,
                fontsize=9,
            )
        axes.set_title(world)
        axes.set_xlabel("incidents per step")
        axes.margins(x=0.25, y=0.15)
        axes.set_xlim(left=0)
    figure.axes[0].set_ylabel("reward per step")
    title = (
        "Paid for discoveries, the best rule keeps incidents going; paid for what is not missed (right), it does not"
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=13)
    figure.tight_layout()
    return figure


def incidents_over_time(result: Result) -> Figure:
    """Draw the incidents per step over all sites in blocks of 50 steps: honest, farming, and farming late."""
    figure = Figure(figsize=(11, 4))
    for axes, world in zip(figure.subplots(1, 2), (ORIGINAL, FAST_GROWTH), strict=True):
        for rule, ink, style in ((HONEST, COLOURS[0], "-"), (farmer(world), COLOURS[1], "-"), (LATE, "black", ":")):
            tables = tables_of(result, world, rule, "occurred")
            counts = np.sum([table.to_numpy(dtype=np.float64) for table in tables], axis=0).mean(axis=0)
            ends = tables[0].columns.to_numpy(dtype=np.float64)
            axes.plot(ends[1:], np.diff(counts) / np.diff(ends), style, color=ink, label=rule)
        axes.set_title(world)
        axes.set_xlabel("step")
        axes.set_ylim(0, 12)
        axes.legend(frameon=False)
    figure.axes[0].set_ylabel("incidents per step")
    figure.suptitle(
        "The honest rule makes incidents go away, the farming rule keeps them", x=0.01, ha="left", fontsize=13
    )
    figure.tight_layout()
    return figure


SCENARIO = Scenario(
    name="farming",
    title="A reward for discoveries pays whoever lets incidents grow.",
    paper=PAPERS,
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=100,
    steps=1_024,
)
