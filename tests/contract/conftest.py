"""Every test with an argument ``env_id`` runs on every row of WORLDS."""

import pytest

from fairgym.envs import WORLDS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "env_id" in metafunc.fixturenames:
        metafunc.parametrize("env_id", [world.env_id for world in WORLDS])
