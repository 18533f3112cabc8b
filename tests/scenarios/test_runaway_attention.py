"""The claims of ``runaway-attention``, on fixed seeds, and that they fail where they should."""

from __future__ import annotations

import numpy as np
import pytest

from fairgym.agents import GreedyAttention
from fairgym.checks import InputError
from fairgym.experiment import Experiment
from fairgym.metrics import MissedIncidents
from fairgym.result import Result
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN
from fairgym.scenarios.runaway_attention.claims import correlation, quotient
from fairgym.scenarios.runaway_attention.names import (
    AGENTS,
    FASTEST,
    GREEDY,
    GREEDY_AS_PUBLISHED,
    RATES_OF_CHANGE,
    UNIFORM,
    name,
    per_step,
    total,
    unfairness,
)
from tests.scenarios.verdicts import assert_safe, names, verdicts

SCENARIO = load_scenario("runaway-attention")
LANES = 20


def run(lanes: int, steps: int, **changes) -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=lanes, steps=steps, **changes), jobs=1)


@pytest.fixture(scope="module")
def quick() -> Result:
    return run(LANES, 1_000)


def changed(result: Result, factors: dict[str, float], agent: str = "") -> Result:
    """Return a result with some metrics multiplied, of the agents whose names begin so."""
    frame = result.frame
    factor = frame["metric"].map(factors).fillna(1.0).where(frame["experiment"].str.startswith(agent), 1.0)
    return Result(frame.assign(value=frame["value"] * factor), result.config)


def test_the_story_is_there_with_few_seeds(quick):
    """Of the claims that hold at the default size the larger ones do so by 4 standard errors with 20 seeds, too."""
    found = verdicts(SCENARIO, quick)
    assert all(found[one.name].verdict in (one.expected, OPEN) for one in SCENARIO.claims)
    assert names(found, OPEN) <= {"A2a", "A4b", "A4c", "A5b", "A2c"}
    assert_safe([found[one] for one in ("A1a", "A2b", "A3", "A4a", "A6a", "A6c", "A6d", "N1")], 4)
    assert names(found, FAILS) == {"A2d", "A6b", "B6g"}


def test_measurements_by_hand(quick):
    """From the frame alone."""
    end = quick.frame[quick.frame["step"] == 1_000].set_index(["experiment", "metric", "group", "lane"])["value"]
    end = end.sort_index()
    shares = {site: end[name(UNIFORM, 0.01), "share", site].mean() for site in (f"site {k}" for k in range(1, 6))}
    assert unfairness(quick, UNIFORM, 0.01).mean() == pytest.approx(max(shares.values()) - min(shares.values()))
    missed = end[name(GREEDY, FASTEST), "missed"].groupby("lane").sum()
    np.testing.assert_array_equal(total(quick, "missed", GREEDY, FASTEST), missed)
    occurred, found = (
        end[name(GREEDY, FASTEST), metric].groupby("lane").sum() for metric in ("occurred", "discovered")
    )
    np.testing.assert_array_equal(missed + found, occurred)
    ends, counts = per_step(quick, "sent", GREEDY, FASTEST)
    assert ends.tolist() == list(range(10, 1_001, 10))
    np.testing.assert_allclose(counts.sum(axis=2), 6, atol=1e-12)


def test_agents_meet_the_same_incidents(quick):
    for agent in AGENTS[1:]:
        np.testing.assert_array_equal(
            total(quick, "occurred", agent, 0.0), total(quick, "occurred", AGENTS[0], 0.0), err_msg=agent
        )


def test_quotient_and_correlation_by_hand():
    ratio = quotient(np.array([2.0, 4.0] * 10), np.array([1.0, 2.0] * 10))
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2, 2, 2))
    assert quotient(np.array([1.0, 3.0] * 10), np.array([2.0, 2.0] * 10)).value == pytest.approx(1.0)
    up, down, flat = np.array([1.0, 2, 3]), np.array([3.0, 2, 1]), np.array([1.0, 1, 1])
    series = np.stack(
        [np.stack([up, up], axis=1), np.stack([up, flat], axis=1), np.stack([flat, flat], axis=1)], axis=1
    )
    other = np.stack([np.stack([down, up], axis=1)] * 3, axis=1)
    np.testing.assert_allclose(correlation(series, other), [0.0, -1.0, np.nan])


WRONG = {
    "more is found": ({"discovered": 1.1}, "", {"B6", "T1"}),
    "greedy misses little": ({"missed": 0.2}, GREEDY, {"A2b", "A3"}),
    "the defect does nothing": ({"missed": 0.3}, GREEDY_AS_PUBLISHED, {"A2c", "B6", "N1"}),
    "blind is fair": ({"share": 0.01}, UNIFORM, {"A4a", "A4b", "B7"}),
    "incidents go on": ({"occurred": 2.0}, GREEDY_AS_PUBLISHED, {"A6a"}),
}


@pytest.mark.parametrize("what", WRONG)
def test_claims_fail_on_wrong_numbers(quick, what):
    factors, agent, wrong = WRONG[what]
    assert wrong <= names(verdicts(SCENARIO, changed(quick, factors, f"{agent}," if agent else "")), FAILS)


def test_claims_fail_where_nothing_moves():
    """And what is about published numbers is left open after other than 1,000 steps."""
    found = verdicts(SCENARIO, run(LANES, 120, env_params={"growth": 0.0, "decrease": 0.0}))
    assert {"A5a"} <= names(found, FAILS) | names(found, OPEN)
    assert found["A5a"].verdict != HOLDS
    assert {"A2b", "A3"} & names(found, HOLDS) == set()
    for one in ("B6", "B7", "T1", "A6a", "A6c"):
        assert found[one].verdict == OPEN
    assert "of 1,000 steps" in found["B6"].note


def test_the_start_of_the_archived_program_is_the_other_half():
    """With the right allocation, but all units at the last site while nothing is known, a half goes away.

    40 seeds: 3,070 missed, against 6,370 as published and 2,090 right; margins of 4 standard errors of the mean (60).
    """

    class Right(GreedyAttention):
        def unknown(self, rates):
            return np.nan_to_num(rates)

        def plan(self, rates):
            units = super().plan(rates)
            units[rates.sum(axis=1) == 0] = [0, 0, 0, 0, 6]
            return units

    world = {"dynamic_rate": FASTEST}
    one = Experiment("x", "AttentionAllocationEnv-v0", Right(), {"m": MissedIncidents()}, 1_000, 40, 0, 1_000, world)
    result = one.run()
    missed = sum(result.values("m", group=f"site {site}") for site in range(1, 6))
    error = missed.std() / np.sqrt(40)
    assert 2_090 + 4 * error < missed.mean() < 6_370 - 4 * error


def test_the_rates_of_change_are_its_own():
    with pytest.raises(InputError, match="its own values of dynamic_rate"):
        run(1, 10, env_params={"dynamic_rate": 0.1})
    assert len(RATES_OF_CHANGE) == 4


def test_figures(quick):
    figures = SCENARIO.figures(quick)
    assert set(figures) == {"discovered-and-missed", "unfairness", "greedy-over-time"}
    assert [axes.get_title() for axes in figures["unfairness"].axes][1:] == ["d = 0.0025", "d = 0.01", "d = 0.05"]
