"""Synthetic applicants: repayment worked by hand, what acting does to it, and what their tables look like."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.populations.applicants import (
    COLUMNS,
    DEFAULTS,
    FACTORS,
    NOISE_SIZE,
    ApplicantsParams,
    applicants,
    as_table,
    repayment,
    standing,
)
from fairgym.populations.applicants_actions import ACTIONS

PLAIN = {"age": 35, "credit_score": 600, "education": 1, "job:hourly": 1}
"""A person whose every factor but the job stands at zero."""


def person(**changes):
    values = {**PLAIN, **changes}
    return np.array([[float(values.get(column, 0)) for column in COLUMNS]])


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def test_repayment_by_hand():
    """Base 0.05 and an hourly job, 0.6 of an effect of 0.5: log-odds 0.35. A score of 700 adds 1.3."""
    assert repayment(person())[0] == pytest.approx(sigmoid(0.35))
    assert repayment(person(credit_score=700))[0] == pytest.approx(sigmoid(1.65))
    assert repayment(person(debt=1_000, late_payments=2))[0] == pytest.approx(sigmoid(0.35 - 0.3 * math.log(2) - 0.4))


def test_what_is_changed_counts_by_its_causal_share():
    """A salaried job adds 0.4 of an effect of 0.5, which is 0.2, of which a share of 0.7 is causal."""
    before, after = person(), person(**{"job:hourly": 0, "job:salaried": 1})
    assert repayment(before, after)[0] == pytest.approx(sigmoid(0.35 + 0.14))
    assert repayment(before, after, ApplicantsParams(causal=1.0))[0] == pytest.approx(sigmoid(0.55))
    assert repayment(before, after, ApplicantsParams(causal=0.0))[0] == repayment(before)[0]
    assert repayment(after)[0] == pytest.approx(sigmoid(0.55)), "who comes salaried is worth it in full"


def test_nothing_changed_is_nothing_gained_whatever_is_causal():
    people = as_table(200, 3).X.to_numpy()
    for causal in (0.0, 0.5, 1.0):
        np.testing.assert_array_equal(repayment(people, people, ApplicantsParams(causal=causal)), repayment(people))


def test_every_factor_counts_in_the_direction_it_is_named():
    better = {"age": 40, "credit_score": 650, "education": 2, "income": 9, "savings": 9}
    for column, value in better.items():
        assert repayment(person(**{column: value})) > repayment(person()), column
    for column in ("debt", "late_payments"):
        assert repayment(person(**{column: 5})) < repayment(person()), column
    assert standing(person()).shape == (1, len(FACTORS))
    np.testing.assert_allclose(standing(person())[0], [0, 0, 0, 0.6, 0, 0, 0, 0])


def test_people_are_a_function_of_their_own_uniforms():
    uniforms = np.random.default_rng(0).random((50, NOISE_SIZE))
    kept = uniforms.copy()
    together = applicants(uniforms)
    np.testing.assert_array_equal(uniforms, kept)
    np.testing.assert_array_equal(applicants(uniforms[::-1]), together[::-1])
    np.testing.assert_array_equal(np.vstack([applicants(one[None]) for one in uniforms]), together)
    assert np.isfinite(applicants(np.zeros((1, NOISE_SIZE)))).all()
    assert np.isfinite(applicants(np.full((1, NOISE_SIZE), 1 - 2.0**-53))).all()


def test_a_table_looks_like_the_literature():
    """20,000 people. About two of five default, more in group 1; outcomes agree with the true chances."""
    table = as_table(20_000, 0)
    chance = repayment(table.X.to_numpy())
    error = np.sqrt((chance * (1 - chance)).sum()) / len(chance)
    assert abs((1 - table.y).mean() - chance.mean()) < 4 * error
    assert 0.38 < table.y.mean() < 0.48
    by_group = [table.y[table.group == group].mean() for group in (0, 1)]
    assert by_group[1] - by_group[0] > 0.05
    assert abs(table.group.mean() - DEFAULTS.disadvantaged) < 4 * np.sqrt(0.24 / 20_000)
    assert len(np.unique(table.twins)) == 20_000, "no two people are alike"
    ACTIONS.resolve(list(table.X.columns), table.X.shape[1]).check_people(table.X.to_numpy())
    assert table.X["age"].between(18, 70).all()
    assert set(table.X["education"]) == {0, 1, 2, 3}


def test_the_same_seed_gives_the_same_people_and_another_others():
    assert as_table(50, 4).note == as_table(50, 4).note
    assert as_table(50, 4).note != as_table(50, 5).note


def test_without_a_gap_the_groups_are_alike():
    """The same luck with and without group 1's lower start: only her people differ."""
    uniforms = np.random.default_rng(1).random((500, NOISE_SIZE))
    with_gap, without = applicants(uniforms), applicants(uniforms, ApplicantsParams(gap=0.0))
    group = with_gap[:, 0] == 1
    np.testing.assert_array_equal(with_gap[~group], without[~group])
    income = COLUMNS.index("income")
    assert (with_gap[group, income] <= without[group, income]).all()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"disadvantaged": 1.2}, "disadvantaged=1.2 is out of range"),
        ({"gap": -1}, "gap=-1 is out of range"),
        ({"base": float("nan")}, "base=nan is not finite"),
        ({"effects": (1.0, 2.0)}, r"effects has shape \(2,\): give 8 numbers, age, credit_score"),
        ({"causal": (0.5,) * 3}, r"causal has shape \(3,\): give 8 numbers"),
        ({"causal": 1.5}, "causal holds 1.5, which is not a probability"),
    ],
)
def test_parameters_are_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        ApplicantsParams(**changes)


def test_sizes_are_refused():
    with pytest.raises(InputError, match=r"uniforms has shape \(3, 4\): an applicant takes 10"):
        applicants(np.zeros((3, 4)))
    with pytest.raises(InputError, match="n=0 is out of range"):
        as_table(0, 0)
    with pytest.raises(InputError, match="seed=-1 is out of range"):
        as_table(5, -1)


def test_nobody_is_advised_to_be_late_less_than_never_or_to_have_less_than_no_money():
    actions = ACTIONS.resolve(COLUMNS, len(COLUMNS))
    for name in ("income", "savings", "debt", "late_payments"):
        assert actions.low[COLUMNS.index(name)] == 0, name
    before = applicants(np.full((1, 10), 0.5))
    below = before.copy()
    below[0, COLUMNS.index("late_payments")] = -1
    assert not actions.permits(before, below)[0]
