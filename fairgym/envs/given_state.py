"""A state that a user gives to start from, checked: every field, its shape and type, and whether it is possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.vector.utils import batch_space

from fairgym.batch import Array, Batch, Mask
from fairgym.checks import InputError, suggestion
from fairgym.envs.dynamics import Dynamics


def example_state(dynamics: Dynamics[Any, Any, Any], num_envs: int) -> Batch:
    """Return some first state of n lanes, as an example of names, shapes and types."""
    state: Batch = dynamics.initial(np.full((num_envs, dynamics.reset_noise_size), 0.5))
    return state


def as_state(dynamics: Dynamics[Any, Any, Any], given: object, num_envs: int, lanes: Mask) -> Batch:
    """Return ``given`` (a state, or a mapping of its fields) as a state of n lanes; the masked ones must be possible.

    A field may leave out the lane axis; then every lane gets the same.
    """
    values = given.arrays() if isinstance(given, Batch) else given
    if not isinstance(values, Mapping):
        raise InputError(f"options['state'] is a {type(given).__name__}: give a state or a dict of its fields.")
    example = example_state(dynamics, num_envs)
    wanted = example.arrays()
    for name in values:
        if name not in wanted:
            raise InputError(f"options['state'] has no field {name!r}: {suggestion(str(name), wanted)}")
    missing = [name for name in wanted if name not in values]
    if missing:
        raise InputError(f"options['state'] lacks the fields {', '.join(missing)}: give every field of the state.")
    state = type(example)(**{name: _as_field(name, values[name], like) for name, like in wanted.items()})
    check_possible(dynamics, state.take(lanes), "options['state']")
    return state


def check_possible(dynamics: Dynamics[Any, Any, Any], state: Batch, what: str) -> None:
    """Refuse a state that this world cannot be in, that shows something impossible, or that ends an episode."""
    dynamics.check_state(state)
    for name, values in dynamics.observe(state).items():
        space = dynamics.observation_space[name]
        if not batch_space(space, len(values)).contains(values):
            raise InputError(f"{what} shows observation {name!r} outside of {space}: give a possible state.")
    if dynamics.terminated(state).any():
        raise InputError(f"{what} is the end of an episode already: give a state from which it can go on.")


def _as_field(name: str, value: object, like: Array) -> Array:
    """Return one field of a given state in the shape and type of the example, or refuse it."""
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
