"""A small experiment, and results of known numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fairgym.agents import ThresholdAgent
from fairgym.experiment import Experiment
from fairgym.metrics import CumulativeDecisions, TruePositiveRate, Utility
from fairgym.result import Result

SHORT = {"starting_cash": 3.0, "interest_rate": 0.5}
"""A poor bank: most lanes are bankrupt within 60 steps of lending to everybody."""


def experiment(**changes: Any) -> Experiment:
    """Return an experiment of 5 lanes and 40 steps with some of its settings changed."""
    trackers = {"loans": CumulativeDecisions(), "tpr": TruePositiveRate(), "profit": Utility()}
    usual = {"name": "small", "env_id": "LendingEnv-v0", "agent": ThresholdAgent(3), "trackers": trackers}
    return Experiment(**{**usual, "steps": 40, "num_envs": 5, "seed": 7, **changes})


def result(seed: int = 0, experiment: str = "made up", step: int = 10, **metrics: list[float]) -> Result:
    """Return a result that holds the given values, one per lane, of metrics without groups at one step."""
    frames = [
        pd.DataFrame(
            {
                "experiment": experiment,
                "lane": np.arange(seed, seed + len(values)),
                "step": step,
                "metric": name,
                "group": "",
                "value": np.array(values, dtype=np.float64),
            }
        )
        for name, values in metrics.items()
    ]
    return Result(pd.concat(frames, ignore_index=True), {"experiments": [{"name": experiment}], "versions": {}})
