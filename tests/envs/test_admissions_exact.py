"""Fixed thresholds in the admissions world against expectations by integration, in both regimes of the paper.

A true score s is normal (.5, .1), a test shows x = s + e with e = 0 or normal (0, .1) clipped to +-.35, somebody of
cost c who is below the threshold t raises x to it from ``t - 1 / c`` on, and eligible is who has s >= .55. The clipping
of s, and of x, to [0, 1] is left out of the integrals: it concerns five standard deviations, and in the noisy regime
x below 0 or above 1, 3.5 standard deviations of x, where only the burden of the eligible could notice; none is there.
"""

from itertools import pairwise

import gymnasium as gym
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from fairgym.metrics import Accuracy, ManipulationRate, Overall, SocialBurden, TrackerSet

MEAN, SPREAD, ELIGIBLE, COSTS = 0.5, 0.1, 0.55, (5, 10)
THRESHOLDS = (0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.90)
NOISELESS, NOISY = 0.0, 0.1
BOUND = 0.35
LANES, ROUNDS = 500, 60


def below(distance, error):
    """Return the chance that an error of the test is below ``distance``."""
    if distance <= -BOUND or distance > BOUND or error == 0:
        return float(distance > 0 if error == 0 else distance > BOUND)
    return norm.cdf(distance / error)


def shortfall(distance, error):
    """Return the expected positive part of ``distance`` minus the error: the integral of ``below`` up to it."""
    if error == 0:
        return max(distance, 0.0)

    def integral(z):
        return z * norm.cdf(z) + norm.pdf(z)

    inside = min(max(distance, -BOUND), BOUND)
    return error * (integral(inside / error) - integral(-BOUND / error)) + max(distance - BOUND, 0.0)


def over_scores(function, *kinks):
    """Return the expectation of a function of the true score, which is smooth but at the kinks."""
    edges = sorted({0.0, 1.0, ELIGIBLE, *(kink for kink in kinks if 0 < kink < 1)})

    def weighed(s):
        return function(s) * norm.pdf(s, MEAN, SPREAD)

    return sum(quad(weighed, a, b, epsabs=1e-9)[0] for a, b in pairwise(edges))


def expected(threshold, cost, error):
    """Return manipulation rate, accuracy and social burden (over all applicants) of one group."""
    reached = threshold - 1 / cost
    kinks = [at + shift for at in (threshold, reached) for shift in (-BOUND, 0, BOUND)]

    def right(s):
        rejected = below(reached - s, error)
        return 1 - rejected if s >= ELIGIBLE else rejected

    return (
        over_scores(lambda s: below(threshold - s, error) - below(reached - s, error), *kinks),
        over_scores(right, *kinks),
        over_scores(lambda s: cost * shortfall(threshold - s, error) * (s >= ELIGIBLE), *kinks),
    )


def measured(threshold, error, seed=0):
    """Return mean over lanes and standard error of each statistic: by group, and over everybody."""
    noise = {"noise": "gaussian", "noisy_features": True, "noise_spread": error} if error else {}
    env = gym.make_vec("StrategicClassificationEnv-v0", num_envs=LANES, **noise)
    kinds = (ManipulationRate, Accuracy, SocialBurden)
    trackers = TrackerSet(
        {kind.__name__: kind() for kind in kinds} | {f"all {kind}": Overall(kind()) for kind in kinds}
    )
    _, info = env.reset(seed=seed)
    trackers.reset(info, LANES, 2)
    for _ in range(ROUNDS):
        _, reward, *_, info = env.step(np.full((LANES, 1), threshold, np.float32))
        trackers.step(info, reward)
    values = list(trackers.values({}).values())
    by_lane = np.stack([np.column_stack(pair) for pair in zip(values[:3], values[3:], strict=True)])
    return by_lane.mean(axis=1), by_lane.std(axis=1, ddof=1) / LANES**0.5


@pytest.mark.parametrize("error", [NOISELESS, NOISY], ids=["noiseless", "noisy"])
@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_a_fixed_threshold_has_its_expected_rates(threshold, error):
    # Four standard errors of the mean over lanes; where nobody can be found (at .55 no eligible person is below), 1e-6.
    by_group = np.array([expected(threshold, cost, error) for cost in COSTS])
    wanted = np.column_stack([*by_group, by_group.mean(axis=0)])
    mean, standard_error = measured(threshold, error)
    assert (np.abs(mean - wanted) <= 4 * standard_error + 1e-6).all(), (mean, wanted, standard_error)


def test_the_integrals_without_noise_are_differences_of_the_normal():
    # Worked by hand: threshold .75, cost 5 reached from .55 on, so that exactly the eligible get in.
    manipulated, accuracy, burden = expected(0.75, 5, NOISELESS)
    assert accuracy == pytest.approx(1.0, abs=1e-6)
    assert manipulated == pytest.approx(norm.cdf(2.5) - norm.cdf(0.5), abs=1e-6)
    by_hand = 0.25 * (norm.cdf(2.5) - norm.cdf(0.5)) - 0.1 * (norm.pdf(0.5) - norm.pdf(2.5))
    assert burden == pytest.approx(5 * by_hand, abs=1e-6)
