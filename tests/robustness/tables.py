"""Tables of people with every kind of feature, and models fitted on them."""

from functools import cache

import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from fairgym.recourse import ActionSpec

NAMES = ["income", "debt", "years", "children", "owner", "job_a", "job_b", "job_c", "sex"]
SPEC = ActionSpec(
    {
        "income": "free", "debt": "down", "years": "up", "children": "up", "owner": "free",
        "job_a": "free", "job_b": "free", "job_c": "free",
    },
    integer=["children"],
    binary=["owner"],
    groups=[["job_a", "job_b", "job_c"]],
    bounds={"debt": (-2.5, 9.0), "children": (0, 6), "years": (-9.0, 3.0)},
)  # fmt: skip


def people(count=300, seed=0):
    """Return people and their labels."""
    rng = np.random.default_rng(seed)
    job = np.eye(3)[rng.integers(0, 3, count)]
    children, owner, sex = rng.poisson(1.5, count), rng.integers(0, 2, count), rng.integers(0, 2, count)
    frame = pd.DataFrame(np.column_stack([rng.normal(size=(count, 3)), children, owner, job, sex]), columns=NAMES)
    score = frame.to_numpy() @ [1.0, -0.8, 0.5, -0.3, 0.6, 0.0, 0.4, 0.8, 0.3] - 0.3
    return frame, (score + 0.5 * rng.normal(size=count) > 0).astype(int)


MODELS = {
    "logistic": LogisticRegression(),
    "scaled": make_pipeline(StandardScaler(), LogisticRegression()),
    "tree": DecisionTreeClassifier(max_depth=4, random_state=0),
    "forest": RandomForestClassifier(15, max_depth=4, random_state=0, n_jobs=1),
    "boosting": GradientBoostingClassifier(n_estimators=15, max_depth=2, random_state=0),
    "histogram": HistGradientBoostingClassifier(max_iter=15, max_depth=2, random_state=0),
    "network": make_pipeline(
        StandardScaler(), MLPClassifier((8,), alpha=0.1, solver="lbfgs", max_iter=2000, random_state=0)
    ),
    "bayes": GaussianNB(),
    "neighbours": KNeighborsClassifier(15),
    "vectors": SVC(),
}


@cache
def fitted(name):
    """Return a model fitted on people."""
    from sklearn.base import clone

    X, y = people()
    return clone(MODELS[name]).fit(X, y)
