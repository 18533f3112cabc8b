"""Ctrl-C: one line, exit status 130, and nothing left: no folder, no temporary files, no process."""

from __future__ import annotations

import glob
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fairgym.report import Report
from fairgym.scenarios import SCENARIOS
from fairgym.scenarios.base import Scenario
from tests.cli.terminal import FAIRGYM

PATIENCE = 60.0
"""Seconds after which something that should have happened did not."""
ENDLESS = ("run", "delayed-impact", "--seeds", "100", "--steps", "1000000", "--out", "deep/run")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")


def wait_for(happened) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


def group_is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


GROUP, ALONE = "the whole group, as a terminal does", "the main process alone"


@pytest.mark.parametrize(
    ("jobs", "to", "seconds"),
    [
        *[("1", GROUP, 0.0), ("1", ALONE, 1.0)],
        *[("2", GROUP, 0.0), ("2", GROUP, 0.3), ("2", GROUP, 0.6), ("2", GROUP, 2.0), ("2", ALONE, 2.0)],
    ],
)
def test_interrupting_a_run(tmp_path, jobs, to, seconds):
    """The run is stopped so many seconds after it began: while workers start, while they import, while they work."""
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    process = subprocess.Popen(
        [*FAIRGYM, *ENDLESS, "--jobs", jobs],
        cwd=work,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: list(temporary.glob("*/counts")) or process.poll() is not None)
    time.sleep(seconds)
    (os.killpg if to == GROUP else os.kill)(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert err == "fairgym: interrupted, nothing was written to deep/run.\n"
    assert list(work.iterdir()) == []
    assert list(temporary.iterdir()) == []
    wait_for(lambda: group_is_gone(process.pid))
    assert glob.glob(f"/dev/shm/*joblib*{process.pid}*") == []


@pytest.mark.parametrize(
    "place", [(Scenario, "run"), (Scenario, "check"), (Report, "save"), (Report, "_write_figures")]
)
def test_interrupting_at_any_time_leaves_the_earlier_result(terminal, monkeypatch, place):
    words = ("run", "delayed-impact", "--seeds", "2", "--steps", "5", "--jobs", "1", "--quiet")
    assert terminal(*words).status == 0
    before = {name: Path(name).read_bytes() for name in terminal.files() if Path(name).is_file()}

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(*place, interrupted)
    answer = terminal(*words, "--seed", "5")
    assert answer == (130, "", "fairgym: interrupted, nothing was written to runs/delayed-impact.\n")
    assert {name: Path(name).read_bytes() for name in terminal.files() if Path(name).is_file()} == before


def test_an_interrupted_reproduction_keeps_and_names_what_is_finished(terminal, monkeypatch):
    real = Scenario.run

    def interrupted(self, *rest):
        if self.name == SCENARIOS[2]:
            raise KeyboardInterrupt
        return real(self, *rest)

    monkeypatch.setattr(Scenario, "run", interrupted)
    answer = terminal("reproduce", "--seeds", "2", "--steps", "5", "--jobs", "1", "--quiet", "--out", "all")
    kept = ", ".join(f"all/{name}" for name in SCENARIOS[:2])
    line = f"fairgym: interrupted, nothing was written to all/{SCENARIOS[2]}; finished and kept: {kept}.\n"
    assert answer == (130, "", line)
    assert sorted(path.name for path in Path("all").iterdir()) == sorted(SCENARIOS[:2])
    assert all((Path("all") / name / "claims.json").is_file() for name in SCENARIOS[:2])


PLAN = """\
world = "LendingEnv-v0"
steps = 20000
seeds = 30
grid.interest_rate = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
agents.everybody = "AcceptAll"
trackers.loans = "CumulativeDecisions"
"""


def test_interrupting_a_sweep_in_two_processes(tmp_path):
    """Ctrl-C as a terminal sends it: the finished pieces stay, nothing half done does, and all processes end."""
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    (work / "plan.toml").write_text(PLAN)
    process = subprocess.Popen(
        [*FAIRGYM, "sweep", "plan.toml", "--jobs", "2"],
        cwd=work,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pieces = work / "runs" / "plan-pieces"
    wait_for(lambda: list(pieces.glob("*.parquet")) or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    wait_for(lambda: group_is_gone(process.pid))
    kept = len(list(pieces.glob("*.parquet")))
    assert 0 < kept < 10
    assert err == (
        f"fairgym: interrupted, {kept} finished pieces are kept in {pieces}: the same command goes on from there.\n"
    )
    assert list(temporary.iterdir()) == []
    assert [path.name for path in (work / "runs").iterdir()] == ["plan-pieces"]


def test_interrupting_while_it_starts(terminal, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("fairgym.scenarios.load_scenario", interrupted)
    answer = terminal("run", "delayed-impact", "--out", "new")
    assert answer == (130, "", "fairgym: interrupted, nothing was written to new.\n")
    assert terminal.files() == []


def test_help_and_refusals_do_not_wait_for_what_is_slow_to_import():
    slow = ("pandas", "scipy", "sklearn", "matplotlib", "joblib", "pyarrow")
    code = f"import sys, fairgym.cli; assert not set({slow}) & set(sys.modules), sorted(set({slow}) & set(sys.modules))"
    subprocess.run([sys.executable, "-c", code], check=True)
