"""The computation: every lane in a process of its own, with a bar that tells how many are done."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
from joblib import Parallel, delayed
from rich.progress import Progress

from fairgym.experiment import plain, versions
from fairgym.result import Result
from fairgym.scenarios.base import Running, Settings
from fairgym.scenarios.harder_to_game.names import Options, lenders
from fairgym.scenarios.harder_to_game.rounds import lane_frame
from fairgym.sweep.backends import count_workers, started


def play(settings: Settings, options: Options, running: Running) -> Result:
    """Return what was measured of every lender in all lanes."""
    lanes = range(settings.seed, settings.seed + settings.lanes)
    workers = min(count_workers("loky", running.jobs), len(lanes))
    with Progress(console=running.console, disable=running.console is None) as progress, started("loky", workers):
        work = Parallel(workers, return_as="generator")(delayed(lane_frame)(lane, options) for lane in lanes)
        frames = list(progress.track(work, total=len(lanes), description="retraining"))
    return Result(pd.concat(frames, ignore_index=True), config_of(settings, options))


def config_of(settings: Settings, options: Options) -> dict[str, object]:
    """Return what is needed to run this again, as plain values."""
    experiments = [{"name": name, "retrains": lender.retrains} for name, lender in lenders(options).items()]
    return {
        "experiments": [{**one, "num_envs": settings.lanes, "seed": settings.seed} for one in experiments],
        "options": plain(asdict(options)),
        "versions": versions(),
    }
