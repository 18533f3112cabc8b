"""Which moves an action specification permits, column by column and by one-hot group."""

import numpy as np
import pytest

from fairgym.recourse.actions import ActionSpec

COLUMNS = ("fixed", "whole", "free", "owner", "job:a", "job:b")
ACTIONS = ActionSpec(
    {"whole": "up", "free": "free", "owner": "up", "job:a": "free", "job:b": "free"},
    groups=[["job:a", "job:b"]],
    integer=["whole"],
    binary=["owner"],
    bounds={"whole": (0, 6), "free": (0, 8)},
).resolve(COLUMNS, len(COLUMNS))
BEFORE = {"fixed": 1.5, "whole": 2.0, "free": 3.0, "owner": 0.0, "job:a": 1.0, "job:b": 0.0}
MOVES = {
    "nothing": ({}, True),
    "a step up": ({"whole": 3}, True),
    "up to the limit": ({"whole": 6}, True),
    "beyond it": ({"whole": 7}, False),
    "down where only up is open": ({"whole": 1}, False),
    "half a step": ({"whole": 2.5}, False),
    "up and down where both are open": ({"free": 0.25}, True),
    "under the limit": ({"free": -0.25}, False),
    "what is fixed": ({"fixed": 2}, False),
    "half an owner": ({"owner": 0.5}, False),
    "an owner": ({"owner": 1}, True),
    "another job": ({"job:a": 0, "job:b": 1}, True),
    "two jobs": ({"job:b": 1}, False),
    "no job any more": ({"job:a": 0}, False),
    "half of two jobs": ({"job:a": 0.5, "job:b": 0.5}, False),
    "no number": ({"free": np.nan}, False),
    "one of two moves that is not": ({"whole": 3, "fixed": 2}, False),
}


@pytest.mark.parametrize("move", MOVES)
def test_what_people_can_do(move):
    changes, possible = MOVES[move]
    before, after = (np.array([list(values.values())]) for values in (BEFORE, {**BEFORE, **changes}))
    assert ACTIONS.permits(before, after).tolist() == [possible]


def test_who_is_outside_the_limits_may_stay_there():
    before = np.array([[0, 7.5, 9.0, 0.5, 0, 0]])
    assert ACTIONS.permits(before, before).tolist() == [True]
    moved = np.repeat(before, 3, axis=0)
    moved[0, 2], moved[1, 2], moved[2, 1] = 8.5, 8.0, 8.0
    # Towards the limits is a move that may be made, from wherever one is; further away is not.
    assert ACTIONS.permits(np.repeat(before, 3, axis=0), moved).tolist() == [True, True, False]
