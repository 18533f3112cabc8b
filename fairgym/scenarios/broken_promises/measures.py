"""How the numbers of the claims are measured."""

from __future__ import annotations

from collections.abc import Sequence

from fairgym.metrics.base import ratio
from fairgym.result import Result
from fairgym.scenarios.base import Measurement
from fairgym.scenarios.broken_promises.names import HORIZON, KEPT, REFUSED, bar_first, bar_late
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.recourse_over_time.measures import level, values


def broken(result: Result, names: Sequence[str]) -> Measurement:
    """Return the share of promises kept minus 1, where it is greatest among experiments."""
    return Measurement.greatest([over_lanes(values(result, KEPT, name) - 1) for name in names])


def served_after_all(result: Result, name: str) -> Measurement:
    """Return the share of those whose promise was broken who are served within ``HORIZON`` periods."""
    return level(result, f"{REFUSED}.within_{HORIZON}", name)


def wait_of_the_served(result: Result, name: str) -> Measurement:
    """Return how many periods those of them waited who were, after the promise was broken.

    The restricted mean counts the whole horizon for those who were not: r = F w + (1 - F) h, with F the share served.
    """
    share = values(result, f"{REFUSED}.within_{HORIZON}", name)
    restricted = values(result, f"{REFUSED}.restricted_mean", name)
    return over_lanes(ratio(restricted - HORIZON * (1 - share), share))


def bar_change(result: Result, name: str) -> Measurement:
    """Return the share of the same people who would be accepted in the last periods minus that in the first."""
    return over_lanes(bar_late(result, name) - bar_first(result, name))


def bar_difference(result: Result, one: str, other: str) -> Measurement:
    """Return how many more of the same people one experiment would accept than another in the last periods."""
    return over_lanes(bar_late(result, one) - bar_late(result, other))
