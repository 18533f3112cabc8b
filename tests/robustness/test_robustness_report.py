"""The report: what it tells is what the measures say; comparisons are paired; the page, the sentences, the picture."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from fairgym.robustness import (
    Reach,
    WatchedRun,
    cheapest_moves,
    empirical_radius,
    gaming_rate,
    robust_accuracy,
    robustness_report,
    social_burden,
    strategic_accuracy,
)
from tests.robustness.tables import SPEC, fitted, people

X, Y = people()
SEX = np.where(X["sex"] == 1, "women", "men")
REACH = Reach(SPEC, "sd", background=X)
ALARMS = pd.DataFrame({"step": [3, 40, 60, 35], "lane": [0, 0, 1, 1]})


@pytest.fixture(scope="module")
def one():
    return robustness_report(
        fitted("logistic"), X[:150], Y[:150], SEX[:150], reach=REACH, n=500, alarms=WatchedRun(ALARMS, 30, 3)
    )


@pytest.fixture(scope="module")
def several():
    policies = {"logistic": fitted("logistic"), "boosting": fitted("boosting")}
    return robustness_report(
        policies, X[:100], Y[:100], SEX[:100], reach=REACH, n=200, panel=20, seconds={"logistic": 2.0, "boosting": 1.0}
    )


def cell(report, measure, policy=None, group="overall", budget=None, column="value"):
    frame = report.frame
    rows = frame[(frame["measure"] == measure) & (frame["group"] == group)]
    rows = rows if policy is None else rows[rows["policy"] == policy]
    rows = rows[rows["budget"].isna()] if budget is None else rows[rows["budget"] == budget]
    assert len(rows) == 1
    return rows[column].iloc[0]


def test_what_is_told_is_what_the_measures_say(one):
    moves = cheapest_moves(fitted("logistic"), X[:150], REACH)
    y, sex = Y[:150], SEX[:150]
    for group in ("overall", "men", "women"):
        for budget in (0.1, 0.25, 0.5):
            for name, rule in (
                ("robust_accuracy", robust_accuracy),
                ("strategic_accuracy", strategic_accuracy),
                ("gaming_rate", gaming_rate),
            ):
                wanted = rule(moves, y, budget, sex).set_index("group").loc[group]
                for column in ("value", "low", "high", "gap", "people"):
                    told = cell(one, name, group=group, budget=budget, column=column)
                    assert told == wanted[column] or (np.isnan(told) and np.isnan(wanted[column]))
        for frame in (empirical_radius(moves, sex), social_burden(moves, y, sex)):
            for _, row in frame[frame["group"] == group].iterrows():
                if row["measure"] != "burden_if_rejected":
                    assert cell(one, row["measure"], group=group) == row["value"]
    assert cell(one, "accuracy") == (fitted("logistic").predict(X[:150]) == y).mean()


def test_alarms_are_told_with_false_alarms_and_delay(one):
    # lane 0: one alarm before step 30, the next at 40; lane 1: 35 comes before 60; lane 2: none
    assert cell(one, "false_alarm") == 1 / 3
    assert cell(one, "noticed") == 2 / 3
    assert cell(one, "median_delay") == 10
    np.testing.assert_array_equal(WatchedRun(ALARMS, 30, 3).delay, [10, 5, np.inf])
    monitor = type("Monitor", (), {"alarms": lambda self: ALARMS})()
    np.testing.assert_array_equal(WatchedRun(monitor, 30, 3).delay, [10, 5, np.inf])
    at_once = WatchedRun(ALARMS, 35, 3)  # the person of step 35 was the last of the old ones
    np.testing.assert_array_equal(at_once.delay, [5, 25, np.inf])
    np.testing.assert_array_equal(at_once.false_alarm, [1, 1, 0])
    none = WatchedRun(ALARMS.iloc[:0], 30, 2)
    assert none.false_alarm.sum() == 0
    assert np.isinf(none.delay).all()


def test_certificates_are_of_a_panel(several):
    assert len(several.certificates["boosting"]) == 20
    assert cell(several, "mean_certified_radius", "boosting", column="people") == 20
    assert cell(several, "mean_certified_radius", "boosting") == several.certificates["boosting"].radius.mean()
    assert any("20 people" in note for note in several.notes)


def test_countermeasures_are_compared_with_the_first_policy_on_the_same_people(several):
    rows = several.comparison.set_index(["measure", "budget"])
    assert set(several.comparison["against"]) == {"logistic"}
    gap = rows.loc[[key for key in rows.index if key[0] == "accuracy"]].iloc[0]
    assert gap["value"] == pytest.approx(cell(several, "accuracy", "boosting") - cell(several, "accuracy", "logistic"))
    assert gap["low"] <= gap["value"] <= gap["high"]
    for name in ("low_radius", "median_radius", "no_known_move"):
        told = rows.loc[[key for key in rows.index if key[0] == name]].iloc[0]["value"]
        assert told == pytest.approx(cell(several, name, "boosting") - cell(several, name, "logistic")), name
    ratio = rows.loc[[key for key in rows.index if key[0] == "training_time_ratio"]].iloc[0]
    assert ratio["value"] == 0.5
    assert len(several.sentences) == 1
    assert several.sentences[0].startswith("boosting instead of logistic: accuracy ")
    assert several.sentences[0].endswith("0.5 times the training time.")


def test_it_fits_on_a_page(one, several):
    for report in (one, several):
        text = str(report)
        assert repr(report) == text
        assert max(map(len, text.splitlines())) <= 118
        assert len(text.splitlines()) < 66
        assert "right whatever people do within 0.25" in text
    assert "men" in str(one)
    assert "By group" in str(several)
    console = Console(width=118, record=True, file=io.StringIO())
    console.print(one)
    assert "right decisions" in console.export_text()


def test_who_cannot_be_moved_is_told():
    """By a rule about what nobody can change, men are stuck, and so are women."""
    report = robustness_report(
        {"by sex": lambda rows: rows["sex"].to_numpy()}, X[:30], Y[:30], SEX[:30], reach=REACH, n=100, panel=5
    )
    assert cell(report, "no_known_move") == 1
    assert cell(report, "median_radius") == np.inf
    assert cell(report, "cannot_reach", group="men") == 1
    assert np.isnan(cell(report, "social_burden", group="men"))
    assert any("by sex: for 30 people no move is known" in note for note in report.notes)
    assert report.plot() is not None


@pytest.mark.parametrize("which", ["one", "several"])
def test_the_picture_shows_what_the_frame_says(which, request):
    report = request.getfixturevalue(which)
    figure = report.plot()
    rightly, gamed, radii = figure.axes
    lines = [line for line in rightly.get_lines() if len(line.get_xdata()) > 2]
    assert len(lines) == 2
    names = ["men", "women"] if which == "one" else ["logistic", "boosting"]
    for line, name in zip(lines, names, strict=True):
        policy, group = (None, name) if which == "one" else (name, "overall")
        place = np.abs(line.get_xdata() - 0.5).argmin()
        told = 100 * cell(report, "robust_accuracy", policy, group, 0.5)
        assert line.get_ydata()[place] == pytest.approx(told, abs=3)
        assert (np.diff(line.get_ydata()) <= 1e-9).all()
    assert all((np.diff(line.get_ydata()) >= -1e-9).all() for line in gamed.get_lines() if len(line.get_xdata()) > 2)
    assert [label.get_text() for label in radii.get_yticklabels()] == ["overall", "men", "women"]
    assert "%" in figure.get_suptitle()


def test_without_groups_and_without_certificates():
    report = robustness_report(fitted("tree"), X[:40], Y[:40], reach=Reach(SPEC, "percentile", background=X))
    assert set(report.frame["group"]) == {"overall"}
    assert not report.certificates
    assert any("No certificates" in note for note in report.notes)
    assert report.plot() is not None
    quiet = robustness_report(fitted("tree"), X[:40], Y[:40], reach=REACH, sigma=None)
    assert not any("ertificate" in note for note in quiet.notes)
