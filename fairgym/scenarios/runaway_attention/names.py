"""Names that the parts of the scenario share, and the numbers that several of them read."""

from __future__ import annotations

import numpy as np

from fairgym.checks import InputError
from fairgym.result import Numbers, Result

PAPER = "D'Amour et al., Fairness is not static, FAT* 2020"
GREEDY, FAIR, UNIFORM = "greedy", "fair greedy", "uniform"
PROPORTIONAL, EXPLORING = "proportional", "exploring proportional"
AGENTS = (GREEDY, FAIR, UNIFORM, PROPORTIONAL, EXPLORING)
"""The five agents of the paper, with the allocation of the two greedy ones computed as the paper defines it."""
GREEDY_AS_PUBLISHED, FAIR_AS_PUBLISHED = "greedy as published", "fair greedy as published"
PUBLISHED_AGENTS = (GREEDY_AS_PUBLISHED, FAIR_AS_PUBLISHED, UNIFORM, PROPORTIONAL, EXPLORING)
"""The same five as the archived program has them."""
RATES_OF_CHANGE = (0.0, 0.0025, 0.01, 0.05)
"""The values of d in the paper's figures."""
FASTEST = RATES_OF_CHANGE[-1]
BLOCK = 10
"""Steps between two fits of an agent's beliefs, and between two records of the runs over time."""


def name(agent: str, d: float) -> str:
    """Return the name of the experiment of an agent in a world with this rate of change."""
    return f"{agent}, d={d:g}"


def by_site(result: Result, metric: str, agent: str, d: float, step: int | None = None) -> Numbers:
    """Return a metric of each lane and site at a step (None: the last); (lanes, sites)."""
    columns = [result.values(metric, experiment=name(agent, d), group=site, step=step) for site in result.groups]
    return np.stack(columns, axis=1)


def total(result: Result, metric: str, agent: str, d: float) -> Numbers:
    """Return a count over all sites at the end of each lane; (lanes,)."""
    return np.asarray(by_site(result, metric, agent, d).sum(axis=1))


def unfairness(result: Result, agent: str, d: float) -> Numbers:
    """Return numbers, one per lane, whose mean is the paper's Delta; (lanes,).

    Delta is the range over sites of the share of incidents discovered, averaged over runs before the range is taken.
    So it is the mean over lanes of the difference between the two sites whose mean shares are the ends of the range.
    """
    shares = by_site(result, "share", agent, d)
    if np.isnan(shares).any():
        raise InputError("at a site of some run no incident occurred, so that no share of them was discovered.")
    mean = shares.mean(axis=0)
    return np.asarray(shares[:, mean.argmax()] - shares[:, mean.argmin()])


def per_step(result: Result, metric: str, agent: str, d: float) -> tuple[Numbers, Numbers]:
    """Return the ends of the recorded blocks (b,) and the mean of a count per step in each; (b, lanes, sites)."""
    tables = [result.table(metric, experiment=name(agent, d), group=site) for site in result.groups]
    ends = tables[0].columns.to_numpy(dtype=np.float64)
    counts = np.stack([table.to_numpy(dtype=np.float64).T for table in tables], axis=2)
    return ends[1:], np.diff(counts, axis=0) / np.diff(ends)[:, None, None]
