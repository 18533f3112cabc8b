"""Ask whether trees that are asked to accept the same points make a forest with more recourse than trees by themselves.

Run: python -m benchmarks.ensemble_recourse DIR [--folds 3] [--trees 100] [--cost smoothed-percentile]
                                                          (DIR holds the files that ``recourse_data`` loads)

"alone" is training tree by tree, as in Kanamori et al., ICML 2024 (agreement=0); "together" adds landing points. Two
weights of recourse are shown for trees alone, since recourse can be bought with either. Votes are soft but for "hard".
Prints for each data set means
over stratified folds that keep people of equal features together, with standard errors, and then "together" less each
other row, paired over folds. Recourse is that of the exact search for up to 200 rejected people per fold; people whose
search did not end count as without.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from fairgym.models import RecourseForestClassifier
from fairgym.populations.decision_table import DESIRED, DecisionTable
from fairgym.populations.recourse_data import load_table, tables_in

NAMES = ("fico", "compas", "bail", "credit")
MEASURES = ("AUC", "accuracy", "rejected", "recourse", "of the rejected")
ALONE = {"agreement": 0.0}
HARD = {"voting": "hard"}
ROWS: Mapping[str, Mapping[str, Any]] = {
    "no recourse": {"recourse_weight": 0.0},
    "alone, .02, hard": {"recourse_weight": 0.02, **ALONE, **HARD},
    "alone, .05, hard": {"recourse_weight": 0.05, **ALONE, **HARD},
    "alone, .02": {"recourse_weight": 0.02, **ALONE},
    "alone, .05": {"recourse_weight": 0.05, **ALONE},
    "together, .02, hard": {"recourse_weight": 0.02, **HARD},
    "together, .02": {"recourse_weight": 0.02},
}
"""Parameters of a forest; the rest is the default."""
SEARCHED = 200
"""Rejected people per fold for whom actions are looked for."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", metavar="DIR")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--cost", default="smoothed-percentile")
    parser.add_argument("--names", nargs="*", default=list(NAMES))
    given = parser.parse_args()
    console = Console(width=120)
    for name in tables_in(given.data, given.names):
        table = load_table(name, given.data)
        values = {
            words: measure(
                RecourseForestClassifier(
                    given.trees,
                    actions=table.actions,
                    cost=given.cost,
                    target_class=DESIRED,
                    n_jobs=-1,
                    random_state=0,
                    **parameters,
                ),
                table,
                given.folds,
            )
            for words, parameters in ROWS.items()
        }
        console.print(shown(name, values))


def shown(name: str, values: dict[str, np.ndarray]) -> Table:
    """Return the table of one data set from the measures of each row, (folds, measures)."""
    table = Table(name, *MEASURES)
    for words, row in values.items():
        table.add_row(words, *cells(row, ".3f"))
    *others, last = values
    for words in others:
        table.add_row(f"less {words}", *cells(values[last] - values[words], "+.3f"))
    return table


def cells(values: np.ndarray, form: str) -> Sequence[str]:
    """Return mean and standard error of each measure in words."""
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return [f"{m:{form}} ± {e:.3f}" for m, e in zip(values.mean(axis=0), error, strict=True)]


def measure(forest: RecourseForestClassifier, table: DecisionTable, folds: int) -> np.ndarray:
    """Return the measures of each fold, (folds, measures)."""
    cut = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    rows = []
    for train, test in cut.split(table.X, table.y, table.twins):
        forest.fit(table.X.iloc[train], table.y[train])
        people, y = table.X.iloc[test], table.y[test]
        undesired, predicted = forest.predict_proba(people)[:, 1], forest.predict(people)
        rejected = np.flatnonzero(predicted != DESIRED)
        chosen = np.random.default_rng(0).permutation(rejected)[:SEARCHED]
        served = forest.recourse(people.iloc[chosen], node_limit=400).feasible.mean() if len(chosen) else 1.0
        share = len(rejected) / len(y)
        rows.append([roc_auc_score(y, undesired), (predicted == y).mean(), share, 1 - share * (1 - served), served])
    return np.array(rows)


if __name__ == "__main__":
    main()
