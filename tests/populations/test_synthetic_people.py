"""Synthetic applicants as people who ask for credit: log-odds worked by hand, and the numbers that they always had."""

from __future__ import annotations

import math
from hashlib import sha256
from itertools import product

import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.populations.applicants import (
    COLUMNS,
    FACTORS,
    NOISE_SIZE,
    WIDEST_GAP,
    ApplicantsParams,
    SyntheticPeople,
    applicants,
    as_table,
    repayment,
)
from fairgym.populations.applicants_actions import ACTIONS
from fairgym.populations.credit_people import chance

PEOPLE = SyntheticPeople()
LAST = 1 - 2.0**-53
"""The largest uniform there is."""


def person(**changes):
    """Return a person of 35 with a score of 600 and a school education, whose every factor stands at zero."""
    values = {"age": 35, "credit_score": 600, "education": 1, "job:none": 1} | changes
    return np.array([[float(values.get(column, 0)) for column in COLUMNS]])


def test_log_odds_by_hand():
    """Base 0.05; an income of 2,000 adds 0.5 log 3; a degree (two steps up) adds 0.3; four late payments cost 0.8."""
    assert PEOPLE.shown_log_odds(person())[0] == pytest.approx(0.05)
    assert PEOPLE.shown_log_odds(person(income=2_000))[0] == pytest.approx(0.05 + 0.5 * math.log(3))
    assert PEOPLE.shown_log_odds(person(education=3, late_payments=4))[0] == pytest.approx(0.05 + 0.3 - 0.8)
    effects = PEOPLE.effects(person(credit_score=650, savings=1_000))[0]
    np.testing.assert_allclose(effects, [0, 0.65, 0, 0, 0, 0.2 * math.log(2), 0, 0])


def test_improvement_by_hand():
    """Income 0 to 2,000 shows 0.5 log 3 more, of which 0.9 is real; at rho 0 nothing is, at rho 1 everything."""
    before, after = person(), person(income=2_000)
    shown = 0.5 * math.log(3)
    assert PEOPLE.improvement(before, after, PEOPLE.causal)[0] == pytest.approx(0.9 * shown)
    assert PEOPLE.improvement(before, after, np.ones(len(FACTORS)))[0] == pytest.approx(shown)
    assert PEOPLE.improvement(before, after, np.zeros(len(FACTORS)))[0] == 0
    assert PEOPLE.improvement(before, before, PEOPLE.causal)[0] == 0


def test_repayment_is_the_same_law():
    first = as_table(300, 3).X.to_numpy()
    now = first.copy()
    now[:, COLUMNS.index("savings")] += 5_000
    params = ApplicantsParams(causal=0.5, base=-1.0)
    people = SyntheticPeople(params)
    np.testing.assert_array_equal(repayment(first, params=params), chance(people.shown_log_odds(first)))
    log_odds = people.shown_log_odds(first) + people.improvement(first, now, np.full(len(FACTORS), 0.5))
    np.testing.assert_array_equal(repayment(first, now, params), chance(log_odds))


def test_chances_beyond_the_range_of_the_exponential_are_zero_and_one():
    np.testing.assert_array_equal(chance(np.array([-1e6, 0.0, 1e6])), [0, 0.5, 1])


def test_people_and_tables_are_what_they_always_were():
    """Digests of the 1,000 people of seed 7 and of their outcomes, from before people could come back."""
    table = as_table(1_000, 7)
    values, outcomes = table.X.to_numpy().astype("<i8"), table.y.astype("<i8")
    assert values[0].tolist() == [0, 63, 710, 1, 0, 1, 0, 3467, 589, 7393, 0]
    assert sha256(values.tobytes()).hexdigest() == "3807b89c639233c1d2d4ddcae2186ab73c4fa51d86acfc329ea0913c388c7e58"
    assert sha256(outcomes.tobytes()).hexdigest() == "744a47bb150ef8264e219dd89c1a226e02a0f5e08fc7f5ccc35de90d57bdff3e"


def test_book_and_table_are_the_same_people():
    people, repaid = PEOPLE.book(500, 4)
    table = PEOPLE.table(500, 4)
    np.testing.assert_array_equal(table.X, people)
    np.testing.assert_array_equal(table.y, 1 - repaid)
    np.testing.assert_array_equal(table.group, PEOPLE.group_of(people))
    assert table.note == as_table(500, 4).note
    assert table.actions is ACTIONS
    assert PEOPLE.causal.shape == (len(PEOPLE.factors),) == (8,)
    assert PEOPLE.columns[PEOPLE.score_column] == "credit_score"


def test_people_do_not_depend_on_who_else_is_drawn():
    uniforms = np.random.default_rng(2).random((40, NOISE_SIZE))
    people = PEOPLE.draw(uniforms)
    np.testing.assert_array_equal(people, applicants(uniforms))
    np.testing.assert_array_equal(np.vstack([PEOPLE.draw(row[None]) for row in uniforms]), people)
    alone = np.concatenate([PEOPLE.shown_log_odds(row[None]) for row in people])
    np.testing.assert_array_equal(alone, PEOPLE.shown_log_odds(people))


@pytest.mark.parametrize("gap", [0.0, 0.6, float(WIDEST_GAP)])
def test_all_luck_stays_within_the_limits_and_in_single_precision(gap):
    """Every corner of the cube of uniforms, from nobody's luck to everybody's, and points close to its corners."""
    people = SyntheticPeople(ApplicantsParams(gap=gap))
    corners = np.array(list(product([0.0, LAST], repeat=NOISE_SIZE)))
    tails = np.random.default_rng(5).choice([0.0, 1e-12, 1e-6, 0.5, 1 - 1e-6, LAST], size=(5_000, NOISE_SIZE))
    drawn = people.draw(np.vstack([corners, tails]))
    assert (drawn >= people.low).all()
    assert (drawn <= people.high).all()
    np.testing.assert_array_equal(drawn, drawn.astype(np.float32))
    np.testing.assert_array_equal(people.high, people.high.astype(np.float32))
    assert np.isfinite(people.shown_log_odds(drawn)).all()
    PEOPLE.actions.check_people(drawn)


def test_a_gap_that_rounds_incomes_to_nothing_is_refused():
    with pytest.raises(InputError, match=r"gap=11 is out of range: it must be between 0 and 10\."):
        ApplicantsParams(gap=11)
