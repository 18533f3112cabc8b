"""A run can be saved, restored and forked at step t, and an environment can be pickled with all that it is."""

import pickle

import cloudpickle
import gymnasium as gym
import pytest
from gymnasium.vector import AutoresetMode, VectorEnv

from fairgym.checks import InputError
from fairgym.testing.basics import difference, flat, law_of, random_actions

STEPS = 60


def single(env_id):
    return gym.make(env_id, disable_env_checker=True).unwrapped


def vector(env_id, mode=AutoresetMode.NEXT_STEP):
    params = law_of(env_id).short_episode
    return gym.make_vec(env_id, num_envs=5, autoreset_mode=mode, max_episode_steps=12, **params)


def actions_for(env, seed=0, steps=STEPS):
    if isinstance(env, VectorEnv):
        return random_actions(env.single_action_space, [seed + lane for lane in range(env.num_envs)], steps)
    return random_actions(env.action_space, [seed], steps)[:, 0]


def continued(env, actions):
    return [flat(env.step(action)) for action in actions]


def assert_same(run, other):
    assert len(run) == len(other)
    assert [difference(one, two) for one, two in zip(run, other, strict=True)] == [None] * len(run)


@pytest.mark.parametrize("make", [single, vector])
class TestEveryEnvironment:
    def test_restoring_a_snapshot_repeats_the_future(self, env_id, make):
        env = make(env_id)
        env.reset(seed=3)
        actions = actions_for(env)
        continued(env, actions[:20])
        snapshot = env.snapshot()
        future = continued(env, actions[20:])
        env.restore(snapshot)
        assert_same(future, continued(env, actions[20:]))
        env.restore(snapshot)
        assert_same(future, continued(env, actions[20:]))

    def test_a_pickled_snapshot_continues_in_another_environment(self, env_id, make):
        env, other = make(env_id), make(env_id)
        env.reset(seed=3)
        actions = actions_for(env)
        continued(env, actions[:20])
        other.restore(pickle.loads(pickle.dumps(env.snapshot())))
        assert_same(continued(env, actions[20:]), continued(other, actions[20:]))

    def test_a_fork_does_not_disturb_the_trunk(self, env_id, make):
        env, fork = make(env_id), make(env_id)
        env.reset(seed=3)
        actions = actions_for(env)
        continued(env, actions[:20])
        fork.restore(env.snapshot())
        branch = continued(fork, actions_for(env, seed=900))
        trunk = continued(env, actions[20:])
        undisturbed = make(env_id)
        undisturbed.reset(seed=3)
        assert_same(trunk, continued(undisturbed, actions)[20:])
        assert any(difference(one, two) for one, two in zip(trunk, branch, strict=False))

    def test_a_cloudpickled_environment_continues_identically(self, env_id, make):
        env = make(env_id)
        env.reset(seed=3)
        actions = actions_for(env)
        continued(env, actions[:20])
        copy = cloudpickle.loads(cloudpickle.dumps(env))
        assert_same(continued(env, actions[20:]), continued(copy, actions[20:]))

    def test_there_is_nothing_to_save_before_the_first_reset(self, env_id, make):
        with pytest.raises(InputError, match="call reset\\(\\) first"):
            make(env_id).snapshot()


@pytest.mark.parametrize("mode", AutoresetMode)
def test_a_snapshot_remembers_which_lanes_are_over(env_id, mode):
    env = vector(env_id, mode)
    env.reset(seed=3)
    actions = actions_for(env, steps=12)
    run = continued(env, actions[:-1]) if mode is not AutoresetMode.DISABLED else _until_the_first_end(env, actions)
    assert run
    snapshot, other = env.snapshot(), vector(env_id, mode)
    other.restore(snapshot)
    if mode is AutoresetMode.DISABLED:
        for one in (env, other):
            with pytest.raises(InputError, match="are over"):
                one.step(actions[0])
    else:
        assert_same(continued(env, actions), continued(other, actions))


def _until_the_first_end(env, actions):
    run = []
    for action in actions:
        returned = env.step(action)
        run.append(flat(returned))
        if (returned[2] | returned[3]).any():
            break
    return run


def test_the_end_of_an_episode_is_remembered(env_id):
    env = gym.make(env_id, disable_env_checker=True, **law_of(env_id).short_episode).unwrapped
    env.reset(seed=0)
    actions, over = iter(actions_for(env, steps=2_000)), False
    while not over:
        *_, over, _, _ = env.step(next(actions))
    other = single(env_id)
    other.restore(env.snapshot())
    with pytest.raises(InputError, match="after the end of the episode"):
        other.step(actions_for(env)[0])


def test_a_fork_may_go_on_under_other_parameters(env_id):
    env = single(env_id)
    env.reset(seed=0)
    other = gym.make(env_id, disable_env_checker=True, **law_of(env_id).short_episode).unwrapped
    other.restore(env.snapshot())
    assert difference(env.state.arrays(), other.state.arrays()) is None
    assert other._lanes.dynamics is other.dynamics


def test_snapshots_that_do_not_fit_are_refused(env_id):
    env, other = gym.make_vec(env_id, num_envs=2), gym.make_vec(env_id, num_envs=3)
    env.reset(seed=0)
    with pytest.raises(InputError, match="a snapshot of 2 lanes: there are 3 here"):
        other.restore(env.snapshot())
    with pytest.raises(InputError, match="restore was given a dict"):
        other.restore({})
