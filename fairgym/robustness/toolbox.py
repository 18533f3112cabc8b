"""hop_skip_jump: an attack of the Adversarial Robustness Toolbox on any model, where that package is installed.

Chen, Jordan and Wainwright, IEEE S&P 2020. It asks for decisions only and knows nothing of limits and directions, so
what it finds is brought back to what people may do and is kept only if it still changes the decision.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fairgym.checks import InputError
from fairgym.recourse.costs import MAXIMUM, Floats
from fairgym.robustness.decider import Decider
from fairgym.robustness.reach import Reach

PACKAGE = "adversarial-robustness-toolbox"
MARGIN = 4.0
"""How far beyond the background the attack may go, in standard deviations."""
EFFORT = {"max_iter": 20, "max_eval": 500, "init_eval": 10}
"""Rounds of the attack, and decisions that it asks for in each."""


def hop_skip_jump(decider: Decider, reach: Reach, people: Floats, wanted: bool, random_state: int) -> Floats:
    """Return people (n, D) after moves that HopSkipJump finds and the actions permit; NaN where there are none.

    It moves features that can be moved by any amount, in units of cost, under the Euclidean length or the maximum.
    """
    attacks, estimators = _load()
    per_unit, columns = reach.per_unit, np.flatnonzero(reach.numeric)
    if per_unit is None or not (per_unit[columns] > 0).all() or not len(columns):
        raise InputError("attacks names 'art', which needs a linear cost and numeric features that can be moved.")
    unit, spread = per_unit[columns], reach.background.std(axis=0)[columns]
    norm = np.inf if reach.cost.combine == MAXIMUM else 2
    found = np.full(people.shape, np.nan)
    for row, person in enumerate(people):
        known = np.concatenate([reach.background, person[None, :]])[:, columns]
        low, high = known.min(axis=0) - MARGIN * spread, known.max(axis=0) + MARGIN * spread

        def predict(values: Any, person: Floats = person) -> Any:
            rows = np.repeat(person[None, :], len(values), axis=0)
            rows[:, columns] = np.asarray(values, dtype=float) / unit
            return np.eye(2, dtype=np.float32)[decider.accepts(rows).astype(int)]

        ends = (low * unit).min(), (high * unit).max()
        model = estimators.BlackBoxClassifier(predict, (len(columns),), nb_classes=2, clip_values=ends)
        with _seeded(random_state):
            attack = attacks.HopSkipJump(model, targeted=False, norm=norm, verbose=False, **EFFORT)
            goal = attack.generate((person[columns] * unit)[None, :].astype(np.float32))[0]
        aim = person.copy()
        aim[columns] = goal / unit
        after = reach.towards(person[None, :], aim[None, :])
        if decider.accepts(after)[0] == wanted:
            found[row] = after[0]
    return found


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Let the toolbox draw from NumPy's global generator, as it does, and leave that as it was."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def _load() -> tuple[Any, Any]:
    """Return the modules of the toolbox, or refuse."""
    try:
        return importlib.import_module("art.attacks.evasion"), importlib.import_module("art.estimators.classification")
    except ImportError:
        raise InputError(f"attacks names 'art', but the package {PACKAGE} is not installed: install it.") from None
