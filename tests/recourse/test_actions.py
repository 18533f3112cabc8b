"""ActionSpec held against columns, and every way to get it wrong."""

import numpy as np
import pytest
from sklearn.base import clone

from fairgym.checks import InputError
from fairgym.recourse import ActionSpec
from fairgym.recourse.actions import everything_free

NAMES = ("age", "income", "job:a", "job:b", "debt", "owner")
NO = -np.inf


def test_by_name():
    spec = ActionSpec(
        {"age": "up", "income": "free", "job:a": "free", "job:b": "down"},
        groups=[["job:b", "job:a"]],
        integer=["age"],
        binary=["owner"],
        bounds={"income": (0, 500), "age": (NO, 99.5)},
    )
    actions = spec.resolve(NAMES, 6)
    assert actions.names == NAMES
    assert actions.can_rise.tolist() == [True, True, True, False, False, False]
    assert actions.can_fall.tolist() == [False, True, True, True, False, False]
    assert actions.fixed.tolist() == [False, False, False, False, True, True]
    assert actions.integer.tolist() == [True, False, True, True, False, True]
    assert actions.binary.tolist() == [False, False, True, True, False, True]
    assert actions.low.tolist() == [NO, 0, 0, 0, NO, 0]
    assert actions.high.tolist() == [99.5, 500, 1, 1, np.inf, 1]
    assert actions.groups == ((3, 2),)


def test_by_position_and_default():
    actions = ActionSpec({1: "fixed", np.int64(2): "up"}, default="down", integer=[0]).resolve(None, 3)
    assert actions.names == ("x0", "x1", "x2")
    assert actions.can_fall.tolist() == [True, False, False]
    assert actions.can_rise.tolist() == [False, False, True]
    assert actions.integer.tolist() == [True, False, False]


def test_positions_serve_where_there_are_names():
    by_name, by_place = (ActionSpec({one: "up"}, bounds={one: (1, 2)}).resolve(NAMES, 6) for one in ("debt", 4))
    for field in ("can_fall", "can_rise", "low", "high"):
        np.testing.assert_array_equal(getattr(by_name, field), getattr(by_place, field))


@pytest.mark.parametrize("kind", [list, tuple])
def test_one_direction_for_each_column(kind):
    actions = ActionSpec(kind(["up", "fixed", "free"])).resolve(["a", "b", "c"], 3)
    assert actions.can_rise.tolist() == [True, False, True]
    assert actions.can_fall.tolist() == [False, False, True]


def test_everything_free():
    actions = everything_free(3).resolve(None, 3)
    assert not actions.fixed.any()
    assert actions.groups == ()


def test_limits_of_a_binary_feature_are_the_tighter_ones():
    actions = ActionSpec(["free", "free"], binary=[0, 1], bounds={0: (1, 1), 1: (-3, 7)}).resolve(None, 2)
    assert (actions.low.tolist(), actions.high.tolist()) == ([1, 0], [1, 1])


def test_a_specification_is_a_parameter():
    """Equal specifications are equal, printed ones can be read back, and scikit-learn takes them as parameters."""
    spec = ActionSpec({"age": "up"}, groups=[["b", "c"]], bounds={"age": (0, 99)})
    assert spec == ActionSpec({"age": "up"}, groups=[["b", "c"]], bounds={"age": (0, 99)})
    assert spec != ActionSpec({"age": "free"}, groups=[["b", "c"]], bounds={"age": (0, 99)})
    assert eval(repr(spec)) == spec
    assert clone(spec, safe=False) == spec


def test_which_features_a_move_changes():
    """The columns of a group are one feature, told at the first column named."""
    actions = ActionSpec(["free"] * 5, groups=[[3, 1]]).resolve(None, 5)
    before = np.array([[5.0, 0, 2, 1, 7], [5, 0, 2, 1, 7], [5, 0, 2, 1, 7]])
    after = np.array([[5.0, 1, 2, 0, 7], [6, 0, 2, 1, 7], [5, 0, 2, 1, 7]])
    wanted = np.array([[0, 0, 0, 1, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]], dtype=bool)
    np.testing.assert_array_equal(actions.moved(before, after), wanted)
    np.testing.assert_array_equal(actions.moved(before[0], after[0]), wanted[0])


def test_people_who_fit():
    actions = ActionSpec(["free"] * 3, groups=[[0, 1]], integer=[2]).resolve(["a", "b", "n"], 3)
    actions.check_people(np.array([[1.0, 0, 3], [0, 1, -2], [0, 0, 0]]))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            [1, 0, 2.5],
            "people has a fraction in the integer feature 'n': round it, or leave the feature out of integer.",
        ),
        ([1, 1, 2], "people row 1 is not one-hot in the group (a, b): at most one of them may be 1, the others 0."),
        ([1, 0, 2, 3], "people has something else than 0 and 1 in the binary feature 'o': code it so, or leave"),
        ([2, 0, 2], "people row 1 is not one-hot in the group (a, b)"),
        ([-1, 0, 2], "people row 1 is not one-hot in the group (a, b)"),
    ],
)
def test_people_who_do_not_fit(row, words):
    actions = ActionSpec(["free"] * 4, groups=[[0, 1]], integer=[2], binary=[3]).resolve(["a", "b", "n", "o"], 4)
    with pytest.raises(InputError) as caught:
        actions.check_people(np.array([[1.0, 0, 2, 1], (*row, 0)[:4]]), "people")
    assert str(caught.value).startswith(words)


def test_a_group_that_nobody_can_change_binds_nobody():
    """Brackets of age that overlap: the first person is in both; the job of the second cannot be two things."""
    spec = ActionSpec({"c": "down", "n": "free"}, groups=[["a", "b"], ["c", "d"]])
    actions = spec.resolve(["a", "b", "c", "d", "n"], 5)
    assert actions.groups == ((2, 3),)
    assert actions.binary.tolist() == [True, True, True, True, False]
    actions.check_people(np.array([[1.0, 1, 0, 1, 3]]))
    with pytest.raises(InputError, match=r"row 0 is not one-hot in the group \(c, d\)"):
        actions.check_people(np.array([[1.0, 0, 1, 1, 3]]))


UP = {"age": "up"}
REFUSED = [
    (lambda: ActionSpec({"age": "upp"}), "features['age']='upp' is not known: did you mean 'up'?"),
    (lambda: ActionSpec({"age": 1}), "features['age']=1 is not known"),
    (lambda: ActionSpec(["up", "sideways"]), "features[1]='sideways' is not known: known are fixed, free, up, down."),
    (lambda: ActionSpec(None), "features=None is not a list: give [column, ...]."),
    (lambda: ActionSpec(UP, integer="age"), "integer='age' is not a list: give [column, ...]."),
    (lambda: ActionSpec(UP, binary=5), "binary=5 is not a list"),
    (lambda: ActionSpec(UP, groups=["job:a", "job:b"]), "a group='job:a' is not a list"),
    (lambda: ActionSpec(UP, groups=[2, 3]), "a group=2 is not a list"),
    (lambda: ActionSpec(UP, bounds=[1, 2]), "bounds=[1, 2] is no mapping: give {column: limits}."),
    (
        lambda: ActionSpec({"age": "up", 0: "fixed"}),
        "features names a column twice, by name and by position: name it once.",
    ),
    (lambda: ActionSpec(UP, bounds={"age": (0, 1), 0: (0, 2)}), "bounds names a column twice"),
    (lambda: ActionSpec("up"), "features='up' is one word: give {column: direction}."),
    (lambda: ActionSpec(default="no"), "default='no' is not known"),
    (lambda: ActionSpec(UP, bounds={"age": 5}), "bounds['age']=5 is not a pair: give (lowest, highest)."),
    (lambda: ActionSpec(UP, bounds={"age": (1, 2, 3)}), "bounds['age']=(1, 2, 3) is not a pair"),
    (lambda: ActionSpec(UP, bounds={"age": (5, 2)}), "bounds['age']=(5, 2) is empty: the lowest value comes first."),
    (lambda: ActionSpec(UP, bounds={"age": ("a", 2)}), "bounds['age']='a' is not a number"),
    (lambda: ActionSpec(UP, bounds={"age": (float("nan"), 2)}), "bounds['age']=nan is not finite"),
    (lambda: ActionSpec({"agee": "up"}), "features names the column 'agee', which is not there: did you mean 'age'?"),
    (lambda: ActionSpec({9: "up"}), "features names the column 9: give a name or a position from 0 to 5."),
    (lambda: ActionSpec({-1: "up"}), "features names the column -1: give a name or a position from 0 to 5."),
    (lambda: ActionSpec({True: "up"}), "features names the column True: give a name or a position"),
    (lambda: ActionSpec({1.0: "up"}), "features names the column 1.0: give a name or a position"),
    (lambda: ActionSpec(UP, integer=["agee"]), "integer names the column 'agee', which is not there"),
    (lambda: ActionSpec(UP, binary=["own"]), "binary names the column 'own', which is not there"),
    (lambda: ActionSpec(UP, bounds={"agee": (0, 1)}), "bounds names the column 'agee', which is not there"),
    (lambda: ActionSpec(UP, groups=[["job:a", "job:c"]]), "groups names the column 'job:c', which is not there"),
    (lambda: ActionSpec(UP, groups=[["job:a"]]), "groups hold a group of one column: give two or more."),
    (lambda: ActionSpec(UP, groups=[["job:a", "job:a"]]), "groups name a column twice"),
    (
        lambda: ActionSpec(UP, groups=[["job:a", "job:b"], ["job:b", "owner"]]),
        "groups name a column twice: a column belongs to one group at most.",
    ),
    (lambda: ActionSpec(["up"] * 5), "features has 5 directions, but there are 6 columns: give one for each."),
    (lambda: ActionSpec(), "actions lets nobody change anything: make at least one feature free, up or down."),
    (lambda: ActionSpec(["fixed"] * 6), "actions lets nobody change anything"),
]


@pytest.mark.parametrize(("spec", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_refusals(spec, words):
    with pytest.raises(InputError) as caught:
        spec().resolve(NAMES, 6)
    assert words in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_names_serve_only_where_columns_have_some():
    with pytest.raises(InputError, match="'age', which is not there: X has no column names, so give positions"):
        ActionSpec({"age": "up"}).resolve(None, 2)
