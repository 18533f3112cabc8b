"""What is stated of a rule is true: closed forms, enumeration, fresh draws, and the trap of rows drawn for others."""

import itertools

import numpy as np
import pytest
from scipy.stats import binom

from fairgym.binomial import exact_interval
from fairgym.explain import AnchorExplainer, Predicate, Rule, from_simulator
from fairgym.explain.bounds import lower, upper
from fairgym.explain.checking import LOOKS, Checks
from tests.explain.small import PAIRS, Counting, both, explainer, numbers, step

A, B = Predicate("a", "=", 1.0), Predicate("b", "=", 1.0)
TRUTH = [  # rule about a person with both features, precision, coverage: by hand
    ((), 1 / 4, 1.0),
    ((A,), 1 / 2, 1 / 2),
    ((B,), 1 / 2, 1 / 2),
    ((A, B), 1.0, 1 / 4),
]


@pytest.mark.parametrize(("predicates", "precision", "coverage"), TRUTH)
@pytest.mark.parametrize("perturb", ["independent", "rows"])
def test_the_four_rules_of_two_features_are_enumerated_exactly(predicates, precision, coverage, perturb):
    pairs = AnchorExplainer(PAIRS, names=["a", "b"], perturb=perturb)
    found = pairs.evaluate(Rule(predicates), both, prediction=1, exact=True, n=2_000)
    assert found.precision == pytest.approx(precision, abs=1e-12)
    assert found.precision_interval == (found.precision, found.precision)
    assert found.coverage == coverage
    kinds = 2 ** (2 - len(predicates))  # of rows that satisfy the rule
    assert found.rows == (kinds if perturb == "independent" else len(PAIRS) * kinds // 4)


@pytest.mark.parametrize(("predicates", "precision"), [(rule, truth) for rule, truth, _ in TRUTH])
def test_drawn_rows_have_the_precision_that_was_worked_out(predicates, precision):
    pairs = AnchorExplainer(PAIRS, names=["a", "b"])
    found = pairs.evaluate(Rule(predicates), both, prediction=1, n=40_000, random_state=0)
    error = np.sqrt(precision * (1 - precision) / 40_000)
    assert abs(found.precision - precision) <= 4 * error


def noisy(rows):
    """Return 1 for who has both features, and for every twentieth value of the third."""
    return ((rows[:, 0] * rows[:, 1] > 0) | (rows[:, 2] < 1)).astype(int) * (rows[:, 2] != 2).astype(int)


def test_the_stated_interval_holds_the_truth_in_nearly_all_of_200_runs():
    rng = np.random.default_rng(0)
    table = np.column_stack([PAIRS, rng.permutation(np.tile(np.arange(40.0), 25))])
    found = AnchorExplainer(table, names=["a", "b", "c"], categorical=["c"])
    held = []
    for seed in range(200):
        anchor = found.explain([1, 1, 9], noisy, random_state=seed, confidence=0.95, delta=0.05)
        truth = found.evaluate(anchor, noisy, exact=True, n=50_000).precision
        held.append(anchor.precision_interval[0] <= truth <= anchor.precision_interval[1])
        assert anchor.success
        assert truth >= 0.95 - 1e-12
    # each interval holds with at least 0.95, so that fewer than this many has a probability below 1e-4
    assert sum(held) >= binom.ppf(1e-4, 200, 0.95)


def test_the_search_finds_what_enumeration_proves_to_cover_most():
    rng = np.random.default_rng(1)
    table = rng.integers(0, 3, (1_500, 4)).astype(float)

    def model(rows):
        return ((rows[:, 0] == 2) | ((rows[:, 1] == 1) & (rows[:, 2] == 0))).astype(int)

    found = AnchorExplainer(table, categorical=[0, 1, 2, 3])
    for person in itertools.product((0, 2), (0, 1), (0, 2), (1,)):
        truth = found.explain(person, model, exact=True)
        anchor = found.explain(person, model, random_state=0)
        assert truth.success
        assert anchor.success
        assert set(anchor.predicates) == set(truth.predicates)
        assert anchor.coverage == truth.coverage
        assert anchor.precision_interval[0] <= truth.precision <= anchor.precision_interval[1]


def test_enumeration_says_when_no_rule_will_do():
    coin = np.random.default_rng(0).integers(0, 2, (400, 3)).astype(float)
    found = AnchorExplainer(coin[:, :2])

    def model(rows):
        return (np.arange(len(rows)) % 3 > 0).astype(int)  # the person, asked first, gets 0: a third of all

    anchor = found.explain([1, 1], model, exact=True)
    assert not anchor.success
    assert "of 4 rules, all enumerated, none has a precision of at least 0.95" in str(anchor)
    assert anchor.exact
    assert anchor.precision_interval == (anchor.precision, anchor.precision)


def test_enumeration_of_correlated_features_is_the_product_of_the_drawn_ones():
    rng = np.random.default_rng(2)
    first = rng.integers(0, 4, 400).astype(float)
    table = np.column_stack([first, np.where(rng.random(400) < 0.8, first, rng.integers(0, 4, 400))])

    def same(rows):
        return (rows[:, 0] == rows[:, 1]).astype(int)

    rule = Rule([Predicate("x0", "<=", 1.0)])
    independent = AnchorExplainer(table).evaluate(rule, same, 1, exact=True, n=1_000).precision
    low = table[table[:, 0] <= 1, 0]
    by_hand = sum(np.mean(low == value) * np.mean(table[:, 1] == value) for value in (0, 1))
    assert independent == pytest.approx(by_hand, abs=1e-12)
    real = AnchorExplainer(table, perturb="rows").evaluate(rule, same, 1, exact=True, n=1_000).precision
    assert real == pytest.approx(same(table[table[:, 0] <= 1]).mean(), abs=1e-12)


@pytest.fixture(scope="module")
def cancer():
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier

    X, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X[order], y[order]
    forest = RandomForestClassifier(20, min_samples_leaf=3, random_state=0, n_jobs=1).fit(X[:455], y[:455])
    return AnchorExplainer(X[:455]), forest, X[455:]


@pytest.mark.parametrize("row", range(6))
def test_stated_precision_is_near_that_of_fresh_draws_where_features_hang_together(cancer, row):
    found, forest, people = cancer
    anchor = found.explain(people[row], forest, random_state=row)
    fresh = found.evaluate(anchor, forest, n=20_000, random_state=99, x=people[row])
    assert abs(anchor.precision - fresh.precision) <= 0.03  # the programs of others miss by 0.3 to 0.6
    assert anchor.n_draws == 1_000
    assert not anchor.success or fresh.precision >= 0.95 - 4 * np.sqrt(0.05 * 0.95 / 20_000)


def test_the_two_meanings_of_precision_differ_where_features_hang_together_and_both_are_said(cancer):
    found, forest, people = cancer
    sick = people[forest.predict(people) == 0][0]
    rule = Rule([Predicate("x26", ">", 0.38), Predicate("x27", ">", 0.16)], prediction=0, names=found.names)
    drawn = found.evaluate(rule, forest, n=20_000, random_state=0, x=sick)
    real = rule.evaluate(forest, found.columns.rows)
    assert real.precision > 0.9
    assert drawn.precision < 0.7


def test_what_is_reported_comes_from_new_rows_of_the_rule_alone():
    asked = []

    class Watched(AnchorExplainer):
        def explain(self, *args, **settings):
            draw = self.perturbation.draw

            def watched(arms, sizes, person, rng):
                found = draw(arms, sizes, person, rng)
                asked.extend((arm.key, len(block), block) for arm, block in zip(arms, found, strict=True))
                return found

            self.perturbation.draw = watched
            return super().explain(*args, **settings)

    found = Watched(numbers())
    anchor = found.explain([1.2, 0, 0, 0], step, random_state=0)
    last = [(key, block) for key, size, block in asked if size == anchor.n_draws][-1]
    assert len(anchor.predicates) == len(last[0])
    assert anchor.covers(last[1]).all()
    assert anchor.precision == step(last[1]).mean()  # the last block alone, and all of it


def test_no_rule_below_the_floor_is_accepted_more_often_than_delta():
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(2_000):
        checks = Checks(threshold=0.9, floor=0.9, delta=0.1)
        for _rule in range(4):  # four rules, a hair below the floor, each with all looks
            case = checks.open(None)
            for size in LOOKS:
                if checks.look(case, rng.random(size) < 0.899) is not None:
                    break
        wrong += bool(checks.accepted)
    assert wrong <= binom.ppf(0.9999, 2_000, 0.1)


def test_the_empty_rule_is_the_answer_for_all_of_100_seeds_where_nearly_everybody_gets_it():
    table = numbers(5_000)
    cut = np.quantile(table[:, 0], 0.986)
    found = AnchorExplainer(table)
    for seed in range(100):
        anchor = found.explain([0, 0, 0, 0], lambda rows: (rows[:, 0] > cut).astype(int), random_state=seed)
        assert anchor.predicates == ()
        assert anchor.success
        assert anchor.coverage == 1
        assert anchor.notes[0].endswith("% get the answer 0, whatever they are like")


def test_a_constant_policy_takes_one_question():
    model = Counting(lambda rows: np.ones(len(rows), dtype=int))
    anchor = explainer().explain([0, 0, 0, 0], model, random_state=0)
    assert (model.calls, anchor.model_calls) == (1, 1)
    assert anchor.n_rows == model.rows
    assert (anchor.predicates, anchor.precision, anchor.coverage) == ((), 1.0, 1.0)
    assert anchor.n_draws == 1_000


def test_rare_answers_have_rules():
    table = numbers(8_000, 6, seed=3)

    def rare(rows):
        return ((rows[:, 0] > 1.3) & (rows[:, 1] > 0.8)).astype(int)

    assert 0.015 < rare(table).mean() < 0.025
    found = explainer(table)
    for seed, person in enumerate(table[rare(table) == 1][:6]):
        anchor = found.explain(person, rare, random_state=seed)
        assert anchor.success
        fresh = found.evaluate(anchor, rare, n=20_000, random_state=seed, x=person)
        assert fresh.precision >= 0.95 - 4 * np.sqrt(0.05 * 0.95 / 20_000)
        assert anchor.coverage > 0.005  # of at most 0.02 / 0.95
    coarse = explainer(table, bins="quartile").explain(table[rare(table) == 1][0], rare, random_state=0)
    assert not coarse.success  # a quarter by a quarter is not rare enough
    assert "bins='auto'" in coarse.reason


def test_rows_of_a_simulator_are_those_that_are_judged():
    def sample(n, rng):
        return rng.normal([1, 0, 0, 0], size=(n, 4))  # another population than the background

    found = AnchorExplainer(numbers(), perturb=from_simulator(sample))
    anchor = found.explain([1.2, 0, 0, 0], step, random_state=0)
    people = sample(200_000, np.random.default_rng(1))
    truth = anchor.evaluate(step, people)
    assert anchor.success
    assert anchor.precision_interval[0] - 0.003 <= truth.precision <= anchor.precision_interval[1] + 0.003
    assert anchor.base_rate == pytest.approx(step(people).mean(), abs=4 * 0.5 / np.sqrt(1_400))


def test_real_rows_have_the_precision_of_the_rule_on_the_background():
    table = numbers()
    found = explainer(table, perturb="rows")
    anchor = found.explain([1.2, 0, 0, 0], step, random_state=0)
    truth = anchor.evaluate(step, table)
    assert anchor.success
    assert anchor.precision_interval[0] <= truth.precision <= anchor.precision_interval[1]


def test_bounds_are_those_of_the_binomial_distribution():
    low, high = exact_interval(97, 100, 0.95)
    assert binom.sf(96, 100, low) == pytest.approx(0.025)
    assert binom.cdf(97, 100, high) == pytest.approx(0.025)
    assert exact_interval(0, 10, 0.9) == (0.0, pytest.approx(1 - 0.05**0.1))
    assert exact_interval(10, 10, 0.9) == (pytest.approx(0.05**0.1), 1.0)
    assert exact_interval(0, 0, 0.9) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "rows"), [(0, 10), (3, 10), (10, 10), (950, 1000)])
def test_the_bounds_that_choose_solve_their_equation(hits, rows):
    level, p = 2.0, hits / rows
    high = upper(np.array([hits]), np.array([rows]), level)[0]
    low = lower(np.array([hits]), np.array([rows]), level)[0]

    def divergence(q):
        return rows * sum(a * np.log(a / b) for a, b in ((p, q), (1 - p, 1 - q)) if a > 0)

    width = np.sqrt(level / (2 * rows)) / 2**8  # what the halvings leave
    assert low <= p <= high
    for bound, side in ((high, 1), (low, -1)):
        if 0 < bound < 1:
            assert divergence(bound - side * 2 * width) <= level + 1e-9
            assert divergence(bound) >= level - 1e-9
    assert upper(np.zeros(1), np.zeros(1), level)[0] == 1
