"""fairgym run recourse-trees --data: real data from a folder of the user's."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from fairgym.result import Result
from tests.populations.recourse_files import invented, write

SIZES = ("people=60", "synthetic_trees=2", "trees=2", "folds=2", "curves=false")
SMALL = ("--seeds", "1", "--jobs", "1", *(word for size in SIZES for word in ("--set", size)))


def test_data_are_run_and_the_command_makes_them_again(terminal):
    write(Path("mine"), "bail", invented("bail", 60))
    answer = terminal("run", "recourse-trees", "--data", "mine", *SMALL, "--set", "protocol=row-wise")
    assert (answer.status, answer.err) == (0, "")
    assert "Bail, row-wise" in answer.out
    config = json.loads(Path("runs/recourse-trees/config.json").read_text())
    assert "--data mine" in config["command"]
    assert config["settings"]["data"] == "mine"
    assert config["tables"]["bail"]["rows"] == 60
    tables = sorted(path.name for path in Path("runs/recourse-trees/tables").iterdir())
    assert tables == ["forests.csv", "trees.csv"]
    readme = Path("runs/recourse-trees/README.md").read_text()
    assert "| Bail, row-wise | recourse-aware |" in readme
    words = shlex.split(config["command"])[1:]
    again = terminal(*words, "--jobs", "1", "--out", "again")
    assert again.status == 0
    frames = [Result.load(place).frame for place in ("runs/recourse-trees", "again")]
    alike = [frame[~frame["metric"].str.endswith("_seconds")].reset_index(drop=True) for frame in frames]
    assert alike[0].equals(alike[1])


def test_check_does_not_ask_for_data_that_nobody_gave(terminal):
    answer = terminal("run", "recourse-trees", *SMALL, "--check")
    assert answer.status == 1, "one seed decides nothing about synthetic people"
    assert "about data that were not given: it needs bail.csv" in answer.out
    lines = answer.out.splitlines()
    assert any("(recorded: holds)" in line for line in lines if "S1" in line)
    assert not any("(recorded" in line for line in lines if "│R1" in line or "│T1" in line)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("delayed-impact", "--data", "mine"), "scenario 'delayed-impact' takes no data: leave out --data."),
        (("two-year-paradox", "--data", "mine"), "scenario 'two-year-paradox' takes no data: leave out --data."),
        (("recourse-trees", "--data", "nowhere"), "data='nowhere' is not a folder: give the one that holds fico.csv"),
        (("recourse-trees", "--data", "mine/empty"), "data='mine/empty' holds none of the data sets: it needs"),
        (("recourse-trees", "--data", "mine"), "mine/bail.csv lacks the column 'Age'"),
        (
            ("recourse-trees", "--data", "mine", "--set", 'data_sets=["german"]'),
            "german.csv is not in mine: it is the data set 'german', German credit (Statlog)",
        ),
        (("recourse-trees", "--set", 'data_sets=["german"]'), "needs a folder: add --data DIR."),
        (("recourse-trees", "--set", "budget=2"), "budget=2 is out of range"),
        (("recourse-trees", "--steps", "3"), "is computed, not simulated: leave out --steps."),
        (("recourse-trees", "--population", "transrisk"), "has a population of its own: leave out --population."),
        (("recourse-trees", "--set", "folds=one"), "folds='one' is not a whole number"),
        (("recourse-trees", "--set", "fold=3"), "has no parameter 'fold': did you mean 'folds'?"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(terminal, words, sentence):
    write(Path("mine"), "bail", invented("bail", 10).drop(columns="Age"))
    Path("mine/empty").mkdir()
    before = terminal.files()
    answer = terminal("run", *words)
    assert answer.status == 2
    assert answer.out == ""
    assert answer.err.startswith("fairgym: ")
    assert sentence in answer.err
    assert answer.err.count("\n") == 1
    assert terminal.files() == before
