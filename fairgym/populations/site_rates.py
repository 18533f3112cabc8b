"""Where incidents happen: named vectors of incident rates by site, for the attention world.

A rate is the expected number of incidents a step at one site. The city vectors are per day, one site per police
district (Philadelphia) or area (Los Angeles). They count what was recorded, which is not all that happened: districts
that are watched more record more.
"""

from __future__ import annotations

SITE_RATES: dict[str, tuple[float, ...]] = {
    # D'Amour et al., "Fairness is not static" (FAT* 2020), section 4.2.
    "paper": (8.0, 6.0, 4.0, 3.0, 1.5),
    # Xu et al., "Adapting static fairness to sequential decision-making" (ICML 2024), the harder attention setting.
    "harder": (30.0, 25.0, 22.5, 17.5, 12.5),
    # Elzayn et al., "Fair algorithms for learning in allocation problems" (FAT* 2019): Poisson means of 21 districts.
    "philadelphia": (
        11.35, 27.44, 20.37, 7.36, 22.67, 10.46, 17.25, 19.82, 30.96, 28.68, 43.49,
        17.35, 17.40, 25.87, 33.42, 30.44, 38.46, 35.53, 20.54, 30.91, 23.23,
    ),
    # City of Los Angeles open data, crimes recorded from 2020 on, daily mean of 21 areas.
    "los-angeles": (
        28.06, 39.67, 33.22, 25.05, 30.72, 29.58, 28.88, 23.48, 27.28, 24.81, 26.71,
        29.38, 21.58, 24.19, 24.96, 36.70, 34.20, 29.79, 24.24, 19.54, 24.29,
    ),
}  # fmt: skip
"""Incident rates by name, one number per site."""
