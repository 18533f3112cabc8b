"""Time to recourse and effort to recourse: how long, and at what effort, the rejected get what they applied for.

The people are those who were rejected at least once; whoever is served at the first application had no need of
recourse. A person's clock starts at her first application and stops when she is *served* (accepted, after a rejection)
or has *left* unserved; who is still *inside* when the run, or the episode, is over is censored where she stands then.
Nobody is lost: a running metric counts who got out, and keeps of those inside only where they stand now.

The headline is the share served *if people may leave* (Aalen-Johansen): what the rule does to those whom it rejected.
Beside it stands the share that would be served *had nobody given up* (Kaplan-Meier), by which rules under which
different people give up can be compared. See ``fairgym.metrics.survival`` for both. Time and effort to recourse by
group are measures of Bell et al. 2024 ("Fairness in algorithmic recourse through the lens of substantive equality of
opportunity").
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from fairgym.batch import Array, Mask, Numbers, along
from fairgym.checks import flag, number, require, whole_number
from fairgym.metrics.base import Tracker, check_groups, ratio
from fairgym.metrics.population import store
from fairgym.metrics.survival import Counts, Curves, curves, median, restricted_mean
from fairgym.outcome import BACK, GONE, REJECTED, WORKING

ROUNDING = 1e-9
"""By how much a time or an effort may exceed a point of the grid and still count there."""


class ToRecourse(Tracker):
    """How far the rejected have to go until they are served, on a grid of points; memory does not grow with the run.

    Parts, each (n, G), NaN where it cannot be known: nobody was rejected, or nobody was observed for so long.

    - ``within_X``: share served by X (Aalen-Johansen), for each X of ``within``;
    - ``median``: first point by which half are served; NaN as well if half never are;
    - ``restricted_mean``: mean of the way until served, of which at most ``restricted_to`` counts; who leaves counts as
      not served, with all of it;
    - ``kaplan_meier_within_X``, ``kaplan_meier_median``, ``kaplan_meier_restricted_mean``: the same had nobody left;
    - ``inside``: share of all that is still inside, and so censored: the more, the less the curves rest on;
    - with ``curve=True`` also ``unserved_00``, ``unserved_01``, ...: share not served by each point of the grid
      (Aalen-Johansen). ``curves()`` returns all of them as arrays, ``counts()`` what they are made of.
    """

    key: ClassVar[str]
    within: tuple[float, ...]
    restricted_to: float
    curve: bool

    @property
    @abstractmethod
    def points(self) -> Numbers:
        """The grid, from 0 on, (T,); what lies beyond its end is only known to do so."""

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes and G groups."""
        super().reset(num_envs, num_groups)
        cells = len(self.points) + 1  # the last one: beyond
        self.served, self.left, self.stopped = np.zeros((3, num_envs, num_groups, cells))
        self.standing: Numbers | None = None
        self.group: Numbers | None = None

    def begin(self, outcome: Mapping[str, Array], lanes: Mask | None = None) -> None:
        """Censor who was inside when an episode ended: their places belong to another society now."""
        if self.standing is None or self.group is None:
            return
        ended = np.ones(self.num_envs, dtype=np.bool_) if lanes is None else lanes
        who = ~np.isnan(self.standing) & along(ended, self.standing)
        self.stopped += self._count(who, self.standing, self.group)
        self.standing[ended] = np.nan

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Count who got out in this step, and note where those inside stand."""
        group, way, status = outcome["group"], outcome[self.key], outcome["status"]
        check_groups(group, self.num_groups)
        applied = (outcome["applied"] == 1) & along(live, group)
        served = applied & (outcome["decision"] == 1)
        self.served += self._count(served & (outcome["tries"] > 1), way, group)
        self.left += self._count(applied & ~served & (status == GONE), way, group)
        inside = (status == REJECTED) | (status == WORKING) | (status == BACK)
        self.standing = store(self.standing, np.where(inside, way, np.nan), live)
        self.group = store(self.group, group, live)

    def _count(self, who: Mask, way: Array, group: Array) -> Numbers:
        """Return how many of these people, (n,) or (n, m), stand at each point; (n, G, T + 1)."""
        shape = self.served.shape
        cell = np.searchsorted(self.points + ROUNDING, way[who])
        at = (np.nonzero(who)[0] * shape[1] + group[who].astype(np.intp)) * shape[2] + cell
        return np.bincount(at, minlength=self.served.size).reshape(shape).astype(np.float64)

    def counts(self) -> Counts:
        """Return who was served, left or is still inside, (n, G, T + 1) each; the last cell is beyond the grid.

        Counts of lanes or groups may be added up and given to ``fairgym.metrics.survival.curves``.
        """
        inside = self.stopped.copy()
        if self.standing is not None and self.group is not None:
            inside += self._count(~np.isnan(self.standing), self.standing, self.group)
        return Counts(self.served.copy(), self.left.copy(), inside)

    def curves(self) -> Curves:
        """Return the estimates at each point of the grid, (n, G, T) each."""
        return _on_points(self.counts())

    def compute(self) -> dict[str, Numbers]:
        """Return the parts, each (n, G); see the class."""
        counts, points = self.counts(), self.points
        estimates = _on_points(counts)
        unserved = 1 - estimates.served
        values = self._read("", unserved) | self._read("kaplan_meier_", estimates.waiting)
        inside, everybody = counts.inside.sum(axis=-1), sum(kind.sum(axis=-1) for kind in counts)
        values["inside"] = ratio(inside, np.asarray(everybody))
        if self.curve:
            values |= {f"unserved_{point:02d}": unserved[..., point].copy() for point in range(len(points))}
        return values

    def _read(self, prefix: str, waiting: Numbers) -> dict[str, Numbers]:
        """Return what is read off one curve (n, G, T), under names with this prefix."""
        cells = np.searchsorted(self.points + ROUNDING, [*self.within, self.restricted_to])
        values = {f"{prefix}within_{x:g}": 1 - waiting[..., cell] for x, cell in zip(self.within, cells, strict=False)}
        upto = cells[-1] + 1
        values[f"{prefix}median"] = median(waiting, self.points)
        values[f"{prefix}restricted_mean"] = restricted_mean(waiting[..., :upto], self.points[:upto])
        return values


def _on_points(counts: Counts) -> Curves:
    """Return the estimates without the cell beyond the grid."""
    return Curves(*(curve[..., :-1] for curve in curves(counts)))


class TimeToRecourse(ToRecourse):
    """Periods from the first application of the rejected until they are served; see ``ToRecourse``.

    Exact up to ``horizon`` periods; restrict the mean to fewer than a run has, or it cannot be known.
    """

    requires = ("group", "applied", "decision", "status", "tries", "waited")
    key = "waited"

    def __init__(
        self,
        horizon: int = 50,
        within: Sequence[int] = (1, 2, 5, 10, 20, 50),
        restricted_to: int = 20,
        curve: bool = False,
    ) -> None:
        self.horizon = whole_number("horizon of TimeToRecourse", horizon, at_least=1)
        self.within = tuple(
            whole_number("within of TimeToRecourse", each, at_least=0, at_most=self.horizon) for each in within
        )
        self.restricted_to = whole_number(
            "restricted_to of TimeToRecourse", restricted_to, at_least=1, at_most=self.horizon
        )
        self.curve = flag("curve of TimeToRecourse", curve)

    @property
    def points(self) -> Numbers:
        """The periods 0 .. horizon."""
        return np.arange(self.horizon + 1, dtype=np.float64)


class EffortToRecourse(ToRecourse):
    """Effort of the rejected until they are served, in units of the cost of the world; see ``ToRecourse``.

    The scale is what a person has done so far; who is served after waiting alone needed 0. Efforts are rounded up to
    a grid of ``width`` from 0 to ``most``; what is read off at its points is exact.

    People are censored by the calendar, not by their effort: of those still inside, the ones who act fast and dear
    stand farther along. That makes the estimates biased while many are inside (Lin, Feuer, Etzioni and Wax 1997,
    "Estimating medical costs from incomplete follow-up data"): read them where ``inside`` is small.
    """

    requires = ("group", "applied", "decision", "status", "tries", "effort_spent")
    key = "effort_spent"

    def __init__(
        self,
        width: float = 0.05,
        most: float = 2.0,
        within: Sequence[float] = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0),
        restricted_to: float = 1.0,
        curve: bool = False,
    ) -> None:
        self.width = number("width of EffortToRecourse", width, above=0)
        self.most = self._on_grid("most", number("most of EffortToRecourse", most, above=0))
        require(self.most <= 10_000 * self.width, f"most={most} is over 10,000 widths: give a wider width.")
        bounds = {"at_least": 0.0, "at_most": self.most}
        self.within = tuple(
            self._on_grid("within", number("within of EffortToRecourse", each, **bounds)) for each in within
        )
        restricted = number("restricted_to of EffortToRecourse", restricted_to, above=0, at_most=self.most)
        self.restricted_to = self._on_grid("restricted_to", restricted)
        self.curve = flag("curve of EffortToRecourse", curve)

    def _on_grid(self, name: str, value: float) -> float:
        """Return a value that is a whole number of widths, or refuse it."""
        require(
            abs(value / self.width - round(value / self.width)) < ROUNDING,
            f"{name}={value:g} of EffortToRecourse is no whole number of widths of {self.width:g}: give a point of the "
            f"grid.",
        )
        return value

    @property
    def points(self) -> Numbers:
        """The efforts 0, width, ... most."""
        return self.width * np.arange(round(self.most / self.width) + 1, dtype=np.float64)
