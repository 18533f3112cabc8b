"""The growth of a tree for recourse, transcribed from its description: slow, obvious, and with no code of the package.

After Kanamori et al., "Learning decision trees and forests with algorithmic recourse", ICML 2024. A node is the list of
the conditions on the way to it; who can get there within the budget is asked of every person and every condition anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

LEFT, RIGHT = 0, 1
SLACK = 1e-9
ROUNDING = 1e-10


@dataclass
class Problem:
    """People, what they can change, and the rules of growth."""

    people: np.ndarray
    classes: np.ndarray  # 0 or 1
    error_weight: np.ndarray
    miss_weight: np.ndarray
    target: int  # which class is desired
    actions: object
    cost: object
    budget: float
    rules: object
    candidates: list[int]
    seed: int = 0
    thresholds: list[list[float]] = field(default_factory=list)
    flips: dict[tuple[int, float, int], np.ndarray] = field(default_factory=dict)

    def __post_init__(self):
        if not self.thresholds:
            self.thresholds = [midpoints(column) for column in self.people.T]
        if self.rules.paper:
            self.thresholds = [middles[:-1] if len(middles) > 1 else middles for middles in self.thresholds]


def midpoints(column):
    values = sorted(set(column.tolist()))
    return [(low + high) / 2 for low, high in pairwise(values)]


@dataclass
class Node:
    conditions: list[tuple[int, float, int]]
    label: int
    depth: int
    feature: int = -1
    threshold: float = math.nan
    left: Node | None = None
    right: Node | None = None


def satisfies(problem, person, condition):
    feature, threshold, side = condition
    return (problem.people[person, feature] <= threshold) == (side == LEFT)


def price_of(problem, feature, before, after):
    position = problem.cost.positions[feature]
    return abs(float(position(np.array([after]))[0]) - float(position(np.array([before]))[0]))


def may_move(problem, feature, before, after):
    actions = problem.actions
    if after < before:
        allowed = actions.can_fall[feature] and after >= actions.low[feature]
    else:
        allowed = actions.can_rise[feature] and after <= actions.high[feature]
    return bool(allowed) and price_of(problem, feature, before, after) <= problem.budget + SLACK


def can_satisfy(problem, person, condition):
    """Whether a person satisfies a condition as she is or after a change of that feature within the budget."""
    if satisfies(problem, person, condition):
        return True
    feature, threshold, side = condition
    if problem.actions.integer[feature]:
        after = math.floor(threshold) if side == LEFT else math.floor(threshold) + 1
    else:
        after = threshold if side == LEFT else math.nextafter(threshold, math.inf)
    return may_move(problem, feature, problem.people[person, feature], after)


def group_values(problem, person, group):
    """All values of the columns of a one-hot group that a person can have within the budget."""
    now = tuple(problem.people[person, list(group)].tolist())
    reachable = [now]
    if 1.0 in now:
        current = group[now.index(1.0)]
        for other in group:
            if other != current and may_move(problem, current, 1.0, 0.0) and may_move(problem, other, 0.0, 1.0):
                reachable.append(tuple(float(column == other) for column in group))
    return reachable


def can_reach(problem, person, conditions):
    groups = () if problem.rules.paper else problem.actions.groups
    grouped = {column for group in groups for column in group}
    for condition in conditions:
        if condition[0] not in grouped:
            key = condition
            if key not in problem.flips:
                problem.flips[key] = np.array(
                    [can_satisfy(problem, one, condition) for one in range(len(problem.people))]
                )
            if not problem.flips[key][person]:
                return False
    for group in groups:
        here = [condition for condition in conditions if condition[0] in group]
        if here and not any(
            all((values[group.index(feature)] <= threshold) == (side == LEFT) for feature, threshold, side in here)
            for values in group_values(problem, person, group)
        ):
            return False
    return True


def weight_of(problem, rows, code):
    return float(problem.error_weight[[row for row in rows if problem.classes[row] == code]].sum())


def gini(problem, rows):
    zero, one = weight_of(problem, rows, 0), weight_of(problem, rows, 1)
    return 2.0 * zero * one / (zero + one) if rows else 0.0


def grow(problem):
    """Return the root, and of every person how many leaves of the target class she can get to."""
    rules, target = problem.rules, problem.target
    everybody = [row for row in range(len(problem.people)) if problem.miss_weight[row] > 0]
    rows = [row for row in range(len(problem.people)) if problem.error_weight[row] > 0]
    missed = float(problem.miss_weight[everybody].sum()) if rules.price > 0 else 0.0
    better = weight_of(problem, rows, 1 - target) < weight_of(problem, rows, target) + rules.price * missed
    root = Node([], target if better else 1 - target, 0)
    reachable = np.full(len(problem.people), int(root.label == target))
    draws = np.random.default_rng(problem.seed)
    order = list(problem.candidates)
    expand(problem, root, rows, everybody if rules.price > 0 else [], reachable, order, draws)
    return root, reachable


def expand(problem, node, rows, reach, reachable, order, draws):
    rules, target = problem.rules, problem.target
    pure = len({int(problem.classes[row]) for row in rows}) < 2
    fewest = rules.min_samples_leaf + 1 if rules.paper else 2 * rules.min_samples_leaf
    if node.depth >= rules.max_depth or (pure and rules.paper):
        return
    if rules.max_features < len(order):
        for place in range(rules.max_features if rules.paper else len(order)):
            draw(order, place, draws)
    if len(rows) < max(fewest, rules.min_samples_split):
        return
    own = int(node.label == target)
    depend = [row for row in reach if reachable[row] - own == 0]
    total_missed = float(problem.miss_weight[depend].sum())
    errors_now = gini(problem, rows) if rules.gini else weight_of(problem, rows, 1 - node.label)
    now = errors_now + rules.price * (0.0 if own else total_missed)
    if not rules.paper and now <= rules.min_gain:
        return
    bar = math.inf if rules.paper else now - rules.min_gain - ROUNDING * now
    best = search(problem, node, rows, depend, bar, order)
    if best is None or not best[0] < bar:
        return
    _, feature, threshold, left_label, right_label = best
    left_rows = [row for row in rows if problem.people[row, feature] <= threshold]
    right_rows = [row for row in rows if problem.people[row, feature] > threshold]
    if not left_rows or not right_rows:
        return
    node.feature, node.threshold = feature, threshold
    node.left = Node([*node.conditions, (feature, threshold, LEFT)], left_label, node.depth + 1)
    node.right = Node([*node.conditions, (feature, threshold, RIGHT)], right_label, node.depth + 1)
    left_reach = [row for row in reach if can_reach(problem, row, node.left.conditions)]
    right_reach = [row for row in reach if can_reach(problem, row, node.right.conditions)]
    reachable[reach] -= own
    reachable[left_reach] += int(left_label == target)
    reachable[right_reach] += int(right_label == target)
    expand(problem, node.left, left_rows, left_reach, reachable, order, draws)
    expand(problem, node.right, right_rows, right_reach, reachable, order, draws)


def search(problem, node, rows, depend, bar, order):
    """The best candidate on the first features drawn, and on further ones, one by one, while none is under the bar."""
    wanted = problem.rules.max_features
    if wanted >= len(order):
        return best_of(problem, node, rows, depend, sorted(order))
    best = best_of(problem, node, rows, depend, sorted(order[:wanted]))
    while not problem.rules.paper and wanted < len(order) and (best is None or not best[0] < bar):
        best = best_of(problem, node, rows, depend, [order[wanted]])
        wanted += 1
    return best


def draw(order, place, draws):
    other = place + int(draws.random() * (len(order) - place))
    order[place], order[other] = order[other], order[place]


def best_of(problem, node, rows, depend, features):
    best = None
    for feature in features:
        scored = [
            (threshold, *score_of(problem, node, rows, depend, feature, threshold))
            for threshold in problem.thresholds[feature]
        ]
        for place, (threshold, score, left_label, right_label, left) in enumerate(scored):
            sides = (left, len(rows) - left)
            if not problem.rules.paper and min(sides) < problem.rules.min_samples_leaf:
                continue
            if best is None or score < best[0]:
                last = place
                while last + 1 < len(scored) and scored[last + 1][1] == score and scored[last + 1][4] == left:
                    last += 1
                chosen = threshold if problem.rules.paper else scored[(place + last) // 2][0]
                best = (score, feature, chosen, left_label, right_label)
    return best


def score_of(problem, node, rows, depend, feature, threshold):
    """Score, labels, and people on the left, of one candidate."""
    left = [row for row in rows if problem.people[row, feature] <= threshold]
    right = [row for row in rows if problem.people[row, feature] > threshold]
    to_left = [row for row in depend if can_reach(problem, row, [*node.conditions, (feature, threshold, LEFT)])]
    to_right = [row for row in depend if can_reach(problem, row, [*node.conditions, (feature, threshold, RIGHT)])]
    rules, target = problem.rules, problem.target
    best = None
    for left_label in (0, 1):
        for right_label in (0, 1):
            errors = weight_of(problem, left, 1 - left_label) + weight_of(problem, right, 1 - right_label)
            saved = set(to_left if left_label == target else []) | set(to_right if right_label == target else [])
            missed = float(sum(problem.miss_weight[row] for row in depend if row not in saved))
            score = errors + rules.price * missed
            if best is None or score < best[0]:
                best = (score, left_label, right_label, missed)
    score, left_label, right_label, missed = best
    if rules.gini:
        score = gini(problem, left) + gini(problem, right) + rules.price * missed
    return score, left_label, right_label, len(left)


def listed(root):
    """The nodes in the order parent, all below its left side, all below its right side."""
    if root.left is None:
        return [root]
    return [root, *listed(root.left), *listed(root.right)]
