"""The claims: what the paper says, what we found besides, and where the archived program differs."""

from __future__ import annotations

from functools import partial

from fairgym.scenarios.base import FAILS, NEGATIVE, POSITIVE, Claim
from fairgym.scenarios.gaming_admissions import measures
from fairgym.scenarios.gaming_admissions.names import (
    ACCURACY,
    BURDEN,
    CONTINUOUS,
    NOISELESS,
    NOISY,
    PAPER,
    ROBUST,
    STATIC,
)
from fairgym.scenarios.gaming_admissions.published import FIGURE_THRESHOLDS

FIGURE = f"{PAPER}, section 4.3 and figure 9"
HARDT = "Hardt et al., Strategic classification, ITCS 2016, algorithm 1"
ALL_SEEDS = 100

STORY = (
    Claim(
        "C1a",
        "Without noise the static college sits at the threshold of eligibility, .55.",
        FIGURE,
        "mean static threshold minus .55",
        (-0.005, 0.005),
        measures.static_above_true,
        published_world_only=True,
    ),
    Claim(
        "C1b",
        "Without noise the continuous threshold lies strictly between the static and the robust one.",
        FIGURE,
        "smallest of both steps up in any run",
        POSITIVE,
        measures.least_step_up,
        published_world_only=True,
    ),
    Claim(
        "C1c",
        "Without noise the robust threshold is .55 + 1/5.",
        FIGURE,
        "best threshold against gaming, for a college that has seen many people",
        (0.7499, 0.7501),
        measures.robust_limit,
        note="Exact. The 200 people of the burn-in give .743 on average, with a tail down to .65.",
        published_world_only=True,
    ),
    Claim(
        "C2a",
        "With noise the continuous college climbs all the way to the robust threshold.",
        FIGURE,
        "robust minus continuous threshold after the run, paired",
        (-0.01, 0.01),
        measures.robust_minus_continuous,
        expected=FAILS,
        note="The paper's lines, of one run, are .004 apart; in 3 of our 100 runs they are no further apart, or the "
        "other way round. The robust college has learned from 200 people only, which spreads its threshold by .04.",
        published_world_only=True,
    ),
    Claim(
        "C2b",
        "The same, with a burn-in of 100 rounds.",
        FIGURE,
        "robust minus continuous threshold after the run, paired",
        (-0.01, 0.01),
        partial(measures.robust_minus_continuous, later=True),
        expected=FAILS,
        note="In none of our 100 runs are the two within .01: with more people the robust threshold spreads less.",
        published_world_only=True,
    ),
    Claim(
        "C2c",
        "The same, with as many rounds and people as one likes.",
        FIGURE,
        "robust limit minus resting point of the continuous college",
        (-0.01, 0.01),
        measures.rest_below_robust,
        expected=FAILS,
        note="Exact: .764 against .699. The continuous college rests where half of those who game for its threshold "
        "are eligible.",
        published_world_only=True,
    ),
    Claim(
        "C2d",
        "Noise brings the continuous threshold nearer to the robust one.",
        FIGURE,
        "robust minus continuous threshold, without noise minus with noise",
        POSITIVE,
        measures.halved_distance,
        published_world_only=True,
    ),
    Claim(
        "C3a",
        "The robust college decides best.",
        FIGURE,
        "accuracy of the robust college minus that of another, where it gains least",
        POSITIVE,
        measures.gain_of_robust,
    ),
    Claim(
        "C3b",
        "Without noise a group is judged best at .55 + 1 / cost.",
        FIGURE,
        "largest distance of a group's most accurate threshold from it",
        (0.0, 0.0001),
        measures.distance_of_peaks,
        note="Exact. With noise the peaks are at .70 and .80.",
        published_world_only=True,
    ),
    Claim(
        "C3c",
        "Without noise no threshold for all judges everybody better than .75.",
        FIGURE,
        "best accuracy of any threshold minus that at .75",
        (0.0, 1e-6),
        measures.robust_below_peak,
        note="Exact.",
        published_world_only=True,
    ),
    Claim(
        "C4a",
        "The social burden rises with the threshold.",
        FIGURE,
        "smallest rise over .01, from .56 up",
        POSITIVE,
        measures.slowest_rise_of_burden,
        note="Exact.",
        published_world_only=True,
    ),
    Claim(
        "C4b",
        "It rises twice as steeply for the group to whom a point costs 10.",
        FIGURE,
        "ratio of the groups' burdens, where it is furthest from 2",
        (1.9999, 2.0001),
        measures.ratio_of_burdens,
        note="Exact: the groups differ in nothing but the cost.",
        published_world_only=True,
    ),
    Claim(
        "C5",
        "The legend of the figure names the group advantaged to whom a point costs 10: it should bear less.",
        f"{PAPER}, figure 9, legend",
        "social burden of the cost-10 group minus that of the other under the robust college",
        NEGATIVE,
        measures.extra_burden_of_dear,
        expected=FAILS,
        note="The legend has the names the wrong way round, the text has them right. Here groups are named by cost.",
        published_world_only=True,
    ),
)


def line_claims() -> tuple[Claim, ...]:
    """Return, for each vertical line of the figure, whether it could be a run of this world."""
    notes = {
        (
            NOISELESS,
            CONTINUOUS,
        ): "The archived program stays below .617 on 30 seeds, see T2. Of equally good thresholds ours "
        "takes the highest; with the lowest the mean is .618.",
        (NOISY, CONTINUOUS): "One run spreads by .008.",
        (NOISY, ROBUST): "A low one: 1 of our 100 runs is as low.",
    }
    return tuple(
        Claim(
            f"P{number}",
            f"The {college} threshold in the {regime} regime, {threshold:.3f}, could be that of one of our runs.",
            f"{PAPER}, figure 9, vertical lines",
            "distance from our mean in standard deviations of one run",
            (-4.0, 4.0),
            partial(measures.distance_from_line, regime=regime, college=college),
            note=notes.get((regime, college), ""),
            fewest_lanes=ALL_SEEDS,
            published_world_only=True,
        )
        for number, ((regime, college), threshold) in enumerate(FIGURE_THRESHOLDS.items(), start=1)
    )


CURVES = (
    Claim(
        "P7",
        "The accuracy under fixed thresholds is that of the paper's curves.",
        f"{PAPER}, figure 9, left",
        "largest distance of 18 readings from the exact values, in standard deviations of one run",
        (0.0, 4.0),
        partial(measures.distance_from_curves, metric=ACCURACY),
        note="The curves are runs of 30 rounds; readings are good to .005.",
        fewest_lanes=ALL_SEEDS,
        published_world_only=True,
    ),
    Claim(
        "P8",
        "The social burden under fixed thresholds, too.",
        f"{PAPER}, figure 9, right",
        "largest distance of 18 readings from the exact values, in standard deviations of one run",
        (0.0, 4.0),
        partial(measures.distance_from_curves, metric=BURDEN),
        fewest_lanes=ALL_SEEDS,
        published_world_only=True,
    ),
    Claim(
        "X1",
        "The exact curves are those of the simulated world.",
        "our calculation against our simulation",
        "largest distance of 84 numbers, in standard errors",
        (0.0, 4.0),
        measures.distance_from_simulation,
        fewest_lanes=ALL_SEEDS,
        published_world_only=True,
    ),
    Claim(
        "T0",
        "The exact curves are those of the archived program.",
        "archived program, 10 seeds",
        "largest distance of 28 numbers, in standard errors",
        (0.0, 4.0),
        measures.distance_from_archived_curves,
        fewest_lanes=ALL_SEEDS,
        published_world_only=True,
    ),
    Claim(
        "T1",
        "The static and the robust college learn the thresholds of the archived program.",
        "archived program, 30 seeds",
        "largest distance of 5 mean thresholds, in standard errors of the difference",
        (0.0, 4.0),
        partial(measures.distance_from_archived, colleges=ROBUST),
        fewest_lanes=ALL_SEEDS,
        published_world_only=True,
    ),
    Claim(
        "T2",
        "The continuous college does, too.",
        "archived program, 20 or 30 seeds",
        "largest distance of 3 mean thresholds, in standard errors of the difference",
        (0.0, 4.0),
        partial(measures.distance_from_archived, colleges=CONTINUOUS),
        expected=FAILS,
        note="It interpolates between corners of the ROC curve by a search that stops near the best threshold, so each "
        "round falls a little short. Rebuilding that search explains four fifths of the difference with noise (.691 "
        "against our .705 and its .688; .668, .690 and .662 with the longer burn-in) and half of it without (.614, "
        ".622 and .608); the rest is open. To take the lowest of equally good thresholds instead of the highest would "
        "alone give .693 and .618. The paper's own lines fit the best threshold (P2, P5).",
        fewest_lanes=ALL_SEEDS,
        published_world_only=True,
    ),
)

FINDINGS = (
    Claim(
        "D8a",
        "Not in the paper: the archived program's static college learns one round too late and takes gamers for true.",
        "archived program, its defect replayed",
        "threshold as published minus threshold learned in time, without noise, paired",
        POSITIVE,
        partial(measures.extra_of_defect, college=STATIC, regime=NOISELESS),
        note="By one gap between neighbouring scores. With noise it is .008.",
        published_world_only=True,
    ),
    Claim(
        "D8b",
        "Not in the paper: the same defect does not change the robust threshold.",
        f"archived program, its defect replayed; {HARDT}",
        "largest change of the threshold in any run",
        (0.0, 0.001),
        measures.largest_extra_for_robust,
        note="Those admitted in the late round are raised a second time, well above the threshold; most are eligible.",
        published_world_only=True,
    ),
    Claim(
        "N1",
        "Not in the paper: the continuous threshold never falls, because those whom it rejects cannot teach it.",
        "our simulation",
        "deepest fall between recorded rounds, any run",
        (0.0, 1.0),
        measures.deepest_fall,
    ),
    Claim(
        "N2",
        "Not in the paper: without noise the continuous college is still climbing after 750 rounds.",
        "our calculation: it comes to rest at .640",
        "resting point minus threshold after the run",
        POSITIVE,
        measures.below_rest,
        note="It climbs by one gap between seen scores a round, ever smaller ones: as the logarithm of the rounds. So "
        "the level at round 750 depends on the burn-in.",
        published_world_only=True,
    ),
    Claim(
        "N3",
        "Not in the paper: its continuous threshold under noise, .699, is where ours comes to rest.",
        "our calculation",
        "the paper's threshold minus the resting point",
        (-0.005, 0.005),
        measures.line_minus_rest,
        note="The resting point is exact. That the two agree to .001 may be chance: one run spreads by .008. Our runs "
        "end a little above it: small early samples overshoot, and what is above does not fall.",
        published_world_only=True,
    ),
)

CLAIMS = (*STORY, *line_claims(), *CURVES, *FINDINGS)
