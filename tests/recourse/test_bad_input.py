"""Whatever recourse cannot work with is answered with one sentence that says what, where and what would do."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from fairgym.checks import InputError
from fairgym.recourse import ActionSpec, PercentileShift, Recourse, WeightedShift, recourse_report
from tests.recourse.small import CREDIT, SPEC, TABLE, bank, recourse

NAN, INF = float("nan"), float("inf")


def three_classes():
    return DecisionTreeClassifier(random_state=0).fit(TABLE, [0, 1, 2, 0])


def words():
    return DecisionTreeClassifier(random_state=0).fit(TABLE, ["no", "no", "yes", "no"])


def two_outputs():
    return DecisionTreeClassifier(random_state=0).fit(TABLE, [[0, 1], [0, 1], [1, 1], [1, 0]])


def of_one_hot():
    table = pd.DataFrame({"a:x": [1, 0, 1, 0], "a:y": [0, 1, 0, 1]})
    model = DecisionTreeClassifier(random_state=0).fit(table, [0, 1, 0, 1])
    return Recourse(model, ActionSpec.from_frame(table), "range", 1, background=table)


def report(groups=(0, 0, 1, 1), X=TABLE, **settings):
    return recourse_report(bank(), X, groups, actions=SPEC, cost="range", budget=0.6, background=TABLE, **settings)


MODEL = [
    (
        lambda: recourse(model=LogisticRegression().fit(TABLE, CREDIT)),
        "LogisticRegression, which is not supported: give",
    ),
    (
        lambda: recourse(model=DecisionTreeRegressor().fit(TABLE, CREDIT)),
        "DecisionTreeRegressor, which is not supported",
    ),
    (lambda: recourse(model="forest"), "model is a str, which is not supported: give"),
    (lambda: recourse(model=DecisionTreeClassifier), "the class DecisionTreeClassifier, which is not supported"),
    (lambda: recourse(model=DecisionTreeClassifier()), "DecisionTreeClassifier that is not fitted: call its fit first"),
    (lambda: recourse(model=RandomForestClassifier()), "RandomForestClassifier that is not fitted"),
    (
        lambda: recourse(model=make_pipeline(StandardScaler(), bank()).fit(TABLE, CREDIT)),
        "step 'standardscaler' transf",
    ),
    (lambda: recourse(model=three_classes()), "of 3 classes: recourse is for models of two"),
    (lambda: recourse(target=7), "target=7 is not a class of the model: give one of 0, 1"),
    (lambda: recourse(target="yes"), "target='yes' is not a class of the model: give one of 0, 1"),
    (lambda: recourse(target=[0, 1]), "target=.0, 1. is not one class: give the class that people want"),
    (lambda: recourse(model=two_outputs()), "with several outputs: give one for each of them"),
    (lambda: recourse(model=words()), "target is missing: give the class that people want, one of 'no', 'yes'"),
]
ACTIONS = [
    (lambda: recourse(None), "actions is missing: give an ActionSpec, for instance ActionSpec.from_frame"),
    (lambda: recourse({"income": "up"}), "actions is a dict: give an ActionSpec"),
    (lambda: recourse(ActionSpec()), "lets nobody change anything: make at least one feature free, up or down"),
    (lambda: recourse(ActionSpec({"income": "fixed"})), "lets nobody change anything"),
    (lambda: recourse(ActionSpec(["fixed", "fixed"])), "lets nobody change anything"),
    (lambda: recourse(ActionSpec(["up"])), "features has 1 directions, but there are 2 columns"),
    (lambda: recourse(ActionSpec({"incme": "up"})), "'incme', which is not there: did you mean 'income'"),
    (lambda: recourse(ActionSpec({5: "up"})), "features names the column 5: give a name or a position from 0 to 1"),
    (lambda: recourse(ActionSpec(["up"] * 3).resolve(None, 3)), "actions is for 3 columns"),
]
COST = [
    (lambda: recourse(cost="percentil"), "cost='percentil' is not known: did you mean 'percentile'"),
    (lambda: recourse(cost=0.3), "cost=0.3 is not a cost: give one of percentile"),
    (lambda: recourse(cost=PercentileShift), "is not a cost: give one of percentile"),
    (lambda: recourse(cost=PercentileShift("yes")), "smoothed='yes' is not a yes or no"),
    (lambda: recourse(cost=WeightedShift(3)), "weights=3 is not a list: give one cost per unit of each column"),
    (lambda: recourse(cost=WeightedShift((1.0,))), "weights has 1 entries, but there are 2 columns"),
    (lambda: recourse(cost=WeightedShift((1.0, 1.0, 1.0))), "weights has 3 entries, but there are 2 columns"),
    (lambda: recourse(cost=WeightedShift((1.0, -1.0))), "holds a number below zero"),
    (lambda: recourse(cost=WeightedShift("men")), "weights='men' is not known"),
    (lambda: recourse(cost=WeightedShift("sd").fit(np.eye(3))), "cost is for 3 columns, but the model was fitted on 2"),
    (lambda: recourse(background=None), "background is missing: .*such as background=X_train"),
    (lambda: recourse(background=TABLE.iloc[:0]), "background has no rows"),
    (lambda: recourse(background=TABLE[["income"]]), "background lacks the column debt"),
    (lambda: recourse(background=TABLE * NAN), "background holds NaN or infinity in the column 'income'"),
]
BUDGET = [
    (lambda: recourse(budget=None), "budget is missing: give the highest cost of an action"),
    (lambda: recourse(budget=-0.1), "budget=-0.1 is out of range: it must be at least 0"),
    (lambda: recourse(budget=NAN), "budget=nan is not finite"),
    (lambda: recourse(budget=INF), "budget=inf is not finite"),
    (lambda: recourse(budget="0.3"), "budget='0.3' is not a number"),
    (lambda: recourse(cost="percentile", budget=30), "budget=30 is out of range: it must be between 0 and 1"),
]
PEOPLE = [
    (lambda: recourse().explain(TABLE.assign(income=[310, NAN, 1, 1])), "X holds NaN .* 'income', first in row 'bob'"),
    (
        lambda: recourse().explain(TABLE.assign(debt=[1, 1, 1, INF])),
        "X holds NaN or infinity .* 'debt', first in row 'dan'",
    ),
    (lambda: recourse().explain(np.array([[1.0, 2.0], [NAN, 2.0]])), "X holds NaN .* 'income', first in row 1"),
    (lambda: recourse().explain((TABLE * NAN).set_axis(range(7, 11))), "X holds NaN .* first in row 7: fill it in"),
    (lambda: recourse().explain(TABLE.iloc[:0]), "X has no rows: give at least one person"),
    (lambda: recourse().explain(np.zeros((0, 2))), "X has no rows"),
    (lambda: recourse().explain([]), "X has 1 dimensions: give a table or an array"),
    (lambda: recourse().explain([310, 5]), "X has 1 dimensions"),
    (lambda: recourse().explain([[310, 5], [3]]), "X is not numbers in rows of equal length"),
    (lambda: recourse().explain([["310", "5"]]), "X is not numbers in rows of equal length"),
    (lambda: recourse().explain(None), "X is not numbers in rows of equal length"),
    (lambda: recourse().explain([[310, 5, 1]]), "X has 3 columns, but the model was fitted on 2"),
    (lambda: recourse().explain(TABLE[["debt"]]), "X lacks the column income: give all columns"),
    (lambda: recourse().explain(TABLE.assign(x=1)), "X has the column x, which the model does not know: leave it out"),
    (
        lambda: recourse().explain(TABLE[["debt", "income"]]),
        "X has the columns .* in another order: give them as income, debt",
    ),
    (lambda: recourse().explain(TABLE.assign(debt=["a"] * 4)), "X holds no numbers in the column 'debt'"),
    (lambda: recourse().explain(TABLE.assign(debt=1j)), "X holds no numbers in the column 'debt'"),
    (lambda: recourse().explain(TABLE * 1e39), "X holds a number beyond 3.4e\\+38"),
    (lambda: recourse().explain(TABLE + 0.5), "X has a fraction in the integer feature 'income'"),
    (lambda: of_one_hot().explain([[1, 1]]), "X row 0 is not one-hot in the group"),
    (lambda: of_one_hot().explain([[1, 0], [0.5, 0]]), "X has a fraction in the integer feature 'a:x'"),
]
SEARCH = [
    (lambda: recourse().explain(TABLE, method="exct"), "method='exct' is not known: did you mean 'exact'"),
    (lambda: recourse().explain(TABLE, max_changes=0), "max_changes=0 is out of range: it must be at least 1"),
    (lambda: recourse().explain(TABLE, max_changes=1.5), "max_changes=1.5 is not a whole number"),
    (lambda: recourse().explain(TABLE, alternatives=0), "alternatives=0 is out of range"),
    (lambda: recourse().explain(TABLE, time_limit=0), "time_limit=0 is too small: it must be above 0"),
    (lambda: recourse().explain(TABLE, node_limit=0), "node_limit=0 is out of range"),
    (lambda: recourse().explain(TABLE, jobs=0), "jobs=0 is out of range"),
    (lambda: recourse().explain(TABLE, progress="yes"), "progress='yes' is not a yes or no"),
    (lambda: recourse().feasible(TABLE, metod="fast"), "setting='metod' is not known: did you mean 'method'"),
]
REPORT = [
    (lambda: report([0, 1]), "groups has 2 labels, but X has 4 people: give one each"),
    (lambda: report("sex"), "groups='sex' is not a column of X: known are income, debt"),
    (lambda: report("sex", X=TABLE.to_numpy()), "groups='sex' is not a column of X: give the label of each person"),
    (lambda: report([0, 0, NAN, 1]), "groups holds a missing label"),
    (lambda: report([[0], [0], [1], [1]]), "groups has 2 dimensions: give one label per person"),
    (lambda: report(against=2), "against=2 is not a group: known are 0, 1"),
    (lambda: report(against="1"), "against='1' is not a group: known are 0, 1"),
    (lambda: report(nodes=3), "setting='nodes' is not known: did you mean 'node_limit'"),
    (lambda: report(confidence=95), "confidence=95 is out of range"),
    (lambda: report(confidence=0), "confidence=0 is too small"),
]
ROWS = MODEL + ACTIONS + COST + BUDGET + PEOPLE + SEARCH + REPORT


@pytest.mark.parametrize(("call", "sentence"), ROWS, ids=[sentence[:60] for _, sentence in ROWS])
def test_bad_input_is_answered_in_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence) as refusal:
        call()
    said = str(refusal.value)
    assert "\n" not in said
    assert len(said) < 400
