"""The recourse rate as a score and the report by group, against hand-worked and published numbers."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.tree import DecisionTreeClassifier

from fairgym.checks import InputError
from fairgym.recourse import ActionSpec, recourse_rate, recourse_report, recourse_scorer
from fairgym.recourse.intervals import difference, mean, median, share
from tests.recourse.small import SPEC, TABLE, bank

SETTINGS = {"actions": SPEC, "cost": "range", "background": TABLE}


def value(report, group, measure, column="value"):
    rows = report[(report["group"] == group) & (report["measure"] == measure)]
    assert len(rows) == 1
    return rows[column].iloc[0]


def test_the_rate_counts_the_accepted_and_those_with_an_action():
    # at 0.6 ann (30 / 59) can and cleo need not, bob and dan (2 / 3) cannot
    assert recourse_rate(bank(), TABLE, budget=0.6, **SETTINGS) == 0.5
    assert recourse_rate(bank(), TABLE, [0, 0, 0, 0], budget=0.7, **SETTINGS) == 1.0
    assert recourse_rate(bank(), TABLE, budget=0, **SETTINGS) == 0.25


def test_the_scorer_serves_cross_validation_and_search():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 3))
    y = (x[:, 0] + 0.5 * rng.normal(size=120) > 0).astype(int)
    scorer = recourse_scorer(ActionSpec(["free", "fixed", "fixed"]), "percentile", 0.3, x)
    tree = DecisionTreeClassifier(max_depth=3, random_state=0)
    scores = cross_val_score(tree, x, y, scoring=scorer, cv=3)
    half = DecisionTreeClassifier(max_depth=3, random_state=0).fit(x[:60], y[:60])
    assert ((scores > 0) & (scores <= 1)).all()
    assert scorer(half, x) == recourse_rate(half, x, actions=scorer.actions, budget=0.3, background=x)
    grid = GridSearchCV(tree, {"max_depth": [1, 3]}, scoring={"recourse": scorer}, refit=False, cv=3, n_jobs=1)
    assert (grid.fit(x, y).cv_results_["mean_test_recourse"] > 0).all()
    assert pickle.loads(pickle.dumps(scorer))(half, x) == scorer(half, x)


def test_the_scorer_gives_the_rate_of_the_group_that_has_the_lowest():
    rng = np.random.default_rng(1)
    x = pd.DataFrame(rng.normal(size=(80, 2)), columns=["score", "side"])
    x["side"] = (x["side"] > 0).astype(float)
    y = (x["score"] + x["side"] > 0.5).astype(int)
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(x, y)
    given = {"actions": ActionSpec({"score": "up"}), "cost": "percentile", "budget": 0.2, "background": x}
    each = [recourse_rate(tree, x[x["side"] == side], **given) for side in (0, 1)]
    assert each[0] != each[1]
    assert recourse_scorer(**given, groups="side")(tree, x) == min(each)
    with pytest.raises(InputError, match="groups='seit' is not a column of X"):
        recourse_scorer(**given, groups="seit")(tree, x)


@pytest.fixture
def report():
    people = pd.concat([TABLE] * 2, ignore_index=True)  # the first table's people are in north, the second's in south
    people.loc[7, "income"] = 310  # another bob in place of dan
    groups = ["north"] * 4 + ["south"] * 4
    return recourse_report(bank(), people, groups, budget=0.6, **SETTINGS)


def test_the_report_is_one_row_per_group_and_measure(report):
    assert list(report["group"].unique()) == ["overall", "north", "south"]
    assert len(report) == 3 * 6


def test_rates_and_costs_worked_out_by_hand(report):
    assert value(report, "overall", "rejection_rate") == 6 / 8
    assert value(report, "north", "rejection_rate") == 3 / 4
    assert value(report, "overall", "recourse_rate") == 4 / 8
    assert value(report, "north", "recourse_rate_rejected") == 1 / 3
    assert value(report, "north", "recourse_rate_rejected", "people") == 3
    assert value(report, "overall", "mean_cost") == pytest.approx(30 / 59)
    assert value(report, "overall", "median_cost", "people") == 2
    assert value(report, "overall", "certified") == 1.0


def test_gaps_are_signed_and_of_everybody_else():
    groups = ["a", "a", "b", "c"]
    report = recourse_report(bank(), TABLE, groups, budget=0.6, **SETTINGS)
    # a: ann with an action, bob without; b: cleo accepted; c: dan without
    assert value(report, "a", "recourse_rate", "gap") == 1 / 2 - 1 / 2
    assert value(report, "b", "recourse_rate", "gap") == 1 - 1 / 3
    assert value(report, "c", "recourse_rate", "gap") == 0 - 2 / 3
    assert value(report, "c", "recourse_rate", "ratio") == 0
    assert value(report, "b", "recourse_rate", "ratio") == pytest.approx(3)
    against = recourse_report(bank(), TABLE, groups, against="b", budget=0.6, **SETTINGS)
    assert value(against, "a", "recourse_rate", "gap") == 1 / 2 - 1
    assert np.isnan(value(against, "b", "recourse_rate", "gap"))


def test_what_is_undefined_is_nan():
    report = recourse_report(bank(), TABLE, ["a", "a", "b", "c"], budget=0.6, **SETTINGS)
    assert np.isnan(value(report, "b", "recourse_rate_rejected")), "cleo is accepted, so nobody of b is rejected"
    assert np.isnan(value(report, "c", "mean_cost")), "dan has no action"
    assert np.isnan(value(report, "overall", "rejection_rate", "gap"))
    assert np.isnan(value(report, "a", "mean_cost", "ratio"))
    assert np.isnan(value(report, "a", "mean_cost", "low")), "one cost has no interval"


def test_two_groups_have_opposite_gaps_and_intervals(report):
    for measure in ("rejection_rate", "recourse_rate", "recourse_rate_rejected"):
        gap, low, high = (value(report, "north", measure, column) for column in ("gap", "gap_low", "gap_high"))
        assert value(report, "south", measure, "gap") == -gap
        assert value(report, "south", measure, "gap_low") == pytest.approx(-high)
        assert value(report, "south", measure, "gap_high") == pytest.approx(-low)
        assert low <= gap <= high


def test_groups_may_be_a_column():
    by_column = recourse_report(bank(), TABLE, "debt", budget=0.6, **SETTINGS)
    by_label = recourse_report(bank(), TABLE, TABLE["debt"], budget=0.6, **SETTINGS)
    pd.testing.assert_frame_equal(by_column, by_label)
    assert list(by_column["group"].unique()) == ["overall", 2, 5]


def test_the_interval_of_a_share_is_wilsons():
    # Newcombe, Statistics in Medicine 17:857 (1998), table I: 81 of 263 gives .2553 to .3662, 0 of 20 gives 0 to .1611
    assert share(np.repeat([1.0, 0.0], [81, 182]), 0.95) == pytest.approx((81 / 263, 0.2553, 0.3662), abs=5e-5)
    assert share(np.zeros(20), 0.95) == pytest.approx((0, 0, 0.1611), abs=5e-5)


def test_the_interval_of_a_difference_is_newcombes():
    # Newcombe, Statistics in Medicine 17:873 (1998), table II, method 10: 56/70 less 48/80 is .2, from .0524 to .3339
    first, second = (share(np.repeat([1.0, 0.0], [k, n - k]), 0.95) for k, n in ((56, 70), (48, 80)))
    assert difference(first, second) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_the_interval_of_a_mean_is_that_of_its_standard_error():
    values = np.random.default_rng(1).normal(size=400)
    middle, low, high = mean(values, 0.95)
    error = values.std() / 20
    assert middle == values.mean()
    # a quantile of 2,000 resamples has a standard error of sqrt(.025 * .975 / 2000) / .0584 = .06 standard errors
    np.testing.assert_allclose([low, high], [middle - 1.96 * error, middle + 1.96 * error], atol=4 * 0.06 * error)


def test_the_interval_of_a_median_is_exact():
    # of nine values, the second and the eighth cover the median with 1 - 2 * (1 + 9) / 2**9 = 96 %
    assert median(np.arange(1.0, 10.0), 0.95) == (5, 2, 8)
    assert np.isnan(median(np.arange(3.0), 0.95)[1:]).all()


def test_more_confidence_is_a_wider_interval():
    narrow = recourse_report(bank(), TABLE, ["a", "a", "b", "c"], budget=0.6, confidence=0.5, **SETTINGS)
    wide = recourse_report(bank(), TABLE, ["a", "a", "b", "c"], budget=0.6, **SETTINGS)
    assert value(wide, "overall", "recourse_rate", "low") < value(narrow, "overall", "recourse_rate", "low")
