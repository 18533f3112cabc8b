"""People of a table: a logistic model that is recovered, rows that are drawn, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fairgym.checks import InputError
from fairgym.populations.credit_people import chance
from fairgym.populations.decision_table import DecisionTable
from fairgym.populations.table_people import TablePeople
from fairgym.recourse.actions import ActionSpec
from tests.populations.test_bad_input import one_sentence

ROWS = 4_000
BASE, SLOPES = 0.4, np.array([0.8, -0.5, 0.0, 0.0])
"""The law of the table: log-odds of repaying = 0.4 + 0.8 * (income - 30) / 10 - 0.5 * debt; sex says nothing."""
SPEC = ActionSpec({"income": "up", "debt": "free"}, bounds={"income": (0, 200)}, integer=["income"])


def table(rows=ROWS):
    random = np.random.default_rng(0)
    income, debt = np.round(np.abs(30 + 10 * random.standard_normal(rows))), random.random(rows) * 4
    X = pd.DataFrame({"income": income, "debt": debt, "sex": random.integers(0, 2, rows), "country": 7})
    repaid = random.random(rows) < chance(BASE + 0.8 * (income - 30) / 10 - 0.5 * debt)
    return DecisionTable("made", X, 1 - repaid.astype(np.int64), SPEC, "sex", 0.5, "made up")


@pytest.fixture(scope="module")
def made():
    return table()


@pytest.fixture(scope="module")
def people(made):
    return TablePeople(made, C=1e6)


def test_the_model_of_the_table_is_recovered(people, made):
    """Within four standard errors, from the information of the logistic likelihood at the truth."""
    X = made.X.to_numpy()[:, :3]
    design = np.column_stack([np.ones(ROWS), (X[:, 0] - 30) / 10, X[:, 1:]])
    truth = np.concatenate([[BASE], SLOPES[:3]])
    weight = chance(design @ truth) * (1 - chance(design @ truth))
    error = np.sqrt(np.diag(np.linalg.inv((design * weight[:, None]).T @ design)))
    slopes = people.slopes * [10, 1, 1, 1]
    base = people.base + (people.slopes * (np.array([30, 0, 0, 0]) - people.mean)).sum()
    assert (np.abs(np.concatenate([[base], slopes[:3]]) - truth) < 4 * error).all()
    assert error.max() < 0.12, "the test can tell the effects from none"


@pytest.mark.parametrize("C", [1e-3, 1.0])
def test_the_mean_chance_is_the_share_that_repaid_whatever_the_penalty(made, C):
    people = TablePeople(made, C=C)
    shown = chance(people.shown_log_odds(made.X.to_numpy(dtype=np.float64)))
    assert shown.mean() == pytest.approx((1 - made.y).mean(), abs=1e-6)


def test_a_constant_column_has_no_effect_and_a_penalty_shrinks_the_others(people, made):
    assert people.slopes[3] == 0
    assert (people.effects(made.X.to_numpy(dtype=np.float64))[:, 3] == 0).all()
    shrunk = TablePeople(made, C=1e-3)
    assert 0 < shrunk.slopes[0] < people.slopes[0]


def test_effects_add_up_to_the_log_odds_and_acting_counts_by_the_causal_share(made):
    people = TablePeople(made, causal={"income": 0.25, "debt": 1})
    before = np.array([[30.0, 2.0, 1.0, 7.0]])
    after = np.array([[40.0, 1.0, 1.0, 7.0]])
    np.testing.assert_array_equal(people.causal, [0.25, 1, 1, 1])
    shown = people.shown_log_odds(after) - people.shown_log_odds(before)
    assert shown[0] == pytest.approx(10 * people.slopes[0] - people.slopes[1])
    real = people.improvement(before, after, people.causal)
    assert real[0] == pytest.approx(2.5 * people.slopes[0] - people.slopes[1])
    np.testing.assert_array_equal(TablePeople(made, causal=0.5).causal, [0.5] * 4)
    np.testing.assert_array_equal(TablePeople(made, causal=[0, 0.5, 1, 1]).causal, [0, 0.5, 1, 1])
    np.testing.assert_array_equal(TablePeople(made).causal, [1] * 4)


def test_people_are_rows_each_as_likely_as_the_others(people, made):
    rows = made.X.to_numpy(dtype=np.float32).astype(np.float64)
    ends = np.array([[0.0], [(ROWS - 1) / ROWS], [1 - 2.0**-53]])
    np.testing.assert_array_equal(people.draw(ends), rows[[0, -1, -1]])
    middles = (np.arange(ROWS) + 0.5) / ROWS
    np.testing.assert_array_equal(people.draw(middles[:, None]), rows)


def test_the_groups_are_those_of_the_table(people, made):
    rows = people.draw((np.arange(ROWS)[:, None] + 0.5) / ROWS)
    np.testing.assert_array_equal(people.group_of(rows), made.group)
    assert people.groups == ("sex <= 0.5", "sex > 0.5")
    assert TablePeople(made, groups=["men", "women"]).groups == ("men", "women")


def test_a_cut_at_a_value_of_the_table_cuts_the_same_in_single_precision(made):
    """0.1 is more than itself in single precision; people who lie on the cut stay below it."""
    tenths = made.X.assign(sex=np.where(made.X["sex"] == 1, 0.3, 0.1))
    given = replace(made, X=tenths, cut=0.1)
    people = TablePeople(given)
    rows = people.draw((np.arange(ROWS)[:, None] + 0.5) / ROWS)
    np.testing.assert_array_equal(people.group_of(rows), given.group)


def test_nobody_moves_beyond_the_limits(people, made):
    """Those of the actions where they are given, otherwise those of the table; both in single precision."""
    assert (people.low[0], people.high[0]) == (0, 200)
    debts = made.X["debt"].to_numpy(dtype=np.float32)
    assert (people.low[1], people.high[1]) == (debts.min(), debts.max())
    np.testing.assert_array_equal(people.actions.low[:2], people.low[:2])
    np.testing.assert_array_equal(people.actions.high[:2], people.high[:2])
    assert people.actions.integer.tolist() == [True, False, False, False]
    narrow = TablePeople(replace(made, actions=replace(SPEC, bounds={"income": (20, 40)})))
    assert narrow.actions.high[0] == 40
    assert narrow.high[0] == made.X["income"].max() > 40, "people who are already above stay"


def test_a_score_is_moved_within_its_range(made):
    people = TablePeople(made, score="income", score_range=[-10, 300])
    assert (people.score_column, people.score_range) == (0, (-10, 300))
    assert (people.low[0], people.high[0]) == (-10, 300)
    own = TablePeople(made, score="debt")
    assert own.score_range == (own.low[1], own.high[1])
    assert TablePeople(made).score_column is None


def test_book_and_table_hold_outcomes_drawn_from_the_model(people):
    """Of 20,000 people; whether they repaid is calibrated within four standard errors, in halves by their chance."""
    rows, repaid = people.book(20_000, 1)
    expected = chance(people.shown_log_odds(rows))
    for half in (expected < np.median(expected), expected >= np.median(expected)):
        error = np.sqrt((expected[half] * (1 - expected[half])).sum()) / half.sum()
        assert abs(repaid[half].mean() - expected[half].mean()) < 4 * error
    made_again = people.table(20_000, 1)
    np.testing.assert_array_equal(made_again.X, rows)
    np.testing.assert_array_equal(made_again.y, 1 - repaid)
    np.testing.assert_array_equal(made_again.group, people.group_of(rows))
    np.testing.assert_array_equal(people.book(50, 3)[0], people.book(50, 3)[0])
    assert not np.array_equal(people.book(50, 3)[0], people.book(50, 4)[0])


REFUSED = [
    (
        {"y": np.zeros(60, dtype=np.int64)},
        {},
        "made holds only people who repaid: a repayment model needs some of both",
    ),
    ({"y": np.ones(60, dtype=np.int64)}, {}, "made holds only people who did not repay"),
    ({"cut": 1.0}, {}, "cut=1 puts everybody into one group: 'sex' goes from 0 to 1, so cut it in between"),
    ({"cut": 1e300}, {}, "cut=1e+300 is out of range"),
    ({"sensitive": "sexx"}, {}, "sensitive names the column 'sexx', which is not there: did you mean 'sex'?"),
    ({"actions": ActionSpec({"incom": "up"})}, {}, "features names the column 'incom'"),
    ({"actions": ActionSpec({"income": "up"}, integer=["debt"])}, {}, "made has a fraction in the integer feature"),
    ({}, {"causal": 1.5}, "causal holds 1.5, which is not a probability"),
    ({}, {"causal": [0.5, 0.5]}, "causal has shape (2,): give one share, one for each of 4 columns, or by name"),
    ({}, {"causal": {"income": 0.5}}, "causal lacks the column 'debt', which people can change"),
    ({}, {"causal": {"income": 2, "debt": 0}}, "causal['income']=2 is out of range"),
    ({}, {"causal": {"incom": 1}}, "causal names the column 'incom', which is not there: did you mean 'income'?"),
    ({}, {"groups": ["men"]}, "groups=['men'] has 1 names: give two"),
    ({}, {"groups": ["men", "men"]}, "groups=['men', 'men'] must be a list of one or more different names"),
    ({}, {"score": "scor"}, "score names the column 'scor'"),
    ({}, {"score": "debt", "score_range": [5, 1]}, "score_range=[5.0, 1.0] is not a range"),
    ({}, {"score": "country"}, "score_range=[7.0, 7.0] is not a range"),
    ({}, {"score_range": [1, 5]}, "score_range is given without a score"),
    ({}, {"C": 0}, "C=0 is too small"),
    ({}, {"C": 1e7}, "C=10000000.0 is out of range: it must be between 0 and 1e+06"),
]


@pytest.mark.parametrize(("change", "settings", "fragment"), REFUSED)
def test_what_does_not_fit_is_refused(change, settings, fragment):
    with pytest.raises(InputError) as refusal:
        TablePeople(replace(table(60), **change), **settings)
    assert fragment in one_sentence(refusal)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_values_beyond_single_precision_are_refused(value):
    given = table(60)
    given.X.loc[3, "debt"] = value
    with pytest.raises(InputError) as refusal:
        TablePeople(given)
    assert "made holds NaN or a number beyond 3e38 in the column 'debt'" in one_sentence(refusal)


def test_outcomes_that_a_line_separates_and_columns_that_say_the_same_have_finite_effects():
    """A column twice shares the effect between the two: the penalty is least for equal halves."""
    given = table(60)
    separated = replace(given, y=(given.X["income"] < 30).to_numpy().astype(np.int64))
    weak = TablePeople(separated, C=1e6)
    assert weak.slopes[0] > 5 * TablePeople(separated).slopes[0] > 0
    assert np.isfinite(weak.slopes).all()
    twice = TablePeople(replace(given, X=given.X.assign(again=2 * given.X["income"])), C=1e6)
    assert twice.slopes[0] == pytest.approx(2 * twice.slopes[4], rel=1e-3)
    assert twice.slopes[0] + 2 * twice.slopes[4] == pytest.approx(TablePeople(given, C=1e6).slopes[0], rel=1e-3)
