"""Money and score distributions against numbers worked by hand."""

import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.metrics import (
    ConfusionCounts,
    Gini,
    GroupUtility,
    MeanUtility,
    PopulationScore,
    ScoreDistribution,
    TotalVariation,
    Utility,
    Wasserstein,
)

LIVE = np.ones(1, bool)


def money(tracker, steps, groups):
    """Feed one lane with (group, utility) pairs."""
    tracker.reset(1, groups)
    for group, utility in steps:
        tracker.update({"group": np.array([group]), "utility": np.array([utility])}, LIVE)
    return tracker.compute()


STEPS = [(0, 1.0), (0, -0.5), (1, 2.0), (0, 0.25)]


def test_utility_by_hand():
    assert money(Utility(), STEPS, 3).tolist() == [2.75]
    assert money(GroupUtility(), STEPS, 3).tolist() == [[0.75, 2.0, 0.0]]
    np.testing.assert_array_equal(money(MeanUtility(), STEPS, 3), [[0.25, 2.0, np.nan]])


def test_utility_of_a_cohort_and_of_a_lane_that_is_being_reset():
    tracker = Utility()
    tracker.reset(2, 2)
    tracker.update({"utility": np.array([[1.0, 2.0, 4.0], [8.0, 8.0, np.nan]])}, np.array([True, False]))
    assert tracker.compute().tolist() == [7.0, 0.0]


@pytest.mark.parametrize(
    ("totals", "index"),
    [
        ([1.0, 1.0], 0.0),
        ([1.0, 3.0], 0.25),  # pairs differ by 2 twice: 4 / (2 * 2 * 4)
        ([0.0, 4.0], 0.5),  # (G - 1) / G
        ([0.0, 0.0, 6.0], 2 / 3),
        ([1.0, 2.0, 3.0], 2 / 9),  # distances sum to 2 * (1 + 2 + 1) = 8; 8 / (2 * 3 * 6)
        ([0.0, 0.0], np.nan),
        ([-1.0, 3.0], np.nan),
    ],
)
def test_gini_by_hand(totals, index):
    np.testing.assert_allclose(money(Gini(), list(enumerate(totals)), len(totals)), [index], rtol=1e-15)


def test_gini_of_another_tracker():
    assert money(Gini(MeanUtility()), [(0, 1.0), (0, 1.0), (1, 3.0)], 2).tolist() == [0.25]
    assert np.isnan(money(Gini(MeanUtility()), [(0, 1.0)], 2)).all(), "the mean of group 1 is undefined"
    for wrong in (Utility(), ConfusionCounts()):
        with pytest.raises(InputError, match="one value per group"):
            Gini(wrong).reset(3, 2)


START = np.array([[[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]])
LATER = np.array([[[0.25, 0.5, 0.25], [0.0, 0.5, 0.5]]])


def test_distance_to_the_start_by_hand():
    for tracker, by_hand in ((TotalVariation(), [0.25, 0.5]), (Wasserstein(), [0.5, 0.5])):
        tracker.reset(1, 2)
        assert np.isnan(tracker.compute()).all()
        tracker.begin({"score_distribution": START})
        assert tracker.compute().tolist() == [[0.0, 0.0]]
        tracker.update({"score_distribution": LATER}, LIVE)
        assert tracker.compute().tolist() == [by_hand]


def test_wasserstein_matches_scipy():
    from scipy.stats import wasserstein_distance

    start, later = np.random.default_rng(0).dirichlet(np.ones(9), 2)
    tracker = Wasserstein()
    tracker.reset(1, 1)
    tracker.begin({"score_distribution": start[None, None]})
    tracker.update({"score_distribution": later[None, None]}, LIVE)
    expected = wasserstein_distance(np.arange(9), np.arange(9), start, later)
    assert tracker.compute()[0, 0] == pytest.approx(expected, rel=1e-12)


def test_without_a_shown_start_the_first_outcome_of_each_lane_is_the_start():
    tracker = TotalVariation()
    tracker.reset(2, 2)
    tracker.begin({"group_share": np.ones((2, 2)) / 2})
    both = np.concatenate([START, START])
    tracker.update({"score_distribution": both}, np.array([True, False]))
    np.testing.assert_array_equal(tracker.compute(), [[0, 0], [np.nan, np.nan]])
    tracker.update({"score_distribution": np.concatenate([LATER, LATER])}, np.ones(2, bool))
    assert tracker.compute().tolist() == [[0.25, 0.5], [0, 0]]


def test_a_lane_that_begins_another_episode_gets_a_new_start():
    tracker = TotalVariation()
    tracker.reset(2, 2)
    tracker.begin({"score_distribution": np.concatenate([START, START])})
    tracker.update({"score_distribution": np.concatenate([LATER, LATER])}, np.ones(2, bool))
    tracker.begin({"score_distribution": np.concatenate([LATER, LATER])}, np.array([False, True]))
    assert tracker.compute().tolist() == [[0.25, 0.5], [0, 0]]
    tracker.update({"score_distribution": np.concatenate([START, START])}, np.ones(2, bool))
    assert tracker.compute().tolist() == [[0, 0], [0.25, 0.5]]


def test_latest_population():
    tracker = PopulationScore()
    tracker.reset(1, 2)
    assert np.isnan(tracker.compute()).all()
    tracker.begin({"population_score": np.array([[0.6, 0.5]])})
    assert tracker.compute().tolist() == [[0.6, 0.5]]
    tracker.update({"population_score": np.array([[0.7, 0.4]])}, LIVE)
    assert tracker.compute().tolist() == [[0.7, 0.4]]


def test_score_distribution_by_level():
    tracker = ScoreDistribution()
    tracker.reset(1, 2)
    assert tracker.compute() == {}
    tracker.update({"score_distribution": LATER}, LIVE)
    assert {level: share.tolist() for level, share in tracker.compute().items()} == {
        "0": [[0.25, 0.0]],
        "1": [[0.5, 0.5]],
        "2": [[0.25, 0.5]],
    }
