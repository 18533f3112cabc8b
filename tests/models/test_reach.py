import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.models import RecourseTreeClassifier, reach
from fairgym.models.grown import LEAF, GrownTree
from fairgym.models.reach import has_recourse, node_reach
from fairgym.recourse import ActionSpec, WeightedShift
from tests.recourse.brute import cheapest_action
from tests.recourse.tables import tables


def tree_of(feature, threshold, left, right, target):
    """A tree without people."""
    none = np.zeros(len(feature))
    return GrownTree(*map(np.array, (feature, threshold, left, right)), np.array(target), none, none, none.astype(int))


# x0 <= 1 goes to node 1, which asks x1 <= 0.5; leaves 2 (other), 3 and 4 (target).
TREE = tree_of(
    [0, 1, LEAF, LEAF, LEAF],
    [1.0, 0.5, 0, 0, 0],
    [1, 2, -1, -1, -1],
    [4, 3, -1, -1, -1],
    [False, False, False, True, True],
)


def test_by_hand():
    # x0 only rises, by 2 at most; x1 is fixed. So 0.5 gets above 1, nobody above 1 falls, -2 stays at or under 1.
    spec = ActionSpec({0: "up"})
    cost = WeightedShift((1.0, 1.0)).fit(np.zeros((1, 2)))
    people = np.array([[0.5, 0.0], [3.0, 0.0], [-2.0, 0.0], [-2.0, 1.0]])
    reached = node_reach(TREE, people, spec.resolve(None, 2), cost, 2.0)
    assert reached.astype(int).tolist() == [[1, 1, 1, 1], [1, 0, 1, 1], [1, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0]]
    assert has_recourse(TREE, people, spec.resolve(None, 2), cost, 2.0).tolist() == [True, True, False, True]


def test_a_group_needs_one_state_that_meets_all_conditions():
    # Columns 0 and 1 are one group of three states. "0 off" and "1 off" leave only "none", which nobody can get to.
    both_off = tree_of(
        [0, 1, LEAF, LEAF, LEAF], [0.5, 0.5, 0, 0, 0], [1, 2, -1, -1, -1], [4, 3, -1, -1, -1], [False] * 5
    )
    spec = ActionSpec(["free", "free"], groups=[[0, 1]])
    cost = WeightedShift((1.0, 1.0)).fit(np.zeros((1, 2)))
    people = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    reached = node_reach(both_off, people, spec.resolve(None, 2), cost, 1.0)
    assert reached.astype(int).tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 1], [1, 1, 0], [1, 1, 0]]


@settings(max_examples=25, deadline=None)
@given(tables(columns=5, rows=30), st.sampled_from([0.1, 0.3, 0.6]))
def test_recourse_is_that_of_trying_everything(table, budget):
    model = RecourseTreeClassifier(table.spec, budget=budget, max_depth=4, min_gain=0.0).fit(table.people, table.label)
    tree = model.tree_
    inner = tree.feature != LEAF
    asked = [np.unique(tree.threshold[inner & (tree.feature == column)]) for column in range(table.people.shape[1])]
    asked = [thresholds.tolist() for thresholds in asked]
    prices = [
        cheapest_action(
            table, person, asked, np.float64, lambda people: model.predict(people) == 1, model.cost_, budget
        )
        for person in table.people
    ]
    np.testing.assert_array_equal(model.has_recourse(table.people), np.isfinite(prices))


def test_people_are_looked_at_in_chunks(monkeypatch):
    people = np.random.default_rng(0).normal(size=(25, 2))
    actions, cost = ActionSpec({0: "free"}).resolve(None, 2), WeightedShift((1.0, 1.0)).fit(people)
    whole = has_recourse(TREE, people, actions, cost, 0.5)
    monkeypatch.setattr(reach, "CHUNK", 10)
    np.testing.assert_array_equal(has_recourse(TREE, people, actions, cost, 0.5), whole)
    assert 0 < whole.sum() < 25
    assert has_recourse(TREE, people[:0], actions, cost, 0.5).shape == (0,)
