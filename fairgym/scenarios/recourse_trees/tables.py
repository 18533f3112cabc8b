"""The paper's tables: one row per data set and method, means over folds or seeds; the frame holds all measures."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fairgym.result import Result
from fairgym.scenarios.recourse_trees.measures import mean_of
from fairgym.scenarios.recourse_trees.names import (
    METHODS,
    MODELS,
    PAPER_DATA,
    ROW_WISE,
    notes,
    protocol_of,
    shown,
    title,
)

HEADINGS = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "rejected": "rejected",
    "recourse": "recourse",
    "cost": "cost",
    "fit_seconds": "fit s",
}


def tables(result: Result) -> Mapping[str, pd.DataFrame]:
    """Return a table of trees and one of forests; data of the paper stand in them by both kinds of folds."""
    return {f"{model}s": table_of(result, model) for model in MODELS}


def table_of(result: Result, model: str) -> pd.DataFrame:
    """Return accuracy, ranking, rejection, recourse, cost and fit time of every method with one kind of model."""
    rows = []
    for data in notes(result):
        both = [protocol_of(result, data), *([ROW_WISE] if data in PAPER_DATA else [])]
        for held_out in dict.fromkeys(both):
            for method in METHODS:
                arm = shown(data, model, method, held_out)
                means = {heading: mean_of(result, arm, metric) for metric, heading in HEADINGS.items()}
                rows.append({"data": title(data, held_out), "method": method, **means})
    return pd.DataFrame(rows)
