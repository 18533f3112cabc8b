"""Agent: a decision rule, for one lane or for n at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
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
    requires: tuple[str, ...] = ()
    """Keys of the observation that the rule reads."""

    def reset(self, env: AnyEnv, seed: int = 0) -> None:
        """Forget everything and prepare to act in ``env``; lane i draws its own luck from ``seed + i``."""
        self.num_envs: int | None = None
        spaces: tuple[Any, Any] = (env.observation_space, env.action_space)
        if isinstance(env, VectorEnv):
            self.num_envs = env.num_envs
            spaces = (env.single_observation_space, env.single_action_space)
        self.observation_space, self.action_space = spaces
        self.lanes = 1 if self.num_envs is None else self.num_envs
        for key in self.requires:
            if key not in self.observation_space.spaces:
                raise InputError(
                    f"{type(self).__name__} reads observation {key!r}, but this world shows only "
                    f"{', '.join(self.observation_space.spaces)}: use an agent made for it."
                )
        self._luck = UniformStream([seed + lane for lane in range(self.lanes)], 1, AGENT)
        self.start()

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
