"""Measures of robustness, gaming and burden by group; all are functions of ``Moves``.

What moves cost is known from ``cheapest_moves``, so a radius is an upper bound where it is not exact, and so is a
robust accuracy; a stronger attack can only lower them. Who can never reach the other decision is counted as such, with
an infinite radius, and never left out in silence. Frames have one row per group and measure (``by_group``); gaps are
signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairgym.checks import InputError, named, require
from fairgym.recourse.costs import SLACK, Floats
from fairgym.recourse.intervals import Interval, mean, median, quantile, share
from fairgym.recourse.report import OVERALL
from fairgym.robustness.battery import budgets_of
from fairgym.robustness.by_group import Labels, Measure, by_group, confidence_of, labels_of, names_of
from fairgym.robustness.decider import are_favourable
from fairgym.robustness.moves import Moves
from fairgym.robustness.paired import paired_difference
from fairgym.robustness.reach import Bools

DOUBTFUL = 0.05
"""A gap between plain projected gradient and the battery beyond which the former is not to be trusted."""
LOW_SHARE = 0.05
"""The quantile of radii that is told beside the median."""
Budget = float | Sequence[float] | Mapping[Any, float]
"""One budget, several of them, or one for each group."""


def robust_accuracy(
    moves: Moves, y: Any, budget: Budget, groups: Any = None, *, against: Any = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the share of people who are decided on rightly whatever they do within the budget.

    The adversarial reading: the qualified are pushed down and the unqualified up. ``y`` (n,) are the true labels.
    ``budget`` is one number, a list of several, or a mapping from each group to its own.
    """
    return _over_budgets("robust_accuracy", robust, share, moves, y, budget, groups, against, confidence)


def strategic_accuracy(
    moves: Moves, y: Any, budget: Budget, groups: Any = None, *, against: Any = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the share of people who are decided on rightly after best responses.

    The strategic reading: the rejected who can get to approval within the budget do so, qualified or not.
    """
    return _over_budgets("strategic_accuracy", strategic, share, moves, y, budget, groups, against, confidence)


def gaming_rate(
    moves: Moves,
    y: Any,
    budget: Budget,
    groups: Any = None,
    *,
    movers_only: bool = False,
    against: Any = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the share of the unqualified who are approved after best responses.

    With ``movers_only`` the share of the unqualified who are approved because they moved: those whom the model
    approves as they are do not count.
    """
    return _over_budgets(
        "gaming_rate", gamed_by_moving if movers_only else gamed, share, moves, y, budget, groups, against, confidence
    )


def social_burden(
    moves: Moves, y: Any, groups: Any = None, *, against: Any = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Return what qualified people pay to be approved (Milli et al., FAT* 2019).

    Measures: ``social_burden``, the mean cost over the qualified who can be approved, 0 for those approved as they are;
    ``burden_if_rejected``, the same over those of them who have to move; ``cannot_reach``, the share of the qualified
    for whom no move is known.
    """
    _check(moves)
    labels, qualified = labels_of(groups, len(moves), against), qualified_of(moves, y)
    return by_group(burden_measures(moves, qualified), labels, against, confidence_of(confidence))


def empirical_radius(
    moves: Moves, groups: Any = None, *, against: Any = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Return how little it takes to change the decision.

    Measures: ``median_radius`` and ``low_radius`` (the 5 % quantile) over everybody, where no known move is an infinite
    radius; ``no_known_move``, the share of these; ``exact``, the share whose radius is proven.
    """
    _check(moves)
    labels = labels_of(groups, len(moves), against)
    return by_group(radius_measures(moves), labels, against, confidence_of(confidence))


def radius_gap(moves: Moves, groups: Any, *, against: Any = None, confidence: float = 0.95) -> pd.DataFrame:
    """Return the difference of the median radii of each group and everybody else, or the group ``against``, signed.

    A group whose people are nearer to the line than others has a gap below zero (*robustness bias*: Nanda, 2021).
    """
    require(groups is not None, "groups is missing: give the label of each person.")
    frame = empirical_radius(moves, groups, against=against, confidence=confidence)
    kept = frame[(frame["measure"] == "median_radius") & (frame["group"] != OVERALL)]
    named_so = {"value": "median", "gap": "value", "gap_low": "low", "gap_high": "high"}
    frame = kept.drop(columns=["low", "high"]).rename(columns=named_so).assign(measure="radius_gap")
    return frame[["group", "measure", "people", "median", "value", "low", "high"]].reset_index(drop=True)


def attack_gap(plain: Moves, battery: Moves, groups: Any = None, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return by how much one attack overstates the median radius that a battery finds for the same people.

    ``plain`` are moves by projected gradient from zero (``attacks="gradient"``) or by any other attack. Columns:
    ``plain`` and ``battery``, the medians; ``value``, their difference with its interval, paired over people;
    ``doubtful``, whether it is above 0.05, so that the attack alone is not to be trusted.
    """
    _check(plain, "plain")
    _check(battery, "battery")
    require(
        len(plain) == len(battery),
        f"plain has {len(plain)} people, but battery has {len(battery)}: give moves of the same people.",
    )
    labels, level = labels_of(groups, len(plain)), confidence_of(confidence)
    rows = []
    for name in (OVERALL, *names_of(labels)):
        inside = np.ones(len(plain), dtype=bool) if name == OVERALL else np.asarray(labels == name)
        here, there = plain.radius[inside], battery.radius[inside]
        gap, low, high = paired_difference(here, there, np.median, level)
        rows.append(
            {
                "group": name,
                "measure": "attack_gap",
                "people": int(inside.sum()),
                "plain": float(np.median(here)),
                "battery": float(np.median(there)),
                "value": gap,
                "low": low,
                "high": high,
                "doubtful": gap > DOUBTFUL,
            }
        )
    return pd.DataFrame(rows)


def robust(moves: Moves, qualified: Bools, limits: Floats) -> Floats:
    """Return whether each decision is right and stays so within limits (n,), 1 or 0."""
    return np.asarray((moves.accepted == qualified) & ~within_limits(moves, limits), dtype=float)


def strategic(moves: Moves, qualified: Bools, limits: Floats) -> Floats:
    """Return whether each decision is right after best responses within limits (n,), 1 or 0."""
    return np.asarray((moves.accepted | reaches(moves, limits)) == qualified, dtype=float)


def gamed(moves: Moves, qualified: Bools, limits: Floats) -> Floats:
    """Return who of the unqualified is approved after best responses within limits (n,), NaN of the qualified."""
    return np.where(qualified, np.nan, reaches(moves, limits) | moves.accepted)


def gamed_by_moving(moves: Moves, qualified: Bools, limits: Floats) -> Floats:
    """Return who of the unqualified is approved because she moved, within limits (n,), NaN of the qualified."""
    return np.where(qualified, np.nan, reaches(moves, limits))


def burden_measures(moves: Moves, qualified: Bools) -> dict[str, Measure]:
    """Return what qualified people pay to be approved, see ``social_burden``."""
    price = np.where(moves.accepted, 0.0, moves.radius)
    known = np.isfinite(price)
    return {
        "social_burden": Measure(np.where(qualified & known, price, np.nan), mean),
        "burden_if_rejected": Measure(np.where(qualified & known & ~moves.accepted, price, np.nan), mean),
        "cannot_reach": Measure(np.where(qualified, ~known, np.nan), share),
    }


def radius_measures(moves: Moves) -> dict[str, Measure]:
    """Return how little it takes to change the decision, see ``empirical_radius``."""
    return {
        "median_radius": Measure(moves.radius, median),
        "low_radius": Measure(moves.radius, low_radius),
        "no_known_move": Measure(np.isinf(moves.radius).astype(float), share),
        "exact": Measure(moves.exact.astype(float), share),
    }


def reaches(moves: Moves, limits: Floats) -> Bools:
    """Return who is rejected and gets to approval within limits (n,)."""
    return ~moves.accepted & within_limits(moves, limits)


def within_limits(moves: Moves, limits: Floats) -> Bools:
    """Return whose decision changes within limits (n,)."""
    return np.asarray(np.isfinite(moves.radius) & (moves.radius <= limits + SLACK))


def low_radius(values: Floats, confidence: float) -> Interval:
    """Return the 5 % quantile."""
    return quantile(values, confidence, LOW_SHARE)


def qualified_of(moves: Any, y: Any) -> Bools:
    """Return who has the favourable label in truth, (n,), or refuse the labels."""
    labels = np.asarray(y)
    require(
        labels.shape == (len(moves),),
        f"y has the shape {labels.shape}, but there are {len(moves)} people: give the true label of each.",
    )
    missing = pd.isna(labels)
    require(not missing.any(), f"y has no label for person {int(missing.argmax())}: leave those people out.")
    return are_favourable(labels, moves.favourable, "y holds")


def _over_budgets(
    name: str,
    values_of: Any,
    statistic: Any,
    moves: Moves,
    y: Any,
    budget: Budget,
    groups: Any,
    against: Any,
    confidence: float,
) -> pd.DataFrame:
    """Return a measure for one budget after another."""
    _check(moves)
    labels, qualified = labels_of(groups, len(moves), against), qualified_of(moves, y)
    level = confidence_of(confidence)
    frames = []
    for one, limits in _limits(budget, labels, moves):
        measure = Measure(np.asarray(values_of(moves, qualified, limits), dtype=float), statistic)
        frames.append(by_group({name: measure}, labels, against, level, budget=one))
    return pd.concat(frames, ignore_index=True)


def _limits(budget: Budget, labels: Labels | None, moves: Moves) -> list[tuple[float, Floats]]:
    """Return each budget with the limit of each person, (n,); NaN stands for one by group."""
    count = len(moves)
    if isinstance(budget, Mapping):
        require(labels is not None, "budget is given by group, but groups is missing: give the label of each person.")
        missing = [name for name in names_of(labels) if name not in budget]
        require(not missing, f"budget has no entry for the group {missing[:1]}: give one for each.")
        assert labels is not None
        given = [(np.nan, budgets_of([budget[label] for label in labels], count))]
    else:
        several = np.atleast_1d(np.asarray(budget))
        plain = several.ndim == 1 and len(several) > 0 and several.dtype.kind in "iuf" and not np.isnan(several).any()
        require(plain, f"budget={budget!r} is not a number or a list of them: give such as 0.3, or [0.1, 0.3].")
        given = [(float(one), budgets_of(float(one), count)) for one in several]
    for one, limits in given:
        if (limits > np.asarray(moves.budget) * (1 + 1e-12)).any():
            raise InputError(
                f"budget={one:g} is more than moves were looked for: give cheapest_moves at least that budget, or none."
            )
    return given


def _check(moves: Any, name: str = "moves") -> None:
    """Refuse anything but moves of some people."""
    if not isinstance(moves, Moves):
        raise InputError(f"{name} is {named(moves)}: give what cheapest_moves returns.")
