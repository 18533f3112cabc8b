"""Law 8 for actions: wrong shape, dtype or range, steps before the first reset and after the end."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode

from fairgym.checks import InputError
from fairgym.testing.basics import law_of, random_actions

FAR = 100
"""Outside every action space, and inside the narrowest dtype of one."""


def bad_actions(space, lanes):
    """Return pairs of actions for n lanes that must be refused and a part of the sentence."""
    good = random_actions(space, list(range(lanes)), 1)[0]
    whole = not isinstance(space, spaces.Box)
    first = (0,) * good.ndim
    outside = {
        "too high": good + (space.nvec if isinstance(space, spaces.MultiDiscrete) else FAR),
        "negative": good - FAR,
        "one lane out of range": np.where(np.arange(good.size).reshape(good.shape) == good.size - 1, FAR, good),
    }
    cases = [(array.astype(good.dtype), "outside the action space") for array in outside.values()]
    cases += [
        (np.concatenate([good, good]), "have shape"),
        (good[None, None], "have shape"),
        ("accept", "have (shape|dtype)"),
        (None, "have (shape|dtype)"),
        (np.full(good.shape, "1"), "have dtype"),
        (np.full(good.shape, None), "have dtype"),
        ([[1], [1, 2]], "are not one array"),
    ]
    if whole:
        cases += [(good.astype(np.float64), "have dtype float64"), (good.astype(bool), "have dtype bool")]
    else:
        spoilt = good.copy()
        spoilt[first] = np.nan
        cases.append((spoilt, "nan is outside the action space"))
    return cases


@pytest.mark.parametrize("lanes", [1, 3])
def test_bad_actions_are_refused(env_id, lanes):
    env = gym.make_vec(env_id, num_envs=lanes)
    env.reset(seed=0)
    before = env.unwrapped.state
    for actions, sentence in bad_actions(env.single_action_space, lanes):
        with pytest.raises(InputError, match=sentence):
            env.step(actions)
    assert env.unwrapped.state is before, "a refused action must not move the world"


def test_bad_actions_of_a_single_environment_are_refused(env_id):
    env = gym.make(env_id, disable_env_checker=True)
    env.reset(seed=0)
    for actions, sentence in bad_actions(env.action_space, 1):
        action = actions[0] if isinstance(actions, np.ndarray) and actions.shape[0] == 1 else actions
        with pytest.raises(InputError, match=sentence):
            env.unwrapped.step(action)


def test_every_sample_of_the_action_space_is_taken(env_id):
    env, vector = gym.make(env_id), gym.make_vec(env_id, num_envs=4)
    env.reset(seed=0)
    vector.reset(seed=0)
    for seed in range(20):
        env.action_space.seed(seed)
        vector.action_space.seed(seed)
        env.step(env.action_space.sample())
        vector.step(vector.action_space.sample())


def test_narrow_dtypes_and_columns_of_discrete_actions_are_taken(env_id):
    env = gym.make_vec(env_id, num_envs=4)
    if isinstance(env.single_action_space, spaces.Box):
        return
    actions = random_actions(env.single_action_space, [0, 1, 2, 3], 1)[0]
    forms = [actions, actions.astype(np.int32), actions.astype(np.uint8), actions.tolist()]
    if isinstance(env.single_action_space, spaces.Discrete):
        forms.append(actions[:, None])
    rewards = []
    for form in forms:
        env.reset(seed=0)
        rewards.append(env.step(form)[1])
    for reward in rewards:
        np.testing.assert_array_equal(reward, rewards[0])


def test_steps_before_the_first_reset_are_refused(env_id):
    single, vector = gym.make(env_id).unwrapped, gym.make_vec(env_id, num_envs=2)
    for env in (single, vector):
        with pytest.raises(InputError, match="has not been started: call reset\\(\\) first"):
            env.step(env.action_space.sample())
        with pytest.raises(InputError, match="has not been started: call reset\\(\\) first"):
            env.render()


def test_steps_after_the_end_are_refused(env_id):
    params = law_of(env_id).short_episode
    single = gym.make(env_id, disable_env_checker=True, **params).unwrapped
    vector = gym.make_vec(env_id, num_envs=3, autoreset_mode=AutoresetMode.DISABLED, **params)
    over = False
    single.reset(seed=0)
    for action in random_actions(single.action_space, [0], 5_000)[:, 0]:
        *_, over, _, _ = single.step(action)
        if over:
            break
    with pytest.raises(InputError, match="after the end of the episode: call reset\\(\\) first"):
        single.step(single.action_space.sample())
    single.reset()
    single.step(single.action_space.sample())

    vector.reset(seed=0)
    for action in random_actions(vector.single_action_space, [0, 1, 2], 5_000):
        *_, terminated, _, _ = vector.step(action)
        if terminated.any():
            break
    with pytest.raises(InputError, match=r"lanes [\d, ]+ are over: reset them"):
        vector.step(vector.action_space.sample())
    vector.reset(options={"reset_mask": terminated})
    vector.step(vector.action_space.sample())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"num_envs": 0}, "num_envs=0 is out of range"),
        ({"num_envs": 2.5}, "num_envs=2.5 is not a whole number"),
        ({"max_episode_steps": 0}, "max_episode_steps=0 is out of range"),
        ({"autoreset_mode": "Samestep"}, "autoreset_mode='Samestep' is not known: did you mean 'SameStep'?"),
        ({"autoreset_mode": 3}, "autoreset_mode=3 is not known"),
        ({"render_mode": "human"}, "render_mode='human' is not known"),
    ],
)
def test_bad_arguments_of_a_vector_environment_are_refused(env_id, arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        gym.make_vec(env_id, **arguments)
