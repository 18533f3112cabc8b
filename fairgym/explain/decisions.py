"""explain_decision: why an agent in a world decides so about one person, as a rule with its precision and coverage.

A rule explains an answer to one question about one person. In most lending worlds that is the action. Elsewhere, where
an action is about sites or a cohort, say what the question is (``decision``); of a lender that decides on a cohort the
question is whether its own bar accepts the person at a ``place``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv

from fairgym.agents.base import Agent, AnyEnv
from fairgym.agents.classifier import ClassifierAgent
from fairgym.agents.lender import LenderAgent
from fairgym.agents.told import agreed
from fairgym.batch import Array
from fairgym.checks import InputError, named, require, whole_number
from fairgym.envs.reapplication import shown_people
from fairgym.explain.explainer import AnchorExplainer
from fairgym.explain.hypothetical import Ask, Judged, Policy, Remembered, Still
from fairgym.explain.seen import GROUP, SeenTable
from fairgym.outcome import lane_view

if TYPE_CHECKING:
    import pandas as pd

    from fairgym.explain.anchor import Anchor

REJECT, ACCEPT = ANSWERS = ("reject", "accept")
"""What a decision that is 0 or 1 is called."""
PAIR = 2
"""A column of so many values or fewer is said with "="."""


@dataclass(frozen=True)
class DecisionRule:
    """What a decision maker would do with hypothetical people at one moment: rows of a table in, answers out.

    It is what ``AnchorExplainer`` takes for ``predict``.
    """

    table: SeenTable
    ask: Ask
    shown: Mapping[str, Array]
    """What the lane shows at the moment: of one lane, without the lane axis."""
    decision: Callable[[Array], Array] | None = None
    """Makes one answer a person of actions; None where an action is one already."""
    by_name: bool = True
    """Whether answers are 0 or 1, or probabilities, and called reject and accept."""

    def __call__(self, rows: pd.DataFrame) -> Array:
        """Return the answer about each row; (m,)."""
        said = self.said(rows)
        if self.decision is not None:
            answers = np.asarray(self.decision(said))
            require(
                answers.shape == (len(rows),),
                f"decision returned shape {answers.shape} for {len(rows)} actions: it must return one answer for each.",
            )
            return answers
        return np.array(ANSWERS)[(said > 0.5).astype(np.intp)] if self.by_name else said

    def said(self, rows: pd.DataFrame) -> Array:
        """Return what the decision maker says: the probability of accepting each row, (m,), or its action."""
        if not len(rows):
            return np.empty(0)
        return self.ask(self.table.observation(rows, self.shown))

    @property
    def person(self) -> pd.DataFrame:
        """The person whom the decision is about, as a table of one row."""
        return self.table.frame({key: np.asarray(values)[None] for key, values in self.shown.items()})


def decision_rule(
    agent: Any,
    observation: Any,
    info: Mapping[str, Any] | None = None,
    *,
    env: AnyEnv,
    lane: int = 0,
    place: int | None = None,
    keys: Sequence[str] | None = None,
    names: Mapping[str, Sequence[str]] | None = None,
    decision: Callable[[Array], Array] | None = None,
) -> DecisionRule:
    """Return the rule by which a decision maker decides at this moment, as a function of rows.

    ``agent`` is an agent of fairgym that was reset in ``env``, a trained model of Stable-Baselines3, or a function that
    takes observations (m, ...) and returns m actions. ``observation`` and ``info`` are what ``reset`` or ``step`` of
    ``env`` returned; info is needed by agents that read it. ``lane`` says which lane of a vector environment,
    ``place`` which person of a cohort (lenders only). ``keys`` are the parts of the observation that become columns,
    None taking what the agent says that it reads, and the group; all others keep their values of the moment. ``names``
    names the columns of parts with several numbers. ``decision`` makes one answer of an action where an action is not
    one decision.
    """
    if isinstance(agent, LenderAgent) and decision is None:
        return _of_lender(agent, observation, lane, place)
    require(place is None, f"place={place!r} is for lenders that decide on cohorts: leave it out.")
    rules = decision_rules(agent, observation, info, env=env, keys=keys, names=names, decision=decision)
    return rules[whole_number("lane", lane, at_least=0, at_most=len(rules) - 1)]


def decision_rules(
    agent: Any,
    observation: Any,
    info: Mapping[str, Any] | None = None,
    *,
    env: AnyEnv,
    keys: Sequence[str] | None = None,
    names: Mapping[str, Sequence[str]] | None = None,
    decision: Callable[[Array], Array] | None = None,
) -> list[DecisionRule]:
    """Return the rule of every lane at this moment, from one copy of the agent; see ``decision_rule``."""
    space, action_space = _spaces(env)
    _check_question(agent, action_space, decision)
    chosen = tuple(_read_by(agent, space) if keys is None else _listed("keys", keys))
    table = SeenTable(space, agreed(env, "groups") or (), chosen, {} if names is None else names)
    asks, seen = _asked(agent, observation, info, env, space)
    lacking = sorted(set(chosen) - set(seen))
    require(not lacking, f"the observation has no {', '.join(lacking)}: give it as the world returned it.")
    by_name = decision is None and action_space == spaces.Discrete(2)
    return [
        DecisionRule(table, _remembered(ask, table), {k: v[lane] for k, v in seen.items()}, decision, by_name)
        for lane, ask in enumerate(asks)
    ]


def explain_decision(
    agent: Any,
    observation: Any,
    info: Mapping[str, Any] | None = None,
    *,
    env: AnyEnv,
    background: pd.DataFrame | Mapping[str, Array],
    lane: int = 0,
    place: int | None = None,
    keys: Sequence[str] | None = None,
    names: Mapping[str, Sequence[str]] | None = None,
    decision: Callable[[Array], Array] | None = None,
    categorical: Sequence[str] = (),
    bins: Any = None,
    perturb: Any = "independent",
    **search: Any,
) -> Anchor:
    """Return a rule that explains what an agent does with the person of one lane at this moment.

    The first arguments are those of ``decision_rule``. ``background`` are people of this world, see
    ``fairgym.moments.background_of``: a table, or recorded observations with an axis of people first. Precision and
    coverage are about them. Columns have an order, such as score levels, but for the group, those named in
    ``categorical``, and those of two values. ``bins`` and ``perturb`` are those of ``AnchorExplainer``; by default
    levels are cut between any two of them, and everything else is "auto". What is left goes to its ``explain``:
    ``precision``, ``delta``, ``max_rows``, ``random_state``, and ``exact=True`` where all is groups and levels.

    A rule that randomises is explained by what it does more often: *accept* where it accepts with a probability above
    one half. The agent's memory and luck are untouched.
    """
    rule = decision_rule(
        agent, observation, info, env=env, lane=lane, place=place, keys=keys, names=names, decision=decision
    )
    explainer = explainer_of(rule.table, background, _listed("categorical", categorical), bins, perturb)
    return explainer.explain(rule.person, rule, **search)


def explainer_of(
    table: SeenTable, background: Any, categorical: Sequence[str], bins: Any, perturb: Any
) -> AnchorExplainer:
    """Return an explainer over people of a world, which knows their groups where the table has them."""
    people = people_of(table, background)
    pairs = [name for name in people if people[name].nunique() <= PAIR]
    words = list(dict.fromkeys([*table.categorical, *categorical, *pairs]))
    cuts = {name: cuts for name, cuts in table.cuts.items() if name not in words} if bins is None else bins
    groups = people[GROUP].to_numpy() if GROUP in people.columns else None
    return AnchorExplainer(people, categorical=words, groups=groups, bins=cuts, perturb=perturb)


def people_of(table: SeenTable, background: Any) -> pd.DataFrame:
    """Return a background as a table with the columns of ``table``: it may be one, or observations."""
    import pandas as pd

    if isinstance(background, pd.DataFrame):
        missing = [name for name in table.columns if name not in background.columns]
        require(not missing, f"the background has no column {', '.join(missing)}: give the people of this world.")
        return background[list(table.columns)].reset_index(drop=True)
    if not isinstance(background, Mapping):
        raise InputError(
            f"background is a {type(background).__name__}: give a table of people, as background_of returns, or "
            f"recorded observations."
        )
    return table.frame(background)


def _of_lender(agent: LenderAgent, observation: Any, lane: int, place: int | None) -> DecisionRule:
    """Return the bar of a lender of cohorts as a rule about one applicant."""
    columns = agent.credit_people.columns
    seen = lane_view(observation, agent.num_envs)
    people, applying = shown_people(seen), np.asarray(seen["applying"], dtype=np.bool_)
    lane = whole_number("lane", lane, at_least=0, at_most=len(people) - 1)
    if place is None:
        raise InputError(f"{type(agent).__name__} decides on a cohort: give place=, the number of one of its people.")
    place = whole_number("place", place, at_least=0, at_most=agent.places - 1)
    if not applying[lane, place]:
        who = ", ".join(map(str, np.flatnonzero(applying[lane])[:5]))
        raise InputError(f"place={place} of lane {lane} does not apply now: those who do are at {who}, ...")
    row = spaces.Box(-np.inf, np.inf, (len(columns),), np.float64)
    table = SeenTable(spaces.Dict({"features": row}), (), ("features",), {"features": columns})
    return DecisionRule(table, Judged(agent, lane), {"features": people[lane, place].astype(np.float64)})


def _spaces(env: AnyEnv) -> tuple[spaces.Dict, spaces.Space[Any]]:
    """Return the spaces of one lane: of the observation by name, and of the action."""
    require(hasattr(env, "action_space"), f"env={env!r} is no environment: give the one in which the decision is made.")
    of_one = "single_" if isinstance(env, VectorEnv) else ""
    space, action = (getattr(env, f"{of_one}{kind}_space") for kind in ("observation", "action"))
    if not isinstance(space, spaces.Dict):  # a wrapper may have flattened it
        space = getattr(env.unwrapped, f"{of_one}observation_space", space)
    if not isinstance(space, spaces.Dict):
        raise InputError(
            f"the observation is a {type(space).__name__} without names: give a world whose observation is a Dict, or "
            f"use AnchorExplainer with names of your own."
        )
    return space, action


def _check_question(agent: Any, action_space: spaces.Space[Any], decision: Any) -> None:
    """Refuse an action that is not one decision, unless it is said what to make of it."""
    require(decision is None or callable(decision), f"decision={decision!r} must be a function of actions (m, ...).")
    if decision is None and not isinstance(action_space, spaces.Discrete):
        raise InputError(
            f"an action here is {action_space}, not one decision about one person: give decision=, a function of "
            f"actions (m, ...) that returns one answer for each, such as lambda action: action[:, 0] > 0."
        )
    if isinstance(agent, ClassifierAgent) and not isinstance(action_space, spaces.Discrete):
        raise InputError(
            "ClassifierAgent publishes a threshold here and decides about nobody: there is no decision to explain."
        )


def _read_by(agent: Any, space: spaces.Dict) -> list[str]:
    """Return the parts of the observation that a decision maker reads, as far as it says, and the group."""
    shown = list(space.spaces)
    reads = set(getattr(agent, "requires", ())) if isinstance(agent, Agent) else set()
    if isinstance(agent, ClassifierAgent):
        reads = set(agent.reads)
    return [key for key in shown if not reads or key in reads or key == GROUP]


def _listed(name: str, given: object) -> list[str]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InputError(f"{name}={given!r} is not a list of names: give a list, such as ['score'].")
    return list(given)


def _asked(
    agent: Any, observation: Any, info: Mapping[str, Any] | None, env: AnyEnv, space: spaces.Dict
) -> tuple[list[Ask], dict[str, Array]]:
    """Return how each lane of the decision maker is asked, and what all lanes show."""
    if isinstance(agent, Agent):
        require(
            isinstance(observation, Mapping),
            f"the observation is {named(observation)}, but {type(agent).__name__} reads it by name: give it as the "
            f"world returned it, without a wrapper that flattens it.",
        )
        still = Still(agent, observation, info)
        return [still.ask(lane) for lane in range(still.agent.lanes)], still.seen
    require(
        callable(agent) or hasattr(agent, "predict"),
        f"agent={agent!r} cannot decide: give an agent, a trained model with predict, or a function.",
    )
    num_envs = env.num_envs if isinstance(env, VectorEnv) else None
    seen, lanes = lane_view(_by_name(observation, space, num_envs), num_envs), num_envs or 1
    for key, values in seen.items():
        require(
            values.shape[:1] == (lanes,),
            f"observation {key!r} has shape {values.shape}, but this world has {lanes} lanes: give it as the world "
            f"returned it.",
        )
    return [Policy(agent, space)] * lanes, seen


def _by_name(observation: Any, space: spaces.Dict, num_envs: int | None) -> Mapping[str, Any]:
    """Return an observation by name, also one that a wrapper has flattened."""
    if isinstance(observation, Mapping):
        return observation
    rows = np.asarray(observation, dtype=np.float64)
    rows = rows[None] if num_envs is None else rows
    if rows.ndim != 2 or rows.shape[1] != spaces.flatdim(space):
        raise InputError(f"the observation has shape {rows.shape[1:]}, but this world shows {', '.join(space.spaces)}.")
    each: list[Any] = [spaces.unflatten(space, row) for row in rows]
    if num_envs is None:
        return dict(each[0])
    return {key: np.array([one[key] for one in each]) for key in space.spaces}


def _remembered(ask: Ask, table: SeenTable) -> Ask:
    """Return a way to ask about each kind of person once, where kinds can be counted."""
    levels = table.levels
    if levels is None:
        return ask
    starts = tuple(int(table.space[key].start) for key in table.keys)  # type: ignore[attr-defined]
    return Remembered(ask, table.keys, levels, starts)
