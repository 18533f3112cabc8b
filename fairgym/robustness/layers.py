"""Layers: what happens between a world and whoever decides, written once for n lanes, single and vector.

A layer may change what is shown of people, replace actions, and report on a transition; it never touches the world's
own law or luck. ``LayerEnv`` is a layer around a single environment, a batch of one, and ``LayerVectorEnv`` one around
any vector environment, ours or Gymnasium's, in each of the three autoreset modes. Lane i of the second is the first
under the seed of that lane.

A reset with a seed begins a layer's memory anew; a reset without one goes on, as the luck of a world does.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv, VectorWrapper

from fairgym.agents.told import agreed
from fairgym.batch import Array, Mask, along
from fairgym.checks import InputError, named, require
from fairgym.envs.lanes import lane_seeds
from fairgym.outcome import lane_view, present, transition_view

if TYPE_CHECKING:
    AnyWrapper = gym.Wrapper[Any, Any, Any, Any]
    AnyVectorWrapper = VectorWrapper[Any, Any, Any, Any, Any]
else:
    AnyWrapper, AnyVectorWrapper = gym.Wrapper, VectorWrapper  # older Gymnasium has other parameters

Arrays = Mapping[str, Array]
Shown = dict[str, Array]
"""Parts of an observation that a layer replaces, with the lane axis first."""


@dataclass(frozen=True)
class LayerSnapshot:
    """Everything that a layer and the world under it need to go on identically."""

    world: Any
    memory: dict[str, Any]


class Layer(ABC):
    """The law of a layer over ``lanes`` lanes; a subclass fills in the hooks it needs."""

    memory: ClassVar[tuple[str, ...]] = ()
    """Names of the attributes that change while a world runs; snapshots hold them."""
    interferes: bool = False
    """Whether actions may be replaced."""
    env: Any
    lanes: int
    """Lanes of the environment, 1 for a single one."""
    one_observation: spaces.Dict
    """Observation space of one lane."""
    one_action: Any
    """Action space of one lane."""
    _begun = False

    @abstractmethod
    def begin(self, seeds: list[int], lanes: Mask) -> None:
        """Forget everything about the masked lanes and prepare for runs under these seeds, one per lane."""

    def show(self, observation: Arrays, lanes: Mask) -> Shown:
        """Return what is shown instead, (n, ...), after new observations of the masked lanes; {} for nothing."""
        return {}

    def decide(self, actions: Array) -> Array:
        """Return what is done instead of these actions (n, ...); asked only where the layer ``interferes``."""
        return actions

    def settle(self, outcome: Arrays, live: Mask) -> dict[str, Array]:
        """Take in a transition of the live lanes and return what to report beside it, (n, ...)."""
        return {}

    def look(self, observation: Any, info: Any) -> None:
        """Take in what the caller sees, in the form in which she sees it."""

    @property
    def groups(self) -> tuple[str, ...] | None:
        """Names of the groups of the world, None where it has none or where its worlds differ."""
        groups: tuple[str, ...] | None = agreed(self.env, "groups")
        return groups

    @property
    def payoff(self) -> Any:
        """What an accepted person earns the decision maker if qualified and loses if not, None where unknown."""
        return agreed(self.env, "payoff")

    def snapshot(self) -> LayerSnapshot:
        """Return everything needed to go on from here, the world included."""
        self._running()
        world = _inner(self.env, "snapshot")()
        return LayerSnapshot(world, copy.deepcopy({name: getattr(self, name) for name in self.memory}))

    def restore(self, snapshot: LayerSnapshot) -> None:
        """Go back to a snapshot; the same actions then give the same future."""
        self._running()
        require(
            isinstance(snapshot, LayerSnapshot) and set(snapshot.memory) == set(self.memory),
            f"restore was given {named(snapshot)} that {type(self).__name__} did not make: give what snapshot() "
            f"returned.",
        )
        _inner(self.env, "restore")(snapshot.world)
        for name, value in copy.deepcopy(snapshot.memory).items():
            setattr(self, name, value)

    def _running(self) -> None:
        require(self._begun, f"{type(self).__name__} has not been started: call reset() first.")

    def _start(self, seed: Any, lanes: Mask) -> None:
        """Begin the lanes that are seeded; all of them at the first reset."""
        given = lane_seeds(seed, self.lanes)
        fresh = np.array([one is not None for one in given]) & lanes
        if not self._begun:
            fresh = np.ones(self.lanes, dtype=np.bool_)
        if fresh.any():
            self.begin([lane if one is None else one for lane, one in enumerate(given)], fresh)
        self._begun = True


def _inner(env: Any, name: str) -> Any:
    """Return a method of the nearest environment inside that has it."""
    inner = env
    while not hasattr(type(inner), name):
        inner = getattr(inner, "env", None)
        require(inner is not None, f"{env} has no {name}: use a world of fairgym inside.")
    return getattr(inner, name)


class LayerEnv(Layer, AnyWrapper):
    """A layer around a single environment; given a vector environment, its class makes the vector twin."""

    twin: ClassVar[Any] = None

    def __new__(cls, env: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Return the wrapper of the kind of environment that was given."""
        return cls.twin(env, *args, **kwargs) if isinstance(env, VectorEnv) else super().__new__(cls)

    def __init__(self, env: Any) -> None:
        require(isinstance(env, gym.Env), f"env={env!r} is no Gymnasium environment: give one that make returned.")
        super().__init__(env)
        self.lanes, self.one_action = 1, env.action_space
        self.one_observation = _with_names(env.observation_space, type(self).__name__)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode; with a seed the layer begins anew."""
        observation, info = self.env.reset(seed=seed, options=options)
        everybody = np.ones(1, dtype=np.bool_)
        self._start(seed, everybody)
        observation = _one(observation, self.show(lane_view(observation, None), everybody))
        self.look(observation, info)
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Move the world by one step."""
        self._running()
        if self.interferes:
            action = self.decide(np.asarray(action)[None])[0]
        observation, reward, terminated, truncated, info = self.env.step(action)
        outcome, live = transition_view(info, None, reward)
        info = info | {key: value[0] for key, value in self.settle(_checked(outcome), live).items()}
        observation = _one(observation, self.show(lane_view(observation, None), live))
        self.look(observation, info)
        return observation, reward, terminated, truncated, info


class LayerVectorEnv(Layer, AnyVectorWrapper):
    """A layer around a vector environment."""

    def __init__(self, env: Any) -> None:
        require(isinstance(env, VectorEnv), f"env={env!r} is no vector environment: give one that make_vec returned.")
        super().__init__(env)
        self.lanes = env.num_envs
        self.one_observation = _with_names(env.single_observation_space, type(self).__name__)
        self.one_action = env.single_action_space

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start episodes; lanes with a seed begin anew, and of the others those of a mask are shown anew."""
        mask = (options or {}).get("reset_mask")
        observation, info = self.env.reset(seed=seed, options=None if options is None else dict(options))
        lanes = np.ones(self.lanes, dtype=np.bool_) if mask is None else np.asarray(mask)
        self._start(seed, lanes)
        observation = _all(observation, self.show(lane_view(observation, self.lanes), lanes))
        self.look(observation, info)
        return observation, info

    def step(self, actions: Any) -> tuple[Any, Array, Array, Array, dict[str, Any]]:
        """Move all lanes by one step."""
        self._running()
        if self.interferes:
            actions = self.decide(np.asarray(actions))
        observation, reward, terminated, truncated, info = self.env.step(actions)
        outcome, live = transition_view(info, self.lanes, reward)
        if live.any():
            info = _reported(info, self.settle(_checked(outcome), live), self.lanes)
        info = self._last_shown(info)
        everybody = np.ones(self.lanes, dtype=np.bool_)
        observation = _all(observation, self.show(lane_view(observation, self.lanes), everybody))
        self.look(observation, info)
        return observation, reward, terminated, truncated, info

    def _last_shown(self, info: dict[str, Any]) -> dict[str, Any]:
        """Return the info with the last observations of ended episodes as they are shown, where it holds some."""
        if "final_obs" not in info:
            return info
        ended = np.asarray(info["_final_obs"])
        last = info["final_obs"]
        example = last[int(ended.argmax())]
        stacked = {
            key: np.stack([one[key] if there else np.zeros_like(example[key])
                           for one, there in zip(last, ended, strict=True)])
            for key in example
        }  # fmt: skip
        shown = self.show(stacked, ended)
        if not shown:
            return info
        changed = np.full(self.lanes, None, dtype=object)
        for lane in np.flatnonzero(ended).tolist():
            changed[lane] = last[lane] | {key: value[lane] for key, value in shown.items()}
        return info | {"final_obs": changed}


def _with_names(space: Any, who: str) -> spaces.Dict:
    """Return the observation space of one lane, refusing one without names."""
    if not isinstance(space, spaces.Dict):
        raise InputError(
            f"{who} reads observations by name, but this world shows a {type(space).__name__}: put the wrapper that "
            f"flattens them around {who}, not inside."
        )
    return space


def _checked(outcome: dict[str, Array]) -> dict[str, Array]:
    """Return the outcome, refusing a world that reports none."""
    require("decision" in outcome, "info has no 'decision': use a world that reports its outcomes (fairgym.outcome).")
    return outcome


def _one(observation: Any, shown: Shown) -> Any:
    """Return the observation of a single environment with what is shown instead; itself where nothing is."""
    return observation | {key: value[0] for key, value in shown.items()} if shown else observation


def _all(observation: Any, shown: Shown) -> Any:
    return observation | shown if shown else observation


def _reported(info: dict[str, Any], added: dict[str, Array], lanes: int) -> dict[str, Any]:
    """Return the info of a vector environment with keys added to the lanes whose transition it tells.

    Where an episode ended in SAME_STEP mode, its last info tells the transition.
    """
    if not added:
        return info
    if "final_info" in info:
        info = info | {"final_info": _reported(info["final_info"], added, lanes)}
    here = present(info, "decision", lanes).copy()
    if not here.any():
        return info
    parts: dict[str, Any] = {}
    for key, value in added.items():
        value = np.where(along(here, value), value, value.dtype.type(0))
        value.setflags(write=False)
        parts |= {key: value, f"_{key}": here}
    return info | parts
