"""ActionSpec.from_frame: what it reads off a table, what it says about it, and who has the last word."""

import numpy as np
import pandas as pd
import pytest

from fairgym.checks import InputError
from fairgym.recourse import ActionSpec
from fairgym.recourse.proposal import words_of
from tests.data import data_file

FRAME = pd.DataFrame(
    {
        "age": [30, 41, 52, 63],
        "income": [1000.5, 900.0, 2000.0, 1500.0],
        "children": [0, 1, 2, 3],
        "phone": [True, False, True, True],
        "job:clerk": [1, 0, 0, 0],
        "job:nurse": [0, 1, 1, 0],
        "sex_female": [1, 0, 1, 0],
        "region": [7, 7, 7, 7],
    }
)


def sentence(spec, words):
    found = [assumption for assumption in spec.assumptions if words in assumption]
    assert len(found) == 1, spec.assumptions
    return found[0]


def test_types_limits_and_directions():
    spec = ActionSpec.from_frame(FRAME)
    assert spec.features == {
        "age": "up",
        "income": "free",
        "children": "free",
        "phone": "free",
        "job:clerk": "free",
        "job:nurse": "free",
        "sex_female": "fixed",
        "region": "fixed",
    }
    assert spec.groups == [["job:clerk", "job:nurse"]]
    assert spec.integer == ["age", "children", "region"]
    assert spec.binary == ["phone", "sex_female"]
    assert spec.bounds == {"age": (30, 63), "income": (900, 2000), "children": (0, 3)}


def test_every_assumption_is_a_sentence():
    spec = ActionSpec.from_frame(FRAME)
    assert sentence(spec, "only rise").startswith("age ")
    assert sentence(spec, "by anybody").startswith("sex_female ")
    assert sentence(spec, "same value").startswith("region ")
    assert sentence(spec, "nothing says otherwise").startswith("income, children, phone, job:clerk, job:nurse ")
    assert sentence(spec, "0 or 1").startswith("phone, sex_female ")
    assert sentence(spec, "whole number").startswith("age, children, region ")
    assert sentence(spec, "lowest and the highest").startswith("age, income, children ")
    assert sentence(spec, "at most one is 1").startswith("job:clerk, job:nurse ")
    assert all(one.endswith(".") and one.count(". ") == 0 for one in spec.assumptions)


def test_it_can_be_used_as_it_is():
    actions = ActionSpec.from_frame(FRAME).resolve(list(FRAME), FRAME.shape[1])
    assert list(actions.fixed) == [False] * 6 + [True] * 2
    assert actions.groups == ((4, 5),)
    actions.check_people(FRAME.to_numpy(dtype=float))


def test_what_is_given_wins_and_is_no_assumption():
    spec = ActionSpec.from_frame(
        FRAME, fixed=["income"], free=["sex_female"], up=["children", "region"], down=["age"], groups=[]
    )
    assert spec.features["income"] == "fixed"
    assert spec.features["sex_female"] == "free"
    assert spec.features["children"] == spec.features["region"] == "up"
    assert spec.features["age"] == "down"
    assert spec.groups == []
    assert "job:clerk" in spec.binary
    assert "income" not in spec.bounds
    assert not [one for one in spec.assumptions if "name says" in one or "same value" in one or "one is 1" in one]


def test_groups_that_are_given():
    frame = FRAME.rename(columns={"job:clerk": "clerk", "job:nurse": "nurse"})
    assert ActionSpec.from_frame(frame).groups == []
    spec = ActionSpec.from_frame(frame, groups=[["clerk", "nurse"]])
    assert spec.groups == [["clerk", "nurse"]]
    assert "clerk" not in spec.binary


@pytest.mark.parametrize(
    ("columns", "groups"),
    [
        ({"a_x": [1, 0], "a_y": [0, 1]}, [["a_x", "a_y"]]),
        ({"a_x": [1, 1], "a_y": [0, 1]}, []),  # two at once
        ({"a_x": [1, 1], "a_y": [0, 0]}, []),  # the same for everybody
        ({"a_x": [1, 0], "b_x": [0, 1]}, []),  # no common beginning
        ({"a_b_x": [1, 0], "a_b_y": [0, 1], "a_c_x": [1, 1], "a_c_y": [0, 0]}, [["a_b_x", "a_b_y"]]),
        (
            {"a_in_1_to_2": [1, 0, 0], "a_in_2_to_3": [0, 1, 0], "a_lt_1": [0, 0, 1]},
            [["a_in_1_to_2", "a_in_2_to_3", "a_lt_1"]],
        ),
        ({"_x": [1, 0], "_y": [0, 1]}, []),
    ],
)
def test_one_hot_groups(columns, groups):
    assert ActionSpec.from_frame(pd.DataFrame(columns)).groups == groups


def test_brackets_of_age_and_categories_of_race_are_fixed():
    frame = pd.DataFrame({"Age_lt_25": [1, 0, 0], "Age_geq_25": [0, 1, 1], "race:a": [1, 0, 0], "race:b": [0, 1, 1]})
    spec = ActionSpec.from_frame(frame)
    assert set(spec.features.values()) == {"fixed"}
    with pytest.raises(InputError, match="lets nobody change anything"):
        spec.resolve(list(frame), 4)


def test_what_is_true_of_one_category_is_true_of_all():
    frame = pd.DataFrame({"who:male": [1, 0, 0], "who:other": [0, 1, 0], "debt": [1.5, 2, 3]})
    assert ActionSpec.from_frame(frame).features["who:other"] == "fixed"


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("AgeAtBirth", {"age", "at", "birth"}),
        ("age_at_birth", {"age", "at", "birth"}),
        ("DOB", {"dob"}),
        ("MortgageAmount", {"mortgage", "amount"}),
        ("AverageMInFile", {"average", "m", "in", "file"}),
        ("race:African-American", {"race", "african", "american"}),
    ],
)
def test_names_are_read_word_by_word(column, words):
    assert words_of(column) == words


def test_words_inside_words_mean_nothing():
    frame = pd.DataFrame({"mortgage": [1.5, 2], "embrace": [1.5, 2], "essex": [3.5, 4]})
    assert set(ActionSpec.from_frame(frame).features.values()) == {"free"}


def test_the_table_of_compas():
    frame = pd.read_csv(data_file("recourse/compas.csv")).drop(columns="RecidivateWithinTwoYears")
    spec = ActionSpec.from_frame(frame)
    groups = [[column for column in frame if column.startswith(prefix)] for prefix in ("race:", "c_charge_degree:")]
    assert [sorted(group) for group in spec.groups] == [sorted(group) for group in groups]
    assert spec.features["age"] == "up"
    assert {column for column, direction in spec.features.items() if direction == "fixed"} == {*groups[0], "gender"}


BAD = [
    (np.zeros((2, 2)), {}, "frame is a ndarray: give a pandas DataFrame"),
    (FRAME.iloc[:0], {}, "frame has 0 rows and 8 columns"),
    (FRAME[[]], {}, "0 columns: give at least one"),
    (FRAME.assign(job=["a", "b", "a", "b"]), {}, "no numbers in the column 'job': .*get_dummies"),
    (FRAME.assign(when=pd.Timestamp(0)), {}, "no numbers in the column 'when'"),
    (FRAME.assign(income=[1, 2, np.nan, 3]), {}, "NaN or infinity in the column 'income'"),
    (FRAME.rename(columns={"age": 3}), {}, "the column \\[3\\], whose name is not text"),
    (pd.concat([FRAME, FRAME[["age"]]], axis=1), {}, "several columns called \\['age'\\]"),
    (FRAME, {"fixed": ["incom"]}, "fixed names the column 'incom', which is not there: did you mean 'income'"),
    (FRAME, {"up": "age"}, "up='age' is not a list"),
    (FRAME, {"up": ["age"], "fixed": ["age"]}, "'age' is given as fixed and as up: give it once"),
    (FRAME, {"groups": [["job:clerk", "job:nurs"]]}, "groups names the column 'job:nurs'.*did you mean 'job:nurse'"),
    (FRAME, {"groups": [["phone", "job:nurse"]]}, "is not one-hot in the table"),
]


@pytest.mark.parametrize(("frame", "given", "sentence"), BAD, ids=[row[2][:40] for row in BAD])
def test_bad_input(frame, given, sentence):
    with pytest.raises(InputError, match=sentence):
        ActionSpec.from_frame(frame, **given)
