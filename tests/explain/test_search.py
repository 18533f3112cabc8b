"""The parts of the search: slices and bits, cuts, perturbations, the bandit, and limits of size."""

import numpy as np
import pytest

from fairgym.explain import AnchorExplainer, Predicate, Rule
from fairgym.explain.arms import Arm
from fairgym.explain.bins import Bins, shortest
from fairgym.explain.choosing import FIRST, choose
from fairgym.explain.sorting import count
from tests.explain.small import explainer, numbers, people, step


@pytest.mark.parametrize(
    ("low", "high", "value"),
    [
        (0.4312, 0.5187, 0.5),
        (3, 4, 3),
        (-0.52, -0.51, -0.52),
        (-1, 2, 0),
        (99.96, 100.2, 100),
        (1e-9, 2e-9, 1e-9),
        (1, np.inf, 1),
    ],
)
def test_a_cut_has_the_fewest_digits_there_are(low, high, value):
    assert shortest(low, high) == value


def test_halving_a_bin_leaves_half_of_its_rows_and_never_the_person():
    values = np.arange(100.0)
    bins = Bins("auto", [values], ["a"], [True])
    for own in (0.0, 33.0, 50.5, 99.0):
        low, high = 0, 100
        for _ in range(9):
            before = high - low
            for cut in bins.halves(0, low, high, own):
                place = int(values.searchsorted(cut, "right"))
                low, high = (low, place) if own <= cut else (place, high)
            assert high - low <= before / 2 + 1
            if own in values:
                assert low <= own < high
        assert high - low <= 1


@pytest.mark.parametrize("perturb", ["independent", "rows"])
def test_drawn_rows_satisfy_the_rule_and_free_features_keep_their_joint_distribution(perturb):
    rng = np.random.default_rng(0)
    first = rng.normal(size=5_000)
    table = np.column_stack([first, first + 0.1 * rng.normal(size=5_000), rng.normal(size=5_000)])
    found = AnchorExplainer(table, perturb=perturb)
    rule = Rule([Predicate("x2", ">", 0.5), Predicate("x2", "<=", 1.0)])
    rows = found.draw(rule, 4_000, random_state=0)
    assert rule.covers(rows).all()
    assert np.isin(rows[:, 2], table[:, 2]).all()
    assert np.corrcoef(rows[:, 0], rows[:, 1])[0, 1] > 0.99  # they come from one row
    own = table[(table[:, 2] > 0.5) & (table[:, 2] <= 1), 2]
    assert abs(rows[:, 2].mean() - own.mean()) < 4 * own.std() / np.sqrt(4_000)
    both = found.draw(Rule([Predicate("x0", ">", 1.0), Predicate("x1", ">", 1.0)]), 4_000, random_state=0)
    together = np.corrcoef(both[:, 0], both[:, 1])[0, 1]
    assert together > 0.9 if perturb == "rows" else abs(together) < 4 / np.sqrt(4_000)


def test_bits_count_what_a_rule_covers():
    table = people(777)
    found = AnchorExplainer(table)
    for predicate in (
        Predicate("income", ">", 50.0), Predicate("income", "is missing"), Predicate("job", "=", "cook"),
        Predicate("job", "is present"), Predicate("debts", "<=", 3.0), Predicate("owner", "=", True),
    ):  # fmt: skip
        at = found.names.index(predicate.feature)
        bits = found.columns.bits(at, found.columns.slice_of(at, predicate, found.table.columns[at]))
        covers = Rule([predicate]).covers(table)
        assert count(bits) == covers.sum()
        assert (found.columns.members(bits) == np.flatnonzero(covers)).all()


def test_the_bandit_finds_the_best_arms():
    rates = np.linspace(0.1, 0.95, 18)
    rng = np.random.default_rng(0)
    asked = []

    def pull(arms, sizes):
        asked.append(sum(sizes))
        for arm, size in zip(arms, sizes, strict=True):
            arm.note(np.empty((size, 0)), rng.random(size) < rates[arm.cover])

    right = 0
    for _ in range(50):
        arms = [Arm((), {}, np.empty(0), place) for place in range(len(rates))]
        chosen = choose(arms, 2, 20_000, pull)
        right += min(arm.cover for arm in chosen) >= 13  # within 0.15 of the second best, and 0.1 for chance
    assert right >= 48
    arms = [Arm((), {}, np.empty(0), place) for place in range(len(rates))]
    asked.clear()
    choose(arms, 2, 20_000, pull, lambda arm: True)
    assert asked == [FIRST * len(rates)]  # good enough: no further question


@pytest.mark.parametrize("beam", [1, 2, 8])
def test_beams_of_any_width_find_a_rule(beam):
    anchor = explainer().explain([0.3, 1.4, 0, 0], step, beam=beam, random_state=0)
    assert anchor.success
    assert {one.feature for one in anchor.predicates} == {"x0", "x1"}


def test_a_rule_is_not_longer_than_allowed():
    def model(rows):
        return (rows[:, :3] > 0).all(axis=1).astype(int)

    person = [0.5, 0.5, 0.5, 0]
    free = explainer().explain(person, model, random_state=0)
    assert (free.success, len(free.predicates)) == (True, 3)
    short = explainer().explain(person, model, random_state=0, max_size=2)
    assert not short.success
    assert len(short.predicates) <= 2


def test_widening_buys_coverage_with_rows():
    weight = np.array([1.0, -0.8, 0.6, 0.4])

    def model(rows):
        return (rows @ weight > 0.3).astype(int)

    people = [row for row in numbers(200) if abs(row @ weight - 0.3) > 0.8][:12]
    found = explainer()
    wide, narrow = (
        [found.explain(row, model, random_state=at, widen=widen) for at, row in enumerate(people)] for widen in (6, 0)
    )
    assert all(one.success for one in [*wide, *narrow])
    assert all(one.coverage >= other.coverage for one, other in zip(wide, narrow, strict=True))
    assert sum(one.coverage for one in wide) > 1.1 * sum(other.coverage for other in narrow)
    assert sum(one.n_rows for one in wide) > sum(other.n_rows for other in narrow)


def test_a_dead_band_lets_rules_pass_that_are_a_little_less_precise():
    cut = np.quantile(numbers(20_000)[:, 1], 0.94)

    def model(rows):
        return ((rows[:, 0] > 0) & (rows[:, 1] <= cut)).astype(int)  # "x0 > 0" has a precision of 0.94

    rule = [Predicate("x0", ">", 0.0)]
    table = numbers(20_000)
    strict = AnchorExplainer(table).explain([1, 0, 0, 0], model, random_state=0, start=rule)
    assert strict.success
    assert {one.feature for one in strict.predicates} == {"x0", "x1"}
    assert "at least 0.95 is certified" in strict.reason
    loose = AnchorExplainer(table).explain([1, 0, 0, 0], model, precision=0.93, dead_band=0.05, random_state=0)
    assert [one.feature for one in loose.predicates] == ["x0"]
    assert "at least 0.88 is certified" in loose.reason
