"""robustness_report: one call, one page: how right decisions are, how easily changed, and what countermeasures cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fairgym.checks import InputError, named, number, numbers_array, one_of, require, whole_number
from fairgym.robustness.battery import AUTO
from fairgym.robustness.by_group import Labels, confidence_of, labels_of
from fairgym.robustness.measured import certified_measures, compared, measures_of, tidy, timed, watched_measures
from fairgym.robustness.metrics import qualified_of
from fairgym.robustness.moves import Moves, cheapest_moves
from fairgym.robustness.page import notes_on
from fairgym.robustness.reach import Bools, Reach, check_reach
from fairgym.robustness.smoothing import Certificate, certify
from fairgym.robustness.watched import WatchedRun

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BUDGETS = (0.1, 0.25, 0.5)
SIGMA = 0.25
PANEL = 200
"""People of whom certificates are asked, evenly chosen."""
ONE = "the policy"


@dataclass(frozen=True, repr=False)
class RobustnessReport:
    """What is known of one or several policies on the same people; printing it gives the page."""

    frame: pd.DataFrame
    """One row per policy, group, measure and budget: ``people``, ``value`` with its interval ``low`` to ``high``, and
    ``gap``, signed, to everybody else or to the group ``against``. Measures without a budget have NaN there."""
    comparison: pd.DataFrame
    """One row per further policy, measure and budget: its ``value`` less that of the first policy with an interval
    paired over people; ``seconds`` are the times of training, as far as they were given, with their ratio."""
    budgets: tuple[float, ...]
    moves: Mapping[str, Moves]
    """The cheapest known moves under each policy."""
    certificates: Mapping[str, Certificate]
    """The certificates of a panel under each policy; empty where the cost has none."""
    qualified: Bools
    """Who has the favourable label in truth, (n,)."""
    labels: Labels | None
    """The group of each person, (n,)."""
    cost_name: str
    notes: Sequence[str] = field(default=())
    """What has to be known beside the numbers, one sentence each."""

    @property
    def policies(self) -> list[str]:
        """Names of the policies, the one that others are compared with first."""
        return list(self.moves)

    @property
    def sentences(self) -> list[str]:
        """What each further policy costs and brings against the first, in words."""
        from fairgym.robustness.page import sentences

        return sentences(self)

    def __rich__(self) -> Any:
        """Return the page for rich."""
        from fairgym.robustness.page import page

        return page(self)

    def __str__(self) -> str:
        """Return the page as plain text."""
        from fairgym.robustness.page import plain_text

        return plain_text(self)

    __repr__ = __str__

    def plot(self) -> Figure:
        """Draw what is left of right decisions as people may move further, gaming, and the radii by group."""
        from fairgym.robustness.picture import draw_report

        return draw_report(self)


def robustness_report(
    policy: Any,
    X: Any,
    y: Any,
    groups: Any = None,
    *,
    reach: Reach,
    budgets: Sequence[float] = BUDGETS,
    favourable: Any = 1,
    attacks: str | Sequence[str] = AUTO,
    sigma: float | None = SIGMA,
    n: int = 10_000,
    panel: int = PANEL,
    alarms: WatchedRun | Mapping[str, WatchedRun] | None = None,
    seconds: Mapping[str, float] | None = None,
    against: Any = None,
    confidence: float = 0.95,
    random_state: int = 0,
    progress: bool | None = None,
) -> RobustnessReport:
    """Return how a policy, or several given by name, decides on people X (n, D) of true labels y (n,) and groups (n,).

    A policy is a fitted classifier or a function of rows, as in ``cheapest_moves``. Told are accuracy; robust and
    strategic accuracy and the gaming rate at ``budgets``; radii; burden; certified radii of a ``panel`` of people by
    smoothing with ``sigma`` and ``n`` draws (None: none); alarms and delay of runs that a monitor watched. The first of
    several policies is the one that the others, the countermeasures, are compared with, on the same people, with their
    ``seconds`` of training where these are given.
    """
    check_reach(reach)
    policies = _policies(policy)
    count = len(reach.people(X))
    labels, level, limits = labels_of(groups, count, against), confidence_of(confidence), _budgets(budgets)
    runs, times = _runs(alarms, policies), _seconds(seconds, policies)
    same: dict[str, Any] = {"favourable": favourable, "random_state": random_state, "progress": progress}
    moves = {name: cheapest_moves(model, X, reach, attacks=attacks, **same) for name, model in policies.items()}
    qualified = qualified_of(next(iter(moves.values())), y)
    rows = np.unique(np.linspace(0, count - 1, whole_number("panel", panel, at_least=1)).astype(np.int64))
    certificates = _certificates(policies, X, rows, reach, sigma, n, same)
    measured = {name: measures_of(one, qualified, limits) for name, one in moves.items()}
    certified = {name: certified_measures(one, qualified[rows]) for name, one in certificates.items()}
    watched = {name: watched_measures(run) for name, run in runs.items()}
    frames = [tidy(measured, labels, against, level), tidy(watched, None, None, level)]
    frames.insert(1, tidy(certified, None if labels is None else labels[rows], against, level))
    differences = [compared(measured, level), compared(certified, level), timed(times, next(iter(policies)))]
    return RobustnessReport(
        frame=pd.concat([frame for frame in frames if len(frame)], ignore_index=True),
        comparison=pd.concat(differences, ignore_index=True),
        budgets=limits,
        moves=moves,
        certificates=certificates,
        qualified=qualified,
        labels=labels,
        cost_name=reach.cost.name,
        notes=notes_on(moves, certificates, reach, sigma),
    )


def _certificates(
    policies: Mapping[str, Any], X: Any, rows: Any, reach: Reach, sigma: Any, n: int, same: Mapping[str, Any]
) -> dict[str, Certificate]:
    """Return the certificates of some rows of X under each policy, none where the cost is not linear."""
    if sigma is None or reach.per_unit is None:
        return {}
    panel = X.iloc[rows] if isinstance(X, pd.DataFrame) else reach.people(X)[rows]
    return {name: certify(model, panel, reach, sigma, n=n, **same) for name, model in policies.items()}


def _policies(policy: Any) -> dict[str, Any]:
    """Return policies by name."""
    if not isinstance(policy, Mapping):
        return {ONE: policy}
    require(len(policy) > 0, "policy is empty: give at least one.")
    for name in policy:
        if not isinstance(name, str):
            raise InputError(f"policy has the name {name!r}, which is {named(name)}: give words.")
    return dict(policy)


def _budgets(budgets: Any) -> tuple[float, ...]:
    """Return budgets in ascending order, or refuse them."""
    given = np.unique(numbers_array("budgets", budgets))
    require(len(given) > 0, f"budgets={budgets!r} is empty: give at least one.")
    require(bool(given[0] >= 0), f"budgets={budgets!r} holds a number below zero: give costs.")
    return tuple(given.tolist())


def _runs(alarms: Any, policies: Mapping[str, Any]) -> dict[str, WatchedRun]:
    """Return the watched run of each policy that has one."""
    if alarms is None:
        return {}
    if isinstance(alarms, WatchedRun):
        require(len(policies) == 1, "alarms is one run, but there are several policies: give {policy: run}.")
        return {next(iter(policies)): alarms}
    if not isinstance(alarms, Mapping) or not all(isinstance(run, WatchedRun) for run in alarms.values()):
        raise InputError(f"alarms is {named(alarms)}: give a WatchedRun(alarms, onset, lanes), or one by policy.")
    for name in alarms:
        one_of("alarms of the policy", name, list(policies))
    return dict(alarms)


def _seconds(seconds: Any, policies: Mapping[str, Any]) -> dict[str, float]:
    """Return the time of training of each policy for which it is given."""
    if seconds is None:
        return {}
    require(isinstance(seconds, Mapping), f"seconds={seconds!r} is no mapping: give {{policy: seconds}}.")
    for name in seconds:
        one_of("seconds of the policy", name, list(policies))
    return {name: number(f"seconds[{name!r}]", value, at_least=0) for name, value in seconds.items()}
