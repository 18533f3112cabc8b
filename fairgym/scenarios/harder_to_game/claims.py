"""The claims: what the papers say of robust rules and of retraining, and what we found besides."""

from __future__ import annotations

from functools import partial

from fairgym.scenarios.base import FEWEST_LANES, NEGATIVE, POSITIVE, Claim
from fairgym.scenarios.harder_to_game import measures
from fairgym.scenarios.harder_to_game.names import (
    AGAINST_ALL,
    BAR,
    BURDEN,
    EHRENBERG,
    GAMED,
    HARDT,
    HU,
    LEVANON,
    MILLI,
    PERDOMO,
    PLAIN,
    RADIUS,
    RAISED,
    SHUT_OUT,
    STRATEGIC,
    UTILITY,
)

AFTER = "after all retrainings"
OURS = "our simulation"

ROBUST_RULES = (
    Claim(
        "G1",
        "A lender that raises its bar by what people can buy decides better about people who do.",
        f"{HARDT}; {MILLI}, abstract",
        f"qualified minus unqualified among the accepted, per applicant, {AFTER}: bar raised minus not",
        POSITIVE,
        partial(measures.more, metric=UTILITY, lender=RAISED, other=PLAIN),
    ),
    Claim(
        "G2",
        "Fewer of the unqualified game their way in, in both groups.",
        HARDT,
        f"share of the unqualified who move to approval, {AFTER}: bar raised minus not, where it falls least",
        NEGATIVE,
        partial(measures.most_more, metric=GAMED, lender=RAISED, other=PLAIN),
    ),
    Claim(
        "G3",
        "What the lender gains the qualified pay for: their social burden rises, in both groups.",
        f"{MILLI}, abstract and section 3",
        f"mean cost of a qualified person to be approved, {AFTER}: bar raised minus not, where it rises least",
        POSITIVE,
        partial(measures.least_more, metric=BURDEN, lender=RAISED, other=PLAIN),
    ),
    Claim(
        "G4",
        "The burden rises most for those to whom moving is dear.",
        f"{MILLI}, abstract and section 4",
        f"rise of the burden in shares of what a person of the group can spend, {AFTER}: smaller minus larger budget",
        POSITIVE,
        measures.unequal_rise,
        note="A rule that does not see groups asks the same of both; a smaller purse makes it more.",
    ),
    Claim(
        "G5",
        "The gap between the groups in qualified people who cannot reach approval widens.",
        f"{MILLI}, abstract: disproportionate harm",
        f"share of the qualified shut out, {AFTER}: smaller minus larger budget, bar raised minus not",
        POSITIVE,
        partial(measures.wider_gap, metric=SHUT_OUT, lender=RAISED, other=PLAIN),
    ),
    Claim(
        "G6a",
        "A lender that foresees the answer turns away more of the qualified to whom moving is dear ...",
        f"{HU}, abstract",
        f"share of the qualified shut out, {AFTER}: smaller minus larger budget; of two lenders the lesser",
        POSITIVE,
        measures.excluded,
    ),
    Claim(
        "G6b",
        "... and lets in more of the unqualified to whom it is cheap.",
        f"{HU}, abstract",
        f"share of the unqualified accepted, {AFTER}: larger minus smaller budget; of two lenders the lesser",
        POSITIVE,
        measures.admitted,
    ),
)

RETRAINING = (
    Claim(
        "P1",
        "Repeated retraining comes to rest.",
        f"{PERDOMO}, theorem 3.5",
        "how far the bar still moves from the last fifth but one of the retrainings to the last, in standard "
        "deviations of a first bar; of the lenders that retrain the furthest",
        (-1.0, 1.0),
        measures.drift,
        note="The theorem asks for a response that is smooth enough for the loss; nobody checks that here.",
    ),
    Claim(
        "P2",
        "Where it rests is not where the lender does best: a rule made with the answer in mind does better.",
        f"{PERDOMO}, section 4",
        f"utility per applicant, {AFTER}: strategic training minus retraining alone",
        POSITIVE,
        partial(measures.more, metric=UTILITY, lender=STRATEGIC, other=PLAIN),
    ),
)

WHOM_TO_FEAR = (
    Claim(
        "S1a",
        "Who knows what each group can spend need not be as hard: the burden is lower than under the raised bar ...",
        f"{EHRENBERG}: knowledge of incentives against the worst case",
        f"mean cost of a qualified person to be approved, {AFTER}: strategic minus bar raised, where it falls least",
        NEGATIVE,
        partial(measures.most_more, metric=BURDEN, lender=STRATEGIC, other=RAISED),
    ),
    Claim(
        "S1b",
        "... and the decisions are better.",
        f"{EHRENBERG}; {LEVANON}",
        f"utility per applicant, {AFTER}: strategic minus bar raised",
        POSITIVE,
        partial(measures.more, metric=UTILITY, lender=STRATEGIC, other=RAISED),
    ),
    Claim(
        "S2",
        "To train as if everybody moved so as to be judged wrongly is worse against people who move for themselves.",
        EHRENBERG,
        f"utility per applicant, {AFTER}: strategic minus adversarial",
        POSITIVE,
        partial(measures.more, metric=UTILITY, lender=STRATEGIC, other=AGAINST_ALL),
    ),
    Claim(
        "S3",
        "Of one set of moves, those for oneself never do more harm than those against the lender.",
        "a law: whom gaming makes wrong an attack makes wrong",
        "accuracy under gaming minus accuracy under attack, least in any lender, group, round and lane",
        (0.0, 1.0),
        measures.strategic_minus_robust,
    ),
    Claim(
        "X1",
        "What is simulated is what is calculated.",
        "normal distributions and a linear rule: ``people.expected``",
        "largest distance of 80 means from the calculated ones, in standard errors",
        (0.0, 5.0),
        measures.from_calculation,
        note="Of 80 independent ones the largest is beyond 5 by chance in one of 300 runs of 25 seeds.",
        fewest_lanes=FEWEST_LANES,
    ),
)

FINDINGS = (
    Claim(
        "N1",
        "Not in the papers: retraining alone raises the bar a little; the lender learns from those who gamed.",
        OURS,
        "distance of the bar from the middle of the people: after retraining minus at first, paired",
        POSITIVE,
        partial(measures.over_time, metric=BAR, lender=PLAIN),
    ),
    Claim(
        "N2",
        "Not in the papers: who raises the bar and retrains on what people then show raises it twice.",
        OURS,
        "mean cost of a qualified person to be approved under the raised bar: after retraining minus at first, in the "
        "group where it rises least",
        POSITIVE,
        partial(measures.least_over_time, metric=BURDEN, lender=RAISED),
        note="The qualified show what the bar asks for, so the next rule takes less for not enough.",
    ),
    Claim(
        "N3a",
        "Not in the papers: adversarial training has the larger radius ...",
        OURS,
        f"median cost of changing a decision, {AFTER}: adversarial minus bar raised, in the group where it is less",
        POSITIVE,
        partial(measures.least_more, metric=RADIUS, lender=AGAINST_ALL, other=RAISED),
    ),
    Claim(
        "N3b",
        "... and is gamed more all the same: a radius does not say on which side of the bar people stand.",
        OURS,
        f"share of the unqualified who move to approval, {AFTER}: adversarial minus bar raised, where it is less",
        POSITIVE,
        partial(measures.least_more, metric=GAMED, lender=AGAINST_ALL, other=RAISED),
    ),
)

CLAIMS = (*ROBUST_RULES, *RETRAINING, *WHOM_TO_FEAR, *FINDINGS)
