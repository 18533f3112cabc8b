"""Dynamics as Gymnasium environments: one single, one vector, written once for every world.

``Lanes`` holds n worlds in step and knows nothing of Gymnasium; ``FairEnv`` is a batch of one, ``FairVectorEnv`` a
batch of n. A world needs two lines::

    class LendingEnv(FairEnv):
        dynamics_type = LendingDynamics
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from fairgym.batch import Array, Batch, Mask
from fairgym.checks import InputError, one_of, suggestion, whole_number
from fairgym.envs.actions import check_action, check_actions
from fairgym.envs.dynamics import Dynamics, make_params
from fairgym.noise import LaneNoise
from fairgym.outcome import Outcome

Observation = dict[str, Any]
Info = dict[str, Any]
AnyDynamics = Dynamics[Any, Any, Any]


@dataclass
class Lanes:
    """n worlds of one kind: their state and their noise."""

    dynamics: AnyDynamics
    noise: LaneNoise
    state: Batch

    @classmethod
    def seeded(cls, dynamics: AnyDynamics, seeds: list[int]) -> Lanes:
        """Return lanes at their first state, lane i seeded by ``seeds[i]``."""
        noise = LaneNoise(seeds, dynamics.reset_noise_size, dynamics.noise_size)
        return cls(dynamics, noise, dynamics.initial(noise.resets.next()))

    def reset(self, lanes: Mask) -> None:
        """Start new episodes in the masked lanes; the others do not move."""
        self.state = self.state.where(lanes, self.dynamics.initial(self.noise.resets.next(lanes)))

    def step(self, actions: Array, live: Mask | None) -> tuple[Outcome, Array, Mask]:
        """Move all lanes; lanes that are not live use up no noise and their results mean nothing."""
        self.state, outcome = self.dynamics.step(self.state, actions, self.noise.steps.next(live))
        return outcome, self.dynamics.reward(outcome), self.dynamics.terminated(self.state)

    def start_from(self, given: object, lanes: Mask) -> None:
        """Put the masked lanes into a state that the user gave."""
        self.state = self.state.where(lanes, as_state(self.dynamics, self.state, given))


@dataclass(frozen=True)
class Snapshot:
    """Everything an environment needs to continue identically; can be pickled."""

    lanes: Lanes
    elapsed: Array
    over: Mask


def snapshot_for(dynamics: AnyDynamics, num_envs: int, snapshot: object) -> Snapshot:
    """Return a copy of a snapshot that goes on under this law, or refuse one of another world."""
    if not isinstance(snapshot, Snapshot):
        raise InputError(f"restore was given a {type(snapshot).__name__}: give what snapshot() returned.")
    lanes = copy.deepcopy(snapshot.lanes)
    if len(lanes.state) != num_envs:
        raise InputError(f"restore was given a snapshot of {len(lanes.state)} lanes, but there are {num_envs} here.")
    if (type(dynamics), dynamics.observation_space) != (type(lanes.dynamics), lanes.dynamics.observation_space):
        raise InputError(f"restore was given a snapshot of another {type(lanes.dynamics).__name__}: give one of this.")
    return Snapshot(Lanes(dynamics, lanes.noise, lanes.state), snapshot.elapsed.copy(), snapshot.over.copy())


def as_state(dynamics: AnyDynamics, template: Batch, given: object) -> Batch:
    """Return ``given`` (a state, or a mapping of its fields) as a state of as many lanes as ``template``.

    A field may leave out the lane axis; then every lane gets the same.
    """
    values = given.arrays() if isinstance(given, Batch) else given
    if not isinstance(values, Mapping):
        raise InputError(f"options['state'] is a {type(given).__name__}: give a state or a dict of its fields.")
    wanted = template.arrays()
    for name in values:
        if name not in wanted:
            raise InputError(f"options['state'] has no field {name!r}: {suggestion(str(name), wanted)}")
    missing = [name for name in wanted if name not in values]
    if missing:
        raise InputError(f"options['state'] lacks the fields {', '.join(missing)}: give every field of the state.")
    state = type(template)(**{name: _as_field(name, values[name], like) for name, like in wanted.items()})
    dynamics.check_state(state)
    _check_seen(dynamics, state)
    return state


def _check_seen(dynamics: AnyDynamics, state: Batch) -> None:
    """Refuse a given state that shows something outside of the observation space, or that is the end of an episode."""
    for name, values in dynamics.observe(state).items():
        space = dynamics.observation_space[name]
        if not batch_space(space, len(values)).contains(values):
            raise InputError(f"options['state'] shows observation {name!r} outside of {space}: give a possible state.")
    if dynamics.terminated(state).any():
        raise InputError("options['state'] is the end of an episode already: give a state from which it can go on.")


def _as_field(name: str, value: object, like: Array) -> Array:
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of unequal length
        raise InputError(f"options['state'][{name!r}] is not one array of numbers: give shape {like.shape}.") from error
    if array.dtype.kind not in ("iu" if like.dtype.kind in "iu" else "iuf"):
        raise InputError(f"options['state'][{name!r}] has dtype {array.dtype}, but {like.dtype} is needed.")
    if array.shape == (1, *like.shape[1:]):
        array = array[0]
    if array.shape not in (like.shape, like.shape[1:]):
        raise InputError(
            f"options['state'][{name!r}] has shape {array.shape}, but {like.shape} or {like.shape[1:]} is needed."
        )
    if not np.isfinite(array).all():
        raise InputError(f"options['state'][{name!r}] holds NaN or infinity: give finite numbers.")
    field = np.broadcast_to(array, like.shape).astype(like.dtype)
    if not (field == array).all():
        raise InputError(f"options['state'][{name!r}] holds numbers too large for {like.dtype}: give smaller ones.")
    return field


def build_dynamics(dynamics_type: type[AnyDynamics], params: dict[str, Any]) -> AnyDynamics:
    """Return the law of a world with these parameters, all checked."""
    return dynamics_type(make_params(dynamics_type.params_type, params))


def check_options(options: Mapping[str, Any] | None, known: tuple[str, ...]) -> Mapping[str, Any]:
    """Return reset options, refusing unknown names."""
    for name in options or {}:
        if name not in known:
            raise InputError(f"reset has no option {name!r}: {suggestion(str(name), known)}")
    return options or {}


def load_picture(dynamics: AnyDynamics) -> Any:
    """Return the drawing of one lane's rendered frames; matplotlib is imported only here."""
    module, _, name = dynamics.picture.partition(":")
    return getattr(importlib.import_module(module), name)(dynamics)


def one_lane(values: Mapping[str, Array], lane: int | np.integer[Any] = 0) -> dict[str, Any]:
    """Return the row of one lane: numbers where the row is a number, arrays of its own elsewhere."""
    return {key: value[lane].copy() if value.ndim > 1 else value[lane] for key, value in values.items()}


class FairEnv(gym.Env[Observation, Any]):
    """One world as a Gymnasium environment: a batch of one."""

    dynamics_type: ClassVar[type[AnyDynamics]]
    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012 - as Gymnasium

    def __init__(self, render_mode: str | None = None, **params: Any) -> None:
        """Build the world; ``params`` are the fields of the world's parameter class."""
        if render_mode is not None:
            one_of("render_mode", render_mode, self.metadata["render_modes"])
        self.render_mode = render_mode
        self.dynamics = build_dynamics(self.dynamics_type, params)
        self.observation_space = self.dynamics.observation_space
        self.action_space = self.dynamics.action_space
        self._lanes: Lanes | None = None
        self._over = True
        self._picture = None if render_mode is None else load_picture(self.dynamics)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, in the order of the group index."""
        return self.dynamics.groups

    @property
    def state(self) -> Batch:
        """The current state, hidden truth included, as a batch of one."""
        return self._running().state

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, Info]:
        """Start an episode; ``options={"state": ...}`` starts it from a given state."""
        options_ = check_options(options, ("state",))
        super().reset(seed=seed)
        if seed is not None or self._lanes is None:
            self._lanes = Lanes.seeded(self.dynamics, [_known_seed(self)])
        else:
            self._lanes.reset(np.ones(1, dtype=np.bool_))
        if "state" in options_:
            self._lanes.start_from(options_["state"], np.ones(1, dtype=np.bool_))
        self._over = False
        observation = one_lane(self.dynamics.observe(self._lanes.state))
        info = one_lane(self.dynamics.truth(self._lanes.state))
        if self._picture is not None:
            self._picture.start(info)
        return observation, info

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, Info]:
        """Move the world by one step; the info holds what happened and the truth of the new state."""
        lanes = self._running()
        if self._over:
            raise InputError("step was called after the end of the episode: call reset() first.")
        outcome, reward, terminated = lanes.step(check_action(self.action_space, action), None)
        self._over = bool(terminated[0])
        observation = one_lane(self.dynamics.observe(lanes.state))
        info = one_lane(outcome.arrays() | self.dynamics.truth(lanes.state))
        if self._picture is not None:
            self._picture.record(info)
        return observation, float(reward[0]), self._over, False, info

    def render(self) -> Any:
        """Return the current frame as an RGB array, shape (height, width, 3), or None without a render mode."""
        self._running()
        return None if self._picture is None else self._picture.frame()

    def snapshot(self) -> Snapshot:
        """Return everything needed to continue from here, independent of what this environment does next."""
        return copy.deepcopy(Snapshot(self._running(), np.zeros(1, np.int64), np.array([self._over])))

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; the same actions then give the same future.

        The snapshot may come from an environment of the same world with other parameters: a counterfactual fork.
        """
        snapshot = snapshot_for(self.dynamics, 1, snapshot)
        self._lanes, self._over = snapshot.lanes, bool(snapshot.over[0])

    def _running(self) -> Lanes:
        if self._lanes is None:
            raise InputError("the environment has not been started: call reset() first.")
        return self._lanes


class FairVectorEnv(VectorEnv[Observation, Any, Array]):
    """n worlds as a native Gymnasium vector environment; lane i under seed s is the single env under seed s + i."""

    dynamics_type: ClassVar[type[AnyDynamics]]

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        render_mode: str | None = None,
        **params: Any,
    ) -> None:
        """Build n worlds.

        ``autoreset_mode`` is one of Gymnasium's three (``"NextStep"``, ``"SameStep"``, ``"Disabled"``);
        ``max_episode_steps`` truncates episodes, as the TimeLimit wrapper does for a single environment.
        """
        self.num_envs = whole_number("num_envs", num_envs, at_least=1)
        self.autoreset_mode = _autoreset_mode(autoreset_mode)
        if max_episode_steps is not None:
            whole_number("max_episode_steps", max_episode_steps, at_least=1)
        if render_mode is not None:
            one_of("render_mode", render_mode, FairEnv.metadata["render_modes"])
        self.max_episode_steps = max_episode_steps
        self.render_mode = render_mode
        self.metadata = {**FairEnv.metadata, "autoreset_mode": self.autoreset_mode}
        self.dynamics = build_dynamics(self.dynamics_type, params)
        self.single_observation_space = self.dynamics.observation_space
        self.single_action_space = self.dynamics.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._lanes: Lanes | None = None
        self._elapsed = np.zeros(num_envs, dtype=np.int64)
        self._over = np.zeros(num_envs, dtype=np.bool_)
        self._pictures = [load_picture(self.dynamics) for _ in range(num_envs)] if render_mode else []

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, in the order of the group index."""
        return self.dynamics.groups

    @property
    def state(self) -> Batch:
        """The current state of all lanes, hidden truth included."""
        return self._running().state

    def reset(
        self,
        *,
        seed: int | list[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Observation, Info]:
        """Start episodes in all lanes, or in those of ``options["reset_mask"]``.

        An integer seed s gives lane i the seed s + i. ``options["state"]`` starts from a given state.
        """
        options_ = check_options(options, ("state", "reset_mask"))
        lanes = self._reset_mask(options_.get("reset_mask"))
        self._seed_or_continue(seed, lanes)
        if "state" in options_:
            self._running().start_from(options_["state"], lanes)
        self._elapsed[lanes] = 0
        self._over[lanes] = False
        info = _masked(self.dynamics.truth(self.state), lanes)
        for lane in np.flatnonzero(lanes) if self._pictures else ():
            self._pictures[lane].start(one_lane(self.dynamics.truth(self.state), lane))
        return self._observation(), info

    def step(self, actions: Any) -> tuple[Observation, Array, Array, Array, Info]:
        """Move all lanes by one step; lanes that ended are reset as the autoreset mode says."""
        world = self._running()
        actions = check_actions(self.single_action_space, actions, self.num_envs)
        live = self._live_lanes()
        outcome, reward, terminated = world.step(actions, live)
        self._elapsed += 1
        truncated = self._out_of_time()
        if live is not None:
            world.reset(~live)
            self._elapsed[~live] = 0
            reward, terminated, truncated = np.where(live, reward, 0.0), terminated & live, truncated & live
        self._over = terminated | truncated
        info = _masked(outcome.arrays(), live) | _masked(self.dynamics.truth(world.state), None)
        if self._pictures:
            self._record(outcome, live)
        if self.autoreset_mode is AutoresetMode.SAME_STEP and self._over.any():
            info = self._reset_in_same_step(info)
        return self._observation(), reward, terminated, truncated, info

    def render(self) -> tuple[Any, ...] | None:
        """Return one RGB frame per lane, or None without a render mode."""
        self._running()
        return tuple(picture.frame() for picture in self._pictures) if self._pictures else None

    def snapshot(self) -> Snapshot:
        """Return everything needed to continue from here, independent of what this environment does next."""
        return copy.deepcopy(Snapshot(self._running(), self._elapsed, self._over))

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; the same actions then give the same future.

        The snapshot may come from an environment of the same world with other parameters: a counterfactual fork.
        """
        snapshot = snapshot_for(self.dynamics, self.num_envs, snapshot)
        self._lanes, self._elapsed, self._over = snapshot.lanes, snapshot.elapsed, snapshot.over

    def _running(self) -> Lanes:
        if self._lanes is None:
            raise InputError("the environment has not been started: call reset() first.")
        return self._lanes

    def _live_lanes(self) -> Mask | None:
        """Return the lanes that make a transition in this step, None for all."""
        if not self._over.any():
            return None
        if self.autoreset_mode is AutoresetMode.DISABLED:
            over = ", ".join(map(str, np.flatnonzero(self._over)[:5]))
            raise InputError(f"lanes {over} are over: reset them with options={{'reset_mask': mask}} first.")
        return ~self._over

    def _out_of_time(self) -> Mask:
        if self.max_episode_steps is None:
            return np.zeros(self.num_envs, dtype=np.bool_)
        out_of_time: Mask = self._elapsed >= self.max_episode_steps
        return out_of_time

    def _reset_in_same_step(self, info: Info) -> Info:
        """Reset the lanes that just ended, keeping their last observation and info under Gymnasium's names."""
        over, self._over = self._over, np.zeros(self.num_envs, dtype=np.bool_)
        last, observation = np.full(self.num_envs, None, dtype=object), self._observation()
        for lane in np.flatnonzero(over):
            last[lane] = one_lane(observation, lane)
        final = _masked({key: value for key, value in info.items() if not key.startswith("_")}, over)
        self._running().reset(over)
        self._elapsed[over] = 0
        truth = self.dynamics.truth(self.state)
        happened = {key: value for key, value in info.items() if key[0] != "_" and key not in truth}
        for lane in np.flatnonzero(over) if self._pictures else ():
            self._pictures[lane].start(one_lane(truth, lane))
        return (
            _masked(happened, ~over)
            | _masked(truth, None)
            | {"final_obs": last, "_final_obs": over, "final_info": final, "_final_info": over.copy()}
        )

    def _record(self, outcome: Outcome, live: Mask | None) -> None:
        values = outcome.arrays() | self.dynamics.truth(self.state)
        for lane, picture in enumerate(self._pictures):
            if live is None or live[lane]:
                picture.record(one_lane(values, lane))
            else:
                picture.start(one_lane(self.dynamics.truth(self.state), lane))

    def _observation(self) -> Observation:
        # Copies, so that a caller who writes into an observation cannot change the world.
        return {key: value.copy() for key, value in self.dynamics.observe(self.state).items()}

    def _reset_mask(self, mask: object) -> Mask:
        if mask is None:
            return np.ones(self.num_envs, dtype=np.bool_)
        array = np.asarray(mask)
        if array.shape != (self.num_envs,) or array.dtype != np.bool_ or not array.any():
            raise InputError(
                f"options['reset_mask'] must be a bool array of shape ({self.num_envs},) with at least one True."
            )
        if self._lanes is None:
            raise InputError("options['reset_mask'] needs a running environment: call reset() without it first.")
        return array

    def _seed_or_continue(self, seed: int | list[int | None] | None, lanes: Mask) -> None:
        if isinstance(seed, (list, tuple)) and len(seed) != self.num_envs:
            raise InputError(f"seed lists {len(seed)} seeds for {self.num_envs} lanes: give one per lane.")
        if seed is not None and not isinstance(seed, (list, tuple)):
            self._np_random, self._np_random_seed = seeding.np_random(seed)
            seed = [seed + lane for lane in range(self.num_envs)]
        seeds = list(seed) if seed is not None else [None] * self.num_envs
        if self._lanes is None:
            base = _known_seed(self)
            known = [base + lane if one is None else one for lane, one in enumerate(seeds)]
            self._lanes = Lanes.seeded(self.dynamics, known)
            return
        for lane in np.flatnonzero(lanes):
            new_seed = seeds[lane]
            if new_seed is not None:
                self._lanes.noise.reseed(int(lane), new_seed)
        self._lanes.reset(lanes)


def _known_seed(env: FairEnv | FairVectorEnv) -> int:
    """Return the seed behind Gymnasium's ``np_random``; one drawn from it where the user replaced the generator."""
    seed = env.np_random_seed
    return int(env.np_random.integers(2**31)) if seed is None or seed < 0 else int(seed)


def _autoreset_mode(mode: AutoresetMode | str) -> AutoresetMode:
    if isinstance(mode, AutoresetMode):
        return mode
    return AutoresetMode(one_of("autoreset_mode", mode, [known.value for known in AutoresetMode]))


def _masked(values: Mapping[str, Any], lanes: Mask | None) -> Info:
    """Return vector infos with their ``_key`` masks; lanes without the key hold zeros, as in Gymnasium.

    ``lanes`` is None where all lanes have the keys; the keys of one call share one mask. Keys that no lane has are left
    out, as in Gymnasium.
    """
    info: Info = {}
    mask = np.ones(len(next(iter(values.values()), ())), dtype=np.bool_) if lanes is None else lanes.copy()
    if not mask.any():
        return info
    partial = not mask.all()
    for key, value in values.items():
        if partial:
            value = np.where(mask.reshape(-1, *[1] * (value.ndim - 1)), value, value.dtype.type(0))
        info[key] = value
        info[f"_{key}"] = mask
    return info
