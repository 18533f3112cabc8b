"""Rates and counts against numbers worked by hand."""

import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.metrics import (
    AcceptanceRate,
    Accuracy,
    ConfusionCounts,
    CumulativeDecisions,
    FalseNegativeRate,
    FalsePositiveRate,
    Precision,
    TruePositiveRate,
)

# One lane, eight steps. Group 0: qualified 1 1 1 0, accepted 1 1 0 1; group 1: qualified 1 0 0 0, accepted 0 1 0 0.
GROUP = [0, 0, 0, 0, 1, 1, 1, 1]
QUALIFIED = [1, 1, 1, 0, 1, 0, 0, 0]
DECISION = [1, 1, 0, 1, 0, 1, 0, 0]

BY_HAND = {
    AcceptanceRate: [3 / 4, 1 / 4],
    TruePositiveRate: [2 / 3, 0.0],
    FalsePositiveRate: [1.0, 1 / 3],
    FalseNegativeRate: [1 / 3, 1.0],
    Precision: [2 / 3, 0.0],
    Accuracy: [2 / 4, 2 / 4],
}


def run(tracker, group=GROUP, decision=DECISION, qualified=QUALIFIED, groups=2):
    """Feed one lane with one person a step."""
    tracker.reset(1, groups)
    for g, d, q in zip(group, decision, qualified, strict=True):
        step = {"group": np.array([g]), "decision": np.array([d]), "qualified": np.array([q], np.int8)}
        tracker.update(step, np.ones(1, bool))
    return tracker.compute()


@pytest.mark.parametrize("kind", BY_HAND)
def test_rate_by_hand(kind):
    np.testing.assert_array_equal(run(kind()), [BY_HAND[kind]])


@pytest.mark.parametrize("kind", BY_HAND)
def test_rate_of_a_cohort_is_that_of_its_people_one_by_one(kind):
    tracker = kind()
    tracker.reset(2, 2)
    cohort = {"group": GROUP, "decision": DECISION, "qualified": QUALIFIED}
    step = {key: np.array([values[:4], values[4:]]) for key, values in cohort.items()}
    tracker.update(step, np.ones(2, bool))
    expected = np.array([[BY_HAND[kind][0], np.nan], [np.nan, BY_HAND[kind][1]]])
    np.testing.assert_array_equal(tracker.compute(), expected)


@pytest.mark.parametrize("kind", BY_HAND)
def test_undefined_is_nan(kind):
    tracker = kind()
    tracker.reset(3, 2)
    assert np.isnan(tracker.compute()).all()
    assert np.isnan(run(kind(), groups=3)[0, 2])


def test_undefined_per_rate():
    assert np.isnan(run(TruePositiveRate(), [0], [1], [0])).all(), "nobody is qualified"
    assert np.isnan(run(FalsePositiveRate(), [0], [1], [1])).all(), "nobody is unqualified"
    assert np.isnan(run(Precision(), [0], [0], [1])).all(), "nobody was accepted"


def test_lanes_that_are_not_live_do_not_count():
    tracker = TruePositiveRate()
    tracker.reset(3, 2)
    step = {"group": np.array([0, 0, 1]), "decision": np.array([1, 1, 1]), "qualified": np.array([1, 1, -1])}
    tracker.update(step, np.array([True, False, False]))
    np.testing.assert_array_equal(tracker.compute(), [[1, np.nan], [np.nan] * 2, [np.nan] * 2])
    tracker.update(step, np.zeros(3, bool))
    np.testing.assert_array_equal(tracker.denominator, [[1, 0], [0, 0], [0, 0]])


def test_confusion_counts_and_decisions_by_hand():
    counts = run(ConfusionCounts())
    by_hand = {"tp": [2, 0], "fp": [1, 1], "tn": [0, 2], "fn": [1, 1]}
    assert {name: values[0].tolist() for name, values in counts.items()} == by_hand
    assert run(CumulativeDecisions()).tolist() == [[3, 1]]


# Selective labels: group 0 has a rejected person of unknown truth, group 1 has only accepted people.
HIDDEN_CASE = {"group": [0, 0, 0, 1, 1], "decision": [1, 1, 0, 1, 1], "qualified": [1, 0, -1, 1, 0]}


@pytest.mark.parametrize("kind", [TruePositiveRate, FalsePositiveRate, FalseNegativeRate, Accuracy])
def test_hidden_truth_makes_the_rate_of_that_group_unknown_for_good(kind):
    rates = run(kind(), **HIDDEN_CASE)
    assert np.isnan(rates[0, 0])
    alone = {key: values[3:] for key, values in HIDDEN_CASE.items()}
    assert rates[0, 1] == run(kind(), **alone)[0, 1]
    more = {key: values + added for (key, values), added in zip(HIDDEN_CASE.items(), ([0], [1], [1]), strict=True)}
    assert np.isnan(run(kind(), **more)[0, 0]), "a later known person does not bring it back"


def test_hidden_truth_of_the_rejected_does_not_matter_where_it_is_not_needed():
    assert run(Precision(), **HIDDEN_CASE).tolist() == [[0.5, 0.5]]
    assert run(AcceptanceRate(), **HIDDEN_CASE).tolist() == [[2 / 3, 1.0]]
    counts = run(ConfusionCounts(), **HIDDEN_CASE)
    np.testing.assert_array_equal(counts["tp"], [[1, 1]])
    np.testing.assert_array_equal(counts["fp"], [[1, 1]])
    np.testing.assert_array_equal(counts["tn"], [[np.nan, 0]])
    np.testing.assert_array_equal(counts["fn"], [[np.nan, 0]])


@pytest.mark.parametrize("group", [2, -1])
def test_unknown_group_is_refused_not_counted_elsewhere(group):
    with pytest.raises(InputError, match="was reset for 2 groups"):
        run(AcceptanceRate(), [group], [1], [1])


def test_a_part_that_is_not_one_value_per_person_is_refused():
    class Wrong(AcceptanceRate):
        def parts(self, outcome):
            return np.ones(2), np.ones(2)

    tracker = Wrong()
    tracker.reset(2, 2)
    with pytest.raises(InputError, match="one value per person"):
        tracker.update({"group": np.zeros((2, 3), int), "decision": np.ones((2, 3), int)}, np.ones(2, bool))
