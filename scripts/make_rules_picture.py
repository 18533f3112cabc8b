"""Draw docs/images/rules-that-move.png: the rules that explain a lender's decisions on the same people over time.

Run ``python scripts/make_rules_picture.py`` after a change of the explainer, of the lender or of the picture; a test
holds what the picture shows against the lender.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pandas as pd

from fairgym.explain import RuleDrift, rule_drift
from fairgym.moments import agents_at
from fairgym.plots import STYLE
from fairgym.scenarios.base import Settings
from fairgym.scenarios.rules_that_move.explaining import experiment, pool
from fairgym.scenarios.rules_that_move.names import EQUAL_OPPORTUNITY, GROUPS, Options

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "rules-that-move.png"
STEPS = (0, 1_000, 5_000)
SCORES = range(1, 5)


def rules() -> RuleDrift:
    """Return the rules for people around the bar of both groups, in one run."""
    options = Options(steps=STEPS)
    moments = agents_at(experiment(EQUAL_OPPORTUNITY, Settings(lanes=1, steps=1), options), STEPS, people=pool)
    people = pd.DataFrame([(group, score) for group in GROUPS for score in SCORES], columns=["group", "score"])
    people.index = pd.Index([f"{group}, score {score}" for group, score in people.itertuples(index=False)])
    return rule_drift(moments, people, perturb="rows", precision=0.99, exact=True)


if __name__ == "__main__":
    with mpl.rc_context(STYLE):
        rules().plot().savefig(PICTURE)
