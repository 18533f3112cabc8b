"""Experiment: one agent in one world over n lanes; rollout: the only run loop of the package."""

from __future__ import annotations

import copy
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv

import fairgym
from fairgym.agents.base import Agent, Transition
from fairgym.batch import Array, Mask, along
from fairgym.checks import InputError, require, suggestion, whole_number
from fairgym.envs import WORLDS
from fairgym.envs.autoreset import AutoresetMode
from fairgym.metrics.base import Tracker, check_reads, check_trackers, named_values
from fairgym.outcome import lane_view, transition_view
from fairgym.populations import ScorePopulation
from fairgym.result import Recorded, Result, tidy

Progress = Callable[[int], None]
"""Called with the number of steps done so far."""

Record = Callable[[Recorded], None]
"""Called with step, metric name and values of shape (n,) or (n, G)."""

RECORDED_STEPS = 100
"""How many steps are recorded where the experiment does not say."""


@dataclass(frozen=True)
class Experiment:
    """One agent in one world; ``run`` gives its tidy result.

    Lane i has seed ``seed + i``: two experiments with one seed meet the same people and the same luck.
    """

    name: str
    env_id: str
    agent: Agent
    trackers: Mapping[str, Tracker]
    steps: int
    num_envs: int = 100
    seed: int = 0
    every: int | Sequence[int] | None = None
    """Record every so many steps, or at these as far as they are reached; None records about 100 evenly spaced ones.

    Start and end always are recorded.
    """
    env_params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check everything but the parameters of the world, which ``run`` checks."""
        require(isinstance(self.name, str) and self.name != "", f"name={self.name!r} is not a name: give a word.")
        require(
            isinstance(self.agent, Agent),
            f"agent={self.agent!r} is not an agent: give an object, such as RewardMaximizer().",
        )
        check_trackers(self.trackers)
        whole_number("steps", self.steps, at_least=1)
        whole_number("num_envs", self.num_envs, at_least=1)
        whole_number("seed", self.seed, at_least=0)
        self.recorded_steps()

    def recorded_steps(self) -> list[int]:
        """Return the steps at which metrics are recorded, in order."""
        if isinstance(self.every, (Sequence, np.ndarray)) and not isinstance(self.every, str):
            chosen = {whole_number("a step of every", step, at_least=0) for step in self.every}
        else:
            every = stride_of(self.steps) if self.every is None else self.every
            stride = whole_number("every", every, at_least=1)
            chosen = set(range(stride, self.steps + 1, stride))
        return sorted({step for step in chosen if step <= self.steps} | {0, self.steps})

    def make(self) -> VectorEnv[Any, Any, Any]:
        """Return the vector environment of all lanes."""
        known = [env_id for env_id in gymnasium.registry if gymnasium.registry[env_id].vector_entry_point]
        if self.env_id not in known:
            ours = [world.env_id for world in WORLDS]
            raise InputError(f"env_id={self.env_id!r} is not known: {suggestion(str(self.env_id), ours)}")
        for name in ("num_envs", "vectorization_mode"):
            require(name not in self.env_params, f"env_params holds {name!r}, which the experiment sets: leave it out.")
        return gymnasium.make_vec(
            self.env_id,
            num_envs=self.num_envs,
            vectorization_mode="vector_entry_point",
            **self.env_params,
        )

    def run(self, progress: Progress | None = None) -> Result:
        """Run all lanes and return what was recorded."""
        env = self.make()
        records: list[Recorded] = []
        rollout(
            env,
            copy.deepcopy(self.agent),
            {name: copy.deepcopy(tracker) for name, tracker in self.trackers.items()},
            self.steps,
            seed=self.seed,
            record=records.append,
            record_at=self.recorded_steps(),
            progress=progress,
        )
        env.close()
        frame = tidy(self.name, self.seed, records, groups_of(env))
        return Result(frame, {"experiments": [self.config()], "versions": versions()})

    def config(self) -> dict[str, Any]:
        """Return what is needed to run this experiment again, as plain values; the recorded steps are in the frame."""
        return {
            "name": self.name,
            "env_id": self.env_id,
            "env_params": plain(self.env_params),
            "agent": {**plain(self.agent), "oracle": self.agent.oracle},
            "trackers": plain(self.trackers),
            "steps": self.steps,
            "num_envs": self.num_envs,
            "seed": self.seed,
        }

    def lanes(self, first: int, count: int) -> Experiment:
        """Return the experiment of some of the lanes only; results of the parts are those of the whole."""
        return replace(self, seed=self.seed + first, num_envs=count)


def rollout(
    env: VectorEnv[Any, Any, Any],
    agent: Agent,
    trackers: Mapping[str, Tracker],
    steps: int,
    *,
    seed: int = 0,
    record: Record | None = None,
    record_at: Sequence[int] = (),
    progress: Progress | None = None,
) -> None:
    """Run one episode per lane for at most ``steps`` steps, feeding agent and trackers.

    A lane whose episode is over (bankruptcy, truncation) is not live any more: its metrics and diagnostics keep their
    last value. ``record`` gets every tracker and every diagnostic of the agent at the steps ``record_at``.
    """
    if env.metadata.get("autoreset_mode") is AutoresetMode.SAME_STEP:
        raise InputError("rollout needs the last observation of an episode: use an environment that resets NextStep.")
    groups = groups_of(env)
    observation, info = env.reset(seed=seed)
    agent.reset(env, seed)
    for tracker in trackers.values():
        tracker.reset(env.num_envs, len(groups))
        tracker.begin(lane_view(info, env.num_envs))
    unfinished = np.ones(env.num_envs, dtype=np.bool_)
    diagnostics: dict[str, Array] = {}
    wanted = set(record_at)
    if record is not None and 0 in wanted:
        _record_all(record, 0, trackers, {})
    for step in range(1, steps + 1):
        action = agent.act(observation, info)
        seen = observation
        observation, reward, terminated, truncated, info = env.step(action)
        outcome, live = transition_view(info, env.num_envs, reward)
        if step == 1:
            check_reads(trackers, outcome)
        live = live & unfinished
        if live.any():  # a step in which every lane was reset reports no outcome
            agent.learn(Transition(seen, action, reward, observation, outcome, live, terminated))
            for tracker in trackers.values():
                tracker.update(outcome, live)
        ending = unfinished & (terminated | truncated)
        if step in wanted or ending.any():
            diagnostics = _kept(diagnostics, agent.diagnostics(), unfinished)
        unfinished = unfinished & ~ending
        if record is not None and step in wanted:
            _record_all(record, step, trackers, diagnostics)
        if progress is not None:
            progress(step)


def _record_all(record: Record, step: int, trackers: Mapping[str, Tracker], diagnostics: Mapping[str, Array]) -> None:
    for name, value in named_values(trackers).items():
        record((step, name, value))
    for name, value in diagnostics.items():
        record((step, f"agent.{name}", value))


def stride_of(steps: int) -> int:
    """Return the distance at which about ``RECORDED_STEPS`` of so many steps are evenly spaced."""
    return max(1, steps // RECORDED_STEPS)


def _kept(old: Mapping[str, Array], new: Mapping[str, Array], lanes: Mask) -> dict[str, Array]:
    """Return the new diagnostics of the given lanes and the old ones of the others."""
    return {name: np.where(along(lanes, values), values, old.get(name, values)) for name, values in new.items()}


def groups_of(env: VectorEnv[Any, Any, Any]) -> tuple[str, ...]:
    """Return the names of the groups of a world, refusing (``InputError``) an environment that has none."""
    groups: tuple[str, ...] | None = getattr(env.unwrapped, "groups", None)
    if groups is None:
        raise InputError(f"{env.spec.id if env.spec else env} has no groups: use a world of fairgym or one made alike.")
    return groups


def versions() -> dict[str, Any]:
    """Return the versions of what a result depends on."""
    packages = ("gymnasium", "networkx", "numpy", "pandas", "scikit-learn", "scipy")
    return {"fairgym": fairgym.__version__, "python": platform.python_version()} | {
        package: version(package) for package in packages
    }


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: agents and trackers by class and settings, other objects by name."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [plain(item) for item in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, ScorePopulation):
        return value.to_mapping()
    if isinstance(value, (Agent, Tracker)):
        settings = {key: item for key, item in vars(value).items() if not key.startswith("_") and key != "requires"}
        return {"class": type(value).__name__, **plain(settings)}
    return type(value).__name__ if " at 0x" in repr(value) else repr(value)  # an address differs in every run
