"""The claims of ``a-way-up``: small runs, numbers worked by hand, and a run that is recorded and counted again."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

from fairgym.experiment import Experiment
from fairgym.result import Result
from fairgym.scenarios import load_scenario
from fairgym.scenarios.a_way_up import measures, trackers
from fairgym.scenarios.a_way_up.names import (
    ACCURATE,
    AFTER,
    AIM,
    AT_ONCE,
    AWARE,
    AWARE_SILENT,
    CHEAPEST,
    EFFORT,
    HONOURED,
    NEVER,
    NEVER_ALL,
    NO_OFFERS,
    PROFIT,
    RANDOM,
    RULES,
    WAIT,
    WEIGHTS,
    aiming,
    laxer,
)
from fairgym.scenarios.base import FAILS, HOLDS, OPEN, Settings
from fairgym.scenarios.recourse_over_time.measures import wider
from fairgym.scenarios.recourse_over_time.rules import experiment
from tests.scenarios.verdicts import names, verdicts

SCENARIO = load_scenario("a-way-up")
EXACT = {"W8"}
SMALL = {"places": 60}


def small_result(rows: dict[tuple[str, str, str], tuple[float, ...]]) -> Result:
    """Return a result of one step from the values of each lane by (experiment, metric, group)."""
    frame = pd.DataFrame(
        [(rule, lane, 1, metric, group, value)
         for (rule, metric, group), of in rows.items() for lane, value in enumerate(of)],
        columns=["experiment", "lane", "step", "metric", "group", "value"],
    )  # fmt: skip
    return Result(frame, {})


@pytest.fixture(scope="module")
def tiny() -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=2, steps=12, env_params=SMALL), jobs=1)


def test_a_tiny_run_measures_everything_and_decides_nothing_but_what_is_exact(tiny):
    found = verdicts(SCENARIO, tiny)
    assert names(found, OPEN) == set(found) - EXACT
    assert names(found, HOLDS) == EXACT
    assert set(tiny.experiments) == set(RULES)
    unknown = {name for name, one in found.items() if one.measured is None or not one.measured.known}
    assert unknown <= {"W4", "L1", "L2", "L3a", "L3b", "G2"}, "nobody observed for 20 periods, or outside of all bars"


def test_the_figures_are_drawn(tiny):
    assert set(SCENARIO.figures(tiny)) == {"funnel", "time-to-a-loan", "served-against-profit"}


def test_every_claim_has_a_verdict_of_its_own():
    known = [claim.name for claim in SCENARIO.claims]
    assert len(set(known)) == len(known)
    assert {claim.expected for claim in SCENARIO.claims} <= {HOLDS, FAILS}


def test_rules_are_what_their_names_say():
    assert [RULES[rule].offers for rule in (NO_OFFERS, AWARE_SILENT, RANDOM)] == [None, None, "random"]
    assert RULES[ACCURATE].estimator.recourse_weight == 0 < RULES[AWARE].estimator.recourse_weight
    assert RULES[aiming(AWARE, AIM)].aim == AIM
    assert [RULES[rule].promises for rule in (RANDOM, HONOURED)] == ["forget", "honour"]
    assert RULES[laxer(3.0)].estimator.class_weight == {0: 1.0, 1: 3.0}
    budgets = {agent.budget for agent in RULES.values()}
    assert len(budgets) == 1
    assert {rule for rule, agent in RULES.items() if agent.offers == "cheapest"} == set(CHEAPEST)


def test_the_numbers_of_a_run_are_those_counted_person_by_person():
    """The accurate tree with offers, once as an experiment and once by hand, on the same seeds."""
    kept = {
        AT_ONCE: trackers.DefaultRateAtOnce(),
        WAIT: trackers.WaitOfServed(),
        EFFORT: trackers.EffortOfServed(),
    }
    run = experiment(ACCURATE, RULES[ACCURATE], kept, Settings(lanes=2, steps=15, env_params=SMALL), causal_share=1.0)
    people = pd.DataFrame(recorded(run))
    loans = people[(people["applied"] == 1) & (people["decision"] == 1)]
    acted, at_once = loans[loans["returned"] == 1], loans[loans["returned"] == 0]
    assert len(acted) > 10, "otherwise this says nothing"
    lane_and_group = ["lane", "group"]
    by_hand = {
        AT_ONCE: at_once.assign(lost=at_once["repaid"] == 0).groupby(lane_and_group)["lost"].mean(),
        WAIT: acted.groupby(lane_and_group)["waited"].mean(),
        EFFORT: acted.groupby(lane_and_group)["effort_spent"].mean(),
    }
    result = run.run()
    for metric, expected in by_hand.items():
        for (lane, group), value in expected.items():
            found = result.values(metric, experiment=ACCURATE, group=result.groups[group])[lane]
            assert found == pytest.approx(value, rel=1e-9)


KEYS = ("applied", "decision", "returned", "repaid", "waited", "effort_spent", "group")


def recorded(run: Experiment) -> list[dict[str, float]]:
    """Return what happened to each place in each step of each lane of a run."""
    env, agent = run.make(), copy.deepcopy(run.agent)
    observation, info = env.reset(seed=run.seed)
    agent.reset(env, run.seed)
    places = []
    for _ in range(run.steps):
        observation, _, _, _, info = env.step(agent.act(observation, info))
        for lane in range(run.num_envs):
            columns = [info[key][lane].tolist() for key in KEYS]
            places += [{"lane": lane, **dict(zip(KEYS, place, strict=True))} for place in zip(*columns, strict=True)]
    return places


def test_claims_by_hand():
    """Two lanes. Offers take .1 and .2 off under the accurate tree, .3 and .3 under the other: .2 and .1 more."""
    unserved = {NO_OFFERS: (0.4, 0.4), ACCURATE: (0.3, 0.2), AWARE_SILENT: (0.4, 0.5), AWARE: (0.1, 0.2)}
    profit = {NO_OFFERS: (100.0, 300.0), ACCURATE: (90.0, 280.0), AWARE_SILENT: (95.0, 290.0), AWARE: (60.0, 250.0)}
    result = small_result(
        {(rule, NEVER_ALL, ""): of for rule, of in unserved.items()}
        | {(rule, PROFIT, ""): of for rule, of in profit.items()}
    )
    assert measures.extra_brought_up(result).value == pytest.approx(0.15)
    assert measures.cost_of_acting(result).value == pytest.approx(((35 - 5) + (40 - 10)) / 2)
    """Of a mean profit of 200, -40 and -50 are -.2 and -.25."""
    assert measures.extra_share(result, AWARE, NO_OFFERS).value == pytest.approx(-0.225)


def test_a_laxer_bar_by_hand():
    """Bars at .4, .3, .2, ... earn 100, 90, 70, ...: one that leaves .25 earns 80, so 85 is 5 more; .45 is outside."""
    unserved, earned = (0.4, 0.3, 0.2, 0.15, 0.1, 0.05), (100.0, 90.0, 70.0, 50.0, 30.0, 0.0)
    bars = [NO_OFFERS, *map(laxer, WEIGHTS)]
    rows = {}
    for bar, share, money in zip(bars, unserved, earned, strict=True):
        rows |= {(bar, NEVER_ALL, ""): (share, share), (bar, PROFIT, ""): (money, money)}
    result = small_result(rows | {(AWARE, NEVER_ALL, ""): (0.25, 0.45), (AWARE, PROFIT, ""): (85.0, 85.0)})
    np.testing.assert_allclose(measures.beyond_laxer_bar(result, AWARE), [5.0, np.nan])
    assert measures.profit_beyond_laxer_bar(result, AWARE).value == pytest.approx(5)
    assert measures.share_beyond_laxer_bar(result, AWARE).value == pytest.approx(0.05)


def test_gaps_by_hand():
    """From .2 and .4 to .1 and .25: the gap narrows from .2 to .15, the ratio rises from 2 to 2.5."""
    rows = {(NO_OFFERS, NEVER, "first"): (0.2, 0.2), (NO_OFFERS, NEVER, "last"): (0.4, 0.4)}
    rows |= {(AWARE, NEVER, "first"): (0.1, 0.0), (AWARE, NEVER, "last"): (0.25, 0.15)}
    result = small_result(rows)
    assert wider(result, NEVER, NO_OFFERS, AWARE).value == pytest.approx(0.05)
    assert measures.rise_of_ratio(result, AWARE, NO_OFFERS).value == pytest.approx(0.5), "no ratio in the second lane"
    assert measures.in_every_group(result, NEVER, NO_OFFERS, AWARE).value == pytest.approx(0.15)


def test_default_rates_by_hand():
    rows = {(rule, AFTER, ""): of for rule, of in {ACCURATE: (0.5, 0.6), AWARE: (0.6, 0.8)}.items()}
    result = small_result(rows | {(rule, AT_ONCE, ""): (0.25, 0.25) for rule in (ACCURATE, AWARE)})
    both = (ACCURATE, AWARE)
    assert measures.defaults_above(result, both, 0.5).value == pytest.approx(0.05)
    assert measures.defaults_below(result, both, 0.5).value == pytest.approx(-0.2)
    assert measures.extra_defaults(result, both).value == pytest.approx(0.3)


def many_lanes(by_rule: dict[str, float], metric: str) -> Result:
    """Return 50 lanes in which a rule has a value, and a little noise of its own."""
    rng = np.random.default_rng(0)
    return small_result({(rule, metric, ""): tuple(value + rng.normal(0, 0.01, 50)) for rule, value in by_rule.items()})


@pytest.mark.parametrize(("aware", "verdict"), [(0.2, HOLDS), (0.3, FAILS), (0.25, OPEN)])
def test_what_would_refute_that_fewer_are_never_served(aware, verdict):
    """.25 under the accurate tree, with a standard error of .002."""
    claim = {claim.name: claim for claim in SCENARIO.claims}["W3"]
    assert claim.check(many_lanes({ACCURATE: 0.25, AWARE: aware}, NEVER_ALL)).verdict == verdict


@pytest.mark.parametrize(("wait", "verdict"), [(2.0, HOLDS), (3.0, FAILS), (2.25, OPEN)])
def test_what_would_refute_that_waits_are_the_same(wait, verdict):
    claim = {claim.name: claim for claim in SCENARIO.claims}["W5a"]
    assert claim.check(many_lanes({ACCURATE: 2.0, AWARE: wait}, WAIT)).verdict == verdict
