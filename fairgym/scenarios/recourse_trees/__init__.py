"""Recourse by training: trees and forests that leave rejected people a way up, and what that costs in accuracy.

Kanamori, Takagi, Kobayashi and Ike, "Learning decision trees and forests with algorithmic recourse", ICML 2024,
figures 6 and 7: four data sets, 10 folds, three methods. *Vanilla* trees minimise errors. *Only-actionable* ones split
only on what people can change. *Recourse-aware* ones minimise errors plus a weight times the people who cannot reach a
favourable leaf within a budget. All three grow by the paper's rules (0-1 loss, depth 64 for a tree, 200 trees of depth
16 for a forest, no relabelling, kernel-smoothed percentiles as the cost, budget 0.3). *Ours* is the default of the
package beside them, under the same cost and budget. An action is searched exactly, in a
forest within 2,000 boxes per person, and how many answers are proved is recorded; an answer that is not proved counts
as no recourse unless an action was found.

Without data the comparison runs on synthetic applicants, 20 tables of 500 people to train on and 500 to test on,
with known causal effects (``fairgym.populations.applicants``), so that it can also say what acting does. With
``--data DIR`` it runs on the user's copies of the paper's data sets (``fairgym.populations.recourse_data``) as well.

Folds of real data keep people of equal features together: half the rows of Bail, for instance, are copies of others,
and a model that has seen the copy need not learn. The paper cuts rows as they come, so what is held against its
numbers is measured on such row-wise folds, whatever the tables and figures show (``--set protocol=row-wise``); each of
them says which it is.
"""

from __future__ import annotations

from fairgym.result import Result
from fairgym.scenarios.base import Running, Scenario, Settings
from fairgym.scenarios.recourse_trees.claims import CLAIMS
from fairgym.scenarios.recourse_trees.figures import figures
from fairgym.scenarios.recourse_trees.names import PAPER, Options
from fairgym.scenarios.recourse_trees.running import compare_methods
from fairgym.scenarios.recourse_trees.tables import tables


def compute(settings: Settings, running: Running) -> Result:
    """Return every measure of every method, model and data set, by fold or seed."""
    return compare_methods(settings, SCENARIO.chosen(settings), running)


SCENARIO = Scenario(
    name="recourse-trees",
    title="Trees and forests that are trained to leave rejected people a way up, and what it costs.",
    paper=PAPER,
    claims=CLAIMS,
    figures=figures,
    compute=compute,
    lanes=20,
    options=Options,
    takes_data=True,
    tables=tables,
)
