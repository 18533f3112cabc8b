import numpy as np
import pytest

from fairgym.agents.beliefs import Beliefs
from fairgym.agents.common_rate import common_rate
from fairgym.agents.score_rules import BreakEven, GroupThresholds, Scored, fit_group_thresholds, levels_of, roc_levels


def test_levels_of_a_curve_by_hand():
    # .8: 2 of 2 repaid; .6: 0 of 1 and .4: 2 of 2 fall, so they share 2 of 3; .2: 0 of 2
    scores = np.array([0.8, 0.8, 0.6, 0.4, 0.4, 0.2, 0.2])
    cutoffs, repayment = roc_levels(scores, np.array([1, 1, 0, 1, 1, 0, 0]))
    np.testing.assert_allclose(cutoffs, [0.2, 0.4, 0.8])
    np.testing.assert_allclose(repayment, [0, 2 / 3, 1])


def test_levels_of_scores_by_hand():
    assert levels_of(np.array([0.1, 0.2, 0.39, 0.4, 0.9]), np.array([0.2, 0.4, 0.8])).tolist() == [0, 0, 0, 1, 2]


def table_of_loans(rng, groups=2, levels=5):
    """Loans on a few score levels, with counts by group, level and outcome."""
    counts = rng.integers(1, 9, (groups, levels, 2))
    group, level, repaid = (index.repeat(counts.ravel()) for index in np.indices(counts.shape).reshape(3, -1))
    return counts, Scored(level / 10, group), repaid


@pytest.mark.parametrize("aim", ["equal-opportunity", "demographic-parity"])
@pytest.mark.parametrize("seed", range(20))
def test_on_score_levels_it_is_the_exact_optimum(aim, seed):
    """All applicants have loans, so the policy on their table of people and repayment must earn the same."""
    rng = np.random.default_rng(seed)
    counts, loans, repaid = table_of_loans(rng)
    gain, loss = rng.uniform(0.5, 1.5, 2)
    rule = fit_group_thresholds(aim, loans, repaid, loans, 2, gain, loss)
    people = counts.sum(axis=2)
    truth = Beliefs(
        (people / people.sum(axis=1, keepdims=True))[None],
        (counts[..., 1] / people)[None],
        (people.sum(axis=1) / people.sum())[None],
    )
    best = common_rate(truth, gain, loss, among_qualified=aim == "equal-opportunity").acceptance[0]
    level = np.round(loans.score * 10).astype(int)
    money = np.where(repaid == 1, gain, -loss)
    chosen = rule.acceptance(loans.score, loans.group)
    assert (chosen * money).sum() == pytest.approx((best[loans.group, level] * money).sum(), abs=1e-9)
    counted = repaid == 1 if aim == "equal-opportunity" else np.ones(len(repaid), dtype=bool)
    rates = [chosen[counted & (loans.group == group)].mean() for group in range(2)]
    assert rates[0] == pytest.approx(rates[1], abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_without_a_common_rate_no_other_threshold_of_a_group_earns_more(seed):
    rng = np.random.default_rng(seed)
    _, loans, repaid = table_of_loans(rng)
    money = np.where(repaid == 1, 1.0, -1.3)
    rule = fit_group_thresholds("max-reward", loans, repaid, loans, 2, 1.0, 1.3)
    chosen = rule.acceptance(loans.score, loans.group)
    for group in range(2):
        mine = loans.group == group
        earned = [(money * (loans.score >= cut))[mine].sum() for cut in np.arange(6) / 10]
        assert (chosen * money)[mine].sum() == pytest.approx(max(earned))


def test_a_group_whose_loans_went_one_way_borrows_the_curve_of_all():
    scores = np.array([0.2, 0.4, 0.6, 0.8, 0.5])
    group, repaid = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 1, 1, 1])
    loans = Scored(scores, group)
    rule = fit_group_thresholds("max-reward", loans, repaid, loans, 3, 1.0, 1.0)
    assert rule.thresholds().tolist() == [0.6, 0.5, 0.5]  # group 2 has not been seen at all


@pytest.mark.parametrize(("of_group_1", "low", "high"), [(50, [0, 0], [1, 8 / 9]), (75, [0.25, 0], [1, 1])])
def test_the_shares_are_those_of_the_applicants(of_group_1, low, high):
    """Loans are half from each group, applicants are not (the numbers are those of the hand-worked common rate)."""
    repaid = np.repeat([1, 0] * 4, [2, 3, 4, 1, 1, 4, 3, 2])  # .4 and .8 of group 0, .2 and .6 of group 1
    loans = Scored(np.tile(np.repeat([0.1, 0.9], 5), 2), np.repeat([0, 1], 10))
    applicants = Scored(np.tile([0.1, 0.9], 100), np.repeat([0, 1], [200 - 2 * of_group_1, 2 * of_group_1]))
    rule = fit_group_thresholds("equal-opportunity", loans, repaid, applicants, 2, 1.0, 1.0)
    np.testing.assert_allclose(rule.acceptance(np.full(2, 0.1), np.arange(2)), low, atol=1e-12)
    np.testing.assert_allclose(rule.acceptance(np.full(2, 0.9), np.arange(2)), high, atol=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_acceptance_rates_are_equal_among_the_applicants_not_among_the_loans(seed):
    rng = np.random.default_rng(seed)
    _, loans, repaid = table_of_loans(rng)
    group = rng.integers(0, 2, 500)
    applicants = Scored(rng.integers(0, np.where(group == 0, 5, 3)) / 10, group)
    rule = fit_group_thresholds("demographic-parity", loans, repaid, applicants, 2, 1.0, 0.8)
    rates = [rule.acceptance(applicants.score, group)[group == one].mean() for one in range(2)]
    assert rates[0] == pytest.approx(rates[1], abs=1e-9)


def test_break_even():
    rule = BreakEven(gain=0.3, loss=1.0, groups=2)
    np.testing.assert_allclose(rule.thresholds(), [1 / 1.3, 1 / 1.3])
    assert rule.acceptance(np.array([0.76, 0.78]), np.zeros(2, int)).tolist() == [0, 1]
    assert BreakEven(0, 0, 1).thresholds().tolist() == [np.inf]


def test_thresholds_are_medians():
    rule = GroupThresholds((np.array([0.2, 0.6]),) * 3, (np.array([0.4, 1.0]), np.array([0.5, 1.0]), np.zeros(2)))
    assert rule.thresholds().tolist() == [0.6, -np.inf, np.inf]
