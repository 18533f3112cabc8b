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

from fairgym.agents.told import agreed
from fairgym.batch import Array, Mask, along
from fairgym.checks import InputError, Resettable, whole_number
from fairgym.noise import AGENT, Uniforms, UniformStream
from fairgym.outcome import lane_view, present

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
    terminated: Mask
    """Lanes whose world came to its end in this step, so that nothing follows; a time limit is no such end."""

    def reported(self, key: str) -> Array:
        """Return one part of the outcome; refuse (``InputError``) a world that does not report it."""
        if key not in self.outcome:
            raise InputError(
                f"the agent learns from the outcome {key!r}, but this world reports only "
                f"{', '.join(sorted(self.outcome))}: use an agent made for it."
            )
        return self.outcome[key]


class Agent(Resettable, ABC):
    """A decision rule; ``reset``, then ``act`` and ``learn`` in turn.

    ``act`` takes what ``reset`` and ``step`` of a Gymnasium environment return, single or vector, and answers in kind.
    """

    oracle: bool = False
    """True if the rule reads hidden truth from ``info``; result tables show it."""
    lanes_share: bool = False
    """True if what one lane learns changes the decisions of another; such lanes must run together."""
    requires: tuple[str, ...] = ()
    """Keys of the observation that the rule reads."""
    _world_payoff: tuple[float, float] | None = None

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return the settings of this rule that a table of all rules shows, by name; a class with arguments says them.

        ``fairgym leaderboard`` runs them, and the tests hold each to the laws.
        """
        return {cls.__name__: cls()}

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
        self.seed = whole_number("seed of the agent", seed, at_least=0)
        self._latest: dict[str, Array] = {}
        self.ask(env)
        self.check_spaces()
        self._luck = UniformStream([self.seed + lane for lane in range(self.lanes)], self.luck_size(), AGENT)
        self.start()

    def ask(self, env: AnyEnv) -> None:
        """Note what the world tells everybody beside its spaces; called by ``reset``."""
        self._world_payoff = agreed(env, "payoff")

    def luck_size(self) -> int:
        """Return how many uniform numbers a lane gets in one draw of luck."""
        return 1

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
        seen = lane_view(observation, self.num_envs)
        self._check_lanes(seen)
        actions = self.decide(seen, self._known(info))
        return actions[0] if self.num_envs is None else actions

    def _check_lanes(self, observation: Arrays) -> None:
        """Refuse an observation of another number of lanes than the rule was reset for."""
        for key, values in observation.items():
            space = self.observation_space.spaces.get(key)
            if space is not None and space.shape is not None and values.shape != (self.lanes, *space.shape):
                expected = "a single environment" if self.num_envs is None else f"{self.num_envs} lanes"
                raise InputError(
                    f"{type(self).__name__} was reset for {expected}, but observation {key!r} is not of that shape: "
                    f"reset it with the environment in which it acts."
                )

    def _known(self, info: Mapping[str, Any]) -> dict[str, Array]:
        """Return the info with, for lanes that do not have a key, what was last shown of them."""
        known = lane_view(info, self.num_envs)
        masks = {id(mask): mask for key, mask in info.items() if key.startswith("_")}  # many keys share one mask
        if not all(np.all(mask) for mask in masks.values()):
            for key in known.keys() & self._latest.keys():
                lanes = along(present(info, key, self.num_envs), known[key])
                known[key] = np.where(lanes, known[key], self._latest[key])
        self._latest |= known
        return known

    @abstractmethod
    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return one action per lane from arrays with the lane axis first.

        The info of a vector environment may speak of some lanes only, as after a reset by mask. The other lanes then
        hold what was last shown of them, to ``act`` or to ``learn``.
        """

    def learn(self, transition: Transition) -> None:
        """Take in one step; the default notes what the step showed, and learns nothing.

        A subclass should call it: where a reset by mask follows the step, ``act`` never sees the info of the step.
        """
        shown, live = dict(transition.outcome), transition.live
        if not live.all():
            for key in shown.keys() & self._latest.keys():
                shown[key] = np.where(along(live, shown[key]), shown[key], self._latest[key])
        self._latest |= shown

    def diagnostics(self) -> dict[str, Array]:
        """Return numbers worth recording, (n,) or (n, G): thresholds, targets."""
        return {}

    def luck(self) -> Uniforms:
        """Return one uniform number per lane for a randomised decision, shape (n,)."""
        return self._luck.next()[:, 0]

    def luck_row(self) -> Uniforms:
        """Return ``luck_size()`` uniform numbers per lane, shape (n, luck_size)."""
        return self._luck.next()


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
