"""The admissions world as one compiled loop."""

import numpy as np
from numba import njit


@njit(cache=False)
def fused_step(
    group, score, published, costs, mean, spread, true_threshold, out_group, out_score, observed, decision, qualified,
    manipulated, burden, threshold, utility, seen_threshold, seen_score, seen_group, seen_label, reward, terminated,
):  # fmt: skip
    """Let every lane's cohort answer, admit, and draw the next cohort; fill in the outputs."""
    lanes, people = score.shape
    for lane in range(lanes):
        bar = published[lane, 0]
        for g in range(len(costs)):
            threshold[lane, g] = seen_threshold[lane, g] = bar
        right = 0
        for person in range(people):
            g, x = group[lane, person], score[lane, person]
            y, cost, moved = x, 0.0, 0
            if x < bar:
                cost = costs[g] * (bar - x)
                if cost <= 1.0:
                    y, moved = bar, 1
            admitted, eligible = y >= bar, x >= true_threshold
            out_group[lane, person], out_score[lane, person], observed[lane, person] = g, x, y
            decision[lane, person], qualified[lane, person] = admitted, eligible
            manipulated[lane, person], burden[lane, person] = moved, cost
            utility[lane, person] = (admitted == eligible) / people
            right += admitted == eligible
            seen_score[lane, person], seen_group[lane, person], seen_label[lane, person] = y, g, eligible
            group[lane, person] = np.random.random() < 0.5
            score[lane, person] = min(max(mean + spread * np.random.normal(), 0.0), 1.0)
        reward[lane], terminated[lane] = right / people, False


class FusedAdmissions:
    """The default admissions world as one compiled loop, with the buffers that it fills."""

    def __init__(self, lanes: int, people: int = 20) -> None:
        """Start with a cohort drawn as in the paper."""
        generator, shape = np.random.default_rng(0), (lanes, people)
        self.group = generator.integers(0, 2, shape)
        self.score = generator.normal(0.5, 0.1, shape)
        self.outputs = (
            np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64),
            np.zeros(shape, np.int8), np.zeros(shape, np.int8), np.zeros(shape), np.zeros((lanes, 2)), np.zeros(shape),
            np.zeros((lanes, 2), np.float32), np.zeros(shape, np.float32), np.zeros(shape, np.int64),
            np.zeros(shape, np.int64), np.zeros(lanes), np.zeros(lanes, np.bool_),
        )  # fmt: skip
        self.costs = np.array([5.0, 10.0])

    def step(self, actions: np.ndarray) -> None:
        """Move all lanes by one step."""
        fused_step(self.group, self.score, actions, self.costs, 0.5, 0.1, 0.55, *self.outputs)
