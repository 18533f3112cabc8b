"""What an environment gives back is the caller's own or read-only, and what it refuses leaves it as it was."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

from fairgym.checks import InputError

LANES = 3


def made(env_id: str, **params: Any) -> Any:
    env = gymnasium.make_vec(env_id, num_envs=LANES, **params)
    env.action_space.seed(0)
    return env


def written_over(values: dict[str, Any]) -> None:
    """Overwrite every array that lets itself be overwritten."""
    for value in values.values():
        if isinstance(value, np.ndarray) and value.flags.writeable:
            value[...] = 1


def test_writing_into_what_is_returned_changes_nothing(env_id: str) -> None:
    calm, meddled = made(env_id), made(env_id)
    calm.reset(seed=0), meddled.reset(seed=0)
    for _ in range(30):
        action = calm.action_space.sample()
        expected, got = calm.step(action), meddled.step(action.copy())
        np.testing.assert_equal(got, expected)
        observation, reward, *_, info = got
        written_over(observation), written_over({"reward": reward}), written_over(info)
        with pytest.raises(ValueError, match="read-only"):
            meddled.state.arrays()[next(iter(meddled.state.arrays()))][...] = 0


def test_the_reward_is_not_a_part_of_the_info(env_id: str) -> None:
    env = made(env_id)
    env.reset(seed=0)
    _, reward, *_, info = env.step(env.action_space.sample())
    before = {key: value.copy() for key, value in info.items()}
    reward += 1
    np.testing.assert_equal(info, before)


@pytest.mark.parametrize("bad", [{"seed": [1, 2.5, 3]}, {"seed": [1, -1, 2]}, {"seed": 1.5}, {"seed": [True] * 3},
                                 {"options": 3}, {"options": {"state": {"nothing": 1}}}, {"seed": [1, 2]}])  # fmt: skip
def test_a_refused_reset_leaves_everything_as_it_was(env_id: str, bad: dict[str, Any]) -> None:
    calm, refused = made(env_id, max_episode_steps=20), made(env_id, max_episode_steps=20)
    calm.reset(seed=5), refused.reset(seed=5)
    for step in range(40):
        if step == 7:
            with pytest.raises(InputError):
                refused.reset(**bad)
        action = calm.action_space.sample()
        np.testing.assert_equal(refused.step(action), calm.step(action))


@pytest.mark.parametrize("seed", [np.int64(4), np.array([4, 5, 6]), (4, 5, 6)], ids=str)
def test_seeds_of_every_integer_kind(env_id: str, seed: Any) -> None:
    expected, got = made(env_id), made(env_id)
    np.testing.assert_equal(got.reset(seed=seed), expected.reset(seed=4))


def test_a_second_seed_is_as_good_as_the_first(env_id: str) -> None:
    fresh, used = made(env_id), made(env_id)
    used.reset(seed=1)
    for _ in range(5):
        used.step(used.action_space.sample())
    np.testing.assert_equal(used.reset(seed=9), fresh.reset(seed=9))
    action = fresh.action_space.sample()
    np.testing.assert_equal(used.step(action), fresh.step(action))


def test_a_fork_goes_on_under_other_money_but_not_in_an_impossible_world() -> None:
    env = made("LendingEnv-v0")
    env.reset(seed=0)
    snapshot = env.snapshot()
    dear = made("LendingEnv-v0", default_loss=4.0)
    dear.restore(snapshot)
    _, reward, *_ = dear.step(np.ones(LANES, dtype=int))
    assert set(reward) <= {1.0, -4.0}
    for params, fragment in (({"pool_size": 10}, "people"), ({"loan_amount": 2e4, "starting_cash": 2e4}, "cash")):
        with pytest.raises(InputError, match=fragment):
            made("LendingEnv-v0", **params).restore(snapshot)
    with pytest.raises(InputError, match="another LendingDynamics"):
        made("TemplateEnv-v0").restore(snapshot)


def test_only_the_lanes_that_are_reset_must_be_given_a_possible_state() -> None:
    env = made("LendingEnv-v0", starting_cash=1.0, autoreset_mode="Disabled")
    env.reset(seed=0)
    while not (over := env.step(np.ones(LANES, dtype=int))[2]).any():
        pass
    state = {name: array.copy() for name, array in env.unwrapped.state.arrays().items()}
    state["cash"][over] = 50.0
    observation, _ = env.reset(options={"reset_mask": over, "state": state})
    assert (observation["cash"][over] == 50.0).all()


def test_a_restored_environment_can_be_drawn(env_id: str) -> None:
    env = gymnasium.make(env_id)
    env.reset(seed=0)
    drawn = gymnasium.make(env_id, render_mode="rgb_array").unwrapped
    drawn.restore(env.unwrapped.snapshot())
    drawn.step(env.action_space.sample())
    assert drawn.render().dtype == np.uint8
