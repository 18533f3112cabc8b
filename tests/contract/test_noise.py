"""Law 2: noise is an argument, drawn before the action is known (common random numbers).

The k-th transition of a lane meets the same noise whatever was decided, however long the run is, and whoever the
other lanes are.
"""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, VectorEnv

from fairgym.outcome import transition_view
from fairgym.testing.basics import law_of, random_actions


def luck_of_first_lane(env_id, *, actions_seed, num_envs=None, seed=0, steps=120, **params):
    """Return the noise of the transitions of lane 0, (transitions, noise_size), as the law was given it."""
    env = gym.make(env_id, **params) if num_envs is None else gym.make_vec(env_id, num_envs=num_envs, **params)
    dynamics, given, met = env.unwrapped.dynamics, [], []
    law = dynamics.step

    def spy(state, action, noise):
        given.append(noise[0].copy())
        return law(state, action, noise)

    dynamics.step = spy
    env.reset(seed=seed)
    space = env.single_action_space if isinstance(env, VectorEnv) else env.action_space
    over = False
    for action in random_actions(space, [actions_seed + lane for lane in range(num_envs or 1)], steps):
        if over and num_envs is None:
            env.reset()
        *_, terminated, truncated, info = env.step(action[0] if num_envs is None else action)
        over = terminated or truncated if num_envs is None else False
        if transition_view(info, num_envs)[1][0]:
            met.append(given[-1])
    return np.array(met)


@pytest.mark.parametrize("short", [False, True], ids=["one episode", "many episodes"])
def test_luck_depends_on_seed_and_step_alone(env_id, short):
    params = law_of(env_id).short_episode if short else {}
    reference = luck_of_first_lane(env_id, actions_seed=1, num_envs=3, **params)
    others = {
        "other actions": luck_of_first_lane(env_id, actions_seed=50, num_envs=3, **params),
        "alone": luck_of_first_lane(env_id, actions_seed=1, num_envs=1, **params),
        "more lanes": luck_of_first_lane(env_id, actions_seed=2, num_envs=40, **params),
        "a single environment": luck_of_first_lane(env_id, actions_seed=3, **params),
        "longer": luck_of_first_lane(env_id, actions_seed=4, num_envs=3, steps=400, **params),
        "same step": luck_of_first_lane(
            env_id, actions_seed=5, num_envs=3, autoreset_mode=AutoresetMode.SAME_STEP, **params
        ),
    }
    for name, luck in others.items():
        common = min(len(reference), len(luck))
        assert common > 50
        np.testing.assert_array_equal(reference[:common], luck[:common], err_msg=name)
    other_seed = luck_of_first_lane(env_id, actions_seed=1, num_envs=3, seed=1, **params)
    assert not np.array_equal(reference[:50], other_seed[:50])


def test_noise_is_uniform_and_of_the_declared_size(env_id):
    size = law_of(env_id).noise_size
    luck = luck_of_first_lane(env_id, actions_seed=0, num_envs=2, steps=400)
    assert luck.shape[1] == size
    assert luck.min() >= 0
    assert luck.max() < 1
    # The mean of N uniforms has standard error sqrt(1 / 12 / N); five of them.
    assert abs(luck.mean() - 0.5) < 5 * np.sqrt(1 / 12 / luck.size)
