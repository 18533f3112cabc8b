"""Result: one tidy frame with the configuration that made it, its statistics, and its folder.

Seeds are lanes, uncertainty is across lanes: means carry the standard error and a bootstrap interval over lanes, and
comparisons of two results are paired lane by lane, which is fair because a lane meets the same luck under every policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairgym.batch import Array
from fairgym.checks import InputError, suggestion
from fairgym.folder import atomic_folder, check_replaceable

COLUMNS = ("experiment", "lane", "step", "metric", "group", "value")
FRAME_FILE, CONFIG_FILE = "result.parquet", "config.json"
RESAMPLES = 2000
Key = tuple[str, str, str]
"""Experiment, metric and group."""
Numbers = NDArray[np.floating[Any]]


Recorded = tuple[int, str, Array]
"""Step, metric name and values of shape (n,) or (n, G)."""


def tidy(experiment: str, seed: int, records: Sequence[Recorded], groups: Sequence[str] = ()) -> pd.DataFrame:
    """Return recorded values as one tidy frame; a lane is named by its seed, no group by ``""``.

    All rows of a lane stand together, so that the frames of several ranges of lanes, one after the other, are the
    frame of all of them.
    """
    names = [("",) if values.ndim == 1 else groups for _, _, values in records]
    keys = [(step, metric, group) for (step, metric, _), of in zip(records, names, strict=True) for group in of]
    steps, metrics, groups_ = zip(*keys, strict=True)
    values = np.hstack([np.asarray(values, dtype=np.float64).reshape(len(values), -1) for _, _, values in records])
    lanes = len(values)
    return pd.DataFrame(
        {
            "experiment": experiment,
            "lane": np.repeat(np.arange(seed, seed + lanes), len(keys)),
            "step": np.tile(steps, lanes),
            "metric": np.tile(np.array(metrics, dtype=object), lanes),
            "group": np.tile(np.array(groups_, dtype=object), lanes),
            "value": values.ravel(),
        }
    )[list(COLUMNS)]


@dataclass(frozen=True)
class Estimate:
    """A mean over lanes with its standard error and 95 % bootstrap interval; NaN where there are too few lanes."""

    mean: float
    standard_error: float
    low: float
    high: float
    lanes: int


@dataclass(frozen=True)
class Comparison:
    """The mean of a minus b, paired over lanes, signed."""

    difference: Estimate
    variance_reduction: float
    """Variance of an unpaired comparison over that of this paired one: how much common random numbers save."""
    lanes_above: float
    """Share of lanes in which a is above b."""


@dataclass(frozen=True)
class Result:
    """What one or several experiments recorded."""

    frame: pd.DataFrame
    """Columns experiment, lane (its seed), step, metric, group ("" where the metric has none), value."""
    config: dict[str, Any]
    """Parameters, seeds and versions."""

    @classmethod
    def concat(cls, results: Sequence[Result], experiments: Sequence[dict[str, Any]] | None = None) -> Result:
        """Return several results as one; ``experiments`` replaces their configurations where pieces become one."""
        frame = pd.concat([result.frame for result in results], ignore_index=True)
        each = [one for result in results for one in result.config["experiments"]]
        return cls(frame, {**results[0].config, "experiments": each if experiments is None else list(experiments)})

    @property
    def lanes(self) -> int:
        """Number of lanes (seeds) that were run."""
        return int(self.frame["lane"].nunique())

    @property
    def experiments(self) -> list[str]:
        """Names of the experiments, in the order of running."""
        return list(dict.fromkeys(key[0] for key in self._rows))

    @property
    def metrics(self) -> list[str]:
        """Names of the metrics, in the order of recording."""
        return list(dict.fromkeys(key[1] for key in self._rows))

    @property
    def groups(self) -> list[str]:
        """Names of the groups, in the order of recording."""
        return list(dict.fromkeys(key[2] for key in self._rows if key[2]))

    def table(self, metric: str, *, experiment: str | None = None, group: str | None = None) -> pd.DataFrame:
        """Return one metric of one experiment as a table: one row per lane, one column per recorded step.

        Experiment and group may be left out where there is only one.
        """
        key = self._key(metric, experiment, group)
        if key not in self._tables:
            self._tables[key] = _pivot(self._rows[key], ["step"])
        return self._tables[key]

    def values(
        self, metric: str, *, experiment: str | None = None, group: str | None = None, step: int | None = None
    ) -> pd.Series[float]:
        """Return one metric of one experiment at one step (the last recorded by default), indexed by lane."""
        table = self.table(metric, experiment=experiment, group=group)
        steps = [int(column) for column in table.columns]
        at = steps[-1] if step is None else step
        if at > steps[-1]:
            raise InputError(f"step={at} was not recorded: the run ended at step {steps[-1]}.")
        if at not in steps:
            raise InputError(f"step={at} was not recorded: recorded are {_brief(steps)}.")
        return table[at]

    def estimate(
        self, metric: str, *, experiment: str | None = None, group: str | None = None, step: int | None = None
    ) -> Estimate:
        """Return mean, standard error and interval of one metric over lanes; undefined lanes are left out."""
        return estimate(self.values(metric, experiment=experiment, group=group, step=step).to_numpy(dtype=np.float64))

    def curve(self, metric: str, *, experiment: str | None = None, group: str | None = None) -> pd.DataFrame:
        """Return mean, standard_error, low, high and lanes of one metric by step."""
        return _summaries(self.table(metric, experiment=experiment, group=group))

    def summary(self, step: int | None = None) -> pd.DataFrame:
        """Return mean, standard error and 95 % interval over lanes of every metric, at one step (default: the last)."""
        frame = self.frame[self.frame["step"] == (self.frame["step"].max() if step is None else step)]
        if frame.empty:
            raise InputError(f"step={step} was not recorded: recorded are {_brief(self.frame['step'].unique())}.")
        return _summaries(_pivot(frame, ["experiment", "step", "metric", "group"])).reset_index()

    def save(self, folder: str | Path) -> None:
        """Write the frame and the configuration into a folder, completely or not at all.

        A folder is replaced only if it holds nothing but an earlier result.
        """
        with atomic_folder(check_replaceable(folder, (FRAME_FILE, CONFIG_FILE))) as temporary:
            self.write_into(temporary)

    def write_into(self, folder: Path) -> None:
        """Write the two files of a result into an existing folder."""
        self.frame.to_parquet(folder / FRAME_FILE, index=False)
        (folder / CONFIG_FILE).write_text(json.dumps(self.config, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Result:
        """Read a saved result; a missing or damaged file is refused by name."""
        folder = Path(folder)
        for name in (FRAME_FILE, CONFIG_FILE):
            if not (folder / name).is_file():
                raise InputError(f"{folder} is not a result folder: it has no {name}.")
        try:
            config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{folder / CONFIG_FILE} is damaged ({error}): run the scenario again.") from error
        try:
            frame = pd.read_parquet(folder / FRAME_FILE)
        except Exception as error:  # pyarrow raises many kinds
            raise InputError(f"{folder / FRAME_FILE} is damaged: run the scenario again.") from error
        missing = [name for name in COLUMNS if name not in frame.columns]
        if missing or frame["value"].dtype != np.float64 or not isinstance(config, dict) or "experiments" not in config:
            raise InputError(f"{folder} is not a result folder: {FRAME_FILE} or {CONFIG_FILE} has other contents.")
        return cls(frame[list(COLUMNS)], config)

    @cached_property
    def _rows(self) -> dict[Key, pd.DataFrame]:
        """The rows of each experiment, metric and group."""
        groups = self.frame.groupby(["experiment", "metric", "group"], sort=False, observed=True)
        return {(str(key[0]), str(key[1]), str(key[2])): rows for key, rows in groups}

    @cached_property
    def _tables(self) -> dict[Key, pd.DataFrame]:
        """The tables made so far."""
        return {}

    def _key(self, metric: str, experiment: str | None, group: str | None) -> Key:
        """Return the names of one table, refusing unknown ones and filling in those of which there is only one."""
        rows = list(self._rows)
        experiment = _only_name("experiment", experiment, [key[0] for key in rows])
        metrics = [key[1] for key in rows if key[0] == experiment]
        if metric not in metrics:
            raise InputError(f"metric={metric!r} was not recorded: {suggestion(metric, dict.fromkeys(metrics))}")
        group = _only_name("group", group, [key[2] for key in rows if key[:2] == (experiment, metric)])
        return experiment, metric, group


def _pivot(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return one row per lane and one column per value of ``columns``, refusing a frame that holds a lane twice."""
    if frame.duplicated(["lane", *columns]).any():
        raise InputError("the result holds a lane twice: give every experiment of it a name of its own.")
    return frame.pivot(index="lane", columns=columns, values="value")


def _only_name(column: str, name: str | None, names: Sequence[str]) -> str:
    """Return the name given if it is known, or the only one there is."""
    known = list(dict.fromkeys(names))
    if name is None and len(known) == 1:
        return known[0]
    if name is None:
        raise InputError(f"{column} is needed: there are {', '.join(map(repr, known))}.")
    if known == [""] and name != "":
        raise InputError(f"{column}={name!r} was given, but this metric has none: leave it out.")
    if name not in known:
        raise InputError(f"{column}={name!r} was not recorded: {suggestion(name, known)}")
    return name


def compare(
    a: Result,
    b: Result,
    metric: str,
    *,
    experiments: tuple[str | None, str | None] = (None, None),
    group: str | None = None,
    step: int | None = None,
) -> Comparison:
    """Compare one metric of two results, paired over the lanes (seeds) that both have; signed, a minus b."""
    left = a.values(metric, experiment=experiments[0], group=group, step=step)
    right = b.values(metric, experiment=experiments[1], group=group, step=step)
    if left.name != right.name:
        raise InputError(f"the two results end at steps {left.name} and {right.name}: give a step that both recorded.")
    both = pd.concat([left, right], axis=1, join="inner", keys=["a", "b"])
    if both.empty:
        raise InputError("the two results share no lanes (seeds): run them with the same --seed to compare them.")
    pairs = both.dropna()
    difference = pairs["a"] - pairs["b"]
    unpaired, paired = pairs["a"].var() + pairs["b"].var(), difference.var()
    reduction = unpaired / paired if paired > 0 else float("inf" if unpaired > 0 else "nan")
    above = float((difference > 0).mean()) if len(pairs) else float("nan")
    return Comparison(estimate(difference.to_numpy(dtype=np.float64)), float(reduction), above)


def estimate(values: Numbers) -> Estimate:
    """Return mean, standard error and 95 % bootstrap interval of one value per lane, NaN lanes left out."""
    defined = values[~np.isnan(values)]
    mean, error, low, high, _ = _summaries(pd.DataFrame({"value": defined})).iloc[0]
    return Estimate(mean, error, low, high, len(defined))


def _summaries(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per column of ``table`` (lanes are rows): mean, standard_error, low, high and lanes."""
    values = table.to_numpy(dtype=np.float64)
    known = ~np.isnan(values)
    lanes = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / lanes
        squares = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0)
        error = np.sqrt(squares / (lanes - 1) / lanes)
        low, high = _bootstrap(values, known, mean)
    return pd.DataFrame(
        {"mean": mean, "standard_error": error, "low": low, "high": high, "lanes": lanes}, index=table.columns
    )


def _bootstrap(values: Numbers, known: NDArray[np.bool_], mean: Numbers) -> tuple[Numbers, Numbers]:
    """Return the 2.5 % and 97.5 % quantiles of resampled means; NaN where fewer than two lanes are known.

    Resampling lanes with replacement is drawing multinomial weights, so that all means of columns in which the same
    lanes are known are one matrix product. Deviations from the mean are resampled, because sums of large numbers would
    lose digits.
    """
    low, high = np.full((2, len(mean)), np.nan)
    for lanes in np.unique(known, axis=1).T:
        columns = (known == lanes[:, None]).all(axis=0)
        if lanes.sum() > 1:
            deviations = values[np.ix_(lanes, columns)] - mean[columns]
            means = mean[columns] + _resampling_weights(len(deviations)) @ deviations
            low[columns], high[columns] = np.quantile(means, (0.025, 0.975), axis=0)
    return low, high


@lru_cache(maxsize=2)
def _resampling_weights(lanes: int) -> Numbers:
    """Return how much each lane weighs in each resampled mean, shape (RESAMPLES, lanes), rows sum to 1."""
    draws = np.random.default_rng(0).multinomial(lanes, np.full(lanes, 1 / lanes), size=RESAMPLES)
    weights: Numbers = draws / lanes
    return weights


def _brief(steps: Iterable[int]) -> str:
    known = sorted(set(steps))
    return ", ".join(map(str, known)) if len(known) <= 8 else f"{known[0]}, {known[1]}, ... {known[-1]}"
