"""TablePeople: the rows of a real table as people who ask for credit, with a repayment model fitted to the table.

People are rows drawn with replacement: nobody comes who is not in the table. Whether she repays is not the outcome in
her row but drawn from the model, because a person who comes back changed needs a chance that changes with her::

    log-odds of repaying = base + sum over columns of coefficient * (value - mean) / standard deviation

The model is scikit-learn's logistic regression with an L2 penalty (``C``, its inverse strength) on standardised
columns; a column of one value only says nothing about repayment, so its effect is 0. The factors of repayment are the
columns. The mean chance of the rows is the share that repaid, whatever the penalty, because the base has none.

A table of outcomes cannot tell a cause from a sign. How much of an effect is real for whoever changes a column
herself is an assumption that the user makes: the causal share, 1 (the model is taken at its word) if nothing is said.

Not for: deciding about anybody, or foretelling what a change of a column would do to a real person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from fairgym.batch import Numbers
from fairgym.checks import InputError, number, numbers_array, probabilities, require, suggestion
from fairgym.noise import Uniforms
from fairgym.populations.base import group_names
from fairgym.populations.credit_people import CreditPeople, single_precision
from fairgym.populations.decision_table import DESIRED, DecisionTable
from fairgym.recourse.actions import Actions, ActionSpec, Column

LARGEST = float(np.finfo(np.float32).max)
"""Largest number that single precision holds."""
WEAKEST = 1e6
"""Largest C: with less of a penalty, columns that say the same would get huge effects that cancel."""
DIGITS = 9
"""Decimals of the fitted coefficients, so that the number of threads that fit decides nothing."""
Shares = float | Sequence[float] | Mapping[str, float]
"""Causal shares: one for all columns, one for each in order, or by the name of the column."""


class TablePeople(CreditPeople):
    """People bootstrapped from a table; values are those of the table in single precision."""

    noise_size = 1

    def __init__(
        self,
        table: DecisionTable,
        *,
        causal: Shares = 1.0,
        groups: Sequence[str] | None = None,
        score: str | None = None,
        score_range: Sequence[float] | None = None,
        C: float = 1.0,
    ) -> None:
        """Fit the repayment model; the outcome DESIRED of the table is "repays".

        ``causal`` is the causal share of each column; by name it has to hold every column that people can change, and
        the others count as 1. ``groups`` are the names of the people at most at, and above, the table's cut. ``score``
        is the column that loans move, within ``score_range`` (None: lowest and highest in the table); without it loans
        move nothing. People can move within the table's range, where the table's actions do not say otherwise.

        Raises InputError for a table without both outcomes, without people in both groups, with values that single
        precision does not hold, and for names that are no columns.
        """
        self.name, self.source, self.sensitive = table.name, table.source, table.sensitive
        self.columns = self.factors = tuple(map(str, table.X.columns))
        self.cut = float(np.float32(number("cut", table.cut, at_least=-LARGEST, at_most=LARGEST)))
        self._rows = _values(table)
        self.groups = self._named_groups(groups)
        actions = table.actions.resolve(self.columns, len(self.columns))
        actions.check_people(self._rows, table.name)
        self._set_limits(table.actions, actions)
        self.causal = _causal_shares(causal, actions)
        self._set_score(score, score_range)
        self.base, self.mean, self.slopes = _repayment_model(self._rows, table, C)
        for array in (self._rows, self.low, self.high, self.causal, self.mean, self.slopes):
            array.setflags(write=False)

    @property
    def spec(self) -> ActionSpec:
        """What people can change; every column that they can change has limits."""
        return self._spec

    def draw(self, uniforms: Uniforms) -> Numbers:
        """Return a row of the table for each uniform number (k, 1) in [0, 1), all rows being equally likely; (k, D)."""
        return self._rows[np.floor(uniforms[:, 0] * len(self._rows)).astype(np.int64)]

    def effects(self, people: Numbers) -> Numbers:
        """Return the effect of each column on the log-odds that people (k, D) repay; (k, D)."""
        effects: Numbers = self.slopes * (people - self.mean)
        return effects

    def _named_groups(self, names: Sequence[str] | None) -> tuple[str, ...]:
        """Return the names of the two groups, or refuse a cut that puts everybody into one."""
        _place("sensitive", self.sensitive, self.columns)
        column = self._rows[:, self.columns.index(self.sensitive)]
        require(
            bool(column.min() <= self.cut < column.max()),
            f"cut={self.cut:g} puts everybody into one group: {self.sensitive!r} goes from {column.min():g} to "
            f"{column.max():g}, so cut it in between.",
        )
        given = group_names(
            (f"{self.sensitive} <= {self.cut:g}", f"{self.sensitive} > {self.cut:g}") if names is None else names
        )
        require(len(given) == 2, f"groups={names!r} has {len(given)} names: give two, at most at the cut and above it.")
        return given

    def _set_limits(self, spec: ActionSpec, actions: Actions) -> None:
        """Set between what people are and where they can move to."""
        low, high = _limits(self._rows, actions)
        within: dict[Column, tuple[float, float]] = {
            self.columns[place]: (float(low[place]), float(high[place]))
            for place in np.flatnonzero(~actions.fixed).tolist()
        }
        self._spec = replace(spec, bounds=within)
        self.low, self.high = np.minimum(self._rows.min(axis=0), low), np.maximum(self._rows.max(axis=0), high)

    def _set_score(self, column: str | None, limits: Sequence[float] | None) -> None:
        """Set which column loans move and how far, and widen the limits of people to it."""
        if column is None:
            require(limits is None, "score_range is given without a score: name the column that loans move.")
            self.score_column, self.score_range = None, (0.0, 0.0)
            return
        place = self.score_column = _place("score", column, self.columns)
        rows = self._rows[:, place]
        given = numbers_array("score_range", (rows.min(), rows.max()) if limits is None else limits)
        require(
            given.shape == (2,) and -LARGEST <= given[0] < given[1] <= LARGEST,
            f"score_range={given.tolist()} is not a range: give [lowest, highest], the lowest first.",
        )
        lowest, highest = single_precision(given)
        self.score_range = (float(lowest), float(highest))
        self.low[place], self.high[place] = min(self.low[place], lowest), max(self.high[place], highest)


def _values(table: DecisionTable) -> Numbers:
    """Return the features of a table in single precision, or refuse what it cannot hold; (n, D)."""
    values = table.X.to_numpy(dtype=np.float64)
    beyond = ~(np.abs(values) <= LARGEST)
    if beyond.any():
        column = table.X.columns[beyond.any(axis=0).argmax()]
        raise InputError(
            f"{table.name} holds NaN or a number beyond 3e38 in the column {column!r}: repair it, or change its unit."
        )
    return single_precision(values)


def _limits(rows: Numbers, actions: Actions) -> Numbers:
    """Return the lowest and the highest value to move to, (2, D): those of the actions, else those of the table."""
    with np.errstate(over="ignore"):  # what single precision does not hold is no limit
        given = single_precision(np.stack([actions.low, actions.high]))
    given[:, actions.fixed] = np.nan
    return np.where(np.isfinite(given), given, np.stack([rows.min(axis=0), rows.max(axis=0)]))


def _place(key: str, column: object, columns: Sequence[str]) -> int:
    """Return the place of a column, or refuse it."""
    if not isinstance(column, str) or column not in columns:
        raise InputError(f"{key} names the column {column!r}, which is not there: {suggestion(str(column), columns)}")
    return columns.index(column)


def _causal_shares(causal: Shares, actions: Actions) -> Numbers:
    """Return the causal share of each column, (D,)."""
    columns = actions.names
    if isinstance(causal, Mapping):
        shares = np.ones(len(columns))
        for column, share in causal.items():
            shares[_place("causal", column, columns)] = number(f"causal[{column!r}]", share, at_least=0, at_most=1)
        missing = [columns[place] for place in np.flatnonzero(~actions.fixed) if columns[place] not in causal]
        if missing:
            raise InputError(
                f"causal lacks the column {missing[0]!r}, which people can change: give its share, from 0 to 1."
            )
        return shares
    shares = probabilities("causal", causal)
    if shares.shape not in ((), (len(columns),)):
        raise InputError(
            f"causal has shape {shares.shape}: give one share, one for each of {len(columns)} columns, or by name."
        )
    return np.broadcast_to(shares, len(columns)).copy()


def _repayment_model(rows: Numbers, table: DecisionTable, C: float) -> tuple[float, Numbers, Numbers]:
    """Return base, means and slopes (D,): log-odds of repaying = base + sum over columns of slope * (value - mean)."""
    repaid: NDArray[np.int64] = (table.y == DESIRED).astype(np.int64)
    require(
        0 < repaid.sum() < len(repaid),
        f"{table.name} holds only people who {'repaid' if repaid.any() else 'did not repay'}: "
        "a repayment model needs some of both.",
    )
    mean, slopes = rows.mean(axis=0), np.zeros(rows.shape[1])
    varied = np.ptp(rows, axis=0) > 0
    spread = rows[:, varied].std(axis=0)
    strength = number("C", C, above=0, at_most=WEAKEST)
    model = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-8)
    model.fit((rows - mean)[:, varied] / spread, repaid)
    slopes[varied] = np.round(model.coef_[0], DIGITS) / spread
    return float(np.round(model.intercept_[0], DIGITS)), mean, slopes
