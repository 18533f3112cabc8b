"""What the claims of this scenario are made of: their regions and sources, and a claim that is ours."""

from __future__ import annotations

import math
from collections.abc import Callable

from fairgym.result import Result
from fairgym.scenarios.base import HOLDS, Claim, Measurement
from fairgym.scenarios.recourse_over_time.measures import difference, wider
from fairgym.scenarios.recourse_over_time.sources import BELL, KANAMORI, OURS

A_TENTH = (-0.1, 0.1)
"""Equal for our purposes: less than a tenth of the effect with which the claim compares."""
A_TENTH_UP, A_TENTH_DOWN = (0.1, math.inf), (-math.inf, -0.1)
ROUNDING = (0.0, 1e-9)
MEASURES = f"{BELL}: time and effort to recourse by group"
WEIGHTS = f"{KANAMORI}: the recourse weight; that it may differ by group is ours"
FIRST, SECOND = "advantaged", "disadvantaged"
"""The groups as the population names them; the second has the lower mean."""


def ours(
    name: str,
    text: str,
    quantity: str,
    region: tuple[float, float],
    measure: Callable[[Result], Measurement],
    expected: str = HOLDS,
    source: str = OURS,
    note: str = "",
    fewest_lanes: int = 1,
) -> Claim:
    """Return a claim that is in no paper."""
    return Claim(name, f"Not in the paper: {text}.", source, quantity, region, measure, expected, note, fewest_lanes)


def changed(metric: str, one: str, other: str, group: str | None = None) -> Callable[[Result], Measurement]:
    """Return what measures a metric under one rule minus another, of one group or of all."""
    return lambda result: difference(result, metric, one, other, group)


def widened(metric: str, one: str, other: str) -> Callable[[Result], Measurement]:
    """Return what measures the signed gap under one rule minus that under another."""
    return lambda result: wider(result, metric, one, other)
