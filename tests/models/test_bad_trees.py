import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from fairgym.checks import InputError
from fairgym.models import RecourseTreeClassifier, export_text
from fairgym.recourse import ActionSpec
from tests.models.hand import SPEC, hand_tree, hand_worked

PARAMETERS = [
    ({"actions": "free"}, "actions is a str: give an ActionSpec"),
    ({"actions": ActionSpec({"payd": "free"})}, "did you mean 'paid'"),
    ({"actions": ActionSpec()}, "lets nobody change anything"),
    ({"actions": ActionSpec(["fixed", "fixed"])}, "lets nobody change anything"),
    ({"budget": -0.1}, "budget=-0.1 is out of range"),
    ({"budget": 1.5}, "budget=1.5 is out of range"),
    ({"budget": np.nan}, "budget=nan is not finite"),
    ({"recourse_weight": -1}, "recourse_weight=-1 is out of range"),
    ({"recourse_weight": "much"}, "recourse_weight='much' is not a number"),
    ({"recourse_weight": {"a": -1.0}}, r"recourse_weight\['a'\]=-1.0 is out of range"),
    ({"recourse_weight": {"a": 1.0}}, "give fit the group of each person as sensitive_features"),
    ({"target_class": 2}, "target_class=2 does not occur in y: give one of 0, 1"),
    ({"target_class": "1"}, "target_class='1' does not occur in y"),
    ({"target_class": [0, 1]}, r"target_class=\[0, 1\] does not occur in y"),
    ({"cost": "percentil"}, "did you mean 'percentile'"),
    ({"cost": "mad-sum"}, "adds up changes, and training needs the greatest one"),
    ({"cost": 3}, "cost=3 is not a cost"),
    ({"criterion": "entropy"}, "criterion='entropy' is not known"),
    ({"max_depth": 0}, "max_depth=0 is out of range"),
    ({"max_depth": 2.5}, "max_depth=2.5 is not a whole number"),
    ({"min_samples_split": 1}, "min_samples_split=1 is out of range"),
    ({"min_samples_leaf": 0}, "min_samples_leaf=0 is out of range"),
    ({"max_features": "root"}, "max_features='root' is not known"),
    ({"max_features": 0}, "max_features=0 is out of range"),
    ({"max_features": 1.5}, "max_features=1.5 is out of range: it must be between 0 and 1"),
    ({"min_gain": -1}, "min_gain=-1 is out of range"),
    ({"ccp_alpha": -1}, "ccp_alpha=-1 is out of range"),
    ({"class_weight": "even"}, "class_weight='even' is not known"),
    ({"class_weight": {0: -1}}, r"class_weight\[0\]=-1 is out of range"),
    ({"class_weight": {0: 0, 1: 0}}, "is zero for everybody"),
    ({"max_levels": 1}, "max_levels=1 is out of range"),
    ({"only_actionable": "yes"}, "only_actionable='yes' is not a yes or no"),
    ({"paper_rules": True}, "paper_rules=True goes with criterion='zero_one'"),
    ({"relabel": "best"}, "relabel='best' is not known"),
    ({"coverage": 1.1}, "coverage=1.1 is out of range"),
    ({"relabel": "auto", "relabel_holdout": 1.0}, "leaves nobody to grow the tree on"),
    ({"relabel": "auto", "relabel_holdout": 0.01}, "of 21 people is nobody"),
    ({"relabel_holdout": 0.3}, "a relabelling that is not asked for"),
]


@pytest.mark.parametrize(("given", "says"), PARAMETERS, ids=[str(given) for given, _ in PARAMETERS])
def test_parameters(given, says):
    X, y = hand_worked()
    with pytest.raises(InputError, match=says) as refusal:
        RecourseTreeClassifier(**{"actions": SPEC} | given).fit(X, y)
    assert "\n" not in str(refusal.value)


def test_groups():
    X, y = hand_worked()
    tree = hand_tree({"a": 1.0, "b": 2.0})
    with pytest.raises(InputError, match="20 entries for 21 people"):
        tree.fit(X, y, sensitive_features=["a"] * 20)
    with pytest.raises(InputError, match="no number for the group 'c'"):
        tree.fit(X, y, sensitive_features=["c"] * 21)
    with pytest.raises(InputError, match="no number for the group None"):
        tree.fit(X, y, sensitive_features=["a", None, 3] * 7)
    with pytest.raises(InputError, match="2 entries for 21 people"):
        hand_tree(0.1).fit(X, y, sensitive_features=["a", "b"])


@pytest.mark.parametrize(
    ("value", "says"), [(np.nan, "contains NaN in the column 'course', first in row 3"), (np.inf, "contains infinity")]
)
def test_people_with_nan(value, says):
    X, y = hand_worked()
    odd = X.astype(float)
    odd.loc[3, "course"] = value
    with pytest.raises(InputError, match=says):
        hand_tree(0.1).fit(odd, y)
    tree = hand_tree(0.1).fit(X, y)
    for question in (tree.predict, tree.predict_proba, tree.apply, tree.has_recourse, tree.certify_recourse):
        with pytest.raises(InputError, match=says):
            question(odd)
    with pytest.raises(InputError, match="column 1, first"):
        RecourseTreeClassifier().fit(odd.to_numpy(), y)


def test_people_who_are_not_what_the_actions_say():
    X, y = hand_worked()
    tree = hand_tree(0.1).fit(X, y)
    with pytest.raises(InputError, match="'course'"):
        tree.recourse_rate(X.assign(course=0.5))
    with pytest.raises(InputError, match="'paid'"):
        hand_tree(0.1).fit(X + 0.5, y)


def test_two_columns_of_one_name():
    X, y = hand_worked()
    with pytest.raises(InputError, match="two columns called 'paid'"):
        RecourseTreeClassifier().fit(X[["paid", "paid"]], y)


@pytest.mark.parametrize(
    ("cost", "scale"),
    [
        *((cost, 1e-310) for cost in ("mad", "sd", "range", "smoothed-percentile")),
        *((cost, 1e308) for cost in ("sd", "range", "smoothed-percentile")),
    ],
)
def test_columns_beyond_what_a_cost_can_tell(cost, scale):
    X = np.linspace(-1, 1, 21)[:, None]
    with pytest.raises(InputError, match="bring it to another scale"):
        RecourseTreeClassifier(cost=cost).fit(X * scale, X[:, 0] > 0)


def test_labels_and_weights():
    X, y = hand_worked()
    with pytest.raises(InputError, match="one class only"):
        hand_tree(0.1).fit(X, np.ones(21))
    with pytest.raises(InputError, match="one class only"):
        hand_tree(0.1).fit(X, y, sample_weight=y)
    with pytest.raises(
        InputError, match=r"Only binary classification is supported\. The type of the target is multiclass"
    ):
        hand_tree(0.1).fit(X, np.arange(21) % 3)
    with pytest.raises(InputError, match="sample_weight holds a number below zero"):
        hand_tree(0.1).fit(X, y, sample_weight=-np.ones(21))


def test_certificates():
    X, y = hand_worked()
    tree = hand_tree(0.1).fit(X, y)
    with pytest.raises(InputError, match="X_cal is empty"):
        tree.certify_recourse(X[:0])
    with pytest.raises(InputError, match="alpha=0 "):
        tree.certify_recourse(X, alpha=0)
    with pytest.raises(InputError, match="target=7 is not a class of the model: give one of 0, 1"):
        tree.tree_votes(7)
    with pytest.raises(InputError, match="decimals=-1 is out of range"):
        export_text(tree, decimals=-1)


def test_unfitted():
    X, _ = hand_worked()
    tree = hand_tree(0.1)
    for question in (tree.predict, tree.recourse_rate, tree.recourse, tree.certify_recourse, tree.apply):
        with pytest.raises(NotFittedError):
            question(X)
    for question in (tree.get_depth, tree.get_n_leaves, tree.tree_votes, tree.recourse_bound):
        with pytest.raises(NotFittedError):
            question()


def test_columns_in_another_order():
    X, y = hand_worked()
    with pytest.raises(ValueError, match="feature names"):
        hand_tree(0.1).fit(X, y).predict(pd.DataFrame(X[["course", "paid"]]))
