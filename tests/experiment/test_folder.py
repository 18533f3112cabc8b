"""Folders are written completely or not at all, and nobody else's files are touched."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fairgym.checks import InputError
from fairgym.folder import atomic_folder, check_replaceable
from fairgym.result import CONFIG_FILE, FRAME_FILE, Result
from tests.experiment.small import experiment, result

FILES = ("mark", "data")


def contents(folder: Path) -> dict[str, str | None]:
    """Return every file and folder below a folder, hidden ones too, with the text of the files."""
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def test_saved_and_loaded_results_are_the_same(tmp_path):
    saved = experiment(num_envs=3).run()
    saved.save(tmp_path / "a" / "b")
    loaded = Result.load(str(tmp_path / "a" / "b"))
    pd.testing.assert_frame_equal(loaded.frame, saved.frame, check_exact=True)
    assert loaded.frame["value"].to_numpy().tobytes() == saved.frame["value"].to_numpy().tobytes()
    assert loaded.config == saved.config
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == [CONFIG_FILE, FRAME_FILE]
    assert os.listdir(tmp_path / "a") == ["b"]


def test_undefined_and_infinite_values_survive(tmp_path):
    saved = result(money=[float("nan"), float("inf"), -0.0, 5e-324])
    saved.save(tmp_path / "run")
    values = Result.load(tmp_path / "run").frame["value"].to_numpy()
    np.testing.assert_array_equal(values, [np.nan, np.inf, 0, 5e-324])
    assert np.signbit(values[2])


def test_saving_again_replaces_the_result(tmp_path):
    result(money=[1]).save(tmp_path / "run")
    result(money=[2, 3]).save(tmp_path / "run")
    assert Result.load(tmp_path / "run").values("money").tolist() == [2, 3]
    assert os.listdir(tmp_path) == ["run"]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("existing", [False, True])
def test_a_failure_inside_leaves_everything_as_it_was(tmp_path, failure, existing):
    target = tmp_path / "new" / "parents" / "run"
    if existing:
        with atomic_folder(target) as folder:
            (folder / "mark").write_text("old")
    before = contents(tmp_path)

    def fail():
        with atomic_folder(target) as folder:
            (folder / "mark").write_text("new")
            raise failure

    with pytest.raises(failure):
        fail()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failure_of_the_exchange_leaves_everything_as_it_was(tmp_path, monkeypatch, failing):
    target = tmp_path / "run"
    with atomic_folder(target) as folder:
        (folder / "mark").write_text("old")
    calls, rename = [], Path.rename

    def failing_rename(self, other):
        calls.append(other)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", failing_rename)
    with (
        pytest.raises(InputError, match=r"run cannot be written \(No space left on device\): choose another folder"),
        atomic_folder(target) as folder,
    ):
        (folder / "mark").write_text("new")
    assert contents(tmp_path) == {"run": None, "run/mark": "old"}


def test_nothing_is_seen_before_the_end(tmp_path):
    with atomic_folder(tmp_path / "x" / "run") as folder:
        (folder / "mark").write_text("new")
        assert not (tmp_path / "x").exists()
    assert contents(tmp_path) == {"x": None, "x/run": None, "x/run/mark": "new"}


def test_new_folders_have_the_usual_permissions(tmp_path):
    with atomic_folder(tmp_path / "run"):
        pass
    (tmp_path / "plain").mkdir()
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("run", "plain")]
    assert modes[0] == modes[1]


def test_a_link_keeps_pointing_to_the_folder_that_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with atomic_folder(tmp_path / "link") as folder:
        (folder / "mark").write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "mark").read_text() == "new"


@pytest.mark.parametrize("present", [[], ["mark"], ["mark", "data"]])
def test_new_empty_and_own_folders_may_be_replaced(tmp_path, present):
    folder = tmp_path / "run"
    assert check_replaceable(str(folder), FILES) == folder
    folder.mkdir()
    for name in present:
        (folder / name).write_text("")
    assert check_replaceable(folder, FILES) == folder
    assert sorted(os.listdir(folder)) == sorted(present)
    assert os.listdir(tmp_path) == ["run"]


@pytest.mark.parametrize(
    ("present", "named"),
    [
        (["thesis.tex"], "thesis.tex"),
        (["mark", "data", "notes.txt"], "notes.txt"),
        (["data"], "data"),
        ([".git"], ".git"),
    ],
)
def test_folders_with_other_files_are_refused(tmp_path, present, named):
    folder = tmp_path / "run"
    folder.mkdir()
    for name in present:
        (folder / name).write_text("precious")
    with pytest.raises(InputError, match=rf"run holds other files \({named}\): give a new or an empty folder"):
        check_replaceable(folder, FILES)
    assert contents(folder) == dict.fromkeys(sorted(present), "precious")


def test_places_that_cannot_be_written_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("precious")
    refused = {
        file: "file is a file: give a folder",
        file / "below": r"cannot be written \(Not a directory\): choose another folder",
        file / "far" / "below": r"cannot be written \(Not a directory\)",
        tmp_path / ("long" * 100): r"cannot be written \(File name too long\)",
        Path("/proc/run"): "cannot be written",
        Path("."): "here is in use and cannot be replaced: give a new folder inside it",
    }
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for folder, sentence in refused.items():
        with pytest.raises(InputError, match=sentence):
            check_replaceable(folder, FILES)
    assert contents(tmp_path) == {"file": "precious", "here": None}


def test_a_result_is_never_saved_over_other_files(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(InputError, match=r"holds other files \(thesis.tex\)"):
        result(money=[1]).save(tmp_path)
    assert contents(tmp_path) == {"thesis.tex": "precious"}


DAMAGE = {
    "no frame": (lambda run: (run / FRAME_FILE).unlink(), "is not a result folder: it has no result.parquet"),
    "no configuration": (lambda run: (run / CONFIG_FILE).unlink(), "is not a result folder: it has no config.json"),
    "cut frame": (
        lambda run: (run / FRAME_FILE).write_bytes((run / FRAME_FILE).read_bytes()[:-50]),
        "result.parquet is damaged: run the scenario again",
    ),
    "empty frame": (lambda run: (run / FRAME_FILE).write_bytes(b""), "result.parquet is damaged"),
    "cut configuration": (
        lambda run: (run / CONFIG_FILE).write_text((run / CONFIG_FILE).read_text()[:-9]),
        r"config.json is damaged \(.*\): run the scenario again",
    ),
    "binary configuration": (lambda run: (run / CONFIG_FILE).write_bytes(b"\xff\xfe\x81"), "config.json is damaged"),
    "another frame": (
        lambda run: pd.DataFrame({"lane": [1]}).to_parquet(run / FRAME_FILE),
        "is not a result folder: result.parquet or config.json has other contents",
    ),
    "words for numbers": (
        lambda run: result(money=[1]).frame.assign(value="much").to_parquet(run / FRAME_FILE),
        "has other contents",
    ),
    "a list for a configuration": (lambda run: (run / CONFIG_FILE).write_text("[1]"), "has other contents"),
    "another configuration": (lambda run: (run / CONFIG_FILE).write_text(json.dumps({"a": 1})), "has other contents"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_results_are_refused_by_name(tmp_path, kind):
    damage, sentence = DAMAGE[kind]
    run = tmp_path / "run"
    result(money=[1, 2]).save(run)
    Result.load(run)
    damage(run)
    with pytest.raises(InputError, match=sentence) as refusal:
        Result.load(run)
    assert str(run) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_what_is_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "nowhere", tmp_path / "file", tmp_path):
        with pytest.raises(InputError, match="is not a result folder"):
            Result.load(place)
