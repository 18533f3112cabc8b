"""LendingEnv: one loan applicant a step, and credit scores that move with every loan.

A bank meets one applicant a step, drawn from a group and then from that group's scores. The bank accepts or rejects.
An accepted applicant repays with the probability of the score (equation 1 of Liu et al.); the bank earns interest or
loses the loan; the applicant's score goes up after a repaid loan and down after a default, so that the group's score
distribution moves (their equation 2). A group is a finite pool of people, drawn with replacement: one loan moves one
person.

Sources: Liu et al., "Delayed impact of fair machine learning" (ICML 2018), as run over time by D'Amour et al.,
"Fairness is not static" (FAT* 2020, section 4).

Intended use: to study what a lending rule does to the credit of the groups it is applied to, and how rules that are
fair in each step differ over a whole run.

Not for: setting a lending policy. It is not a model of real credit: scores move only by loans, nobody ages or arrives,
rejected people stay where they are, and repayment depends on nothing but the score.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from fairgym.batch import Array, Batch, Mask, Numbers
from fairgym.checks import InputError, distribution, flag, number, probabilities, whole_number
from fairgym.envs.adapters import FairEnv, FairVectorEnv
from fairgym.envs.dynamics import Dynamics
from fairgym.noise import Uniforms, categories
from fairgym.outcome import Outcome, hide_rejected
from fairgym.populations import ScorePopulation, load_population

MAX_CASH = 1e20
"""Upper bound of the cash observation, far beyond what any run can earn, so that the Box is finite."""
MAX_LOAN, MAX_RATE = 1e8, 1e4
"""Bounds of a loan and of what it earns or loses per money lent: 10^8 steps cannot earn ``MAX_CASH``."""


@dataclass(frozen=True)
class LendingParams:
    """Parameters of the lending world; the defaults are those of D'Amour et al. (2020)."""

    population: Any = "two-groups"
    """Name of a built-in population, a mapping, or the path of a CSV; see ``fairgym.populations``. A
    ``ScorePopulation`` works too, but then the spec cannot become JSON: give its ``to_mapping()`` for that."""
    group_shares: tuple[float, ...] | None = None
    """Share of applicants from each group, sums to 1; None takes the population's."""
    interest_rate: float = 1.0
    """Money earned per money lent when a loan is repaid."""
    loan_amount: float = 1.0
    """Money lent to an accepted applicant."""
    default_loss: float | None = None
    """Money lost in a default; None takes the population's loss per money lent, or else the loan amount."""
    starting_cash: float = 10_000.0
    """The bank's money at the start; the episode ends when it cannot fund a loan."""
    score_gain: float | None = None
    """Score units that a repaid loan adds; None takes the population's."""
    score_loss: float | None = None
    """Score units that a default takes away; None takes the population's."""
    pool_size: int = 100
    """People in each group: one loan moves 1 / pool_size of the group's mass."""
    score_moves: bool = True
    """False freezes the scores: the static control arm."""
    selective_labels: bool = False
    """True hides from ``info`` whether rejected applicants would have repaid."""
    score_error: float | tuple[float, ...] = 0.0
    """Probability, for all or for each group, that the score seen is one level off the true one."""

    def __post_init__(self) -> None:
        """Check every number on its own; what depends on the population is checked by the dynamics."""
        number("interest_rate", self.interest_rate, at_least=0, at_most=MAX_RATE)
        number("loan_amount", self.loan_amount, above=0, at_least=0, at_most=MAX_LOAN)
        number("starting_cash", self.starting_cash, at_least=self.loan_amount, at_most=MAX_CASH / 1e4)
        for name, most in {"default_loss": MAX_LOAN * MAX_RATE, "score_gain": math.inf, "score_loss": math.inf}.items():
            if getattr(self, name) is not None:
                number(name, getattr(self, name), at_least=0, at_most=most)
        whole_number("pool_size", self.pool_size, at_least=1, at_most=10**9)
        flag("score_moves", self.score_moves)
        flag("selective_labels", self.selective_labels)
        probabilities("score_error", self.score_error)
        if self.group_shares is not None:
            distribution("group_shares", self.group_shares)


@dataclass(frozen=True)
class LendingState(Batch):
    """The bank, the people and the applicant at the counter, for n lanes."""

    cash: Numbers
    """The bank's money; (n,)."""
    people: Numbers
    """People of each group at each score level, rows sum to pool_size; (n, G, C)."""
    group: NDArray[np.intp]
    """Group of the applicant; (n,)."""
    score: NDArray[np.intp]
    """True score level of the applicant; (n,)."""
    observed_score: NDArray[np.intp]
    """Score level that the bank sees; (n,)."""
    qualified: NDArray[np.int8]
    """1 if the applicant would repay, whatever the decision; (n,)."""


@dataclass(frozen=True)
class LendingOutcome(Outcome):
    """What happened to the applicant."""

    group: NDArray[np.intp]
    """(n,)"""
    score: NDArray[np.intp]
    """True score level at the time of application; (n,)."""
    observed_score: NDArray[np.intp]
    """(n,)"""
    decision: NDArray[np.int64]
    """1 = loan granted; (n,)."""
    qualified: NDArray[np.int8]
    """1 = would repay, 0 = would not, -1 = hidden by selective labels; (n,)."""
    outcome_repaid: NDArray[np.int8]
    """The same, as the outcome of the loan: rejected applicants have -1 under selective labels; (n,)."""
    utility: Numbers
    """Change of the bank's money; (n,)."""


def bank_utility(decision: Array, repaid: Array, interest: float, default_loss: float) -> Numbers:
    """Change of the bank's money: interest if repaid, minus the loss if not, nothing if rejected; (n,)."""
    utility: Numbers = decision * np.array([-default_loss, interest])[repaid] + 0.0  # no negative zero for the rejected
    return utility


def misread(score: Array, error: Array, uniforms: Uniforms, levels: int) -> NDArray[np.intp]:
    """Return the score seen: off by one level, up or down, with probability ``error``.

    At the ends of the scale the only neighbour is taken, so that the probability of being off is ``error`` there too.
    """
    shift = np.where(uniforms < error / 2, -1, np.where(uniforms < error, 1, 0))
    seen = score + shift
    return np.where((seen < 0) | (seen >= levels), score - shift, seen)


class LendingDynamics(Dynamics[LendingParams, LendingState, LendingOutcome]):
    """The law of the lending world.

    Noise of a reset and of a step are the same four numbers for the next applicant: group, score, default and
    misreading of the score.
    """

    params_type = LendingParams
    picture = "fairgym.pictures.lending:LendingPicture"
    short_episode = {"starting_cash": 3.0, "interest_rate": 0.5}  # noqa: RUF012 - nobody writes into it
    reset_noise_size = 4
    noise_size = 4

    def __init__(self, params: LendingParams) -> None:
        """Read the population and derive the constants of the law."""
        super().__init__(params)
        self.population = population = load_population(params.population)
        self.groups = population.groups
        self.num_groups, self.levels = population.distribution.shape
        self.interest = params.interest_rate * params.loan_amount
        self.default_loss = _first(params.default_loss, _first(population.default_loss, 1.0) * params.loan_amount)
        shares = None if params.group_shares is None else distribution("group_shares", params.group_shares)
        self.group_shares = self._per_group("group_shares", shares, population.shares)
        self.score_error = self._per_group("score_error", params.score_error, None)
        self._misreads = bool(self.score_error.any())
        self.default_probability = 1 - population.repayment
        self._share_bounds = np.cumsum(self.group_shares)[:-1]
        self._moved = self._score_after_loan()
        self._made_for = 0
        self._people_at_start = population.distribution * params.pool_size
        self.payoff = (self.interest, self.default_loss)
        self.observation_space = spaces.Dict(
            {
                "score": spaces.Discrete(self.levels),
                "group": spaces.Discrete(self.num_groups),
                "cash": spaces.Box(
                    np.float32(min(0.0, params.loan_amount - self.default_loss)), np.float32(MAX_CASH), (1,)
                ),
            }
        )
        self.action_space = spaces.Discrete(2)

    def _per_group(self, name: str, given: Any, default: Numbers | None) -> Numbers:
        values = np.array(default if given is None else given, dtype=np.float64)  # a copy: the law is nobody else's
        if values.ndim == 0:
            values = np.full(self.num_groups, float(values))
        if values.ndim != 1:
            raise InputError(f"{name} is a table of shape {values.shape}: give a list of one number per group.")
        if len(values) != self.num_groups:
            raise InputError(
                f"{name} has {len(values)} entries for {self.num_groups} groups ({', '.join(self.groups)}): "
                f"give a list of one number per group."
            )
        values.setflags(write=False)
        return values

    def _score_after_loan(self) -> NDArray[np.intp]:
        """Return the score level after a default (row 0) and after repayment (row 1); (2, C)."""
        gain = _levels("score_gain", _first(self.params.score_gain, self.population.score_gain), self.population)
        loss = _levels("score_loss", _first(self.params.score_loss, self.population.score_loss), self.population)
        levels = np.arange(self.levels)
        return np.stack([levels - loss, levels + gain]).clip(0, self.levels - 1).astype(np.intp)

    def expected_score_change(self) -> Numbers:
        """Return by how much one loan moves the borrower's score on average, in score units; (G, C)."""
        default, repaid = self.population.scores[self._moved] - self.population.scores
        repayment = self.population.repayment
        change: Numbers = repayment * repaid + (1 - repayment) * default
        return change if self.params.score_moves else np.zeros_like(change)

    def _constants(self, lanes: int) -> tuple[NDArray[np.intp], Numbers, Numbers]:
        """Return lane numbers (n,), repayment table (n, G, C) and group shares (n, G), made once per n."""
        if self._made_for != lanes:
            self._made_for = lanes
            shape = (lanes, self.num_groups, self.levels)
            self._made = (
                np.arange(lanes),
                np.broadcast_to(self.population.repayment, shape),
                np.broadcast_to(self.group_shares, shape[:2]),
            )
        return self._made

    def __getstate__(self) -> dict[str, Any]:
        """Leave out of a pickle what is made once per n."""
        state = {name: value for name, value in vars(self).items() if name != "_made"}
        return {**state, "_made_for": 0}

    def initial(self, noise: Uniforms) -> LendingState:
        """Return the population at the start and the first applicant."""
        lanes = len(noise)
        people = np.repeat(self._people_at_start[None], lanes, axis=0)
        cash = np.full(lanes, float(self.params.starting_cash))
        return self._next_applicant(cash, people, noise)

    def observe(self, state: LendingState) -> dict[str, Array]:
        """Return score as seen, group and cash."""
        return {
            "score": state.observed_score,
            "group": state.group,
            "cash": state.cash[:, None].astype(np.float32),
        }

    def step(self, state: LendingState, action: Array, noise: Uniforms) -> tuple[LendingState, LendingOutcome]:
        """Settle the applicant's loan, move the score, and call the next applicant."""
        utility = bank_utility(action, state.qualified, self.interest, self.default_loss)
        known = hide_rejected(action, state.qualified, self.params.selective_labels)
        outcome = LendingOutcome(state.group, state.score, state.observed_score, action, known, known, utility)
        people = self._move_score(state, action) if self.params.score_moves else state.people
        return self._next_applicant(state.cash + utility, people, noise), outcome

    def _move_score(self, state: LendingState, decision: Array) -> Numbers:
        """Move one person (or what is left of one) of each accepted applicant's group to the new score."""
        if not decision.any():
            return state.people
        people = state.people.copy()
        cells = people.reshape(-1)
        lanes, _, _ = self._constants(len(decision))
        row = (lanes * self.num_groups + state.group) * self.levels
        new_score = self._moved[state.qualified, state.score]
        here = cells[row + state.score]
        moved = np.minimum(decision * (new_score != state.score), here)
        cells[row + state.score] = here - moved
        cells[row + new_score] += moved
        return people

    def _next_applicant(self, cash: Numbers, people: Numbers, noise: Uniforms) -> LendingState:
        """Draw group, score, willingness to repay and misreading, in this order of noise columns."""
        group = self._share_bounds.searchsorted(noise[:, 0], side="right")
        row = self._constants(len(group))[0] * self.num_groups + group
        score = categories(noise[:, 1], people.reshape(-1, self.levels).take(row, axis=0))
        qualified = (noise[:, 2] >= self.default_probability[group, score]).astype(np.int8)
        seen = misread(score, self.score_error[group], noise[:, 3], self.levels) if self._misreads else score
        return LendingState(cash, people, group, score, seen, qualified)

    def reward(self, outcome: LendingOutcome) -> Array:
        """Return the change of the bank's cash; (n,)."""
        return outcome.utility

    def terminated(self, state: LendingState) -> Mask:
        """Return which banks cannot fund another loan; (n,)."""
        bankrupt: Mask = state.cash < self.params.loan_amount
        return bankrupt

    def truth(self, state: LendingState) -> dict[str, Array]:
        """Return the score distribution, each group's mean repayment and the repayment table."""
        shares = state.people / self.params.pool_size
        _, repayment, group_share = self._constants(len(shares))
        return {
            "population_score": np.einsum("ngc,gc->ng", shares, self.population.repayment),
            "score_distribution": shares,
            "qualified_probability": repayment,
            "group_share": group_share,
        }

    def check_state(self, state: LendingState) -> None:
        """Refuse states with impossible people, scores, groups or money."""
        if (state.people < 0).any() or not np.allclose(state.people.sum(axis=2), self.params.pool_size):
            raise InputError(f"options['state']['people'] must be >= 0 and sum to {self.params.pool_size} per group.")
        limits = {
            "group": self.num_groups,
            "score": self.levels,
            "observed_score": self.levels,
            "qualified": 2,
        }
        for name, limit in limits.items():
            values = getattr(state, name)
            if values.min() < 0 or values.max() >= limit:
                raise InputError(f"options['state'][{name!r}] must lie between 0 and {limit - 1}.")
        if (state.cash < self.params.loan_amount).any():
            raise InputError(f"options['state']['cash'] must be at least the loan amount {self.params.loan_amount}.")


def _first(*values: float | None) -> float:
    """Return the first value that is given."""
    return float(next(value for value in values if value is not None))


def _levels(name: str, units: float, population: ScorePopulation) -> float:
    """Return a score move in levels; it must be a whole number of them, and may be wider than the scale."""
    levels = units / population.spacing
    if abs(levels - round(levels)) > 1e-6:
        raise InputError(
            f"{name}={units:g} is not a multiple of the spacing {population.spacing:g} of the score levels "
            f"of population {population.name!r}."
        )
    return float(round(levels))


class LendingEnv(FairEnv):
    """Lending as a Gymnasium environment (``LendingEnv-v0``).

    Action: ``Discrete(2)``, 1 accepts the applicant. Observation: ``score`` (Discrete), ``group`` (Discrete),
    ``cash`` (Box of shape (1,)). Reward: change of the bank's cash. The episode terminates at bankruptcy.
    Parameters: the fields of ``LendingParams``. Version history: v0, first release.
    """

    dynamics_type = LendingDynamics


class LendingVectorEnv(FairVectorEnv):
    """The native vector twin of ``LendingEnv``; lane i under seed s is ``LendingEnv`` under seed s + i."""

    dynamics_type = LendingDynamics
