"""``rules-that-move``: its numbers by hand and against the agents, a small run, and claims that can fail."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from fairgym.agents import EqualOpportunity
from fairgym.checks import InputError
from fairgym.experiment import rollout
from fairgym.explain import Predicate
from fairgym.result import Result, tidy
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN
from fairgym.scenarios.rules_that_move.explaining import end_of, experiment, panel, pool, shares
from fairgym.scenarios.rules_that_move.names import (
    ACCEPTED,
    ARMS,
    CHANCE,
    COVERAGE,
    DISADVANTAGED,
    EQUAL_OPPORTUNITY,
    GROUPS,
    IN_GROUP,
    KEPT,
    MAX_REWARD,
    PEOPLE,
    PRECISION,
    SCORES,
    Options,
    everybody,
    of_score,
    values,
)
from fairgym.scenarios.rules_that_move.tables import in_words
from scripts import make_rules_picture as picture
from tests.scenarios.verdicts import names, verdicts

SCENARIO = load_scenario("rules-that-move")
STEPS, LANES = (0, 300, 900), 3


@pytest.fixture(scope="module")
def small() -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=LANES, env_params={"steps": list(STEPS)}), jobs=1)


def test_a_small_run_has_a_verdict_on_every_claim(small):
    """Claims about other steps are not measurable; three lanes decide only what is exact."""
    found = verdicts(SCENARIO, small)
    assert list(found) == [claim.name for claim in SCENARIO.claims]
    assert found["R4a"].verdict == OPEN
    assert "not measurable with these settings" in found["R4a"].note
    assert found["C1"].verdict == HOLDS


def test_figures_and_tables_are_made(small):
    figures = SCENARIO.figures(small)
    assert set(figures) == {"rules", "expiry"}
    for figure in figures.values():
        figure.draw_without_rendering()
        for text in (each for axes in figure.axes for each in axes.texts):
            assert text.get_window_extent().x1 <= figure.bbox.x1, text
    rules = SCENARIO.tables(small)[f"rules under {EQUAL_OPPORTUNITY}"]
    assert len(rules) == 2 * len(GROUPS) * len(STEPS)
    first = rules[(rules["step"] == 0) & (rules["score"] == 2)].set_index("group")["rule"].to_dict()
    assert first == {
        "advantaged": "IF group = advantaged AND score <= 2 THEN reject",
        "disadvantaged": "IF group = disadvantaged AND score > 1 THEN accept",
    }


def test_recorded_are_the_people_and_the_chances_of_the_run_that_nobody_watched(small):
    """The same experiment played by the run loop: after 900 steps the same policy and the same people in every lane."""
    options = Options(steps=STEPS)
    run = experiment(EQUAL_OPPORTUNITY, SCENARIO.settings(lanes=LANES), options)
    env, agent = run.make(), EqualOpportunity(oracle=True)
    rollout(env, agent, {}, STEPS[-1] + 1, seed=0)  # the policy of the last decision is that of step 900
    rollout_people = experiment(EQUAL_OPPORTUNITY, SCENARIO.settings(lanes=LANES), options).make()
    rollout(rollout_people, EqualOpportunity(oracle=True), {}, STEPS[-1], seed=0)
    people = rollout_people.unwrapped.state.people / 100
    for at, group in enumerate(GROUPS):
        for score in range(SCORES):
            chance = values(small, EQUAL_OPPORTUNITY, CHANCE, score, group)
            np.testing.assert_array_equal(chance, agent._accept[:, at, score])
            np.testing.assert_array_equal(values(small, EQUAL_OPPORTUNITY, ACCEPTED, score, group), chance > 0.5)
            np.testing.assert_allclose(values(small, EQUAL_OPPORTUNITY, PEOPLE, score, group), people[:, at, score])


def test_no_bar_is_drawn_where_no_console_is_given(monkeypatch, recwarn):
    """In a notebook without ipywidgets rich warns as soon as it draws, even on a quiet console."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert len(SCENARIO.run(SCENARIO.settings(lanes=1, env_params={"steps": [0, 2]}), jobs=1).frame)
    assert not [str(one.message) for one in recwarn if "ipywidgets" in str(one.message)]


def test_rules_are_exact(small):
    """Coverage and precision are those of counting the people of each lane by hand, for everybody, policy and step."""
    for arm in ARMS:
        for step in STEPS:
            share = {one: values(small, arm, PEOPLE, one[1], one[0], step) for one in everybody()}
            lent = {one: values(small, arm, ACCEPTED, one[1], one[0], step) for one in everybody()}
            for group, score in everybody():
                ends = [values(small, arm, name, score, group, step) for name in ("above", "at_most", "names_group")]
                inside = {
                    one: (np.isnan(ends[0]) | (one[1] > ends[0]))
                    & (np.isnan(ends[1]) | (one[1] <= ends[1]))
                    & ((ends[2] == 0) | (one[0] == group))
                    for one in everybody()
                }
                covered = sum(inside[one] * share[one] for one in everybody())
                right = sum(inside[one] * share[one] * (lent[one] == lent[group, score]) for one in everybody())
                np.testing.assert_allclose(values(small, arm, COVERAGE, score, group, step), covered / 2, atol=1e-12)
                with np.errstate(invalid="ignore"):
                    precise = right / covered
                found = values(small, arm, PRECISION, score, group, step)
                known = covered > 0
                np.testing.assert_allclose(found[known], precise[known], atol=1e-12)
                assert (found[known] >= 0.95).all()
                for one in GROUPS:
                    of_group = sum(inside[each] * share[each] for each in everybody() if each[0] == one)
                    theirs = values(small, arm, f"{IN_GROUP}.{one}", score, group, step)
                    np.testing.assert_allclose(theirs, of_group, atol=1e-12)


def test_expiry_is_that_of_counting(small):
    """The first rule of the disadvantaged of score 2 covers those of their group above 1."""
    for step in STEPS[1:]:
        above = [("disadvantaged", score) for score in range(2, SCORES)]
        people = [values(small, EQUAL_OPPORTUNITY, PEOPLE, score, group, step) for group, score in above]
        lent = [values(small, EQUAL_OPPORTUNITY, ACCEPTED, score, group, step) for group, score in above]
        expected = sum(p * a for p, a in zip(people, lent, strict=True)) / sum(people)
        np.testing.assert_allclose(values(small, EQUAL_OPPORTUNITY, KEPT, 2, DISADVANTAGED, step), expected, atol=1e-12)


def test_pool_and_shares_by_hand():
    distribution = np.zeros((1, 2, SCORES))
    distribution[0, 0, [1, 4]] = 0.3, 0.7
    distribution[0, 1, 2] = 1
    people = pool({"score_distribution": distribution}, 0)
    assert people.value_counts().to_dict() == {("disadvantaged", 2): 100, ("advantaged", 4): 70, ("advantaged", 1): 30}
    assert shares(people).reshape(2, SCORES).tolist() == distribution[0].tolist()
    assert panel().iloc[[0, 13]].to_numpy().tolist() == [["advantaged", 0], ["disadvantaged", 6]]


def test_words():
    nothing = float("nan")
    assert in_words("advantaged", 1, 0, nothing, nothing) == "IF anything THEN accept"
    assert in_words("advantaged", 0, 1, 1, 4) == "IF group = advantaged AND score > 1 AND score <= 4 THEN reject"
    rule = [Predicate("group", "=", "advantaged"), Predicate("score", ">", 1)]
    assert end_of(rule, ">") == 1
    assert np.isnan(end_of(rule, "<="))


@pytest.mark.parametrize(
    ("steps", "words"),
    [([0], "two moments or more"), ([5, 5], "must rise"), ([9, 2], "must rise"), ([0, -1], "out of range"), (3, "two")],
)
def test_moments_that_cannot_be(steps, words):
    with pytest.raises(InputError, match=words):
        SCENARIO.settings(env_params={"steps": steps})


# --- Claims that can fail -----------------------------------------------------------------------------------------


def made_up(**changes: float) -> Result:
    """Return a result at the default moments in which claims hold, with some metrics at all scores and steps changed.

    ``changes`` are named ARM__METRIC.
    """
    defaults = {
        "accepted": 0.0, "names_group": 1.0, "kept": 0.9, "kept_by_same_people": 0.95, "precision": 1.0,
        "coverage": 0.5, "jaccard": 0.0, "jaccard_strict": 0.0,
    }  # fmt: skip
    frames = []
    for arm, word in zip(ARMS, ("control", "fair"), strict=True):
        records = []
        for step in (0, 5_000, 20_000):
            for metric, value in defaults.items():
                given = changes.get(f"{word}__{metric}", value)
                table = np.full((20, 2), given) if np.ndim(given) == 0 else np.array(given)[None] * np.ones((20, 1))
                records += [(step, of_score(metric, score), table) for score in range(SCORES)]
            for at, group in enumerate(GROUPS):
                gap = changes.get("gap", 0.2)
                share = np.full((20, 2), 0.5 + (gap / 2 if at == 0 else -gap / 2))
                records += [(step, of_score(f"{IN_GROUP}.{group}", score), share) for score in range(SCORES)]
        frames.append(tidy(arm, 0, records, GROUPS))
    return Result(pd.concat(frames, ignore_index=True), {"experiments": []})


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"fair__accepted": (0.0, 1.0)}, {"R3a", "R3b"}),
        ({"fair__accepted": (1.0, 1.0)}, {"R1", "R3a", "R3b"}),
        ({"fair__names_group": 0.0}, {"R2"}),
        ({"fair__kept": 0.97}, {"R4a", "R4b", "R6"}),
        ({"gap": -0.1}, {"R8"}),
        ({"control__kept_by_same_people": 0.99}, {"C1"}),
        ({"control__jaccard": 0.1}, {"C2a", "C4"}),
        ({"control__jaccard_strict": 0.1}, {"C2b"}),
        ({"fair__jaccard": 0.3}, set()),
    ],
)
def test_claims_fail_where_they_are_not_true(changes, failing):
    result = made_up(**{"control__kept_by_same_people": 1.0, **changes})
    assert names(verdicts(SCENARIO, result), FAILS) >= failing


def test_claims_hold_where_they_are_true():
    found = verdicts(SCENARIO, made_up(control__kept_by_same_people=1.0, fair__accepted=(0.0, 0.0), fair__jaccard=0.3))
    assert names(found, HOLDS) >= {"R2", "R3a", "R3b", "R4a", "R4b", "R6", "R8", "C1", "C2a", "C2b", "C4"}


def test_the_picture_in_the_docs_shows_what_the_lender_does():
    """The title, the cell that the page speaks of, and that nobody above the bar has another rule later."""
    drift = picture.rules()
    assert drift.plot().texts[0].get_text() == "From step 0 to 5,000 the rule moved for 4 of 8 people"
    rules = drift.frame.set_index(["person", "step"])
    assert rules.loc[("disadvantaged, score 2", 0), "rule"] == "group = disadvantaged AND score > 1"
    assert rules.loc[("disadvantaged, score 2", 5_000), "decision"] == "reject"
    above = drift.frame["person"].isin(["advantaged, score 3", "disadvantaged, score 4"])
    assert set(drift.frame.loc[above, "rule"]) == {"score > 2"}
    assert picture.PICTURE.is_file()


def test_control(small):
    """Under max reward nobody's decision ever changes: a loan pays from score 3 on, in both groups."""
    for step in STEPS:
        for group, score in everybody():
            assert (values(small, MAX_REWARD, ACCEPTED, score, group, step) == (score >= 3)).all()
