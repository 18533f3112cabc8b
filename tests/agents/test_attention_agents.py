"""The attention agents: what they send, when they learn, and what they refuse."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from scipy.stats import binom

from fairgym.agents import (
    FarmingAttention,
    GreedyAttention,
    NaiveMatching,
    ProportionalAttention,
    UniformAttention,
)
from fairgym.agents.allocation import best_allocation
from fairgym.agents.censored_poisson import Looks
from fairgym.checks import InputError
from fairgym.experiment import rollout
from fairgym.metrics.base import Tracker
from fairgym.testing import check_agent

ENV = "AttentionAllocationEnv-v0"
KNOWING = {"oracle": True, "epsilon": 0.0}


class Record(Tracker):
    """Everything that happened, step by step."""

    def reset(self, num_envs, num_groups):
        super().reset(num_envs, num_groups)
        self.attention, self.discovered, self.rate = [], [], []

    def begin(self, outcome, lanes=None):
        self.rate.append(outcome["rate"].copy())

    def update(self, outcome, live):
        for key in ("attention", "discovered", "rate"):
            getattr(self, key).append(outcome[key].copy())

    def compute(self):
        return np.zeros(self.num_envs)


def run(agent, steps, lanes=3, seed=0, **params):
    """Return attention, discovered (steps, n, K) and the true rates before each step (steps, n, K)."""
    record = Record()
    rollout(gymnasium.make_vec(ENV, num_envs=lanes, **params), agent, {"all": record}, steps, seed=seed)
    return np.stack(record.attention), np.stack(record.discovered), np.stack(record.rate[:-1])


@pytest.mark.parametrize(
    "agent",
    [
        UniformAttention(),
        NaiveMatching(),
        ProportionalAttention(),
        ProportionalAttention(minimum=1, by_lot=False),
        GreedyAttention(),
        GreedyAttention(alpha=0.5, as_published=True),
        FarmingAttention(2.0),
    ],
    ids=lambda agent: type(agent).__name__,
)
def test_every_unit_is_sent(agent):
    attention, *_ = run(agent, 60)
    assert (attention.sum(axis=2) == 6).all()


def test_uniform_is_multinomial():
    """Counts of each number of units at a site, over 4,000 lane steps, within 4 standard errors."""
    attention, *_ = run(UniformAttention(), 20, lanes=200)
    at_site = attention[..., 1].ravel()
    chance = binom.pmf(np.arange(7), 6, 0.2)
    shares = np.bincount(at_site, minlength=7) / at_site.size
    assert (np.abs(shares - chance) <= 4 * np.sqrt(chance * (1 - chance) / at_site.size)).all()


@pytest.mark.parametrize("window", [0, 40])
def test_the_rates_are_fitted_when_due_to_the_looks_so_far(window):
    """After steps 30, 40, ... with burn-in 25 and a fit every 10: each belief is that of all looks up to then."""
    agent = ProportionalAttention(window=window)
    for steps, fitted_at in ((29, None), (30, 30), (59, 50), (60, 60)):
        attention, discovered, _ = run(agent, steps)
        if fitted_at is None:
            assert np.isnan(agent.diagnostics()["rate"]).all()
            continue
        looks = Looks(3, 5, 6, 0)
        for step in range(max(0, fitted_at - window) if window else 0, fitted_at):
            looks.add(attention[step], discovered[step], np.ones(3, dtype=bool))
        np.testing.assert_array_equal(agent.diagnostics()["rate"], looks.rate(np.arange(3)))


def test_greedy_sends_the_best_allocation_unless_it_explores():
    """With true rates every step is either the optimum or a blind draw, of which there are a tenth."""
    agent = GreedyAttention(alpha=0.75, oracle=True)
    attention, _, rates = run(agent, 200, lanes=5, dynamic_rate=0.05)
    best = np.stack([best_allocation(before, 6, 0.75)[0] for before in rates])
    followed = (attention == best).all(axis=2)
    assert 0.9 - 4 * np.sqrt(0.09 / 1_000) < followed.mean() < 0.91 + 4 * np.sqrt(0.09 / 1_000)
    everywhere, _, _ = run(GreedyAttention(oracle=True, epsilon=0.0), 3)
    assert (everywhere == everywhere[0, 0]).all()


def test_greedy_goes_on_where_no_allocation_is_fair_enough():
    """7 quiet sites and 6 units: a unit finds nearly all there is, so that who gets none is far behind."""
    quiet = (0.1,) * 7
    assert not best_allocation(np.array([quiet]), 6, 0.1)[1].any()
    attention, *_ = run(GreedyAttention(alpha=0.1, **KNOWING), 3, rates=quiet)
    assert (attention.sum(axis=2) == 6).all()
    assert (attention[0].max(axis=1) == 1).all()


def test_greedy_as_published_starts_at_the_last_site():
    attention, *_ = run(GreedyAttention(as_published=True, epsilon=0.0), 30)
    np.testing.assert_array_equal(attention, np.broadcast_to([0, 0, 0, 0, 6], attention.shape))
    blind, *_ = run(UniformAttention(), 30)
    right, *_ = run(GreedyAttention(epsilon=0.0), 30)
    np.testing.assert_array_equal(right, blind)


def test_proportional_by_largest_remainders_by_hand():
    """Rates 8, 6, 4, 3, 1.5 of 22.5 in all, 6 units: quotas 2.13, 1.6, 1.07, .8, .4.

    Whole parts 2, 1, 1, 0, 0 leave two for the remainders .8 and .6. With one each, one unit is left, for the first.
    """
    attention, *_ = run(ProportionalAttention(by_lot=False, **KNOWING), 1)
    np.testing.assert_array_equal(attention[0], [[2, 2, 1, 1, 0]] * 3)
    attention, *_ = run(ProportionalAttention(by_lot=False, minimum=1, **KNOWING), 1)
    np.testing.assert_array_equal(attention[0], [[2, 1, 1, 1, 1]] * 3)


def test_proportional_by_lot_on_average():
    """Mean units within 4 standard errors of 6 times the shares, 2,000 draws; with one each, of 1 plus the shares."""
    shares = np.array([8, 6, 4, 3, 1.5]) / 22.5
    for minimum, rest in ((0, 6), (1, 1)):
        attention, *_ = run(ProportionalAttention(minimum=minimum, **KNOWING), 20, lanes=100, dynamic_rate=0.0)
        error = np.sqrt(rest * shares * (1 - shares) / 2_000)
        assert (np.abs(attention.mean(axis=(0, 1)) - minimum - rest * shares) < 4 * error).all()


def test_two_rules_have_the_same_luck():
    """Blind steps of two learning rules are the same until one has a plan, and so is the whole blind rule."""
    blind, *_ = run(UniformAttention(), 30)
    for agent in (ProportionalAttention(), GreedyAttention(alpha=0.75), FarmingAttention()):
        np.testing.assert_array_equal(run(agent, 30)[0], blind)


def test_naive_remembers_what_it_saw():
    """Without forgetting: the sum of all discoveries but the last step's; with decay 1 only the last but one."""
    agent = NaiveMatching(decay=0.0)
    _, discovered, _ = run(agent, 25)
    np.testing.assert_array_equal(agent.diagnostics()["remembered"], discovered[:-1].sum(axis=0))
    agent = NaiveMatching(decay=1.0)
    _, discovered, _ = run(agent, 25)
    np.testing.assert_array_equal(agent.diagnostics()["remembered"], discovered[-2])


def test_naive_forgets_at_its_rate():
    """Where 6 of 6 units always discover, memory settles at 6 / decay; within 4 standard errors over 100 lanes.

    Its variance is at most that of 60 independent incidents.
    """
    agent = NaiveMatching(decay=0.1)
    run(agent, 120, lanes=100, rates=(500.0, 500.0), dynamic_rate=0.0)
    total = agent.diagnostics()["remembered"].sum(axis=1)
    assert abs(total.mean() - 60) < 4 * np.sqrt(60 / 100)


def test_farming_by_hand():
    """Rates sum to 3.9: all to the quietest, the first of two; at 4 in proportion, as 4 units go: 2, 1, 1 of 4."""
    agent = FarmingAttention(4.0, **KNOWING)
    attention, *_ = run(agent, 1, rates=(1.9, 1.0, 1.0), attention_units=4)
    np.testing.assert_array_equal(attention[0], [[0, 4, 0]] * 3)
    attention, *_ = run(agent, 1, rates=(2.0, 1.0, 1.0), attention_units=4)
    np.testing.assert_array_equal(attention[0], [[2, 1, 1]] * 3)


def test_a_late_farmer_is_honest_first():
    honest, *_ = run(ProportionalAttention(by_lot=False, **KNOWING), 60, dynamic_rate=0.1)
    late, _, rates = run(FarmingAttention(30.0, honest_steps=40, **KNOWING), 60, dynamic_rate=0.1)
    np.testing.assert_array_equal(late[:40], honest[:40])
    assert (late[40:].max(axis=2) == 6).all()
    np.testing.assert_array_equal(late[40:].argmax(axis=2), rates[40:].argmin(axis=2))


def test_a_rule_learns_from_what_it_saw_alone():
    """The true rates are hidden from it, in a world in which they move."""
    for agent in (GreedyAttention(alpha=0.75), FarmingAttention(), NaiveMatching()):
        check_agent(agent, ENV, num_envs=2, steps=60, dynamic_rate=0.05, history=3)


def test_what_is_refused():
    env = gymnasium.make_vec(ENV, num_envs=2)
    with pytest.raises(InputError, match="minimum=2 needs 10 units for 5 sites, but there are 6"):
        ProportionalAttention(minimum=2).reset(env)
    with pytest.raises(InputError, match="reads observation 'discovered'"):
        UniformAttention().reset(gymnasium.make_vec("LendingEnv-v0", num_envs=2))
    for wrong in ({"alpha": 1.5}, {"epsilon": -0.1}, {"burn_in": 0}, {"window": -1}, {"as_published": 1}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            GreedyAttention(**wrong)
    agent = ProportionalAttention(oracle=True)
    observation, _ = env.reset(seed=0)
    agent.reset(env)
    with pytest.raises(InputError, match="reads 'rate' from the info"):
        agent.act(observation, {})
