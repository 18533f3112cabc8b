"""Drawing: a recourse tree as text and as a picture, with the leaves flipped for recourse and who can reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from fairgym.checks import InputError, named, whole_number
from fairgym.colours import COLOURS
from fairgym.models.grown import LEAF
from fairgym.models.tree import RecourseTreeClassifier
from fairgym.models.walk import depths

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TARGET_INK, OTHER_INK = COLOURS[0], COLOURS[1]
LEAF_WIDTH, LEVEL_HEIGHT = 1.45, 1.15
"""Inches of a picture for each leaf, and for each level."""


def export_text(tree: RecourseTreeClassifier, people: Any = None, decimals: int = 2) -> str:
    """Return a fitted tree as text: conditions by indentation; for each leaf its class and its training people.

    With ``people`` (n, D), such as the training data, leaves of the target class say for whom they are a way up: "way
    up for 40% of the rejected" is the share, of those whom the tree rejects, who can get there within the budget.
    """
    whole_number("decimals", decimals, at_least=0)
    reached = _reached(tree, people)
    lines: list[str] = []
    pending = [(0, 0, "")]
    while pending:
        node, depth, condition = pending.pop()
        if condition:
            lines.append("|   " * (depth - 1) + "|-- " + condition)
        if tree.tree_.feature[node] == LEAF:
            lines.append("|   " * depth + "|-- " + "; ".join(_leaf_words(tree, node, reached[node])))
            continue
        name, threshold = _condition(tree, node, decimals)
        pending.append((int(tree.tree_.right[node]), depth + 1, f"{name} > {threshold}"))
        pending.append((int(tree.tree_.left[node]), depth + 1, f"{name} <= {threshold}"))
    return "\n".join(lines) + "\n"


def plot_tree(tree: RecourseTreeClassifier, people: Any = None, ax: Axes | None = None, decimals: int = 2) -> Axes:
    """Draw a fitted tree, and return the axes; without ``ax``, on a new figure as large as the tree needs.

    Blue leaves give the target class, orange ones the other. A blue leaf with a thick dashed edge was flipped for
    recourse: most of its training people are of the other class. With ``people`` (n, D), such as the training data, a
    blue leaf says what share of those whom the tree rejects can get to it within the budget.
    """
    import matplotlib.pyplot as plt

    whole_number("decimals", decimals, at_least=0)
    reached = _reached(tree, people)
    depth, place = depths(tree.tree_), _places(tree)
    if ax is None:
        size = (max(6.0, LEAF_WIDTH * tree.get_n_leaves()), LEVEL_HEIGHT * (depth.max() + 1) + 0.7)
        _, ax = plt.subplots(figsize=size, layout="constrained")
    for node in range(len(depth)):
        if tree.tree_.feature[node] == LEAF:
            _draw_leaf(ax, _leaf_words(tree, node, reached[node]), tree, node, place[node], -depth[node])
        else:
            _draw_split(ax, tree, node, place, depth, decimals)
    ax.set_xlim(-0.6, place.max() + 0.6)
    ax.set_ylim(-depth.max() - 0.55, 0.4)
    ax.set_axis_off()
    ax.set_title(_title(tree), loc="left")
    return ax


def _reached(tree: Any, people: Any) -> Any:
    """Return the share of the rejected who can get to each leaf, NaN without people; refuse any tree but ours."""
    if not isinstance(tree, RecourseTreeClassifier):
        raise InputError(
            f"tree is {named(tree)}: give a RecourseTreeClassifier, such as one of a forest's estimators_."
        )
    check_is_fitted(tree)
    return np.full(len(tree.tree_.feature), np.nan) if people is None else tree.reach_of_rejected(people)


def _condition(tree: RecourseTreeClassifier, node: int, decimals: int) -> tuple[str, str]:
    """Return the feature of a node and its threshold, in words."""
    feature = int(tree.tree_.feature[node])
    threshold = float(tree.tree_.threshold[node])
    if tree.actions_.integer[feature]:
        threshold = np.floor(threshold)
    return str(tree.actions_.names[feature]), np.format_float_positional(threshold, precision=decimals, trim="-")


def _leaf_words(tree: RecourseTreeClassifier, node: int, reached: float) -> list[str]:
    """Return what is to be said of a leaf: its class, its people, and for whom it is a way up."""
    grown = tree.tree_
    other = next(one for one in tree.classes_.tolist() if one != tree.target_class_)
    total = grown.target_weight[node] + grown.other_weight[node]
    share = grown.target_weight[node] / total if total > 0 else np.nan
    words = [
        f"class {tree.target_class_ if grown.target[node] else other}",
        f"{grown.people[node]:,} people",
        f"{share:.0%} of class {tree.target_class_}",
    ]
    if tree.flipped_[node]:
        words.append("flipped for recourse")
    if grown.target[node] and reached > 0:
        words.append(f"way up for {f'{reached:.0%}' if reached >= 0.005 else 'under 1%'} of the rejected")
    return words


def _places(tree: RecourseTreeClassifier) -> Any:
    """Return where nodes stand from left to right: leaves side by side, others in the middle of their children."""
    grown = tree.tree_
    place = np.zeros(len(grown.feature))
    order, pending = [], [0]
    while pending:
        node = pending.pop()
        order.append(node)
        if grown.feature[node] != LEAF:
            pending += [int(grown.right[node]), int(grown.left[node])]
    leaves = [node for node in order if grown.feature[node] == LEAF]
    place[leaves] = np.arange(len(leaves))
    for node in reversed(order):
        if grown.feature[node] != LEAF:
            place[node] = (place[grown.left[node]] + place[grown.right[node]]) / 2
    return place


def _draw_split(ax: Axes, tree: RecourseTreeClassifier, node: int, place: Any, depth: Any, decimals: int) -> None:
    """Draw the condition of a node and the ways to its children."""
    name, threshold = _condition(tree, node, decimals)
    for child, sign in ((int(tree.tree_.left[node]), "≤"), (int(tree.tree_.right[node]), ">")):
        ends = [place[node], place[child]], [-depth[node], -depth[child]]
        ax.plot(*ends, color="#999999", linewidth=1.2, zorder=1)
        x, y = (float(np.mean(end)) for end in ends)
        ax.text(x, y, f"{sign} {threshold}", ha="center", fontsize=9, backgroundcolor="white", zorder=2)
    box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "#444444"}
    ax.text(place[node], -depth[node], name, ha="center", va="center", fontsize=10, bbox=box, zorder=3)


def _draw_leaf(ax: Axes, words: list[str], tree: RecourseTreeClassifier, node: int, x: float, y: float) -> None:
    """Draw a leaf."""
    accepts, flipped = bool(tree.tree_.target[node]), bool(tree.flipped_[node])
    ink = TARGET_INK if accepts else OTHER_INK
    box = {
        "boxstyle": "round,pad=0.4",
        "facecolor": _pale(ink),
        "edgecolor": ink,
        "linewidth": 2.5 if flipped else 1,
        "linestyle": "--" if flipped else "-",
    }
    lines = [line.replace(" of the rejected", "\nof the rejected") for line in words]
    ax.text(x, y + 0.2, "\n".join(lines), ha="center", va="top", fontsize=8, bbox=box, zorder=3)


def _pale(ink: str) -> Any:
    """Return a colour mixed with four parts of white."""
    from matplotlib.colors import to_rgb

    return 0.2 * np.array(to_rgb(ink)) + 0.8


def _title(tree: RecourseTreeClassifier) -> str:
    """Return what the colours mean."""
    title = f"Blue: class {tree.target_class_}, which people want. Orange: the other class."
    if tree.flipped_.any():
        title += " Dashed: flipped to give the rejected a way up."
    return title
