"""Noticed in time: how long applicants game a published rule until a monitor says so, and how often it cries wolf.

The world is ``FeatureLendingEnv-v0``. A lender has published its rule, a logistic regression on its past with the bar
that would have earned most there, and keeps it. After 750 applicants people begin to answer it (``StrategicResponse``):
who would be rejected and can be accepted for a move of at most so many standard deviations makes it. A monitor
(``DriftMonitor``) compares the last 200 applicants with the first 500, every 25; another adds up how far every single
one is off (Page 1954).

In the twin nobody games, and under the same seeds the same people come. So two things are known here that a real
monitor never knows: when gaming began, and how often there would have been an alarm anyway. *Delay* is the number of
applicants from the onset to the first alarm after it. Runs end; who has noticed nothing by then counts with the whole
length, and medians count it as never.

Window tests keep their p-values at every look, so one run tells the delay and the false alarms at every allowance. A
monitor that watches one thing has the whole allowance for it; one that watches everything shares it out.
``--set adwin=true`` lets river's ADWIN watch as well (``pip install fairgym[drift]``).
"""

from __future__ import annotations

from fairgym.result import Result
from fairgym.scenarios.base import Running, Scenario, Settings
from fairgym.scenarios.noticed_in_time.claims import CLAIMS
from fairgym.scenarios.noticed_in_time.figures import figures
from fairgym.scenarios.noticed_in_time.names import GOWER_WINTER, Options
from fairgym.scenarios.noticed_in_time.running import compute_all
from fairgym.scenarios.noticed_in_time.tables import tables


def compute(settings: Settings, running: Running) -> Result:
    """Return p-values, alarms and what gaming does, in all runs."""
    options: Options = SCENARIO.chosen(settings)
    return compute_all(settings, options, running)


SCENARIO = Scenario(
    name="noticed-in-time",
    title="How long a published rule is gamed until a monitor notices, and how often it alarms for nothing.",
    paper=GOWER_WINTER,
    claims=CLAIMS,
    figures=figures,
    compute=compute,
    options=Options,
    lanes=200,
    tables=tables,
)
