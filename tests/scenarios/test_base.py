"""The machinery of scenarios: verdicts from intervals and regions, settings, and claims as JSON."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairgym.checks import InputError
from fairgym.result import Estimate
from fairgym.scenarios import SCENARIOS, load_scenario
from fairgym.scenarios.base import (
    FAILS,
    FEWEST_LANES,
    HOLDS,
    NOT_ZERO,
    OPEN,
    Claim,
    Measurement,
    Scenario,
    Settings,
    distance,
    judge,
)
from tests.experiment.small import experiment, result

INF, NAN = math.inf, math.nan
TWO_SIDED, AT_LEAST, AT_MOST = (1.0, 2.0), (1.0, INF), (-INF, 1.0)


@pytest.mark.parametrize(
    ("low", "high", "region", "verdict"),
    [
        (1.2, 1.8, TWO_SIDED, HOLDS),
        (1.0, 2.0, TWO_SIDED, HOLDS),  # the ends of a region with two of them belong to it
        (1.0, 1.0, TWO_SIDED, HOLDS),
        (2.0, 2.0, TWO_SIDED, HOLDS),
        (0.9, 1.1, TWO_SIDED, OPEN),
        (1.9, 2.1, TWO_SIDED, OPEN),
        (0.5, 2.5, TWO_SIDED, OPEN),
        (0.5, 1.0, TWO_SIDED, OPEN),
        (2.0, 3.0, TWO_SIDED, OPEN),
        (0.1, 0.9, TWO_SIDED, FAILS),
        (2.1, 2.9, TWO_SIDED, FAILS),
        (1.1, 9.0, AT_LEAST, HOLDS),
        (1.0, 9.0, AT_LEAST, OPEN),  # "more than 1" is not shown by an interval that touches 1
        (0.5, 9.0, AT_LEAST, OPEN),
        (0.5, 1.0, AT_LEAST, FAILS),
        (1.0, 1.0, AT_LEAST, FAILS),
        (0.5, 0.9, AT_LEAST, FAILS),
        (0.2, 0.9, AT_MOST, HOLDS),
        (0.2, 1.0, AT_MOST, OPEN),
        (0.2, 1.1, AT_MOST, OPEN),
        (1.0, 1.0, AT_MOST, FAILS),
        (1.0, 1.1, AT_MOST, FAILS),
        (1.1, 1.2, AT_MOST, FAILS),
        (NAN, NAN, TWO_SIDED, OPEN),
        (NAN, 1.5, TWO_SIDED, OPEN),
        (1.5, NAN, AT_LEAST, OPEN),
        (-INF, INF, AT_LEAST, OPEN),
        (5.0, INF, AT_LEAST, OPEN),
        (INF, INF, TWO_SIDED, OPEN),
    ],
)
def test_judge(low, high, region, verdict):
    assert judge(Measurement((low + high) / 2, low, high), region) == verdict


NUMBERS = st.floats(-10, 10)
MEASUREMENTS = (
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map(sorted).map(lambda three: Measurement(three[1], three[0], three[2]))
)


@given(several=st.lists(MEASUREMENTS, min_size=1, max_size=5), bound=NUMBERS)
def test_least_and_greatest_are_judged_as_all_of_them(several, bound):
    """All hold: it holds. One fails: it fails. Otherwise nobody knows."""
    for combine, region in ((Measurement.least, (bound, INF)), (Measurement.greatest, (-INF, bound))):
        verdicts = {judge(one, region) for one in several}
        together = FAILS if FAILS in verdicts else OPEN if OPEN in verdicts else HOLDS
        assert judge(combine(several), region) == together
        assert combine(several) == combine(several[::-1])


def test_least_and_greatest_by_hand():
    a, b = Measurement(2, 1, 5), Measurement(3, 0, 4)
    assert Measurement.least([a, b]) == Measurement(2, 0, 4)
    assert Measurement.greatest([a, b]) == Measurement(3, 1, 5)


def test_undefined_is_not_hidden_by_others():
    unknown, known = Measurement(NAN, NAN, NAN), Measurement(5, 4, 6)
    for several in ([unknown, known], [known, unknown]):
        for combine in (Measurement.least, Measurement.greatest):
            assert judge(combine(several), (0, INF)) == OPEN


def test_a_measurement_is_shown_with_its_interval():
    assert str(Measurement(0.123456, 0.1, 0.2)) == "0.1235 [0.1, 0.2]"
    assert str(Measurement.exact(0.5)) == "0.5"
    assert str(Measurement.of(Estimate(0.5, NAN, NAN, NAN, 1))) == "0.5 [no interval]"
    assert Measurement.of(Estimate(2.0, 0.5, 1.0, 3.0, 9)) == Measurement(2.0, 1.0, 3.0)


def test_distance_by_hand():
    """Ours is 5 with error 3 over 100 lanes. Theirs is over 50 of the same spread, error 3 sqrt 2: together sqrt 27."""
    ours = [Estimate(5.0, 3.0, NAN, NAN, 100), Estimate(1.0, 4.0, NAN, NAN, 100)]
    assert distance(ours, [2.0, 1.0], lanes=50).value == pytest.approx(3 / math.sqrt(27))
    assert distance(ours, [2.0, 1.0]).value == pytest.approx(1.0)  # exact: 3 over 3
    assert distance(ours, [2.0, 9.0], rounding=[0.0, 3.0]).value == pytest.approx(8 / 5)  # 8 over hypot(4, 3)
    assert distance(ours, [2.0, 9.0], rounding=[4.0, 3.0]).low == pytest.approx(8 / 5)  # 3/5 and 8/5


def test_distance_without_errors_is_undefined_and_warns_of_nothing():
    for error, mean in ((NAN, 5.0), (0.0, 5.0), (0.0, 2.0)):
        measured = distance([Estimate(mean, error, NAN, NAN, 1), Estimate(9.0, 1.0, NAN, NAN, 9)], [2.0, 9.0])
        assert judge(measured, (0.0, 4.0)) == OPEN


def claim(measure, region=(0.0, INF), **changes):
    return Claim("C1", "It is more than nothing.", "figure 1", "money", region, measure, **changes)


def refusing(_):
    raise InputError("it needs at least 2,000 steps.")


def test_what_cannot_be_measured_is_not_decided_and_says_why():
    verdict = claim(refusing, note="a note of its own").check(result(money=[1, 2]))
    assert verdict.verdict == OPEN
    assert verdict.measured is None
    assert verdict.note == "not measurable with these settings: it needs at least 2,000 steps."
    assert not verdict.as_expected


def test_what_was_not_recorded_is_not_decided_and_says_why():
    asked = claim(lambda one: Measurement.of(one.estimate("mony")))
    assert "metric='mony' was not recorded: did you mean 'money'?" in asked.check(result(money=[1, 2])).note


def test_one_seed_decides_nothing_and_says_why():
    verdict = claim(lambda one: Measurement.of(one.estimate("money")), note="a note").check(result(money=[3]))
    assert verdict.verdict == OPEN
    assert verdict.measured.value == 3
    assert verdict.note == "not measurable with these settings: it has no interval."


def test_few_seeds_decide_nothing_about_an_interval_and_all_about_a_number():
    few = result(money=[1, 2, 3, 4, 5, 6])
    measured = claim(lambda one: Measurement.of(one.estimate("money"))).check(few)
    assert (measured.verdict, measured.as_expected) == (OPEN, False)
    assert measured.note == f"Decided with {FEWEST_LANES} seeds or more."
    assert claim(lambda _: Measurement.exact(1.0)).check(few).verdict == HOLDS


def test_a_claim_that_needs_many_seeds_is_open_with_fewer_and_that_is_no_surprise():
    asked = claim(lambda one: Measurement.of(one.estimate("money")), fewest_lanes=100, note="Noisy.")
    fewer, enough = (asked.check(result(money=list(range(1, lanes + 1)))) for lanes in (50, 100))
    assert (fewer.verdict, fewer.as_expected, fewer.note) == (OPEN, True, "Noisy. Decided with 100 seeds or more.")
    assert (enough.verdict, enough.as_expected, enough.note) == (HOLDS, True, "Noisy.")


def test_claims_about_the_published_world_say_nothing_about_others():
    asked = claim(lambda _: Measurement.exact(1.0), published_world_only=True)
    assert asked.check(result(money=[1])).verdict == HOLDS
    other = asked.check(result(money=[1]), published_world=False)
    assert (other.verdict, other.measured) == (OPEN, None)


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [((0.1, 0.2), HOLDS), ((-0.2, -0.1), HOLDS), ((-0.1, 0.1), OPEN), ((0.0, 0.1), OPEN), ((0.0, 0.0), FAILS)],
)
def test_what_differs_from_zero(measured, verdict):
    assert judge(Measurement(sum(measured) / 2, *measured), NOT_ZERO) == verdict


def test_other_errors_are_not_hidden():
    with pytest.raises(ZeroDivisionError):
        claim(lambda _: 1 / 0).check(result(money=[1]))


def test_verdicts_are_compared_with_the_recorded_ones():
    money = result(money=list(range(1, FEWEST_LANES + 1)))
    asked = claim(lambda one: Measurement.of(one.estimate("money")), note="kept")
    assert asked.check(money).verdict == HOLDS
    assert asked.check(money).as_expected
    assert asked.check(money).note == "kept"
    assert not claim(asked.measure, expected=OPEN).check(money).as_expected


def test_claims_are_strict_json():
    """No NaN and no Infinity, which JSON does not have."""
    measures = [
        lambda _: Measurement.exact(NAN),
        lambda _: Measurement(1.0, -INF, INF),
        lambda one: Measurement.of(one.estimate("money")),
        refusing,
        lambda _: Measurement(1.0, 0.5, 1.5),
    ]
    for measure in measures:
        for region in (AT_LEAST, AT_MOST, TWO_SIDED):
            verdict = claim(measure, region).check(result(money=[1]))
            read = json.loads(json.dumps(verdict.as_dict(), allow_nan=False))
            assert read["region"] == [bound if math.isfinite(bound) else None for bound in region]
            assert read["verdict"] == verdict.verdict
    assert read["value"] == 1.0
    assert read["interval"] == [0.5, 1.5]
    assert set(read) == {
        *("name", "claim", "source", "quantity", "region", "value", "interval"),
        *("verdict", "expected", "note"),
    }


SIMULATED = Scenario(
    "mine",
    "Mine.",
    "me",
    (),
    lambda _: {},
    experiments=lambda asked: [experiment(steps=asked.steps)],
    lanes=5,
    steps=40,
)
COMPUTED = Scenario("computed", "Sums.", "me", (), lambda _: {}, compute=lambda *_: result(money=[1]))


def test_settings_change_only_what_is_given():
    assert SIMULATED.settings() == Settings(5, 40)
    assert SIMULATED.settings(steps=3, lanes=None, population=None) == Settings(5, 3)
    assert COMPUTED.settings(lanes=None) == Settings(1, 1)
    assert COMPUTED.run().values("money").tolist() == [1]
    assert SIMULATED.run(SIMULATED.settings(steps=7), jobs=1).frame["step"].max() == 7


@pytest.mark.parametrize(
    ("scenario", "changes", "sentence"),
    [
        (SIMULATED, {"lanes": 0}, "seeds=0 is out of range: it must be at least 1"),
        (SIMULATED, {"lanes": 2.5}, "seeds=2.5 is not a whole number"),
        (SIMULATED, {"steps": -1}, "steps=-1 is out of range"),
        (SIMULATED, {"seed": -1}, "seed=-1 is out of range: it must be at least 0"),
        (SIMULATED, {"seeds": 3}, "scenario 'mine' has no setting 'seeds': did you mean 'seed'?"),
        (SIMULATED, {"population": "transrisk"}, "scenario 'mine' has a population of its own: leave out --population"),
        (SIMULATED, {"env_params": {"population": "transrisk"}}, "has a population of its own"),
        (SIMULATED, {"env_params": [1]}, r"env_params=\[1\] is not a mapping"),
        (SIMULATED, {"population": "a", "env_params": {"population": "b"}}, "population is given twice"),
        (
            COMPUTED,
            {"lanes": 3},
            "scenario 'computed' is computed, not simulated: leave out --seeds, --steps, --seed and --set",
        ),
        (COMPUTED, {"steps": 3}, "is computed, not simulated"),
        (COMPUTED, {"seed": 3}, "is computed, not simulated"),
        (COMPUTED, {"env_params": {"interest_rate": 1}}, "is computed, not simulated"),
        (COMPUTED, {"population": "transrisk"}, "has a population of its own"),
    ],
)
def test_settings_are_refused(scenario, changes, sentence):
    with pytest.raises(InputError, match=sentence):
        scenario.settings(**changes)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_says_what_it_claims(name):
    scenario = load_scenario(name)
    assert scenario.name == name
    assert (scenario.experiments is None) != (scenario.compute is None)
    names = [one.name for one in scenario.claims]
    assert names
    assert len(set(names)) == len(names)
    for one in scenario.claims:
        assert one.text.endswith(".")
        assert one.source
        assert one.quantity
        assert one.region == NOT_ZERO or one.region[0] <= one.region[1]
        assert one.expected in (HOLDS, FAILS, OPEN)
        assert one.expected == HOLDS or one.note, f"{one.name}: say why it does not hold"


def test_unknown_scenarios_are_refused_with_the_nearest():
    with pytest.raises(InputError, match="scenario='delayed-impct' is not known: did you mean 'delayed-impact'"):
        load_scenario("delayed-impct")


ODD_WORLDS = {
    "LendingEnv-v0": (
        (2, 2, {"selective_labels": True}),
        (3, 60, {"starting_cash": 1.0, "interest_rate": 0.5}),
        (3, 20, {"interest_rate": 0.0, "score_moves": False}),
        (2, 20, {"group_shares": [1.0, 0.0], "score_error": 0.2, "pool_size": 1}),
    ),
    "StrategicClassificationEnv-v0": (
        (2, 12, {"selective_labels": True}),
        (2, 14, {"noise": "beta", "noisy_features": True, "noise_shape": [2.0, 3.0]}),
        (2, 14, {"cost": [1, 4, 9], "mixture": [0.2, 0.3, 0.5], "mean_score": [0.5] * 3, "score_spread": [0.1] * 3}),
    ),
    "InfectiousDiseaseEnv-v0": (
        (2, 20, {"network": "power-law", "people": 12, "model": "SEIR", "doses": 3}),
        (3, 9, {"network": "chain", "people": 12, "communities": [0] * 12, "test_error": 0.2}),
        (2, 5, {"model": "SI", "treatment": "cure", "ends_when_extinct": True}),
    ),
}
"""Lanes, steps and parameters in which a scenario of a world says what it still can."""


def simulated():
    """Yield every scenario that is simulated, in small sizes and in the odd worlds that its world knows."""
    for name in SCENARIOS:
        scenario = load_scenario(name)
        if scenario.experiments is not None:
            env_id = scenario.experiments(scenario.settings(lanes=1, steps=1))[0].env_id
            for lanes, steps, params in ((1, 1, {}), (2, 25, {}), *ODD_WORLDS.get(env_id, ())):
                yield pytest.param(name, lanes, steps, params, id=f"{name}-{lanes}-{steps}-{'-'.join(params)}")


@pytest.mark.parametrize(("name", "lanes", "steps", "params"), list(simulated()))
def test_any_size_and_any_world_gives_verdicts_and_figures(name, lanes, steps, params):
    """Whatever cannot be said is not decided; nothing fails after a run, and nothing warns."""
    scenario = load_scenario(name)
    recorded = scenario.run(scenario.settings(lanes=lanes, steps=steps, env_params=params), jobs=1)
    verdicts = scenario.check(recorded)
    json.dumps([verdict.as_dict() for verdict in verdicts], allow_nan=False)
    for verdict in verdicts:
        if verdict.measured is None or not np.isfinite(verdict.measured.value):
            assert verdict.verdict == OPEN
            assert verdict.note
    for figure in scenario.figures(recorded).values():
        figure.savefig(io.BytesIO(), format="png")
