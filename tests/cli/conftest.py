"""Every test with an argument ``terminal`` gets one in an empty folder."""

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture
def terminal(monkeypatch, capfd, tmp_path):
    return Terminal(monkeypatch, capfd, tmp_path)
