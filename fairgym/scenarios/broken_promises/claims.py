"""The claims: what the papers, or we, say, and where the numbers should lie."""

from __future__ import annotations

from itertools import pairwise

from fairgym.scenarios.base import HOLDS, NEGATIVE, OPEN, POSITIVE, Claim
from fairgym.scenarios.broken_promises.measures import (
    HORIZON,
    bar_change,
    bar_difference,
    broken,
    least_kept,
    served_after_all,
    wait_of_the_served,
)
from fairgym.scenarios.broken_promises.names import (
    ALTMEYER,
    AT_ONCE,
    BAR,
    BOTH,
    CAPACITIES,
    COST,
    DEFAULTS,
    FIXED,
    FONSECA,
    HONOURED,
    KEPT,
    LIU,
    MONEY,
    REFITTED,
    REFITTED_SILENT,
    REFUSED,
    SHOWN,
    SILENT,
    TIGHT,
    TIGHT_SILENT,
    TRUSTING,
    limited,
)
from fairgym.scenarios.recourse_over_time.measures import difference, level

OURS = "our measurement"
CREDIT = f"{ALTMEYER}, introduction, first figure and the example of consumer credit"
UNEVEN = (
    "The share of promises kept differs from .3 to 1 between seeds: a tree knows few scores, and where a whole leaf "
    "stands at the bar, a lottery among its people decides."
)
ACCEPTED = "share of the same 1,000 first applicants whom the rule would accept"


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
        note=UNEVEN if fewer == TIGHT else "",
    )


COMPETITION = (
    Claim(
        "P1",
        "Not in the paper: with a fixed rule and loans for all every promise is kept.",
        OURS,
        "share of promises kept, in the lane in which it is least",
        (1.0, 1.0),
        lambda result: least_kept(result, FIXED),
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
        note="It rises in the eyes of the rule (P5a), which takes who acts for as good as the others in the leaf.",
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
RETRAINING = (
    Claim(
        "P6a",
        "Not in the paper: retraining breaks promises although there are loans for all, whatever acting is worth.",
        OURS,
        "share of promises kept minus 1, retrained, at the causal share of 0 and 1 where it is larger",
        NEGATIVE,
        lambda result: broken(result, list(REFITTED.values())),
    ),
    Claim(
        "P6b",
        "Not in the paper: retraining breaks more promises where people compete already.",
        OURS,
        f"share of promises kept, retrained minus fixed rule, {TIGHT} loans, causal share 1",
        NEGATIVE,
        lambda result: difference(result, KEPT, BOTH[1], limited(TIGHT)),
    ),
    Claim(
        "P6c",
        "Not in the paper: fewer would be, if the lender did not see how the loans to those who acted end.",
        OURS,
        "share of promises kept, retrained at causal share 1, who acted booked as repaying minus booked as it was",
        POSITIVE,
        lambda result: difference(result, KEPT, TRUSTING, REFITTED[1]),
    ),
    Claim(
        "P7a",
        "Where who acted is booked as repaying, retraining moves the boundary into the rejected class.",
        CREDIT,
        f"{ACCEPTED} in the last periods, with minus without offers",
        POSITIVE,
        lambda result: bar_difference(result, TRUSTING, REFITTED_SILENT),
    ),
    Claim(
        "P7b",
        "The borrowers are riskier then.",
        CREDIT,
        "share of all loans not repaid, with minus without offers",
        POSITIVE,
        lambda result: difference(result, DEFAULTS, TRUSTING, REFITTED_SILENT),
    ),
    Claim(
        "P7c",
        "It is a burden on the lender.",
        CREDIT,
        "earned in the whole run, in loans, with minus without offers",
        NEGATIVE,
        lambda result: difference(result, MONEY, TRUSTING, REFITTED_SILENT),
    ),
    Claim(
        "P7d",
        "The ways to be accepted become shorter.",
        f"{ALTMEYER}, introduction",
        "mean cost of the offers of the last 5 periods, who acted booked as repaying, retrained minus fixed rule",
        NEGATIVE,
        lambda result: difference(result, COST, TRUSTING, FIXED),
    ),
    Claim(
        "P7e",
        "The boundary moves into the rejected class where the lender learns from what became of its loans, too.",
        CREDIT,
        f"{ACCEPTED} in the last periods, with minus without offers, causal share 1",
        POSITIVE,
        lambda result: bar_difference(result, REFITTED[1], REFITTED_SILENT),
        expected=OPEN,
        note="If anything it moves the other way: who acts lands just above a threshold and defaults more often than "
        "the rule expects, and the rule learns it.",
    ),
    Claim(
        "P7f",
        "The same at causal share 0.",
        CREDIT,
        f"{ACCEPTED} in the last periods, with minus without offers, causal share 0",
        POSITIVE,
        lambda result: bar_difference(result, REFITTED[0], REFITTED_SILENT),
        expected=OPEN,
        note="See P7e: that acting leads just above a threshold matters more than what it is worth.",
    ),
    Claim(
        "P8a",
        "Acting on recourse moves the people: applicants show a higher chance of repaying.",
        f"{ALTMEYER}, domain shift",
        "mean shown chance of the applicants of the last 5 periods, with minus without offers, fixed rule",
        POSITIVE,
        lambda result: difference(result, SHOWN, FIXED, SILENT),
        expected=OPEN,
        note="With loans for all, who has acted is served and gone. The mean falls from .58 in the first period to "
        ".50, with offers or without, because the rejected apply again.",
    ),
    Claim(
        "P8b",
        "Not in the paper: they do where loans are few, because those who acted in vain stay.",
        OURS,
        f"mean shown chance of the applicants of the last 5 periods, with minus without offers, {TIGHT} loans",
        POSITIVE,
        lambda result: difference(result, SHOWN, limited(TIGHT), TIGHT_SILENT),
    ),
)
HONOURING = (
    Claim(
        "P9a",
        "Not in the paper: a lender that honours its promises keeps all of them, retrained and with few loans.",
        OURS,
        f"share of promises kept, in the lane in which it is least, {TIGHT} loans, retrained, causal share 0",
        (1.0, 1.0),
        lambda result: least_kept(result, HONOURED),
    ),
    Claim(
        "P9b",
        "Not in the paper: the lender pays for it.",
        OURS,
        "earned in the whole run, in loans, honoured minus forgotten",
        NEGATIVE,
        lambda result: difference(result, MONEY, HONOURED, BOTH[0]),
    ),
    Claim(
        "P9c",
        "Not in the paper: so do newcomers, of whom fewer are served at once.",
        OURS,
        "share of first applications accepted, honoured minus forgotten",
        NEGATIVE,
        lambda result: difference(result, AT_ONCE, HONOURED, BOTH[0]),
    ),
)
CLAIMS = (*COMPETITION, *RETRAINING, *HONOURING)
