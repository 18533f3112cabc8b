"""Gaming: where acting changes the looks and not the chance of repaying, and how much of it recourse can bear.

The world is ``ReapplicationEnv-v0``. Of what a person changes about herself, the *causal share* is real: at 1 acting is
improvement, at 0 it is gaming (Miller, Milli and Hardt 2020, "Strategic classification is causal modeling in
disguise"). A lender with a tree tells the rejected the cheapest way to a loan; or one to a leaf in which more repay
(an *aim*); or one over causal features only. What a lender learns that fits its tree anew is part of
``broken-promises``.

The tree stays as it is, so nothing depends on the causal share but repayment (X1), and offers add loans without
changing others (X2). So what offers earn is the profit of the loans after recourse, and one run at share 0 tells it for
every share: the log-odds of a person are linear in it.
"""

from __future__ import annotations

from fairgym.checks import require
from fairgym.experiment import Experiment
from fairgym.scenarios.base import Scenario, Settings
from fairgym.scenarios.gaming.claims import CLAIMS
from fairgym.scenarios.gaming.figures import figures
from fairgym.scenarios.gaming.names import RUNS, params_of, trackers
from fairgym.scenarios.recourse_over_time.rules import LANES, PERIODS, experiment
from fairgym.scenarios.recourse_over_time.sources import MILLER

SET_HERE = {
    "causal_share": "goes through the causal shares",
    "offers": "compares lenders that tell people what to do",
    "serve_again": "follows people up to their first loan, whose outcome depends on the causal share",
}
"""Parameters of the world that are no choice, and why."""


def experiments(settings: Settings) -> list[Experiment]:
    """Return all rules, on the same newcomers."""
    for name, why in SET_HERE.items():
        require(name not in settings.env_params, f"scenario 'gaming' {why}: leave out {name}.")
    params = params_of(settings.env_params)
    return [
        experiment(name, agent, trackers(name, params), settings, causal_share=share)
        for name, (agent, share) in RUNS.items()
    ]


SCENARIO = Scenario(
    name="gaming",
    title="Where acting is a game the cheapest recourse costs the lender; what offers aim at decides whether it pays.",
    paper=MILLER,
    claims=CLAIMS,
    figures=figures,
    experiments=experiments,
    lanes=LANES,
    steps=PERIODS,
)
