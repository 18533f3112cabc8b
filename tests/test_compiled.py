"""Compiled functions say truthfully whether they are compiled or loaded, if that takes long."""

from __future__ import annotations

import importlib.util

import numpy as np

from fairgym import compiled

SOURCE = '''
from fairgym.compiled import compiled

@compiled
def total(values):
    """Return the sum."""
    found = 0.0
    for value in values:
        found += value
    return found
'''


def fresh(path):
    """The module at ``path``, as a new process would have it."""
    spec = importlib.util.spec_from_file_location("summing", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_says_whether_it_compiles_or_loads(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(compiled, "PATIENCE", 0.0)
    path = tmp_path / "summing.py"
    path.write_text(SOURCE)
    said = []
    for _ in range(2):
        module = fresh(path)
        compiled.prepare(module.total, np.ones(3))
        said.append(capsys.readouterr().err)
        assert module.total(np.ones(3)) == 3
    assert said[0].startswith("fairgym: compiling total")
    assert said[1] == "" or said[1].startswith("fairgym: loading the compiled total")  # loading may be over at once
