"""The claims of ``noticed-in-time``: delays by hand, a small run counted again, and runs in which a claim must fail."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from fairgym.checks import InputError
from fairgym.result import Result
from fairgym.robustness import WindowTests
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN
from fairgym.scenarios.noticed_in_time import measures
from fairgym.scenarios.noticed_in_time.figures import figures, reached
from fairgym.scenarios.noticed_in_time.names import (
    ACCEPTANCE,
    ADWIN,
    ARMS,
    DEFAULTS,
    EVERYTHING,
    FEATURES,
    MAIN,
    NOBODY,
    PAGE,
    SCORE,
    WATCHES,
    Options,
    gaming,
)
from fairgym.scenarios.noticed_in_time.running import best_bar, lender, run, watched
from fairgym.scenarios.noticed_in_time.tables import tables
from tests.scenarios.verdicts import verdicts

SCENARIO = load_scenario("noticed-in-time")
SMALL = {"onset": 160, "after": 80, "reference": 100, "window": 40, "every": 10}
GAMED = gaming(MAIN)


@pytest.fixture(scope="module")
def small() -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=4, env_params=SMALL), jobs=1)


def made_up(p_values: dict[tuple[str, str], np.ndarray], lanes: int = 2, **options: int) -> Result:
    """Return a result with these p-values, (n, looks), by arm and stream; all others are 1."""
    chosen = Options(**{**SMALL, **options})
    streams = ("feature x0", "feature x1", SCORE, ACCEPTANCE, DEFAULTS, "share of one")
    rows = [
        (arm.name, lane, step, f"p.{stream}", "", float(values[lane, place]))
        for arm in ARMS
        for stream in streams
        for values in [p_values.get((arm.name, stream), np.ones((lanes, len(chosen.looks))))]
        for lane in range(lanes)
        for place, step in enumerate(chosen.looks)
    ]
    rows += [
        (arm.name, lane, 240, metric, group, float(lane % 2))
        for arm in ARMS
        for metric in ("repaid", "moved", "profit", "page-hinkley.first", "page-hinkley.first after")
        for group in (("one", "other") if metric in ("repaid", "moved") else ("",))
        for lane in range(lanes)
    ]
    frame = pd.DataFrame(rows, columns=["experiment", "lane", "step", "metric", "group", "value"])
    return Result(frame, {"options": vars(chosen), "experiments": []})


def alarms_at(*places: int | None, looks: int = 11) -> np.ndarray:
    """Return p-values (n, looks) of 0 from a look on in each lane, 1 elsewhere."""
    values = np.ones((len(places), looks))
    for lane, place in enumerate(places):
        if place is not None:
            values[lane, place] = 0.0
    return values


def test_delays_by_hand():
    """Looks at 140, 150, ... 240; gaming from 160. An alarm at 150 is before it and does not count for the delay."""
    assert Options(**SMALL).looks == list(range(140, 241, 10))
    early_and_late = alarms_at(1, None)
    early_and_late[0, 5] = 0.0
    result = made_up({(GAMED, ACCEPTANCE): early_and_late})
    assert measures.first_alarm(result, GAMED, ACCEPTANCE).tolist() == [150, np.inf]
    assert measures.delay(result, GAMED, ACCEPTANCE).tolist() == [30, np.inf]
    assert measures.restricted(result, GAMED, ACCEPTANCE).tolist() == [30, 80]
    assert measures.delay(result, GAMED, EVERYTHING).tolist() == [30, np.inf]
    assert measures.delay(result, GAMED, SCORE).tolist() == [np.inf, np.inf]
    assert measures.mean_delay(result, GAMED, ACCEPTANCE).value == 55
    assert measures.noticed(result, GAMED, ACCEPTANCE).value == 0.5
    assert measures.middle(np.array([3.0, np.inf, np.inf])) == np.inf
    assert measures.middle(np.array([3.0, 1.0, np.inf])) == 3


def test_the_look_at_the_onset_is_no_notice():
    """The people of the first 160 steps did not game."""
    assert measures.delay(made_up({(GAMED, SCORE): alarms_at(2, 3)}), GAMED, SCORE).tolist() == [np.inf, 10]


def test_the_allowance_is_shared_out_over_streams_and_looks():
    """Of 5 % one stream and 11 looks leave .0045, two streams .0023, and six .00076."""
    for level, watches in ((0.0044, {SCORE}), (0.0022, {SCORE, FEATURES}), (0.0007, {SCORE, FEATURES, EVERYTHING})):
        p_values = np.full((2, 11), level)
        result = made_up({(NOBODY, SCORE): p_values, (NOBODY, "feature x1"): p_values})
        found = {watch for watch in WATCHES if measures.false_alarms(result, watch).value == 1}
        assert found == watches
    assert measures.false_alarms(result, ACCEPTANCE).high == pytest.approx(0.658, abs=1e-3)  # Wilson, 0 of 2


def test_a_small_run_is_what_its_monitors_say(small):
    """The monitor with everything raised its alarms where the recorded p-values say, at its own level."""
    assert small.experiments == [arm.name for arm in ARMS]
    for arm in (NOBODY, GAMED):
        recorded = small.values("window.first", experiment=arm, group="").to_numpy()
        expected = measures.first_alarm(small, arm, EVERYTHING)
        np.testing.assert_array_equal(np.where(np.isnan(recorded), np.inf, recorded), expected)
    assert measures.streams_of(small, FEATURES) == ["feature x0", "feature x1"]
    assert len(measures.streams_of(small, EVERYTHING)) == 6


def test_arms_are_the_same_people_until_gaming_begins(small):
    for stream in measures.streams_of(small, EVERYTHING):
        tables_ = [small.table(f"p.{stream}", experiment=arm.name, group="") for arm in ARMS]
        for other in tables_[1:]:
            np.testing.assert_array_equal(tables_[0].loc[:, :160], other.loc[:, :160])
    profits = {arm.name: small.values("profit", experiment=arm.name, group="", step=160).tolist() for arm in ARMS}
    assert len(set(map(tuple, profits.values()))) == 1


def test_no_bar_is_drawn_where_no_console_is_given(monkeypatch, recwarn):
    """In a notebook without ipywidgets rich warns as soon as it draws, even on a quiet console."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    settings = SCENARIO.settings(lanes=1, env_params={**SMALL, "onset": 140, "after": 10})
    assert len(SCENARIO.run(settings, jobs=1).frame)
    assert not [str(one.message) for one in recwarn if "ipywidgets" in str(one.message)]


def test_only_who_may_game_does(small):
    first, second = (one.mean() for one in measures.by_group(small, ARMS[-1].name, "moved").values())
    assert first > 0
    assert second == 0
    assert sorted(measures.by_group(small, GAMED, "moved")) == ["turned by 0 degrees", "turned by 30 degrees"]


def test_lanes_do_not_depend_on_each_other(small):
    alone = run(ARMS[3], Options(**SMALL), 1, 2)
    together = small.frame[(small.frame["experiment"] == ARMS[3].name) & (small.frame["lane"] == 2)]
    merged = alone.merge(together, on=["experiment", "lane", "step", "metric", "group"])
    assert len(merged) == len(alone) == len(together)
    np.testing.assert_array_equal(merged["value_x"], merged["value_y"])


def test_every_claim_can_be_checked_and_few_lanes_decide_nothing(small):
    found = verdicts(SCENARIO, small)
    assert all(one.measured is not None for one in found.values()), [
        name for name, one in found.items() if one.measured is None
    ]
    assert {one.verdict for one in found.values()} <= {OPEN, HOLDS, FAILS}
    assert found["N1"].verdict == OPEN


def test_figures_and_tables_are_drawn(small):
    assert set(figures(small)) == {"noticed-by-when", "delay-against-false-alarms", "delay-against-budget"}
    found = tables(small)
    assert len(found["delays"]) == (len(WATCHES) + 1) * (len(ARMS) - 1)
    assert set(found["delays"]["watched"]) == {*WATCHES, PAGE}
    days, share = reached(np.array([30.0, np.inf, 10.0, np.inf]), 80)
    assert days.tolist() == [0, 10, 30, 80]
    assert share.tolist() == [0, 0.25, 0.5, 0.5]


def test_monitors_that_cry_wolf_fail():
    lanes = 40
    wolf = alarms_at(*[3 if lane % 4 == 0 else None for lane in range(lanes)])
    found = verdicts(SCENARIO, made_up({(NOBODY, ACCEPTANCE): wolf}, lanes))
    assert found["N1"].verdict == found["N2"].verdict == FAILS
    assert found["N1"].measured.value == 0.25


def test_gaming_that_is_noticed_as_late_as_ever_fails():
    lanes = 40
    same = alarms_at(*[6] * lanes)
    result = made_up({(arm.name, SCORE): same for arm in ARMS if arm.name != NOBODY}, lanes)
    found = verdicts(SCENARIO, result)
    assert (found["D1"].verdict, found["D1"].measured.value) == (FAILS, 0)
    assert found["G1"].verdict == FAILS
    assert found["D4"].verdict == FAILS  # the acceptance rate never notices
    assert found["D3"].verdict == HOLDS
    assert found["P1"].verdict == HOLDS


def test_the_bar_is_where_most_was_earned():
    """From the best down: +.3, +.6, -.4, -.1, -1.1; the most after two people, so the bar lies between 4 and 3."""
    assert best_bar(np.array([3.0, 5, 4, 2, 1]), np.array([0, 1, 1, 1, 0]), 0.3, 1.0) == 3.5


def test_the_lender_is_the_rule_that_people_answer():
    bank = lender()
    rows = np.random.default_rng(0).normal(size=(500, 2))
    np.testing.assert_array_equal((bank.score(rows) > 0).astype(int), bank.rule.predict(rows))
    assert bank.reach.actions.high.tolist() == [2, 2]


def test_each_monitor_has_the_whole_allowance():
    monitors = watched(ARMS[1], Options(**SMALL), 2)
    assert [one.false_alarms for one in monitors.values()] == [0.05, 0.05]
    assert isinstance(monitors["window"].detectors[0], WindowTests)


def test_adwin_watches_where_asked_for(small):
    with pytest.raises(InputError, match="adwin did not watch: set adwin=true"):
        measures.first_alarm(small, GAMED, ADWIN)
    pytest.importorskip("river", reason="fairgym[drift] is not installed")
    monitors = watched(ARMS[1], Options(**SMALL, adwin=True), 2)
    assert list(monitors) == ["window", PAGE, ADWIN]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"onset": 100}, "steps=100 leaves no room for a look"),
        ({"after": 0}, "after=0 is out of range"),
        ({"adwin": 1}, "adwin=1 is not a yes or no"),
        ({"windows": 3}, "did you mean 'window'"),
    ],
)
def test_bad_settings_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        SCENARIO.settings(env_params=options)
