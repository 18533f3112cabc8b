"""What a synthetic applicant can change: a file of its own, because whoever only draws applicants needs no recourse."""

from __future__ import annotations

import numpy as np

from fairgym.populations.applicants import JOBS, OLDEST, YOUNGEST
from fairgym.recourse.actions import DOWN, FREE, UP, ActionSpec

ACTIONS = ActionSpec(
    {
        "age": UP,
        "education": UP,
        **dict.fromkeys(JOBS, FREE),
        "income": UP,
        "savings": UP,
        "debt": DOWN,
        "late_payments": DOWN,
    },
    groups=[JOBS],
    integer=["group", "age", "credit_score", "education", "income", "savings", "debt", "late_payments"],
    bounds={
        "age": (YOUNGEST, OLDEST),
        "education": (0, 3),
        **dict.fromkeys(("income", "savings", "debt", "late_payments"), (0, np.inf)),
    },
)
"""Nobody grows younger, unlearns, or is advised to earn or save less, or to owe more."""
