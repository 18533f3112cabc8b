"""Ask how long the search for actions in a forest takes, how much it proves, and what a quick search leaves behind.

Run: python -m benchmarks.recourse --data DIR     (DIR, or FAIRGYM_DATA/recourse, holds the files of ``recourse_data``)
     python -m benchmarks.recourse --data DIR --names fico --nodes 2000 --people 1000

For each data set and cost, a random forest of 200 trees of depth 16 and up to 1,000 people whom it rejects, budget 0.3:
1. seconds of the exact search on all cores, after compilation (in brackets, of all cores together, which other work on
   the machine disturbs little), and the shares of people whose action is proved cheapest
   (optimal), works without that proof (found), for whom there is provably none (impossible), and the rest (unknown);
2. the same of the fast search; and its recourse rate and mean cost against the exact one's, over those whom both serve;
3. where dice-ml can be imported, its random search for a few of these people, who may change what we let them change,
   each feature within her own budget: seconds per person, recourse rate, and mean cost against ours.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import RandomForestClassifier

from fairgym.populations.decision_table import DESIRED, UNDESIRED, DecisionTable
from fairgym.populations.recourse_data import load_table, tables_in
from fairgym.recourse.actions import Actions
from fairgym.recourse.costs import COSTS, FittedCost, within
from fairgym.recourse.forest_search import NODE_LIMIT, search_forest
from fairgym.recourse.found import FOUND, IMPOSSIBLE, OPTIMAL, UNKNOWN, Found
from fairgym.recourse.readers import read_trees
from fairgym.recourse.rungs import Ladders
from fairgym.recourse.trees import TreeVotes

NAMES = ("fico", "compas", "bail", "credit")
MEASURED = ("smoothed-percentile", "percentile")
TREES, DEPTH, BUDGET, PEOPLE, FEW = 200, 16, 0.3, 1_000, 20
PROOFS = (OPTIMAL, FOUND, IMPOSSIBLE, UNKNOWN)


class Case(NamedTuple):
    """A forest, and people whom it rejects."""

    data: DecisionTable
    forest: RandomForestClassifier
    votes: TreeVotes
    actions: Actions
    people: np.ndarray


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given = os.environ.get("FAIRGYM_DATA")
    parser.add_argument("--data", type=Path, default=Path(given) / "recourse" if given else None, metavar="DIR")
    parser.add_argument("--names", nargs="+", default=list(NAMES), choices=NAMES)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--nodes", type=int, default=NODE_LIMIT)
    asked, console = parser.parse_args(), Console(width=160)
    if asked.data is None:
        parser.error("give --data DIR, or set FAIRGYM_DATA: the tables are not part of the project")
    columns = ("people", "seconds (of cores)", "optimal", "found", "impossible", "unknown", "recourse", "cost, both")
    shown = Table("data", "cost", "search", *columns, title=f"{TREES} trees, budget {BUDGET}, {asked.nodes} boxes each")
    for name in tables_in(asked.data, asked.names):
        case = case_of(load_table(name, asked.data), asked.people)
        for measure in MEASURED:
            add_rows(shown, case, measure, asked.nodes)
    console.print(shown)


def case_of(data: DecisionTable, most: int) -> Case:
    """Return a fitted forest and a random choice of the people whom it rejects."""
    X = data.X.to_numpy(dtype=float)
    forest = RandomForestClassifier(TREES, max_depth=DEPTH, n_jobs=-1, random_state=0).fit(data.X, data.y)
    rejected = np.flatnonzero(forest.predict(data.X) == UNDESIRED)
    chosen = np.random.default_rng(0).permutation(rejected)[:most]
    return Case(
        data, forest, read_trees(forest, DESIRED), data.actions.resolve(list(data.X.columns), X.shape[1]), X[chosen]
    )


def add_rows(shown: Table, case: Case, measure: str, nodes: int) -> None:
    """Add the searches of one forest under one cost."""
    cost = COSTS[measure].fit(case.data.X.to_numpy(dtype=float))
    search_forest(case.votes, case.actions, cost, BUDGET, case.people[:1], node_limit=1)  # compiles
    exact, exact_seconds = timed(case, cost, case.people, node_limit=nodes)
    fast, fast_seconds = timed(case, cost, case.people, method="fast")
    costs = both(exact.cost[:, 0], fast.cost[:, 0])
    head = (case.data.name, measure)
    shown.add_row(*head, "exact", *cells(exact, exact_seconds), f"{costs[0]:.4f}")
    shown.add_row(*head, "fast", *cells(fast, fast_seconds), f"{costs[1]:.4f}")
    peer = dice(case, cost)
    if isinstance(peer, str):
        shown.caption = peer
        return
    few, seconds = peer
    costs = both(exact.cost[: len(few), 0], few)
    share, ours = np.mean(~np.isnan(few)), np.mean(~np.isnan(exact.cost[: len(few), 0]))
    shown.add_row(
        *head, "dice-ml", str(len(few)), f"{seconds:.1f}", "", "", "", "", f"{share:.3f} (exact {ours:.3f})",
        f"{costs[1]:.4f} (exact {costs[0]:.4f})",
    )  # fmt: skip


def timed(case: Case, cost: FittedCost, people: np.ndarray, **settings: Any) -> tuple[Found, str]:
    """Return the actions of people and the seconds that the search took, by the clock and of all cores together."""
    clock, cores = time.perf_counter(), time.process_time()
    found = search_forest(case.votes, case.actions, cost, BUDGET, people, **settings)
    return found, f"{time.perf_counter() - clock:.1f} ({time.process_time() - cores:.1f})"


def cells(found: Found, seconds: str) -> list[str]:
    """Return what a table says of one search."""
    shares = [np.mean(found.proof == proof) for proof in PROOFS]
    recourse = np.mean(~np.isnan(found.cost[:, 0]))
    return [str(len(found.proof)), seconds, *(f"{share:.3f}" for share in shares), f"{recourse:.3f}"]


def both(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return the mean costs (n,) of two searches over the people whom both serve."""
    served = ~np.isnan(one) & ~np.isnan(other)
    return (float(one[served].mean()), float(other[served].mean())) if served.any() else (np.nan, np.nan)


def dice(case: Case, cost: FittedCost) -> tuple[np.ndarray, float] | str:
    """Return the costs of dice-ml's actions for a few people (n,), NaN where it has none, and its seconds.

    Where it cannot be imported, or does not run, returns a sentence that says so.
    """
    try:
        peer: Any = importlib.import_module("dice_ml")
    except ImportError:
        return "dice-ml is not installed, so it is not compared."
    people = case.people[:FEW]
    frame = case.data.X.astype(int).assign(outcome=case.data.y)
    features = list(case.data.X.columns)
    data = peer.Data(dataframe=frame, continuous_features=features, outcome_name="outcome")
    explainer = peer.Dice(data, peer.Model(model=case.forest, backend="sklearn"), method="random")
    costs = np.full(len(people), np.nan)
    start = time.perf_counter()
    for row, (person, ranges) in enumerate(zip(people, in_budget(case, cost, people), strict=True)):
        query = pd.DataFrame(person[None].astype(int), columns=features)
        try:
            with warnings.catch_warnings(action="ignore"), contextlib.redirect_stderr(io.StringIO()):  # and its bar
                answer = explainer.generate_counterfactuals(
                    query, total_CFs=1, desired_class=DESIRED, features_to_vary=list(ranges), permitted_range=ranges,
                    random_seed=0, verbose=False,
                )  # fmt: skip
        except Exception as failure:  # it raises errors of its own, and of others, where it finds nothing
            if "No counterfactuals" not in str(failure):
                return (
                    f"dice-ml does not run here ({type(failure).__name__}: {str(failure)[:80]}), so it is not compared."
                )
            continue
        after = answer.cf_examples_list[0].final_cfs_df
        if after is None or not len(after):
            continue
        landed = after[features].to_numpy(dtype=float)
        price = cost.total(person[None], landed)
        if case.votes.wins(landed)[0] and within(price, BUDGET)[0] and is_action(case.actions, person, landed[0]):
            costs[row] = price[0]
    return costs, time.perf_counter() - start


def is_action(actions: Actions, before: np.ndarray, after: np.ndarray) -> bool:
    """Return whether a change (D,) leaves whole numbers whole and as many columns of every one-hot group on."""
    whole = (after == np.floor(after))[actions.integer].all()
    return bool(whole) and all(before[list(group)].sum() == after[list(group)].sum() for group in actions.groups)


def in_budget(case: Case, cost: FittedCost, people: np.ndarray) -> list[dict[str, list[float]]]:
    """Return for each person the lowest and the highest value in budget of each feature that she can change."""
    ladders = Ladders.of(case.votes, case.actions, cost)
    ranges = []
    for person, rungs in zip(people, ladders.people(people, BUDGET, None), strict=True):
        low, high = (ladders.land(person, rungs.own, end) for end in (rungs.low, rungs.high))
        ranges.append({name: [low[at], high[at]] for at, name in enumerate(case.data.X.columns) if low[at] < high[at]})
    return ranges


if __name__ == "__main__":
    main()
