"""Bad populations are answered with one sentence that names what is wrong and where."""

from __future__ import annotations

import re
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import fairgym  # noqa: F401 - registers the ids
from fairgym.checks import InputError
from fairgym.populations import load_population

GOOD = {
    "groups": ["a", "b"],
    "scores": [1, 2, 3],
    "distribution": [[0.2, 0.3, 0.5], [0.5, 0.5, 0]],
    "repayment": [[0.1, 0.5, 0.9], [0.2, 0.6, 1]],
}
CSV = """\
group,score,share,repayment
a,1,0.2,0.1
a,2,0.3,0.5
a,3,0.5,0.9
b,1,0.5,0.2
b,2,0.5,0.6
b,3,0,1
"""


def one_sentence(refusal: pytest.ExceptionInfo[InputError]) -> str:
    message = str(refusal.value)
    assert message.endswith((".", "?"))
    assert "\n" not in message
    assert not re.search(r"[.?!]\s", message)
    return message


@pytest.mark.parametrize(
    ("population", "fragment"),
    [
        ("two-group", "did you mean 'two-groups'?"),
        ("TransRisk", "did you mean 'transrisk'?"),
        ("zzz", "known are two-groups, transrisk."),
        ("", "known are two-groups, transrisk."),
        (None, "population=None is not a population"),
        (3, "population=3 is not a population"),
        (["two-groups"], "a mapping, or the path of a CSV file"),
        ("nowhere.csv", "nowhere.csv does not exist"),
        (Path("no/such/people.csv"), "people.csv does not exist"),
    ],
)
def test_names_and_types(population, fragment):
    with pytest.raises(InputError) as refusal:
        load_population(population)
    assert fragment in one_sentence(refusal)


MAPPINGS = [
    ({"distrbution": []}, "no key 'distrbution': did you mean 'distribution'?"),
    ({7: 1}, "population has no key 7"),
    ({"repayment": None}, "lacks the key 'repayment'"),
    ({"name": 3}, "name=3 is not a word"),
    ({"groups": []}, "groups=[] must be a list of one or more different names"),
    ({"groups": "ab"}, "groups='ab' must be a list"),
    ({"groups": ["a", "a"]}, "different names"),
    ({"groups": ["a", ""]}, "different names"),
    ({"groups": ["a", 2]}, "different names"),
    ({"groups": ["a", "b", "c"]}, "distribution has shape (2, 3), but 3 groups and 3 score levels need (3, 3)"),
    ({"scores": [1]}, "at least two score levels"),
    ({"scores": []}, "at least two score levels"),
    ({"scores": [[1, 2, 3]]}, "scores has shape (1, 3)"),
    ({"scores": [1, 3, 2]}, "2 follows 3"),
    ({"scores": [1, 2, 2]}, "2 follows 2"),
    ({"scores": [1, 2, 4]}, "1 and 2 are 1 apart and 2 and 4 2:"),
    ({"scores": [1, 2, "3"]}, "scores=[1, 2, '3'] is not numbers"),
    ({"scores": [1, 2, float("nan")]}, "scores holds a number that is not finite"),
    ({"scores": [1, 2, float("inf")]}, "scores holds a number that is not finite"),
    ({"distribution": [[0.2, 0.3, 0.5], [0.5, 0.4, 0]]}, "distribution of group 'b' sums to 0.9"),
    ({"distribution": [[0.2, 0.3, 0.5], [0, 0, 0]]}, "distribution of group 'b' sums to 0:"),
    ({"distribution": [[-0.2, 0.7, 0.5], [0.5, 0.5, 0]]}, "distribution of group 'a' holds -0.2"),
    ({"distribution": [[0.2, 0.8], [0.5, 0.5]]}, "distribution has shape (2, 2)"),
    ({"distribution": [[0.2, 0.3, 0.5], [0.5, 0.5]]}, "distribution=[[0.2, 0.3, 0.5], [0.5, 0.5]] is not numbers"),
    ({"distribution": [[0.2, 0.3, None], [0.5, 0.5, 0]]}, "is not numbers in rows of equal length"),
    ({"distribution": [[0.2, 0.3, np.nan], [0.5, 0.5, 0]]}, "distribution holds a number that is not finite"),
    ({"repayment": [[0.1, 0.5, 0.9], [0.2, 0.6, 1.2]]}, "repayment of group 'b' holds 1.2"),
    ({"repayment": [0.1, 0.5, 0.9]}, "repayment has shape (3,)"),
    ({"shares": [0.5, 0.6]}, "shares sums to 1.1"),
    ({"shares": [1.0]}, "shares has shape (1,), but 2 groups need (2,)"),
    ({"shares": [1.5, -0.5]}, "which is not a probability"),
    ({"score_gain": -1}, "score_gain=-1"),
    ({"score_loss": "1"}, "score_loss='1' is not a number"),
    ({"default_loss": float("nan")}, "default_loss=nan is not finite"),
]


@pytest.mark.parametrize(("changes", "fragment"), MAPPINGS, ids=[fragment for _, fragment in MAPPINGS])
def test_mappings(changes, fragment):
    load_population(GOOD)
    with pytest.raises(InputError) as refusal:
        load_population(GOOD | changes)
    assert fragment in one_sentence(refusal)


FILES = [
    ("", "people.csv is empty"),
    ("\n\n", "people.csv is empty"),
    ("# only a comment\n", "people.csv is empty"),
    (CSV.splitlines()[0], "a header but no rows"),
    (CSV.replace("repayment", "repay"), "lacks the column 'repayment': its header is 'group,score,share,repay'"),
    (CSV.replace(",", ";"), "lacks the column 'group': its header is 'group;score;share;repayment'"),
    (CSV.split("\n", 1)[1], "lacks the column 'group'"),
    (CSV.replace("repayment", "repayment,age").replace("\na", "\n1,a").replace("\nb", "\n1,b"), "column 'age'"),
    (CSV.replace("score", "share"), "has the column 'share' twice"),
    (CSV.replace("a,2,0.3", "a,two,0.3"), "line 3, column 'score': 'two' is not a number"),
    ("# who\n\n" + CSV.replace("b,1,0.5", "b,1,half"), "line 7, column 'share': 'half' is not a number"),
    ("# who\n" + CSV.replace("b,1,0.5", "b,1,half"), "line 6, column 'share': 'half' is not a number"),
    (CSV.replace("0.2\n", "nan\n"), "line 5, column 'repayment': 'nan' is not finite"),
    (CSV.replace("0.2\n", "1e999\n"), "line 5, column 'repayment': '1e999' is not finite"),
    (CSV.replace("0.2\n", "\n"), "line 5, column 'repayment' is empty"),
    (CSV.replace("b,3", ",3"), "line 7, column 'group' is empty"),
    (CSV.replace("0.2\n", "1.2\n"), "line 5, column 'repayment': '1.2' must be between 0 and 1"),
    (CSV.replace("b,2,0.5", "b,2,-0.5"), "line 6, column 'share': '-0.5' must be between 0 and 1"),
    (CSV.replace("0.2\n", "0,2\n"), "line 5 has 5 cells, but the header has 4"),
    (CSV.replace("b,3,0,1", "b,3,0"), "line 7 has 3 cells, but the header has 4"),
    (CSV.replace("b,2,0.5", "b,2,0.4"), "people.csv: distribution of group 'b' sums to 0.9"),
    (CSV.replace("b,3,", "b,2,"), "group 'b' at score 2 on lines 6 and 7"),
    (CSV.replace("b,3,0,1\n", ""), "lacks group 'b' at score 3"),
    (CSV.replace(",3,", ",4,"), "people.csv: scores must be evenly spaced, but 1 and 2 are 1 apart and 2 and 4 2:"),
    (re.sub(r"\n.,[23].*", "", CSV).replace("0.5,", "1,"), "at least two score levels"),
    (CSV.replace("\n", ",1\n").replace("repayment,1", "repayment,group_share"), "shares sums to 2"),
    (
        CSV.replace("\n", ",0.5\n").replace("repayment,0.5", "repayment,group_share").replace("1,0.5\n", "1,0.4\n"),
        "gives group 'a' the group_share 0.4 and 0.5",
    ),
    ('group,score\n"' + "x" * 200_000, "line 2 is not CSV"),
]


@pytest.mark.parametrize(("text", "fragment"), FILES, ids=[fragment for _, fragment in FILES])
def test_files(tmp_path, monkeypatch, text, fragment):
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text(CSV, encoding="utf-8")
    load_population("people.csv")
    Path("people.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        load_population("people.csv")
    assert fragment in one_sentence(refusal)


def test_folders_and_files_that_are_not_text(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x81")
    for name, fragment in (("folder", "cannot be read"), ("binary", "is not a text file in UTF-8")):
        with pytest.raises(InputError) as refusal:
            load_population(tmp_path / f"{name}.csv")
        assert fragment in one_sentence(refusal)


def test_paths_are_printed_plainly(tmp_path):
    for path, fragment in ((tmp_path, "cannot be read"), (tmp_path / "none.csv", "does not exist")):
        with pytest.raises(InputError) as refusal:
            gymnasium.make("LendingEnv-v0", population=path)
        assert str(path) in one_sentence(refusal)
        assert fragment in one_sentence(refusal)
        assert "Path(" not in one_sentence(refusal)


def test_the_environment_passes_the_refusal_on():
    with pytest.raises(InputError) as refusal:
        gymnasium.make("LendingEnv-v0", population=GOOD | {"shares": [0.5, 0.6]})
    assert "shares sums to 1.1" in one_sentence(refusal)
