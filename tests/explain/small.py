"""Small tables and rules whose precision is known without drawing."""

import numpy as np
import pandas as pd

from fairgym.explain import AnchorExplainer

EACH = 250
"""Rows of each of the four kinds of two binary features."""
PAIRS = np.repeat([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], EACH, axis=0)


def both(rows):
    """Return 1 for who has both features."""
    return (rows[:, 0] * rows[:, 1]).astype(int)


def numbers(rows=4_000, columns=4, seed=0):
    """Return independent standard normal features (rows, columns)."""
    return np.random.default_rng(seed).normal(size=(rows, columns))


def step(rows):
    """Return 1 for who is above 0.8 on the first feature, or above 0 on the first and above 1 on the second."""
    return ((rows[:, 0] > 0.8) | ((rows[:, 0] > 0) & (rows[:, 1] > 1))).astype(int)


def people(rows=1_500, seed=0):
    """Return a table of all kinds of columns, with gaps, and a constant one."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "income": np.where(rng.random(rows) < 0.1, np.nan, np.round(rng.gamma(3, 20, rows), 2)),
            "job": rng.choice(["nurse", "clerk", "cook", None], rows),
            "owner": rng.random(rows) < 0.3,
            "kind": pd.Categorical(rng.choice(["a", "b"], rows)),
            "kids": rng.integers(0, 5, rows),
            "always": 1.0,
            "debts": pd.array(rng.integers(0, 9, rows), dtype="Int64"),
        }
    )


def lend(table):
    """Return "yes" for an income above 60 unless the person is a cook; it sees the table as it was."""
    assert list(table.columns) == list(people(2).columns)
    assert table["income"].dtype == float
    return np.where((table["income"].fillna(0) > 60) & (table["job"] != "cook"), "yes", "no")


class Counting:
    """A model that counts the questions and rows that it gets."""

    def __init__(self, model):
        self.model, self.calls, self.rows = model, 0, 0

    def __call__(self, rows):
        self.calls += 1
        self.rows += len(rows)
        return self.model(rows)


def explainer(rows=None, **settings):
    """Return an explainer of normal features."""
    return AnchorExplainer(numbers() if rows is None else rows, **settings)
