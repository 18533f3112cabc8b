"""What an agent's rule of one lane would do with people who are not there, without touching its memory or its luck.

The agent is copied at the moment, once. The copy is asked about hypothetical people in the place of the person at the
counter. It never learns, so that its rule is that of the moment, whatever it is asked. A rule that randomises answers
with its probability of accepting (``AcceptRejectAgent.acceptance``), so that no luck is used.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from fairgym.agents.base import AcceptRejectAgent, Agent, Arrays
from fairgym.agents.classifier import ClassifierAgent
from fairgym.agents.flatten import flatten_lanes
from fairgym.agents.lender import LenderAgent
from fairgym.batch import Array
from fairgym.checks import InputError, require, whole_number
from fairgym.outcome import lane_view

Ask = Callable[[Arrays], Array]
"""Takes observations of m people, (m, ...); returns the probability of accepting each, or the action, (m, ...)."""


class Still:
    """A copy of an agent at one moment, with what it was shown; the agent itself goes on as if nothing had been."""

    def __init__(self, agent: Agent, observation: Mapping[str, Any], info: Mapping[str, Any] | None = None) -> None:
        """Copy the agent and let the copy act once, so that what was due by now (a refit) is done."""
        require(hasattr(agent, "lanes"), f"{type(agent).__name__} was not reset: call reset(env) before you ask it.")
        if info is None and agent.oracle:
            raise InputError(
                f"{type(agent).__name__} reads the truth in info: give info as reset and step returned it."
            )
        self.agent = copy.deepcopy(agent)
        shown = {} if info is None else dict(info)
        self.agent.act(observation, shown)
        self.seen = {key: np.array(values) for key, values in lane_view(observation, agent.num_envs).items()}
        self.known = self.agent._known(shown)

    @cached_property
    def twin(self) -> Agent:
        """A second copy, with other luck from here on; one for all lanes, because copies of large agents take time."""
        other = copy.deepcopy(self.agent)
        other.luck_row()
        return other

    def ask(self, lane: int) -> Ask:
        """Return the rule of one lane."""
        lane = whole_number("lane", lane, at_least=0, at_most=self.agent.lanes - 1)
        if isinstance(self.agent, ClassifierAgent):
            return OfClassifier(self.agent, lane)
        if isinstance(self.agent, AcceptRejectAgent):
            return OneByOne(self.agent.acceptance, self, lane)
        return OfActions(self, lane)


class OneByOne:
    """Asks about one person after the other, each in the place of the person whom the lane is about to decide on."""

    def __init__(self, decide: Callable[[Arrays, Arrays], Array], still: Still, lane: int) -> None:
        self.decide, self.still, self.lane = decide, still, lane

    def __call__(self, people: Arrays) -> Array:
        """Return the answer of the lane about each person."""
        seen = {key: values.copy() for key, values in self.still.seen.items()}
        answers = []
        for person in range(len(next(iter(people.values())))):
            for key, values in people.items():
                seen[key][self.lane] = values[person]
            answers.append(np.array(self.decide(seen, self.still.known)[self.lane]))
        return np.array(answers)


class OfClassifier:
    """Asks the classifier of one lane about all people at once."""

    def __init__(self, agent: ClassifierAgent, lane: int) -> None:
        self.agent, self.lane = agent, lane

    def __call__(self, people: Arrays) -> Array:
        """Return the probability of accepting each person; everybody is accepted before the first fit."""
        return self.agent.acceptance_of(people, self.lane)


class OfActions:
    """Asks an agent that says nothing but what it does; refuses one whose answers depend on luck or on being asked."""

    def __init__(self, still: Still, lane: int) -> None:
        self.asks = [OneByOne(agent.decide, still, lane) for agent in (still.agent, still.twin)]
        self.name = type(still.agent).__name__

    def __call__(self, people: Arrays) -> Array:
        """Return the action for each person."""
        one = self.asks[0](people)
        other = self.asks[1]({key: values[::-1] for key, values in people.items()})
        if not np.array_equal(one, other[::-1]):
            raise InputError(
                f"{self.name} answers differently when it is asked again about the same person: give a rule without "
                f"luck, or derive it from AcceptRejectAgent, whose acceptance says the probability."
            )
        return one


class Judged:
    """Asks a lender of cohorts whom its own bar accepts; capacity and promises come on top of that."""

    def __init__(self, agent: LenderAgent, lane: int) -> None:
        self.agent, self.rule = copy.deepcopy(agent), int(agent.rule_of[lane])

    def __call__(self, people: Arrays) -> Array:
        """Return 1 for whom the rule accepts, else 0; people stand in rows under ``features``."""
        return np.asarray(self.agent.judge(self.rule, people["features"])[1], dtype=np.float64)


class Policy:
    """Asks a trained model of Stable-Baselines3, or any function of observations, about all people at once."""

    def __init__(self, policy: Any, space: Any) -> None:
        """Take a model with ``predict`` or a function; a model that wants flat observations gets them flat."""
        self.policy, self.space = policy, space
        wanted = getattr(policy, "observation_space", None)
        self.flat = wanted is not None and not hasattr(wanted, "spaces")
        self.dtype = getattr(wanted, "dtype", None)
        here, there = flatten_lanes(space, _zeros(space)).shape[1:], getattr(wanted, "shape", None)
        if self.flat and there != here:
            raise InputError(
                f"the model reads observations of shape {there}, but those of this world are {here} when flat: give "
                f"the world that it was trained in."
            )

    def __call__(self, people: Arrays) -> Array:
        """Return the action for each person; of a model that randomises, the most likely one."""
        seen = flatten_lanes(self.space, people).astype(self.dtype) if self.flat else dict(people)
        if hasattr(self.policy, "predict"):
            answers = np.asarray(self.policy.predict(seen, deterministic=True)[0])
        else:
            answers = np.asarray(self.policy(seen))
        many = len(next(iter(people.values())))
        if answers.shape[:1] != (many,):
            raise InputError(
                f"the policy was asked about {many} people and returned shape {answers.shape}: it must return one "
                f"action for each."
            )
        return answers


def _zeros(space: Any) -> dict[str, Array]:
    return {key: np.full((1, *part.shape), getattr(part, "start", 0)) for key, part in space.spaces.items()}


class Remembered:
    """Asks about each kind of person once, where the kinds can be counted: levels of a few whole numbers."""

    def __init__(self, ask: Ask, keys: tuple[str, ...], levels: tuple[int, ...], starts: tuple[int, ...]) -> None:
        self.ask, self.keys, self.levels, self.starts = ask, keys, levels, starts
        self.answers: dict[int, Any] = {}

    def __call__(self, people: Arrays) -> Array:
        """Return the answer about each person, from memory where the kind was asked about before."""
        values = [people[key] - start for key, start in zip(self.keys, self.starts, strict=True)]
        kinds = np.ravel_multi_index(values, self.levels)
        found, first, back = np.unique(kinds, return_index=True, return_inverse=True)
        new = [place for place, kind in enumerate(found.tolist()) if kind not in self.answers]
        if new:
            asked = self.ask({key: part[first[new]] for key, part in people.items()})
            self.answers |= dict(zip(found[new].tolist(), asked, strict=True))
        return np.array([self.answers[kind] for kind in found.tolist()])[back.ravel()]
