"""Equal at every step, unequal over all: the aggregate true positive rate of a policy that is fair at each step.

D'Amour et al., "Fairness is not static", FAT* 2020, section 4.1, figure 5, and appendix A.4.

The equal-opportunity agent gives both groups the same true positive rate (TPR) at every step. The TPR of a group over a
whole run weighs each step by how many of the group's qualified people came then. If those weights differ between the
groups, equal steps do not add up to an equal whole: a case of Simpson's paradox. In a static population the weights
are alike and the gap of a run is sampling noise, which falls as one over the square root of the steps. In a population
that moves, the groups' weights move apart.

The gap of one run is noisy: each step is one applicant. The *expected* gap of a run removes the luck of the draws,
given how its population moved. It puts the chance that somebody qualified comes from each group (recorded) in place of
who came, and the TPR that the agent gave to both groups (recorded) in place of who was accepted.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.integrate import cumulative_trapezoid

from fairgym.agents import EqualOpportunity
from fairgym.checks import InputError
from fairgym.experiment import Experiment, stride_of
from fairgym.metrics import PopulationScore, SimpsonDecomposition, TruePositiveRate
from fairgym.metrics.base import ratio
from fairgym.metrics.simpson import EXACT
from fairgym.plots import COLOURS, draw_curve, label_line_ends
from fairgym.populations import two_groups
from fairgym.result import Numbers, Result, estimate
from fairgym.scenarios.base import NEGATIVE, NOT_ZERO, POSITIVE, Claim, Measurement, Scenario, Settings, distance

PAPER = "D'Amour et al., Fairness is not static, FAT* 2020"
DYNAMIC, STATIC = "dynamic", "static"
THRESHOLD = 3
"""Score from which on the agent accepts the advantaged group at the start; its TPR is everybody's target."""
SETTLED = 200
"""Step from which on the sampling law of the gap is nearly normal, and its expected part is drawn."""
PERIOD = 1_000
"""Steps of one period of the decomposition."""

STEPS = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000)
PUBLISHED = {
    DYNAMIC: (0.1287, 0.0945, 0.0674, 0.0554, 0.0384, 0.0299, 0.0214, 0.0151, 0.0095, 0.0079, 0.0068),
    STATIC: (0.1207, 0.0915, 0.0626, 0.0503, 0.0327, 0.0242, 0.0152, 0.0095, 0.0073, 0.0055, 0.0044),
}
"""Mean over 100 seeds of the absolute aggregate TPR gap, read off the paper's figure 5."""
PUBLISHED_LANES = 100


def experiments(settings: Settings) -> list[Experiment]:
    """Return the equal-opportunity agent in a population that moves and in one that does not, on the same luck."""
    params = dict(settings.env_params)
    agent = EqualOpportunity(oracle=True)
    trackers = {
        "tpr": TruePositiveRate(),
        "credit": PopulationScore(),
        "simpson": SimpsonDecomposition(PERIOD),
    }
    stride = stride_of(settings.steps)
    every = sorted({1, *range(stride, settings.steps + 1, stride), *STEPS})
    return [
        Experiment(
            name, "LendingEnv-v0", agent, trackers, settings.steps, settings.lanes, settings.seed, every, world_params
        )
        for name, world_params in ((DYNAMIC, params), (STATIC, {**params, "score_moves": False}))
    ]


def gap(result: Result, experiment: str, step: int | None = None) -> Numbers:
    """Return the aggregate TPR gap so far, advantaged minus disadvantaged, of each lane."""
    return result.values("simpson.aggregate", experiment=experiment, step=step).to_numpy(dtype=np.float64)


def expected_gaps(result: Result, experiment: str) -> tuple[Numbers, Numbers]:
    """Return steps (s,) and the aggregate TPR gap of each lane up to them (lanes, s), without the luck of the draws.

    It is the gap to expect given how the lane's population moved: the TPR of a group so far is the mean of the agent's
    target over steps, weighed by the group's chance of being qualified; both are integrated over the recorded steps by
    the trapezoidal rule.
    """
    rate = result.table("agent.target_rate", experiment=experiment)
    steps = rate.columns.to_numpy(dtype=np.float64)
    rates = []
    for group in two_groups().groups:
        weight = result.table("credit", experiment=experiment, group=group)[rate.columns]
        above, below = (cumulative_trapezoid(values, steps, axis=1) for values in (weight * rate, weight))
        rates.append(ratio(above, below))
    gaps = rates[0] - rates[1]
    return steps[1:], np.where(np.abs(gaps) <= EXACT, 0.0, gaps)


def expected_gap(result: Result, experiment: str) -> Numbers:
    """Return the expected gap of each lane over the whole run, NaN for a run of one step; see ``expected_gaps``."""
    gaps = expected_gaps(result, experiment)[1]
    return np.asarray(gaps[:, -1]) if gaps.shape[1] else np.full(len(gaps), np.nan)


def noise_of_gap(steps: int) -> float:
    """Return the mean absolute gap that sampling alone gives in the static population.

    So many steps bring steps / 2 * q_g qualified people of each group, each accepted with the same probability R, so
    the gap is nearly normal around zero with variance R (1 - R) (1 / N_a + 1 / N_b), and its mean absolute value is
    the square root of 2 / pi times its standard deviation.
    """
    population = two_groups()
    qualified = population.distribution * population.repayment
    rate = qualified[0, THRESHOLD:].sum() / qualified[0].sum()
    people = steps * population.shares * qualified.sum(axis=1)
    return float(np.sqrt(2 / np.pi * rate * (1 - rate) * (1 / people).sum()))


def distance_from_figure(result: Result, experiment: str) -> Measurement:
    """Return the largest distance of the curve from the paper's, in standard errors of the difference."""
    ours = [estimate(np.abs(gap(result, experiment, step))) for step in STEPS]
    return distance(ours, PUBLISHED[experiment], PUBLISHED_LANES)


def distance_from_noise(result: Result) -> Measurement:
    """Return the largest distance of the static curve from sampling noise, in standard errors, from step 200 on."""
    steps = STEPS[3:]
    ours = [estimate(np.abs(gap(result, STATIC, step))) for step in steps]
    return distance(ours, [noise_of_gap(step) for step in steps])


def excess_of_dynamic(result: Result) -> Measurement:
    """Return the absolute gap in the population that moves minus that in the static one, at the end, paired."""
    return Measurement.of(estimate(np.abs(gap(result, DYNAMIC)) - np.abs(gap(result, STATIC))))


def identity_error(result: Result) -> Measurement:
    """Return the largest error of aggregate = within + composition, over all lanes and recorded steps."""
    parts = [
        result.frame.loc[result.frame["metric"] == f"simpson.{part}", "value"].to_numpy(dtype=np.float64)
        for part in ("aggregate", "within", "composition")
    ]
    errors = np.abs(parts[0] - parts[1] - parts[2])
    if np.isnan(errors).all():
        raise InputError("it needs qualified people in both groups, whose truth is not hidden.")
    return Measurement.exact(float(np.nanmax(errors)))


CLAIMS = (
    Claim(
        "L9a",
        "In the population that moves, the mean absolute gap over time is that of the paper's curve.",
        f"{PAPER}, figure 5",
        "largest distance over 11 points, in standard errors of the difference",
        (0.0, 4.0),
        lambda result: distance_from_figure(result, DYNAMIC),
        fewest_lanes=100,
        published_world_only=True,
    ),
    Claim(
        "L9b",
        "In the static population, too.",
        f"{PAPER}, figure 5",
        "largest distance over 11 points, in standard errors of the difference",
        (0.0, 4.0),
        lambda result: distance_from_figure(result, STATIC),
        fewest_lanes=100,
        published_world_only=True,
    ),
    Claim(
        "L9c",
        "In the static population the gap is sampling noise: it falls as one over the square root of the steps.",
        f"{PAPER}, figure 5",
        "largest distance from the law over 8 points, in standard errors",
        (0.0, 4.0),
        distance_from_noise,
        fewest_lanes=100,
        published_world_only=True,
    ),
    Claim(
        "L9d",
        "In the population that moves it stays larger.",
        f"{PAPER}, figure 5",
        "absolute gap, dynamic minus static, at the end",
        POSITIVE,
        excess_of_dynamic,
        note="Most of it is larger luck: rates nearer one half, fewer qualified people. See docs/findings.md.",
    ),
    Claim(
        "L13a",
        "The aggregate gap is exactly the gaps inside periods plus the groups' different timing.",
        f"{PAPER}, appendix A.4; Kitagawa 1955",
        "largest error of the identity",
        (0.0, 1e-12),
        identity_error,
    ),
    Claim(
        "L13b",
        "Equal TPR at every step does not give equal TPR over all, even in expectation.",
        f"{PAPER}, section 4.1 and appendix A.4",
        "expected aggregate TPR gap, advantaged minus disadvantaged",
        NOT_ZERO,
        lambda result: Measurement.of(estimate(expected_gap(result, DYNAMIC))),
    ),
    Claim(
        "L13c",
        "The same, on the gap as it is observed.",
        f"{PAPER}, section 4.1",
        "observed aggregate TPR gap, advantaged minus disadvantaged",
        NOT_ZERO,
        lambda result: Measurement.of(estimate(gap(result, DYNAMIC))),
        note="The gap is a fifteenth of the spread between runs: few seeds cannot decide. See docs/findings.md.",
        fewest_lanes=10_000,
    ),
    Claim(
        "L13d",
        "That gap is a matter of timing: the groups' qualified people come in different periods.",
        f"{PAPER}, appendix A.4",
        "composition part of the observed gap",
        NOT_ZERO,
        lambda result: Measurement.of(result.estimate("simpson.composition", experiment=DYNAMIC)),
    ),
    Claim(
        "N1",
        "Not in the paper: it is the disadvantaged who end with the higher rate.",
        "docs/findings.md, 10,000 seeds",
        "expected aggregate TPR gap, advantaged minus disadvantaged",
        NEGATIVE,
        lambda result: Measurement.of(estimate(expected_gap(result, DYNAMIC))),
    ),
)


def figures(result: Result) -> dict[str, Figure]:
    """Return the gap over time, and where the gap of the population that moves comes from."""
    return {"gap-over-time": gap_over_time(result), "decomposition": decomposition(result)}


def gap_over_time(result: Result) -> Figure:
    """Draw the mean absolute gap over steps, both axes logarithmic, with the paper's points (its figure 5)."""
    figure = Figure(figsize=(8, 5))
    figure.subplots_adjust(left=0.1, right=0.78, bottom=0.12, top=0.9)
    axes = figure.subplots()
    frame = result.frame[result.frame["metric"] == "simpson.aggregate"].assign(group="", metric="gap")
    sizes = Result(frame.assign(value=frame["value"].abs()), result.config)
    recorded = np.unique(frame["step"]).tolist()
    steps = [step for step in recorded if step >= min(STEPS[0], recorded[-1])]
    ends = []
    for index, name in enumerate((DYNAMIC, STATIC)):
        curve = sizes.curve("gap", experiment=name).loc[steps]
        draw_curve(axes, curve, COLOURS[index])
        ends.append((float(steps[-1]), float(curve["mean"].iloc[-1]), f"{name} population", COLOURS[index]))
        axes.plot(STEPS, PUBLISHED[name], "o", color=COLOURS[index], markersize=5)
    axes.plot(steps, [noise_of_gap(step) for step in steps], ":", color="black", linewidth=1.5)
    expected_steps, expected = expected_gaps(result, DYNAMIC)
    lasting = np.abs(expected).mean(axis=0)
    shown = (expected_steps >= SETTLED) & (lasting > 0)
    if shown.any():
        axes.plot(expected_steps[shown], lasting[shown], "--", color=COLOURS[0])
        ends.append((float(steps[-1]), float(lasting[-1]), "dynamic,\nwithout luck", COLOURS[0]))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(steps[0], max(steps[-1], 2 * steps[0]))
    axes.set_xlabel("steps of the run")
    axes.set_ylabel("mean size of the TPR gap so far")
    axes.set_title("Equal at every step: the gap that is left over the whole run")
    key = "dotted: luck alone in the static population\ndots: the paper, 100 seeds"
    axes.annotate(key, (0.4, 0.88), xycoords="axes fraction")
    label_line_ends(axes, ends)
    return figure


def decomposition(result: Result) -> Figure:
    """Draw the observed gap, its two parts, and the expected gap, each with its interval."""
    figure = Figure(figsize=(8, 3.8))
    panels = figure.subplots(1, 2, sharey=True, sharex=True)
    rows = ("expected gap", "+ different timing", "= gaps inside periods", "observed gap")
    for axes, name in zip(panels, (STATIC, DYNAMIC), strict=True):
        parts = [result.estimate(f"simpson.{part}", experiment=name) for part in ("composition", "within", "aggregate")]
        for row, one in enumerate([estimate(expected_gap(result, name)), *parts]):
            line_colour = COLOURS[1] if row == 0 else COLOURS[0]
            axes.plot([100 * one.low, 100 * one.high], [row, row], color=line_colour)
            axes.plot(100 * one.mean, row, "o", color=line_colour)
        axes.axvline(0, color="black", linewidth=1)
        axes.set_yticks(np.arange(len(rows)), rows)
        axes.set_title(f"{name} population")
        axes.set_xlabel("TPR gap over the whole run, points\n(advantaged minus disadvantaged)")
        axes.xaxis.set_major_locator(MaxNLocator(4))
    figure.tight_layout()
    return figure


SCENARIO = Scenario(
    name="simpson-tpr",
    title="Equal true positive rates at every step, unequal over the whole run.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=1_000,
    steps=20_000,
)
