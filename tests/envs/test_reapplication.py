"""The world of reapplication against people worked by hand; ``tests.envs.small_credit`` says who they are."""

import pickle

import gymnasium as gym
import numpy as np
import pytest

from fairgym.envs.advice import ACCEPT, DECLINE, OFFER, Agency
from fairgym.envs.reapplication import shown_people
from fairgym.outcome import BACK, GONE, NEW, REJECTED, SERVED, WORKING
from tests.envs.small_credit import (
    NOBODY,
    SCORE,
    SKILL,
    SMALL,
    SmallPeople,
    features,
    law,
    noise,
    period,
    person,
    society,
    told,
)

SINGLE = 1e-6
MORE_SKILL = (OFFER, features(skill=1))
"""Costs 1/4, and nobody works on it for more than 3 periods."""


def odds(log_odds):
    return 1 / (1 + np.exp(-log_odds))


def later(world, state, periods, *actions, **luck):
    """Return the state and the outcome after so many more periods of the same actions, without newcomers."""
    outcome = None
    for _ in range(periods):
        state, outcome = world.step(state, told(*actions), noise(world, **luck))
    return state, outcome


def test_who_follows_an_offer():
    # Cost 1/4: exp(-1/2) = .6065 of group 0 follow, exp(-1) = .3679 of group 1.
    people = [person(kind=0), person(kind=0), person(kind=1), person(kind=1)]
    people = [{**one, "group": kind} for one, kind in zip(people, (0, 0, 1, 1), strict=True)]
    actions = [(OFFER, features(kind=kind, skill=1)) for kind in (0, 0, 1, 1)]
    luck = {"follow": [0.606, 0.607, 0.367, 0.368]}
    _, state, outcome = period(people, actions, luck=luck, means=(0.5, 0.25))
    np.testing.assert_array_equal(outcome.offered, [[1, 1, 1, 1]])
    np.testing.assert_allclose(outcome.offer_cost, [[0.25] * 4], rtol=1e-12)
    np.testing.assert_array_equal(outcome.followed, [[1, 0, 1, 0]])
    np.testing.assert_array_equal(outcome.status, [[WORKING, GONE, WORKING, GONE]])
    np.testing.assert_array_equal(outcome.decision, [[0, 0, 0, 0]])
    np.testing.assert_array_equal(state.features[0, :, SKILL], [0, 0, 0, 0])


@pytest.mark.parametrize(("speed", "periods"), [(0.05, 5), (0.1, 3), (0.125, 2), (0.25, 1), (9.0, 1)])
def test_acting_takes_time_in_proportion_to_its_cost(speed, periods):
    world, state, outcome = period([person()], [MORE_SKILL], luck={"follow": 0.0}, speed=speed)
    for passed in range(1, periods):
        assert outcome.status[0, 0] == WORKING
        assert not world.observe(state)["applying"].any()
        state, outcome = later(world, state, 1, DECLINE)
        assert (outcome.applied[0, 0], outcome.waited[0, 0]) == (0, passed)
    assert outcome.status[0, 0] == BACK
    observed = world.observe(state)
    assert (observed["applying"][0, 0], observed["promised"][0, 0], observed["tries"][0, 0]) == (1, 1, 1)
    np.testing.assert_array_equal(shown_people(observed)[0, 0], features(skill=1))
    _, outcome = later(world, state, 1, ACCEPT)
    assert (outcome.applied[0, 0], outcome.returned[0, 0], outcome.promise_kept[0, 0]) == (1, 1, 1)
    assert (outcome.tries[0, 0], outcome.waited[0, 0]) == (2, periods)
    assert (outcome.effort[0, 0], outcome.effort_spent[0, 0]) == pytest.approx((0.25, 0.25))


def test_a_promise_is_kept_broken_or_not_made():
    back = {"returning": 1, "wholly": 1, "last_effort": 0.25}
    people = [
        person(BACK, tries=1, rest=back.items()),
        person(BACK, tries=1, rest=back.items()),
        person(BACK, tries=1, rest={**back, "wholly": 0}.items()),
        person(BACK, tries=1),
        person(),
    ]
    world = law(places=5)
    state = society(world, *people)
    np.testing.assert_array_equal(world.observe(state)["promised"], [[1, 1, 0, 0, 0]])
    after, outcome = world.step(state, told(ACCEPT, DECLINE, ACCEPT, ACCEPT, ACCEPT), noise(world))
    np.testing.assert_array_equal(outcome.promise_kept, [[1, 0, -1, -1, -1]])
    np.testing.assert_array_equal(outcome.returned, [[1, 1, 1, 0, 0]])
    np.testing.assert_array_equal(outcome.effort, [[0.25, 0.25, 0.25, 0, 0]])
    # Whoever is rejected once more has no promise left.
    assert (after.returning[0, 1], after.wholly[0, 1], after.last_effort[0, 1]) == (0, 0, 0)


def test_losing_the_lottery_breaks_a_promise():
    back = person(BACK, tries=1, rest={"returning": 1, "wholly": 1}.items())
    _, _, outcome = period([back, back], [ACCEPT, ACCEPT], luck={"lottery": [0.4, 0.3]}, capacity=1)
    np.testing.assert_array_equal(outcome.promise_kept, [[0, 1]])


def test_acting_in_part():
    people, luck = [person(debt=4)] * 2, {"follow": 0.0, "partly": [0.29, 0.3], "share": 0.5}
    target = (OFFER, features(skill=3, debt=1, own=1))
    world, state, outcome = period(people, [target] * 2, luck=luck, partly=0.3, speed=0.125, means=9)
    np.testing.assert_allclose(outcome.offer_cost, [[1, 1]])  # the home
    # Half of the way: skill 1 (1.5 rounded down), debt 2.5, and no other home; it costs 1.5 / 4, so 3 periods.
    state, outcome = later(world, state, 2, *[DECLINE] * 2)
    np.testing.assert_array_equal(outcome.status, [[BACK, WORKING]])
    np.testing.assert_array_equal(state.features[0, 0], features(skill=1, debt=2.5))
    np.testing.assert_array_equal(state.features[0, 1], features(debt=4))
    np.testing.assert_array_equal(world.observe(state)["promised"], [[0, 0]])
    _, outcome = later(world, state, 1, *[ACCEPT] * 2)
    assert (outcome.returned[0, 0], outcome.promise_kept[0, 0]) == (1, -1)
    np.testing.assert_allclose(outcome.effort, [[0.375, 0]])
    state, _ = later(world, state, 5, *[DECLINE] * 2)
    np.testing.assert_array_equal(state.features[0, 1], target[1])


def test_who_gets_nowhere_is_back_after_one_period_as_she_was():
    luck = {"follow": 0.0, "partly": 0.0, "share": 0.0}
    world, state, outcome = period([person()], [MORE_SKILL], luck=luck, partly=1.0)
    assert outcome.status[0, 0] == BACK
    _, outcome = later(world, state, 1, DECLINE)
    assert (outcome.returned[0, 0], outcome.effort[0, 0], outcome.promise_kept[0, 0]) == (1, 0, -1)


@pytest.mark.parametrize(
    ("causal_share", "rise"),
    [(1, 2.75), (0, 0), (0.5, 1.375), ((1, 0, 1, 0), 0.5), ((0, 0.5, 0, 1), 1.25), (None, 1.5)],
)
def test_the_causal_share_of_acting_is_real(causal_share, rise):
    # Skill 0 to 2, debt 2 to 1, a home of one's own: the effects rise by 2, 1/2 and 1/4, from log-odds of -1.
    luck = {"follow": 0.0}
    target = (OFFER, features(skill=2, debt=1, own=1))
    world, state, outcome = period([person(debt=2)], [target], luck=luck, causal_share=causal_share, speed=1.0)
    assert (outcome.score[0, 0], outcome.observed_score[0, 0]) == pytest.approx((odds(-1), odds(-1)))
    np.testing.assert_allclose(state.log_odds, [[-1 + rise]], rtol=1e-12)
    np.testing.assert_allclose(state.shown_log_odds, [[1.75]], rtol=1e-12)
    _, outcome = later(world, state, 1, DECLINE)
    assert outcome.true_score_change[0, 0] == pytest.approx(odds(-1 + rise) - odds(-1), abs=1e-12)
    assert outcome.shown_score_change[0, 0] == pytest.approx(odds(1.75) - odds(-1))
    assert (outcome.score[0, 0], outcome.observed_score[0, 0]) == pytest.approx((odds(-1 + rise), odds(1.75)))
    expected = np.broadcast_to(SMALL.causal if causal_share is None else causal_share, 4)
    np.testing.assert_array_equal(world.truth(state)["causal_share"], [expected])


def test_the_true_chance_decides_who_repays():
    # Gained by gaming: the features show log-odds of 2, the truth is still 0.
    world = law(places=2, causal_share=0.0, speed=1.0, means=9)
    state = society(world, person(), person())
    state, _ = world.step(state, told(*[(OFFER, features(skill=2))] * 2), noise(world, follow=0.0))
    _, outcome = world.step(state, told(ACCEPT, ACCEPT), noise(world, loan=[0.49, 0.51]))
    np.testing.assert_array_equal(outcome.qualified, [[1, 0]])
    np.testing.assert_array_equal(outcome.repaid, [[1, 0]])
    np.testing.assert_allclose(outcome.observed_score, odds(2.0))


def test_a_loan_moves_score_and_log_odds_in_full():
    people = [person(score=600), person(score=600), person(score=790), person(score=500)]
    luck = {"loan": [0.0, 0.999, 0.0, 0.999]}
    _, state, outcome = period(people, [ACCEPT] * 4, luck=luck, causal_share=0.0)
    np.testing.assert_array_equal(outcome.repaid, [[1, 0, 1, 0]])
    np.testing.assert_array_equal(state.features[0, :, SCORE], [675, 450, 800, 400])
    expected = [0.75, -1.5, 2.0, -2.0]  # (score - 600) / 100
    np.testing.assert_allclose(state.log_odds, [expected], rtol=1e-12)
    np.testing.assert_allclose(state.shown_log_odds, [expected], rtol=1e-12)
    np.testing.assert_allclose(outcome.score, [odds(np.array([0, 0, 1.9, -1.0]))])
    np.testing.assert_array_equal(state.defaults, [2])


def test_other_moves_of_the_score():
    luck = {"loan": [0.0, 0.999]}
    _, state, _ = period([person()] * 2, [ACCEPT] * 2, luck=luck, score_gain=10, score_loss=20)
    np.testing.assert_array_equal(state.features[0, :, SCORE], [610, 580])


class Scoreless(SmallPeople):
    score_column = None


def test_without_a_score_a_loan_moves_nothing():
    _, state, outcome = period([person()], [ACCEPT], luck={"loan": 0.0}, population=Scoreless())
    np.testing.assert_array_equal(state.features[0, 0], features())
    assert (outcome.repaid[0, 0], state.log_odds[0, 0]) == (1, 0)


def test_money_is_what_repaid_loans_earn_less_what_defaults_cost():
    luck = {"loan": [0.0, 0.0, 0.999, 0.0]}
    world, _, outcome = period(
        [person()] * 4, [ACCEPT, ACCEPT, ACCEPT, DECLINE], luck=luck, interest=0.1, default_loss=0.7
    )
    np.testing.assert_allclose(outcome.utility, [[0.1, 0.1, -0.7, 0]])
    np.testing.assert_array_equal(outcome.repaid, [[1, 1, 0, -1]])
    np.testing.assert_array_equal(outcome.qualified, [[1, 1, 0, 1]])
    np.testing.assert_allclose(world.reward(outcome), [-0.5])
    assert world.payoff == (0.1, 0.7)


def test_capacity_is_a_lottery_and_its_losers_are_told_nothing():
    people = [person()] * 4 + [NOBODY]
    luck = {"lottery": [0.9, 0.1, 0.5, 0.2, 0.0], "retry": 0.4}
    _, state, outcome = period(people, [ACCEPT, ACCEPT, ACCEPT, MORE_SKILL, ACCEPT], luck=luck, capacity=1)
    np.testing.assert_array_equal(outcome.decision, [[0, 1, 0, 0, 0]])
    np.testing.assert_array_equal(outcome.offered, [[0, 0, 0, 1, 0]])
    np.testing.assert_array_equal(outcome.status, [[REJECTED, SERVED, REJECTED, REJECTED, GONE]])
    np.testing.assert_array_equal(state.wait[0, [0, 2, 3]], [3, 3, 3])


def test_an_agency_tells_the_losers_of_a_lottery_nothing():
    world = law(places=20, offers="built-in", capacity=1, budget=1.0)
    state = society(world, *[person(debt=4)] * 20)
    _, outcome = world.step(state, np.array([[1] * 10 + [0] * 10]), noise(world))
    assert outcome.decision.sum() == 1
    np.testing.assert_array_equal(outcome.offered, [[0] * 10 + [1] * 10])


def test_effort_adds_up():
    tired = person(BACK, tries=1, effort=0.7)
    world, state, _ = period([tired], [MORE_SKILL], luck={"follow": 0.0}, speed=1.0)
    _, outcome = later(world, state, 1, DECLINE)
    assert (outcome.effort[0, 0], outcome.effort_spent[0, 0]) == pytest.approx((0.25, 0.95))


def test_who_is_rejected_comes_back_as_she_was_or_gives_up():
    world, state, outcome = period([person(), person()], [DECLINE] * 2, luck={"retry": [0.49, 0.5]}, retry_after=3)
    np.testing.assert_array_equal(outcome.status, [[REJECTED, GONE]])
    for passed in (1, 2):
        state, outcome = later(world, state, 1, DECLINE, DECLINE)
        np.testing.assert_array_equal(outcome.applied, [[0, 0]])
        assert outcome.waited[0, 0] == passed
    np.testing.assert_array_equal(outcome.status, [[BACK, GONE]])
    _, outcome = later(world, state, 1, ACCEPT, ACCEPT)
    np.testing.assert_array_equal(outcome.applied, [[1, 0]])
    np.testing.assert_array_equal(outcome.decision, [[1, 0]])
    assert (outcome.waited[0, 0], outcome.tries[0, 0], outcome.returned[0, 0]) == (3, 2, 0)
    np.testing.assert_array_equal(state.features[0, 0], features())


def test_who_is_out_of_patience_neither_acts_nor_comes_back():
    people = [person(BACK, tries=1), person(BACK, tries=2), person(BACK, tries=1), person(BACK, tries=2)]
    luck = {"follow": 0.0, "retry": 0.0}
    _, _, outcome = period(people, [MORE_SKILL, MORE_SKILL, DECLINE, DECLINE], luck=luck, patience=3)
    np.testing.assert_array_equal(outcome.tries, [[2, 3, 2, 3]])
    np.testing.assert_array_equal(outcome.followed, [[1, 0, 0, 0]])
    np.testing.assert_array_equal(outcome.status, [[WORKING, GONE, REJECTED, GONE]])


def test_newcomers_take_free_places_in_order_and_others_are_turned_away():
    # Of a Poisson number of mean 2, P(up to 3) = .857 and P(up to 4) = .947, so .9 brings 4.
    people = [NOBODY, person(), NOBODY, person(WORKING, wait=5, tries=1)]
    world = law(places=4, arrival_rate=0.5)
    arrivals = np.full((1, world.reset_noise_size), 0.5)
    arrivals[0, 0] = 0.9
    arrivals[0, 1:11] = [0.0, 0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.2, 1 / 3, 0.5]
    _, state, outcome = period(
        people, [DECLINE, MORE_SKILL, DECLINE, DECLINE], arrivals, {"follow": 0.0}, arrival_rate=0.5
    )
    np.testing.assert_array_equal(outcome.turned_away, [2])
    np.testing.assert_array_equal(outcome.status, [[GONE, WORKING, GONE, WORKING]])
    np.testing.assert_array_equal(state.status, [[NEW, WORKING, NEW, WORKING]])
    np.testing.assert_array_equal(state.features[0, 0], features(kind=0, score=600))
    np.testing.assert_array_equal(state.features[0, 2], features(kind=1, score=500, skill=1, debt=1.5, own=1))
    np.testing.assert_array_equal(state.group[0, [0, 2]], [0, 1])
    np.testing.assert_allclose(state.log_odds[0, [0, 2]], [0, -1 + 1 - 0.75 + 0.25])
    np.testing.assert_array_equal(state.tries[0, [0, 2]], [0, 0])
    # The places of the served and of those who give up in a period are free in it.
    arrivals[0, 0] = 0.1353  # below exp(-2)
    arrivals = arrivals[:, :11]  # of two newcomers
    _, state, outcome = period([person()] * 2, [ACCEPT] * 2, arrivals, arrival_rate=1.0)
    np.testing.assert_array_equal(state.status, [[SERVED, SERVED]])
    assert outcome.turned_away[0] == 0
    arrivals[0, 0] = 0.9
    _, state, outcome = period([person()] * 2, [ACCEPT, DECLINE], arrivals, arrival_rate=1.0)
    np.testing.assert_array_equal(outcome.status, [[SERVED, GONE]])
    np.testing.assert_array_equal(state.status, [[NEW, NEW]])
    np.testing.assert_array_equal(outcome.turned_away, [2])


def test_a_newcomer_has_nothing_of_who_had_the_place_before():
    world = law(places=1, arrival_rate=1.0)
    past = {"returning": 1, "wholly": 1, "last_effort": 0.5, "true_change": 0.1, "shown_change": 0.2}
    state = society(world, person(BACK, tries=3, waited=9, effort=0.7, rest=past.items()))
    arrivals = np.full((1, world.reset_noise_size), 0.5)
    state, outcome = world.step(state, told(ACCEPT), noise(world, arrivals))
    assert (outcome.effort_spent[0, 0], outcome.waited[0, 0], outcome.tries[0, 0]) == (0.7, 9, 4)
    assert state.status[0, 0] == NEW
    for name in ("tries", "waited", "effort", "returning", "wholly", "last_effort", "true_change", "shown_change"):
        assert getattr(state, name)[0, 0] == 0, name


IMPOSSIBLE = {
    "a fixed feature": features(score=700),
    "the wrong direction": features(skill=0),
    "a fraction of a whole number": features(skill=2.5),
    "two homes": features(skill=1, own=1, rent=1),
    "no home": features(skill=1, own=0, rent=0),
    "half a home": features(skill=1, own=0.5, rent=0.5),
    "above the limit": features(skill=7),
    "another group": features(kind=1, skill=2),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_done_is_never_followed(name):
    luck = {"follow": 0.0, "retry": 0.0}
    _, state, outcome = period([person(skill=1)], [(OFFER, IMPOSSIBLE[name])], luck=luck)
    assert (outcome.offered[0, 0], outcome.followed[0, 0], outcome.status[0, 0]) == (1, 0, REJECTED)
    assert np.isnan(outcome.offer_cost[0, 0])
    np.testing.assert_array_equal(state.features[0, 0], features(skill=1))


def test_an_offer_to_stay_as_she_is_costs_nothing_and_takes_a_period():
    _, _, outcome = period([person()], [(OFFER, features())], luck={"follow": 0.999})
    assert (outcome.offer_cost[0, 0], outcome.followed[0, 0], outcome.status[0, 0]) == (0, 1, BACK)


def test_the_code_of_an_action_is_rounded():
    codes = [0.4, 0.6, 1.4, 1.6]
    _, _, outcome = period([person()] * 4, [(code, features(skill=1)) for code in codes])
    np.testing.assert_array_equal(outcome.decision, [[0, 1, 1, 0]])
    np.testing.assert_array_equal(outcome.offered, [[0, 0, 0, 1]])


def test_nothing_is_seen_or_decided_of_people_who_do_not_apply():
    known = {"kind": 1, "score": 700, "skill": 3, "tries": 2, "waited": 7, "effort": 0.4}
    rest = {"group": 1, "returning": 1, "wholly": 1, "last_effort": 0.2, "true_change": 0.1, "shown_change": 0.1}
    away = [person(status, wait=9, rest=rest.items(), **known) for status in (REJECTED, WORKING, SERVED, GONE)]
    world = law(places=5, serve_again=True)
    state = society(world, *away, person(NEW, **{"kind": 1, "score": 700}, rest={"group": 1}.items()))
    observed = world.observe(state)
    np.testing.assert_array_equal(observed["applying"], [[0, 0, 0, 0, 1]])
    np.testing.assert_array_equal(shown_people(observed)[0, :4], np.tile(SMALL.low, (4, 1)))
    np.testing.assert_array_equal(shown_people(observed)[0, 4], features(kind=1, score=700))
    for key in ("group", "tries", "promised"):
        assert not observed[key][0, :4].any(), key
    assert observed["group"][0, 4] == 1
    _, outcome = world.step(state, told(*[ACCEPT] * 2, *[MORE_SKILL] * 3), noise(world, loan=0.0, follow=0.0))
    events = ("applied", "decision", "qualified", "utility", "offered", "offer_cost", "followed", "returned", "effort")
    for name in (*events, "true_score_change", "shown_score_change"):
        assert not getattr(outcome, name)[0, :4].any(), name
    for name in ("repaid", "promise_kept"):
        np.testing.assert_array_equal(getattr(outcome, name)[0, :4], -1)
    np.testing.assert_array_equal(outcome.group, [[1, 1, 1, 1, 1]])
    np.testing.assert_array_equal(outcome.tries[0, :4], [2, 2, 2, 2])
    np.testing.assert_array_equal(outcome.waited[0, :4], [7, 7, 7, 7])
    np.testing.assert_array_equal(outcome.effort_spent[0, :4], [0.4] * 4)


def test_selective_labels_hide_the_rejected():
    people, actions = [person(), person(), person(), NOBODY], [ACCEPT, ACCEPT, DECLINE, DECLINE]
    luck = {"lottery": [0.1, 0.2, 0.3, 0.4], "loan": 0.0}
    _, _, outcome = period(people, actions, luck=luck, selective_labels=True, capacity=1)
    np.testing.assert_array_equal(outcome.qualified, [[1, -1, -1, -1]])
    np.testing.assert_array_equal(outcome.score[0, :3], [0.5, np.nan, np.nan])
    np.testing.assert_array_equal(outcome.observed_score[0, :3], [0.5, 0.5, 0.5])
    _, _, outcome = period(people, actions, luck=luck, capacity=1)
    np.testing.assert_array_equal(outcome.qualified, [[1, 1, 1, 0]])
    np.testing.assert_array_equal(outcome.score[0, :3], [0.5, 0.5, 0.5])


def test_selective_labels_hide_what_acting_was_worth_to_the_rejected():
    acted = {"returning": 1, "wholly": 1, "true_change": 0.1, "shown_change": 0.2}
    people = [person(BACK, tries=1, rest=acted.items())] * 2 + [person(), person(WORKING, wait=9, rest=acted.items())]
    hidden, told_all = (
        period(people, [ACCEPT, *[DECLINE] * 3], selective_labels=selective)[2] for selective in (True, False)
    )
    np.testing.assert_array_equal(hidden.true_score_change, [[0.1, np.nan, 0, 0]])
    np.testing.assert_array_equal(told_all.true_score_change, [[0.1, 0.1, 0, 0]])
    for outcome in (hidden, told_all):
        np.testing.assert_array_equal(outcome.shown_score_change, [[0.2, 0.2, 0, 0]])


def test_who_is_served_again_begins_a_new_story_as_the_loan_left_her():
    started = person(BACK, tries=2, waited=6, effort=0.5, rest={"returning": 1, "wholly": 1}.items())
    world = law(places=1, serve_again=True, loan_periods=2, arrival_rate=1.0)
    arrivals = np.full((1, world.reset_noise_size), 0.5)
    state, outcome = world.step(society(world, started), told(ACCEPT), noise(world, arrivals, loan=0.0))
    # The place stays hers, so that the newcomer finds none.
    assert (outcome.status[0, 0], outcome.turned_away[0], outcome.tries[0, 0]) == (SERVED, 1, 3)
    assert not world.observe(state)["applying"].any()
    state, outcome = world.step(state, told(ACCEPT), noise(world))
    assert (outcome.applied[0, 0], outcome.decision[0, 0], outcome.status[0, 0]) == (0, 0, NEW)
    assert outcome.waited[0, 0] == 6
    np.testing.assert_array_equal(shown_people(world.observe(state))[0, 0], features(score=675))
    assert world.observe(state)["promised"][0, 0] == 0
    _, outcome = world.step(state, told(ACCEPT), noise(world))
    assert (outcome.decision[0, 0], outcome.tries[0, 0]) == (1, 1)
    assert (outcome.waited[0, 0], outcome.effort_spent[0, 0]) == (0, 0)


def test_the_truth_is_about_those_who_are_present():
    people = [person(), person(skill=1), {**person(WORKING, kind=1, debt=2), "group": 1}, NOBODY]
    world = law(places=4)
    truth = world.truth(society(world, *people))
    np.testing.assert_allclose(truth["population_score"], [[(odds(0) + odds(1)) / 2, odds(-1)]])
    np.testing.assert_allclose(truth["group_share"], [[2 / 3, 1 / 3]])
    truth = world.truth(society(world, *[NOBODY] * 4))
    assert np.isnan(truth["population_score"]).all()
    assert np.isnan(truth["group_share"]).all()


def test_the_lender_closes_at_a_limit_of_defaults():
    people = [person()] * 3
    world, state, _ = period(people, [ACCEPT] * 3, luck={"loan": [0.9, 0.9, 0.1]}, default_limit=3)
    np.testing.assert_array_equal(world.terminated(state), [False])
    world, state, _ = period(people, [ACCEPT] * 3, luck={"loan": 0.9}, default_limit=3)
    np.testing.assert_array_equal(world.terminated(state), [True])
    assert not law(places=3).terminated(state).any()


def test_an_agency_tells_the_rejected_the_cheapest_way_that_its_tree_accepts():
    world = law(places=200, offers="built-in", budget=0.3)
    people = SMALL.draw(np.random.default_rng(0).random((200, 5)))
    state = society(world, *[{**person(), "features": one} for one in people])
    action = np.zeros((1, 200), dtype=np.int8)
    action[0, :50] = 1
    after, outcome = world.step(state, action, noise(world, follow=0.0))
    told_ = outcome.offered[0] == 1
    assert not told_[:50].any()
    wins, before = world.adviser.agency.search.votes.wins, state.features[0]
    assert 10 < told_.sum() < 190
    assert not wins(before[told_]).any()
    np.testing.assert_array_equal(outcome.followed, outcome.offered)
    target = after.landing[0, told_]
    assert wins(target).all()
    assert SMALL.actions.permits(before[told_], target).all()
    np.testing.assert_allclose(outcome.offer_cost[0, told_], world.adviser.measured(before[told_], target))
    assert (outcome.offer_cost <= 0.3 + 1e-9).all()
    # Whoever was told nothing is accepted by the agency's tree, or no single change within the budget makes it so.
    for one in before[50:][~told_[50:] & ~wins(before[50:])]:
        for change in (features(skill=1), features(debt=1), features(debt=-1)):
            moved = one + change - features()
            allowed = SMALL.actions.permits(one[None], moved[None])[0] and moved.min() >= 0
            assert not (allowed and wins(moved[None])[0])


def test_without_offers_nobody_is_told_anything():
    world = law(places=3, offers="none")
    _, outcome = world.step(society(world, *[person()] * 3), np.array([[0, 0, 1]]), noise(world, follow=0.0))
    np.testing.assert_array_equal(outcome.offered, [[0, 0, 0]])
    np.testing.assert_array_equal(outcome.offer_cost, [[0, 0, 0]])
    np.testing.assert_array_equal(outcome.decision, [[0, 0, 1]])


class NobodyRepays(SmallPeople):
    base = -100.0


@pytest.mark.parametrize("offers", ["built-in", "agent", "none"])
def test_a_world_that_has_given_advice_can_be_kept_in_a_file(offers):
    env = gym.make("ReapplicationEnv-v0", offers=offers, places=30).unwrapped
    env.action_space.seed(0)
    env.reset(seed=0)
    env.step(env.action_space.sample())
    action, copy = env.action_space.sample(), pickle.loads(pickle.dumps(env))
    (_, hers, *_, told_her), (_, mine, *_, told_me) = copy.step(action), env.step(action)
    assert hers == mine
    for name, values in told_me.items():
        np.testing.assert_array_equal(told_her[name], values, err_msg=name)


def test_an_agency_that_has_seen_no_repaid_loan_says_nothing():
    people = NobodyRepays()
    agency = Agency(people, None, 0.3)
    offers = agency.offers(np.stack([features(), features(skill=3)]))
    assert not offers.told.any()


@pytest.mark.parametrize("cost", ["percentile", "range-sum"])
def test_costs_are_measured_over_the_lenders_past(cost):
    before, after = features(skill=1, debt=2)[None], features(skill=2, debt=1)[None]
    past, _ = SMALL.book(2_000, 0)

    def percentile(column, value):
        return (past[:, column] < value).mean() + (past[:, column] == value).mean() / 2

    shifts = [percentile(column, after[0, column]) - percentile(column, before[0, column]) for column in (2, 3)]
    expected = max(np.abs(shifts)) if cost == "percentile" else 0.5
    _, _, outcome = period([person(skill=1, debt=2)], [(OFFER, after[0])], cost=cost)
    assert outcome.offer_cost[0, 0] == pytest.approx(expected)


def test_the_world_says_who_applies_and_on_what_terms():
    given = {"population": SMALL, "capacity": 3, "offers": "agent", "interest": 0.2, "means": (0.1, 0.2), "places": 7}
    for env in (gym.make("ReapplicationEnv-v0", **given).unwrapped, gym.make_vec("ReapplicationEnv-v0", 2, **given)):
        world = env.unwrapped
        assert world.credit_people is SMALL
        assert (world.capacity, world.takes_offers, world.payoff) == (3, True, (0.2, 0.4))
    assert not gym.make("ReapplicationEnv-v0").unwrapped.takes_offers


def test_features_are_shown_in_single_precision_exactly():
    env = gym.make("ReapplicationEnv-v0", places=20).unwrapped
    observation, _ = env.reset(seed=1)
    applying = observation["applying"] == 1
    np.testing.assert_array_equal(shown_people(observation)[applying], env.state.features[0][applying])
