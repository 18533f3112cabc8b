"""How the claims are measured: every interval is across seeds, every difference is paired over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fairgym.result import Numbers, Result
from fairgym.scenarios.base import Measurement
from fairgym.scenarios.estimates import over_lanes
from fairgym.scenarios.implicit_bias.names import (
    ABLATED,
    CUBE,
    NOISES,
    NOISY,
    PLAIN,
    RELU,
    SQUARE,
    Arm,
    by_clusters,
    clusters_of,
    table_name,
    values,
)


def furthest(deviations: Sequence[Measurement]) -> Measurement:
    """Return the largest distance from zero of several deviations.

    It is within a bound if the intervals of all of them are, and beyond it if the interval of one of them is.
    """
    return Measurement(
        max(abs(one.value) for one in deviations),
        max(max(0.0, one.low, -one.high) for one in deviations),
        max(max(-one.low, one.high) for one in deviations),
    )


def off(result: Result, orders: Sequence[float], theory: Callable[[Numbers], Numbers]) -> Measurement:
    """Return the largest share by which the radius of some orders is off a function of the numbers of clusters."""
    wanted = theory(np.array(clusters_of(result), dtype=np.float64))[:, None]
    shares = [by_clusters(result, order, "radius") / wanted - 1 for order in orders]
    return furthest([over_lanes(each) for share in shares for each in share])


def exponent(result: Result, order: float) -> Measurement:
    """Return the slope of the logarithm of the radius over that of the number of clusters: a line per seed."""
    return over_lanes(slope(np.log(clusters_of(result)), np.log(by_clusters(result, order, "radius"))))


def slope(at: Numbers, heights: Numbers) -> Numbers:
    """Return the slopes of the least-squares lines through heights (k, lanes) at places (k,), (lanes,)."""
    apart = at - at.mean()
    slopes: Numbers = apart @ heights / (apart @ apart)
    return slopes


def between(result: Result) -> Measurement:
    """Return the least of: the radius of order 2 minus that of ReLU, and of order 3 minus order 2, for K above 2."""
    taken = [count for count in clusters_of(result) if count > 2]
    relu, square, cube = (by_clusters(result, order, "radius", taken) for order in (RELU, SQUARE, CUBE))
    return Measurement.least([over_lanes(each) for gaps in (square - relu, cube - square) for each in gaps])


def overstated(result: Result, order: float, combine: str) -> Measurement:
    """Return how much greater a radius plain projected gradient reports, at least or at most over K."""
    gaps = by_clusters(result, order, PLAIN) - by_clusters(result, order, "radius")
    each = [over_lanes(gap) for gap in gaps]
    return Measurement.least(each) if combine == "least" else Measurement.greatest(each)


def lowest(result: Result, order: float, metric: str, most: int | None = None) -> Measurement:
    """Return the least mean of a metric over the numbers of clusters, up to ``most``."""
    taken = [count for count in clusters_of(result) if most is None or count <= most]
    return Measurement.least([over_lanes(each) for each in by_clusters(result, order, metric, taken)])


def highest(result: Result, orders: Sequence[float], metric: str, fewest: int = 0) -> Measurement:
    """Return the greatest mean of a metric over some orders and the numbers of clusters from ``fewest`` on."""
    taken = [count for count in clusters_of(result) if count >= fewest]
    return Measurement.greatest(
        [over_lanes(each) for order in orders for each in by_clusters(result, order, metric, taken)]
    )


def changed(result: Result, change: str) -> Measurement:
    """Return the radius of order 3 when trained otherwise minus that of the rest, paired over seeds."""
    there = values(result, Arm(ABLATED, CUBE, change).name, "radius")
    return over_lanes(there - values(result, Arm(ABLATED, CUBE).name, "radius"))


def farther_with_noise(result: Result) -> Measurement:
    """Return the slope of the logarithm of the distance over that of the noise, the smaller of orders 1 and 3."""
    found = []
    for order in (RELU, CUBE):
        names = [Arm(NOISY, order, noise=noise).name for noise in NOISES]
        heights = np.log(np.stack([values(result, name, "distance") for name in names]))
        found.append(over_lanes(slope(np.log(NOISES), heights)))
    return Measurement.least(found)


def on_tables(result: Result, kind: str, metric: str, first: float, second: float) -> Measurement:
    """Return a metric on loans or digits at one order minus that at another, paired over seeds."""
    names = [table_name(kind, order) for order in (first, second)]
    a, b = (values(result, name, metric) for name in names)
    return over_lanes(a - b)
