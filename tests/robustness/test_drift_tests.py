"""The tests of a change against SciPy's own, by hand, and their false alarms."""

import math

import numpy as np
import pytest
from scipy import stats

from fairgym.checks import InputError
from fairgym.robustness import Adwin, PageHinkley, WindowTests
from fairgym.robustness.drift_tests import (
    counts_of,
    distribution_gap,
    gap_p_values,
    known_sorted,
    load_adwin,
    looks_in,
    page_bar,
    rate_p_values,
)


def test_a_gap_by_hand():
    """Of 1, 2, 3, 4 and 2.5, 3, 9: up to 2 are half of the first people and none of the others."""
    assert distribution_gap(np.array([1.0, 2, 3, 4]), np.array([9.0, 2.5, np.nan, 3])) == 0.5
    assert distribution_gap(np.array([1.0]), np.array([np.nan])) == 0.0
    assert distribution_gap(np.array([]), np.array([1.0])) == 0.0
    assert distribution_gap(np.array([0.0, 0]), np.array([0.0])) == 0.0


@pytest.mark.parametrize("rounded", [False, True], ids=["without ties", "with ties"])
def test_the_gap_is_that_of_scipy(rounded):
    random = np.random.default_rng(0)
    for size in (1, 2, 7, 40):
        first, last = random.normal(size=30), random.normal(0.3, size=size)
        if rounded:
            first, last = first.round(), last.round()
        expected = stats.ks_2samp(first, last, method="asymp").statistic
        assert distribution_gap(np.sort(first), last) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("first", "last"), [(100, 50), (500, 200), (1000, 200), (200, 200)])
@pytest.mark.parametrize("share", [0.12, 0.16, 0.2, 0.25])
def test_p_values_of_gaps_are_above_the_exact_ones_and_near_them(first, last, share):
    """So levels up to one in ten are kept: above the exact probability, and not far."""
    whole = math.lcm(first, last)
    gap = round(share * whole) / whole
    exact = stats._stats_py._attempt_exact_2kssamp(first, last, math.gcd(first, last), gap, "two-sided")[2]
    ours = float(gap_p_values(np.array(gap), np.array(first), np.array(last)))
    assert exact > 0.1 or exact <= ours < 1.6 * exact


def test_p_values_of_rates_are_fishers():
    """Twice the smaller tail of Fisher's exact test."""
    for hits in range(11):
        tails = [stats.fisher_exact([[hits, 10 - hits], [12, 18]], way).pvalue for way in ("less", "greater")]
        ours = rate_p_values(np.array(12.0), np.array(30.0), np.array(float(hits)), np.array(10.0))
        assert float(ours) == pytest.approx(min(1, 2 * min(tails)), rel=1e-9)
    assert rate_p_values(np.array(0.0), np.array(0.0), np.array(3.0), np.array(5.0)) == 1.0
    assert rate_p_values(np.array(2.0), np.array(9.0), np.array(0.0), np.array(0.0)) == 1.0


def test_counts_leave_out_the_unknown():
    hits, everybody = counts_of(np.array([[1.0, np.nan, 0, 1], [np.nan] * 4]))
    assert hits.tolist() == [2, 0]
    assert everybody.tolist() == [3, 0]
    assert known_sorted(np.array([[2.0, np.nan], [1.0, 3.0]])).tolist() == [1, 2, 3]


@pytest.mark.parametrize(("steps", "looks"), [(700, 1), (749, 1), (750, 2), (2000, 27)])
def test_looks_are_counted(steps, looks):
    assert looks_in(steps, 500, 200, 50) == looks


def prepared(detector, events, lanes=1, people=1, false_alarms=0.05, steps=1000):
    detector.prepare(np.array(events), lanes, people, false_alarms, steps)
    return detector


def feed(detector, values, live=None):
    """Give values (T, n, m, S) and return alarms and p-values of all steps, (T, n, S)."""
    everybody = np.ones(values.shape[1], dtype=bool)
    found = [detector.take(one, everybody if live is None else live[step]) for step, one in enumerate(values)]
    return np.array([one.alarm for one in found]), np.array([one.p_value for one in found])


def test_looks_come_when_the_window_is_full_and_then_every_so_many_steps():
    detector = prepared(WindowTests(10, 5, 3), [False, True], steps=40)
    values = np.random.default_rng(0).random((30, 1, 1, 2)).round()
    _, p_value = feed(detector, values)
    assert (np.flatnonzero(~np.isnan(p_value[:, 0, 0])) + 1).tolist() == [15, 18, 21, 24, 27, 30]
    assert detector.level == 0.05 / (2 * 9)


def test_a_look_compares_the_last_window_with_the_reference():
    detector = prepared(WindowTests(20, 10, 4), [False, True], lanes=2, people=3, steps=60)
    random = np.random.default_rng(1)
    values = random.normal(size=(38, 2, 3, 2))
    values[..., 1] = values[..., 1] > 0.3
    values[random.random(values.shape) < 0.2] = np.nan
    _, p_value = feed(detector, values)
    for lane in (0, 1):
        first, last = values[:20, lane], values[28:38, lane]
        number = [part[..., 0][~np.isnan(part[..., 0])] for part in (first, last)]
        gap = stats.ks_2samp(*number, method="asymp").statistic
        sizes = [len(part) for part in number]
        assert p_value[37, lane, 0] == pytest.approx(float(gap_p_values(np.array(gap), *map(np.array, sizes))))
        (hits, all_), (late, some) = counts_of(first[..., 1].ravel()), counts_of(last[..., 1].ravel())
        assert p_value[37, lane, 1] == pytest.approx(float(rate_p_values(hits, all_, late, some)))


def test_lanes_that_are_not_live_wait():
    """A lane that lost steps in between says what it says without them."""
    random = np.random.default_rng(2)
    values = random.normal(size=(60, 2, 1, 1))
    live = np.ones((60, 2), dtype=bool)
    live[::3, 1] = False
    for make in (lambda: WindowTests(10, 5, 2), lambda: PageHinkley(20, 0.6)):
        together = prepared(make(), [False], lanes=2, steps=60)
        alone = prepared(make(), [False], lanes=1, steps=60)
        alarm, p_value = feed(together, values, live)
        mine, my_p = feed(alone, values[live[:, 1]][:, 1:])
        np.testing.assert_array_equal(p_value[live[:, 1], 1], my_p[:, 0])
        np.testing.assert_array_equal(alarm[live[:, 1], 1], mine[:, 0])
        assert np.isnan(p_value[~live[:, 1], 1]).all()


def test_what_was_forgotten_does_not_count():
    random = np.random.default_rng(3)
    for make in (lambda: WindowTests(20, 10, 5), lambda: PageHinkley(20, 0.6)):
        detector = prepared(make(), [False, True], lanes=3, steps=80)
        feed(detector, random.random((50, 3, 1, 2)).round())
        detector.begin(np.array([True, False, True]))
        fresh = prepared(make(), [False, True], lanes=3, steps=80)
        later = random.random((60, 3, 1, 2)).round()
        for ours, theirs in zip(feed(detector, later), feed(fresh, later), strict=True):
            np.testing.assert_array_equal(ours[:, [0, 2]], theirs[:, [0, 2]])


def test_a_change_is_found_and_told():
    random = np.random.default_rng(4)
    values = np.concatenate([random.normal(size=(300, 1, 1, 2)), random.normal(1.5, size=(100, 1, 1, 2))])
    values[..., 1] = values[..., 1] > 0
    detector = prepared(WindowTests(200, 50, 10), [False, True], steps=400)
    alarm, p_value = feed(detector, values)
    assert not alarm[:300].any()
    assert alarm[-1].all()
    number, rate = (detector.reason(0, stream, float(p_value[-1, 0, stream])) for stream in (0, 1))
    assert number.startswith("distributions 0.")
    assert "of the last 50 steps against" in rate
    page = prepared(PageHinkley(200), [False, True], steps=400)
    alarm, _ = feed(page, values)
    assert not alarm[:300].any()
    assert alarm[-1].all()
    assert "above the mean of the first 200 steps, added up, pass" in page.reason(0, 0, math.nan)


def test_pages_bar_is_siegmunds():
    """At slack .5 and a run length of 1,000: exp(x) - x - 1 = 500, so x = 6.2290, and the bar is x - 1.166."""
    assert page_bar(1000, 0.5) == pytest.approx(6.2290 - 1.166, abs=1e-4)


def test_pages_sums_by_hand():
    """First people -1 and 1 (mean 0, spread 1); then 2, 2, -5 at slack .25: sums of 1.75, 3.5, then 4.75 below."""
    detector = PageHinkley(100, 0.25)
    detector.prepare(np.array([False]), 1, 1, 0.05, 1000)
    feed(detector, np.tile([-1.0, 1.0], 50).reshape(100, 1, 1, 1))
    sums = []
    for value in (2.0, 2.0, -5.0):
        feed(detector, np.full((1, 1, 1, 1), value))
        sums.append(detector._sums[:, 0, 0].tolist())
    assert sums == [[1.75, 0], [3.5, 0], [0, 4.75]]


def test_streams_without_people_never_alarm():
    values = np.full((300, 1, 1, 2), np.nan)
    values[200:, :, :, 1] = 5.0
    for detector in (WindowTests(50, 50, 10), PageHinkley(100)):
        alarm, _ = feed(prepared(detector, [True, False], steps=300), values)
        assert not alarm.any()


LANES = 2000


def people_of_one_population(steps, lanes, seed=0):
    """Return five streams of independent people: two numbers, one with ties, a rate, and a rate known of some only."""
    random = np.random.default_rng(seed)
    number = random.normal(size=(steps, lanes, 1, 1))
    tied = random.normal(size=(steps, lanes, 1, 1)).clip(-1, 1).round(1)
    happens = (number > 0.4).astype(float)
    rare = np.where(happens == 1, random.random(number.shape) < 0.1, np.nan)
    half = random.random(number.shape) < 0.5
    return np.concatenate([number, tied, happens, rare, half], axis=-1)


EVENTS = [False, False, True, True, True]


@pytest.mark.parametrize("wanted", [0.05, 0.5])
def test_false_alarms_are_no_more_frequent_than_wanted(wanted):
    """Of 600 runs without a change no more alarm than wanted, by three binomial standard errors."""
    values = people_of_one_population(500, 600)
    alarm, _ = feed(prepared(WindowTests(200, 100, 25), EVENTS, lanes=600, false_alarms=wanted, steps=500), values)
    share = alarm.any(axis=(0, 2)).mean()
    assert share <= wanted + 3 * math.sqrt(wanted * (1 - wanted) / 600)
    assert wanted < 0.5 or share > 0.1  # the level is not idle: near 1 in 2, many runs do alarm


def test_false_alarms_of_pages_sums():
    """Approximate, so measured: of 2,000 runs of normal numbers and rates, no more than wanted by three errors."""
    values = people_of_one_population(1000, LANES, seed=1)[..., [0, 2, 4]]
    detector = prepared(PageHinkley(400), [False, True, True], lanes=LANES, false_alarms=0.1, steps=1000)
    alarm, _ = feed(detector, values)
    share = alarm.any(axis=(0, 2)).mean()
    assert 0.0 < share <= 0.1 + 3 * math.sqrt(0.09 / LANES)


def test_pages_sums_alarm_more_often_where_tails_are_long():
    """As the module says: of 1,000 runs two to three times as many alarm as the 5 % wanted, within three errors."""
    random = np.random.default_rng(6)
    long_tail = np.exp(random.normal(size=(1000, 1000, 1, 1)))
    rare = (random.random((1000, 1000, 1, 1)) < 0.03).astype(float)
    for values, event, times in ((long_tail, False, 3), (rare, True, 2)):
        detector = prepared(PageHinkley(500), [event], lanes=1000, false_alarms=0.05, steps=1000)
        share = feed(detector, values)[0].any(axis=(0, 2)).mean()
        assert share == pytest.approx(times * 0.05, abs=3 * math.sqrt(times * 0.05 / 1000) + 0.01)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: WindowTests(reference=1), "reference=1 is out of range"),
        (lambda: WindowTests(window=0), "window=0 is out of range"),
        (lambda: WindowTests(every=0.5), "every=0.5 is not a whole number"),
        (lambda: prepared(WindowTests(500, 200), [True], steps=699), "steps=699 leaves no room for a look"),
        (lambda: PageHinkley(slack=0), "slack=0 is too small"),
        (lambda: prepared(PageHinkley(reference=50), [True]), "slack=0.25 is within the error of the first 50 people"),
    ],
)
def test_bad_input_is_one_sentence(make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_without_river_adwin_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "river.drift", None)
    with pytest.raises(InputError, match=r"needs river, which is not installed: pip install fairgym\[drift\]"):
        Adwin()


def test_adwin_finds_a_change():
    pytest.importorskip("river", reason="fairgym[drift] is not installed")
    assert load_adwin().__name__ == "ADWIN"
    random = np.random.default_rng(5)
    values = np.concatenate([random.normal(size=(600, 3, 1, 2)), random.normal(1, size=(300, 3, 1, 2))])
    values[..., 1] = values[..., 1] > 0
    detector = prepared(Adwin(200), [False, True], lanes=3, steps=900)
    alarm, p_value = feed(detector, values)
    assert not alarm[:600].any()
    assert alarm[600:].any(axis=0).all()
    assert np.isnan(p_value).all()
    assert "ADWIN dropped its older people" in detector.reason(0, 0, math.nan)
