"""Scenario and Claim: one published finding, run again and held against what the paper says.

A claim names a quantity and the region in which the paper puts it. The quantity is measured with an interval, and the
verdict follows from the two alone: the interval lies inside the region (*holds*), outside (*does not hold*), or across
its edge (*not decided*). Nobody tunes a tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console

from fairgym.checks import InputError, require, suggestion, whole_number
from fairgym.envs.dynamics import make_params
from fairgym.experiment import Experiment
from fairgym.result import Estimate, Result
from fairgym.sweep import run_all

POSITIVE, NEGATIVE = (0.0, math.inf), (-math.inf, 0.0)
"""The regions of claims that something is above, or below, zero; zero itself is in neither."""

NOT_ZERO = (math.inf, -math.inf)
"""The region of a claim that something differs from zero, on either side."""
FEWEST_LANES = 20
"""Seeds from which on a bootstrap interval covers nearly as often as it says: 2 give 50 %, 8 give 87 %, 20 95 %."""
HOLDS, FAILS, OPEN = "holds", "does not hold", "not decided"


class DataNotGiven(InputError):
    """A claim is about data that the user has to give and has not given."""


@dataclass(frozen=True)
class Settings:
    """What a user may change about a scenario."""

    lanes: int
    """Independent copies of the world, one seed each."""
    steps: int
    """Steps of each."""
    seed: int = 0
    """Seed of the first lane."""
    population: str | None = None
    """Another population, where the scenario takes one."""
    env_params: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the world to change in every experiment, or of the computation."""
    data: str | None = None
    """Folder of the user's data, as given, where the scenario takes one."""

    def __post_init__(self) -> None:
        """Check the sizes; the population and the parameters are checked where the world is built."""
        whole_number("seeds", self.lanes, at_least=1)
        whole_number("steps", self.steps, at_least=1)
        whole_number("seed", self.seed, at_least=0)
        require(
            isinstance(self.env_params, Mapping),
            f"env_params={self.env_params!r} is not a mapping: give for example {{'interest_rate': 0.5}}.",
        )
        require(
            self.population is None or "population" not in self.env_params,
            "population is given twice: give it by --population alone.",
        )


@dataclass(frozen=True)
class Running:
    """How a scenario is run; none of it changes a number."""

    jobs: int = -1
    """Processes, -1 being one per core."""
    console: Console | None = None
    """Where progress is shown, if anywhere."""
    pieces: Path | None = None
    """Folder in which a long computation keeps what is finished, if anywhere."""


@dataclass(frozen=True)
class Measurement:
    """A measured quantity with its 95 % interval; an exact one has an interval of no width."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, estimate: Estimate) -> Measurement:
        """Return the mean over lanes with its interval."""
        return cls(estimate.mean, estimate.low, estimate.high)

    @classmethod
    def exact(cls, value: float) -> Measurement:
        """Return a computed number."""
        return cls(value, value, value)

    @classmethod
    def least(cls, measurements: Sequence[Measurement]) -> Measurement:
        """Return the smallest of several: it is at least a bound if all of them are, and below it if one of them is."""
        return cls(*np.min([astuple(measurement) for measurement in measurements], axis=0).tolist())

    @classmethod
    def greatest(cls, measurements: Sequence[Measurement]) -> Measurement:
        """Return the largest of several: it is at most a bound if all of them are, and above it if one of them is."""
        return cls(*np.max([astuple(measurement) for measurement in measurements], axis=0).tolist())

    @property
    def known(self) -> bool:
        """Whether value and interval are defined."""
        return all(map(math.isfinite, astuple(self)))

    def __str__(self) -> str:
        """Return the value, with its interval where it has a width."""
        if self.low == self.high:
            return f"{self.value:.4g}"
        interval = f"{self.low:.4g}, {self.high:.4g}" if self.known else "no interval"
        return f"{self.value:.4g} [{interval}]"


@dataclass(frozen=True)
class Claim:
    """One sentence of a paper made checkable."""

    name: str
    text: str
    """What is claimed, in our words."""
    source: str
    """Figure and page, or equation, of the paper."""
    quantity: str
    """What is measured, and in what unit."""
    region: tuple[float, float]
    """Where the claim puts the quantity: between two numbers, ends included, or more than one, or less than one."""
    measure: Callable[[Result], Measurement]
    expected: str = HOLDS
    """The verdict recorded for the default settings; ``--check`` compares with it."""
    note: str = ""
    """What to know about the claim or its verdict."""
    fewest_lanes: int = 1
    """With fewer seeds than this the claim is left *not decided*, and that is no surprise to ``--check``."""
    published_world_only: bool = False
    """Whether the claim is about the parameters of the paper, so that it says nothing under others."""

    def check(self, result: Result, published_world: bool = True) -> Verdict:
        """Measure and judge; what cannot be measured or judged on this result is *not decided*, with the reason."""
        if self.published_world_only and not published_world:
            return Verdict(self, None, OPEN, "about the paper's own world, not about other parameters or people.")
        try:
            measured = self.measure(result)
        except DataNotGiven as error:
            return Verdict(self, None, OPEN, str(error), data_missing=True)
        except InputError as error:
            return Verdict(self, None, OPEN, f"not measurable with these settings: {error}")
        if not measured.known:
            return Verdict(self, measured, OPEN, "not measurable with these settings: it has no interval.")
        needed = max(self.fewest_lanes, FEWEST_LANES if measured.low < measured.high else 1)
        if result.lanes < needed:
            note = f"{self.note} Decided with {needed:,} seeds or more.".strip()
            return Verdict(self, measured, OPEN, note, result.lanes)
        return Verdict(self, measured, judge(measured, self.region), self.note)


@dataclass(frozen=True)
class Verdict:
    """What became of a claim."""

    claim: Claim
    measured: Measurement | None
    verdict: str
    note: str
    lanes: int = 0
    """Seeds that were run."""
    data_missing: bool = False
    """Whether the claim is about data that were not given."""

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the recorded one, or was not to be had from so few seeds or without data."""
        not_to_be_had = self.data_missing or 0 < self.lanes < self.claim.fewest_lanes
        return self.verdict == self.claim.expected or not_to_be_had

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as plain values, for ``claims.json``."""
        measured = self.measured
        return {
            "name": self.claim.name,
            "claim": self.claim.text,
            "source": self.claim.source,
            "quantity": self.claim.quantity,
            "region": "not zero" if self.claim.region == NOT_ZERO else [_finite(bound) for bound in self.claim.region],
            "value": None if measured is None else _finite(measured.value),
            "interval": None if measured is None else [_finite(measured.low), _finite(measured.high)],
            "verdict": self.verdict,
            "expected": self.claim.expected,
            "note": self.note,
        }


def judge(measured: Measurement, region: tuple[float, float]) -> str:
    """Return the verdict on a measurement: inside the region, outside, or across its edge.

    A region with one infinite end does not include the other: "more than 0" does not hold for 0.
    """
    low, high = region
    if not measured.known:
        return OPEN
    if region == NOT_ZERO:
        return HOLDS if measured.low > 0 or measured.high < 0 else FAILS if measured.low == measured.high else OPEN
    if math.isinf(low) or math.isinf(high):
        inside, outside = low < measured.low and measured.high < high, measured.high <= low or measured.low >= high
    else:
        inside, outside = low <= measured.low and measured.high <= high, measured.high < low or measured.low > high
    return HOLDS if inside else FAILS if outside else OPEN


@dataclass(frozen=True)
class Scenario:
    """One published finding: experiments (or a computation), claims and figures."""

    name: str
    title: str
    """What it shows, in one sentence."""
    paper: str
    claims: tuple[Claim, ...]
    figures: Callable[[Result], dict[str, Figure]]
    experiments: Callable[[Settings], list[Experiment]] | None = None
    """The runs; None for a scenario that is computed."""
    compute: Callable[[Settings, Running], Result] | None = None
    """The computation, for a scenario that is not simulated."""
    options: type | None = None
    """What of the computation may be changed by ``env_params``: a dataclass with defaults; None if nothing."""
    lanes: int = 1
    """Default number of seeds."""
    steps: int = 1
    """Default number of steps."""
    populations: bool = False
    """Whether another population may be chosen."""
    takes_data: bool = False
    """Whether the user may give data of real people."""
    tables: Callable[[Result], Mapping[str, pd.DataFrame]] | None = None
    """What was measured as tables to read, by name, where claims and figures do not show it."""

    def settings(self, **changes: Any) -> Settings:
        """Return the default settings with some of them changed; None leaves the default."""
        known = [field.name for field in fields(Settings)]
        for name in changes:
            require(name in known, f"scenario {self.name!r} has no setting {name!r}: {suggestion(name, known)}")
        given = {name: value for name, value in changes.items() if value is not None}
        settings = Settings(**{"lanes": self.lanes, "steps": self.steps, **given})
        if not self.populations and (settings.population is not None or "population" in settings.env_params):
            raise InputError(f"scenario {self.name!r} has a population of its own: leave out --population.")
        if not self.takes_data and settings.data is not None:
            raise InputError(f"scenario {self.name!r} takes no data: leave out --data.")
        if self.experiments is None:
            self._check_computation(set(given))
            self.chosen(settings)
        return settings

    @property
    def takes_seeds(self) -> bool:
        """Whether there are lanes to choose: simulated ones, or several by which a computation repeats itself."""
        return self.experiments is not None or self.lanes > 1

    def _check_computation(self, given: set[str]) -> None:
        """Refuse settings that a computation does not have."""
        nothing = {} if self.takes_seeds else {"lanes": "--seeds"}
        nothing |= {"steps": "--steps"}
        nothing |= {} if self.takes_seeds else {"seed": "--seed"}
        nothing |= {"env_params": "--set"} if self.options is None else {}
        if given & set(nothing):
            *some, last = nothing.values()
            options = f"{', '.join(some)} and {last}" if some else last
            raise InputError(f"scenario {self.name!r} is computed, not simulated: leave out {options}.")

    def chosen(self, settings: Settings) -> Any:
        """Return the options of the computation as ``env_params`` change them, None if it has none."""
        return None if self.options is None else make_params(self.options, dict(settings.env_params))

    def run(
        self,
        settings: Settings | None = None,
        jobs: int = -1,
        console: Console | None = None,
        pieces: Path | None = None,
    ) -> Result:
        """Run the experiments (or the computation) and return what was recorded.

        With a folder for ``pieces``, a computation that takes long goes on where an earlier one was interrupted.
        """
        settings = self.settings() if settings is None else settings
        if self.experiments is None:
            assert self.compute is not None
            return self.compute(settings, Running(jobs, console, pieces))
        return run_all(self.experiments(settings), jobs, console)

    def check(self, result: Result, settings: Settings | None = None) -> list[Verdict]:
        """Hold every claim against a result; ``settings`` tell whether it was the published world that was run."""
        published_world = settings is None or (not settings.env_params and settings.population is None)
        return [claim.check(result, published_world) for claim in self.claims]


def distance(
    ours: Sequence[Estimate], published: Sequence[float], lanes: float = math.inf, rounding: Sequence[float] = (0.0,)
) -> Measurement:
    """Return the largest distance of our means from published ones, in standard errors of the difference.

    The published numbers are means over ``lanes`` lanes of the same spread as ours (infinity: they are exact), each
    with a rounding error of standard deviation ``rounding``.
    """
    means, errors, counts = np.array([(one.mean, one.standard_error, one.lanes) for one in ours]).T
    errors_of_difference = np.sqrt(errors**2 * (1 + counts / lanes) + np.square(rounding))
    with np.errstate(divide="ignore", invalid="ignore"):
        return Measurement.exact(float((np.abs(means - published) / errors_of_difference).max()))


def _finite(number: float) -> float | None:
    """Return a number as JSON can hold it: None for infinity and for what is undefined."""
    return number if math.isfinite(number) else None
