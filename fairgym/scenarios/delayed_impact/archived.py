"""What the archived program gives: means over its seeds 0 to 99, measured by running it.

The table was labelled with steps 1,000 to 20,000. Replaying the program's random stream for these seeds shows that
all rows but the last were read 99 steps earlier (``python -m tests.golden.archived``: loans 312.3 / 272.5 and TPR
.8100 / .8072 at step 901, as in the first row; 344.2 / 297.7 and .8053 / .8019 at step 1,000), so they stand here
under the steps at which they were read.
"""

from __future__ import annotations

from fairgym.scenarios.delayed_impact.names import ADVANTAGED, DISADVANTAGED, EQUAL_OPPORTUNITY, MAX_REWARD

CHECKPOINTS = (901, 2_401, 4_901, 9_901, 14_901, 20_000)
ARCHIVED_LANES = 100
ARCHIVED: dict[tuple[str, str, str], tuple[float, ...]] = {
    (MAX_REWARD, "loans", ADVANTAGED): (312, 758, 1397, 2385, 3083, 3581),
    (MAX_REWARD, "loans", DISADVANTAGED): (213, 490, 881, 1486, 1907, 2210),
    (MAX_REWARD, "credit", ADVANTAGED): (0.576, 0.560, 0.538, 0.505, 0.481, 0.465),
    (MAX_REWARD, "credit", DISADVANTAGED): (0.484, 0.473, 0.460, 0.439, 0.424, 0.414),
    (MAX_REWARD, "tpr", ADVANTAGED): (0.810, 0.756, 0.699, 0.614, 0.543, 0.483),
    (MAX_REWARD, "tpr", DISADVANTAGED): (0.637, 0.570, 0.518, 0.447, 0.390, 0.343),
    (EQUAL_OPPORTUNITY, "loans", ADVANTAGED): (312, 761, 1424, 2501, 3329, 3987),
    (EQUAL_OPPORTUNITY, "loans", DISADVANTAGED): (273, 628, 1137, 1965, 2599, 3105),
    (EQUAL_OPPORTUNITY, "credit", ADVANTAGED): (0.576, 0.559, 0.531, 0.483, 0.446, 0.415),
    (EQUAL_OPPORTUNITY, "credit", DISADVANTAGED): (0.454, 0.431, 0.409, 0.372, 0.342, 0.318),
    (EQUAL_OPPORTUNITY, "tpr", ADVANTAGED): (0.810, 0.759, 0.713, 0.651, 0.601, 0.559),
    (EQUAL_OPPORTUNITY, "tpr", DISADVANTAGED): (0.807, 0.757, 0.713, 0.652, 0.602, 0.560),
    (EQUAL_OPPORTUNITY, "agent.target_rate", ""): (0.760, 0.700, 0.639, 0.531, 0.447, 0.380),
}
"""Means over 100 seeds of the archived program at the checkpoints, by agent, metric and group."""

STEADY_STATE = (0.5148, 0.0644, 0.0234, 0.0263, 0.0451, 0.0978, 0.2282)
"""Shares at scores 0 to 6 if every applicant always gets a loan, four digits."""
