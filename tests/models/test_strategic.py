"""StrategicLogisticRegression: scikit-learn's contract, hand-worked paces, the slope of the loss, who is foreseen."""

from __future__ import annotations

import gymnasium
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from fairgym.agents import ClassifierAgent
from fairgym.checks import InputError
from fairgym.experiment import Experiment
from fairgym.metrics import AcceptanceRate, Overall
from fairgym.models import StrategicLogisticRegression
from fairgym.models.stretching import ADVERSARIAL, AGAINST, STRATEGIC, Stretched, Terms
from fairgym.recourse import ActionSpec, PercentileShift, WeightedShift
from fairgym.recourse.actions import everything_free
from fairgym.recourse.costs import COMBINATIONS, EUCLIDEAN, MAXIMUM, SUM
from fairgym.robustness import Reach, StrategicResponse, cheapest_moves, reach_of

PRICES = (1.0, 2.0, 4.0)
COSTS = [WeightedShift(PRICES, combine) for combine in COMBINATIONS]


@parametrize_with_checks(
    [
        StrategicLogisticRegression(),
        StrategicLogisticRegression(0.5),
        StrategicLogisticRegression(0.3, against="adversarial", cost="sd"),
    ]
)
def test_scikit_learn(estimator, check):
    check(estimator)


def people(n=400, seed=0):
    """People of two groups with three features, of whom half are qualified."""
    rng = np.random.default_rng(seed)
    qualified, group = rng.random(n) < 0.5, (rng.random(n) < 0.5).astype(int)
    return rng.normal(size=(n, 3)) + np.where(qualified, 1, -1)[:, None] * [0.8, 0.6, 0.4], qualified, group


def terms(combine, spec=None, prices=PRICES):
    actions = (everything_free(len(prices)) if spec is None else spec).resolve(None, len(prices))
    return Terms(actions, np.array(prices), combine)


def test_a_unit_of_cost_buys_the_dual_norm_of_weights_over_prices():
    # Weights over prices are 3, 2 and 1/2: all at once under a maximum, the best one alone under a sum.
    weights = np.array([3.0, -4.0, 2.0])
    assert terms(MAXIMUM).pace(weights) == pytest.approx(5.5)
    assert terms(SUM).pace(weights) == pytest.approx(3)
    assert terms(EUCLIDEAN).pace(weights) == pytest.approx(np.sqrt(9 + 4 + 0.25))


def test_only_what_is_permitted_is_bought():
    spec = ActionSpec({0: "fixed", 1: "up", 2: "free"})
    weights = np.array([3.0, -4.0, 2.0])
    assert terms(MAXIMUM, spec).pace(weights) == pytest.approx(0.5), "the second feature would have to fall"
    assert terms(MAXIMUM, spec).pace(weights, upwards=False) == pytest.approx(2.5), "to lower the score it rises"


@pytest.mark.parametrize("combine", COMBINATIONS)
def test_the_smooth_pace_is_the_pace_and_has_its_slope(combine):
    weights = np.array([1.5, -0.7, 0.9])
    for spec in (None, ActionSpec({0: "free", 1: "up", 2: "down"})):
        for upwards in (True, False):
            height, slope = terms(combine, spec).smooth_pace(weights, upwards)
            assert height == pytest.approx(terms(combine, spec).pace(weights, upwards), rel=2e-3, abs=2e-3)
            measured = approx_fprime(weights, lambda w: terms(combine, spec).smooth_pace(w, upwards)[0], 1e-7)  # noqa: B023
            np.testing.assert_allclose(slope, measured, atol=1e-5)


@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("combine", COMBINATIONS)
def test_the_slope_of_the_loss_is_what_finite_differences_say(against, combine):
    features, qualified, group = people(50)
    weight = np.random.default_rng(1).random(50)
    budget = np.array([1.0, 0.5])[group]
    loss = Stretched(features, np.where(qualified, 1.0, -1.0), weight, budget, terms(combine), against, C=0.7)
    rule = np.array([0.5, -0.3, 0.8, -0.2])
    measured = approx_fprime(rule, lambda point: loss(point)[0], 1e-7)
    np.testing.assert_allclose(loss(rule)[1], measured, rtol=1e-4, atol=1e-4)


def test_without_a_budget_it_is_logistic_regression():
    features, qualified, _ = people()
    ours = StrategicLogisticRegression(C=0.5).fit(features, qualified)
    theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(features, qualified)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-5)


@pytest.mark.parametrize("cost", COSTS)
def test_one_budget_for_all_raises_the_bar_by_what_it_buys(cost):
    features, qualified, group = people()
    plain = StrategicLogisticRegression(0.0, cost=cost).fit(features, qualified)
    robust = StrategicLogisticRegression(0.8, cost=cost).fit(features, qualified)
    np.testing.assert_array_equal(robust.coef_, plain.coef_)
    assert robust.intercept_[0] == pytest.approx(plain.intercept_[0] - 0.8 * plain.pace_)
    by_group = StrategicLogisticRegression({0: 0.8, 1: 0.8}, cost=cost)
    again = by_group.fit(features, qualified, sensitive_features=group)
    np.testing.assert_array_equal(again.coef_, robust.coef_)


@pytest.mark.parametrize("cost", COSTS)
def test_whoever_would_be_accepted_gets_to_the_raised_bar_and_nobody_else(cost):
    # Hardt et al.: with one budget and one price, the robust rule undoes the answer exactly.
    features, qualified, _ = people()
    plain = StrategicLogisticRegression(0.0, cost=cost).fit(features, qualified)
    robust = StrategicLogisticRegression(0.8, cost=cost).fit(features, qualified)
    reach = Reach(None, cost, background=features)
    radius = cheapest_moves(robust, features, reach, favourable=True).radius
    accepted = robust.predict(features) | (radius <= 0.8)
    clear = np.abs(plain.decision_function(features)) > 1e-6
    np.testing.assert_array_equal(accepted[clear], plain.predict(features)[clear])


@pytest.mark.parametrize("cost", COSTS)
def test_the_pace_is_that_of_the_cheapest_moves(cost):
    features, qualified, _ = people(60)
    rule = StrategicLogisticRegression(0.3, cost=cost).fit(features, qualified)
    moves = cheapest_moves(rule, features, Reach(None, cost, background=features), favourable=True)
    np.testing.assert_allclose(moves.radius * rule.pace_, np.abs(rule.decision_function(features)), rtol=1e-6)


@pytest.mark.parametrize("against", AGAINST)
def test_training_finds_a_valley_of_the_loss_it_names(against):
    features, qualified, group = people()
    cost = WeightedShift(PRICES, "euclidean")
    rule = StrategicLogisticRegression({0: 1.0, 1: 0.3}, against=against, cost=cost)
    rule.fit(features, qualified, sensitive_features=group)
    budget = np.array([1.0, 0.3])[group]
    loss = Stretched(features, np.where(qualified, 1.0, -1.0), np.ones(400), budget, rule.terms_, against, 1.0)
    here = np.append(rule.coef_[0], rule.intercept_)
    assert np.abs(loss(here)[1]).max() < 1e-4
    rng = np.random.default_rng(0)
    around = [loss(here + 0.1 * rng.normal(size=4))[0] for _ in range(50)]
    assert loss(here)[0] < min(around)


def test_budgets_by_group_and_adversarial_training_turn_from_what_is_cheap():
    features, qualified, group = people(4000)

    def share_of_cheap(budget, against=STRATEGIC):
        rule = StrategicLogisticRegression(budget, against=against, cost=WeightedShift(PRICES, "euclidean"))
        weights = rule.fit(features, qualified, sensitive_features=group).coef_[0]
        return weights[0] ** 2 / (weights**2).sum()

    assert share_of_cheap({0: 1.5, 1: 0.0}) < share_of_cheap(0.75) - 0.02
    assert share_of_cheap(0.75, ADVERSARIAL) < share_of_cheap(0.75) - 0.1


def test_it_makes_a_bank_that_lends_to_fewer():
    env_id, trackers = "FeatureLendingEnv-v0", {"accepted": Overall(AcceptanceRate())}
    shares = {}
    for budget in (0.0, 0.5):
        agent = ClassifierAgent(StrategicLogisticRegression(budget), burn_in=100, shared=True)
        run = Experiment("bank", env_id, agent, trackers, steps=300, num_envs=8).run()
        shares[budget] = run.values("accepted").to_numpy()
    assert (shares[0.5] < shares[0.0]).all(), "the same people in every lane, and a higher bar"


def test_in_a_world_in_which_people_answer_fewer_unqualified_get_in():
    """A raised bar is reached by those who would have been accepted; as many as before move, but others."""
    first = gymnasium.make_vec("fairgym:FeatureLendingEnv-v0", num_envs=2000)
    rows = first.reset(seed=9_000)[0]["features"].astype(float)
    repaid = np.asarray(first.unwrapped.state.qualified)
    got_in = {}
    for budget in (0.0, 0.6):
        rule = StrategicLogisticRegression(budget, cost="sd-euclidean").fit(rows, repaid)
        env = gymnasium.make_vec("fairgym:FeatureLendingEnv-v0", num_envs=200)
        env = StrategicResponse(env, rule, reach_of(env, rows, cost="sd-euclidean"), 0.6)
        seen, _ = env.reset(seed=0)
        count = 0
        for _ in range(10):
            seen, *_, info = env.step(rule.predict(seen["features"].astype(float)))
            count += int(((info["qualified"] == 0) & (info["decision"] == 1)).sum())
        got_in[budget] = count
    # Of 2,000 people; two counts of Poisson differ by less than four roots of their sum if nothing is behind it.
    assert got_in[0.0] - got_in[0.6] > 4 * np.sqrt(got_in[0.0] + got_in[0.6])


def test_units_and_sample_weights_change_nothing_but_units():
    features, qualified, group = people(200)
    weight = np.random.default_rng(0).integers(0, 3, 200)
    settings = {"budget": {0: 1.0, 1: 0.5}, "cost": "sd-euclidean", "C": 1e12}
    rows = np.repeat(np.arange(200), weight)
    one = StrategicLogisticRegression(**settings).fit(features, qualified, weight, sensitive_features=group)
    two = StrategicLogisticRegression(**settings).fit(
        features[rows] * [1, 1e3, 1e-3] + 5, qualified[rows], sensitive_features=group[rows]
    )
    np.testing.assert_allclose(
        one.decision_function(features), two.decision_function(features * [1, 1e3, 1e-3] + 5), atol=1e-4
    )


def test_a_frame_with_named_actions():
    features, qualified, _ = people(100)
    table = pd.DataFrame(features, columns=["stated", "saved", "record"])
    rule = StrategicLogisticRegression(0.5, actions=ActionSpec({"record": "fixed"}, default="free")).fit(
        table, qualified
    )
    free = StrategicLogisticRegression(0.5).fit(table, qualified)
    assert rule.pace_ < free.pace_
    assert rule.predict(table).dtype == bool
    np.testing.assert_allclose(rule.predict_proba(table).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("settings", "fit", "complaint"),
    [
        ({"budget": -1.0}, {}, "budget=-1.0"),
        ({"budget": {0: 1.0, 1: 0.5}}, {}, "budget is by group: give fit the group"),
        ({"budget": {0: 1.0}}, {"sensitive_features": [0, 1] * 20}, "budget has no number for the group 1"),
        ({"budget": {0: 1.0}}, {"sensitive_features": [0]}, "sensitive_features has 1 entries for 40 people"),
        ({"against": "all"}, {}, "against='all'"),
        ({"C": 0.0}, {}, "C=0.0"),
        ({"cost": "percentile"}, {}, "has no price per unit"),
        ({"cost": PercentileShift()}, {}, "has no price per unit"),
        ({"cost": WeightedShift((1.0, 0.0, 1.0))}, {}, "asks nothing for changes of 'x1'"),
        ({"actions": "up"}, {}, "actions is"),
        ({"actions": ActionSpec({"age": "up"})}, {}, "which is not there"),
    ],
)
def test_bad_parameters_are_refused_in_one_sentence(settings, fit, complaint):
    features, qualified, _ = people(40)
    with pytest.raises(InputError, match=complaint):
        StrategicLogisticRegression(**settings).fit(features, qualified, **fit)


def test_training_that_is_cut_short_says_so():
    features, qualified, group = people(100)
    rule = StrategicLogisticRegression({0: 1.0, 1: 0.3}, cost="sd", max_iter=8)
    with pytest.warns(ConvergenceWarning, match="training stopped after max_iter=8 steps: give more"):
        rule.fit(features, qualified, sensitive_features=group)


def test_one_class_and_infinity_are_refused():
    features, _, _ = people(40)
    with pytest.raises(InputError, match="one class only"):
        StrategicLogisticRegression().fit(features, np.ones(40))
    features[3, 1] = np.inf
    with pytest.raises(InputError, match="X contains infinity in column 1"):
        StrategicLogisticRegression().fit(features, np.arange(40) % 2)
