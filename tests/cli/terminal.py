"""Calling the command line: in this process, which is quick, or in one of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from fairgym.cli import main

FAIRGYM = [sys.executable, "-W", "error", "-c", "from fairgym.cli import main; main()"]
"""The installed command, with warnings as errors."""


COMPILING = ("fairgym: compiling ", "fairgym: loading ")
"""How the word begins that a machine says while it compiles, once, or loads slowly what it compiled."""


def beside_compiling(said: str) -> str:
    """Return what was said on standard error, without the lines that depend on what this machine compiled before."""
    return "".join(line for line in said.splitlines(keepends=True) if not line.startswith(COMPILING))


class Answer(NamedTuple):
    """What came back."""

    status: int
    out: str
    err: str


class Terminal:
    """A terminal in a folder of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path) -> None:
        self.monkeypatch, self.capfd, self.folder = monkeypatch, capfd, folder
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "200")

    def __call__(self, *words: str) -> Answer:
        """Run ``fairgym words ...`` as the installed command does."""
        self.monkeypatch.setattr(sys, "argv", ["fairgym", *words])
        self.capfd.readouterr()
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = self.capfd.readouterr()
        return Answer(status, out, beside_compiling(err))

    def files(self) -> list[str]:
        """Return everything below the folder, hidden things too."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))
