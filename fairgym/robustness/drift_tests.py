"""Tests of a change, for n lanes and several streams at once: windows, Page-Hinkley, and ADWIN of river.

A *stream* is what one kind of number does from person to person: a feature, a score, whether she was accepted. A
detector takes in the people of one step at a time and says where it alarms. How often it does so without a change is
chosen, not found out: each is given the probability of a false alarm in so many steps that it may use up.

- ``WindowTests`` compares the last people with the first ones: distributions by the test of Kolmogorov and Smirnov,
  rates by Fisher's exact test. The probability is shared out evenly over streams and looks (Bonferroni), so it is kept
  whatever the streams and the overlapping windows have to do with one another, as long as people are independent.
- ``PageHinkley`` (Page 1954, "Continuous inspection schemes") adds up how far numbers lie off the mean of the first
  people, in standard deviations; its bar comes from Siegmund's approximation of the time to a false alarm, for normal
  numbers, with the mean taken to be missed by two of its standard errors. Approximate: where numbers have a long tail
  (lognormal) or events are rare (3 in 100), false alarms are two to three times as frequent as wanted.
- ``Adwin`` is ``river.drift.ADWIN`` (Bifet and Gavaldà 2007) with the probability as its ``delta``, for each stream.
  That is its bound for one look, of which a run has many, so it promises nothing about a run.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Array, Mask, Numbers
from fairgym.checks import InputError, number, require, whole_number

Whole = NDArray[np.int64]
Reals = NDArray[np.floating[Any]]
"""Numbers in double or single precision."""


class Finding(NamedTuple):
    """What a detector says after a step, of each lane and stream; (n, S) each."""

    alarm: Mask
    """Where there is reason for alarm."""
    p_value: Numbers
    """NaN where there was no look, or where the detector has none."""


class Detector(ABC):
    """A test of a change over n lanes and S streams; ``begin``, then ``take`` after every step."""

    name: ClassVar[str]

    def check(self, steps: int) -> None:
        """Refuse (``InputError``) settings that do not fit a run of so many steps."""

    def prepare(self, events: Mask, lanes: int, people: int, false_alarms: float, steps: int) -> None:
        """Prepare for streams (S,), of events or of numbers, and so many lanes and people a step.

        ``false_alarms`` is the probability with which any of the streams of a lane may alarm in ``steps`` steps
        although nothing changes.
        """
        self.events, self.lanes, self.people = events, lanes, people
        self.false_alarms, self.steps = false_alarms, steps
        self.begin(np.ones(lanes, dtype=np.bool_))

    @property
    def shape(self) -> tuple[int, int]:
        """Lanes and streams."""
        return self.lanes, len(self.events)

    @abstractmethod
    def begin(self, lanes: Mask) -> None:
        """Forget the masked lanes; what comes now is what later people are compared with."""

    @abstractmethod
    def take(self, values: Numbers, live: Mask) -> Finding:
        """Take in the people of the live lanes, (n, m, S), NaN where a stream has no number of a person."""

    @abstractmethod
    def reason(self, lane: int, stream: int, p_value: float) -> str:
        """Return in words why the lane alarmed on a stream."""


class WindowTests(Detector):
    """The people of the last ``window`` steps against those of the first ``reference`` ones, every ``every`` steps.

    Both are kept, in single precision: of a cohort of m people (reference + window) * m numbers for each stream and
    lane, 4 bytes each.
    """

    name = "window"

    def __init__(self, reference: int = 500, window: int = 200, every: int = 50) -> None:
        self.reference = whole_number("reference", reference, at_least=2)
        self.window = whole_number("window", window, at_least=2)
        self.every = whole_number("every", every, at_least=1)

    def check(self, steps: int) -> None:
        """Refuse a run without a look."""
        looks_in(steps, self.reference, self.window, self.every)

    def prepare(self, events: Mask, lanes: int, people: int, false_alarms: float, steps: int) -> None:
        """Share the probability out over streams and looks."""
        self.looks = looks_in(steps, self.reference, self.window, self.every)
        super().prepare(events, lanes, people, false_alarms, steps)
        self.level = false_alarms / (len(events) * self.looks)

    def begin(self, lanes: Mask) -> None:
        """Forget the masked lanes."""
        if lanes.all():
            self._count = np.zeros(self.lanes, dtype=np.int64)
            streams = len(self.events)
            self._first = np.full((self.lanes, streams, self.reference, self.people), np.nan, dtype=np.float32)
            self._last = np.full((self.lanes, streams, self.window, self.people), np.nan, dtype=np.float32)
            self._sorted: list[list[Reals] | None] = [None] * self.lanes
        for lane in np.flatnonzero(lanes).tolist():
            self._count[lane], self._sorted[lane] = 0, None

    def take(self, values: Numbers, live: Mask) -> Finding:
        """Keep the people; test the lanes whose look is due."""
        lane = np.flatnonzero(live)
        by_stream, count = values[lane].swapaxes(1, 2), self._count[lane]
        early = count < self.reference
        self._first[lane[early], :, count[early]] = by_stream[early]
        late = lane[~early]
        self._last[late, :, (count[~early] - self.reference) % self.window] = by_stream[~early]
        self._count[lane] += 1
        over = self._count - self.reference - self.window
        due = np.flatnonzero(live & (over >= 0) & (over % self.every == 0))
        p_value = np.full(self.shape, np.nan)
        if len(due):
            p_value[due] = self._look(due)
        return Finding(p_value < self.level, p_value)

    def _look(self, due: Whole) -> Numbers:
        """Return the p-value of each stream in the lanes that are due, (k, S)."""
        p_value = np.ones((len(due), len(self.events)))
        last = self._last[due].reshape(len(due), len(self.events), -1)
        rates, numbers = np.flatnonzero(self.events), np.flatnonzero(~self.events)
        if len(rates):
            first = self._first[due][:, rates].reshape(len(due), len(rates), -1)
            p_value[:, rates] = rate_p_values(*counts_of(first), *counts_of(last[:, rates]))
        for place, lane in enumerate(due.tolist()):
            for stream, first_sorted in zip(numbers.tolist(), self._reference(lane, numbers), strict=True):
                p_value[place, stream] = distribution_gap(first_sorted, last[place, stream])
        if len(numbers):
            p_value[:, numbers] = self._distribution_p_values(due, last[:, numbers], p_value[:, numbers])
        return p_value

    def _reference(self, lane: int, numbers: Whole) -> list[Reals]:
        """Return the first numbers of each stream of a lane in order, sorted when they are first needed."""
        kept = self._sorted[lane]
        if kept is None:
            kept = self._sorted[lane] = [known_sorted(self._first[lane, stream]) for stream in numbers.tolist()]
        return kept

    def _distribution_p_values(self, due: Whole, last: Reals, gap: Numbers) -> Numbers:
        """Return the p-values of gaps between distributions, (k, N)."""
        first = np.array([[len(one) for one in self._sorted[lane] or ()] for lane in due.tolist()])
        return gap_p_values(gap, first, (~np.isnan(last)).sum(axis=-1))

    def reason(self, lane: int, stream: int, p_value: float) -> str:
        """Return what the last people have against the first."""
        first, last = self._first[lane, stream], self._last[lane, stream]
        then, now = np.nanmean(first), np.nanmean(last)
        if self.events[stream]:
            what = f"{now:.1%} of the last {self.window} steps against {then:.1%} of the first {self.reference}"
        else:
            gap = distribution_gap(known_sorted(first), last.ravel())
            what = f"distributions {gap:.2f} apart, mean {now:.3g} against {then:.3g}"
        return f"{what}, p = {p_value:.2g} below {self.level:.2g}"


def looks_in(steps: int, reference: int, window: int, every: int) -> int:
    """Return how many looks so many steps have; refuse fewer than one."""
    room = steps - reference - window
    require(
        room >= 0,
        f"steps={steps} leaves no room for a look: reference and window take {reference + window} steps; give more "
        f"steps, or shorter windows.",
    )
    return room // every + 1


def known_sorted(values: Reals) -> Reals:
    """Return the known numbers of an array, in order, (k,)."""
    known: Reals = np.sort(values[~np.isnan(values)])
    return known


def distribution_gap(first: Reals, last: Reals) -> float:
    """Return the largest distance of two empirical distributions: of sorted numbers (R,), and of others, NaN left out.

    0 where one of them has none.
    """
    last = known_sorted(last)
    if not len(first) or not len(last):
        return 0.0
    steps = np.arange(1, len(last) + 1) / len(last)
    upto = np.searchsorted(first, last, side="right") / len(first)
    below = np.searchsorted(first, last, side="left") / len(first)
    return float(max((steps - upto).max(), (below - steps).max() + 1 / len(last)))


def gap_p_values(gap: Numbers, first: Array, last: Array) -> Numbers:
    """Return the probability of a distribution gap at least so large without a change, for samples of these sizes.

    The limit of Kolmogorov and Smirnov, which below 1 in 10 is above the exact probability: 1.1 to 1.2 times it for
    1,000 against 200 numbers from p = 0.001 down to a millionth. With ties the exact one is smaller still. So false
    alarms are rarer than stated, never more frequent.
    """
    from scipy.special import kolmogorov

    size = np.where((first > 0) & (last > 0), first * last / np.maximum(first + last, 1), 0.0)
    p_value: Numbers = kolmogorov(np.sqrt(size) * gap)
    return p_value


def counts_of(events: Reals) -> tuple[Numbers, Numbers]:
    """Return how many events happened and to how many people it is known, over the last axis; NaN is unknown."""
    return np.nansum(events, axis=-1), (~np.isnan(events)).sum(axis=-1).astype(np.float64)


def rate_p_values(first_hits: Numbers, first_all: Numbers, last_hits: Numbers, last_all: Numbers) -> Numbers:
    """Return Fisher's exact two-sided p-value, twice the smaller tail, that two rates are one; of any shape.

    Exact at every level: with levels of 1 in 10,000 an approximation by normals would promise too much.
    """
    from scipy.stats import hypergeom

    whole = first_all + last_all, first_hits + last_hits, last_all
    tails = np.minimum(hypergeom.cdf(last_hits, *whole), hypergeom.sf(last_hits - 1, *whole))
    p_value: Numbers = np.minimum(1.0, 2 * tails)
    return p_value


class Scaled(Detector):
    """A detector that looks at every person, after scaling numbers by the first ``reference`` steps of a lane."""

    def __init__(self, reference: int = 500) -> None:
        self.reference = whole_number("reference", reference, at_least=2)

    def begin(self, lanes: Mask) -> None:
        """Forget the masked lanes."""
        if lanes.all():
            self._count = np.zeros(self.lanes, dtype=np.int64)
            self._first = np.full((*self.shape, self.reference, self.people), np.nan)
            self._low, self._high = np.zeros(self.shape), np.ones(self.shape)
            self._mean, self._spread = np.zeros(self.shape), np.ones(self.shape)
        self._count[lanes] = 0

    def take(self, values: Numbers, live: Mask) -> Finding:
        """Note the first people; give the later ones to the test, one after another."""
        early = np.flatnonzero(live & (self._count < self.reference))
        self._first[early, :, self._count[early]] = values[early].swapaxes(1, 2)
        self._count[early] += 1
        ready = early[self._count[early] == self.reference]
        if len(ready):
            self._scale(ready)
        alarm = np.zeros(self.shape, dtype=np.bool_)
        late = live.copy()
        late[early] = False
        for person in range(self.people) if late.any() else ():
            known = late[:, None] & ~np.isnan(values[:, person])
            alarm |= self.test(values[:, person], known)
        return Finding(alarm, np.full(self.shape, np.nan))

    def _scale(self, lanes: Whole) -> None:
        """Note mean, spread and ends of the first people of these lanes.

        A stream without spread gets one of 1, and one without people an infinite one: nothing is off it.
        """
        first = self._first[lanes].reshape(len(lanes), len(self.events), -1)
        some = np.where(np.isnan(first).all(axis=-1, keepdims=True), 0.0, first)
        self._mean[lanes] = np.nanmean(some, axis=-1)
        spread, nobody = np.nanstd(some, axis=-1), np.isnan(first).all(axis=-1)
        self._spread[lanes] = np.where(nobody, np.inf, np.where(spread > 0, spread, 1.0))
        self._low[lanes], self._high[lanes] = np.nanmin(some, axis=-1), np.nanmax(some, axis=-1)

    @abstractmethod
    def test(self, values: Numbers, known: Mask) -> Mask:
        """Take in one person of each lane where known, (n, S), and return where to alarm."""


class PageHinkley(Scaled):
    """Adds up deviations from the first people's mean beyond ``slack`` standard deviations, upwards and downwards."""

    name = "page-hinkley"

    def __init__(self, reference: int = 500, slack: float = 0.25) -> None:
        super().__init__(reference)
        self.slack = number("slack", slack, above=0)

    def prepare(self, events: Mask, lanes: int, people: int, false_alarms: float, steps: int) -> None:
        """Derive the bar from the probability of a false alarm."""
        slack = self.slack - 2 / math.sqrt(self.reference)
        require(
            slack > 0,
            f"slack={self.slack:g} is within the error of the first {self.reference} people's mean: give more slack "
            f"or a longer reference.",
        )
        self.bar = page_bar(2 * len(events) * max(1, steps - self.reference) * people / false_alarms, slack)
        super().prepare(events, lanes, people, false_alarms, steps)

    def begin(self, lanes: Mask) -> None:
        """Forget the masked lanes."""
        super().begin(lanes)
        if lanes.all():
            self._sums = np.zeros((2, *self.shape))
        self._sums[:, lanes] = 0

    def test(self, values: Numbers, known: Mask) -> Mask:
        """Add one person and compare with the bar."""
        off = np.where(known, (values - self._mean) / self._spread, 0.0)
        added = np.maximum(self._sums + np.stack([off, -off]) - self.slack, 0.0)
        self._sums = np.where(known, added, self._sums)
        return np.asarray((self._sums > self.bar).any(axis=0))

    def reason(self, lane: int, stream: int, p_value: float) -> str:
        """Return which sum passed the bar."""
        up, down = self._sums[:, lane, stream]
        way, total = ("above", up) if up >= down else ("below", down)
        mean = f"the mean of the first {self.reference} steps"
        return f"{total:.1f} standard deviations {way} {mean}, added up, pass {self.bar:.1f}"


def page_bar(run_length: float, slack: float) -> float:
    """Return the bar that sums of normal deviations beyond ``slack`` pass once in ``run_length`` numbers.

    Siegmund 1985, "Sequential analysis": the run length is (exp(x) - x - 1) / (2 slack^2) at x = 2 slack (bar + 1.166).
    """
    from scipy.optimize import brentq

    wanted = 2 * slack**2 * run_length
    root = brentq(lambda x: math.exp(x) - x - 1 - wanted, 0.0, 2 + math.log(wanted + 3))
    return max(0.0, float(root) / (2 * slack) - 1.166)


class Adwin(Scaled):
    """river's ADWIN on numbers scaled to what the first people span; needs ``pip install fairgym[drift]``."""

    name = "adwin"

    def __init__(self, reference: int = 500) -> None:
        super().__init__(reference)
        self._make = load_adwin()

    def begin(self, lanes: Mask) -> None:
        """Forget the masked lanes."""
        super().begin(lanes)
        if lanes.all():
            self._tests: list[list[Any]] = [[] for _ in range(self.lanes)]
            self._where = np.zeros((2, *self.shape))
        delta = self.false_alarms / len(self.events)
        for lane in np.flatnonzero(lanes).tolist():
            self._tests[lane] = [self._make(delta=delta) for _ in self.events]

    def test(self, values: Numbers, known: Mask) -> Mask:
        """Give one person to the test of each lane and stream."""
        alarm = np.zeros(self.shape, dtype=np.bool_)
        span = np.where(self._high > self._low, self._high - self._low, 1.0)
        scaled = (values - self._low) / span
        for lane, stream in np.argwhere(known).tolist():
            test = self._tests[lane][stream]
            before = test.estimation
            test.update(float(scaled[lane, stream]))
            if test.drift_detected:
                alarm[lane, stream] = True
                self._where[:, lane, stream] = self._low[lane, stream] + span[lane, stream] * np.array(
                    [before, test.estimation]
                )
        return alarm

    def reason(self, lane: int, stream: int, p_value: float) -> str:
        """Return the means before and after the cut."""
        before, after = self._where[:, lane, stream]
        return f"ADWIN dropped its older people: mean {after:.3g} after {before:.3g}"


def load_adwin() -> Any:
    """Return river's class, or refuse with what to install."""
    try:
        from river.drift import ADWIN
    except ImportError as error:
        raise InputError("detector 'adwin' needs river, which is not installed: pip install fairgym[drift].") from error
    return ADWIN


DETECTORS: dict[str, Callable[[], Detector]] = {each.name: each for each in (WindowTests, PageHinkley, Adwin)}
"""The detectors by name, with their default settings."""
