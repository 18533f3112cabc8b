"""One piece of work: train one model on one fold and measure it on the people held out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from fairgym.models.forest import RecourseForestClassifier
from fairgym.models.tree import RecourseTreeClassifier
from fairgym.populations.applicants import ApplicantsParams, repayment
from fairgym.populations.decision_table import DESIRED, UNDESIRED
from fairgym.recourse.result import RecourseResult
from fairgym.recourse.trees import LEAF
from fairgym.result import tidy
from fairgym.scenarios.recourse_trees.folds import Split
from fairgym.scenarios.recourse_trees.names import ACTIONABLE, APPLICANTS, FOREST, OURS, Arm

PAPER_COST = "smoothed-percentile"
TREE_DEPTH, FOREST_DEPTH = 64, 16
NODE_LIMIT = 2_000
"""Steps of the search for one person's action, after which her answer stands unproved: steps, not seconds, so that a
run gives the same on every machine."""


@dataclass(frozen=True)
class Fit:
    """One model on one fold; a piece of work that can be sent to another process and kept."""

    arm: Arm
    lane: int
    """The fold or the seed."""
    split: Split
    trees: int
    budget: float

    @property
    def name(self) -> str:
        """The name of the experiment that it is a part of."""
        return self.arm.name

    @property
    def seed(self) -> int:
        """The only lane that its frame holds."""
        return self.lane

    @property
    def num_envs(self) -> int:
        """The number of lanes that its frame holds."""
        return 1

    @property
    def parts(self) -> list[Any]:
        """Everything that its numbers depend on, but for code and versions."""
        content = (self.split.table.note, self.split.train, self.split.test)
        return [self.arm, self.lane, joblib.hash(content), self.trees, self.budget, NODE_LIMIT]

    def run(self) -> pd.DataFrame:
        """Return what was measured as rows."""
        table, train, test = self.split
        model = make_model(self)
        started = time.perf_counter()
        model.fit(table.X.iloc[train], table.y[train])
        fitted = time.perf_counter()
        found = model.recourse(table.X.iloc[test], node_limit=NODE_LIMIT, jobs=1, progress=False)
        searched = time.perf_counter()
        measured = {
            **quality(model, self.split),
            **recourse(found, table.group[test]),
            **(truth(found, self.split) if self.arm.data == APPLICANTS else {}),
            "leaves": leaves(model),
            "fit_seconds": fitted - started,
            "search_seconds": searched - fitted,
        }
        records = [(1, metric, np.array([value])) for metric, value in measured.items()]
        return tidy(self.arm.name, self.lane, records)


def make_model(fit: Fit) -> Any:
    """Return the classifier of an arm, unfitted.

    The paper's methods grow by the paper's rules. "Ours" is the default of the package in everything but the cost and
    the budget, which are the same for all, so that their recourse can be compared.
    """
    arm = fit.arm
    same = {
        "actions": fit.split.table.actions,
        "budget": fit.budget,
        "target_class": DESIRED,
        "cost": PAPER_COST,
        "random_state": fit.lane,
    }
    forest = {"n_estimators": fit.trees, "n_jobs": 1} if arm.model == FOREST else {}
    kind: Any = RecourseForestClassifier if arm.model == FOREST else RecourseTreeClassifier
    if arm.method == OURS:
        return kind(**same, **forest)
    depth = FOREST_DEPTH if arm.model == FOREST else TREE_DEPTH
    features = {"max_features": "sqrt"} if arm.model == FOREST else {}
    return kind(
        **same,
        **forest,
        **features,
        recourse_weight=arm.weight,
        only_actionable=arm.method == ACTIONABLE,
        criterion="zero_one",
        paper_rules=True,
        max_depth=depth,
    )


def quality(model: Any, split: Split) -> dict[str, float]:
    """Return accuracy, area under the curve, F1 of the undesired class and share rejected of the people held out."""
    people, truth = split.table.X.iloc[split.test], split.table.y[split.test]
    predicted = model.predict(people)
    both = len(np.unique(truth)) == 2
    chance = model.predict_proba(people)[:, list(model.classes_).index(UNDESIRED)]
    return {
        "accuracy": float(accuracy_score(truth, predicted)),
        "auc": float(roc_auc_score(truth, chance)) if both else np.nan,
        "f1": float(f1_score(truth, predicted, pos_label=UNDESIRED, zero_division=0.0)),
        "rejected": float((predicted == UNDESIRED).mean()),
    }


def recourse(found: RecourseResult, group: Any) -> dict[str, float]:
    """Return who has recourse, at what cost, and how surely that is known; NaN over nobody."""
    frame = found.frame
    feasible, accepted = (frame[column].to_numpy(dtype=bool) for column in ("feasible", "accepted"))
    cost = frame["cost"].to_numpy(dtype=np.float64)
    return {
        "recourse": float(feasible.mean()),
        "recourse_of_rejected": mean(feasible[~accepted]),
        "recourse_gap": mean(feasible[group == 1]) - mean(feasible[group == 0]),
        "cost": mean(cost[feasible & ~accepted]),
        "proved": found.certified,
    }


def truth(found: RecourseResult, split: Split) -> dict[str, float]:
    """Return the true chance of repaying of those accepted at once and of those who act, before and after."""
    feasible, accepted = (found.frame[column].to_numpy(dtype=bool) for column in ("feasible", "accepted"))
    acting = feasible & ~accepted
    first = split.table.X.to_numpy(dtype=np.float64)[split.test]
    now = found.counterfactual.to_numpy(dtype=np.float64)[acting]
    return {
        "repays_accepted": mean(repayment(first[accepted])),
        "repays_before": mean(repayment(first[acting])),
        "repays_after": mean(repayment(first[acting], now)),
        "repays_if_causal": mean(repayment(first[acting], now, ApplicantsParams(causal=1.0))),
    }


def leaves(model: Any) -> float:
    """Return the number of leaves of a tree, or the mean over the trees of a forest."""
    votes = model.tree_votes()
    return float((votes.feature == LEAF).sum() / len(votes.roots))


def mean(numbers: Any) -> float:
    """Return the mean, NaN over nobody."""
    return float(np.mean(numbers)) if len(numbers) else np.nan
