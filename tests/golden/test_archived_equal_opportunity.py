"""Golden run: 20,000 steps under equal opportunity, seed 200, as printed by the archived simulator.

The archived agent (agent seed 50) accepts the first applicant, then solves equal opportunity on the true distribution
after every loan: it counts 1e-6 people more at each score and outcome, and draws one number per decision to mix two
thresholds. Its solver searches the common TPR numerically; here the optimum is taken at a breakpoint of the groups' ROC
curves, which are concave because repayment rises with the score. Loans, people and money come out to the last digit.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.golden.archived import archived_run

STEPS = (1000, 2500, 5000, 10_000, 15_000, 20_000)
LOANS = [(352, 269), (745, 591), (1376, 1032), (2512, 1908), (3421, 2612), (4123, 3197)]
LOANS_STATIC = [(430, 335), (1015, 903), (2045, 1802), (4056, 3667), (6098, 5481), (8113, 7318)]
CREDIT = [(0.566, 0.4305), (0.5495, 0.4195), (0.531, 0.412), (0.4835, 0.394), (0.4495, 0.3525), (0.434, 0.3105)]
"""Mean repayment of each group just before the action of the step; so is the cash."""
CASH = [10164, 10446, 10880, 11655, 12271, 12721]
TARGET_TPR = [0.718, 0.644, 0.621, 0.571, 0.492, 0.417]
TPR = [(0.768, 0.753), (0.714, 0.706), (0.673, 0.664), (0.650, 0.641), (0.605, 0.608), (0.569, 0.575)]
"""TPR of each group over all steps so far."""
FINAL_PEOPLE = [[0, 0.32, 0.42, 0, 0.03, 0.06, 0.17], [0.10, 0.59, 0.12, 0.02, 0.05, 0.05, 0.07]]
"""Read off figure 2 of the paper, to 0.01."""


@pytest.fixture(scope="module")
def run() -> dict[int, dict[str, object]]:
    return archived_run(200, STEPS)


def test_loans_and_cash(run):
    assert [run[step]["loans"] for step in STEPS] == LOANS
    assert [run[step]["cash"] for step in STEPS] == CASH


def test_mean_repayment(run):
    """Printed to half a thousandth."""
    np.testing.assert_allclose([run[step]["credit"] for step in STEPS], CREDIT, atol=5.01e-4)


def test_rates(run):
    """Printed to a thousandth."""
    np.testing.assert_allclose([run[step]["target"] for step in STEPS], TARGET_TPR, atol=5.1e-4)
    np.testing.assert_allclose([run[step]["tpr"] for step in STEPS], TPR, atol=5.1e-4)


def test_final_people(run):
    np.testing.assert_allclose(run[20_000]["people"] / 100, FINAL_PEOPLE, atol=0.0101)


def test_loans_in_the_static_world():
    run = archived_run(200, STEPS, score_moves=False)
    assert [run[step]["loans"] for step in STEPS] == LOANS_STATIC
