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
        # scikit-learn's seeds have 32 bits; a child of the agent's seed sequence, so that it shares no number with it
        self._seed = int(np.random.SeedSequence(seed, spawn_key=(AGENT, 0)).generate_state(1)[0])
        self._model: Any = None
        self.rule: ScoreRule | None = None

    def fit(self, rows: Numbers, repaid: Array) -> None:
        """Train a fresh clone on accepted people (k, features) and whether they were qualified, 0 and 1."""
        from sklearn.base import clone

        model = clone(self._template)
        free = {key: self._seed for key, value in model.get_params().items() if _is_free_seed(key, value)}
        self._model = model.set_params(**free).fit(rows, repaid)

    def scores(self, rows: Numbers) -> Numbers:
        """Return the probability of being qualified, or the decision function where there is none; (k,)."""
        if hasattr(self._model, "predict_proba"):
            return np.asarray(self._model.predict_proba(rows)[:, 1])
        return np.asarray(self._model.decision_function(rows))


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
