"""Tables as levels: thresholds, who can get across them, and columns that are binned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairgym.models.coding import NO_GROUP, CodedTable
from fairgym.recourse.actions import ActionSpec
from fairgym.recourse.costs import cost_of
from fairgym.recourse.ladder import Ladder
from fairgym.recourse.levels import levels_of


def coded(people, actions, budget=0.3, **options):
    people = np.asarray(people, dtype=float)
    actions = actions.resolve(None, people.shape[1])
    return CodedTable.of(people, actions, cost_of("percentile").fit(people), budget, **options)


def test_a_column_becomes_levels_with_midpoints_between():
    table = coded([[7.0], [3.0], [4.0], [3.0]], ActionSpec(["free"], integer=[0]))
    np.testing.assert_array_equal(table.code, [[2, 0, 1, 0]])
    np.testing.assert_array_equal(table.threshold, [3.5, 5.5, np.nan])
    np.testing.assert_array_equal(table.first, [0, 3])


def test_reach_is_two_levels():
    """Percentiles .25, .625, .875, and .75 between 4 and 7: from 3 to 4 costs .375, from 4 to 6, or 7 to 5, .125."""
    table = coded([[7.0], [3.0], [4.0], [3.0]], ActionSpec(["free"], integer=[0]))
    np.testing.assert_array_equal(table.lowest, [0, 1, 1])
    np.testing.assert_array_equal(table.highest, [0, 2, 2])


def test_only_what_can_be_changed_is_a_candidate_if_asked():
    people, actions = [[0.0, 1.0], [1.0, 0.0]], ActionSpec(["fixed", "up"])
    np.testing.assert_array_equal(coded(people, actions).candidates, [0, 1])
    np.testing.assert_array_equal(coded(people, actions, only_actionable=True).candidates, [1])


def test_states_of_a_group_and_who_can_get_where():
    """From the first column on one can get to the second; the third may be left, but nobody gets there."""
    people = [[1, 0, 0, 5], [0, 1, 0, 5], [0, 0, 1, 5], [0, 0, 0, 5]]
    actions = ActionSpec(["down", "up", "down", "fixed"], groups=[[0, 1, 2]])
    table = coded(people, actions, budget=1.0)
    np.testing.assert_array_equal(table.group, [0, 0, 0, NO_GROUP])
    np.testing.assert_array_equal(table.member[:3], [0, 1, 2])
    np.testing.assert_array_equal(table.state, [[0, 1, 2, 3]])
    np.testing.assert_array_equal(table.first_state, [0, 4])
    np.testing.assert_array_equal(table.moves, [[1, 1, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]])


def test_a_budget_too_small_keeps_everybody_in_her_state():
    table = coded(np.eye(3), ActionSpec(["free"] * 3, groups=[[0, 1, 2]]), budget=0.4)
    np.testing.assert_array_equal(table.moves, np.eye(4)[:3, :].astype(bool) if len(table.moves) == 3 else np.eye(4))


@pytest.mark.parametrize("max_levels", [2, 8, 999])
def test_a_binned_column_keeps_true_midpoints_and_exact_reach(max_levels):
    random = np.random.default_rng(0)
    column = random.normal(size=1000)
    people = column[:, None]
    actions = ActionSpec(["free"], bounds={0: (-1.0, 2.0)}).resolve(None, 1)
    cost = cost_of("percentile").fit(people)
    table = CodedTable.of(people, actions, cost, 0.07, max_levels=max_levels)
    levels = np.flatnonzero(~np.isnan(table.threshold))
    thresholds = table.threshold[levels]
    values = np.sort(column)
    assert len(thresholds) == max_levels - 1
    assert np.isin(thresholds, (values[:-1] + values[1:]) / 2).all()
    sizes = np.diff(np.searchsorted(values, thresholds), prepend=0, append=1000)
    assert sizes.max() - sizes.min() <= 1
    lowest, highest = Ladder.of(thresholds, actions, cost, 0).reach(column, 0.07)
    code = table.code[0]
    for place, level in enumerate(levels):
        np.testing.assert_array_equal(code <= level, column <= thresholds[place])
        np.testing.assert_array_equal(table.lowest[code] <= level, lowest <= place)
        np.testing.assert_array_equal(level < table.highest[code], place < highest)
    assert len(table.threshold) <= 3 * max_levels


def test_neighbouring_numbers_are_told_apart():
    low = 0.1
    table = coded([[low], [np.nextafter(low, 1)]], ActionSpec(["free"]))
    np.testing.assert_array_equal(table.code, [[0, 1]])
    assert table.threshold[0] == low


def test_huge_numbers_do_not_overflow():
    table = coded([[-1.7e308], [1.7e308], [1.6e308]], ActionSpec(["free"]))
    np.testing.assert_allclose(table.threshold[:2], [-5e306, 1.65e308])


@given(st.lists(st.integers(-5, 40) | st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_levels_are_those_of_numpy(column):
    column = np.array(column, dtype=float)
    levels, code = levels_of(column)
    wanted, place = np.unique(column, return_inverse=True)
    np.testing.assert_array_equal(levels, wanted)
    np.testing.assert_array_equal(code, place)
