"""Moments of a run: what an agent's rule is at chosen steps, and who comes then; background_of: who comes to a world.

A run is watched from outside: the agent decides and learns as if nobody looked. ``fairgym.explain`` explains the
moments, one by one or in their order (``rule_drift``).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv

from fairgym.agents.base import Agent, AnyEnv, Arrays, Transition
from fairgym.agents.told import agreed
from fairgym.batch import Array, Mask
from fairgym.checks import InputError, named, require, whole_number
from fairgym.envs.reapplication import shown_people
from fairgym.experiment import Experiment, Progress, rollout
from fairgym.explain.decisions import decision_rules
from fairgym.explain.drift import Moment
from fairgym.explain.seen import SeenTable
from fairgym.outcome import lane_view

if TYPE_CHECKING:
    import pandas as pd


class Shown(NamedTuple):
    """An agent at a moment, and what it is shown."""

    agent: Agent
    observation: Mapping[str, Any]
    info: Mapping[str, Any]


WINDOW = 200
"""How many steps from a moment on the people are those who come at the moment."""
OF_A_VECTOR = ("num_envs", "vectorization_mode", "vector_kwargs", "render_mode")
"""What an environment may say of how it was made that is no parameter of the world."""
People = Callable[[Arrays, int], "pd.DataFrame"]
"""Takes the info of all lanes at a moment and the number of a lane; returns who could come there then."""


class Watched(Agent):
    """An agent that is copied before it decides at some steps, with what it is shown; it decides as it always does."""

    def __init__(self, agent: Agent, at: Sequence[int] = (), window: int = WINDOW) -> None:
        """Watch ``agent``: copy it at the steps ``at``, and note who comes within ``window`` steps from each on."""
        self.agent, self.at, self.window = agent, frozenset(at), window

    def reset(self, env: AnyEnv, seed: int = 0) -> None:
        """Reset the agent and forget what was seen."""
        self.agent.reset(env, seed)
        self.step = -1
        self.copies: dict[int, Shown] = {}
        self.came: dict[int, tuple[Mapping[str, Any], Mask]] = {}

    def act(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> Any:
        """Note the moment where it is one, and let the agent act."""
        self.step += 1
        if self.step in self.at:
            self.copies[self.step] = Shown(copy.deepcopy(self.agent), dict(observation), dict(info))
        self.observation = observation
        return self.agent.act(observation, info)

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return what the agent decides."""
        return self.agent.decide(observation, info)

    def learn(self, transition: Transition) -> None:
        """Note who was decided on and in which lanes, and let the agent learn."""
        if any(start <= self.step < start + self.window for start in self.at):
            self.came[self.step] = dict(self.observation), transition.live.copy()
        self.agent.learn(transition)

    def diagnostics(self) -> dict[str, Array]:
        """Return those of the agent."""
        return self.agent.diagnostics()

    def lasts(self, step: int, lane: int) -> bool:
        """Return whether the run of a lane still lasted at a step, so that there was a decision."""
        return step in self.came and bool(self.came[step][1][lane])

    def people(self, step: int, lane: int, table: SeenTable) -> pd.DataFrame:
        """Return who came to a lane within the window from a step on, while its run lasted."""
        seen = [self.came[at][0] for at in range(step, step + self.window) if self.lasts(at, lane)]
        return table.frame({key: np.array([one[key][lane] for one in seen]) for key in table.keys})


def agents_at(
    experiment: Experiment,
    steps: Sequence[int],
    *,
    window: int = WINDOW,
    people: People | None = None,
    keys: Sequence[str] | None = None,
    names: Mapping[str, Sequence[str]] | None = None,
    decision: Callable[[Array], Array] | None = None,
    progress: Progress | None = None,
) -> list[Moment]:
    """Run an experiment and return each lane's rule, and who comes, at some steps: 0 is before the first decision.

    The people of a moment are those who come to the lane in the ``window`` steps that begin with it, for which the run
    goes on where it would have ended; or what ``people`` makes of the info at the moment and the number of the lane. A
    lane has no moment once its episode is over. ``keys``, ``names`` and ``decision`` are those of
    ``fairgym.explain.decision_rule``. Moments are named by the seed of their lane.
    """
    require(isinstance(experiment, Experiment), f"experiment is {named(experiment)}: give an Experiment.")
    if isinstance(steps, str) or not isinstance(steps, Sequence):
        raise InputError(f"steps={steps!r} is not a list: give steps of the experiment, such as [0, 1000].")
    at = sorted({whole_number("a step of steps", step, at_least=0, at_most=experiment.steps) for step in steps})
    require(len(at) > 0, "steps=[] names no moment: give steps of the experiment, such as [0, 1000].")
    window = whole_number("window", window, at_least=1) if people is None else 1
    env, watched = experiment.make(), Watched(copy.deepcopy(experiment.agent), at, window)
    rollout(env, watched, {}, at[-1] + window, seed=experiment.seed, progress=progress)
    moments = []
    for step in at:
        if step not in watched.copies:
            continue
        shown = watched.copies[step]
        rules = decision_rules(*shown, env=env, keys=keys, names=names, decision=decision)
        info = lane_view(shown.info, env.num_envs)
        for lane, rule in enumerate(rules):
            if watched.lasts(step, lane):
                who = watched.people(step, lane, rule.table) if people is None else people(info, lane)
                moments.append(Moment(step, rule, who, experiment.seed + lane))
    env.close()
    return moments


def background_of(
    env: str | AnyEnv,
    agent: Agent | None = None,
    *,
    steps: int = 100,
    num_envs: int = 20,
    seed: int = 0,
    keys: Sequence[str] | None = None,
    names: Mapping[str, Sequence[str]] | None = None,
    **params: Any,
) -> pd.DataFrame:
    """Return the people who come to a world, one row each, as a background for explanations.

    ``env`` is an id, with the parameters of the world as ``params``, or an environment made by Gymnasium, whose like is
    made anew: the one given is left alone. ``agent`` decides meanwhile, None draws actions at random: in worlds that
    move, who comes depends on it. Where a world has cohorts of applicants (``ReapplicationEnv-v0``), a row is an
    applicant; elsewhere it is an observation, with the columns that ``keys`` and ``names`` say.
    """
    if not (agent is None or isinstance(agent, Agent)):
        raise InputError(f"agent is {named(agent)}: give an agent, or None for actions at random.")
    steps, num_envs = whole_number("steps", steps, at_least=1), whole_number("num_envs", num_envs, at_least=1)
    vector = _vector_like(env, num_envs, params)
    watched = Watched(copy.deepcopy(agent) if agent is not None else _AnyAction(), [0], steps)
    rollout(vector, watched, {}, steps, seed=seed)
    vector.close()
    space = vector.single_observation_space
    if not isinstance(space, spaces.Dict):
        raise InputError(f"the observation is a {type(space).__name__} without names: give a world that has names.")
    if (credit_people := agreed(vector, "credit_people")) is not None and keys is None:
        return _applicants(watched, credit_people.columns)
    chosen = tuple(space.spaces) if keys is None else tuple(keys)
    table = SeenTable(space, agreed(vector, "groups") or (), chosen, {} if names is None else names)
    seen = [(observation, live) for observation, live in watched.came.values()]
    return table.frame({key: np.concatenate([one[key][live] for one, live in seen]) for key in chosen})


class _AnyAction(Agent):
    """Draws any action that the world takes."""

    def check_spaces(self) -> None:
        """Act in every world."""

    def start(self) -> None:
        """Seed the actions."""
        self._actions = copy.deepcopy(self.action_space)
        self._actions.seed(self.seed)

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return an action for each lane."""
        return np.array([self._actions.sample() for _ in range(self.lanes)])


def _vector_like(env: str | AnyEnv, num_envs: int, params: Mapping[str, Any]) -> VectorEnv[Any, Any, Any]:
    """Return a vector environment of the world that an id or an environment names."""
    if isinstance(env, str):
        return gymnasium.make_vec(env, num_envs=num_envs, vectorization_mode="vector_entry_point", **params)
    spec = getattr(env, "spec", None)
    if spec is None:
        raise InputError(f"env={env!r} does not say how it was made: give an id, or what gymnasium.make returned.")
    made = {key: value for key, value in {**spec.kwargs, **params}.items() if key not in OF_A_VECTOR}
    return gymnasium.make_vec(spec.id, num_envs=num_envs, vectorization_mode="vector_entry_point", **made)


def _applicants(watched: Watched, columns: Sequence[str]) -> pd.DataFrame:
    """Return all people who applied, with the columns that describe them."""
    import pandas as pd

    rows = []
    for observation, live in watched.came.values():
        seen = {key: np.asarray(values)[live] for key, values in observation.items()}
        rows.append(shown_people(seen)[np.asarray(seen["applying"], dtype=np.bool_)])
    return pd.DataFrame(np.concatenate(rows).astype(np.float64), columns=list(columns))
