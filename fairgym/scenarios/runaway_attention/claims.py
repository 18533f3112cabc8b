"""The claims: how each number is measured, then what the paper says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from fairgym.checks import InputError
from fairgym.result import Estimate, Numbers, Result, estimate
from fairgym.scenarios.base import FAILS, NEGATIVE, POSITIVE, Claim, Measurement, distance
from fairgym.scenarios.estimates import over_lanes, quotient
from fairgym.scenarios.runaway_attention.names import (
    AGENTS,
    BLOCK,
    EXPLORING,
    FAIR,
    FAIR_AS_PUBLISHED,
    FASTEST,
    GREEDY,
    GREEDY_AS_PUBLISHED,
    PAPER,
    PROPORTIONAL,
    PUBLISHED_AGENTS,
    RATES_OF_CHANGE,
    UNIFORM,
    by_site,
    per_step,
    total,
    unfairness,
)
from fairgym.scenarios.runaway_attention.published import (
    ARCHIVED,
    INDEPENDENT_RUNS,
    PAPER_BARS,
    PUBLISHED_STEPS,
    SETTLED_SITES,
    Table,
)

SETTLED = 200
"""Step after which the paper sees the incidents settled (figure 8)."""
LAG, SWING = 50, 100
"""Steps by which attention trails incidents, and after which it has swung to the other side."""


def quantity(result: Result, what: str, agent: str, d: float) -> Numbers:
    """Return what a bar of figure 6 (``discovered``, ``missed``) or 7 (``delta``) is the mean of; (lanes,)."""
    return unfairness(result, agent, d) if what == "delta" else total(result, what, agent, d)


def lead(result: Result, what: str, agent: str, others: Sequence[str], d: float, sign: int = 1) -> Measurement:
    """Return by how much an agent is above (``sign`` -1: below) the nearest other, paired over lanes."""
    ours = quantity(result, what, agent, d)
    return Measurement.least(
        [over_lanes(sign * (ours - quantity(result, what, one, d))) for one in others if one != agent]
    )


def least_of_best(result: Result) -> Measurement:
    """A1: the fewest discoveries of an agent over the most, where nothing moves."""
    totals = [total(result, "discovered", agent, 0.0) for agent in AGENTS]
    order = np.argsort([one.mean() for one in totals])
    return quotient(totals[order[0]], totals[order[-1]])


def difference_of_incidents(result: Result) -> Measurement:
    """A1: the largest difference of the incidents that two agents meet in a run, where nothing moves."""
    incidents = np.stack([by_site(result, "occurred", agent, 0.0) for agent in AGENTS])
    return Measurement.exact(float(np.ptp(incidents, axis=0).max()))


def missed_of_next(result: Result, agents: Sequence[str]) -> Measurement:
    """A2: incidents missed by the first agent, over those of the other agent that misses most."""
    first, *others = (total(result, "missed", agent, FASTEST) for agent in agents)
    return quotient(first, max(others, key=np.mean))


def order_of_unfairness(result: Result) -> Measurement:
    """A4: the smallest step down in Delta from blind to both greedy agents, and from these to the half blind one."""
    steps = [
        (upper, lower) for upper, lower in ((UNIFORM, GREEDY), (UNIFORM, FAIR), (GREEDY, EXPLORING), (FAIR, EXPLORING))
    ]
    return Measurement.least([lead(result, "delta", upper, [lower], 0.0) for upper, lower in steps])


def lead_in_fairness(result: Result, rates: Sequence[float]) -> Measurement:
    """A4: by how much the proportional agent is fairer than the nearest other, in the world where that is least."""
    return Measurement.least([lead(result, "delta", PROPORTIONAL, AGENTS, d, -1) for d in rates])


def smallest_change(result: Result, agents: Sequence[str], rates: Sequence[float], sign: int) -> Measurement:
    """A5: the smallest rise (``sign`` -1: fall) of Delta from one rate of change to the next of those given."""
    return Measurement.least(
        [
            over_lanes(sign * (unfairness(result, agent, faster) - unfairness(result, agent, slower)))
            for agent in agents
            for slower, faster in pairwise(rates)
        ]
    )


def after_settling(result: Result, metric: str, agent: str) -> Numbers:
    """Return a count per step in each block from step 200 on; (blocks, lanes, sites)."""
    ends, counts = per_step(result, metric, agent, FASTEST)
    later = counts[ends > SETTLED]
    if len(later) <= SWING // BLOCK:
        raise InputError(f"it needs more than {SETTLED + SWING} steps.")
    return later


def settled_incidents(result: Result, agent: str) -> Measurement:
    """A6: incidents per step and site from step 200 on."""
    return over_lanes(after_settling(result, "occurred", agent).mean(axis=(0, 2)))


def distance_at_sites(result: Result) -> Measurement:
    """A6: the largest distance from the incidents per step at a site over steps 200 to 300 in the archived program."""
    later = after_settling(result, "occurred", GREEDY_AS_PUBLISHED)[: 100 // BLOCK].mean(axis=0)
    return distance([estimate(site) for site in later.T], SETTLED_SITES, INDEPENDENT_RUNS)


def correlation(first: Numbers, second: Numbers) -> Numbers:
    """Return the correlation over time of two series at each site, mean over the sites of each lane; (lanes,).

    A site at which one of the two stands still has none and is left out.
    """
    first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    spread = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    of_sites = (first * second).sum(axis=0) / np.where(spread > 0, spread, np.nan)
    known = ~np.isnan(of_sites)
    sites = known.sum(axis=1)
    return np.asarray(np.where(known, of_sites, 0.0).sum(axis=1) / np.where(sites > 0, sites, np.nan))


def lag_of_attention(result: Result) -> Measurement:
    """A6: correlation of attention with the incidents 50 steps ago, minus that with those of the same steps."""
    lag, found = LAG // BLOCK, []
    for agent in (GREEDY, GREEDY_AS_PUBLISHED):
        sent, occurred = (after_settling(result, metric, agent) for metric in ("sent", "occurred"))
        found.append(over_lanes(correlation(sent[lag:], occurred[:-lag]) - correlation(sent[lag:], occurred[lag:])))
    return Measurement.least(found)


def swing_of_attention(result: Result) -> Measurement:
    """A6: correlation of the attention that a site gets with what it got 100 steps ago."""
    later, found = SWING // BLOCK, []
    for agent in (GREEDY, GREEDY_AS_PUBLISHED):
        sent = after_settling(result, "sent", agent)
        found.append(over_lanes(correlation(sent[later:], sent[:-later])))
    return Measurement.greatest(found)


AS_PUBLISHED = {agent: agent for agent in PUBLISHED_AGENTS}
"""Which of our agents stands for which of the archived program's."""


def distance_from(
    result: Result,
    table: Table,
    what: Sequence[str],
    agents: Mapping[str, str] = AS_PUBLISHED,
    rates: Sequence[float] = RATES_OF_CHANGE,
) -> Measurement:
    """Return the largest distance of our means from published ones, in standard errors of the difference."""
    if result.frame["step"].max() != PUBLISHED_STEPS:
        raise InputError(f"the published numbers are of {PUBLISHED_STEPS:,} steps.")
    ours: list[Estimate] = []
    published: list[float] = []
    for one in what:
        for theirs, mine in agents.items():
            for d, number in zip(RATES_OF_CHANGE, table[one, theirs], strict=True):
                if d in rates:
                    ours.append(estimate(quantity(result, one, mine, d)))
                    published.append(number)
    return distance(ours, published, INDEPENDENT_RUNS)


FIGURE_6, FIGURE_7 = ("discovered", "missed"), ("delta",)
WORTH_ONE_RUN = (
    "The published runs share the luck of their agent, which decides how a run goes: their mean counts as one run. "
    "Counted as independent runs, figures 6 and 7 would be up to 9 standard errors away."
)

CLAIMS = (
    Claim(
        "A1a",
        "Where nothing moves (d = 0) the agents are alike: none discovers less than nine tenths of the best.",
        f"{PAPER}, figure 6",
        "incidents discovered, agent with fewest over agent with most",
        (0.9, 1.0),
        least_of_best,
        published_world_only=True,
    ),
    Claim(
        "A1b",
        "There discovering more is missing less: the incidents do not depend on the agent.",
        f"{PAPER}, figure 6",
        "largest difference of the incidents at a site between two agents in one run",
        (0.0, 0.0),
        difference_of_incidents,
    ),
    Claim(
        "A2a",
        "Where rates move fast (d = .05) the greedy agent discovers most.",
        f"{PAPER}, figure 6",
        "incidents discovered, greedy minus the best other agent",
        POSITIVE,
        lambda result: lead(result, "discovered", GREEDY, AGENTS, FASTEST),
    ),
    Claim(
        "A2b",
        "And misses most.",
        f"{PAPER}, figure 6",
        "incidents missed, greedy minus the worst other agent",
        POSITIVE,
        lambda result: lead(result, "missed", GREEDY, AGENTS, FASTEST),
    ),
    Claim(
        "A2c",
        "It misses about four times as many as the next: with the archived program's allocation.",
        f"{PAPER}, figure 6",
        "incidents missed, greedy as published over the next agent",
        (3.5, 4.5),
        lambda result: missed_of_next(result, PUBLISHED_AGENTS),
        published_world_only=True,
    ),
    Claim(
        "A2d",
        "It misses about four times as many as the next: with the allocation that the paper defines.",
        f"{PAPER}, figure 6 and section 4.2; Elzayn et al. 2019",
        "incidents missed, greedy over the next agent",
        (3.5, 4.5),
        lambda result: missed_of_next(result, AGENTS),
        expected=FAILS,
        note="The factor is the archived program's: it values the next unit at -P(C = v) instead of P(C >= v + 1).",
        published_world_only=True,
    ),
    Claim(
        "A3",
        "There the greedy agent under the fairness constraint misses least.",
        f"{PAPER}, figure 6",
        "incidents missed, the best other agent minus fair greedy",
        POSITIVE,
        lambda result: lead(result, "missed", FAIR, AGENTS, FASTEST, -1),
    ),
    Claim(
        "A4a",
        "Where nothing moves only the blind agent is less fair than the greedy ones; the other two are fairer.",
        f"{PAPER}, figure 7",
        "smallest difference in Delta along this order",
        POSITIVE,
        order_of_unfairness,
    ),
    Claim(
        "A4b",
        "The proportional agent with epsilon .1 is the fairest for d up to .01.",
        f"{PAPER}, figure 7",
        "Delta, the fairest other agent minus proportional, where it is least",
        POSITIVE,
        lambda result: lead_in_fairness(result, RATES_OF_CHANGE[:-1]),
    ),
    Claim(
        "A4c",
        "And for d = .05.",
        f"{PAPER}, figure 7",
        "Delta, the fairest other agent minus proportional",
        POSITIVE,
        lambda result: lead_in_fairness(result, [FASTEST]),
        expected=FAILS,
        note="Fair greedy is fairer, by .018 with 400 seeds, by .020 [.012, .028] with 400 others. In the paper's own "
        "bars greedy is, .025 against .036.",
        fewest_lanes=400,
        published_world_only=True,
    ),
    Claim(
        "A5a",
        "With growing d the greedy agents get fairer.",
        f"{PAPER}, figure 7",
        "smallest fall of Delta from one d to the next, both agents",
        POSITIVE,
        lambda result: smallest_change(result, (GREEDY, FAIR), RATES_OF_CHANGE, -1),
    ),
    Claim(
        "A5b",
        "The blind agent and the half blind one get less fair.",
        f"{PAPER}, figure 7",
        "rise of Delta from d = 0 to d = .05, where it is smaller",
        POSITIVE,
        lambda result: smallest_change(result, (UNIFORM, EXPLORING), (0.0, FASTEST), 1),
    ),
    Claim(
        "A6a",
        "Under the greedy agent at d = .05 incidents settle at 1 to 1.6 per step and site: as published.",
        f"{PAPER}, figure 8",
        "incidents per step and site from step 200 on",
        (1.0, 1.6),
        lambda result: settled_incidents(result, GREEDY_AS_PUBLISHED),
        published_world_only=True,
    ),
    Claim(
        "A6b",
        "The same with the allocation that the paper defines.",
        f"{PAPER}, figure 8",
        "incidents per step and site from step 200 on",
        (1.0, 1.6),
        lambda result: settled_incidents(result, GREEDY),
        expected=FAILS,
        note="They settle lower: the allocation as published lets more sites grow.",
        published_world_only=True,
    ),
    Claim(
        "A6c",
        "Attention lags: it follows the incidents of 50 steps ago, not those of now.",
        f"{PAPER}, figure 8",
        "correlation of attention with the incidents 50 steps before, minus that with those of the same time",
        POSITIVE,
        lag_of_attention,
    ),
    Claim(
        "A6d",
        "Attention oscillates: after 100 steps, the length of the agent's memory, it is on the other side.",
        f"{PAPER}, figure 8",
        "correlation of a site's attention with that 100 steps before",
        NEGATIVE,
        swing_of_attention,
    ),
    Claim(
        "A6e",
        "Over steps 200 to 300 the sites have the incidents of the archived program.",
        f"{PAPER}, figure 8; the archived program, 20 seeds",
        "largest distance over 5 sites, in standard errors of the difference",
        (0.0, 4.0),
        distance_at_sites,
        note=WORTH_ONE_RUN,
        published_world_only=True,
    ),
    Claim(
        "B6",
        "Discovered and missed incidents are those of the paper, greedy agents as published.",
        f"{PAPER}, figure 6",
        "largest distance over 40 bars, in standard errors of the difference",
        (0.0, 4.0),
        lambda result: distance_from(result, PAPER_BARS, FIGURE_6),
        note=WORTH_ONE_RUN,
        published_world_only=True,
    ),
    Claim(
        "B7",
        "So is the unfairness Delta.",
        f"{PAPER}, figure 7",
        "largest distance over 20 bars, in standard errors of the difference",
        (0.0, 4.0),
        lambda result: distance_from(result, PAPER_BARS, FIGURE_7),
        note=WORTH_ONE_RUN,
        published_world_only=True,
    ),
    Claim(
        "T1",
        "All three are those of the archived program.",
        "The archived program of the paper, 20 seeds",
        "largest distance over 60 numbers, in standard errors of the difference",
        (0.0, 4.0),
        lambda result: distance_from(result, ARCHIVED, FIGURE_6 + FIGURE_7),
        note=WORTH_ONE_RUN,
        published_world_only=True,
    ),
    Claim(
        "B6f",
        "With the right allocation the bars of the fair greedy agent stay where they are.",
        f"{PAPER}, figures 6 and 7",
        "largest distance over 12 bars, in standard errors of the difference",
        (0.0, 4.0),
        lambda result: distance_from(result, PAPER_BARS, FIGURE_6 + FIGURE_7, {FAIR_AS_PUBLISHED: FAIR}),
        note=WORTH_ONE_RUN,
        published_world_only=True,
    ),
    Claim(
        "B6g",
        "So do those of the greedy agent, at d = .01 and .05.",
        f"{PAPER}, figures 6 and 7",
        "largest distance over 6 bars, in standard errors of the difference",
        (0.0, 4.0),
        lambda result: distance_from(
            result, PAPER_BARS, FIGURE_6 + FIGURE_7, {GREEDY_AS_PUBLISHED: GREEDY}, RATES_OF_CHANGE[2:]
        ),
        expected=FAILS,
        note="What the archived program's allocation did to the figure.",
        published_world_only=True,
    ),
    Claim(
        "N1",
        "Not in the paper: most of what its greedy agent misses at d = .05 is due to the archived program.",
        "Elzayn et al. 2019 against the archived program",
        "incidents missed, greedy over greedy as published",
        (0.0, 0.5),
        lambda result: quotient(*(total(result, "missed", one, FASTEST) for one in (GREEDY, GREEDY_AS_PUBLISHED))),
        note="Two causes: the worth of the next unit, and that until the first fit all units go to the last site.",
        published_world_only=True,
    ),
)
