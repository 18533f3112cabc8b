"""Streams of uniform numbers: whatever the length of a row and the number of lanes, row k of a lane is its own."""

import numpy as np
import pytest

from fairgym.noise import STEPS, UniformStream


def expected_rows(seed, size, rows):
    sequence = np.random.SeedSequence(seed, spawn_key=(STEPS,))
    return np.random.Generator(np.random.PCG64(sequence)).random((rows, size))


@pytest.mark.parametrize("size", [3, 100, 3_000, 9_000, 20_000])
@pytest.mark.parametrize("lanes", [1, 3])
def test_rows_are_those_of_the_lanes_generator(size, lanes):
    stream = UniformStream(range(lanes), size, STEPS)
    drawn = np.stack([stream.next() for _ in range(7)], axis=1)
    for lane in range(lanes):
        np.testing.assert_array_equal(drawn[lane], expected_rows(lane, size, 7))


@pytest.mark.parametrize("size", [3, 9_000])
def test_only_masked_lanes_use_up_their_rows(size):
    stream = UniformStream([5, 6, 7], size, STEPS)
    used = np.zeros(3, dtype=int)
    expected = [expected_rows(seed, size, 12) for seed in (5, 6, 7)]
    masks = np.random.default_rng(0).random((12, 3)) < 0.6
    for mask in [*masks[:6], np.array([True] * 3), *masks[6:11]]:
        rows = stream.next(mask)
        for lane in range(3):
            np.testing.assert_array_equal(rows[lane], expected[lane][used[lane]])
        used += mask
    assert len(set(used)) > 1


@pytest.mark.parametrize("size", [3, 9_000])
def test_a_reseeded_lane_starts_anew_and_the_others_go_on(size):
    stream = UniformStream([5, 6], size, STEPS)
    stream.next()
    stream.reseed(0, 9)
    rows = [stream.next(), stream.next()]
    np.testing.assert_array_equal([row[0] for row in rows], expected_rows(9, size, 2))
    np.testing.assert_array_equal([row[1] for row in rows], expected_rows(6, size, 3)[1:])


@pytest.mark.parametrize("size", [3, 9_000])
def test_rows_belong_to_the_caller(size):
    stream = UniformStream([5], size, STEPS)
    rows = []
    for _ in range(3):
        row = stream.next()
        rows.append(row.copy())
        row[...] = -1
    np.testing.assert_array_equal(np.concatenate(rows), expected_rows(5, size, 3))
