"""check_tracker: the laws that a running metric must keep."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np

from fairgym.batch import Array, Mask, along
from fairgym.metrics.base import GroupRate, Tracker
from fairgym.outcome import lane_view, transition_view
from fairgym.testing.basics import Arrays, frozen, law, law_of, random_actions

EPISODE = 40
"""Steps after which the episodes of the recorded run are cut off, where they have not ended before."""
GROWTH = 256
"""Bytes by which a pickled tracker may grow with the run: a counter takes more digits, a list takes more than this."""


class Event(NamedTuple):
    """One call of a tracker: ``begin`` or ``update`` with these arrays for these lanes."""

    begins: bool
    outcome: Arrays
    lanes: Mask


def check_tracker(
    tracker: Tracker,
    env_id: str,
    *,
    at_start: float | None = None,
    num_envs: int = 5,
    steps: int = 200,
    seed: int = 0,
    **params: Any,
) -> None:
    """Check a running metric on a run of a registered world; ``params`` are those of the world.

    ``at_start`` is what every value must be before anything was seen, by default what the tracker says: NaN, because
    undefined is not 0, or 0 for a count. The world runs under random actions, with its ``short_episode`` unless there
    are ``params``, and with autoresets. ``steps`` should be more than the tracker remembers. The tracker itself is not
    changed: copies run.
    """
    name = type(tracker).__name__
    params = params or dict(law_of(env_id).short_episode)
    events, groups = _recorded(env_id, num_envs, steps, seed, params)
    for key in tracker.requires:
        law(
            key in events[1].outcome,
            f"{name} reads {key!r}, which {env_id} does not report: check it in another world.",
        )

    def fresh(lanes: int = num_envs, num_groups: int = groups) -> Tracker:
        own = copy.deepcopy(tracker)
        own.reset(lanes, num_groups)
        return own

    _check_start(fresh(), tracker.at_start if at_start is None else at_start)
    _check_shapes(fed(fresh(), events))
    _check_compute(fresh(), events)
    _check_dead_lanes(fresh, events, name)
    _check_lanes(fresh, events, num_envs, name)
    _check_copies(fresh, events, name)
    _check_memory(fresh, events, name)
    if isinstance(tracker, GroupRate):
        unseen = values_of(fed(fresh(num_groups=groups + 1), events))[""][:, groups]
        law(bool(np.isnan(unseen).all()), f"{name} is {unseen[0]} for a group that never came: undefined is NaN.")


def _recorded(env_id: str, num_envs: int, steps: int, seed: int, params: Mapping[str, Any]) -> tuple[list[Event], int]:
    """Return what a tracker would be called with in a run of n lanes, and the number of groups."""
    env = gym.make_vec(env_id, num_envs=num_envs, max_episode_steps=EPISODE, **params)
    actions = random_actions(env.single_action_space, [seed + lane for lane in range(num_envs)], steps)
    _, info = env.reset(seed=seed)
    events = [Event(True, lane_view(info, num_envs), np.ones(num_envs, dtype=np.bool_))]
    for action in actions:
        _, reward, _, _, info = env.step(action)
        outcome, live = transition_view(info, num_envs, reward)
        events.append(Event(False, outcome, live))
        events.append(Event(True, lane_view(info, num_envs), ~live))
    groups: tuple[str, ...] = env.unwrapped.groups  # type: ignore[attr-defined]
    env.close()
    return [event for event in events if event.lanes.any()], len(groups)


def fed(tracker: Tracker, events: list[Event]) -> Tracker:
    """Call a tracker with read-only copies of these events and return it."""
    try:
        for event in events:
            call = tracker.begin if event.begins else tracker.update
            call(frozen(event.outcome), event.lanes.copy())
    except ValueError as error:
        law("read-only" not in str(error), f"{type(tracker).__name__} writes into the outcome: work on copies.")
        raise
    return tracker


def values_of(tracker: Tracker) -> Arrays:
    """Return copies of the current values by the name of the part, ``""`` where there is only one."""
    values = tracker.compute()
    return {key: value.copy() for key, value in (values if isinstance(values, dict) else {"": values}).items()}


def alike(left: Arrays, right: Arrays) -> bool:
    """Return whether two sets of values are the same numbers, undefined in the same places."""
    return left.keys() == right.keys() and all(
        left[key].shape == right[key].shape and np.array_equal(left[key], right[key], equal_nan=True) for key in left
    )


def _check_start(tracker: Tracker, at_start: float) -> None:
    for part, values in values_of(tracker).items():
        law(
            np.array_equal(values, np.full(values.shape, at_start), equal_nan=True),
            f"{type(tracker).__name__} {part} is {values.flat[0]} before anything was seen: undefined is NaN, never 0 "
            f"(check a count with at_start=0).",
        )


def _check_shapes(tracker: Tracker) -> None:
    lanes, groups = tracker.num_envs, tracker.num_groups
    for part, values in values_of(tracker).items():
        law(
            values.shape in ((lanes,), (lanes, groups)) and values.dtype == np.float64,
            f"{type(tracker).__name__} {part} is {values.dtype}{values.shape}: it must be float64, (n,) or (n, G).",
        )


def _check_compute(tracker: Tracker, events: list[Event]) -> None:
    name, half = type(tracker).__name__, len(events) // 2
    given = fed(tracker, events[:half]).compute()
    held = given if isinstance(given, dict) else {"": given}
    before = {part: values.copy() for part, values in held.items()}
    law(alike(before, values_of(tracker)), f"{name}.compute() changes the tracker: a second call gave something else.")
    fed(tracker, events[half:])
    law(alike(before, held), f"{name}: a later update changed what compute() had returned: return a copy.")


def _check_lanes(fresh: Any, events: list[Event], num_envs: int, name: str) -> None:
    together = values_of(fed(fresh(), events))
    for lane in range(num_envs):
        own = slice(lane, lane + 1)
        alone = [
            Event(begins, {key: array[own] for key, array in outcome.items()}, lanes[own])
            for begins, outcome, lanes in events
            if lanes[lane]
        ]
        law(
            alike({part: values[own] for part, values in together.items()}, values_of(fed(fresh(lanes=1), alone))),
            f"{name} of lane {lane} depends on the other lanes: each lane must be as if it were alone.",
        )


def _check_dead_lanes(fresh: Any, events: list[Event], name: str) -> None:
    clean = values_of(fed(fresh(), events))
    spoilt = [
        event._replace(outcome={key: _spoilt(array, event.lanes) for key, array in event.outcome.items()})
        for event in events
    ]
    law(
        alike(clean, values_of(fed(fresh(), spoilt))), f"{name} reads lanes that made no transition: use the live mask."
    )
    nobody = [event._replace(lanes=np.zeros_like(event.lanes)) for event in events[-2:]]
    law(alike(clean, values_of(fed(fresh(), events + nobody))), f"{name} changes in a step in which no lane is live.")


def _spoilt(array: Array, lanes: Mask) -> Array:
    """Return the array with nonsense in the other lanes: NaN, or the numbers of some other lane."""
    nonsense = np.full_like(array, np.nan) if array.dtype.kind == "f" else np.roll(array, 1, axis=0)
    return np.where(along(lanes, array), array, nonsense)


def _check_copies(fresh: Any, events: list[Event], name: str) -> None:
    half = len(events) // 2
    used = fed(fresh(), events[:half])
    restored = pickle.loads(pickle.dumps(used))
    after = values_of(fed(used, events[half:]))
    law(alike(after, values_of(fed(restored, events[half:]))), f"{name} saved with pickle goes on differently.")
    used.reset(used.num_envs, used.num_groups)
    law(alike(after, values_of(fed(used, events))), f"{name}.reset() does not forget what was seen before.")


def _check_memory(fresh: Any, events: list[Event], name: str) -> None:
    used = fed(fresh(), events)
    early = len(pickle.dumps(used))
    for _ in range(3):
        fed(used, events)
    growth = len(pickle.dumps(used)) - early
    law(growth <= GROWTH, f"{name} grew by {growth} bytes in four times as many steps: keep running sums, no history.")
