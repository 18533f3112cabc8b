"""The outside world: Gymnasium's and stable-baselines3's checkers, and Gymnasium's wrappers, single and vector."""

import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import wrappers
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AsyncVectorEnv, AutoresetMode
from gymnasium.wrappers import vector as vector_wrappers

from fairgym.testing.basics import difference, flat, law_of, random_actions

MODES = list(AutoresetMode)


def run(env, steps=30, seed=0):
    """Return the flattened results of a run of a single environment that is reset where it ends."""
    results = [flat(env.reset(seed=seed))]
    for action in random_actions(env.action_space, [0], steps)[:, 0]:
        returned = env.step(action)
        results.append(flat(returned))
        if returned[2] or returned[3]:
            results.append(flat(env.reset()))
    return results


def short(env_id, num_envs=None, **arguments):
    params = law_of(env_id).short_episode | arguments
    return gym.make(env_id, **params) if num_envs is None else gym.make_vec(env_id, num_envs=num_envs, **params)


def test_gymnasiums_checker_has_no_complaint(env_id):
    check_env(gym.make(env_id).unwrapped)


def test_the_checker_of_stable_baselines3_has_no_complaint(env_id):
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(gym.make(env_id).unwrapped, warn=True)


def test_time_limit_truncates(env_id):
    env = gym.make(env_id, max_episode_steps=7)
    results = run(env, steps=21)
    assert sum(int(result.get("truncated", False)) for result in results) == 3


def test_record_episode_statistics_counts_steps_and_rewards(env_id):
    env, plain = wrappers.RecordEpisodeStatistics(short(env_id)), short(env_id)
    rewards, over = [], False
    env.reset(seed=0)
    plain.reset(seed=0)
    for action in random_actions(env.action_space, [0], 5_000)[:, 0]:
        *_, over, _, info = env.step(action)
        rewards.append(plain.step(action)[1])
        if over:
            break
    assert info["episode"]["l"] == len(rewards)
    assert info["episode"]["r"] == pytest.approx(sum(rewards))


def test_flattened_observations_are_in_the_flattened_space(env_id):
    env = wrappers.FlattenObservation(gym.make(env_id))
    observation, _ = env.reset(seed=0)
    for action in random_actions(env.action_space, [0], 30)[:, 0]:
        assert observation in env.observation_space
        assert observation.dtype == env.observation_space.dtype
        observation, *_ = env.step(action)


def test_normalised_observations_are_finite(env_id):
    env = wrappers.NormalizeObservation(wrappers.FlattenObservation(gym.make(env_id)))
    env.reset(seed=0)
    for action in random_actions(env.action_space, [0], 30)[:, 0]:
        assert np.isfinite(env.step(action)[0]).all()


def test_frames_are_recorded_as_video(env_id, tmp_path):
    env = gym.make(env_id, render_mode="rgb_array", max_episode_steps=2)
    env.reset(seed=0)
    frame = env.render()
    assert frame.dtype == np.uint8
    assert frame.ndim == 3
    assert frame.shape[2] == 3
    assert frame.std() > 0, "an empty picture"
    env = wrappers.RecordVideo(env, str(tmp_path / "video"), episode_trigger=lambda episode: True)
    env.reset(seed=0)
    for action in random_actions(env.action_space, [0], 2)[:, 0]:
        env.step(action)
    env.close()
    assert [path.suffix for path in (tmp_path / "video").glob("*.mp4")] == [".mp4"]


def test_rendering_changes_nothing_in_the_world(env_id):
    rendered, plain = (gym.make(env_id, render_mode=mode, max_episode_steps=20) for mode in ("rgb_array", None))
    left, right = run(rendered, steps=40), run(plain, steps=40)
    assert [difference(one, other) for one, other in zip(left, right, strict=True)] == [None] * len(left)
    assert gym.make(env_id).unwrapped.render_mode is None


@pytest.mark.parametrize("mode", MODES)
def test_vector_statistics_agree_with_the_rewards(env_id, mode):
    env = vector_wrappers.RecordEpisodeStatistics(short(env_id, 4, autoreset_mode=mode, max_episode_steps=10))
    env.reset(seed=0)
    returns, lengths, over = np.zeros(4), np.zeros(4, dtype=int), np.zeros(4, dtype=bool)
    finished = 0
    for actions in random_actions(env.single_action_space, list(range(4)), 60):
        fresh = over if mode is not AutoresetMode.SAME_STEP else np.zeros(4, dtype=bool)
        if mode is AutoresetMode.DISABLED and over.any():
            env.reset(options={"reset_mask": over.copy()})
            returns[over], lengths[over] = 0, 0
            fresh = np.zeros(4, dtype=bool)
        _, rewards, terminated, truncated, info = env.step(actions)
        returns, lengths = np.where(fresh, 0, returns + rewards), np.where(fresh, 0, lengths + 1)
        over = terminated | truncated
        for lane in np.flatnonzero(over):
            finished += 1
            statistics = info["episode"] if "episode" in info else info["final_info"]["episode"]
            assert statistics["r"][lane] == pytest.approx(returns[lane])
            assert statistics["l"][lane] == lengths[lane]
        if mode is AutoresetMode.SAME_STEP:
            returns[over], lengths[over] = 0, 0
    assert finished > 10


def test_vector_observations_flatten_like_single_ones(env_id):
    env = vector_wrappers.FlattenObservation(gym.make_vec(env_id, num_envs=3))
    single = wrappers.FlattenObservation(gym.make(env_id))
    observation, _ = env.reset(seed=0)
    for lane in range(3):
        np.testing.assert_array_equal(observation[lane], single.reset(seed=lane)[0])
    observation, *_ = env.step(env.action_space.sample())
    assert observation in env.observation_space


def test_vector_observations_can_be_normalised(env_id):
    env = vector_wrappers.NormalizeObservation(vector_wrappers.FlattenObservation(gym.make_vec(env_id, num_envs=3)))
    env.reset(seed=0)
    for actions in random_actions(env.single_action_space, [0, 1, 2], 30):
        observation, *_ = env.step(actions)
        assert np.isfinite(observation).all()


def test_vector_frames_are_recorded_as_video(env_id, tmp_path):
    env = gym.make_vec(env_id, num_envs=2, render_mode="rgb_array", max_episode_steps=1)
    env = vector_wrappers.RecordVideo(env, str(tmp_path / "video"), episode_trigger=lambda episode: episode == 0)
    env.reset(seed=0)
    frames = env.render()
    assert len(frames) == 2
    assert frames[0].dtype == np.uint8
    for actions in random_actions(env.single_action_space, [0, 1], 2):
        env.step(actions)
    env.close()
    assert list((tmp_path / "video").glob("*.mp4"))


def test_lanes_in_processes_of_their_own_are_the_same(env_id):
    params = law_of(env_id).short_episode | {"max_episode_steps": 8}
    makers = [lambda: gym.make(f"fairgym:{env_id}", **params)] * 2  # a new process has not imported the package
    parallel = AsyncVectorEnv(makers, context="spawn")
    native = gym.make_vec(env_id, num_envs=2, **params)
    left, right = [flat(parallel.reset(seed=3))], [flat(native.reset(seed=3))]
    for actions in random_actions(native.single_action_space, [0, 1], 30):
        left.append(flat(parallel.step(actions)))
        right.append(flat(native.step(actions)))
    parallel.close()
    assert [difference(one, other) for one, other in zip(left, right, strict=True)] == [None] * len(left)


@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "wrapped"])
def test_the_spec_survives_json(env_id, wrapped):
    env = short(env_id, max_episode_steps=9)
    if wrapped:
        env = wrappers.FlattenObservation(env)
    rebuilt = EnvSpec.from_json(env.spec.to_json()).make()
    left, right = run(env, steps=20), run(rebuilt, steps=20)
    assert [difference(one, other) for one, other in zip(left, right, strict=True)] == [None] * len(left)


def test_the_spec_of_a_vector_environment_rebuilds_it(env_id):
    env = short(env_id, 3, max_episode_steps=9)
    rebuilt = gym.make_vec(EnvSpec.from_json(env.spec.to_json()))
    assert rebuilt.num_envs == 3
    assert rebuilt.unwrapped.max_episode_steps == 9
    assert difference(flat(env.reset(seed=2)), flat(rebuilt.reset(seed=2))) is None


def test_the_id_works_without_an_import(env_id):
    program = f"import gymnasium; env = gymnasium.make('fairgym:{env_id}'); env.reset(seed=0); print(env.spec.id)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == env_id, done.stderr


def test_the_three_autoreset_modes_are_named_in_the_metadata(env_id):
    for mode in MODES:
        assert gym.make_vec(env_id, num_envs=2, autoreset_mode=mode).metadata["autoreset_mode"] is mode
        assert gym.make_vec(env_id, num_envs=2, autoreset_mode=mode.value).metadata["autoreset_mode"] is mode
    assert gym.make_vec(env_id, num_envs=2).metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP


def test_single_and_vector_environments_name_the_groups(env_id):
    single, vector = gym.make(env_id).unwrapped, gym.make_vec(env_id, num_envs=2)
    assert single.groups == vector.groups == single.dynamics.groups
