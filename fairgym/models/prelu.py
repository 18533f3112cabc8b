"""PReLUNetworkClassifier: a two-layer network whose plain training can end at a robust rule, with no attacks in it.

H. Min and R. Vidal, "Can implicit bias imply adversarial robustness?", ICML 2024. Where a class consists of separated
subgroups, a ReLU network trained from a small start averages over them, and one direction fools it for everybody; with
polynomial ReLU of order above 2, divided by the length of the weights, each neuron ends at one subgroup. On people
without such subgroups the order changes nothing: see the scenario ``implicit-bias`` for both.
"""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from fairgym.checks import InputError, flag, number, one_of, require, whole_number
from fairgym.models.prelu_alignment import Alignment, stable_rank
from fairgym.models.prelu_inputs import Inputs
from fairgym.models.prelu_law import Floats, Network, Shape
from fairgym.models.prelu_losses import LOGISTIC, LOSSES
from fairgym.models.prelu_outputs import Outputs
from fairgym.models.prelu_training import AUTO, People, Schedule, Trained, start, train
from fairgym.models.training import check_columns, sample_weights

MEAN_NORM = "mean_norm"
HIGHEST_ORDER = 4
"""Above this order activations vanish nearly everywhere, and training stalls."""
SEEDS = 2**31 - 1
PRECISIONS = (np.float64, np.float32)


class PReLUNetworkClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Two layers of neurons with normalised polynomial ReLU, trained from a small balanced start.

    f(x) = sum_j v_j relu(<w_j, x>)^p / ||w_j||^(p-1). With two classes f has one output and is positive for the second
    of ``classes_``; with more it has one per class. People are centred and divided by their mean length first, because
    activations grow as length^p; columns of different units should be scaled before. Computed with NumPy, in 32 bits
    where X has 32 bits. The same ``random_state`` gives the same network.

    Parameters
    ----------
    hidden : int
        Number of neurons. About twelve for each subgroup, so that every one has some near to it at the start.
    p : float
        Order, at least 1, which is ReLU. The effect needs more than 2; above 4 training stalls.
    init_scale : float
        Standard deviation of the weights at the start. The effect needs a small one: 0.01 does, 0.5 does not.
    normalize_weights : bool
        Whether to divide by ||w_j||^(p-1). Without it relu^p does not find the subgroups.
    normalize_input : bool
        Whether to divide by ||x||^(p-1) as well, so that f grows as fast as its input for every p.
    loss : "logistic", "exp" or "squared"
        With several outputs, "logistic" is the multinomial one; the others are summed over outputs.
    lr : "auto" or float
        Length of a step. "auto" goes as far as is safe, see ``fairgym.models.prelu_training``.
    batch_size : int
        Up to so many people, each step takes all of them; beyond, so many are drawn by weight.
    max_iter : int
        Highest number of steps.
    tol : float
        Training ends when the mean loss of a pass is at most this.
    patience : int
        It also ends when the loss has not fallen by a hundredth in so many steps. A small start looks like a
        standstill at first: with a short ``lr`` of your own give more.
    balanced_init : bool
        Whether the output weights of a neuron start as long as its input weights; else they are drawn.
    fit_intercept : bool
        Whether the network sees a constant column as well. It is no column of X, so that nobody can move it.
    intercept_scaling : float
        The constant, where people have a mean length of 1. It is a direction that all people share, so that a high
        order has less to work with: with 1, order 3 is as easily fooled as ReLU; up to about 0.3 it is not.
    center : bool
        Whether the mean of the people is subtracted.
    scale : "mean_norm" or None
        Whether people are then divided by their mean length.
    random_state : int, RandomState or None
        Draws the start and the batches.

    Attributes
    ----------
    classes_ : (k,)
    coef_w_ : (hidden, D), or (hidden, D + 1) with the weight of the constant last
        Input weights, over centred and scaled columns.
    coef_v_ : (hidden, outputs)
        Output weights.
    network_ : Network
        Both, as the law takes them: scores and gradients for people as the network sees them.
    inputs_ : Inputs
        How the network sees people: centred, scaled, with the constant.
    outputs_ : Outputs
        Which class each output speaks for.
    n_iter_ : int
        Steps taken.
    loss_curve_ : list of float
        Mean loss of each pass over the people.

    """

    classes_: NDArray[Any]
    inputs_: Inputs
    network_: Network
    outputs_: Outputs
    n_features_in_: int
    n_iter_: int
    loss_curve_: list[float]

    def __init__(
        self,
        hidden: int = 256,
        p: float = 3.0,
        init_scale: float = 1e-2,
        normalize_weights: bool = True,
        normalize_input: bool = False,
        loss: str = LOGISTIC,
        lr: float | str = AUTO,
        batch_size: int = 256,
        max_iter: int = 20_000,
        tol: float = 1e-3,
        patience: int = 200,
        balanced_init: bool = True,
        fit_intercept: bool = True,
        intercept_scaling: float = 0.3,
        center: bool = True,
        scale: str | None = MEAN_NORM,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.p = p
        self.init_scale = init_scale
        self.normalize_weights = normalize_weights
        self.normalize_input = normalize_input
        self.loss = loss
        self.lr = lr
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.patience = patience
        self.balanced_init = balanced_init
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.center = center
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, subclass: Any = None) -> Self:
        """Train on people X (n, D) of classes y (n,); a person of ``sample_weight`` k counts as k people.

        With ``subclass`` (n,), a subgroup of each person, the network has one output for each class of each subgroup
        and decides for the class whose outputs have more probability together (Li et al., ICLR 2025): the other way to
        robustness, for data that know their subgroups.
        """
        self._check_parameters()
        values, labels, weight = self._people(X, y, sample_weight, reset=True)
        self.classes_ = np.unique(labels[weight > 0])
        require(len(self.classes_) > 1, f"y has one class only, {self.classes_.tolist()}: give people of two classes.")
        known = np.isin(labels, self.classes_)  # people of weight 0 may be of classes that nobody else is of
        group = None if subclass is None else _subclasses(subclass, len(labels))[known]
        values, labels, weight = values[known], labels[known], weight[known]
        output, owner = self._subgroups(labels, group)
        self._begin(owner, values, weight)
        self._go_on(values, output, weight, self.max_iter, self.tol)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Go on training with one pass over people X (n, D) of classes y (n,).

        The first call needs all ``classes`` that there will be; its people settle centre and scale.
        """
        self._check_parameters()
        first = not hasattr(self, "network_")
        require(
            not first or classes is not None, "classes is missing: the first partial_fit needs all that there will be."
        )
        values, labels, weight = self._people(X, y, sample_weight, reset=first)
        known = self.classes_ if classes is None else np.unique(classes)
        require(len(known) > 1, f"classes={classes!r} are fewer than two: give all that there will be.")
        unknown = ~np.isin(labels, known)
        require(not unknown.any(), f"y has {labels[unknown][:1].tolist()}, not among the classes {known.tolist()}.")
        if first:
            self.classes_ = known
            self._begin(np.arange(len(known)), values, weight)
        require(
            np.array_equal(known, self.classes_),
            f"classes={classes!r} are not those of the first call, {self.classes_.tolist()}: leave classes out.",
        )
        require(
            len(self.outputs_.owner) == len(self.classes_),
            "partial_fit does not know the subclass of people: train this network again with fit.",
        )
        one_pass = -(-len(values) // int(self.batch_size))
        self._go_on(values, np.searchsorted(self.classes_, labels), weight, one_pass, 0.0)
        return self

    def decision_function(self, X: Any) -> Floats:
        """Return f of each person, (n,), positive for the second class; with more classes one score each, (n, k)."""
        people = self._seen(X)
        return self.outputs_.decision(self.network_.scores(people))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of each person, (n,)."""
        score = self.decision_function(X)
        place = (score > 0).astype(int) if score.ndim == 1 else score.argmax(axis=1)
        labels: NDArray[Any] = self.classes_[place]
        return labels

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability of each class, (n, k); trained on squared loss it ranks and is not calibrated."""
        score = self.decision_function(X)
        score = score * self.outputs_.sharpness
        if score.ndim == 1:
            return np.stack([expit(-score), expit(score)], axis=1)
        chance: Floats = softmax(score, axis=1)
        return chance

    def input_gradient(self, X: Any) -> Floats:
        """Return how the decision value of each person changes with her own columns, (n, D).

        It is the gradient of ``decision_function``; with more than two classes that of the greatest score minus the
        next, which is what has to fall for another decision.
        """
        people = self._seen(X)
        raw = self.network_.scores(people)
        order = np.argsort(self.outputs_.class_scores(raw), axis=1)
        winner, other = (1, 0) if len(self.classes_) == 2 else (order[:, -1], order[:, -2])
        pull = self.outputs_.pull(raw, winner) - self.outputs_.pull(raw, other)
        return self.inputs_.back(self.network_.input_gradients(people, pull))

    def alignment(self, centres: Any) -> Alignment:
        """Return how the neurons point at given centres (k, D), in the columns of X."""
        seen = self._seen(centres)
        return Alignment.of(self.network_, seen)

    def stable_rank(self, X: Any) -> float:
        """Return (||A||_F / ||A||_2)^2 of what the neurons make of people X: how many features they work with."""
        people = self._seen(X)
        return stable_rank(self.network_.hidden(people).output)

    @property
    def coef_w_(self) -> Floats:
        """Return the input weights over centred and scaled columns, (hidden, D), that of the constant last, if any."""
        check_is_fitted(self, "network_")
        return self.network_.w

    @property
    def coef_v_(self) -> Floats:
        """Return the output weights, (hidden, outputs)."""
        check_is_fitted(self, "network_")
        return self.network_.v

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether there is a network."""
        return hasattr(self, "network_")

    def _people(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> tuple[Floats, NDArray[Any], Floats]:
        """Return values (n, D), classes (n,) and weights (n,) of people to train on, checked."""
        check_columns(X)
        values, labels = validate_data(self, X, y, reset=reset, dtype=PRECISIONS)
        check_classification_targets(labels)
        return values, labels, sample_weights(sample_weight, values).astype(values.dtype)

    def _subgroups(self, labels: NDArray[Any], subclass: NDArray[Any] | None) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return which output each person belongs to, (n,), and of which class each output is, (outputs,)."""
        place = np.searchsorted(self.classes_, labels)
        if subclass is None:
            return place, np.arange(len(self.classes_))
        _, group = np.unique(subclass, return_inverse=True)
        pairs, output = np.unique(place * (int(group.max()) + 1) + group, return_inverse=True)
        return output, pairs // (int(group.max()) + 1)

    def _begin(self, owner: NDArray[Any], values: Floats, weight: Floats) -> None:
        """Settle how people are seen and draw the untrained network, whose outputs speak for classes ``owner``."""
        constant = float(self.intercept_scaling) if self.fit_intercept else 0.0
        self.inputs_ = Inputs.of(values, weight, bool(self.center), self.scale == MEAN_NORM, constant)
        self.outputs_ = Outputs(owner, len(self.classes_), 1.0 if self.loss == LOGISTIC else 2.0)
        self._draw = np.random.default_rng(check_random_state(self.random_state).randint(SEEDS))
        shape = Shape(float(self.p), bool(self.normalize_weights), bool(self.normalize_input))
        sizes = self.n_features_in_ + int(self.fit_intercept), int(self.hidden), self.outputs_.count
        drawn = start(shape, sizes, float(self.init_scale), bool(self.balanced_init), self._draw)
        self.network_ = Network(shape, drawn.w.astype(values.dtype), drawn.v.astype(values.dtype))
        self.n_iter_, self.loss_curve_ = 0, []

    def _go_on(self, values: Floats, output: NDArray[Any], weight: Floats, steps: int, tol: float) -> None:
        """Train on people who belong to given outputs, for at most so many steps."""
        target = self.outputs_.target(output)
        people = People(self.inputs_.seen(values), target.astype(values.dtype), weight)
        lr = None if isinstance(self.lr, str) else float(self.lr)
        schedule = Schedule(self.loss, lr, int(self.batch_size), int(steps), float(tol), int(self.patience))
        trained: Trained = train(self.network_, people, schedule, self._draw)
        self.network_ = trained.network
        self.n_iter_ += trained.steps
        self.loss_curve_ = [*self.loss_curve_, *trained.losses]
        if tol > 0 and not trained.ended:
            warnings.warn(
                f"training stopped after max_iter={self.max_iter} steps at a loss of {trained.losses[-1]:.3g}, above "
                f"tol={self.tol:g}: give more steps or a greater tol.",
                ConvergenceWarning,
                stacklevel=3,
            )

    def _seen(self, X: Any) -> Floats:
        """Return people (n, D) as the network sees them."""
        check_is_fitted(self)
        check_columns(X)
        return self.inputs_.seen(validate_data(self, X, reset=False, dtype=PRECISIONS))

    def _check_parameters(self) -> None:
        """Refuse parameters that make no sense, and warn of an order that trains badly."""
        number("p", self.p, at_least=1)
        if self.p > HIGHEST_ORDER:
            warnings.warn(
                f"p={self.p!r}: above {HIGHEST_ORDER} most activations vanish and training stalls.", stacklevel=3
            )
        for name in ("hidden", "batch_size", "max_iter", "patience"):
            whole_number(name, getattr(self, name), at_least=1)
        number("init_scale", self.init_scale, above=0)
        number("intercept_scaling", self.intercept_scaling, above=0)
        number("tol", self.tol, above=0)
        one_of("loss", self.loss, tuple(LOSSES))
        for name in ("normalize_weights", "normalize_input", "balanced_init", "fit_intercept", "center"):
            flag(name, getattr(self, name))
        if self.scale is not None and self.scale != MEAN_NORM:
            raise InputError(f"scale={self.scale!r} is not known: give {MEAN_NORM!r} or None.")
        if isinstance(self.lr, str):
            one_of("lr", self.lr, (AUTO,))
        else:
            number("lr", self.lr, above=0)


def _subclasses(subclass: Any, count: int) -> NDArray[Any]:
    """Return the subgroup of each of ``count`` people, (n,), or refuse them."""
    given = np.asarray(subclass)
    require(given.shape == (count,), f"subclass has {given.size} entries for {count} people: give one for each.")
    try:
        np.unique(given)
    except TypeError:  # None among words
        raise InputError("subclass holds words and other things, such as None: give every person a word.") from None
    return given
