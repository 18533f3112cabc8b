"""Fallback: who decides in place of the agent, where a monitor says so; FallbackLayer: a monitor that may have one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from fairgym.agents.base import Agent
from fairgym.batch import Array, Mask
from fairgym.checks import named, require
from fairgym.robustness.layers import Layer, LayerEnv

Policy = Agent | Callable[[Any], Any]
"""An agent, or a function of what an environment shows, single or vector, that returns actions in kind."""


class Fallback:
    """A rule that stands by: it sees everything in every step and is asked for actions.

    An agent is copied, so that it may be the one that decides as well, reset with the world, and not taught: of one
    that has learnt, give its decision as a function. One with luck uses it up on reset steps of vector environments as
    well, as agents do everywhere, so that there a lane is not the single run under its seed.
    """

    def __init__(self, policy: Policy) -> None:
        require(
            isinstance(policy, Agent) or (callable(policy) and not isinstance(policy, type)),
            f"fallback is {named(policy)}: give an agent, or a function that takes an observation and returns actions.",
        )
        self._policy = copy.deepcopy(policy) if isinstance(policy, Agent) else policy
        self._seen: tuple[Any, Any] | None = None

    def begin(self, env: Any, seed: int) -> None:
        """Prepare an agent to act in ``env``, with its luck from ``seed``."""
        if isinstance(self._policy, Agent):
            self._policy.reset(env, seed)

    def look(self, observation: Any, info: Any) -> None:
        """Note what is shown."""
        self._seen = observation, info

    def actions(self, single: bool, like: Array) -> Array:
        """Return what the rule would do now instead of the actions ``like``, (n, ...), in the same kind."""
        assert self._seen is not None
        observation, info = self._seen
        policy = self._policy
        wanted = policy.act(observation, info) if isinstance(policy, Agent) else policy(observation)
        given = np.asarray([wanted] if single else wanted)
        require(
            given.squeeze().shape == like.squeeze().shape and np.can_cast(given.dtype, like.dtype, casting="same_kind"),
            f"fallback returned {given.dtype} of shape {given.shape[int(single) :]}, but an action here is "
            f"{like.dtype} of shape {like.shape[int(single) :]}: return actions in kind.",
        )
        return given.astype(like.dtype).reshape(like.shape)


class FallbackLayer(Layer):
    """A layer in which a fallback, if there is one, decides where ``decide`` says so; hold ``fallback`` in memory."""

    fallback: Fallback | None = None

    def stand_by(self, policy: Policy | None) -> None:
        """Take a policy as the fallback; without one the layer replaces no action."""
        self.fallback = None if policy is None else Fallback(policy)
        self.interferes = policy is not None

    def begin_fallback(self, seeds: list[int], lanes: Mask) -> None:
        """Prepare the fallback where all lanes begin."""
        if self.fallback is not None and lanes.all():
            self.fallback.begin(self.env, seeds[0])

    def look(self, observation: Any, info: Any) -> None:
        """Show the fallback what everybody sees."""
        if self.fallback is not None:
            self.fallback.look(observation, info)

    def instead(self, actions: Array) -> Array:
        """Return what the fallback would do instead of these actions, (n, ...)."""
        assert self.fallback is not None
        return self.fallback.actions(isinstance(self, LayerEnv), actions)
