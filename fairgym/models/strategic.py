"""StrategicLogisticRegression: a linear rule that is trained on where people can get to, not on where they stand.

A rule that is published is answered: whoever is below the bar and can afford the way goes there (Hardt, Megiddo,
Papadimitriou and Wootters, "Strategic classification", ITCS 2016). This classifier is trained as if everybody had gone
as far towards approval as her budget allows. What comes of it:

- *One budget for all* moves the bar and nothing else: the weights are those of ordinary logistic regression, and the
  bar is raised by what the budget buys. That is the robust rule of Hardt et al. and of Milli, Miller, Dragan and Hardt,
  "The social cost of strategic classification", FAT* 2019.
- *A budget by group* moves the weights as well, away from what is cheap to change, because there the groups differ in
  how far they get (Levanon and Rosenfeld, "Generalized strategic classification", ICML 2022). The group is read when
  training, never when deciding.
- *Against everybody* (``against="adversarial"``) is adversarial training: the unqualified are moved up and the
  qualified down. It is the right training where moves are chosen to do harm, and the wrong one where people move for
  themselves.
"""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from fairgym.checks import InputError, named, number, one_of, require, whole_number
from fairgym.models.stretching import AGAINST, STRATEGIC, Stretched, Terms
from fairgym.models.training import check_columns, check_values, classes_of, number_of_each, sample_weights
from fairgym.recourse.actions import ActionSpec, everything_free
from fairgym.recourse.costs import cost_of

Floats = NDArray[np.float64]
TOLERANCE = 1e-10
"""Largest slope of the mean loss at which training stops."""


class StrategicLogisticRegression(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression that foresees how people answer it; the greater class is approval.

    Parameters
    ----------
    budget : float, or a mapping of groups to floats
        What people can spend on moves, in units of the cost. 0 is ordinary logistic regression. By group,
        ``fit`` needs ``sensitive_features``.
    against : "strategic" or "adversarial"
        Whether everybody moves towards approval, or everybody so as to be judged wrongly.
    actions : ActionSpec or None
        What people can change; None is everything. Limits and whole numbers are not looked at.
    cost : str or Cost
        What moves cost, measured over the training people: one whose price does not depend on where one stands, such as
        "sd-euclidean", "sd-sum", "sd" or a ``WeightedShift``.
    C : float
        Inverse of the penalty on large weights, as in scikit-learn.
    max_iter : int
        Most steps of the optimiser.

    Attributes
    ----------
    coef_, intercept_, classes_, n_features_in_, n_iter_
        As in scikit-learn's LogisticRegression.
    pace_ : float
        By how much a unit of cost raises the score, at the most.

    The probability is that of approval for somebody who shows what she shows, if everybody has stretched as far as she
    can. With budgets by group the loss has more than one valley; training starts from one budget for all, the mean
    one, and ends in the valley that it finds there.

    """

    coef_: Floats
    intercept_: Floats
    classes_: NDArray[Any]

    def __init__(
        self,
        budget: Any = 0.0,
        *,
        against: str = STRATEGIC,
        actions: ActionSpec | None = None,
        cost: Any = "sd-euclidean",
        C: float = 1.0,
        max_iter: int = 500,
    ) -> None:
        self.budget = budget
        self.against = against
        self.actions = actions
        self.cost = cost
        self.C = C
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, sensitive_features: Any = None) -> Self:
        """Train on people X (n, D) of classes y (n,), as they were before they knew the rule.

        ``sensitive_features`` (n,) is the group of each person, where the budget is by group.
        """
        self._check_parameters()
        check_columns(X)
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite=False)
        check_values(X, getattr(self, "feature_names_in_", None))
        self.classes_ = classes_of(y)
        weight = sample_weights(sample_weight, X)
        budget = number_of_each("budget", self.budget, sensitive_features, len(X))
        kept = weight > 0
        people, qualified, weight, budget = X[kept], (y == self.classes_[-1])[kept], weight[kept], budget[kept]
        require(
            bool(qualified.any() and not qualified.all()),
            f"y holds one class only, {y[kept].tolist()[0]!r}: give people of two classes.",
        )
        self.terms_ = self._terms(people, weight)
        self._train(people, qualified, weight, budget)
        self.pace_ = self.terms_.pace(self.coef_[0])
        return self

    def _check_parameters(self) -> None:
        """Refuse parameters that cannot be used whatever the data."""
        one_of("against", self.against, AGAINST)
        number("C", self.C, above=0)
        whole_number("max_iter", self.max_iter, at_least=1)
        if self.actions is not None and not isinstance(self.actions, ActionSpec):
            raise InputError(f"actions is {named(self.actions)}: give an ActionSpec, or None for everything free.")

    def _terms(self, people: Floats, weight: Floats) -> Terms:
        """Return what the people may do and what it costs them, or refuse a cost that has no price per unit."""
        from fairgym.robustness.reach import Reach  # here, because robustness looks at models

        spec = everything_free(people.shape[1]) if self.actions is None else self.actions
        names = getattr(self, "feature_names_in_", None)
        actions = spec.resolve(None if names is None else [str(name) for name in names], people.shape[1])
        reach = Reach(actions, cost_of(self.cost).fit(people, weight), background=people)
        per_unit = reach.per_unit
        if per_unit is None:
            raise InputError(
                f"cost={self.cost!r} has no price per unit, which training needs: give one such as 'sd-euclidean'."
            )
        free = (per_unit <= 0) & ~actions.fixed
        require(
            not free.any(),
            f"cost={self.cost!r} asks nothing for changes of {actions.names[int(free.argmax())]!r}: give every feature "
            "that can be changed a price above zero.",
        )
        return Terms(actions, np.where(per_unit > 0, per_unit, 1.0), reach.cost.combine)

    def _train(self, people: Floats, qualified: NDArray[np.bool_], weight: Floats, budget: Floats) -> None:
        """Fit the ordinary rule, raise its bar by what the mean budget buys, and go on from there if that is not it."""
        plain = LogisticRegression(C=self.C, solver="newton-cholesky", tol=TOLERANCE, max_iter=self.max_iter)
        plain.fit(people, qualified, weight)
        weights, bar, self.n_iter_ = plain.coef_[0], float(plain.intercept_[0]), plain.n_iter_
        one_budget = bool((budget == budget[0]).all())
        if self.against == STRATEGIC:
            mean = float(budget[0]) if one_budget else float(np.average(budget, weights=weight))
            bar -= mean * self.terms_.pace(weights)
        if not one_budget or (self.against != STRATEGIC and budget[0] > 0):
            loss = Stretched(
                people, np.where(qualified, 1.0, -1.0), weight, budget, self.terms_, self.against, float(self.C)
            )
            weights, bar, steps = lowest(loss, weights, bar, self.max_iter)
            self.n_iter_ = self.n_iter_ + steps
        self.coef_, self.intercept_ = weights[None], np.array([bar])

    def decision_function(self, X: Any) -> Floats:
        """Return the score of each person, (n,): approval from 0 up."""
        check_is_fitted(self)
        check_columns(X)
        values = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite=False)
        check_values(values, getattr(self, "feature_names_in_", None))
        score: Floats = values @ self.coef_[0] + self.intercept_[0]
        return score

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of each person, (n,)."""
        accepted = self.decision_function(X) >= 0
        return np.asarray(self.classes_[accepted.astype(int)])

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability of each class, (n, 2)."""
        share = expit(self.decision_function(X))
        return np.stack([1 - share, share], axis=1)

    def __sklearn_tags__(self) -> Tags:
        """Say that there are two classes only."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def lowest(loss: Stretched, weights: Floats, bar: float, max_iter: int) -> tuple[Floats, float, int]:
    """Return weights, intercept and steps of the valley of a loss that lies below a rule.

    Looked for with features brought to one centre and spread, so that their units decide nothing.
    """
    middle = np.average(loss.people, axis=0, weights=loss.weight)
    spread = np.sqrt(np.average((loss.people - middle) ** 2, axis=0, weights=loss.weight))
    spread = np.where(spread > 0, spread, 1.0)
    total = loss.weight.sum()

    def rule(point: Floats) -> Floats:
        return np.append(point[:-1] / spread, point[-1] - point[:-1] / spread @ middle)

    def scaled(point: Floats) -> tuple[float, Floats]:
        height, slope = loss(rule(point))
        return height / total, np.append((slope[:-1] - slope[-1] * middle) / spread, slope[-1]) / total

    start = np.append(weights * spread, bar + weights @ middle)
    options = {"maxiter": max_iter, "gtol": TOLERANCE, "ftol": 0.0}
    found = minimize(scaled, start, jac=True, method="L-BFGS-B", options=options)
    if found.nit >= max_iter:
        warnings.warn(f"training stopped after max_iter={max_iter} steps: give more.", ConvergenceWarning, stacklevel=4)
    best = rule(found.x)
    return best[:-1], float(best[-1]), int(found.nit)
