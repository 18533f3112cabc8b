"""RecourseLender: the model it lends by, what it is refitted to, whose promises it keeps, and its refusals."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from fairgym.agents import RecourseLender, Transition
from fairgym.agents.lending_model import LendingModel
from fairgym.checks import InputError
from fairgym.envs.advice import ACCEPT, DECLINE, OFFER
from fairgym.envs.reapplication import shown_people
from fairgym.models import RecourseTreeClassifier
from fairgym.recourse import ActionSpec
from fairgym.testing import check_agent
from tests.agents.small_lending import Savers, cohort, outcome_of, ready, world

STUMP = DecisionTreeClassifier(max_depth=1)
"""On savers it accepts from 5 in savings."""


def codes(agent, seen):
    return agent.act(seen, {})[..., 0].tolist()


def lend(agent, seen, decision, qualified, live=True):
    """Let one lane learn from a step."""
    before = {key: values[None] for key, values in seen.items()}
    happened = outcome_of([decision], [qualified])
    nobody = np.zeros(1, bool)
    agent.learn(Transition(before, np.array([decision]), np.zeros(1), before, happened, np.array([live]), nobody))


# The model


def test_it_lends_by_the_model_of_its_lane_and_archive():
    agent = ready(RecourseLender(GaussianNB(), history=200), 3, seed=5, people=Savers(0.3))
    seen = cohort(np.tile([3, 4, 5, 6], (3, 1)), visits=[0, 9, 0, 9])
    actions = agent.act(seen, {})
    for lane in range(3):
        book = Savers(0.3).book(200, 5 + lane)
        model = GaussianNB().fit(*book)
        np.testing.assert_array_equal(actions[lane, :, 0] == ACCEPT, model.predict(shown_people(seen)[lane]) == 1)
    assert len({agent._models[lane].judge(np.array([[0, 5.0, 0]]))[0].item() for lane in range(3)}) == 3


def test_shared_lanes_have_the_model_of_the_first():
    agent = ready(RecourseLender(GaussianNB(), history=200, shared=True), 3, seed=5)
    assert agent.lanes_share
    assert len(agent._models) == 1
    chances = GaussianNB().fit(*Savers().book(200, 5)).predict_proba([[0, 4, 0]])[:, 1]
    np.testing.assert_array_equal(agent._models[0].judge(np.array([[0, 4.0, 0]]))[0], chances)


def test_a_classifier_without_probabilities_lends_by_its_decision_function():
    agent = ready(RecourseLender(RidgeClassifier(), history=300))
    assert codes(agent, cohort([1, 2, 8, 9])) == [DECLINE, DECLINE, ACCEPT, ACCEPT]
    assert agent.diagnostics()["bar"].tolist() == [0]


def test_weights_by_group_reach_the_training():
    tree = RecourseTreeClassifier(max_depth=3, budget=0.1, recourse_weight={0: 0.0, 1: 1.0}, random_state=0)
    agent = ready(RecourseLender(tree, history=400), seed=1, people=Savers(0.3))
    people, repaid = Savers(0.3).book(400, 1)
    spec = ActionSpec({1: "up", 2: "free"}, integer=[1, 2], binary=[0])
    group = people[:, 0].astype(int)
    by_hand = clone(tree).set_params(actions=spec).fit(people, repaid, sensitive_features=group)
    np.testing.assert_array_equal(agent._models[0].model.predict_proba(people), by_hand.predict_proba(people))
    blind = clone(tree).set_params(actions=spec, recourse_weight=0.0).fit(people, repaid)
    assert (blind.predict(people) != by_hand.predict(people)).any()


def test_a_model_trained_for_recourse_gets_the_actions_of_the_offers_or_its_own_by_place():
    trained = RecourseTreeClassifier(max_depth=2)
    fixed = ready(RecourseLender(trained, only=["visits"]))._models[0].model.actions_.fixed
    assert fixed.tolist() == [True, True, False]
    own = RecourseTreeClassifier(max_depth=2, actions=ActionSpec({"savings": "free"}, integer=["savings"]))
    model = ready(RecourseLender(own))._models[0].model
    assert model.actions_.can_fall.tolist() == [False, True, False]
    assert trained.actions is None  # the estimator given is never touched


# What it learns from


def test_refits_use_the_archive_and_the_loans_granted_as_they_were_shown():
    agent = ready(RecourseLender(GaussianNB(), history=50, refit_every=2))
    first, second = cohort([9, 8, 1, 0], visits=3), cohort([7, 2, 6, 5], group=1, applying=[1, 1, 1, 0])
    before = agent._models[0]
    lend(agent, first, [1, 1, 0, 0], [1, 0, 1, 1])
    assert agent._models[0] is before
    lend(agent, second, [0, 1, 1, 0], [-1, 1, 0, 0])
    people, repaid = Savers().book(50, 0)
    people = np.concatenate([people, [[0, 9, 3], [0, 8, 3], [1, 2, 0], [1, 6, 0]]])
    by_hand = GaussianNB().fit(people, np.concatenate([repaid, [1, 0, 1, 0]]))
    np.testing.assert_array_equal(agent._models[0].model.theta_, by_hand.theta_)


def test_the_outcomes_of_the_rejected_and_of_lanes_at_rest_are_not_read():
    agents = [ready(RecourseLender(GaussianNB(), history=50, refit_every=1)) for _ in range(3)]
    for agent, hidden in zip(agents, ([1, 1], [0, 0], [-1, -1]), strict=True):
        lend(agent, cohort([9, 8, 1, 0]), [1, 1, 0, 0], [1, 0, *hidden])
        known = agent._models[0].model.theta_
        lend(agent, cohort([9, 8, 1, 0]), [1, 1, 1, 1], [0, 0, 0, 0], live=False)
        np.testing.assert_array_equal(agent._models[0].model.theta_, known)
    assert np.ptp([agent._models[0].model.theta_ for agent in agents], axis=0).max() == 0


def test_a_lane_that_is_being_reset_teaches_nothing():
    agent = ready(RecourseLender(GaussianNB(), history=50, refit_every=1), 2)
    before = list(agent._models)
    seen, live = cohort([[9, 8, 1, 0], [7, 6, 1, 0]]), np.array([True, False])
    happened = outcome_of(np.ones((2, 4)), np.ones((2, 4)))
    agent.learn(Transition(seen, happened["decision"], np.zeros(2), seen, happened, live, ~live))
    assert agent._models[0] is not before[0]
    assert agent._models[1] is before[1]
    assert [len(agent._loans.rows(lane)) for lane in range(2)] == [4, 0]


def test_only_the_last_loans_are_kept():
    agent = ready(RecourseLender(GaussianNB(), history=50, refit_every=2, window=2))
    lend(agent, cohort([9, 8, 1, 0]), [1, 1, 0, 0], [1, 1, 0, 0])
    lend(agent, cohort([7, 6, 1, 0]), [1, 1, 0, 0], [0, 0, 0, 0])
    people, repaid = Savers().book(50, 0)
    by_hand = GaussianNB().fit(np.concatenate([people, [[0, 7, 0], [0, 6, 0]]]), np.append(repaid, [0, 0]))
    np.testing.assert_array_equal(agent._models[0].model.theta_, by_hand.theta_)


def test_shared_lanes_learn_from_the_loans_of_all():
    agent = ready(RecourseLender(GaussianNB(), history=50, refit_every=1, shared=True), 2)
    seen, everybody = cohort([[9, 8, 1, 0], [7, 6, 1, 0]]), np.ones(2, bool)
    happened = outcome_of([[1, 0, 0, 0], [0, 1, 0, 0]], [[1, 1, 1, 1], [0, 0, 0, 0]])
    agent.learn(Transition(seen, happened["decision"], np.zeros(2), seen, happened, everybody, ~everybody))
    people, repaid = Savers().book(50, 0)
    by_hand = GaussianNB().fit(np.concatenate([people, [[0, 9, 0], [0, 6, 0]]]), np.append(repaid, [1, 0]))
    np.testing.assert_array_equal(agent._models[0].model.theta_, by_hand.theta_)


def test_diagnostics_follow_the_refit():
    agent = ready(RecourseLender(STUMP, history=200, refit_every=1))
    agent.act(cohort([9, 8, 1, 0]), {})
    reference = Savers().book(1000, 0)[0][:, 1]
    assert agent.diagnostics()["accepts"].tolist() == [(reference >= 5).mean()]
    agent._archives[0] = agent._archives[0]._replace(repaid=(agent._archives[0].people[:, 1] >= 8).astype(np.int64))
    lend(agent, cohort([9, 8, 1, 0]), [1, 1, 0, 0], [1, 1, 0, 0])
    agent.act(cohort([9, 8, 1, 0]), {})
    assert agent.diagnostics()["accepts"].tolist() == [(reference >= 8).mean()]


# Promises


def strict_after(agent):
    """Let the lender accept nobody below 8 from now on."""
    people = agent._archives[0].people
    agent._models[0] = LendingModel(DecisionTreeClassifier().fit(people, (people[:, 1] >= 8).astype(int)), people)


def test_who_did_what_she_was_told_is_accepted_whatever_the_model_says_now():
    for promises, code in (("honour", ACCEPT), ("forget", OFFER)):
        agent = ready(RecourseLender(STUMP, offers="cheapest", budget=0.4, promises=promises))
        action = agent.act(cohort([3, 9, 9, 9]), {})
        assert action[0].tolist() == [OFFER, 0, 5, 0]
        strict_after(agent)
        assert codes(agent, cohort([5, 9, 9, 9], promised=[1, 0, 0, 0]))[0] == code


def test_promises_of_others_are_not_honoured():
    agent = ready(RecourseLender(STUMP, offers="cheapest", budget=0.15))
    assert codes(agent, cohort([0, 4, 9, 9])) == [DECLINE, OFFER, ACCEPT, ACCEPT]
    strict_after(agent)  # the first was told nothing; the second applied again in between and was told nothing then
    assert codes(agent, cohort([5, 5, 9, 9], promised=[1, 0, 0, 0])) == [DECLINE, DECLINE, ACCEPT, ACCEPT]
    assert codes(agent, cohort([5, 5, 9, 9], promised=[0, 1, 0, 0])) == [DECLINE, DECLINE, ACCEPT, ACCEPT]
    silent = ready(RecourseLender(STUMP), offers="built-in")
    assert silent.act(cohort([1, 2, 3, 9], promised=1), {}).tolist() == [0, 0, 0, 1]


def test_a_promise_outlives_periods_in_which_the_person_works():
    agent = ready(RecourseLender(STUMP, offers="cheapest", budget=0.15))
    agent.act(cohort([4, 9, 9, 9]), {})
    strict_after(agent)
    agent.act(cohort([4, 9, 9, 9], applying=[0, 1, 1, 1]), {})
    assert codes(agent, cohort([5, 9, 9, 9], promised=[1, 0, 0, 0]))[0] == ACCEPT


def test_the_promised_come_first_and_leave_no_bar_where_they_take_all_loans():
    agent = ready(RecourseLender(STUMP, offers="cheapest", budget=0.4), capacity=1)
    assert codes(agent, cohort([4, 3, 9, 0])) == [OFFER, OFFER, ACCEPT, DECLINE]
    strict_after(agent)
    assert codes(agent, cohort([5, 1, 9, 6], promised=[1, 0, 0, 0])) == [ACCEPT, DECLINE, DECLINE, DECLINE]
    told = agent.diagnostics()
    assert np.isnan(told["bar"]).all()
    assert told["accepts"].tolist() == [0]


def test_where_the_promised_are_too_many_nobody_else_could_have_been_served():
    agent = ready(RecourseLender(STUMP, offers="cheapest", budget=0.4), capacity=1)
    assert codes(agent, cohort([4, 3, 9, 0])) == [OFFER, OFFER, ACCEPT, DECLINE]
    strict_after(agent)
    assert sorted(codes(agent, cohort([5, 5, 1, 1], promised=[1, 1, 0, 0]))) == [DECLINE, DECLINE, DECLINE, ACCEPT]
    assert np.isnan(agent.diagnostics()["bar"]).all()


def test_promises_are_kept_unless_competition_or_retraining_breaks_them():
    kept = {}
    for name, agent, params in (
        ("free", RecourseLender(STUMP, offers="cheapest", promises="forget"), {}),
        ("competition", RecourseLender(STUMP, offers="cheapest", promises="forget"), {"capacity": 3}),
    ):
        env = world(4, places=60, people=Savers(0.5), arrival_rate=0.3, means=2.0, speed=1.0, **params)
        observation, info = env.reset(seed=0)
        agent.reset(env, 0)
        kept[name] = []
        for _ in range(15):
            observation, _, _, _, info = env.step(agent.act(observation, info))
            kept[name] += info["promise_kept"][info["promise_kept"] >= 0].tolist()
            assert not np.isnan(info["offer_cost"]).any()
    assert len(kept["free"]) > 50
    assert np.mean(kept["free"]) == 1
    assert 0.05 < np.mean(kept["competition"]) < 0.95


# Laws and misuse


@pytest.mark.parametrize(
    "agent",
    [
        RecourseLender(STUMP, offers="cheapest", history=100, refit_every=3),
        RecourseLender(STUMP, offers="cheapest", history=100, refit_every=3, shared=True),
        RecourseLender(STUMP, offers="random", history=100, promises="forget"),
    ],
    ids=["own", "shared", "random"],
)
def test_the_laws_with_offers(agent):
    params = {"population": Savers(0.5), "places": 15, "capacity": 2, "offers": "agent", "selective_labels": True}
    check_agent(agent, "ReapplicationEnv-v0", num_envs=2, steps=12, **params)


def test_every_example_lends():
    for name, agent in RecourseLender.examples().items():
        ready(agent, people="applicants", places=2)
        assert agent.offers is None or "offers" in name


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"offers": "best"}, "offers='best' is not known"),
        ({"promises": "keep"}, "promises='keep' is not known"),
        ({"budget": -0.1}, "budget=-0.1 is out of range"),
        ({"cost": "percentil"}, "cost='percentil' is not known: did you mean 'percentile'"),
        ({"aim": 0.6}, "aim=0.6 is about offers of the cheapest change"),
        ({"aim": 1.6, "offers": "cheapest"}, "aim=1.6 is out of range"),
        ({"only": "savings"}, "only='savings' is one word"),
        ({"refit_every": 0}, "refit_every=0 is out of range"),
        ({"history": 1}, "history=1 is out of range"),
        ({"window": 0}, "window=0 is out of range"),
        ({"shared": 1}, "shared=1 is not a yes or no"),
        ({"method": "slow"}, "method='slow' is not known"),
        ({"node_limit": 0}, "node_limit=0 is out of range"),
    ],
)
def test_bad_settings_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        RecourseLender(STUMP, **given)


@pytest.mark.parametrize(
    ("agent", "params", "message"),
    [
        (RecourseLender(STUMP, offers="cheapest"), {"offers": "built-in"}, "this world asks for decisions only"),
        (RecourseLender(STUMP, offers="random", budget=2), {}, "budget=2.0 is out of range"),
        (RecourseLender(STUMP, only=["saving"]), {}, "only names 'saving', but no feature is called so"),
        (RecourseLender(STUMP, only=["group"]), {}, r"only=\['group'\] lets nobody change anything"),
        (RecourseLender(STUMP, history=2), {"seed": 3}, "history=2 gives an archive in which all"),
        (RecourseLender(LogisticRegression(), offers="cheapest"), {}, "which is not supported: give one of Decision"),
        (
            RecourseLender(RandomForestClassifier(n_estimators=3), offers="cheapest", aim=0.6),
            {},
            "aim=0.6 needs the shares of leaves, but the model has 3 trees",
        ),
        (RecourseLender(RecourseTreeClassifier(target_class=0)), {}, "target_class=0 is not what applicants want"),
    ],
)
def test_what_does_not_fit_the_world_is_refused(agent, params, message):
    with pytest.raises(InputError, match=message):
        ready(agent, **params)


def test_what_is_no_classifier_is_refused():
    with pytest.raises(InputError, match="is not a scikit-learn classifier"):
        RecourseLender("tree")
