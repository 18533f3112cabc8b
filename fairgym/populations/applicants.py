"""Applicants: a synthetic table of people who ask for a loan, with known effects of everything they could change.

The people. Age comes from luck, education and job from a group and luck, income from all of them. A trait that nobody
sees, prudence, raises savings and the credit score and lowers debt and late payments. People of group 1 start lower in
education, job, income and credit score; the group has no effect of its own on repayment. Money is in units of
currency, income per month, debt and savings as they stand; late payments are those of the last two years; ages are 18
to 70 years.

The truth. The log-odds that a person repays are a sum of a base and one effect per factor (age, credit score,
education, job, income, savings, debt, late payments). Of each effect a *causal share* rho goes with the factor when
the person changes it, and the rest stays with the person::

    log-odds(now) = base + sum over factors of effect(first) + rho * (effect(now) - effect(first))

where *first* is what she was when she first came. With rho = 1 whoever acts truly improves; with rho = 0 acting changes
what the lender sees and nothing else (gaming). At the first application the two agree for every rho: no table of first
applications, of whatever size, tells an investment from a game. That is the point of the model, and why a real table
cannot replace it.

Not for: anything about real applicants. The numbers are chosen so that tables look like those of the literature (about
two of five do not repay, more in group 1; the best possible ranking has an area under the curve near 0.8), and are
fitted to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fairgym.batch import Numbers
from fairgym.checks import InputError, number, numbers_array, probabilities, whole_number
from fairgym.noise import Uniforms, counts, normals
from fairgym.populations.credit_people import CreditPeople, chance, single_precision

if TYPE_CHECKING:
    from fairgym.populations.decision_table import DecisionTable
    from fairgym.recourse.actions import ActionSpec

JOBS = ("job:none", "job:hourly", "job:salaried")
COLUMNS = ("group", "age", "credit_score", "education", *JOBS, "income", "savings", "debt", "late_payments")
"""The columns of a table of applicants; education is 0 (none), 1 (school), 2 (trade) or 3 (degree)."""
FACTORS = ("age", "credit_score", "education", "job", "income", "savings", "debt", "late_payments")
"""What repayment depends on."""
NOISE_SIZE = 10
"""Uniform numbers that make one applicant."""
YOUNGEST, OLDEST = 18, 70
WIDEST_GAP = 10
"""Beyond it incomes would round to nothing, by which debts are divided."""
MONEY, LATE = (0.0, 2.0**40), (0.0, 2.0**20)
LIMITS = ((0, 1), (YOUNGEST, OLDEST), (-1_000, 2_000), (0, 3), *[(0, 1)] * 3, MONEY, MONEY, MONEY, LATE)
"""Lowest and highest value of each of ``COLUMNS``, wider than all luck: a uniform in [0, 1) is a normal within 8.3 of
zero, so that at no gap anybody has a score beyond -640 to 1,540, more than 10**11 of money, or 10**5 late payments.
Whoever is moved further (a target of more than a million million) is outside of the world."""


@dataclass(frozen=True)
class ApplicantsParams:
    """Who applies, and what repayment depends on."""

    disadvantaged: float = 0.4
    """Share of applicants in group 1."""
    gap: float = 0.6
    """How much lower group 1 starts in education, job, income and credit score, in standard deviations of each one's
    luck; for the score, six tenths of it."""
    base: float = 0.05
    """Log-odds of repaying of a person with no effects."""
    effects: tuple[float, ...] = (0.02, 1.3, 0.15, 0.5, 0.5, 0.2, 0.3, 0.2)
    """Size of the effect of each of ``FACTORS``: on the log-odds, per unit of ``standing``."""
    causal: float | tuple[float, ...] = (0.3, 0.0, 0.6, 0.7, 0.9, 0.6, 0.8, 0.2)
    """Causal share rho of each of ``FACTORS``, 0 to 1, or one for all."""

    def __post_init__(self) -> None:
        """Check every number."""
        number("disadvantaged", self.disadvantaged, at_least=0, at_most=1)
        number("gap", self.gap, at_least=0, at_most=WIDEST_GAP)
        number("base", self.base)
        for name, array in (
            ("effects", numbers_array("effects", self.effects)),
            ("causal", probabilities("causal", self.causal)),
        ):
            if array.shape != (len(FACTORS),) and (name == "effects" or array.shape != ()):
                raise InputError(f"{name} has shape {array.shape}: give {len(FACTORS)} numbers, {', '.join(FACTORS)}.")


DEFAULTS = ApplicantsParams()


def applicants(uniforms: Uniforms, params: ApplicantsParams = DEFAULTS) -> Numbers:
    """Return applicants made of uniform numbers (n, NOISE_SIZE) in [0, 1), as whole numbers in ``COLUMNS``; (n, D)."""
    if uniforms.ndim != 2 or uniforms.shape[1] != NOISE_SIZE:
        raise InputError(
            f"uniforms has shape {uniforms.shape}: an applicant takes {NOISE_SIZE}, so give (n, {NOISE_SIZE})."
        )
    group = (uniforms[:, 0] < params.disadvantaged).astype(np.float64)
    age = np.minimum(np.floor(YOUNGEST + (OLDEST + 1 - YOUNGEST) * uniforms[:, 1] ** 1.4), OLDEST)  # 1 - 2**-53: 71
    prudence, luck = normals(uniforms[:, 2]), normals(uniforms[:, 3:9]).T
    start = params.gap * group
    education = np.searchsorted([-0.9, 0.2, 1.2], luck[0] - start).astype(np.float64)
    job = np.searchsorted([-1.3, 0.1], luck[1] - start + 0.35 * (education - 1))
    experience = np.minimum(age, 50) - 35
    richer = 0.15 * education + np.array([-0.7, -0.15, 0.1])[job] + 0.01 * experience + 0.35 * (luck[2] - start)
    income = np.round(2_000 * np.exp(richer))
    savings = np.round(1_500 * np.exp(0.9 * prudence + 0.7 * richer + 0.02 * experience + 0.9 * luck[3]))
    debt = np.round(4_000 * np.exp(-0.5 * prudence + 0.3 * richer + 0.9 * luck[4]))
    late = counts(uniforms[:, 9], np.exp(-0.5 - 0.7 * prudence + 0.25 * np.log1p(debt / income) - 0.2 * richer))
    score = np.round(600 + 60 * prudence + 1.5 * experience - 30 * start + 50 * luck[5])
    return np.column_stack([group, age, score, education, *np.eye(3)[job].T, income, savings, debt, late])


def standing(people: Numbers) -> Numbers:
    """Return how people (n, D) stand in each of ``FACTORS``, the better the higher; (n, 8).

    Age in years up to 45, education and job in steps, money as log(1 + amount / 1,000), late payments counted down.
    """
    _, age, score, education, none, hourly, salaried, income, savings, debt, late = people.T
    job = 0.0 * none + 0.6 * hourly + 1.0 * salaried
    money = [np.log1p(amount / 1_000) for amount in (income, savings, debt)]
    return np.column_stack(
        [np.minimum(age, 45) - 35, (score - 600) / 100, education - 1, job, money[0], money[1], -money[2], -late]
    )


class SyntheticPeople(CreditPeople):
    """Applicants as people who ask for credit: what they are and what repayment depends on."""

    name = "applicants"
    columns = COLUMNS
    groups = ("advantaged", "disadvantaged")
    factors = FACTORS
    noise_size = NOISE_SIZE
    score_column = COLUMNS.index("credit_score")
    score_range = (300.0, 850.0)
    sensitive, cut = "group", 0.5
    source = "synthetic applicants with known effects"

    def __init__(self, params: ApplicantsParams = DEFAULTS) -> None:
        """Make the population that ``params`` describe."""
        self.params = params
        self.base = float(params.base)
        self.causal = np.broadcast_to(np.asarray(params.causal, dtype=np.float64), len(FACTORS))
        self.low, self.high = np.array(LIMITS, dtype=np.float64).T

    @property
    def spec(self) -> ActionSpec:
        """What applicants can change."""
        from fairgym.populations.applicants_actions import ACTIONS  # here, because it brings in all of recourse

        return ACTIONS

    def draw(self, uniforms: Uniforms) -> Numbers:
        """Return applicants; whole numbers, above 2**24 (not one of 10**9 people) the nearest in single precision."""
        return single_precision(applicants(uniforms, self.params))

    def effects(self, people: Numbers) -> Numbers:
        """Return the effect of each of ``FACTORS`` on the log-odds that people (k, D) repay; (k, 8)."""
        effects: Numbers = standing(people) * np.asarray(self.params.effects)
        return effects


def repayment(first: Numbers, now: Numbers | None = None, params: ApplicantsParams = DEFAULTS) -> Numbers:
    """Return the true chance that people repay who came as ``first`` (n, D) and now are ``now`` (n, D); (n,).

    What is written in ``now`` counts by its causal share; without it they are as they came.
    """
    people = SyntheticPeople(params)
    log_odds = people.shown_log_odds(first)
    if now is not None:
        log_odds = log_odds + people.improvement(first, now, people.causal)
    return chance(log_odds)


def as_table(n: int, seed: int, params: ApplicantsParams = DEFAULTS) -> DecisionTable:
    """Return n applicants with their outcome (1 = does not repay) as a table; the same for the same seed."""
    return SyntheticPeople(params).table(whole_number("n", n, at_least=1), seed)
