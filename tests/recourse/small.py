"""A bank small enough to work out by hand: credit for an income above 339.5 and a debt of at most 3.5."""

import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from fairgym.recourse import ActionSpec, Recourse

TABLE = pd.DataFrame({"income": [310, 310, 369, 369], "debt": [2, 5, 2, 5]}, index=["ann", "bob", "cleo", "dan"])
CREDIT = [0, 0, 1, 0]
SPEC = ActionSpec({"income": "up", "debt": "free"}, integer=["income", "debt"])


def bank():
    return DecisionTreeClassifier(random_state=0).fit(TABLE, CREDIT)


def recourse(spec=SPEC, cost="range", budget=1.0, model=None, background=TABLE, **settings):
    return Recourse(bank() if model is None else model, spec, cost, budget, background=background, **settings)
