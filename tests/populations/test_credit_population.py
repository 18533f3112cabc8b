"""load_credit_people: the three kinds of mappings, that none is fitted twice, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.populations.applicants import ApplicantsParams, SyntheticPeople
from fairgym.populations.credit_people import chance
from fairgym.populations.credit_population import load_credit_people
from fairgym.populations.recourse_layouts import LAYOUTS
from tests.data import data_file
from tests.populations.recourse_files import invented, write
from tests.populations.test_bad_input import one_sentence

CSV = """\
id,income,debt,job:a,job:b,sex,defaulted
1,20,1.5,1,0,0,1
2,30,0.5,0,1,1,0
3,25,2.5,1,0,1,1
4,45,0.0,0,0,0,0
5,40,1.0,0,1,0,1
6,35,2.0,1,0,1,0
"""
CHARGES = ["c_charge_degree:F", "c_charge_degree:M"]
GIVEN = {
    "target": "defaulted",
    "desired": 0,
    "sensitive": "sex",
    "ignore": ["id"],
    "actions": {"income": "up", "debt": "down", "job:a": "free", "job:b": "free"},
}


@pytest.fixture
def given(tmp_path):
    (tmp_path / "people.csv").write_text(CSV)
    return {"table": str(tmp_path / "people.csv"), **GIVEN}


def test_applicants_by_name_by_mapping_and_as_an_object():
    people = load_credit_people("applicants")
    assert isinstance(people, SyntheticPeople)
    assert people is load_credit_people({"kind": "applicants"})
    own = load_credit_people({"kind": "applicants", "gap": 1, "causal": [0.5] * 8})
    assert own.params == ApplicantsParams(gap=1, causal=(0.5,) * 8)
    assert load_credit_people(own) is own


def test_a_csv_file(given):
    people = load_credit_people(given)
    assert (people.name, people.source) == ("people", "people.csv")
    assert people.columns == ("income", "debt", "job:a", "job:b", "sex")
    rows = people.draw((np.arange(6)[:, None] + 0.5) / 6)
    np.testing.assert_array_equal(rows[:, 0], [20, 30, 25, 45, 40, 35])
    np.testing.assert_array_equal(people.group_of(rows), [0, 1, 1, 0, 0, 1])
    assert chance(people.shown_log_odds(rows)).mean() == pytest.approx(0.5, abs=1e-6), "three of six repaid"
    actions = people.actions
    assert actions.can_rise.tolist() == [True, False, True, True, False]
    assert actions.can_fall.tolist() == [False, True, True, True, False]
    assert actions.groups == ((2, 3),), "found by name"
    assert actions.integer.tolist() == [True, False, True, True, True]
    assert (actions.low[0], actions.high[0]) == (20, 45)


def test_a_csv_file_with_everything_said(given):
    """The outcome 1 may mean 'repaid' as well; limits of None are the table's own."""
    said = {
        "desired": 1, "cut": 0.2, "groups": ["a", "b"], "one_hot": [["job:a", "job:b"]], "integer": [], "C": 0.1,
        "bounds": {"income": [None, 90], "debt": [-1, None]},
        "causal": {"income": 0, "debt": 1, "job:a": 1, "job:b": 1}, "score": "income", "score_range": [10, 80],
    }  # fmt: skip
    people = load_credit_people(given | said)
    assert people.groups == ("a", "b")
    np.testing.assert_array_equal(people.causal, [0, 1, 1, 1, 1])
    assert (people.actions.low[:2].tolist(), people.actions.high[:2].tolist()) == ([20, -1], [90, 2.5])
    assert (people.low[:2].tolist(), people.high[:2].tolist()) == ([10, -1], [90, 2.5])
    assert not people.actions.integer[:2].any()
    assert (people.score_column, people.score_range) == (0, (10, 80))
    assert people.slopes[0] < 0 < load_credit_people(given).slopes[0]


def test_the_same_description_is_fitted_once_until_its_file_changes(given):
    people = load_credit_people(given)
    assert load_credit_people(json.loads(json.dumps(dict(reversed(given.items()))))) is people
    assert load_credit_people(given | {"table": Path(given["table"]), "cut": None}) is not people, "another description"
    assert load_credit_people(given | {"C": np.float64(2)}) is load_credit_people(given | {"C": 2.0})
    Path(given["table"]).write_text(CSV.replace("4,45", "4,46"))
    changed = load_credit_people(given)
    assert changed is not people
    assert changed.high[0] == 46


def test_a_data_set(tmp_path):
    write(tmp_path, "compas", invented("compas", 60))
    people = load_credit_people({"data": "compas", "folder": str(tmp_path), "causal": 0.5})
    assert people.groups == ("race:Caucasian <= 0.5", "race:Caucasian > 0.5")
    assert [people.columns[place] for group in people.actions.groups for place in group] == CHARGES
    np.testing.assert_array_equal(people.causal, [0.5] * 14)
    other = load_credit_people(
        {"data": "compas", "folder": str(tmp_path), "sensitive": "age", "cut": 30, "groups": ["young", "old"]}
    )
    rows = other.book(200, 0)[0]
    np.testing.assert_array_equal(other.group_of(rows), rows[:, other.columns.index("age")] > 30)
    write(tmp_path, "compas", invented("compas", 60, seed=1))
    assert load_credit_people({"data": "compas", "folder": str(tmp_path), "causal": 0.5}) is not people


def test_the_home_equity_applications():
    """FICO's own: 9,871 people, 48.0 % of whom repaid; a higher external estimate of the risk is a better one."""
    folder = data_file("recourse/fico.csv").parent
    people = load_credit_people({"data": "fico", "folder": str(folder), "score": "ExternalRiskEstimate"})
    rows, repaid = people.book(9_871, 0)
    assert repaid.mean() == pytest.approx(0.480, abs=4 * np.sqrt(0.25 * 2 / 9_871))
    assert people.slopes[people.score_column] > 0
    assert people.group_of(rows).mean() == pytest.approx(0.5, abs=0.1)
    assert (~people.actions.fixed).sum() == 15
    assert (rows >= people.low).all()
    assert (rows <= people.high).all()


def test_applicants_need_no_tables():
    program = (
        "import sys; from fairgym.populations.credit_population import load_credit_people;"
        "load_credit_people('applicants').book(10, 0); print({'pandas', 'sklearn', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("population", "fragment"),
    [
        ("applicant", "population='applicant' is not known: did you mean 'applicants'?"),
        ("zzz", "population='zzz' is not known: known are applicants."),
        ("people.csv", "'people.csv' is a file, which cannot say what people can change: give a mapping such as"),
        (Path("some/people"), "'some/people' is a file, which cannot say"),
        (None, "population=None is not a population: give 'applicants' or a mapping."),
        (3, "population=3 is not a population"),
        ({}, "population lacks the key that says who people are: give 'kind' or 'table' or 'data'."),
        ({"kind": "applicants", "table": "a.csv"}, "population has both 'kind' and 'table': give one of them."),
        ({"kind": "applicant"}, "kind='applicant' is not known: did you mean 'applicants'?"),
        ({"kind": "applicants", "gpa": 1}, "population has no key 'gpa': did you mean 'gap'?"),
        ({"kind": "applicants", "gap": -1}, "gap=-1 is out of range"),
        ({"kind": "applicants", "effects": [1]}, "effects has shape (1,): give 8 numbers"),
        ({"kind": object}, "which JSON cannot hold: give words, numbers, lists and mappings."),
        ({7: 1}, "population has no key 7: known are kind, table, data."),
        ({"table": "a.csv"}, "population lacks the key 'target': it needs table, target, desired, sensitive, actions."),
        ({"data": "fico"}, "population lacks the key 'folder': it needs data, folder."),
        ({"data": "fcio", "folder": "."}, "data set='fcio' is not known: did you mean 'fico'?"),
        ({"data": "fico", "folder": 3}, "folder=3 is not a word: give a string."),
        ({"data": "fico", "folder": "nowhere"}, f"{LAYOUTS['fico'].file} is not in nowhere"),
    ],
)
def test_what_describes_nobody_is_refused(population, fragment):
    with pytest.raises(InputError) as refusal:
        load_credit_people(population)
    assert fragment in one_sentence(refusal)


def test_half_a_cut_of_a_data_set_is_refused(tmp_path):
    write(tmp_path, "bail", invented("bail", 20))
    with pytest.raises(InputError) as refusal:
        load_credit_people({"data": "bail", "folder": str(tmp_path), "cut": 3})
    assert "population has only one of 'sensitive' and 'cut': give both, or neither." in one_sentence(refusal)


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        ({"table": "nowhere.csv"}, "nowhere.csv does not exist"),
        ({"table": 3}, "table=3 is not a word"),
        ({"targt": "x"}, "population has no key 'targt': did you mean 'target'?"),
        ({"target": None}, "population lacks the key 'target'"),
        ({"target": "default"}, "target names the column 'default', which is not in"),
        ({"target": ["defaulted"]}, "target names the column ['defaulted'], which is not in"),
        ({"target": "income"}, "has 6 different values in the target 'income': it needs two, of which one means"),
        ({"desired": 2}, "desired=2 is not in the target 'defaulted': give 0 or 1, the value that means 'repaid'."),
        ({"desired": "no"}, "desired='no' is not a number"),
        ({"sensitive": "sexx"}, "sensitive names the column 'sexx', which is not in"),
        ({"sensitive": "defaulted"}, "sensitive names the column 'defaulted', which is the target or left out"),
        ({"cut": 5}, "cut=5 puts everybody into one group"),
        ({"ignore": "id"}, "ignore='id' is not a list: give [column, ...]."),
        ({"ignore": ["ID"]}, "ignore names the column 'ID', which is not in"),
        ({"actions": "up"}, "actions='up' is not a mapping: give {column: direction}."),
        ({"actions": {"incom": "up"}}, "actions names the column 'incom', which is not in"),
        ({"actions": {"id": "up"}}, "actions names the column 'id', which is the target or left out"),
        ({"actions": {"income": "upp"}}, "actions['income']='upp' is not known: did you mean 'up'?"),
        (
            {"actions": {"income": "up", 3: "up"}},
            "population holds a key that is not a word: give columns by their names.",
        ),
        ({"actions": {}}, "actions lets nobody change anything"),
        ({"one_hot": "job"}, "one_hot='job' is not a list: give [[column, column], ...]."),
        ({"one_hot": [["job:a", "job:c"]]}, "one_hot names the column 'job:c', which is not in"),
        ({"one_hot": [["job:a", "sex"]]}, "is not one-hot in the table"),
        ({"integer": ["debt"]}, "people has a fraction in the integer feature 'debt'"),
        ({"integer": 3}, "integer=3 is not a list"),
        ({"bounds": {"income": 3}}, "bounds['income']=3 is not a pair: give [lowest, highest]."),
        ({"bounds": {"income": [50, None]}}, "bounds['income']=(50.0, 45.0) is empty: the lowest value comes first."),
        ({"bounds": {"income": [0, float("inf")]}}, "bounds['income']=inf is not finite"),
        ({"bounds": {"incom": [0, 1]}}, "bounds names the column 'incom', which is not in"),
        ({"causal": "all"}, "causal='all' is not numbers"),
        ({"score": 0}, "score names the column 0, which is not there"),
    ],
)
def test_what_does_not_fit_a_csv_file_is_refused(given, change, fragment):
    with pytest.raises(InputError) as refusal:
        load_credit_people(given | change)
    assert fragment in one_sentence(refusal)


@pytest.mark.parametrize(
    ("old", "new", "fragment"),
    [
        ("2,30", "2,thirty", "line 3, column 'income': 'thirty' is not a number"),
        ("2,30", "2,", "line 3, column 'income' is empty"),
        ("2.0,1,0,1,0", "2.0,1,0,1,2", "has 3 different values in the target 'defaulted'"),
        ("2.0,1,0,1,0", "2.0,1,0,1,yes", "line 7, column 'defaulted': 'yes' is not a number"),
    ],
)
def test_cells_are_refused_by_line_and_column(given, old, new, fragment):
    Path(given["table"]).write_text(CSV.replace(old, new))
    with pytest.raises(InputError) as refusal:
        load_credit_people(given)
    assert fragment in one_sentence(refusal)
