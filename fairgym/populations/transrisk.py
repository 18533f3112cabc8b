"""TransRisk: credit scores of four groups in the United States of 2003, for the lending world.

Source: Board of Governors of the Federal Reserve System, "Report to the Congress on Credit Scoring and Its Effects on
the Availability and Affordability of Credit", August 2007: TransUnion TransRisk scores, group as recorded by the Social
Security Administration. Transcribed as three CSV files for Hardt, Price and Srebro, "Equality of opportunity in
supervised learning" (NeurIPS 2016). The tables are curves of groups; they hold no individuals.

Liu et al., "Delayed impact of fair machine learning" (ICML 2018), map the score, a percentile of the whole population,
linearly to 300 .. 850, let a repaid loan of 1 earn 1 and a default cost 4, and move the score by +75 or -150. Here the
scale is 300, 325, ..., 850, so that these moves are three and six levels.

The package carries the re-binned table (``transrisk.csv``); ``read_transrisk`` reads a copy of the three raw files.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fairgym.batch import Numbers
from fairgym.checks import InputError
from fairgym.populations.base import ScorePopulation, score_levels, spacing
from fairgym.populations.long_format import population_from_table
from fairgym.populations.table import CsvTable, read_table

GROUPS = {"white": "Non-Hispanic white", "black": "Black", "hispanic": "Hispanic", "asian": "Asian"}
"""The groups, with their names in the raw files (which also write "Non- Hispanic white")."""
TOTALS, CUMULATIVE, BAD = "totals.csv", "transrisk_cdf_by_race_ssa.csv", "transrisk_performance_by_race_ssa.csv"

LEVELS: tuple[float, ...] = tuple(np.arange(300.0, 851.0, 25.0).tolist())
LOWEST_SCORE, POINTS_PER_PERCENTILE = 300.0, 5.5
MOVES = {"score_gain": 75.0, "score_loss": 150.0, "default_loss": 4.0}
"""Score moves and loss of Liu et al. (2018), section 6: a default costs four times what a repaid loan earns."""
SOURCE = "Board of Governors of the Federal Reserve System, Report to the Congress on Credit Scoring, August 2007"


def transrisk() -> ScorePopulation:
    """Return the packaged population: white, black, hispanic and asian people on the levels 300, 325, ..., 850."""
    text = resources.files("fairgym.populations").joinpath("transrisk.csv").read_text(encoding="utf-8")
    return population_from_table(CsvTable("transrisk.csv", text), name="transrisk", source=SOURCE, **MOVES)


@dataclass(frozen=True, eq=False)
class TransRiskTables:
    """The raw tables: G = 4 groups on R = 198 percentiles.

    The percentiles 0, 0.5, ..., 100 lack 72.5, 77.5 and 92.5, so they are not evenly spaced: these tables are for
    computing, and ``rebinned`` makes the population of a simulated world.
    """

    groups: tuple[str, ...]
    percentiles: Numbers
    """Score as a percentile of the whole population, increasing; (R,)."""
    distribution: Numbers
    """Share of each group's people at each percentile, rows sum to 1; (G, R)."""
    repayment: Numbers
    """Share of the people at each percentile who are not 90 or more days late within 18 to 24 months; (G, R)."""
    shares: Numbers
    """Share of each group among all people of the sample; (G,)."""

    @property
    def scores(self) -> Numbers:
        """The percentiles on the scale 300 to 850; (R,)."""
        return LOWEST_SCORE + POINTS_PER_PERCENTILE * self.percentiles

    def rebinned(self, levels: object = LEVELS) -> ScorePopulation:
        """Return the population on evenly spaced score levels; (C,).

        The people of each raw score go to the nearest level, from halfway between two to the upper one. A level's
        repayment is the mean over its people, so that each group's mean repayment stays what it was; where a group has
        nobody at a level, the raw curve is interpolated linearly there. Levels that leave a raw score more than half
        a step away are refused.
        """
        levels = score_levels(levels)
        half = spacing(levels) / 2
        if levels[0] - half > self.scores[0] or levels[-1] + half < self.scores[-1]:
            raise InputError(
                f"levels run from {levels[0]:g} to {levels[-1]:g}, but the scores from {self.scores[0]:g} to "
                f"{self.scores[-1]:g}: cover them all."
            )
        nearest = (levels[:-1] + half).searchsorted(self.scores, side="right")
        people = _sums(self.distribution, nearest, levels.size)
        repaid = _sums(self.distribution * self.repayment, nearest, levels.size)
        curve = np.stack([np.interp(levels, self.scores, row) for row in self.repayment])
        return ScorePopulation(
            name="transrisk",
            groups=self.groups,
            scores=levels,
            distribution=people,
            repayment=np.divide(repaid, people, out=curve, where=people > 0),
            shares=self.shares,
            source=SOURCE,
            **MOVES,
        )


def _sums(values: Numbers, bins: NDArray[np.intp], size: int) -> Numbers:
    """Return the sum of each row's values in each bin; (G, size)."""
    return np.stack([np.bincount(bins, weights=row, minlength=size) for row in values])


def read_transrisk(folder: str | PathLike[str]) -> TransRiskTables:
    """Return the raw tables in a folder that holds the three files under their usual names.

    A percentile that the files leave out has its people counted at the next one, because the files are cumulative.
    Raises ``InputError`` where a file is missing or is not what its name says.
    """
    totals = _read(Path(folder) / TOTALS, "Kind")
    if totals.words("Kind") != ["SSA"]:
        raise InputError(f"{totals.file} must have one row, of the kind 'SSA'.")
    people = np.array([totals.numbers(column, at_least=1)[0] for column in GROUPS.values()])
    cumulative, bad = _read(Path(folder) / CUMULATIVE, "Score"), _read(Path(folder) / BAD, "Score")
    percentiles = cumulative.numbers("Score", at_least=0, at_most=100)
    if not np.array_equal(percentiles, bad.numbers("Score")) or (np.diff(percentiles) <= 0).any():
        raise InputError(f"{cumulative.file} and {bad.file} must list the same scores in increasing order.")
    return TransRiskTables(
        groups=tuple(GROUPS),
        percentiles=percentiles,
        distribution=np.stack([_shares_at(cumulative, column) for column in GROUPS.values()]),
        repayment=np.stack([1 - bad.numbers(column, at_least=0, at_most=100) / 100 for column in GROUPS.values()]),
        shares=people / people.sum(),
    )


def _read(path: Path, key: str) -> CsvTable:
    """Return a raw table with its columns under the names of ``GROUPS``."""
    table = read_table(path)
    table.columns = [column.replace("Non- Hispanic", "Non-Hispanic") for column in table.columns]
    table.check_columns((key, *GROUPS.values()))
    return table


def _shares_at(table: CsvTable, column: str) -> Numbers:
    """Return the share of a group at each score from its cumulative percentages; (R,)."""
    cumulative = table.numbers(column, at_least=0, at_most=100)
    falls = np.flatnonzero(np.diff(cumulative) < 0)
    if falls.size:
        line = table.lines[falls[0] + 1]
        raise InputError(f"{table.file}, line {line}, column {column!r} falls: cumulative percentages must not.")
    if cumulative[-1] != 100:
        raise InputError(f"{table.file}, column {column!r} ends at {cumulative[-1]:g}: it must end at 100.")
    return np.diff(cumulative, prepend=0.0) / 100
