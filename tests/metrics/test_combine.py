"""Combinators against numbers worked by hand and against brute force."""

import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.metrics import (
    AcceptanceRate,
    ConfusionCounts,
    Difference,
    Discounted,
    Gap,
    GroupUtility,
    Precision,
    Ratio,
    SimpsonDecomposition,
    TruePositiveRate,
    Utility,
    Window,
)


def step(group, decision, qualified=1, utility=0.0):
    """Return one person in one lane."""
    keys = {"group": group, "decision": decision, "qualified": qualified, "utility": utility}
    return {key: np.array([value]) for key, value in keys.items()}


def run(tracker, steps, groups=2):
    """Feed one lane with (group, decision, ...) tuples."""
    tracker.reset(1, groups)
    for person in steps:
        tracker.update(step(*person), np.ones(1, bool))
    return tracker.compute()


# Acceptance: group 0 2/4, group 1 1/4, group 2 1/1.
STEPS = [(0, 1), (0, 1), (0, 0), (0, 0), (1, 1), (1, 0), (1, 0), (1, 0), (2, 1)]


def test_comparisons_by_hand():
    assert run(Gap(AcceptanceRate()), STEPS, 3).tolist() == [0.75]
    assert run(Difference(AcceptanceRate(), 1, 0), STEPS, 3).tolist() == [-0.25]
    assert run(Difference(AcceptanceRate(), 0, 1), STEPS, 3).tolist() == [0.25]
    assert run(Ratio(AcceptanceRate(), 1, 0), STEPS, 3).tolist() == [0.5]


def test_undefined_groups_make_comparisons_undefined():
    assert np.isnan(run(Gap(AcceptanceRate()), STEPS, 4)).all()
    assert np.isnan(run(Difference(AcceptanceRate(), 0, 3), STEPS, 4)).all()
    assert run(Difference(AcceptanceRate(), 0, 1), STEPS, 4).tolist() == [0.25], "group 3 is not compared"
    assert np.isnan(run(Ratio(AcceptanceRate(), 0, 1), [(0, 1), (1, 0)])).all(), "the rate of group 1 is 0"


def test_gap_of_something_that_is_no_rate():
    assert run(Gap(GroupUtility()), [(0, 1, 1, 2.0), (1, 1, 1, -1.0)]).tolist() == [3.0]


def test_window_by_hand():
    steps = [(0, 1), (0, 0), (0, 1), (0, 1), (1, 0)]
    windows = [run(Window(AcceptanceRate(), 3), steps[:count]).tolist()[0] for count in range(1, 6)]
    np.testing.assert_array_equal(windows, [[1, np.nan], [1 / 2, np.nan], [2 / 3, np.nan], [2 / 3, np.nan], [1, 0]])
    np.testing.assert_array_equal(run(Window(AcceptanceRate(), 1), steps), [[np.nan, 0]])


def test_window_forgets_what_was_hidden():
    hidden = [(0, 0, -1), (0, 1, 1), (0, 1, 1)]
    assert np.isnan(run(Window(TruePositiveRate(), 3), hidden)[0, 0])
    assert run(Window(TruePositiveRate(), 2), hidden)[0, 0] == 1
    assert np.isnan(run(Discounted(TruePositiveRate(), 0.5), hidden)[0, 0])


def test_discounted_by_hand():
    # Weights of group 0: 1/4, 1/2, 1; accepted the first and the last.
    assert run(Discounted(AcceptanceRate(), 0.5), [(0, 1), (0, 0), (0, 1)])[0, 0] == 1.25 / 1.75
    assert run(Discounted(AcceptanceRate(), 1.0), [(0, 1), (0, 0), (0, 1)])[0, 0] == 2 / 3
    assert run(Discounted(AcceptanceRate(), 0.0), [(0, 1), (0, 0), (0, 1)])[0, 0] == 1
    # The steps of group 1 age group 0 too: weights 1/8 and 1.
    assert run(Discounted(AcceptanceRate(), 0.5), [(0, 1), (1, 1), (1, 1), (0, 0)])[0, 0] == 0.125 / 1.125


def test_discounted_rate_of_a_group_that_nobody_comes_from_stays():
    steps = [(0, 1), (0, 0)] + [(1, 1)] * 3000
    assert run(Discounted(AcceptanceRate(), 0.5), steps).tolist() == [[1 / 3, 1.0]], "0.5 ** 3000 is 0 in floats"


@pytest.mark.parametrize("m", [1, 5])
def test_window_and_discounted_against_brute_force(m):
    rng = np.random.default_rng(1)
    lanes, groups, steps, width, discount = 4, 3, 60, 7, 0.9
    window, discounted = Window(AcceptanceRate(), width), Discounted(AcceptanceRate(), discount)
    window.reset(lanes, groups)
    discounted.reset(lanes, groups)
    seen = [[] for _ in range(lanes)]
    for _ in range(steps):
        outcome = {"group": rng.integers(0, groups, (lanes, m)), "decision": rng.integers(0, 2, (lanes, m))}
        live = rng.random(lanes) < 0.7
        window.update(outcome, live)
        discounted.update(outcome, live)
        for lane in np.flatnonzero(live):
            seen[lane].append((outcome["group"][lane], outcome["decision"][lane]))
        for lane in range(lanes):
            for group in range(groups):
                last = [d for cohort in seen[lane][-width:] for g, d in zip(*cohort, strict=True) if g == group]
                expected = sum(last) / len(last) if last else np.nan
                np.testing.assert_array_equal(window.compute()[lane, group], expected)
    for lane in range(lanes):
        for group in range(groups):
            weights = [(discount**age, d) for age, cohort in enumerate(reversed(seen[lane]))
                       for g, d in zip(*cohort, strict=True) if g == group]  # fmt: skip
            expected = sum(w * d for w, d in weights) / sum(w for w, _ in weights)
            assert discounted.compute()[lane, group] == pytest.approx(expected, rel=1e-13)


def test_combinators_compose():
    steps = [(0, 0), (1, 0), (0, 1), (1, 0), (0, 1), (1, 1)]
    assert run(Gap(Window(AcceptanceRate(), 4)), steps).tolist() == [0.5]
    assert run(Difference(Discounted(AcceptanceRate(), 0.0), 1, 0), steps).tolist() == [0.0]
    assert run(Ratio(Window(TruePositiveRate(), 4), 1, 0), steps).tolist() == [0.5]
    assert Gap(Window(TruePositiveRate(), 100)).requires == ("group", "decision", "qualified")


def test_one_tracker_may_be_used_in_several():
    rate = GroupUtility()
    gap, difference = Gap(rate), Difference(rate, 0, 1)
    for tracker in (rate, gap, difference):
        tracker.reset(1, 2)
    for tracker in (rate, gap, difference):
        tracker.update(step(0, 1, 1, 2.0), np.ones(1, bool))
    assert rate.compute().tolist() == [[2.0, 0.0]]
    assert gap.compute().tolist() == difference.compute().tolist() == [2.0]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Gap(TruePositiveRate), "the class TruePositiveRate"),
        (lambda: Gap("tpr"), "given a str"),
        (lambda: Window(Gap(TruePositiveRate()), 3), "given a Gap, but needs a GroupRate object"),
        (lambda: Window(Utility(), 3), "GroupRate"),
        (lambda: Window(Window(AcceptanceRate(), 3), 3), "GroupRate"),
        (lambda: Window(AcceptanceRate(), 0), "steps of Window=0"),
        (lambda: Window(AcceptanceRate(), 2.5), "whole number"),
        (lambda: Discounted(AcceptanceRate(), 1.5), "discount of Discounted=1.5"),
        (lambda: Discounted(AcceptanceRate(), float("nan")), "not finite"),
        (lambda: Discounted(Gap(Precision()), 0.5), "GroupRate"),
        (lambda: Difference(AcceptanceRate(), 1, 1), "with itself"),
        (lambda: Ratio(AcceptanceRate(), -1, 0), "a group of Ratio=-1"),
        (lambda: Difference(AcceptanceRate(), 0, 2).reset(1, 2), "a group of Difference=2"),
        (lambda: SimpsonDecomposition(10, groups=(0, 2)).reset(1, 2), "a group of SimpsonDecomposition=2"),
        (lambda: SimpsonDecomposition(10, groups=(0, 1, 2)), "not a pair"),
        (lambda: SimpsonDecomposition(10, groups=(1, 1)), "with itself"),
        (lambda: SimpsonDecomposition(0), "period of SimpsonDecomposition=0"),
        (lambda: SimpsonDecomposition(10, Window(AcceptanceRate(), 3)), "GroupRate"),
        (lambda: Gap(Utility()).reset(1, 2), "one value per group"),
        (lambda: Gap(ConfusionCounts()).reset(1, 2), "one value per group"),
        (lambda: Gap(Gap(AcceptanceRate())).reset(1, 2), "one value per group"),
    ],
)
def test_bad_input_is_refused_by_name(build, words):
    with pytest.raises(InputError, match=words):
        build()
