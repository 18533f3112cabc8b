"""WatchedRun: the alarms that a monitor raised in a run whose change time is known, as false alarms and delays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fairgym.checks import InputError, require, whole_number
from fairgym.recourse.costs import Floats


@dataclass(frozen=True)
class WatchedRun:
    """The alarms of a run of several lanes, in all of which something changed at the same step."""

    alarms: Any
    """A frame with the columns ``step`` and ``lane``, as ``DriftMonitor(...).alarms()`` is, or the monitor itself."""
    onset: int
    """Steps that were over when the change came, as in ``StrategicResponse(start=onset)``; there is something to notice
    about who is decided on in the next one."""
    lanes: int
    """Number of lanes that were watched; those without an alarm count as well."""

    def __post_init__(self) -> None:
        """Check the alarms."""
        whole_number("onset", self.onset, at_least=0)
        whole_number("lanes", self.lanes, at_least=1)
        frame = self.frame
        if not isinstance(frame, pd.DataFrame) or not {"step", "lane"} <= set(frame.columns):
            raise InputError("alarms is no frame with the columns step and lane: give that of a DriftMonitor.")
        outside = ~frame["lane"].isin(range(self.lanes))
        require(not outside.any(), "alarms names a lane that was not watched: lanes has to count all of them.")

    @property
    def frame(self) -> Any:
        """The alarms as a frame."""
        given = getattr(self.alarms, "alarms", self.alarms)
        return given() if callable(given) else given

    @property
    def false_alarm(self) -> Floats:
        """Whether each lane had an alarm before the change, 1 or 0, (lanes,)."""
        early = self.frame["lane"][self.frame["step"] <= self.onset]
        return np.isin(np.arange(self.lanes), early).astype(float)

    @property
    def delay(self) -> Floats:
        """Steps of each lane from the onset to its first alarm after it, (lanes,), 1 or more; infinity for none."""
        late = self.frame[self.frame["step"] > self.onset]
        first = late.groupby("lane")["step"].min().reindex(range(self.lanes))
        return np.asarray(first.fillna(np.inf), dtype=float) - self.onset
