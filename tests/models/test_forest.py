"""The forest: votes worked by hand, the bootstrap, scikit-learn's own checks, and recourse against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from fairgym.checks import InputError
from fairgym.models import RecourseForestClassifier, RecourseTreeClassifier, export_text
from fairgym.models.bootstrap import Line, Sample
from fairgym.models.coding import CodedTable
from fairgym.models.growing import GrowthRules, grow
from fairgym.models.grown import LEAF, GrownTree
from fairgym.models.landing import joined, landing_points
from fairgym.models.training import TrainingPeople
from fairgym.recourse.actions import ActionSpec
from fairgym.recourse.costs import cost_of
from tests.data import data_file

SMALL = {"n_estimators": 5, "random_state": 0}


@parametrize_with_checks(
    [
        RecourseForestClassifier(n_estimators=5),
        RecourseForestClassifier(n_estimators=4, voting="hard", criterion="zero_one", max_samples=0.8),
        RecourseForestClassifier(n_estimators=3, bootstrap=False, recourse_weight=0.0, n_jobs=2),
    ]
)
def test_scikit_learn(estimator, check):
    check(estimator)


def people(count=300, seed=0):
    """People of three whole features and a class that goes with the first two."""
    random = np.random.default_rng(seed)
    X = random.integers(0, 8, (count, 3)).astype(float)
    return X, (X[:, 0] + X[:, 1] + random.normal(0, 2, count) > 7).astype(int)


def stump(feature, threshold, target, weights):
    """A tree of one split, with the weight of the target and of the other class in both leaves."""
    (left_target, left_other), (right_target, right_other) = weights
    return GrownTree(
        feature=np.array([feature, LEAF, LEAF]),
        threshold=np.array([threshold, np.nan, np.nan]),
        left=np.array([1, LEAF, LEAF]),
        right=np.array([2, LEAF, LEAF]),
        target=np.array([True, *target]),
        target_weight=np.array([left_target + right_target, left_target, right_target], dtype=float),
        other_weight=np.array([left_other + right_other, left_other, right_other], dtype=float),
        people=np.array([4, 2, 2]),
    )


def by_hand(trees, voting="hard", target_class=1):
    """A forest over two features that holds these trees."""
    X = np.array([[0.0, 0.0], [1.0, 1.0]] * 4)
    forest = RecourseForestClassifier(n_estimators=1, voting=voting, target_class=target_class, random_state=0)
    forest.fit(X, X[:, 0].astype(int))
    forest._keep(trees)
    return forest


THREE = [
    stump(0, 0.5, [False, True], [(1, 3), (3, 1)]),
    stump(1, 0.5, [False, True], [(1, 4), (2, 0)]),
    stump(0, 1.5, [False, True], [(2, 3), (5, 1)]),
]


def test_votes_by_hand():
    forest = by_hand(THREE)
    X = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [2.0, 1.0]])
    assert forest.predict_proba(X)[:, 1] == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=1e-15)
    assert forest.predict(X).tolist() == [0, 0, 1, 1]
    assert forest.apply(X).tolist() == [[1, 1, 1], [2, 1, 1], [2, 2, 1], [2, 2, 2]]


def test_soft_votes_by_hand():
    forest = by_hand(THREE, voting="soft")
    X = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [2.0, 1.0]])
    shares = np.array([[1 / 4, 1 / 5, 2 / 5], [3 / 4, 1 / 5, 2 / 5], [3 / 4, 1, 2 / 5], [3 / 4, 1, 5 / 6]])
    assert forest.predict_proba(X)[:, 1] == pytest.approx(shares.mean(axis=1), abs=1e-15)
    assert forest.predict(X).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("target_class", [0, 1])
def test_a_tie_goes_to_the_first_class(target_class):
    trees = [stump(0, 0.5, [False, True], [(0, 1), (1, 0)]), stump(1, 0.5, [True, False], [(1, 0), (0, 1)])]
    forest = by_hand(trees, target_class=target_class)
    X = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert (forest.predict_proba(X) == 0.5).all()
    assert forest.predict(X).tolist() == [0, 0]
    for target in (0, 1):
        votes = forest.tree_votes(target)
        assert votes.passes(votes.score(X)).tolist() == [target == 0] * 2


@pytest.mark.parametrize("voting", ["hard", "soft"])
@pytest.mark.parametrize("target_class", [0, 1])
def test_tree_votes_agree_with_predict(voting, target_class):
    X, y = people()
    forest = RecourseForestClassifier(**SMALL, voting=voting, target_class=target_class).fit(X, y)
    for target in (0, 1, None):
        wanted = target_class if target is None else target
        votes = forest.tree_votes(target)
        assert (votes.wins(X) == (forest.predict(X) == wanted)).all()
        assert (votes.passes(votes.score(X)) == votes.wins(X)).all()
    proba = forest.predict_proba(X)
    assert (forest.classes_[proba.argmax(axis=1)] == forest.predict(X)).all()
    assert proba.sum(axis=1) == pytest.approx(1, abs=1e-12)


def same_trees(one, other):
    """Whether two forests have the same trees, bit by bit."""
    pairs = zip(one.trees_, other.trees_, strict=True)
    return all(np.array_equal(vars(a)[name], vars(b)[name], equal_nan=True) for a, b in pairs for name in vars(a))


def test_any_number_of_threads_gives_the_same_forest():
    X, y = people(900)
    forests = [RecourseForestClassifier(n_estimators=9, random_state=3, n_jobs=jobs).fit(X, y) for jobs in (None, 2, 5)]
    for other in forests[1:]:
        assert same_trees(forests[0], other)
        assert np.array_equal(forests[0].predict_proba(X), other.predict_proba(X))
        assert np.array_equal(forests[0].apply(X), other.apply(X))
    assert not same_trees(forests[0], clone(forests[0]).set_params(random_state=4).fit(X, y))


def test_fewer_trees_are_the_first_ones():
    X, y = people()
    few, many = (
        RecourseForestClassifier(n_estimators=count, random_state=1, recourse_weight=0.0).fit(X, y) for count in (3, 6)
    )
    many._keep(many.trees_[:3])
    assert same_trees(few, many)


def coded(X, y, weight=None):
    """People as levels, and as training people."""
    weight = np.ones(len(X)) if weight is None else weight
    actions = ActionSpec(["free"] * X.shape[1]).resolve(None, X.shape[1])
    table = CodedTable.of(X, actions, cost_of("percentile").fit(X, weight), 0.3, max_levels=None)
    return table, TrainingPeople(X, y > 0, weight, weight, weight, 0.05)


def test_bootstrap_weights_equal_repeated_rows():
    X, y = people(60)
    table, training = coded(X, y)
    times = Sample.of(table, training, None, bootstrap=True).draw(0, 60)
    assert times.sum() == 60
    assert (times == np.round(times)).all()
    assert times.max() > 1
    rules = GrowthRules(
        gini=True,
        price=0.05,
        max_depth=8,
        min_samples_split=2,
        min_samples_leaf=1,
        max_features=2,
        min_gain=0.01,
        paper=False,
    )
    one = grow(table, training.is_target, times, times, rules, 7)
    rows = np.repeat(np.arange(60), times.astype(int))
    drawn = table._replace(code=table.code[:, rows].copy(), state=table.state[:, rows].copy())
    other = grow(drawn, training.is_target[rows], np.ones(60), np.ones(60), rules, 7)
    for name in ("feature", "threshold", "left", "right", "target", "target_weight", "other_weight"):
        assert np.array_equal(vars(one)[name], vars(other)[name], equal_nan=True)


def test_bootstrap_draws_by_weight():
    X, y = np.arange(4.0)[:, None], np.array([0, 1, 0, 1])
    line = Line.of(*coded(X, y, np.array([1.0, 2.0, 3.0, 4.0])))
    times = line.bootstrap(40_000, np.random.default_rng(0))
    assert times.sum() == pytest.approx(10)  # a sample weighs as much as all people
    share = np.array([0.1, 0.2, 0.3, 0.4])
    error = np.sqrt(share * (1 - share) / 40_000)
    assert (np.abs(times / 10 - share) < 5 * error).all()  # five standard errors of a share


def test_a_sample_does_not_depend_on_the_order_of_rows():
    X, y = people(80)
    X += np.random.default_rng(1).random(X.shape)  # no two alike
    order = np.random.default_rng(2).permutation(80)
    samples = [Sample.of(*coded(X[rows], y[rows]), 0.5, bootstrap=True) for rows in (np.arange(80), order)]
    times = [sample.draw(0, 80) for sample in samples]
    assert times[0].max() > 0
    assert np.array_equal(times[0][order], times[1])


def test_people_at_equal_distances_stand_for_all():
    X, y = people(50)
    line = Line.of(*coded(X, y))
    rows, weight = line.evenly(10)
    assert len(rows) == 10
    assert weight.tolist() == [5.0] * 10
    wanted = (X[:, 0] > 3) * 2.0
    rows, weight = line.only(wanted).evenly(50)
    assert sorted(rows) == np.flatnonzero(wanted).tolist()
    assert (weight == 2).all()


def test_columns_by_name_pipeline_and_grid_search():
    X, y = people()
    table = pd.DataFrame(X, columns=["income", "debt", "age"])
    spec = ActionSpec({"income": "up", "debt": "free"}, integer=["income", "debt"])
    forest = RecourseForestClassifier(n_estimators=3, actions=spec, random_state=0)
    search = GridSearchCV(
        make_pipeline(FunctionTransformer(), forest), {"recourseforestclassifier__max_depth": [2, 4]}, cv=2
    )
    fitted = search.fit(table, y).best_estimator_[-1]
    assert list(fitted.feature_names_in_) == ["income", "debt", "age"]
    assert fitted.feature_importances_.sum() == pytest.approx(1)
    assert fitted.feature_importances_.argmin() == 2


def brute_rate(forest, X, budget):
    """Share of people whom some point of the grid of whole numbers within the budget makes the forest accept."""
    spread = X.max(axis=0) - X.min(axis=0)
    steps = [np.arange(-np.floor(budget * width + 1e-9), np.floor(budget * width + 1e-9) + 1) for width in spread]
    moves = np.array(list(itertools.product(*steps)))
    return np.mean([(forest.predict(person + moves) == 1).any() for person in X])


@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_recourse_rate_against_enumeration(voting):
    X, y = people(120, seed=5)
    forest = RecourseForestClassifier(
        n_estimators=4,
        actions=ActionSpec(["free"] * 3, integer=[0, 1, 2]),
        budget=0.3,
        cost="range",
        recourse_weight=0.0,
        voting=voting,
        random_state=0,
    ).fit(X, y)
    assert (forest.predict(X) == 1).mean() < forest.recourse_rate(X) < 1
    assert forest.recourse_rate(X) == brute_rate(forest, X, 0.3)
    certificate = forest.certify_recourse(X)
    assert certificate.with_recourse == round(forest.recourse_rate(X) * 120)


def test_estimators_are_the_trees():
    X, y = people()
    forest = RecourseForestClassifier(**SMALL, max_depth=3).fit(X, y)
    trees = forest.estimators_
    votes = np.mean([tree.predict_proba(X)[:, 1] for tree in trees], axis=0)
    assert forest.predict_proba(X)[:, 1] == pytest.approx(votes, abs=1e-15)
    assert [tree.get_depth() for tree in trees] == [3] * 5
    assert "class 1" in export_text(trees[0])


def test_paths_of_all_trees_stand_side_by_side():
    X, y = people()
    forest = RecourseForestClassifier(**SMALL, max_depth=3).fit(X, y)
    passed, starts = forest.decision_path(X)
    assert starts.tolist() == [0, *np.cumsum([len(tree.feature) for tree in forest.trees_])]
    assert passed.shape == (len(X), starts[-1])
    for tree, start, stop in zip(forest.estimators_, starts[:-1], starts[1:], strict=True):
        assert np.array_equal(passed[:, start:stop].toarray(), tree.decision_path(X).toarray())


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"max_levels": 4},
        {"criterion": "zero_one", "cost": "mad", "budget": 1.0},
        {"max_samples": 0.5, "voting": "hard"},
        {"bootstrap": False},
        {"class_weight": "balanced"},
    ],
    ids=str,
)
def test_a_weight_of_k_is_k_people(parameters):
    X, y = people()
    weight = np.random.default_rng(1).integers(0, 4, len(y))
    rows = np.repeat(np.arange(len(y)), weight)
    forest = RecourseForestClassifier(**SMALL, **parameters)
    weighted = clone(forest).fit(X, y, sample_weight=weight)
    for order in (rows, np.random.default_rng(2).permutation(rows)):
        assert np.array_equal(weighted.predict_proba(X), clone(forest).fit(X[order], y[order]).predict_proba(X))


def test_a_forest_that_rejects_nobody_needs_no_landing_points():
    X, y = np.ones((50, 2)), np.arange(50) > 9
    forest = RecourseForestClassifier(**SMALL).fit(X, y)
    assert forest.predict(X).all()
    assert forest.recourse_rate(X) == 1


def test_landing_points_win_votes_within_the_budget():
    X, y = people(200, seed=5)
    spec = ActionSpec(["free", "up", "fixed"], integer=[0, 1, 2])
    forest = RecourseForestClassifier(**SMALL, actions=spec, cost="range", agreement=0.0).fit(X, y)
    rejected = X[forest.predict(X) == 0]
    votes = forest.tree_votes()
    points = [landing_points(votes, forest.actions_, forest.cost_, 0.3, rejected, jobs) for jobs in (1, 3)]
    assert np.array_equal(*points)
    moves = points[0] - rejected
    assert (np.abs(moves) <= 0.3 * np.ptp(X, axis=0) + 1e-9).all()
    assert (moves[:, 1] >= 0).all()
    assert (moves[:, 2] == 0).all()
    gain = votes.score(points[0]) - votes.score(rejected)
    assert (gain >= 0).all()
    assert gain.max() > 0


def test_points_join_on_the_right_side_of_thresholds():
    X, y = people(80)
    X = np.column_stack([X, np.eye(4)[(X[:, 0] // 2).astype(int)][:, :3]])
    actions = ActionSpec(["free"] * 6, integer=[0], groups=[[3, 4, 5]]).resolve(None, 6)
    table = CodedTable.of(X, actions, cost_of("percentile").fit(X, np.ones(80)), 0.3, max_levels=None)
    training = TrainingPeople(X, y > 0, np.ones(80), np.ones(80), np.ones(80), 0.05)
    points = np.array([[-1, 3.2, 9, 0, 1, 0], [2, 0.5, 1.5, 0, 0, 0], [-1, 3.2, 9, 0, 1, 0]])
    more, together = joined(table, training, points, np.array([1.0, 2.0, 4.0]), 0.5, actions)
    assert more.code.shape == (6, 82)
    assert more.state[0, 80:].tolist() == [1, 3]
    assert together.values[80:].tolist() == points[:2].tolist()
    assert together.error_weight[80:].tolist() == [2.5, 1]
    assert together.miss_weight[80:].tolist() == [0, 0]
    assert together.is_target[80:].all()
    for column in range(6):
        for level, threshold in enumerate(table.threshold[table.first[column] : table.first[column + 1]]):
            if not np.isnan(threshold):
                left = together.values[:, column] <= threshold
                assert ((more.code[column] <= level) == left).all()


def test_recourse_weight_by_group():
    X, y = people(400, seed=5)
    group = np.where(X[:, 2] > 3, "a", "b")
    fixed = ActionSpec(["free", "free", "fixed"], integer=[0, 1, 2])
    rates = []
    for weights in ({"a": 0.0, "b": 0.0}, {"a": 0.0, "b": 0.05}):
        forest = RecourseForestClassifier(
            n_estimators=20, actions=fixed, budget=0.1, recourse_weight=weights, max_depth=4, random_state=0
        ).fit(X, y, sensitive_features=group)
        rates.append([forest.recourse_rate(X[group == one]) for one in ("a", "b")])
    gain = np.array(rates[1]) - rates[0]
    assert gain[1] > gain[0]


def test_recourse_actions_win():
    X, y = people(120, seed=5)
    forest = RecourseForestClassifier(**SMALL, actions=ActionSpec(["free", "free", "fixed"], integer=[0, 1, 2])).fit(
        X, y
    )
    found = forest.recourse(X)
    assert found.feasible.mean() == pytest.approx(forest.recourse_rate(X))


def test_training_for_recourse_gives_recourse():
    table = pd.read_csv(data_file("recourse/bail.csv")).drop_duplicates().iloc[:1500]
    y = table.pop("Recidivate").to_numpy()
    free = dict.fromkeys(["Alchy", "Junky", "Workrel", "School", "Rule"], "free")
    spec = ActionSpec(free, integer=list(table.columns))
    rate = [
        RecourseForestClassifier(n_estimators=20, actions=spec, recourse_weight=weight, target_class=0, random_state=0)
        .fit(table[:1000], y[:1000])
        .recourse_rate(table[1000:])
        for weight in (0.0, 0.05)
    ]
    assert rate[1] - rate[0] > 5 * np.sqrt(2 * 0.25 / 500)  # five standard errors, at most, of a difference of shares


BAD = [
    ({"n_estimators": 0}, "n_estimators=0 is out of range"),
    ({"n_estimators": 2.5}, "n_estimators=2.5 is not a whole number"),
    ({"voting": "loud"}, "voting='loud' is not known"),
    ({"bootstrap": 1}, "bootstrap=1 is not a yes or no"),
    ({"max_samples": 0.0}, "max_samples=0.0 is too small"),
    ({"max_samples": 1.5}, "max_samples=1.5 is out of range"),
    ({"max_samples": 0}, "max_samples=0 is out of range"),
    ({"max_samples": 10, "bootstrap": False}, "max_samples=10 is for bootstrap=True"),
    ({"max_samples": 0.001}, "would be of nobody"),
    ({"n_jobs": 0}, "n_jobs=0 is no number of threads"),
    ({"n_jobs": 1.5}, "n_jobs=1.5 is no number of threads"),
    ({"class_weight": {0: 0, 1: 0}}, "is zero for everybody"),
    ({"paper_rules": True, "criterion": "zero_one", "voting": "soft"}, "voting='hard'"),
    ({"target_class": 7}, "target_class=7 does not occur"),
    ({"max_features": "cube"}, "max_features='cube' is not known"),
]


@pytest.mark.parametrize(("parameters", "words"), BAD, ids=[str(one[0]) for one in BAD])
def test_bad_input_is_one_sentence(parameters, words):
    X, y = people(40)
    with pytest.raises(InputError) as refusal:
        RecourseForestClassifier(**{**SMALL, **parameters}).fit(X, y)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_unknown_target_of_votes():
    X, y = people(40)
    forest = RecourseForestClassifier(**SMALL).fit(X, y)
    with pytest.raises(InputError, match="target=3 is not a class"):
        forest.tree_votes(3)


def test_pruning_is_that_of_the_tree():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 3)).round(1)
    y = (X[:, 0] + rng.normal(size=200) > 0).astype(int)
    same = {"max_features": None, "recourse_weight": 0.05, "max_depth": 5, "random_state": 0}
    whole = RecourseForestClassifier(n_estimators=1, bootstrap=False, agreement=0, **same)
    leaves = []
    for alpha in (0.0, 0.005, 0.5):
        (ours,) = clone(whole).set_params(ccp_alpha=alpha).fit(X, y).trees_
        alone = RecourseTreeClassifier(ccp_alpha=alpha, **same).fit(X, y).tree_
        np.testing.assert_array_equal(ours.feature, alone.feature)
        np.testing.assert_array_equal(ours.target, alone.target)
        leaves.append(int((ours.feature == LEAF).sum()))
    assert leaves[0] > leaves[1] > leaves[2] == 1
    sizes = [
        [len(tree.feature) for tree in RecourseForestClassifier(5, ccp_alpha=alpha, random_state=0).fit(X, y).trees_]
        for alpha in (0.0, 0.005)
    ]
    assert all(1 < pruned < grown for grown, pruned in zip(*sizes, strict=True))


def test_pruning_below_zero_is_refused():
    with pytest.raises(InputError, match="ccp_alpha=-1 is out of range"):
        RecourseForestClassifier(ccp_alpha=-1).fit(np.eye(4), [0, 1, 0, 1])
