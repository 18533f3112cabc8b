"""The archived lending simulator replayed: its random stream, and its equal-opportunity agent, decision by decision.

Run: python -m tests.golden.archived [SEEDS]     prints the means over seeds 0 .. SEEDS-1 (default 100), and tells at
which steps the table of the scenario ``delayed-impact`` was read: 99 steps before those it was labelled with.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from fairgym.envs.lending import LendingDynamics, LendingParams


def archived_stream(seed: int) -> np.random.RandomState:
    """Seed as Gym 0.19 did: the first 8 bytes of SHA-512 of the decimal seed, little-endian, as two 32-bit words."""
    number = int.from_bytes(hashlib.sha512(str(seed).encode()).digest()[:8], "little")
    return np.random.RandomState([number % 2**32, number // 2**32])


def applicants(seed: int) -> Iterator[np.ndarray]:
    """Yield one row of lending noise per applicant: group, score, default, and .999, at which no score is misread."""
    stream = archived_stream(seed)
    while True:
        yield np.array([[*stream.random_sample(3), 0.999]])


THRESHOLDS = np.array([np.inf, 6, 5, 4, 3, 2, 1, 0])


def roc(people: np.ndarray, repayment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a group's TPR and the bank's utility at each of ``THRESHOLDS``."""
    good, bad = repayment * people + 1e-6, (1 - repayment) * people + 1e-6
    repaid = np.concatenate([[0], good[::-1].cumsum()])
    defaulted = np.concatenate([[0], bad[::-1].cumsum()])
    return repaid / repaid[-1], repaid - defaulted


def equal_opportunity(shares: np.ndarray, repayment: np.ndarray) -> tuple[float, list[tuple[float, float, float]]]:
    """Return the best common TPR and, for each group, two thresholds and the probability of the first."""
    curves = [roc(*group) for group in zip(shares, repayment, strict=True)]
    breakpoints = np.unique(np.concatenate([tpr for tpr, _ in curves]))
    target = breakpoints[sum(np.interp(breakpoints, *curve) for curve in curves).argmax()]
    return target, [mixture(tpr, target) for tpr, _ in curves]


def mixture(tpr: np.ndarray, target: float) -> tuple[float, float, float]:
    at = int(np.searchsorted(tpr, target - 1e-12))
    if abs(tpr[at] - target) < 1e-12:
        return THRESHOLDS[at], THRESHOLDS[at], 1.0
    return THRESHOLDS[at - 1], THRESHOLDS[at], (tpr[at] - target) / (tpr[at] - tpr[at - 1])


def archived_run(seed: int, steps: Sequence[int], score_moves: bool = True) -> dict[int, dict[str, Any]]:
    """Run the archived agent and return what the archived program prints at each of ``steps``."""
    dynamics = LendingDynamics(LendingParams(score_moves=score_moves))
    repayment = dynamics.population.repayment
    rows, luck = applicants(seed), archived_stream(50)
    state = dynamics.initial(next(rows))
    loans, repaid, qualified, accepted, printed = [0, 0], [0, 0], [0, 0], True, {}
    for step in range(1, steps[-1] + 1):
        group, score, good = int(state.group[0]), int(state.score[0]), int(state.qualified[0])
        if step > 1:
            if accepted:
                target, thresholds = equal_opportunity(state.people[0] / 100, repayment)
            first, second, probability = thresholds[group]
            accepted = score >= (first if luck.random_sample() < probability else second)
        if step in steps:
            credit = dynamics.truth(state)["population_score"][0]
            printed[step] = {"credit": credit, "cash": state.cash[0], "target": target}
        loans[group] += accepted
        repaid[group] += accepted and good
        qualified[group] += good
        state, _ = dynamics.step(state, np.array([int(accepted)]), next(rows))
        if step in steps:
            printed[step] |= {"loans": tuple(loans), "tpr": np.divide(repaid, qualified), "people": state.people[0]}
    return printed


STEPS = (901, 1_000, 2_401, 2_500, 4_901, 5_000, 9_901, 10_000, 14_901, 15_000, 20_000)


def main() -> None:
    """Print loans, rates and the gap of the rates, means over the seeds, at the checkpoints and 99 steps before."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    runs = Parallel(n_jobs=-1)(delayed(archived_run)(seed, STEPS) for seed in range(seeds))
    for step in STEPS:
        loans, rates = (np.array([run[step][name] for run in runs]) for name in ("loans", "tpr"))
        gap = rates[:, 0] - rates[:, 1]
        (many, fewer), (high, low) = loans.mean(axis=0), rates.mean(axis=0)
        print(
            f"step {step}: loans {many:.1f} / {fewer:.1f}, TPR {high:.4f} / {low:.4f}, "
            f"gap {gap.mean():+.5f}, its size {np.abs(gap).mean():.4f}"
        )


if __name__ == "__main__":
    main()
