"""The best policy under which every group has the same rate: exact, for all lanes at once.

A policy accepts from the highest score down; a group's *rate* is the share of some people that it accepts: of the
qualified (the true positive rate: equal opportunity) or of everybody (the acceptance rate: demographic parity). As a
group's rate t grows from 0 to 1, the bank's money from it follows the upper hull of the group's ROC curve: concave and
piecewise linear in t, with a corner wherever a further score, or a block of pooled scores, is fully accepted. The sum
over groups, weighted by their shares of the applicants, is concave and piecewise linear too, so the best common rate
is at a corner of some group: the first from which the slope to the right is not positive.

Inside, arrays are (C, G, n), score first and lane last: running sums over a few scores are then sums of long arrays,
and every lane's result depends on its own numbers alone.
"""

from __future__ import annotations

import numpy as np

from fairgym.agents.beliefs import Beliefs
from fairgym.agents.isotonic import isotonic
from fairgym.agents.payoff import worth
from fairgym.agents.policy import Policy
from fairgym.batch import Mask, Numbers

TOLERANCE = 1e-12
"""Rates closer than this are one rate, and slopes smaller than this share of the steepest are flat."""
TINY = 1e-100
"""Stands in for a repayment of zero in a denominator."""


def common_rate(beliefs: Beliefs, gain: float, loss: float, *, among_qualified: bool) -> Policy:
    """Return the policy of most money among those with equal rates in all groups.

    Accepting is worth ``gain`` if the person repays and ``-loss`` if not. ``among_qualified`` chooses the rate: of
    those who would repay, or of everybody. Scores are pooled until repayment does not fall with the score; scores of
    one block, and scores of equal repayment, share one probability. Of several best rates the lowest is taken. A
    score without people is accepted if somebody below it is, so that no order is broken, or if it lies at the very
    margin and a person there would pay. A group in which nobody counts (nobody is qualified) is not bound by the
    others: it is served for reward alone.
    """
    mass, repayment = _scores_first(beliefs.mass), _scores_first(beliefs.repayment)
    repayment = isotonic(repayment, mass)
    reached = _sums_from_the_top(mass * repayment if among_qualified else mass)
    total = reached[0]
    bound = total > 0
    ends = reached / np.where(bound, total, 1.0)
    value = worth(repayment, gain, loss)
    slope = value / np.maximum(repayment, TINY) if among_qualified else value
    rate = _best_rate(ends[1:], slope, beliefs.share.T * total, gain)
    acceptance = np.where(bound, _filled(rate, *_blocks(ends, repayment), value > 0), value > 0)
    return Policy(acceptance.transpose(2, 1, 0), np.where(bound.any(axis=0), rate, np.nan))


def _scores_first(array: Numbers) -> Numbers:
    """Return an (n, G, C) array as (C, G, n)."""
    return np.ascontiguousarray(array.transpose(2, 1, 0))


def _sums_from_the_top(counted: Numbers) -> Numbers:
    """Return the sum over scores c or more, for c = 0 .. C, always added in this order; (C + 1, G, n)."""
    sums = np.zeros((len(counted) + 1, *counted.shape[1:]))
    for score in reversed(range(len(counted))):
        np.add(sums[score + 1], counted[score], out=sums[score])
    return sums


def _best_rate(starts: Numbers, slope: Numbers, weight: Numbers, steepest: float) -> Numbers:
    """Return the lowest rate beyond which no money is to be earned; (n,).

    At the rate ``starts`` (C, G, n) a group begins to earn ``slope`` (C, G, n) per unit of its rate; slopes fall from
    the highest score, where none exceeds ``steepest``, to the lowest. Groups count by ``weight`` (G, n).
    """
    lanes = starts.shape[2]
    drops = np.empty_like(slope)
    np.subtract(slope[1:], slope[:-1], out=drops[:-1])
    np.subtract(steepest, slope[-1], out=drops[-1])
    drops *= weight
    lane, starts = np.arange(lanes), starts.reshape(-1, lanes)
    cells = starts.argsort(axis=0) * lanes + lane  # in the order of their rates, as positions in the flat arrays
    at_zero = steepest * weight.cumsum(axis=0)[-1]
    remaining = at_zero - drops.reshape(-1).take(cells).cumsum(axis=0)
    flat = remaining <= TOLERANCE * at_zero
    first = flat.argmax(axis=0)
    return np.where(flat[first, lane], starts.reshape(-1)[cells[first, lane]], 1.0)


def _blocks(ends: Numbers, repayment: Numbers) -> tuple[Numbers, Numbers]:
    """Return between which rates each score is filled, the same for neighbours of equal repayment; two (C, G, n)."""
    low, high = ends[1:].copy(), ends[:-1].copy()
    joined = repayment[1:] == repayment[:-1]
    for score in np.flatnonzero(joined.any(axis=(1, 2)))[::-1]:
        np.copyto(low[score], low[score + 1], where=joined[score])
    for score in np.flatnonzero(joined.any(axis=(1, 2))):
        np.copyto(high[score + 1], high[score], where=joined[score])
    return low, high


def _filled(rate: Numbers, low: Numbers, high: Numbers, pays: Mask) -> Numbers:
    """Return the share accepted of what is filled between the rates ``low`` and ``high``; (C, G, n).

    Where there is nothing to fill, all is accepted beyond ``low``, and at ``low`` itself if it ``pays``.
    """
    above, width = rate - low, high - low
    begun = (above > TOLERANCE) | (pays & (width == 0) & (above > -TOLERANCE))
    share: Numbers = begun.astype(np.float64)
    return np.divide(above, width, out=share, where=begun & (above < width - TOLERANCE))
