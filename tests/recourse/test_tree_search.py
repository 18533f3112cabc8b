"""The search in one tree against trying every action, and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from fairgym.checks import InputError
from fairgym.recourse import ActionSpec, LogPercentileShift, PercentileShift, WeightedShift
from fairgym.recourse.boxes import Boxes
from fairgym.recourse.costs import SLACK
from fairgym.recourse.found import ACCEPTED, IMPOSSIBLE, OPTIMAL
from fairgym.recourse.groups import group_state, switch_costs
from fairgym.recourse.readers import read_trees
from fairgym.recourse.tree_search import search_tree
from fairgym.recourse.trees import LEAF
from tests.recourse.brute import cheapest_action, every_action
from tests.recourse.tables import tables

COSTS = [
    PercentileShift(),
    PercentileShift(smoothed=True),
    LogPercentileShift(),
    WeightedShift("range"),
    WeightedShift("mad", "sum"),
]
PEOPLE = 5  # of each table that the enumeration looks at
ROUNDING = 1e-9  # costs here are at most some hundreds, summed over at most five features


def model_of(kind, depth):
    """Return a model of a single tree with few leaves, so that the enumeration stays small."""
    if kind == "histogram":
        return HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=depth + 3, min_samples_leaf=1)
    if kind == "boosting":
        return GradientBoostingClassifier(n_estimators=1, max_leaf_nodes=depth + 3, init="zero", random_state=0)
    if kind == "forest":
        return RandomForestClassifier(1, max_leaf_nodes=depth + 3, random_state=0)
    return DecisionTreeClassifier(max_leaf_nodes=depth + 3, random_state=0)


def asked_of(votes):
    """Return the thresholds that a model has on each column."""
    return [votes.threshold[votes.feature == column].tolist() for column in range(votes.width)]


cases = given(
    table=tables(),
    kind=st.sampled_from(["tree", "tree", "forest", "boosting", "histogram"]),
    depth=st.integers(0, 5),
    target=st.integers(0, 1),
    cost=st.sampled_from(COSTS),
    budget=st.sampled_from([0.2, 0.5, 2.0, np.inf]),
    max_changes=st.sampled_from([None, None, 1, 2]),
)


@cases
@settings(max_examples=60, deadline=None)
def test_nothing_that_can_be_tried_is_cheaper(table, kind, depth, target, cost, budget, max_changes):
    votes = read_trees(model_of(kind, depth).fit(table.people, table.label), target)
    fitted = cost.fit(table.people)
    people = table.people[:PEOPLE]
    found = search_tree(votes, table.actions, fitted, budget, people, max_changes=max_changes)
    for row, person in enumerate(people):
        given = (table, person, asked_of(votes), votes.precision, votes.wins, fitted, budget, max_changes)
        lowest = cheapest_action(*given)
        accepted = votes.wins(person[None])[0]
        assert found.proof[row] == (ACCEPTED if accepted else IMPOSSIBLE if np.isinf(lowest) else OPTIMAL)
        np.testing.assert_allclose(found.bound[row], lowest, rtol=0, atol=ROUNDING)
        assert found.cost[row, 0] == found.bound[row] or (np.isinf(lowest) and np.isnan(found.cost[row, 0]))


@cases
@settings(max_examples=60, deadline=None)
def test_what_is_found_is_an_action_and_costs_what_it_says(table, kind, depth, target, cost, budget, max_changes):
    votes = read_trees(model_of(kind, depth).fit(table.people, table.label), target)
    fitted, actions = cost.fit(table.people), table.actions
    found = search_tree(votes, actions, fitted, budget, table.people, max_changes=max_changes, alternatives=3)
    row, rank = np.nonzero(~np.isnan(found.cost))
    before, after, price = table.people[row], found.people[row, rank], found.cost[row, rank]
    assert not np.isnan(after).any()
    assert np.isnan(found.people[np.isnan(found.cost)]).all()
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
    depth=st.integers(2, 9),
    cost=st.sampled_from(COSTS),
    budget=st.sampled_from([0.5, np.inf]),
    alternatives=st.integers(2, 6),
)
@settings(max_examples=60, deadline=None)
def test_alternatives_are_the_cheapest_for_each_set_of_features(table, depth, cost, budget, alternatives):
    """Of all actions that take back nothing without leaving the leaf again, the cheapest for each set they change."""
    model = DecisionTreeClassifier(max_leaf_nodes=depth + 3, random_state=0).fit(table.people, table.label)
    votes, fitted = read_trees(model, 1), cost.fit(table.people)
    people = table.people[~votes.wins(table.people)][:PEOPLE]
    found = search_tree(votes, table.actions, fitted, budget, people, alternatives=alternatives)
    for row, person in enumerate(people):
        become, moved = every_action(table, person, asked_of(votes), votes.precision)
        good, leaf = votes.wins(become), model.apply(become)
        for place, unit in enumerate(table.units):
            back = become.copy()
            back[:, unit] = person[unit]
            good &= ~moved[:, place] | (model.apply(back) != leaf)
        prices = fitted.total(np.broadcast_to(person, become.shape), become)
        lowest = {}
        for changes, price in zip(map(tuple, moved[good]), prices[good], strict=True):
            if price <= budget + SLACK:
                lowest[changes] = min(price, lowest.get(changes, np.inf))
        given = found.people[row][~np.isnan(found.cost[row])]
        sets = [tuple((one[unit] != person[unit]).any() for unit in table.units) for one in given]
        costs = found.cost[row][: len(given)]
        assert len(set(sets)) == len(sets) == min(alternatives, len(lowest))
        np.testing.assert_allclose(costs, sorted(lowest.values())[: len(costs)], atol=ROUNDING)
        np.testing.assert_allclose(costs, [lowest[one] for one in sets], atol=ROUNDING)


@given(table=tables(), leaves=st.integers(2, 30), trees=st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_everybody_is_in_one_box_of_each_tree(table, leaves, trees):
    model = RandomForestClassifier(trees, max_leaf_nodes=leaves, random_state=0).fit(table.people, table.label)
    votes = read_trees(model, 1)
    boxes = Boxes.of(votes, table.actions, PercentileShift().fit(table.people))
    assert (boxes.first <= boxes.last).all()
    rungs = [ladder.rung(table.people[:, column]) for ladder, column in zip(boxes.ladders, boxes.columns, strict=True)]
    rung = np.array(rungs).reshape(-1, len(table.people)).T[:, boxes.side]
    inside = np.ones((len(table.people), len(boxes.node)), dtype=bool)
    for person, place in zip(*np.nonzero((rung < boxes.first) | (rung > boxes.last)), strict=True):
        inside[person, boxes.leaf[place]] = False
    for tree in range(trees):
        own = boxes.tree == tree
        assert (inside[:, own].sum(axis=1) == 1).all()
        node = boxes.node[own][inside[:, own].argmax(axis=1)]
        np.testing.assert_array_equal(node, votes.leaves(table.people)[:, tree])
    np.testing.assert_array_equal(boxes.vote, votes.vote[boxes.node])


def ladder_tree():
    """Return a tree that gives 1 where the income is above 339.5 and the debt at most 3.5."""
    people = np.array([[310.0, 2], [310, 5], [369, 2], [369, 5]])
    return read_trees(DecisionTreeClassifier(random_state=0).fit(people, [0, 0, 1, 0]), 1), people


def test_by_hand():
    """Ranges 59 and 3: from (310, 5) to (340, 3) costs 30 / 59 or 2 / 3, the larger of which counts."""
    votes, people = ladder_tree()
    actions = ActionSpec(["up", "free"], integer=[0, 1]).resolve(None, 2)
    for combine, wanted in (("max", [30 / 59, 2 / 3, 0, 2 / 3]), ("sum", [30 / 59, 30 / 59 + 2 / 3, 0, 2 / 3])):
        cost = WeightedShift("range", combine).fit(people)
        found = search_tree(votes, actions, cost, 2.0, people)
        np.testing.assert_allclose(found.cost[:, 0], wanted, rtol=1e-14)
        np.testing.assert_array_equal(found.people[:, 0], [[340, 2], [340, 3], [369, 2], [369, 3]])
        np.testing.assert_array_equal(found.proof, [OPTIMAL, OPTIMAL, ACCEPTED, OPTIMAL])
    found = search_tree(votes, actions, cost, 2.0, people, max_changes=1)
    np.testing.assert_array_equal(found.proof, [OPTIMAL, IMPOSSIBLE, ACCEPTED, OPTIMAL])
    np.testing.assert_allclose(found.bound, [30 / 59, np.inf, 0, 2 / 3], rtol=1e-14)
    assert np.isnan(found.people[1]).all()


def test_a_group_goes_over_as_one():
    """Job a (shares .5), b (.25), c (.25) by mid-rank: a flip costs half the people either way, so every switch .5."""
    people = np.repeat(np.eye(3), [2, 1, 1], axis=0)
    actions = ActionSpec(["down", "up", "fixed"], groups=[[0, 1, 2]]).resolve(None, 3)
    costs = switch_costs((0, 1, 2), actions, PercentileShift().fit(people))
    no = np.inf
    np.testing.assert_array_equal(costs, [[0, 0.5, no, no], [no, 0, no, no], [no, no, 0, no], [no, no, no, 0]])
    costs = switch_costs((0, 1, 2), actions, WeightedShift((1.0, 2.0, 4.0), "sum").fit(people))
    assert costs[0, 1] == 3
    np.testing.assert_array_equal(group_state(np.vstack([people, np.zeros(3)]), (0, 1, 2)), [0, 0, 1, 2, 3])
    votes = read_trees(DecisionTreeClassifier().fit(people, [0, 0, 1, 1]), 1)  # wants a off
    found = search_tree(votes, actions, PercentileShift().fit(people), 0.5, people, max_changes=1)
    np.testing.assert_array_equal(found.people[0, 0], [0, 1, 0])
    assert actions.moved(people[0], found.people[0, 0]).sum() == 1


@pytest.mark.parametrize(
    ("directions", "combine", "column", "price"),
    [
        (["free", "free", "free"], "sum", 2, 3.0),  # a off for 1 and c on for 2, not b for 4
        (["free", "free", "free"], "max", 2, 2.0),
        (["free", "free", "fixed"], "sum", 1, 5.0),
        (["free", "down", "fixed"], "sum", None, np.inf),
        (["up", "free", "free"], "sum", None, np.inf),
    ],
)
def test_a_group_goes_to_the_cheapest_column_that_will_do(directions, combine, column, price):
    """The leaf asks only that a be off; b costs 4 to switch, c costs 2."""
    people = np.repeat(np.eye(3), [2, 1, 1], axis=0)
    votes = read_trees(DecisionTreeClassifier().fit(people, [0, 0, 1, 1]), 1)
    assert votes.feature[votes.feature != LEAF].tolist() == [0]
    actions = ActionSpec(directions, groups=[[0, 1, 2]]).resolve(None, 3)
    cost = WeightedShift((1.0, 4.0, 2.0), combine).fit(people)
    found = search_tree(votes, actions, cost, 10.0, people[:1], max_changes=1, alternatives=2)
    assert found.bound[0] == price
    if column is not None:
        np.testing.assert_array_equal(found.people[0, 0], np.eye(3)[column])
    assert np.isnan(found.cost[0, 1])


def test_a_dearer_alternative_with_fewer_changes():
    """From (0, 0): both features a little, to (2, 2) for 2, or the first alone, to (4, 0) for 4."""
    people = np.array([[0.0, 0], [0, 2], [2, 0], [2, 2], [4, 0], [4, 2]])
    votes = read_trees(DecisionTreeClassifier(random_state=0).fit(people, [0, 0, 0, 1, 1, 1]), 1)
    actions, cost = ActionSpec(["free"] * 2, integer=[0, 1]).resolve(None, 2), WeightedShift((1.0, 1.0)).fit(people)
    found = search_tree(votes, actions, cost, 9.0, people[:1], alternatives=3)
    np.testing.assert_array_equal(found.cost, [[2, 4, np.nan]])
    np.testing.assert_array_equal(found.people[0, :2], [[2, 2], [4, 0]])
    np.testing.assert_array_equal(search_tree(votes, actions, cost, 9.0, people[:1], max_changes=1).people[0], [[4, 0]])


def test_leaves_that_no_whole_number_gets_to_are_left_out():
    """Between 2.3 and 2.7 there is no whole number."""
    people = np.array([[2.0], [2.6], [3.0]])
    model = DecisionTreeClassifier().fit(people, [0, 1, 0])
    votes = read_trees(model, 1)
    for place, threshold in zip(np.flatnonzero(votes.feature != LEAF), (2.3, 2.7), strict=True):
        votes.threshold[place] = threshold
    for integer, leaves, proof in (([], 3, OPTIMAL), ([0], 2, IMPOSSIBLE)):
        actions = ActionSpec(["free"], integer=integer).resolve(None, 1)
        cost = WeightedShift((1.0,)).fit(people)
        assert len(Boxes.of(votes, actions, cost).node) == leaves
        assert search_tree(votes, actions, cost, 9.0, people[:1]).proof[0] == proof


def test_a_tree_that_never_splits():
    people = np.zeros((4, 2))
    actions = ActionSpec(["free", "free"]).resolve(None, 2)
    model = DecisionTreeClassifier().fit(people, [1, 1, 1, 0])
    for target, proof in ((1, ACCEPTED), (0, IMPOSSIBLE)):
        found = search_tree(read_trees(model, target), actions, PercentileShift().fit(people), 1.0, people)
        assert (found.proof == proof).all()


def test_nobody_asks():
    votes, people = ladder_tree()
    actions = ActionSpec(["up", "free"]).resolve(None, 2)
    found = search_tree(votes, actions, PercentileShift().fit(people), 1.0, people[:0], alternatives=2)
    assert (found.cost.shape, found.people.shape) == ((0, 2), (0, 2, 2))


def test_more_trees_than_one_are_refused():
    people = np.array([[0.0], [1.0]])
    votes = read_trees(RandomForestClassifier(3).fit(people, [0, 1]), 1)
    actions, cost = ActionSpec(["free"]).resolve(None, 1), PercentileShift().fit(people)
    with pytest.raises(InputError, match="the model has 3 trees: the search in one tree needs a model of a single one"):
        search_tree(votes, actions, cost, 1.0, people)
