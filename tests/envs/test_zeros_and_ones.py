"""Actions that are zeros and ones, as reinforcement learning libraries send them: floats in single precision."""

import re

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

from fairgym.checks import InputError
from fairgym.envs.actions import check_action, check_actions

SPACE = spaces.MultiBinary(3)
ROWS = [[0, 1, 1], [1, 0, 0]]


def test_zeros_and_ones_in_single_precision_are_taken():
    taken = check_actions(SPACE, np.array(ROWS, dtype=np.float32), 2)
    assert taken.dtype == np.int64
    np.testing.assert_array_equal(taken, ROWS)
    np.testing.assert_array_equal(check_action(SPACE, np.array(ROWS[0], dtype=np.float32)), ROWS[:1])


@pytest.mark.parametrize("wrong", [0.5, 2.0, -1.0, np.nan, np.inf, 1 - 2**-24, 1e-45])
def test_other_numbers_in_single_precision_are_refused(wrong):
    actions = np.array(ROWS, dtype=np.float32)
    actions[1, 2] = wrong
    with pytest.raises(InputError, match=re.escape("actions have dtype float32, but the space is MultiBinary(3)")):
        check_actions(SPACE, actions, 2)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, bool, complex])
def test_other_types_are_refused(dtype):
    with pytest.raises(InputError, match="give an integer dtype"):
        check_actions(SPACE, np.array(ROWS, dtype=dtype), 2)


@pytest.mark.parametrize("space", [spaces.Discrete(2), spaces.MultiDiscrete([2, 2, 2])])
def test_of_other_spaces_floats_are_refused(space):
    with pytest.raises(InputError, match="have dtype float32"):
        check_actions(space, np.zeros((2, *space.shape), dtype=np.float32), 2)


def test_stable_baselines3_learns_in_the_world_of_reapplication():
    learner = pytest.importorskip("stable_baselines3").PPO
    env = gym.make("ReapplicationEnv-v0", places=4, max_episode_steps=10)
    settings = {"n_steps": 16, "batch_size": 8, "n_epochs": 1, "seed": 0, "device": "cpu"}
    model = learner("MultiInputPolicy", env, **settings).learn(32)
    action, _ = model.predict(env.reset(seed=0)[0])
    assert (model.num_timesteps, action.dtype, action.shape) == (32, np.float32, (4,))
    env.step(action)


def test_decisions_in_single_precision_decide_the_same():
    env = gym.make_vec("ReapplicationEnv-v0", num_envs=2, places=5)
    rewards = []
    for dtype in (np.int8, np.float32):
        env.reset(seed=0)
        rewards.append([env.step(np.ones((2, 5), dtype=dtype))[1] for _ in range(5)])
    np.testing.assert_array_equal(*rewards)
