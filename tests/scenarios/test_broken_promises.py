"""``broken-promises``: its trackers by hand and against brute force, its measures, verdicts that can fail, figures."""

from __future__ import annotations

import gymnasium
import numpy as np
import pandas as pd
import pytest

from fairgym.agents.base import Transition
from fairgym.checks import InputError
from fairgym.metrics import PromiseKeptRate
from fairgym.outcome import BACK, GONE, REJECTED, SERVED, WORKING
from fairgym.result import Result, tidy
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN
from fairgym.scenarios.broken_promises import SCENARIO, arms
from fairgym.scenarios.broken_promises.measures import (
    bar_change,
    bar_difference,
    broken,
    served_after_all,
    wait_of_the_served,
)
from fairgym.scenarios.broken_promises.names import (
    ACCEPTS,
    CAPACITIES,
    FIXED,
    FUNNEL,
    HONOURED,
    KEPT,
    REFUSED,
    limited,
)
from fairgym.scenarios.broken_promises.trackers import AfterBrokenPromise, Lately, ShownChance
from fairgym.scenarios.broken_promises.trusting import TrustingLender
from fairgym.scenarios.recourse_over_time.measures import least
from fairgym.scenarios.recourse_over_time.rules import experiment, lender, tree
from fairgym.scenarios.recourse_over_time.trackers import ServedAtOnce
from tests.scenarios.verdicts import verdicts

LANES = 20
SMALL = {"places": 120, "arrival_rate": 0.2, "capacity": 8}
STEPS = 30


def one_step(applied, decision, promise_kept, status, waited, tries):
    """Return the outcome of one lane with as many people as are given."""
    keys = ("applied", "decision", "promise_kept", "status", "waited", "tries")
    given = zip(keys, (applied, decision, promise_kept, status, waited, tries), strict=True)
    return {"group": np.zeros((1, len(applied)), np.int64)} | {key: np.array([values]) for key, values in given}


def test_the_way_after_a_broken_promise_by_hand():
    """Three are refused after they did what they were told: one leaves, one is served 4 periods later, one waits.

    A fourth is new where the first one left; she is rejected, and no promise to her was broken. The fifth was never
    told anything.
    """
    tracker, live = AfterBrokenPromise(horizon=10, within=(0, 3, 4), restricted_to=5), np.array([True])
    tracker.reset(1, 2)
    steps = (
        ([1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, -1], [GONE, REJECTED, WORKING, REJECTED], [3, 2, 6, 0], [2, 2, 3, 1]),
        ([1, 0, 1, 0], [0, 0, 0, 0], [-1, -1, 0, -1], [REJECTED, BACK, BACK, REJECTED], [0, 5, 9, 3], [1, 2, 4, 1]),
        (
            [0, 1, 0, 1],
            [0, 1, 0, 1],
            [-1, -1, -1, -1],
            [REJECTED, SERVED, WORKING, SERVED],
            [1, 6, 10, 4],
            [1, 3, 4, 2],
        ),
    )
    for step in steps:
        tracker.update(one_step(*step), live)
    served, left, inside = (kind[0, 0] for kind in tracker.counts())
    assert (served.sum(), served[4]) == (1, 1)
    assert (left.sum(), left[0]) == (1, 1)
    assert (inside.sum(), inside[4]) == (1, 1)
    values = tracker.compute()
    assert {name: value.shape for name, value in values.items()} == dict.fromkeys(values, (1,))
    # One of three leaves at 0. Of the two who wait, both are seen at 4, and one of them is served: 2/3 * 1/2.
    assert [values[f"within_{at}"][0] for at in (0, 3, 4)] == pytest.approx([0, 0, 1 / 3])
    assert values["inside"][0] == pytest.approx(1 / 3)


@pytest.fixture(scope="module")
def recorded():
    """Return the outcomes of a short run in which people compete, and the trackers that saw it."""
    env = gymnasium.make_vec("ReapplicationEnv-v0", 3, "vector_entry_point", offers="agent", causal_share=1.0, **SMALL)
    trackers = {
        "after": AfterBrokenPromise(within=(0, 4, 8), restricted_to=10),
        "kept": Lately(PromiseKeptRate()),
        "once": ServedAtOnce(),
        "shown": ShownChance(),
    }
    agent = lender(promises="forget")
    observation, info = env.reset(seed=5)
    agent.reset(env, 5)
    for tracker in trackers.values():
        tracker.reset(3, 2)
    outcomes, live = [], np.ones(3, dtype=np.bool_)
    for _ in range(STEPS):
        observation, _, _, _, info = env.step(agent.act(observation, info))
        outcomes.append({key: np.array(value) for key, value in info.items() if not key.startswith("_")})
        for tracker in trackers.values():
            tracker.update(outcomes[-1], live)
    env.close()
    return outcomes, trackers


def stories(outcomes, lane):
    """Yield (end, periods) of each broken promise of a lane, followed person by person."""
    for place in range(outcomes[0]["group"].shape[1]):
        since = None
        for now in outcomes:
            seen = {key: now[key][lane, place] for key in ("promise_kept", "decision", "status", "waited")}
            if since is None and seen["promise_kept"] == 0:
                since = seen["waited"]
            if seen["status"] in (SERVED, GONE):
                if since is not None:
                    yield ("served" if seen["decision"] else "left"), seen["waited"] - since
                since = None
        if since is not None:
            yield "inside", seen["waited"] - since


def test_broken_promises_are_followed_as_person_by_person(recorded):
    outcomes, trackers = recorded
    ends: set[str] = set()
    for lane in range(3):
        followed = list(stories(outcomes, lane))
        ends |= {end for end, _ in followed}
        for kind, counted in zip(("served", "left", "inside"), trackers["after"].counts(), strict=True):
            periods = [way for end, way in followed if end == kind]
            np.testing.assert_array_equal(counted[lane, 0], np.bincount(periods, minlength=52))
    assert ends == {"served", "left", "inside"}


def test_the_other_trackers_count_what_happened(recorded):
    outcomes, trackers = recorded
    last = {key: np.stack([one[key] for one in outcomes[-5:]]) for key in ("promise_kept", "group")}
    every = {key: np.stack([one[key] for one in outcomes]) for key in outcomes[0] if outcomes[0][key].ndim == 2}
    for lane in range(3):
        promised = last["promise_kept"][:, lane]
        assert trackers["kept"].compute()[lane] == (promised == 1).sum() / (promised >= 0).sum()
        for group in range(2):
            mine = (every["group"][:, lane] == group) & (every["applied"][:, lane] == 1)
            first = mine & (every["tries"][:, lane] == 1)
            assert trackers["once"].compute()[lane, group] == every["decision"][:, lane][first].mean()
            shown = every["observed_score"][:, lane][mine].mean()
            assert trackers["shown"].compute()[lane, group] == pytest.approx(shown)


def test_a_trusting_lender_books_who_acted_as_repaying():
    """Fitted once only, it decides as the others do; but in its books no loan to who did what she was told is lost."""
    env = gymnasium.make_vec(
        "ReapplicationEnv-v0", 1, "vector_entry_point", offers="agent", places=80, arrival_rate=0.3
    )
    agent = TrustingLender(tree(), offers="cheapest", promises="forget", refit_every=100, history=500)
    observation, info = env.reset(seed=0)
    agent.reset(env, 0)
    live, booked, lost = np.array([True]), [], 0
    for _ in range(12):
        action, seen = agent.act(observation, info), observation
        observation, reward, _, _, info = env.step(action)
        agent.learn(Transition(seen, action, reward, observation, info, live, ~live))
        acted, served = seen["promised"][0] == 1, info["decision"][0] == 1
        lost += int((acted & (info["repaid"][0] == 0)).sum())
        booked.append(np.where(acted, 1, info["qualified"][0])[served])
    env.close()
    np.testing.assert_array_equal(agent._loans.rows(0)[:, -1], np.concatenate(booked))
    assert lost


def made_up(**changes) -> Result:
    """Return a result in which every lane has the same numbers but for a ripple, so that all is decided."""
    ripple = np.linspace(-0.001, 0.001, LANES)
    kept = dict.fromkeys(arms(), 1.0) | {limited(most): most / 100 for most in CAPACITIES} | changes
    frames = []
    for name, share in kept.items():
        exact = np.full(LANES, share)
        records = [(10, KEPT, exact if share == 1 else exact + ripple)]
        records += [(10, f"{REFUSED}.within_20", 0.25 + ripple), (10, f"{REFUSED}.restricted_mean", 16.25 + ripple)]
        records += [(step, ACCEPTS, share * (1 - step / 100) + ripple) for step in range(1, 11)]
        frames.append(tidy(name, 0, records))
    return Result(pd.concat(frames, ignore_index=True), {"experiments": []})


def test_measures_by_hand():
    result = made_up()
    assert least(result, KEPT, [FIXED]).value == 1
    assert broken(result, [limited(90), limited(20)]).value == pytest.approx(-0.1)
    assert served_after_all(result, limited(40)).value == pytest.approx(0.25)
    # Three quarters are not served and count 20 periods: 16.25 = 0.25 * 5 + 0.75 * 20.
    assert wait_of_the_served(result, limited(40)).value == pytest.approx(5, abs=0.01)
    # Periods 1 to 10: 5.5 on average, against 1.
    assert bar_change(result, limited(40)).value == pytest.approx(-0.4 * 0.045)
    assert bar_difference(result, limited(40), limited(20)).value == pytest.approx(0.2 * 0.945)


def test_nobody_served_after_all_is_undefined_and_no_zero():
    result = made_up()
    frame = result.frame.copy()
    frame.loc[frame["metric"] == f"{REFUSED}.within_20", "value"] = 0.0
    assert not wait_of_the_served(Result(frame, result.config), limited(40)).known


def test_verdicts_follow_from_the_numbers():
    found = verdicts(SCENARIO, made_up())
    assert {
        name: found[name].verdict for name in ("P1", "P2", "P3a", "P3b", "P3c", "P4a", "P4b", "P5a", "P9a")
    } == dict.fromkeys(("P1", "P2", "P3a", "P3b", "P3c", "P4a", "P4b", "P5a", "P9a"), HOLDS)
    other = made_up(**{FIXED: 0.9, limited(90): 0.5, limited(60): 0.7, HONOURED: 0.8})
    found = verdicts(SCENARIO, other)
    assert {found[name].verdict for name in ("P1", "P3a", "P9a")} == {FAILS}
    assert found["P7b"].verdict == OPEN  # defaults were not recorded


@pytest.fixture(scope="module")
def small() -> Result:
    return SCENARIO.run(SCENARIO.settings(lanes=2, steps=12, env_params={"places": 150}), jobs=1)


def test_a_small_run_keeps_every_promise_where_it_must(small):
    """Few people: the loose capacities do not bind, and the fixed rule without a limit never breaks a promise."""
    for name in (FIXED, limited(90), HONOURED):
        assert least(small, KEPT, [name]).value == 1
    loose = small.frame[small.frame["experiment"] == limited(90)].drop(columns="experiment")
    every_period = small.frame[small.frame["experiment"] == FIXED].drop(columns="experiment")
    everything = every_period[every_period["step"].isin(loose["step"])]
    assert set(loose["step"]) == {0, 1, *range(3, 13)} < set(every_period["step"])
    pd.testing.assert_frame_equal(everything.reset_index(drop=True), loose.reset_index(drop=True))
    assert {verdict.verdict for verdict in SCENARIO.check(small)} <= {HOLDS, OPEN, FAILS}


def test_a_small_run_measures_what_its_funnel_counts(small):
    """Nobody does only a part, so the promises kept are the approved of the returned."""
    for name in (limited(20), limited(40)):
        approved, returned = (
            sum(small.values(f"{FUNNEL}.{stage}", experiment=name, group=group) for group in small.groups)
            for stage in ("approved", "returned")
        )
        np.testing.assert_allclose(small.values(KEPT, experiment=name), approved / returned)


def test_the_figures_show_the_numbers(small):
    figures = SCENARIO.figures(small)
    assert set(figures) == {"promises-and-bar", "promises-against-capacity", "funnel", "after-a-broken-promise"}
    (axes,) = figures["promises-against-capacity"].axes
    shown = np.asarray(axes.lines[0].get_ydata(), dtype=np.float64)
    wanted = [small.values(KEPT, experiment=name).mean() for name in (*map(limited, sorted(CAPACITIES)), FIXED)]
    np.testing.assert_allclose(shown, wanted)
    assert len(figures["promises-and-bar"].axes) == 2


def test_what_the_experiments_set_cannot_be_set():
    with pytest.raises(InputError, match="the rules differ in their capacity"):
        SCENARIO.experiments(SCENARIO.settings(env_params={"capacity": 5}))


def test_all_arms_meet_the_same_people():
    """The rules without a limit that offer nothing decide alike in the first period, retrained or not."""
    names = ("fixed rule, no offers", "retrained, no offers")
    chosen = {name: arms()[name] for name in names}
    settings = SCENARIO.settings(lanes=1, steps=1, env_params={"places": 150})
    results = [
        experiment(name, rule, {"once": ServedAtOnce()}, settings, **world).run()
        for name, (rule, world) in chosen.items()
    ]
    one, other = (result.frame["value"].to_numpy() for result in results)
    np.testing.assert_array_equal(one, other)


def test_it_is_found_by_name():
    assert load_scenario("broken-promises") is SCENARIO
