"""Policy: what a bank does with applicants of each group and score."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fairgym.batch import Numbers


class Policy(NamedTuple):
    """What the banks of n lanes do with applicants from G groups and C score levels."""

    acceptance: Numbers
    """Probability of accepting an applicant of each group and score; (n, G, C)."""
    rate: Numbers | float = np.nan
    """The rate (of acceptance, of true positives) given to all groups, NaN where there is none; (n,)."""
