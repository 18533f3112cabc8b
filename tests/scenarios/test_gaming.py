"""``gaming``: the sweep over causal shares by hand and against runs, the claims on few seeds, and claims that fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fairgym.checks import InputError
from fairgym.metrics import Tracker
from fairgym.metrics.base import lane_sums
from fairgym.result import Result, tidy
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import FAILS, HOLDS, OPEN
from fairgym.scenarios.gaming import measures
from fairgym.scenarios.gaming.names import (
    ACCURATE,
    AFTER,
    AIM,
    AIMS,
    AT_ONCE,
    FUNNEL,
    NO_OFFERS,
    OFFERED,
    PROFIT,
    REPAID,
    RUNS,
    SHARES,
    SWEPT,
    aiming,
    causal_columns,
    real,
)
from fairgym.scenarios.gaming.trackers import LoansAtOnce, RecourseAtShares, part
from fairgym.scenarios.recourse_over_time.measures import break_even, values
from fairgym.scenarios.recourse_over_time.rules import experiment, lender
from tests.scenarios.verdicts import names, verdicts

SCENARIO = load_scenario("gaming")
SMALL = SCENARIO.settings(lanes=2, steps=10, env_params={"places": 300, "interest": 0.3})
EXACT = {"X1", "X2", "G1a", "G1b"}
LANES = 20


@pytest.fixture(scope="module")
def quick() -> Result:
    return SCENARIO.run(SMALL, jobs=1)


def outcome(**changes):
    """Return one lane with four applicants: back and served twice, served at once, and back and rejected."""
    given = {
        "applied": [[1, 1, 1, 1]],
        "decision": [[1, 1, 1, 0]],
        "returned": [[1, 1, 0, 1]],
        "score": [[0.5, 0.8, 0.9, 0.1]],
        "observed_score": [[1 / (1 + np.exp(-1)), 0.8, 0.9, 0.9]],
    }
    return {name: np.array(values) for name, values in {**given, **changes}.items()}


def tracked(tracker: Tracker, *steps, live=True):
    tracker.reset(1, 2)
    for step in steps:
        tracker.update(step, np.array([live]))
    return tracker.compute()


def test_the_sweep_by_hand():
    """Log-odds of 0 that look like 1 are 1/2 at a share of 1/2: a chance of .6225; who did not change keeps hers."""
    found = tracked(RecourseAtShares((0.0, 0.5, 1.0), 0.4, 0.2), outcome())
    chances = {0.0: 0.5 + 0.8, 0.5: 0.622459 + 0.8, 1.0: 0.731059 + 0.8}
    assert found["loans"] == 2
    for share, total in chances.items():
        assert found[part("repaid", share)] == pytest.approx(total / 2, abs=1e-6)
        assert found[part("profit", share)] == pytest.approx(0.4 * total - 0.2 * (2 - total), abs=1e-6)


def test_the_sweep_adds_up_and_is_undefined_without_loans():
    shares = (0.0, 1.0)
    twice = tracked(RecourseAtShares(shares, 0.4, 0.4), outcome(), outcome())
    assert twice["loans"] == 4
    assert twice[part("profit", 0.0)] == pytest.approx(2 * 0.4 * (2 * 1.3 - 2))
    for nothing in (
        tracked(RecourseAtShares(shares, 0.4, 0.4), outcome(decision=[[0, 0, 1, 0]])),
        tracked(RecourseAtShares(shares, 0.4, 0.4), outcome(), live=False),
    ):
        assert nothing["loans"] == 0
        assert nothing[part("profit", 0.0)] == 0
        assert np.isnan(nothing[part("repaid", 0.0)])


def test_hidden_chances_of_the_rejected_do_no_harm():
    hidden = outcome(score=[[0.5, 0.8, 0.9, np.nan]])
    assert tracked(RecourseAtShares((1.0,), 0.4, 0.4), hidden)["loans"] == 2


def test_loans_at_once_by_hand():
    assert tracked(LoansAtOnce(), outcome(), outcome(returned=[[0, 0, 0, 0]])) == 1 + 3
    assert tracked(LoansAtOnce(), outcome(), live=False) == 0


class Chances(Tracker):
    """Sum of the true chances of loans to people back from an action, as the world says; (n,)."""

    requires = ("applied", "decision", "returned", "score")

    def reset(self, num_envs, num_groups):
        super().reset(num_envs, num_groups)
        self.total = np.zeros(num_envs)

    def update(self, outcome, live):
        lent = outcome["decision"] * outcome["returned"] == 1
        self.total += lane_sums(np.where(lent, outcome["score"], 0.0), live)

    def compute(self):
        return self.total.copy()


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_the_sweep_is_what_a_run_at_that_share_has(quick, share):
    run = experiment("run", lender(), {"chances": Chances()}, SMALL, causal_share=share).run()
    loans = values(quick, f"{AFTER}.loans", ACCURATE)
    assert (loans > 10).all()
    expected = measures.swept(quick, "repaid", ACCURATE, share) * loans
    np.testing.assert_allclose(values(run, "chances", "run"), expected, rtol=1e-9)
    profit = 0.3 * expected - 0.4 * (loans - expected)
    np.testing.assert_allclose(measures.swept(quick, "profit", ACCURATE, share), profit, rtol=1e-9)


def test_profit_is_that_of_loans_at_once_and_after_recourse(quick):
    """What a lender earns is what the funnel and the loans at once repay; the latter are the same without offers."""
    for rule in (ACCURATE, aiming(ACCURATE, AIM)):
        approved, repaid = (
            sum(values(quick, f"{FUNNEL}.{stage}", rule, group) for group in quick.groups)
            for stage in ("approved", "repaid")
        )
        np.testing.assert_array_equal(values(quick, f"{AFTER}.loans", rule), approved)
        np.testing.assert_allclose(values(quick, REPAID, rule), repaid / approved)
        np.testing.assert_array_equal(values(quick, AT_ONCE, rule), values(quick, AT_ONCE, NO_OFFERS))
    at_once = values(quick, AT_ONCE, NO_OFFERS)
    repaid = (values(quick, PROFIT, NO_OFFERS) + 0.4 * at_once) / 0.7
    np.testing.assert_allclose(repaid, repaid.round())


def test_a_small_run_decides_what_is_exact_and_nothing_else(quick):
    found = verdicts(SCENARIO, quick)
    assert names(found, HOLDS) == EXACT
    assert names(found, FAILS) == set()
    assert len(found) == len(SCENARIO.claims) == len({claim.name for claim in SCENARIO.claims})
    assert quick.experiments == list(RUNS)
    assert break_even(quick) == pytest.approx(0.4 / 0.7)


def test_under_other_parameters_only_what_holds_everywhere_is_judged(quick):
    checked = {one.claim.name: one for one in SCENARIO.check(quick, SMALL)}
    assert {name for name, one in checked.items() if one.measured is not None} == {"G1a", "G1b", "G2"}


def test_every_figure_draws(quick):
    drawn = SCENARIO.figures(quick)
    assert set(drawn) == {"against-causal-share", "against-aim", "funnel", "time-to-a-loan"}
    profit, repaid = drawn["against-causal-share"].axes
    line = profit.lines[1]
    np.testing.assert_allclose(line.get_xdata(), SHARES)
    assert line.get_ydata()[-1] == pytest.approx(measures.swept(quick, "profit", ACCURATE, 1.0).mean())
    assert repaid.lines[0].get_ydata()[0] == pytest.approx(0.4 / 0.7)
    for figure in drawn.values():
        figure.canvas.draw()


def made_up(worth, rule: str = ACCURATE) -> Result:
    """Return a result with these profits by lane and share, (n, 11)."""
    records = [
        (50, f"{AFTER}.{part('profit', share)}", at) for share, at in zip(SHARES, np.array(worth).T, strict=True)
    ]
    groups = (50, OFFERED, np.zeros((len(worth), 2)))
    return Result(tidy(rule, 0, [*records, groups], ("a", "b")), {"experiments": []})


def line_of(zero: float, spread: float = 0.0) -> np.ndarray:
    """Return profits of 20 lanes, straight lines whose mean is zero at a share, moved up and down in turn."""
    moved = spread * np.resize([-1, 1], LANES)
    return 10 * (np.array(SHARES) - zero) + moved[:, None]


def test_where_recourse_stops_paying_by_hand():
    found = measures.pays_from(measures.by_share(made_up(line_of(0.43)), "profit", ACCURATE))
    assert (found.value, found.low, found.high) == pytest.approx((0.43, 0.43, 0.43))


def test_the_interval_of_that_share_is_where_zero_is_in_the_interval_of_the_profit():
    """Profits spread by 1 over 20 lanes have a standard error of .23, which slopes of 10 turn into .023 of share."""
    found = measures.pays_from(measures.by_share(made_up(line_of(0.43, spread=1.0)), "profit", ACCURATE))
    assert found.value == pytest.approx(0.43)
    assert (found.low, found.high) == pytest.approx((0.43 - 0.045, 0.43 + 0.045), abs=0.006)


@pytest.mark.parametrize("zero", [-0.2, 1.3])
def test_a_profit_that_is_never_zero_has_no_such_share(zero):
    assert not measures.pays_from(measures.by_share(made_up(line_of(zero)), "profit", ACCURATE)).known


def test_a_share_that_is_hardly_known_has_no_interval():
    found = measures.pays_from(measures.by_share(made_up(line_of(0.95, spread=5.0)), "profit", ACCURATE))
    assert found.value == pytest.approx(0.95)
    assert not found.known


def test_the_lowest_aim_that_pays_by_hand():
    """Profits of -3 at the bar, -1 at an aim of .55, 1 at .6 and 0 from .65 on: nothing from .575 on."""
    profits = dict(zip((None, *AIMS), (-3.0, -1.0, 1.0, 0.0, 0.0, 0.0), strict=True))
    runs = [made_up(np.full((LANES, len(SHARES)), profit), aiming(ACCURATE, aim)) for aim, profit in profits.items()]
    result = Result(pd.concat([run.frame for run in runs], ignore_index=True), {"experiments": []})
    assert measures.by_aim(result, "profit", 1.0)["mean"].to_dict() == dict(
        zip((0.5, *AIMS), profits.values(), strict=True)
    )
    assert measures.aim_above_bar(result, 1.0).value == pytest.approx(0.075)
    assert {verdicts(SCENARIO, result)[name].verdict for name in ("G6b", "G6c")} == {HOLDS}


@pytest.mark.parametrize(("profit", "pays", "costs"), [(5.0, HOLDS, FAILS), (-5.0, FAILS, HOLDS), (0.0, FAILS, FAILS)])
def test_whether_offers_pay_or_cost_follows_from_their_profit(profit, pays, costs):
    found = verdicts(SCENARIO, made_up(np.full((LANES, len(SHARES)), profit)))
    assert (found["G4"].verdict, found["G3"].verdict) == (pays, costs)
    assert found["G5a"].verdict == OPEN  # nothing is known of the other rules


def test_counts_that_move_with_the_share_fail(quick):
    """One more approved at share 1, and the claim that the share changes no loan is wrong."""
    frame = quick.frame.copy()
    one = (frame["experiment"] == real(ACCURATE)) & (frame["metric"] == f"{FUNNEL}.approved")
    frame.loc[frame.index[one][-1], "value"] += 1
    assert verdicts(SCENARIO, Result(frame, quick.config))["X1"].verdict == FAILS


def test_offers_that_take_loans_from_others_fail(quick):
    frame = quick.frame.copy()
    frame.loc[(frame["experiment"] == NO_OFFERS) & (frame["metric"] == AT_ONCE), "value"] += 2
    found = verdicts(SCENARIO, Result(frame, quick.config))["X2"]
    assert (found.verdict, found.measured.value) == (FAILS, 2)


def test_improvement_at_share_0_would_fail(quick):
    """With the runs at the population's own shares in place of those at 0, acting is not all gaming."""
    frame = quick.frame[quick.frame["experiment"] != ACCURATE]
    own = quick.frame[quick.frame["experiment"] == real(ACCURATE)].assign(experiment=ACCURATE)
    found = verdicts(SCENARIO, Result(pd.concat([frame, own], ignore_index=True), quick.config))
    assert found["G1b"].verdict != HOLDS
    assert found["G1a"].measured.value > 0


def test_features_are_causal_from_a_share_of_one_half_on():
    """Of age .3, credit score 0, education .6, job .7, income .9, savings .6, debt .8 and late payments .2."""
    assert causal_columns() == ("education", "job:none", "income", "savings", "debt")


@pytest.mark.parametrize("name", ["causal_share", "offers", "serve_again"])
def test_what_the_scenario_sets_itself_is_refused(name):
    with pytest.raises(InputError, match=f"leave out {name}"):
        SCENARIO.experiments(replace(SMALL, env_params={name: 0}))


def test_rules_that_are_swept_run_at_share_0():
    assert all(RUNS[name][1] == 0 for name in SWEPT)
