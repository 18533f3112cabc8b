"""Dynamics as Gymnasium environments: one single, one vector, written once for every world.

``FairEnv`` is a batch of one, ``FairVectorEnv`` a batch of n. A world needs two lines::

    class LendingEnv(FairEnv):
        dynamics_type = LendingDynamics
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import batch_space

from fairgym.batch import Array, Batch, Mask, along
from fairgym.checks import InputError, one_of, suggestion, whole_number
from fairgym.envs.actions import check_action, check_actions
from fairgym.envs.autoreset import AutoresetMode
from fairgym.envs.dynamics import make_params
from fairgym.envs.given_state import as_state
from fairgym.envs.lanes import AnyDynamics, Lanes, Snapshot, lane_seeds, one_lane

Observation = dict[str, Any]
Info = dict[str, Any]
RENDER_MODES = ["rgb_array"]


class World:
    """What the single and the vector environment share: a law, and lanes once it was reset."""

    dynamics_type: ClassVar[type[AnyDynamics]]
    dynamics: AnyDynamics
    _lanes: Lanes | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, in the order of the group index."""
        return self.dynamics.groups

    @property
    def payoff(self) -> tuple[float, float] | None:
        """Money that an accepted person earns the decision maker if qualified, and loses if not."""
        return self.dynamics.payoff

    @property
    def state(self) -> Batch:
        """The current state of all lanes, hidden truth included; read-only."""
        state = self._running().state
        for array in state.arrays().values():
            array.setflags(write=False)
        return state

    def _running(self) -> Lanes:
        if self._lanes is None:
            raise InputError("the environment has not been started: call reset() first.")
        return self._lanes


class FairEnv(World, gym.Env[Observation, Any]):
    """One world as a Gymnasium environment: a batch of one."""

    metadata: dict[str, Any] = {"render_modes": RENDER_MODES, "render_fps": 10}  # noqa: RUF012 - as Gymnasium

    def __init__(self, render_mode: str | None = None, **params: Any) -> None:
        """Build the world; ``params`` are the fields of the world's parameter class."""
        self.dynamics = build_dynamics(self.dynamics_type, params)
        self.render_mode = _render_mode(render_mode)
        self.observation_space = self.dynamics.observation_space
        self.action_space = self.dynamics.action_space
        self._over = True
        self._picture = None if render_mode is None else load_picture(self.dynamics)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, Info]:
        """Start an episode; ``options={"state": ...}`` starts it from a given state.

        A refused option or seed leaves the environment as it was.
        """
        given = check_options(options, ("state",)).get("state")
        all_lanes = np.ones(1, dtype=np.bool_)
        state = None if given is None else as_state(self.dynamics, given, 1, all_lanes)
        super().reset(seed=None if seed is None else whole_number("seed", seed, at_least=0))
        if seed is not None or self._lanes is None:
            self._lanes = Lanes.seeded(self.dynamics, [_known_seed(self)], state)
        else:
            self._lanes.reset(all_lanes, state)
        self._over = False
        observation = one_lane(self.dynamics.observe(self._lanes.state))
        info = one_lane(self._lanes.truth())
        if self._picture is not None:
            self._picture.start(observation, info)
        return observation, info

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, Info]:
        """Move the world by one step; the info holds what happened and the truth of the new state."""
        lanes = self._running()
        if self._over:
            raise InputError("step was called after the end of the episode: call reset() first.")
        happened, reward, terminated = lanes.step(check_action(self.action_space, action), None)
        self._over = bool(terminated[0])
        observation = one_lane(self.dynamics.observe(lanes.state))
        info = one_lane(happened | lanes.truth())
        if self._picture is not None:
            self._picture.record(observation, info)
        return observation, float(reward[0]), self._over, False, info

    def render(self) -> Any:
        """Return the current frame as an RGB array, shape (height, width, 3), or None without a render mode."""
        self._running()
        return None if self._picture is None else self._picture.frame()

    def snapshot(self) -> Snapshot:
        """Return everything needed to continue from here, independent of what this environment does next."""
        return copy.deepcopy(Snapshot(self._running(), np.zeros(1, np.int64), np.array([self._over])))

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; the same actions then give the same future. A picture begins anew.

        The snapshot may come from an environment of the same world with other parameters: a counterfactual fork.
        """
        snapshot = _checked_snapshot(snapshot).copy_for(self.dynamics, 1)
        self._lanes, self._over = snapshot.lanes, bool(snapshot.over[0])
        if self._picture is not None:
            self._picture.start(one_lane(self.dynamics.observe(self._lanes.state)), one_lane(self._lanes.truth()))


class FairVectorEnv(World, VectorEnv[Observation, Any, Array]):
    """n worlds as a native Gymnasium vector environment; lane i under seed s is the single env under seed s + i.

    Arrays in ``info`` are read-only; observations and rewards are the caller's own.
    """

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
        self.max_episode_steps = max_episode_steps
        self.dynamics = build_dynamics(self.dynamics_type, params)
        self.render_mode = _render_mode(render_mode)
        self.metadata = {**FairEnv.metadata, "autoreset_mode": self.autoreset_mode}
        self.single_observation_space = self.dynamics.observation_space
        self.single_action_space = self.dynamics.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._elapsed = np.zeros(num_envs, dtype=np.int64)
        self._over = np.zeros(num_envs, dtype=np.bool_)
        self._pictures = [load_picture(self.dynamics) for _ in range(num_envs)] if render_mode else []

    def reset(
        self,
        *,
        seed: int | list[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Observation, Info]:
        """Start episodes in all lanes, or in those of ``options["reset_mask"]``.

        An integer seed s gives lane i the seed s + i. ``options["state"]`` starts from a given state. A refused option
        or seed leaves the environment as it was.
        """
        options_ = check_options(options, ("state", "reset_mask"))
        lanes = self._reset_mask(options_.get("reset_mask"))
        seeds, given = lane_seeds(seed, self.num_envs), options_.get("state")
        state = None if given is None else as_state(self.dynamics, given, self.num_envs, lanes)
        if seed is not None and not isinstance(seed, (list, tuple, np.ndarray)):
            self._np_random, self._np_random_seed = seeding.np_random(int(seed))
        self._start(seeds, lanes, state)
        self._elapsed[lanes] = 0
        self._over[lanes] = False
        info = _masked(self._running().truth(), lanes)
        self._start_pictures(lanes)
        return self._observation(), info

    def step(self, actions: Any) -> tuple[Observation, Array, Array, Array, Info]:
        """Move all lanes by one step; lanes that ended are reset as the autoreset mode says."""
        world = self._running()
        actions = check_actions(self.single_action_space, actions, self.num_envs)
        live = self._live_lanes()
        happened, reward, terminated = world.step(actions, live)
        reward = np.array(reward)  # the caller's own, not a part of the info
        self._elapsed += 1
        truncated = self._out_of_time()
        if live is not None:
            world.reset(~live)
            self._elapsed[~live] = 0
            reward, terminated, truncated = np.where(live, reward, 0.0), terminated & live, truncated & live
        self._over = terminated | truncated
        info = _masked(happened, live) | _masked(world.truth(), None)
        if self._pictures:
            self._record(happened, live)
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
        """Go back to a snapshot; the same actions then give the same future. Pictures begin anew.

        The snapshot may come from an environment of the same world with other parameters: a counterfactual fork.
        """
        snapshot = _checked_snapshot(snapshot).copy_for(self.dynamics, self.num_envs)
        self._lanes, self._elapsed, self._over = snapshot.lanes, snapshot.elapsed, snapshot.over
        self._start_pictures(np.ones(self.num_envs, dtype=np.bool_))

    def _start(self, seeds: list[int | None], lanes: Mask, state: Batch | None) -> None:
        """Start the masked lanes, those with a seed from new noise; every lane where there is none yet."""
        if self._lanes is None or (lanes.all() and None not in seeds):
            base = _known_seed(self) if None in seeds else 0
            known = [base + lane if one is None else one for lane, one in enumerate(seeds)]
            self._lanes = Lanes.seeded(self.dynamics, known, state)
            return
        for lane in np.flatnonzero(lanes):
            new_seed = seeds[lane]
            if new_seed is not None:
                self._lanes.noise.reseed(int(lane), new_seed)
        self._lanes.reset(lanes, state)

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
        truth = self._running().truth()
        happened = {key: value for key, value in info.items() if key[0] != "_" and key not in truth}
        self._start_pictures(over)
        return (
            _masked(happened, ~over)
            | _masked(truth, None)
            | {"final_obs": last, "_final_obs": over, "final_info": final, "_final_info": over.copy()}
        )

    def _record(self, happened: Mapping[str, Array], live: Mask | None) -> None:
        """Show the step to the pictures of the live lanes; the others begin anew."""
        observation, info = self._observation(), {**happened, **self._running().truth()}
        for lane, picture in enumerate(self._pictures):
            if live is None or live[lane]:
                picture.record(one_lane(observation, lane), one_lane(info, lane))
        if live is not None:
            self._start_pictures(~live)

    def _start_pictures(self, lanes: Mask) -> None:
        for lane in np.flatnonzero(lanes) if self._pictures else ():
            observation, truth = self._observation(), self._running().truth()
            self._pictures[lane].start(one_lane(observation, lane), one_lane(truth, lane))

    def _observation(self) -> Observation:
        # Copies, so that they are the caller's own, to write into as well.
        return {key: value.copy() for key, value in self.dynamics.observe(self._running().state).items()}

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


def build_dynamics(dynamics_type: type[AnyDynamics], params: dict[str, Any]) -> AnyDynamics:
    """Return the law of a world with these parameters, all checked."""
    return dynamics_type(make_params(dynamics_type.params_type, params))


def check_options(options: object, known: tuple[str, ...]) -> Mapping[str, Any]:
    """Return reset options, refusing unknown names."""
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise InputError(f"reset options are a {type(options).__name__}: give a dict with {' or '.join(known)}.")
    for name in options:
        if name not in known:
            raise InputError(f"reset has no option {name!r}: {suggestion(str(name), known)}")
    return options


def load_picture(dynamics: AnyDynamics) -> Any:
    """Return the drawing of one lane's rendered frames; matplotlib is imported only here."""
    module, _, name = dynamics.picture.partition(":")
    return getattr(importlib.import_module(module), name)(dynamics)


def _known_seed(env: FairEnv | FairVectorEnv) -> int:
    """Return the seed behind Gymnasium's ``np_random``; one drawn from it where the user replaced the generator."""
    seed = env.np_random_seed
    return int(env.np_random.integers(2**31)) if seed is None or seed < 0 else int(seed)


def _checked_snapshot(snapshot: object) -> Snapshot:
    if not isinstance(snapshot, Snapshot):
        raise InputError(f"restore was given a {type(snapshot).__name__}: give what snapshot() returned.")
    return snapshot


def _render_mode(mode: str | None) -> str | None:
    return None if mode is None else one_of("render_mode", mode, RENDER_MODES)


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
    partial = lanes is not None and not mask.all()
    if partial and not mask.any():
        return info
    for key, value in values.items():
        value = np.where(along(mask, value), value, value.dtype.type(0)) if partial else value
        value.setflags(write=False)  # it may be a part of the state
        info[key] = value
        info[f"_{key}"] = mask
    return info
