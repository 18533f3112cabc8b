"""What one run at causal share 0 tells about every other share, and which loans offers bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import expit, logit

from fairgym.batch import Array, Mask, Numbers
from fairgym.metrics import Tracker
from fairgym.metrics.base import lane_sums, ratio


class RecourseAtShares(Tracker):
    """Loans to people back from an action, and what they would be worth at several causal shares; each (n,).

    For runs at causal share 0, in which the log-odds of a person are those with which she first came. What she shows is
    what they would be at share 1, and the log-odds are linear in the share between. Without retraining nobody's
    decision depends on the share, so that these loans are those of every share.

    Parts: ``loans``; for each share, in percent, ``repaid_050`` and so on, the expected share that is repaid, NaN
    without loans, and ``profit_050``, the expected profit, in loans.
    """

    requires = ("applied", "decision", "returned", "score", "observed_score")

    def __init__(self, shares: Sequence[float], interest: float, default_loss: float) -> None:
        self.shares, self.interest, self.default_loss = tuple(shares), interest, default_loss

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes."""
        super().reset(num_envs, num_groups)
        self.loans, self.repaid = np.zeros(num_envs), np.zeros((len(self.shares), num_envs))

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add the loans after recourse of one step."""
        lent = outcome["decision"] * outcome["returned"] == 1
        came, shown = (logit(np.where(lent, outcome[key], 0.5)) for key in ("score", "observed_score"))
        self.loans += lane_sums(lent, live)
        for index, share in enumerate(self.shares):
            chance = expit((1 - share) * came + share * shown)
            self.repaid[index] += lane_sums(np.where(lent, chance, 0.0), live)

    def compute(self) -> dict[str, Numbers]:
        """Return loans, and by share the expected repayment and profit, each (n,)."""
        parts = {"loans": self.loans.copy()}
        for share, repaid in zip(self.shares, self.repaid, strict=True):
            parts[part("repaid", share)] = ratio(repaid, self.loans)
            parts[part("profit", share)] = (self.interest + self.default_loss) * repaid - self.default_loss * self.loans
        return parts


class LoansAtOnce(Tracker):
    """Loans so far to people who are not back from an action; (n,)."""

    requires = ("applied", "decision", "returned")
    at_start = 0.0

    def reset(self, num_envs: int, num_groups: int) -> None:
        """Forget everything and prepare for n lanes."""
        super().reset(num_envs, num_groups)
        self.loans = np.zeros(num_envs)

    def update(self, outcome: Mapping[str, Array], live: Mask) -> None:
        """Add the loans of one step."""
        self.loans += lane_sums(outcome["decision"] * (1 - outcome["returned"]), live)

    def compute(self) -> Numbers:
        """Return the totals, (n,)."""
        return self.loans.copy()


def part(name: str, share: float) -> str:
    """Return the name of a part at a causal share."""
    return f"{name}_{round(100 * share):03d}"
