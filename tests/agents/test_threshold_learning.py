"""The most accurate threshold, against a search over all thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairgym.agents.threshold_learning import NOBODY, ThresholdSample


def brute_force(score, eligible):
    """Return the highest of the scores that, as a threshold, is right about most people, or NOBODY if that is."""
    score, eligible = np.float32(score), np.array(eligible)
    if len({*eligible.tolist()}) < 2:
        return np.nan
    right = {float(cut): int(((score >= cut) == eligible).sum()) for cut in score}
    best = max(right.values())
    if (eligible == 0).sum() > best:
        return NOBODY
    return max(cut for cut, count in right.items() if count == best)


def test_by_hand():
    """Ineligible at .2 and .5, eligible at .4, .6 and .7: .4 and .6 are wrong about one person each."""
    sample = ThresholdSample(1)
    sample.add(np.zeros(5, int), np.array([0.6, 0.2, 0.5, 0.4, 0.7]), np.array([1, 0, 0, 1, 1]))
    assert sample.best() == pytest.approx(0.6)
    sample.add(np.zeros(1, int), np.array([0.4]), np.array([1]))
    assert sample.best() == pytest.approx(0.4), "now .6 is wrong about two"


def test_scores_that_are_alike_stand_or_fall_together():
    """Two eligible and three ineligible on .5: admitting them is wrong about three, refusing them about two."""
    sample = ThresholdSample(1)
    sample.add(np.zeros(6, int), np.array([0.5] * 5 + [0.8]), np.array([1, 1, 0, 0, 0, 1]))
    assert sample.best() == pytest.approx(0.8)


def test_nobody_is_admitted_where_that_is_best():
    sample = ThresholdSample(1)
    sample.add(np.zeros(3, int), np.array([0.2, 0.9, 0.9]), np.array([1, 0, 0]))
    assert sample.best() == NOBODY


def test_there_is_no_best_threshold_before_both_labels_were_seen():
    sample = ThresholdSample(3)
    assert np.isnan(sample.best()).all()
    sample.add(np.array([0, 2, 2]), np.array([0.4, 0.4, 0.3]), np.array([1, 1, 0]))
    np.testing.assert_array_equal(sample.best(), np.float32([np.nan, np.nan, 0.4]))


PEOPLE = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([-0.0, 0.0, 1e-30, 0.25, 0.3, 0.5, 0.7, 1.0]), st.integers(0, 1)),
    max_size=25,
)


@given(st.lists(PEOPLE, min_size=1, max_size=4))
def test_it_is_the_best_of_all_thresholds_after_every_addition(batches):
    sample, everybody = ThresholdSample(3), []
    for batch in batches:
        everybody += batch
        if batch:
            sample.add(*(np.array(column) for column in zip(*batch, strict=True)))
        for owner, best in enumerate(sample.best()):
            mine = [(score, eligible) for one, score, eligible in everybody if one == owner]
            expected = brute_force(*zip(*mine, strict=True)) if mine else np.nan
            np.testing.assert_array_equal(best, expected)


def test_forgetting_who_is_below_changes_nothing():
    """200 rounds on 5 owners: new people at or above the best threshold, a third of them right on it."""
    rng = np.random.default_rng(1)
    whole, rest = ThresholdSample(5), ThresholdSample(5)
    floor = np.zeros(5)
    for _ in range(200):
        owner = np.sort(rng.integers(0, 5, 30))
        score = np.where(rng.random(30) < 1 / 3, floor[owner], floor[owner] + (1 - floor[owner]) * rng.random(30))
        eligible = (score + rng.normal(0, 0.3, 30) > 0.5).astype(int)
        for sample in (whole, rest):
            sample.add(owner, score, eligible)
        np.testing.assert_array_equal(rest.best(), whole.best())
        assert (whole.best() >= floor).all()
        floor = np.nan_to_num(whole.best())
        rest.forget_below(floor)
    assert len(rest._key) < len(whole._key)


def test_an_owner_does_not_depend_on_the_others():
    rng = np.random.default_rng(2)
    owner, score, eligible = np.sort(rng.integers(0, 4, 200)), rng.random(200), rng.integers(0, 2, 200)
    together = ThresholdSample(4)
    together.add(owner, score, eligible)
    for one in range(4):
        alone, mine = ThresholdSample(1), owner == one
        alone.add(np.zeros(mine.sum(), int), score[mine], eligible[mine])
        assert alone.best()[0] == together.best()[one] == brute_force(score[mine], eligible[mine])
