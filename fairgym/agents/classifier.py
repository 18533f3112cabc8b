"""ClassifierAgent: any scikit-learn classifier as a bank that learns from its loans, or as a college that admits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fairgym.agents.admissions import groups_of_cohort, publishes_thresholds
from fairgym.agents.base import AcceptRejectAgent, Agent, Arrays, Transition
from fairgym.agents.classifier_people import ClassifierPeople, Cohorts, OneByOne
from fairgym.agents.learner import Learner, check_estimator
from fairgym.agents.payoff import given_amount, resolved
from fairgym.agents.score_rules import GROUP_THRESHOLDS, BreakEven, Scored, fit_group_thresholds
from fairgym.agents.window import Windows
from fairgym.batch import Array
from fairgym.checks import InputError, flag, one_of, whole_number

RIGHT_OR_WRONG = (1.0, 1.0)
"""What a college gains by admitting somebody eligible, and loses by somebody who is not, unless it is told."""


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

    In an admissions world it is a college: it learns from the scores of those whom it admitted, with thresholds by
    group from their groups as well, and publishes the threshold, to a thousandth, from which its rule accepts
    (``Cohorts.thresholds``). There a step is a round, a loan an admission and repaying being eligible; ``gain`` and
    ``loss`` are 1 unless given, so that it aims at right decisions. A randomised threshold is published as its median.
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
        check_estimator(estimator)
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

    def check_spaces(self) -> None:
        """Refuse a world whose action is neither one decision nor thresholds for a cohort."""
        self._admits = publishes_thresholds(self.action_space)
        if not self._admits:
            super().check_spaces()
            return
        Agent.check_spaces(self)
        self._cohort_groups = groups_of_cohort(self)
        if self.group_thresholds is not None and self.action_space.shape[0] == 1:
            raise InputError(
                f"group_thresholds={self.group_thresholds!r} needs one threshold for each group, but this world takes "
                f"one for all: make it with group_thresholds=True."
            )

    def start(self) -> None:
        """Forget all loans and models; accept everybody until a model is fitted."""
        if self._admits:
            self._cohorts = Cohorts(self, self.features, self._cohort_groups)
            self._groups = self._cohort_groups if self._cohorts.by_group else 1
        else:
            self._groups = 1 if self.group_thresholds is None else self.categories("group")
            self._one_by_one = OneByOne(self, self.features, self.group_thresholds is not None)
        self._people: ClassifierPeople = self._cohorts if self._admits else self._one_by_one
        told = RIGHT_OR_WRONG if self._admits else self._world_payoff
        self.payoff = resolved(type(self).__name__, self.gain, self.loss, told)
        learners = 1 if self.shared else self.lanes
        self._learners = [Learner(self.estimator, self.seed + lane) for lane in range(learners)]
        self._owner = np.zeros(self.lanes, np.int64) if self.shared else np.arange(self.lanes)
        columns, rows = self._people.columns, self.window * self.lanes // learners
        self._loans = Windows(learners, rows, columns + 2)
        self._applicants = Windows(learners, rows if self._draws_curves() else 0, columns + 1)
        self._steps = np.zeros(learners, dtype=np.int64)
        self._due = np.full(learners, self.burn_in)
        self._published = np.zeros((learners, self._groups))

    def _draws_curves(self) -> bool:
        return self.group_thresholds is not None or not hasattr(self.estimator, "predict_proba")

    def decide(self, observation: Arrays, info: Arrays) -> Array:
        """Return 1 = accept or 0 = reject for each lane, (n,); of a college, its thresholds, (n, 1) or (n, G)."""
        if not self._admits:
            return super().decide(observation, info)
        for learner in self._refitted():
            self._published[learner] = self._cohorts.thresholds(self._learners[learner])
        return self._published[self._owner].astype(self.action_space.dtype)

    def acceptance(self, observation: Arrays, info: Arrays) -> Array:
        """Return the probability of accepting each lane's person, after refitting the learners that are due; (n,)."""
        self._refitted()
        _, rows, group = self._one_by_one.of(observation)
        accept = np.ones(self.lanes)
        for index, learner in enumerate(self._learners):
            mine = slice(None) if self.shared else slice(index, index + 1)
            accept[mine] = learner.acceptance(rows[mine], group[mine])
        return accept

    @property
    def reads(self) -> tuple[str, ...]:
        """Parts of the observation from which a bank predicts, known after ``reset``."""
        return tuple(self._one_by_one.space.spaces)

    def acceptance_of(self, people: Arrays, lane: int) -> Array:
        """Return with what probability a lane's bank would accept other people (k, ...), as it is, without a refit."""
        _, rows, group = self._one_by_one.of(people)
        learner: Learner = self._learners[self._owner[lane]]
        return learner.acceptance(rows, group)

    def learn(self, transition: Transition) -> None:
        """Keep the applicants of the live lanes, and the outcomes of those who were accepted."""
        super().learn(transition)
        if not transition.live.any():
            return
        accepted, repaid = self._people.accepted(transition)
        self._loans.add(self._owner[accepted.lane], np.column_stack([accepted.rows, accepted.group, repaid]))
        if self._draws_curves():
            people = self._people.everybody(transition)
            self._applicants.add(self._owner[people.lane], np.column_stack([people.rows, people.group]))
        self._steps[np.unique(self._owner[transition.live])] += 1

    def _refitted(self) -> list[int]:
        """Refit the learners that are due, and return them."""
        due: list[int] = np.flatnonzero(self._steps >= self._due).tolist()
        for learner in due:
            self._due[learner] = self._steps[learner] + self.refit_every
            self._refit(learner)
        return due

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

        For a bank it is a score of the classifier, NaN before the first fit; a randomised threshold is represented by
        its median. For a college it is the threshold that it published last, 0 before the first fit.
        """
        if self._admits:
            published = self._published[self._owner]
            return {"threshold": published[:, 0] if self._groups == 1 else published}
        rules = [learner.rule for learner in self._learners]
        none = np.full(self._groups, np.nan)
        threshold = np.stack([none if rule is None else rule.thresholds() for rule in rules])[self._owner]
        return {"threshold": threshold[:, 0] if self.group_thresholds is None else threshold}


def _names(features: object) -> tuple[str, ...]:
    names = tuple(features) if isinstance(features, Sequence) and not isinstance(features, str) else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(
            f"features={features!r} is not a list of names: give parts of the observation, or None for all."
        )
    return names
