"""The computation: every lane in a process of its own, with a bar that tells how many are done."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
from joblib import delayed

from fairgym.experiment import plain, versions
from fairgym.result import Result
from fairgym.scenarios.base import Running, Settings
from fairgym.scenarios.harder_to_game.names import Options, lenders
from fairgym.scenarios.harder_to_game.rounds import lane_frame
from fairgym.scenarios.working import in_processes


def play(settings: Settings, options: Options, running: Running) -> Result:
    """Return what was measured of every lender in all lanes."""
    lanes = range(settings.seed, settings.seed + settings.lanes)
    work = [delayed(lane_frame)(lane, options) for lane in lanes]
    frames = list(in_processes(work, running, "retraining"))
    return Result(pd.concat(frames, ignore_index=True), config_of(settings, options))


def config_of(settings: Settings, options: Options) -> dict[str, object]:
    """Return what is needed to run this again, as plain values."""
    experiments = [{"name": name, "retrains": lender.retrains} for name, lender in lenders(options).items()]
    return {
        "experiments": [{**one, "num_envs": settings.lanes, "seed": settings.seed} for one in experiments],
        "options": plain(asdict(options)),
        "versions": versions(),
    }
