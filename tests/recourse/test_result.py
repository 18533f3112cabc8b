"""RecourseResult: one row per person whatever is known of her, and words that are true."""

import numpy as np
import pandas as pd
import pytest

from fairgym.recourse.actions import ActionSpec
from fairgym.recourse.costs import WeightedShift
from fairgym.recourse.found import ACCEPTED, FOUND, IMPOSSIBLE, OPTIMAL, UNKNOWN, Found
from fairgym.recourse.people import People
from fairgym.recourse.result import RecourseResult
from fairgym.recourse.words import MOST_DECIMALS, Words, resolution_of, split_names
from tests.recourse.small import TABLE, recourse

NAN = np.nan
NAMES = ["income", "debt"]


FREE = ActionSpec(["free", "free"])


def words(wins=lambda x: x[:, 0] > 3.4, spec=FREE, budget=10.0, names=NAMES, decimals=None):
    width = len(names)
    cost = WeightedShift((1.0,) * width).fit(np.zeros((1, width)))
    resolution = np.full(width, MOST_DECIMALS if decimals is None else decimals)
    return Words(spec.resolve(names, width), cost, budget, wins, names, resolution)


@pytest.fixture
def result():
    people = People.of(pd.DataFrame([[5, 1], [1, 1], [2, 1], [3, 1], [3, 1.0]], list("abcde"), NAMES), NAMES, 2)
    after = np.full((5, 2, 2), NAN)
    after[0, 0], after[1, 0], after[2, 0], after[2, 1] = [5, 1], [3.5, 1], [3.5, 2], [6, 1]
    cost = np.array([[0, NAN], [2.5, NAN], [1.5, 4], [NAN, NAN], [NAN, NAN]])
    proof = np.array([ACCEPTED, OPTIMAL, FOUND, IMPOSSIBLE, UNKNOWN], dtype=np.int8)
    return RecourseResult.of(people, Found(proof, cost, after, np.zeros(5)), words())


def test_every_state_of_knowledge_has_its_row(result):
    pd.testing.assert_frame_equal(
        result.frame,
        pd.DataFrame(
            {
                "person": list("abcde"),
                "accepted": [True, False, False, False, False],
                "feasible": [True, True, True, False, False],
                "cost": [0, 2.5, 1.5, NAN, NAN],
                "features_changed": pd.array([0, 1, 2, pd.NA, pd.NA], dtype="Int64"),
                "proof": ["accepted", "optimal", "found", "impossible", "unknown"],
                "changes": [
                    "",
                    "raise income from 1 to 3.5",
                    "raise income from 2 to 3.5; raise debt from 1 to 2",
                    "",
                    "",
                ],
            }
        ),
    )


def test_the_counterfactual_has_a_row_for_everybody(result):
    wanted = pd.DataFrame([[5, 1], [3.5, 1], [3.5, 2], [NAN, NAN], [NAN, NAN]], list("abcde"), NAMES)
    pd.testing.assert_frame_equal(result.counterfactual, wanted)


def test_columns_by_label(result):
    assert result.cost["b"] == 2.5
    assert result.feasible["c"]
    assert result.changes["d"] == ""
    assert result.proof["e"] == "unknown"


def test_alternatives_are_a_long_table(result):
    rows = result.alternatives
    assert list(rows["person"]) == ["b", "c", "c"]
    assert list(rows["alternative"]) == [1, 1, 2]
    assert list(rows["cost"]) == [2.5, 1.5, 4]
    assert list(rows["features_changed"]) == [1, 2, 1]
    assert rows["changes"].iloc[2] == "raise income from 2 to 6"
    np.testing.assert_array_equal(result.alternative_values, [[3.5, 1], [3.5, 2], [6, 1]])


def test_certified_is_the_share_of_the_rejected_whose_answer_is_proven(result):
    assert result.certified == 2 / 4  # b and d of b, c, d, e
    assert np.isnan(recourse().explain(TABLE.loc[["cleo"]]).certified)


def test_the_summary(result):
    summary = result.summary()
    assert summary["people"] == 5
    assert summary["rejected"] == 4
    assert summary["recourse_rate"] == 3 / 5
    assert summary["recourse_rate_rejected"] == 2 / 4
    assert summary["mean_cost"] == summary["median_cost"] == 2.0
    assert summary["mean_features_changed"] == 1.5
    assert summary["certified"] == 0.5


def test_nobody_rejected_has_no_mean_cost():
    summary = recourse().explain(TABLE.loc[["cleo"]]).summary()
    assert summary["recourse_rate"] == 1.0
    assert np.isnan([summary["mean_cost"], summary["recourse_rate_rejected"], summary["certified"]]).all()


def test_it_prints_what_it_knows(result):
    said = repr(result)
    assert "5 people, 1 accepted as they are; of the others, 2 have an action within a budget of 10" in said
    assert "1 proven cheapest" in said
    assert "raise income from 1 to 3.5" in said
    assert [line.split()[0] for line in said.splitlines()[2:]] == list("bcdea"), "the rejected come first"


def test_it_prints_the_first_people_only():
    many = pd.concat([TABLE] * 5, ignore_index=True)
    said = repr(recourse().explain(many))
    assert "... and 10 more: see .frame" in said
    assert said.count("\n") == 1 + 10 + 1


def test_a_notebook_shows_a_table_and_escapes_what_people_wrote():
    table = TABLE.rename(columns={"income": "<b>income"})
    from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(random_state=0).fit(table, [0, 0, 1, 0])
    page = recourse(ActionSpec(default="free"), model=model, background=table).explain(table)._repr_html_()
    assert "<table" in page
    assert "raise &lt;b&gt;income" in page
    assert "<b>" not in page


def test_repeated_labels_keep_their_rows():
    table = TABLE.set_axis(["x", "x", "y", "y"])
    result = recourse().explain(table)
    assert list(result.counterfactual.index) == ["x", "x", "y", "y"]
    assert list(result.cost["x"]) == pytest.approx([30 / 59, 2 / 3])


def one(said, before, after):
    return said.changes(np.array([before], dtype=float), np.array([after], dtype=float))[0]


def test_a_landing_is_rounded_away_from_the_start():
    # one hundredth of the way from 1 to 3.4 is 0.024, so that two decimals are enough
    assert one(words(), [1, 0], [np.nextafter(3.4, 4), 0]) == "raise income from 1 to 3.41"
    falling = words(wins=lambda x: x[:, 0] <= 3.4156)
    assert one(falling, [5, 0], [3.4156, 0]) == "lower income from 5 to 3.41"


def test_a_column_of_whole_numbers_is_said_in_whole_numbers():
    assert one(words(decimals=0), [1, 0], [np.nextafter(3.4, 4), 0]) == "raise income from 1 to 4"
    assert list(resolution_of(np.arange(24.0).reshape(12, 2) / [1, 4])) == [0, 2]
    assert list(resolution_of(np.zeros((12, 1)))) == [MOST_DECIMALS], "one value tells nothing"


def test_rounding_stops_where_the_model_disagrees():
    narrow = words(wins=lambda x: (x[:, 0] > 3.4) & (x[:, 0] < 3.4004))
    assert one(narrow, [1, 0], [np.nextafter(3.4, 4), 0]) == "raise income from 1 to 3.4001"


def test_rounding_stops_at_the_budget():
    assert one(words(budget=2.4005), [1, 0], [np.nextafter(3.4, 4), 0]) == "raise income from 1 to 3.4001"


def test_rounding_stops_at_the_limits():
    spec = ActionSpec(["free", "free"], bounds={0: (0, 3.402)})
    assert one(words(spec=spec), [1, 0], [np.nextafter(3.4, 4), 0]) == "raise income from 1 to 3.401"


def test_what_cannot_be_rounded_is_said_in_full():
    only = np.nextafter(3.4, 4)
    assert one(words(wins=lambda x: x[:, 0] == only), [1, 0], [only, 0]) == f"raise income from 1 to {float(only)!r}"


def test_the_start_is_rounded_like_the_end():
    assert one(words(), [1.23456789, 0], [4.5, 0]) == "raise income from 1.23 to 4.5"


def test_whole_and_yes_or_no_features():
    spec = ActionSpec(["free", "free"], integer=[0], binary=[1])
    always = words(wins=lambda x: np.ones(len(x), dtype=bool), spec=spec)
    assert one(always, [10, 0], [12, 1]) == "raise income from 10 to 12; switch debt on"
    assert one(always, [-1, 1], [-20, 0]) == "lower income from -1 to -20; switch debt off"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["job:a", "job:b", "x"], "change job from a to b"),
        (["job_level_low", "job_level_high", "x"], "change job_level from low to high"),
        (["owns", "rents", "x"], "change from owns to rents"),
    ],
)
def test_one_hot_groups(names, said):
    spec = ActionSpec(["free"] * 3, groups=[[0, 1]])
    always = words(wins=lambda x: np.ones(len(x), dtype=bool), spec=spec, names=names)
    assert one(always, [1, 0, 5], [0, 1, 5]) == said


def test_names_are_split_at_the_last_common_separator():
    assert split_names(["a_b:x", "a_b:xy"]) == ("a_b", ["x", "xy"])
    assert split_names(["abc", "abd"]) == ("", ["abc", "abd"])
