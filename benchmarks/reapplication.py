"""Ask what it costs to tell every rejected person what would help, and what a period of the world costs.

Run: python -m benchmarks.reapplication
     python -m benchmarks.reapplication --people 1000000 --leaves 16 60 250

Synthetic applicants; trees of scikit-learn, fitted to 20,000 of them; percentile cost, budget 0.3. Every figure is the
median of several rounds in which it takes turns with its peer, ``predict`` of the same tree on the same people:
1. a policy with offers: decisions on 100,000 people, the cheapest action of everybody who is rejected, and the cost of
   each action as the world measures it: seconds, people per second, and the ratio to ``predict`` alone;
2. a period of the world with 50 lanes of 1,000 places, under random decisions, without offers and with built-in ones,
   and under a tree that makes offers (policy included), against ``predict`` on as many people as there are places.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.tree import DecisionTreeClassifier

from benchmarks.timing import Steps, timed_pairs, vector
from fairgym.envs.advice import ACCEPT, DECLINE, OFFER
from fairgym.envs.reapplication import shown_people
from fairgym.populations.credit_population import load_credit_people
from fairgym.recourse.costs import FittedCost, cost_of
from fairgym.recourse.found import ACCEPTED
from fairgym.recourse.readers import read_trees
from fairgym.recourse.tree_search import TreeSearch

ENV_ID = "ReapplicationEnv-v0"
PEOPLE, LEAVES, PAST, BUDGET, SMALLEST_LEAF = 100_000, (16, 60), 20_000, 0.3, 20
LANES, PLACES, PERIODS = 50, 1_000, 20
APPLICANTS = load_credit_people("applicants")


class Policy(NamedTuple):
    """A tree that decides, and its search for actions."""

    tree: DecisionTreeClassifier
    search: TreeSearch
    cost: FittedCost


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--leaves", type=int, nargs="+", default=list(LEAVES))
    asked, console = parser.parse_args(), Console(width=120)
    policies = [policy_of(leaves) for leaves in asked.leaves]
    console.print(offers_table(policies, asked.people), worlds_table(policies))


def policy_of(leaves: int) -> Policy:
    """Return a fitted tree of at most so many leaves."""
    past, repaid = APPLICANTS.book(PAST, seed=0)
    tree = DecisionTreeClassifier(max_leaf_nodes=leaves, min_samples_leaf=SMALLEST_LEAF, random_state=0)
    cost = cost_of("percentile").fit(past)
    return Policy(tree, TreeSearch(read_trees(tree.fit(past, repaid), 1), APPLICANTS.actions, cost, BUDGET), cost)


def offers_table(policies: list[Policy], count: int) -> Table:
    """Return what decisions and offers cost."""
    columns = ("leaves", "rejected", "told", "seconds", "people/s", "predict, people/s", "ratio")
    shown = Table(*columns, title=f"Decisions and offers for {count:,} people", title_justify="left")
    people, _ = APPLICANTS.book(count, seed=1)
    for policy in policies:
        rejected, told, _ = offers(policy, people)
        ours, theirs = timed_pairs(often(lambda: offers(policy, people)), predictions(policy, people), 1)  # noqa: B023
        shares = (f"{share:.1%}" for share in (rejected / count, told / count))
        speeds = (f"{count / seconds:,.0f}" for seconds in (ours, theirs))
        shown.add_row(str(policy.tree.get_n_leaves()), *shares, f"{ours:.3f}", *speeds, f"{ours / theirs:.1f}")
    return shown


def offers(policy: Policy, people: np.ndarray) -> tuple[int, int, np.ndarray]:
    """Return how many people (n, D) are rejected, how many of them are told something, and what it costs them."""
    found = policy.search.found(people)
    told = np.flatnonzero((found.proof != ACCEPTED) & np.isfinite(found.cost[:, 0]))
    before, target = people[told], found.people[told, 0]
    assert APPLICANTS.actions.permits(before, target).all()
    return int((found.proof != ACCEPTED).sum()), len(told), policy.cost.total(before, target)


def worlds_table(policies: list[Policy]) -> Table:
    """Return what a period of the world costs."""
    title = f"A period of {LANES} lanes of {PLACES:,} places"
    columns = ("decisions", "offers", "milliseconds", "places/s", "predict, ms", "ratio")
    shown = Table(*columns, title=title, title_justify="left")
    people, _ = APPLICANTS.book(LANES * PLACES, seed=1)
    runs: list[tuple[str, str, Policy, Steps]] = [
        ("random", offers, policies[0], vector(ENV_ID, LANES, places=PLACES, offers=offers))
        for offers in ("none", "built-in")
    ]
    runs += [(f"{one.tree.get_n_leaves()} leaves", "by the same tree", one, society(one)) for one in policies]
    for decisions, who, policy, run in runs:
        ours, theirs = timed_pairs(run, predictions(policy, people), PERIODS)
        cells = f"{1_000 * ours:.1f}", f"{len(people) / ours:,.0f}", f"{1_000 * theirs:.1f}", f"{ours / theirs:.1f}"
        shown.add_row(decisions, who, *cells)
    return shown


def society(policy: Policy) -> Steps:
    """Return a run of the world under a tree that tells all whom it rejects what would help."""
    env = gymnasium.make_vec(ENV_ID, num_envs=LANES, places=PLACES, offers="agent")
    seen = [env.reset(seed=0)[0]]

    def step() -> None:
        seen[0] = env.step(action_of(policy, seen[0]))[0]

    return often(step)


def action_of(policy: Policy, observation: dict[str, np.ndarray]) -> np.ndarray:
    """Return decisions on all who apply, and targets for the rejected, (lanes, places, 1 + D)."""
    features = shown_people(observation).astype(np.float64)
    action = np.concatenate([np.full((*features.shape[:2], 1), float(DECLINE)), features], axis=2)
    applying = observation["applying"] == 1
    found = policy.search.found(features[applying])
    told = (found.proof != ACCEPTED) & np.isfinite(found.cost[:, 0])
    codes = np.where(found.proof == ACCEPTED, ACCEPT, np.where(told, OFFER, DECLINE))
    target = np.where(told[:, None], found.people[:, 0], features[applying])
    action[applying] = np.column_stack([codes, target])
    return action


def predictions(policy: Policy, people: np.ndarray) -> Steps:
    """Return a run that predicts for people (n, D)."""
    return often(lambda: policy.tree.predict(people))


def often(once: Callable[[], Any]) -> Steps:
    """Return a run of something that takes no action."""

    def run(steps: int) -> None:
        for _ in range(steps):
            once()

    return run


if __name__ == "__main__":
    main()
