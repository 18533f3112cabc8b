"""Moves across the decision of trees, both ways, against going through all points that matter."""

from itertools import product

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from fairgym.recourse import ActionSpec, Recourse
from fairgym.robustness import Reach, cheapest_moves
from tests.robustness.tables import SPEC, fitted, people

COSTS = ["sd", "sd-sum", "percentile"]


def brute(model, reach, people):
    """The least cost of changing the decision over a point on either side of every threshold; infinity for none."""
    trees = [model] if isinstance(model, DecisionTreeClassifier) else model.estimators_
    values = []
    for place in range(reach.width):
        cuts = np.unique([cut for tree in trees for cut in tree.tree_.threshold[tree.tree_.feature == place]])
        below = cuts.astype(np.float32).astype(float)
        below = np.where(below > cuts, np.nextafter(below.astype(np.float32), np.float32(-np.inf)).astype(float), below)
        above = np.nextafter(below.astype(np.float32), np.float32(np.inf)).astype(float)
        values.append(np.concatenate([below, above]))
    least = np.full(len(people), np.inf)
    for row, person in enumerate(people):
        points = np.array(list(product(*(np.append(own, mine) for own, mine in zip(values, person, strict=True)))))
        before = np.repeat(person[None, :], len(points), axis=0)
        changed = model.predict(points) != model.predict(person[None, :])
        works = changed & reach.permits(before, points)
        if works.any():
            least[row] = reach.cost_of(before[works], points[works]).min()
    return least


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("kind", ["tree", "forest"])
def test_radii_of_trees_are_the_least_there_are_both_ways(cost, kind):
    rng = np.random.default_rng(0)
    X = np.round(rng.normal(size=(120, 3)), 2)
    y = X.sum(axis=1) + rng.normal(size=120) > 0
    forest = RandomForestClassifier(3, max_depth=2, random_state=0)
    model = (DecisionTreeClassifier(max_depth=3, random_state=0) if kind == "tree" else forest).fit(X, y)
    reach = Reach(ActionSpec(["free", "up", "down"], bounds={0: (-1.0, 1.0)}), cost, background=X)
    some = X[:40].astype(np.float32).astype(float)
    moves = cheapest_moves(model, some, reach, favourable=True)
    assert moves.exact.all()
    assert 0 < moves.accepted.sum() < 40
    np.testing.assert_allclose(moves.radius, brute(model, reach, some), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("name", ["tree", "forest", "boosting", "histogram"])
def test_the_rejected_pay_what_recourse_costs_them(cost, name):
    X = people()[0].astype(np.float32).astype(float)  # as the search for recourse sees people
    reach, model, some = Reach(SPEC, cost, background=X), fitted(name), X[:60]
    moves = cheapest_moves(model, some, reach)
    result = Recourse(model, SPEC, cost, 1.0 if cost == "percentile" else 100.0, background=X).explain(some)
    rejected = ~moves.accepted
    np.testing.assert_array_equal(rejected, ~result.frame["accepted"])
    proven = rejected & moves.exact & result.proof.isin(["optimal", "impossible"]).to_numpy()
    assert proven.sum() > 0.9 * rejected.sum()
    wanted = result.cost.fillna(np.inf).to_numpy(dtype=float)
    np.testing.assert_allclose(moves.radius[proven], wanted[proven], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["tree", "forest", "histogram"])
def test_no_straight_line_is_cheaper_than_what_is_proven(name):
    X, _ = people()
    for cost in COSTS:
        reach = Reach(SPEC, cost, background=X)
        proven = cheapest_moves(fitted(name), X[:60], reach, attacks="search")
        line = cheapest_moves(fitted(name), X[:60], reach, attacks="line")
        assert proven.exact.mean() > 0.9
        assert (line.radius >= proven.radius * (1 - 1e-5) - 1e-6)[proven.exact].all()


def test_a_budget_makes_infinite_radii_proofs_of_absence_within_it():
    X, _ = people()
    reach = Reach(SPEC, "sd", background=X)
    everywhere, near = (cheapest_moves(fitted("forest"), X[:60], reach, budget=most) for most in (np.inf, 0.2))
    both = everywhere.exact & near.exact
    assert both.mean() > 0.9
    wanted = np.where(everywhere.radius <= 0.2, everywhere.radius, np.inf)
    np.testing.assert_allclose(near.radius[both], wanted[both], rtol=1e-6)
    assert np.isinf(near.radius).any()


def test_trees_under_a_length_are_left_to_lines_and_walks():
    X, _ = people()
    moves = cheapest_moves(fitted("tree"), X[:20], Reach(SPEC, "sd-euclidean", background=X))
    assert set(moves.attack) <= {"line", "walk", ""}
    assert not moves.exact.any()


@pytest.mark.parametrize("cost", ["sd", "sd-sum"])
def test_a_walk_goes_part_of_the_way_from_a_line_to_the_optimum(cost):
    """Known only for trees: under a sum at least half of what lines are too dear, because they change every feature."""
    X, _ = people()
    reach, model = Reach(SPEC, cost, background=X), fitted("forest")
    line, walk, best = (
        cheapest_moves(model, X[:60], reach, attacks=attacks) for attacks in ("line", ["line", "walk"], "auto")
    )
    assert (walk.radius <= line.radius).all()
    assert (walk.radius >= best.radius * (1 - 1e-5) - 1e-6).all()
    known = np.isfinite(line.radius)
    dear, less = ((one.radius - best.radius)[known].sum() for one in (line, walk))
    assert less < (0.5 if cost == "sd-sum" else 1.0) * dear
