"""Law 3: a lane is a seed. Lane i of n is the single environment under seed s + i, bit for bit.

Compared: observations, rewards, both flags, every value and mask of the infos, the last observation and info of an
episode; with the native vector environment, Gymnasium's SyncVectorEnv and single environments; over 300 steps with
terminations, truncations and autoresets in them. A run of 64 lanes is one of 64 seeds.
"""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from fairgym.outcome import transition_view
from fairgym.testing import check_lanes
from fairgym.testing.basics import difference, law_of, random_actions


@pytest.mark.parametrize("mode", AutoresetMode)
@pytest.mark.parametrize(
    ("num_envs", "seeds"),
    [(1, (0, 1, 123_456)), (2, (0, 2**31)), (7, (0, 99)), (64, (17,))],
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


def transitions(env, actions, steps, num_envs):
    """Return the outcome of each transition of lane 0, as trackers see it, under a constant action."""
    over, outcomes = np.zeros(num_envs or 1, dtype=np.bool_), []
    env.reset(seed=3)
    for _ in range(steps):
        if over.any() and (num_envs is None or env.metadata["autoreset_mode"] is AutoresetMode.DISABLED):
            env.reset(options=None if num_envs is None else {"reset_mask": over})
        *_, terminated, truncated, info = env.step(actions[0] if num_envs is None else actions)
        over = np.atleast_1d(np.logical_or(terminated, truncated))
        outcome, live = transition_view(info, num_envs)
        if live[0]:
            outcomes.append({key: value[0] for key, value in outcome.items()})
    return outcomes


def test_a_tracker_sees_the_same_transitions_in_every_kind_of_environment(env_id):
    params = {**law_of(env_id).short_episode, "max_episode_steps": 9}
    actions = random_actions(law_of(env_id).action_space, [1, 2, 3], 1)[0]
    single = transitions(gym.make(env_id, **params), actions, 60, None)
    assert len(single) == 60
    for mode in AutoresetMode:
        for kind in ("vector_entry_point", "sync"):
            options = {"vector_kwargs": {"autoreset_mode": mode}} if kind == "sync" else {"autoreset_mode": mode}
            env = gym.make_vec(env_id, num_envs=3, vectorization_mode=kind, **options, **params)
            seen = transitions(env, actions, 60, 3)
            assert len(seen) == 60 if mode is not AutoresetMode.NEXT_STEP else 50 <= len(seen) < 60
            wrong = [difference(one, other) for one, other in zip(single, seen, strict=False)]
            assert wrong == [None] * len(seen), (mode, kind)
