"""Outcome curves against numbers worked by hand, the simulated world and the raw tables, and claims that can fail."""

from __future__ import annotations

from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from typer.testing import CliRunner

import fairgym  # noqa: F401 - registers the ids
from fairgym.agents import DemographicParity
from fairgym.checks import InputError
from fairgym.cli import app
from fairgym.envs.lending import LendingDynamics, LendingParams
from fairgym.populations import ScorePopulation, read_transrisk, transrisk
from fairgym.populations.transrisk import BAD, CUMULATIVE, TOTALS
from fairgym.result import Result
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS
from fairgym.scenarios.outcome_curves import SCENARIO, curves_and_points
from fairgym.scenarios.outcome_curves.claims import gains
from fairgym.scenarios.outcome_curves.figures import apart
from fairgym.scenarios.outcome_curves.model import (
    ACTIVE_HARM,
    DEMOGRAPHIC_PARITY,
    EQUAL_OPPORTUNITY,
    MAX_UTILITY,
    POLICIES,
    RELATIVE_HARM,
    RELATIVE_IMPROVEMENT,
    SAME,
    STAGNATION,
    acceptance,
    among,
    lending_world,
    outcome_curve,
    outcomes,
    regime,
)
from fairgym.scenarios.outcome_curves.names import BLACK, LOSSES, TWO_GROUPS, WHITE, curve, outcome, regime_of
from tests.data import data_file


@pytest.fixture(scope="module")
def result() -> Result:
    return SCENARIO.run()


def failing(result: Result) -> set[str]:
    return {verdict.claim.name for verdict in SCENARIO.check(result) if verdict.verdict == FAILS}


# --- A population to work by hand: scores 0, 10, 20; a loan moves one level up or down ----------------------------


@pytest.fixture
def small() -> ScorePopulation:
    return ScorePopulation(
        name="small",
        groups=("one",),
        scores=np.array([0.0, 10.0, 20.0]),
        distribution=np.array([[0.2, 0.3, 0.5]]),
        repayment=np.array([[0.2, 0.5, 0.9]]),
        shares=np.array([1.0]),
        score_gain=10.0,
        score_loss=10.0,
        default_loss=None,
        source="by hand",
    )


def test_expected_score_change_by_hand(small):
    """Who is at 0 cannot fall: .2 * 10. At 10: .5 * 10 - .5 * 10. Who is at 20 cannot rise: -.1 * 10."""
    np.testing.assert_allclose(lending_world(small, 4).expected_score_change(), [[2, 0, -1]], atol=1e-12)


def test_frozen_scores_do_not_change(small):
    law = LendingDynamics(LendingParams(population=small, score_moves=False))
    assert law.expected_score_change().tolist() == [[0, 0, 0]]


def test_outcome_curve_by_hand(small):
    """From the top: .5 * -1 = -.5, then .3 * 0 more, then .2 * 2 more."""
    rates, changes = outcome_curve(lending_world(small, 4))
    np.testing.assert_allclose(rates, [[0, 0.5, 0.8, 1]], atol=1e-12)
    np.testing.assert_allclose(changes, [[0, -0.5, -0.5, -0.1]], atol=1e-12)
    np.testing.assert_allclose(gains(rates[0], changes[0]), [-1, 0, 2], atol=1e-12)


def test_slopes_skip_scores_that_nobody_has():
    np.testing.assert_allclose(gains(np.array([0, 0, 0.5, 0.5, 1]), np.array([0, 0, 2, 2, 1])), [4, -2])


def test_outcomes_by_hand(small):
    """All at 20 and half of those at 10 get loans, which are worth .9 - .1 * 4 = .5 and .5 - .5 * 4 = -1.5."""
    found = outcomes(lending_world(small, 4), np.array([[0, 0.5, 1]]))
    np.testing.assert_allclose(found["acceptance_rate"], [0.65])
    np.testing.assert_allclose(found["tpr"], [0.525 / 0.64])  # (.5 * .9 + .15 * .5) / (.04 + .15 + .45)
    np.testing.assert_allclose(found["score_change"], [-0.5])
    np.testing.assert_allclose(found["utility"], [0.5 * 0.5 - 0.15 * 1.5])


@pytest.mark.parametrize(
    ("change", "reference", "expected"),
    [
        (-1, 3, ACTIVE_HARM),
        (-1, -2, ACTIVE_HARM),
        (0, 3, STAGNATION),
        (2, 3, RELATIVE_HARM),
        (3, 3, SAME),
        (4, 3, RELATIVE_IMPROVEMENT),
        (4, -3, RELATIVE_IMPROVEMENT),
    ],
)
def test_regimes(change, reference, expected):
    assert regime(change, reference) == expected


def test_among_rescales_the_shares():
    """133,165 white and 18,274 black people are in the sample."""
    two = among(transrisk(), (BLACK, WHITE))
    assert two.groups == (BLACK, WHITE)
    np.testing.assert_allclose(two.shares, [18_274 / 151_439, 133_165 / 151_439], atol=1e-7)
    np.testing.assert_array_equal(two.repayment, transrisk().repayment[[1, 0]])


# --- The TransRisk groups -----------------------------------------------------------------------------------------


def test_some_expected_changes_by_hand():
    """White: at 600 .933245 repay; at 850 nobody rises; at 300 nobody falls; at 325 a default takes only 25."""
    changes = lending_world(transrisk(), 4).expected_score_change()[0]
    at = dict(zip(transrisk().scores.tolist(), changes, strict=True))
    assert at[600] == pytest.approx(0.933245 * 75 - 0.066755 * 150)
    assert at[850] == pytest.approx(-0.009903 * 150)
    assert at[300] == pytest.approx(0.028826 * 75)
    assert at[325] == pytest.approx(0.068930 * 75 - 0.931070 * 25)


@pytest.mark.parametrize("loss", LOSSES)
def test_policies_are_what_their_names_say(loss):
    law = lending_world(among(transrisk(), TWO_GROUPS), loss)
    found = {policy: outcomes(law, acceptance(law, policy)) for policy in POLICIES}
    utility = {policy: float(law.group_shares @ found[policy]["utility"]) for policy in POLICIES}
    assert np.ptp(found[DEMOGRAPHIC_PARITY]["acceptance_rate"]) < 1e-12
    assert np.ptp(found[EQUAL_OPPORTUNITY]["tpr"]) < 1e-12
    assert utility[MAX_UTILITY] > utility[EQUAL_OPPORTUNITY] > utility[DEMOGRAPHIC_PARITY]
    worthwhile = law.population.repayment > loss / (1 + loss)
    np.testing.assert_array_equal(acceptance(law, MAX_UTILITY), worthwhile)


def test_policies_land_on_the_curves(result):
    for loss in LOSSES:
        for policy in POLICIES:
            for group in TWO_GROUPS:
                rate = outcome(result, policy, loss, group, metric="acceptance_rate")
                assert np.interp(rate, *curve(result, group)) == pytest.approx(outcome(result, policy, loss, group))


def test_curves_start_at_nothing_and_end_with_everybody(result):
    for group in transrisk().groups:
        rates, changes = curve(result, group)
        assert (rates[0], changes[0], len(rates)) == (0, 0, 24)
        assert rates[-1] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_simulated_world_moves_scores_as_computed(loss):
    """One step of the world under its own demographic-parity agent, in 20,000 lanes.

    One loan moves one of 1,000 people, so a group's mean score moves by a thousandth of the borrower's change. The
    mean over the lanes in which the applicant is of the group must be the computed change within 4 standard errors.
    """
    lanes, pool = 20_000, 1_000
    env = gymnasium.make_vec(
        "LendingEnv-v0", num_envs=lanes, vectorization_mode="vector_entry_point", population="transrisk",
        default_loss=float(loss), pool_size=pool,
    )  # fmt: skip
    agent = DemographicParity(oracle=True, gain=1, loss=loss)
    observation, before = env.reset(seed=1)
    agent.reset(env, 1)
    start = np.asarray(before["score_distribution"])
    _, _, _, _, after = env.step(agent.act(observation, before))
    law = lending_world(transrisk(), loss)
    computed = outcomes(law, acceptance(law, DEMOGRAPHIC_PARITY))
    moved = pool * ((np.asarray(after["score_distribution"]) - start) @ transrisk().scores)
    for group in range(4):
        mine = after["group"] == group
        for name, values in (("score_change", moved[mine, group]), ("acceptance_rate", after["decision"][mine])):
            error = values.std(ddof=1) / np.sqrt(mine.sum())
            assert abs(values.mean() - computed[name][group]) < 4 * error
            assert error > 0
    env.close()


# --- Claims -------------------------------------------------------------------------------------------------------


def test_verdicts_are_those_recorded(result):
    assert {v.claim.name: v.verdict for v in SCENARIO.check(result)} == {c.name: c.expected for c in SCENARIO.claims}
    assert failing(result) == {"O1"}


def with_black_share(share: float) -> ScorePopulation:
    """Return the population with another share of black people among the two groups."""
    population = transrisk()
    white, black = population.shares[:2].sum() * np.array([1 - share, share])
    return replace(population, shares=np.array([white, black, *population.shares[2:]]))


def groups_exchanged() -> ScorePopulation:
    """Return the population in which white and black people have each other's scores."""
    population, order = transrisk(), [1, 0, 2, 3]
    return replace(population, distribution=population.distribution[order], repayment=population.repayment[order])


def people_in_the_middle() -> ScorePopulation:
    """Return people at 500 to 675, where no move is cut off, whose repayment rises with the score."""
    people = np.zeros((4, 23))
    people[:, 8:16] = 1 / 8
    return replace(transrisk(), distribution=people, repayment=np.tile(np.linspace(0.3, 0.99, 23), (4, 1)))


@pytest.mark.parametrize(
    ("population", "claims"),
    [
        pytest.param(with_black_share(0.3), {"O5"}, id="black people are 30 %"),
        pytest.param(with_black_share(0.5), {"O5", "O7", "N1"}, id="black people are half"),
        pytest.param(with_black_share(0.01), {"O6", "O8", "N2"}, id="black people are 1 %"),
        pytest.param(groups_exchanged(), {"O2", "O5", "O8"}, id="groups exchanged"),
        pytest.param(replace(transrisk(), score_gain=0.0), {"O3", "O4", "O6", "O8", "N2"}, id="no gain by repaying"),
    ],
)
def test_claims_fail_where_they_are_not_true(population, claims):
    assert failing(curves_and_points(population)) >= claims


def test_concavity_holds_where_it_should():
    assert "O1" not in failing(curves_and_points(people_in_the_middle()))


@pytest.mark.parametrize(
    ("loss", "harmful", "harmless"),
    [(4, 0.21, 0.22), (10, 0.06, 0.07)],
)
def test_note_on_shares(loss, harmful, harmless):
    """Demographic parity harms the black group up to a share of 21 % at a loss of 4, and of 6 % at a loss of 10."""
    changes = []
    for share in (harmful, harmless):
        law = lending_world(among(with_black_share(share), TWO_GROUPS), loss)
        changes.append(outcomes(law, acceptance(law, DEMOGRAPHIC_PARITY))["score_change"][1])
    assert changes[0] < 0 < changes[1]


def test_note_on_concavity(result):
    """Below 800 and from 450 on no move is cut off; there the only upward bend is 1.0, at 750 in the black group."""
    bends = []
    for group in TWO_GROUPS:
        by_score = gains(*curve(result, group))[::-1]
        free = by_score[6:20]  # 450 to 775
        bends += [(group, 450 + 25 * index, fall) for index, fall in enumerate(-np.diff(free)) if fall > 0]
    assert [(group, score) for group, score, _ in bends] == [(BLACK, 750)]
    assert bends[0][2] == pytest.approx(1.0, abs=0.05)
    assert max(depth_under_hull(*curve(result, group)) for group in TWO_GROUPS) == pytest.approx(8.1, abs=0.05)


def depth_under_hull(rates: np.ndarray, changes: np.ndarray) -> float:
    """Return how far the curve lies below the highest chord over it, at most: every pair of corners is tried."""
    depth = 0.0
    for left in range(len(rates)):
        for right in range(left + 1, len(rates)):
            chord = np.interp(rates[left : right + 1], rates[[left, right]], changes[[left, right]])
            depth = max(depth, float((chord - changes[left : right + 1]).max()))
    return depth


# --- The raw tables, by another road: half percentiles, and both ways of clipping ----------------------------------


@pytest.fixture
def raw():
    files = [data_file(f"fico/{name}") for name in (TOTALS, CUMULATIVE, BAD)]
    return read_transrisk(files[0].parent)


def changes_of(raw, clip_each: bool) -> np.ndarray:
    """Return the expected change at every raw score: every move clipped, or their mean (as the authors do)."""
    good, scores = raw.repayment, raw.scores
    if clip_each:
        return good * np.minimum(75, 850 - scores) - (1 - good) * np.minimum(150, scores - 300)
    return np.clip(scores + 75 * good - 150 * (1 - good), 300, 850) - scores


def best_common(raw, loss: float, qualified: bool, shares) -> np.ndarray:
    """Return each group's acceptance by score under the best common rate of 2,001 tried; (2, R)."""
    counted = raw.distribution[:2] * (raw.repayment[:2] if qualified else 1)
    counted /= counted.sum(axis=1, keepdims=True)
    above = counted[:, ::-1].cumsum(axis=1)[:, ::-1] - counted
    value = raw.distribution[:2] * (raw.repayment[:2] * (1 + loss) - loss)
    width = np.where(counted > 0, counted, 1)
    tried = [np.clip((rate - above) / width, 0, 1) for rate in np.linspace(0, 1, 2001)]
    return max(tried, key=lambda accept: float(shares @ (value * accept).sum(axis=1)))


@pytest.mark.parametrize("clip_each", [True, False])
@pytest.mark.parametrize("black_share", [0.1207, 0.18])
def test_raw_tables_tell_the_same(raw, clip_each, black_share):
    """Signs of O2 to O6, O8 and N1 on 198 percentiles, for the sample's share of black people and for 18 %."""
    shares, change = np.array([1 - black_share, black_share]), changes_of(raw, clip_each)[:2]
    found = {}
    for loss in LOSSES:
        worthwhile = (raw.repayment[:2] > loss / (1 + loss)).astype(float)
        policies = (worthwhile, best_common(raw, loss, True, shares), best_common(raw, loss, False, shares))
        for policy, accept in zip(POLICIES, policies, strict=True):
            found[policy, loss] = (raw.distribution[:2] * accept * change).sum(axis=1)
    assert min(found[policy, loss].min() for policy in (MAX_UTILITY, EQUAL_OPPORTUNITY) for loss in LOSSES) > 0
    assert found[DEMOGRAPHIC_PARITY, 4][1] < 0 < found[DEMOGRAPHIC_PARITY, 10][1]
    assert found[EQUAL_OPPORTUNITY, 4][1] < found[MAX_UTILITY, 4][1]
    assert min(found[DEMOGRAPHIC_PARITY, 10][1], found[EQUAL_OPPORTUNITY, 10][1]) > found[MAX_UTILITY, 10][1]
    assert (raw.distribution[1] * change[1]).sum() < 0


@pytest.mark.parametrize("clip_each", [True, False])
def test_raw_tables_are_not_concave_either(raw, clip_each):
    people, change = raw.distribution[:2], changes_of(raw, clip_each)[:2]
    for group in range(2):
        by_score = change[group][people[group] > 0]
        assert np.diff(by_score).min() < -4  # a worse score gains at least 4 points more than the next better one


# --- What a user sees ---------------------------------------------------------------------------------------------


def test_regimes_of_four_groups(result):
    def row(policy: str, loss: int) -> list[str]:
        return [regime_of(result, policy, loss, group, groups=4) for group in (WHITE, BLACK, "hispanic", "asian")]

    assert row(MAX_UTILITY, 4) == row(MAX_UTILITY, 10) == [SAME] * 4
    assert row(EQUAL_OPPORTUNITY, 4) == [RELATIVE_HARM, RELATIVE_HARM, RELATIVE_IMPROVEMENT, RELATIVE_HARM]
    assert row(DEMOGRAPHIC_PARITY, 4) == [RELATIVE_HARM, ACTIVE_HARM, RELATIVE_IMPROVEMENT, RELATIVE_HARM]
    for policy in (EQUAL_OPPORTUNITY, DEMOGRAPHIC_PARITY):
        assert row(policy, 10) == [RELATIVE_HARM, RELATIVE_IMPROVEMENT, RELATIVE_IMPROVEMENT, RELATIVE_HARM]


def test_figures_show_what_was_computed(result):
    figures = SCENARIO.figures(result)
    assert set(figures) == {"outcome-curves", "regimes"}
    panels = figures["outcome-curves"].axes
    assert [axes.get_title() for axes in panels] == [
        f"{group}, a default costs the bank {loss}" for loss in LOSSES for group in (BLACK, WHITE)
    ]
    drawn = panels[0].lines[1].get_ydata()
    np.testing.assert_array_equal(drawn, curve(result, BLACK)[1])
    (table,) = figures["regimes"].axes[0].tables
    assert table[3, 1].get_text().get_text() == "−9.6\nactive harm"


@pytest.mark.parametrize("rates", [(0.08, 0.25, 0.32), (0.57, 0.62, 0.66), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)])
def test_names_keep_apart_and_inside(rates):
    places = apart(*rates)
    assert np.diff(places).min() >= 0.24 - 1e-12
    assert places[0] >= 0.12 - 1e-12
    assert places[2] <= 0.88 + 1e-12


def test_command_line_writes_the_report(tmp_path):
    folder = tmp_path / "report"
    answer = CliRunner().invoke(app, ["run", "outcome-curves", "--out", str(folder), "--check"])
    assert answer.exit_code == 0, answer.output
    saved = Result.load(folder)
    assert outcome(saved, DEMOGRAPHIC_PARITY, 4, BLACK) == pytest.approx(-11.04, abs=0.005)
    assert saved.config["experiments"][0]["default_losses"] == [4, 10]
    assert (folder / "figures" / "outcome-curves.png").is_file()


def test_it_is_found_by_name_and_takes_no_seeds():
    assert load_scenario("outcome-curves") is SCENARIO
    with pytest.raises(InputError, match="computed, not simulated"):
        SCENARIO.settings(steps=3)
