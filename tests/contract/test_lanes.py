"""Law 3: a lane is a seed. Lane i of n is the single environment under seed s + i, bit for bit.

Compared: observations, rewards, both flags, every value and mask of the infos, the last observation and info of an
episode; with the native vector environment, Gymnasium's SyncVectorEnv and single environments; over 300 steps with
terminations, truncations and autoresets in them.
"""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from fairgym.testing import check_lanes


@pytest.mark.parametrize("mode", AutoresetMode)
@pytest.mark.parametrize(
    ("num_envs", "seeds"),
    [(1, (0, 1, 2, 123_456)), (2, (0, 31, 2**31)), (7, (0, 99)), (64, (17, 1_000))],
    ids=["1", "2", "7", "64"],
)
def test_lanes_are_single_environments(env_id, num_envs, seeds, mode):
    ends = [check_lanes(env_id, num_envs=num_envs, seed=seed, autoreset_mode=mode) for seed in seeds]
    assert sum(end.terminated for end in ends) > 0
    assert sum(end.truncated for end in ends) > 0


def test_a_longer_run_begins_with_the_shorter(env_id):
    observations = []
    for steps in (40, 160):
        env = gym.make_vec(env_id, num_envs=3)
        env.action_space.seed(0)
        env.reset(seed=8)
        observations.append([env.step(env.action_space.sample())[0] for _ in range(steps)])
    for short, long in zip(*observations, strict=False):
        for key, value in short.items():
            np.testing.assert_array_equal(value, long[key])


def test_a_list_of_seeds_seeds_each_lane(env_id):
    env = gym.make_vec(env_id, num_envs=3)
    env.action_space.seed(0)
    first, _ = env.reset(seed=[7, 100, 3])
    then = env.step(actions := env.action_space.sample())[0]
    for lane, seed in enumerate([7, 100, 3]):
        single = gym.make(env_id)
        expected, _ = single.reset(seed=seed)
        expected_then = single.step(actions[lane])[0]
        for key in expected:
            np.testing.assert_array_equal(first[key][lane], expected[key])
            np.testing.assert_array_equal(then[key][lane], expected_then[key])
