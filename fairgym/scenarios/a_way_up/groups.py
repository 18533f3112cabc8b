"""The claims about the groups: who gains from offers, and who pays for them."""

from __future__ import annotations

from functools import partial

from fairgym.scenarios.a_way_up import measures
from fairgym.scenarios.a_way_up.names import ACCURATE, AWARE, EFFORT_EACH, NEVER, NO_OFFERS
from fairgym.scenarios.a_way_up.regions import TIME_OF_BELL
from fairgym.scenarios.base import POSITIVE, Claim
from fairgym.scenarios.recourse_over_time.measures import gap, wider
from fairgym.scenarios.recourse_over_time.sources import OURS

GROUPS = (
    Claim(
        "G1a",
        "Not in the paper: offers narrow the gap between the groups in never served.",
        OURS,
        "gap without offers minus gap with them, accurate tree",
        POSITIVE,
        lambda result: wider(result, NEVER, NO_OFFERS, ACCURATE),
    ),
    Claim(
        "G1b",
        "Not in the paper: the recourse-aware tree narrows it further.",
        OURS,
        "gap with offers, accurate minus recourse-aware",
        POSITIVE,
        lambda result: wider(result, NEVER, ACCURATE, AWARE),
    ),
    Claim(
        "G2",
        "Not in the paper: yet as a ratio the gap widens.",
        OURS,
        "ratio of the groups' shares never served, recourse-aware with offers minus accurate without",
        POSITIVE,
        partial(measures.rise_of_ratio, one=AWARE, other=NO_OFFERS),
    ),
    Claim(
        "G3",
        "Not in the paper: the disadvantaged group pays with more effort per person, served or not.",
        TIME_OF_BELL,
        "effort per person, disadvantaged minus advantaged, recourse-aware tree",
        POSITIVE,
        lambda result: gap(result, EFFORT_EACH, AWARE),
    ),
    Claim(
        "G4",
        "Not in the paper: under the recourse-aware tree the disadvantaged are still left without a loan more often.",
        OURS,
        "share never served, disadvantaged minus advantaged",
        POSITIVE,
        lambda result: gap(result, NEVER, AWARE),
    ),
)
