"""Cutting experiments into ranges of lanes.

A lane depends on nothing but its seed, so the pieces put together are bit for bit the result of the whole, whatever
the cut, the backend and the number of workers.
"""

from __future__ import annotations

from collections.abc import Sequence

from fairgym.checks import InputError, require, whole_number
from fairgym.experiment import Experiment

CHUNK = 50
"""Lanes in a piece that is kept or sent to a cluster: the same on every machine, so that any can go on."""


def check_names(experiments: Sequence[Experiment]) -> None:
    """Refuse (``InputError``) no experiments at all, or two of one name, which could not be told apart."""
    require(len(experiments) > 0, "there are no experiments to run: give at least one.")
    names = [experiment.name for experiment in experiments]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"name={name!r} is that of {names.count(name)} experiments: give each a name of its own.")


def split(experiment: Experiment, parts: int) -> list[Experiment]:
    """Return the experiment cut into at most ``parts`` ranges of lanes, in order."""
    parts = 1 if experiment.agent.lanes_share else min(parts, experiment.num_envs)
    size, rest = divmod(experiment.num_envs, parts)
    counts = [size + (part < rest) for part in range(parts)]
    return [experiment.lanes(sum(counts[:part]), counts[part]) for part in range(parts)]


def chunks(experiment: Experiment, chunk: int) -> list[Experiment]:
    """Return the experiment cut into ranges of ``chunk`` lanes, the last maybe shorter, in order.

    With more seeds, the full ranges stay the same.
    """
    lanes = experiment.num_envs
    if experiment.agent.lanes_share:
        return [experiment]
    return [experiment.lanes(first, min(chunk, lanes - first)) for first in range(0, lanes, chunk)]


def cut(experiments: Sequence[Experiment], chunk: int | None, workers: int, keep: bool) -> list[Experiment]:
    """Return the pieces of all experiments, in order."""
    if chunk is None and not keep:
        parts = -(-workers // len(experiments))
        return [piece for experiment in experiments for piece in split(experiment, parts)]
    size = CHUNK if chunk is None else whole_number("chunk", chunk, at_least=1)
    return [piece for experiment in experiments for piece in chunks(experiment, size)]
