"""Golden replay: the lending law, fed with the archived simulator's own random stream, repeats its run of seed 200.

The numbers were printed by the archived program (D'Amour et al., "Fairness is not static", FAT* 2020: figures 2 to 4
are its run of seed 200). Noise is an argument of ``step``, so no legacy mode is needed: three numbers per applicant,
in the order group, score, default, and a fourth at which no score is misread.
"""

from __future__ import annotations

import numpy as np
import pytest

from fairgym.envs.lending import LendingDynamics, LendingParams
from tests.golden.archived import applicants

GROUPS = "00000000111001100000"
SCORES = "41343533410423342433"
DEFAULTS = "01010001101000001101"
ACTIONS = "10111111100101110111"
ARRIVALS = [10164, 9836]
"""Applicants of each group in 20,000 steps; groups do not depend on the actions."""


def digits(values: list[int]) -> str:
    return "".join(map(str, values))


@pytest.mark.parametrize("score_error", [0.0, 0.5])
def test_first_twenty_steps_of_seed_200(score_error):
    """Misreading has a noise column of its own, so that even a world that misreads half the scores (none at .999)."""
    dynamics = LendingDynamics(LendingParams(score_error=score_error))
    rows = applicants(200)
    state = dynamics.initial(next(rows))
    outcomes = []
    for action in ACTIONS:
        state, outcome = dynamics.step(state, np.array([int(action)]), next(rows))
        outcomes.append(outcome)
    assert digits([outcome.group[0] for outcome in outcomes]) == GROUPS
    assert digits([outcome.score[0] for outcome in outcomes]) == SCORES
    assert digits([outcome.observed_score[0] for outcome in outcomes]) == SCORES
    assert digits([1 - outcome.qualified[0] for outcome in outcomes]) == DEFAULTS
    assert digits([outcome.decision[0] for outcome in outcomes]) == ACTIONS


def test_cash_and_people_after_twenty_steps_worked_from_the_printed_strings():
    """15 loans: the printed defaults cost 1 and the rest earn 1; each moves one person of 100 by one score."""
    people = np.array([[0, 10, 10, 20, 30, 30, 0], [10, 10, 20, 30, 30, 0, 0]])
    cash = 10_000
    printed = (map(int, line) for line in (GROUPS, SCORES, DEFAULTS, ACTIONS))
    for group, score, default, action in zip(*printed, strict=True):
        if action:
            cash += 1 - 2 * default
            new_score = min(max(score + 1 - 2 * default, 0), 6)
            people[group, score] -= 1
            people[group, new_score] += 1
    dynamics = LendingDynamics(LendingParams())
    rows = applicants(200)
    state = dynamics.initial(next(rows))
    for action in ACTIONS:
        state, _ = dynamics.step(state, np.array([int(action)]), next(rows))
    assert state.people[0].tolist() == people.tolist()
    assert state.cash[0] == cash


def test_arrivals_of_seed_200_over_the_whole_run():
    dynamics = LendingDynamics(LendingParams())
    rows = applicants(200)
    state = dynamics.initial(next(rows))
    arrivals = [0, 0]
    for row in (next(rows) for _ in range(20_000)):
        arrivals[state.group[0]] += 1
        state, _ = dynamics.step(state, np.array([0]), row)
    assert arrivals == ARRIVALS
