"""How the numbers of the claims are measured."""

from __future__ import annotations

import math

import numpy as np

from fairgym.checks import require
from fairgym.result import Numbers, Result, estimate
from fairgym.scenarios.base import Measurement
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.gaming_admissions.names import (
    ACCURACY,
    BURDEN,
    CHEAP,
    CONTINUOUS,
    DEAR,
    EVERYBODY,
    FIXED,
    GROUPS,
    LATER,
    NOISELESS,
    NOISY,
    REGIMES,
    ROBUST,
    ROBUST_AS_PUBLISHED,
    STATIC,
    STATIC_AS_PUBLISHED,
    exact_value,
    learned,
    measured,
    name,
    published_world,
)
from fairgym.scenarios.gaming_admissions.published import (
    ARCHIVED_CURVE_LANES,
    ARCHIVED_CURVES,
    ARCHIVED_THRESHOLDS,
    FIGURE_CURVES,
    FIGURE_THRESHOLDS,
    FIGURE_THRESHOLDS_AT,
    LINE_ERROR,
    READING_ERROR,
)

AS_PUBLISHED = {STATIC: STATIC_AS_PUBLISHED, ROBUST: ROBUST_AS_PUBLISHED}
"""The colleges that the archived program has in a defective form only."""
RISING = np.linspace(0.56, 1.0, 45)
"""Thresholds from just above that of eligibility up."""
HALF_A_PERSON = 1e-5
"""Resolution of a rate over 100 lanes of 30 rounds, where nobody or everybody counts and no error shows."""
FINE = np.linspace(0.5, 1.0, 501)


def spread_of_runs(values: Numbers) -> float:
    """Return the standard deviation over lanes, NaN for one lane."""
    return float(values.std(ddof=1)) if len(values) > 1 else math.nan


def above(result: Result, regime: str, upper: str, lower: str) -> Numbers:
    """Return by how much the threshold of one college is above that of another at the end, lane by lane."""
    return learned(result, regime, upper) - learned(result, regime, lower)


def static_above_true(result: Result) -> Measurement:
    """C1: how far the static threshold lies above that of eligibility."""
    return over_lanes(learned(result, NOISELESS, STATIC) - 0.55)


def least_step_up(result: Result) -> Measurement:
    """C1: the smallest step from static to continuous and from continuous to robust in any lane, without noise."""
    steps = (above(result, NOISELESS, CONTINUOUS, STATIC), above(result, NOISELESS, ROBUST, CONTINUOUS))
    return Measurement.exact(float(np.min(steps)))


def robust_minus_continuous(result: Result, later: bool = False) -> Measurement:
    """C2: how far the continuous college stays below the robust one under noise, paired."""
    tail = f", {LATER}" if later else ""
    return over_lanes(above(result, NOISY, ROBUST + tail, CONTINUOUS + tail))


def rest_below_robust(result: Result) -> Measurement:
    """C2: how far below the robust limit the continuous college comes to rest under noise."""
    world = published_world(NOISY)
    return Measurement.exact(world.robust_limit() - world.resting_point())


def halved_distance(result: Result) -> Measurement:
    """C2: robust minus continuous threshold without noise, minus the same with noise."""
    return over_lanes(above(result, NOISELESS, ROBUST, CONTINUOUS) - above(result, NOISY, ROBUST, CONTINUOUS))


def gain_of_robust(result: Result) -> Measurement:
    """C3: accuracy over the whole run of the robust college minus the better of the others, where it gains least."""
    gains = []
    for regime in REGIMES:
        robust = measured(result, ACCURACY, regime, ROBUST)
        gains += [over_lanes(robust - measured(result, ACCURACY, regime, one)) for one in (STATIC, CONTINUOUS)]
    return Measurement.least(gains)


def distance_of_peaks(result: Result) -> Measurement:
    """C3: the largest distance of a group's most accurate threshold from .55 + 1 / cost, without noise."""
    world = published_world(NOISELESS)
    peaks = FINE[world.accuracy(FINE).argmax(axis=0)]
    return Measurement.exact(float(np.abs(peaks - (0.55 + 1 / world.law.cost)).max()))


def robust_below_peak(result: Result) -> Measurement:
    """C3: the best possible accuracy of one threshold for all minus that at .55 + 1/5, without noise."""
    world = published_world(NOISELESS)
    best = world.accuracy_of_all(FINE).max()
    return Measurement.exact(float(best - world.accuracy_of_all(np.array([0.75]))[0]))


def slowest_rise_of_burden(result: Result) -> Measurement:
    """C4: the smallest rise of the social burden by .01 of threshold, in any group and regime."""
    return Measurement.exact(
        float(min(np.diff(published_world(regime).burden(RISING), axis=0).min() for regime in REGIMES))
    )


def ratio_of_burdens(result: Result) -> Measurement:
    """C4: burden of the dearer group over that of the other, the value furthest from 2 in any regime."""
    ratios = []
    for regime in REGIMES:
        burden = published_world(regime).burden(RISING)
        ratios.append(burden[:, GROUPS.index(DEAR)] / burden[:, GROUPS.index(CHEAP)])
    everywhere = np.concatenate(ratios)
    return Measurement.exact(float(everywhere[np.abs(everywhere - 2).argmax()]))


def extra_burden_of_dear(result: Result) -> Measurement:
    """C5: social burden of the cost-10 group minus that of the other under the robust college, where it is most."""
    return Measurement.greatest(
        [
            over_lanes(measured(result, BURDEN, regime, ROBUST, DEAR) - measured(result, BURDEN, regime, ROBUST, CHEAP))
            for regime in REGIMES
        ]
    )


def distance_from_line(result: Result, regime: str, college: str) -> Measurement:
    """P: distance of the paper's threshold, that of one run, from our mean, in standard deviations of one run."""
    ours = learned(result, regime, AS_PUBLISHED.get(college, college))
    spread = np.hypot(spread_of_runs(ours) * np.sqrt(1 + 1 / len(ours)), LINE_ERROR)
    return Measurement.exact(float((FIGURE_THRESHOLDS[regime, college] - ours.mean()) / spread))


def distance_from_curves(result: Result, metric: str) -> Measurement:
    """P: the largest distance of a number read off the curves from the exact one, in standard deviations of one run."""
    distances = []
    for (regime, of, group), readings in FIGURE_CURVES.items():
        if of == metric:
            for threshold, reading in zip(FIGURE_THRESHOLDS_AT[metric], readings, strict=True):
                exact = exact_value(published_world(regime), metric, group, threshold)
                run = spread_of_runs(measured(result, metric, regime, threshold, group))
                distances.append(abs(reading - exact) / np.hypot(run, READING_ERROR / np.sqrt(3)))
    return Measurement.exact(float(np.max(distances)))


def distance_from_simulation(result: Result) -> Measurement:
    """X: the largest distance of the exact curves from the simulated ones, in standard errors."""
    distances = []
    for regime in REGIMES:
        for threshold in FIXED:
            for metric in (ACCURACY, BURDEN):
                for group in (*GROUPS, EVERYBODY):
                    ours = estimate(measured(result, metric, regime, threshold, group))
                    exact = exact_value(published_world(regime), metric, group, threshold)
                    distances.append(abs(ours.mean - exact) / np.hypot(ours.standard_error, HALF_A_PERSON))
    return Measurement.exact(float(np.max(distances)))


def distance_from_archived_curves(result: Result) -> Measurement:
    """T: the largest distance of the archived program's curves from the exact ones, in its standard errors."""
    distances = []
    for (regime, metric), means in ARCHIVED_CURVES.items():
        for threshold, mean in zip(FIXED, means, strict=True):
            exact = exact_value(published_world(regime), metric, EVERYBODY, threshold)
            error = spread_of_runs(measured(result, metric, regime, threshold)) / np.sqrt(ARCHIVED_CURVE_LANES)
            distances.append(abs(mean - exact) / np.hypot(error, 0.0005 / np.sqrt(3)))
    return Measurement.exact(float(np.max(distances)))


def distance_from_archived(result: Result, colleges: str) -> Measurement:
    """T: the largest distance of our mean threshold from the archived program's, in standard errors."""
    distances = []
    for (regime, college), (mean, spread, lanes) in ARCHIVED_THRESHOLDS.items():
        if (CONTINUOUS in college) == (colleges == CONTINUOUS):
            ours = estimate(learned(result, regime, AS_PUBLISHED.get(college, college)))
            distances.append(abs(ours.mean - mean) / np.hypot(ours.standard_error, spread / np.sqrt(lanes)))
    return Measurement.exact(float(np.max(distances)))


def extra_of_defect(result: Result, college: str, regime: str) -> Measurement:
    """D8: the threshold learned one round too late minus that learned in time, paired."""
    return over_lanes(above(result, regime, AS_PUBLISHED[college], college))


def largest_extra_for_robust(result: Result) -> Measurement:
    """D8: the same for the robust college, in the regime and lane where it is largest either way."""
    changes = [np.abs(above(result, regime, ROBUST_AS_PUBLISHED, ROBUST)).max() for regime in REGIMES]
    return Measurement.exact(float(max(changes)))


def deepest_fall(result: Result) -> Measurement:
    """N: the smallest change of the continuous threshold from one recorded round to the next, any lane and regime."""
    falls = []
    for regime in REGIMES:
        table = result.table("agent.threshold", experiment=name(regime, CONTINUOUS)).to_numpy(dtype=np.float64)
        changes = np.diff(table[:, 1:], axis=1)  # there is none before the first round
        require(changes.size > 0, "it needs at least two rounds.")
        falls.append(changes.min())
    return Measurement.exact(float(min(falls)))


def below_rest(result: Result) -> Measurement:
    """N: how far the continuous threshold at the end is below its resting point, without noise."""
    return over_lanes(published_world(NOISELESS).resting_point() - learned(result, NOISELESS, CONTINUOUS))


def line_minus_rest(result: Result) -> Measurement:
    """N: the paper's continuous threshold under noise minus the resting point."""
    return Measurement.exact(FIGURE_THRESHOLDS[NOISY, CONTINUOUS] - published_world(NOISY).resting_point())


def robust_limit(result: Result) -> Measurement:
    """C1: the best threshold against gaming, without noise."""
    return Measurement.exact(published_world(NOISELESS).robust_limit())
