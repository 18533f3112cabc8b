"""Trees grow exactly as a plain transcription of their description, on tables that Hypothesis makes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.models.coding import CodedTable
from fairgym.models.growing import GrowthRules, grow, grow_and_count, prepare_growing
from fairgym.recourse.actions import DIRECTIONS, ActionSpec
from fairgym.recourse.costs import cost_of
from tests.models import transcription

RULES = GrowthRules(
    gini=False,
    price=0.0,
    max_depth=64,
    min_samples_split=2,
    min_samples_leaf=1,
    max_features=64,
    min_gain=0.0,
    paper=False,
    target_is_one=True,
)

BOTH = st.booleans()


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    prepare_growing()


@st.composite
def columns(draw, rows):
    """One column, or the columns of a one-hot group, and whether it is integer."""
    kind = draw(st.sampled_from(["whole", "binary", "halves", "distinct", "group"]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if kind == "group":
        size = draw(st.integers(2, 4))
        none = draw(st.booleans())
        return kind, np.eye(size + none)[random.integers(0, size + none, rows)][:, :size]
    made = {
        "whole": lambda: random.integers(-3, draw(st.sampled_from([-2, 0, 3, 60])), rows),
        "binary": lambda: random.integers(0, 2, rows),
        "halves": lambda: random.integers(-4, 5, rows) / 2,
        "distinct": lambda: random.normal(size=rows),
    }
    return kind, made[kind]().astype(float)[:, None]


@st.composite
def problems(draw, papers=BOTH):
    """A table of up to 60 people and 8 columns, what they can change, and rules."""
    rows = draw(st.integers(1, 60) | st.integers(30, 60))
    parts, groups, integer, width = [], [], [], 0
    for _ in range(draw(st.integers(1, 5))):
        kind, part = draw(columns(rows))
        if width + part.shape[1] > 8:
            continue
        places = list(range(width, width + part.shape[1]))
        groups += [places] if kind == "group" else []
        integer += places if kind in ("whole", "binary") else []
        parts.append(part)
        width += part.shape[1]
    people = np.concatenate(parts, axis=1)
    directions = draw(st.lists(st.sampled_from(DIRECTIONS), min_size=width, max_size=width))
    if set(directions) == {"fixed"}:
        directions[0] = "free"
    bounds = {0: (-1.0, 1.0)} if draw(st.booleans()) else {}
    actions = ActionSpec(directions, groups=groups, integer=integer, bounds=bounds).resolve(None, width)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = draw(st.sampled_from(["ones", "bootstrap", "quarters", "by person"]))
    error_weight = {
        "ones": lambda: np.ones(rows),
        "bootstrap": lambda: np.bincount(random.integers(0, rows, rows), minlength=rows).astype(float),
        "quarters": lambda: random.integers(1, 9, rows) / 4,
        "by person": lambda: random.integers(0, 5, rows) / 4,
    }[weights]()
    miss_weight = random.integers(0, 9, rows) / 4 if weights == "by person" else error_weight
    error_weight[0] = max(error_weight[0], 1.0)
    rules = GrowthRules(
        gini=draw(st.booleans()),
        price=draw(st.sampled_from([0.0, 0.05, 0.25, 1.0])),
        max_depth=draw(st.sampled_from([64, 64, 3, 1])),
        min_samples_split=draw(st.sampled_from([2, 2, 7])),
        min_samples_leaf=draw(st.sampled_from([1, 1, 2, 5])),
        max_features=draw(st.sampled_from([1, 2, 64])),
        min_gain=draw(st.sampled_from([0.0, 0.0, 0.75])),
        paper=draw(papers),
        target_is_one=draw(st.booleans()),
    )
    only_actionable = draw(st.booleans())
    return transcription.Problem(
        people=people,
        classes=random.integers(0, 2, rows),
        error_weight=error_weight,
        miss_weight=miss_weight,
        target=int(rules.target_is_one),
        actions=actions,
        cost=cost_of(draw(st.sampled_from(["percentile", "range", "sd"]))).fit(people),
        budget=draw(st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0])),
        rules=rules,
        candidates=[place for place in range(width) if not (only_actionable and actions.fixed[place])],
        seed=draw(st.integers(0, 100)),
    )


def grown(problem, **options):
    """Return the tree and the counts that the package grows for a problem."""
    only_actionable = len(problem.candidates) < problem.people.shape[1]
    table = CodedTable.of(
        problem.people, problem.actions, problem.cost, problem.budget, only_actionable=only_actionable, **options
    )
    return grow_and_count(
        table,
        problem.classes == problem.target,
        problem.error_weight,
        problem.miss_weight,
        problem.rules,
        problem.seed,
    )


def assert_same(tree, root, problem):
    """Compare every array of a tree with the transcription."""
    nodes = transcription.listed(root)
    number = {id(node): place for place, node in enumerate(nodes)}
    np.testing.assert_array_equal(tree.feature, [node.feature for node in nodes])
    np.testing.assert_array_equal(tree.threshold, [node.threshold for node in nodes])
    np.testing.assert_array_equal(tree.left, [number.get(id(node.left), -1) for node in nodes])
    np.testing.assert_array_equal(tree.right, [number.get(id(node.right), -1) for node in nodes])
    np.testing.assert_array_equal(tree.target, [node.label == problem.target for node in nodes])
    inside = [
        [
            row
            for row in np.flatnonzero(problem.error_weight > 0)
            if all(transcription.satisfies(problem, row, condition) for condition in node.conditions)
        ]
        for node in nodes
    ]
    np.testing.assert_array_equal(tree.people, [len(rows) for rows in inside])
    for weight, code in ((tree.target_weight, problem.target), (tree.other_weight, 1 - problem.target)):
        np.testing.assert_array_equal(weight, [transcription.weight_of(problem, rows, code) for rows in inside])


@settings(max_examples=150, deadline=None)
@given(problems())
def test_trees_are_exactly_those_of_the_transcription(problem):
    root, reachable = transcription.grow(problem)
    tree, targets = grown(problem)
    assert_same(tree, root, problem)
    if problem.rules.price > 0:
        wanted = problem.miss_weight > 0
        np.testing.assert_array_equal(targets[wanted], reachable[wanted])


@settings(max_examples=40, deadline=None)
@given(problems(papers=st.just(True)), st.integers(2, 6))
def test_binned_columns_grow_like_the_transcription_with_their_thresholds(problem, max_levels):
    table = CodedTable.of(
        problem.people, problem.actions, problem.cost, problem.budget, max_levels=max_levels, only_actionable=False
    )
    columns = [table.threshold[start:stop] for start, stop in zip(table.first[:-1], table.first[1:], strict=True)]
    problem = replace(
        problem,
        thresholds=[column[~np.isnan(column)].tolist() for column in columns],
        candidates=list(range(problem.people.shape[1])),
        flips={},
    )
    root, reachable = transcription.grow(problem)
    tree, targets = grown(problem, max_levels=max_levels)
    assert_same(tree, root, problem)
    if problem.rules.price > 0:
        wanted = problem.miss_weight > 0
        np.testing.assert_array_equal(targets[wanted], reachable[wanted])


def values_within_budget(problem, person, tree):
    """Of each feature on its own, and of each one-hot group, all values that matter to a tree and are in reach."""
    own, actions = problem.people[person], problem.actions
    grouped = {column: group for group in actions.groups for column in group}
    reach = {}
    for column in range(len(own)):
        if column in grouped:
            group = grouped[column]
            reach[group] = transcription.group_values(problem, person, group)
            continue
        reach[(column,)] = [(own[column],)]
        for threshold in np.unique(tree.threshold[tree.feature == column]):
            above = np.floor(threshold) + 1 if actions.integer[column] else np.nextafter(threshold, np.inf)
            below = np.floor(threshold) if actions.integer[column] else threshold
            for value in (below, above):
                if value != own[column] and transcription.may_move(problem, column, own[column], value):
                    reach[(column,)].append((value,))
    return reach


def targets_in_reach(tree, node, reach):
    """Walk all branches of a tree that are open to values in ``reach``, and count the leaves of the target class."""
    if not all(reach.values()):
        return 0
    if tree.feature[node] < 0:
        return int(tree.target[node])
    columns = next(columns for columns in reach if tree.feature[node] in columns)
    at = columns.index(tree.feature[node])
    under = [values for values in reach[columns] if values[at] <= tree.threshold[node]]
    over = [values for values in reach[columns] if values[at] > tree.threshold[node]]
    left = targets_in_reach(tree, tree.left[node], {**reach, columns: under})
    return left + targets_in_reach(tree, tree.right[node], {**reach, columns: over})


@pytest.mark.parametrize("gini", [False, True])
@pytest.mark.parametrize("max_levels", [None, 12])
def test_the_growth_knows_who_has_recourse(gini, max_levels):
    random = np.random.default_rng(5)
    rows = 300
    job = np.eye(4)[random.integers(0, 4, rows)][:, :3]
    numbers = np.stack([random.normal(size=rows), random.integers(0, 30, rows), random.integers(0, 2, rows)], axis=1)
    people = np.concatenate([numbers, job, random.normal(size=(rows, 1))], axis=1)
    classes = (people[:, 0] + people[:, 1] / 15 + people[:, 3] + random.normal(size=rows) > 1.5).astype(int)
    spec = ActionSpec(["free", "up", "free", "free", "free", "up", "fixed"], groups=[[3, 4, 5]], integer=[1, 2])
    problem = transcription.Problem(
        people=people,
        classes=classes,
        error_weight=np.ones(rows),
        miss_weight=np.ones(rows),
        target=1,
        actions=spec.resolve(None, 7),
        cost=cost_of("percentile").fit(people),
        budget=0.35,
        rules=replace(RULES, gini=gini, price=0.05, min_samples_leaf=3),
        candidates=list(range(7)),
    )
    tree, targets = grown(problem, max_levels=max_levels)
    walked = [targets_in_reach(tree, 0, values_within_budget(problem, person, tree)) for person in range(rows)]
    assert len(tree.feature) > 10
    assert 0 < (targets == 0).sum() < (classes == 0).sum()  # some have no recourse, but fewer than are rejected
    np.testing.assert_array_equal(targets, walked)


def small(people, classes, directions="free", budget=0.3, weight=None, rules=RULES, **spec):
    """Grow a tree on a few people; what they can change, they can change for mid-rank percentiles."""
    people, classes = np.array(people, dtype=float), np.array(classes)
    people = people[:, None] if people.ndim == 1 else people
    width = people.shape[1]
    directions = [directions] * width if isinstance(directions, str) else directions
    actions = ActionSpec([*directions, "free"], **spec).resolve(None, width + 1)  # one more, to have an action at all
    people = np.concatenate([people, np.zeros((len(people), 1))], axis=1)
    weight = np.ones(len(people)) if weight is None else np.array(weight, dtype=float)
    table = CodedTable.of(people, actions, cost_of("percentile").fit(people), budget)
    return grow_and_count(table, classes == rules.target_is_one, weight, weight, rules, 0)


FOUR = ([0, 1, 2, 3], [0, 0, 1, 1])


def test_a_vanilla_tree_splits_where_errors_are_fewest():
    tree, _ = small(*FOUR)
    np.testing.assert_array_equal(tree.feature, [0, -1, -1])
    np.testing.assert_array_equal(tree.threshold, [1.5, np.nan, np.nan])
    np.testing.assert_array_equal(tree.target, [False, False, True])
    np.testing.assert_array_equal(tree.target_weight, [2, 0, 2])
    np.testing.assert_array_equal(tree.other_weight, [2, 2, 0])
    np.testing.assert_array_equal(tree.people, [4, 2, 2])
    np.testing.assert_array_equal(tree.left, [1, -1, -1])
    np.testing.assert_array_equal(tree.right, [2, -1, -1])


@pytest.mark.parametrize(("price", "leaves"), [(0.9, 2), (1.0, 1)])
def test_people_who_cannot_change_are_accepted_when_that_is_cheaper(price, leaves):
    """Split, two people have no recourse and nobody is labelled wrongly; one target leaf labels two people wrongly."""
    tree, targets = small(*FOUR, "fixed", rules=replace(RULES, price=price))
    assert (tree.feature < 0).sum() == leaves
    np.testing.assert_array_equal(targets, [0, 0, 1, 1] if leaves == 2 else [1, 1, 1, 1])


@pytest.mark.parametrize(("price", "threshold"), [(0.9, 1.5), (1.0, 0.5), (2.0, 0.5)])
def test_a_threshold_moves_to_where_people_can_get_across(price, threshold):
    """At 1.5, person 0 would need half the population, more than 0.3; at 0.5, person 1 is labelled wrongly."""
    tree, targets = small(*FOUR, integer=[0], rules=replace(RULES, price=price))
    np.testing.assert_array_equal(tree.threshold, [threshold, np.nan, np.nan])
    np.testing.assert_array_equal(tree.target, [True, False, True])
    np.testing.assert_array_equal(targets, [0, 1, 1, 1] if threshold == 1.5 else [1, 1, 1, 1])


@pytest.mark.parametrize(("paper", "counts"), [(True, 1), (False, 0)])
def test_nobody_leaves_a_job_without_another(paper, counts):
    """Of three jobs, only the first can be left, and none can be taken; the paper's program ignores that."""
    people = [[1, 0, 0]] * 4 + [[0, 0, 1]] * 4
    rules = replace(RULES, price=0.1, paper=paper)
    directions = ["free", "fixed", "fixed"]
    tree, targets = small(people, [0] * 4 + [1] * 4, directions, budget=0.6, groups=[[0, 1, 2]], rules=rules)
    assert tree.feature[0] == 0
    np.testing.assert_array_equal(targets, [counts] * 4 + [1] * 4)


def test_whoever_leaves_a_job_may_take_one_that_nobody_has():
    people = [[1, 0, 0]] * 4 + [[0, 0, 1]] * 4
    rules = replace(RULES, price=0.1)
    directions = ["free", "free", "fixed"]
    _, targets = small(people, [0] * 4 + [1] * 4, directions, budget=0.6, groups=[[0, 1, 2]], rules=rules)
    np.testing.assert_array_equal(targets, [1] * 8)


@pytest.mark.parametrize(("gini", "feature"), [(False, 0), (True, 1)])
def test_gini_prefers_the_purer_side(gini, feature):
    """Breiman et al. 1984, section 4.1: 300/100 and 100/300, or 200/400 and 200/0; 200 errors either way."""
    people, classes = [[0, 0], [1, 0], [0, 0], [0, 1], [1, 0]], [1, 1, 0, 0, 0]
    tree, _ = small(people, classes, weight=[100, 300, 100, 200, 100], rules=replace(RULES, gini=gini, max_depth=1))
    assert tree.feature[0] == feature


@pytest.mark.parametrize(("paper", "thresholds"), [(True, [0.5]), (False, [1.5])])
def test_the_paper_never_splits_at_the_highest_threshold_and_makes_splits_that_gain_nothing(paper, thresholds):
    tree, _ = small([0, 1, 2], [0, 0, 1], rules=replace(RULES, paper=paper))
    np.testing.assert_array_equal(tree.threshold[tree.feature >= 0], thresholds)
    np.testing.assert_array_equal(tree.target, [False, False, not paper])


@pytest.mark.parametrize(("paper", "threshold"), [(True, 0.5), (False, 4.5)])
def test_between_two_neighbours_in_a_node_the_middle_threshold_is_taken(paper, threshold):
    """The others, of weight 0, are not in the tree, but their values make thresholds."""
    weight = [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    tree, _ = small(range(10), [0] + [1] * 9, weight=weight, rules=replace(RULES, paper=paper))
    assert tree.threshold[0] == threshold
    np.testing.assert_array_equal(tree.people, [2, 1, 1])


def test_threads_do_not_change_what_grows():
    random = np.random.default_rng(0)
    people = random.integers(0, 20, (400, 8)).astype(float)
    actions = ActionSpec(["free", "fixed"] * 4).resolve(None, 8)
    table = CodedTable.of(people, actions, cost_of("percentile").fit(people), 0.3)
    is_target = people.sum(axis=1) + random.normal(size=400) > 76
    rules = replace(RULES, price=0.1, max_features=2)

    def one(seed):
        weight = np.random.default_rng(seed).multinomial(400, np.full(400, 1 / 400)).astype(float)
        return grow(table, is_target, weight, weight, rules, seed)

    alone = [one(seed) for seed in range(16)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(one, range(16)))
    for first, second in zip(alone, together, strict=True):
        np.testing.assert_array_equal(first.feature, second.feature)
        np.testing.assert_array_equal(first.threshold, second.threshold)
        np.testing.assert_array_equal(first.target, second.target)
    assert len({tree.feature.tobytes() for tree in alone}) > 1


def test_apply_finds_the_leaf_of_everybody():
    random = np.random.default_rng(1)
    people = random.normal(size=(200, 3))
    tree, _ = small(people, (people[:, 0] * people[:, 1] > 0).astype(int))
    leaf = tree.apply(np.asfortranarray(np.concatenate([people, np.zeros((200, 1))], axis=1)))
    assert (tree.feature[leaf] == -1).all()
    assert len(np.unique(leaf)) == (tree.feature < 0).sum() > 5
    right = people[:, 0] * people[:, 1] > 0
    for place in np.unique(leaf):
        assert tree.people[place] == (leaf == place).sum()
        assert tree.target_weight[place] == right[leaf == place].sum()
