"""What the tests of wrappers share: a lender's data, a linear rule with a closed form, runs under fixed actions."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
from sklearn.linear_model import LogisticRegression

from fairgym.recourse.costs import WeightedShift
from fairgym.robustness import reach_of
from fairgym.testing.basics import random_actions

FEATURE, REAPPLICATION, TEMPLATE = "FeatureLendingEnv-v0", "ReapplicationEnv-v0", "TemplateEnv-v0"
SMALL = {REAPPLICATION: {"places": 12, "offers": "none", "arrival_rate": 0.4}}


def applicants(people=2000, seed=50_000):
    """Return features and truth of first applicants of the feature world."""
    env = gym.make_vec(FEATURE, num_envs=people)
    observation, _ = env.reset(seed=seed)
    return observation["features"].astype(np.float64), np.asarray(env.unwrapped.state.qualified)


def linear_rule(weights, start=0.0):
    """Return a fitted linear classifier that accepts above ``rows @ weights + start`` = 0."""
    rule = LogisticRegression().fit(np.vstack([np.eye(len(weights)), -np.eye(len(weights))]), [1, 0] * len(weights))
    rule.coef_, rule.intercept_ = np.array([weights], dtype=float), np.array([start])
    return rule


DIFFERENCE = linear_rule([1, -1])
"""Accepts who has more of the first feature than of the second."""


def euclidean(env, scale=(1.0, 1.0)):
    """Return a reach with Euclidean costs over the feature world, in units of the features."""
    return reach_of(env, applicants(200)[0], cost=WeightedShift(scale, "euclidean"))


def play(env, steps, seed=0, actions=None):
    """Run fixed random actions; return everything that reset and step returned, observations first."""
    single = not hasattr(env, "num_envs")
    lanes = 1 if single else env.num_envs
    space = env.action_space if single else env.single_action_space
    if actions is None:
        actions = random_actions(space, list(range(lanes)), steps)
    found = [env.reset(seed=seed)]
    for action in actions:
        found.append(env.step(action[0] if single else action))
    return found
