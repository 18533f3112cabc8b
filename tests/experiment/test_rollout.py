"""Running an experiment: against a hand-written loop over single environments, and lane by lane."""

from __future__ import annotations

import pickle

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairgym.agents import AcceptAll, EqualOpportunity, RandomAgent, RewardMaximizer, ThresholdAgent
from fairgym.experiment import Experiment, rollout
from fairgym.metrics import Gap, SimpsonDecomposition, Tracker, TruePositiveRate, Window
from fairgym.metrics.base import named_values
from tests.experiment.small import SHORT, experiment


class Applicant(Tracker):
    """Who was decided on last, and what of."""

    def update(self, outcome, live):
        self.last = {key: outcome[key].astype(np.float64) for key in ("group", "score", "qualified", "decision")}

    def compute(self):
        return getattr(self, "last", {})


def by_hand(seed: int, steps: int, agent, **params):
    """Run one lane in a single environment until it ends and return loans, profit and diagnostics after every step."""
    env = gymnasium.make("LendingEnv-v0", disable_env_checker=True, **params)
    observation, info = env.reset(seed=seed)
    agent.reset(env, seed)
    loans, profit, history = np.zeros(2), 0.0, []
    for _ in range(steps):
        action = agent.act(observation, info)
        observation, reward, over, _, info = env.step(action)
        loans[info["group"]] += action
        profit += reward
        diagnostics = {name: value[0].tolist() for name, value in agent.diagnostics().items()}
        history.append((loans.copy(), profit, diagnostics))
        if over:
            break
    return history + [history[-1]] * (steps - len(history))


@pytest.mark.parametrize("params", [{}, SHORT])
@pytest.mark.parametrize("agent", [ThresholdAgent(3), AcceptAll(), EqualOpportunity(oracle=True, gain=0.9)])
def test_results_are_those_of_single_environments_run_by_hand(agent, params):
    steps = [1, 7, 20, 60]
    result = experiment(agent=agent, steps=60, every=steps, env_params=params).run()
    ended = 0
    for seed in range(7, 12):
        history = by_hand(seed, 60, pickle.loads(pickle.dumps(agent)), **params)
        ended += history[-1] is history[-2]
        for step in steps:
            loans, profit, diagnostics = history[step - 1]
            assert result.values("profit", step=step)[seed] == profit
            for group, name in enumerate(("advantaged", "disadvantaged")):
                assert result.values("loans", group=name, step=step)[seed] == loans[group]
            for name, value in diagnostics.items():
                one_per_group = isinstance(value, list)
                for index, group in enumerate(("advantaged", "disadvantaged") if one_per_group else ("",)):
                    ours = result.values(f"agent.{name}", group=group, step=step)[seed]
                    assert ours == (value[index] if one_per_group else value), (name, seed, step)
    if params and not isinstance(agent, ThresholdAgent):
        assert ended >= 2, "some lanes must end early, or this tests nothing about them"


def test_a_lane_that_ended_keeps_its_last_values():
    result = experiment(agent=AcceptAll(), steps=200, every=1, env_params=SHORT, num_envs=20).run()
    profit = result.table("profit")
    bankrupt = profit.index[profit[200] < -2.0]  # cash started at 3 and is below 1
    assert len(bankrupt) >= 3
    for lane in bankrupt:
        end = int((profit.loc[lane] < -2.0).idxmax())
        for metric, group in (("profit", ""), ("tpr", "advantaged"), ("loans", "disadvantaged")):
            later = result.table(metric, group=group).loc[lane, end:]
            assert later.nunique(dropna=False) == 1, (lane, metric)


@settings(max_examples=60, deadline=None)
@given(steps=st.integers(1, 3_000), every=st.none() | st.integers(1, 400) | st.lists(st.integers(0, 4_000), max_size=5))
def test_recorded_steps(steps, every):
    recorded = experiment(steps=steps, every=every).recorded_steps()
    assert recorded == sorted(set(recorded))
    assert recorded[0] == 0
    assert recorded[-1] == steps
    if every is None:
        assert min(steps, 100) <= len(recorded) - 1 <= 200
    elif isinstance(every, int):
        assert set(recorded) == set(range(0, steps, every)) | {steps}
    else:
        assert set(recorded) == {step for step in every if step <= steps} | {0, steps}


def test_what_is_recorded_is_what_was_asked_for():
    frame = experiment(every=[3, 11]).run().frame
    assert sorted(set(frame["step"])) == [0, 3, 11, 40]
    assert set(frame.loc[frame["step"] == 0, "metric"]) == {"loans", "tpr", "profit"}  # no decision, no diagnostics
    assert set(frame.loc[frame["step"] == 3, "metric"]) == {"loans", "tpr", "profit", "agent.threshold"}


@pytest.mark.parametrize("agent", [ThresholdAgent(2), EqualOpportunity(burn_in=5, refit_every=3)])
def test_a_step_on_the_way_holds_what_a_run_of_that_length_ends_with(agent):
    long, short = experiment(agent=agent, every=[15]).run(), experiment(agent=agent, steps=15).run()
    for metric in short.metrics:
        for group in ("", "advantaged", "disadvantaged"):
            if (short.experiments[0], metric, group) in short._rows:
                at_15, at_end = (run.values(metric, group=group, step=15) for run in (long, short))
                np.testing.assert_array_equal(at_15, at_end)


def test_running_does_not_change_the_experiment():
    one = experiment(agent=EqualOpportunity(burn_in=5))
    before = pickle.dumps((one.agent, one.trackers))
    first = one.run().frame
    assert pickle.dumps((one.agent, one.trackers)) == before
    assert one.run().frame.equals(first)


def test_two_agents_under_one_seed_meet_the_same_people():
    trackers = {"who": Applicant()}
    frozen = {"score_moves": False}
    runs = {
        name: experiment(agent=agent, trackers=trackers, every=1, num_envs=30, env_params=frozen).run()
        for name, agent in {"nobody": ThresholdAgent(7), "everybody": AcceptAll(), "some": RandomAgent(0.5)}.items()
    }
    for part in ("group", "score", "qualified"):
        tables = [run.table(f"who.{part}") for run in runs.values()]
        assert tables[0].equals(tables[1])
        assert tables[0].equals(tables[2])
        assert tables[0].to_numpy().std() > 0
    assert runs["nobody"].table("who.decision").to_numpy().sum() == 0
    assert runs["everybody"].table("who.decision").to_numpy().min() == 1


def test_in_a_moving_population_the_first_applicant_and_the_groups_are_the_same_under_every_agent():
    runs = [
        experiment(agent=agent, trackers={"who": Applicant()}, every=1, num_envs=200).run()
        for agent in (ThresholdAgent(7), AcceptAll())
    ]
    groups = [run.table("who.group") for run in runs]
    assert groups[0].equals(groups[1])
    first, last = ([run.values("who.score", step=step) for run in runs] for step in (1, 40))
    assert first[0].equals(first[1])
    assert not last[0].equals(last[1]), "loans must move scores"


def test_the_luck_of_two_random_rules_is_the_same():
    """Whoever a rate of .3 accepts, a rate of .6 accepts too."""
    rare, often = (
        experiment(agent=RandomAgent(rate), trackers={"who": Applicant()}, every=1).run().table("who.decision")
        for rate in (0.3, 0.6)
    )
    assert (rare <= often).all(axis=None)
    assert rare.to_numpy().sum() < often.to_numpy().sum()


def memory_after(steps: int) -> int:
    """Return the size of everything that a run carries along."""
    agent = EqualOpportunity(burn_in=50, refit_every=25)
    trackers = {
        "window": Gap(Window(TruePositiveRate(), 100)),
        "simpson": SimpsonDecomposition(50),
        "tpr": TruePositiveRate(),
    }
    env = gymnasium.make_vec("LendingEnv-v0", num_envs=4)
    rollout(env, agent, trackers, steps, seed=3)
    return len(pickle.dumps((env.unwrapped.snapshot(), agent, trackers)))


def test_memory_does_not_grow_with_steps():
    """A counter may take a few digits more; 5,000 steps kept anywhere would take 4,500 numbers more per lane."""
    short, long = memory_after(500), memory_after(5_000)
    assert abs(long - short) < 512
    frames = [len(experiment(steps=steps).run().frame) for steps in (500, 2_000)]
    assert frames[0] == frames[1]


def test_rollout_feeds_trackers_and_tells_its_progress():
    env = gymnasium.make_vec("LendingEnv-v0", num_envs=3)
    trackers, recorded, progress = {"tpr": TruePositiveRate()}, [], []
    rollout(env, AcceptAll(), trackers, 6, seed=1, record=recorded.append, record_at=[2, 6], progress=progress.append)
    assert progress == [1, 2, 3, 4, 5, 6]
    assert [(step, name) for step, name, _ in recorded] == [(2, "tpr"), (6, "tpr")]
    np.testing.assert_array_equal(recorded[1][2], named_values(trackers)["tpr"])


def test_truncated_lanes_end_too():
    short = experiment(steps=30, every=1, env_params={"max_episode_steps": 12}).run()
    plain = experiment(steps=12).run()
    for step in (12, 13, 20, 30):
        np.testing.assert_array_equal(short.values("profit", step=step), plain.values("profit"))


def test_config_says_what_was_run():
    config = experiment(
        agent=RewardMaximizer(oracle=True, gain=0.5), env_params={"interest_rate": np.float64(0.5)}
    ).config()
    assert config["env_params"] == {"interest_rate": 0.5}
    assert type(config["env_params"]["interest_rate"]) is float
    assert config["agent"]["class"] == "RewardMaximizer"
    assert config["agent"]["oracle"] is True
    assert config["agent"]["gain"] == 0.5
    assert config["trackers"]["loans"] == {"class": "CumulativeDecisions"}
    assert (config["steps"], config["num_envs"], config["seed"]) == (40, 5, 7)


def test_config_describes_nested_settings_and_is_the_same_in_every_run():
    trackers = {"simpson": SimpsonDecomposition(50), "window": Window(TruePositiveRate(), 10)}
    config = experiment(trackers=trackers, agent=ThresholdAgent([3, 2])).config()
    assert config["trackers"]["simpson"]["period"] == 50
    assert config["trackers"]["simpson"]["rate"] == {"class": "TruePositiveRate"}
    assert config["trackers"]["window"]["steps"] == 10
    assert config["agent"]["thresholds"] == [3, 2]
    assert "0x" not in repr(config)


def test_a_third_party_world_can_be_run():
    result = Experiment("hire", "TemplateEnv-v0", AcceptNobody(), {"tpr": TruePositiveRate()}, 10, num_envs=3).run()
    assert len(result.table("tpr", group=result.frame["group"].iloc[0])) == 3


class AcceptNobody(AcceptAll):
    """Takes any space of whole numbers and answers with its lowest action."""

    def check_spaces(self):
        pass

    def decide(self, observation, info):
        return np.zeros((self.lanes, *self.action_space.shape), dtype=np.int64)
