"""Survival curves from counts on a grid: Kaplan-Meier and Aalen-Johansen, with right-censoring.

People leave a state of waiting in one of two ways, *served* or *left* for good, or are still *inside* when we stop
looking (right-censored). Of each kind a table counts them at each point of a grid of times or efforts, any leading
axes first. Whoever is counted at a point was at risk there; what ends at a point comes before what is censored there.

Two questions, two estimators, and neither may stand for the other:

- *How many of those who were rejected are served by t?* Leaving is an event that competes with being served: the
  cumulative incidence of Aalen and Johansen 1978 ("An empirical transition matrix for non-homogeneous Markov chains
  based on censored observations").
- *How many would be served by t if nobody gave up?* Leaving censors the wait: the product limit of Kaplan and Meier
  1958 ("Nonparametric estimation from incomplete observations"). It takes those who leave to be like those who stay,
  and is never below the first.

No package is needed for it: over counts on a common grid a product limit is one cumulative product, for all lanes and
groups at once, while ``lifelines``, statsmodels and ``scipy.stats.ecdf`` take one sample at a time and all of its
people, which a running metric does not keep. ``scipy.stats.ecdf`` is what the tests compare with.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fairgym.batch import Array, Numbers
from fairgym.metrics.base import ratio


class Counts(NamedTuple):
    """How many people were served, left and are still inside at each point of the grid; (..., T) each."""

    served: Numbers
    left: Numbers
    inside: Numbers


class Curves(NamedTuple):
    """The estimates at each point of the grid; (..., T) each, NaN from where nobody is observed any more."""

    served: Numbers
    """Share served by then, if people may leave: the Aalen-Johansen cumulative incidence."""
    left: Numbers
    """Share that has left by then, alike."""
    waiting: Numbers
    """Share not served by then, had nobody left: the Kaplan-Meier curve."""


def at_risk(counts: Counts) -> Numbers:
    """Return how many people are observed up to each point of the grid, (..., T)."""
    people = counts.served + counts.left + counts.inside
    risk: Numbers = people[..., ::-1].cumsum(axis=-1)[..., ::-1]
    return risk


def product_limit(events: Array, risk: Array) -> Numbers:
    """Return the share to whom no event has happened by each point, (..., T): the Kaplan-Meier curve.

    NaN from the point on at which nobody is at risk any more, unless the event has happened to everybody.
    """
    nobody = risk == 0
    share = np.cumprod(1 - np.where(nobody, 0.0, ratio(events, risk)), axis=-1)
    return np.where(nobody & (share > 0), np.nan, share)


def cumulative_incidence(events: Array, all_events: Array, risk: Array) -> Numbers:
    """Return the share to whom one kind of event has happened by each point, (..., T): Aalen-Johansen.

    ``all_events`` counts every kind. NaN where the product limit of all of them is.
    """
    free = product_limit(all_events, risk)
    before = np.concatenate([np.ones_like(free[..., :1]), free[..., :-1]], axis=-1)
    steps = np.where(risk == 0, 0.0, before * ratio(events, risk))
    return np.where(np.isnan(free), np.nan, np.cumsum(steps, axis=-1))


def curves(counts: Counts) -> Curves:
    """Return all estimates from the counts."""
    risk, ended = at_risk(counts), counts.served + counts.left
    return Curves(
        served=cumulative_incidence(counts.served, ended, risk),
        left=cumulative_incidence(counts.left, ended, risk),
        waiting=product_limit(counts.served, risk),
    )


def median(waiting: Numbers, points: Numbers) -> Numbers:
    """Return the first point at which at most half still wait, (..., T) -> (...); NaN where that is not reached."""
    reached = waiting <= 0.5 + 1e-12  # half, up to the rounding of products
    return np.where(reached.any(axis=-1), points[reached.argmax(axis=-1)], np.nan)


def restricted_mean(waiting: Numbers, points: Numbers) -> Numbers:
    """Return the area under a curve up to the last point, (..., T) -> (...): the mean of min(wait, last point).

    NaN where the curve is not known so far.
    """
    area: Numbers = np.cumsum(waiting[..., :-1] * np.diff(points), axis=-1)[..., -1]
    return area
