"""Who takes part: the agents of the package, of installed packages, and those that a user names."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import entry_points
from typing import Any

from gymnasium.vector import VectorEnv

from fairgym import agents
from fairgym.agents import Agent
from fairgym.checks import InputError, require
from fairgym.sweep.objects import find_class

ENTRY_POINTS = "fairgym.agents"
"""Group in which a package may name classes of agents: ``[project.entry-points."fairgym.agents"]``."""


def candidates(env: VectorEnv[Any, Any, Any], wanted: Sequence[str] = ()) -> tuple[dict[str, Agent], dict[str, str]]:
    """Return the agents that fit a world by name, and why the others do not.

    An agent that is ``wanted`` (``module:Class``) must fit: ``InputError`` otherwise.
    """
    fitting: dict[str, Agent] = {}
    refusals: dict[str, str] = {}
    asked_for = [_agent_class(name) for name in wanted]
    for kind in dict.fromkeys([*_ours(), *_installed(), *asked_for]):
        for name, agent in _examples(kind):
            if (refusal := _refusal(agent, env)) is None:
                fitting[_free_name(name, kind, fitting)] = agent
            elif kind in asked_for:
                raise InputError(f"agent {name} does not fit this world: {refusal}")
            else:
                refusals[name] = refusal
    require(len(fitting) > 0, "no agent fits this world: name one of yours by --agent module:Class.")
    return fitting, refusals


def _ours() -> list[type[Agent]]:
    """Return the agents of this package that can be made."""
    return list(_concrete(getattr(agents, name) for name in agents.__all__))


def _installed() -> Iterator[type[Agent]]:
    """Give the agents that installed packages name."""
    for point in entry_points(group=ENTRY_POINTS):
        yield from _concrete([point.load()])


def _concrete(things: Iterable[object]) -> Iterator[type[Agent]]:
    for thing in things:
        if inspect.isclass(thing) and issubclass(thing, Agent) and not inspect.isabstract(thing):
            yield thing


def _agent_class(name: str) -> type[Agent]:
    """Return the class that a user names, or refuse what is no agent."""
    kind = find_class(name, "--agent")
    if not list(_concrete([kind])):
        raise InputError(f"--agent {name} is not an agent that can be made: derive it from fairgym.agents.Agent.")
    return kind


def _examples(kind: type[Agent]) -> Iterator[tuple[str, Agent]]:
    """Give the settings of a class that it shows."""
    try:
        yield from kind.examples().items()
    except TypeError as error:
        raise InputError(
            f"{kind.__name__} cannot be made without arguments ({error}): give it a classmethod examples()."
        ) from error


def _refusal(agent: Agent, env: VectorEnv[Any, Any, Any]) -> str | None:
    """Return why an agent cannot act in a world, None if it can."""
    try:
        copy.deepcopy(agent).reset(env, 0)
    except InputError as refusal:
        return str(refusal)
    return None


def _free_name(name: str, kind: type[Agent], taken: dict[str, Agent]) -> str:
    """Return the name, with the module behind it where somebody else has it."""
    return f"{name} of {kind.__module__}" if name in taken else name
