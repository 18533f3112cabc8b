"""Simpson's decomposition: tables worked by hand, exact arithmetic, and the stream against the table."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from fairgym.checks import InputError
from fairgym.metrics import AcceptanceRate, GroupRate, MeanUtility, SimpsonDecomposition, simpson_decomposition
from fairgym.metrics.simpson import PeriodSums, critical_z, decompose, one_period

# Two years, equal rates of .8 and .2 in each, groups falling into different years: (accepted, qualified) by year.
TWO_YEARS = ([[80, 16], [20, 36]], [[100, 20], [100, 180]])

# Kidney stones (Charig et al. 1986): treatment a is better for small and for large stones and worse over both.
KIDNEYS = ([[81, 234], [192, 55]], [[87, 270], [263, 80]])


def close(value):
    """Rounding errors only: the identity is promised to 1e-12."""
    return pytest.approx(value, rel=0, abs=1e-12)


def test_equal_rates_in_each_period_unequal_in_the_aggregate():
    parts = simpson_decomposition(*TWO_YEARS)
    # Aggregates 100/200 and 52/200; shares of the years .5 .5 and .1 .9: composition .4 * .8 - .4 * .2.
    assert parts["aggregate"] == close(0.24)
    assert parts["within"] == close(0)
    assert parts["composition"] == close(0.24)
    assert parts["flag"] == 1
    assert parts["largest_period_z"] == 0
    # Pooled rate 152/400 = .38, variance .38 * .62 * (1/200 + 1/200) = .002356.
    assert parts["aggregate_z"] == close(0.24 / 0.002356**0.5)


def test_better_in_each_period_worse_in_the_aggregate():
    parts = simpson_decomposition(*KIDNEYS)
    assert parts["aggregate"] == close(273 / 350 - 289 / 350)
    within = 357 / 700 * (81 / 87 - 234 / 270) + 343 / 700 * (192 / 263 - 55 / 80)
    assert parts["within"] == close(within)
    assert within == pytest.approx(0.0537, abs=5e-5), "positive, against an aggregate of -.0457"
    # Pooled rates of the two sizes 315/357 and 247/343, weights 357/700 and 343/700.
    small = (357 / 700) ** 2 * (315 / 357) * (42 / 357) * (1 / 87 + 1 / 270)
    large = (343 / 700) ** 2 * (247 / 343) * (96 / 343) * (1 / 263 + 1 / 80)
    assert parts["within_z"] == close(within / (small + large) ** 0.5)
    assert (abs(parts["aggregate_z"]) < 1.96, abs(parts["within_z"]) < 1.96) == (True, True)
    assert parts["flag"] == 1, "the classical case: better in each size of stone, worse in the aggregate"
    assert simpson_decomposition(*KIDNEYS, sampled=True)["flag"] == 0, "700 patients cannot tell either sign from zero"
    assert simpson_decomposition(*10 * np.array(KIDNEYS), sampled=True)["flag"] == 1


def test_one_sign_within_its_error_is_no_opposition():
    # Period 1 of group a is a little worse, its composition far better: the within part may be noise.
    parts = simpson_decomposition([[719, 82], [40, 360]], [[900, 100], [100, 900]], sampled=True)
    assert parts["aggregate"] > 0 > parts["within"]
    assert abs(parts["aggregate_z"]) > 1.96 > abs(parts["within_z"])
    assert parts["flag"] == 1, "by the second rule: the gaps inside periods are within their errors"
    of_amounts = simpson_decomposition([[719, 82], [40, 360]], [[900, 100], [100, 900]], proportion=False)
    assert of_amounts["flag"] == 1, "by the first rule: without errors the signs decide"
    assert np.isnan(of_amounts["within_z"])
    few = simpson_decomposition([[7.19, 0.82], [0.4, 3.6]], [[9, 1], [1, 9]], sampled=True)
    assert few["aggregate"] > 0 > few["within"]
    assert few["flag"] == 0, "a hundredth of the people: both are within their errors"


def test_groups_are_signed():
    there, back = simpson_decomposition(*KIDNEYS), simpson_decomposition(*KIDNEYS, groups=(1, 0))
    for part in ("aggregate", "within", "composition", "aggregate_z"):
        assert back[part] == close(-there[part])


def test_a_gap_inside_every_period_is_not_flagged():
    parts = simpson_decomposition([[90, 50], [80, 40]], [[100, 100], [100, 100]])
    assert (parts["aggregate"], parts["within"]) == (close(0.4), close(0.4))
    assert parts["composition"] == close(0)
    # First year: pooled .7, variance .7 * .3 / 50; second: .6 * .4 / 50. The first z is the larger.
    assert parts["largest_period_z"] == close(0.4 / (0.7 * 0.3 / 50) ** 0.5)
    assert parts["flag"] == 0


def test_an_aggregate_gap_within_its_error_is_not_flagged():
    parts = simpson_decomposition([[5, 5], [5, 4]], [[10, 10], [10, 10]])
    assert abs(parts["aggregate_z"]) < 1.96
    assert parts["flag"] == 0


def test_period_errors_are_held_against_the_number_of_periods():
    # 60 of 100 against 45 of 100: pooled .525, z = .15 / sqrt(.525 * .475 / 50) = 2.124. One such period shows its gap
    # (> 1.96); of ten, each is within the Bonferroni bound of 2.807 while all together are not.
    one, ten = ([[60, 45]], [[100, 100]]), ([[60, 45]] * 10, [[100, 100]] * 10)
    assert simpson_decomposition(*one)["largest_period_z"] == close(0.15 / (0.525 * 0.475 / 50) ** 0.5)
    assert simpson_decomposition(*one)["flag"] == 0
    assert simpson_decomposition(*ten)["largest_period_z"] < critical_z(np.array(10))
    assert simpson_decomposition(*ten)["flag"] == 0, "all together show the gap that no single period shows"
    assert simpson_decomposition(*ten)["within_z"] == close(simpson_decomposition(*one)["largest_period_z"] * 10**0.5)
    np.testing.assert_allclose(critical_z(np.array([0, 1, 10])), norm.isf([0.025, 0.025, 0.0025]), rtol=1e-14)


def test_an_absent_group_lets_the_other_rate_stand_in():
    # Period 2 has nobody of group b: its rate .5 of group a stands in, so the period adds no gap inside.
    parts = simpson_decomposition([[8, 6], [5, 0]], [[10, 10], [10, 0]])
    assert parts["aggregate"] == close(0.65 - 0.6)
    assert parts["within"] == close((0.5 + 1) / 2 * (0.8 - 0.6))
    assert parts["composition"] == close((0.5 - 1) * 0.7 + (0.5 - 0) * 0.5)


def test_nobody_at_all_in_a_period_adds_nothing():
    assert simpson_decomposition([[8, 6], [0, 0]], [[10, 10], [0, 0]]) == simpson_decomposition([[8, 6]], [[10, 10]])


def test_undefined():
    absent = simpson_decomposition([[8, 0], [5, 0]], [[10, 0], [10, 0]])
    assert all(np.isnan(value) for value in absent.values())
    apart = simpson_decomposition([[8, 0], [0, 1]], [[10, 0], [0, 10]])
    assert (apart["aggregate"], apart["composition"], apart["within"]) == (close(0.7), close(0.7), 0)
    assert np.isnan(apart["flag"]), "no period has both groups"
    assert np.isnan(simpson_decomposition([[20, 15]], [[10, 10]], proportion=False)["flag"]), "not proportions"


RUNS, PERIODS = 4000, 200
LEVEL_RATE = np.full((PERIODS, 2), 0.5)
DRIFT = np.linspace(0.2, 0.8, PERIODS)[:, None] + np.zeros(2)


def flagged(rates, sizes):
    """Return the share of random runs, with these rates (periods, 2), that are flagged."""
    rng = np.random.default_rng(0)
    flags = []
    for _ in range(RUNS // 500):
        below = np.broadcast_to(np.asarray(sizes(rng), float), (500, PERIODS, 2))
        periods = one_period(rng.binomial(below.astype(int), rates).astype(float), below)
        sums = PeriodSums(*(part.sum(axis=1) for part in periods[:3]), periods.largest_z.max(axis=1))
        flags.append(decompose(sums)["flag"])
    return np.mean(flags)


def alike(rng):
    return 50


def random_sizes(rng):
    return rng.poisson(50, (500, PERIODS, 2))


@pytest.mark.parametrize(
    ("rates", "sizes", "at_most"),
    [
        pytest.param(LEVEL_RATE + np.array([0.05, -0.05]), alike, 0.0, id="a gap of .1 in every period"),
        pytest.param(LEVEL_RATE, alike, 0.0, id="no gap, equal periods"),
        pytest.param(LEVEL_RATE, random_sizes, 0.006, id="no gap, random periods"),
        pytest.param(DRIFT, random_sizes, 0.014, id="no gap, a rate that drifts"),
        pytest.param(DRIFT + np.array([0.005, -0.005]), random_sizes, 0.039, id="a gap of .01, a rate that drifts"),
    ],
)
def test_false_alarms(rates, sizes, at_most):
    """The measured rates that ``decompose`` prints; 4 standard errors allow for another generator."""
    assert flagged(rates, sizes) <= at_most + 4 * np.sqrt(at_most * (1 - at_most) / RUNS)


def test_groups_that_come_at_different_times_are_found():
    """The rate drifts from .2 to .8, group a comes late and b early: a gap of about .1, z about 20."""
    early = np.linspace(75, 25, PERIODS)
    assert flagged(DRIFT, lambda rng: rng.poisson(np.stack([early[::-1], early], axis=-1), (500, PERIODS, 2))) > 0.9


def test_expected_counts_need_not_be_whole():
    parts = simpson_decomposition([[0.08, 0.016], [0.02, 0.036]], [[0.1, 0.02], [0.1, 0.18]])
    assert (parts["aggregate"], parts["within"]) == (close(0.24), close(0))


def test_a_rounding_error_is_not_a_gap_of_the_other_sign():
    above = [[0.8, 0.8 * 0.2], [0.2, 0.36]]
    parts = simpson_decomposition(above, [[1, 0.2], [1, 1.8]])
    assert -1e-15 < parts["within"] < 0 < 0.2 < parts["aggregate"]
    assert abs(parts["aggregate_z"]) < 1.96
    assert parts["flag"] == 0


def test_no_gap_where_everybody_or_nobody_is_accepted():
    for accepted in (0, 10):
        parts = simpson_decomposition([[accepted, accepted]] * 2, [[10, 10]] * 2)
        assert (parts["largest_period_z"], parts["aggregate_z"], parts["flag"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("above", "below", "words"),
    [
        ([[1, 2]], [[1, 2, 3]], "two tables"),
        ([1, 2], [1, 2], "two tables"),
        ([[1, float("nan")]], [[1, 2]], "not finite"),
        ([[1, 1]], [[2, -1]], "cannot be negative"),
        ([[1]], [[2]], "a group of simpson_decomposition=1"),
        ([[5, 1]], [[3, 4]], "proportion=False"),
        ([[-1, 1]], [[3, 4]], "proportion=False"),
    ],
)
def test_bad_tables_are_refused(above, below, words):
    with pytest.raises(InputError, match=words):
        simpson_decomposition(above, below)


def kitagawa(above, below):
    """Return aggregate, within and composition in exact fractions, written as in the paper."""
    total = [sum(period[g] for period in below) for g in (0, 1)]
    aggregate = Fraction(sum(p[0] for p in above), total[0]) - Fraction(sum(p[1] for p in above), total[1])
    within = composition = Fraction(0)
    for a, n in zip(above, below, strict=True):
        if not any(n):
            continue
        rates = [Fraction(a[g], n[g]) if n[g] else Fraction(a[1 - g], n[1 - g]) for g in (0, 1)]
        shares = [Fraction(n[g], total[g]) for g in (0, 1)]
        within += (shares[0] + shares[1]) / 2 * (rates[0] - rates[1])
        composition += (shares[0] - shares[1]) * (rates[0] + rates[1]) / 2
    return aggregate, within, composition


@st.composite
def tables(draw):
    """Tables of 1 to 12 periods with 0 to 50 people a cell."""
    below = draw(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12))
    above = [tuple(draw(st.integers(0, n)) for n in period) for period in below]
    return above, below


@given(tables())
def test_the_identity_and_each_part_in_exact_arithmetic(table):
    above, below = table
    parts = simpson_decomposition(above, below)
    if not all(sum(period[g] for period in below) for g in (0, 1)):
        assert np.isnan(parts["aggregate"])
        return
    assert parts["within"] + parts["composition"] == close(parts["aggregate"])
    exact = kitagawa(above, below)
    assert exact[1] + exact[2] == exact[0]
    for name, value in zip(("aggregate", "within", "composition"), exact, strict=True):
        assert parts[name] == close(float(value))


class TableRate(GroupRate):
    """A rate whose counts are given, group by group."""

    def parts(self, outcome):
        return outcome["above"], outcome["below"]


@given(table=tables(), period=st.integers(1, 4), cut=st.integers(0, 3))
@settings(max_examples=50)
def test_the_stream_gives_the_table(table, period, cut):
    """Each period is fed in equal shares over its steps; the last period is cut short and counts all the same."""
    above, below = (np.array(part, float) for part in table)
    tracker = SimpsonDecomposition(period, TableRate())
    tracker.reset(1, 2)
    for index, (a, b) in enumerate(zip(above, below, strict=True)):
        steps = period - min(cut, period - 1) if index == len(above) - 1 else period
        for _ in range(steps):
            outcome = {"group": np.array([[0, 1]]), "above": a[None] / steps, "below": b[None] / steps}
            tracker.update(outcome, np.ones(1, bool))
    streamed, expected = tracker.compute(), simpson_decomposition(above, below)
    for name in ("aggregate", "within", "composition"):
        np.testing.assert_allclose(streamed[name], [expected[name]], rtol=0, atol=1e-12)
    # z grows with the square root of the counts (below 30 here), its rounding error with z.
    np.testing.assert_allclose(streamed["aggregate_z"], [expected["aggregate_z"]], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(streamed["largest_period_z"], [expected["largest_period_z"]], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(streamed["within_z"], [expected["within_z"]], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("cohort", [None, 6])
def test_a_long_stream_against_brute_force(cohort):
    """Lanes with different reset steps; every value recomputed from the recorded people of the lane's live steps."""
    rng = np.random.default_rng(2)
    lanes, steps, period = 3, 500, 30
    shape = (lanes,) if cohort is None else (lanes, cohort)
    tracker = SimpsonDecomposition(period, AcceptanceRate(), groups=(2, 0))
    tracker.reset(lanes, 3)
    seen = [[] for _ in range(lanes)]
    for _ in range(steps):
        outcome = {"group": rng.integers(0, 3, shape), "decision": rng.integers(0, 2, shape)}
        live = rng.random(lanes) < [1.0, 0.8, 0.3]
        tracker.update(outcome, live)
        for lane in np.flatnonzero(live):
            people = np.atleast_1d(outcome["group"][lane]), np.atleast_1d(outcome["decision"][lane])
            seen[lane].append(list(zip(*people, strict=True)))
    streamed = tracker.compute()
    for lane in range(lanes):
        periods = [seen[lane][start : start + period] for start in range(0, len(seen[lane]), period)]
        people = [[person for step in one for person in step] for one in periods]
        below = [[sum(g == group for g, _ in one) for group in range(3)] for one in people]
        above = [[sum(d for g, d in one if g == group) for group in range(3)] for one in people]
        expected = simpson_decomposition(above, below, groups=(2, 0), sampled=True)
        for name, values in streamed.items():
            assert values[lane] == close(expected[name]), name


def test_identity_over_many_periods():
    rng = np.random.default_rng(3)
    tracker = SimpsonDecomposition(1, AcceptanceRate())
    tracker.reset(50, 2)
    for _ in range(5000):
        outcome = {"group": rng.integers(0, 2, (50, 3)), "decision": rng.integers(0, 2, (50, 3))}
        tracker.update(outcome, np.ones(50, bool))
    parts = tracker.compute()
    np.testing.assert_allclose(parts["within"] + parts["composition"], parts["aggregate"], rtol=0, atol=1e-12)


def test_hidden_truth_makes_everything_unknown():
    tracker = SimpsonDecomposition(2)
    tracker.reset(1, 2)
    for decision, qualified in ((1, 1), (0, -1), (1, 1), (1, 0)):
        outcome = {"group": np.array([[0, 1]]), "decision": np.array([[1, decision]])}
        tracker.update(outcome | {"qualified": np.array([[1, qualified]])}, np.ones(1, bool))
    assert all(np.isnan(value).all() for value in tracker.compute().values())


def test_amounts_are_decomposed_but_not_tested():
    tracker = SimpsonDecomposition(1, MeanUtility())
    tracker.reset(1, 2)
    for utility in ([0.5, 0.25], [0.75, 0.5]):
        tracker.update({"group": np.array([[0, 1]]), "utility": np.array([utility])}, np.ones(1, bool))
    parts = tracker.compute()
    assert parts["aggregate"].tolist() == parts["within"].tolist() == [0.25]
    assert np.isnan([parts["flag"], parts["aggregate_z"], parts["within_z"], parts["largest_period_z"]]).all()
