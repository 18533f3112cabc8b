"""Agent: a decision rule, for one lane or for n at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv

from fairgym.batch import Array, Mask
from fairgym.checks import InputError
from fairgym.noise import AGENT, Uniforms, UniformStream
from fairgym.outcome import lane_view

AnyEnv = gym.Env[Any, Any] | VectorEnv[Any, Any, Any]
Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Transition:
    """One step of n lanes, as an agent learns from it; every array has the lane axis first."""

    observation: Arrays
    action: Array
    reward: Array
    next_observation: Arrays
    outcome: Arrays
    """What happened (``fairgym.outcome.VOCABULARY``); ``qualified`` may be hidden truth: read it only as an oracle."""
    live: Mask
    """Lanes that made a transition; the others were being reset."""


class Agent(ABC):
    """A decision rule; ``reset``, then ``act`` and ``learn`` in turn.

    ``act`` takes what ``reset`` and ``step`` of a Gymnasium environment return, single or vector, and answers in kind.
    """

    oracle: bool = False
    """True if the rule reads hidden truth from ``info``; result tables show it."""
    lanes_share: bool = False
    """True if what one lane learns changes the decisions of another; such lanes must run together."""
    requires: tuple[str, ...] = ()
    """Keys of the observation that the rule reads."""

    def reset(self, env: AnyEnv, seed: int = 0) -> None:
        """Forget everything and prepare to act in ``env``; lane i draws its own luck from ``seed + i``.

        Raises ``InputError`` where the world does not show what the rule reads or asks for what it cannot answer.
        """
        self.num_envs: int | None = None
        self.observation_space: Any = env.observation_space
        self.action_space: Any = env.action_space
        if isinstance(env, VectorEnv):
            self.num_envs = env.num_envs
            self.observation_space, self.action_space = env.single_observation_space, env.single_action_space
        self.lanes = 1 if self.num_envs is None else self.num_envs
        self.seed = seed
        self.check_spaces()
        self._luck = UniformStream([seed + lane for lane in range(self.lanes)], 1, AGENT)
        self.start()

    def check_spaces(self) -> None:
        """Refuse (``InputError``) a world that this rule cannot act in; called by ``reset``."""
        if not isinstance(self.observation_space, spaces.Dict):
            raise InputError(
                f"{type(self).__name__} reads observations by name, but this world shows a "
                f"{type(self.observation_space).__name__}: take off the wrapper that flattens them."
            )
        for key in self.requires:
            self.shown(key)

    def shown(self, key: str) -> spaces.Space[Any]:
        """Return the space of one part of the observation; refuse a world that does not show it."""
        known = self.observation_space.spaces
        if key not in known:
            raise InputError(
                f"{type(self).__name__} reads observation {key!r}, but this world shows only "
                f"{', '.join(known)}: use an agent made for it."
            )
        space: spaces.Space[Any] = known[key]
        return space

    def start(self) -> None:
        """Prepare the rule's own memory for ``self.lanes`` lanes; called by ``reset``."""

    def act(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> Any:
        """Return one action for a single environment, or an array of n for a vector environment."""
        actions = self.decide(lane_view(observation, self.num_envs), lane_view(info, self.num_envs))
        return actions[0] if self.num_envs is None else actions

    @abstractmethod
    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return one action per lane from arrays with the lane axis first."""

    def learn(self, transition: Transition) -> None:
        """Take in one step; the default learns nothing."""

    def diagnostics(self) -> dict[str, Array]:
        """Return numbers worth recording, (n,) or (n, G): thresholds, targets."""
        return {}

    def luck(self) -> Uniforms:
        """Return one uniform number per lane for a randomised decision, shape (n,)."""
        return self._luck.next()[:, 0]


class AcceptRejectAgent(Agent):
    """A rule that accepts or rejects one person a step; a subclass says with what probability.

    Every decision uses up one uniform number per lane, whatever the rule, so that two rules under one seed have the
    same luck.
    """

    def check_spaces(self) -> None:
        """Refuse a world in which the action is not one decision, 0 or 1."""
        super().check_spaces()
        if self.action_space != spaces.Discrete(2):
            raise InputError(
                f"{type(self).__name__} accepts or rejects one person a step, but the action here is "
                f"{self.action_space}: use it in a world with actions Discrete(2)."
            )

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return 1 = accept or 0 = reject for each lane, shape (n,)."""
        return (self.luck() < self.acceptance(observation, info)).astype(np.int64)

    @abstractmethod
    def acceptance(self, observation: Arrays, info: Arrays) -> Array:
        """Return the probability of accepting the person of each lane, shape (n,)."""

    def categories(self, key: str) -> int:
        """Return how many values the whole number ``key`` of the observation has: groups, score levels."""
        space = self.shown(key)
        if not isinstance(space, spaces.Discrete) or space.start != 0:
            raise InputError(
                f"{type(self).__name__} needs observation {key!r} as whole numbers from 0, but it is {space}: "
                f"use ClassifierAgent there."
            )
        return int(space.n)
