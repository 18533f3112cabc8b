"""The table: delay and false alarms of every monitor and arm."""

from __future__ import annotations

import pandas as pd

from fairgym.result import Result
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.noticed_in_time.measures import (
    by_group,
    delay,
    false_alarms,
    mean_delay,
    middle,
    noticed,
    options_of,
)
from fairgym.scenarios.noticed_in_time.names import ADWIN, ARMS, NOBODY, PAGE, WATCHES


def watches_of(result: Result) -> list[str]:
    """Return everything that watched."""
    return [*WATCHES, PAGE, *([ADWIN] if options_of(result).adwin else [])]


def tables(result: Result) -> dict[str, pd.DataFrame]:
    """Return delays by monitor and arm, and who games by group."""
    rows = []
    for watch in watches_of(result):
        wrong = false_alarms(result, watch)
        for arm in (one.name for one in ARMS if one.name != NOBODY):
            mean, share = mean_delay(result, arm, watch), noticed(result, arm, watch)
            rows.append(
                {
                    "watched": watch,
                    "arm": arm,
                    "median delay": middle(delay(result, arm, watch)),
                    "mean delay": mean.value,
                    "low": mean.low,
                    "high": mean.high,
                    "share noticed": share.value,
                    "false alarms": wrong.value,
                    "false alarms, low": wrong.low,
                    "false alarms, high": wrong.high,
                }
            )
    moved = [
        {
            "arm": arm.name,
            "group": group,
            "share who move": over_lanes(values).value,
            "mean cost of a move": over_lanes(by_group(result, arm.name, "move_cost")[group]).value,
        }
        for arm in ARMS
        if arm.name != NOBODY
        for group, values in by_group(result, arm.name, "moved").items()
    ]
    return {"delays": pd.DataFrame(rows), "who-games": pd.DataFrame(moved)}
