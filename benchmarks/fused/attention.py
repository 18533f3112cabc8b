"""The attention world as one compiled loop."""

import numpy as np
from numba import njit


@njit(cache=False)
def fused_step(
    rate, shares, units, growth, decrease, weight, decision, attention, incidents, discovered, missed, utility,
    new_rate, reward, terminated, seen, sent,
):  # fmt: skip
    """Move every lane by one step and fill in the outputs."""
    lanes, sites = rate.shape
    remainder = np.empty(sites)
    for lane in range(lanes):
        total = 0.0
        for site in range(sites):
            total += shares[lane, site]
        left = units if total > 0 else 0
        for site in range(sites):
            quota = units * shares[lane, site] / total if total > 0 else 0.0
            attention[lane, site] = int(quota)
            remainder[site] = quota - attention[lane, site]
            left -= attention[lane, site]
        for _ in range(left):
            largest = 0
            for site in range(1, sites):
                if remainder[site] > remainder[largest]:
                    largest = site
            attention[lane, largest] += 1
            remainder[largest] = -1.0
        reward[lane], terminated[lane] = 0.0, False
        for site in range(sites):
            sent_here = attention[lane, site]
            occurred = np.random.poisson(rate[lane, site])
            found = min(occurred, sent_here)
            incidents[lane, site], discovered[lane, site], missed[lane, site] = occurred, found, occurred - found
            decision[lane, site] = sent_here > 0
            utility[lane, site] = -weight * (occurred - found)
            reward[lane] += utility[lane, site]
            seen[lane, 0, site], sent[lane, 0, site] = found, sent_here
            if sent_here == 0:
                rate[lane, site] += growth
            else:
                rate[lane, site] = max(0.0, rate[lane, site] - decrease * sent_here)
            new_rate[lane, site] = rate[lane, site]


class FusedAttention:
    """The default attention world as one compiled loop, with the buffers that it fills."""

    def __init__(self, lanes: int) -> None:
        """Start from the paper's rates."""
        rates = np.array([8.0, 6.0, 4.0, 3.0, 1.5])
        self.rate = np.repeat(rates[None], lanes, axis=0)
        whole = [np.zeros((lanes, 5), np.int64) for _ in range(5)]
        self.outputs = (
            *whole, np.zeros((lanes, 5)), np.zeros((lanes, 5)), np.zeros(lanes), np.zeros(lanes, np.bool_),
            np.zeros((lanes, 1, 5), np.float32), np.zeros((lanes, 1, 5), np.float32),
        )  # fmt: skip

    def step(self, actions: np.ndarray) -> None:
        """Move all lanes by one step."""
        fused_step(self.rate, actions, 6, 0.01, 0.01, 1.0, *self.outputs)
