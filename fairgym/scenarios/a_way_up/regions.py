"""What the claims are made of: their units, and what counts as no difference."""

from __future__ import annotations

from fairgym.scenarios.a_way_up.names import ACCURATE, AIM, AWARE, aiming
from fairgym.scenarios.recourse_over_time.sources import BELL

UNIT, SHARE = "in loans, over the run", "as a share of the profit without offers"
AIMING = (aiming(ACCURATE, AIM), aiming(AWARE, AIM))
TIME_OF_BELL = f"measure: {BELL}"
AS_MUCH = (-0.03, 0.03)
"""Profits that differ by no more than this share of the profit without offers count as the same here: it is 17 loans,
and the profit of one and the same rule differs between two societies by twice as much (standard deviation 29 loans)."""
A_QUARTER_PERIOD = (-0.25, 0.25)
"""Waits that count as the same: time passes in whole periods."""
A_TENTH_OF_A_PERIODS_WORK = (-0.01, 0.01)
"""Costs that count as the same: in one period work of .1 is done."""
