"""TreatmentAgent: a rule that says who on a social network gets the doses of this step; the rules derive from it.

It sees the health of everybody as the world shows it and knows the network, who is connected to whom and who lives in
which community. It does not know who will fall ill.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from gymnasium import spaces

from fairgym.agents.base import Agent, AnyEnv, Arrays
from fairgym.agents.told import told
from fairgym.batch import Array, Mask
from fairgym.checks import InputError
from fairgym.noise import Uniforms

SUSCEPTIBLE, CAUGHT = 0, 1
"""Places in the one-hot health of the state in which one can catch the infection, and of the state that follows."""


class TreatmentAgent(Agent):
    """Gives its doses one after the other, each to one of the candidates that the subclass names.

    Among several candidates a dose falls to each with the same chance; without any it is not given. Nobody gets two
    doses in one step. A step takes time in proportion to lanes x people x doses.
    """

    requires = ("health",)

    def ask(self, env: AnyEnv) -> None:
        """Note the network of the world; refuse a world that has none."""
        super().ask(env)
        self._network: Any = world_network(env)
        if self._network is None:
            raise InputError(
                f"{type(self).__name__} treats people on a social network, which this environment does not tell: "
                f"use it in a world with one, such as InfectiousDiseaseEnv-v0."
            )
        self._group = np.asarray(self._network.group)

    def check_spaces(self) -> None:
        """Refuse a world in which the action does not name people, or health is not shown for each of them."""
        super().check_spaces()
        people, health, action = len(self._group), self.shown("health"), self.action_space
        if not isinstance(action, spaces.MultiDiscrete) or action.nvec.ndim != 1 or (action.nvec != people + 1).any():
            raise InputError(
                f"{type(self).__name__} names people or nobody, but the action here is {action}: use it in a world "
                f"with actions MultiDiscrete([{people + 1}, ...])."
            )
        if health.shape is None or len(health.shape) != 2 or health.shape[0] != people or health.shape[1] <= CAUGHT:
            raise InputError(
                f"{type(self).__name__} reads the health of {people} people, but observation 'health' has shape "
                f"{health.shape}: use it in a world that shows ({people}, states)."
            )
        self._doses = len(action.nvec)

    def luck_size(self) -> int:
        """Return one uniform number per dose."""
        return self._doses

    def start(self) -> None:
        """Prepare nothing; a subclass with a memory overrides it."""

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return who gets each dose, (n, doses), the number of people for nobody."""
        luck, people = self.luck_row(), len(self._group)
        left = self.open_to_treatment(observation["health"])
        chosen = np.empty((self.lanes, self._doses), dtype=np.int64)
        for dose in range(self._doses):
            chosen[:, dose] = person = one_of_the(self.candidates(left, chosen[:, :dose]), luck[:, dose])
            treated = np.flatnonzero(person < people)
            left[treated, person[treated]] = False
        return chosen

    def open_to_treatment(self, health: Array) -> Mask:
        """Return who may get a dose, (n, V): those whom it can help, as far as one sees."""
        return np.asarray(health[:, :, SUSCEPTIBLE] == 1)

    @abstractmethod
    def candidates(self, left: Mask, given: Array) -> Mask:
        """Return who has the best claim to the next dose, (n, V), among those ``left``.

        ``given`` (n, doses so far) holds who got the doses of this step before it, the number of people for nobody.
        """


def world_network(env: AnyEnv) -> Any:
    """Return the network that a world tells, None where it tells none or the worlds of a vector have several."""
    first, *others = told(env, "network")
    if first is None or any(not same_network(first, other) for other in others):
        return None
    return first


def same_network(one: Any, other: Any) -> bool:
    """Return whether two networks connect the same people in the same communities."""
    if one is other:
        return True
    if other is None or one.adjacency.shape != other.adjacency.shape or not np.array_equal(one.group, other.group):
        return False
    return not (one.adjacency != other.adjacency).nnz


def one_of_the(candidates: Mask, luck: Uniforms) -> Array:
    """Return one of the people marked in each lane, each with the same chance, (n,); V where nobody is marked.

    ``candidates`` has shape (n, V), ``luck`` holds one uniform number per lane.
    """
    numbered = candidates.cumsum(axis=1, dtype=np.int32)
    marked = numbered[:, -1]
    wanted = (luck * marked).astype(np.int32)  # 0 .. marked - 1, because luck < 1
    person = (numbered > wanted[:, None]).argmax(axis=1)
    return np.asarray(np.where(marked > 0, person, candidates.shape[1]))
