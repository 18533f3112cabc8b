"""What the paper's figure 9 shows, read off its curves and lines, and what the archived program gives.

The curves of the figure are single runs of 30 rounds at each threshold; they can be read to half a hundredth. The
numbers of the archived program were measured by running it: its fixed thresholds for 30 rounds on 10 seeds, its
learning colleges for 750 rounds on 30 seeds (its continuous college with a burn-in of 100 on 20).
"""

from __future__ import annotations

from fairgym.scenarios.gaming_admissions.names import (
    ACCURACY,
    BURDEN,
    CHEAP,
    CONTINUOUS,
    DEAR,
    EVERYBODY,
    LATER,
    NOISELESS,
    NOISY,
    ROBUST,
    STATIC,
)

READING_ERROR = 0.005
"""How far a number read off a curve may be from the drawn one."""
LINE_ERROR = 0.001
"""How far a threshold read off its vertical line may be from the drawn one."""

FIGURE_THRESHOLDS: dict[tuple[str, str], float] = {
    (NOISELESS, STATIC): 0.553,
    (NOISELESS, CONTINUOUS): 0.629,
    (NOISELESS, ROBUST): 0.752,
    (NOISY, STATIC): 0.569,
    (NOISY, CONTINUOUS): 0.699,
    (NOISY, ROBUST): 0.703,
}
"""Thresholds learned in the paper's runs, one run each."""

FIGURE_THRESHOLDS_AT = {ACCURACY: (0.55, 0.65, 0.75), BURDEN: (0.65, 0.75, 0.9)}
FIGURE_CURVES: dict[tuple[str, str, str], tuple[float, float, float]] = {
    (NOISELESS, ACCURACY, CHEAP): (0.382, 0.621, 1.0),
    (NOISELESS, ACCURACY, DEAR): (0.667, 1.0, 0.760),
    (NOISELESS, ACCURACY, EVERYBODY): (0.529, 0.817, 0.876),
    (NOISY, ACCURACY, CHEAP): (0.458, 0.650, 0.777),
    (NOISY, ACCURACY, DEAR): (0.609, 0.794, 0.762),
    (NOISY, ACCURACY, EVERYBODY): (0.541, 0.729, 0.769),
    (NOISELESS, BURDEN, CHEAP): (0.069, 0.211, 0.442),
    (NOISELESS, BURDEN, DEAR): (0.136, 0.415, 0.867),
    (NOISELESS, BURDEN, EVERYBODY): (0.104, 0.317, 0.662),
    (NOISY, BURDEN, CHEAP): (0.074, 0.187, 0.405),
    (NOISY, BURDEN, DEAR): (0.195, 0.443, 0.859),
    (NOISY, BURDEN, EVERYBODY): (0.141, 0.328, 0.655),
}
"""Accuracy and social burden under fixed thresholds, by regime, metric and group."""

ARCHIVED_CURVES: dict[tuple[str, str], tuple[float, ...]] = {
    (NOISELESS, ACCURACY): (0.495, 0.641, 0.816, 0.836, 0.876, 0.779, 0.704),
    (NOISELESS, BURDEN): (0.000, 0.030, 0.106, 0.208, 0.319, 0.433, 0.663),
    (NOISY, ACCURACY): (0.555, 0.636, 0.709, 0.759, 0.778, 0.772, 0.723),
    (NOISY, BURDEN): (0.044, 0.086, 0.150, 0.233, 0.333, 0.443, 0.677),
}
"""Means of everybody over 10 seeds at the thresholds ``names.FIXED``."""
ARCHIVED_CURVE_LANES = 10

ARCHIVED_THRESHOLDS: dict[tuple[str, str], tuple[float, float, int]] = {
    (NOISELESS, STATIC): (0.5529, 0.0017, 30),
    (NOISELESS, ROBUST): (0.743, 0.021, 30),
    (NOISY, STATIC): (0.606, 0.040, 30),
    (NOISY, ROBUST): (0.760, 0.034, 30),
    (NOISY, f"{ROBUST}, {LATER}"): (0.758, 0.018, 30),
    (NOISELESS, CONTINUOUS): (0.6076, 0.0042, 30),
    (NOISY, CONTINUOUS): (0.688, 0.008, 30),
    (NOISY, f"{CONTINUOUS}, {LATER}"): (0.662, 0.005, 20),
}
"""Mean and standard deviation over so many seeds of the threshold after 750 rounds."""
