"""The lending world as one compiled loop."""

import numpy as np
from numba import njit


@njit(cache=False)
def fused_step(
    people, cash, group, score, qualified, actions, repayment, share_bound, interest, loss, observed_cash, reward,
    terminated, decision, repaid, utility, shares, mean_repayment,
):  # fmt: skip
    """Move every lane by one step and fill in the outputs."""
    lanes, groups, levels = people.shape
    pool = people[0, 0].sum()
    for lane in range(lanes):
        g, c, accept, good = group[lane], score[lane], actions[lane], qualified[lane]
        gain = 0.0
        if accept:
            gain = interest if good else -loss
            new = min(c + 1, levels - 1) if good else max(c - 1, 0)
            if new != c:
                moved = min(1.0, people[lane, g, c])
                people[lane, g, c] -= moved
                people[lane, g, new] += moved
        cash[lane] += gain
        observed_cash[lane] = cash[lane]
        reward[lane] = utility[lane] = gain
        terminated[lane] = cash[lane] < 1.0
        decision[lane], repaid[lane] = accept, good
        for other in range(groups):
            mean = 0.0
            for level in range(levels):
                share = people[lane, other, level] / pool
                shares[lane, other, level] = share
                mean += share * repayment[other, level]
            mean_repayment[lane, other] = mean
        g = 1 if np.random.random() >= share_bound else 0
        target, cumulative, c = np.random.random() * pool, 0.0, levels - 1
        for level in range(levels):
            cumulative += people[lane, g, level]
            if cumulative > target:
                c = level
                break
        group[lane], score[lane] = g, c
        qualified[lane] = np.random.random() >= 1 - repayment[g, c]
        np.random.random()  # the misreading of the score, drawn by the environment too


class FusedLending:
    """The default lending world as one compiled loop, with the buffers that it fills."""

    def __init__(self, lanes: int) -> None:
        """Start from the default population."""
        from fairgym.populations import two_groups

        population = two_groups()
        groups, levels = population.distribution.shape
        self.repayment = np.ascontiguousarray(population.repayment)
        self.people = np.repeat((population.distribution * 100)[None], lanes, axis=0)
        self.cash = np.full(lanes, 10_000.0)
        self.group, self.score, self.qualified = (np.zeros(lanes, np.int64) for _ in range(3))
        self.outputs = (
            np.empty(lanes, np.float32), np.empty(lanes), np.empty(lanes, np.bool_), np.empty(lanes, np.int64),
            np.empty(lanes, np.int8), np.empty(lanes), np.empty((lanes, groups, levels)), np.empty((lanes, groups)),
        )  # fmt: skip

    def step(self, actions: np.ndarray) -> None:
        """Move all lanes by one step."""
        fused_step(
            self.people, self.cash, self.group, self.score, self.qualified, actions, self.repayment, 0.5, 1.0, 1.0,
            *self.outputs,
        )  # fmt: skip
