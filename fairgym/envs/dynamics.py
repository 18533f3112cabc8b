"""The abstract law of a world, batch-first.

A world is six small functions of arrays. It draws nothing, keeps nothing, writes into nothing: ``noise`` comes in as
uniform numbers, the new state and what happened go out. The adapters turn it into a Gymnasium environment.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, Generic, TypeVar

from gymnasium import spaces

from fairgym.batch import Array, Batch, Mask
from fairgym.checks import InputError, suggestion
from fairgym.noise import Uniforms
from fairgym.outcome import Outcome

P = TypeVar("P")
S = TypeVar("S", bound=Batch)
O = TypeVar("O", bound=Outcome)  # noqa: E741 - P, S, O: params, state, outcome


class Dynamics(ABC, Generic[P, S, O]):
    """The law of one world for n lanes at once.

    A subclass sets the four attributes below (spaces are those of one lane) and fills in the hooks. The reset noise
    has shape (n, reset_noise_size), the step noise (n, noise_size): uniform numbers in [0, 1), drawn before the
    action is known. Make normals, Poisson counts and categories from them by inversion.
    """

    params_type: ClassVar[type]
    picture: ClassVar[str] = "fairgym.pictures.base:WorldPicture"
    """Where the drawing of a rendered frame lives, as ``module:class``."""
    short_episode: ClassVar[dict[str, Any]] = {}
    """Parameters under which episodes soon terminate under random actions, so that tests meet the end of one."""

    observation_space: spaces.Dict
    action_space: spaces.Space[Any]
    reset_noise_size: int
    noise_size: int
    groups: tuple[str, ...]
    payoff: tuple[float, float] | None = None
    """Money that an accepted person earns the decision maker if qualified, and loses if not; None where it varies."""

    def __init__(self, params: P) -> None:
        self.params = params

    @abstractmethod
    def initial(self, noise: Uniforms) -> S:
        """Return the first state of len(noise) lanes."""

    @abstractmethod
    def observe(self, state: S) -> dict[str, Array]:
        """Return what the agent sees, keyed as the observation space; never hidden truth."""

    @abstractmethod
    def step(self, state: S, action: Array, noise: Uniforms) -> tuple[S, O]:
        """Return the next state and what happened; writes into none of its arguments."""

    @abstractmethod
    def reward(self, outcome: O) -> Array:
        """Return the default reward, shape (n,)."""

    @abstractmethod
    def terminated(self, state: S) -> Mask:
        """Return which lanes are over, shape (n,)."""

    def truth(self, state: S) -> dict[str, Array]:
        """Return hidden facts about a state that belong into ``info``, known from the reset on."""
        return {}

    def check_state(self, state: S) -> None:
        """Refuse (``InputError``) a state, given by a user to start from, that this world cannot be in."""


def make_params(params_type: type, given: dict[str, Any]) -> Any:
    """Build ``params_type(**given)``, answering a misspelt name with the nearest known one."""
    assert is_dataclass(params_type)
    known = [field.name for field in fields(params_type)]
    for name in given:
        if name not in known:
            raise InputError(f"{params_type.__name__} has no parameter {name!r}: {suggestion(name, known)}")
    return params_type(**given)
