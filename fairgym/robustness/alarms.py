"""Alarm: what a monitor noticed, where and when; alarms as a tidy frame; what is done when one is raised."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from fairgym.checks import one_of

if TYPE_CHECKING:
    import pandas as pd


class Alarm(NamedTuple):
    """A monitor noticed a change."""

    step: int
    """Transitions of the lane when it did, this one included."""
    lane: int
    stream: str
    """What changed: "feature income", "acceptance rate"."""
    detector: str
    reason: str
    """In words, with the numbers."""
    p_value: float
    """NaN for a detector that has none."""

    def __str__(self) -> str:
        """Say when, where and why."""
        return f"step {self.step}, lane {self.lane}: {self.stream} changed ({self.reason})"


class DriftWarning(UserWarning):
    """A monitor noticed a change."""


RECORD, WARN = ANSWERS = ("record", "warn")
"""What may be done at an alarm beside calling something of the user's."""


def answer_to(on_alarm: str | Callable[[Alarm], object]) -> Callable[[Alarm], object]:
    """Return what is called at an alarm."""
    if callable(on_alarm):
        return on_alarm
    return _warn if one_of("on_alarm", on_alarm, ANSWERS) == WARN else _nothing


def _warn(alarm: Alarm) -> None:
    warnings.warn(str(alarm), DriftWarning, stacklevel=2)


def _nothing(alarm: Alarm) -> None:
    """Leave it at the record."""


def alarm_frame(alarms: Sequence[Alarm]) -> pd.DataFrame:
    """Return alarms as a frame, one row each, in the order in which they were raised."""
    import pandas as pd  # here, because a world that is watched needs no tables

    return pd.DataFrame(list(alarms), columns=list(Alarm._fields))
