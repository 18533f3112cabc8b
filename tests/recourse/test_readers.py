"""Every supported model as TreeVotes: sums of votes against the model's own predict, ties and refusals."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from fairgym.checks import InputError
from fairgym.recourse.readers import read_trees
from fairgym.recourse.trees import LEAF

ROUNDING = 1e-9  # sums of at most 30 votes of size at most 5: their rounding is below 1e-12
MODELS = {
    "tree": DecisionTreeClassifier(max_depth=4, random_state=0),
    "full tree": DecisionTreeClassifier(random_state=0),
    "stump with ties": DecisionTreeClassifier(max_leaf_nodes=12, min_samples_leaf=2, random_state=0),
    "tree of class weights": DecisionTreeClassifier(max_depth=3, class_weight="balanced", random_state=0),
    "monotonic tree": DecisionTreeClassifier(max_depth=4, monotonic_cst=[1, 0, 0, 0, 0], random_state=0),
    "extra tree": ExtraTreeClassifier(max_depth=5, random_state=0),
    "forest": RandomForestClassifier(9, max_depth=3, random_state=0),
    "pure forest": RandomForestClassifier(8, random_state=0),
    "forest of one": RandomForestClassifier(1, random_state=0),
    "extra trees": ExtraTreesClassifier(8, random_state=0),
    "bagging": BaggingClassifier(DecisionTreeClassifier(max_depth=3), 7, random_state=0),
    "bagging of columns": BaggingClassifier(DecisionTreeClassifier(), 8, max_features=0.6, random_state=0),
    "bagging of three people": BaggingClassifier(DecisionTreeClassifier(), 8, max_samples=3, random_state=0),
    "boosting": GradientBoostingClassifier(n_estimators=20, random_state=0),
    "boosting from zero": GradientBoostingClassifier(n_estimators=20, init="zero", random_state=0),
    "boosting, exponential": GradientBoostingClassifier(n_estimators=20, loss="exponential", random_state=0),
    "boosting from a constant": GradientBoostingClassifier(
        n_estimators=20, init=DummyClassifier(strategy="uniform"), subsample=0.5, random_state=0
    ),
    "histogram boosting": HistGradientBoostingClassifier(max_iter=20, min_samples_leaf=5),
}


def table(rows=200, seed=0):
    """Return people with two continuous, two integer and one binary feature, and a class "no" or "yes"."""
    rng = np.random.default_rng(seed)
    people = np.column_stack(
        [rng.normal(size=(rows, 2)), rng.integers(0, 4, (rows, 2)), rng.integers(0, 2, rows)]
    ).astype(float)
    score = people[:, 0] + people[:, 2] - people[:, 4] - 1 + rng.normal(size=rows)
    return people, np.where(score > 0, "yes", "no")


def strangers(votes, seed=1):
    """Return 2,000 random people, and people at, just under and just over thresholds of the model."""
    rng = np.random.default_rng(seed)
    people, _ = table(2000, seed)
    inner = rng.permutation(np.flatnonzero(votes.feature != LEAF))[:200]
    for shift in (-1e-5, -1e-12, 0, 1e-12, 1e-5):
        at = people[: len(inner)].copy()
        at[np.arange(len(inner)), votes.feature[inner]] = votes.threshold[inner] + shift
        people = np.concatenate([people, at])
    return people


def agree(votes, people):
    """Assert that the sum of votes says what the model says, and return how many people are exactly at the bar."""
    score = votes.score(people)
    sure = np.abs(score - votes.bar) > ROUNDING
    np.testing.assert_array_equal(votes.passes(score)[sure], votes.wins(people)[sure])
    return int((score == votes.bar).sum())


@pytest.mark.parametrize("target", ["no", "yes"])
@pytest.mark.parametrize("name", MODELS)
def test_votes_say_what_predict_says(name, target):
    people, wanted = table()
    model = MODELS[name].fit(people, wanted)
    votes = read_trees(model, target)
    new = strangers(votes)
    agree(votes, new)
    np.testing.assert_array_equal(votes.wins(new), model.predict(new) == target)
    assert 0 < votes.wins(new).mean() < 1
    assert votes.width == 5
    assert np.isfinite(votes.threshold).all()


@pytest.mark.parametrize("target", ["no", "yes"])
@pytest.mark.parametrize("name", ["pure forest", "extra trees", "bagging of columns", "bagging of three people"])
def test_ties_of_whole_votes_are_right(name, target):
    """Eight trees whose leaves are of one class: four votes each way happen, and are exact."""
    people, wanted = table()
    votes = read_trees(MODELS[name].fit(people, wanted), target)
    assert set(np.unique(votes.vote)) == {0.0, 1.0}
    new = strangers(votes)
    score = votes.score(new)
    assert (score == votes.bar).sum() > 20
    np.testing.assert_array_equal(votes.passes(score), votes.wins(new))


@pytest.mark.parametrize(
    ("model", "winner"),
    [
        (DecisionTreeClassifier(), 0),
        (RandomForestClassifier(2, bootstrap=False), 0),
        (GradientBoostingClassifier(n_estimators=3, init="zero"), 1),
        (GradientBoostingClassifier(n_estimators=3), 1),
        (HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=1), 0),
    ],
)
def test_who_wins_a_tie(model, winner):
    """Two people of each class who cannot be told apart: all sums are at the bar exactly."""
    people, wanted = np.zeros((4, 1)), np.array([0, 1, 0, 1])
    model.fit(people, wanted)
    for target in (0, 1):
        votes = read_trees(model, target)
        assert model.predict(people[:1])[0] == winner
        assert votes.passes(votes.score(people[:1]))[0] == (target == winner)


def test_a_tree_by_hand():
    model = DecisionTreeClassifier().fit([[1.0], [2.0], [3.0], [4.0]], [0, 1, 1, 0])
    votes = read_trees(model, 1)
    np.testing.assert_array_equal(np.sort(votes.threshold[votes.feature != LEAF]), [1.5, 3.5])
    np.testing.assert_array_equal(votes.score([[1.5], [1.6], [3.5], [3.6]]), [0, 1, 1, 0])
    assert (votes.bar, votes.ties_win, votes.precision) == (0.5, False, np.float32)
    np.testing.assert_array_equal(votes.vote[votes.leaves([[1.0], [2.0]])[:, 0]], [0, 1])


def test_nobody():
    votes = read_trees(DecisionTreeClassifier().fit([[1.0], [2.0]], [0, 1]), 1)
    assert votes.score(np.zeros((0, 1))).shape == votes.wins(np.zeros((0, 1))).shape == (0,)


def test_numbers_are_compared_in_the_precision_of_the_model():
    """In 32 bits nobody is between a threshold and the next number, 1e-8 above; in 64 bits many are."""
    people, wanted = np.float32([[0.1]] * 20 + [[0.2]] * 20), np.repeat([0, 1], 20)
    threshold = float(np.float32(0.1))
    tree = DecisionTreeClassifier().fit(people, wanted)
    tree.tree_.threshold[0] = threshold
    histogram = HistGradientBoostingClassifier(max_iter=1, min_samples_leaf=1).fit(people, wanted)
    histogram._predictors[0][0].nodes["num_threshold"][0] = threshold
    person = np.array([[threshold + 1e-9]])
    for model, wins in ((tree, 0), (histogram, 1)):
        votes = read_trees(model, 1)
        assert model.predict(person)[0] == votes.passes(votes.score(person))[0] == wins


@pytest.mark.parametrize("model", [HistGradientBoostingClassifier(max_iter=5), DecisionTreeClassifier(max_depth=3)])
def test_a_split_on_what_is_missing_is_no_split(model):
    """Trained with NaN, a model can split at infinity, known values to one side: no person can change that."""
    people, wanted = table()
    people[wanted == "yes", 0] = np.nan
    model.fit(people, wanted)
    own = model._predictors[0][0].nodes["num_threshold"] if hasattr(model, "_predictors") else model.tree_.threshold
    assert np.isinf(own).any()
    for target in ("no", "yes"):
        votes = read_trees(model, target)
        assert np.isfinite(votes.threshold).all()
        agree(votes, table(500, 3)[0])


@pytest.mark.parametrize("name", ["tree", "forest", "boosting", "histogram boosting"])
def test_models_that_know_column_names_get_them(name):
    """Without them scikit-learn warns, and a warning is an error here."""
    people, wanted = table()
    frame = pd.DataFrame(people, columns=list("abcde"))
    votes = read_trees(MODELS[name].fit(frame, wanted), "yes")
    agree(votes, people)


@pytest.mark.parametrize("first", ["passthrough", FunctionTransformer()])
def test_a_pipeline_that_changes_nothing_is_its_last_step(first):
    people, wanted = table()
    model = make_pipeline(first, RandomForestClassifier(5, random_state=0)).fit(people, wanted)
    agree(read_trees(model, "yes"), strangers(read_trees(model, "yes")))


class Own:
    """A model that tells its own votes."""

    def tree_votes(self, target):
        return read_trees(DecisionTreeClassifier().fit([[1.0], [2.0]], ["no", "yes"]), target)


def test_models_with_votes_of_their_own():
    np.testing.assert_array_equal(read_trees(Own(), "no").score([[1.0], [2.0]]), [1, 0])


def fitted(model, classes=("no", "yes")):
    """Return a model fitted to people of these classes."""
    people, _ = table(60)
    return model.fit(people, np.array(classes)[np.arange(60) % len(classes)])


REFUSED = [
    (lambda: DecisionTreeClassifier(), "DecisionTreeClassifier that is not fitted: call its fit first"),
    (lambda: HistGradientBoostingClassifier(), "HistGradientBoostingClassifier that is not fitted"),
    (lambda: make_pipeline("passthrough", RandomForestClassifier()), "RandomForestClassifier that is not fitted"),
    (lambda: fitted(LogisticRegression()), "a LogisticRegression, which is not supported: give one of DecisionTree"),
    (lambda: fitted(AdaBoostClassifier(n_estimators=2)), "AdaBoostClassifier, which is not supported"),
    (lambda: RandomForestClassifier, "the class RandomForestClassifier, which is not supported"),
    (lambda: Own, "the class Own, which is not supported"),
    (lambda: None, "a NoneType, which is not supported"),
    (lambda: fitted(DecisionTreeClassifier(), ("no", "yes", "so")), "of 3 classes: recourse is for models of two"),
    (lambda: fitted(RandomForestClassifier(2), ("yes",)), "of 1 classes: recourse is for models of two"),
    (
        lambda: fitted(DecisionTreeClassifier(), ("no", "on")),
        "target='yes' is not a class of the model: give one of 'no'",
    ),
    (
        lambda: fitted(make_pipeline(StandardScaler(), DecisionTreeClassifier())),
        "whose step 'standardscaler' transforms",
    ),
    (
        lambda: fitted(BaggingClassifier(LogisticRegression(), 2)),
        "BaggingClassifier of LogisticRegression, which is not",
    ),
    (
        lambda: fitted(GradientBoostingClassifier(n_estimators=2, init=LogisticRegression())),
        "whose init is a model of its own: fit it with init=None or 'zero'",
    ),
    (
        lambda: fitted(GradientBoostingClassifier(n_estimators=2, init=DummyClassifier(strategy="stratified"))),
        "whose init is a model of its own",
    ),
    (lambda: fitted(HistGradientBoostingClassifier(max_iter=2, categorical_features=[4])), "with categorical features"),
    (
        lambda: DecisionTreeClassifier().fit([[0.0], [1.0]], [["no", "yes"], ["yes", "no"]]),
        "DecisionTreeClassifier with several outputs",
    ),
]


@pytest.mark.parametrize(("model", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_refusals(model, words):
    with pytest.raises(InputError) as caught:
        read_trees(model(), "yes")
    assert words in str(caught.value)
    assert str(caught.value).count("\n") == 0
