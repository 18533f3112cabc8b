"""Ask whether training for recourse costs more time than training without it does in scikit-learn.

Run: python -m benchmarks.trees --data DIR           (DIR, or FAIRGYM_DATA/recourse: the files of ``recourse_data``)
     python -m benchmarks.trees --data DIR --forests (forests as well)
     python -m benchmarks.trees --scaling            (synthetic tables, up to a million people)

Prints, medians of paired fits in one run after compilation, all set-up included (checks, costs, coding), in seconds of
all processor cores together, which other work on the machine disturbs little:
1. for each data set, our tree against DecisionTreeClassifier with as many leaves, and the ratio of the times (aim: at
   most 1.0 as geometric mean, at most 1.6 for any one): under the paper's rules, depth and recourse weights, with
   either percentile; with our default parameters; and, beyond the aim, Gini impurity at the paper's depth;
2. our forest against RandomForestClassifier with as many trees and jobs: under the paper's rules, both of the paper's
   depth; and with our default parameters, the peer of our depth and of its own default, which is unlimited;
3. how the time for a tree grows with people and with features; 1.0 is linear.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from fairgym.models import RecourseForestClassifier, RecourseTreeClassifier
from fairgym.populations.decision_table import DESIRED
from fairgym.populations.recourse_data import load_table, tables_in
from fairgym.recourse import ActionSpec
from fairgym.scenarios.recourse_trees.names import FOREST, PAPER_DATA, SHOWN, TREE

WEIGHTS, FOREST_WEIGHTS = SHOWN[TREE], SHOWN[FOREST]


class Rules(NamedTuple):
    """How trees grow."""

    name: str
    parameters: Mapping[str, Any]
    share: float | None = None
    """Of the paper's recourse weight; None takes ours."""
    peer: Mapping[str, Any] = {}
    """Parameters of scikit-learn's estimator."""


PAPER = {"criterion": "zero_one", "paper_rules": True, "min_gain": 0.0}
SMOOTHED = {"cost": "smoothed-percentile"}
DEEP = {"criterion": "gini", "max_depth": 64, "min_samples_leaf": 20, "min_gain": 0.0}
TREE_RULES = (
    Rules("paper", {**PAPER, "max_depth": 64, **SMOOTHED}, 1.0),
    Rules("paper, mid-rank percentile", {**PAPER, "max_depth": 64}, 1.0),
    Rules("default", {}),
    Rules("Gini, depth 64", DEEP, 0.5, {"min_samples_leaf": 20}),
)
FOREST_RULES = (
    Rules("paper", {**PAPER, "max_depth": 16, "n_estimators": 200, **SMOOTHED}, 1.0, {"max_depth": 16}),
    Rules("paper, mid-rank percentile", {**PAPER, "max_depth": 16, "n_estimators": 200}, 1.0, {"max_depth": 16}),
    Rules("default", {}, None, {"max_depth": 8}),
    Rules("default, peer unlimited", {}),
)
ROUNDS, FOREST_ROUNDS = 9, 3
PEOPLE, FEATURES = (1_000, 10_000, 100_000, 1_000_000), (5, 10, 20, 50, 100)
DEPTH = 6


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given = os.environ.get("FAIRGYM_DATA")
    parser.add_argument("--data", type=Path, default=Path(given) / "recourse" if given else None, metavar="DIR")
    parser.add_argument("--forests", action="store_true")
    parser.add_argument("--scaling", action="store_true")
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    console = Console()
    if asked.data is not None:
        names = tables_in(asked.data, PAPER_DATA)
        console.print(trees(asked.data, names, asked.rounds))
        if asked.forests:
            console.print(forests(asked.data, names, asked.jobs))
    else:
        console.print("No --data and no FAIRGYM_DATA: only synthetic tables.")
    if asked.scaling or asked.data is None:
        for levels in (64, None):
            console.print(scaling(levels))


def trees(folder: Path, names: Sequence[str], rounds: int) -> Table:
    """Return the table of our tree against scikit-learn's."""
    shown = Table("rules", "data", "leaves", "ours, ms", "scikit-learn, ms", "ratio", title="trees")
    for rules in TREE_RULES:
        ratios = []
        for name in names:
            data = load_table(name, folder)
            ours = RecourseTreeClassifier(data.actions, target_class=DESIRED, **parameters_of(rules, WEIGHTS[name]))
            leaves = ours.fit(data.X, data.y).get_n_leaves()  # compiled by now
            peer = DecisionTreeClassifier(max_leaf_nodes=max(leaves, 2), random_state=0, **rules.peer)
            mine, theirs = paired(fits(ours, data.X, data.y), fits(peer, data.X, data.y), rounds)
            ratios.append(mine / theirs)
            shown.add_row(rules.name, name, str(leaves), *cells(mine, theirs))
        shown.add_row(rules.name, "geometric mean", "", "", "", f"{statistics.geometric_mean(ratios):.2f}")
        shown.add_section()
    return shown


def forests(folder: Path, names: Sequence[str], jobs: int) -> Table:
    """Return the table of our forest against scikit-learn's."""
    shown = Table("rules", "data", "trees", "ours, ms", "scikit-learn, ms", "ratio", title="forests")
    for rules in FOREST_RULES:
        ratios = []
        for name in names:
            data = load_table(name, folder)
            common = {"n_jobs": jobs, "random_state": 0}
            parameters = parameters_of(rules, FOREST_WEIGHTS[name])
            ours = RecourseForestClassifier(actions=data.actions, target_class=DESIRED, **common, **parameters)
            peer = RandomForestClassifier(ours.n_estimators, **common, **rules.peer)
            mine, theirs = paired(fits(ours, data.X, data.y), fits(peer, data.X, data.y), FOREST_ROUNDS)
            ratios.append(mine / theirs)
            shown.add_row(rules.name, name, str(ours.n_estimators), *cells(mine, theirs))
        shown.add_row(rules.name, "geometric mean", "", "", "", f"{statistics.geometric_mean(ratios):.2f}")
        shown.add_section()
    return shown


def parameters_of(rules: Rules, weight: float) -> dict[str, Any]:
    """Return the parameters of our estimator; ``weight`` is the paper's recourse weight for a data set."""
    return dict(rules.parameters) | ({} if rules.share is None else {"recourse_weight": rules.share * weight})


def scaling(levels: int | None) -> Table:
    """Return the table of times for a tree on columns of so many levels, or of continuous ones (None)."""
    synthetic_fits(100, FEATURES[0], levels)  # compiles
    kind = f"columns of {levels} levels" if levels else "continuous columns"
    shown = Table("people", "features", "seconds", "exponent", title=f"a tree of depth {DEPTH}, {kind}")
    for sizes in ([(people, 10) for people in PEOPLE], [(10_000, features) for features in FEATURES]):
        before: tuple[int, float] | None = None
        for people, features in sizes:
            seconds = statistics.median(synthetic_fits(people, features, levels))
            size = people * features
            exponent = f"{np.log(seconds / before[1]) / np.log(size / before[0]):.2f}" if before else ""
            shown.add_row(f"{people:,}", str(features), f"{seconds:.3f}", exponent)
            before = size, seconds
        shown.add_section()
    return shown


def synthetic_fits(people: int, features: int, levels: int | None, times: int = 3) -> list[float]:
    """Return the seconds of a few fits on a synthetic table; half of its features are fixed."""
    random = np.random.default_rng(0)
    X = random.normal(size=(people, features))
    y = (X[:, :5] @ [1.0, -1.0, 0.5, 0.5, -0.5] + random.normal(size=people) > 0).astype(int)
    if levels is not None:
        X = np.clip(np.round(X * levels / 6), -levels // 2, levels // 2)
    actions = ActionSpec(["fixed" if place % 2 else "free" for place in range(features)])
    model = RecourseTreeClassifier(actions, max_depth=DEPTH, recourse_weight=0.1)
    return [timed(fits(model, X, y)) for _ in range(times)]


def fits(model: BaseEstimator, X: Any, y: Any) -> Callable[[], Any]:
    """Return a run that fits a model."""
    return lambda: model.fit(X, y)


def paired(a: Callable[[], Any], b: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Return the seconds of two runs: medians over rounds in which they take turns."""
    pairs = [(timed(a), timed(b)) for _ in range(rounds)]
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)


def timed(run: Callable[[], Any]) -> float:
    """Return the processor seconds of a run."""
    start = time.process_time()
    run()
    return time.process_time() - start


def cells(mine: float, theirs: float) -> list[str]:
    """Return two times and their ratio as words."""
    return [f"{1e3 * mine:.1f}", f"{1e3 * theirs:.1f}", f"{mine / theirs:.2f}"]


if __name__ == "__main__":
    main()
