"""Rules over time against tables worked by hand: what moved, what changed, and what a rule is worth later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairgym.checks import InputError
from fairgym.explain import Predicate, Rule
from fairgym.explain.drift import Moment, common_cuts, jaccard_distance, moved_thresholds, rule_drift


def scores(*counts, group="one"):
    """Return so many people at scores 0, 1, 2, ..."""
    return pd.DataFrame({"group": group, "score": np.repeat(np.arange(len(counts)), counts)})


def at_least(bar):
    return lambda rows: np.where(rows["score"] >= bar, "yes", "no")


PANEL = pd.DataFrame({"group": ["one", "one"], "score": [0, 4]}, index=["low", "high"])
BEFORE, AFTER = scores(10, 20, 30, 20, 20), scores(40, 20, 20, 10, 10)
MOMENTS = [
    Moment(0, at_least(3), BEFORE),
    Moment(5, at_least(3), AFTER),  # others come
    Moment(9, at_least(2), AFTER),  # the bar is lower
]


@pytest.fixture(scope="module")
def drift():
    return rule_drift(MOMENTS, PANEL, perturb="rows", exact=True)


def row(drift, step, person):
    rows = drift.frame[(drift.frame["step"] == step) & (drift.frame["person"] == person)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_rules_and_coverage(drift):
    """Rules are exact: score > 2 covers 40 of 100 people, then 20; score > 1 covers 40 of the later ones."""
    assert [row(drift, step, "high")["rule"] for step in (0, 5, 9)] == ["score > 2", "score > 2", "score > 1"]
    assert [row(drift, step, "low")["rule"] for step in (0, 5, 9)] == ["score <= 2", "score <= 2", "score <= 1"]
    assert [row(drift, step, "high")["coverage"] for step in (0, 5, 9)] == pytest.approx([0.4, 0.2, 0.4])
    assert drift.frame["success"].all()
    assert (drift.frame["precision"] == 1).all()
    assert set(drift.frame["decision"]) == {"yes", "no"}
    assert drift.frame["coverage of one"].tolist() == drift.frame["coverage"].tolist()


def test_a_rule_moves_with_the_policy_and_not_with_the_people(drift):
    """On the people of step 0, 40 are above 2 and 70 above 1: 30 of 70 are covered by one rule only; 30 of 60 below."""
    assert np.isnan(row(drift, 0, "high")["jaccard"])
    assert row(drift, 5, "high")[["jaccard", "rule_changed", "decision_changed"]].tolist() == [0, 0, 0]
    assert row(drift, 9, "high")["jaccard"] == pytest.approx(3 / 7)
    assert row(drift, 9, "low")["jaccard"] == pytest.approx(1 / 2)
    assert row(drift, 9, "high")["thresholds"] == "score > 2 became score > 1"
    assert row(drift, 9, "high")[["rule_changed", "decision_changed"]].tolist() == [1, 0]


def test_expiry(drift):
    """The rule score <= 2 means no. With the bar at 2, it is right about 60 of 80 later people and 30 of 60 earlier."""
    found = drift.expiry.set_index(["person", "step", "later"])
    assert found.loc[("low", 0, 5), "precision"] == 1
    assert found.loc[("low", 0, 9), ["precision", "covered", "precision_same_people"]].tolist() == [0.75, 80, 0.5]
    assert found.loc[("low", 5, 9), "precision_same_people"] == 0.75
    assert found.loc[("high", 0, 9), "precision"] == 1
    assert len(found) == 2 * 3


def test_valid_until(drift):
    until = drift.valid_until().set_index(["person", "step"])["valid_until"]
    assert until.to_dict() == {("low", 0): 5, ("low", 5): 5, ("high", 0): 9, ("high", 5): 9}


def test_a_rule_that_was_lost_does_not_come_back():
    """It fails at step 1 and would hold again at step 2: whoever relied on it was wrong at step 1."""
    moments = [Moment(step, at_least(bar), BEFORE) for step, bar in enumerate((3, 1, 3))]
    until = (
        rule_drift(moments, PANEL, perturb="rows", exact=True)
        .valid_until()
        .set_index(["person", "step"])["valid_until"]
    )
    assert until["low", 0] == 0
    assert until["high", 1] == 1
    assert until["high", 0] == 2


def test_a_rule_that_covers_nobody_any_more_has_no_precision():
    moments = [Moment(0, at_least(3), BEFORE), Moment(1, at_least(3), scores(5, 5))]
    found = rule_drift(moments, PANEL, perturb="rows", exact=True)
    late = found.expiry.set_index("person").loc["high"]
    assert np.isnan(late["precision"])
    assert (late["covered"], late["precision_same_people"]) == (0, 1)
    assert found.valid_until().set_index("person")["valid_until"].to_dict() == {"low": 1, "high": 0}


def test_a_decision_that_turns_is_a_change_whatever_the_rule_covers():
    """Everybody was accepted and then nobody: the empty rule covers the same people and means the opposite."""
    found = rule_drift([Moment(0, at_least(0), BEFORE), Moment(1, at_least(9), BEFORE)], PANEL)
    late = row(found, 1, "low")
    assert (late["rule"], late["jaccard"], late["rule_changed"], late["decision_changed"]) == ("anybody", 0, 0, 1)
    assert found.expiry["precision"].tolist() == [0, 0]


def test_groups():
    """The second group has a bar of its own, so the rules of those between the bars name the group."""
    people = pd.concat([BEFORE, scores(30, 20, 20, 20, 10, group="two")], ignore_index=True)

    def decide(rows):
        return np.where(rows["score"] >= np.where(rows["group"] == "two", 1, 3), "yes", "no")

    panel = pd.DataFrame({"group": ["one", "two"], "score": [2, 2]})
    found = rule_drift([Moment(0, decide, people)], panel, perturb="rows", exact=True)
    assert found.frame["names_group"].all()
    assert found.frame["decision"].tolist() == ["no", "yes"]
    assert found.frame.loc[0, ["coverage of one", "coverage of two"]].tolist() == pytest.approx([0.6, 0])
    assert found.frame["group"].tolist() == ["one", "two"]
    assert found.expiry.empty
    assert found.summary().loc[(0, "one"), "names_group"] == 1


def test_lanes_are_told_apart():
    moments = [
        Moment(step, at_least(bar + lane - 7), BEFORE, lane) for step, bar in ((0, 2), (1, 1)) for lane in (7, 8)
    ]
    found = rule_drift(moments, PANEL, perturb="rows", exact=True)
    rules = found.frame[found.frame["person"] == "high"].set_index(["lane", "step"])["rule"]
    assert rules.to_dict() == {(7, 0): "score > 1", (7, 1): "score > 0", (8, 0): "score > 2", (8, 1): "score > 1"}
    assert len(found.expiry) == 4


def test_it_is_the_same_again_and_the_order_of_moments_does_not_matter(drift):
    again = rule_drift(MOMENTS[::-1], PANEL, perturb="rows", exact=True)
    pd.testing.assert_frame_equal(again.frame, drift.frame)
    pd.testing.assert_frame_equal(again.expiry, drift.expiry)


def test_the_search_is_started_from_the_rule_before(monkeypatch):
    from fairgym.explain import AnchorExplainer

    starts = []
    real = AnchorExplainer.explain

    def noted(self, x, predict, **settings):
        starts.append(settings["start"])
        return real(self, x, predict, **settings)

    monkeypatch.setattr(AnchorExplainer, "explain", noted)
    rule_drift(MOMENTS[:2], PANEL, perturb="rows", exact=True)
    assert starts[:2] == [None, None]
    assert [list(map(str, start)) for start in starts[2:]] == [["score <= 2"], ["score > 2"]]


def test_thresholds_do_not_move_with_the_people():
    """Quartiles move from 5 to 50; the cuts are those of all people together, so the rule stays."""
    random = np.random.default_rng(0)
    moments = [
        Moment(step, lambda rows: rows["x"] > 20, pd.DataFrame({"x": random.uniform(0, top, 1000)}))
        for step, top in enumerate((60.0, 100.0))
    ]
    person = pd.DataFrame({"x": [59.0]})
    strict = rule_drift(moments, person, precision=0.99).frame
    assert strict["rule"].nunique() == 1
    assert strict["jaccard"].iloc[1] == 0


def test_people_alone_can_move_a_rule_that_may_be_wrong():
    """Of those above 0, first 20 of 80 and then 3 of 63 are at score 1, where the wider rule is wrong."""
    moments = [Moment(step, at_least(2), scores(20, some, 30, 30)) for step, some in enumerate((20, 3))]
    panel = pd.DataFrame({"group": ["one"], "score": [3]})
    found = rule_drift(moments, panel, perturb="rows", precision=0.9, exact=True).frame
    assert found["rule"].tolist() == ["score > 1", "score > 0"]
    assert (
        rule_drift(moments, panel, perturb="rows", precision=0.99, exact=True).frame["rule"].tolist()
        == ["score > 1"] * 2
    )


def test_common_cuts():
    """Few values: between any two. Many: deciles. Words and columns of one value: none."""
    table = pd.DataFrame({"few": [1, 2, 2, 3], "one": 5, "word": list("abab")})
    assert common_cuts([table, table + table], ["word"]) == {"few": [1, 2, 3, 4], "one": [5]}
    many = pd.DataFrame({"x": np.arange(100.0)})
    assert common_cuts([many], []) == {"x": [9, 19, 29, 39, 49, 59, 69, 79, 89]}


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [([1, 1, 0], [1, 1, 0], 0), ([1, 0, 0], [0, 1, 0], 1), ([1, 1, 1, 0], [0, 1, 1, 1], 0.5), ([0, 0], [0, 0], np.nan)],
)
def test_jaccard(one, other, distance):
    found = jaccard_distance(np.array(one, dtype=bool), np.array(other, dtype=bool))
    assert found == pytest.approx(distance, nan_ok=True)


def test_moved_thresholds():
    old = Rule([Predicate("a", ">", 1), Predicate("b", "<=", 5), Predicate("c", "=", "x")]).predicates
    new = Rule([Predicate("a", ">", 2), Predicate("c", "=", "x"), Predicate("d", "=", "y")]).predicates
    assert moved_thresholds(old, new) == "a > 1.0 became a > 2.0, b <= 5.0 went, d = y came".replace(".0", "")
    assert moved_thresholds(old, old) == ""


@pytest.mark.parametrize(
    ("moments", "panel", "words"),
    [
        ([], PANEL, "has nothing to explain"),
        ([3], PANEL, "holds 3, which is no Moment"),
        ([MOMENTS[0], MOMENTS[0]], PANEL, "holds a step of lane 0 twice"),
        (MOMENTS, PANEL.iloc[:0], "panel has no people"),
        (MOMENTS, [1, 2], "panel has no people"),
        (MOMENTS, PANEL.assign(age=3), "the people of step 0 have no column age"),
        (MOMENTS, pd.concat([PANEL, PANEL]), "names somebody twice"),
        (3, PANEL, "moments is a int: give a list"),
        ([Moment(0, len, None)], PANEL, "the people of step 0 are a NoneType: give a table"),
    ],
)
def test_bad_input(moments, panel, words):
    with pytest.raises(InputError, match=words):
        rule_drift(moments, panel)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"reference": PANEL.drop(columns="score")}, "the people of reference have no column score"),
        ({"reference": 3}, "the people of reference are a int"),
        ({"categorical": "group"}, "categorical='group' is not a list of names"),
        ({"categorical": ["grup"]}, "categorical holds 'grup', which is no column: did you mean 'group'"),
    ],
)
def test_bad_settings(settings, words):
    with pytest.raises(InputError, match=words):
        rule_drift(MOMENTS, PANEL, **settings)


def test_columns_of_words_need_not_be_named():
    """Who names a column of numbers as a category means that one too, not that the words of others are numbers."""
    named = rule_drift(MOMENTS, PANEL, perturb="rows", exact=True, categorical=["score"])
    assert named.frame["rule"].str.contains("score = ").all()


def test_the_picture_says_the_rules(drift):
    figure = drift.plot()
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said == ["score <= 2", "score > 2", "score <= 2", "score > 2", "score <= 1", "score > 1"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["low, one", "high, one"]
    assert figure.texts[0].get_text() == "From step 0 to 9 the rule moved for 2 of 2 people"
    framed = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert len(framed) == 2, "both rules moved at step 9 and neither at step 5"
    figure.savefig("/dev/null", format="png")
    with pytest.raises(InputError, match="lane=3 was not explained: there are 0"):
        drift.plot(lane=3)


@pytest.mark.parametrize("exact", [True, False])
def test_expiry_is_counted_on_the_kind_of_rows_that_the_rule_was_judged_on(exact):
    """a and b nearly always agree, so a rule about a alone is right on real rows far more often than on drawn ones.

    Of 100 people 66 have both, 4 only a, 4 only b. "a" is right on 66 of 70 real rows, and on the 70 % of drawn ones
    that have b. Nothing changes between the moments, so nothing may expire: within 4 standard errors where it is drawn.
    """
    people = pd.DataFrame(
        [("y", "y")] * 66 + [("y", "n")] * 4 + [("n", "y")] * 4 + [("n", "n")] * 26, columns=["a", "b"]
    )

    def both(rows):
        return np.where((rows["a"] == "y") & (rows["b"] == "y"), "yes", "no")

    moments = [Moment(step, both, people) for step in (0, 1)]
    found = rule_drift(moments, people.iloc[:1], precision=0.68, dead_band=0.1, exact=exact)
    anchor = found.anchors[0, 0, 0]
    assert len(anchor.predicates) == 1
    assert anchor.data_precision == pytest.approx(66 / 70, abs=0.05)
    tolerance = 1e-12 if exact else 4 * np.sqrt(0.7 * 0.3 / 1000)
    assert found.expiry[["precision", "precision_same_people"]].to_numpy() == pytest.approx(0.7, abs=tolerance)


def test_rules_that_were_never_valid_have_no_date():
    """Nobody is like anybody: with one cut no rule about the person in the middle reaches the precision asked for."""
    moments = [Moment(step, lambda rows: rows["score"] == 2, BEFORE) for step in (0, 1)]
    panel = pd.DataFrame({"group": ["one"], "score": [2]})
    found = rule_drift(moments, panel, bins={"score": [3]}, exact=True)
    assert not found.frame["success"].any()
    assert found.valid_until().empty
    assert len(found.expiry) == 1
