"""DriftMonitor: a watch on the people and decisions of a world, which alarms when they are no longer what they were.

    env = DriftMonitor(gymnasium.make_vec("FeatureLendingEnv-v0", num_envs=100), steps=2000)
    ...
    env.alarms()        # a frame: step, lane, stream, detector, reason, p_value

It watches what the decision maker can see: each feature, a score, the acceptance rate, the default rate of the accepted
and the shares of the groups. The first people of a lane are the reference; later ones are compared with them. Every
lane is watched by itself. A stream alarms once in a lane, until ``restart``: what is known need not be said again.

Put the monitor around a ``StrategicResponse`` or an ``AdversarialObservation``: inside of one it would watch people as
they are, whom no decision maker sees.

The rate of false alarms is chosen: ``false_alarms`` is the probability that a lane raises any alarm in ``steps`` steps
although its people are independent draws of one population under one rule. Window tests keep it; "page-hinkley" and
"adwin" come near it (``fairgym.robustness.drift_tests``). A run twice as long has up to twice of it. A world that
moves by itself, a rule that learns, and people who come back give true alarms, by this measure; after a rule was
changed on purpose, ``restart`` begins with a new reference. In a simulator the rate can be measured: run the twin
without the change under the same seed.

The run is not changed: observations, rewards and decisions are the same bits with the monitor and without, unless a
``fallback`` is given, which decides in a lane from its first alarm on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fairgym.batch import Array, Mask, Numbers, along
from fairgym.checks import InputError, named, number, one_of, require, whole_number
from fairgym.robustness.alarms import RECORD, Alarm, alarm_frame, answer_to
from fairgym.robustness.drift_tests import DETECTORS, Detector
from fairgym.robustness.fallback import FallbackLayer, Policy
from fairgym.robustness.layers import Arrays, LayerEnv, LayerVectorEnv
from fairgym.robustness.shown_people import ShownPeople
from fairgym.robustness.streams import Stream, default_streams, feature_streams, group_streams

if TYPE_CHECKING:
    import pandas as pd

FEATURES, SCORE, ACCEPTANCE, DEFAULT, GROUPS = WATCHED = ("features", "score", "acceptance", "default", "groups")
"""What can be watched."""


class Watch(FallbackLayer):
    """The law of the monitor."""

    memory: ClassVar[tuple[str, ...]] = (
        "raised", "p_values", "fallback", "_steps", "_rows", "_streams", "_detectors", "_at", "_alarmed"
    )  # fmt: skip
    raised: list[Alarm]
    """All alarms so far."""
    p_values: Numbers
    """Of each lane and stream at the last look of a window test, NaN before; (n, S)."""
    _streams: tuple[Stream, ...] | None = None

    def __init__(
        self,
        env: Any,
        detectors: str | Detector | Sequence[str | Detector] = "window",
        *,
        watch: Sequence[str] | None = None,
        features: str = "features",
        score: Callable[[Numbers], Array] | None = None,
        false_alarms: float = 0.05,
        steps: int = 2000,
        on_alarm: str | Callable[[Alarm], object] = RECORD,
        fallback: Policy | None = None,
    ) -> None:
        """Put a watch around ``env``, single or vector.

        ``detectors`` are names ("window", "page-hinkley", "adwin") or detectors with settings of their own, such as
        ``WindowTests(reference=1000)``; several share the false alarms evenly. ``watch`` names what to watch, of
        "features", "score", "acceptance", "default" and "groups"; None takes all that the world shows. ``features`` is
        the part of the observation with rows of features. ``score`` makes scores (k,) of rows (k, D), such as the
        ``decision_function`` of a rule; without it the ``observed_score`` of the world is watched, where there is one.
        ``on_alarm`` is "record", "warn" or a function of an ``Alarm``. ``fallback`` is an agent, or a function from
        observations to actions, which decides in place of the agent from the first alarm of a lane on. An agent is
        reset with the world and not taught, so give one that need not learn.
        """
        super().__init__(env)  # type: ignore[call-arg]
        self.detectors = _detectors(detectors)
        self.watch = None if watch is None else _watched(watch)
        self.false_alarms = number("false_alarms", false_alarms, above=0, at_most=1)
        self.steps = whole_number("steps", steps, at_least=1)
        require(
            score is None or callable(score), f"score is {named(score)}: give a function of rows (k, D) to scores (k,)."
        )
        self._score, self._answer = score, answer_to(on_alarm)
        self._people = self._find_people(features)
        self.stand_by(fallback)
        for detector in self.detectors:
            detector.check(self.steps)

    def _find_people(self, key: str) -> ShownPeople | None:
        """Return where the people stand, None where the world shows none and nobody asked for them."""
        asked = self._score is not None or (self.watch is not None and FEATURES in self.watch) or key != FEATURES
        if not asked and key not in self.one_observation.spaces:
            return None
        return ShownPeople.find(self.env, self.one_observation, key, "DriftMonitor")

    @property
    def streams(self) -> tuple[str, ...]:
        """Names of what is watched; known from the first step on."""
        return tuple(stream.name for stream in self._streams or ())

    def alarms(self) -> pd.DataFrame:
        """Return all alarms so far as a frame: step, lane, stream, detector, reason, p_value."""
        self._running()
        return alarm_frame(self.raised)

    def restart(self, lanes: Mask | None = None) -> None:
        """Take the people from now on as the reference, in the masked lanes or in all; alarms stay recorded."""
        self._running()
        masked = np.ones(self.lanes, dtype=np.bool_) if lanes is None else np.asarray(lanes)
        require(
            masked.shape == (self.lanes,) and masked.dtype == np.bool_,
            f"lanes must be a bool array of shape ({self.lanes},), True where to begin anew.",
        )
        self._forget(masked)

    def begin(self, seeds: list[int], lanes: Mask) -> None:
        """Forget the masked lanes, their alarms included."""
        if not self._begun or lanes.all():
            self.raised = []
            self._steps = np.zeros(self.lanes, dtype=np.int64)
            self._rows: Numbers | None = None
            self._streams = None
            self._detectors: list[Detector] = []
            self._at: list[Mask] = []
            self.p_values = np.full((self.lanes, 0), np.nan)
            self._alarmed = np.zeros(self.lanes, dtype=np.bool_)
        self.raised = [alarm for alarm in self.raised if not lanes[alarm.lane]]
        self._steps[lanes] = 0
        self._forget(lanes)
        self.begin_fallback(seeds, lanes)

    def _forget(self, lanes: Mask) -> None:
        self._alarmed[lanes] = False
        for detector, at in zip(self._detectors, self._at, strict=True):
            detector.begin(lanes)
            at[lanes] = False
        self.p_values[lanes] = np.nan

    def show(self, observation: Arrays, lanes: Mask) -> dict[str, Array]:
        """Note who is to be decided on; everybody sees what she would see without a monitor."""
        if self._people is not None:
            rows = np.where(self._people.present(observation)[..., None], self._people.rows(observation), np.nan)
            self._rows = rows if self._rows is None else np.where(along(lanes, rows), rows, self._rows)
        return {}

    def decide(self, actions: Array) -> Array:
        """Return the actions, those of the fallback in lanes that have alarmed."""
        return np.where(along(self._alarmed, actions), self.instead(actions), actions)

    def settle(self, outcome: Arrays, live: Mask) -> dict[str, Array]:
        """Take in the people decided on and return whether the lane raised an alarm, (n,)."""
        if self._streams is None:
            self._prepare(outcome)
        assert self._streams is not None
        self._steps += live
        values = self._values(outcome)
        before = len(self.raised)
        for detector, at in zip(self._detectors, self._at, strict=True):
            finding = detector.take(values, live)
            known = ~np.isnan(finding.p_value)
            self.p_values = np.where(known, finding.p_value, self.p_values)
            new = finding.alarm & ~at & live[:, None]
            at |= new
            for lane, stream in np.argwhere(new).tolist():
                self._raise(detector, lane, stream, float(finding.p_value[lane, stream]))
        raised = np.zeros(self.lanes, dtype=np.int64)
        raised[[alarm.lane for alarm in self.raised[before:]]] = 1
        self._alarmed |= raised == 1
        return {"drift": raised, "drift_p_value": self._smallest()}

    def _smallest(self) -> Numbers:
        """Return the smallest p-value of the last look of each lane, (n,)."""
        unknown = np.isnan(self.p_values)
        least = np.where(unknown, np.inf, self.p_values).min(axis=1)
        return np.where(unknown.all(axis=1), np.nan, least)

    def _values(self, outcome: Arrays) -> Numbers:
        """Return the values of all streams of everybody decided on, NaN for who was not, (n, m, S)."""
        assert self._streams is not None
        parts = [stream.of(outcome, self._rows).reshape(self.lanes, -1).astype(np.float64) for stream in self._streams]
        values = np.stack(parts, axis=-1)
        if "applied" in outcome:
            values[outcome["applied"].reshape(self.lanes, -1) != 1] = np.nan
        return values

    def _raise(self, detector: Detector, lane: int, stream: int, p_value: float) -> None:
        assert self._streams is not None
        reason = detector.reason(lane, stream, p_value)
        alarm = Alarm(int(self._steps[lane]), lane, self._streams[stream].name, detector.name, reason, p_value)
        self.raised.append(alarm)
        self._answer(alarm)

    def _prepare(self, outcome: Arrays) -> None:
        """Choose the streams by what the world reports, and prepare the detectors."""
        self._streams = tuple(self._find_streams(outcome))
        require(bool(self._streams), "DriftMonitor finds nothing to watch in this world: name something in `watch`.")
        events = np.array([stream.event for stream in self._streams])
        people = outcome["decision"].reshape(self.lanes, -1).shape[1]
        self._detectors = list(self.detectors)
        share = self.false_alarms / len(self._detectors)
        for detector in self._detectors:
            detector.prepare(events, self.lanes, people, share, self.steps)
        self._at = [np.zeros((self.lanes, len(events)), dtype=np.bool_) for _ in self._detectors]
        self.p_values = np.full((self.lanes, len(events)), np.nan)

    def _find_streams(self, outcome: Arrays) -> list[Stream]:
        """Return what of the wanted this world reports; refuse what was asked for and is not there."""
        found: dict[str, list[Stream]] = {
            FEATURES: feature_streams(self._people),
            SCORE: self._score_streams(outcome),
            ACCEPTANCE: [Stream("acceptance rate", True, lambda outcome, rows: outcome["decision"] > 0)],
            DEFAULT: default_streams(outcome),
            GROUPS: group_streams(self.groups, outcome),
        }
        for name in self.watch or ():
            require(bool(found[name]), f"watch names {name!r}, which this world does not report: leave it out.")
        return [stream for name in (self.watch or WATCHED) for stream in found[name]]

    def _score_streams(self, outcome: Arrays) -> list[Stream]:
        if self._score is not None:
            return [Stream("score", False, lambda outcome, rows: self._scores(rows))]
        known = "observed_score" in outcome and outcome["observed_score"].shape == outcome["decision"].shape
        return [Stream("score", False, lambda outcome, rows: outcome["observed_score"])] if known else []

    def _scores(self, rows: Numbers | None) -> Numbers:
        """Return the scores of everybody who is there, NaN of the others, (n, m)."""
        assert rows is not None
        assert self._score is not None
        scores, here = np.full(rows.shape[:2], np.nan), ~np.isnan(rows).any(axis=-1)
        given = np.asarray(self._score(rows[here])) if here.any() else np.zeros(0)
        require(
            given.shape == (int(here.sum()),) and given.dtype.kind in "fiub",
            f"score returned {given.dtype} of shape {given.shape} for {int(here.sum())} people: return a number each.",
        )
        scores[here] = given
        return scores


def _detectors(given: Any) -> list[Detector]:
    """Return detectors from names and objects, each of them new."""
    several = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    require(bool(several), "detectors is empty: give 'window', 'page-hinkley', 'adwin', or a detector of your own.")
    return [
        copy.deepcopy(one) if isinstance(one, Detector) else DETECTORS[one_of("detectors", one, list(DETECTORS))]()
        for one in several
    ]


def _watched(watch: object) -> tuple[str, ...]:
    names = tuple(watch) if isinstance(watch, Sequence) and not isinstance(watch, str) else ()
    if not names:
        raise InputError(f"watch={watch!r} is not a list: give some of {', '.join(WATCHED)}, or None for all.")
    return tuple(dict.fromkeys(one_of("watch", name, WATCHED) for name in names))


class DriftVectorMonitor(Watch, LayerVectorEnv):
    """A vector environment that is watched; every lane by itself."""


class DriftMonitor(Watch, LayerEnv):
    """An environment that is watched; of a vector environment it makes a ``DriftVectorMonitor``."""

    twin = DriftVectorMonitor
