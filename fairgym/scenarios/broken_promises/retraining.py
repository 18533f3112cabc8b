"""The claims about rules that are fitted anew: retraining moves the bar."""

from __future__ import annotations

from fairgym.scenarios.base import NEGATIVE, OPEN, POSITIVE, Claim
from fairgym.scenarios.broken_promises.measures import bar_difference, broken
from fairgym.scenarios.broken_promises.names import (
    ACCEPTED,
    BOTH,
    COST,
    DEFAULTS,
    FIXED,
    KEPT,
    MONEY,
    REFITTED,
    REFITTED_SILENT,
    SHOWN,
    SILENT,
    TIGHT,
    TIGHT_SILENT,
    TRUSTING,
    limited,
)
from fairgym.scenarios.recourse_over_time.measures import difference
from fairgym.scenarios.recourse_over_time.sources import ALTMEYER, HELD, OURS

CREDIT = f"{ALTMEYER}, introduction, first figure and the example of consumer credit"

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
        lambda result: difference(result, KEPT, BOTH, limited(TIGHT)),
    ),
    Claim(
        "P6c",
        "Not in the paper: it breaks fewer, if the lender books all who acted as repaying.",
        OURS,
        "share of promises kept, retrained at causal share 1, who acted booked as repaying minus booked as it was",
        POSITIVE,
        lambda result: difference(result, KEPT, TRUSTING, REFITTED[1]),
        note=f"{HELD} .136 [.128, .144].",
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
        "P7g",
        "A lender that fits its tree anew learns that those who acted do not repay: under gaming it accepts fewer.",
        f"{ALTMEYER}: retraining on those who acted moves the boundary, at a cost to later applicants",
        f"{ACCEPTED} in the last periods, causal share 0 minus 1",
        NEGATIVE,
        lambda result: bar_difference(result, REFITTED[0], REFITTED[1]),
        expected=OPEN,
        note="Acting is worth .02 of chance, and loans to those who did are a minority of what the tree learns from.",
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
        "Not in the paper: they do where loans are few.",
        OURS,
        f"mean shown chance of the applicants of the last 5 periods, with minus without offers, {TIGHT} loans",
        POSITIVE,
        lambda result: difference(result, SHOWN, limited(TIGHT), TIGHT_SILENT),
        note=f"{HELD} .014 [.012, .016]. Those who acted in vain are still among them.",
    ),
)
