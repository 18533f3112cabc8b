"""Harder to game: closed forms, one law with fairgym.robustness, who is paired with whom, and the claims."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import norm

from fairgym.checks import InputError
from fairgym.models import StrategicLogisticRegression
from fairgym.robustness import Reach, best_response, cheapest_moves
from fairgym.robustness.metrics import (
    empirical_radius,
    gaming_rate,
    robust_accuracy,
    social_burden,
    strategic_accuracy,
)
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import OPEN
from fairgym.scenarios.harder_to_game.measures import budget_of, drift, from_calculation, strategic_minus_robust
from fairgym.scenarios.harder_to_game.names import (
    ACCEPTED,
    ACCURACY,
    BURDEN,
    EXPECTED,
    GAMED,
    GAMING,
    GROUPS,
    LARGER,
    LENDERS,
    NEVER,
    OTHER_MODELS,
    PLAIN,
    RADIUS,
    RAISED,
    RETRAINED,
    ROBUST,
    SHUT_OUT,
    SMALLER,
    STRATEGIC,
    Options,
    late,
    values,
)
from fairgym.scenarios.harder_to_game.people import COST, NOISE_SIZE, PRICES, STRENGTH, cohort, expected
from fairgym.scenarios.harder_to_game.rounds import answer, by_group, cohorts, lane_frame, learned, measured
from tests.scenarios.verdicts import assert_safe, names, verdicts

SCENARIO = load_scenario("harder-to-game")
SMALL = {"people": 300, "retrainings": 10}
REACH = Reach(None, COST, background=np.zeros((1, 4)))


def run(lanes=20, seed=0, jobs=1, **options):
    return SCENARIO.run(SCENARIO.settings(lanes=lanes, seed=seed, env_params={**SMALL, **options}), jobs)


@pytest.fixture(scope="module")
def result():
    return run()


def rule_of(weights, intercept):
    """A rule that was fitted to somebody else, with these weights."""
    rule = StrategicLogisticRegression(0.0, cost=COST).fit(np.eye(4), [0, 1, 0, 1])
    rule.coef_, rule.intercept_ = np.array([weights], dtype=float), np.array([float(intercept)])
    return rule


def many(n=40_000, gap=0.0):
    return cohort(np.random.default_rng(0).random((n, NOISE_SIZE)), gap)


def test_people_are_what_the_text_says():
    # Means of 10,000 people have a standard error of .01; those of 20,000 of .007.
    people = many(gap=0.4)
    for qualified, sign in ((True, 1), (False, -1)):
        for group in (0, 1):
            some = people.features[(people.qualified == qualified) & (people.group == group)]
            np.testing.assert_allclose(some.mean(axis=0), sign * STRENGTH - 0.4 * group, atol=0.045)
            np.testing.assert_allclose(some.std(axis=0), 1, atol=0.04)
    assert people.qualified.mean() == pytest.approx(0.5, abs=0.0125)
    assert people.group.mean() == pytest.approx(0.5, abs=0.0125)


def test_a_rule_on_one_feature_by_hand():
    # Only the first feature counts: price 1, the qualified at .7, the unqualified at -.7, bar at .2, budget 1.
    found = expected(np.array([1.0, 0, 0, 0]), -0.2, 1.0, 0.0)
    assert found.gamed_in == pytest.approx(norm.cdf(0.9) - norm.cdf(-0.1)), "from -.8 to .2, seen from -.7"
    assert found.shut_out == pytest.approx(norm.cdf(-1.5)), "below -.8, seen from .7"
    below = np.linspace(0, 12, 200_001)  # cost by cost, times its density
    burden = np.trapezoid(below * norm.pdf(0.2 - below - 0.7), below)
    assert found.social_burden == pytest.approx(burden, rel=1e-6)
    assert found.accuracy == pytest.approx((norm.cdf(1.5) + norm.cdf(-0.1)) / 2)


def test_a_dear_feature_costs_its_price_and_a_lower_group_has_further_to_go():
    cheap = expected(np.array([1.0, 0, 0, 0]), 0.0, 1.0, 0.0)
    dear = expected(np.array([0, 0, 2.0, 0]), 0.0, PRICES[2] * 1.0, STRENGTH[2] - STRENGTH[0])
    assert dear.shut_out == pytest.approx(cheap.shut_out)
    assert dear.social_burden == pytest.approx(PRICES[2] * cheap.social_burden)
    assert expected(np.array([1.0, 0, 0, 0]), 0.0, 1.0, 0.3).shut_out > cheap.shut_out


@pytest.mark.parametrize("weights", [(1.4, 1.4, 1.0, 1.0), (0.5, -0.2, 2.0, 0.1)])
def test_gaming_rate_and_burden_of_a_linear_rule_are_the_closed_form(weights):
    people, budgets = many(), np.array([1.0, 0.5])
    rule = rule_of(weights, -0.4)
    given = answer(rule, people, REACH, budgets[people.group])
    found = measured(people, given, budgets)
    for group, budget in enumerate(budgets):
        exact = expected(np.array(weights), -0.4, budget, 0.0)
        among = int((people.group == group).sum() / 2)
        assert found[GAMED][group] == pytest.approx(exact.gamed_in, abs=4.5 * np.sqrt(0.25 / among))
        assert found[SHUT_OUT][group] == pytest.approx(exact.shut_out, abs=4.5 * np.sqrt(0.25 / among))
        assert found[ACCURACY][group] == pytest.approx(exact.accuracy, abs=4.5 * np.sqrt(0.125 / among))
        spread = np.where(given.moves.accepted, 0, given.moves.radius)[people.qualified].std()
        assert found[BURDEN][group] == pytest.approx(exact.social_burden, abs=4.5 * spread / np.sqrt(among))


def test_the_way_of_each_person_is_her_distance_over_the_dual_norm():
    people = many(200)
    weights = np.array([1.4, 1.2, -1.0, 0.3])
    score = people.features @ weights - 0.4
    way = cheapest_moves(rule_of(weights, -0.4), people.features, REACH).radius
    np.testing.assert_allclose(way, np.abs(score) / np.linalg.norm(weights / PRICES), rtol=1e-6)


def test_people_answer_as_best_response_says():
    people, budgets = many(2000), np.array([1.0, 0.5])
    rule = rule_of((1.4, 1.4, 1.0, 1.0), -0.4)
    given = answer(rule, people, REACH, budgets[people.group])
    np.testing.assert_array_equal(given.shown, best_response(rule, people.features, REACH, budgets[people.group]))
    np.testing.assert_array_equal(given.accepted, rule.predict(given.shown) == 1)
    moved = (given.shown != people.features).any(axis=1)
    np.testing.assert_array_equal(moved, given.accepted & ~given.moves.accepted)
    spent = REACH.cost_of(people.features, given.shown)
    assert (spent <= budgets[people.group] + 1e-8).all()
    assert spent[people.group == 0].max() > 0.95
    assert 0.45 < spent[people.group == 1].max() < 0.51


def test_measures_are_those_of_fairgym_robustness():
    people, budgets = many(1000), np.array([1.0, 0.5])
    given = answer(rule_of((1.4, 1.4, 1.0, 1.0), -0.4), people, REACH, budgets[people.group])
    found, by_budget = measured(people, given, budgets), {0: 1.0, 1: 0.5}
    about = (given.moves, people.qualified, by_budget, people.group)
    theirs = {
        GAMED: gaming_rate(*about, movers_only=True),
        GAMING: gaming_rate(*about),
        ACCURACY: strategic_accuracy(*about),
        ROBUST: robust_accuracy(*about),
        BURDEN: social_burden(given.moves, people.qualified, people.group),
        RADIUS: empirical_radius(given.moves, people.group),
    }
    for name, frame in theirs.items():
        shown = frame[frame["measure"].isin([name, "gaming_rate", "strategic_accuracy", "median_radius"])]
        by_label = shown.set_index("group")["value"]
        np.testing.assert_allclose(found[name], [by_label[0], by_label[1]], rtol=1e-12, err_msg=name)


def test_a_lender_with_selective_labels_sees_whom_it_accepted():
    people = many(100)
    given = answer(rule_of((1.4, 1.4, 1.0, 1.0), 0.0), people, REACH, np.ones(100))
    seen = learned(people, given, selective_labels=True)
    np.testing.assert_array_equal(seen.features, given.shown[given.accepted])
    np.testing.assert_array_equal(seen.qualified, people.qualified[given.accepted])
    np.testing.assert_array_equal(learned(people, given, selective_labels=False).features, given.shown)


def test_means_by_group_are_undefined_of_nobody():
    group = np.array([0, 0, 1])
    np.testing.assert_array_equal(by_group(np.array([1.0, 2.0, 5.0]), group, None), [1.5, 5.0])
    np.testing.assert_array_equal(
        by_group(np.array([1.0, 2.0, 5.0]), group, np.array([True, False, False])), [1, np.nan]
    )


def test_every_round_has_people_of_its_own_and_every_lane(result):
    people = list(cohorts(3, Options(**SMALL)))
    assert len(people) == SMALL["retrainings"] + 2
    again = list(cohorts(3, Options(**SMALL)))
    other = list(cohorts(4, Options(**SMALL)))
    np.testing.assert_array_equal(people[5].features, again[5].features)
    assert not np.isin(people[5].features, other[5].features).any()
    assert not np.isin(people[5].features, people[6].features).any()


def test_lenders_meet_the_same_people_and_begin_with_the_same_archive(result):
    for group in GROUPS:
        for metric in (ACCEPTED, BURDEN):
            first = [values(result, metric, lender, group, step=0) for lender in (NEVER, PLAIN)]
            np.testing.assert_array_equal(*first)
    bars = {lender: values(result, "bar", lender, step=0) for lender in LENDERS}
    paces = 1.0 * (bars[RAISED] - bars[PLAIN])  # budget 1 times the pace over the length of the weights
    assert (paces > 0.5).all()
    assert (values(result, "bar", NEVER, step=10) == bars[NEVER]).all()
    assert (values(result, "bar", PLAIN, step=10) != bars[PLAIN]).all()


def test_what_is_recorded_adds_up(result):
    for lender in LENDERS:
        for group in GROUPS:
            shut, admitted, right = (
                values(result, name, lender, group, step=3) for name in (SHUT_OUT, GAMING, ACCURACY)
            )
            assert ((right >= 0) & (right <= 1)).all()
            assert (np.abs(1 - (shut + admitted) / 2 - right) < 0.1).all(), "about half of the people are qualified"
            assert (values(result, GAMED, lender, group, step=3) <= admitted).all()
    assert result.groups == list(GROUPS)
    assert result.experiments == list(LENDERS)
    assert result.lanes == 20
    json.dumps(result.config)


def test_the_last_fifth_of_the_retrainings_is_late():
    assert late(list(range(51))) == list(range(41, 51))
    assert late([0, 1]) == [1]
    assert budget_of(run(2, retrainings=1), SMALLER) == 0.5


def test_a_lane_depends_on_its_seed_only(result):
    alone = run(1, seed=7)
    shared = result.frame[result.frame["lane"] == 7].reset_index(drop=True)
    assert alone.frame.equals(shared)
    assert lane_frame(7, Options(**SMALL)).equals(alone.frame)


def test_processes_change_nothing():
    assert run(2, jobs=2, retrainings=1).frame.equals(run(2, retrainings=1).frame)


def test_where_nobody_can_move_nobody_games_and_no_bar_is_raised():
    still = run(2, budgets=(0.0, 0.0), retrainings=2)
    for group in GROUPS:
        assert (values(still, GAMED, RAISED, group) == 0).all()
        for lender in RETRAINED:
            np.testing.assert_array_equal(values(still, ACCURACY, lender, group), values(still, ACCURACY, PLAIN, group))


def test_with_equal_budgets_the_raised_bar_is_strategic_training():
    same = run(2, budgets=(0.7, 0.7), retrainings=2)
    for group in GROUPS:
        for metric in (ACCEPTED, GAMED, BURDEN):
            np.testing.assert_array_equal(values(same, metric, RAISED, group), values(same, metric, STRATEGIC, group))


def test_options_reach_the_world():
    lower = run(4, gap=0.5, retrainings=2)
    plain = run(4, retrainings=2)
    assert values(lower, SHUT_OUT, PLAIN, SMALLER).mean() > values(plain, SHUT_OUT, PLAIN, SMALLER).mean() + 0.02
    seen = run(4, selective_labels=True, retrainings=2)
    assert (values(seen, "bar", PLAIN, step=1) != values(plain, "bar", PLAIN, step=1)).all()
    np.testing.assert_array_equal(
        values(seen, GAMED, PLAIN, LARGER, step=0), values(plain, GAMED, PLAIN, LARGER, step=0)
    )


def test_other_models_play_if_asked_and_change_nothing_for_the_linear_ones():
    more = run(1, other_models=True, retrainings=1, people=100)
    alone = run(1, retrainings=1, people=100)
    assert more.experiments == [*LENDERS, *OTHER_MODELS]
    assert more.frame[more.frame["experiment"].isin(list(LENDERS))].reset_index(drop=True).equals(alone.frame)
    for lender in OTHER_MODELS:
        assert 0 < values(more, ACCEPTED, lender, LARGER, step=0)[0] < 1
        assert values(more, GAMED, lender, LARGER, step=0)[0] > 0, "they are gamed as well"
        with pytest.raises(InputError, match="was not recorded"):
            values(more, "bar", lender)
    assert len(SCENARIO.figures(more)["who-pays"].axes[0].get_yticks()) == len(LENDERS) + len(OTHER_MODELS)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"people": 3}, "people=3"),
        ({"budgets": (1.0,)}, "budgets="),
        ({"budgets": (1.0, -1.0)}, "budgets="),
        ({"gap": -1.0}, "gap=-1.0"),
        ({"selective_labels": 2}, "selective_labels=2"),
        ({"retrainings": 0}, "retrainings=0"),
        ({"budget": 1.0}, "no parameter 'budget'"),
    ],
)
def test_bad_options_are_refused_in_one_sentence(options, complaint):
    with pytest.raises(InputError, match=complaint):
        SCENARIO.settings(env_params=options)


def test_the_claims_at_this_size(result):
    found = verdicts(SCENARIO, result)
    assert names(found, "does not hold") == set()
    holds = names(found, "holds")
    assert holds >= {"G1", "G2", "G3", "G4", "G5", "G6a", "G6b", "P2", "S1a", "S2", "S3", "X1", "N3a", "N3b"}
    assert_safe([one for name, one in found.items() if name in holds - {"P1", "N1", "N2", "S1b"}], 3)
    assert strategic_minus_robust(result).value >= 0
    assert from_calculation(result).value < 5


def test_with_one_seed_or_one_retraining_nothing_breaks():
    found = verdicts(SCENARIO, run(1, retrainings=1))
    assert {one.verdict for name, one in found.items() if name not in ("S3",)} == {OPEN}
    assert np.isnan(drift(run(2, retrainings=1)).value)


def test_figures(result):
    drawn = SCENARIO.figures(result)
    assert set(drawn) == {"harder-to-game", "who-pays"}
    assert len(drawn["who-pays"].axes) == 3
    lines = [line for line in drawn["harder-to-game"].axes[0].lines if len(line.get_xdata()) == 11]
    assert len(lines) == 4
    assert EXPECTED
