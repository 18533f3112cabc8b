"""The claims: what is said of which methods on which data, and where it is said."""

from __future__ import annotations

from functools import partial

import numpy as np

from fairgym.result import Result
from fairgym.scenarios.base import NEGATIVE, OPEN, POSITIVE, Claim, Measurement
from fairgym.scenarios.recourse_trees.measures import difference, distances, interval, mean_of, need, over_data
from fairgym.scenarios.recourse_trees.names import (
    ACTIONABLE,
    APPLICANTS,
    AWARE,
    FOREST,
    GROUPED,
    MODELS,
    OURS,
    PAPER,
    PAPER_DATA,
    ROW_WISE,
    SAMPLED,
    TITLES,
    TREE,
    VANILLA,
    protocol_of,
    shown,
    values,
)
from fairgym.scenarios.recourse_trees.published import FORESTS, RUN_AGAIN, STORED, TREES

ERRORS = 2.0
"""Standard errors of the difference within which two measurements are the same."""
PRICE = 0.02
"""Accuracy that recourse may cost where it is said to cost little."""
SMALL_PRICE = (-np.inf, PRICE)
LEAST, GREATEST = Measurement.least, Measurement.greatest
METHOD = f"{PAPER}, method and experiments"
OWN = "not in the paper: measured by fairgym run recourse-trees"


def same_tree(result: Result, data: str) -> Measurement:
    """T1 to T4: the largest distance of our recourse-aware tree from the authors' in accuracy and recourse."""
    return Measurement.exact(
        float(np.abs(distances(result, data, TREE, [AWARE], TREES[data], ["accuracy", "recourse"])).max())
    )


def same_baselines(result: Result) -> Measurement:
    """T5: the same for the two baselines, over all data sets."""
    each = [
        distances(result, data, TREE, [VANILLA, ACTIONABLE], TREES[data], ["accuracy", "recourse"])
        for data in PAPER_DATA
    ]
    return Measurement.exact(float(np.abs(each).max()))


def forest_recourse(result: Result, data: str) -> Measurement:
    """F1 to F4: how far the recourse of our recourse-aware forest is above the stored one, in standard errors."""
    return Measurement.exact(float(distances(result, data, FOREST, [AWARE], FORESTS[data], ["recourse"]).min()))


def forest_ranking(result: Result) -> Measurement:
    """F5: how far the area under the curve is above the stored one, on the data set where it is least."""
    each = [distances(result, data, FOREST, [AWARE], FORESTS[data], ["auc"]) for data in PAPER_DATA]
    return Measurement.exact(float(np.min(each)))


def same_vanilla_forest(result: Result) -> Measurement:
    """F6: the largest distance of our vanilla forest from the stored one in the area under the curve."""
    each = [distances(result, data, FOREST, [VANILLA], FORESTS[data], ["auc"]) for data in PAPER_DATA]
    return Measurement.exact(float(np.abs(each).max()))


def found_by_searching(result: Result) -> Measurement:
    """F7: how far the recourse that we find in vanilla forests is above the stored one, where it is least."""
    each = [distances(result, data, FOREST, [VANILLA], FORESTS[data], ["recourse"]) for data in PAPER_DATA]
    return Measurement.exact(float(np.min(each)))


def rejected_on_credit(result: Result) -> Measurement:
    """R5: the mean share rejected on Credit by the only-actionable tree or forest, whichever rejects more."""
    need(result, ["credit"])
    held_out = protocol_of(result, "credit")
    each = [mean_of(result, shown("credit", model, ACTIONABLE, held_out), "rejected") for model in MODELS]
    return Measurement.exact(max(each))


def leak_on_bail(result: Result) -> Measurement:
    """N2: what our forest's ranking on Bail owes to people who stand in training and test, both."""
    need(result, ["bail"])
    row_wise, grouped = (values(result, shown("bail", FOREST, OURS, how), "auc") for how in (ROW_WISE, GROUPED))
    return interval(result, "bail", row_wise - grouped)


def acting(result: Result, after: str) -> Measurement:
    """S6, S7: the true chance of repaying after acting minus that of people accepted at once, paired over seeds."""
    arm = shown(APPLICANTS, TREE, AWARE, SAMPLED)
    return interval(result, APPLICANTS, values(result, arm, after) - values(result, arm, "repays_accepted"))


def smaller_gap(result: Result) -> Measurement:
    """S9: how much smaller the gap in recourse between the groups is than in a vanilla forest, paired over seeds."""
    vanilla, aware = (
        np.abs(values(result, shown(APPLICANTS, FOREST, method, SAMPLED), "recourse_gap"))
        for method in (VANILLA, AWARE)
    )
    return interval(result, APPLICANTS, vanilla - aware)


TREE_CLAIMS = tuple(
    Claim(
        f"T{number}",
        f"On {TITLES[data]}, our recourse-aware tree has the accuracy and the recourse of the authors' program.",
        RUN_AGAIN,
        "larger of two distances, in standard errors of the difference over row-wise folds",
        (0.0, ERRORS),
        partial(same_tree, data=data),
    )
    for number, data in enumerate(PAPER_DATA, start=1)
)
FOREST_CLAIMS = tuple(
    Claim(
        f"F{number}",
        f"On {TITLES[data]}, our recourse-aware forest, searched exactly, leaves no fewer people a way up than the "
        "stored results.",
        STORED,
        "recourse minus the stored one, in standard errors of the difference over row-wise folds",
        (-ERRORS, np.inf),
        partial(forest_recourse, data=data),
    )
    for number, data in enumerate(PAPER_DATA, start=1)
)

CLAIMS = (
    Claim(
        "S1",
        "On synthetic people, a tree trained for recourse leaves more people a way up than a plain one.",
        METHOD,
        "share with recourse, recourse-aware minus vanilla tree",
        POSITIVE,
        lambda result: difference(result, APPLICANTS, "recourse", TREE, AWARE, VANILLA),
    ),
    Claim(
        "S2",
        f"There it costs less than {PRICE:.0%} of accuracy.",
        METHOD,
        "accuracy, vanilla minus recourse-aware tree",
        SMALL_PRICE,
        lambda result: difference(result, APPLICANTS, "accuracy", TREE, VANILLA, AWARE),
    ),
    Claim(
        "S3",
        "So does a forest.",
        METHOD,
        "share with recourse, recourse-aware minus vanilla forest",
        POSITIVE,
        lambda result: difference(result, APPLICANTS, "recourse", FOREST, AWARE, VANILLA),
    ),
    Claim(
        "S4",
        f"And it costs less than {PRICE:.0%} of accuracy, too.",
        METHOD,
        "accuracy, vanilla minus recourse-aware forest",
        SMALL_PRICE,
        lambda result: difference(result, APPLICANTS, "accuracy", FOREST, VANILLA, AWARE),
    ),
    Claim(
        "S5",
        "Our default tree ranks people better than the paper's.",
        OWN,
        "area under the curve, ours minus recourse-aware tree",
        POSITIVE,
        lambda result: difference(result, APPLICANTS, "auc", TREE, OURS, AWARE),
    ),
    Claim(
        "S6",
        "The rejected who follow its advice are accepted, and repay less often than people accepted at once.",
        OWN,
        "true chance of repaying of those who acted minus that of those accepted at once, recourse-aware tree",
        NEGATIVE,
        lambda result: acting(result, "repays_after"),
        note="The tree opens a way where it costs the fewest errors, not where a change would mean most: see what "
        "acting does to the true chance in the recorded repays_before and repays_after.",
    ),
    Claim(
        "S7",
        "So they would if every effect were causal.",
        OWN,
        "the same, with all causal shares at 1",
        NEGATIVE,
        lambda result: acting(result, "repays_if_causal"),
    ),
    Claim(
        "S8",
        "A plain forest leaves fewer people a way up in the group that starts lower.",
        OWN,
        "share with recourse, group 1 minus group 0, vanilla forest",
        NEGATIVE,
        lambda result: interval(
            result, APPLICANTS, values(result, shown(APPLICANTS, FOREST, VANILLA, SAMPLED), "recourse_gap")
        ),
    ),
    Claim(
        "S9",
        "A forest trained for recourse leaves less of that gap.",
        OWN,
        "size of the gap, vanilla minus recourse-aware forest",
        POSITIVE,
        smaller_gap,
    ),
    *TREE_CLAIMS,
    Claim(
        "T5",
        "Our vanilla and only-actionable trees have the accuracy and the recourse of theirs on all four data sets.",
        RUN_AGAIN,
        "largest of 16 distances, in standard errors of the difference over row-wise folds",
        (0.0, ERRORS),
        same_baselines,
    ),
    *FOREST_CLAIMS,
    Claim(
        "F5",
        "These forests rank people no worse than the stored ones on any of the four data sets.",
        STORED,
        "least area under the curve minus the stored one, in standard errors over row-wise folds",
        (-ERRORS, np.inf),
        forest_ranking,
    ),
    Claim(
        "F6",
        "Our vanilla forests rank people as the stored ones do on all four data sets.",
        STORED,
        "largest of 4 distances in the area under the curve, in standard errors over row-wise folds",
        (0.0, ERRORS),
        same_vanilla_forest,
    ),
    Claim(
        "F7",
        "The stored recourse of vanilla forests is what their search found, not what there is: an exact search finds "
        "more on every data set.",
        OWN,
        "least recourse minus the stored one, in standard errors over row-wise folds",
        (ERRORS, np.inf),
        found_by_searching,
    ),
    Claim(
        "R1",
        "On all four data sets, a tree trained for recourse leaves more people a way up than a plain one.",
        METHOD,
        "least difference in the share with recourse, recourse-aware minus vanilla tree",
        POSITIVE,
        over_data(LEAST, "recourse", TREE, AWARE, VANILLA),
    ),
    Claim(
        "R2",
        f"It costs less than {PRICE:.0%} of accuracy on each.",
        METHOD,
        "greatest difference in accuracy, vanilla minus recourse-aware tree",
        SMALL_PRICE,
        over_data(GREATEST, "accuracy", TREE, VANILLA, AWARE),
        expected=OPEN,
        note="The mean loss is 0.3 points at most. On Bail its interval, which allows for the people whom folds share, "
        "reaches just beyond 2 points: ten folds cannot tell.",
    ),
    Claim(
        "R3",
        "On all four data sets, so does a forest.",
        METHOD,
        "least difference in the share with recourse, recourse-aware minus vanilla forest",
        POSITIVE,
        over_data(LEAST, "recourse", FOREST, AWARE, VANILLA),
    ),
    Claim(
        "R4",
        f"And it costs less than {PRICE:.0%} of accuracy on each, too.",
        METHOD,
        "greatest difference in accuracy, vanilla minus recourse-aware forest",
        SMALL_PRICE,
        over_data(GREATEST, "accuracy", FOREST, VANILLA, AWARE),
    ),
    Claim(
        "R5",
        "On Credit, splitting on what people can change alone means to accept everybody.",
        STORED,
        "greater share rejected of only-actionable tree and forest; 0 to the three digits that are published",
        (0.0, 0.0005),
        rejected_on_credit,
    ),
    Claim(
        "N1",
        "Our default forests rank people better than the paper's recourse-aware ones on all four data sets.",
        OWN,
        "least difference in the area under the curve, ours minus recourse-aware forest",
        POSITIVE,
        over_data(LEAST, "auc", FOREST, OURS, AWARE),
    ),
    Claim(
        "N2",
        "On Bail, where half of the rows are copies of others, row-wise folds make a forest look much better.",
        OWN,
        "area under the curve of our forest, row-wise minus equal rows together",
        POSITIVE,
        leak_on_bail,
    ),
)
