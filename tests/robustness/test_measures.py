"""Measures of robustness, gaming and burden: by hand, in closed form, and the one inequality that always holds."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from fairgym.recourse import ActionSpec, WeightedShift
from fairgym.robustness import (
    Moves,
    Reach,
    attack_gap,
    best_response,
    cheapest_moves,
    empirical_radius,
    gaming_rate,
    radius_gap,
    robust_accuracy,
    social_burden,
    strategic_accuracy,
)
from fairgym.robustness.paired import paired_difference
from tests.robustness.tables import MODELS, SPEC, fitted, people

INF = np.inf
GROUPS = ["n", "n", "n", "s", "s", "s"]
Y = [1, 1, 0, 1, 0, 0]


def six(radius=(0.1, 0.5, 0.3, INF, 0.2, 0.4), accepted=(1, 0, 0, 0, 1, 0)):
    """Accepted and qualified, rejected and qualified, neither; stuck though qualified, accepted only, neither."""
    radius = np.array(radius)
    return Moves(
        radius, np.zeros((6, 1)), np.array(["line"] * 6), np.zeros(6, dtype=bool), np.array(accepted, dtype=bool)
    )


def value(frame, group="overall", measure=None, column="value"):
    rows = frame[(frame["group"] == group) & (True if measure is None else frame["measure"] == measure)]
    assert len(rows) == 1
    return rows[column].iloc[0]


def test_robust_accuracy_counts_right_decisions_that_nobody_can_change():
    # right as they are: the first, third and sixth; within .1 the first can be pushed down, within .35 the third up
    for budget, right in ((0.05, 3), (0.1, 2), (0.35, 1), (0.4, 0)):
        assert value(robust_accuracy(six(), Y, budget)) == right / 6
    by_group = robust_accuracy(six(), Y, [0.05, 0.35], GROUPS)
    assert list(by_group["budget"]) == [0.05] * 3 + [0.35] * 3
    assert list(by_group["value"]) == pytest.approx([3 / 6, 2 / 3, 1 / 3, 1 / 6, 0, 1 / 3])
    assert list(by_group["gap"])[1:3] == pytest.approx([1 / 3, -1 / 3])


def test_strategic_accuracy_lets_the_rejected_move_up_only():
    # within .3 the third is approved and wrong; within .5 the second as well, and right, and the sixth wrong
    for budget, right in ((0.1, 3), (0.3, 2), (0.5, 2)):
        assert value(strategic_accuracy(six(), Y, budget)) == right / 6


def test_gaming_is_of_the_unqualified():
    for budget, approved in ((0, 1), (0.3, 2), (0.4, 3)):
        assert value(gaming_rate(six(), Y, budget)) == approved / 3
        assert value(gaming_rate(six(), Y, budget, movers_only=True)) == (approved - 1) / 3
    assert value(gaming_rate(six(), Y, 0.3), column="people") == 3


def test_budgets_may_differ_by_group():
    moves = six()
    # n has .3, so that the third is approved; s has .1, so that nobody moves
    assert value(gaming_rate(moves, Y, {"n": 0.3, "s": 0.1}, GROUPS)) == 2 / 3
    assert value(gaming_rate(moves, Y, {"n": 0.1, "s": 0.4}, GROUPS)) == 2 / 3
    assert value(gaming_rate(moves, Y, {"n": 0.1, "s": 0.4}, GROUPS), "n") == 0


def test_burden_is_of_the_qualified_and_who_cannot_is_counted():
    frame = social_burden(six(), Y, GROUPS)
    assert value(frame, measure="social_burden") == pytest.approx(0.5 / 2)
    assert value(frame, measure="social_burden", column="people") == 2
    assert value(frame, measure="burden_if_rejected") == 0.5
    assert value(frame, measure="cannot_reach") == 1 / 3
    assert value(frame, "s", "cannot_reach") == 1
    assert np.isnan(value(frame, "s", "social_burden")), "nobody of them can be approved"


def test_radii_count_those_without_a_move_as_infinite():
    frame = empirical_radius(six(), GROUPS)
    assert value(frame, measure="median_radius") == pytest.approx(0.35)
    assert value(frame, "s", "median_radius") == 0.4
    assert value(frame, measure="no_known_move") == 1 / 6
    stuck = empirical_radius(six(radius=(INF,) * 6), GROUPS)
    assert value(stuck, measure="median_radius") == INF
    assert np.isnan(value(stuck, "n", "median_radius", "gap"))


@pytest.mark.parametrize("count", [1, 2, 10, 11, 20, 21, 40])
def test_the_low_radius_is_that_of_a_person_however_many_are_stuck(count):
    """The smallest radius of which at least a twentieth of the people has no larger one."""
    radius = np.append(np.full(count - 1, INF), 0.3)
    moves = Moves(radius, np.zeros((count, 1)), np.array([""] * count), *np.zeros((2, count), dtype=bool))
    assert value(empirical_radius(moves), measure="low_radius") == (0.3 if count <= 20 else INF)


def test_the_radius_gap_is_signed():
    frame = radius_gap(six(), GROUPS)
    assert list(frame["value"]) == pytest.approx([0.3 - 0.4, 0.4 - 0.3])
    assert list(frame["median"]) == [0.3, 0.4]
    against = radius_gap(six(), GROUPS, against="n")
    assert against["value"].iloc[1] == pytest.approx(0.1)
    assert np.isnan(against["value"].iloc[0])


def test_an_attack_gap_is_paired():
    plain = six(radius=(0.2, 0.6, 0.4, INF, 0.3, 0.5))
    frame = attack_gap(plain, six(), GROUPS)
    assert list(frame["value"]) == pytest.approx([0.1, 0.1, 0.1])
    assert list(frame["doubtful"]) == [True, True, True]
    assert not attack_gap(six(), six())["doubtful"].any()


def test_paired_differences_have_the_interval_of_their_standard_error():
    rng = np.random.default_rng(0)
    there = rng.normal(size=800)
    here = there + 0.1 + 0.5 * rng.normal(size=800)
    gap, low, high = paired_difference(here, there, np.mean, 0.95)
    error = (here - there).std() / np.sqrt(800)
    assert gap == pytest.approx((here - there).mean())
    # a quantile of 2,000 resamples has a standard error of .06 standard errors
    np.testing.assert_allclose([low, high], [gap - 1.96 * error, gap + 1.96 * error], atol=4 * 0.06 * error)
    assert np.isnan(paired_difference(here[:0], there[:0], np.mean, 0.95)).all()


@pytest.mark.parametrize(
    ("name", "cost"), [*((name, "sd") for name in MODELS), ("scaled", "sd-sum"), ("forest", "percentile")]
)
def test_an_adversary_does_no_less_harm_than_gaming(name, cost):
    """Robust accuracy is at most strategic accuracy for the same budget, for every model and group."""
    X, y = people()
    moves = cheapest_moves(fitted(name), X[:25], Reach(SPEC, cost, background=X))
    budgets, sex = [0, 0.1, 0.3, 1.0, 5.0], X["sex"][:25]
    robust, strategic = (rule(moves, y[:25], budgets, sex) for rule in (robust_accuracy, strategic_accuracy))
    assert (robust["value"] <= strategic["value"]).all()
    assert (robust["value"] < strategic["value"]).any()


def test_a_linear_lender_is_gamed_as_the_closed_form_says():
    """Score x ~ N(0, 1) for the unqualified and N(1, 1) for the qualified, accepted above t, unit cost.

    So within budget b the share Phi(b - t) of the unqualified is approved, and a qualified person pays on average
    E[(t - x)+] = (t - 1) Phi(t - 1) + phi(t - 1). Tolerances are 4.5 standard errors of 20,000 people each.
    """
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 20_000)
    X = (rng.normal(size=40_000) + y)[:, None]
    model = LogisticRegression(C=1e6).fit(X, y)
    line = -model.intercept_[0] / model.coef_[0, 0]
    reach = Reach(ActionSpec(["free"]), WeightedShift((1.0,)), background=X)
    moves = cheapest_moves(model, X, reach)
    for budget in (0.1, 0.5):
        wanted = norm.cdf(budget - line)
        error = 4.5 * np.sqrt(wanted * (1 - wanted) / 20_000)
        assert value(gaming_rate(moves, y, budget)) == pytest.approx(wanted, abs=error)
        assert value(gaming_rate(moves, y, budget)) == (X[y == 0, 0] > line - budget).mean()
    wanted = (line - 1) * norm.cdf(line - 1) + norm.pdf(line - 1)
    error = 4.5 * moves.radius[y == 1].std() / np.sqrt(20_000)
    assert value(social_burden(moves, y), measure="social_burden") == pytest.approx(wanted, abs=error)
    np.testing.assert_allclose(moves.radius, np.abs(X[:, 0] - line), atol=1e-6)


def test_metrics_agree_with_best_responses():
    X, y = people()
    reach, model = Reach(SPEC, "sd", background=X), fitted("forest")
    moves = cheapest_moves(model, X, reach)
    for budget in (0.2, 0.6):
        after = model.predict(pd.DataFrame(best_response(model, X, reach, budget), columns=X.columns))
        assert value(strategic_accuracy(moves, y, budget)) == (after == y).mean()
        assert value(gaming_rate(moves, y, budget)) == after[y == 0].mean()
