"""obstacles: hand-worked walls of a small tree, and the rule that one leaf without walls is a way up."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from fairgym.checks import InputError
from fairgym.recourse import ActionSpec, Recourse
from fairgym.recourse.obstacles import BARRED, DEAR, WITHIN, obstacles

AGES, INCOMES = np.arange(10.0), np.arange(10.0)
SPEC = ActionSpec({"age": "up", "income": "up"}, integer=["age", "income"])


@pytest.fixture(scope="module")
def tree():
    """Accept who is at most 3 years old, and who is older with an income above 7."""
    people = pd.DataFrame([(age, income) for age in AGES for income in INCOMES], columns=["age", "income"])
    accepted = (people["age"] <= 3) | (people["income"] > 7)
    return people, DecisionTreeClassifier(max_leaf_nodes=3, random_state=0).fit(people, accepted.astype(int))


def ask(tree, budget):
    people, model = tree
    return Recourse(model, SPEC, "percentile", budget, background=people)


def person(age, income):
    return pd.DataFrame({"age": [age], "income": [income]})


def test_a_wall_that_nobody_may_cross_and_one_that_costs_too_much(tree):
    """Incomes 0 to 9 are a tenth of the people each, so from 2 to 8 is a shift of 6 tenths."""
    walls = obstacles(ask(tree, 0.3), person(6, 2))
    assert walls.columns.tolist() == ["leaf", "feature", "needs", "has", "cost", "verdict"]
    assert walls["leaf"].is_monotonic_increasing
    by_feature = walls.set_index("feature")
    assert by_feature.loc["age", ["needs", "has", "verdict"]].tolist() == ["at most 3", "6", BARRED]
    assert by_feature.loc["age", "cost"] == np.inf
    assert by_feature.loc["income", ["needs", "has", "verdict"]].tolist() == ["more than 7", "2", DEAR]
    assert by_feature.loc["income", "cost"] == pytest.approx(0.6, abs=1e-12)


def test_within_the_budget_it_is_a_way_up(tree):
    walls = obstacles(ask(tree, 0.6), person(6, 2)).set_index("feature")
    assert walls.loc["income", "verdict"] == WITHIN
    assert ask(tree, 0.6).explain(person(6, 2)).proof.tolist() == ["optimal"]


def test_nothing_stands_before_the_accepted(tree):
    assert obstacles(ask(tree, 0.3), person(2, 0)).empty


def test_a_group_is_one_feature_in_words():
    rng = np.random.default_rng(0)
    job = rng.integers(0, 3, 200)
    people = pd.DataFrame(np.eye(3)[job], columns=["job:a", "job:b", "job:c"]).assign(age=rng.integers(20, 60, 200))
    model = DecisionTreeClassifier(random_state=0).fit(people, (job == 1).astype(int))
    spec = ActionSpec({"job:a": "free", "job:b": "free"}, groups=[["job:a", "job:b", "job:c"]])
    recourse = Recourse(model, spec, "percentile", 0.3, background=people)
    who = people.index[job == 0][0]
    (wall,) = obstacles(recourse, people.loc[[who]]).to_dict("records")
    assert (wall["feature"], wall["needs"], wall["has"], wall["verdict"]) == ("job", "b", "a", DEAR)
    assert wall["cost"] == pytest.approx(0.5, abs=1e-12)  # the flip of a binary column: half the people's mass, always
    fixed = people.index[job == 2][0]
    assert obstacles(recourse, people.loc[[fixed]])["verdict"].tolist() == [BARRED]


def test_one_leaf_without_walls_is_what_the_search_calls_feasible():
    rng = np.random.default_rng(1)
    people = pd.DataFrame(rng.integers(0, 20, (300, 4)), columns=list("abcd"))
    y = (people["a"] + people["b"] * people["c"] / 10 + rng.normal(0, 3, 300) > 20).astype(int)
    model = DecisionTreeClassifier(max_depth=6, random_state=0).fit(people, y)
    spec = ActionSpec({"a": "up", "b": "down", "c": "free"}, integer=list("abcd"), bounds={"c": (2, 15)})
    recourse = Recourse(model, spec, "percentile", 0.25, background=people)
    known = recourse.explain(people).frame
    rejected = known.index[~known["accepted"]][:60]
    assert known["feasible"][rejected].nunique() == 2
    for one in rejected:
        walls = obstacles(recourse, people.loc[[one]])
        open_leaf = (walls["verdict"] == WITHIN).groupby(walls["leaf"]).all()
        assert open_leaf.any() == known["feasible"][one]
        if open_leaf.any():
            cheapest = walls["cost"].groupby(walls["leaf"]).max()[open_leaf].min()
            assert cheapest == pytest.approx(known["cost"][one], abs=1e-12)


def test_bad_questions(tree):
    people, model = tree
    with pytest.raises(InputError, match="person has 2 rows: give one person"):
        obstacles(ask(tree, 0.3), people.iloc[:2])
    with pytest.raises(InputError, match="give a Recourse"):
        obstacles(model, people.iloc[:1])
    forest = RandomForestClassifier(5, random_state=0).fit(people, model.predict(people))
    with pytest.raises(InputError, match="the model has 5 trees"):
        obstacles(Recourse(forest, SPEC, "percentile", 0.3, background=people), people.iloc[:1])
