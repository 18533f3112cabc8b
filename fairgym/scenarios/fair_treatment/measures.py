"""How the quantities of the claims are measured, in the order of the claims."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fairgym.batch import Array, Mask
from fairgym.checks import InputError
from fairgym.populations.networks import load_network
from fairgym.result import Numbers, Result, estimate
from fairgym.scenarios.base import Measurement, distance
from fairgym.scenarios.fair_treatment import chain, examples
from fairgym.scenarios.fair_treatment.names import (
    BETWEENNESS,
    DEGREE,
    EIGENVECTOR,
    FIGURE,
    NOBODY,
    SCALE_FREE,
    TEXT,
    experiment,
    network_of,
    sick_days_by_community,
    sick_days_by_person,
)

SICK_DAYS = {NOBODY: 58.01, EIGENVECTOR: 25.56, DEGREE: 25.61, BETWEENNESS: 25.17}
"""Mean sick days of the whole karate club over 20 steps and 1,000 runs, as printed in section 4.5."""
PUBLISHED_LANES = 1_000
COMMUNITY_MEDIANS = {NOBODY: (13.5, 13.9), DEGREE: (3.3, 3.8)}
"""Median sick days per person of the smaller and the larger community, read off figure 6."""
LEAST, MOST = 9.0, 14.0
"""Fewest and most mean sick days of a person of the scale-free network, untreated, read off figure 4."""
HUBS = 10
"""How many of the most connected people of the scale-free network count as central."""
RESAMPLES = 2_000
ROUNDING = 1e-9

Exact = Callable[[Result], Measurement]


def exactly(compute: Callable[[], float]) -> Exact:
    """Return the measure of a number that is computed, whatever was simulated."""
    return lambda result: Measurement.exact(float(compute()))


# --- I1, I2: small networks -----------------------------------------------------------------------------------------


def loss_by_greed() -> float:
    """I1: expected infections of the greedy dose minus those of the best one."""
    greedy, best = examples.greedy_is_not_best()
    return greedy - best


def gain_by_waiting() -> float:
    """I1: expected infections if the dose is used at once minus those if it waits a step."""
    at_once, later = examples.waiting_is_better()
    return at_once - later


def gain_at_the_larger_gate() -> float:
    """I2: expected infections of the best other use of the dose minus those of the gate of the larger clique."""
    found = examples.barbell_from_the_centre()
    larger = found.pop("gate of the larger")
    return min(found.values()) - larger


def gain_at_the_larger_gate_before_patient_zero() -> float:
    """I2: the same if the dose is given before patient zero is drawn."""
    found = examples.barbell_before_patient_zero()
    larger = found[examples.LARGER_GATE]
    return float(np.delete(found, examples.LARGER_GATE).min() - larger)


# --- I3 to I8: the chain --------------------------------------------------------------------------------------------


def distance_of_ends_and_middle() -> float:
    """I3: how far the natural risks at an end and in the middle are from .348 and .507, at most."""
    natural = chain.natural()
    return float(np.abs(natural[[0, chain.MIDDLE, -1]] - [0.348, 0.507, 0.348]).max())


def least_rise_to_the_middle(risks: Numbers) -> float:
    """I4: the smallest rise of the risk from one person to the next towards the middle."""
    return float(min(np.diff(risks[: chain.MIDDLE + 1]).min(), np.diff(risks[: chain.MIDDLE - 1 : -1]).min()))


def lead_of_the_middle() -> float:
    """I5: expected infections of the second best preemptive dose minus those of the middle."""
    infections = chain.preemptive().sum(axis=1)
    return float(np.delete(infections, chain.MIDDLE).min() - infections[chain.MIDDLE])


def distance_of_middle_profile() -> float:
    """I5: how far the risks of the middle, its neighbours and the worst off are from 0, .277 and .330, at most."""
    risks = chain.preemptive()[chain.MIDDLE]
    ours = [risks[chain.MIDDLE], risks[chain.MIDDLE - 1], risks[chain.MIDDLE + 1], risks.max()]
    return float(np.abs(np.array(ours) - [0, 0.277, 0.277, 0.330]).max())


def excess_of_the_longer_side() -> float:
    """I7: expected infections of the neighbour on the longer side minus the fewest possible, worst patient zero."""
    infections = chain.risks()[1].sum(axis=2)
    ours = infections[np.arange(chain.PEOPLE), chain.longer_side()]
    return float((ours - infections.min(axis=1)).max())


def distance_of_precision_profile() -> float:
    """I7: how far the risks at both ends and in the middle are from .277, .30 and .09, at most."""
    risks = chain.best_precision()
    return float(np.abs(risks[[0, -1, chain.MIDDLE]] - [0.277, 0.30, 0.09]).max())


def least_gain_of_equality_over_chance() -> float:
    """I8: the smallest risk under a random preemptive dose minus the common risk of the equalising strategy."""
    return float(chain.random_preemptive().min() - chain.equal_precision()[0])


def cost_of_equality() -> float:
    """N1: expected infected people under the equalising strategy minus those under the best precision strategy."""
    return float(chain.equal_precision()[1].sum() - chain.best_precision().sum())


# --- I9: the scale-free network -------------------------------------------------------------------------------------


def distance_from_range(result: Result) -> Measurement:
    """I9: how far the least and the most burdened are from the natural burden of figure 4, where it is more."""
    days = sick_days_by_person(result, NOBODY, SCALE_FREE)
    return of_means(days, lambda means: np.abs([means.min(axis=-1) - LEAST, means.max(axis=-1) - MOST]).max(axis=0))


def most_burdened(result: Result) -> Measurement:
    """I9: the mean sick days of the most burdened person, if the hubs are treated first."""
    return of_means(sick_days_by_person(result, DEGREE, SCALE_FREE), lambda means: means.max(axis=-1))


def of_means(days: Numbers, statistic: Callable[[Numbers], Numbers]) -> Measurement:
    """Return a statistic of everybody's mean over the lanes, with its interval from resampled lanes.

    ``days`` has shape (lanes, V); the statistic works along the last axis.
    """
    weights = np.random.default_rng(0).multinomial(len(days), np.full(len(days), 1 / len(days)), size=RESAMPLES)
    low, high = np.quantile(statistic(weights @ days / len(days)), (0.025, 0.975))
    return Measurement(float(statistic(days.mean(axis=0))), float(low), float(high))


def slope_on_degree(result: Result) -> Measurement:
    """I9: how many more sick days each further link brings, untreated; least squares in each lane."""
    days = sick_days_by_person(result, NOBODY, SCALE_FREE)
    degree = network_of(result, experiment(NOBODY, SCALE_FREE)).degree
    centred = degree - degree.mean()
    return Measurement.of(estimate((days * centred).sum(axis=1) / (centred**2).sum()))


def excess_between(result: Result) -> Measurement:
    """I9: sick days of the people between, minus those of the hubs and of the least connected, where it is smaller."""
    days = sick_days_by_person(result, DEGREE, SCALE_FREE)
    least, between, hubs = by_connection(network_of(result, experiment(DEGREE, SCALE_FREE)).degree)
    if not (least.any() and between.any()):
        raise InputError(f"it needs people between the {HUBS} hubs and those with the fewest links.")
    middle = days[:, between].mean(axis=1)
    return Measurement.least([Measurement.of(estimate(middle - days[:, one].mean(axis=1))) for one in (least, hubs)])


def by_connection(degree: Array) -> tuple[Mask, Mask, Mask]:
    """Return who has the fewest links, who is between, and who is one of the ten hubs; (V,) each."""
    hubs = np.zeros(len(degree), dtype=np.bool_)
    hubs[np.argsort(-degree, kind="stable")[:HUBS]] = True
    least: Mask = (degree == degree.min()) & ~hubs
    return least, ~least & ~hubs, hubs


# --- I10, I11: the karate club --------------------------------------------------------------------------------------


def distance_from_table(result: Result) -> Measurement:
    """I10: the largest distance of the four mean sick days from the printed ones, in errors of the difference."""
    ours = [result.estimate("sick_days", experiment=experiment(policy, TEXT)) for policy in SICK_DAYS]
    return distance(ours, list(SICK_DAYS.values()), PUBLISHED_LANES)


def saved_by_centrality(result: Result) -> Measurement:
    """I10: sick days that central treatment saves, under the rule that saves least, as a share of the natural ones."""
    natural = result.values("sick_days", experiment=experiment(NOBODY, TEXT))
    rules = (EIGENVECTOR, DEGREE, BETWEENNESS)
    saved = [natural - result.values("sick_days", experiment=experiment(rule, TEXT)) for rule in rules]
    return Measurement.least([Measurement.of(estimate(one.to_numpy(np.float64) / natural.mean())) for one in saved])


def sick_days_in_the_text(result: Result) -> Measurement:
    """I11: mean sick days per person, untreated, with the parameters of the text."""
    name = experiment(NOBODY, TEXT)
    days = result.values("sick_days", experiment=name).to_numpy(np.float64)
    return Measurement.of(estimate(days / network_of(result, name).people))


def sick_days_in_the_figures(result: Result) -> Measurement:
    """I11: the same with the parameters that fit the figures."""
    return Measurement.of(estimate(sick_days_by_person(result, NOBODY, FIGURE).mean(axis=1)))


def distance_from_medians(result: Result, policy: str) -> Measurement:
    """I11: the larger distance of the communities' median sick days from those of figure 6.

    The median is over runs, of the mean of a community's members; the interval is from resampled runs.
    """
    days = sick_days_by_community(result, policy, FIGURE)
    published = np.array(COMMUNITY_MEDIANS[policy])
    draws = np.random.default_rng(0).integers(len(days), size=(RESAMPLES, len(days)))
    resampled = np.stack([np.abs(np.median(days[draw], axis=0) - published).max() for draw in draws])
    value = float(np.abs(np.median(days, axis=0) - published).max())
    return Measurement(value, *np.quantile(resampled, (0.025, 0.975)).tolist())


def community_gap(result: Result, policy: str) -> Measurement:
    """I11: mean sick days per person of the larger community minus those of the smaller one."""
    days = sick_days_by_community(result, policy, FIGURE)
    return Measurement.of(estimate(days[:, 1] - days[:, 0]))


def learned_policy(result: Result) -> Measurement:
    """I12: say why it cannot be measured."""
    raise InputError("the paper's learned policy, a deep Q-network, was not published, only some of its settings.")


def size_of_smaller_community(result: Result) -> Measurement:
    """I13: people in the smaller of the two communities of the karate club."""
    return Measurement.exact(float(np.bincount(load_network("karate").group).min()))
