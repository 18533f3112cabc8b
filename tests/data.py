"""Where tests find real data that the project does not carry."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def data_file(name: str) -> Path:
    """Return the path of a data file such as ``fico/totals.csv``, or skip the test where it is absent.

    The folder is ``FAIRGYM_DATA`` from the environment, or ``../shared/data`` beside the repository.
    """
    path = Path(os.environ.get("FAIRGYM_DATA") or ROOT.parent / "shared" / "data") / name
    if not path.is_file():
        pytest.skip(f"{name} is not in {path.parent}: set FAIRGYM_DATA to the folder of the data to run this test")
    return path
