"""Risk profiles on a chain of eleven people, exactly: who catches the infection under which use of one dose.

Patient zero is anybody with the same chance, tau is .75, and everybody infectious recovers in a step (the paper's
section 4.3 and figure 3). A *preemptive* dose is given before patient zero is known; if it meets patient zero, nobody
falls ill. A *precision* dose is given when patient zero is known. The risk of a person is the probability of ever being
infectious, as patient zero or later.
"""

from __future__ import annotations

from functools import cache

import networkx as nx
import numpy as np
from scipy.optimize import OptimizeResult, linprog

from fairgym.result import Numbers
from fairgym.scenarios.fair_treatment.exact import SmallEpidemic

PEOPLE = 11
MIDDLE = PEOPLE // 2
INFECTION_PROBABILITY, RECOVERY_PROBABILITY = 0.75, 1.0


@cache
def risks() -> tuple[Numbers, Numbers]:
    """Return the risks by patient zero, dose and person: untreated (z, i), and with a precision dose (z, t, i).

    Of the latter, a dose for patient zero comes too late and changes nothing.
    """
    epidemic = SmallEpidemic(nx.path_graph(PEOPLE), INFECTION_PROBABILITY, RECOVERY_PROBABILITY)
    untreated, treated = np.zeros((PEOPLE, PEOPLE)), np.zeros((PEOPLE, PEOPLE, PEOPLE))
    for zero in range(PEOPLE):
        susceptible, infectious = epidemic.start(zero)
        untreated[zero] = epidemic.risk(susceptible, infectious)
        untreated[zero, zero] = 1
        for dose in range(PEOPLE):
            treated[zero, dose] = epidemic.risk(susceptible - {dose}, infectious)
            treated[zero, dose, zero] = 1
    return untreated, treated


def natural() -> Numbers:
    """Return everybody's risk without treatment, (V,)."""
    return np.asarray(risks()[0].mean(axis=0))


def preemptive() -> Numbers:
    """Return the risks by who gets the preemptive dose, (t, i)."""
    by_zero = risks()[1].copy()
    everybody = np.arange(PEOPLE)
    by_zero[everybody, everybody] = 0.0  # patient zero is immune: nobody falls ill
    return np.asarray(by_zero.mean(axis=0))


def random_preemptive() -> Numbers:
    """Return everybody's risk if anybody gets the preemptive dose, (V,)."""
    return np.asarray(preemptive().mean(axis=0))


def longer_side() -> Numbers:
    """Return whom the best precision strategy treats by patient zero, (z,): the neighbour on the longer side.

    On both sides of the middle there are five people; the tie goes to the lower number.
    """
    return np.array([zero + 1 if zero < MIDDLE else zero - 1 for zero in range(PEOPLE)])


def best_precision() -> Numbers:
    """Return everybody's risk if the neighbour of patient zero on the longer side is treated, (V,)."""
    zeros = np.arange(PEOPLE)
    return np.asarray(risks()[1][zeros, longer_side()].mean(axis=0))


def equal_preemptive() -> OptimizeResult:
    """Return what the linear program says of a randomised preemptive strategy under which all risks are equal.

    Unknown are the probabilities of treating each person, and of treating nobody.
    """
    options = np.vstack([preemptive(), natural()])
    equal = options[:, 1:].T - options[:, :1].T
    constraints = np.vstack([equal, np.ones(len(options))])
    return linprog(np.zeros(len(options)), A_eq=constraints, b_eq=[*np.zeros(PEOPLE - 1), 1.0])


def least_spread_preemptive() -> float:
    """Return the smallest possible difference of the largest and the smallest risk under a preemptive strategy.

    Minimise high - low, subject to low <= risk of each person <= high and to probabilities that sum to one.
    """
    options = np.vstack([preemptive(), natural()])
    ones, none = np.ones((PEOPLE, 1)), np.zeros((PEOPLE, 1))
    bounds_of_risk = np.vstack([np.hstack([options.T, -ones, none]), np.hstack([-options.T, none, ones])])
    total = [[*np.ones(len(options)), 0.0, 0.0]]
    cost = [*np.zeros(len(options)), 1.0, -1.0]
    return float(linprog(cost, A_ub=bounds_of_risk, b_ub=np.zeros(2 * PEOPLE), A_eq=total, b_eq=[1.0]).fun)


def equal_precision() -> tuple[float, Numbers]:
    """Return the smallest risk that a randomised precision strategy can give to everybody alike, and everybody's risk.

    Unknown are the probabilities of treating each person given patient zero, (z, t), and the common risk.
    """
    treated = risks()[1]
    by_choice = treated.reshape(PEOPLE**2, PEOPLE).T / PEOPLE
    common = np.hstack([by_choice, -np.ones((PEOPLE, 1))])
    total = np.hstack([np.kron(np.eye(PEOPLE), np.ones(PEOPLE)), np.zeros((PEOPLE, 1))])
    cost = np.zeros(PEOPLE**2 + 1)
    cost[-1] = 1.0
    target = [*np.zeros(PEOPLE), *np.ones(PEOPLE)]
    found = linprog(cost, A_eq=np.vstack([common, total]), b_eq=target)
    return float(found.fun), by_choice @ found.x[:-1]
