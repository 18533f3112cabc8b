"""The law of every world: laws 1, 2, 4, 5 and 8 of the house, by the public check."""

import gymnasium as gym
import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.testing import check_dynamics


@pytest.mark.parametrize("num_envs", [1, 9])
def test_every_world_keeps_the_laws(env_id, num_envs):
    check_dynamics(env_id, num_envs=num_envs, seed=num_envs)


def test_parameters_that_end_episodes_soon_are_there(env_id):
    dynamics = gym.make(env_id).unwrapped.dynamics
    assert dynamics.short_episode, "the contract must be able to see the end of an episode"


def test_writing_into_what_was_returned_does_not_change_the_world(env_id):
    actions = [space.sample() for space in [gym.make(env_id).action_space] * 30]
    clean, spoilt = gym.make(env_id), gym.make(env_id)
    clean.reset(seed=5)
    _spoil(*spoilt.reset(seed=5))
    for action in actions:
        expected, reward, *_ = clean.step(action)
        observation, same_reward, *_, info = spoilt.step(action)
        assert same_reward == reward
        for key, value in expected.items():
            np.testing.assert_array_equal(observation[key], value)
        _spoil(observation, info)


def test_writing_into_what_a_vector_environment_returned_does_not_change_the_world(env_id):
    clean, spoilt = (gym.make_vec(env_id, num_envs=4) for _ in range(2))
    clean.action_space.seed(1)
    clean.reset(seed=5)
    _spoil(*spoilt.reset(seed=5))
    for _ in range(30):
        actions = clean.action_space.sample()
        expected, rewards, *_ = clean.step(actions)
        observation, same_rewards, *_, info = spoilt.step(actions)
        np.testing.assert_array_equal(same_rewards, rewards)
        for key, value in expected.items():
            np.testing.assert_array_equal(observation[key], value)
        _spoil(observation, info, {"": same_rewards})


def _spoil(*returned):
    """Write zeros into every array that can be written into."""
    for arrays in returned:
        for value in arrays.values():
            if isinstance(value, np.ndarray) and value.flags.writeable:
                value[...] = 0


def test_unknown_parameters_are_refused_with_the_nearest_name(env_id):
    field = next(iter(vars(gym.make(env_id).unwrapped.dynamics.params)))
    for make in (gym.make, gym.make_vec):
        with pytest.raises(InputError, match=f"has no parameter '{field}x': did you mean '{field}'?"):
            make(env_id, **{f"{field}x": 1})


def test_unknown_render_modes_are_refused(env_id):
    with pytest.raises(InputError, match="render_mode='human' is not known"):
        gym.make(env_id).unwrapped.__class__(render_mode="human")
