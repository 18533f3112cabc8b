"""The epidemic world (SIRS with a vaccine) as one compiled loop."""

import networkx as nx
import numpy as np
from numba import njit

SUSCEPTIBLE, INFECTIOUS, RECOVERED = 0, 1, 2


@njit(cache=False)
def fused_step(
    health, doses, first, neighbour, escape, recovery, forgetting, decision, qualified, sick, newly, utility, one_hot,
    effective, wasted, reward, terminated,
):  # fmt: skip
    """Move every lane by one step and fill in the outputs."""
    lanes, people = health.shape
    infectious = np.empty(people, np.bool_)
    for lane in range(lanes):
        effective[lane] = wasted[lane] = 0
        for person in range(people):
            decision[lane, person] = newly[lane, person] = 0
            qualified[lane, person] = health[lane, person] == SUSCEPTIBLE
            sick[lane, person] = health[lane, person] == INFECTIOUS
        for dose in range(doses.shape[1]):
            chosen = doses[lane, dose]
            if chosen == people:
                continue
            decision[lane, chosen] = 1
            if health[lane, chosen] == SUSCEPTIBLE:
                health[lane, chosen] = RECOVERED
                effective[lane] += 1
            else:
                wasted[lane] += 1
        for person in range(people):
            infectious[person] = health[lane, person] == INFECTIOUS
        well = 0
        for person in range(people):
            state = health[lane, person]
            if state == SUSCEPTIBLE:
                sources = 0
                for edge in range(first[person], first[person + 1]):
                    sources += infectious[neighbour[edge]]
                if np.random.random() >= escape[sources]:
                    state, newly[lane, person] = INFECTIOUS, 1
            elif state == INFECTIOUS and np.random.random() < recovery:
                state = RECOVERED
            elif state == RECOVERED and np.random.random() < forgetting:
                state = SUSCEPTIBLE
            health[lane, person] = state
            for other in range(3):
                one_hot[lane, person, other] = state == other
            utility[lane, person] = state != INFECTIOUS
            well += state != INFECTIOUS
        reward[lane], terminated[lane] = well / people, False


class FusedEpidemic:
    """The harder epidemic world as one compiled loop, with the buffers that it fills."""

    def __init__(self, lanes: int) -> None:
        """Start with one person sick in the karate club."""
        graph = nx.to_scipy_sparse_array(nx.karate_club_graph(), weight=None, format="csr")
        people = graph.shape[0]
        self.first, self.neighbour = graph.indptr, graph.indices
        self.escape = 0.5 ** np.arange(people)
        self.health = np.zeros((lanes, people), np.int8)
        self.health[:, 0] = INFECTIOUS
        flags = [np.zeros((lanes, people), np.int8) for _ in range(5)]
        self.outputs = (
            *flags, np.zeros((lanes, people, 3), np.int8), np.zeros(lanes, np.int64), np.zeros(lanes, np.int64),
            np.zeros(lanes), np.zeros(lanes, np.bool_),
        )  # fmt: skip

    def step(self, actions: np.ndarray) -> None:
        """Move all lanes by one step."""
        fused_step(self.health, actions, self.first, self.neighbour, self.escape, 0.005, 0.2, *self.outputs)
