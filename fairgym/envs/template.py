"""TemplateEnv: a firm hires from a cohort of candidates a step, and hires are role models. A small world to copy.

In each step a firm sees m candidates, the group and a noisy test score of each, and hires any of them. A candidate is
qualified if the true skill is above zero; a qualified hire earns the firm one unit of money, any other costs it one.
Every hire lifts the mean skill of the hire's group a little, up to a ceiling. The episode ends when the firm is in
debt.

Sources: the world and its round numbers are our own (a published world names its paper and equations here).

Intended use: a complete small world to copy, and one in which a decision today changes who comes tomorrow.

Not for: conclusions about hiring. Nobody is hired twice, and a rejection teaches nobody anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from scipy.special import ndtr

from fairgym.batch import Array, Batch, Mask, Numbers
from fairgym.checks import number, numbers_array, require, whole_number
from fairgym.envs.adapters import FairEnv, FairVectorEnv
from fairgym.envs.dynamics import Dynamics
from fairgym.noise import Uniforms, normals
from fairgym.outcome import Outcome

HIGHEST_SKILL = 1.0
"""Ceiling of a group's mean skill, in standard deviations of the skill within a group."""
SCORE_BOUND, MONEY_BOUND = 30.0, 1e20
"""Bounds of the observation, beyond what any run can reach: boxes are finite and nothing is clipped."""


@dataclass(frozen=True)
class TemplateParams:
    """Parameters of the hiring world."""

    cohort_size: int = 10
    """Candidates in a step, m."""
    mean_skill: tuple[float, ...] = (0.5, 0.0)
    """Mean skill of each group at the start; the groups are equally large."""
    role_model: float = 0.001
    """Mean skill that one hire adds to the hire's group."""
    test_error: float = 0.5
    """Standard deviation of the test score around the skill."""
    starting_budget: float = 100.0
    """The firm's money at the start."""

    def __post_init__(self) -> None:
        """Answer bad values at the door."""
        whole_number("cohort_size", self.cohort_size, at_least=1)
        skills = numbers_array("mean_skill", self.mean_skill)
        fits = skills.ndim == 1 and skills.size > 0 and np.abs(skills).max() <= HIGHEST_SKILL
        require(fits, f"mean_skill={self.mean_skill!r} must list one number between -1 and 1 for each group.")
        number("test_error", self.test_error, at_least=0, at_most=2)
        for name in ("role_model", "starting_budget"):
            number(name, getattr(self, name), at_least=0, at_most=1e9)


@dataclass(frozen=True)
class TemplateState(Batch):
    """The firm, the groups and the candidates at the door, for n lanes."""

    budget: Numbers  # the firm's money; (n,)
    mean_skill: Numbers  # of each group; (n, G)
    group: NDArray[np.int64]  # of each candidate; (n, m)
    skill: Numbers  # true skill of each candidate; (n, m)
    test_score: Numbers  # what the firm sees of it; (n, m)


@dataclass(frozen=True)
class TemplateOutcome(Outcome):
    """What happened to the candidates, in the words of ``fairgym.outcome.VOCABULARY``; all (n, m)."""

    group: NDArray[np.int64]
    score: Numbers
    observed_score: Numbers
    decision: NDArray[np.int64]
    qualified: NDArray[np.int8]
    utility: Numbers


def firm_utility(decision: Array, qualified: Array) -> Numbers:
    """Change of the firm's money by each candidate: +1 or -1 if hired, 0 if not; (n, m)."""
    return np.asarray(decision * (2.0 * qualified - 1.0))


def lifted(mean_skill: Numbers, decision: Array, group: Array, role_model: float) -> Numbers:
    """Return the groups' mean skill after one lift for each hire, up to the ceiling; (n, G)."""
    hires = (decision[:, :, None] * (group[:, :, None] == np.arange(mean_skill.shape[1]))).sum(axis=1)
    return np.asarray(np.minimum(mean_skill + role_model * hires, HIGHEST_SKILL))


class TemplateDynamics(Dynamics[TemplateParams, TemplateState, TemplateOutcome]):
    """The law of the hiring world; the noise is a group, a skill and a test error for each of the next m people."""

    params_type = TemplateParams
    short_episode = {"starting_budget": 40.0, "mean_skill": (-0.5, -0.5)}  # noqa: RUF012 - nobody writes into it

    def __init__(self, params: TemplateParams) -> None:
        super().__init__(params)
        people, groups = params.cohort_size, len(params.mean_skill)
        self.reset_noise_size = self.noise_size = 3 * people
        self.groups = tuple(f"group {index}" for index in range(groups))
        self.payoff = (1.0, 1.0)
        scores, money = spaces.Box(-SCORE_BOUND, SCORE_BOUND, (people,)), spaces.Box(-people, MONEY_BOUND, (1,))
        members = spaces.MultiDiscrete([groups] * people)
        self.observation_space = spaces.Dict({"test_score": scores, "group": members, "budget": money})
        self.action_space = spaces.MultiDiscrete([2] * people)

    def initial(self, noise: Uniforms) -> TemplateState:
        """Return the firm and the groups at the start, with the first cohort."""
        lanes = len(noise)
        budget = np.full(lanes, float(self.params.starting_budget))
        return self._next_cohort(budget, np.tile(np.array(self.params.mean_skill, float), (lanes, 1)), noise)

    def observe(self, state: TemplateState) -> dict[str, Array]:
        """Return what the firm sees; never the skill."""
        score, budget = state.test_score.astype(np.float32), state.budget[:, None].astype(np.float32)
        return {"test_score": score, "group": state.group, "budget": budget}

    def step(self, state: TemplateState, action: Array, noise: Uniforms) -> tuple[TemplateState, TemplateOutcome]:
        """Pay the hires, lift their groups, and call the next cohort."""
        qualified = (state.skill > 0).astype(np.int8)
        utility = firm_utility(action, qualified)
        outcome = TemplateOutcome(state.group, state.skill, state.test_score, action, qualified, utility)
        mean_skill = lifted(state.mean_skill, action, state.group, self.params.role_model)
        return self._next_cohort(state.budget + self.reward(outcome), mean_skill, noise), outcome

    def _next_cohort(self, budget: Numbers, mean_skill: Numbers, noise: Uniforms) -> TemplateState:
        """Draw groups, skills and test errors, in this order of noise columns."""
        for_group, for_skill, for_test = np.split(noise, 3, axis=1)
        group = (for_group * len(self.groups)).astype(np.int64)
        skill = np.take_along_axis(mean_skill, group, axis=1) + normals(for_skill)
        return TemplateState(budget, mean_skill, group, skill, skill + self.params.test_error * normals(for_test))

    def reward(self, outcome: TemplateOutcome) -> Numbers:
        """Return the change of the firm's money; (n,)."""
        return np.asarray(outcome.utility.sum(axis=1))

    def terminated(self, state: TemplateState) -> Mask:
        """Return which firms are in debt; (n,)."""
        return state.budget < 0

    def truth(self, state: TemplateState) -> dict[str, Array]:
        """Return each group's share of qualified people; (n, G)."""
        return {"population_score": ndtr(state.mean_skill)}

    def check_state(self, state: TemplateState) -> None:
        """Refuse what the observation does not show and the law cannot reach."""
        fits = (np.abs(state.mean_skill) <= HIGHEST_SKILL).all()
        require(bool(fits), "options['state']['mean_skill'] must lie between -1 and 1.")


class TemplateEnv(FairEnv):
    """Hiring as a Gymnasium environment (``TemplateEnv-v0``).

    Action: ``MultiDiscrete([2] * m)``, 1 hires the candidate. Observation: ``test_score`` (Box of shape (m,)),
    ``group`` (MultiDiscrete), ``budget`` (Box of shape (1,)). Reward: the change of the firm's money. The episode
    terminates when the firm is in debt. Parameters: the fields of ``TemplateParams``. Version history: v0, first
    release.
    """

    dynamics_type = TemplateDynamics


class TemplateVectorEnv(FairVectorEnv):
    """The native vector twin of ``TemplateEnv``."""

    dynamics_type = TemplateDynamics
