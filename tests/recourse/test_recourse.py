"""Recourse: actions worked out by hand, and the promises that hold for every model, person and cost."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from fairgym.models.forest import RecourseForestClassifier
from fairgym.models.tree import RecourseTreeClassifier
from fairgym.recourse import (
    ActionSpec,
    LogPercentileShift,
    PercentileShift,
    Recourse,
    WeightedShift,
    recourse_rate,
    recourse_report,
)
from fairgym.recourse.costs import within
from tests.recourse.small import SPEC, TABLE, bank, recourse


def test_the_bank_worked_out_by_hand():
    result = recourse().explain(TABLE)
    # incomes range over 59 and debts over 3, so that bob pays max(30 / 59, 2 / 3), ann 30 / 59 and dan 2 / 3
    np.testing.assert_allclose(result.cost, [30 / 59, 2 / 3, 0, 2 / 3])
    assert list(result.changes) == [
        "raise income from 310 to 340",
        "raise income from 310 to 340; lower debt from 5 to 3",
        "",
        "lower debt from 5 to 3",
    ]
    assert list(result.frame["features_changed"]) == [1, 2, 0, 1]
    assert list(result.proof) == ["optimal", "optimal", "accepted", "optimal"]
    assert list(result.feasible) == [True] * 4
    pd.testing.assert_frame_equal(
        result.counterfactual,
        pd.DataFrame(
            {"income": [340.0, 340.0, 369.0, 369.0], "debt": [2.0, 3.0, 2.0, 3.0]}, index=["ann", "bob", "cleo", "dan"]
        ),
    )


def test_what_is_too_dear_is_impossible():
    result = recourse(budget=0.6).explain(TABLE)
    assert list(result.proof) == ["optimal", "impossible", "accepted", "impossible"]
    assert result.counterfactual.loc[["bob", "dan"]].isna().all(axis=None)
    assert result.cost[["bob", "dan"]].isna().all()
    assert result.certified == 1.0


def test_a_budget_that_is_just_met_is_enough():
    assert recourse(budget=2 / 3).explain(TABLE).feasible.all()
    assert not recourse(budget=2 / 3 - 1e-6).explain(TABLE).feasible["bob"]


def test_the_sum_of_changes_as_a_cost():
    cost = recourse(cost="range-sum", budget=5).explain(TABLE).cost
    np.testing.assert_allclose(cost, [30 / 59, 30 / 59 + 2 / 3, 0, 2 / 3])


def test_the_percentile_by_mid_rank():
    # ann's 310 is the lowest of two values, each of half the people: mid-rank 1/4; 340 is above half of them: 1/2
    assert recourse(cost="percentile").explain(TABLE).cost["ann"] == pytest.approx(0.25)


def test_a_limit_to_the_number_of_changes():
    result = recourse().explain(TABLE, max_changes=1)
    assert list(result.proof) == ["optimal", "impossible", "accepted", "optimal"]


def test_alternatives_change_other_features():
    model = DecisionTreeClassifier(random_state=0).fit([[0, 0], [0, 9], [9, 0], [9, 9]], [0, 1, 1, 1])
    spec = ActionSpec(["free", "free"], integer=[0, 1])
    result = Recourse(model, spec, WeightedShift((1.0, 2.0)), 99, background=np.zeros((1, 2))).explain(
        [[1, 1], [9, 9]], alternatives=3
    )
    assert list(result.alternatives["person"]) == [0, 0]  # the second person is accepted as she is
    assert list(result.alternatives["alternative"]) == [1, 2]
    assert list(result.alternatives["changes"]) == ["raise x0 from 1 to 5", "raise x1 from 1 to 5"]
    assert list(result.alternatives["cost"]) == [4, 8]
    np.testing.assert_array_equal(result.alternative_values, [[5, 1], [1, 5]])


def test_a_category_is_changed_as_a_whole():
    table = pd.DataFrame({"age": [30, 40, 50, 60], "job:a": [1, 0, 1, 0], "job:b": [0, 1, 0, 1]})
    model = DecisionTreeClassifier(random_state=0, max_features=1).fit(table[["age", "job:a", "job:b"]], table["job:b"])
    spec = ActionSpec({"job:a": "free", "job:b": "free"}, groups=[["job:a", "job:b"]])
    result = Recourse(model, spec, "percentile", 0.5, background=table).explain(table)
    assert list(result.changes) == ["change job from a to b", "", "change job from a to b", ""]
    assert list(result.frame["features_changed"]) == [1, 0, 1, 0]
    np.testing.assert_array_equal(result.counterfactual[["job:a", "job:b"]], [[0, 1]] * 4)


def test_arrays_lists_and_tables_give_the_same():
    of_table = recourse().explain(TABLE).frame
    of_array = recourse().explain(TABLE.to_numpy()).frame
    of_list = recourse().explain(TABLE.to_numpy().tolist()).frame
    pd.testing.assert_frame_equal(of_array, of_list)
    pd.testing.assert_frame_equal(of_table.drop(columns="person"), of_array.drop(columns="person"))


def test_a_model_without_names_takes_those_of_the_background():
    model = DecisionTreeClassifier(random_state=0).fit(TABLE.to_numpy(), [0, 0, 1, 0])
    assert recourse(model=model).explain(TABLE).changes["ann"] == "raise income from 310 to 340"


def test_a_pipeline_that_changes_nothing_is_its_last_step():
    model = make_pipeline(FunctionTransformer(), bank())
    assert recourse(model=model).explain(TABLE).cost["ann"] == pytest.approx(30 / 59)


def test_the_other_class_can_be_wanted():
    spec = ActionSpec({"debt": "up"}, integer=["debt"])
    result = recourse(spec, target=0).explain(TABLE)
    assert list(result.proof) == ["accepted", "accepted", "optimal", "accepted"]
    assert result.changes["cleo"] == "raise debt from 2 to 4"


def test_what_does_not_change_keeps_its_value_to_the_last_bit():
    x = np.array([[0.1, 0.1], [0.1, 0.7]])  # 0.1 is no 32-bit number
    model = DecisionTreeClassifier(random_state=0).fit(x, [0, 1])
    spec = ActionSpec(["free", "free"])
    after = Recourse(model, spec, "range", 1, background=x).explain(x).counterfactual
    assert after.iloc[0, 0] == 0.1
    assert list(model.predict(after.to_numpy())) == [1, 1]


def test_a_tie_with_the_background_survives_the_rounding_of_the_model():
    x = np.array([[0.1], [0.1], [0.1], [0.5]])
    model = DecisionTreeClassifier(random_state=0).fit(x, [0, 0, 0, 1])
    cost = Recourse(model, ActionSpec(["free"]), "percentile", 1, background=x).explain(x).cost
    # from mid-rank 3/8 to the share below 0.3, which is 3/4
    np.testing.assert_allclose(cost, [3 / 8, 3 / 8, 3 / 8, 0])


def own_models():
    settings = {"actions": SPEC, "budget": 0.4, "max_depth": 3, "cost": "range", "random_state": 0}
    yield RecourseTreeClassifier(target_class=0, **settings)
    yield RecourseForestClassifier(n_estimators=5, target_class=0, **settings)


@pytest.mark.parametrize("model", list(own_models()), ids=["tree", "forest"])
def test_a_model_of_ours_brings_everything_along(model):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"income": rng.integers(0, 500, 200), "debt": rng.integers(0, 9, 200)})
    default = (rng.normal(table["income"] - 30 * table["debt"], 60) < 130).astype(int)
    model.fit(table, default)
    recourse = Recourse(model)
    assert recourse.target == 0
    assert recourse.budget == 0.4
    assert recourse.cost is model.cost_
    result = recourse.explain(table)
    assert list(result.frame["accepted"]) == list(model.predict(table) == 0)
    moved = ~result.frame["accepted"] & result.frame["feasible"]
    assert moved.any()
    assert (model.predict(result.counterfactual[moved]) == 0).all()
    assert recourse_rate(model, table, default) == result.feasible.mean() == model.recourse_rate(table)
    report = recourse_report(model, table, table["debt"] > 4)
    assert report["value"][1] == result.feasible.mean()
    other = Recourse(model, ActionSpec({"income": "down"}), budget=0.1).explain(table).counterfactual
    assert (other["income"].dropna() <= table["income"][other["income"].notna()]).all()
    assert (other["debt"].dropna() == table["debt"][other["debt"].notna()]).all()


def test_a_pipeline_around_a_model_of_ours_brings_it_along():
    settings = {"budget": 1.0, "cost": "range", "target_class": 0, "min_samples_leaf": 1}
    model = RecourseTreeClassifier(SPEC, **settings).fit(TABLE, [0, 0, 1, 0])
    around, alone = (Recourse(one) for one in (make_pipeline("passthrough", model), model))
    assert (around.target, around.budget, around.names) == (0, 1.0, ["income", "debt"])
    pd.testing.assert_frame_equal(around.explain(TABLE).frame, alone.explain(TABLE).frame)


def test_feasible_is_the_column_of_the_result():
    assert list(recourse(budget=0.6).feasible(TABLE)) == [True, False, True, False]
    assert list(recourse(budget=0.7).feasible(TABLE, max_changes=1)) == [True, False, True, True]


def test_importing_the_package_loads_nothing_heavy():
    program = "import sys, fairgym.recourse; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert not {name.partition(".")[0] for name in done.stdout.split()} & {"numba", "matplotlib", "sklearn", "rich"}


MODELS = {
    "tree": DecisionTreeClassifier(max_depth=5, random_state=0),
    "forest": RandomForestClassifier(12, max_depth=4, random_state=0),
    "extra": ExtraTreesClassifier(12, max_depth=4, random_state=0),
    "boosting": GradientBoostingClassifier(n_estimators=12, random_state=0),
    "histogram": HistGradientBoostingClassifier(max_iter=12, max_depth=3, random_state=0),
}
COSTS = {"percentile": PercentileShift(), "mad": WeightedShift("mad"), "log-sum": LogPercentileShift()}


@pytest.fixture(scope="module")
def crowd():
    x, y = make_classification(300, 6, n_informative=4, flip_y=0.1, random_state=0)
    x[:, 0], x[:, 1] = np.round(3 * x[:, 0]), x[:, 1] > 0
    table = pd.DataFrame(x, columns=["children", "phone", "income", "debt", "age", "place"], index=range(1000, 1300))
    spec = ActionSpec(
        {"children": "free", "phone": "free", "income": "up", "debt": "down", "age": "up"},
        integer=["children"],
        binary=["phone"],
        bounds={"income": (-2.0, 2.0)},
    )
    return table, y, spec


@pytest.fixture(scope="module")
def fitted(crowd):
    table, y, _ = crowd
    return {name: model.fit(table, y) for name, model in MODELS.items()}


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("model", MODELS)
def test_every_action_keeps_what_was_promised(crowd, fitted, model, cost):
    (table, _, spec), model = crowd, fitted[model]
    people = table.iloc[:60]
    recourse = Recourse(model, spec, COSTS[cost], 0.4, background=table)
    result = recourse.explain(people, alternatives=2, node_limit=200)
    rows, after = result.alternatives, result.alternative_values
    before = people.loc[rows["person"]].reset_index(drop=True)

    assert list(result.frame["accepted"]) == list(model.predict(people) == 1)
    assert len(after) > 0
    assert (model.predict(after) == 1).all()
    assert within(rows["cost"].to_numpy(), 0.4).all()
    assert (after["place"] == before["place"]).all()
    assert (after["income"] >= before["income"]).all()
    assert (after["income"] <= np.maximum(before["income"], 2)).all()
    assert (after["debt"] <= before["debt"]).all()
    assert (after["children"] == np.round(after["children"])).all()
    assert after["phone"].isin([0, 1]).all()
    assert ((after != before).sum(axis=1) == rows["features_changed"]).all()
    seen = [frame.to_numpy().astype(recourse.votes.precision).astype(float) for frame in (before, after)]
    np.testing.assert_allclose(recourse.cost.total(*seen), rows["cost"], atol=1e-9)
    first = rows[rows["alternative"] == 1].set_index("person")
    pd.testing.assert_series_equal(first["cost"], result.cost[first.index], check_names=False, check_index_type=False)
    assert rows.groupby("person")["cost"].is_monotonic_increasing.all()


def as_told(person, changes):
    """Return a person after she has done to the letter what she was told."""
    for phrase in changes.split("; "):
        match phrase.split():
            case ["raise" | "lower" as verb, name, "from", before, "to", after]:
                assert (float(before) < float(after)) == (verb == "raise")
                person[name] = float(after)
            case ["switch", name, "on" | "off" as way]:
                person[name] = float(way == "on")
            case _:
                raise AssertionError(phrase)
    return person


@pytest.mark.parametrize("model", MODELS)
def test_whoever_does_what_she_is_told_is_accepted(crowd, fitted, model):
    (table, _, spec), model = crowd, fitted[model]
    people = table.iloc[:60]
    recourse = Recourse(model, spec, "percentile", 0.4, background=table)
    frame = recourse.explain(people, method="fast").frame.set_index("person")
    told = frame[frame["changes"] != ""]["changes"]
    after = pd.DataFrame([as_told(people.loc[person].copy(), changes) for person, changes in told.items()])
    assert len(after) > 5
    assert (model.predict(after[table.columns]) == 1).all()
    before = people.loc[told.index].to_numpy()
    seen = [values.astype(recourse.votes.precision).astype(float) for values in (before, after.to_numpy())]
    assert within(recourse.cost.total(*seen), 0.4).all()
    assert (after["income"].to_numpy() <= np.maximum(before[:, 2], 2)).all()


def test_a_search_without_time_still_says_what_it_knows(crowd, fitted):
    (table, _, spec), model = crowd, fitted["forest"]
    recourse = Recourse(model, spec, "percentile", 0.4, background=table)
    recourse.explain(table.iloc[:5])  # compiled now, so that the limit below is one of searching
    result = recourse.explain(table, time_limit=1e-9)
    assert list(result.frame["accepted"]) == list(model.predict(table) == 1)
    known = result.frame["feasible"]
    assert (model.predict(result.counterfactual[known.to_numpy()]) == 1).all()
    assert result.counterfactual[~known.to_numpy()].isna().all(axis=None)
    assert set(result.proof[~known.to_numpy()]) <= {"unknown", "impossible"}
    assert result.certified < 1


def test_labels_of_several_levels_are_kept():
    table = TABLE.set_axis(pd.MultiIndex.from_product([["north", "south"], [1, 2]]))
    result = recourse().explain(table)
    assert result.counterfactual.index.equals(table.index)
    assert result.changes["south", 2] == "lower debt from 5 to 3"


def test_people_can_be_asked_about_one_by_one(crowd, fitted):
    table, _, spec = crowd
    recourse = Recourse(fitted["tree"], spec, "percentile", 0.3, background=table)
    together = recourse.explain(table.iloc[:20]).frame
    alone = pd.concat([recourse.explain(table.iloc[[row]]).frame for row in range(20)], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)


def test_the_bar_shows_on_standard_error_and_only_after_a_while(monkeypatch, capsys):
    monkeypatch.setattr("fairgym.recourse.waiting.PATIENCE", 60.0)
    recourse().explain(TABLE, progress=True)
    quick = capsys.readouterr()
    assert quick.out == ""
    assert "looking" not in quick.err


def test_the_bar_counts_people(monkeypatch, capsys):
    import time

    from fairgym.recourse.waiting import waiting_bar

    monkeypatch.setattr("fairgym.recourse.waiting.PATIENCE", 0.0)
    with waiting_bar("looking for actions", 7, shown=True) as done:
        done(3)
        time.sleep(0.3)
    shown = capsys.readouterr()
    assert "3/7" in shown.err
    assert shown.out == ""


def test_a_specification_is_not_changed_by_use():
    before = repr(SPEC)
    recourse().explain(TABLE)
    assert repr(SPEC) == before
