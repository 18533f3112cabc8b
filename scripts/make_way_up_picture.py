"""Draw docs/images/way-up.png: the same people under a tree trained for accuracy and under one trained for recourse.

Run ``python scripts/make_way_up_picture.py`` after a change of the trees, of the search or of the picture; a test holds
what the picture shows against the models.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from fairgym.models import RecourseTreeClassifier
from fairgym.pictures.regions import draw_regions
from fairgym.plots import STYLE
from fairgym.recourse import ActionSpec

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "way-up.png"
ACTIONS = ActionSpec({"age": "up", "income": "up"}, integer=["age", "income"])
"""Nobody grows younger; an income can rise."""


def people(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return n invented people with age and monthly income, and whether they repay.

    A chance of one half takes an income of 1,400 under the age of 40, and of 2,400 from then on.
    """
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 66, n)
    income = np.round(np.exp(rng.normal(np.log(2_000), 0.5, n)))
    needed = np.where(age < 40, 1_400, 2_400)
    chance = 1 / (1 + np.exp(-(income - needed) / 200))
    keep = income <= 6_000
    return pd.DataFrame({"age": age, "income": income})[keep], (rng.random(n) < chance)[keep].astype(int)


def trees(X: pd.DataFrame, y: np.ndarray) -> dict[str, RecourseTreeClassifier]:
    """Return the two trees; one number tells them apart."""
    settings = {"max_depth": 2, "min_samples_leaf": 20}
    weights = {"Trained for accuracy": 0.0, "Trained for accuracy and a way up": 0.3}
    return {
        name: RecourseTreeClassifier(ACTIONS, 0.3, weight, **settings).fit(X, y) for name, weight in weights.items()
    }


def somebody(X: pd.DataFrame, age: int, income: int) -> int:
    """Return the label of the person who is closest to an age and an income."""
    return ((X["age"] - age).abs() / 10 + (X["income"] - income).abs() / 500).idxmin()


def draw() -> Figure:
    """Return the picture."""
    X, y = people(600, seed=0)
    figure, axes = plt.subplots(1, 2, figsize=(12, 5.4), sharey=True, layout="constrained")
    for ax, (name, tree) in zip(axes, trees(X, y).items(), strict=True):
        draw_regions(tree, X, y, person=somebody(X, age=57, income=1_100), ax=ax)
        ax.text(0, 1.02, ax.get_title(loc="left"), transform=ax.transAxes)
        ax.set_title(f"{name}\n", weight="bold")
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, markerscale=1.6
    )
    return figure


if __name__ == "__main__":
    with mpl.rc_context(STYLE):
        draw().savefig(PICTURE)
