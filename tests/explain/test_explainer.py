"""The explainer as people use it: tables of all kinds, budgets, seeds, warm starts, words, and what it hands back."""

import dataclasses
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from fairgym.explain import Anchor, AnchorExplainer, Predicate, Rule
from tests.explain.small import Counting, explainer, lend, numbers, people, step

INSIDE = [1.2, 0.0, 0.0, 0.0]


@pytest.fixture(scope="module")
def table():
    return people()


@pytest.fixture(scope="module")
def lender(table):
    return AnchorExplainer(table, groups="owner")


def test_a_rule_is_about_the_person_and_covers_her(table, lender):
    for row in range(8):
        person = table.iloc[[row]]
        anchor = lender.explain(person, lend, random_state=row)
        assert anchor.success
        assert anchor.prediction == lend(person)[0]
        assert anchor.covers(person).all()
        assert anchor.coverage == anchor.covers(table).mean()
        assert {"always", "kids", "debts"}.isdisjoint(one.feature for one in anchor.predicates)
        for owner, share in anchor.coverage_by_group.items():
            assert share == anchor.covers(table[table["owner"] == owner]).mean()


def test_missing_values_have_rules_of_their_own(table, lender):
    unknown = table[table["income"].isna()].iloc[[0]]
    anchor = lender.explain(unknown, lend, random_state=0)
    assert anchor.predicates == (Predicate("income", "is missing"),)
    assert anchor.coverage == table["income"].isna().mean()
    assert "IF income is missing THEN no WITH PRECISION 1 (" in str(anchor)


def test_unseen_categories_and_values_beyond_the_background_are_explained_and_noted(table, lender):
    strange = table.iloc[[0]].assign(job="pilot", income=1e6)
    anchor = lender.explain(strange, lend, random_state=0)
    assert anchor.covers(strange).all()
    assert "the background has no job = pilot" in anchor.notes
    assert any(note.startswith("income = 1000000 is outside the background's") for note in anchor.notes)
    pilots = lender.explain(strange, lambda rows: np.where(rows["job"] == "pilot", "yes", "no"), random_state=0)
    assert pilots.predicates == (Predicate("job", "=", "pilot"),)
    assert (pilots.success, pilots.coverage, pilots.data_rows) == (True, 0.0, 0)
    assert "no row of the background satisfies the rule" in pilots.notes


def test_beyond_the_background_a_feature_can_be_cut_at_its_end():
    found = explainer()
    anchor = found.explain([9, 0, 0, 0], lambda rows: (rows[:, 0] > 5).astype(int), random_state=0)
    assert anchor.success
    assert (anchor.precision, anchor.coverage) == (1.0, 0.0)
    (only,) = anchor.predicates
    assert (only.feature, only.relation) == ("x0", ">")
    assert found.columns.sorted[0, -1] <= only.value < 9


@pytest.mark.parametrize(
    ("background", "person", "predicates"),
    [
        (np.ones((50, 1)), [1], ()),  # a constant column: there is nothing to say
        (np.ones((50, 1)), [2], (Predicate("x0", "=", 2.0),)),
        (np.repeat([[0.0], [1.0]], 50, axis=0), [1], (Predicate("x0", "=", 1.0),)),  # one feature
        (np.repeat([["no"], ["yes"]], 50, axis=0), ["yes"], (Predicate("x0", "=", "yes"),)),  # words alone
        (np.array([[np.nan], [1.0], [2.0], [3.0]] * 20), [np.nan], (Predicate("x0", "is missing"),)),
    ],
)
def test_tables_with_hardly_anything_in_them(background, person, predicates):
    own = np.array([person]).astype(background.dtype)[0, 0]

    def model(rows):
        return np.array([str(one) == str(own) for one in rows[:, 0]]).astype(int)

    anchor = AnchorExplainer(background).explain(person, model, random_state=0)
    assert anchor.predicates == predicates
    assert anchor.success


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, object, "U8"])
def test_an_array_is_asked_about_in_its_own_form(dtype):
    background = np.random.default_rng(0).integers(0, 5, (300, 2)).astype(dtype)

    def model(rows):
        assert rows.dtype == np.dtype(dtype)
        assert rows.shape[1] == 2
        return (rows[:, 0].astype(float) >= 3).astype(int)

    anchor = AnchorExplainer(background, names=["a", "b"]).explain(background[0], model, random_state=0)
    assert anchor.success
    assert {one.feature for one in anchor.predicates} == {"a"} or dtype == "U8"
    assert anchor.covers(background[:1]).all()


def test_a_number_that_the_background_cannot_hold_reaches_the_model_as_it_is():
    background = np.random.default_rng(0).integers(0, 5, (300, 2))
    seen = []

    def model(rows):
        seen.append(rows[0, 0])
        return (rows[:, 0] >= 3).astype(int)

    AnchorExplainer(background).explain([2.5, 1], model, random_state=0)
    assert seen[0] == 2.5


@pytest.mark.parametrize(("dtype", "value"), [(np.uint8, 300), (np.uint8, -1), (np.int16, 1e5), (np.float32, 1e300)])
def test_a_number_beyond_the_dtype_of_the_background_does_not_wrap_around(dtype, value):
    background = np.random.default_rng(0).integers(0, 100, (300, 2)).astype(dtype)
    seen = []

    def model(rows):
        seen.append(rows[0, 0])
        return (rows[:, 1] > 50).astype(int)

    anchor = AnchorExplainer(background).explain([value, 1], model, random_state=0)
    assert seen[0] == value
    assert anchor.success
    framed = pd.DataFrame({"a": pd.array(background[:, 0].astype(int), dtype="Int8"), "b": background[:, 1]})
    asked = []

    def other(rows):
        asked.append(rows["a"].iloc[0])
        return (rows["b"] > 50).astype(int)

    AnchorExplainer(framed).explain([value, 1], other, random_state=0)
    assert asked[0] == value


def test_a_frame_whose_columns_are_not_called_by_words_reaches_the_model_as_it_is():
    table = pd.DataFrame(numbers())
    found = AnchorExplainer(table, groups=np.arange(len(table)) % 2)

    def model(rows):
        assert list(rows.columns) == [0, 1, 2, 3]
        return step(rows.to_numpy())

    for x in (INSIDE, table.iloc[[0]], table.iloc[0]):
        anchor = found.explain(x, model, random_state=0)
        assert anchor.success
        assert anchor.evaluate(model, table).precision > 0.9
    assert anchor.coverage == anchor.covers(table).mean()
    assert all(one.success for one in found.explain_batch(table.iloc[:3], model, random_state=0))


def test_a_gap_is_missing_however_it_is_written():
    debts = pd.array(np.arange(600) % 9, dtype="Int64")
    debts[::5] = pd.NA
    table = pd.DataFrame({"debts": debts, "score": np.random.default_rng(0).normal(size=600)})
    found = AnchorExplainer(table)

    def model(rows):
        return rows["debts"].isna().to_numpy().astype(int)

    said = [found.explain(x, model, random_state=0) for x in (table.iloc[[0]], table.iloc[0], [None, 0.1])]
    said.append(found.explain(table.iloc[[0]], model, random_state=0, start=[Predicate("debts", "<=", 4.0)]))
    for anchor in said:
        assert anchor.predicates == (Predicate("debts", "is missing"),)
        assert anchor.prediction == 1


@pytest.mark.parametrize("unit", [1e-310, 1e-300, 1e300])
def test_tiny_and_huge_numbers_have_rules(unit):
    table = numbers() * unit

    def model(rows):
        return (rows[:, 0] > 0.5 * unit).astype(int)

    anchor = explainer(table).explain(np.array(INSIDE) * unit, model, random_state=0)
    assert anchor.success
    assert [one.feature for one in anchor.predicates] == ["x0"]


def test_real_rows_are_not_said_to_be_more_than_there_are():
    found = explainer(numbers(60), perturb="rows")
    anchor = found.explain(INSIDE, lambda rows: np.ones(len(rows), dtype=int), random_state=0)
    assert (anchor.data_precision, anchor.data_rows, anchor.n_draws) == (1.0, 60, 1_000)
    assert not any("all draws" in note for note in anchor.notes)
    few = AnchorExplainer(numbers(60), bins={"x0": [1.0]}, perturb="rows")
    narrow = few.explain(INSIDE, lambda rows: (rows[:, 0] > 1).astype(int), random_state=0)
    assert narrow.success
    count = int((numbers(60)[:, 0] > 1).sum())
    assert (
        f"all draws are of the {count} background rows that satisfy the rule: of others they say little" in narrow.notes
    )


def test_pipelines_with_words_work_as_they_are(table):
    X = table[["income", "job", "kids"]].fillna({"income": 0.0, "job": "none"})
    y = np.where((X["income"] > 60) & (X["job"] != "cook"), "yes", "no")
    encode = ColumnTransformer([("words", OneHotEncoder(), ["job"])], remainder=StandardScaler())
    model = make_pipeline(encode, LogisticRegression()).fit(X, y)
    anchors = AnchorExplainer(X).explain_batch(X.iloc[:5], model, random_state=0)
    assert [anchor.prediction for anchor in anchors] == model.predict(X.iloc[:5]).tolist()
    assert [anchor.label for anchor in anchors] == ["0", "1", "2", "3", "4"]
    assert all(anchor.success for anchor in anchors)


def test_the_model_cannot_spoil_the_search_by_writing_into_its_rows():
    def greedy(rows):
        answer = step(rows)
        rows[:] = 0
        return answer

    assert explainer().explain(INSIDE, greedy, random_state=0) == explainer().explain(INSIDE, step, random_state=0)


def test_the_same_seed_gives_the_same_rule_and_global_random_state_is_left_alone():
    found = explainer()
    before = np.random.get_state()  # noqa: NPY002
    one, other = (found.explain(INSIDE, step, random_state=3) for _ in range(2))
    assert one == other
    assert str(one) == str(other)
    after = np.random.get_state()  # noqa: NPY002
    assert before[0] == after[0]
    assert (before[1] == after[1]).all()
    batch = found.explain_batch([INSIDE, INSIDE], step, random_state=np.random.default_rng(3))
    assert batch == found.explain_batch([INSIDE, INSIDE], step, random_state=np.random.default_rng(3))


def test_an_explainer_goes_on_after_an_error():
    found = explainer()
    fine = found.explain(INSIDE, step, random_state=0)

    def broken(rows):
        raise RuntimeError("out of order")

    with pytest.raises(RuntimeError, match="out of order"):
        found.explain(INSIDE, broken, random_state=0)
    assert found.explain(INSIDE, step, random_state=0) == fine


def test_anchors_and_explainers_survive_pickling_and_json():
    found = explainer(groups=np.arange(4_000) % 2)
    anchor = found.explain(INSIDE, step, random_state=0)
    assert pickle.loads(pickle.dumps(anchor)) == anchor
    assert pickle.loads(pickle.dumps(found)).explain(INSIDE, step, random_state=0) == anchor
    told = json.loads(json.dumps(anchor.to_dict()))
    assert told["predicates"][0] == dataclasses.asdict(anchor.predicates[0])
    assert told["text"] == str(anchor)


@pytest.mark.parametrize("most", [100, 101, 150, 400, 1_000, 3_000, 10_000])
def test_the_budget_of_rows_is_never_exceeded_and_failure_is_loud(most):
    def border(rows):
        return (np.sin(8 * rows).sum(axis=1) > 0).astype(int)  # no rule of a few conditions

    model = Counting(border)
    anchor = explainer().explain(INSIDE, model, max_rows=most, random_state=0)
    assert model.rows == anchor.n_rows <= most
    assert model.calls == anchor.model_calls
    assert not anchor.success
    assert anchor.reason.startswith("the budget of rows is spent before a precision of at least 0.95")
    assert str(anchor).startswith("NO VALID RULE (the budget of rows is spent")
    assert anchor.n_draws > 0  # the best so far, with what is known of it
    assert 0 <= anchor.precision_interval[0] <= anchor.precision <= anchor.precision_interval[1] <= 1


def test_the_budget_of_seconds_ends_the_search():
    anchor = explainer().explain(INSIDE, step, max_seconds=1e-9, random_state=0)
    assert not anchor.success
    assert anchor.reason.startswith("the time is spent before")
    assert anchor.model_calls <= 2  # the first question and the report


def test_a_person_on_the_border_gets_no_rule_that_is_not_true():
    def coin(rows):
        return (np.floor(rows[:, 0] * 1e6) % 2).astype(int)  # no cut of the background is so fine

    anchor = explainer(bins="decile").explain(INSIDE, coin, random_state=0)
    assert not anchor.success
    assert "no rule tried has a precision of at least 0.95" in anchor.reason
    assert "bins='auto' would cut finer" in anchor.reason


def test_adding_a_condition_never_raises_coverage_and_implied_ones_are_not_added():
    found = explainer(numbers(4_000, 6))

    def model(rows):
        return (rows[:, :4].sum(axis=1) > 1).astype(int)

    for seed in range(6):
        person = numbers(20, 6, seed=9)[seed]
        anchor = found.explain(person, model, random_state=seed)
        covers = [one.coverage for one in anchor.partial]
        assert covers == sorted(covers, reverse=True)
        assert covers[0] == 1
        assert covers[-1] == anchor.coverage
        assert anchor.partial[-1].predicates == anchor.predicates
        assert all(0 <= one.precision <= 1 and one.n_draws >= 50 for one in anchor.partial)
        said = [(one.feature, one.relation) for one in anchor.predicates]
        assert len(set(said)) == len(said)  # at most one lower and one upper end
        for left_out in range(len(anchor.predicates)):
            fewer = Rule(anchor.predicates[:left_out] + anchor.predicates[left_out + 1 :], names=found.names)
            assert fewer.covers(found.columns.rows).mean() > anchor.coverage


def test_a_search_can_start_from_the_rule_of_a_step_before():
    found = explainer()
    before = found.explain(INSIDE, step, random_state=0)
    again = found.explain(INSIDE, step, random_state=1, start=before)
    assert again.success
    assert again.coverage >= before.coverage
    assert again.model_calls <= before.model_calls
    moved = found.explain(INSIDE, lambda rows: (rows[:, 0] > 1).astype(int), random_state=1, start=before)
    assert moved.success
    assert moved.evaluate(lambda rows: (rows[:, 0] > 1).astype(int), numbers(50_000, seed=5)).precision > 0.94
    false = [Predicate("x0", "<=", 0.0)]  # not true of her, so it is not taken
    assert found.explain(INSIDE, step, random_state=0, start=false) == before
    batch = found.explain_batch([INSIDE, [-1, 0, 0, 0]], step, random_state=0, start=[before, None])
    assert all(anchor.success for anchor in batch)


def test_a_batch_asks_the_first_question_once():
    model = Counting(step)
    anchors = explainer().explain_batch([[-2.0, 0, 0, 0], INSIDE, [-1, 1, 0, 0]], model, random_state=0)
    assert model.calls == sum(anchor.model_calls - 1 for anchor in anchors) + 1
    assert [anchor.prediction for anchor in anchors] == [0, 1, 0]
    assert all(isinstance(anchor, Anchor) and anchor.success for anchor in anchors)


def test_a_rule_of_a_users_own_can_be_judged():
    rule = Rule([Predicate("x0", ">", 0.8)], prediction=1)
    table = numbers()
    real = rule.evaluate(step, table)
    assert (real.precision, real.rows) == (1.0, int((table[:, 0] > 0.8).sum()))
    assert real.coverage == np.mean(table[:, 0] > 0.8)
    assert real.precision_interval[1] == 1
    drawn = explainer().evaluate(rule, step, n=500, random_state=0)
    assert (drawn.precision, drawn.rows) == (1.0, 500)
    nobody = Rule([Predicate("x0", ">", 99)], prediction=1).evaluate(step, table)
    assert np.isnan(nobody.precision)
    assert (nobody.rows, nobody.coverage, nobody.precision_interval) == (0, 0.0, (0.0, 1.0))
    assert str(rule) == "IF x0 > 0.8 THEN 1"


def test_a_predicate_says_its_exact_number():
    cuts = [0.0022, 0.0031, 0.0045]  # which others print as 0.00
    assert [str(Predicate("error", "<=", cut)) for cut in cuts] == [
        "error <= 0.0022",
        "error <= 0.0031",
        "error <= 0.0045",
    ]
    assert str(Predicate("income", ">", 52_000)) == "income > 52000"
    assert str(Predicate("income", ">", 0.1 + 0.2)) == "income > 0.30000000000000004"
    assert str(Predicate("tiny", ">", 1.5e-9)) == "tiny > 1.5e-09"
    assert str(Predicate("job", "is missing")) == "job is missing"


@pytest.mark.parametrize("values", [[1.0, np.nan, 3.0], [1, None, 3], pd.array([1, None, 3], dtype="Int64")])
def test_a_missing_value_satisfies_only_its_own_condition(values):
    column = pd.Series(values)
    for relation, expected in (("<=", [True, False, False]), (">", [False, False, True])):
        assert Predicate("a", relation, 2).holds(column).tolist() == expected
    assert Predicate("a", "=", 1).holds(column).tolist() == [True, False, False]
    assert Predicate("a", "is missing").holds(column).tolist() == [False, True, False]
    assert Predicate("a", "is present").holds(column).tolist() == [True, False, True]


def test_the_words_of_an_anchor():
    found = AnchorExplainer(numbers(), names=["score", "b", "c", "d"], answers={0: "reject", 1: "approve"})
    anchor = found.explain([2, 0, 0, 0], step, random_state=0)
    (only,) = anchor.predicates
    low = anchor.precision_interval[0]
    assert str(anchor).startswith(f"IF score > {only.value} THEN approve WITH PRECISION ")
    assert "99% interval" in str(anchor)
    assert "1,000 new draws" in str(anchor)
    assert f"AND COVERAGE {anchor.coverage:.2f}" in str(anchor)
    assert low < anchor.precision
    assert "is certified with confidence 0.95" in anchor.reason
    empty = found.explain([2, 0, 0, 0], lambda rows: np.ones(len(rows), dtype=int), random_state=0)
    assert str(empty).startswith("IF anything THEN approve WITH PRECISION 1 (")


def test_cuts_are_short_and_between_values_of_the_background():
    found = explainer(np.round(numbers(), 4))
    for at, cuts in enumerate(found.bins.fine):
        values = found.columns.sorted[at]
        assert len(cuts) >= 15
        for cut in cuts:
            assert len(f"{abs(cut):g}") <= 7
            share = np.mean(values <= cut)
            assert 0 < share < 1
    given = explainer(bins={"x0": [0.8, 0.0]})
    anchor = given.explain([2, 0, 0, 0], step, random_state=0)
    assert anchor.predicates == (Predicate("x0", ">", 0.8),)
