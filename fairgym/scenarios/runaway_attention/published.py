"""Numbers to compare with: the bars of the paper's figures 6 and 7, and runs of the archived program.

In the archived program the seed of the agent is the same in every run of a figure, so that its runs share the agent's
luck: when it explores, and where. A mean over 50 such runs can be as uncertain as a single run. (Measured with lanes of
ours that share the agent's luck, 50 of them tell as much as 1.3 to 30 independent ones, by agent and quantity.) So the
published means are taken to be those of one run, which is the safe side.
"""

from __future__ import annotations

from fairgym.scenarios.runaway_attention.names import (
    EXPLORING,
    FAIR_AS_PUBLISHED,
    GREEDY_AS_PUBLISHED,
    PROPORTIONAL,
    UNIFORM,
)

PUBLISHED_STEPS = 1_000
INDEPENDENT_RUNS = 1
"""How many independent runs a published mean is worth at least."""

Table = dict[tuple[str, str], tuple[float, float, float, float]]
"""By quantity and agent, one number for each of ``names.RATES_OF_CHANGE``."""

PAPER_BARS: Table = {
    ("discovered", GREEDY_AS_PUBLISHED): (5496, 5402, 2242, 1594),
    ("discovered", FAIR_AS_PUBLISHED): (5596, 5473, 1964, 391),
    ("discovered", UNIFORM): (5266, 4398, 2084, 490),
    ("discovered", PROPORTIONAL): (5624, 5289, 2151, 781),
    ("discovered", EXPLORING): (5471, 5086, 2004, 508),
    ("missed", GREEDY_AS_PUBLISHED): (16990, 11774, 4660, 6488),
    ("missed", FAIR_AS_PUBLISHED): (16886, 11404, 3351, 805),
    ("missed", UNIFORM): (17178, 12483, 4971, 1008),
    ("missed", PROPORTIONAL): (16820, 11730, 3948, 1656),
    ("missed", EXPLORING): (16980, 11839, 3782, 906),
    ("delta", GREEDY_AS_PUBLISHED): (0.249, 0.211, 0.103, 0.025),
    ("delta", FAIR_AS_PUBLISHED): (0.260, 0.201, 0.137, 0.039),
    ("delta", UNIFORM): (0.368, 0.421, 0.386, 0.440),
    ("delta", PROPORTIONAL): (0.047, 0.046, 0.019, 0.036),
    ("delta", EXPLORING): (0.117, 0.109, 0.111, 0.249),
}
"""Means over 50 runs of 1,000 steps, read off figure 6 (discovered, missed) and figure 7 (delta)."""

ARCHIVED: Table = {
    ("discovered", GREEDY_AS_PUBLISHED): (5467, 5390, 2228, 1618),
    ("discovered", FAIR_AS_PUBLISHED): (5589, 5462, 1971, 395),
    ("discovered", UNIFORM): (5258, 4403, 2083, 492),
    ("discovered", PROPORTIONAL): (5640, 5296, 2143, 776),
    ("discovered", EXPLORING): (5474, 5104, 2001, 508),
    ("missed", GREEDY_AS_PUBLISHED): (16990, 11790, 4619, 6463),
    ("missed", FAIR_AS_PUBLISHED): (16890, 11430, 3341, 801),
    ("missed", UNIFORM): (17130, 12470, 4956, 1013),
    ("missed", PROPORTIONAL): (16800, 11640, 3938, 1654),
    ("missed", EXPLORING): (16940, 11850, 3784, 942),
    ("delta", GREEDY_AS_PUBLISHED): (0.234, 0.193, 0.097, 0.017),
    ("delta", FAIR_AS_PUBLISHED): (0.243, 0.209, 0.126, 0.075),
    ("delta", UNIFORM): (0.366, 0.426, 0.376, 0.402),
    ("delta", PROPORTIONAL): (0.049, 0.054, 0.035, 0.045),
    ("delta", EXPLORING): (0.104, 0.105, 0.105, 0.240),
}
"""Means over seeds 0 to 19 of the archived program under the paper's settings."""

SETTLED_SITES = (1.56, 1.47, 1.18, 1.00, 0.65)
"""Incidents per step at each site under the greedy agent at d = .05, steps 200 to 300 of the archived program."""
