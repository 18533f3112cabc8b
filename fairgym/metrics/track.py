"""Track: running metrics in the ``info`` of any environment, single or vector.

    env = Track(gymnasium.make("LendingEnv-v0"), {"tpr": TruePositiveRate(), "gap": Gap(TruePositiveRate())})
    _, _, _, _, info = env.step(action)
    info["tpr"]      # (G,); over a vector environment (n, G)

The parts of a tracker with several are ``info["name.part"]``. Reset steps are not transitions and are skipped, under
each of Gymnasium's autoreset modes.

What a value covers: in a single environment everything since the last ``reset()``, so one episode; in a vector
environment all episodes of a lane since the last ``reset()`` of all lanes (autoresets and resets with a
``reset_mask`` do not clear the metrics).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

import gymnasium as gym
import numpy as np
from gymnasium.vector import VectorEnv, VectorWrapper

from fairgym.batch import Mask, Numbers
from fairgym.checks import InputError, require, whole_number
from fairgym.metrics.base import Tracker, check_reads, check_trackers, named_values
from fairgym.outcome import VOCABULARY, lane_view, present, transition_view

Env = gym.Env[Any, Any]
VectorEnvironment = VectorEnv[Any, Any, Any]
if TYPE_CHECKING:
    AnyVectorWrapper = VectorWrapper[Any, Any, Any, Any, Any]
else:
    AnyVectorWrapper = VectorWrapper  # before Gymnasium 1.4 the class has no parameters


class TrackerSet:
    """Named trackers that are fed with the infos of one environment; each is a copy of the one given."""

    def __init__(self, trackers: Mapping[str, Tracker]) -> None:
        check_trackers(trackers)
        for name in trackers:
            _check_key(name)
        self.trackers = {name: copy.deepcopy(tracker) for name, tracker in trackers.items()}
        self.started = False
        self._fresh = False

    def reset(self, info: Mapping[str, Any], num_envs: int | None, num_groups: int) -> None:
        """Start anew from the info of a reset; ``num_envs`` is None for a single environment."""
        self._num_envs = num_envs
        for tracker in self.trackers.values():
            tracker.reset(1 if num_envs is None else num_envs, num_groups)
        self.started = self._fresh = True
        self.begin(info, None)

    def begin(self, info: Mapping[str, Any], lanes: Mask | None) -> None:
        """Take in the first state of the episodes that begin in the given lanes."""
        first = lane_view({key: value for key, value in info.items() if not key.startswith("final_")}, self._num_envs)
        for tracker in self.trackers.values():
            tracker.begin(first, lanes)

    def step(self, info: Mapping[str, Any], reward: object) -> None:
        """Take in the info and the reward of one step, and of the episodes that an autoreset began in it."""
        require(self.started, "Track was stepped before the environment was reset: call reset() first.")
        outcome, live = transition_view(info, self._num_envs, reward)
        if self._fresh:
            require("decision" in outcome, "Track needs a world that reports its outcomes: info has no 'decision'.")
            check_reads(self.trackers, outcome)
            self._fresh = False
        if live.any():
            for tracker in self.trackers.values():
                tracker.update(outcome, live)
        began = ~live | present(info, "final_info", self._num_envs)
        if began.any():
            self.begin(info, began)

    def values(self, info: Mapping[str, Any]) -> dict[str, Numbers]:
        """Return the values by name, refusing a name that ``info`` has already."""
        values = named_values(self.trackers)
        for name in values.keys() & info.keys():
            raise InputError(f"tracker name {name!r} is a key of this environment's info already: choose another name.")
        return values


def _check_key(name: str) -> None:
    """Refuse a name that cannot be a key of ``info``."""
    if name.startswith(("_", "final_")) or name in VOCABULARY:
        raise InputError(
            f"tracker name {name!r} cannot be used in info: give one that is no key of the outcome and does not start "
            f"with '_' or 'final_'."
        )


def _count_groups(env: Env | VectorEnvironment, info: Mapping[str, Any], given: int | None) -> int:
    """Return the number of groups: as given, as the world says, or as the info of the reset shows."""
    if given is not None:
        return given
    world = getattr(env.unwrapped, "envs", [env])[0].unwrapped
    names = getattr(world, "groups", None)
    if names is not None:
        return len(names)
    for key in ("population_score", "group_share"):
        if key in info:
            return int(np.shape(info[key])[-1])
    raise InputError(f"{world} does not say how many groups it has: give Track(env, trackers, num_groups=...).")


class TrackEnv(gym.Wrapper[Any, Any, Any, Any]):
    """A single environment with running metrics in its info; see ``Track``."""

    def __init__(self, env: Env, trackers: Mapping[str, Tracker], num_groups: int | None = None) -> None:
        super().__init__(env)
        self.trackers = TrackerSet(trackers)
        self._num_groups = num_groups

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode and the metrics anew."""
        observation, info = self.env.reset(seed=seed, options=options)
        self.trackers.reset(info, None, _count_groups(self.env, info, self._num_groups))
        return observation, self._with_values(info)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Move the world by one step and take it in."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.trackers.step(info, reward)
        return observation, reward, terminated, truncated, self._with_values(info)

    def _with_values(self, info: dict[str, Any]) -> dict[str, Any]:
        return info | {name: value[0] for name, value in self.trackers.values(info).items()}


class TrackVectorEnv(AnyVectorWrapper):
    """A vector environment with running metrics in its info; see ``Track``."""

    def __init__(self, env: VectorEnvironment, trackers: Mapping[str, Tracker], num_groups: int | None = None) -> None:
        super().__init__(env)
        self.trackers = TrackerSet(trackers)
        self._num_groups = num_groups

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start episodes; the metrics start anew unless ``options["reset_mask"]`` names some of the lanes."""
        lanes = (options or {}).get("reset_mask")
        observation, info = self.env.reset(seed=seed, options=options)
        if lanes is None or not self.trackers.started:
            self.trackers.reset(info, self.num_envs, _count_groups(self.env, info, self._num_groups))
        else:
            self.trackers.begin(info, np.asarray(lanes))
        return observation, self._with_values(info)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Move all lanes by one step and take it in."""
        observation, reward, terminated, truncated, info = self.env.step(actions)
        self.trackers.step(info, reward)
        return observation, reward, terminated, truncated, self._with_values(info)

    def _with_values(self, info: dict[str, Any]) -> dict[str, Any]:
        values = self.trackers.values(info)
        return info | values | {f"_{name}": np.ones(self.num_envs, dtype=np.bool_) for name in values}


@overload
def Track(env: Env, trackers: Mapping[str, Tracker], num_groups: int | None = None) -> TrackEnv: ...
@overload
def Track(env: VectorEnvironment, trackers: Mapping[str, Tracker], num_groups: int | None = None) -> TrackVectorEnv: ...
def Track(
    env: Env | VectorEnvironment,
    trackers: Mapping[str, Tracker],
    num_groups: int | None = None,
) -> TrackEnv | TrackVectorEnv:
    """Return ``env`` with the running values of the trackers in its info, wrapped as the kind of environment it is.

    ``num_groups`` is needed only for a world that has no ``groups`` and shows nothing by group at its reset. Raises
    ``InputError`` for a name that is taken, for something that is no tracker, and, at the first step, for a tracker
    that reads what the world does not report.
    """
    if num_groups is not None:
        whole_number("num_groups", num_groups, at_least=1)
    if isinstance(env, VectorEnv):
        return TrackVectorEnv(env, trackers, num_groups)
    require(isinstance(env, gym.Env), f"env={env!r} is not a Gymnasium environment: give one that make returned.")
    return TrackEnv(env, trackers, num_groups)
