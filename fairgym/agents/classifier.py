"""ClassifierAgent: any scikit-learn classifier as a bank that learns from the loans it granted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from fairgym.agents.base import AcceptRejectAgent, Agent, Arrays, Transition
from fairgym.agents.beliefs import loans
from fairgym.agents.flatten import flatten_lanes
from fairgym.agents.payoff import given_amount, resolved
from fairgym.agents.score_rules import GROUP_THRESHOLDS, BreakEven, Scored, ScoreRule, fit_group_thresholds
from fairgym.agents.window import Windows
from fairgym.batch import Array, Numbers
from fairgym.checks import InputError, flag, one_of, suggestion, whole_number
from fairgym.noise import AGENT

LEFT_OUT = ("cash",)
"""What is not learned from unless it is named: the bank's own money says nothing about who repays."""


class ClassifierAgent(AcceptRejectAgent):
    """Predicts repayment from the flattened observation with a scikit-learn classifier, and lends accordingly.

    It trains on granted loans only: outcomes of rejected people are never read. For the first ``burn_in`` steps, and
    until both a repaid and a defaulted loan are in the sample, it accepts everybody; then it refits from scratch every
    ``refit_every`` steps, unless the window holds one class only, in which case it keeps the model it has.

    The score of a person is the classifier's probability of repayment, or its decision function where it has no
    probabilities. Without ``group_thresholds`` a probability is accepted if it promises money, a decision function
    from one threshold for all up, found on the ROC curve. With them, each group has its own, possibly randomised.
    Curves are drawn on the sample that the classifier was fitted to, so a classifier that learns its sample by heart
    makes them too good. With one learner per lane a step costs some hundred microseconds per lane; sharing is faster.
    """

    @classmethod
    def examples(cls) -> dict[str, Agent]:
        """Return logistic regression, alone and with equal opportunity on top; all lanes share what they learn."""
        from sklearn.linear_model import LogisticRegression

        return {
            "ClassifierAgent(LogisticRegression)": cls(LogisticRegression(), shared=True),
            "ClassifierAgent(LogisticRegression, equal-opportunity)": cls(
                LogisticRegression(), shared=True, group_thresholds="equal-opportunity"
            ),
        }

    def __init__(
        self,
        estimator: Any,
        *,
        burn_in: int = 200,
        refit_every: int = 100,
        shared: bool = False,
        features: Sequence[str] | None = None,
        group_thresholds: str | None = None,
        window: int = 5000,
        gain: float | None = None,
        loss: float | None = None,
    ) -> None:
        """Set up the bank.

        ``estimator`` is cloned, never fitted itself; where it has a ``random_state`` of None, each clone gets one made
        from the seed of its lane. ``shared=True`` lets all lanes train one classifier, otherwise each lane has its own.
        ``features`` names the parts of the observation to learn from, None takes all but the bank's own money
        (``cash``), whose size would swamp the others in estimators that do not scale. ``group_thresholds`` is None,
        "max-reward", "demographic-parity" or "equal-opportunity". ``window`` is how many loans (and applicants, for the
        curves) are kept for each lane, the last ones: it bounds the memory, but a bank that has forgotten its burn-in
        knows only people of its own choice, and may draw wrong conclusions about the others. ``gain`` and ``loss``
        are the money earned by a repaid loan and lost by a default; None takes what the world tells, see
        ``BeliefAgent``.
        """
        _check_estimator(estimator)
        self.estimator = estimator
        self.burn_in = whole_number("burn_in", burn_in, at_least=1)
        self.refit_every = whole_number("refit_every", refit_every, at_least=1)
        self.shared = self.lanes_share = flag("shared", shared)
        self.features = None if features is None else _names(features)
        if group_thresholds is not None:
            one_of("group_thresholds", group_thresholds, GROUP_THRESHOLDS)
        self.group_thresholds = group_thresholds
        self.window = whole_number("window", window, at_least=2)
        self.gain, self.loss = given_amount("gain", gain), given_amount("loss", loss)

    def start(self) -> None:
        """Forget all loans and models; accept everybody until a model is fitted."""
        self._space = self._chosen_features()
        self._groups = 1 if self.group_thresholds is None else self.categories("group")
        self.payoff = resolved(type(self).__name__, self.gain, self.loss, self._world_payoff)
        learners = 1 if self.shared else self.lanes
        self._learners = [Learner(self.estimator, self.seed + lane) for lane in range(learners)]
        self._owner = np.zeros(self.lanes, np.int64) if self.shared else np.arange(self.lanes)
        columns, rows = spaces.flatdim(self._space), self.window * self.lanes // learners
        self._loans = Windows(learners, rows, columns + 2)
        self._applicants = Windows(learners, rows if self._draws_curves() else 0, columns + 1)
        self._steps = np.zeros(learners, dtype=np.int64)
        self._due = np.full(learners, self.burn_in)

    def _chosen_features(self) -> spaces.Dict:
        shown = self.observation_space.spaces
        for key in self.features or ():
            if key not in shown:
                raise InputError(f"features names {key!r}, which this world does not show: {suggestion(key, shown)}")
        chosen = [key for key in shown if key not in LEFT_OUT] if self.features is None else self.features
        if not chosen:
            raise InputError(f"ClassifierAgent finds nothing but {', '.join(shown)} to learn from: name `features`.")
        return spaces.Dict({key: space for key, space in shown.items() if key in chosen})

    def _draws_curves(self) -> bool:
        return self.group_thresholds is not None or not hasattr(self.estimator, "predict_proba")

    def _group(self, observation: Arrays) -> Array:
        """Return the group by which thresholds differ, 0 for everybody where they do not; (n,)."""
        return np.zeros(self.lanes, np.int64) if self.group_thresholds is None else observation["group"]

    def acceptance(self, observation: Arrays, info: Arrays) -> Array:
        """Return the probability of accepting each lane's person, after refitting the learners that are due; (n,)."""
        for due in np.flatnonzero(self._steps >= self._due):
            self._due[due] = self._steps[due] + self.refit_every
            self._refit(int(due))
        rows, group = flatten_lanes(self._space, observation), self._group(observation)
        accept = np.ones(self.lanes)
        for index, learner in enumerate(self._learners):
            mine = slice(None) if self.shared else slice(index, index + 1)
            if learner.rule is not None:
                accept[mine] = learner.rule.acceptance(learner.scores(rows[mine]), group[mine])
        return accept

    def learn(self, transition: Transition) -> None:
        """Keep the applicants of the live lanes, and the outcomes of the loans granted to them."""
        super().learn(transition)
        live = transition.live
        if not live.any():
            return
        rows = flatten_lanes(self._space, transition.observation)
        group = self._group(transition.observation)
        granted, repaid = loans(transition)
        self._loans.add(self._owner[granted], np.column_stack([rows, group, repaid])[granted])
        if self._draws_curves():
            self._applicants.add(self._owner[live], np.column_stack([rows, group])[live])
        self._steps[np.unique(self._owner[live])] += 1

    def _refit(self, index: int) -> None:
        """Train one learner on its loans and choose its thresholds."""
        learner, table = self._learners[index], self._loans.rows(index)
        rows, group, repaid = table[:, :-2], table[:, -2].astype(np.int64), table[:, -1].astype(np.int64)
        if np.unique(repaid).size < 2:
            return
        learner.fit(rows, repaid)
        if not self._draws_curves():
            learner.rule = BreakEven(*self.payoff, self._groups)
            return
        people = self._applicants.rows(index)
        granted = Scored(learner.scores(rows), group)
        applicants = Scored(learner.scores(people[:, :-1]), people[:, -1].astype(np.int64))
        aim = self.group_thresholds or "max-reward"
        learner.rule = fit_group_thresholds(aim, granted, repaid, applicants, self._groups, *self.payoff)

    def diagnostics(self) -> dict[str, Array]:
        """Return the score from which people are accepted, (n, G), or (n,) where groups do not differ.

        It is NaN before the first fit. A randomised threshold is represented by its median.
        """
        rules = [learner.rule for learner in self._learners]
        none = np.full(self._groups, np.nan)
        threshold = np.stack([none if rule is None else rule.thresholds() for rule in rules])[self._owner]
        return {"threshold": threshold[:, 0] if self.group_thresholds is None else threshold}


class Learner:
    """One classifier and the rule by which its scores become decisions; ``rule`` is None until there is one."""

    def __init__(self, estimator: Any, seed: int) -> None:
        self._template = estimator
        # scikit-learn's seeds have 32 bits; a child of the agent's seed sequence, so that it shares no number with it
        self._seed = int(np.random.SeedSequence(seed, spawn_key=(AGENT, 0)).generate_state(1)[0])
        self._model: Any = None
        self.rule: ScoreRule | None = None

    def fit(self, rows: Numbers, repaid: Array) -> None:
        """Train a fresh clone on loans (k, features) and their outcomes, 0 and 1."""
        from sklearn.base import clone

        model = clone(self._template)
        free = {key: self._seed for key, value in model.get_params().items() if _is_free_seed(key, value)}
        self._model = model.set_params(**free).fit(rows, repaid)

    def scores(self, rows: Numbers) -> Numbers:
        """Return the probability of repaying, or the decision function where there is none; (k,)."""
        if hasattr(self._model, "predict_proba"):
            return np.asarray(self._model.predict_proba(rows)[:, 1])
        return np.asarray(self._model.decision_function(rows))


def _is_free_seed(key: str, value: object) -> bool:
    return key.rpartition("__")[2] == "random_state" and value is None


def _names(features: object) -> tuple[str, ...]:
    names = tuple(features) if isinstance(features, Sequence) and not isinstance(features, str) else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(
            f"features={features!r} is not a list of names: give parts of the observation, or None for all."
        )
    return names


def _check_estimator(estimator: object) -> None:
    scored = hasattr(estimator, "predict_proba") or hasattr(estimator, "decision_function")
    if isinstance(estimator, type) or not (hasattr(estimator, "fit") and hasattr(estimator, "get_params") and scored):
        raise InputError(
            f"estimator={estimator!r} is not a scikit-learn classifier: give an instance with fit, get_params and "
            f"predict_proba or decision_function."
        )
