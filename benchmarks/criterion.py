"""Ask which criterion, and which weight of recourse, a recourse tree should have by default.

Run: python -m benchmarks.criterion DIR [--folds 10]      (DIR holds the files that ``recourse_data`` loads)

Prints for each data set, criterion and recourse weight the means over stratified folds that keep people of equal
features together, with standard deviations: accuracy, AUC, share with recourse, share rejected, leaves. Trees have the
default depth and at least 20 people in a leaf.
"""

from __future__ import annotations

import argparse

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from fairgym.models import RecourseTreeClassifier
from fairgym.populations.decision_table import DESIRED, DecisionTable
from fairgym.populations.recourse_data import load_table, tables_in

NAMES = ("fico", "compas", "credit", "bail")
CRITERIA = ("zero_one", "gini")
WEIGHTS = (0.0, 0.02, 0.05, 0.1)
MEASURES = ("accuracy", "AUC", "recourse", "rejected", "leaves")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", metavar="DIR")
    parser.add_argument("--folds", type=int, default=10)
    given = parser.parse_args()
    shown = Table("data", "criterion", "weight", *MEASURES)
    for name in tables_in(given.data, NAMES):
        table = load_table(name, given.data)
        for criterion in CRITERIA:
            for weight in WEIGHTS:
                tree = RecourseTreeClassifier(
                    actions=table.actions,
                    recourse_weight=weight,
                    criterion=criterion,
                    min_samples_leaf=20,
                    target_class=DESIRED,
                )
                values = measure(tree, table, given.folds)
                mean, spread = values.mean(axis=0), values.std(axis=0, ddof=1)
                cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(mean[:-1], spread[:-1], strict=True)]
                shown.add_row(name, criterion, f"{weight:g}", *cells, f"{mean[-1]:.0f}")
    Console(width=120).print(shown)


def measure(tree: RecourseTreeClassifier, table: DecisionTable, folds: int) -> np.ndarray:
    """Return the measures of each fold, (folds, measures)."""
    cut = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    rows = []
    for train, test in cut.split(table.X, table.y, table.twins):
        tree.fit(table.X.iloc[train], table.y[train])
        people, y = table.X.iloc[test], table.y[test]
        undesired = tree.predict_proba(people)[:, 1]
        predicted = tree.predict(people)
        rejected = (predicted != DESIRED).mean()
        auc = roc_auc_score(y, undesired)
        rows.append([(predicted == y).mean(), auc, tree.recourse_rate(people), rejected, tree.get_n_leaves()])
    return np.array(rows)


if __name__ == "__main__":
    main()
