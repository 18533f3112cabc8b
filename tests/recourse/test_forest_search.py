"""The search in ensembles against trying every action, and by hand."""

import _thread
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from fairgym.recourse import ActionSpec, LogPercentileShift, PercentileShift, WeightedShift
from fairgym.recourse.costs import SLACK
from fairgym.recourse.forest_search import search_forest
from fairgym.recourse.found import ACCEPTED, FOUND, IMPOSSIBLE, OPTIMAL, UNKNOWN
from fairgym.recourse.readers import read_trees
from fairgym.recourse.tree_search import search_tree
from fairgym.recourse.trees import PlainTree, TreeVotes
from tests.recourse.brute import cheapest_action, every_action
from tests.recourse.tables import tables

COSTS = [
    PercentileShift(),
    PercentileShift(),
    PercentileShift(smoothed=True),
    WeightedShift("range"),
    LogPercentileShift(),
    WeightedShift("mad", "sum"),
]
MODELS = {
    "random": lambda leaves: RandomForestClassifier(4, max_leaf_nodes=leaves, random_state=0),
    "extra": lambda leaves: ExtraTreesClassifier(3, max_leaf_nodes=leaves, random_state=0),
    "pure": lambda leaves: RandomForestClassifier(4, max_depth=leaves - 1, random_state=0),
    "boosting": lambda leaves: GradientBoostingClassifier(n_estimators=4, max_leaf_nodes=leaves, random_state=0),
    "histogram": lambda leaves: HistGradientBoostingClassifier(max_iter=3, max_leaf_nodes=leaves, min_samples_leaf=1),
}
PEOPLE = 4  # of each table that the enumeration looks at
MOST_ACTIONS = 20_000  # per person that the enumeration tries
ROUNDING = 1e-9  # costs here are at most some hundreds, summed over at most five features


def asked_of(votes):
    """Return the thresholds that a model has on each column."""
    return [votes.threshold[votes.feature == column].tolist() for column in range(votes.width)]


def small_enough(table, votes):
    """Return whether everything can be tried."""
    count = 1
    for unit in table.units:
        asked = len({one for column in unit for one in asked_of(votes)[column]})
        count *= len(unit) if len(unit) > 1 else min(2 * asked + 1, 11 if unit[0] in table.spec.integer else 99)
    return count <= MOST_ACTIONS


def lowest_cost(table, person, votes, cost, budget, max_changes=None):
    """Return the lowest cost of any action, by trying everything."""
    return cheapest_action(table, person, asked_of(votes), votes.precision, votes.wins, cost, budget, max_changes)


cases = given(
    table=tables(),
    kind=st.sampled_from(sorted(MODELS)),
    leaves=st.integers(2, 4),
    target=st.integers(0, 1),
    cost=st.sampled_from(COSTS),
    budget=st.sampled_from([0.2, 0.5, 2.0, np.inf]),
    max_changes=st.sampled_from([None, None, 1, 2]),
)


@cases
@settings(max_examples=60, deadline=None)
def test_the_proof_agrees_with_trying_everything(table, kind, leaves, target, cost, budget, max_changes):
    votes = read_trees(MODELS[kind](leaves).fit(table.people, table.label), target)
    assume(small_enough(table, votes))
    people, fitted = table.people[:PEOPLE], cost.fit(table.people)
    found = search_forest(votes, table.actions, fitted, budget, people, max_changes=max_changes, jobs=1)
    for row, person in enumerate(people):
        lowest = lowest_cost(table, person, votes, fitted, budget, max_changes)
        accepted = votes.wins(person[None])[0]
        assert found.proof[row] == (ACCEPTED if accepted else IMPOSSIBLE if np.isinf(lowest) else OPTIMAL)
        np.testing.assert_allclose(found.bound[row], lowest, rtol=0, atol=ROUNDING)
        np.testing.assert_allclose(found.cost[row, 0], np.nan if np.isinf(lowest) else lowest, rtol=0, atol=ROUNDING)


@cases
@settings(max_examples=60, deadline=None)
def test_what_is_found_is_an_action_and_no_word_is_wrong(table, kind, leaves, target, cost, budget, max_changes):
    """Under every limit: whatever is said to be cheapest or impossible is so when there is time to find out."""
    votes = read_trees(MODELS[kind](leaves + 2).fit(table.people, table.label), target)
    fitted, actions = cost.fit(table.people), table.actions
    given = (votes, actions, fitted, budget, table.people)
    whole = search_forest(*given, max_changes=max_changes, alternatives=3, jobs=1)
    for limits in ({"method": "fast"}, {"node_limit": 2}, {"node_limit": 5}):
        found = search_forest(*given, max_changes=max_changes, jobs=2, **limits)
        proved = np.isin(found.proof, (OPTIMAL, IMPOSSIBLE, ACCEPTED))
        np.testing.assert_array_equal(found.proof[proved], whole.proof[proved])
        np.testing.assert_allclose(found.cost[proved, 0], whole.cost[proved, 0], atol=ROUNDING)
        assert (found.bound <= whole.bound + ROUNDING).all()
        assert not (found.cost[:, 0] < whole.cost[:, 0] - ROUNDING).any()
        np.testing.assert_array_equal(np.isnan(found.cost[:, 0]), np.isin(found.proof, (IMPOSSIBLE, UNKNOWN)))
        assert votes.wins(found.people[~np.isnan(found.cost)]).all()
    row, rank = np.nonzero(~np.isnan(whole.cost))
    before, after, price = table.people[row], whole.people[row, rank], whole.cost[row, rank]
    assert votes.wins(after).all()
    np.testing.assert_allclose(fitted.total(before, after), price, atol=ROUNDING)
    assert (price <= budget + SLACK).all()
    assert not (after < before)[:, ~actions.can_fall].any()
    assert not (after > before)[:, ~actions.can_rise].any()
    assert ((after >= actions.low) | (after >= before)).all()
    assert ((after <= actions.high) | (after <= before)).all()
    actions.check_people(after)
    for group in actions.groups:
        np.testing.assert_array_equal(after[:, group].sum(axis=1), before[:, group].sum(axis=1))
    if max_changes is not None:
        assert (actions.moved(before, after).sum(axis=1) <= max_changes).all()


@given(
    table=tables(),
    kind=st.sampled_from(sorted(MODELS)),
    cost=st.sampled_from(COSTS),
    budget=st.sampled_from([0.5, np.inf]),
)
@settings(max_examples=40, deadline=None)
def test_alternatives_are_the_cheapest_that_spare_a_feature_of_each_before(table, kind, cost, budget):
    votes = read_trees(MODELS[kind](3).fit(table.people, table.label), 1)
    assume(small_enough(table, votes))
    fitted = cost.fit(table.people)
    people = table.people[~votes.wins(table.people)][:PEOPLE]
    found = search_forest(votes, table.actions, fitted, budget, people, alternatives=3, jobs=1)
    for row, person in enumerate(people):
        become, moved = every_action(table, person, asked_of(votes), votes.precision)
        prices = fitted.total(np.broadcast_to(person, become.shape), become)
        left = votes.wins(become) & (prices <= budget + SLACK)
        for rank in range(3):
            lowest = prices[left].min() if left.any() else np.nan
            np.testing.assert_allclose(found.cost[row, rank], lowest, rtol=0, atol=ROUNDING)
            if left.any():
                changes = [(found.people[row, rank][unit] != person[unit]).any() for unit in table.units]
                left &= ~moved[:, changes].all(axis=1)


@given(table=tables(), kind=st.sampled_from(sorted(MODELS)), cost=st.sampled_from(COSTS))
@settings(max_examples=15, deadline=None)
def test_the_number_of_threads_changes_nothing(table, kind, cost):
    votes = read_trees(MODELS[kind](6).fit(table.people, table.label), 1)
    given = (votes, table.actions, cost.fit(table.people), 0.6, table.people)
    one, three = (search_forest(*given, alternatives=2, node_limit=7, jobs=jobs) for jobs in (1, 3))
    for left, right in zip(vars(one).values(), vars(three).values(), strict=True):
        np.testing.assert_array_equal(left, right)


@given(table=tables(), leaves=st.integers(2, 12), cost=st.sampled_from(COSTS), max_changes=st.sampled_from([None, 1]))
@settings(max_examples=30, deadline=None)
def test_a_tree_is_an_ensemble_of_one(table, leaves, cost, max_changes):
    votes = read_trees(DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=0).fit(table.people, table.label), 1)
    given = (votes, table.actions, cost.fit(table.people), 0.5, table.people)
    ours, theirs = search_forest(*given, max_changes=max_changes), search_tree(*given, max_changes=max_changes)
    np.testing.assert_array_equal(ours.proof, theirs.proof)
    np.testing.assert_allclose(ours.cost, theirs.cost, atol=ROUNDING)


def stump(column, threshold, left, right):
    """Return a tree of one split."""
    return PlainTree(*map(np.array, ([column, -2, -2], [threshold, 0, 0], [1, -1, -1], [2, -1, -1], [0, left, right])))


def committee(wins=None, bar=1.5, ties_win=False):
    """Return three stumps that like an income above 10, savings above 10, and debts of at most 5."""
    trees = [stump(0, 10.0, 0, 1), stump(1, 10.0, 0, 1), stump(2, 5.0, 1, 0)]
    settings = {"bar": bar, "ties_win": ties_win, "precision": np.float64, "width": 3}
    votes = TreeVotes.join(trees, **settings, wins=lambda people: votes.passes(votes.score(people)))
    return votes if wins is None else TreeVotes.join(trees, **settings, wins=wins)


ANN = np.array([[4.0, 7.0, 9.0]])
EURO = WeightedShift((1.0, 1.0, 1.0)).fit(ANN)
EUROS = WeightedShift((1.0, 1.0, 1.0), "sum").fit(ANN)
FREE = ActionSpec(["free"] * 3, integer=[0, 1, 2]).resolve(None, 3)


@pytest.mark.parametrize(
    ("cost", "budget", "wanted"),
    [(EURO, 10, 4), (EURO, 4, 4), (EURO, 3.9, np.nan), (EUROS, 10, 8), (EUROS, 8, 8), (EUROS, 7.9, np.nan)],
)
def test_by_hand(cost, budget, wanted):
    """Two of three votes: savings from 7 to 11 cost 4, debts from 9 to 5 cost 4, an income of 11 would cost 7."""
    found = search_forest(committee(), FREE, cost, budget, ANN)
    np.testing.assert_allclose(found.cost[0], wanted)
    assert found.proof[0] == (IMPOSSIBLE if np.isnan(wanted) else OPTIMAL)
    if not np.isnan(wanted):
        np.testing.assert_array_equal(found.people[0, 0], [4, 11, 5])


def test_alternatives_and_few_changes_by_hand():
    """With one vote needed: savings or debts for 4, income for 7; with two, one change is not enough."""
    found = search_forest(committee(bar=0.5), FREE, EURO, 10, ANN, alternatives=4)
    np.testing.assert_array_equal(found.cost[0], [4, 4, 7, np.nan])
    changes = (found.people[0, :3] != ANN).argmax(axis=1)
    assert set(changes[:2]) == {1, 2}
    assert changes[2] == 0
    assert search_forest(committee(), FREE, EURO, 10, ANN, max_changes=1).proof[0] == IMPOSSIBLE


def test_a_tie_is_what_the_model_says_it_is():
    for ties_win, proof in ((True, OPTIMAL), (False, IMPOSSIBLE)):
        assert search_forest(committee(bar=3.0, ties_win=ties_win), FREE, EURO, 10, ANN).proof[0] == proof


def third(wins):
    """Return the three stumps with votes of a third, whose sum may be rounded, under the rule of 2/3 or more."""
    thirds = [stump(0, 10.0, 0, 1 / 3), stump(1, 10.0, 0, 1 / 3), stump(2, 5.0, 1 / 3, 0)]
    return TreeVotes.join(thirds, bar=2 / 3, ties_win=True, precision=np.float64, width=3, wins=wins)


def test_what_the_model_refuses_is_not_given_and_does_not_spoil_the_proof():
    """The model, by rounding, refuses savings with debts: the next best is an income of 11 with either, for 7."""

    def wins(people):
        return ((people > [10, 10, 5]) == [True, True, False]).sum(axis=1) - (people[:, 0] <= 10) >= 2

    found = search_forest(third(wins), FREE, EURO, 10, ANN)
    assert (found.proof[0], found.cost[0, 0]) == (OPTIMAL, 7)
    assert wins(found.people[0]).all()


def test_a_model_that_refuses_everything_near_the_bar_proves_nothing():
    """Of the 39 ways to 40 of 80 votes, all for the same price, the model refuses each: the search stops to prove."""
    trees = [stump(column, float(rung), 0, 0.1) for column in range(2) for rung in range(1, 41)]
    settings = {"bar": 4.0, "ties_win": True, "precision": np.float64, "width": 2}
    actions = ActionSpec(["free"] * 2, integer=[0, 1]).resolve(None, 2)
    person, cost = np.zeros((1, 2)), WeightedShift((1.0, 1.0), "sum").fit(np.zeros((1, 2)))

    def wins(people):
        return (people[:, :, None] > np.arange(1, 41)).sum(axis=(1, 2)) > 40

    found = search_forest(TreeVotes.join(trees, **settings, wins=wins), actions, cost, 90, person)
    assert (found.proof[0], found.cost[0, 0], found.bound[0]) == (FOUND, 43, 0)  # 41 votes: 41 steps, and 1 for each
    nobody = TreeVotes.join(trees, **settings, wins=lambda people: np.zeros(len(people), dtype=bool))
    assert search_forest(nobody, actions, cost, 90, person).proof[0] == UNKNOWN


def hard_case(count=40, width=8, size=600, trees=60, budget=0.35):
    """Return a forest and people for whom proofs take some time."""
    rng = np.random.default_rng(0)
    people = rng.normal(size=(size, width))
    label = (people.sum(axis=1) + np.sin(3 * people).sum(axis=1) + rng.normal(size=size) > 2).astype(int)
    votes = read_trees(RandomForestClassifier(trees, random_state=0).fit(people, label), 1)
    given = (votes, ActionSpec(["free"] * width).resolve(None, width), PercentileShift().fit(people), budget)
    return (*given, people[~votes.wins(people)][:count])


def endless_case():
    """Return a case of which six seconds of an idle machine leave two thirds without a proof."""
    return hard_case(width=24, size=1500, trees=200, budget=0.12)


def test_the_time_limit_is_kept_and_what_is_known_is_said():
    """A second each for the first round, which is not cut short within a climb, and for a machine that is busy."""
    given = endless_case()
    search_forest(*given[:4], given[4][:1], node_limit=1)  # compiles
    start = time.perf_counter()
    found = search_forest(*given, node_limit=10**9, time_limit=0.5)
    assert time.perf_counter() - start < 2.5
    assert np.isin(found.proof, (FOUND, UNKNOWN)).any()
    np.testing.assert_array_equal(np.isnan(found.cost[:, 0]), np.isin(found.proof, (IMPOSSIBLE, UNKNOWN)))
    assert given[0].wins(found.people[~np.isnan(found.cost)]).all()
    assert threading.active_count() < 50


def test_compilation_does_not_count_towards_the_time(monkeypatch):
    monkeypatch.setattr("fairgym.recourse.forest_search.prepare_search", lambda *given: time.sleep(0.3))
    assert search_forest(committee(), FREE, EURO, 10, ANN, time_limit=0.25).proof[0] == OPTIMAL


def test_an_interrupt_ends_the_search():
    """Within seconds, also on a busy machine; the search itself would take far longer."""
    given = endless_case()
    search_forest(*given[:4], given[4][:1], node_limit=1)  # compiles
    timer, start = threading.Timer(0.5, _thread.interrupt_main), time.perf_counter()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        search_forest(*given, node_limit=10**9, jobs=2)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("size", [2.0**-40, 2.0**40])
def test_the_size_of_votes_does_not_matter(size):
    """A billionth of a vote, by which sums may be off, is nothing beside large votes and a thousand small ones."""
    votes, *given = hard_case(6)
    wanted = search_forest(votes, *given, node_limit=300)
    found = search_forest(replace(votes, vote=votes.vote * size, bar=votes.bar * size), *given, node_limit=300)
    np.testing.assert_array_equal(found.proof, wanted.proof)
    np.testing.assert_array_equal(found.cost, wanted.cost)


def test_more_boxes_prove_more_and_cost_less():
    given, told = hard_case(12), []
    few, some = (search_forest(*given, node_limit=limit, progress=told.append) for limit in (10, 400))
    assert np.isin(some.proof, (OPTIMAL, IMPOSSIBLE)).sum() > np.isin(few.proof, (OPTIMAL, IMPOSSIBLE)).sum()
    assert (some.bound >= few.bound).all()
    assert not (some.cost > few.cost).any()
    assert told[-1] == np.isin(some.proof, (OPTIMAL, IMPOSSIBLE)).sum()


def test_nobody_to_search_for():
    found = search_forest(committee(), FREE, EURO, 10, np.array([[11.0, 11.0, 0.0]]))
    assert found.proof[0] == ACCEPTED
    np.testing.assert_array_equal(found.people[0, 0], [11, 11, 0])
