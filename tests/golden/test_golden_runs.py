"""Golden runs: 20 steps of every world as they were when its law was last changed on purpose.

A change of a number here changes published results of that id: raise its version. Where the change is meant, or a
world is new, write the file anew from the root of the repository and read the difference before you commit it::

    python -m tests.golden.test_golden_runs

Whole numbers must be equal. Floats may differ by a few units in the last place, because inverse normals go through
the mathematics library of the machine: 1e-12 relative and absolute in double, 1e-6 in single precision.
"""

import json
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from fairgym.envs import WORLDS
from fairgym.testing.basics import flat, random_actions

FILE = Path(__file__).with_name("golden_runs.json")
SEED, STEPS = 2026, 20
TOLERANCE = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 1e-6}


def run(env_id, actions):
    """Return what reset and each step returned, as plain numbers by name; the truth at the last step only."""
    env = gym.make(env_id)
    truth = env.unwrapped.dynamics.truth
    results = [flat(env.reset(seed=SEED))]
    results += [flat(env.step(np.asarray(action))) for action in actions]
    assert not any(result.get("terminated", False) for result in results), "a golden run must not end early"
    hidden = {f"info {key}" for key in truth(env.unwrapped.state)}
    return [{key: value for key, value in result.items() if key not in hidden} for result in results[:-1]] + results[
        -1:
    ]


@pytest.mark.parametrize("env_id", [world.env_id for world in WORLDS])
def test_the_first_steps_are_what_they_were(env_id):
    stored = json.loads(FILE.read_text())
    assert env_id in stored, f"{env_id} has no golden run: see the head of this file"
    results = run(env_id, stored[env_id]["actions"])
    assert len(results) == len(stored[env_id]["results"]) == STEPS + 1
    for number, (result, expected) in enumerate(zip(results, stored[env_id]["results"], strict=True)):
        assert result.keys() == expected.keys()
        for key, value in result.items():
            tolerance = TOLERANCE.get(value.dtype, 0.0)
            np.testing.assert_allclose(
                value, expected[key], rtol=tolerance, atol=tolerance, err_msg=f"{key} after step {number}"
            )


def write():
    """Store the runs of today, one line per step."""
    worlds = []
    for world in WORLDS:
        actions = random_actions(gym.make(world.env_id).action_space, [SEED], STEPS)[:, 0].tolist()
        lines = [json.dumps({key: value.tolist() for key, value in one.items()}) for one in run(world.env_id, actions)]
        steps = ",\n  ".join(lines)
        worlds.append(f'"{world.env_id}": {{\n "actions": {json.dumps(actions)},\n "results": [\n  {steps}\n ]}}')
    FILE.write_text("{\n" + ",\n".join(worlds) + "\n}\n")


if __name__ == "__main__":
    write()
