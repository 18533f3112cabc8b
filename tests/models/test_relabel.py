import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fairgym.checks import InputError
from fairgym.models import relabel
from fairgym.models.relabel import Cover, exact_cover, greedy_cover, relabelled


def reach_of(*leaves, people):
    """Leaves as lists of the people who can reach them."""
    table = np.zeros((len(leaves), people), dtype=bool)
    for leaf, members in enumerate(leaves):
        table[leaf, members] = True
    return table


def test_greedy_takes_the_best_price_per_person():
    # 6 people. Leaf 0 covers 4 at price 3 (0.75 each), leaf 1 covers 2 at price 1 (0.5 each), leaf 2 all at price 9.
    cover = Cover(reach_of([0, 1, 2, 3], [3, 4], range(6), people=6), np.ones(6), np.array([3.0, 1.0, 9.0]), 5.0, 1e-9)
    assert greedy_cover(cover).tolist() == [True, True, False]
    assert exact_cover(cover).tolist() == [True, True, False]


def test_greedy_counts_a_gain_only_up_to_the_demand():
    # Demand 2 of 10. Leaf 0 covers all at price 5, 0.5 each; but only 2 are needed, 2.5 each, so leaf 1 (2 at 2) wins.
    cover = Cover(reach_of(range(10), [0, 1], people=10), np.ones(10), np.array([5.0, 2.0]), 2.0, 1e-9)
    assert greedy_cover(cover).tolist() == [False, True]


def test_greedy_takes_back_what_it_does_not_need():
    # The first pick is leaf 0 (2 people at 1); leaf 1 covers those two as well and all others, so leaf 0 is needless.
    cover = Cover(reach_of([0, 1], range(6), people=6), np.ones(6), np.array([1.0, 4.0]), 6.0, 1e-9)
    assert greedy_cover(cover).tolist() == [False, True]


def test_greedy_undoes_its_first_pick():
    # Greedy starts with leaf 0 (4 people at 3, 0.75 each); with both others, for one person each, it is needless.
    cover = Cover(
        reach_of([0, 1, 2, 3], [0, 1, 4], [2, 3, 5], people=6), np.ones(6), np.array([3.0, 2.6, 2.6]), 6.0, 1e-9
    )
    assert exact_cover(cover).tolist() == [False, True, True]
    assert greedy_cover(cover).tolist() == [False, True, True]


@pytest.mark.parametrize("method", ["greedy", "exact", "auto"])
def test_target_leaves_stay_and_cost_nothing(method):
    # Person 0 and 1 reach leaf 0, a target leaf already; of 4 people 3 are asked for: the cheaper of leaves 1 and 2.
    reach = reach_of([0, 1], [2], [3], people=4)
    target, price = np.array([True, False, False]), np.array([50.0, 4.0, 3.0])
    assert relabelled(target, price, reach, np.ones(4), 0.75, method).tolist() == [True, False, True]
    assert relabelled(target, price, reach, np.ones(4), 0.5, method).tolist() == [True, False, False]
    assert relabelled(target, price, reach, np.ones(4), 1.0, method).tolist() == [True, True, True]


@pytest.mark.parametrize("method", ["greedy", "exact"])
def test_a_leaf_whose_flip_saves_errors_is_flipped_whatever_the_demand(method):
    reach = reach_of([0, 1], [0, 1], people=2)
    labels = relabelled(np.array([True, False]), np.array([1.0, -1.0]), reach, np.ones(2), 0.5, method)
    assert labels.tolist() == [True, True]


@pytest.mark.parametrize("method", ["greedy", "exact"])
def test_weights_count_people(method):
    reach = reach_of([0], [1], people=2)
    target, price = np.zeros(2, dtype=bool), np.array([1.0, 5.0])
    assert relabelled(target, price, reach, np.array([1.0, 3.0]), 0.7, method).tolist() == [False, True]
    assert relabelled(target, price, reach, np.array([3.0, 1.0]), 0.7, method).tolist() == [True, False]
    assert relabelled(target, price, reach, np.array([3.0, 0.0]), 1.0, method).tolist() == [True, False]


covers = st.integers(1, 6).flatmap(
    lambda leaves: st.tuples(
        st.lists(st.lists(st.booleans(), min_size=leaves, max_size=leaves), min_size=1, max_size=12),
        st.lists(st.integers(-2, 9), min_size=leaves, max_size=leaves),
        st.floats(0, 1),
        st.integers(1, 3),
    )
)


def cheapest(cover):
    """The least price by trying all subsets."""
    subsets = [np.array(one) for one in itertools.product([False, True], repeat=len(cover.price))]
    return min(cover.cost(one) for one in subsets if cover.satisfied(one))


@settings(max_examples=60, deadline=None)
@given(covers)
@example(([[False] * 4], [1, 0, 0, 0], 2.0**-24, 1))  # a demand within the tolerance of the solver
def test_exact_is_cheapest_and_greedy_keeps_its_guarantee(drawn):
    rows, price, coverage, weight = drawn
    reach = np.array(rows).T
    reach[0, ~reach.any(axis=0)] = True  # everybody is in some leaf
    weights = np.full(reach.shape[1], float(weight))
    demand = coverage * weights.sum()
    cover = Cover(reach, weights, np.array(price, dtype=float), demand, 1e-9 * weights.sum())
    best = cheapest(cover)
    exact, greedy = exact_cover(cover), greedy_cover(cover)
    assert cover.satisfied(exact)
    assert cover.satisfied(greedy)
    assert cover.cost(exact) == pytest.approx(best, abs=1e-9)
    if min(price) >= 0 and weight == 1:
        terms = max(1, int(min(np.ceil(demand), reach.sum(axis=1).max())))
        assert cover.cost(greedy) <= best * (1 / np.arange(1, terms + 1)).sum() + 1e-9


def test_exact_is_for_few_leaves(monkeypatch):
    monkeypatch.setattr(relabel, "EXACT_LEAVES", 1)
    reach, target, price = np.eye(2, dtype=bool), np.zeros(2, dtype=bool), np.ones(2)
    with pytest.raises(InputError, match="at most 1 leaves"):
        relabelled(target, price, reach, np.ones(2), 1.0, "exact")
    assert relabelled(target, price, reach, np.ones(2), 1.0, "auto").all()


def test_unknown_method():
    with pytest.raises(InputError, match="did you mean 'greedy'"):
        relabelled(np.zeros(1, dtype=bool), np.ones(1), np.ones((1, 1), dtype=bool), np.ones(1), 1.0, "gredy")
