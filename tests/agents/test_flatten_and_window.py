import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, iterate

from fairgym.agents.flatten import flatten_lanes
from fairgym.agents.window import Windows
from fairgym.checks import InputError

SPACES = {
    "lending": gym.make("LendingEnv-v0").observation_space,
    "every kind": spaces.Dict(
        {
            "box": spaces.Box(-1, 1, (2, 3)),
            "late start": spaces.Discrete(4, start=-2),
            "many": spaces.MultiDiscrete([2, 5, 3], start=[0, 1, 4]),
            "bits": spaces.MultiBinary(3),
            "table": spaces.MultiDiscrete([[2, 3], [4, 2]]),
        }
    ),
}


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())
def test_a_row_is_what_gymnasium_makes_of_the_lane(space):
    lanes = batch_space(space, 20)
    lanes.seed(0)
    batch = lanes.sample()
    rows = flatten_lanes(space, batch)
    assert rows.shape == (20, spaces.flatdim(space))
    for row, one in zip(rows, iterate(lanes, batch), strict=True):
        np.testing.assert_array_equal(row, spaces.flatten(space, one))


def test_what_has_no_flat_form_is_refused():
    with pytest.raises(InputError, match="'words' is a Text"):
        flatten_lanes(spaces.Dict({"words": spaces.Text(3)}), {"words": np.array(["abc"])})


def test_a_window_keeps_the_last_rows_in_order():
    windows = Windows(2, 3, 1)
    for value in range(5):
        windows.add(np.array([0]), np.array([[value]]))
    windows.add(np.array([1, 1]), np.array([[7], [8]]))
    assert windows.rows(0).ravel().tolist() == [2, 3, 4]
    assert windows.rows(1).ravel().tolist() == [7, 8]


def test_a_window_takes_many_rows_of_one_owner_at_once():
    windows = Windows(1, 4, 1)
    windows.add(np.zeros(3, int), np.array([[0], [1], [2]]))
    windows.add(np.zeros(3, int), np.array([[3], [4], [5]]))
    assert windows.rows(0).ravel().tolist() == [2, 3, 4, 5]
    windows.add(np.zeros(9, int), np.arange(10, 19)[:, None])
    assert windows.rows(0).ravel().tolist() == [15, 16, 17, 18]
    windows.add(np.zeros(0, int), np.empty((0, 1)))
    assert windows.rows(0).ravel().tolist() == [15, 16, 17, 18]
