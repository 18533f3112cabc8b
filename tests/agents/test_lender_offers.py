"""What rejected people are told: the cheapest way to the bar, or anything; always possible and within the budget."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from fairgym.agents import RecourseLender
from fairgym.agents.lender_actions import permitted
from fairgym.agents.lending_model import LendingModel
from fairgym.agents.random_offers import RandomOffers
from fairgym.envs.advice import DECLINE, OFFER
from fairgym.models import RecourseForestClassifier, RecourseTreeClassifier
from fairgym.populations.applicants import SyntheticPeople
from fairgym.recourse.costs import cost_of
from tests.agents.small_lending import GROUP, SAVINGS, FineSavers, Savers, cohort, ready

STUMP = DecisionTreeClassifier(max_depth=1)
"""On savers it accepts from 5 in savings; a step of one in savings is a tenth of the people."""
APPLICANTS = SyntheticPeople()


def shown(agent, people):
    """Return what the agent does about people (k, D), all in one lane, (k, 1 + D)."""
    seen = cohort(np.zeros(len(people)))
    return agent.act(seen | {"features": people.astype(np.float32).ravel()}, {})


def three_leaves(best):
    """Return a tree under which 0.95 of the best repay, 0.7 of the others with 3 savings or more, 0.1 of the rest."""
    people = Savers().book(2000, 3)[0]
    chance = np.select([best(people), people[:, SAVINGS] >= 3], [0.95, 0.7], 0.1)
    repaid = (np.random.default_rng(0).random(2000) < chance).astype(int)
    return LendingModel(DecisionTreeClassifier(max_leaf_nodes=3).fit(people, repaid), people)


def on_applicants(agent, count=300, seed=0, **params):
    """Return applicants, and what the agent does about them."""
    people = APPLICANTS.book(count, 77)[0]
    ready(agent, seed=seed, people="applicants", places=count, **params)
    return people, shown(agent, people)


# The cheapest


def test_the_offer_is_the_least_change_within_the_budget():
    action = ready(RecourseLender(STUMP, offers="cheapest", budget=0.25)).act(cohort([2, 3, 4, 9], visits=7), {})
    assert action[:, 0].tolist() == [DECLINE, OFFER, OFFER, 1]  # from 2 it costs about 0.3, from 3 about 0.2
    np.testing.assert_array_equal(action[:, 1:], [[0, 2, 7], [0, 5, 7], [0, 5, 7], [0, 9, 7]])


MODELS = {
    "tree": DecisionTreeClassifier(max_depth=5, min_samples_leaf=10),
    "trained tree": RecourseTreeClassifier(max_depth=5, min_samples_leaf=10),
    "forest": RandomForestClassifier(n_estimators=5, max_depth=4),
    "trained forest": RecourseForestClassifier(n_estimators=3, max_depth=4, n_jobs=1),
    "boosting": GradientBoostingClassifier(n_estimators=5),
}


@pytest.mark.parametrize("capacity", [None, 30])
@pytest.mark.parametrize("estimator", MODELS.values(), ids=MODELS.keys())
def test_offers_are_possible_within_the_budget_and_lead_to_the_bar(estimator, capacity):
    agent = RecourseLender(estimator, offers="cheapest", history=500)
    people, action = on_applicants(agent, capacity=capacity)
    model, told = agent._models[0].model, action[:, 0] == OFFER
    target, served = action[told, 1:], action[:, 0] == 1
    assert told.sum() > 5
    assert (model.predict(target) == 1).all()
    cost = cost_of("percentile").fit(APPLICANTS.book(500, 0)[0]).total(people[told], target)
    assert (target != people[told]).any(axis=1).all()
    assert (cost <= 0.3 + 1e-9).all()
    assert APPLICANTS.actions.permits(people[told], target).all()
    chances, bar = model.predict_proba(people)[:, 1], agent.diagnostics()["bar"].item()
    if capacity is None:
        np.testing.assert_array_equal(served, model.predict(people) == 1)
        assert bar == 0.5
    else:
        assert served.sum() == capacity
        assert bar == chances[served].min() > 0.5
        assert (chances[~served] <= bar).all()
        assert (model.predict_proba(target)[:, 1] >= bar).all()
        assert (chances[told] < bar).all()


@pytest.mark.parametrize(("capacity", "goal"), [(None, 3), (2, 7)])
def test_under_competition_the_offer_aims_at_the_bar_of_today(capacity, goal):
    # leaves: up to 2, 3 to 6 and from 7 savings up, of which the model accepts the upper two
    agent = ready(RecourseLender(STUMP, offers="cheapest", budget=1.0), capacity=capacity)
    agent._models[0] = three_leaves(lambda people: people[:, SAVINGS] >= 7)
    action = agent.act(cohort([1, 4, 8, 9]), {})
    assert action[0].tolist() == [OFFER, 0, goal, 0]
    good_enough_for_the_model = [1, 0, 4, 0] if capacity is None else [OFFER, 0, goal, 0]
    assert action[1].tolist() == good_enough_for_the_model
    assert action[2:, 0].tolist() == [1, 1]


@pytest.mark.parametrize(("aim", "goal"), [(0.3, 3), (0.6, 3), (0.8, 7), (0.99, None)])
def test_an_offer_can_aim_above_the_bar(aim, goal):
    agent = ready(RecourseLender(STUMP, offers="cheapest", budget=1.0, aim=aim))
    agent._models[0] = three_leaves(lambda people: people[:, SAVINGS] >= 7)
    action = agent.act(cohort([1, 4, 8, 9]), {})
    assert action[0].tolist() == ([DECLINE, 0, 1, 0] if goal is None else [OFFER, 0, goal, 0])
    assert action[1:, 0].tolist() == [1, 1, 1]


def test_a_bar_above_every_leaf_that_she_can_reach_brings_no_offer():
    # nobody can change the group, and the best are all of group 1
    agent = ready(RecourseLender(STUMP, offers="cheapest", budget=1.0), capacity=2)
    agent._models[0] = three_leaves(lambda people: (people[:, GROUP] == 1) & (people[:, SAVINGS] >= 3))
    action = agent.act(cohort([5, 1, 8, 9], group=[0, 1, 1, 1]), {})
    assert action[:2].tolist() == [[DECLINE, 0, 5, 0], [OFFER, 1, 3, 0]]


def test_lanes_that_share_a_model_have_bars_of_their_own():
    agent = ready(RecourseLender(STUMP, offers="cheapest", shared=True, budget=0.5), 2, capacity=2)
    action = agent.act(cohort([[4, 9, 0, 0], [4, 9, 9, 9]]), {})
    np.testing.assert_array_equal(action[:, 0], [[OFFER, 0, 5, 0]] * 2)
    bars = agent.diagnostics()["bar"]
    assert bars[0] == 0.5 < 0.99 < bars[1]


def test_who_lost_the_draw_at_the_bar_is_told_nothing():
    agent = ready(RecourseLender(STUMP, offers="cheapest", budget=1.0), capacity=1)
    action = agent.act(cohort([9, 9, 9, 2]), {})
    assert sorted(action[:3, 0].tolist()) == [DECLINE, DECLINE, 1]
    assert action[3].tolist() == [OFFER, 0, 5, 0]


def test_a_tree_that_rejects_or_accepts_everybody_offers_nothing():
    agent = ready(RecourseLender(DecisionTreeClassifier(min_samples_leaf=1000), offers="cheapest", history=500))
    assert (agent.act(cohort([0, 3, 6, 9]), {})[:, 0] != OFFER).all()


def test_targets_survive_the_single_precision_in_which_people_are_seen():
    # our trees compare 64 bits: the next number above a threshold would be lost
    people = FineSavers()
    agent = ready(RecourseLender(RecourseTreeClassifier(max_depth=1), offers="cheapest"), people=people, places=200)
    seen = people.book(200, 5)[0]
    action = shown(agent, seen)
    told = action[:, 0] == OFFER
    assert told.sum() > 20
    target = action[told, 1:]
    np.testing.assert_array_equal(target, target.astype(np.float32))
    assert (agent._models[0].model.predict(target) == 1).all()


def test_only_the_features_named_are_asked_for():
    tree = MODELS["tree"]
    people, free = on_applicants(RecourseLender(tree, offers="cheapest"))
    _, causal = on_applicants(RecourseLender(tree, offers="cheapest", only=["savings", "job:none"]))
    names = np.array(APPLICANTS.columns)

    def asked(action):
        told = action[:, 0] == OFFER
        return set(names[(action[told, 1:] != people[told]).any(axis=0)].tolist())

    assert asked(free) - {"savings", "job:none", "job:hourly", "job:salaried"}
    assert asked(causal) <= {"savings", "job:none", "job:hourly", "job:salaried"}
    assert 0 < (causal[:, 0] == OFFER).sum() < (free[:, 0] == OFFER).sum()


def test_one_column_of_a_group_stands_for_the_group():
    left = permitted(APPLICANTS.actions, ["job:none"], APPLICANTS.columns)
    assert np.flatnonzero(~left.fixed).tolist() == [4, 5, 6]
    assert left.groups == APPLICANTS.actions.groups
    assert permitted(APPLICANTS.actions, ["debt"], APPLICANTS.columns).groups == ()


# At random


def test_random_offers_change_one_feature_within_the_same_budget():
    people, action = on_applicants(RecourseLender(MODELS["tree"], offers="random", budget=0.6), count=600)
    told = action[:, 0] == OFFER
    before, target = people[told], action[told, 1:]
    assert told[action[:, 0] != 1].mean() > 0.95
    moved = APPLICANTS.actions.moved(before, target)
    assert (moved.sum(axis=1) == 1).all()
    assert set(np.flatnonzero(moved.any(axis=0)).tolist()) == {1, 3, 4, 7, 8, 9, 10}
    assert APPLICANTS.actions.permits(before, target).all()
    cost = cost_of("percentile").fit(APPLICANTS.book(2000, 0)[0]).total(before, target)
    assert (cost <= 0.6 + 1e-9).all()
    assert cost.max() > 0.55


def test_random_offers_take_every_feature_and_value_with_the_same_chance():
    people = Savers().book(2000, 0)[0]
    cost = cost_of("percentile").fit(people)
    # from 4 savings rise by one or two steps, visits go one or two steps either way: all within 0.25
    everybody, count = np.tile([0.0, 4.0, 4.0], (12_000, 1)), 12_000
    offers = RandomOffers(Savers().actions, cost, 0.25, people)
    told, target = offers.offers(everybody, np.random.default_rng(0).random((count, 2)))
    assert told.all()
    saves = target[:, 1] != 4
    for share, expected in (
        (saves.mean(), 1 / 2),
        ((target[:, 1] == 5).mean(), 1 / 4),
        ((target[:, 1] == 6).mean(), 1 / 4),
        *(((target[:, 2] == goal).mean(), 1 / 8) for goal in (2, 3, 5, 6)),
    ):
        assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / count)


def test_who_can_change_nothing_is_told_nothing_at_random():
    people = Savers().book(2000, 0)[0]
    only = permitted(Savers().actions, ["savings"], Savers.columns)
    offers = RandomOffers(only, cost_of("percentile").fit(people), 0.25, people)
    told, target = offers.offers(np.array([[0.0, 9.0, 4.0], [0.0, 8.0, 4.0]]), np.full((2, 2), 0.99))
    assert told.tolist() == [False, True]
    np.testing.assert_array_equal(target, [[0, 9, 4], [0, 9, 4]])
