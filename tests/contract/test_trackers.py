"""Every tracker of the package keeps the laws, on the outcomes of every world that reports what it reads."""

import gymnasium as gym
import pytest

import fairgym.metrics
from fairgym.envs import WORLDS
from fairgym.metrics import (
    AcceptanceRate,
    Difference,
    Discounted,
    Gap,
    MeanUtility,
    PopulationScore,
    Ratio,
    SimpsonDecomposition,
    Tracker,
    TruePositiveRate,
    Window,
)
from fairgym.outcome import transition_view
from fairgym.testing import check_tracker

from .test_agents import concrete_classes

EXAMPLES = {
    "Difference": [Difference(TruePositiveRate(), 0, 1), Difference(PopulationScore(), 1, 0)],
    "Discounted": [Discounted(TruePositiveRate(), 0.9), Discounted(AcceptanceRate(), 1.0)],
    "Gap": [Gap(TruePositiveRate()), Gap(Window(AcceptanceRate(), 20)), Gap(MeanUtility())],
    "Ratio": [Ratio(AcceptanceRate(), 1, 0)],
    "SimpsonDecomposition": [SimpsonDecomposition(30)],
    "Window": [Window(TruePositiveRate(), 20), Window(MeanUtility(), 1)],
}
"""Trackers that need arguments."""

TRACKERS = [
    pytest.param(tracker, id=f"{kind.__name__}-{number}")
    for kind in concrete_classes(fairgym.metrics, Tracker)
    for number, tracker in enumerate(EXAMPLES[kind.__name__] if kind.__name__ in EXAMPLES else [kind()])
]


def reported(env_id):
    env = gym.make_vec(env_id, num_envs=1)
    env.reset(seed=0)
    _, reward, _, _, info = env.step(env.action_space.sample())
    return transition_view(info, 1, reward)[0]


def needs_a_pair_of_groups(tracker):
    return isinstance(tracker, (Difference, Ratio, SimpsonDecomposition))


@pytest.mark.parametrize("tracker", TRACKERS)
def test_every_tracker_keeps_the_laws(tracker, env_id):
    missing = set(tracker.requires) - set(reported(env_id))
    if missing:
        pytest.skip(f"this world does not report {missing}")
    if needs_a_pair_of_groups(tracker) and len(gym.make(env_id).unwrapped.groups) < 2:
        pytest.skip("this world has one group")
    check_tracker(tracker, env_id, num_envs=3, steps=120)


@pytest.mark.parametrize("tracker", TRACKERS)
def test_every_tracker_can_follow_a_world(tracker):
    assert any(set(tracker.requires) <= set(reported(world.env_id)) for world in WORLDS)
