"""Explain rows with another program for anchors, in whatever interpreter has it, and say what it said as JSON.

Run by ``benchmarks.explain`` as: PYTHON anchors.py NAME TABLE.npz ANSWER.json. Needs numpy, scikit-learn and the
program, not fairgym. Conditions are given back as the program prints them; the caller finds the exact numbers.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression


def fitted(kind: str, X: np.ndarray, y: np.ndarray) -> Any:
    """Return the model of a benchmark."""
    if kind == "forest":
        return RandomForestClassifier(100, min_samples_leaf=3, random_state=0, n_jobs=1).fit(X, y)
    return LogisticRegression(max_iter=1000).fit(X, y)


class Counted:
    """A model that counts questions and rows."""

    def __init__(self, model: Any) -> None:
        self.model, self.calls, self.rows = model, 0, 0

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Answer, and count."""
        self.calls += 1
        self.rows += len(rows)
        return np.asarray(self.model.predict(rows))


def main() -> None:
    """Explain the rows of a table."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    name, table, answer = sys.argv[1:]
    with np.load(table) as given:
        X, y, rows, kind = given["X"], given["y"], given["rows"], str(given["kind"])
        categories = {int(at): sorted({str(int(v)) for v in X[:, at]}, key=int) for at in given["categorical"]}
    counted = Counted(fitted(kind, X, y))
    explain = {"anchor-exp": anchor_exp, "alibi": alibi}[name](counted, X, categories)
    explain(rows[0])  # whatever is loaded or compiled the first time
    said = []
    for row in rows:
        counted.calls = counted.rows = 0
        start, clock = time.process_time(), time.perf_counter()
        found = explain(row)
        found |= {"cpu": time.process_time() - start, "seconds": time.perf_counter() - clock}
        said.append(found | {"calls": counted.calls, "rows": counted.rows})
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(said, file)


def anchor_exp(predict: Any, X: np.ndarray, categories: dict[int, list[str]]) -> Any:
    """Return a function that explains a row with anchor-exp and its defaults."""
    from anchor.anchor_tabular import AnchorTabularExplainer

    names = [f"f{at}" for at in range(X.shape[1])]
    np.random.seed(0)
    explainer = AnchorTabularExplainer(["0", "1"], names, X, categories)

    def explain(row: np.ndarray) -> dict[str, Any]:
        found = explainer.explain_instance(row, predict, threshold=0.95)
        return {
            "names": list(found.names()),
            "precision": float(found.precision()),
            "coverage": float(found.coverage()),
        }

    return explain


def alibi(predict: Any, X: np.ndarray, categories: dict[int, list[str]]) -> Any:
    """Return a function that explains a row with alibi and its defaults."""
    from alibi.explainers import AnchorTabular

    names = [f"f{at}" for at in range(X.shape[1])]
    explainer = AnchorTabular(predict, names, categorical_names=categories, dtype=np.float64, seed=0)
    explainer.fit(X, disc_perc=(25, 50, 75))

    def explain(row: np.ndarray) -> dict[str, Any]:
        found = explainer.explain(row, threshold=0.95)
        said = {"names": list(found.anchor), "precision": float(found.precision), "coverage": float(found.coverage)}
        return said | {"success": bool(found.raw.get("success", True))}

    return explain


if __name__ == "__main__":
    main()
