"""The five data sets for recourse: what can be changed in each, and how a file that does not fit is answered."""

from __future__ import annotations

import numpy as np
import pytest

from fairgym.checks import InputError
from fairgym.populations.recourse_data import load_table, tables_in
from fairgym.populations.recourse_layouts import LAYOUTS
from fairgym.recourse.actions import FREE, UP
from tests.data import data_file
from tests.populations.recourse_files import invented, write
from tests.populations.test_bad_input import one_sentence

SIZES = {"fico": (23, 15, 0), "compas": (14, 6, 1), "credit": (16, 8, 0), "bail": (16, 5, 0), "german": (40, 14, 0)}
"""Features, free ones and ones that only rise, as the paper's program has them."""


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_file_becomes_a_table(name, tmp_path):
    given = invented(name, 40)
    table = load_table(name, write(tmp_path, name, given))
    layout, (features, free, up) = LAYOUTS[name], SIZES[name]
    assert list(table.X.columns) == [column for column in given.columns if column != layout.label]
    assert table.X.shape == (40, features)
    np.testing.assert_array_equal(table.X, given.drop(columns=layout.label))
    np.testing.assert_array_equal(table.y, given[layout.label])
    directions = list(table.actions.features.values())
    assert (directions.count(FREE), directions.count(UP), len(directions)) == (free, up, free + up)
    actions = table.actions.resolve(list(table.X.columns), features)
    assert actions.integer.all()
    assert (~actions.fixed).sum() == free + up
    np.testing.assert_array_equal(table.group, given[layout.sensitive] > layout.cut)


def test_groups_and_directions_by_hand(tmp_path):
    table = load_table("compas", write(tmp_path, "compas", invented("compas", 20)))
    actions = table.actions.resolve(list(table.X.columns), 14)
    age, gender, felony = (actions.names.index(name) for name in ("age", "gender", "c_charge_degree:F"))
    assert (actions.can_rise[age], actions.can_fall[age]) == (True, False)
    assert actions.fixed[gender]
    assert actions.can_rise[felony]
    assert actions.can_fall[felony]
    assert [len(group) for group in table.actions.groups] == [6, 2]
    assert [len(group) for group in actions.groups] == [2]  # nobody changes race
    german = load_table("german", write(tmp_path, "german", invented("german", 20)))
    assert sorted(map(len, german.actions.groups)) == [3, 3, 3, 10]


def test_people_of_equal_features_are_twins_and_content_tells_tables_apart(tmp_path):
    given = invented("bail", 6)
    given.loc[4] = given.loc[1]
    one = load_table("bail", write(tmp_path, "bail", given))
    assert one.twins[4] == one.twins[1]
    assert len(set(one.twins.tolist())) == 5
    again = load_table("bail", tmp_path)
    assert one.note == again.note
    assert str(tmp_path) not in str(one.note)
    given.loc[0, "Age"] += 1
    assert load_table("bail", write(tmp_path, "bail", given)).note["content"] != one.note["content"]


def changed(column, value, row=2):
    return lambda table: table.astype({column: object}).assign(
        **{column: [value if place == row else old for place, old in enumerate(table[column])]}
    )


@pytest.mark.parametrize(
    ("name", "change", "fragment"),
    [
        ("bail", lambda table: table.drop(columns="Rule"), "bail.csv lacks the column 'Rule'"),
        ("bail", lambda table: table.assign(Colour=1), "bail.csv has an unknown column 'Colour'"),
        ("bail", lambda table: table.rename(columns={"Age": "age"}), "bail.csv lacks the column 'Age'"),
        ("bail", changed("Recidivate", 2), "line 4, column 'Recidivate': 2 is neither 0 nor 1"),
        ("bail", changed("White", 0.5), "line 4, column 'White': 0.5 is neither 0 nor 1"),
        ("bail", changed("Age", 31.5), "line 4, column 'Age': 31.5 is not a whole number"),
        ("bail", changed("Age", ""), "line 4, column 'Age' is empty"),
        ("bail", changed("Age", "NaN"), "line 4, column 'Age': 'NaN' is not finite"),
        ("bail", changed("Age", "old"), "line 4, column 'Age': 'old' is not a number"),
        ("german", lambda table: table.drop(columns="PurposeOfLoan:3"), "9 columns that begin with 'PurposeOfLoan:'"),
        ("compas", lambda table: table.assign(**{"c_charge_degree:F": 1, "c_charge_degree:M": 1}), "is not one-hot"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_what_is_wrong(name, change, fragment, tmp_path):
    write(tmp_path, name, change(invented(name, 5)))
    with pytest.raises(InputError) as refusal:
        load_table(name, tmp_path)
    assert fragment in one_sentence(refusal)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_missing_file_is_named_with_what_it_is(name, tmp_path):
    with pytest.raises(InputError) as refusal:
        load_table(name, tmp_path)
    assert one_sentence(refusal).startswith(f"{LAYOUTS[name].file} is not in {tmp_path}: it is the data set {name!r}, ")
    assert "http" not in str(refusal.value)


def test_folders_and_names_are_checked(tmp_path):
    with pytest.raises(InputError, match="data set='compass' is not known: did you mean 'compas'"):
        load_table("compass", tmp_path)
    with pytest.raises(InputError, match=r"is not a folder: give the one that holds fico\.csv, bail\.csv"):
        tables_in(tmp_path / "nowhere", ["fico", "bail"])
    with pytest.raises(InputError, match=r"holds none of the data sets: it needs at least one of fico\.csv, bail\.csv"):
        tables_in(tmp_path, ["fico", "bail"])
    write(tmp_path, "bail", invented("bail", 5))
    assert tables_in(tmp_path, ["fico", "bail"]) == ["bail"]


@pytest.mark.parametrize(
    ("name", "rows", "undesired", "different"),
    [
        ("fico", 9871, 0.520, 9870),
        ("compas", 6167, 0.456, 3132),
        ("credit", 30000, 0.221, 28611),
        ("bail", 8923, 0.625, 4517),
    ],
)
def test_the_real_files(name, rows, undesired, different):
    """Rows, share of undesired outcomes and number of different rows, as they were counted before."""
    table = load_table(name, data_file(f"recourse/{LAYOUTS[name].file}").parent)
    assert table.X.shape == (rows, SIZES[name][0])
    assert table.y.mean() == pytest.approx(undesired, abs=6e-4)
    assert len(np.unique(table.twins)) == different
