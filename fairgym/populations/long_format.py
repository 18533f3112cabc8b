"""A population given as a CSV file in long format: one row per group and score level.

``transrisk.csv`` beside this file is an example. Columns:

=============  ==================================================================================
column         meaning
=============  ==================================================================================
group          name of the group; groups keep their order of appearance
score          score level, evenly spaced over the file; every group has every level once
share          share of the group's people at this level; sums to 1 in each group
repayment      probability of repaying a loan at this level, 0 to 1
group_share    optional: share of applicants who come from the group, the same in all its rows
=============  ==================================================================================
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgym.checks import InputError
from fairgym.populations.base import ScorePopulation
from fairgym.populations.mapping import population_from_mapping
from fairgym.populations.table import CsvTable

NEEDED = ("group", "score", "share", "repayment")
OPTIONAL = ("group_share",)


def population_from_table(table: CsvTable, **more: Any) -> ScorePopulation:
    """Return the population in a long-format table; ``more`` are further keys of ``population_from_mapping``."""
    table.check_columns(NEEDED, OPTIONAL)
    names = table.words("group")
    groups = list(dict.fromkeys(names))
    scores, level = np.unique(table.numbers("score"), return_inverse=True)
    group = np.array([groups.index(name) for name in names])
    row_of = _row_of_each_cell(table, groups, scores, group, level)
    mapping = {
        "groups": groups,
        "scores": scores,
        "distribution": table.numbers("share", at_least=0, at_most=1)[row_of],
        "repayment": table.numbers("repayment", at_least=0, at_most=1)[row_of],
        "shares": _group_shares(table, groups, group),
    }
    try:
        return population_from_mapping(mapping | more)
    except InputError as error:
        raise InputError(f"{table.file}: {error}") from None


def _row_of_each_cell(
    table: CsvTable, groups: list[str], scores: NDArray[np.float64], group: NDArray[np.intp], level: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return which row of the table holds each group and score level, refusing repeated and missing ones; (G, C)."""
    row_of = np.full((len(groups), len(scores)), -1)
    for row, cell in enumerate(zip(group, level, strict=True)):
        if row_of[cell] >= 0:
            raise InputError(
                f"{table.file} has group {groups[cell[0]]!r} at score {scores[cell[1]]:g} on lines "
                f"{table.lines[row_of[cell]]} and {table.lines[row]}: keep one of them."
            )
        row_of[cell] = row
    for missing_group, missing_level in np.argwhere(row_of < 0):
        raise InputError(
            f"{table.file} lacks group {groups[missing_group]!r} at score {scores[missing_level]:g}: give one row per "
            f"group and score, with share 0 where there is nobody."
        )
    return row_of


def _group_shares(table: CsvTable, groups: list[str], group: NDArray[np.intp]) -> NDArray[np.float64] | None:
    """Return the share of each group where the table states it; (G,)."""
    if "group_share" not in table.columns:
        return None
    stated = table.numbers("group_share", at_least=0, at_most=1)
    for index, name in enumerate(groups):
        values = np.unique(stated[group == index])
        if len(values) > 1:
            raise InputError(
                f"{table.file} gives group {name!r} the group_share {values[0]:g} and {values[1]:g}: "
                f"repeat one number in all its rows."
            )
    return np.array([stated[group == index][0] for index in range(len(groups))])
