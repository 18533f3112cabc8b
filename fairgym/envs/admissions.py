"""StrategicClassificationEnv: a college publishes a threshold, and applicants pay to get over it.

In each round the college publishes the test score from which it admits, one for all groups or one for each. A cohort
of m applicants then answers. Being admitted is worth 1 to everybody, and each point of the score costs money, in some
groups more than in others; so whoever is below the threshold raises the score to it if that costs no more than 1
(``fairgym.envs.strategic_response``). The college admits from the threshold up, then learns who was truly eligible,
and a new cohort comes. Everything that the college sees and that the outcome reports in one round is about one cohort:
the cohort that answers is hidden until it has answered.

Sources: the college admissions of D'Amour et al. 2020 ("Fairness is not static"), whose experiment the defaults are,
after Milli, Miller, Dragan and Hardt 2019 ("The social cost of strategic classification") and Hu, Immorlica and
Vaughan 2019.

Intended use: to study whom a threshold burdens once applicants respond to it, and what retraining on the scores that
they show does to it.

Not for: conclusions about a real test, school or group. Costs, scores and groups are invented, and nobody learns
anything by raising the score unless ``improvement`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from fairgym.batch import Array, Batch, Mask, Numbers
from fairgym.checks import InputError, distribution, flag, number, numbers_array, one_of, require, whole_number
from fairgym.envs.adapters import FairEnv, FairVectorEnv, World
from fairgym.envs.dynamics import Dynamics
from fairgym.envs.strategic_response import (
    answer,
    bounded_gaussian,
    cost_of_reaching,
    in_single_precision,
    largest_change,
    signed_beta,
    subsidized,
)
from fairgym.noise import Uniforms, normals
from fairgym.outcome import HIDDEN, Outcome, hide_rejected

NOISES = ("none", "gaussian", "beta")
HIDDEN_LABEL = 2
"""The label in the observation of somebody about whom the college does not know whether they were eligible."""
HIGHEST_COST, MAX_COHORT = 1e6, 10**6


@dataclass(frozen=True)
class AdmissionsParams:
    """Parameters of the admissions world; the defaults are the noiseless experiment of the paper."""

    cohort_size: int = 20
    """Applicants in a round, m."""
    mixture: tuple[float, ...] = (0.5, 0.5)
    """Share of each group among those who apply."""
    mean_score: tuple[float, ...] = (0.5, 0.5)
    """Mean of the true score of each group, a normal distribution clipped to [0, 1]."""
    score_spread: tuple[float, ...] = (0.1, 0.1)
    """Standard deviation of the true score of each group before it is clipped."""
    true_threshold_factor: float = 0.1
    """People of group g are eligible from a true score of ``mean_score[g] * (1 + true_threshold_factor)`` on."""
    cost: tuple[float, ...] = (5.0, 10.0)
    """What a point of the score costs each group, where being admitted is worth 1; the groups are named by it."""
    gaming: bool = True
    """False: nobody changes the score, nobody has a burden: the control arm."""
    gaming_control: float | None = None
    """Points by which a score can be raised at the most, in [0, 1]; None: as many as pay."""
    subsidy: float | None = None
    """Factor in [0, 1] on the cost of the most expensive group (the last of them, if several); None: no subsidy."""
    noise: str = "none"
    """Distribution of the errors: "none", "gaussian" (normal, clipped) or "beta" (a Beta number with random sign)."""
    noise_mean: float = 0.0
    """Mean of the gaussian errors before they are clipped."""
    noise_spread: float = 0.1
    """Standard deviation of the gaussian errors before they are clipped."""
    noise_low: float = -0.35
    """Lowest gaussian error."""
    noise_high: float = 0.35
    """Highest gaussian error."""
    noise_shape: tuple[float, float] = (2.0, 2.0)
    """The two shape parameters of the beta errors; these are not clipped."""
    noisy_features: bool = False
    """True: the test measures the true score with an error, clipped to [0, 1]; labels go by the true score."""
    noisy_threshold: bool = False
    """True: who raises the score lands an error beside the threshold, within [0, 1], and knows beforehand where."""
    improvement: float = 0.0
    """Share, in [0, 1], of a raise that truly raises the score by which people are eligible; 0 in the paper."""
    selective_labels: bool = False
    """True hides who of the rejected was eligible: the labels in the observation, and in ``info`` ``qualified`` and the
    true ``score``, which would tell."""
    group_thresholds: bool = False
    """True: the action is one threshold for each group; False: one for all."""
    mistake_limit: int | None = None
    """Wrong decisions at which the college is closed and the episode ends; None: never."""

    def __post_init__(self) -> None:
        """Answer bad values at the door."""
        whole_number("cohort_size", self.cohort_size, at_least=1, at_most=MAX_COHORT)
        distribution("mixture", self.mixture)
        _per_group("mixture", self.mixture, len(self.mixture), 0, 1)
        for name, most in {"mean_score": 1.0, "score_spread": 10.0, "cost": HIGHEST_COST}.items():
            _per_group(name, getattr(self, name), len(self.mixture), 0, most)
        number("true_threshold_factor", self.true_threshold_factor, at_least=-1, at_most=1e3)
        for name in ("gaming", "noisy_features", "noisy_threshold", "selective_labels", "group_thresholds"):
            flag(name, getattr(self, name))
        number("improvement", self.improvement, at_least=0, at_most=1)
        if self.mistake_limit is not None:
            whole_number("mistake_limit", self.mistake_limit, at_least=1)
        for name in ("gaming_control", "subsidy"):
            if getattr(self, name) is not None:
                number(name, getattr(self, name), at_least=0, at_most=1)
        self._check_noise()

    def _check_noise(self) -> None:
        one_of("noise", self.noise, NOISES)
        number("noise_spread", self.noise_spread, at_least=0, at_most=10)
        for name in ("noise_mean", "noise_low", "noise_high"):
            number(name, getattr(self, name), at_least=-1, at_most=1)
        require(
            self.noise_low <= self.noise_mean <= self.noise_high,
            f"noise_mean={self.noise_mean!r} must lie between noise_low={self.noise_low!r} and "
            f"noise_high={self.noise_high!r}.",
        )
        shape = numbers_array("noise_shape", self.noise_shape)
        fits = shape.shape == (2,) and shape.min() >= 0.01 and shape.max() <= 1e3
        require(bool(fits), f"noise_shape={self.noise_shape!r} must be two numbers between 0.01 and 1000.")
        noisy = self.noisy_features or self.noisy_threshold
        require(
            noisy == (self.noise != "none"),
            f"noise={self.noise!r} with noisy_features={self.noisy_features} and noisy_threshold="
            f"{self.noisy_threshold} do not go together: give noise='gaussian' or 'beta' and at least one of them "
            "True, or neither.",
        )


def _per_group(name: str, values: object, groups: int, low: float, high: float) -> None:
    """Refuse what is not one number within the bounds for each group."""
    array = numbers_array(name, values)
    fits = array.ndim == 1 and array.size > 0 and array.min() >= low and array.max() <= high
    require(bool(fits), f"{name}={values!r} must list one number between {low:g} and {high:g} for each group.")
    require(array.size == groups, f"{name}={values!r} has {array.size} entries, but mixture has {groups}: one a group.")


@dataclass(frozen=True)
class AdmissionsState(Batch):
    """The cohort that will answer next, hidden, and what the college knows of the last one, for n lanes."""

    group: NDArray[np.int64]
    """Group of each applicant to come; (n, m)."""
    score: Numbers
    """True score of each applicant to come; (n, m)."""
    test_score: Numbers
    """What the test would show of it if nobody raised it; (n, m)."""
    mistakes: Numbers
    """Wrong decisions so far; (n,)."""
    last_threshold: Numbers
    """Threshold published last for each group, 0 before the first round; (n, G)."""
    last_observed_score: Numbers
    """Score that each applicant of the last cohort showed, 0 before the first round; (n, m)."""
    last_group: NDArray[np.int64]
    """Group of each applicant of the last cohort, 0 before the first round; (n, m)."""
    last_label: NDArray[np.int64]
    """1 = was eligible, 0 = was not, 2 = hidden, as it is before the first round; (n, m)."""


@dataclass(frozen=True)
class AdmissionsOutcome(Outcome):
    """What happened to the cohort that answered."""

    group: NDArray[np.int64]
    """(n, m)"""
    score: Numbers
    """True score when the decision falls, with what a raise truly improved; (n, m)."""
    observed_score: Numbers
    """Score shown, after the answer; (n, m)."""
    decision: NDArray[np.int64]
    """1 = admitted; (n, m)."""
    qualified: NDArray[np.int8]
    """1 = eligible, 0 = not, -1 = hidden by selective labels; (n, m)."""
    manipulated: NDArray[np.int8]
    """1 = raised the score, 0 = did not; (n, m)."""
    burden: Numbers
    """What it costs to get to the threshold, paid or not, 0 from the threshold up; (n, m)."""
    threshold: Numbers
    """As published in this round; (n, G)."""
    utility: Numbers
    """1 / m for somebody eligible who was admitted, -1 / m for somebody else who was, 0 for the rejected; (n, m)."""


class AdmissionsDynamics(Dynamics[AdmissionsParams, AdmissionsState, AdmissionsOutcome]):
    """The law of the admissions world.

    The noise is a group, a true score and an error of the test for each of the next m applicants; that of a step
    begins with m errors of landing for those who answer. It has this shape under every parameter, so that one seed
    gives the same applicants whatever the costs, the noise or the rules are.
    """

    params_type = AdmissionsParams
    picture = "fairgym.pictures.admissions:AdmissionsPicture"
    short_episode = {"mistake_limit": 243}  # noqa: RUF012 - nobody writes into it

    def __init__(self, params: AdmissionsParams) -> None:
        """Derive the constants of the law."""
        super().__init__(params)
        people = params.cohort_size
        self.reset_noise_size, self.noise_size = 3 * people, 4 * people
        self.groups = _names(params.cost)
        self.group_bounds = np.cumsum(distribution("mixture", params.mixture))[:-1]
        self.mean_score, self.score_spread = np.array(params.mean_score, float), np.array(params.score_spread, float)
        self.true_threshold = self.mean_score * (1 + params.true_threshold_factor)
        self.cost = subsidized(np.array(params.cost, float), params.subsidy)
        self.largest_change = largest_change(self.cost, params.gaming_control)
        groups = len(self.groups)
        self.observation_space = spaces.Dict(
            {
                "threshold": spaces.Box(0.0, 1.0, (groups,)),
                "observed_score": spaces.Box(0.0, 1.0, (people,)),
                "group": spaces.MultiDiscrete([groups] * people),
                "label": spaces.MultiDiscrete([HIDDEN_LABEL + 1] * people),
            }
        )
        self.action_space = spaces.Box(0.0, 1.0, (groups if params.group_thresholds else 1,))

    def initial(self, noise: Uniforms) -> AdmissionsState:
        """Return the first cohort to come; nothing is published or known yet."""
        lanes, people = len(noise), self.params.cohort_size
        nobody = np.zeros((lanes, people), dtype=np.int64)
        threshold = np.zeros((lanes, len(self.groups)))
        shown = np.zeros((lanes, people))
        return AdmissionsState(*self._cohort(noise), np.zeros(lanes), threshold, shown, nobody, nobody + HIDDEN_LABEL)

    def observe(self, state: AdmissionsState) -> dict[str, Array]:
        """Return what the college published and saw last; never the cohort to come."""
        return {
            "threshold": state.last_threshold.astype(np.float32),
            "observed_score": state.last_observed_score.astype(np.float32),
            "group": state.last_group,
            "label": state.last_label,
        }

    def step(self, state: AdmissionsState, action: Array, noise: Uniforms) -> tuple[AdmissionsState, AdmissionsOutcome]:
        """Publish the threshold, let the cohort answer, admit, learn who was eligible, and call the next cohort."""
        people, params = self.params.cohort_size, self.params
        published = action.astype(np.float64)
        wanted = np.take_along_axis(published, state.group, axis=1) if params.group_thresholds else published
        shown, burden = self._answers(state, wanted, noise[:, :people])
        decision = (shown >= wanted).astype(np.int64)
        score = state.score + params.improvement * (shown - state.test_score)
        eligible = (score >= self.true_threshold[state.group]).astype(np.int8)
        known = hide_rejected(decision, eligible, params.selective_labels)
        utility = decision * (2.0 * eligible - 1.0) / people
        manipulated = (shown != state.test_score).astype(np.int8)
        threshold = np.repeat(published, len(self.groups) // published.shape[1], axis=1)
        seen = np.where(decision == 1, score, np.nan) if params.selective_labels else score
        outcome = AdmissionsOutcome(state.group, seen, shown, decision, known, manipulated, burden, threshold, utility)
        label = np.where(known == HIDDEN, HIDDEN_LABEL, known).astype(np.int64)
        mistakes = state.mistakes + (decision != eligible).sum(axis=1)
        cohort = self._cohort(noise[:, people:])
        return AdmissionsState(*cohort, mistakes, threshold, shown, state.group, label), outcome

    def _answers(self, state: AdmissionsState, threshold: Numbers, noise: Uniforms) -> tuple[Numbers, Numbers]:
        """Return the score shown and the burden, (n, m) each; ``threshold`` is one for all, (n, 1), or each's own."""
        if not self.params.gaming:
            return state.test_score, np.zeros_like(state.test_score)
        target = threshold
        if self.params.noisy_threshold:
            target = in_single_precision((threshold + self._errors(noise)).clip(0, 1))
        shown = answer(state.test_score, threshold, target, self.largest_change[state.group])
        return shown, cost_of_reaching(state.test_score, threshold, target, self.cost[state.group])

    def _cohort(self, noise: Uniforms) -> tuple[NDArray[np.int64], Numbers, Numbers]:
        """Return group, true score and test score of a new cohort, (n, m) each, in this order of noise columns."""
        for_group, for_score, for_test = np.split(noise, 3, axis=1)
        group = self.group_bounds.searchsorted(for_group, side="right").astype(np.int64, copy=False)
        score = self.mean_score[group] + self.score_spread[group] * normals(for_score)
        score = in_single_precision(score.clip(0, 1))
        if not self.params.noisy_features:
            return group, score, score
        return group, score, in_single_precision((score + self._errors(for_test)).clip(0, 1))

    def _errors(self, uniforms: Uniforms) -> Numbers:
        """Return one error per uniform number."""
        params = self.params
        if params.noise == "beta":
            return signed_beta(uniforms, *params.noise_shape)
        return bounded_gaussian(uniforms, params.noise_mean, params.noise_spread, params.noise_low, params.noise_high)

    def reward(self, outcome: AdmissionsOutcome) -> Array:
        """Return the eligible minus the others among the admitted, as a share of the cohort: the utility's sum; (n,).

        It ranks thresholds as the accuracy does, which is this plus the share of the cohort that is not eligible, and
        tells nothing about the rejected.
        """
        gain: Numbers = np.sign(outcome.utility).mean(axis=1)
        return gain

    def terminated(self, state: AdmissionsState) -> Mask:
        """Return which colleges have made too many mistakes; none without a limit; (n,)."""
        limit = self.params.mistake_limit
        return np.asarray(state.mistakes >= (np.inf if limit is None else limit))

    def check_state(self, state: AdmissionsState) -> None:
        """Refuse a cohort to come that cannot come; the observation shows what else could be wrong."""
        limits = {"group": len(self.groups) - 1, "score": 1, "test_score": 1}
        for name, limit in limits.items():
            values = getattr(state, name)
            if values.min() < 0 or values.max() > limit:
                raise InputError(f"options['state'][{name!r}] must lie between 0 and {limit}.")
        fits = (state.mistakes >= 0).all() and (state.mistakes == np.floor(state.mistakes)).all()
        require(bool(fits), "options['state']['mistakes'] must be whole numbers of at least 0.")
        same = self.params.noisy_features or np.array_equal(state.test_score, state.score)
        require(
            same, "options['state']['test_score'] differs from 'score', but noisy_features is False: give the same."
        )


def _names(cost: tuple[float, ...]) -> tuple[str, ...]:
    """Return the names of the groups: their cost, with a number behind it where costs are equal."""
    names = [f"cost {each:g}" for each in cost]
    return tuple(
        name if names.count(name) == 1 else f"{name} ({names[: index + 1].count(name)})"
        for index, name in enumerate(names)
    )


class TellsMargin(World):
    """What the college knows of the applicants: how far it pays each group to raise the score."""

    @property
    def gaming_margin(self) -> tuple[float, ...]:
        """Points by which a raise of the score pays each group at the most; 0 where nobody games."""
        law = self.dynamics
        assert isinstance(law, AdmissionsDynamics)
        return tuple((law.largest_change if law.params.gaming else np.zeros(len(law.groups))).tolist())


class StrategicClassificationEnv(TellsMargin, FairEnv):
    """College admissions as a Gymnasium environment (``StrategicClassificationEnv-v0``).

    Action: ``Box(0, 1)`` of shape (1,), the threshold, or of shape (G,) with ``group_thresholds=True``. Observation:
    of the last cohort, ``threshold`` (Box (G,)), ``observed_score`` (Box (m,)), ``group`` and ``label``
    (MultiDiscrete, m each; label 1 = eligible, 0 = not, 2 = hidden). Before the first round thresholds, scores and
    groups are 0 and labels are 2. Reward: the eligible minus the others among the admitted, as a share of the cohort,
    which ranks thresholds as the accuracy does and tells nothing about the rejected. The episode has no end but
    ``mistake_limit``, which is off by default. Parameters: the fields of ``AdmissionsParams``. Version history: v0,
    first release.
    """

    dynamics_type = AdmissionsDynamics


class StrategicClassificationVectorEnv(TellsMargin, FairVectorEnv):
    """The native vector twin of ``StrategicClassificationEnv``."""

    dynamics_type = AdmissionsDynamics
