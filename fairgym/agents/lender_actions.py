"""What a lender may ask people to change, and models trained for it: actions without names of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fairgym.agents.lender import place_of
from fairgym.agents.lending_model import REPAYS
from fairgym.checks import InputError, require

if TYPE_CHECKING:
    from fairgym.recourse.actions import Actions, ActionSpec


def permitted(actions: Actions, only: Sequence[str] | None, columns: tuple[str, ...]) -> Actions:
    """Return actions that change no other features than those named; one column of a group stands for the group."""
    if only is None:
        return actions
    named = {place_of("only", column, columns) for column in only}
    groups = tuple(group for group in actions.groups if named & set(group))
    kept = np.isin(np.arange(len(columns)), [*named, *(column for group in groups for column in group)])
    left = replace(actions, can_fall=actions.can_fall & kept, can_rise=actions.can_rise & kept, groups=groups)
    require(not left.fixed.all(), f"only={list(only)!r} lets nobody change anything: name a feature that people can.")
    return left


def prepared(estimator: Any, actions: Actions, columns: tuple[str, ...]) -> Any:
    """Return a clone of an estimator; ``actions`` go where it takes some and has none, its own are told by place."""
    from sklearn.base import clone

    from fairgym.recourse.actions import ActionSpec

    clone_of, given = clone(estimator), estimator.get_params()
    for key, value in given.items():
        name = key.rpartition("__")[2]
        if name == "target_class" and value not in (None, REPAYS):
            raise InputError(f"{key}={value!r} is not what applicants want: give None, as repaying is class {REPAYS}.")
        if name == "actions" and (value is None or isinstance(value, ActionSpec)):
            own = actions if value is None else value.resolve(columns, len(columns))
            clone_of.set_params(**{key: by_place(own)})
    return clone_of


def by_place(actions: Actions) -> ActionSpec:
    """Return actions as a specification that needs no names of columns."""
    from fairgym.recourse.actions import DOWN, FIXED, FREE, UP, ActionSpec

    words = {(False, False): FIXED, (True, False): DOWN, (False, True): UP, (True, True): FREE}
    limits = zip(actions.low.tolist(), actions.high.tolist(), strict=True)
    return ActionSpec(
        [words[move] for move in zip(actions.can_fall.tolist(), actions.can_rise.tolist(), strict=True)],
        groups=actions.groups,
        integer=np.flatnonzero(actions.integer).tolist(),
        binary=np.flatnonzero(actions.binary).tolist(),
        bounds=dict(enumerate(limits)),
    )
