"""Anchor: a rule found for one person, with what is known of its precision and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from fairgym.explain.predicates import Predicate
from fairgym.explain.rule import Rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Partial:
    """A rule on the way to the one found: its first conditions."""

    predicates: tuple[Predicate, ...]
    precision: float
    """Share of the rows drawn for this very rule that get the answer; for the shape, it is not certified."""
    n_draws: int
    """Number of those rows."""
    coverage: float
    """Share of the background that satisfies it."""


@dataclass(frozen=True)
class Anchor(Rule):
    """A rule that says when the model answers as it does to one person.

    ``success`` means: with probability 1 - delta no rule is accepted whose precision is below threshold - dead_band.
    ``precision`` and its interval are another matter: they come from ``n_draws`` new rows, drawn for this very rule
    after it was chosen, so that neither the choice nor the checks flatter them.
    """

    precision: float = np.nan
    """Share of new rows, drawn for this rule, to which the model gives the person's answer."""
    precision_interval: tuple[float, float] = (0.0, 1.0)
    """Exact interval (Clopper and Pearson) of the precision."""
    n_draws: int = 0
    """Number of those rows; if everything was enumerated, of the different rows that satisfy the rule."""
    data_precision: float = np.nan
    """Share of real rows of the background that satisfy the rule to which the model gives that answer."""
    data_rows: int = 0
    """Number of those real rows, at most. Without conditions they are the draws themselves."""
    coverage: float = np.nan
    """Share of the background that satisfies the rule."""
    coverage_by_group: Mapping[Any, float] = field(default_factory=dict)
    """The same in each group, where the explainer knows groups."""
    model_calls: int = 0
    """Questions to the model."""
    n_rows: int = 0
    """Rows that it was asked about."""
    success: bool = False
    """Whether the rule was certified."""
    reason: str = ""
    """Why the search ended as it did."""
    notes: tuple[str, ...] = ()
    """What a reader should know, such as that nearly everybody gets this answer."""
    partial: tuple[Partial, ...] = ()
    """The rules on the way, from the empty one to this one."""
    threshold: float = np.nan
    """The precision asked for."""
    dead_band: float = 0.0
    """By how much a certified rule may be below it."""
    delta: float = np.nan
    """Probability with which a certified rule may be less precise than that."""
    confidence: float = np.nan
    """Probability with which the interval holds the precision, at least."""
    base_rate: float = np.nan
    """Share of the population, as it is drawn without a rule, that gets the person's answer."""
    answer: str = ""
    """The answer in words."""
    label: str = ""
    """What the explained row is called."""
    exact: bool = False
    """Whether everything was enumerated, so that the precision is no estimate."""
    seconds: float = field(default=np.nan, compare=False)
    """Seconds that the search took."""

    def __str__(self) -> str:
        low, high = self.precision_interval
        ends = (
            "exact"
            if self.exact
            else f"{100 * self.confidence:g}% interval {_share(low)} to {_share(high)}, {self.n_draws:,} new draws"
        )
        real = f"; {_share(self.data_precision)} on {self.data_rows:,} real rows" if self.data_rows else ""
        said = (
            f"IF {self.conditions()} THEN {self.answer or self.prediction} "
            f"WITH PRECISION {_share(self.precision)} ({ends}{real}) AND COVERAGE {_share(self.coverage)}"
        )
        return said if self.success else f"NO VALID RULE ({self.reason}); the best so far: {said}"

    def to_dict(self) -> dict[str, Any]:
        """Return the anchor as plain values, as JSON takes them if answers and groups do."""
        return {**asdict(self), "coverage_by_group": dict(self.coverage_by_group), "text": str(self)}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the rule: a bar for every condition, as long as it takes precision, as thick as it leaves coverage."""
        from fairgym.explain.drawing import draw_anchor

        return draw_anchor(self, ax)


def _share(value: float) -> str:
    """Return a share with as many digits as say more than 0 or 1."""
    if np.isnan(value) or value in (0.0, 1.0):
        return f"{value:g}"
    digits = max(2, int(np.ceil(-np.log10(min(value, 1 - value)))) + 1)
    return f"{value:.{min(digits, 6)}f}"
