"""The claims about loans that are few: competition moves the bar."""

from __future__ import annotations

from itertools import pairwise

from fairgym.scenarios.base import HOLDS, NEGATIVE, OPEN, POSITIVE, Claim
from fairgym.scenarios.broken_promises.measures import (
    bar_change,
    bar_difference,
    broken,
    served_after_all,
    wait_of_the_served,
)
from fairgym.scenarios.broken_promises.names import (
    ACCEPTED,
    AT_ONCE,
    BAR,
    CAPACITIES,
    FIXED,
    HORIZON,
    KEPT,
    REFITTED,
    REFUSED,
    TIGHT,
    TIGHT_SILENT,
    limited,
)
from fairgym.scenarios.recourse_over_time.measures import difference, least, level
from fairgym.scenarios.recourse_over_time.sources import FONSECA, LIU, OURS

LOTTERY = (
    "The share of promises kept differs from .3 to 1 between seeds: a tree knows few scores, and where a whole leaf "
    "stands at the bar, a lottery among its people decides. On 50 other seeds (1000 to 1049) it is"
)
UNEVEN = {
    40: f"{LOTTERY} -.09 [-.13, -.04], decided.",
    20: f"{LOTTERY} -.04 [-.09, .01], not decided.",
}
"""Notes by the fewer loans of two."""


def tighter(letter: str, more: int, fewer: int) -> Claim:
    """Return the claim that fewer promises are kept with fewer loans."""
    return Claim(
        f"P3{letter}",
        f"The fewer loans, the fewer promises are kept: {fewer} against {more} loans a period.",
        FONSECA,
        f"share of promises kept, {fewer} minus {more} loans",
        NEGATIVE,
        lambda result: difference(result, KEPT, limited(fewer), limited(more)),
        expected=OPEN if fewer == TIGHT else HOLDS,
        note=UNEVEN.get(fewer, ""),
    )


COMPETITION = (
    Claim(
        "P1",
        "Not in the paper: with a fixed rule and loans for all every promise is kept.",
        OURS,
        "share of promises kept, in the lane in which it is least",
        (1.0, 1.0),
        lambda result: least(result, KEPT, [FIXED]),
    ),
    Claim(
        "P2",
        "Competition for k loans makes promised recourse fail.",
        FONSECA,
        f"share of promises kept minus 1, at the one of {', '.join(map(str, CAPACITIES))} loans where it is largest",
        NEGATIVE,
        lambda result: broken(result, [limited(capacity) for capacity in CAPACITIES]),
    ),
    *(tighter(letter, *pair) for letter, pair in zip("abc", pairwise(CAPACITIES), strict=True)),
    Claim(
        "P4a",
        f"Not in the paper: most of those whose promise was broken are not served in the next {HORIZON} periods.",
        OURS,
        f"share of them who are, {TIGHT} loans",
        (0.0, 0.5),
        lambda result: served_after_all(result, limited(TIGHT)),
    ),
    Claim(
        "P4b",
        "Not in the paper: who is served after all waits for one to two times the four periods until people try again.",
        OURS,
        f"mean periods after the broken promise of those served within {HORIZON}, {TIGHT} loans",
        (4.0, 8.0),
        lambda result: wait_of_the_served(result, limited(TIGHT)),
        published_world_only=True,
    ),
    Claim(
        "P4c",
        "Not in the paper: a promise broken by retraining is made good more often than one broken by competition.",
        OURS,
        f"share served within {HORIZON} periods, retrained at causal share 1 minus {TIGHT} loans",
        POSITIVE,
        lambda result: difference(result, f"{REFUSED}.within_{HORIZON}", REFITTED[1], limited(TIGHT)),
    ),
    Claim(
        "P5a",
        "The bar rises while people act on recourse and compete.",
        f"{FONSECA}; {LIU}",
        f"{ACCEPTED}, last minus first period, {TIGHT} loans",
        NEGATIVE,
        lambda result: bar_change(result, limited(TIGHT)),
    ),
    Claim(
        "P5b",
        "Not in the paper: it is recourse that raises it, not the crowd that waits.",
        OURS,
        f"{ACCEPTED} in the last periods, with minus without offers, {TIGHT} loans",
        NEGATIVE,
        lambda result: bar_difference(result, limited(TIGHT), TIGHT_SILENT),
    ),
    Claim(
        "P5c",
        "Not in the paper: the bar rises in terms of the chance that people show, too.",
        OURS,
        f"drift of the bar in units of the shown chance, {TIGHT} loans",
        POSITIVE,
        lambda result: level(result, f"{BAR}.drift", limited(TIGHT)),
        expected=OPEN,
        note="It rises in the eyes of the rule (P5a), which takes who acts for as good as the others in the leaf. On "
        "50 other seeds (1000 to 1049) it is .012 [.001, .023], just decided.",
    ),
    Claim(
        "P5d",
        "Not in the paper: newcomers pay for it: with offers fewer of them are served at once.",
        OURS,
        f"share of first applications accepted, with minus without offers, {TIGHT} loans",
        NEGATIVE,
        lambda result: difference(result, AT_ONCE, limited(TIGHT), TIGHT_SILENT),
    ),
)
