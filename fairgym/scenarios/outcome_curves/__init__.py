"""Outcome curves: how many loans are good for a group, and how many each policy gives it.

Liu, Dean, Rolf, Simchowitz and Hardt, "Delayed impact of fair machine learning", ICML 2018, section 6, figures 4 and 5.

A repaid loan raises the borrower's credit score by 75 points, a default lowers it by 150. So a few loans to those who
will surely repay raise a group's mean score, and too many lower it. The *outcome curve* is the expected change of the
mean score after one step, against the share of the group that gets a loan. Where a policy lands on it says what it
does to the group: below zero it is *active harm*; above zero, but below the point of the bank that only maximises its
own utility, *relative harm*; above that point, *relative improvement*.

The bank earns 1 by a repaid loan and loses 4, or 10, by a default. Computed, not simulated: people and repayment are
the TransRisk table on its 23 score levels, score moves are those of ``LendingEnv-v0``, and the policies are the exact
optima of the agents. The paper looks at two groups, white and black; so do the claims. The groups' shares of the
applicants are those of the table's sample, as in the authors' program, 88 % and 12 %. A second bank has all four groups
of the table. The authors clip the *expected* score to the scale of 300 to 850; here, as in the simulated world, every
single move is clipped.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from fairgym.experiment import versions
from fairgym.populations import ScorePopulation, transrisk
from fairgym.result import Result, tidy
from fairgym.scenarios.base import Running, Scenario, Settings
from fairgym.scenarios.outcome_curves.claims import CLAIMS
from fairgym.scenarios.outcome_curves.figures import figures
from fairgym.scenarios.outcome_curves.model import POLICIES, acceptance, among, lending_world, outcome_curve, outcomes
from fairgym.scenarios.outcome_curves.names import CURVE, LOSSES, PAPER, TWO_GROUPS, experiment


def compute(settings: Settings, running: Running) -> Result:
    """Return the outcome curves of the TransRisk groups and the operating points of all policies."""
    return curves_and_points(transrisk())


def curves_and_points(population: ScorePopulation) -> Result:
    """Return the outcome curve of each group, and where each policy lands with two groups and with all.

    The steps of a curve are the numbers of score levels that are accepted, from the best down.
    """
    banks = [among(population, TWO_GROUPS), population]
    frames = [curve_frame(population)] + [frame for bank in banks for frame in operating_points(bank)]
    config = {
        "name": "outcome-curves",
        "population": population.name,
        "source": population.source,
        "group_shares": [dict(zip(bank.groups, bank.shares.tolist(), strict=True)) for bank in banks],
        "score_gain": population.score_gain,
        "score_loss": population.score_loss,
        "default_losses": list(LOSSES),
    }
    return Result(pd.concat(frames, ignore_index=True), {"experiments": [config], "versions": versions()})


def curve_frame(population: ScorePopulation) -> pd.DataFrame:
    """Return the outcome curves of all groups as rows."""
    rates, changes = outcome_curve(lending_world(population, LOSSES[0]))
    records = [
        (accepted, metric, values[None, :, accepted])
        for accepted in range(rates.shape[1])
        for metric, values in (("acceptance_rate", rates), ("score_change", changes))
    ]
    return tidy(CURVE, 0, records, population.groups)


def operating_points(population: ScorePopulation) -> Iterator[pd.DataFrame]:
    """Yield what comes of each policy at each loss as rows, of one step."""
    for loss in LOSSES:
        law = lending_world(population, loss)
        for policy in POLICIES:
            found = outcomes(law, acceptance(law, policy))
            records = [(1, metric, values[None]) for metric, values in found.items()]
            yield tidy(experiment(policy, loss, len(population.groups)), 0, records, population.groups)


SCENARIO = Scenario(
    name="outcome-curves",
    title="How many loans are good for a group, and how many each policy gives it.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    compute=compute,
)
