"""The trackers of published thresholds on two rounds worked by hand."""

import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.metrics import (
    AcceptanceRate,
    Accuracy,
    GamedAdmissions,
    Gap,
    ManipulationRate,
    Overall,
    SocialBurden,
    SocialBurdenOfEligible,
    ThresholdTrajectory,
)

FIRST = {
    "group": np.array([[0, 0, 0, 0, 1, 1]]),
    "decision": np.array([[1, 1, 1, 0, 0, 0]]),
    "qualified": np.array([[1, 1, 0, 0, 1, 0]], dtype=np.int8),
    "manipulated": np.array([[0, 1, 1, 0, 0, 0]], dtype=np.int8),
    "burden": np.array([[0.0, 0.5, 0.8, 1.2, 1.5, 2.0]]),
    "threshold": np.array([[0.6, 0.7]]),
}
"""Group 0: one eligible above the threshold, one who pays .5, one not eligible who pays .8, one who stays below.
Group 1: two who stay below, of whom the eligible would have to pay 1.5."""
SECOND = {
    "group": np.array([[0, 0, 1, 1, 1, 1]]),
    "decision": np.array([[1, 0, 1, 1, 1, 0]]),
    "qualified": np.array([[0, 0, 1, 1, 0, 0]], dtype=np.int8),
    "manipulated": np.array([[0, 0, 1, 0, 1, 0]], dtype=np.int8),
    "burden": np.array([[0.0, 1.1, 0.9, 0.0, 1.0, 1.4]]),
    "threshold": np.array([[0.65, 0.75]]),
}

BY_HAND = [
    (ManipulationRate(), [[2 / 4, 0]], [[2 / 6, 2 / 6]]),
    (GamedAdmissions(), [[1 / 2, 0]], [[1 / 4, 1 / 3]]),
    (SocialBurden(), [[0.5 / 4, 1.5 / 2]], [[0.5 / 6, 2.4 / 6]]),
    (SocialBurdenOfEligible(), [[0.5 / 2, 1.5 / 1]], [[0.5 / 2, 2.4 / 3]]),
    (ThresholdTrajectory(), [[0.6, 0.7]], [[0.65, 0.75]]),
    (Overall(Accuracy()), [4 / 6], [8 / 12]),
    (Overall(), [4 / 6], [8 / 12]),
    (Overall(ManipulationRate()), [2 / 6], [4 / 12]),
    (Overall(SocialBurden()), [2.0 / 6], [2.9 / 12]),
    (Overall(SocialBurdenOfEligible()), [2.0 / 3], [2.9 / 5]),
    (Gap(SocialBurden()), [0.75 - 0.125], [1.9 / 6]),
]


@pytest.mark.parametrize(("tracker", "after_one", "after_two"), BY_HAND)
def test_by_hand(tracker, after_one, after_two):
    tracker.reset(1, 2)
    for outcome, wanted in ((FIRST, after_one), (SECOND, after_two)):
        tracker.update(outcome, np.array([True]))
        np.testing.assert_allclose(tracker.compute(), wanted, atol=1e-15)


def test_who_raised_the_score_in_vain_did_not_get_in_by_it():
    in_vain = FIRST | {"decision": np.array([[1, 1, 0, 0, 0, 0]])}
    tracker = GamedAdmissions()
    tracker.reset(1, 2)
    tracker.update(in_vain, np.array([True]))
    np.testing.assert_array_equal(tracker.compute(), [[0, 0]])


def test_without_anybody_to_count_a_rate_is_undefined():
    alone = {key: value[:, :1] for key, value in FIRST.items()} | {"threshold": FIRST["threshold"]}
    for tracker, wanted in [
        (ManipulationRate(), [[0, np.nan]]),
        (GamedAdmissions(), [[np.nan, np.nan]]),
        (SocialBurden(), [[0, np.nan]]),
        (SocialBurdenOfEligible(), [[0, np.nan]]),
        (Overall(GamedAdmissions()), [np.nan]),
        (Overall(SocialBurden()), [0]),
    ]:
        tracker.reset(1, 2)
        tracker.update(alone, np.array([True]))
        np.testing.assert_array_equal(tracker.compute(), wanted)


def test_hidden_truth_makes_undefined_what_needs_it():
    hidden = FIRST | {"qualified": np.where(FIRST["decision"] == 1, FIRST["qualified"], np.int8(-1))}
    hidden["qualified"][0, 4:] = FIRST["qualified"][0, 4:]  # known in group 1
    for tracker, wanted in [
        (ManipulationRate(), [[2 / 4, 0]]),
        (GamedAdmissions(), [[np.nan, 0]]),
        (SocialBurden(), [[np.nan, 1.5 / 2]]),
        (SocialBurdenOfEligible(), [[np.nan, 1.5]]),
        (Overall(SocialBurden()), [np.nan]),
        (Overall(AcceptanceRate()), [3 / 6]),
    ]:
        tracker.reset(1, 2)
        tracker.update(hidden, np.array([True]))
        np.testing.assert_allclose(tracker.compute(), wanted)


def test_overall_pools_people_and_takes_only_rates():
    with pytest.raises(InputError, match="Overall was given a Gap, but needs a GroupRate"):
        Overall(Gap(Accuracy()))
