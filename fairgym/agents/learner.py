"""Learner: one scikit-learn classifier with the rule that makes decisions of its scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgym.agents.score_rules import ScoreRule
from fairgym.batch import Array, Numbers
from fairgym.checks import InputError
from fairgym.noise import AGENT


class Learner:
    """One classifier and the rule by which its scores become decisions; ``rule`` is None until there is one."""

    def __init__(self, estimator: Any, seed: int) -> None:
        self._template = estimator
        self._seed = classifier_seed(seed)
        self._model: Any = None
        self.rule: ScoreRule | None = None

    def fit(self, rows: Numbers, repaid: Array) -> None:
        """Train a fresh clone on accepted people (k, features) and whether they were qualified, 0 and 1."""
        self._model = fresh(self._template, self._seed).fit(rows, repaid)

    def scores(self, rows: Numbers) -> Numbers:
        """Return the probability of being qualified, or the decision function where there is none; (k,)."""
        if hasattr(self._model, "predict_proba"):
            return np.asarray(self._model.predict_proba(rows)[:, 1])
        return np.asarray(self._model.decision_function(rows))

    def acceptance(self, rows: Numbers, group: Array) -> Numbers:
        """Return with what probability people (k, features) are accepted, (k,): all are while there is no rule."""
        return np.ones(len(rows)) if self.rule is None else np.asarray(self.rule.acceptance(self.scores(rows), group))


def classifier_seed(seed: int) -> int:
    """Return the ``random_state`` for the classifier of an agent's lane, which shares no number with its luck."""
    # scikit-learn's seeds have 32 bits
    return int(np.random.SeedSequence(seed, spawn_key=(AGENT, 0)).generate_state(1)[0])


def fresh(template: Any, random_state: int) -> Any:
    """Return an unfitted clone of a classifier; where it has a ``random_state`` of None, it gets this one."""
    from sklearn.base import clone

    model = clone(template)
    return model.set_params(
        **{key: random_state for key, value in model.get_params().items() if _is_free_seed(key, value)}
    )


def _is_free_seed(key: str, value: object) -> bool:
    return key.rpartition("__")[2] == "random_state" and value is None


def check_estimator(estimator: object) -> None:
    """Refuse what is not an instance of a scikit-learn classifier with scores."""
    scored = hasattr(estimator, "predict_proba") or hasattr(estimator, "decision_function")
    if isinstance(estimator, type) or not (hasattr(estimator, "fit") and hasattr(estimator, "get_params") and scored):
        raise InputError(
            f"estimator={estimator!r} is not a scikit-learn classifier: give an instance with fit, get_params and "
            f"predict_proba or decision_function."
        )
