"""Means and ratios of means over lanes, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairgym.result import Result
from fairgym.scenarios.estimates import over_lanes, quotient
from fairgym.scenarios.recourse_over_time.measures import break_even, least


def test_a_mean_leaves_out_lanes_in_which_nothing_is_known():
    assert over_lanes(np.array([1.0, 3.0, np.nan])).value == 2


def test_a_quotient_is_that_of_the_means_over_the_same_lanes():
    """(1 + 3) over (2 + 6): the third lane has no number below the line."""
    assert quotient(np.array([1.0, 3.0, 9.0]), np.array([2.0, 6.0, np.nan])).value == pytest.approx(0.5)


def test_a_quotient_of_proportional_numbers_is_exact_and_one_of_others_is_not():
    """Where one is half of the other in every lane, the ratio does not vary, though both of them do."""
    below = np.linspace(1, 2, 40)
    exact = quotient(below / 2, below)
    assert (exact.low, exact.high) == pytest.approx((0.5, 0.5))
    above = np.full(40, 0.75)
    found, fixed = quotient(above, below), over_lanes(above / below.mean())
    assert fixed.low == fixed.high, "as if the mean below the line were known"
    error = 0.5 * below.std(ddof=1) / np.sqrt(40) / 1.5
    assert (found.high - found.low) / 3.92 == pytest.approx(error, rel=0.1)


@pytest.mark.parametrize(("above", "below"), [([1.0, 2.0], [1.0, -1.0]), ([np.nan], [1.0])])
def test_a_quotient_that_is_undefined_is_not_known(above, below):
    assert not quotient(np.array(above), np.array(below)).known


def test_the_least_of_several_rules_is_unknown_if_one_of_them_is():
    frame = pd.DataFrame(
        [(rule, lane, 1, "kept", "", value) for rule, of in (("a", (0.9, 0.5)), ("b", (0.7, np.nan)))
         for lane, value in enumerate(of)],
        columns=["experiment", "lane", "step", "metric", "group", "value"],
    )  # fmt: skip
    result = Result(frame, {"experiments": [{"env_params": {"interest": 0.1, "default_loss": 0.3}}]})
    assert least(result, "kept", ["a"]).value == 0.5
    assert not least(result, "kept", ["a", "b"]).known
    assert break_even(result) == pytest.approx(0.75), "three repaid loans earn what one loses"
