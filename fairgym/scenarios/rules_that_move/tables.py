"""The rules as a table to read: for those around the bar, the rule that most lanes have, and what it is worth."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from fairgym.result import Result, estimate
from fairgym.scenarios.rules_that_move.names import (
    ABOVE,
    ACCEPTED,
    ARMS,
    AT_MOST,
    BAR,
    BELOW,
    COVERAGE,
    GROUPS,
    KEPT,
    NAMES_GROUP,
    PRECISION,
    moments,
    values,
)


def tables(result: Result) -> dict[str, pd.DataFrame]:
    """Return the rules of both policies for the people around the bar."""
    return {f"rules under {arm}": rules(result, arm) for arm in ARMS}


def rules(result: Result, arm: str) -> pd.DataFrame:
    """Return the rules of one policy: the commonest of each person at each moment, means over lanes beside it."""
    rows = []
    for group, score in ((group, score) for group in GROUPS for score in (BELOW, BAR)):
        for step in moments(result):
            words, share = commonest(result, arm, score, group, step)
            row: dict[str, Any] = {"group": group, "score": score, "step": step, "rule": words, "lanes with it": share}
            for name, metric in (("precision", PRECISION), ("coverage", COVERAGE)):
                row[name] = estimate(values(result, arm, metric, score, group, step)).mean
            later = step > moments(result)[0]
            row["first rule now"] = estimate(values(result, arm, KEPT, score, group, step)).mean if later else np.nan
            rows.append(row)
    return pd.DataFrame(rows)


def commonest(result: Result, arm: str, score: int, group: str, step: int) -> tuple[str, float]:
    """Return the rule that most lanes have for a person at a moment, in words, and the share of lanes that have it."""
    parts = [values(result, arm, metric, score, group, step) for metric in (ACCEPTED, NAMES_GROUP, ABOVE, AT_MOST)]
    said = Counter(in_words(group, *numbers) for numbers in zip(*(part.tolist() for part in parts), strict=True))
    words, lanes = said.most_common(1)[0]
    return words, lanes / len(parts[0])


def in_words(group: str, accepted: float, names_group: float, above: float, at_most: float) -> str:
    """Return a rule from its numbers."""
    conditions = [f"group = {group}"] if names_group else []
    conditions += [] if np.isnan(above) else [f"score > {above:g}"]
    conditions += [] if np.isnan(at_most) else [f"score <= {at_most:g}"]
    return f"IF {' AND '.join(conditions) or 'anything'} THEN {'accept' if accepted else 'reject'}"
