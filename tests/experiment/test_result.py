"""The tidy frame and its statistics, against numbers worked by hand and against SciPy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.agents import RandomAgent
from fairgym.checks import InputError
from fairgym.metrics import AcceptanceRate
from fairgym.result import COLUMNS, RESAMPLES, Result, compare, estimate, tidy
from tests.experiment.small import experiment, result

NAN = float("nan")


def test_a_tidy_frame_by_hand():
    records = [(0, "money", np.array([1.0, 2.0])), (5, "rate", np.array([[0.1, 0.2], [0.3, NAN]]))]
    frame = tidy("mine", 40, records, ("a", "b"))
    rows = [
        ("mine", 40, 0, "money", "", 1.0),
        ("mine", 40, 5, "rate", "a", 0.1),
        ("mine", 40, 5, "rate", "b", 0.2),
        ("mine", 41, 0, "money", "", 2.0),
        ("mine", 41, 5, "rate", "a", 0.3),
        ("mine", 41, 5, "rate", "b", NAN),
    ]
    pd.testing.assert_frame_equal(frame, pd.DataFrame(rows, columns=list(COLUMNS)))


def test_the_frame_of_a_run_is_tidy():
    frame = experiment(every=[10]).run().frame
    assert tuple(frame.columns) == COLUMNS
    assert not frame.duplicated(["experiment", "lane", "step", "metric", "group"]).any()
    assert set(frame["lane"]) == {7, 8, 9, 10, 11}
    assert set(frame.loc[frame["metric"] == "profit", "group"]) == {""}
    assert set(frame.loc[frame["metric"] == "loans", "group"]) == {"advantaged", "disadvantaged"}
    assert frame["value"].dtype == np.float64
    assert frame["lane"].dtype == frame["step"].dtype == np.int64


def test_mean_and_standard_error_by_hand():
    """Deviations -2, -1, 0, 3: squares sum to 14, so the variance is 14/3 and the standard error sqrt(14/12)."""
    one = result(money=[1, 2, 3, 6]).estimate("money")
    assert one.mean == 3
    assert one.standard_error == pytest.approx(math.sqrt(14 / 12), rel=1e-14)
    assert one.lanes == 4
    assert one.low < 3 < one.high


def test_undefined_lanes_are_left_out():
    with_gaps, without = result(money=[1, NAN, 2, 3, NAN, 6]), result(money=[1, 2, 3, 6])
    assert with_gaps.estimate("money") == without.estimate("money")
    pd.testing.assert_frame_equal(with_gaps.summary(), without.summary())


def test_summary_is_the_estimate_of_every_metric():
    rng = np.random.default_rng(3)
    some = rng.normal(size=30)
    some[[3, 8]] = NAN
    few = np.full(30, NAN)
    few[:2] = [1.0, 2.0]
    given = result(everywhere=rng.normal(size=30), some=some, few=few, nowhere=[NAN] * 30)
    summary = given.summary().set_index("metric")
    assert list(given.summary().columns) == [
        *("experiment", "step", "metric", "group", "mean", "standard_error", "low", "high", "lanes")
    ]
    for metric in ("everywhere", "some", "few", "nowhere"):
        one = given.estimate(metric)
        for name in ("mean", "standard_error", "low", "high", "lanes"):
            np.testing.assert_allclose(summary.loc[metric, name], getattr(one, name), rtol=1e-12, err_msg=metric)
    assert summary.loc["few", "lanes"] == 2
    assert summary.loc["few", ["low", "high"]].tolist() == [1.0, 2.0]
    assert summary.loc["nowhere", ["mean", "standard_error", "low", "high"]].isna().all()


@pytest.mark.parametrize("values", [[], [NAN], [5.0], [5.0, NAN]])
def test_one_lane_has_no_error_and_no_interval(values):
    one = estimate(np.array(values))
    assert one.lanes == np.isfinite(values).sum()
    assert one.mean == 5 if one.lanes else math.isnan(one.mean)
    assert all(map(math.isnan, (one.standard_error, one.low, one.high)))


def test_equal_lanes_have_an_interval_of_no_width():
    one = estimate(np.full(20, 0.1))
    assert (one.mean, one.low, one.high) == (pytest.approx(0.1, rel=1e-15),) * 3
    assert one.standard_error == pytest.approx(0, abs=1e-17)


@pytest.mark.parametrize("sample", ["normal", "exponential", "bernoulli"])
def test_the_interval_is_the_percentile_bootstrap_of_scipy(sample):
    """Both ends within 4 standard errors of the Monte Carlo difference.

    An estimated 2.5 % quantile of B resampled means has the standard error sqrt(.025 * .975 / B) over the density
    there, .0584 / SE: .060 SE with our 2,000 resamples, .019 SE with SciPy's 20,000, together .063 SE.
    """
    rng = np.random.default_rng(11)
    values = {
        "normal": rng.normal(1e6, 1, 60),
        "exponential": rng.exponential(size=60),
        "bernoulli": rng.integers(0, 2, 60).astype(float),
    }[sample]
    ours = estimate(values)
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(5)
    ).confidence_interval
    assert RESAMPLES == 2_000
    tolerance = 4 * 0.063 * ours.standard_error
    assert abs(ours.low - theirs.low) < tolerance
    assert abs(ours.high - theirs.high) < tolerance
    assert ours.high - ours.low > 3 * ours.standard_error


@settings(max_examples=50, deadline=None)
@given(
    values=st.lists(st.floats(-1e6, 1e6) | st.just(NAN), min_size=1, max_size=12),
    shift=st.floats(-1e3, 1e3),
    scale=st.floats(0.01, 100),
)
def test_estimates_move_with_their_values(values, shift, scale):
    array = np.array(values)
    one, moved = estimate(array), estimate(array * scale + shift)
    defined = array[~np.isnan(array)]
    tolerance = 1e-9 * (1 + np.abs(np.append(defined, 0)).max()) * max(1, scale) + 1e-9 * abs(shift)
    assert one.lanes == moved.lanes == defined.size
    if defined.size:
        assert one.mean == pytest.approx(defined.mean(), abs=tolerance)
        assert moved.mean == pytest.approx(one.mean * scale + shift, abs=tolerance)
    if defined.size > 1:
        assert one.standard_error == pytest.approx(defined.std(ddof=1) / math.sqrt(defined.size), abs=tolerance)
        assert defined.min() - tolerance <= one.low <= one.mean + tolerance
        assert one.mean - tolerance <= one.high <= defined.max() + tolerance
        assert (moved.low, moved.high) == pytest.approx(
            (one.low * scale + shift, one.high * scale + shift), abs=tolerance
        )


def test_curve_is_the_estimate_of_every_step():
    run = experiment(agent=RandomAgent(0.5), num_envs=12, every=10).run()
    curve = run.curve("profit")
    assert list(curve.index) == [0, 10, 20, 30, 40]
    for step in curve.index:
        one = run.estimate("profit", step=step)
        np.testing.assert_allclose(curve.loc[step, "low"], one.low, rtol=1e-12)
        np.testing.assert_allclose(curve.loc[step, "standard_error"], one.standard_error, rtol=1e-12)


def test_compare_by_hand():
    """Differences 2, 3, 1: mean 2, variance 1. Either side has variance 1, so unpaired it would be 2: twice."""
    a, b = result(money=[3, 5, 4]), result(money=[1, 2, 3])
    ahead, behind = compare(a, b, "money"), compare(b, a, "money")
    assert ahead.difference.mean == 2
    assert ahead.difference.standard_error == pytest.approx(1 / math.sqrt(3), rel=1e-14)
    assert ahead.difference.lanes == 3
    assert ahead.variance_reduction == pytest.approx(2, rel=1e-14)
    assert ahead.lanes_above == 1
    assert behind.difference.mean == -2
    assert (behind.difference.low, behind.difference.high) == (
        pytest.approx(-ahead.difference.high, abs=0.1),
        pytest.approx(-ahead.difference.low, abs=0.1),
    )
    assert behind.lanes_above == 0


def test_pairing_can_be_worse_than_nothing():
    """Differences -2, 0, 2 have variance 4, the sides have 1 each: opposite luck costs a factor of two."""
    assert compare(result(money=[1, 2, 3]), result(money=[3, 2, 1]), "money").variance_reduction == pytest.approx(0.5)


def test_only_common_and_defined_lanes_are_compared():
    a, b = result(seed=0, money=[9, 3, 5, 4, NAN]), result(seed=1, money=[1, 2, 3, 7, 8])
    both = compare(a, b, "money")
    assert both.difference.mean == 2
    assert both.difference.lanes == 3


def test_equal_lanes_compare_equal():
    same = compare(result(money=[1, 2]), result(money=[1, 2]), "money")
    assert (same.difference.mean, same.lanes_above, same.variance_reduction) == (0, 0, math.inf)
    assert math.isnan(compare(result(money=[1, 1]), result(money=[1, 1]), "money").variance_reduction)


def test_one_common_lane_has_a_difference_without_an_error():
    one = compare(result(money=[3]), result(money=[1]), "money")
    assert one.difference.mean == 2
    assert math.isnan(one.difference.standard_error)
    assert math.isnan(one.variance_reduction)


def test_lanes_that_are_undefined_everywhere_compare_as_undefined():
    nothing = compare(result(money=[NAN, 1]), result(money=[1, NAN]), "money")
    assert nothing.difference.lanes == 0
    assert math.isnan(nothing.difference.mean)
    assert math.isnan(nothing.lanes_above)


def test_common_random_numbers_save_lanes():
    """Acceptance rates of .5 and .6 on the same luck, all people together.

    One decision has the variance .25 or .24; their difference, accepted by one rate and not by the other, .1 * .9. So
    pairing saves (.25 + .24) / .09 = 5.44. Two variances of 400 lanes have standard errors of 7 % each, their ratio of
    about 10 %; the range is four of them.
    """
    runs = [
        experiment(
            agent=RandomAgent(rate), trackers={"rate": Everybody()}, num_envs=400, steps=50, env_params=FROZEN
        ).run()
        for rate in (0.6, 0.5)
    ]
    both = compare(*runs, "rate", group="advantaged")
    assert 0.6 * 5.44 < both.variance_reduction < 1.4 * 5.44
    assert both.difference.mean == pytest.approx(0.1, abs=4 * both.difference.standard_error)
    assert both.difference.standard_error < 0.004


FROZEN = {"score_moves": False}


class Everybody(AcceptanceRate):
    """The acceptance rate of everybody, shown for both groups."""

    def parts(self, outcome):
        return outcome["decision"], np.ones_like(outcome["decision"])

    def compute(self):
        rate = self.numerator.sum(axis=1) / np.maximum(self.denominator.sum(axis=1), 1)
        return np.repeat(rate[:, None], self.num_groups, axis=1)


def test_names_may_be_left_out_where_there_is_only_one():
    two = Result.concat([result(experiment="a", money=[1, 2]), result(experiment="b", money=[3, 4])])
    assert two.experiments == ["a", "b"]
    assert two.metrics == ["money"]
    assert two.values("money", experiment="b").tolist() == [3, 4]
    with pytest.raises(InputError, match="experiment is needed: there are 'a', 'b'"):
        two.values("money")
    assert [config["name"] for config in two.config["experiments"]] == ["a", "b"]


def test_a_lane_that_is_there_twice_is_refused():
    twice = Result.concat([result(money=[1, 2]), result(money=[3, 4])])
    for ask in (lambda: twice.estimate("money"), twice.summary):
        with pytest.raises(InputError, match="holds a lane twice"):
            ask()


def test_results_that_end_at_different_steps_are_not_compared_by_accident():
    a, b = result(step=10, money=[1, 2]), result(step=20, money=[1, 2])
    with pytest.raises(InputError, match="end at steps 10 and 20: give a step that both recorded"):
        compare(a, b, "money")
