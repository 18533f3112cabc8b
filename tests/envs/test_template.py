"""The hiring world against numbers worked by hand."""

import re

import gymnasium as gym
import numpy as np
import pytest
from scipy.special import ndtr

from fairgym.checks import InputError
from fairgym.envs.template import TemplateDynamics, TemplateParams, TemplateState, firm_utility, lifted

ONE_SIGMA = 0.8413447460685429
"""The uniform number whose normal is 1."""


def dynamics(**params):
    return TemplateDynamics(TemplateParams(**params))


def state(budget=5.0, mean_skill=(0.5, 0.0), group=(0, 1, 1), skill=(1.0, -1.0, 2.0)):
    skills = np.array([skill])
    return TemplateState(np.array([budget]), np.array([mean_skill]), np.array([group]), skills, skills)


def test_money_of_each_candidate():
    decision, qualified = np.array([[1, 1, 0, 0]]), np.array([[1, 0, 1, 0]])
    np.testing.assert_array_equal(firm_utility(decision, qualified), [[1, -1, 0, 0]])


def test_hires_lift_their_own_group_up_to_the_ceiling():
    decision, group = np.array([[1, 1, 0, 1]]), np.array([[0, 1, 1, 1]])
    np.testing.assert_allclose(lifted(np.array([[0.5, 0.0]]), decision, group, 0.01), [[0.51, 0.02]])
    np.testing.assert_array_equal(lifted(np.array([[0.5, 0.985]]), decision, group, 0.01), [[0.51, 1.0]])


def test_one_step_by_hand():
    after, outcome = dynamics(cohort_size=3).step(state(), np.array([[1, 1, 0]]), np.full((1, 9), 0.5))
    np.testing.assert_array_equal(outcome.qualified, [[1, 0, 1]])
    np.testing.assert_array_equal(outcome.decision, [[1, 1, 0]])
    np.testing.assert_array_equal(outcome.utility, [[1, -1, 0]])
    np.testing.assert_array_equal(dynamics(cohort_size=3).reward(outcome), [0.0])
    assert after.budget[0] == 5.0
    np.testing.assert_allclose(after.mean_skill, [[0.501, 0.001]])


def test_noise_becomes_groups_skills_and_test_errors_in_this_order():
    noise = np.array([[0.49, 0.5, 0.99, 0.5, ONE_SIGMA, 1 - ONE_SIGMA, ONE_SIGMA, 0.5, 0.5]])
    first = dynamics(cohort_size=3).initial(noise)
    np.testing.assert_array_equal(first.group, [[0, 1, 1]])
    np.testing.assert_allclose(first.skill, [[0.5, 1.0, -1.0]], atol=1e-12)
    np.testing.assert_allclose(first.test_score, [[1.0, 1.0, -1.0]], atol=1e-12)
    np.testing.assert_array_equal(first.budget, [100.0])


@pytest.mark.parametrize(("budget", "over"), [(1.0, False), (0.0, True)])
def test_the_episode_ends_in_debt(budget, over):
    world = dynamics(cohort_size=3)
    after, _ = world.step(state(budget=budget), np.array([[0, 1, 0]]), np.full((1, 9), 0.5))
    assert after.budget[0] == budget - 1
    assert world.terminated(after)[0] == over


def test_the_population_score_is_the_share_above_zero():
    np.testing.assert_allclose(
        dynamics().truth(state(mean_skill=(0.0, 1.0)))["population_score"], [[0.5, ONE_SIGMA]], atol=1e-12
    )


def test_who_comes_and_who_is_qualified_are_as_stated():
    # Shares of N candidates have standard error sqrt(p (1 - p) / N); five of them.
    lanes, world = 4_000, dynamics()
    first = world.initial(np.random.default_rng(0).random((lanes, world.reset_noise_size)))
    in_first = first.group == 0
    assert abs(in_first.mean() - 0.5) < 5 * np.sqrt(0.25 / in_first.size)
    for group, mean in enumerate((0.5, 0.0)):
        qualified = first.skill[first.group == group] > 0
        wanted = ndtr(mean)
        assert abs(qualified.mean() - wanted) < 5 * np.sqrt(wanted * (1 - wanted) / qualified.size)
    error = first.test_score - first.skill
    assert abs(error.std() - 0.5) < 5 * 0.5 / np.sqrt(2 * error.size)


def test_hiring_everybody_closes_the_gap_between_the_groups():
    env = gym.make_vec("TemplateEnv-v0", num_envs=8, role_model=0.01, starting_budget=1e6)
    _, info = env.reset(seed=0)
    assert (info["population_score"][:, 0] - info["population_score"][:, 1] > 0.19).all()
    for _ in range(40):
        *_, info = env.step(np.ones((8, 10), dtype=np.int64))
    np.testing.assert_allclose(info["population_score"], ndtr(1.0))


def test_any_number_of_groups():
    env = gym.make("TemplateEnv-v0", mean_skill=(0.0, -0.5, 0.5), cohort_size=2)
    observation, info = env.reset(seed=0)
    assert env.unwrapped.groups == ("group 0", "group 1", "group 2")
    assert info["population_score"].shape == (3,)
    assert observation in env.observation_space


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"cohort_size": 0}, "cohort_size=0 is out of range"),
        ({"cohort_size": 2.0}, "cohort_size=2.0 is not a whole number"),
        ({"mean_skill": ()}, "mean_skill=() must list one number between -1 and 1 for each group"),
        ({"mean_skill": 0.5}, "mean_skill=0.5 must list one number"),
        ({"mean_skill": (0.5, 1.5)}, "mean_skill=(0.5, 1.5) must list one number"),
        ({"mean_skill": (0.5, float("nan"))}, "mean_skill holds a number that is not finite"),
        ({"mean_skill": "high"}, "mean_skill='high' is not numbers"),
        ({"role_model": -0.1}, "role_model=-0.1 is out of range"),
        ({"test_error": 3}, "test_error=3 is out of range"),
        ({"test_error": None}, "test_error=None is not a number"),
        ({"starting_budget": float("inf")}, "starting_budget=inf is not finite"),
        ({"cohort": 3}, "has no parameter 'cohort': did you mean 'cohort_size'?"),
    ],
)
def test_bad_parameters(params, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        gym.make("TemplateEnv-v0", **params)


def test_impossible_states_are_refused():
    env = gym.make("TemplateEnv-v0", cohort_size=3).unwrapped
    env.reset(seed=0)
    env.reset(options={"state": state()})
    for bad, sentence in [
        (state(mean_skill=(0.5, 1.5)), "'mean_skill'\\] must lie between -1 and 1"),
        (state(group=(0, 1, 2)), "shows observation 'group' outside of"),
        (state(skill=(0.0, 0.0, 1e3)), "shows observation 'test_score' outside of"),
        (state(budget=-1.0), "is the end of an episode already"),
    ]:
        with pytest.raises(InputError, match=sentence):
            env.reset(options={"state": bad})
