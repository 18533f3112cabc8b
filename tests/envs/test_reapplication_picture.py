"""The rendered frame of lending with reapplication: nobody is lost, and what is written is what happened."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

import fairgym  # noqa: F401 - registers the worlds
from fairgym.outcome import REJECTED, WORKING
from fairgym.pictures.reapplication import SHADES, STAGES

PERIODS = 12


@pytest.fixture(scope="module", params=[{}, {"serve_again": True, "loan_periods": 2}], ids=["once", "again"])
def run(request):
    """Return a rendered environment after some periods, with what it gave back in each."""
    env = gym.make("ReapplicationEnv-v0", render_mode="rgb_array", places=60, means=3.0, **request.param)
    env.action_space.seed(1)
    first, _ = env.reset(seed=3)
    seen = [env.step(env.action_space.sample()) for _ in range(PERIODS)]
    return env, [first, *(each[0] for each in seen)], [each[4] for each in seen], [each[1] for each in seen]


def newcomers(observation, group):
    return int(((observation["applying"] == 1) & (observation["tries"] == 0) & (observation["group"] == group)).sum())


def test_everybody_who_came_is_drawn_once(run):
    env, observations, _, _ = run
    people = np.array(env.unwrapped._picture.people)
    assert people.shape == (PERIODS + 1, len(SHADES), 2)
    for group in range(2):
        came = np.cumsum([newcomers(observation, group) for observation in observations])
        assert people[:, :, group].sum(axis=1).tolist() == came.tolist()


def test_where_people_stand(run):
    env, observations, infos, _ = run
    served, about, working, waiting, _ = np.array(env.unwrapped._picture.people).sum(axis=2).T
    assert served[1:].tolist() == np.cumsum([info["decision"].sum() for info in infos]).tolist()
    assert about.tolist() == [observation["applying"].sum() for observation in observations]
    assert working[1:].tolist() == [(info["status"] == WORKING).sum() for info in infos]
    assert waiting[1:].tolist() == [(info["status"] == REJECTED).sum() for info in infos]
    assert working.max() > 0
    assert waiting.max() > 0


def test_the_frame_says_so(run):
    env, _, infos, rewards = run
    env.render()
    picture = env.unwrapped._picture
    upper, lower, funnel, money = picture.figure.axes
    for group, axes in enumerate((upper, lower)):
        last = picture.people[-1][:, group]
        words = [f"{100 * count / last.sum():.0f} % {name}" for name, count in zip(SHADES, last, strict=True)]
        assert [text.get_text() for text in axes.texts if text.get_text() != "\u25a0"] == words
        assert f"({last.sum():.0f} people)" in axes.get_ylabel()
    rejected = sum(((info["applied"] == 1) & (info["decision"] == 0) & (info["group"] == 0)).sum() for info in infos)
    offered = sum(((info["offered"] == 1) & (info["group"] == 0)).sum() for info in infos)
    assert funnel.containers[0].patches[0].get_height() == pytest.approx(100 * offered / rejected)
    assert [label.get_text() for label in funnel.get_xticklabels()] == list(STAGES)
    assert money.lines[0].get_ydata()[1:] == pytest.approx(np.cumsum(rewards))


def test_an_episode_that_has_not_begun_is_drawn():
    env = gym.make("ReapplicationEnv-v0", render_mode="rgb_array", places=60)
    observation, _ = env.reset(seed=0)
    assert env.render().std() > 0
    assert env.unwrapped._picture.people[0][1].sum() == observation["applying"].sum() > 0
