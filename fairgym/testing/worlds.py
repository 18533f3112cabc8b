"""check_dynamics: the laws that the ``Dynamics`` of a world must keep."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
from gymnasium import spaces

from fairgym.batch import Array, Batch
from fairgym.envs.given_state import as_state
from fairgym.noise import LaneNoise, Uniforms
from fairgym.outcome import HIDDEN, VOCABULARY, Outcome
from fairgym.testing.basics import AnyDynamics, Arrays, difference, frozen, law, law_of, random_actions, same

LAST_UNIFORM = 1 - 2.0**-53
"""The largest number that noise can hold."""


@dataclass(frozen=True)
class Step:
    """One recorded step of n lanes of a law: its arguments and all that follows from them."""

    state: Batch
    action: Array
    noise: Uniforms
    outcome: Outcome
    results: Arrays
    """New state, outcome, observation, truth, reward and terminations, under names that tell them apart."""


def check_dynamics(world: str | AnyDynamics, *, num_envs: int = 7, steps: int = 40, seed: int = 0) -> None:
    """Check the law of a world, given as a registered id or as a ``Dynamics``.

    The law runs under random actions with its own parameters and with its ``short_episode``.
    """
    dynamics = law_of(world) if isinstance(world, str) else world
    _check_description(dynamics)
    for variant in (dynamics, _variant(dynamics, **dynamics.short_episode)):
        run = _recorded(variant, num_envs, steps, seed)
        for step in run:
            _check_outcome(variant, step)
            _check_observation(variant, variant.observe(step.state))
            _check_pure(variant, step)
            _check_lanes_apart(variant, step)
        _check_reward(variant, run)
        _check_nothing_leaks(variant, run)
        _check_extreme_noise(variant, run[-1])
    if "selective_labels" in {field.name for field in fields(dynamics.params)}:
        _check_selective_labels(dynamics, num_envs, steps, seed)


def _variant(dynamics: AnyDynamics, **params: Any) -> AnyDynamics:
    return type(dynamics)(replace(dynamics.params, **params))


def _recorded(dynamics: AnyDynamics, num_envs: int, steps: int, seed: int) -> list[Step]:
    """Run n lanes under random actions; lanes that end start again."""
    seeds = [seed + lane for lane in range(num_envs)]
    noise = LaneNoise(seeds, dynamics.reset_noise_size, dynamics.noise_size)
    actions = random_actions(dynamics.action_space, seeds, steps)
    state, run = dynamics.initial(noise.resets.next()), []
    for action in actions:
        uniforms = noise.steps.next()
        start = state.read_only()
        state, outcome = dynamics.step(state, action.copy(), uniforms.copy())
        run.append(Step(start, action, uniforms, outcome.read_only(), _results(dynamics, state, outcome)))
        state = state.where(dynamics.terminated(state), dynamics.initial(noise.resets.next()))
    return run


def _results(dynamics: AnyDynamics, state: Batch, outcome: Outcome) -> Arrays:
    parts = {
        "state": state.arrays(),
        "outcome": outcome.arrays(),
        "observation": dynamics.observe(state),
        "truth": dynamics.truth(state),
    }
    results = {f"{part} {name!r}": array.copy() for part, arrays in parts.items() for name, array in arrays.items()}
    return results | {"reward": dynamics.reward(outcome).copy(), "terminated": dynamics.terminated(state).copy()}


def _check_description(dynamics: AnyDynamics) -> None:
    name = type(dynamics).__name__
    law(
        is_dataclass(dynamics.params) and isinstance(dynamics.params, dynamics.params_type),
        f"{name}.params must be a {dynamics.params_type.__name__}, which must be a dataclass.",
    )
    law(
        len(set(dynamics.groups)) == len(dynamics.groups) > 0
        and all(isinstance(g, str) and g for g in dynamics.groups),
        f"{name}.groups={dynamics.groups!r} must be a tuple of one or more different names.",
    )
    law(isinstance(dynamics.observation_space, spaces.Dict), f"{name}.observation_space must be a Dict.")
    for key, space in dynamics.observation_space.spaces.items():
        law(
            _is_plain(space),
            f"observation {key!r} must be Discrete, MultiDiscrete, MultiBinary or a finite float32 Box.",
        )
    law(_is_plain(dynamics.action_space), f"{name}.action_space must be Discrete, MultiDiscrete or a finite Box.")
    for size in ("reset_noise_size", "noise_size"):
        law(getattr(dynamics, size) >= 0, f"{name}.{size} must be the number of uniforms that a lane needs.")


def _is_plain(space: spaces.Space[Any]) -> bool:
    """Return whether RL libraries can handle this space: one flat kind, no infinite bounds, counted from zero."""
    if isinstance(space, spaces.Box):
        return bool(space.dtype == np.float32 and space.is_bounded())
    if isinstance(space, spaces.Discrete):
        return bool(space.start == 0)
    if isinstance(space, spaces.MultiDiscrete):
        return len(space.shape) == 1 and not bool(space.start.any())
    return isinstance(space, spaces.MultiBinary)


def _stepped(dynamics: AnyDynamics, state: Batch, action: Array, noise: Uniforms) -> Arrays:
    """Return all results of a step whose arguments refuse to be written into."""
    given = frozen({"action": action, "noise": noise})
    try:
        return _results(dynamics, *dynamics.step(state.read_only(), given["action"], given["noise"]))
    except ValueError as error:
        law("read-only" not in str(error), "step() writes into its arguments: make new arrays instead.")
        raise


def _check_pure(dynamics: AnyDynamics, step: Step) -> None:
    again = _stepped(dynamics, step.state, step.action, step.noise)
    wrong = difference(step.results, again)
    law(wrong is None, f"step() gave another {wrong} for the same arguments: it must be a pure function of them.")
    restored = pickle.loads(pickle.dumps(step.state))
    wrong = difference(step.results, _stepped(dynamics, restored, step.action, step.noise))
    law(wrong is None, f"a state saved with pickle continued with another {wrong}: a state must hold all that matters.")
    for name, before in step.state.arrays().items():
        after = step.results[f"state {name!r}"]
        law(
            before.dtype == after.dtype and before.shape == after.shape,
            f"state {name!r} is {before.dtype}{before.shape} before a step and {after.dtype}{after.shape} after it.",
        )


def _check_lanes_apart(dynamics: AnyDynamics, step: Step) -> None:
    for lane in range(len(step.state)):
        alone = np.array([lane])
        results = _stepped(dynamics, step.state.take(alone), step.action[alone], step.noise[alone])
        wrong = difference({name: array[alone] for name, array in step.results.items()}, results)
        law(wrong is None, f"{wrong} of lane {lane} depends on the other lanes: each lane must be as if it were alone.")


def _check_observation(dynamics: AnyDynamics, observation: Mapping[str, Array]) -> None:
    known = dynamics.observation_space.spaces
    law(set(observation) == set(known), f"observe() returns {set(observation)}, but the space has {set(known)}.")
    for key, space in known.items():
        values = observation[key]
        law(values.dtype == space.dtype, f"observation {key!r} has dtype {values.dtype}, but the space {space.dtype}.")
        law(
            all(space.contains(value if value.ndim else values.dtype.type(value)) for value in values),
            f"observation {key!r} is outside of its space {space}.",
        )


def _check_outcome(dynamics: AnyDynamics, step: Step) -> None:
    outcome, truth = step.outcome.arrays(), dynamics.truth(step.state)
    lanes, groups = len(step.state), len(dynamics.groups)
    law("decision" in outcome, "the outcome has no 'decision': every world reports what the agent did to whom.")
    twice = outcome.keys() & truth.keys()
    law(not twice, f"{twice} are in the outcome and in truth(): report each once.")
    for key, values in {**outcome, **truth}.items():
        law(
            key in VOCABULARY,
            f"info key {key!r} is not in fairgym.outcome.VOCABULARY: use its words or add yours to it.",
        )
        law(values.dtype.kind in "iuf", f"info {key!r} has dtype {values.dtype}: give integers or floats.")
        law(values.shape[:1] == (lanes,), f"info {key!r} has shape {values.shape}: the first axis must be the lane.")
        if key in ("population_score", "group_share", "score_distribution", "qualified_probability"):
            law(values.shape[1:2] == (groups,), f"info {key!r} has shape {values.shape}: the second axis is the group.")
    if "group" in outcome:
        inside = (outcome["group"] >= 0) & (outcome["group"] < groups)
        law(bool(inside.all()), f"info 'group' must lie between 0 and {groups - 1}.")


def _check_reward(dynamics: AnyDynamics, run: list[Step]) -> None:
    for step in run:
        reward, terminated = step.results["reward"], step.results["terminated"]
        lanes = (len(step.state),)
        law(
            reward.shape == lanes and reward.dtype == np.float64 and bool(np.isfinite(reward).all()),
            f"reward() gave {reward.dtype}{reward.shape}: it must be finite float64 of shape {lanes}.",
        )
        law(
            same(reward, dynamics.reward(step.outcome)),
            "reward() gave another number for the same outcome: it must be a function of the outcome.",
        )
        law(
            terminated.shape == lanes and terminated.dtype == np.bool_,
            f"terminated() gave {terminated.dtype}{terminated.shape}: it must be bool of shape {lanes}.",
        )


def _check_nothing_leaks(dynamics: AnyDynamics, run: list[Step]) -> None:
    """Refuse an observation that is the hidden truth about the people it shows, or its opposite, in every step."""
    if "qualified" not in run[0].outcome.arrays():
        return
    truth = np.stack([step.outcome.arrays()["qualified"] for step in run])
    if truth.min() == truth.max():
        return
    for key in dynamics.observation_space.spaces:
        seen = np.stack([dynamics.observe(step.state)[key] for step in run]).reshape(len(truth), truth.shape[1], -1)
        hidden = truth.reshape(len(truth), truth.shape[1], -1)
        if seen.shape == hidden.shape:
            law(
                not (np.array_equal(seen, hidden) or np.array_equal(seen, 1 - hidden)),
                f"observation {key!r} is the hidden truth 'qualified': keep it in the outcome only.",
            )


def _check_extreme_noise(dynamics: AnyDynamics, step: Step) -> None:
    lanes = len(step.state)
    for number in (0.0, LAST_UNIFORM):
        first = dynamics.initial(np.full((lanes, dynamics.reset_noise_size), number))
        after, outcome = dynamics.step(step.state, step.action, np.full((lanes, dynamics.noise_size), number))
        for state in (first, after):
            _check_observation(dynamics, dynamics.observe(state))
            for name, values in state.arrays().items():
                law(bool(np.isfinite(values).all()), f"state {name!r} is not finite where all noise is {number!r}.")
        law(
            bool(np.isfinite(dynamics.reward(outcome)).all()),
            f"the reward is not finite where all noise is {number!r}.",
        )
        as_state(dynamics, first, lanes, np.ones(lanes, dtype=np.bool_))


def _check_selective_labels(dynamics: AnyDynamics, num_envs: int, steps: int, seed: int) -> None:
    shown = _recorded(_variant(dynamics, selective_labels=False), num_envs, steps, seed)
    hidden = _recorded(_variant(dynamics, selective_labels=True), num_envs, steps, seed)
    for with_truth, without in zip(shown, hidden, strict=True):
        for key, truth in with_truth.outcome.arrays().items():
            if key in ("qualified", "outcome_repaid"):
                truth = np.where(with_truth.outcome.arrays()["decision"] == 1, truth, HIDDEN).astype(truth.dtype)
            elif key == "score" and np.isnan(without.outcome.arrays()[key]).any():  # where it would tell the truth
                truth = np.where(with_truth.outcome.arrays()["decision"] == 1, truth, np.nan)
            elif key == "true_score_change":  # of who is back; for the others 0 says nothing
                told = with_truth.outcome.arrays()
                truth = np.where((told["decision"] == 1) | (told["returned"] == 0), truth, np.nan)
            law(
                same(truth, without.outcome.arrays()[key]),
                f"selective_labels=True must hide the truth about the rejected as {HIDDEN} (a true score or its "
                f"change, as NaN) and change nothing else, but {key!r} differs.",
            )
