"""``reset(options={"state": ...})`` starts from a given state; anything else is refused by name."""

import gymnasium as gym
import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.testing.basics import difference, random_actions


def started(env_id, num_envs=None, seed=0):
    env = gym.make(env_id).unwrapped if num_envs is None else gym.make_vec(env_id, num_envs=num_envs)
    env.reset(seed=seed)
    return env


def a_later_state(env_id):
    env = started(env_id, seed=11)
    for action in random_actions(env.action_space, [0], 15)[:, 0]:
        env.step(action)
    return env.state


@pytest.mark.parametrize("form", ["a state", "a dict", "a dict of one lane"])
def test_a_single_environment_starts_from_a_given_state(env_id, form):
    state = a_later_state(env_id)
    given = {
        "a state": state,
        "a dict": state.arrays(),
        "a dict of one lane": {name: array[0].tolist() for name, array in state.arrays().items()},
    }[form]
    env = started(env_id)
    observation, info = env.reset(seed=1, options={"state": given})
    assert difference(env.state.arrays(), state.arrays()) is None
    seen, truth = env.dynamics.observe(state), env.dynamics.truth(state)
    for key, value in observation.items():
        np.testing.assert_array_equal(value, seen[key][0])
    for key, value in info.items():
        np.testing.assert_array_equal(value, truth[key][0])


def test_all_lanes_start_from_one_given_state(env_id):
    state = a_later_state(env_id)
    env = started(env_id, num_envs=3)
    env.reset(options={"state": state})
    for lane in range(3):
        assert difference(env.unwrapped.state.take([lane]).arrays(), state.arrays()) is None


def test_each_lane_starts_from_its_own_state(env_id):
    source, env = started(env_id, num_envs=3, seed=40), started(env_id, num_envs=3)
    env.reset(options={"state": source.unwrapped.state})
    assert difference(env.unwrapped.state.arrays(), source.unwrapped.state.arrays()) is None


def test_only_the_masked_lanes_start_from_the_state(env_id):
    state, env = a_later_state(env_id), started(env_id, num_envs=3)
    before, mask = env.unwrapped.state, np.array([True, False, True])
    _, info = env.reset(options={"state": state, "reset_mask": mask})
    after = env.unwrapped.state
    for lane in range(3):
        expected = state if mask[lane] else before.take([lane])
        assert difference(after.take([lane]).arrays(), expected.arrays()) is None
    for key in env.unwrapped.dynamics.truth(state):
        np.testing.assert_array_equal(info[f"_{key}"], mask)


def test_the_state_does_not_change_the_luck_to_come(env_id):
    state, env, other = a_later_state(env_id), started(env_id), started(env_id)
    env.reset(seed=5)
    other.reset(seed=5, options={"state": state})
    actions = random_actions(env.action_space, [0], 3)[:, 0]
    lucks = []
    for one in (env, other):
        law, met = one.dynamics.step, []
        one.dynamics.step = lambda state, action, noise, law=law, met=met: (
            met.append(noise),
            law(state, action, noise),
        )[1]
        for action in actions:
            one.step(action)
        lucks.append(met)
    np.testing.assert_array_equal(*lucks)


def test_options_are_refused_by_name(env_id):
    single, vector = started(env_id), started(env_id, num_envs=2)
    for env in (single, vector):
        with pytest.raises(InputError, match="reset has no option 'stat': did you mean 'state'"):
            env.reset(options={"stat": 1})
        with pytest.raises(InputError, match=r"options\['state'\] is a int: give a state"):
            env.reset(options={"state": 3})
    with pytest.raises(InputError, match="reset has no option 'reset_mask'"):
        single.reset(options={"reset_mask": np.array([True])})
    for mask in ([True], np.array([1, 0]), np.array([False, False]), "all"):
        with pytest.raises(InputError, match=r"options\['reset_mask'\] must be a bool array of shape \(2,\)"):
            vector.reset(options={"reset_mask": mask})
    with pytest.raises(InputError, match="call reset\\(\\) without it first"):
        gym.make_vec(env_id, num_envs=2).reset(options={"reset_mask": np.array([True, False])})


def test_states_are_refused_by_field(env_id):
    env, state = started(env_id), a_later_state(env_id).arrays()
    for name, array in state.items():
        refused = [
            ({key: value for key, value in state.items() if key != name}, f"lacks the fields {name}"),
            ({**state, f"{name}s": array}, f"has no field '{name}s'"),
            ({**state, name: np.stack([array, array])}, f"'{name}'.* has shape"),
            ({**state, name: [[1], [1, 2]]}, f"'{name}'.* is not one array"),
            ({**state, name: "high"}, f"'{name}'.* has dtype"),
        ]
        if array.dtype.kind == "f":
            refused.append(({**state, name: array * np.nan}, f"'{name}'.* NaN or infinity"))
        else:
            refused.append(({**state, name: array + 0.5}, f"'{name}'.* has dtype"))
            refused.append(({**state, name: array.astype(np.int64) + 1_000}, r"options\['state'\]"))
            refused.append(({**state, name: array.astype(np.int64) - 1_000}, r"options\['state'\]"))
        for given, sentence in refused:
            with pytest.raises(InputError, match=sentence):
                env.reset(options={"state": given})


def test_extreme_states_are_refused_or_harmless(env_id):
    env, state = started(env_id), a_later_state(env_id).arrays()
    for name, array in state.items():
        for shift in (1e30, -1e30, 100.0, -100.0) if array.dtype.kind == "f" else ():
            try:
                env.reset(options={"state": {**state, name: array + shift}})
            except InputError:
                continue
            for action in random_actions(env.action_space, [0], 5)[:, 0]:
                observation, reward, over, *_ = env.step(action)
                assert np.isfinite(reward)
                assert observation in env.observation_space, (name, shift)
                if over:
                    break


def test_lists_of_seeds_must_fit(env_id):
    with pytest.raises(InputError, match="seed lists 2 seeds for 3 lanes"):
        started(env_id, num_envs=3).reset(seed=[1, 2])
