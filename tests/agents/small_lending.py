"""A tiny population of savers, and cohorts written by hand, for the tests of lenders."""

import gymnasium as gym
import numpy as np

import fairgym  # noqa: F401 - registers the worlds
from fairgym.populations.credit_people import CreditPeople, single_precision
from fairgym.recourse.actions import FREE, UP, ActionSpec

GROUP, SAVINGS, VISITS = range(3)


class Savers(CreditPeople):
    """Group 0 or 1, savings 0 .. 9 and visits 0 .. 9; who has 5 or more in savings repays, but for 1 in 20,000.

    With ``slope`` 1 the chance rises gently with savings instead.
    """

    name = "savers"
    columns = ("group", "savings", "visits")
    groups = ("zero", "one")
    factors = ("savings", "visits")
    causal = np.array([1.0, 0.0])
    base = 0.0
    low, high = np.zeros(3), np.array([1.0, 9.0, 9.0])
    noise_size = 3
    score_column, score_range = None, (0.0, 9.0)
    sensitive, cut, source = "group", 0.5, "made up"
    spec = ActionSpec({"savings": UP, "visits": FREE}, integer=["savings", "visits"], binary=["group"])

    def __init__(self, slope=20.0):
        self.slope = slope

    def draw(self, uniforms):
        return single_precision(np.floor(uniforms * [2, 10, 10]))

    def effects(self, people):
        return np.column_stack([self.slope * (people[:, SAVINGS] - 4.5), np.zeros(len(people))])


class FineSavers(Savers):
    """The same with savings of any size, in single precision."""

    spec = ActionSpec({"savings": UP, "visits": FREE}, integer=["visits"], binary=["group"])

    def draw(self, uniforms):
        return single_precision(np.where([False, True, False], 9 * uniforms, np.floor(uniforms * [2, 10, 10])))


def world(lanes=None, *, places=4, people=None, **params):
    """Return a world of savers in which the lender makes the offers."""
    given = {"population": Savers() if people is None else people, "places": places, "offers": "agent"} | params
    if lanes is None:
        return gym.make("ReapplicationEnv-v0", **given)
    return gym.make_vec("ReapplicationEnv-v0", num_envs=lanes, **given)


def cohort(savings, *, group=0, visits=0, promised=0, applying=1):
    """Return the observation of one lane, or of several if savings are (n, m)."""
    savings = np.asarray(savings)

    def each(values):
        return np.broadcast_to(np.asarray(values), savings.shape)

    applying = each(applying)
    features = np.stack([each(group), savings, each(visits)], axis=-1) * applying[..., None]
    return {
        "features": features.astype(np.float32).reshape(*savings.shape[:-1], -1),
        "group": each(group) * applying,
        "tries": np.zeros(savings.shape, np.int64),
        "promised": (each(promised) * applying).astype(np.int8),
        "applying": applying.astype(np.int8),
    }


def ready(agent, lanes=None, seed=0, **params):
    """Return the agent, reset for a world of savers."""
    agent.reset(world(lanes, **params), seed)
    return agent


def outcome_of(decision, qualified):
    """Return what a lender gets to know of a step, with the lane axis first."""
    return {"decision": np.asarray(decision), "qualified": np.asarray(qualified)}
