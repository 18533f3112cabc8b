"""FeatureLendingEnv: loan applicants with two real-valued features, in a population that does not move.

Each applicant belongs to the good or the bad cluster of a group. A cluster is a round Gaussian cloud in the plane and
has its own probability of default; the bank sees the features, never the cluster. There are two variants:

- ``"one-group"``: one population, in which the difference of the two features tells good from bad;
- ``"two-groups-rotated"``: a second group of equal size whose clouds are turned by 30 degrees about the origin, so
  that the same features mean something else there and one rule for all serves it worse.

The bank's money moves as in ``LendingEnv``; the features of the people do not.

Sources: the two feature worlds of the archived ml-fairness-gym (D'Amour et al., "Fairness is not static", FAT* 2020).

Intended use: to train classifiers under selective labels, and to study one rule for two groups in which the same
features mean different things.

Not for: setting a lending policy. It is not a model of real credit: clusters, features and groups are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from fairgym.batch import Array, Batch, Mask, Numbers
from fairgym.checks import InputError, one_of
from fairgym.envs.adapters import FairEnv, FairVectorEnv
from fairgym.envs.dynamics import Dynamics
from fairgym.envs.lending import MAX_CASH, LendingParams, bank_utility
from fairgym.noise import Uniforms, normals
from fairgym.outcome import Outcome, hide_rejected

VARIANTS: dict[str, tuple[float, ...]] = {"one-group": (0.0,), "two-groups-rotated": (0.0, 30.0)}
"""The groups of each variant, by the angle in degrees by which their features are turned; groups are equally large."""
CLUSTER_MEANS = np.array([[0.0, 1.0], [1.0, 0.0]])
"""Mean features of the bad and of the good cluster, before turning; (cluster, feature)."""
CLUSTER_SHARES = np.array([0.3, 0.7])
"""Share of each group in the bad and in the good cluster."""
DEFAULT_PROBABILITY = np.array([0.8, 0.2])
"""Probability that a loan to the bad and to the good cluster is not repaid."""
FEATURE_SPREAD = 0.5
"""Standard deviation of each feature within a cluster."""
FEATURE_LIMIT = 2.0
"""Features beyond plus or minus this are recorded as this; part of the model."""


@dataclass(frozen=True)
class FeatureLendingParams:
    """Parameters of the feature worlds; the defaults are those of the archived simulator."""

    variant: str = "two-groups-rotated"
    """Which of the two populations: ``"one-group"`` or ``"two-groups-rotated"``."""
    interest_rate: float = 0.3
    """Money earned per money lent when a loan is repaid."""
    loan_amount: float = 1.0
    """Money lent to an accepted applicant."""
    default_loss: float | None = None
    """Money lost in a default; None takes the loan amount."""
    starting_cash: float = 1000.0
    """The bank's money at the start; the episode ends when it cannot fund a loan."""
    selective_labels: bool = False
    """True hides from ``info`` whether rejected applicants would have repaid."""

    def __post_init__(self) -> None:
        """Check the variant here, and the bank by the rules of ``LendingParams``."""
        one_of("variant", self.variant, tuple(VARIANTS))
        LendingParams(
            interest_rate=self.interest_rate,
            loan_amount=self.loan_amount,
            default_loss=self.default_loss,
            starting_cash=self.starting_cash,
            selective_labels=self.selective_labels,
        )


@dataclass(frozen=True)
class FeatureLendingState(Batch):
    """The bank and the applicant at the counter, for n lanes."""

    cash: Numbers
    """The bank's money; (n,)."""
    group: NDArray[np.intp]
    """Group of the applicant; (n,)."""
    features: Numbers
    """Features of the applicant; (n, 2)."""
    qualified: NDArray[np.int8]
    """1 if the applicant would repay, whatever the decision; (n,)."""


@dataclass(frozen=True)
class FeatureLendingOutcome(Outcome):
    """What happened to the applicant."""

    group: NDArray[np.intp]
    """(n,)"""
    decision: NDArray[np.int64]
    """1 = loan granted; (n,)."""
    qualified: NDArray[np.int8]
    """1 = would repay, 0 = would not, -1 = hidden by selective labels; (n,)."""
    outcome_repaid: NDArray[np.int8]
    """The same, as the outcome of the loan; (n,)."""
    utility: Numbers
    """Change of the bank's money; (n,)."""


def turned(vectors: Numbers, degrees: float) -> Numbers:
    """Return vectors (..., 2) turned counter-clockwise about the origin."""
    angle = np.deg2rad(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    x, y = vectors[..., 0], vectors[..., 1]
    return np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1)


class FeatureLendingDynamics(Dynamics[FeatureLendingParams, FeatureLendingState, FeatureLendingOutcome]):
    """The law of the feature worlds.

    Noise of a reset and of a step are the same five numbers for the next applicant: group, cluster, the deviations
    of the two features, and default.
    """

    params_type = FeatureLendingParams
    short_episode = {"starting_cash": 3.0}  # noqa: RUF012 - nobody writes into it
    reset_noise_size = 5
    noise_size = 5

    def __init__(self, params: FeatureLendingParams) -> None:
        """Turn the cluster means of each group and derive the constants of the bank."""
        super().__init__(params)
        angles = VARIANTS[params.variant]
        self.groups = tuple(f"turned by {angle:g} degrees" for angle in angles)
        self.means = np.stack([turned(CLUSTER_MEANS, angle) for angle in angles])
        self.interest = params.interest_rate * params.loan_amount
        self.default_loss = params.loan_amount if params.default_loss is None else params.default_loss
        self.payoff = (self.interest, self.default_loss)
        lowest_cash = min(0.0, params.loan_amount - self.default_loss)
        self.observation_space = spaces.Dict(
            {
                "features": spaces.Box(-FEATURE_LIMIT, FEATURE_LIMIT, (2,)),
                "group": spaces.Discrete(len(angles)),
                "cash": spaces.Box(np.float32(lowest_cash), np.float32(MAX_CASH), (1,)),
            }
        )
        self.action_space = spaces.Discrete(2)

    def initial(self, noise: Uniforms) -> FeatureLendingState:
        """Return the bank at the start and the first applicant."""
        return self._next_applicant(np.full(len(noise), float(self.params.starting_cash)), noise)

    def observe(self, state: FeatureLendingState) -> dict[str, Array]:
        """Return features, group and cash; never the cluster."""
        return {
            "features": state.features.astype(np.float32),
            "group": state.group,
            "cash": state.cash[:, None].astype(np.float32),
        }

    def step(
        self, state: FeatureLendingState, action: Array, noise: Uniforms
    ) -> tuple[FeatureLendingState, FeatureLendingOutcome]:
        """Settle the applicant's loan and call the next applicant."""
        utility = bank_utility(action, state.qualified, self.interest, self.default_loss)
        known = hide_rejected(action, state.qualified, self.params.selective_labels)
        outcome = FeatureLendingOutcome(state.group, action, known, known, utility)
        return self._next_applicant(state.cash + utility, noise), outcome

    def _next_applicant(self, cash: Numbers, noise: Uniforms) -> FeatureLendingState:
        """Draw group, cluster, features and default, in this order of noise columns."""
        group = (noise[:, 0] * len(self.groups)).astype(np.intp)
        cluster = (noise[:, 1] >= CLUSTER_SHARES[0]).astype(np.intp)
        features = self.means[group, cluster] + FEATURE_SPREAD * normals(noise[:, 2:4])
        qualified = (noise[:, 4] >= DEFAULT_PROBABILITY[cluster]).astype(np.int8)
        return FeatureLendingState(cash, group, features.clip(-FEATURE_LIMIT, FEATURE_LIMIT), qualified)

    def reward(self, outcome: FeatureLendingOutcome) -> Array:
        """Return the change of the bank's cash; (n,)."""
        return outcome.utility

    def terminated(self, state: FeatureLendingState) -> Mask:
        """Return which banks cannot fund another loan; (n,)."""
        return np.asarray(state.cash < self.params.loan_amount)

    def truth(self, state: FeatureLendingState) -> dict[str, Array]:
        """Return each group's mean repayment and share, which never change."""
        shape = (len(state), len(self.groups))
        return {
            "population_score": np.full(shape, CLUSTER_SHARES @ (1 - DEFAULT_PROBABILITY)),
            "group_share": np.full(shape, 1 / len(self.groups)),
        }

    def check_state(self, state: FeatureLendingState) -> None:
        """Refuse a willingness to repay that is neither 0 nor 1; the rest is seen in the observation."""
        if not np.isin(state.qualified, (0, 1)).all():
            raise InputError("options['state']['qualified'] must be 0 or 1: 1 if the applicant would repay.")


class FeatureLendingEnv(FairEnv):
    """Lending on features as a Gymnasium environment (``FeatureLendingEnv-v0``).

    Action: ``Discrete(2)``, 1 accepts the applicant. Observation: ``features`` (Box of shape (2,)), ``group``
    (Discrete), ``cash`` (Box of shape (1,)). Reward: change of the bank's cash. The episode terminates at bankruptcy.
    Parameters: the fields of ``FeatureLendingParams``. Version history: v0, first release.
    """

    dynamics_type = FeatureLendingDynamics


class FeatureLendingVectorEnv(FairVectorEnv):
    """The native vector twin of ``FeatureLendingEnv``; lane i under seed s is that env under seed s + i."""

    dynamics_type = FeatureLendingDynamics
