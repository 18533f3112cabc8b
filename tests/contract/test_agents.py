"""Every agent of the package keeps the laws, in every world that it can act in."""

import inspect

import gymnasium as gym
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

import fairgym.agents
from fairgym.agents import (
    Agent,
    AggregateEqualizer,
    ClassifierAgent,
    EqualOpportunity,
    RecourseLender,
    RewardMaximizer,
    ThresholdAgent,
)
from fairgym.checks import InputError
from fairgym.envs import WORLDS
from fairgym.experiment import rollout
from fairgym.testing import check_agent

LEARNING = {"burn_in": 30, "refit_every": 20}
"""Settings under which a learning agent has left its burn-in within the run."""

EXAMPLES = {
    "ThresholdAgent": [ThresholdAgent(3), ThresholdAgent([3, 2])],
    "AggregateEqualizer": [
        AggregateEqualizer(**LEARNING),
        AggregateEqualizer(oracle=True),
        AggregateEqualizer(3, **LEARNING),
    ],
    "ClassifierAgent": [
        ClassifierAgent(GaussianNB(), burn_in=30, refit_every=60),
        ClassifierAgent(GaussianNB(), burn_in=20, refit_every=60, shared=True),
    ],
    "RecourseLender": [
        RecourseLender(GaussianNB(), history=300, refit_every=20, shared=True),
        RecourseLender(DecisionTreeClassifier(max_depth=3), history=300, refit_every=20),
    ],
}
"""Agents that need arguments, or of which more than one setting is checked."""


def concrete_classes(module, kind):
    members = [getattr(module, name) for name in module.__all__]
    return [one for one in members if inspect.isclass(one) and issubclass(one, kind) and not inspect.isabstract(one)]


def examples_of(kind):
    if kind.__name__ in EXAMPLES:
        return EXAMPLES[kind.__name__]
    if "oracle" in inspect.signature(kind).parameters:
        return [kind(**LEARNING), kind(oracle=True)]
    return list(kind.examples().values())


AGENTS = [
    pytest.param(agent, id=f"{kind.__name__}-{number}")
    for kind in concrete_classes(fairgym.agents, Agent)
    for number, agent in enumerate(examples_of(kind))
]


def can_act(agent, env_id):
    """Return whether the agent does not refuse this world."""
    try:
        agent.reset(gym.make_vec(env_id, num_envs=2), 0)
    except InputError:
        return False
    return True


@pytest.mark.parametrize("agent", AGENTS)
def test_every_agent_keeps_the_laws(agent, env_id):
    if not can_act(agent, env_id):
        pytest.skip("this agent refuses this world")
    check_agent(agent, env_id, num_envs=3, steps=100)


@pytest.mark.parametrize("agent", AGENTS)
def test_every_agent_can_act_in_a_world(agent):
    assert any(can_act(agent, world.env_id) for world in WORLDS)


@pytest.mark.parametrize("kind", [RewardMaximizer, EqualOpportunity])
def test_a_learning_agent_needs_no_more_than_selective_labels(kind):
    check_agent(kind(**LEARNING), "LendingEnv-v0", num_envs=2, steps=100, selective_labels=True)


def test_the_learning_agents_leave_their_burn_in_within_the_run():
    # Guards the checks above: of an agent that has learned nothing, blindness would not be noticed.
    agent = RewardMaximizer(**LEARNING)
    rollout(gym.make_vec("LendingEnv-v0", num_envs=3), agent, {}, 100, seed=0)
    assert (agent.diagnostics()["threshold"] > 0).all()
