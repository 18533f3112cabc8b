"""A small population for the world of reapplication, whose numbers can be worked by hand, and single periods in it.

Log-odds of repaying are (score - 600) / 100 + skill - debt / 2 + 1/4 for home owners. Over newcomers skill and debt
range from 0 to 4, so that under the cost "range" one unit of either costs 1/4, and another home costs 1.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fairgym.envs.reapplication import ReapplicationDynamics, ReapplicationParams
from fairgym.outcome import GONE, NEW
from fairgym.populations.credit_people import CreditPeople
from fairgym.recourse.actions import ActionSpec

KIND, SCORE, SKILL, DEBT, OWN, RENT = range(6)


class SmallPeople(CreditPeople):
    """Five uniform numbers make a person: kind, score, skill, debt, home."""

    name = "small"
    columns = ("kind", "score", "skill", "debt", "home:own", "home:rent")
    groups = ("zero", "one")
    factors = ("score", "skill", "debt", "home")
    causal = np.array([0.0, 0.5, 1.0, 0.0])
    base = 0.0
    low = np.array([0.0, 300, 0, 0, 0, 0])
    high = np.array([1.0, 900, 9, 9, 1, 1])
    noise_size = 5
    score_column = SCORE
    score_range = (400.0, 800.0)
    sensitive, cut = "kind", 0.5
    source = "made up"
    spec = ActionSpec(
        {"skill": "up", "debt": "free", "home:own": "free", "home:rent": "free"},
        groups=[["home:own", "home:rent"]],
        integer=["skill"],
        bounds={"skill": (0, 6), "debt": (0, 8)},
    )

    def draw(self, uniforms):
        """Return people (k, 6)."""
        kind, score, skill, debt, own = np.floor(uniforms * [2, 200, 5, 9, 2]).T
        return np.column_stack([kind, 500 + score, skill, debt / 2, own, 1 - own])

    def effects(self, people):
        """Return the effects of score, skill, debt and home, (k, 4)."""
        _, score, skill, debt, own, _ = people.T
        return np.column_stack([(score - 600) / 100, skill, -debt / 2, own / 4])


SMALL = SmallPeople()


def law(**params):
    """Return the world of the small people, whose lender makes offers."""
    usual = {"population": SMALL, "cost": "range", "offers": "agent"}
    return ReapplicationDynamics(ReapplicationParams(**{**usual, **params}))


def features(kind=0, score=600, skill=0, debt=0.0, own=0, rent=None):
    """Return somebody's features; at the defaults the chance of repaying is 1/2."""
    return np.array([kind, score, skill, debt, own, 1 - own if rent is None else rent], dtype=float)


def person(status=NEW, tries=0, waited=0, effort=0.0, wait=1, rest=(), **changes):
    """Return a person as a society has her; ``rest`` are other fields of the state."""
    story = {"status": status, "tries": tries, "waited": waited, "effort": effort, "wait": wait}
    return {**story, "features": features(**changes), **dict(rest)}


NOBODY = person(GONE)


def society(world, *people):
    """Return one lane that holds these people; all log-odds are those of the features."""
    arrays = {
        name: array.copy() for name, array in world.initial(np.zeros((1, world.reset_noise_size))).arrays().items()
    }
    for place, somebody in enumerate(people):
        for name, value in somebody.items():
            arrays[name][0, place] = value
    shown = SMALL.shown_log_odds(arrays["features"][0])[None]
    state = replace(world.initial(np.zeros((1, world.reset_noise_size))), **arrays)
    return replace(state, log_odds=shown, shown_log_odds=shown.copy(), landing=arrays["features"].copy())


LUCK = ("lottery", "loan", "follow", "partly", "share", "retry")


def noise(world, arrivals=None, **luck):
    """Return the noise of one period of one lane: every luck is 1/2, and nobody comes, where nothing is said."""
    places = world.params.places
    first = np.zeros((1, world.reset_noise_size)) if arrivals is None else arrivals
    rest = [np.broadcast_to(np.asarray(luck.get(name, 0.5), dtype=float), (1, places)) for name in LUCK]
    assert not set(luck) - set(LUCK)
    return np.concatenate([first, *rest], axis=1)


def told(*actions):
    """Return one lane's action from a code, or a code and a target, for everybody."""
    rows = [one if isinstance(one, tuple) else (one, features()) for one in actions]
    return np.array([[np.concatenate([[code], target]) for code, target in rows]])


def period(people, actions, arrivals=None, luck=None, **params):
    """Return the law, the next state and the outcome of one period with these people and actions."""
    world = law(**{"places": len(people), **params})
    state, outcome = world.step(society(world, *people), told(*actions), noise(world, arrivals, **(luck or {})))
    return world, state, outcome
